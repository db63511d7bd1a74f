/* SPDX-License-Identifier: BSD-3-Clause */
/* test_record_change - the keys of each kind of record, what is told, and the options. What comes of
 * one answer after the other is in the scenarios.
 */
#include <stdio.h>

#include "base/clock.h"
#include "facts.h"

extern const struct detector detector_record_change;

enum { A = 1, NS = 2, CNAME = 5, MX = 15, TXT = 16 };
enum { TYPE, ADDRESS, VALUE = 3, SYSTEM = 6 };

#define RECORD(type_, data) { .type = type_, .rdata = (const uint8_t *)(data), .rdata_len = sizeof(data) - 1 }

struct scene {
	struct bench bench;
	struct made made;
	struct location location;
};

static bool watch(struct scene *scene, const char *name, char *error, size_t error_len)
{
	const struct option *row = option_find(detector_record_change.options, "watch");

	assert_true(option_set(row, scene->bench.config, name, NULL, 0, error, error_len));
	return detector_record_change.prepare(scene->bench.config, error, error_len);
}

static void start(struct scene *scene)
{
	char error[256];

	memset(scene, 0, sizeof(*scene));
	bench_start(&scene->bench, &detector_record_change);
	set_option(&detector_record_change, scene->bench.config, "learn", 0);
	assert_true(watch(scene, "www.Example.com", error, sizeof(error)));
}

static void end(struct scene *scene)
{
	option_free(detector_record_change.options, scene->bench.config);
}

static struct facts *answer(struct scene *scene, const char *name, const struct warden_record *record,
                            unsigned count)
{
	struct facts *facts = make_question(&scene->made, START, name, 1, A);

	facts->question = false;
	facts->answer = true;
	facts->name_hash = 7;
	facts->recalled = 1; /* the name alone */
	scene->made.obs.what = WARDEN_ANSWER;
	scene->made.obs.records = record;
	scene->made.obs.record_count = count;
	return facts;
}

static void tells_the_record(void **state)
{
	const struct warden_record address = RECORD(A, "\313\0\161\1"), mail = RECORD(MX, "\0\12\2mx\4EVIL\0");
	struct opinion opinion;
	struct facts *facts;
	struct scene scene;

	(void)state;
	start(&scene);
	facts = answer(&scene, "WWW.example.com", &address, 1);
	opinion = bench_show(&scene.bench, facts);
	assert_int_equal(opinion.confidence, CONFIDENCE_MEDIUM);
	assert_int_equal(opinion.evidence[TYPE], A);
	assert_memory_equal((uint8_t *)&opinion.evidence[ADDRESS] + 10, "\377\377\313\0\161\1", 6);
	assert_string_equal((char *)&opinion.evidence[VALUE], "");
	scene.location.asn = 64496;
	facts->locations = &scene.location;
	facts->location_count = 1;
	opinion = bench_show(&scene.bench, facts);
	assert_int_equal(opinion.confidence, CONFIDENCE_HIGH);
	assert_int_equal(opinion.evidence[SYSTEM], 64496);
	opinion = bench_show(&scene.bench, answer(&scene, "www.example.com", &mail, 1));
	assert_int_equal(opinion.confidence, CONFIDENCE_HIGH);
	assert_int_equal(opinion.evidence[TYPE], MX);
	assert_string_equal((char *)&opinion.evidence[VALUE], "mx.evil");
	end(&scene);
}

/* Any key that is known makes the record known; of two records either may speak. */
static void one_known_key_is_enough(void **state)
{
	const struct warden_record records[] = { RECORD(A, "\313\0\161\1"), RECORD(TXT, "x"), RECORD(NS, "\2ns\0") };
	uint64_t key[RECALL_MAX];
	struct facts *facts;
	struct scene scene;

	(void)state;
	start(&scene);
	facts = answer(&scene, "www.example.com", records, 3);
	assert_int_equal(detector_record_change.recall(scene.bench.config, facts, key), 7);
	for (unsigned i = 0; i < 7; i++)
		for (unsigned j = 0; j < i; j++)
			assert_int_not_equal(key[i], key[j]);
	for (unsigned i = 0; i < 3; i++) {
		facts->recalled = 1u | 1u << (1 + i);
		assert_int_equal(bench_show(&scene.bench, facts).evidence[TYPE], NS);
		facts->recalled |= 1u << (4 + i);
		assert_int_equal(bench_show(&scene.bench, facts).confidence, CONFIDENCE_NONE);
	}
	facts->recalled = 1u | 7u << 4;
	assert_int_equal(bench_show(&scene.bench, facts).evidence[TYPE], A);
	/* A name that is not known says nothing. */
	facts->recalled = 0;
	assert_int_equal(bench_show(&scene.bench, facts).confidence, CONFIDENCE_NONE);
	end(&scene);
}

