/* SPDX-License-Identifier: BSD-3-Clause */
/* test_resolver_bypass - the names, and a silence at both sides of each of its bounds. */
#include "base/clock.h"
#include "facts.h"

extern const struct detector detector_resolver_bypass;

enum { A = 1, SVCB = 64, HTTPS = 65 };
enum { REASON_LISTED, REASON_CANARY, REASON_DISCOVERY, REASON_SILENCE };
enum { QUIET = EVIDENCE_TEXT_WORDS, STEADY };

#define WINDOW (10 * MINUTE)

static const struct listing relay = {
	.list = "resolver-bypass", .note = "Apple Private Relay", .detector = DETECTOR_resolver_bypass,
};

static uint64_t before; /* when the client was seen last; 0: never */
static uint64_t misses;

static void start(struct bench *bench)
{
	bench_start(bench, &detector_resolver_bypass);
	before = misses = 0;
}

static struct opinion ask_by(struct bench *bench, uint64_t now, const char *name, uint16_t qtype, uint8_t path)
{
	struct made made;
	struct facts *facts = make_question(&made, now, name, 1, qtype);

	made.obs.path = path;
	facts->idle = before && now > before ? (uint32_t)((now - before) / SECOND) : 0;
	before = now;
	facts->nth = path == WARDEN_PATH_MISS ? ++misses : 5;
	if (!strcmp(name, "mask.icloud.com")) {
		facts->listed = &relay;
		facts->listed_count = 1;
	}
	return bench_show(bench, facts);
}

static struct opinion ask(struct bench *bench, uint64_t now, const char *name, uint16_t qtype)
{
	return ask_by(bench, now, name, qtype, WARDEN_PATH_MISS);
}

static struct opinion silence_after(struct bench *bench, uint64_t now)
{
	ask(bench, now, "mask.icloud.com", A);
	return ask(bench, now + HOUR, "www.example.org", A);
}

