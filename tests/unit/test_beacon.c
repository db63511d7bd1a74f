/* SPDX-License-Identifier: BSD-3-Clause */
/* test_beacon - what is a contact, what is heard, and all that must come together; each bound at
 * both sides. How the score is worked out is test_gaps' matter.
 */
#include <stdio.h>

#include "facts.h"

extern const struct detector detector_beacon;

enum { A = 1, TXT = 16 };
enum { REASON_HEARD, REASON_STEADY, REASON_HAND };
enum { CONTACTS, REGULARITY, MEDIAN, MINUTES };

#define TEN 10000 /* ten seconds */

/* What a series of questions has in common. */
struct series {
	struct bench bench;
	uint64_t first, began, now;
	bool novel, common;
	uint8_t path;
};

static void start(struct series *series)
{
	*series = (struct series){ .first = START, .began = START - 365 * DAY, .now = START, .novel = true };
	bench_start(&series->bench, &detector_beacon);
}

static void fill(const struct series *series, struct made *made, uint8_t what)
{
	make_question(made, series->now, "a.example.org", 1, TXT);
	made->obs.what = what;
	made->obs.path = series->path;
	made->facts.question = what & WARDEN_QUESTION;
	made->facts.answer = what & WARDEN_ANSWER;
	made->facts.novel = series->novel;
	made->facts.rare = !series->common;
	made->facts.first_asked = series->first;
	made->facts.began = series->began;
}

static struct opinion question(struct series *series)
{
	struct made made;

	fill(series, &made, WARDEN_QUESTION);
	return bench_show(&series->bench, &made.facts);
}

static struct opinion answer(struct series *series, uint32_t ttl, uint16_t count, uint8_t what)
{
	struct made made;

	fill(series, &made, what);
	made.obs.ttl = ttl;
	made.obs.answer_count = count;
	return bench_show(&series->bench, &made.facts);
}

static struct opinion question_after(struct series *series, uint64_t gap)
{
	series->now += gap;
	return question(series);
}

/* The first question, and <count> - 1 more, one each <gap>; what is said to the last of them. */
static struct opinion questions(struct series *series, unsigned count, uint64_t gap)
{
	struct opinion opinion = question(series);

	for (unsigned i = 1; i < count; i++)
		opinion = question_after(series, gap);
	return opinion;
}

/* ---- contacts -------------------------------------------------------------------- */

static void wants_eight_that_were_heard(void **state)
{
	struct opinion opinion;
	struct series series;

	(void)state;
	start(&series);
	assert_int_equal(questions(&series, 7, TEN).confidence, CONFIDENCE_NONE);
	opinion = question_after(&series, TEN);
	assert_int_equal(opinion.confidence, CONFIDENCE_HIGH);
	assert_int_equal(opinion.reason, REASON_HEARD);
	assert_int_equal(opinion.evidence[CONTACTS], 8);
	assert_int_equal(opinion.evidence[REGULARITY], 1000);
	assert_in_range(opinion.evidence[MEDIAN], TEN - 20, TEN + 20);
	assert_int_equal(opinion.evidence[MINUTES], 1);

	/* Until all eight of the last are: one known name, and seven new ones after it. */
	start(&series);
	series.novel = false;
	question(&series);
	series.novel = true;
	for (unsigned i = 0; i < 7; i++)
		assert_int_equal(question_after(&series, TEN).confidence, CONFIDENCE_NONE);
	assert_int_equal(question_after(&series, TEN).confidence, CONFIDENCE_HIGH);
}

static void wants_twelve_and_an_hour_of_others(void **state)
{
	struct opinion opinion;
	struct series series;

	(void)state;
	start(&series);
	series.novel = false;
	assert_int_equal(questions(&series, 11, 10 * MINUTE).confidence, CONFIDENCE_NONE);
	opinion = question_after(&series, 10 * MINUTE);
	assert_int_equal(opinion.confidence, CONFIDENCE_MEDIUM);
	assert_int_equal(opinion.reason, REASON_STEADY);
	assert_int_equal(opinion.evidence[CONTACTS], 12);
	assert_int_equal(opinion.evidence[MINUTES], 110);

	start(&series);
	series.novel = false;
	assert_int_equal(questions(&series, 60, MINUTE).confidence, CONFIDENCE_NONE);
	assert_int_equal(question_after(&series, MINUTE - 1).confidence, CONFIDENCE_NONE);
	start(&series);
	series.novel = false;
	opinion = questions(&series, 61, MINUTE);
	assert_int_equal(opinion.confidence, CONFIDENCE_MEDIUM);
	assert_int_equal(opinion.evidence[CONTACTS], 23);
}

