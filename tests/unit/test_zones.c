/* SPDX-License-Identifier: BSD-3-Clause */
/* test_zones - from holds to local zones, from what Unbound lists to what is to be done, and what is remembered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "name/name.h"
#include "support.h"
#include "wardend/kept.h"
#include "wardend/zones.h"

static bool every_pair;

static bool becomes_zone(void *arg, const struct warden_hold *hold)
{
	(void)arg;
	return !hold->prefix || every_pair;
}

/* Takes "VERDICT CLIENT|any NAME|any" words. */
static void take(struct holdings *holdings, const char *text)
{
	char verdict[16], client[64], name[256];
	struct warden_hold hold = { .verdict = WARDEN_PASS };
	struct name parsed;

	assert_int_equal(sscanf(text, "%15s %63s %255s", verdict, client, name), 3);
	while (strcmp(warden_verdict_name(hold.verdict), verdict) != 0)
		assert_true(++hold.verdict < WARDEN_VERDICT_COUNT);
	if (strcmp(client, "any") != 0) {
		address(hold.client, client);
		hold.prefix = 128;
	}
	if (strcmp(name, "any") != 0) {
		assert_true(name_from_text(&parsed, name));
		hold.domain = parsed.wire;
		hold.domain_len = parsed.len;
	}
	holdings_take(holdings, &hold);
}

/* The zones of <holds>, which ends in NULL, as text. */
static const char *zones_of(const char *const *holds)
{
	static char text[2048];
	struct holdings holdings = { .becomes_zone = becomes_zone };
	struct zones wanted = { .item = NULL };
	size_t at = 0;

	*text = '\0';
	for (; *holds; holds++)
		take(&holdings, *holds);
	holdings_zones(&holdings, &wanted);
	for (size_t i = 0; i < wanted.count; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s %s", at ? "|" : "", wanted.item[i].name,
		                       zone_kinds[wanted.item[i].kind]);
	holdings_free(&holdings);
	zones_free(&wanted);
	return text;
}
#define ZONES_OF(...) zones_of((const char *const[]){ __VA_ARGS__, NULL })

static void holds_become_zones(void **state)
{
	(void)state;
	every_pair = false;
	assert_string_equal(ZONES_OF("refuse any example.org"), "example.org. always_refuse");
	assert_string_equal(ZONES_OF("nxdomain any Example.ORG", "nodata any b.test", "truncate any c.test", "drop any d.test"),
	                    "b.test. always_nodata|c.test. truncate|d.test. always_deny|example.org. always_nxdomain");
	/* Of two the stronger. */
	assert_string_equal(ZONES_OF("nodata any example.org", "refuse any example.org"), "example.org. always_refuse");
	/* Clients, and pairs. */
	assert_string_equal(ZONES_OF("refuse 192.0.2.1 any"), "");
	assert_string_equal(ZONES_OF("refuse 192.0.2.1 example.org"), "");
	every_pair = true;
	assert_string_equal(ZONES_OF("refuse 192.0.2.1 example.org"), "example.org. always_refuse");
	assert_string_equal(ZONES_OF("refuse 192.0.2.1 any"), "");
	/* The root is nobody's. */
	assert_string_equal(ZONES_OF("refuse any ."), "");
	/* Names that Unbound would list as others. */
	assert_string_equal(ZONES_OF("refuse any a\\032b.org", "refuse any a\\.b.org", "refuse any \\255.org",
	                             "refuse any *.org"), "");
	assert_string_equal(ZONES_OF("refuse any _a-1.org"), "_a-1.org. always_refuse");
}

static void exemptions(void **state)
{
	(void)state;
	every_pair = true;
	/* Below it: a hole. */
	assert_string_equal(ZONES_OF("refuse any example.org", "pass any www.example.org"),
	                    "example.org. always_refuse|www.example.org. always_transparent");
	/* The same or above: nothing. */
	assert_string_equal(ZONES_OF("refuse any example.org", "pass any example.org"), "");
	assert_string_equal(ZONES_OF("refuse any a.b.example.org", "pass any example.org"), "");
	/* Elsewhere, or by the end of a label only: not a zone, and no exemption. */
	assert_string_equal(ZONES_OF("refuse any example.org", "pass any example.net", "pass any notexample.org",
	                             "pass any org"), "");
	assert_string_equal(ZONES_OF("refuse any example.org", "pass any notexample.org", "pass any x.test"),
	                    "example.org. always_refuse");
	/* A hold below an exemption below a hold. */
	assert_string_equal(ZONES_OF("refuse any example.org", "pass any b.example.org", "refuse any a.b.example.org"),
	                    "b.example.org. always_transparent|example.org. always_refuse");
	/* For one client: the domain stays open, a name below it becomes so. */
	assert_string_equal(ZONES_OF("refuse any example.org", "pass 192.0.2.1 example.org"), "");
	assert_string_equal(ZONES_OF("refuse any example.org", "pass 192.0.2.1 a.example.org"),
	                    "a.example.org. always_transparent|example.org. always_refuse");
	/* For a client as a whole nothing can be said. */
	assert_string_equal(ZONES_OF("refuse any example.org", "pass 192.0.2.1 any"), "example.org. always_refuse");
}

