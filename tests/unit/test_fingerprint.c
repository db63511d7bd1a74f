/* SPDX-License-Identifier: BSD-3-Clause */
/* test_fingerprint - the strings of an Unbound are found, and those of another are named. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "unbound/fingerprint.h"

/* A program's constants, each with its NUL, as the compiler lays them out. */
#define DAEMON "start of service (%s).\0unbound 1.17.1\0Configure line: %s\n\0--with-dynlibmodule\0"
#define TESTBOUND "Start of %s testbound program.\0unbound 1.17.1\0"

struct match_case {
	const char *program;
	size_t len;
	const char *package, *configure;
	const char *error; /* part of the sentence; NULL: it matches */
};

#define PROGRAM(text) text, sizeof(text)

static const struct match_case match_cases[] = {
	{ PROGRAM(DAEMON), "unbound 1.17.1", "--with-dynlibmodule", NULL },
	{ PROGRAM(DAEMON), "unbound 1.22.0", "--with-dynlibmodule",
	  "built against Unbound 1.22.0, but this is 1.17.1: rebuild" },
	/* A prefix is another version, and another configure line. */
	{ PROGRAM(DAEMON), "unbound 1.17", "--with-dynlibmodule", "but this is 1.17.1" },
	{ PROGRAM(DAEMON), "unbound 1.17.1", "--with-dynlib", "another configure line" },
	{ PROGRAM(DAEMON), "unbound 1.17.1", "--with-dynlibmodule --enable-subnet",
	  "another configure line" },
	{ PROGRAM(TESTBOUND), "unbound 1.17.1", "--with-dynlibmodule", NULL },
	{ PROGRAM("unbound is a resolver\0unbound \0unbound 1.17.1 or so\0unbound 7\0"),
	  "unbound 1.17.1", "--with-dynlibmodule", "which this program is not" },
	{ PROGRAM("unbound 1.2.3.4.5.6.7.8.9.0.1.2.3.4.5.6.7.8\0"), "unbound 1.17.1", "",
	  "which this program is not" },
	/* Nothing is read behind the end, and nothing is found in nothing. */
	{ DAEMON, 32, "unbound 1.17.1", "--with-dynlibmodule", "which this program is not" },
	{ DAEMON, 0, "unbound 1.17.1", "--with-dynlibmodule", "which this program is not" },
};

static void test_matches(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(match_cases) / sizeof(*match_cases); i++) {
		const struct match_case *c = &match_cases[i];
		struct span spans[] = { { "other", 5 }, { c->program, c->len } };
		char error[512] = "";
		bool matches = fingerprint_matches(spans, 2, c->package, c->configure, error,
		                                   sizeof(error));

		if (matches != !c->error || (c->error && !strstr(error, c->error)))
			fail_msg("case %zu: %s, '%s'", i, matches ? "matches" : "does not match",
			         error);
	}
}

static void test_short_error(void **state)
{
	struct span span = { DAEMON, sizeof(DAEMON) };
	char error[8];

	(void)state;
	assert_false(fingerprint_matches(&span, 1, "unbound 9.9.9", "", error, sizeof(error)));
	assert_string_equal(error, "built a");
}

/* A constant of this program is found in it; a variable is not, be it static or on the stack,
 * and neither is a constant of a library.
 */
static void test_program(void **state)
{
	static const char constant[] = "unbound 4.5.6";
	static char variable[] = "unbound 4.5.8";
	struct span spans[16];
	char absent[] = "unbound 4.5.?", error[512];
	unsigned count = fingerprint_program(spans, 16);

	(void)state;
	assert_in_range(count, 1, 16);
	assert_true(fingerprint_matches(spans, count, constant, "", error, sizeof(error)));
	assert_false(fingerprint_matches(spans, count, variable, "", error, sizeof(error)));
	absent[sizeof(absent) - 2] = '7';
	assert_false(fingerprint_matches(spans, count, absent, "", error, sizeof(error)));
	assert_non_null(strstr(error, "built against Unbound 4.5.7, but this is "));
	assert_false(fingerprint_matches(spans, count, strerror(ENOENT), "", error, sizeof(error)));
	assert_int_equal(fingerprint_program(spans, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matches),
		cmocka_unit_test(test_short_error),
		cmocka_unit_test(test_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
