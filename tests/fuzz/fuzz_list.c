/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_list - any octets as a list file: domains, or sentences of one line, and never more of these
 * than are promised.
 *
 * What the reader gives is a name that can be on a list, with a note that can be printed, and it
 * is found again in the map that it goes into.
 */
#include "engine/lists.h"
#include "fuzz.h"
#include "name/domain_map.h"

struct taken {
	struct domain_map *map;
	unsigned sentences;
	size_t domains;
};

static int take(void *arg, const struct name *domain, const char *note)
{
	struct taken *taken = arg;
	char text[NAME_TEXT_MAX];
	struct name again;

	must(domain->labels > 0);
	must(strlen(note) <= LIST_NOTE_MAX && is_printable(note));
	must(list_domain(&again, name_text(text, domain->wire, domain->len)));
	must(domain_map_add(taken->map, domain, (struct domain_mark){ 0, 0 }) >= 0);
	must(domain_map_next(taken->map, domain, 0).label == 0);
	taken->domains++;
	return 0;
}

static void bad(void *arg, int line, const char *sentence)
{
	struct taken *taken = arg;

	must(line >= 0 && *sentence && is_printable(sentence));
	taken->sentences++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct taken taken = { .map = domain_map_new() };
	const struct list_sink sink = { .add = take, .bad = bad, .arg = &taken };
	FILE *file = file_of(data, size);
	uint32_t skipped = 0;

	must(taken.map != NULL);
	must(list_read(file, &sink, &skipped) == 0);
	must((skipped > 0) == (taken.sentences > 0));
	must(taken.sentences <= LIST_BAD_NAMED + 2);
	must(domain_map_count(taken.map) <= taken.domains);
	domain_map_free(taken.map);
	fclose(file);
	return 0;
}
