/* SPDX-License-Identifier: BSD-3-Clause */
/* test_suffix - registrable domains by the list, the local zones, and none.
 *
 * What the module knows about the list only saves questions to libpsl. So the oracle is libpsl,
 * asked about each tail of a name, with the same list: the installed one when there is
 * one, rule by rule, and small ones with rules as no list has them yet.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libpsl.h>

#include "name/suffix.h"
#include "support.h"

#define LABELS_ASKED 7 /* the module asks about no longer tails */

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
	{ "kobe.jp", "kobe.jp" },
	{ "a.b.c.kawasaki.jp", "b.c.kawasaki.jp" },
	{ "a.\\255.ck", "\\255.ck" },
	{ "a.b.c.compute.amazonaws.com", "b.c.compute.amazonaws.com" },
	{ "a.b.s3.eu-central-1.amazonaws.com", "b.s3.eu-central-1.amazonaws.com" },
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
	/* internationalised, at the left, in the middle and as a TLD */
	{ "www.xn--55qx5d.cn", "www.xn--55qx5d.cn" },
	{ "a.b.xn--55qx5d.cn", "b.xn--55qx5d.cn" },
	{ "a.xn--nosuch.cn", "xn--nosuch.cn" },
	{ "a.b.sande.xn--mre-og-romsdal-qqb.no", "b.sande.xn--mre-og-romsdal-qqb.no" },
	{ "a.b.other.xn--mre-og-romsdal-qqb.no", "xn--mre-og-romsdal-qqb.no" },
	{ "a.b.xn--o1ac.xn--90a3ac", "b.xn--o1ac.xn--90a3ac" },
	{ "a.b.xn--p1ai", "b.xn--p1ai" },
	{ "a.b.xn--nosuchtld", "." },
};

static const char *no_file = "/nonexistent/list";

static struct suffixes *open_with_locals(const char *path)
{
	static const char *const locals[] = { "corp.example.com", "nosuchlocal" };
	struct suffixes *suffixes = path ? suffixes_open_file(path) : suffixes_open();
	struct name name;

	assert_non_null(suffixes);
	for (size_t i = 0; i < sizeof(locals) / sizeof(*locals); i++) {
		assert_true(name_from_text(&name, locals[i]));
		assert_int_equal(suffixes_add_local(suffixes, &name), 0);
	}
	return suffixes;
}

static bool is_public(const struct suffixes *suffixes, const uint8_t *wire, size_t len)
{
	struct name name;

	return name_parse(&name, wire, len) && suffix_is_public(suffixes, &name);
}

static void finds_all(const struct suffixes *suffixes)
{
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
			/* A suffix is the domain of itself; one label more has that for its domain. */
			if (suffix_is_public(suffixes, &name))
				assert_int_equal(first, 0);
			else if (first > 0 && first < name.labels)
				assert_true(is_public(suffixes, name_tail(&name, first + 1),
				                      name_tail_len(&name, first + 1)));
		}
}

static void finds_domains(void **state)
{
	struct suffixes *suffixes = open_with_locals(NULL);

	(void)state;
	finds_all(suffixes);
	suffixes_close(suffixes);
	suffixes_close(NULL);
}

/* Whatever the file is, if it is not the list then libpsl's own is as good. */
static void does_without_a_file(void **state)
{
	const char *const paths[] = {
		no_file,
		"/",
		psl_dist_filename(), /* the list, but in a format that tells nothing */
		temp_file("empty", ""),
		temp_file("page", "<html><body>404 com not found</body></html>\n"),
		temp_file("cut", "// a list without com\nuk\nco.uk\n"),
		temp_file("binary", ".DAFSA@PSL_0   \n\x01\x80\x00com\n"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		struct suffixes *suffixes = open_with_locals(paths[i]);

		finds_all(suffixes);
		suffixes_close(suffixes);
	}
}

static void takes_any_depth(void **state)
{
	const char *const paths[] = { NULL, no_file };
	uint8_t wire[NAME_WIRE_MAX] = { 0 };
	struct name name;

	(void)state;
	for (unsigned i = 0; i < 254; i += 2) {
		wire[i] = 1;
		wire[i + 1] = 'a';
	}
	assert_true(name_parse(&name, wire, sizeof(wire)));
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		struct suffixes *suffixes = open_with_locals(paths[i]);

		assert_int_equal(suffix_domain(suffixes, &name), NAME_LABELS_MAX);
		suffixes_close(suffixes);
	}
}

static void tells_local_zones(void **state)
{
	static const struct {
		const char *name;
		bool local;
	} names[] = {
		{ "lan", true }, { "printer.lan", true }, { "a.b.home.arpa", true }, { "host.nosuchlocal", true },
		{ "www.corp.example.com", true }, { "corp.example.com", true }, { "example.com", false },
		{ "corp.com", false }, { "arpa", false }, { "com", false }, { "nosuchtld", false }, { ".", false },
	};
	struct suffixes *suffixes = open_with_locals(NULL);
	struct name name;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_true(name_from_text(&name, names[i].name));
		assert_int_equal(suffix_is_local(suffixes, &name), names[i].local);
	}
	suffixes_close(suffixes);
}

