/* SPDX-License-Identifier: BSD-3-Clause */
/* test_stats - the numbers and the listings, from a segment filled by hand. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include <warden/warden.h>

#include "base/clock.h"
#include "detect/detector.h"
#include "name/name.h"
#include "report/ranking.h"
#include "report/show.h"
#include "report/stats.h"
#include "store/holds.h"

#define NOW (UINT64_C(1795230000) * SECOND)

static const struct segment_sizes sizes = {
	.clients = 1024, .pairs = 1024, .domains = 1024, .holds = 256, .journal = 64,
	.outbox = 64, .elsewhere = 64,
	.filter_blocks = { 64, 64, 64, 64 },
};

static int mapping_setup(void **state)
{
	static struct mapping mapping;
	char error[256];

	*state = &mapping;
	return mapping_attach(&mapping, NULL, NULL, &sizes, 1, NOW, NULL, error, sizeof(error));
}

static int mapping_teardown(void **state)
{
	mapping_detach(*state);
	return 0;
}

/* What <print> writes; the caller frees it. */
static char *printed(struct mapping *mapping, const struct show_listing *listing, struct show show)
{
	char *text;
	size_t len;

	show.out = open_memstream(&text, &len);
	show.now = NOW;
	assert_int_equal(show_print(listing, mapping, &show), 0);
	fclose(show.out);
	return text;
}

static char *stats(struct mapping *mapping, const char *emitter, bool reset)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(reset ? stats_print_and_reset(mapping, emitter_find(emitter), out) :
	         stats_print(mapping, emitter_find(emitter), out));
	fclose(out);
	return text;
}

static void expect_line(const char *text, const char *line)
{
	const char *found = strstr(text, line);

	if (!found || (found != text && found[-1] != '\n') || found[strlen(line)] != '\n')
		fail_msg("no line '%s' in:\n%s", line, text);
}

static void count(struct mapping *mapping, unsigned word, uint64_t n)
{
	bank_add(bank_mine(&mapping->counters), word, n);
}

static void test_keys(void **state)
{
	static const char *const lines[] = {
		"warden.num.queries=15",
		"warden.num.misses=1",
		"warden.num.joined=2",
		"warden.num.cachehits=4",
		"warden.num.local=8",
		"warden.num.answers=14",
		"warden.num.verdict.refuse=3",
		"warden.num.detector.information=5",
		"warden.clients.count=0",
		"warden.clients.evicted=0",
		"warden.pairs.count=0",
		"warden.holds.count=0",
		"warden.events.written=0",
		"warden.events.lost=0",
		"warden.config.generation=0",
		"warden.time.observe.avg=0.000000750",
		"warden.histogram.000000.000000000.to.000000.000000002=0",
		"warden.histogram.000000.000000512.to.000000.000001024=2",
		"warden.histogram.000002.147483648.to.000004.294967296=0",
	};
	struct mapping *mapping = *state;
	char *text, memory[64];

	count(mapping, COUNTER_misses, 1);
	count(mapping, COUNTER_joined, 2);
	count(mapping, COUNTER_cachehits, 4);
	count(mapping, COUNTER_local, 8);
	count(mapping, COUNTER_answers, 14);
	count(mapping, COUNTER_verdict_refuse, 3);
	count(mapping, COUNTER_timed, 2);
	count(mapping, COUNTER_timed_ns, 1500);
	count(mapping, BANK_DETECTORS + DETECTOR_information, 5);
	count(mapping, BANK_HISTOGRAM + 9, 2);
	text = stats(mapping, "plain", false);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		expect_line(text, lines[i]);
	snprintf(memory, sizeof(memory), "mem.warden.shared=%zu", mapping->size);
	expect_line(text, memory);
	free(text);
}

