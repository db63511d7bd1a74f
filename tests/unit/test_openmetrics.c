/* SPDX-License-Identifier: BSD-3-Clause */
/* test_openmetrics - every number is told, once, in a text that the formats allow, and in bounded many series.
 *
 * What is printed is read by a reader of its own, stricter than Prometheus': a family's samples stand together
 * behind its TYPE and HELP, names end as their type says, no series comes twice.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "detect/detector.h"
#include "report/openmetrics.h"
#include "report/stats.h"
#include "store/holds.h"
#include "support.h"
#include "tool/metrics.h"

#define SAMPLES_MAX 1024

/* --- the reader ---------------------------------------------------------------------------- */

struct sample {
	char series[160], family[96], type[16], value[40];
};

struct samples {
	struct sample sample[SAMPLES_MAX];
	unsigned count;
	bool ended;
};

static const char name_letters[] = "abcdefghijklmnopqrstuvwxyz_";

/* What behind the family's name a sample of <type> may have. */
static bool suffix_fits(const char *type, const char *suffix, bool open)
{
	static const struct {
		const char *type, *suffix;
	} fits[] = {
		{ "counter", "_total" }, { "counter", "_created" }, { "gauge", "" }, { "info", "_info" },
		{ "histogram", "_bucket" }, { "histogram", "_sum" }, { "histogram", "_count" },
		{ "histogram", "_created" },
	};

	if (!open && !strcmp(type, "counter"))
		return !*suffix; /* the family is called like its samples */
	for (size_t i = 0; i < sizeof(fits) / sizeof(*fits); i++)
		if (!strcmp(fits[i].type, type) && !strcmp(fits[i].suffix, suffix))
			return true;
	return false;
}

static bool seen_family(const struct samples *samples, const char *family)
{
	for (unsigned i = 0; i < samples->count; i++)
		if (!strcmp(samples->sample[i].family, family))
			return true;
	return false;
}

/* {name="value",...}, with escapes; returns what is behind it. */
static const char *skip_labels(const char *at)
{
	if (*at != '{')
		return at;
	do {
		size_t len = strspn(++at, name_letters);

		assert_true(len > 0 && at[len] == '=' && at[len + 1] == '"');
		for (at += len + 2; *at != '"'; at++) {
			assert_true(*at && *at != '\n');
			if (*at == '\\') {
				at++;
				assert_non_null(strchr("\\\"n", *at));
			}
		}
	} while (*++at == ',');
	assert_int_equal(*at, '}');
	return at + 1;
}

static void read_sample(struct samples *samples, const char *line, const char *family, const char *type, bool open)
{
	struct sample *sample = &samples->sample[samples->count];
	size_t name = strspn(line, name_letters);
	const char *value = skip_labels(line + name);
	char suffix[96], *end;

	assert_in_range(samples->count, 0, SAMPLES_MAX - 1);
	if (strncmp(line, family, strlen(family)) != 0 || name < strlen(family))
		fail_msg("'%s' in family %s", line, family);
	snprintf(suffix, sizeof(suffix), "%.*s", (int)(name - strlen(family)), line + strlen(family));
	if (!suffix_fits(type, suffix, open))
		fail_msg("'%s' in a family of type %s", line, type);
	assert_int_equal(*value, ' ');
	strtod(value + 1, &end);
	assert_true(end > value + 1 && !*end);
	snprintf(sample->series, sizeof(sample->series), "%.*s", (int)(value - line), line);
	snprintf(sample->family, sizeof(sample->family), "%s", family);
	snprintf(sample->type, sizeof(sample->type), "%s", type);
	snprintf(sample->value, sizeof(sample->value), "%s", value + 1);
	for (unsigned i = 0; i < samples->count; i++)
		assert_string_not_equal(samples->sample[i].series, sample->series);
	samples->count++;
}

/* Reads <text>, which is taken to pieces. */
static struct samples *samples_of(char *text, bool open)
{
	struct samples *samples = calloc(1, sizeof(*samples));
	char family[96] = "", type[16] = "", name[96], word[256];
	bool helped = true;
	char *rest = NULL;

