/* SPDX-License-Identifier: BSD-3-Clause */
/* test_manual - what is printed from the tables: whole, and good to use.
 *
 * The example is a configuration that changes nothing; with every option uncommented it is
 * one too, since each stands there with its default (only list files need not exist).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/config.h"
#include "report/manual.h"
#include "report/manual_form.h"
#include "report/stats.h"
#include "store/counters.h"

static char *printed_as(enum manual_what what, enum manual_form form)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(manual_print(out, what, form), 0);
	fclose(out);
	return text;
}

static char *printed(enum manual_what what)
{
	return printed_as(what, MANUAL_TEXT);
}

static void on_fault(void *arg, const char *sentence)
{
	(void)arg;
	print_error("%s\n", sentence);
}

static struct config *load_text(const char *text)
{
	char path[] = "/tmp/warden-test-manual-XXXXXX";
	int file = mkstemp(path);
	struct config *config;

	assert_true(file >= 0);
	assert_int_equal(write(file, text, strlen(text)), strlen(text));
	close(file);
	config = config_load(path, on_fault, on_fault, NULL);
	unlink(path);
	return config;
}

/* <shown>: lists that are empty by default have their example in <two>. */
static void same_rows(const struct option *rows, const void *one, const void *two, bool shown)
{
	char a[512], b[512];

	for (const struct option *row = rows; row && row->key; row++)
		if (shown && row->type == OPT_LIST && !row->preset_text)
			assert_string_not_equal(option_print(row, two, b, sizeof(b)), "\"\"");
		else
			assert_string_equal(option_print(row, one, a, sizeof(a)),
			                    option_print(row, two, b, sizeof(b)));
}

static void same_detectors(const struct config *one, const struct config *two, bool shown)
{
	for (unsigned i = 0; i < DETECTOR_COUNT; i++) {
		same_rows(detector_common_options, one->detector[i], two->detector[i], shown);
		same_rows(detectors[i]->options, one->detector[i], two->detector[i], shown);
	}
}

static void test_example_is_the_defaults(void **state)
{
	struct config *defaults = config_load(NULL, on_fault, on_fault, NULL), *config;
	char *text = printed(MANUAL_EXAMPLE);

	(void)state;
	config = load_text(text);
	assert_non_null(config);
	same_rows(settings_options, &defaults->settings, &config->settings, false);
	same_detectors(defaults, config, false);
	config_free(config);
	config_free(defaults);
	free(text);
}

/* Files that are written need to be there; defaults need not. */
static bool names_files(const struct option *row)
{
	return !strcmp(row->key, "allow-list") || (row->type == OPT_LIST && row->preset_text);
}

static bool is_key(const char *line)
{
	char key[64];
	size_t len = strcspn(line, ":");

	if (len >= sizeof(key))
		return false;
	memcpy(key, line, len);
	key[len] = '\0';
	if (option_find(settings_options, key))
		return !names_files(option_find(settings_options, key));
	if (option_find(detector_common_options, key))
		return true;
	for (unsigned i = 0; i < DETECTOR_COUNT; i++)
		if (option_find(detectors[i]->options, key))
			return !names_files(option_find(detectors[i]->options, key));
	return false;
}

static void test_uncommented(void **state)
{
	struct config *defaults = config_load(NULL, on_fault, on_fault, NULL), *config;
	char *text = printed(MANUAL_EXAMPLE);
	unsigned options = 0, wanted = 0;

	(void)state;
	for (char *line = text; *line; line += strcspn(line, "\n") + 1) {
		if (strncmp(line, "    # ", 6) || !is_key(line + 6))
			continue;
		line[4] = ' ';
		options++;
	}
	for (const struct option *row = settings_options; row->key; row++)
		wanted += !names_files(row);
	for (unsigned i = 0; i < DETECTOR_COUNT; i++) {
		for (const struct option *row = detector_common_options; row->key; row++)
			wanted++;
		for (const struct option *row = detectors[i]->options; row && row->key; row++)
			wanted += !names_files(row);
	}
	assert_int_equal(options, wanted);
	config = load_text(text);
	assert_non_null(config);
	same_detectors(defaults, config, true);
	assert_int_equal(config->settings.mode, defaults->settings.mode);
	assert_int_equal(config->allow_client.count, 1);
	config_free(config);
	config_free(defaults);
	free(text);
}