/* A name new to the client that the cache answers was not heard, and nothing else there was. */
static void cached_questions_are_contacts_and_not_heard(void **state)
{
	struct series series;

	(void)state;
	start(&series);
	series.path = WARDEN_PATH_CACHE;
	assert_int_equal(questions(&series, 20, TEN).confidence, CONFIDENCE_NONE);
	assert_int_equal(answer(&series, 0, 1, WARDEN_ANSWER).confidence, CONFIDENCE_NONE);
	start(&series);
	series.path = WARDEN_PATH_CACHE;
	assert_int_equal(questions(&series, 12, 10 * MINUTE).confidence, CONFIDENCE_MEDIUM);
	for (uint8_t path = WARDEN_PATH_JOINED; path <= WARDEN_PATH_LOCAL; path += 2) {
		start(&series);
		series.path = path;
		assert_int_equal(questions(&series, 8, TEN).confidence, CONFIDENCE_HIGH);
	}
}

static void a_second_of_quiet_makes_a_contact(void **state)
{
	struct series series;

	(void)state;
	start(&series);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(question_after(&series, 999).confidence, CONFIDENCE_NONE);

	start(&series);
	assert_int_equal(questions(&series, 7, 1000).confidence, CONFIDENCE_NONE);
	assert_int_equal(question_after(&series, 1000).confidence, CONFIDENCE_HIGH);

	/* Gaps are counted from the first question of each. */
	start(&series);
	question(&series);
	for (unsigned i = 0; i < 6; i++) {
		question_after(&series, 900);
		question_after(&series, 900);
		question_after(&series, TEN - 1800);
	}
	question_after(&series, 500);
	assert_int_equal(question_after(&series, TEN - 500).confidence, CONFIDENCE_HIGH);
}

static void a_quiet_time_of_ones_own(void **state)
{
	struct series series;

	(void)state;
	start(&series);
	set_option(&detector_beacon, series.bench.config, "quiet", 10001);
	assert_int_equal(questions(&series, 100, TEN).confidence, CONFIDENCE_NONE);
	start(&series);
	set_option(&detector_beacon, series.bench.config, "quiet", 10000);
	assert_int_equal(questions(&series, 8, TEN).confidence, CONFIDENCE_HIGH);
}

/* ---- answers --------------------------------------------------------------------- */

static void answers_that_no_cache_keeps_are_heard(void **state)
{
	static const struct {
		uint32_t ttl;
		uint16_t count;
		uint8_t path, confidence;
	} cases[] = {
		{ 0, 1, WARDEN_PATH_MISS, CONFIDENCE_HIGH },
		{ 1, 1, WARDEN_PATH_MISS, CONFIDENCE_HIGH },
		{ 2, 1, WARDEN_PATH_MISS, CONFIDENCE_NONE },
		{ 0, 0, WARDEN_PATH_MISS, CONFIDENCE_NONE },
		{ 1, 1, WARDEN_PATH_CACHE, CONFIDENCE_NONE },
		{ 1, 1, WARDEN_PATH_LOCAL, CONFIDENCE_HIGH },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct series series;

		start(&series);
		series.novel = false;
		series.path = cases[i].path;
		series.now -= TEN;
		for (unsigned j = 0; j < 8; j++) {
			assert_int_equal(question_after(&series, TEN).confidence, CONFIDENCE_NONE);
			series.now += 40;
			assert_int_equal(answer(&series, cases[i].ttl, cases[i].count, WARDEN_ANSWER).confidence,
			                 j < 7 ? CONFIDENCE_NONE : cases[i].confidence);
			/* Said once for each. */
			assert_int_equal(answer(&series, cases[i].ttl, cases[i].count, WARDEN_ANSWER).confidence,
			                 CONFIDENCE_NONE);
			series.now -= 40;
		}
	}
}