	assert_true(*text && text[strlen(text) - 1] == '\n');
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		assert_false(samples->ended);
		if (!strcmp(line, "# EOF")) {
			samples->ended = true;
		} else if (sscanf(line, "# TYPE %95s %15s", name, word) == 2) {
			assert_true(helped);
			assert_int_equal(strspn(name, name_letters), strlen(name));
			assert_int_equal(strncmp(name, "warden_", 7), 0);
			assert_false(seen_family(samples, name));
			snprintf(family, sizeof(family), "%s", name);
			snprintf(type, sizeof(type), "%.15s", word);
			helped = false;
		} else if (sscanf(line, "# UNIT %95s %255s", name, word) == 2) {
			assert_true(open);
			assert_string_equal(name, family);
			assert_string_equal(name + strlen(name) - strlen(word), word);
		} else if (sscanf(line, "# HELP %95s %255s", name, word) == 2) {
			assert_string_equal(name, family);
			helped = true;
		} else {
			assert_true(helped);
			read_sample(samples, line, family, type, open);
		}
	}
	assert_int_equal(samples->ended, open);
	return samples;
}

static const char *value_of(const struct samples *samples, const char *series)
{
	for (unsigned i = 0; i < samples->count; i++)
		if (!strcmp(samples->sample[i].series, series))
			return samples->sample[i].value;
	fail_msg("no %s", series);
	return NULL;
}

static unsigned series_with(const struct samples *samples, const char *part)
{
	unsigned count = 0;

	for (unsigned i = 0; i < samples->count; i++)
		count += strstr(samples->sample[i].series, part) != NULL;
	return count;
}

/* --- what is read -------------------------------------------------------------------------- */

static char *printed(const struct mapping *mapping, struct openmetrics how)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	how.now = NOW;
	assert_int_equal(openmetrics_print(mapping, &how, out), 0);
	fclose(out);
	return text;
}

static struct samples *samples(const struct mapping *mapping, struct openmetrics how)
{
	char *text = printed(mapping, how);
	struct samples *samples = samples_of(text, how.dialect == EXPOSITION_OPENMETRICS);

	free(text);
	return samples;
}

static const struct openmetrics open_format = { .dialect = EXPOSITION_OPENMETRICS };
static const struct openmetrics older_format = { .dialect = EXPOSITION_PROMETHEUS };

/* Gives each counter a number that nothing else has. */
static uint64_t number_of(unsigned word)
{
	return UINT64_C(1000003) * (word + 7);
}

static void count_all(struct mapping *mapping)
{
	struct bank *bank = bank_mine(&mapping->counters);
	uint64_t timed = 0;

	for (unsigned i = 0; i < HISTOGRAM_WORDS; i++) {
		bank_add(bank, BANK_HISTOGRAM + i, number_of(BANK_HISTOGRAM + i));
		timed += number_of(BANK_HISTOGRAM + i);
	}
	for (unsigned i = 0; i < DETECTOR_COUNT; i++)
		bank_add(bank, BANK_DETECTORS + i, number_of(BANK_DETECTORS + i));
	/* What was measured is in a bucket each; how long it took in all is as good as any number. */
	for (unsigned i = 0; i < COUNTER_COUNT; i++)
		bank_add(bank, i, i == COUNTER_timed ? timed : number_of(i));
}

/* Gauges as well: each of them differs from all others, and from what else is there. */
static void fill_all(struct warden *warden)
{
	struct mapping *mapping = &warden->mapping;
	struct hold hold = { .name = "\4held\7example", .name_len = 14, .verdict = WARDEN_REFUSE, .made = NOW,
	                     .expires = NOW + 1000000, .detector = HOLD_BY_OPERATOR };

	for (unsigned client = 1; client <= 5; client++) {
		char text[32];

		snprintf(text, sizeof(text), "192.0.2.%u", client);
		decision_on(warden, text, "www.one.example", 1);
		decision_on(warden, text, "www.two.example", 1);
		if (client < 4)
			decision_on(warden, text, "www.three.example", 1);
	}
	for (unsigned i = 0; i < 11; i++) {
		hold.verdict = i < 4 ? WARDEN_PASS : WARDEN_REFUSE;
		hold.domain_hash = i + 1;
		assert_true(hold_set(mapping, 0, &hold, NOW));
	}
	atomic_store(&mapping->header->held_clients, 7001);
	atomic_store(&mapping->header->tripped, 7002);
	atomic_store(&mapping->header->generation, 7003);
	for (unsigned i = 0; i < GAUGE_COUNT; i++)
		gauge_set(mapping->header, i, 7100 + i);
	count_all(mapping);
}

