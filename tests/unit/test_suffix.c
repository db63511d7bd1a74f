/* SPDX-License-Identifier: BSD-3-Clause */
/* test_suffix - registrable domains by the list, the local zones, and none. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "name/suffix.h"

static const struct {
	const char *name, *domain;
} cases[] = {
	{ "www.example.com", "example.com" },
	{ "example.com", "example.com" },
	{ "com", "com" },
	{ "a.b.c.d.e.f.g.h.example.org", "example.org" },
	{ "www.example.co.uk", "example.co.uk" },
	{ "co.uk", "co.uk" },
	{ "WWW.Example.CO.UK", "example.co.uk" },
	/* the private section */
	{ "a.x.duckdns.org", "x.duckdns.org" },
	{ "dabc.cloudfront.net", "dabc.cloudfront.net" },
	{ "www.shop.com.ru", "shop.com.ru" },
	{ "a.bucket.s3.amazonaws.com", "bucket.s3.amazonaws.com" },
	{ "a.other.amazonaws.com", "amazonaws.com" },
	/* wildcards and their exceptions */
	{ "a.b.example.ck", "b.example.ck" },
	{ "a.www.ck", "www.ck" },
	{ "a.b.c.kobe.jp", "b.c.kobe.jp" },
	{ "a.city.kobe.jp", "city.kobe.jp" },
	/* local zones */
	{ "x.c2test.localhost", "c2test.localhost" },
	{ "localhost", "localhost" },
	{ "a.b.test", "b.test" },
	{ "a.printer.local", "printer.local" },
	{ "a.b.home.arpa", "b.home.arpa" },
	{ "a.b.onion", "b.onion" },
	{ "a.b.invalid", "b.invalid" },
	{ "4.3.2.1.in-addr.arpa", "1.in-addr.arpa" },
	{ "1.0.0.2.ip6.arpa", "2.ip6.arpa" },
	/* added by the test */
	{ "a.b.corp.example.com", "b.corp.example.com" },
	{ "corp.example.com", "corp.example.com" },
	{ "a.b.nosuchlocal", "b.nosuchlocal" },
	/* no such TLD */
	{ "a.b.nosuchtld", "." },
	{ "nosuchtld", "." },
	{ ".", "." },
	/* other octets to the left change nothing, in the TLD all */
	{ "\\255\\000.example.com", "example.com" },
	{ "a.ex_ample.com", "ex_ample.com" },
	{ "a.b\\.c.com", "b\\046c.com" },
	{ "example\\.com", "." },
	{ "a.co\\255", "." },
	{ "www.xn--55qx5d.cn", "www.xn--55qx5d.cn" },
};

static void finds_domains(void **state)
{
	struct suffixes *suffixes = *state;
	char text[NAME_TEXT_MAX];
	struct name name;

	/* Twice: what is memorised must be what was found. */
	for (unsigned round = 0; round < 2; round++)
		for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
			unsigned first;

			assert_true(name_from_text(&name, cases[i].name));
			first = suffix_domain(suffixes, &name);
			assert_in_range(first, 0, name.labels);
			assert_string_equal(name_text(text, name_tail(&name, first),
			                              name_tail_len(&name, first)),
			                    cases[i].domain);
		}
}

static void takes_any_depth(void **state)
{
	struct suffixes *suffixes = *state;
	uint8_t wire[NAME_WIRE_MAX] = { 0 };
	struct name name;

	for (unsigned i = 0; i < 254; i += 2) {
		wire[i] = 1;
		wire[i + 1] = 'a';
	}
	assert_true(name_parse(&name, wire, sizeof(wire)));
	assert_int_equal(suffix_domain(suffixes, &name), NAME_LABELS_MAX);
}

static int open_list(void **state)
{
	static const char *const locals[] = { "corp.example.com", "nosuchlocal" };
	struct suffixes *suffixes = suffixes_open();
	struct name name;

	if (!suffixes)
		return -1;
	for (size_t i = 0; i < sizeof(locals) / sizeof(*locals); i++)
		if (!name_from_text(&name, locals[i]) || suffixes_add_local(suffixes, &name) < 0)
			return -1;
	*state = suffixes;
	return 0;
}

static int close_list(void **state)
{
	suffixes_close(*state);
	suffixes_close(NULL);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_domains),
		cmocka_unit_test(takes_any_depth),
	};

	return cmocka_run_group_tests(tests, open_list, close_list);
}
