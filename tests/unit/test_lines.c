/* SPDX-License-Identifier: BSD-3-Clause */
/* test_lines - which cache lines of the segment a look touches.
 *
 * What a look costs on a busy resolver is the memory that it waits for. So this program's engine is
 * compiled in the way that kernels are for their address sanitizer: each load and store is preceded by
 * a call with its address, atomic ones too, and here these calls write down the line.
 *
 * Lines that all looks of a thread have in common stay in its cache and cost nothing: the header of
 * the segment, which is read, and the thread's own bank of counters. All others are counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "detect/detector.h"
#include "store/counts.h"
#include "support.h"

#define UNWATCHED __attribute__((no_sanitize("kernel-address")))
#define LINE      64
#define LINES_MAX 256

/* What is watched, and what was seen of it. */
static struct {
	uintptr_t from, to; /* of the segment; 0: nothing is */
	uintptr_t line[LINES_MAX];
	bool written[LINES_MAX];
	unsigned count;
} watch;

static UNWATCHED void note_line(uintptr_t line, bool is_write)
{
	unsigned i = 0;

	while (i < watch.count && watch.line[i] != line)
		i++;
	if (i == LINES_MAX)
		abort();
	if (i == watch.count) {
		watch.count++;
		watch.line[i] = line;
		watch.written[i] = false;
	}
	watch.written[i] = watch.written[i] || is_write;
}

static UNWATCHED void note(uintptr_t at, size_t size, bool is_write)
{
	if (at < watch.from || at >= watch.to)
		return;
	for (uintptr_t line = at / LINE; line <= (at + size - 1) / LINE; line++)
		note_line(line, is_write);
}

/* What the compiler calls. */
#define WATCH(size) \
	void __asan_load##size##_noabort(void *at); \
	void __asan_store##size##_noabort(void *at); \
	UNWATCHED void __asan_load##size##_noabort(void *at) { note((uintptr_t)at, size, false); } \
	UNWATCHED void __asan_store##size##_noabort(void *at) { note((uintptr_t)at, size, true); }
WATCH(1)
WATCH(2)
WATCH(4)
WATCH(8)
WATCH(16)
void __asan_loadN_noabort(void *at, long size);
void __asan_storeN_noabort(void *at, long size);
void __asan_handle_no_return(void);
UNWATCHED void __asan_loadN_noabort(void *at, long size) { note((uintptr_t)at, (size_t)size, false); }
UNWATCHED void __asan_storeN_noabort(void *at, long size) { note((uintptr_t)at, (size_t)size, true); }
UNWATCHED void __asan_handle_no_return(void) {}

/* The lines of a look at a name that four clients ask for, out of the cache, at <at>. */
static void look(struct warden *warden, const char *client, uint64_t at, unsigned path)
{
	struct asked asked;

	question(&asked, client, "www.example.com", 1);
	asked.obs.now = at;
	asked.obs.path = (uint8_t)path;
	asked.obs.what = path == WARDEN_PATH_MISS ? WARDEN_QUESTION : WARDEN_QUESTION | WARDEN_ANSWER;
	asked.obs.answer_count = 1;
	asked.obs.ttl = 300;
	watch.count = 0;
	watch.from = (uintptr_t)warden->mapping.header;
	watch.to = watch.from + warden->mapping.size;
	warden_observe(warden, &asked.obs);
	watch.from = watch.to = 0;
}

static bool is_within(uintptr_t line, const void *from, size_t size)
{
	return line >= (uintptr_t)from / LINE && line < ((uintptr_t)from + size) / LINE;
}

/* How many of the lines seen are neither the header's nor of a bank; <reads>: those of the header were
 * only read.
 */
static unsigned shared_lines(const struct warden *warden, bool reads)
{
	const struct mapping *mapping = &warden->mapping;
	unsigned header = 0, bank = 0, others = 0;

	for (unsigned i = 0; i < watch.count; i++) {
		if (is_within(watch.line[i], mapping->header, SEGMENT_PAGE)) {
			assert_false(reads && watch.written[i]);
			header++;
		} else if (is_within(watch.line[i], mapping->banks, BANK_COUNT * sizeof(struct bank))) {
			bank++;
		} else {
			others++;
		}
	}
	printf("%u lines of the header, %u of the thread's bank, %u others\n", header, bank, others);
	assert_in_range(header, 1, 12); /* with those of the clocks of three filters, and of what these have taken */
	assert_in_range(bank, 1, 4);
	return others;
}

static struct warden *open_busy(void)
{
	struct warden *warden = open_engine(EVERY_DETECTOR, true);
	char client[32];

	for (unsigned i = 0; i < 4; i++) {
		snprintf(client, sizeof(client), "198.51.100.%u", 1 + i);
		look(warden, client, NOW, WARDEN_PATH_MISS);
	}
	for (unsigned i = 0; i < EARLY_QUERIES + 1; i++)
		look(warden, "192.0.2.1", NOW, WARDEN_PATH_CACHE);
	return warden;
}

/* Nothing is remarkable about it: the client and the pair, and of each the set and the slot. */
static void cached_look_takes_four_lines(void **state)
{
	struct warden *warden = open_busy();

	(void)state;
	for (uint64_t n = 0; n < 8; n++) { /* the 18th to the 25th: none is the 26th, a step of the rates */
		look(warden, "192.0.2.1", NOW + n * 1000, WARDEN_PATH_CACHE);
		assert_int_equal(shared_lines(warden, true), 4);
	}
	warden_close(warden);
}

/* What touches more is seen to: the states of the rates, each 13th time; the ledgers and filters of a miss. */
static void others_take_more(void **state)
{
	struct warden *warden = open_busy();

	(void)state;
	for (unsigned n = 0; n < 8; n++) /* the last is the 26th by this path */
		look(warden, "192.0.2.1", NOW, WARDEN_PATH_CACHE);
	look(warden, "192.0.2.1", NOW, WARDEN_PATH_CACHE);
	assert_in_range(shared_lines(warden, true), 5, 40);
	look(warden, "192.0.2.1", NOW, WARDEN_PATH_MISS);
	assert_in_range(shared_lines(warden, false), 10, 60);
	warden_close(warden);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cached_look_takes_four_lines),
		cmocka_unit_test(others_take_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