/* Local and joined ones come with their question. */
static void answers_at_once(void **state)
{
	struct series series;

	(void)state;
	start(&series);
	series.novel = false;
	series.path = WARDEN_PATH_LOCAL;
	for (unsigned i = 0; i < 8; i++) {
		assert_int_equal(answer(&series, 0, 1, WARDEN_QUESTION | WARDEN_ANSWER).confidence,
		                 i < 7 ? CONFIDENCE_NONE : CONFIDENCE_HIGH);
		series.now += TEN;
	}
}

/* It is the first question of a contact whose name counts. */
static void new_names_behind_the_first(void **state)
{
	struct series series;

	(void)state;
	start(&series);
	series.path = WARDEN_PATH_LOCAL;
	for (unsigned i = 0; i < 20; i++) {
		series.novel = false;
		assert_int_equal(answer(&series, 300, 1, WARDEN_QUESTION | WARDEN_ANSWER).confidence, CONFIDENCE_NONE);
		series.novel = true;
		assert_int_equal(answer(&series, 300, 1, WARDEN_QUESTION | WARDEN_ANSWER).confidence, CONFIDENCE_NONE);
		series.now += TEN;
	}
}

static void an_answer_without_a_question_is_nothing(void **state)
{
	struct series series;

	(void)state;
	start(&series);
	for (unsigned i = 0; i < 20; i++) {
		assert_int_equal(answer(&series, 0, 1, WARDEN_ANSWER).confidence, CONFIDENCE_NONE);
		series.now += TEN;
	}
}

/* ---- the gate -------------------------------------------------------------------- */

static void only_rare_domains(void **state)
{
	struct series series;

	(void)state;
	start(&series);
	series.common = true;
	assert_int_equal(questions(&series, 30, 10 * MINUTE).confidence, CONFIDENCE_NONE);
	/* What came before it was rare is not known. */
	series.common = false;
	assert_int_equal(questions(&series, 7, TEN).confidence, CONFIDENCE_NONE);
	assert_int_equal(question_after(&series, TEN).confidence, CONFIDENCE_HIGH);
}

static void only_young_domains(void **state)
{
	struct series series;

	(void)state;
	start(&series);
	series.first = START + 7 * TEN - 7 * DAY + 1;
	assert_int_equal(questions(&series, 8, TEN).confidence, CONFIDENCE_HIGH);
	start(&series);
	series.first = START + 7 * TEN - 7 * DAY;
	assert_int_equal(questions(&series, 8, TEN).confidence, CONFIDENCE_NONE);
	/* First asked for before the clock was set back. */
	start(&series);
	series.first = START + DAY;
	assert_int_equal(questions(&series, 8, TEN).confidence, CONFIDENCE_HIGH);
}

static void says_little_while_all_is_new_to_warden(void **state)
{
	struct series series;

	(void)state;
	start(&series);
	series.novel = false;
	series.began = START - 7 * DAY + 1;
	assert_int_equal(questions(&series, 12, 10 * MINUTE).confidence, CONFIDENCE_LOW);
	start(&series);
	series.novel = false;
	series.began = START - 7 * DAY;
	assert_int_equal(questions(&series, 12, 10 * MINUTE).confidence, CONFIDENCE_MEDIUM);
	/* New names are, whoever they are new to. */
	start(&series);
	series.began = START;
	assert_int_equal(questions(&series, 8, TEN).confidence, CONFIDENCE_HIGH);
}

/* ---- regularity ------------------------------------------------------------------ */

/* Seven gaps of which the middle one is <middle>: quartiles 9 s and 11 s. */
static struct opinion skewed(uint64_t middle, unsigned option)
{
	const uint64_t gap[7] = { 9000, 9000, 9000, middle, 11000, 11000, 11000 };
	struct opinion opinion = NO_OPINION;
	struct series series;

	start(&series);
	set_option(&detector_beacon, series.bench.config, "heard-regularity", option);
	question(&series);
	for (unsigned i = 0; i < 7; i++)
		opinion = question_after(&series, gap[i]);
	return opinion;
}

