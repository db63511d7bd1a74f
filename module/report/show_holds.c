/* SPDX-License-Identifier: BSD-3-Clause */
/* show_holds - the verdicts that last, and the exemptions from them, one line each:
 *
 *   192.0.2.7 example.com verdict=refuse expires=3599 detector=information hits=12 comment=""
 *   192.0.2.7 example.com expires=never hits=12 comment=""
 *
 * `any` stands for whom a hold does not name. As a table, <enforced> is the opposite of dry_run.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include <warden/warden.h>

#include "report/count.h"
#include "report/grid.h"
#include "report/held.h"
#include "report/ranking.h"
#include "report/show.h"
#include "store/holds.h"

enum hold_key { KEY_EXPIRES, KEY_HITS }; /* as in hold_keys of show.c */

static void print_text(const struct show *show, const struct hold *hold, const struct held *held)
{
	fprintf(show->out,
	        "%s %s verdict=%s expires=%" PRIu64 " detector=%s hits=%" PRIu64
	        "%s comment=\"%s\"\n",
	        held->client, held->domain, held->verdict, held->expires, held->detector, hold->hits,
	        show->dry_run ? " dry_run=yes" : "", held->comment);
}

static void print_exemption(const struct show *show, const struct hold *hold, const struct held *held)
{
	fprintf(show->out, "%s %s expires=", held->client, held->domain);
	if (hold->expires == UINT64_MAX)
		fputs("never", show->out);
	else
		fprintf(show->out, "%" PRIu64, held->expires);
	fprintf(show->out, " hits=%" PRIu64 " comment=\"%s\"\n", hold->hits, held->comment);
}

static void print_json(const struct show *show, const struct hold *hold, const struct held *held)
{
	json_t *object = json_pack("{s:s, s:s, s:s, s:o, s:s, s:o, s:b, s:s}",
	                           "client", held->client,
	                           "domain", held->domain,
	                           "verdict", held->verdict,
	                           "expires", count_json(held->expires),
	                           "detector", held->detector,
	                           "hits", count_json(hold->hits),
	                           "dry_run", (int)show->dry_run,
	                           "comment", held->comment);

	if (object && !json_dumpf(object, show->out, JSON_COMPACT))
		putc('\n', show->out);
	json_decref(object);
}

/* What is said of one that is in force, in whatever layout. */
typedef void printer(const struct show *show, const struct hold *hold, const struct held *held);

/* --- as a table ---------------------------------------------------------------------------- */

enum { HOLD_COLUMNS = 8, NUMBER_TEXT_MAX = 21 };

static const struct grid hold_grid = {
	.count = HOLD_COLUMNS,
	.title = { "client", "domain", "verdict", "expires", "detector", "hits", "enforced", "comment" },
	.right = 1u << 3 | 1u << 5,
};

static void fill_cells(const char *cell[HOLD_COLUMNS], char number[2][NUMBER_TEXT_MAX], const struct show *show,
                       const struct hold *hold, const struct held *held)
{
	snprintf(number[0], NUMBER_TEXT_MAX, "%" PRIu64, held->expires);
	snprintf(number[1], NUMBER_TEXT_MAX, "%" PRIu64, hold->hits);
	cell[0] = held->client;
	cell[1] = held->domain;
	cell[2] = held->verdict;
	cell[3] = number[0];
	cell[4] = held->detector;
	cell[5] = number[1];
	cell[6] = show->dry_run ? "no" : "yes";
	cell[7] = *held->comment ? held->comment : "-";
}

/* --- the walk ------------------------------------------------------------------------------ */

/* Reads hold number <index>, if it is one, or an exemption, as wanted. */
static bool load(const struct mapping *mapping, const struct show *show, uint32_t index, bool exemptions,
                 struct hold *hold, struct held *held)
{
	if (!hold_read(mapping, index, show->now, hold) || exemptions != (hold->verdict == WARDEN_PASS))
		return false;
	held_describe(held, hold, show->now);
	return true;
}

static void print_each(const struct mapping *mapping, const struct show *show, const struct ranking *ranking,
                       bool exemptions, printer *print)
{
	struct hold hold;
	struct held held;

	for (uint32_t i = 0; i < ranking->count && !ferror(show->out); i++)
		if (load(mapping, show, ranking->entry[i].index, exemptions, &hold, &held))
			print(show, &hold, &held);
}

/* What is measured is what is printed, so each is read once: the memory is a running resolver's. */
static int print_table(const struct mapping *mapping, const struct show *show, const struct ranking *ranking)
{
	struct hold *hold = calloc((size_t)ranking->count + 1, sizeof(*hold));
	struct grid grid = hold_grid;
	char number[2][NUMBER_TEXT_MAX];
	const char *cell[HOLD_COLUMNS];
	struct held held;
	uint32_t count = 0;

	if (!hold)
		return -ENOMEM;
	for (uint32_t i = 0; i < ranking->count; i++) {
		if (!load(mapping, show, ranking->entry[i].index, false, &hold[count], &held))
			continue;
		fill_cells(cell, number, show, &hold[count++], &held);
		grid_measure(&grid, cell);
	}
	grid_titles(&grid, show->out);
	for (uint32_t i = 0; i < count && !ferror(show->out); i++) {
		held_describe(&held, &hold[i], show->now);
		fill_cells(cell, number, show, &hold[i], &held);
		grid_row(&grid, cell, show->out);
	}
	free(hold);
	return 0;
}

/* Ranks the holds, or the exemptions. */
static int rank(const struct mapping *mapping, const struct show *show, bool exemptions, struct ranking *ranking)
{
	uint32_t capacity = table_capacity(&mapping->holds);
	uint32_t limit =
		show->top && show->top < capacity ? show->top : table_used(&mapping->holds);
	struct hold hold;
	int error = ranking_init(ranking, limit);

	if (error)
		return error;
	for (uint32_t i = 0; i < capacity; i++)
		if (hold_read(mapping, i, show->now, &hold) && exemptions == (hold.verdict == WARDEN_PASS))
			ranking_offer(ranking, show->sort == KEY_HITS ? hold.hits : hold.expires, i);
	ranking_sort(ranking);
	return 0;
}

int show_holds(const struct mapping *mapping, const struct show *show)
{
	struct ranking ranking;
	int error = rank(mapping, show, false, &ranking);

	if (error)
		return error;
	if (show->layout == SHOW_TABLE)
		error = print_table(mapping, show, &ranking);
	else
		print_each(mapping, show, &ranking, false, show->layout == SHOW_JSON ? print_json : print_text);
	ranking_free(&ranking);
	return ferror(show->out) ? -EIO : error;
}

int show_exemptions(const struct mapping *mapping, const struct show *show)
{
	struct ranking ranking;
	int error = rank(mapping, show, true, &ranking);

	if (error)
		return error;
	print_each(mapping, show, &ranking, true, print_exemption);
	ranking_free(&ranking);
	return ferror(show->out) ? -EIO : 0;
}