/* What reads unbound-control's output takes every line for key=number; readers of JSON have signed numbers. */
static void test_parses(void **state)
{
	char *text, *json;
	json_t *object;
	size_t lines = 0;

	count(*state, COUNTER_misses, UINT64_MAX);
	text = stats(*state, "plain", false);
	json = stats(*state, "json", false);
	object = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(object);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		char *equals = strchr(line, '='), *end;

		assert_non_null(equals);
		assert_int_equal(strspn(line, "abcdefghijklmnopqrstuvwxyz0123456789._-"),
		                 equals - line);
		strtod(equals + 1, &end);
		assert_true(equals[1] && !*end);
		*equals = '\0';
		assert_non_null(json_object_get(object, line));
		lines++;
	}
	assert_int_equal(json_object_size(object), lines);
	assert_true(lines > COUNTER_COUNT + DETECTOR_COUNT + HISTOGRAM_WORDS);
	json_decref(object);
	free(text);
	free(json);
}

static void test_reset(void **state)
{
	struct mapping *mapping = *state;
	char *text;

	count(mapping, COUNTER_misses, 7);
	free(stats(mapping, "plain", false));
	text = stats(mapping, "plain", true);
	expect_line(text, "warden.num.misses=7");
	free(text);
	count(mapping, COUNTER_misses, 2);
	text = stats(mapping, "plain", false);
	expect_line(text, "warden.num.misses=2");
	expect_line(text, "warden.num.queries=2");
	free(text);
	text = stats(mapping, "plain", true);
	expect_line(text, "warden.num.misses=2");
	free(text);
	assert_int_equal(banks_sum(mapping->banks, COUNTER_misses), 9);
}

static void client_add(struct mapping *mapping, uint8_t last, uint64_t misses, uint64_t cachehits,
                       uint32_t touched)
{
	uint8_t address[16] = { [10] = 0xff, [11] = 0xff, 192, 0, 2, last };
	uint64_t key[2];
	struct place place;

	memcpy(key, address, sizeof(key));
	assert_int_equal(table_take(&mapping->clients,
	                            hash_octets(mapping->header->secret, HASH_CLIENT, address, 16),
	                            key, touched, &place),
	                 TABLE_NEW);
	slot_add(place.slot, CLIENT_MISSES, misses);
	slot_add(place.slot, CLIENT_CACHEHITS, cachehits);
}

static void test_clients(void **state)
{
	const struct show_listing *listing = show_find("clients");
	struct mapping *mapping = *state;
	char *text;
	json_t *object;

	client_add(mapping, 1, 5, 1, NOW / SECOND - 30);
	client_add(mapping, 2, 1, 9, NOW / SECOND);
	client_add(mapping, 3, 3, 0, NOW / SECOND + 10);
	text = printed(mapping, listing, (struct show){ 0 });
	assert_string_equal(text,
	                    "192.0.2.2 queries=10 misses=1 joined=0 cachehits=9 local=0 answers=9 "
	                    "refused=0 idle=0\n"
	                    "192.0.2.1 queries=6 misses=5 joined=0 cachehits=1 local=0 answers=1 "
	                    "refused=0 idle=30\n"
	                    "192.0.2.3 queries=3 misses=3 joined=0 cachehits=0 local=0 answers=0 "
	                    "refused=0 idle=0\n");
	free(text);
	text = printed(mapping, listing,
	               (struct show){ .top = 1, .sort = (unsigned)show_sort_key(listing, "misses"),
	                              .layout = SHOW_JSON });
	object = json_loads(text, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(object, "client")), "192.0.2.1");
	assert_int_equal(json_integer_value(json_object_get(object, "queries")), 6);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	json_decref(object);
	free(text);
	assert_int_equal(show_sort_key(listing, "nothing"), -1);
	assert_null(show_find("nothing"));
}

/* All lines are as long as the first. */
static void expect_even_lines(const char *text)
{
	size_t len = strcspn(text, "\n");

	for (; *text; text += len + 1)
		assert_int_equal(strcspn(text, "\n"), len);
}

