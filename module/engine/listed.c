/* SPDX-License-Identifier: BSD-3-Clause */
/* listed - which of the configured lists a name is on.
 *
 * Most names are on none, and known.c remembers that: they cost nothing here.
 */
#include <string.h>

#include "engine/list_files.h"
#include "engine/look.h"

/* The next entry from label <first> on, with its marks in the order of their lists: returns how many,
 * 0 when there is none.
 */
static unsigned next_entry(const struct look *look, unsigned first, struct domain_hit *hit,
                           struct domain_mark mark[LISTS_MAX])
{
	unsigned count = 0;

	*hit = domain_map_next(look->config->listed, &look->name, first);
	if (hit->label >= 0)
		count = domain_map_marks(look->config->listed, hit, mark, LISTS_MAX);

	for (unsigned i = 1; i < count; i++)
		for (unsigned j = i; j && mark[j].list < mark[j - 1].list; j--) {
			struct domain_mark was = mark[j];

			mark[j] = mark[j - 1];
			mark[j - 1] = was;
		}
	return count;
}

/* What is kept when there are too many: a detector's list may be its only one. */
static unsigned rank(const struct listing *listing)
{
	return listing->detector == DETECTOR_list ? listing->action : ACTION_DROP + 1u;
}

/* Makes room for <one> by leaving another out, the last of the weakest. False when it is none of
 * them that is weaker.
 */
static bool make_room(struct listing listing[LISTED_MAX], const struct listing *one)
{
	unsigned weakest = 0;

	for (unsigned i = 1; i < LISTED_MAX; i++)
		if (rank(&listing[i]) <= rank(&listing[weakest]))
			weakest = i;
	if (rank(&listing[weakest]) >= rank(one))
		return false;
	memmove(&listing[weakest], &listing[weakest + 1], (LISTED_MAX - 1 - weakest) * sizeof(*listing));
	return true;
}

static bool is_among(const struct listing *listing, unsigned count, unsigned index)
{
	for (unsigned i = 0; i < count; i++)
		if (listing[i].index == index)
			return true;
	return false;
}

void listed_fill(const struct look *look, struct facts *facts, struct listing listing[LISTED_MAX])
{
	const struct config *config = look->config;
	struct domain_mark mark[LISTS_MAX];
	unsigned count = 0, marks;
	struct domain_hit hit;

	facts->listed = listing;
	facts->listed_count = 0;
	if (!(look->name_signs & SIGN_LISTED))
		return;
	for (unsigned first = 0; (marks = next_entry(look, first, &hit, mark)) > 0; first = (unsigned)hit.label + 1)
		for (unsigned i = 0; i < marks; i++) {
			const struct list *list = &config->list[mark[i].list];
			struct listing one = {
				.list = list->name,
				.note = notes_text(config->notes, mark[i].note),
				.detector = list->detector,
				.index = (uint8_t)mark[i].list,
				.label = (uint8_t)hit.label,
				.action = list->action,
			};

			if (is_among(listing, count, mark[i].list))
				continue;
			if (count < LISTED_MAX)
				listing[count++] = one;
			else if (make_room(listing, &one))
				listing[LISTED_MAX - 1] = one;
		}
	facts->listed_count = (uint8_t)count;
}

bool listed_dynamic(const struct look *look)
{
	const struct config *config = look->config;
	struct domain_mark mark[LISTS_MAX];
	struct domain_hit hit;
	unsigned marks;

	if (!(look->name_signs & SIGN_LISTED))
		return false;
	for (unsigned first = 0; (marks = next_entry(look, first, &hit, mark)) > 0; first = (unsigned)hit.label + 1)
		for (unsigned i = 0; i < marks; i++)
			if (config->list[mark[i].list].dynamic)
				return true;
	return false;
}
