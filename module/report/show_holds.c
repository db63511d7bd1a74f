/* SPDX-License-Identifier: BSD-3-Clause */
/* show_holds - the verdicts that last, one line each:
 *
 *   192.0.2.7 example.com verdict=refuse expires=3599 detector=information hits=12 comment=""
 *
 * `any` stands for whom a hold does not name. Nothing in a line can break it or a
 * terminal: names are in presentation format, comments printable ASCII.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <warden/warden.h>

#include "base/clock.h"
#include "detect/detector.h"
#include "name/name.h"
#include "report/address.h"
#include "report/count.h"
#include "report/ranking.h"
#include "report/show.h"
#include "store/holds.h"

enum hold_key { KEY_EXPIRES, KEY_HITS }; /* as in hold_keys of show.c */

/* A hold as text. */
struct held {
	char client[ADDRESS_TEXT_MAX], domain[NAME_TEXT_MAX], comment[HOLD_COMMENT_MAX + 1];
	const char *verdict, *detector;
	uint64_t expires; /* seconds from now, rounded up: never 0 while in force */
};

static void describe(const struct hold *hold, uint64_t now, struct held *held)
{
	static const uint8_t any[16];

	if (memcmp(hold->client, any, sizeof(any)))
		address_text(held->client, hold->client);
	else
		strcpy(held->client, "any");
	if (hold->name_len)
		name_text(held->domain, hold->name, hold->name_len);
	else
		strcpy(held->domain, "any");
	held->verdict = warden_verdict_name(hold->verdict);
	held->detector = "unknown";
	if (hold->detector == HOLD_BY_OPERATOR)
		held->detector = "operator";
	else if (hold->detector < DETECTOR_COUNT)
		held->detector = detectors[hold->detector]->name;
	held->expires = (hold->expires - now + SECOND - 1) / SECOND;

	memcpy(held->comment, hold->comment, sizeof(held->comment));
	held->comment[HOLD_COMMENT_MAX] = '\0';
	for (char *c = held->comment; *c; c++)
		if (*c < ' ' || *c > '~' || *c == '"' || *c == '\\')
			*c = '?';
}

static void print_text(const struct show *show, const struct held *held, uint64_t hits)
{
	fprintf(show->out,
	        "%s %s verdict=%s expires=%" PRIu64 " detector=%s hits=%" PRIu64
	        "%s comment=\"%s\"\n",
	        held->client, held->domain, held->verdict, held->expires, held->detector, hits,
	        show->dry_run ? " dry_run=yes" : "", held->comment);
}

static void print_json(const struct show *show, const struct held *held, uint64_t hits)
{
	json_t *object = json_pack("{s:s, s:s, s:s, s:o, s:s, s:o, s:b, s:s}",
	                           "client", held->client,
	                           "domain", held->domain,
	                           "verdict", held->verdict,
	                           "expires", count_json(held->expires),
	                           "detector", held->detector,
	                           "hits", count_json(hits),
	                           "dry_run", (int)show->dry_run,
	                           "comment", held->comment);

	if (object && !json_dumpf(object, show->out, JSON_COMPACT))
		putc('\n', show->out);
	json_decref(object);
}

int show_holds(const struct mapping *mapping, const struct show *show)
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
		if (hold_read(mapping, i, show->now, &hold))
			ranking_offer(&ranking, show->sort == KEY_HITS ? hold.hits : hold.expires,
			              i);
	ranking_sort(&ranking);
	for (uint32_t i = 0; i < ranking.count && !ferror(show->out); i++) {
		if (!hold_read(mapping, ranking.entry[i].index, show->now, &hold))
			continue;
		describe(&hold, show->now, &held);
		(show->json ? print_json : print_text)(show, &held, hold.hits);
	}
	ranking_free(&ranking);
	return ferror(show->out) ? -EIO : 0;
}
