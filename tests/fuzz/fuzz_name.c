/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_name - any octets as a name, on the wire and as text.
 *
 * What is parsed must print and parse again as the same name, have a registrable domain
 * within itself, and cost something finite. What a name is, ldns says as well: nothing else is one, and
 * either reads what the other prints.
 */
#include <ldns/ldns.h>

#include "fuzz.h"
#include "name/model.h"
#include "name/name.h"
#include "name/suffix.h"

#define COST_MAX (NAME_WIRE_MAX * (255 + 10 * MODEL_UNIT + MODEL_UNIT) + 1024)

static void check_name(const struct suffixes *suffixes, const struct name *name)
{
	char text[NAME_TEXT_MAX];
	struct name again;
	unsigned first;

	must(name_from_text(&again, name_text(text, name->raw, name->len)));
	must(again.len == name->len && again.labels == name->labels);
	must(!memcmp(again.raw, name->raw, name->len));
	must(!memcmp(again.wire, name->wire, name->len));
	must(!memcmp(again.label, name->label, name->labels));

	first = suffix_domain(suffixes, name);
	must(first <= name->labels);
	must(suffix_domain(suffixes, name) == first);
	must(model_cost(name, 0) <= model_cost(name, first));
	must(model_cost(name, name->labels) < COST_MAX);
}

/* Whether ldns takes these octets for one whole name without compression. */
static bool is_name(const uint8_t *wire, size_t size)
{
	ldns_rdf *rdf = NULL;
	size_t at = 0;
	bool is = ldns_wire2dname(&rdf, wire, size, &at) == LDNS_STATUS_OK && at == size &&
	          ldns_rdf_size(rdf) == size && !memcmp(ldns_rdf_data(rdf), wire, size);

	ldns_rdf_deep_free(rdf);
	return is;
}

/* ldns reads what we print, and we read what it prints. */
static void check_texts(const struct name *name)
{
	ldns_rdf *rdf = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, name->len, name->raw), *again = NULL;
	char text[NAME_TEXT_MAX], *theirs;
	struct name read;

	must(rdf != NULL);
	theirs = ldns_rdf2str(rdf);
	must(theirs && name_from_text(&read, theirs));
	must(read.len == name->len && !memcmp(read.raw, name->raw, name->len));
	must(ldns_str2rdf_dname(&again, name_text(text, name->raw, name->len)) == LDNS_STATUS_OK);
	must(ldns_rdf_size(again) == name->len && !memcmp(ldns_rdf_data(again), name->raw, name->len));
	free(theirs);
	ldns_rdf_deep_free(again);
	ldns_rdf_deep_free(rdf);
}

/* The same of a text that may be none: of what both take for a name both make the same. */
static void check_text(const char *text, const struct name *name)
{
	ldns_rdf *rdf = NULL;

	if (ldns_str2rdf_dname(&rdf, text) == LDNS_STATUS_OK)
		must(ldns_rdf_size(rdf) == name->len && !memcmp(ldns_rdf_data(rdf), name->raw, name->len));
	ldns_rdf_deep_free(rdf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct suffixes *suffixes;
	char text[NAME_TEXT_MAX];
	struct name name;
	char *copy;

	if (!suffixes)
		suffixes = suffixes_open();
	must(suffixes != NULL);

	must(name_parse(&name, data, size) == is_name(data, size));
	if (name_parse(&name, data, size)) {
		check_name(suffixes, &name);
		check_texts(&name);
	}
	must(strlen(name_text(text, data, size)) < sizeof(text));

	copy = malloc(size + 1);
	must(copy != NULL);
	memcpy(copy, data, size);
	copy[size] = '\0';
	if (name_from_text(&name, copy)) {
		check_name(suffixes, &name);
		check_texts(&name);
		check_text(copy, &name);
	}
	free(copy);
	return 0;
}