static void knows_names(void **state)
{
	static const struct {
		const char *name;
		uint16_t qtype;
		uint8_t confidence, reason;
	} cases[] = {
		{ "mask.icloud.com", A, CONFIDENCE_HIGH, REASON_LISTED },
		{ "mask.icloud.com", HTTPS, CONFIDENCE_HIGH, REASON_LISTED },
		{ "use-application-dns.net", A, CONFIDENCE_HIGH, REASON_CANARY },
		{ "USE-application-dns.NET", HTTPS, CONFIDENCE_HIGH, REASON_CANARY },
		{ "www.use-application-dns.net", A, CONFIDENCE_NONE, 0 },
		{ "reuse-application-dns.net", A, CONFIDENCE_NONE, 0 },
		{ "use-application-dns.org", A, CONFIDENCE_NONE, 0 },
		{ "_dns.resolver.arpa", SVCB, CONFIDENCE_LOW, REASON_DISCOVERY },
		{ "_dns.resolver.arpa", A, CONFIDENCE_NONE, 0 },
		{ "resolver.arpa", SVCB, CONFIDENCE_NONE, 0 },
		{ "a._dns.resolver.arpa", SVCB, CONFIDENCE_NONE, 0 },
		{ "www.icloud.com", A, CONFIDENCE_NONE, 0 },
		{ ".", A, CONFIDENCE_NONE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct opinion opinion;
		struct bench bench;

		start(&bench);
		opinion = ask(&bench, START, cases[i].name, cases[i].qtype);
		assert_int_equal(opinion.confidence, cases[i].confidence);
		if (cases[i].confidence)
			assert_int_equal(opinion.reason, cases[i].reason);
		assert_string_equal((const char *)opinion.evidence,
		                    cases[i].confidence && cases[i].reason == REASON_LISTED ? relay.note : "");
	}
}

static void canary_is_an_option(void **state)
{
	struct bench bench;

	(void)state;
	start(&bench);
	set_option(&detector_resolver_bypass, bench.config, "canary", 0);
	assert_int_equal(ask(&bench, START, "use-application-dns.net", A).confidence, CONFIDENCE_NONE);
	assert_int_equal(ask(&bench, START, "mask.icloud.com", A).confidence, CONFIDENCE_HIGH);
}

static void other_lists_are_not_ours(void **state)
{
	struct listing listing = relay;
	struct bench bench;
	struct made made;
	struct facts *facts = make_question(&made, START, "www.example.org", 1, A);

	(void)state;
	start(&bench);
	listing.detector = DETECTOR_list;
	facts->listed = &listing;
	facts->listed_count = 1;
	assert_int_equal(bench_show(&bench, facts).confidence, CONFIDENCE_NONE);
}

/* Windows with so many questions, the name so long after the last of them, and so long until the last
 * question before the silence, which then lasts so long.
 */
struct course {
	unsigned windows, questions, last;
	uint64_t after, silence;
	const char *name;
	uint8_t confidence;
};

static struct opinion play(struct bench *bench, const struct course *course)
{
	/* The first window begins with the fifth question. */
	uint64_t now = START + course->windows * WINDOW + 5 * SECOND;

	start(bench);
	for (unsigned i = 0; i < course->windows; i++)
		for (unsigned j = 0; j < (i + 1 < course->windows ? course->questions : course->last); j++)
			ask(bench, START + i * WINDOW + j * SECOND, "www.example.org", A);
	ask(bench, now, course->name, SVCB);
	now += course->after;
	if (course->after)
		ask(bench, now, "www.example.org", A);
	return ask(bench, now + course->silence, "www.example.org", A);
}

static void tells_of_silence(void **state)
{
	static const struct course cases[] = {
		{ 3, 20, 20, 0, HOUR, "mask.icloud.com", CONFIDENCE_LOW },
		{ 3, 20, 20, 0, HOUR, "use-application-dns.net", CONFIDENCE_LOW },
		{ 3, 20, 20, 0, HOUR, "_dns.resolver.arpa", CONFIDENCE_LOW },
		{ 9, 20, 20, 0, HOUR, "mask.icloud.com", CONFIDENCE_LOW },
		/* No such name. */
		{ 3, 20, 20, 0, HOUR, "www.icloud.com", CONFIDENCE_NONE },
		/* How long. */
		{ 3, 20, 20, 0, HOUR - SECOND, "mask.icloud.com", CONFIDENCE_NONE },
		{ 3, 20, 20, 0, 12 * HOUR - SECOND, "mask.icloud.com", CONFIDENCE_LOW },
		{ 3, 20, 20, 0, 12 * HOUR, "mask.icloud.com", CONFIDENCE_NONE },
		/* How soon. */
		{ 3, 20, 20, MINUTE, HOUR, "mask.icloud.com", CONFIDENCE_LOW },
		{ 3, 20, 20, MINUTE + SECOND, HOUR, "mask.icloud.com", CONFIDENCE_NONE },
		/* How steadily before. */
		{ 3, 19, 20, 0, HOUR, "mask.icloud.com", CONFIDENCE_NONE },
		{ 3, 20, 19, 0, HOUR, "mask.icloud.com", CONFIDENCE_NONE },
		{ 2, 20, 20, 0, HOUR, "mask.icloud.com", CONFIDENCE_NONE },
		{ 2, 900, 600, 0, HOUR, "mask.icloud.com", CONFIDENCE_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct bench bench;
		struct opinion opinion = play(&bench, &cases[i]);

		if (opinion.confidence != cases[i].confidence)
			fail_msg("case %zu", i);
		if (!opinion.confidence)
			continue;
		assert_int_equal(opinion.reason, REASON_SILENCE);
		assert_int_equal(opinion.evidence[QUIET], cases[i].silence / MINUTE);
		assert_int_equal(opinion.evidence[STEADY], cases[i].windows);
		/* Once. */
		assert_int_equal(ask(&bench, before + HOUR, "www.example.org", A).confidence, CONFIDENCE_NONE);
	}
}

/* What the cache answers is no sign of steadiness, for it would cost too much to count; but who asks for it
 * is not silent.
 */
static void cached_questions_end_a_silence(void **state)
{
	static const struct course steadily = { 3, 20, 20, 0, SECOND, "mask.icloud.com", CONFIDENCE_NONE };
	struct opinion opinion = NO_OPINION;
	struct bench bench;

	(void)state;
	play(&bench, &steadily);
	ask_by(&bench, before + HOUR / 2, "www.example.org", A, WARDEN_PATH_CACHE);
	assert_int_equal(ask(&bench, before + HOUR / 2, "www.example.org", A).confidence, CONFIDENCE_NONE);
	play(&bench, &steadily);
	opinion = ask_by(&bench, before + HOUR, "www.example.org", A, WARDEN_PATH_CACHE);
	assert_int_equal(opinion.confidence, CONFIDENCE_LOW);

	start(&bench);
	for (unsigned i = 0; i < 80; i++)
		ask_by(&bench, START + i * MINUTE / 2, "www.example.org", A, WARDEN_PATH_CACHE);
	assert_int_equal(silence_after(&bench, before).confidence, CONFIDENCE_NONE);
}

/* A window without a question is not one with enough. */
static void a_pause_begins_anew(void **state)
{
	static const struct {
		uint64_t pause;
		uint8_t confidence;
	} cases[] = { { 2 * WINDOW - SECOND, CONFIDENCE_LOW }, { 2 * WINDOW, CONFIDENCE_NONE } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct bench bench;

		start(&bench);
		for (unsigned j = 0; j < 60; j++)
			ask(&bench, START + j / 20 * WINDOW, "www.example.org", A);
		assert_int_equal(silence_after(&bench, START + 2 * WINDOW + cases[i].pause).confidence,
		                 cases[i].confidence);
	}
}

static void clock_back_begins_anew(void **state)
{
	static const struct course steadily = { 3, 20, 20, 0, 0, "mask.icloud.com", CONFIDENCE_NONE };
	struct bench bench;

	(void)state;
	play(&bench, &steadily);
	assert_int_equal(ask(&bench, START - DAY, "www.example.org", A).confidence, CONFIDENCE_NONE);
	assert_int_equal(silence_after(&bench, START - DAY).confidence, CONFIDENCE_NONE);
}

static void silence_is_an_option(void **state)
{
	struct bench bench;

	(void)state;
	start(&bench);
	set_option(&detector_resolver_bypass, bench.config, "quiet", 0);
	for (unsigned i = 0; i < 80; i++)
		ask(&bench, START + i * MINUTE / 2, i == 79 ? "mask.icloud.com" : "www.example.org", A);
	assert_int_equal(ask(&bench, START + 2 * HOUR, "www.example.org", A).confidence, CONFIDENCE_NONE);
	assert_int_equal(ask(&bench, START + 2 * HOUR, "mask.icloud.com", A).confidence, CONFIDENCE_HIGH);
}

static void survives_any_octets(void **state)
{
	uint64_t x = 88172645463325252u;
	struct bench bench;

	(void)state;
	start(&bench);
	for (unsigned i = 0; i < 10000; i++) {
		for (unsigned j = 0; j < 2; j++) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			bench.client[j] = i == 0 ? UINT64_MAX : x;
		}
		assert_in_range(ask(&bench, START, i % 2 ? "mask.icloud.com" : "www.example.org", A).confidence,
		                CONFIDENCE_NONE, CONFIDENCE_HIGH);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_names),
		cmocka_unit_test(canary_is_an_option),
		cmocka_unit_test(other_lists_are_not_ours),
		cmocka_unit_test(tells_of_silence),
		cmocka_unit_test(cached_questions_end_a_silence),
		cmocka_unit_test(a_pause_begins_anew),
		cmocka_unit_test(clock_back_begins_anew),
		cmocka_unit_test(silence_is_an_option),
		cmocka_unit_test(survives_any_octets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