/* The preference of a mail server is not its name. */
static void keys_are_of_what_matters(void **state)
{
	const struct warden_record mail[] = { RECORD(MX, "\0\12\2mx\0"), RECORD(MX, "\0\24\2MX\0"), RECORD(MX, "\0\12\2my\0") };
	uint64_t key[3][RECALL_MAX];
	struct scene scene;

	(void)state;
	start(&scene);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(detector_record_change.recall(scene.bench.config,
		                                               answer(&scene, "www.example.com", &mail[i], 1), key[i]), 4);
	assert_memory_equal(key[0], key[1], 4 * sizeof(uint64_t));
	assert_int_not_equal(key[0][1], key[2][1]);
	end(&scene);
}

static void broken_and_many_records(void **state)
{
	const struct warden_record broken[] = {
		RECORD(NS, ""), RECORD(MX, "\0"), RECORD(MX, "\0\12"), RECORD(CNAME, "\77x"), RECORD(A, "\1\2\3"),
		RECORD(NS, "\2ns\0x"),
	};
	struct warden_record many[40];
	uint64_t key[RECALL_MAX];
	uint8_t rdata[40][4];
	struct facts *facts;
	struct scene scene;

	(void)state;
	start(&scene);
	facts = answer(&scene, "www.example.com", broken, 6);
	assert_int_equal(detector_record_change.recall(scene.bench.config, facts, key), 1);
	assert_int_equal(bench_show(&scene.bench, facts).confidence, CONFIDENCE_NONE);
	for (uint8_t i = 0; i < 40; i++) {
		memcpy(rdata[i], (uint8_t[]){ 203, 0, i, 1 }, 4);
		many[i] = (struct warden_record){ .type = A, .rdata = rdata[i], .rdata_len = 4 };
	}
	facts = answer(&scene, "www.example.com", many, 40);
	assert_int_equal(detector_record_change.recall(scene.bench.config, facts, key), 31);
	/* What is not asked about is not told. */
	facts->recalled = (UINT32_C(1) << 31) - 1;
	assert_int_equal(bench_show(&scene.bench, facts).confidence, CONFIDENCE_NONE);
	facts->recalled &= ~(7u << 28);
	assert_memory_equal((uint8_t *)&bench_show(&scene.bench, facts).evidence[ADDRESS] + 12, rdata[9], 4);
	end(&scene);
}

static void only_what_is_watched_is_relevant(void **state)
{
	const struct warden_record record = RECORD(A, "\313\0\161\1");
	struct scene scene;
	struct facts *facts;

	(void)state;
	start(&scene);
	assert_true(detector_record_change.relevant(scene.bench.config, answer(&scene, "www.example.com", &record, 1)));
	assert_false(detector_record_change.relevant(scene.bench.config, answer(&scene, "www.example.com", NULL, 0)));
	assert_false(detector_record_change.relevant(scene.bench.config, answer(&scene, "example.com", &record, 1)));
	assert_false(detector_record_change.relevant(scene.bench.config, answer(&scene, "a.www.example.com", &record, 1)));
	facts = answer(&scene, "www.example.com", &record, 1);
	facts->answer = false;
	assert_false(detector_record_change.relevant(scene.bench.config, facts));
	end(&scene);
}

static void survives_any_state(void **state)
{
	const struct warden_record record = RECORD(A, "\313\0\161\1");
	struct scene scene;

	(void)state;
	start(&scene);
	set_option(&detector_record_change, scene.bench.config, "learn", DAY);
	/* Of the future: learning begins now. */
	scene.bench.domain[0] = UINT64_MAX;
	assert_int_equal(bench_show(&scene.bench, answer(&scene, "www.example.com", &record, 1)).confidence, CONFIDENCE_NONE);
	assert_int_equal(scene.bench.domain[0], START);
	scene.bench.domain[0] = START - DAY + 1;
	assert_int_equal(bench_show(&scene.bench, answer(&scene, "www.example.com", &record, 1)).confidence, CONFIDENCE_NONE);
	scene.bench.domain[0] = START - DAY;
	assert_int_equal(bench_show(&scene.bench, answer(&scene, "www.example.com", &record, 1)).confidence, CONFIDENCE_MEDIUM);
	end(&scene);
}

static void checks_its_names(void **state)
{
	char error[256], name[32];
	struct scene scene;

	(void)state;
	start(&scene);
	for (unsigned i = 2; i <= 64; i++) {
		snprintf(name, sizeof(name), "n%u.example.com", i);
		assert_true(watch(&scene, name, error, sizeof(error)));
	}
	assert_true(detector_record_change.relevant(
		scene.bench.config,
		answer(&scene, "n64.example.com", &(struct warden_record)RECORD(A, "\1\2\3\4"), 1)));
	assert_false(watch(&scene, "n65.example.com", error, sizeof(error)));
	assert_string_equal(error, "watch: more than 64 names");
	end(&scene);
	start(&scene);
	assert_false(watch(&scene, "a..b", error, sizeof(error)));
	assert_string_equal(error, "watch: 'a..b' is not a domain name like example.org");
	end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_the_record),
		cmocka_unit_test(one_known_key_is_enough),
		cmocka_unit_test(keys_are_of_what_matters),
		cmocka_unit_test(broken_and_many_records),
		cmocka_unit_test(only_what_is_watched_is_relevant),
		cmocka_unit_test(survives_any_state),
		cmocka_unit_test(checks_its_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