static void wants_regular_gaps(void **state)
{
	struct opinion opinion = skewed(10000, 0);
	uint64_t score = opinion.evidence[REGULARITY];

	(void)state;
	/* Skewness 0, MAD/median 0.1. */
	assert_in_range(score, 940, 960);
	assert_int_equal(skewed(10000, (unsigned)score).confidence, CONFIDENCE_HIGH);
	assert_int_equal(skewed(10000, (unsigned)score + 1).confidence, CONFIDENCE_NONE);
	/* 0.1 and 0.09 are 905 thousandths, 0.35 and 0.06 are 793. */
	assert_int_equal(skewed(10100, 850).confidence, CONFIDENCE_HIGH);
	assert_int_equal(skewed(10350, 850).confidence, CONFIDENCE_NONE);
}

static void a_timer_with_jitter_is_found_and_chance_is_not(void **state)
{
	uint64_t random = 20260724;
	unsigned timers = 0, others = 0;

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		struct series timer, other;
		bool timer_found = false, other_found = false;

		start(&timer);
		start(&other);
		for (unsigned j = 0; j < 60; j++) {
			uint64_t step, pause = 1000;

			random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
			step = 24000 + (random >> 33) % 12001;
			timer_found |= question_after(&timer, step).confidence == CONFIDENCE_HIGH;
			/* Each second the same chance. */
			do {
				random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
				pause += 1000;
			} while ((random >> 33) % 30);
			other_found |= question_after(&other, pause).confidence == CONFIDENCE_HIGH;
		}
		timers += timer_found;
		others += other_found;
	}
	print_message("of 200 timers with a fifth of jitter %u are found, of 200 without a timer %u\n", timers,
	              others);
	assert_in_range(timers, 198, 200);
	assert_in_range(others, 0, 20);
}

/* Gaps of which most are short and some are long, in a scale of <scale> milliseconds as the median. */
static struct opinion typed(struct series *series, unsigned count, uint64_t scale)
{
	static const unsigned parts[] = { 10, 4, 90, 10, 3, 30, 10, 120, 5, 10, 60 };
	struct opinion opinion = question(series);

	for (unsigned i = 1; i < count; i++)
		opinion = question_after(series, scale * parts[(i - 1) % 11] / 10);
	return opinion;
}

static void somebody_types(void **state)
{
	struct opinion opinion;
	struct series series;

	(void)state;
	start(&series);
	assert_int_equal(typed(&series, 11, 5000).confidence, CONFIDENCE_NONE);
	start(&series);
	opinion = typed(&series, 12, 5000);
	assert_int_equal(opinion.confidence, CONFIDENCE_LOW);
	assert_int_equal(opinion.reason, REASON_HAND);
	assert_true(opinion.evidence[REGULARITY] < 800);
	assert_in_range(opinion.evidence[MEDIAN], 4980, 5020);

	/* Names that are not new, a pace that is not a person's, a domain that others ask for. */
	start(&series);
	series.novel = false;
	assert_int_equal(typed(&series, 22, 5000).confidence, CONFIDENCE_NONE);
	start(&series);
	assert_int_equal(typed(&series, 12, 59800).confidence, CONFIDENCE_LOW);
	start(&series);
	assert_int_equal(typed(&series, 12, 60200).confidence, CONFIDENCE_NONE);
	start(&series);
	series.common = true;
	assert_int_equal(typed(&series, 22, 5000).confidence, CONFIDENCE_NONE);
	start(&series);
	set_option(&detector_beacon, series.bench.config, "pace", 0);
	assert_int_equal(typed(&series, 22, 5000).confidence, CONFIDENCE_NONE);
}

static void old_gaps_fade(void **state)
{
	uint64_t gap = SECOND;
	struct series series;
	unsigned more = 0;

	(void)state;
	start(&series);
	question(&series);
	for (unsigned i = 0; i < 40; i++, gap += gap / 4)
		question_after(&series, gap % DAY + SECOND);
	series.first = series.now;
	while (more < 40 && question_after(&series, TEN).confidence != CONFIDENCE_HIGH)
		more++;
	assert_in_range(more, 8, 21);
}

/* ---- time ------------------------------------------------------------------------ */

