/* SPDX-License-Identifier: BSD-3-Clause */
/* test_odd_query - what is odd about a message, and what is made of it. */
#include "facts.h"

extern const struct detector detector_odd_query;

enum { REASON_HEADER, REASON_EDNS, REASON_TYPE, REASON_CLASS };

/* ---- messages ------------------------------------------------------------------ */

#define HEADER(flags, additional) "\1\2" flags "\0\1\0\0\0\0\0" additional
#define QUESTION "\3www\7example\3com\0\0\1\0\1"
#define OPT(version, flags, len, options) "\0\0\51\4\320\0" version flags "\0" len options
#define MESSAGE(octets) octets, sizeof(octets) - 1

static void messages(void **state)
{
	static const struct {
		const char *what, *octets;
		size_t len;
		uint8_t flags;
	} cases[] = {
		{ "plain", MESSAGE(HEADER("\1\0", "\0") QUESTION), 0 },
		{ "AD and CD", MESSAGE(HEADER("\1\60", "\0") QUESTION), 0 },
		{ "Z", MESSAGE(HEADER("\1\100", "\0") QUESTION), WARDEN_FLAG_ODD_HEADER },
		{ "AA", MESSAGE(HEADER("\5\0", "\0") QUESTION), WARDEN_FLAG_ODD_HEADER },
		{ "TC", MESSAGE(HEADER("\3\0", "\0") QUESTION), WARDEN_FLAG_ODD_HEADER },
		{ "RA", MESSAGE(HEADER("\1\200", "\0") QUESTION), WARDEN_FLAG_ODD_HEADER },
		{ "an rcode", MESSAGE(HEADER("\1\3", "\0") QUESTION), WARDEN_FLAG_ODD_HEADER },
		{ "an answer in it", MESSAGE("\1\2\1\0\0\1\0\1\0\0\0\0" QUESTION), WARDEN_FLAG_ODD_HEADER },
		{ "an authority in it", MESSAGE("\1\2\1\0\0\1\0\0\0\1\0\1" QUESTION OPT("\1", "\0\0", "\0", "")),
		  WARDEN_FLAG_ODD_HEADER },

		{ "EDNS", MESSAGE(HEADER("\1\0", "\1") QUESTION OPT("\0", "\0\0", "\0", "")), 0 },
		{ "DO and CO", MESSAGE(HEADER("\1\0", "\1") QUESTION OPT("\0", "\300\0", "\0", "")), 0 },
		{ "version 1", MESSAGE(HEADER("\1\0", "\1") QUESTION OPT("\1", "\0\0", "\0", "")),
		  WARDEN_FLAG_ODD_EDNS },
		{ "a flag", MESSAGE(HEADER("\1\0", "\1") QUESTION OPT("\0", "\200\1", "\0", "")),
		  WARDEN_FLAG_ODD_EDNS },
		{ "the highest flag", MESSAGE(HEADER("\1\0", "\1") QUESTION OPT("\0", "\40\0", "\0", "")),
		  WARDEN_FLAG_ODD_EDNS },
		{ "a cookie and padding", MESSAGE(HEADER("\1\0", "\1") QUESTION
		                                  OPT("\0", "\0\0", "\22", "\0\12\0\10abcdefgh\0\14\0\2\0\0")), 0 },
		{ "no such option", MESSAGE(HEADER("\1\0", "\1") QUESTION OPT("\0", "\0\0", "\5", "\375\352\0\1x")),
		  WARDEN_FLAG_ODD_EDNS },
		{ "option 0", MESSAGE(HEADER("\1\0", "\1") QUESTION OPT("\0", "\0\0", "\4", "\0\0\0\0")),
		  WARDEN_FLAG_ODD_EDNS },
		{ "no such option behind one", MESSAGE(HEADER("\1\0", "\1") QUESTION
		                                       OPT("\0", "\0\0", "\12", "\0\3\0\0\0\25\0\2xx")),
		  WARDEN_FLAG_ODD_EDNS },
		{ "dnsmasq's hardware address", MESSAGE(HEADER("\1\0", "\1") QUESTION
		                                        OPT("\0", "\0\0", "\12", "\375\351\0\6abcdef")), 0 },
		{ "both", MESSAGE(HEADER("\1\100", "\1") QUESTION OPT("\1", "\0\0", "\0", "")),
		  WARDEN_FLAG_ODD_HEADER | WARDEN_FLAG_ODD_EDNS },

		/* What is broken is somebody else's to refuse. */
		{ "an option that is cut", MESSAGE(HEADER("\1\0", "\1") QUESTION
		                                   OPT("\0", "\0\0", "\6", "\0\12\0\10ab")), 0 },
		{ "options that are cut", MESSAGE(HEADER("\1\0", "\1") QUESTION
		                                  OPT("\0", "\0\0", "\77", "\375\352\0\1x")), 0 },
		{ "a record that is no OPT", MESSAGE(HEADER("\1\0", "\1") QUESTION "\0\0\1\0\1\0\1\0\0\0\4abcd"), 0 },
		{ "a question that is cut", MESSAGE(HEADER("\1\0", "\1") "\3www\7exa"), 0 },
		{ "a pointer in it", MESSAGE(HEADER("\1\0", "\1") "\3www\300\14\0\1\0\1" OPT("\1", "\0\0", "\0", "")),
		  0 },
		{ "half a header", MESSAGE("\1\2\1\100\0\1"), 0 },
		{ "nothing", MESSAGE(""), 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const uint8_t *octets = (const uint8_t *)cases[i].octets;
		uint8_t *copy;

		print_message("%s\n", cases[i].what);
		assert_int_equal(warden_odd_flags(octets, cases[i].len), cases[i].flags);
		/* However much of it is missing, nothing else is read. */
		for (size_t len = 0; len < cases[i].len; len++) {
			copy = malloc(len + !len);
			assert_non_null(copy);
			memcpy(copy, octets, len);
			assert_int_equal(warden_odd_flags(copy, len) & ~cases[i].flags, 0);
			free(copy);
		}
	}
}

/* ---- opinions ------------------------------------------------------------------ */

static struct opinion ask(struct bench *bench, uint64_t now, uint16_t qtype, uint16_t qclass, uint8_t flags)
{
	struct made made;

	make_question(&made, now, "www.example.org", 1, qtype);
	made.obs.qclass = qclass;
	made.obs.flags = flags;
	return bench_show(bench, &made.facts);
}

static void types(void **state)
{
	static const uint16_t odd[] = { 0, 3, 7, 10, 11, 14, 19, 24, 25, 30, 38, 41, 54, 69, 98, 100, 103, 128,
	                                250, 251, 252, 253, 254, 258, 259, 4096, 32768, 65280, 65399, 65535 };
	static const uint16_t ordinary[] = { 1, 2, 5, 6, 12, 13, 15, 16, 28, 29, 33, 35, 43, 44, 46, 47, 48, 50,
	                                     51, 52, 59, 60, 61, 63, 64, 65, 99, 255, 256, 257, 32769 };
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_odd_query);
	for (size_t i = 0; i < sizeof(ordinary) / sizeof(*ordinary); i++)
		assert_int_equal(ask(&bench, START, ordinary[i], 1, WARDEN_FLAG_EDNS).confidence, 0);
	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		struct opinion opinion = ask(&bench, START, odd[i], 1, 0);

		print_message("%u\n", odd[i]);
		assert_int_equal(opinion.confidence, i < 19 ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM);
		assert_int_equal(opinion.reason, REASON_TYPE);
		assert_int_equal(opinion.evidence[0], i + 1);
	}
}

