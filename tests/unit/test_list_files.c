/* SPDX-License-Identifier: BSD-3-Clause */
/* test_list_files - list: clauses, what they read, and which lists a name is on.
 *
 * Detectors with lists of their own are told that these are none, unless they are what is tested.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/look.h"
#include "support.h"

#define QUIET "detector:\n name: dynamic-dns\n file: \"\"\ndetector:\n name: resolver-bypass\n file: \"\"\n"

/* What config_load() said, one sentence a line. */
struct told {
	char fault[16384], warn[16384];
};

/* Appends <sentence> to <text>; @ stands for the folder. */
static void add_sentence(char *text, size_t size, const char *sentence)
{
	const char *folder = temp(""), *at;
	size_t used = strlen(text);

	for (; (at = strstr(sentence, folder)); sentence = at + strlen(folder)) {
		snprintf(text + used, size - used, "%.*s@", (int)(at - sentence), sentence);
		used = strlen(text);
	}
	snprintf(text + used, size - used, "%s\n", sentence);
}

static void on_fault(void *arg, const char *sentence)
{
	struct told *told = arg;

	add_sentence(told->fault, sizeof(told->fault), sentence);
}

static void on_warn(void *arg, const char *sentence)
{
	struct told *told = arg;

	add_sentence(told->warn, sizeof(told->warn), sentence);
}

static struct config *load(const char *text, struct told *told)
{
	char whole[65536];

	memset(told, 0, sizeof(*told));
	snprintf(whole, sizeof(whole), "%s%s", text, QUIET);
	return config_load(temp_file("w.conf", whole), on_fault, on_warn, told);
}

/* ---- clauses ------------------------------------------------------------------- */

static void faults(void **state)
{
	static const struct {
		const char *text, *faults;
	} cases[] = {
		{ "list:\n file: a.list\n", "@w.conf:1: the list: clause has no name: of your choice, as name: \"known-bad\"\n" },
		{ "\nlist:\n", "@w.conf:2: the list: clause has no name: of your choice, as name: \"known-bad\"\n" },
		{ "list:\n name: x\n", "@w.conf:1: the list 'x' has no file: with its domains\n" },
		{ "list:\n name: x\n file: \"\"\n", "@w.conf:1: the list 'x' has no file: with its domains\n" },
		{ "list:\n name: x\n file: a.list\n name: y\n file: a.list\n",
		  "@w.conf:4: a second name: begin a new clause with 'list:'\n" },
		{ "list:\n name: x\n file: a.list\nlist:\n name: x\n file: a.list\n",
		  "@w.conf:4: a second list called 'x'\n" },
		{ "list:\n file: a.list\n name: \"a b\"\n",
		  "@w.conf:3: name: 'a b' is not 1 to 24 letters, digits, dots, hyphens or underscores\n"
		  "@w.conf:1: the list: clause has no name: of your choice, as name: \"known-bad\"\n" },
		{ "list:\n file: a.list\n name: abcdefghijklmnopqrstuvwxy\n",
		  "@w.conf:3: name: 'abcdefghijklmnopqrstuvwxy' is not 1 to 24 letters, digits, dots, hyphens or "
		  "underscores\n@w.conf:1: the list: clause has no name: of your choice, as name: \"known-bad\"\n" },
		{ "list:\n name: x\n file: a.list\n action: refuze\n",
		  "@w.conf:4: action: 'refuze' is not one of log, tag, truncate, nodata, nxdomain, refuse, drop (did you mean 'refuse'?)\n" },
		{ "list:\n name: x\n file: a.list\n actoin: log\n hold: 1h\n",
		  "@w.conf:4: unknown option 'actoin' in list: (did you mean 'action'?)\n"
		  "@w.conf:5: unknown option 'hold' in list: (it belongs in detector:)\n" },
		{ "list:\n name: x\n file: a.list\n file: none.list\n file: .\n",
		  "@w.conf:4: file: cannot read '@none.list': No such file or directory\n"
		  "@w.conf:5: file: cannot read '@.': Is a directory\n" },
		{ "list:\n name: x\n file: a.list\n action:\n", "@w.conf:4: option 'action' has no value: write it behind the colon and a space\n" },
	};
	static struct told told;

	(void)state;
	temp_file("a.list", "a.test\n");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_null(load(cases[i].text, &told));
		assert_string_equal(told.fault, cases[i].faults);
	}
}

