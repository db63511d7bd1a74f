/* SPDX-License-Identifier: BSD-3-Clause */
/* table - see table.h. */
#include <inttypes.h>
#include <stdio.h>

#include <warden/warden.h>

#include "base/clock.h"
#include "table.h"

#define TIME_LEN 24

/* Writes <time> in a unit that is easy to read. Returns <text>. */
static char *time_text(char text[TIME_LEN], uint64_t time)
{
	if (time < 2 * MINUTE)
		snprintf(text, TIME_LEN, "%.0fs", (double)time / (double)SECOND);
	else if (time < 2 * HOUR)
		snprintf(text, TIME_LEN, "%.0fm", (double)time / (double)MINUTE);
	else if (time < 2 * DAY)
		snprintf(text, TIME_LEN, "%.1fh", (double)time / (double)HOUR);
	else
		snprintf(text, TIME_LEN, "%.1fd", (double)time / (double)DAY);
	return text;
}

/* Octets that hold <bits>. */
static uint64_t octets(uint64_t bits)
{
	return (bits + 7) / 8;
}

static bool is_under_floor(const struct plan *plan)
{
	return encoder_bits(plan->encoder) * DAY < FLOOR * 8 * plan->interval;
}

void table_head(void)
{
	printf("  %-24s %6s %6s %-22s %6s %-22s %9s %7s %7s %7s %6s\n", "", "", "first", "", "first", "",
	       "questions", "octets", "first", "most in", "");
	printf("  %-24s %6s %6s %-22s %6s %-22s %9s %7s %7s %7s %6s\n", "row", "every", "tag", "by",
	       "refuse", "by", "before", "before", "24 h", "24 h", "bound");
}

void table_foot(void)
{
	printf("\nEvery row counts payload that went through: before its first refusal where there is one\n"
	       "domain, at all where there are several. One whose bound is BROKEN was played for a day\n"
	       "more and no longer. * is a row beyond those that were asked for.\n");
}

static void print_spoken(const struct spoken *spoken)
{
	char time[TIME_LEN];

	printf(" %6s %-22s", spoken ? time_text(time, spoken->when) : "never",
	       spoken ? spoken->detector : "");
}

void table_row(const char *name, bool beyond, const struct plan *plan, const struct leak *leak,
               bool verbose)
{
	const struct spoken *first_tag = leak_first(leak, WARDEN_TAG);
	bool slow = is_under_floor(plan);
	char time[TIME_LEN];

	printf("%c %-24s %5" PRIu64 "s", beyond ? '*' : ' ', name, plan->interval / SECOND);
	print_spoken(first_tag);
	print_spoken(leak_first(leak, WARDEN_REFUSE));
	printf(" %9" PRIu64 " %7" PRIu64 " %7" PRIu64 " %7" PRIu64 " %6" PRIu64 "%s%s\n",
	       leak->questions, octets(leak->before), octets(leak->first_day), octets(leak->most),
	       plan->bound, leak_breaks(leak, plan) ? " BROKEN" : "", slow ? " under the floor" : "");
	for (unsigned i = 0; i < leak->spoken_count; i++) {
		const struct spoken *spoken = &leak->spoken[i];

		if (verbose || (slow && spoken->verdict == WARDEN_TAG && spoken != first_tag))
			printf("%33s %6s %s %s\n", "", time_text(time, spoken->when), spoken->detector,
			       warden_verdict_name((enum warden_verdict)spoken->verdict));
	}
	fflush(stdout);
}