struct search {
	const struct samples *samples;
	uint64_t bucket, before; /* buckets so far; what their samples said */
	unsigned found;
};

static bool has_value(const struct samples *samples, bool gauge, const char *value)
{
	for (unsigned i = 0; i < samples->count; i++)
		if (!strcmp(samples->sample[i].value, value) && !strcmp(samples->sample[i].type, "gauge") == gauge)
			return true;
	return false;
}

/* A number of `stats_noreset` is the value of a sample of its kind, or follows from such. */
static void find(void *arg, const struct metric *metric)
{
	static const char seconds[] = "warden.time.observe.nanoseconds";
	struct search *search = arg;
	char value[40];

	search->found++;
	/* What follows from others. */
	if (!strcmp(metric->name, "warden.num.queries") || !strcmp(metric->name, "warden.time.observe.avg"))
		return;
	snprintf(value, sizeof(value), "%" PRIu64, metric->value);
	if (metric->kind == METRIC_BUCKET) {
		search->before += metric->value;
		snprintf(value, sizeof(value), "%" PRIu64, search->before);
	}
	if (!strcmp(metric->name, seconds))
		snprintf(value, sizeof(value), "%" PRIu64 ".%09" PRIu64, metric->value / 1000000000,
		         metric->value % 1000000000);
	if (!metric->value || !has_value(search->samples, metric->kind == METRIC_GAUGE, value))
		fail_msg("%s=%" PRIu64 " is told nowhere", metric->name, metric->value);
}

static void nothing_is_forgotten(void **state)
{
	struct warden *warden = open_engine("", true);
	struct search search = { NULL };

	(void)state;
	fill_all(warden);
	for (unsigned older = 0; older < 2; older++) {
		struct samples *all = samples(&warden->mapping, older ? older_format : open_format);

		search = (struct search){ .samples = all };
		stats_totals(&warden->mapping, find, &search);
		assert_in_range(search.found, COUNTER_COUNT + DETECTOR_COUNT + HISTOGRAM_WORDS + 10, 1000);
		free(all);
	}
	warden_close(warden);
}

static void names(void **state)
{
	static const char *const lasting[] = {
		"warden_queries_total{path=\"joined\"}", "warden_queries_total{path=\"cache\"}",
		"warden_queries_total{path=\"local\"}", "warden_answers_total", "warden_refused_total",
		"warden_verdicts_total{verdict=\"log\"}", "warden_verdicts_total{verdict=\"tag\"}",
		"warden_verdicts_total{verdict=\"refuse\"}", "warden_evictions_total{table=\"clients\"}",
		"warden_evictions_total{table=\"pairs\"}", "warden_evictions_total{table=\"domains\"}",
		"warden_evictions_total{table=\"delegations\"}", "warden_capacity{table=\"clients\"}",
		"warden_capacity{table=\"pairs\"}", "warden_capacity{table=\"domains\"}", "warden_holds_lost_total",
		"warden_holds_tripped", "warden_config_generation", "warden_events_written_total",
		"warden_events_lost_total", "warden_events_lost_created", "warden_shared_memory_bytes",
		"warden_observe_duration_seconds_bucket{le=\"0.000001024\"}", "warden_observe_duration_seconds_sum",
	};
	struct warden *warden = open_engine("", true);
	struct samples *all;
	char value[32];

	(void)state;
	fill_all(warden);
	all = samples(&warden->mapping, open_format);
	snprintf(value, sizeof(value), "%" PRIu64, banks_sum(warden->mapping.banks, COUNTER_misses));
	assert_string_equal(value_of(all, "warden_queries_total{path=\"miss\"}"), value);
	assert_string_equal(value_of(all, "warden_opinions_total{detector=\"information\"}"),
	                    (snprintf(value, sizeof(value), "%" PRIu64, number_of(BANK_DETECTORS + DETECTOR_information)),
	                     value));
	assert_string_equal(value_of(all, "warden_entries{table=\"clients\"}"), "5");
	assert_string_equal(value_of(all, "warden_entries{table=\"pairs\"}"), "13");
	assert_string_equal(value_of(all, "warden_entries{table=\"domains\"}"), "3");
	assert_string_equal(value_of(all, "warden_holds"), "7");
	assert_string_equal(value_of(all, "warden_exemptions"), "4");
	assert_string_equal(value_of(all, "warden_up"), "1");
	assert_string_equal(value_of(all, "warden_build_info{version=\"" WARDEN_VERSION "\"}"), "1");
	/* What dashboards and rules have been written for keeps its name. */
	for (size_t i = 0; i < sizeof(lasting) / sizeof(*lasting); i++)
		value_of(all, lasting[i]);
	assert_string_equal(value_of(all, "warden_observe_duration_seconds_bucket{le=\"+Inf\"}"),
	                    value_of(all, "warden_observe_duration_seconds_count"));
	assert_int_equal(series_with(all, "_bucket{"), HISTOGRAM_WORDS);
	/* Nobody is told of by address who was not asked for. */
	assert_int_equal(series_with(all, "client="), 0);
	free(all);
	warden_close(warden);
}