static void values(void **state)
{
	static struct told told;
	struct config *config;

	(void)state;
	temp_file("a.list", "a.test\nb.test\na.test\n");
	temp_file("b.list", "b.test Note\nc.test\nd.test\nbad/line\n");
	config = load("list:\n action: refuse\n file: a.list\n name: first.one-24_characters\n file: b.list\n"
	              "list:\n name: second\n file: b.list\n", &told);
	assert_string_equal(told.fault, "");
	assert_string_equal(told.warn, "@b.list:4: 'bad/line' is not a domain name\n"
	                               "@b.list:4: 'bad/line' is not a domain name\n");
	assert_non_null(config);
	assert_int_equal(config->skipped, 2);
	assert_true(config->list_count >= 2);
	assert_string_equal(config->list[0].name, "first.one-24_characters");
	assert_int_equal(config->list[0].action, ACTION_REFUSE);
	assert_int_equal(config->list[0].detector, DETECTOR_list);
	assert_int_equal(config->list[0].entries, 4);
	assert_string_equal(config->list[1].name, "second");
	assert_int_equal(config->list[1].action, ACTION_LOG);
	assert_int_equal(config->list[1].entries, 3);
	assert_int_equal(domain_map_count(config->listed), 7);
	assert_int_equal(domain_map_count(config->allowed.map), 0);
	config_free(config);
}

static void too_many(void **state)
{
	static struct told told;
	static char text[32768];
	struct config *config;
	size_t len = 0;

	(void)state;
	temp_file("a.list", "a.test\n");
	/* Two detectors have one too. */
	for (unsigned i = 0; i < 253; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "list:\n name: n%u\n file: a.list\n", i);
	config = load(text, &told);
	assert_string_equal(told.fault, "");
	assert_int_equal(config->list_count, 255);
	config_free(config);
	snprintf(text + len, sizeof(text) - len, "list:\n name: n%u\n file: a.list\n", 253);
	assert_null(load(text, &told));
	assert_string_equal(told.fault, "@w.conf:760: more than 255 lists\n");
}

/* ---- large ones ---------------------------------------------------------------- */

enum { ROWS = 90000, NAMES = 40000 };

static FILE *create(const char *name)
{
	FILE *out = fopen(temp(name), "w");

	assert_non_null(out);
	return out;
}

/* Every 3000th row of the look-up is bad: 30 of them. */
static void write_large(void)
{
	FILE *csv = create("large.csv"), *json = create("large.json"), *zone = create("large.rpz");

	fputs("dynamic_dns_domains,isDynDNS_default\n", csv);
	for (unsigned i = 1; i <= ROWS; i++)
		fprintf(csv, i % 3000 ? "*.csv%u.example.org*,True\n" : "*.csv%u..example.org*,True\n", i);
	fputs("{\n  \"type\": \"hostname\",\n  \"list\": [\n", json);
	for (unsigned i = 1; i <= NAMES; i++)
		fprintf(json, "    \"%s%u.example.net\"%s\n", i == 7 || i == 39000 ? "json!" : "json", i,
		        i < NAMES ? "," : "");
	fputs("  ]\n}\n", json);
	fputs("$TTL 60\n@ SOA localhost. root.localhost. (\n 1 2 3 4 5 )\n NS localhost.\n", zone);
	for (unsigned i = 1; i <= NAMES; i++)
		fprintf(zone, "%srpz%s%u.example.com CNAME .\n", i % 2 ? "*." : "", i == 100 ? " " : "", i);
	fputs("32.1.2.0.192.rpz-ip CNAME .\nok.example.com CNAME rpz-passthru.\n", zone);
	fclose(csv);
	fclose(json);
	fclose(zone);
}

static int listed(const struct config *config, const char *format, unsigned i)
{
	struct name name;
	char text[128];

	snprintf(text, sizeof(text), format, i);
	assert_true(name_from_text(&name, text));
	return domain_map_next(config->listed, &name, 0).label;
}

static void large(void **state)
{
	static struct told told;
	const char *at;
	struct config *config;
	unsigned named = 0;

	(void)state;
	write_large();
	config = load("list:\n name: csv\n file: large.csv\n action: tag\nlist:\n name: json\n file: large.json\n"
	              "list:\n name: rpz\n file: large.rpz\n", &told);
	assert_non_null(config);
	assert_int_equal(config->list[0].entries, ROWS - 30);
	assert_int_equal(config->list[1].entries, NAMES - 2);
	assert_int_equal(config->list[2].entries, NAMES - 1);
	assert_true(domain_map_memory(config->listed) <= 24 * domain_map_count(config->listed));
	for (unsigned i = 1; i <= ROWS; i++) {
		assert_int_equal(listed(config, "www.csv%u.example.org", i), i % 3000 ? 1 : -1);
		if (i > NAMES)
			continue;
		assert_int_equal(listed(config, "a.b.json%u.example.net", i), i == 7 || i == 39000 ? -1 : 2);
		assert_int_equal(listed(config, "rpz%u.example.com", i), i == 100 ? -1 : 0);
	}

	/* Thirty bad rows, two bad texts, a bad record, and two rules that are not taken. */
	assert_int_equal(config->skipped, 30 + 2 + 1 + 2);
	for (at = told.warn; (at = strstr(at, "@large.csv:")); at++)
		named++;
	assert_int_equal(named, 20 + 1);
	assert_non_null(strstr(told.warn, "@large.csv:3001: '.csv3000..example.org' is not a domain name\n"));
	assert_non_null(strstr(told.warn, "@large.csv:60001: '.csv60000..example.org' is not a domain name\n"
	                                  "@large.csv: and 10 more bad lines\n"));
	assert_non_null(strstr(told.warn, "@large.json:10: 'json!7.example.net' is not a domain name\n"
	                                  "@large.json:39003: 'json!39000.example.net' is not a domain name\n"));
	assert_non_null(strstr(told.warn, "@large.rpz:104: 'rpz' is not followed by a whole record\n"
	                                  "@large.rpz: 2 rules are skipped: "));
	config_free(config);
}