/* More than there is room for: an exemption that is lost would be a name denied, so then nothing is. */
static void too_many(void **state)
{
	struct holdings holdings = { .becomes_zone = becomes_zone };
	struct zones wanted = { .item = NULL };
	char text[64];

	(void)state;
	for (unsigned i = 0; i < ZONES_MAX + 10; i++) {
		snprintf(text, sizeof(text), "refuse any d%u.test", i);
		take(&holdings, text);
	}
	holdings_zones(&holdings, &wanted);
	assert_int_equal(wanted.count, ZONES_MAX);
	assert_true(wanted.full);
	assert_false(zones_add(&wanted, "one.more.", ZONE_REFUSE));
	assert_true(zones_keep(&wanted, "one.more.", ZONE_REFUSE));
	for (unsigned i = 0; i < ZONES_MAX + 10; i++) {
		snprintf(text, sizeof(text), "pass any e%u.d1.test", i);
		take(&holdings, text);
	}
	holdings_zones(&holdings, &wanted);
	assert_int_equal(wanted.count, 0);
	holdings_clear(&holdings);
	take(&holdings, "refuse any example.org");
	holdings_zones(&holdings, &wanted);
	assert_int_equal(wanted.count, 1);
	assert_false(wanted.full);
	holdings_free(&holdings);
	zones_free(&wanted);
}

static void add_all(struct zones *zones, const char *names, enum zone_kind kind)
{
	char copy[256], *next = copy, *name;

	snprintf(copy, sizeof(copy), "%s", names);
	while ((name = strsep(&next, " ")))
		if (*name)
			assert_true(zones_add(zones, name, kind));
	zones_settle(zones);
}

static const char *text_of(const struct zones *zones)
{
	static char text[4][512];
	static unsigned turn;
	char *out = text[turn++ % 4];

	*out = '\0';
	for (size_t i = 0; i < zones->count; i++)
		snprintf(out + strlen(out), 512 - strlen(out), "%s%s", i ? " " : "", zones->item[i].name);
	return out;
}

static void compared(void **state)
{
	static const struct {
		const char *own, *wanted, *listed, *add, *remove;
		size_t foreign;
	} rows[] = {
		{ "", "a.", "", "a.", "", 0 },
		{ "a.", "a.", "a.", "", "", 0 },
		{ "a.", "", "a.", "", "a.", 0 },
		{ "", "a.", "a.", "", "", 1 },
		{ "a. b.", "b. c. d.", "a. b. d.", "c.", "a.", 1 },
		{ "", "", "a. b.", "", "", 0 },
	};
	struct zones own = { .item = NULL }, wanted = own, add = own, remove = own;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char listed[64], line[128], *next = listed, *name;

		zones_clear(&own);
		zones_clear(&wanted);
		add_all(&own, rows[i].own, ZONE_REFUSE);
		add_all(&wanted, rows[i].wanted, ZONE_REFUSE);
		snprintf(listed, sizeof(listed), "%s", rows[i].listed);
		while ((name = strsep(&next, " "))) {
			snprintf(line, sizeof(line), "%s always_refuse", name);
			zones_listed(&own, line);
			zones_listed(&wanted, line);
		}
		assert_int_equal(zones_compare(&own, &wanted, &add, &remove), rows[i].foreign);
		assert_string_equal(text_of(&add), rows[i].add);
		assert_string_equal(text_of(&remove), rows[i].remove);
	}
	/* Of another kind: set again. */
	zones_clear(&own);
	zones_clear(&wanted);
	add_all(&own, "a.", ZONE_REFUSE);
	add_all(&wanted, "a.", ZONE_NODATA);
	assert_int_equal(zones_compare(&own, &wanted, &add, &remove), 0);
	assert_string_equal(text_of(&add), "a.");
	assert_int_equal(add.item[0].kind, ZONE_NODATA);
	zones_free(&own);
	zones_free(&wanted);
	zones_free(&add);
	zones_free(&remove);
}

