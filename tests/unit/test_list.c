/* SPDX-License-Identifier: BSD-3-Clause */
/* test_list - which list speaks, and what it says. */
#include "facts.h"

extern const struct detector detector_list;

enum { REASON_ENTRY, REASON_BELOW };

static struct opinion ask(const struct listing *listing, unsigned count)
{
	struct bench bench;
	struct made made;

	make_question(&made, START, "a.b.example.org", 2, 1);
	made.facts.listed = listing;
	made.facts.listed_count = (uint8_t)count;
	bench_start(&bench, &detector_list);
	return bench_show(&bench, &made.facts);
}

static const char *text_of(const uint64_t *word)
{
	static char text[EVIDENCE_TEXT_WORDS * sizeof(*word) + 1];

	memcpy(text, word, sizeof(text) - 1);
	return text;
}

static void says_what_and_where(void **state)
{
	struct listing listing = {
		.list = "a-name.of_24-characters!", .note = "Provider", .detector = DETECTOR_list, .index = 254,
	};
	struct opinion opinion = ask(&listing, 1);

	(void)state;
	assert_int_equal(opinion.confidence, CONFIDENCE_HIGH);
	assert_int_equal(opinion.reason, REASON_ENTRY);
	assert_int_equal(opinion.list, 255);
	assert_string_equal(text_of(opinion.evidence), "a-name.of_24-characters!");
	assert_string_equal(text_of(opinion.evidence + EVIDENCE_TEXT_WORDS), "Provider");
	assert_int_equal(opinion.evidence[6], 4);
	assert_int_equal(opinion.evidence[7], 0);

	listing = (struct listing){ .list = "x", .note = "", .detector = DETECTOR_list, .label = 1 };
	opinion = ask(&listing, 1);
	assert_int_equal(opinion.reason, REASON_BELOW);
	assert_int_equal(opinion.list, 1);
	assert_string_equal(text_of(opinion.evidence + EVIDENCE_TEXT_WORDS), "");
	assert_int_equal(opinion.evidence[6], 3);
	assert_int_equal(opinion.evidence[7], 1);
}

static void strongest_then_longest(void **state)
{
	const struct listing listing[] = {
		{ "own", "", DETECTOR_information, 9, 0, ACTION_REFUSE },
		{ "log", "", DETECTOR_list, 0, 0, ACTION_LOG },
		{ "tag", "", DETECTOR_list, 1, 1, ACTION_TAG },
		{ "tag too", "", DETECTOR_list, 2, 2, ACTION_TAG },
		{ "refuse", "", DETECTOR_list, 3, 2, ACTION_REFUSE },
	};

	(void)state;
	assert_int_equal(ask(listing, 0).confidence, CONFIDENCE_NONE);
	assert_int_equal(ask(listing, 1).confidence, CONFIDENCE_NONE);
	assert_int_equal(ask(listing, 2).list, 1);
	assert_int_equal(ask(listing, 3).list, 2);
	assert_int_equal(ask(listing, 4).list, 2);
	assert_int_equal(ask(listing, 5).list, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_and_where),
		cmocka_unit_test(strongest_then_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
