/* SPDX-License-Identifier: BSD-3-Clause */
/* test_merge - several recordings in order of time, whatever the threads do; copies; the line of progress. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorded.h"
#include "recorded/copied.h"
#include "recorded/merge.h"
#include "tool/progress.h"

#define FILES 3
#define MANY  20000 /* lines: more than the chunks of a queue hold */

static char path[FILES][32];
static unsigned current;

static void about(void *arg, unsigned input)
{
	(void)arg;
	current = input;
}

static void write_file(unsigned i, const char *text)
{
	FILE *file = fopen(path[i], "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* The order of what is told: the first letter of each name; skips as #. */
struct order {
	char text[2 * FILES * MANY + 1];
	size_t len;
	uint64_t latest;
	bool rising;
};

static void observe(void *arg, const struct warden_observation *obs)
{
	struct order *order = arg;

	assert_int_equal(obs->qname[1] - 'a', current);
	order->text[order->len++] = (char)obs->qname[1];
	order->rising &= obs->now >= order->latest;
	order->latest = obs->now;
}

static void leave_out(void *arg, uint64_t number, const char *reason)
{
	struct order *order = arg;

	assert_true(number && *reason);
	order->text[order->len++] = '#';
}

static struct order *merge_files(struct input_file inputs[FILES])
{
	static struct order order;
	const struct sink sink = { .observe = observe, .skip = leave_out, .arg = &order };

	memset(&order, 0, sizeof(order));
	order.rising = true;
	for (unsigned i = 0; i < FILES; i++)
		input_open(&inputs[i], path[i], "tsv", FILES);
	assert_true(merge(inputs, FILES, &sink, about));
	return &order;
}

static void in_order(void **state)
{
	struct input_file inputs[FILES];

	(void)state;
	write_file(0, "1\t192.0.2.1\ta\tA\n5\t192.0.2.1\ta\tA\n");
	write_file(1, "1\t192.0.2.1\tb\tA\nx\n3\t192.0.2.1\tb\tA\tNOERROR\n");
	write_file(2, "0\t192.0.2.1\tc\tA\n3\t192.0.2.1\tc\tA\n2\t192.0.2.1\tc\tA\n9\t192.0.2.1\tc\tA\n");
	/* c at 2 stands behind its c at 3, and so stays there */
	assert_string_equal(merge_files(inputs)->text, "cab#bbccac");
	for (unsigned i = 0; i < FILES; i++)
		assert_string_equal(inputs[i].error, "");
}

/* An input that is not there, and one that ends in damage, do not keep the others from being read. */
static void bad_files(void **state)
{
	static const char cut[] = "\x1f\x8b\x08";
	struct input_file inputs[FILES];

	(void)state;
	write_file(0, "1\t192.0.2.1\ta\tA\n");
	write_file(1, cut);
	unlink(path[2]);
	assert_string_equal(merge_files(inputs)->text, "a");
	assert_string_equal(inputs[0].error, "");
	assert_string_equal(inputs[1].error, "its gzip data is cut off at octet 3");
	assert_non_null(strstr(inputs[2].error, "cannot be read: No such file"));
}

/* More than the queues hold, so that readers wait; three times, and each time the same. */
static void many(void **state)
{
	struct input_file inputs[FILES];
	char *first = NULL;

	(void)state;
	for (unsigned i = 0; i < FILES; i++) {
		FILE *file = fopen(path[i], "w");

		assert_non_null(file);
		for (unsigned j = 0; j < MANY; j++)
			fprintf(file, "%u\t192.0.2.1\t%c%u\tA\n", j * (i + 1) / 2, 'a' + i, j);
		fclose(file);
	}
	for (unsigned round = 0; round < 3; round++) {
		struct order *order = merge_files(inputs);

		assert_int_equal(order->len, FILES * MANY);
		assert_true(order->rising);
		if (!first)
			first = strdup(order->text);
		assert_string_equal(order->text, first);
	}
	free(first);
}

/* A copy says the same as what it was made of, when that is gone. */
static void copies(void **state)
{
	static uint8_t name[] = "\1a", zone[] = "\1z", data[] = "\300\0\2\1", id[] = "\2ns", large[65535];
	static struct warden_record records[3];
	static struct warden_server server = { id, sizeof(id) };
	static struct recorded before, after;
	struct sink to_before = recorded_sink(&before), to_after = recorded_sink(&after);
	struct warden_observation obs = {
		.what = WARDEN_QUESTION | WARDEN_ANSWER, .now = 1, .qname = name, .qname_len = 3, .qtype = 1, .qclass = 1,
		.records = records, .record_count = 3, .zone = zone, .zone_len = 3, .servers = &server, .server_count = 1,
	};
	struct copied_chunk *chunk;
	const struct copied_item *item;

	(void)state;
	records[0] = (struct warden_record){ data, 60, 1, 4 };
	records[1] = (struct warden_record){ large, 60, 10, 10 };
	records[2] = (struct warden_record){ NULL, 60, 10, 0 };
	to_before.observe(&before, &obs);
	chunk = copied_new(&obs);
	assert_true(copied_add(chunk, &obs));
	assert_true(copied_add_skip(chunk, 1, 7, "why"));
	memset(name, 0, sizeof(name)), memset(data, 0xff, sizeof(data)), memset(zone, 0xff, sizeof(zone));
	memset(id, 0xff, sizeof(id)), memset(records, 0xff, sizeof(records));
	item = copied_at(chunk, 0);
	to_after.observe(&after, &item->obs);
	assert_string_equal(after.text, before.text);
	assert_memory_equal(item->obs.zone, "\1z", 3);
	assert_memory_equal(item->obs.servers[0].id, "\2ns", 4);
	item = copied_at(chunk, item->size);
	assert_int_equal(item->skipped, 7);
	assert_string_equal(item->reason, "why");
	free(chunk);

	/* What needs more than a chunk gets one of its own size, and nothing else fits into that. */
	for (unsigned i = 0; i < 3; i++)
		records[i] = (struct warden_record){ large, 60, 10, 65535 };
	chunk = copied_new(&obs);
	assert_true(copied_add(chunk, &obs));
	assert_false(copied_add(chunk, &obs));
	assert_false(copied_add_skip(chunk, 1, 7, "why"));
	free(chunk);
}

static void progress(void **state)
{
	static const struct {
		uint64_t count, taken, size, elapsed;
		const char *line;
	} rows[] = {
		{ 0, 0, 100, 0, "[--------------------]   0%  0 observations, 0/s" },
		{ 999, 25, 100, 1000, "[#####---------------]  25%  999 observations, 999/s, 4s left" },
		{ 1000000, 50, 100, 60000, "[##########----------]  50%  1000000 observations, 16k/s, 1m01s left" },
		{ 5000000, 1, 100, 100000, "[--------------------]   1%  5000000 observations, 50k/s, 2h45m left" },
		{ 5000000, 101, 100, 1000, "[####################] 100%  5000000 observations, 5M/s" },
		{ 1234, 500, 0, 1000, "1234 observations, 1k/s" },
	};
	char line[PROGRESS_WIDTH + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_string_equal(progress_line(line, rows[i].count, rows[i].taken, rows[i].size, rows[i].elapsed),
		                    rows[i].line);
	progress_line(line, UINT64_MAX, 1, UINT64_MAX, UINT64_MAX);
	assert_true(strlen(line) <= PROGRESS_WIDTH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_order),
		cmocka_unit_test(bad_files),
		cmocka_unit_test(many),
		cmocka_unit_test(copies),
		cmocka_unit_test(progress),
	};
	int failed;

	for (unsigned i = 0; i < FILES; i++) {
		snprintf(path[i], sizeof(path[i]), "merge-%d-%c", (int)getpid(), 'a' + (int)i);
	}
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	for (unsigned i = 0; i < FILES; i++)
		unlink(path[i]);
	return failed;
}