/* Titles and numbers end in the same column, names begin in it, and no line ends in a space. */
static void test_tables(void **state)
{
	struct mapping *mapping = *state;
	struct hold hold = {
		.client = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 7 },
		.verdict = WARDEN_REFUSE,
		.detector = HOLD_BY_OPERATOR,
		.expires = NOW + 1500,
	};
	char *text;

	text = printed(mapping, show_find("holds"), (struct show){ .layout = SHOW_TABLE });
	assert_string_equal(text, "CLIENT  DOMAIN  VERDICT  EXPIRES  DETECTOR  HITS  ENFORCED  COMMENT\n");
	free(text);
	client_add(mapping, 1, 1234567890, 1, NOW / SECOND - 30);
	client_add(mapping, 200, 1, 9, NOW / SECOND);
	text = printed(mapping, show_find("clients"), (struct show){ .layout = SHOW_TABLE });
	assert_string_equal(text,
	                    "CLIENT          QUERIES      MISSES  JOINED  CACHEHITS  LOCAL  ANSWERS  REFUSED  IDLE\n"
	                    "192.0.2.1    1234567891  1234567890       0          1      0        1        0    30\n"
	                    "192.0.2.200          10           1       0          9      0        9        0     0\n");
	free(text);
	assert_true(hold_set(mapping, 5, &hold, NOW));
	text = printed(mapping, show_find("holds"), (struct show){ .layout = SHOW_TABLE, .dry_run = true });
	assert_string_equal(text, "CLIENT     DOMAIN  VERDICT  EXPIRES  DETECTOR  HITS  ENFORCED  COMMENT\n"
	                          "192.0.2.7  any     refuse         2  operator     0  no        -\n");
	free(text);
	count(mapping, BANK_HISTOGRAM + 9, 2);
	text = printed(mapping, show_find("counters"), (struct show){ .layout = SHOW_TABLE });
	expect_even_lines(text);
	assert_non_null(strstr(text, "\nwarden.num.queries "));
	assert_non_null(strstr(text, "warden.histogram.000000.000000512.to.000000.000001024 "));
	assert_null(strstr(text, "warden.histogram.000000.000001024.to"));
	assert_null(strstr(text, " \n"));
	free(text);
}

/* Somebody who takes the first line of a table, and then a long hold comes in the place of a short one. */
struct taker {
	struct mapping *mapping;
	char text[1024];
	size_t used;
};

static ssize_t take_text(void *arg, const char *text, size_t len)
{
	struct taker *taker = arg;
	struct hold hold = { .client = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 7 }, .verdict = WARDEN_REFUSE,
	                     .detector = HOLD_BY_OPERATOR, .expires = NOW + 100 * DAY * 365 };

	assert_true(taker->used + len < sizeof(taker->text));
	memcpy(taker->text + taker->used, text, len);
	taker->used += len;
	assert_true(hold_set(taker->mapping, 5, &hold, NOW));
	return (ssize_t)len;
}

static void test_moving_table(void **state)
{
	struct hold hold = { .client = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 7 }, .verdict = WARDEN_REFUSE,
	                     .detector = HOLD_BY_OPERATOR, .expires = NOW + 1500 };
	struct taker taker = { .mapping = *state };
	FILE *out = fopencookie(&taker, "w", (cookie_io_functions_t){ .write = take_text });
	struct show show = { .out = out, .layout = SHOW_TABLE, .now = NOW };

	assert_non_null(out);
	setvbuf(out, NULL, _IONBF, 0);
	assert_true(hold_set(taker.mapping, 5, &hold, NOW));
	assert_int_equal(show_print(show_find("holds"), taker.mapping, &show), 0);
	fclose(out);
	assert_string_equal(taker.text, "CLIENT     DOMAIN  VERDICT  EXPIRES  DETECTOR  HITS  ENFORCED  COMMENT\n"
	                                "192.0.2.7  any     refuse         2  operator     0  yes       -\n");
}

