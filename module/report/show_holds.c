/* SPDX-License-Identifier: BSD-3-Clause */
/* show_holds - the verdicts that last, and the exemptions from them, one line each:
 *
 *   192.0.2.7 example.com verdict=refuse expires=3599 detector=information hits=12 comment=""
 *   192.0.2.7 example.com expires=never hits=12 comment=""
 *
 * `any` stands for whom a hold does not name.
 */
#include <errno.h>
#include <inttypes.h>

#include <warden/warden.h>

#include "report/count.h"
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

typedef void printer(const struct show *show, const struct hold *hold, const struct held *held);

/* Prints the holds, or the exemptions. */
static int show_either(const struct mapping *mapping, const struct show *show, bool exemptions, printer *print)
{
	uint32_t capacity = table_capacity(&mapping->holds);
	uint32_t limit =
		show->top && show->top < capacity ? show->top : table_used(&mapping->holds);
	struct ranking ranking;
	struct hold hold;
	struct held held;
	int error = ranking_init(&ranking, limit);

	if (error)
		return error;
	for (uint32_t i = 0; i < capacity; i++)
		if (hold_read(mapping, i, show->now, &hold) && exemptions == (hold.verdict == WARDEN_PASS))
			ranking_offer(&ranking, show->sort == KEY_HITS ? hold.hits : hold.expires,
			              i);
	ranking_sort(&ranking);
	for (uint32_t i = 0; i < ranking.count && !ferror(show->out); i++) {
		if (!hold_read(mapping, ranking.entry[i].index, show->now, &hold) ||
		    exemptions != (hold.verdict == WARDEN_PASS))
			continue;
		held_describe(&held, &hold, show->now);
		print(show, &hold, &held);
	}
	ranking_free(&ranking);
	return ferror(show->out) ? -EIO : 0;
}

int show_holds(const struct mapping *mapping, const struct show *show)
{
	return show_either(mapping, show, false, show->json ? print_json : print_text);
}

int show_exemptions(const struct mapping *mapping, const struct show *show)
{
	return show_either(mapping, show, true, print_exemption);
}