static void stats_resets_nothing_here(void **state)
{
	struct warden *warden = open_engine("", true);
	char *before, *after, *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	fill_all(warden);
	before = printed(&warden->mapping, open_format);
	stats_print_and_reset(&warden->mapping, emitter_find("plain"), out);
	rewind(out);
	stats_print(&warden->mapping, emitter_find("plain"), out);
	fclose(out);
	assert_non_null(strstr(text, "warden.num.misses=0\n"));
	after = printed(&warden->mapping, open_format);
	assert_string_equal(before, after);
	free(before);
	free(after);
	free(text);
	warden_close(warden);
}

static void without_a_segment(void **state)
{
	struct samples *all = samples(NULL, open_format);

	(void)state;
	assert_string_equal(value_of(all, "warden_up"), "0");
	assert_int_equal(all->count, 2);
	free(all);
}

static void a_sample_is_a_line(void **state)
{
	static const struct exposition_family family = {
		.name = "warden_x", .type = EXPOSITION_GAUGE, .help = "A \"word\"\nand a \\.",
	};
	static const char *const expected[] = {
		"# TYPE warden_x gauge\n# HELP warden_x A \\\"word\\\"\\nand a \\\\.\n",
		"# TYPE warden_x gauge\n# HELP warden_x A \"word\"\\nand a \\\\.\n",
	};

	(void)state;
	for (enum exposition_dialect dialect = EXPOSITION_OPENMETRICS; dialect <= EXPOSITION_PROMETHEUS; dialect++) {
		char *text, whole[256];
		size_t len;
		struct exposition expo = { .out = open_memstream(&text, &len), .dialect = dialect };

		exposition_family(&expo, &family);
		exposition_sample(&expo, &family, (struct exposition_label){ "of", "a\"b\\c\nd\xc3\xa9" }, 5);
		fclose(expo.out);
		snprintf(whole, sizeof(whole), "%s%s", expected[dialect],
		         "warden_x{of=\"a\\\"b\\\\c\\nd\xc3\xa9\"} 5\n");
		assert_string_equal(text, whole);
		free(text);
	}
}

/* --- clients ------------------------------------------------------------------------------- */

#define CLIENTS 140

static struct warden *many_clients(void)
{
	struct warden *warden = open_engine("warden:\n\tprofile: small\n", true);

	for (unsigned client = 1; client <= CLIENTS; client++) {
		char text[32];

		snprintf(text, sizeof(text), "192.0.2.%u", client);
		for (unsigned i = 0; i < client; i++)
			decision_on(warden, text, "www.example.org", 1);
	}
	return warden;
}

