/* SPDX-License-Identifier: BSD-3-Clause */
/* test_places - databases of places: found, missing, broken, and replaced by a reload. They are those of
 * tests/data, copied beside a warden.conf of the test's own.
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

#include "engine/look.h"
#include "support.h"

#define DATABASE_MAX 4096

#define BOTH "warden:\n asn-database: \"asn.mmdb\"\n country-database: \"country.mmdb\"\n"

static uint8_t asn[DATABASE_MAX], country[DATABASE_MAX];
static size_t asn_len, country_len;

static size_t read_data(const char *name, uint8_t octets[DATABASE_MAX])
{
	const char *source = getenv("WARDEN_SOURCE");
	char path[1024];
	size_t len;
	FILE *in;

	snprintf(path, sizeof(path), "%s/tests/data/%s", source ? source : ".", name);
	in = fopen(path, "r");
	if (!in)
		fail_msg("cannot read %s", path);
	len = fread(octets, 1, DATABASE_MAX, in);
	fclose(in);
	assert_in_range(len, 1, DATABASE_MAX - 1);
	return len;
}

/* A new file each time, as mapped ones must not be written to. */
static void write_data(const char *name, const uint8_t *octets, size_t len)
{
	FILE *out;

	unlink(temp(name));
	out = fopen(temp(name), "w");
	assert_non_null(out);
	assert_int_equal(fwrite(octets, 1, len, out), len);
	assert_int_equal(fclose(out), 0);
}

static int setup(void **state)
{
	(void)state;
	temp_clean();
	said[0] = '\0';
	asn_len = read_data("places-asn.mmdb", asn);
	country_len = read_data("places-country.mmdb", country);
	write_data("asn.mmdb", asn, asn_len);
	write_data("country.mmdb", country, country_len);
	return 0;
}

static void on_warn(void *arg, const char *sentence)
{
	(void)arg;
	say(1, sentence);
}

static struct config *load(const char *text)
{
	struct config *config = config_load(temp_file("warden.conf", text), on_warn, on_warn, NULL);

	assert_non_null(config);
	return config;
}

/* Where the addresses in <text>, at most 20, are. */
static unsigned places_of(struct config *config, const char *const *text, struct location location[LOCATIONS_MAX])
{
	struct warden_record record[20];
	uint8_t octets[20][16];
	struct warden_observation obs = { .records = record };
	struct look look = { .config = config, .obs = &obs };
	struct facts facts = { .obs = &obs };

	for (; *text; text++) {
		uint32_t i = obs.record_count++;
		bool six = strchr(*text, ':');

		address(octets[i], *text);
		record[i] = (struct warden_record){
			.rdata = six ? octets[i] : octets[i] + 12, .rdata_len = six ? 16 : 4, .type = six ? 28 : 1,
		};
	}
	memset(location, 0xff, LOCATIONS_MAX * sizeof(*location));
	places_fill(&look, &facts, location);
	assert_ptr_equal(facts.locations, location);
	return facts.location_count;
}

static void expect(const struct location *at, uint16_t record, uint32_t system, const char *code)
{
	assert_int_equal(at->record, record);
	assert_int_equal(at->asn, system);
	assert_memory_equal(at->country, code, 2);
}

static void finds_both_families(void **state)
{
	static const char *const addresses[] = {
		"198.51.100.127", "198.51.100.128", "::ffff:203.0.113.9", "2001:db8::1", "2001:db8:8000::1", "192.0.2.0",
		NULL,
	};
	struct location location[LOCATIONS_MAX];
	struct config *config = load(BOTH);

	(void)state;
	assert_string_equal(strstr(said, "mmdb") ? said : "", "");
	assert_int_equal(places_of(config, addresses, location), 4);
	expect(&location[0], 0, 64497, "XB");
	expect(&location[1], 2, 64498, "XC");
	expect(&location[2], 3, 64496, "XA");
	expect(&location[3], 5, 64496, "XA");
	config_free(config);
}

static void as_many_as_there_is_room_for(void **state)
{
	const char *addresses[21] = { NULL };
	struct location location[LOCATIONS_MAX];
	struct config *config = load(BOTH);

	(void)state;
	for (unsigned i = 0; i < LOCATIONS_MAX; i++)
		addresses[i] = "192.0.2.1";
	assert_int_equal(places_of(config, addresses, location), LOCATIONS_MAX);
	addresses[LOCATIONS_MAX] = "192.0.2.1";
	assert_int_equal(places_of(config, addresses, location), LOCATIONS_MAX);
	expect(&location[LOCATIONS_MAX - 1], LOCATIONS_MAX - 1, 64496, "XA");
	config_free(config);
}