static void test_nothing_is_missing(void **state)
{
	char *options = printed(MANUAL_OPTIONS), *counters = printed(MANUAL_COUNTERS);
	char *events = printed(MANUAL_EVENTS), key[128];

	(void)state;
	for (const struct option *row = settings_options; row->key; row++) {
		snprintf(key, sizeof(key), "\n    %s: ", row->key);
		assert_non_null(strstr(options, key));
	}
	for (unsigned i = 0; i < DETECTOR_COUNT; i++) {
		snprintf(key, sizeof(key), "\ndetector: name: \"%s\"\n", detectors[i]->name);
		assert_non_null(strstr(options, key));
		snprintf(key, sizeof(key), "\n    warden.num.detector.%s\n", detectors[i]->name);
		assert_non_null(strstr(counters, key));
	}
	assert_non_null(strstr(options, "\nlist:\n"));
	for (const struct option *row = list_options; row->key; row++) {
		snprintf(key, sizeof(key), "\n    %s: ", row->key);
		assert_non_null(strstr(strstr(options, "\nlist:\n"), key));
	}
	assert_non_null(strstr(options, "\nclient-profile:\n"));
	for (const struct option *row = profile_options; row->key; row++) {
		snprintf(key, sizeof(key), "\n    %s: ", row->key);
		assert_non_null(strstr(strstr(options, "\nclient-profile:\n"), key));
	}
	for (const struct option *row = detector_clause_options; row->key; row++) {
		snprintf(key, sizeof(key), "\n    %s: ", row->key);
		assert_non_null(strstr(strstr(options, "\ndetector:\n"), key));
	}
	for (unsigned i = 0; i < COUNTER_COUNT; i++) {
		snprintf(key, sizeof(key), "\n    warden.%s\n", counter_rows[i].name);
		assert_non_null(strstr(counters, key));
	}
	assert_non_null(strstr(events, "\n    @timestamp\n"));
	free(options);
	free(counters);
	free(events);
}

/* <key> begins an entry of <page>, which is mdoc: the page that is read by most. */
static void assert_entry(const char *page, const char *key, const char *behind)
{
	char line[192];

	snprintf(line, sizeof(line), "\n.It Cm \\&%s%s", key, behind);
	if (!strstr(page, line))
		fail_msg("no entry '%s%s'", key, behind);
}

static void assert_rows(const char *page, const char *part, const struct option *rows)
{
	const char *from = strstr(page, part);

	assert_non_null(from);
	for (const struct option *row = rows; row && row->key; row++)
		assert_entry(from, row->key, ":");
}

static void test_page_has_every_option(void **state)
{
	char *page = printed_as(MANUAL_OPTIONS, MANUAL_MDOC), part[128];

	(void)state;
	assert_rows(page, ".Ss \\&warden:\\&\n", settings_options);
	assert_rows(page, ".Ss \\&detector:\\&\n", detector_clause_options);
	assert_rows(page, ".Ss \\&detector:\\&\n", detector_common_options);
	assert_rows(page, ".Ss \\&client-profile:\\&\n", profile_options);
	assert_rows(page, ".Ss \\&list:\\&\n", list_options);
	for (unsigned i = 0; i < DETECTOR_COUNT; i++) {
		snprintf(part, sizeof(part), ".Ss \\&detector: \\&name: \\&\\(dq%s\\(dq\n", detectors[i]->name);
		assert_rows(page, part, detectors[i]->options);
	}
	free(page);
}

/* An entry of this key alone, whether or not something stands behind it. */
static void assert_key(const char *page, const char *key)
{
	char line[192];

	snprintf(line, sizeof(line), "\n.It Cm \\&%s\n", key);
	if (!strstr(page, line))
		assert_entry(page, key, " Pq as it is now\n");
}