/* A domain that is longer than its slot, and a pair whose domain is forgotten. */
static void test_domains(void **state)
{
	struct mapping *mapping = *state;
	uint8_t shown[1 + DOMAIN_NAME_MAX] = { 13,  7,   'e', 'x', 'a', 'm', 'p',
		                               'l', 'e', 3,   'c', 'o', 'm', 0 };
	uint64_t key[6], pair[3] = { 0, 0, 77 };
	struct place place;
	char *text;

	memcpy(key, shown, sizeof(key));
	table_take(&mapping->domains, 77, key, NOW / SECOND, &place);
	slot_add(place.slot, DOMAIN_QUERIES, 2);
	memset(shown, 'x', sizeof(shown));
	shown[0] = 60;
	shown[1] = 3;
	shown[5] = 54;
	memcpy(key, shown, sizeof(key));
	table_take(&mapping->domains, 78, key, NOW / SECOND, &place);
	text = printed(mapping, show_find("domains"), (struct show){ 0 });
	assert_string_equal(text, "example.com queries=2 refused=0 idle=0\n"
	                          "xxx... queries=0 refused=0 idle=0\n");
	free(text);

	table_take(&mapping->pairs, 1, pair, NOW / SECOND, &place);
	slot_add(place.slot, PAIR_QUERIES, 2);
	pair[PAIR_DOMAIN] = 79;
	table_take(&mapping->pairs, 2, pair, NOW / SECOND, &place);
	text = printed(mapping, show_find("pairs"), (struct show){ 0 });
	assert_string_equal(text, ":: example.com queries=2 answers=0 refused=0 idle=0\n"
	                          ":: ? queries=0 answers=0 refused=0 idle=0\n");
	free(text);
}

static void test_holds(void **state)
{
	struct mapping *mapping = *state;
	struct hold hold = {
		.client = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 7 },
		.verdict = WARDEN_REFUSE,
		.detector = HOLD_BY_OPERATOR,
		.expires = NOW + 1500,
		.comment = "\"a\\\033[1m",
	};
	char *text;

	assert_true(hold_set(mapping, 5, &hold, NOW));
	memset(hold.client, 0, sizeof(hold.client));
	hold.detector = DETECTOR_information;
	hold.expires = NOW + 60 * SECOND;
	hold.domain_hash = 9;
	hold.name_len = 5;
	memcpy(hold.name, "\003com", 5);
	hold.comment[0] = '\0';
	assert_true(hold_set(mapping, 0, &hold, NOW));
	text = printed(mapping, show_find("holds"), (struct show){ 0 });
	assert_string_equal(
		text, "any com verdict=refuse expires=60 detector=information hits=0 comment=\"\"\n"
		      "192.0.2.7 any verdict=refuse expires=2 detector=operator hits=0 "
		      "comment=\"?a??[1m\"\n");
	free(text);
	text = printed(mapping, show_find("holds"), (struct show){ .top = 1, .dry_run = true });
	assert_string_equal(text, "any com verdict=refuse expires=60 detector=information hits=0 "
	                          "dry_run=yes comment=\"\"\n");
	free(text);
}

static void test_ranking(void **state)
{
	(void)state;
	for (uint32_t limit = 0; limit < 40; limit++) {
		struct ranking ranking;

		assert_int_equal(ranking_init(&ranking, limit), 0);
		for (uint32_t i = 0; i < 31; i++)
			ranking_offer(&ranking, i * 7 % 31 / 2, i);
		ranking_sort(&ranking);
		assert_int_equal(ranking.count, limit < 31 ? limit : 31);
		for (uint32_t i = 0; i < ranking.count; i++)
			assert_int_equal(ranking.entry[i].key, (30 - i) / 2);
		ranking_free(&ranking);
	}
}

static void test_full_disk(void **state)
{
	struct show show = { .now = NOW };

	client_add(*state, 1, 5, 1, NOW / SECOND);
	show.out = fopen("/dev/full", "w");
	assert_non_null(show.out);
	setvbuf(show.out, NULL, _IONBF, 0);
	assert_int_equal(show_clients(*state, &show), -EIO);
	fclose(show.out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_keys, mapping_setup, mapping_teardown),
		cmocka_unit_test_setup_teardown(test_parses, mapping_setup, mapping_teardown),
		cmocka_unit_test_setup_teardown(test_reset, mapping_setup, mapping_teardown),
		cmocka_unit_test_setup_teardown(test_clients, mapping_setup, mapping_teardown),
		cmocka_unit_test_setup_teardown(test_tables, mapping_setup, mapping_teardown),
		cmocka_unit_test_setup_teardown(test_moving_table, mapping_setup, mapping_teardown),
		cmocka_unit_test_setup_teardown(test_domains, mapping_setup, mapping_teardown),
		cmocka_unit_test_setup_teardown(test_holds, mapping_setup, mapping_teardown),
		cmocka_unit_test_setup_teardown(test_full_disk, mapping_setup, mapping_teardown),
		cmocka_unit_test(test_ranking),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