static void clients_are_bounded(void **state)
{
	struct warden *warden = many_clients();
	struct config *config = config_load(NULL, NULL, NULL, NULL);
	static const struct {
		uint32_t asked, told;
	} bounds[] = { { 0, 0 }, { 1, 1 }, { 3, 3 }, { 100, 100 }, { 101, 100 }, { UINT32_MAX, 100 } };

	(void)state;
	assert_non_null(config);
	for (size_t i = 0; i < sizeof(bounds) / sizeof(*bounds); i++) {
		struct openmetrics how = open_format;
		struct samples *all;

		how.config = config;
		how.clients = bounds[i].asked;
		all = samples(&warden->mapping, how);
		assert_int_equal(series_with(all, "client="), 3 * bounds[i].told);
		assert_int_equal(series_with(all, "warden_client_queries{"), bounds[i].told);
		if (bounds[i].told) /* the busiest, since all are suspected alike */
			assert_string_equal(value_of(all, "warden_client_queries{client=\"192.0.2.140\"}"), "140");
		if (bounds[i].told == 3)
			assert_string_equal(value_of(all, "warden_client_queries{client=\"192.0.2.138\"}"), "138");
		free(all);
	}
	config_free(config);
	warden_close(warden);
}

/* As the configuration has it: under one address those that are shown alike, or each under another. */
static void clients_are_private(void **state)
{
	struct warden *warden = many_clients();
	const char *truncate = temp_file("truncate.conf", "warden:\n\tclient-privacy: truncate\n");
	const char *pseudonym = temp_file("pseudonym.conf", "warden:\n\tclient-privacy: pseudonym\n"
	                                                    "\tclient-privacy-key-file: \"key\"\n");
	struct openmetrics how = open_format;
	struct config *config = config_load(truncate, NULL, NULL, NULL);
	struct samples *all;

	(void)state;
	assert_non_null(config);
	how.config = config;
	how.clients = 3;
	all = samples(&warden->mapping, how);
	assert_int_equal(series_with(all, "client="), 3);
	assert_string_equal(value_of(all, "warden_client_queries{client=\"192.0.2.0\"}"), "417");
	free(all);
	config_free(config);

	assert_int_equal(chmod(temp_file("key", "0123456789abcdeffedcba9876543210"), 0600), 0);
	config = config_load(pseudonym, NULL, NULL, NULL);
	assert_non_null(config);
	how.config = config;
	all = samples(&warden->mapping, how);
	assert_int_equal(series_with(all, "warden_client_queries{"), 3);
	assert_int_equal(series_with(all, "192.0.2."), 0);
	free(all);
	config_free(config);
	warden_close(warden);
}

/* Asks as a tunnel to <domain> does, for <count> names that differ. */
static void tunnel(struct warden *warden, const char *client, const char *domain, unsigned count)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
	uint64_t random = 88172645463325252;
	char name[80];

	for (unsigned i = 0; i < count; i++) {
		for (unsigned at = 0; at < 50; at++) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			name[at] = digits[random % 32];
		}
		snprintf(name + 50, sizeof(name) - 50, ".%s", domain);
		decision_on(warden, client, name, 16);
	}
}

static int risk_of(const struct samples *samples, const char *client)
{
	char series[96];

	snprintf(series, sizeof(series), "warden_client_risk{client=\"%s\"}", client);
	return atoi(value_of(samples, series));
}

/* Of clients that are shown alike the worst one's risk is told, neither the last one's nor a sum. */
static void the_highest_risk(void **state)
{
	struct warden *warden = open_engine("warden:\n\tprofile: small\n" EVERY_DETECTOR, true);
	struct config *full = config_load(NULL, NULL, NULL, NULL);
	struct config *truncate = config_load(temp_file("truncate.conf", "warden:\n\tclient-privacy: truncate\n"), NULL,
	                                      NULL, NULL);
	struct openmetrics how = open_format;
	struct samples *all;
	int high, low;

	(void)state;
	assert_true(full && truncate);
	tunnel(warden, "192.0.2.2", "example.com", 8);
	tunnel(warden, "192.0.2.3", "example.net", 20);
	tunnel(warden, "192.0.2.4", "example.org", 8);
	how.clients = 10;
	how.config = full;
	all = samples(&warden->mapping, how);
	high = risk_of(all, "192.0.2.3");
	low = risk_of(all, "192.0.2.2");
	assert_in_range(low, 1, high - 1);
	assert_int_equal(risk_of(all, "192.0.2.4"), low);
	free(all);
	how.config = truncate;
	all = samples(&warden->mapping, how);
	assert_int_equal(series_with(all, "warden_client_risk{"), 1);
	assert_int_equal(risk_of(all, "192.0.2.0"), high);
	free(all);
	config_free(full);
	config_free(truncate);
	warden_close(warden);
}

