/* SPDX-License-Identifier: BSD-3-Clause */
/* bench_eviction - what a table of profile normal keeps of four times as many clients as it has slots.
 *
 * Beside it an exact list of the least recently used of the same capacity, and memory without end: the
 * difference of the last to 100 % are the clients that come for the first time. One table to read, then
 * one JSON object on a line.
 */
#include <stdio.h>

#include "engine/config.h"

#include "../unit/eviction.h"

#define KEYS_A_SLOT      4
#define QUESTIONS_A_SLOT 64

static const struct {
	double skew;
	uint32_t per_second; /* a busy resolver; a network of a company */
} rows[] = { { 1.0, 10000 }, { 1.0, 500 }, { 0.8, 10000 }, { 0.8, 500 } };

#define ROWS (sizeof(rows) / sizeof(*rows))

static void print_kept(const char *what, const struct kept *kept)
{
	printf("    %-10s %6.2f %%", what, 100 * kept->hits);
	for (unsigned i = 0; i < EVICTION_TOPS; i++)
		printf(" %11.2f %%", 100 * kept->top[i]);
	putchar('\n');
}

static void print_json(const char *what, const struct kept *kept)
{
	printf("\"%s\": {\"hits\": %.5f, \"top\": [%.5f, %.5f, %.5f]}", what, kept->hits, kept->top[0], kept->top[1],
	       kept->top[2]);
}

int main(void)
{
	uint32_t capacity = profile_sizes[PROFILE_NORMAL].clients;
	struct eviction result[ROWS];

	printf("%u slots, %u clients, %u questions\n\n", capacity, KEYS_A_SLOT * capacity,
	       QUESTIONS_A_SLOT * capacity);
	printf("               questions that    kept at the end, of the busiest\n"
	       "               meet their slot   %8.0f      %8.0f      %8.0f\n",
	       capacity * eviction_top[0], capacity * eviction_top[1], capacity * eviction_top[2]);
	for (unsigned i = 0; i < ROWS; i++) {
		struct traffic traffic = {
			.capacity = capacity,
			.keys = KEYS_A_SLOT * capacity,
			.questions = QUESTIONS_A_SLOT * capacity,
			.per_second = rows[i].per_second,
			.skew = rows[i].skew,
		};

		eviction_measure(&traffic, &result[i]);
		printf("  Zipf %.1f, %u questions a second, %.1f %% of the slots in use\n", rows[i].skew,
		       rows[i].per_second, 100 * result[i].slots_used);
		print_kept("table", &result[i].table);
		print_kept("exact LRU", &result[i].lru);
		print_kept("no end", &result[i].unbounded);
	}
	printf("\n{\"eviction\": [");
	for (unsigned i = 0; i < ROWS; i++) {
		printf("%s{\"skew\": %.1f, \"per_second\": %u, \"capacity\": %u, ", i ? ", " : "", rows[i].skew,
		       rows[i].per_second, capacity);
		print_json("table", &result[i].table);
		printf(", ");
		print_json("lru", &result[i].lru);
		printf(", ");
		print_json("unbounded", &result[i].unbounded);
		putchar('}');
	}
	puts("]}");
	return 0;
}
