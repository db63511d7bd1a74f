/* SPDX-License-Identifier: BSD-3-Clause */
/* test_answer_place - the lists of what is denied, what is told, and when nothing is looked at. Edges of
 * networks, and firsts, are in the scenarios.
 */
#include <stdio.h>

#include "base/clock.h"
#include "facts.h"

extern const struct detector detector_answer_place;

enum { A = 1, TXT = 16, AAAA = 28 };
enum { ADDRESS, SYSTEM = 2, COUNTRY };
enum { REASON_NETWORK, REASON_SYSTEM, REASON_COUNTRY, REASON_FIRST_SYSTEM, REASON_FIRST_COUNTRY };

static const uint8_t first[4] = { 192, 0, 2, 1 }, second[4] = { 203, 0, 113, 1 };
static const uint8_t mapped[16] = { [10] = 0xff, 0xff, 203, 0, 113, 1 };
static const struct warden_record records[] = {
	{ .type = A, .rdata = first, .rdata_len = 4 }, { .type = A, .rdata = second, .rdata_len = 4 },
};
static const struct location locations[] = {
	{ .asn = 64496, .country = "XA", .record = 0 }, { .asn = 64498, .country = "XC", .record = 1 },
};

struct scene {
	struct bench bench;
	struct made made;
};

static void start(struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	bench_start(&scene->bench, &detector_answer_place);
}

static void end(struct scene *scene)
{
	option_free(detector_answer_place.options, scene->bench.config);
}

static bool set(struct scene *scene, const char *key, const char *value, char *error, size_t error_len)
{
	const struct option *row = option_find(detector_answer_place.options, key);

	assert_true(option_set(row, scene->bench.config, value, NULL, 0, error, error_len));
	return detector_answer_place.prepare(scene->bench.config, error, error_len);
}

static struct facts *answer(struct scene *scene)
{
	struct facts *facts = make_question(&scene->made, START, "www.example.com", 1, A);

	facts->question = false;
	facts->answer = true;
	facts->locations = locations;
	facts->location_count = 2;
	scene->made.obs.what = WARDEN_ANSWER;
	scene->made.obs.records = records;
	scene->made.obs.record_count = 2;
	return facts;
}

static void tells_what_is_denied(void **state)
{
	static const struct {
		const char *key, *value;
		uint8_t reason;
	} cases[] = {
		{ "deny-network", "203.0.113.1", REASON_NETWORK },
		{ "deny-network", "::ffff:203.0.113.0/120", REASON_NETWORK },
		{ "deny-asn", "64498", REASON_SYSTEM },
		{ "deny-country", "XC", REASON_COUNTRY },
	};
	char error[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct opinion opinion;
		struct scene scene;
		struct facts *facts;

		start(&scene);
		assert_true(set(&scene, cases[i].key, cases[i].value, error, sizeof(error)));
		opinion = bench_show(&scene.bench, answer(&scene));
		assert_int_equal(opinion.confidence, CONFIDENCE_HIGH);
		assert_int_equal(opinion.reason, cases[i].reason);
		assert_memory_equal(&opinion.evidence[ADDRESS], mapped, 16);
		assert_int_equal(opinion.evidence[SYSTEM], 64498);
		assert_string_equal((char *)&opinion.evidence[COUNTRY], "XC");
		/* The first record alone is not denied. */
		facts = answer(&scene);
		facts->location_count = 1;
		scene.made.obs.record_count = 1;
		assert_int_equal(bench_show(&scene.bench, facts).confidence, CONFIDENCE_NONE);
		end(&scene);
	}
}

/* What no database knows is in no country and no system, so it is neither denied nor a first. */
static void unknown_places_are_nowhere(void **state)
{
	static const struct location nowhere = { .record = 0 };
	struct scene scene;
	struct facts *facts;
	char error[256];

	(void)state;
	start(&scene);
	set(&scene, "first-asn", "yes", error, sizeof(error));
	set(&scene, "first-country", "yes", error, sizeof(error));
	assert_true(set(&scene, "learn", "0", error, sizeof(error)));
	facts = answer(&scene);
	facts->locations = &nowhere;
	facts->location_count = 1;
	assert_int_equal(bench_show(&scene.bench, facts).confidence, CONFIDENCE_NONE);
	facts->location_count = 0;
	assert_int_equal(bench_show(&scene.bench, facts).confidence, CONFIDENCE_NONE);
	end(&scene);
}