/* ---- which lists a name is on -------------------------------------------------- */

/* "list:label " for each, in the order of facts->listed. */
static const char *lists_of(const struct config *config, const char *text)
{
	static char lists[512];
	static struct look look;
	struct listing listing[LISTED_MAX];
	struct facts facts;
	size_t len = 0;

	look.config = config;
	assert_true(name_from_text(&look.name, text));
	look.name_signs = domain_map_has(config->listed, &look.name) ? SIGN_LISTED : 0;
	listed_fill(&look, &facts, listing);
	assert_true(facts.listed_count <= LISTED_MAX);
	lists[0] = '\0';
	for (unsigned i = 0; i < facts.listed_count; i++) {
		const struct listing *one = &facts.listed[i];

		assert_string_equal(config->list[one->index].name, one->list);
		assert_int_equal(config->list[one->index].action, one->action);
		assert_int_equal(config->list[one->index].detector, one->detector);
		len += (size_t)snprintf(lists + len, sizeof(lists) - len, *one->note ? "%s:%u(%s) " : "%s:%u ",
		                        one->list, one->label, one->note);
	}
	return lists;
}

static void longest_first(void **state)
{
	static struct told told;
	struct config *config;

	(void)state;
	temp_file("a.list", "example.org Whole\ndeep.example.org Deep\n");
	temp_file("b.list", "deep.example.org\norg\n");
	temp_file("c.list", "very.deep.example.org\n");
	config = load("list:\n name: a\n file: a.list\nlist:\n name: b\n file: b.list\n"
	              "list:\n name: c\n file: c.list\n", &told);
	assert_non_null(config);
	assert_string_equal(lists_of(config, "very.deep.example.org"), "c:0 a:1(Deep) b:1 ");
	assert_string_equal(lists_of(config, "x.deep.example.org"), "a:1(Deep) b:1 ");
	assert_string_equal(lists_of(config, "x.y.example.org"), "a:2(Whole) b:3 ");
	assert_string_equal(lists_of(config, "notexample.org"), "b:1 ");
	assert_string_equal(lists_of(config, "example.com"), "");
	config_free(config);
}

/* What detectors have to say, and the strongest actions, are not crowded out. */
static void more_than_fit(void **state)
{
	static struct told told;
	char text[4096] = "detector:\n name: dynamic-dns\n file: d.list\n";
	struct config *config;

	(void)state;
	temp_file("log.list", "x.a.example.org\na.example.org\n");
	temp_file("refuse.list", "example.org\n");
	temp_file("d.list", "example.org Provider\n");
	for (unsigned i = 0; i < 9; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		         "list:\n name: n%u\n file: log.list\n action: %s\n", i, i == 4 ? "tag" : "log");
	strcat(text, "list:\n name: refused\n file: refuse.list\n action: refuse\n");
	memset(&told, 0, sizeof(told));
	config = config_load(temp_file("w.conf", text), on_fault, on_warn, &told);
	assert_non_null(config);
	assert_string_equal(lists_of(config, "x.a.example.org"),
	                    "n0:0 n1:0 n2:0 n3:0 n4:0 n5:0 refused:2 dynamic-dns:2(Provider) ");
	config_free(config);
}

/* Events tell it, whichever detector they are of, and whether or not the question was held. */
static void dynamic_names(void **state)
{
	struct record record[8];
	struct warden *warden;

	(void)state;
	temp_file("d.list", "example.org Provider\n");
	temp_file("log.list", "example.net\n");
	warden = open_engine("warden:\n mode: enforce\ndetector:\n name: dynamic-dns\n file: d.list\n enable: no\n"
	                     "list:\n name: other\n file: log.list\ndetector:\n name: \"list\"\ndetector:\n name: risk\n enable: no\n", true);
	provoke(warden, "192.0.2.1", "host.example.org");
	decision_on(warden, "192.0.2.1", "example.net", 1);
	provoke(warden, "192.0.2.1", "example.com");
	assert_int_equal(drain(warden, record, 8), 3);
	assert_int_equal(record[0].dynamic, 1);
	assert_int_equal(record[1].dynamic, 0);
	assert_int_equal(record[1].detector, DETECTOR_list);
	assert_int_equal(record[2].dynamic, 0);
	warden_close(warden);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults),
		cmocka_unit_test(values),
		cmocka_unit_test(too_many),
		cmocka_unit_test(large),
		cmocka_unit_test(longest_first),
		cmocka_unit_test(more_than_fit),
		cmocka_unit_test(dynamic_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