/* --- what is asked for --------------------------------------------------------------------- */

static void negotiation(void **state)
{
	static const struct {
		const char *accept;
		enum exposition_dialect dialect;
	} asked[] = {
		{ NULL, EXPOSITION_PROMETHEUS },
		{ "", EXPOSITION_PROMETHEUS },
		{ "*/*", EXPOSITION_PROMETHEUS },
		{ "text/html,application/xhtml+xml,*/*;q=0.8", EXPOSITION_PROMETHEUS },
		{ "text/plain", EXPOSITION_PROMETHEUS },
		/* Prometheus 2.42 and 3.0. */
		{ "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
		  "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", EXPOSITION_OPENMETRICS },
		{ "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;"
		  "version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;"
		  "q=0.2,*/*;q=0.1", EXPOSITION_OPENMETRICS },
		{ "application/openmetrics-text", EXPOSITION_OPENMETRICS },
		{ " Application/OpenMetrics-Text ; Version=1.0.0 ", EXPOSITION_OPENMETRICS },
		{ "application/openmetrics-text; version=0.0.1", EXPOSITION_PROMETHEUS },
		{ "application/openmetrics-text;q=0", EXPOSITION_PROMETHEUS },
		{ "application/openmetrics-text;q=0.000", EXPOSITION_PROMETHEUS },
		{ "application/openmetrics-text;q=0.001", EXPOSITION_OPENMETRICS },
		{ "application/openmetrics-text;q=0.5,text/plain", EXPOSITION_PROMETHEUS },
		{ "application/openmetrics-text;q=0.5,text/plain;q=0.49", EXPOSITION_OPENMETRICS },
		{ "application/openmetrics-text;q=much,text/plain;q=0.1", EXPOSITION_PROMETHEUS },
		{ "application/openmetrics-textual", EXPOSITION_PROMETHEUS },
		{ ",;,;=,q=1;;", EXPOSITION_PROMETHEUS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++)
		if (metrics_negotiate(asked[i].accept) != asked[i].dialect)
			fail_msg("Accept: %s", asked[i].accept ? asked[i].accept : "(none)");
}

/* Every family is in the manual, and nothing else. */
static void manual(void **state)
{
	struct warden *warden = many_clients();
	struct config *config = config_load(NULL, NULL, NULL, NULL);
	struct openmetrics how = older_format;
	struct samples *all;
	char *text, name[96];
	size_t len;
	FILE *out = open_memstream(&text, &len);
	unsigned in_manual = 0, families = 0;

	(void)state;
	how.config = config;
	how.clients = 1;
	all = samples(&warden->mapping, how);
	assert_int_equal(openmetrics_manual(&(struct page){ .out = out, .style = &manual_styles[MANUAL_TEXT] }), 0);
	fclose(out);
	for (unsigned i = 0; i < all->count; i++) {
		size_t end = strspn(all->sample[i].family, name_letters);

		if (i && !strcmp(all->sample[i].family, all->sample[i - 1].family))
			continue;
		families++;
		snprintf(name, sizeof(name), "    %.*s", (int)end, all->sample[i].family);
		if (!strstr(text, name))
			fail_msg("%s is not in the manual", name);
	}
	for (char *at = text; (at = strstr(at, "\n    warden_")); at++)
		in_manual++;
	assert_int_equal(in_manual, families);
	free(all);
	free(text);
	config_free(config);
	warden_close(warden);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_forgotten),
		cmocka_unit_test(names),
		cmocka_unit_test(stats_resets_nothing_here),
		cmocka_unit_test(without_a_segment),
		cmocka_unit_test(a_sample_is_a_line),
		cmocka_unit_test(clients_are_bounded),
		cmocka_unit_test(clients_are_private),
		cmocka_unit_test(the_highest_risk),
		cmocka_unit_test(negotiation),
		cmocka_unit_test(manual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