static void firsts_are_low(void **state)
{
	uint64_t key[RECALL_MAX];
	struct scene scene;
	struct facts *facts;
	char error[256];

	(void)state;
	start(&scene);
	set(&scene, "first-asn", "yes", error, sizeof(error));
	assert_true(set(&scene, "learn", "0", error, sizeof(error)));
	facts = answer(&scene);
	assert_int_equal(detector_answer_place.recall(scene.bench.config, facts, key), 4);
	facts->recalled = 0xf & ~(1u << 3); /* a country does not count */
	assert_int_equal(bench_show(&scene.bench, facts).confidence, CONFIDENCE_NONE);
	facts->recalled = 0xf & ~(1u << 2);
	assert_int_equal(bench_show(&scene.bench, facts).confidence, CONFIDENCE_LOW);
	assert_int_equal(bench_show(&scene.bench, facts).reason, REASON_FIRST_SYSTEM);
	assert_int_equal(bench_show(&scene.bench, facts).evidence[SYSTEM], 64498);
	/* Any octets in the state: of the future, learning begins now. */
	set(&scene, "learn", "1d", error, sizeof(error));
	scene.bench.client[0] = UINT64_MAX;
	assert_int_equal(bench_show(&scene.bench, facts).confidence, CONFIDENCE_NONE);
	assert_int_equal(scene.bench.client[0], START);
	scene.bench.client[0] = START - DAY;
	assert_int_equal(bench_show(&scene.bench, facts).confidence, CONFIDENCE_LOW);
	end(&scene);
}

static void looks_at_nothing_unless_told(void **state)
{
	struct scene scene;
	struct facts *facts;
	uint64_t key[RECALL_MAX];
	char error[256];

	(void)state;
	start(&scene);
	assert_true(detector_answer_place.prepare(scene.bench.config, error, sizeof(error)));
	assert_false(detector_answer_place.relevant(scene.bench.config, answer(&scene)));
	assert_true(set(&scene, "deny-asn", "1", error, sizeof(error)));
	assert_true(detector_answer_place.relevant(scene.bench.config, answer(&scene)));
	assert_int_equal(detector_answer_place.recall(scene.bench.config, answer(&scene), key), 0);
	facts = answer(&scene);
	facts->answer = false;
	assert_false(detector_answer_place.relevant(scene.bench.config, facts));
	facts = answer(&scene);
	scene.made.obs.record_count = 0;
	assert_false(detector_answer_place.relevant(scene.bench.config, facts));
	end(&scene);
}

static void checks_its_lists(void **state)
{
	static const struct {
		const char *key, *value;
		bool fine;
	} cases[] = {
		{ "deny-network", "192.0.2.0/33", false }, { "deny-network", "192.0.2.0/32", true },
		{ "deny-network", "example.com", false },  { "deny-network", "::/0", true },
		{ "deny-asn", "0", false },                { "deny-asn", "1", true },
		{ "deny-asn", "4294967295", true },        { "deny-asn", "4294967296", false },
		{ "deny-asn", "99999999999999999999999", false },
		{ "deny-asn", "AS1", false },              { "deny-asn", "-1", false },
		{ "deny-asn", "1x", false },               { "deny-asn", "", false },
		{ "deny-country", "X", false },            { "deny-country", "XAA", false },
		{ "deny-country", "", false },             { "deny-country", "x1", false },
		{ "deny-country", "zz", true },            { "deny-country", "[A", false },
	};
	struct scene scene;
	char error[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		start(&scene);
		error[0] = '\0';
		assert_int_equal(set(&scene, cases[i].key, cases[i].value, error, sizeof(error)), cases[i].fine);
		assert_int_equal(!strncmp(error, cases[i].key, strlen(cases[i].key)), !cases[i].fine);
		end(&scene);
	}
	start(&scene);
	for (unsigned i = 0; i < 64; i++) {
		assert_true(set(&scene, "deny-asn", "64498", error, sizeof(error)));
		assert_true(set(&scene, "deny-network", "10.0.0.1", error, sizeof(error)));
	}
	assert_false(set(&scene, "deny-asn", "64498", error, sizeof(error)));
	assert_string_equal(error, "deny-asn: more than 64");
	assert_false(set(&scene, "deny-network", "10.0.0.1", error, sizeof(error)));
	assert_string_equal(error, "deny-network: more than 64");
	end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_what_is_denied),
		cmocka_unit_test(unknown_places_are_nowhere),
		cmocka_unit_test(firsts_are_low),
		cmocka_unit_test(looks_at_nothing_unless_told),
		cmocka_unit_test(checks_its_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