static void does_without(void **state)
{
	static const char *const addresses[] = { "192.0.2.1", NULL };
	struct location location[LOCATIONS_MAX];
	struct config *config = load("");

	(void)state;
	assert_int_equal(places_of(config, addresses, location), 0);
	config_free(config);

	unlink(temp("asn.mmdb"));
	said[0] = '\0';
	config = load(BOTH);
	assert_non_null(strstr(said, "warden.conf:1: asn-database: cannot use"));
	assert_non_null(strstr(said, "asn.mmdb', and does without: No such file or directory"));
	assert_null(strstr(said, "country-database"));
	assert_int_equal(places_of(config, addresses, location), 1);
	expect(&location[0], 0, 0, "XA");
	config_free(config);

	write_data("asn.mmdb", asn, asn_len);
	write_data("country.mmdb", (const uint8_t *)"no database", 11);
	said[0] = '\0';
	config = load(BOTH);
	assert_non_null(strstr(said, "country-database: cannot use"));
	assert_null(strstr(said, "asn-database"));
	assert_int_equal(places_of(config, addresses, location), 1);
	expect(&location[0], 0, 64496, "\0\0");
	config_free(config);

	/* A database of something else has no such values. */
	write_data("asn.mmdb", country, country_len);
	config = load("warden:\n asn-database: \"asn.mmdb\"\n");
	assert_int_equal(places_of(config, addresses, location), 0);
	config_free(config);
}

/* Cut anywhere, and with octets that are not as they should be: whatever is said, it is said. */
static void broken_ones_do_no_harm(void **state)
{
	static const char *const addresses[] = { "192.0.2.1", "198.51.100.1", "10.0.0.1", "2001:db8::1", "::1", NULL };
	struct location location[LOCATIONS_MAX];
	uint64_t random = 88172645463325252u;
	uint8_t octets[DATABASE_MAX];

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		size_t len = i % 3 ? asn_len : random_next(&random) % asn_len;
		struct config *config;

		memcpy(octets, i % 2 ? asn : country, DATABASE_MAX);
		for (unsigned j = 0; j < i % 5; j++)
			octets[random_next(&random) % asn_len] = (uint8_t)random_next(&random);
		write_data("asn.mmdb", octets, len);
		write_data("country.mmdb", octets, len);
		said[0] = '\0';
		config = load(BOTH);
		assert_in_range(places_of(config, addresses, location), 0, 5);
		config_free(config);
	}
}

static void answered(struct warden *warden, const char *name)
{
	static const uint8_t octets[4] = { 192, 0, 2, 1 };
	static const struct warden_record record = { .type = 1, .rdata = octets, .rdata_len = 4, .ttl = 300 };
	struct asked asked;

	question(&asked, "198.51.100.7", name, 1);
	asked.obs.what = WARDEN_QUESTION | WARDEN_ANSWER;
	asked.obs.path = WARDEN_PATH_CACHE;
	asked.obs.records = &record;
	asked.obs.record_count = asked.obs.answer_count = 1;
	warden_observe(warden, &asked.obs);
}

#define DENIED "detector:\n name: \"answer-place\"\n deny-asn: 64496\n"

static void reload(struct warden *warden, const char *config)
{
	char error[512];

	temp_file("warden.conf", engine_config(config));
	assert_int_equal(engine_reload(warden, error, sizeof(error)), 0);
}

static void reload_replaces_them(void **state)
{
	struct warden *warden = open_engine(DENIED, true);

	(void)state;
	answered(warden, "www.a.com");
	assert_int_equal(drain(warden, NULL, 0), 0);
	reload(warden, "warden:\n asn-database: \"asn.mmdb\"\n" DENIED);
	answered(warden, "www.b.com");
	assert_int_equal(drain(warden, NULL, 0), 1);
	/* A file that has gone: what was mapped is no longer used. */
	unlink(temp("asn.mmdb"));
	answered(warden, "www.c.com");
	assert_int_equal(drain(warden, NULL, 0), 1);
	said[0] = '\0';
	reload(warden, "warden:\n asn-database: \"asn.mmdb\"\n" DENIED);
	assert_non_null(strstr(said, "asn-database: cannot use"));
	answered(warden, "www.d.com");
	assert_int_equal(drain(warden, NULL, 0), 0);
	write_data("asn.mmdb", asn, asn_len);
	reload(warden, "warden:\n asn-database: \"asn.mmdb\"\n" DENIED);
	answered(warden, "www.e.com");
	assert_int_equal(drain(warden, NULL, 0), 1);
	warden_close(warden);
}

static void lists_are_checked(void **state)
{
	char error[512];
	struct warden *warden = open_engine("", true);

	(void)state;
	temp_file("warden.conf", "detector:\n name: \"answer-place\"\n deny-country: \"Europe\"\n");
	assert_int_equal(engine_reload(warden, error, sizeof(error)), -1);
	assert_non_null(strstr(error, "answer-place: deny-country: 'Europe' is not two letters like AQ"));
	warden_close(warden);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(finds_both_families),
		TEST(as_many_as_there_is_room_for),
		TEST(does_without),
		TEST(broken_ones_do_no_harm),
		TEST(reload_replaces_them),
		TEST(lists_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