static void says_what_is_odd(void **state)
{
	static const struct {
		uint16_t qtype, qclass;
		uint8_t flags, reason;
		const char *text;
	} cases[] = {
		{ 1, 1, WARDEN_FLAG_ODD_HEADER, REASON_HEADER, "header" },
		{ 1, 1, WARDEN_FLAG_ODD_EDNS | WARDEN_FLAG_EDNS, REASON_EDNS, "edns" },
		{ 1, 3, 0, REASON_CLASS, "class" },
		{ 10, 255, WARDEN_FLAG_ODD_EDNS, REASON_EDNS, "edns type class" },
		{ 10, 3, WARDEN_FLAG_ODD_HEADER | WARDEN_FLAG_ODD_EDNS, REASON_HEADER, "header edns type class" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[sizeof(uint64_t) * EVIDENCE_TEXT_WORDS + 1] = "";
		struct opinion opinion;
		struct bench bench;

		bench_start(&bench, &detector_odd_query);
		opinion = ask(&bench, START, cases[i].qtype, cases[i].qclass, cases[i].flags);
		memcpy(text, &opinion.evidence[1], sizeof(text) - 1);
		assert_string_equal(text, cases[i].text);
		assert_int_equal(opinion.reason, cases[i].reason);
		assert_int_equal(opinion.confidence, CONFIDENCE_LOW);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages),
		cmocka_unit_test(types),
		cmocka_unit_test(says_what_is_odd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