static void starts_anew_when_the_clock_steps_back(void **state)
{
	struct series series;

	(void)state;
	start(&series);
	questions(&series, 7, TEN);
	series.now -= HOUR;
	for (unsigned i = 0; i < 7; i++)
		assert_int_equal(question_after(&series, TEN).confidence, CONFIDENCE_NONE);
	assert_int_equal(question_after(&series, TEN).confidence, CONFIDENCE_HIGH);

	/* Threads that disagree a little do not. */
	start(&series);
	questions(&series, 7, TEN);
	series.now -= 2000;
	assert_int_equal(question(&series).confidence, CONFIDENCE_NONE);
	assert_int_equal(question_after(&series, 2999).confidence, CONFIDENCE_NONE);
	series.now -= 999;
	assert_int_equal(question_after(&series, TEN).confidence, CONFIDENCE_HIGH);
}

static void starts_anew_after_a_long_silence(void **state)
{
	static const struct {
		uint64_t silence;
		uint8_t confidence;
	} cases[] = {
		{ SECOND << 20, CONFIDENCE_HIGH },
		{ (SECOND << 20) + 1, CONFIDENCE_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct series series;

		start(&series);
		questions(&series, 7, TEN);
		series.first = series.now += cases[i].silence;
		assert_int_equal(question(&series).confidence, cases[i].confidence);
	}
}

static void survives_any_octets(void **state)
{
	uint64_t random = 1;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		struct opinion opinion;
		struct series series;

		start(&series);
		for (unsigned j = 0; j < 6; j++)
			series.bench.pair[j] = random = random * UINT64_C(6364136223846793005) + 1;
		if (i % 2)
			series.bench.pair[0] = START - i;
		opinion = question_after(&series, TEN);
		assert_in_range(opinion.confidence, CONFIDENCE_NONE, CONFIDENCE_HIGH);
		assert_in_range(opinion.evidence[REGULARITY], 0, 1000);
	}
}

static void contacts_saturate(void **state)
{
	struct series series;

	(void)state;
	start(&series);
	for (unsigned i = 0; i < 1000; i++) {
		struct opinion opinion = question_after(&series, TEN);

		assert_int_equal(opinion.confidence, i < 7 ? CONFIDENCE_NONE : CONFIDENCE_HIGH);
	}
}

static void checks_its_options(void **state)
{
	struct bench bench;
	char error[200] = "";

	(void)state;
	bench_start(&bench, &detector_beacon);
	assert_true(detector_beacon.check(bench.config, error, sizeof(error)));
	set_option(&detector_beacon, bench.config, "young", HOUR);
	assert_false(detector_beacon.check(bench.config, error, sizeof(error)));
	assert_non_null(strstr(error, "span"));
	set_option(&detector_beacon, bench.config, "young", HOUR + 1);
	assert_true(detector_beacon.check(bench.config, error, sizeof(error)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wants_eight_that_were_heard),
		cmocka_unit_test(wants_twelve_and_an_hour_of_others),
		cmocka_unit_test(cached_questions_are_contacts_and_not_heard),
		cmocka_unit_test(a_second_of_quiet_makes_a_contact),
		cmocka_unit_test(a_quiet_time_of_ones_own),
		cmocka_unit_test(answers_that_no_cache_keeps_are_heard),
		cmocka_unit_test(answers_at_once),
		cmocka_unit_test(new_names_behind_the_first),
		cmocka_unit_test(an_answer_without_a_question_is_nothing),
		cmocka_unit_test(only_rare_domains),
		cmocka_unit_test(only_young_domains),
		cmocka_unit_test(says_little_while_all_is_new_to_warden),
		cmocka_unit_test(wants_regular_gaps),
		cmocka_unit_test(a_timer_with_jitter_is_found_and_chance_is_not),
		cmocka_unit_test(somebody_types),
		cmocka_unit_test(old_gaps_fade),
		cmocka_unit_test(starts_anew_when_the_clock_steps_back),
		cmocka_unit_test(starts_anew_after_a_long_silence),
		cmocka_unit_test(survives_any_octets),
		cmocka_unit_test(contacts_saturate),
		cmocka_unit_test(checks_its_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