static void tells_registries(void **state)
{
	static const struct {
		const char *name;
		bool registry;
	} names[] = {
		{ ".", true }, { "com", true }, { "co.uk", true }, { "CO.UK", true }, { "ck", true },
		{ "any.ck", true }, { "www.ck", false }, { "any.kawasaki.jp", true },
		{ "city.kawasaki.jp", false }, { "xn--55qx5d.cn", true }, { "xn--p1ai", true },
		{ "duckdns.org", false }, { "s3.amazonaws.com", false }, { "blogspot.com", false },
		{ "example.com", false }, { "www.example.com", false }, { "nosuchtld", false },
		{ "lan", false }, { "nosuchlocal", false }, { "corp.example.com", false },
		{ "co\\.uk", false }, { "\\255.ck", false }, { "a.b.c.d.e.f.g.h.com", false },
	};
	const char *const paths[] = { NULL, no_file };

	(void)state;
	for (size_t p = 0; p < sizeof(paths) / sizeof(*paths); p++) {
		struct suffixes *suffixes = open_with_locals(paths[p]);
		struct name name;

		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
			assert_true(name_from_text(&name, names[i].name));
			if (suffix_is_registry(suffixes, &name) != names[i].registry)
				fail_msg("%s", names[i].name);
		}
		suffixes_close(suffixes);
	}
}