/* What `stats` prints, on whatever line: each key, but the histogram's are one entry. */
static void test_page_has_every_key(void **state)
{
	static const struct segment_sizes sizes = { .clients = 64, .pairs = 64, .domains = 64, .delegations = 64,
	                                            .holds = 64, .journal = 64, .outbox = 8, .elsewhere = 8,
	                                            .filter_blocks = { 8, 8, 8, 8 } };
	char *page = printed_as(MANUAL_COUNTERS, MANUAL_MDOC), *text = NULL, error[256];
	unsigned keys = 0;
	struct mapping mapping;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	assert_int_equal(mapping_attach(&mapping, NULL, NULL, &sizes, 1, 0, NULL, error, sizeof(error)), 0);
	stats_print(&mapping, emitter_find("plain"), out);
	mapping_detach(&mapping);
	fclose(out);
	for (char *rest = text, *key; (key = strsep(&rest, "\n")) && *key; keys++) {
		key[strcspn(key, "=")] = '\0';
		if (!strncmp(key, "warden.histogram.", 17))
			assert_entry(page, "warden.histogram.", "");
		else
			assert_key(page, key);
	}
	assert_true(keys > COUNTER_COUNT + DETECTOR_COUNT);
	free(text);
	free(page);
}

static void test_page_has_every_field(void **state)
{
	char *page = printed_as(MANUAL_EVENTS, MANUAL_MDOC), line[128];

	(void)state;
#define EVENT_FIELD(path, always, meaning) \
	snprintf(line, sizeof(line), "%s%s", path, (always) ? "\n" : " Pq where it applies\n"); \
	assert_entry(page, line, "");
#include <warden/events.def>
#undef EVENT_FIELD
	free(page);
}

static void test_page_has_every_detector(void **state)
{
	char *page = printed_as(MANUAL_DETECTORS, MANUAL_MARKDOWN), line[128];

	(void)state;
	for (unsigned i = 0; i < DETECTOR_COUNT; i++) {
		snprintf(line, sizeof(line), "\n| `%s` | ", detectors[i]->name);
		assert_non_null(strstr(page, line));
	}
	free(page);
}

/* What tables say is not taken for what pages are written in. */
static void test_nothing_is_a_macro(void **state)
{
	static const struct entry entry = { .term = "No: \"x\"", .text = ".Sh is one. 'so is this. A \\DDD is not. a|b <c>" };
	static const char *const wanted[] = {
		[MANUAL_TEXT] = "    No: \"x\"\n        .Sh is one. 'so is this. A \\DDD is not. a|b <c>\n",
		[MANUAL_MDOC] = (".Bl -tag -width Ds\n.It Cm \\&No: \\&\\(dqx\\(dq\n\\&.Sh is one.\n\\&'so is this.\n"
		                 "A \\eDDD is not.\na|b <c>\n.El\n"),
		[MANUAL_MARKDOWN] = "| | |\n|---|---|\n| `No: \"x\"` | .Sh is one. 'so is this. A \\\\DDD is not. a\\|b \\<c> |\n",
	};

	(void)state;
	for (int form = 0; form < MANUAL_FORM_COUNT; form++) {
		char *text = NULL;
		size_t len = 0;
		struct page page = { .out = open_memstream(&text, &len), .style = &manual_styles[form] };

		assert_non_null(page.out);
		page.style->entry(&page, &entry);
		page.style->end(&page);
		fclose(page.out);
		assert_string_equal(text, wanted[form]);
		free(text);
	}
}

static void test_width(void **state)
{
	(void)state;
	for (int what = 0; what <= MANUAL_EXAMPLE; what++) {
		char *text = printed((enum manual_what)what);

		for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
			assert_true(strcspn(line, "\n") <= 100);
		free(text);
	}
}

static void test_broken_output(void **state)
{
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	if (!full)
		skip();
	assert_int_equal(manual_print(full, MANUAL_EXAMPLE, MANUAL_TEXT), -1);
	fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_example_is_the_defaults),
		cmocka_unit_test(test_uncommented),
		cmocka_unit_test(test_nothing_is_missing),
		cmocka_unit_test(test_page_has_every_option),
		cmocka_unit_test(test_page_has_every_key),
		cmocka_unit_test(test_page_has_every_field),
		cmocka_unit_test(test_page_has_every_detector),
		cmocka_unit_test(test_nothing_is_a_macro),
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_broken_output),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