/* Lines of whatever is at the other end. */
static void listed(void **state)
{
	static const char *const nonsense[] = {
		"", " ", "a.", "a. ", " a. always_refuse", "error: no", "b. always_refuse", "a.. always_refuse", "A.x always_refuse",
	};
	struct zones own = { .item = NULL };
	char longest[1024];

	(void)state;
	add_all(&own, "a.", ZONE_REFUSE);
	for (size_t i = 0; i < sizeof(nonsense) / sizeof(*nonsense); i++) {
		zones_listed(&own, nonsense[i]);
		assert_false(own.item[0].alike);
	}
	zones_unlisted(&own);
	memset(longest, 'a', sizeof(longest));
	strcpy(longest + 1000, " x");
	zones_listed(&own, longest);
	assert_false(own.item[0].there);
	zones_listed(&own, "A. always_refuse");
	assert_true(own.item[0].there && own.item[0].alike);
	zones_listed(&own, "a. static");
	assert_true(own.item[0].there && !own.item[0].alike);
	zones_free(&own);
}

static void remembered(void **state)
{
	struct zones own = { .item = NULL }, more = own, none = own;
	char mark[ZONE_NAME_MAX + 1], other[ZONE_NAME_MAX + 1];
	const char *path = temp("zones");

	(void)state;
	kept_mark(mark);
	kept_mark(other);
	assert_string_not_equal(mark, other);
	assert_true(zone_name_valid(mark));
	add_all(&own, "a.test. b.test.", ZONE_REFUSE);
	add_all(&more, "c.test.", ZONE_TRANSPARENT);
	assert_int_equal(kept_write(path, &own, &more, mark), 0);
	zones_clear(&own);
	kept_read(path, &own, other);
	assert_string_equal(other, mark);
	assert_string_equal(text_of(&own), "a.test. b.test. c.test.");
	assert_int_equal(zones_find(&own, "c.test.")->kind, ZONE_TRANSPARENT);

	kept_read(temp("nothing"), &own, other);
	assert_string_equal(other, "");
	assert_int_equal(own.count, 0);
	/* Without a mark nothing can be believed; nor what is no zone. */
	kept_read(temp_file("zones", "always_refuse a.test.\n"), &own, other);
	assert_int_equal(own.count, 0);
	kept_read(temp_file("zones", "mark w.invalid.\nalways_refuse a.test.\nstatic b.test.\nalways_refuse \n"
	                             "always_refuse a b.\nalways_refuse ..\nalways_refuse x\n\nmark 2.invalid."), &own, other);
	assert_string_equal(other, "w.invalid.");
	assert_string_equal(text_of(&own), "a.test.");
	assert_int_equal(kept_write("/nowhere/at/all", &own, &none, mark), -1);
	zones_free(&own);
	zones_free(&more);
}

static void names(void **state)
{
	char longest[ZONE_NAME_MAX + 3], name[ZONE_NAME_MAX + 1];
	struct name parsed;

	(void)state;
	for (size_t i = 0; i + 2 < sizeof(longest); i++)
		longest[i] = i % 64 == 63 ? '.' : 'a';
	longest[ZONE_NAME_MAX] = '\0';
	longest[ZONE_NAME_MAX - 1] = '.'; /* 255 octets as wire */
	assert_true(zone_name_valid(longest));
	assert_true(name_from_text(&parsed, longest));
	assert_int_equal(parsed.len, NAME_WIRE_MAX);
	assert_true(zone_name(name, parsed.wire, parsed.len));
	assert_string_equal(name, longest);
	/* A label of 63 octets is one, of 64 is none. */
	memset(name, 'a', 64);
	strcpy(name + 63, ".org.");
	assert_true(zone_name_valid(name));
	name[63] = 'a';
	strcpy(name + 64, ".org.");
	assert_false(zone_name_valid(name));
	assert_false(zone_name_valid(""));
	assert_false(zone_name_valid("."));
	assert_false(zone_name_valid("a"));
	assert_false(zone_name_valid("A."));
	assert_false(zone_name_valid("a..b."));
	assert_false(zone_name_valid("a\n."));
	assert_false(zone_name(name, parsed.wire, 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_become_zones),
		cmocka_unit_test(exemptions),
		cmocka_unit_test(too_many),
		cmocka_unit_test(compared),
		cmocka_unit_test(listed),
		cmocka_unit_test(remembered),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