static bool is_host_label(const uint8_t *label)
{
	for (unsigned i = 1; i <= label[0]; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-", label[i]) || !label[i])
			return false;
	return true;
}

/* The domain of <name> by asking about each tail. */
static unsigned asked_domain(const psl_ctx_t *list, const struct name *name)
{
	unsigned first = name->labels;
	char text[NAME_TEXT_MAX];

	while (first > 0 && name->labels - first < LABELS_ASKED &&
	       is_host_label(name_tail(name, first - 1)))
		first--;
	for (; first < name->labels; first++) {
		name_text(text, name_tail(name, first), name_tail_len(name, first));
		if (psl_is_public_suffix2(list, text, PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE))
			return first > 0 ? first - 1 : 0;
	}
	return first;
}

/* Checks <text> if it is a name, which it may not be. Returns how many names that are. */
static unsigned same_domain(const struct suffixes *suffixes, const psl_ctx_t *list, const char *text)
{
	struct name name;
	unsigned asked, found;

	if (!name_from_text(&name, text))
		return 0;
	asked = asked_domain(list, &name);
	found = suffix_domain(suffixes, &name);
	if (found != asked)
		fail_msg("%s: the domain begins at label %u, not %u", text, asked, found);
	return 1;
}

static void rule_by_rule(void **state)
{
	static const char *const left[] = {
		"", "a.", "b.a.", "c.b.a.", "a.b.c.d.e.f.g.h.", "www.", "city.", "xn--55qx5d.",
		"a.xn--nosuch.", "_tcp.", "\\255.", "s3.", "a\\.b.",
	};
	const char *path = psl_builtin_filename();
	FILE *file = fopen(path, "r");
	uint64_t random = 1;
	struct suffixes *suffixes;
	unsigned rules = 0, names = 0;
	char line[256];
	psl_ctx_t *list;

	(void)state;
	if (!file) {
		print_message("no %s here\n", path);
		skip();
	}
	list = psl_load_fp(file);
	suffixes = suffixes_open_file(path);
	assert_non_null(list);
	assert_non_null(suffixes);
	rewind(file);
	while (fgets(line, sizeof(line), file)) {
		const char *rule = line;
		char text[512];

		line[strcspn(line, " \t\r\n")] = '\0';
		if (!*rule || !strncmp(rule, "//", 2))
			continue;
		rules++;
		rule += *rule == '!';
		rule += strncmp(rule, "*.", 2) ? 0 : 2;
		/* The rule, its parents, and what may be below each. */
		for (; rule; rule = strchr(rule, '.') ? strchr(rule, '.') + 1 : NULL) {
			for (size_t i = 0; i < sizeof(left) / sizeof(*left); i++) {
				snprintf(text, sizeof(text), "%s%s", left[i], rule);
				names += same_domain(suffixes, list, text);
			}
			for (unsigned i = 0; i < 24; i++) {
				uint64_t leaf = random_next(&random);

				snprintf(text, sizeof(text), i & 1 ? "w.%llx.%s" : "%llx.%s",
				         (unsigned long long)leaf, rule);
				names += same_domain(suffixes, list, text);
				snprintf(text, sizeof(text), "%llx%s", (unsigned long long)leaf, rule);
				names += same_domain(suffixes, list, text);
			}
		}
	}
	assert_true(rules > 5000);
	printf("%u names\n", names);
	assert_true(names > 1000000);
	fclose(file);
	psl_free(list);
	suffixes_close(suffixes);
}

/* Every name of up to five of these labels, with rules that meet in all ways. */
static void every_name(void **state)
{
	static const char *const labels[] = { "a", "b", "www", "com", "cn", "xn--55qx5d", "_a" };
	static const char *const rules[] = {
		"com\n",
		"com\n*.com\n!www.com\n",
		"com\n*.com\n*.b.com\n!a.b.com\na.www.a.b.com\n",
		"com\n*.a.com\n!www.a.com\nb.b.a.com\n",
		"com\n*.a.com\n!www.a.com\n*.b.a.com\n*.www.a.com\n",
		"com\ncn\n\xe5\x85\xac\xe5\x8f\xb8.cn\na.b.\xe5\x85\xac\xe5\x8f\xb8.cn\n",
		"com\n*.\xe5\x85\xac\xe5\x8f\xb8.com\n!a.\xe5\x85\xac\xe5\x8f\xb8.com\nxn--55qx5d.com\n",
		"com\n\xe5\x85\xac\xe5\x8f\xb8\n*.a.\xe5\x85\xac\xe5\x8f\xb8\nwww.\xe5\x85\xac\xe5\x8f\xb8\n",
		"com\n\xe5\x85\xac\xe5\x8f\xb8.a.\xe5\x85\xac\xe5\x8f\xb8.b.com\na.b.com\n",
		"com\r\n  *.a.com  comment\n\t!b.a.com\t// comment\n\n \na.b..com\n.b.com\nb.cn.\n*\n",
		"com\nA.com\n_a.com\na._a.com\n*.b._a.com\na.*.com\nb.*\n",
		"com\na.a.a.a.a.a.a.com\na.a.a.a.a.a.com\nb.a.a.a.com\nb.a.a.a.cn\n",
	};
	const size_t count = sizeof(labels) / sizeof(*labels);

	(void)state;
	for (size_t r = 0; r < sizeof(rules) / sizeof(*rules); r++) {
		char text[512];
		const char *path;
		struct suffixes *suffixes;
		psl_ctx_t *list;

		snprintf(text, sizeof(text), "// ===BEGIN ICANN DOMAINS===\n%s// ===END ICANN DOMAINS===\n",
		         rules[r]);
		path = temp_file("list", text);
		suffixes = suffixes_open_file(path);
		list = psl_load_file(path);
		assert_non_null(suffixes);
		assert_non_null(list);
		for (unsigned depth = 1, names = 1; depth <= 5; depth++) {
			names *= (unsigned)count;
			for (unsigned n = 0; n < names; n++) {
				size_t len = 0;

				for (unsigned i = 0, left = n; i < depth; i++, left /= (unsigned)count)
					len += (size_t)snprintf(text + len, sizeof(text) - len, "%s.",
					                        labels[left % count]);
				same_domain(suffixes, list, text);
			}
		}
		same_domain(suffixes, list, "a.a.a.a.a.a.a.a.a.com");
		same_domain(suffixes, list, "b.a.a.a.a.a.a.com");
		psl_free(list);
		suffixes_close(suffixes);
	}
}

/* Local zones where the list has rules too: above, below and between. */
static void local_zones_meet_rules(void **state)
{
	static const struct {
		const char *name, *domain;
	} names[] = {
		{ "x.a.b.ck", "x.a.b.ck" }, { "x.y.b.ck", "y.b.ck" }, { "x.y.c.ck", "y.c.ck" },
		{ "b.ck", "b.ck" }, { "x.y.in.co.uk", "y.in.co.uk" }, { "x.y.co.uk", "y.co.uk" },
		{ "x.y.z.xn--55qx5d.cn", "y.z.xn--55qx5d.cn" },
		{ "x.y.w.xn--55qx5d.cn", "w.xn--55qx5d.cn" },
		{ "x.y.1.2.3.4.5.6.7.8.com", "y.1.2.3.4.5.6.7.8.com" },
		{ "x.y.2.3.4.5.6.7.8.com", "8.com" },
		{ "x.\\255_.com", "x.\\255_.com" },
		{ "x.y.org", "y.org" },
	};
	static const char *const locals[] = {
		"a.b.ck", "in.co.uk", "z.xn--55qx5d.cn", "1.2.3.4.5.6.7.8.com", "\\255_.com", "org", ".",
	};
	const char *const paths[] = { NULL, no_file };

	(void)state;
	for (size_t p = 0; p < sizeof(paths) / sizeof(*paths); p++) {
		struct suffixes *suffixes = open_with_locals(paths[p]);
		char text[NAME_TEXT_MAX];
		struct name name;

		for (size_t i = 0; i < sizeof(locals) / sizeof(*locals); i++) {
			assert_true(name_from_text(&name, locals[i]));
			assert_int_equal(suffixes_add_local(suffixes, &name), 0);
		}
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
			unsigned first;

			assert_true(name_from_text(&name, names[i].name));
			first = suffix_domain(suffixes, &name);
			assert_string_equal(name_text(text, name_tail(&name, first),
			                              name_tail_len(&name, first)),
			                    names[i].domain);
		}
		suffixes_close(suffixes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_domains),
		cmocka_unit_test(does_without_a_file),
		cmocka_unit_test(takes_any_depth),
		cmocka_unit_test(tells_registries),
		cmocka_unit_test(tells_local_zones),
		cmocka_unit_test(rule_by_rule),
		cmocka_unit_test(every_name),
		cmocka_unit_test(local_zones_meet_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
