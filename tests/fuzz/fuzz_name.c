/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_name - any octets as a name, on the wire and as text.
 *
 * What is parsed must print and parse again as the same name, have a registrable domain
 * within itself, and cost something finite.
 */
#include <stdlib.h>
#include <string.h>

#include "name/model.h"
#include "name/name.h"
#include "name/suffix.h"

#define COST_MAX (NAME_WIRE_MAX * (255 + 10 * MODEL_UNIT + MODEL_UNIT) + 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
	if (!condition)
		abort();
}

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct suffixes *suffixes;
	char text[NAME_TEXT_MAX];
	struct name name;
	char *copy;

	if (!suffixes)
		suffixes = suffixes_open();
	must(suffixes != NULL);

	if (name_parse(&name, data, size))
		check_name(suffixes, &name);
	must(strlen(name_text(text, data, size)) < sizeof(text));

	copy = malloc(size + 1);
	must(copy != NULL);
	memcpy(copy, data, size);
	copy[size] = '\0';
	if (name_from_text(&name, copy))
		check_name(suffixes, &name);
	free(copy);
	return 0;
}
