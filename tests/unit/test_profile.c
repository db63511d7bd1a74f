/* SPDX-License-Identifier: BSD-3-Clause */
/* test_profile - what client-profile: clauses make: values, or the sentences that the operator reads; and that
 * the engine goes by them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "engine/profile.h"
#include "support.h"

#define GUESTS "client-profile:\n name: guests\n client: 198.51.100.0/24\n"

static char faults[8192];

static void on_fault(void *arg, const char *sentence)
{
	size_t used = strlen(faults);
	const char *file = arg, *at = strstr(sentence, file);

	/* Without the folder, which is another in every run. */
	snprintf(faults + used, sizeof(faults) - used, "%s\n", at ? at + strlen(file) + 1 : sentence);
}

static struct config *load(const char *text)
{
	const char *file = temp_file("profiles.conf", text);

	faults[0] = '\0';
	return config_load(file, on_fault, NULL, (void *)(uintptr_t)file);
}

static struct config *load_good(const char *text)
{
	struct config *config = load(text);

	assert_string_equal(faults, "");
	assert_non_null(config);
	return config;
}

static const char *profile_of(const struct config *config, const char *client)
{
	const struct client_profile *profile;
	uint8_t octets[16];

	address(octets, client);
	profile = config_profile(config, octets);
	return profile ? profile->name : "none";
}

static const struct detector_config *own(const struct config *config, size_t profile, unsigned id)
{
	return config->profile[profile].detector[id];
}

static void test_faults(void **state)
{
	static const struct { const char *text, *faults; } cases[] = {
		{ "client-profile:\n client: 192.0.2.0/24\n", "1: the client-profile: clause has no name: of your choice, as name: \"guests\"\n" },
		{ "\nclient-profile:\n name: guests\n", "2: the profile 'guests' has no client: as 198.51.100.0/24\n" },
		{ "client-profile:\n name: guests\n name: staff\n client: 192.0.2.0/24\n",
		  "3: a second name: begin a new clause with 'client-profile:'\n" },
		{ GUESTS "client-profile:\n name: guests\n client: 192.0.2.0/24\n",
		  "4: a second profile called 'guests'\n" },
		{ "client-profile:\n name: \"our guests\"\n client: 192.0.2.0/24\n",
		  "2: name: 'our guests' is not 1 to 24 letters, digits, dots, hyphens or underscores\n"
		  "1: the client-profile: clause has no name: of your choice, as name: \"guests\"\n" },
		{ "client-profile:\n name: guests\n client: 192.0.2.0/33\n client: here\n client: 192.0.2.0/24\n",
		  "3: client: '192.0.2.0/33' is not an address or a prefix like 192.0.2.0/24\n"
		  "4: client: 'here' is not an address or a prefix like 192.0.2.0/24\n" },
		{ GUESTS " mode: dry\n", "4: mode: 'dry' is not one of observe, enforce, inherit\n" },
		{ GUESTS " clients: 192.0.2.0/24\n",
		  "4: unknown option 'clients' in client-profile: (did you mean 'client'?)\n" },
		{ GUESTS " client: 198.51.100.0/24\n", "4: client: '198.51.100.0/24' is in the profile 'guests' already\n" },
		{ GUESTS " client: 198.51.100.7/24\n",
		  "4: client: '198.51.100.7/24' is in the profile 'guests' already, as 198.51.100.0/24\n" },
		{ "client-profile:\n name: staff\n client: 192.0.2.0/24\n client: 198.51.100.0/24\n" GUESTS,
		  "7: client: '198.51.100.0/24' is in the profile 'staff' already\n" },
		{ "client-profile:\n name: one\n client: 2001:db8::/64\n client: 2001:db8:1::/65\n",
		  "4: client: '2001:db8:1::/65' is a part of one client: client-prefix-v6 makes one of the first 64 bits\n" },
		{ "client-profile:\n name: one\n client: 192.0.2.0/24\n client: 192.0.2.0/25\nwarden:\n"
		  " client-prefix-v4: 24\n",
		  "4: client: '192.0.2.0/25' is a part of one client: client-prefix-v4 makes one of the first 24 bits\n" },
		{ "detector:\n name: null-rate\n profile: gests\n enable: no\n" GUESTS,
		  "3: unknown profile 'gests' (did you mean 'guests'?)\n" },
		{ "detector:\n name: null-rate\n profile: guests\n",
		  "3: unknown profile 'guests': a client-profile: clause makes one\n" },
		{ GUESTS "detector:\n name: null-rate\n profile: guests\n profile: staff\n",
		  "7: a second profile: begin a new clause with 'detector:'\n" },
		{ GUESTS "detector:\n profile: guests\n hold: 1h\n", "4: the detector: clause has no name: to say which, as name: \"information\"\n" },
		{ GUESTS "detector:\n name: null-rate\n profile: guests\n holds: 1h\n hold: x\n",
		  "7: unknown option 'holds' in detector 'null-rate' (did you mean 'hold'?)\n"
		  "8: hold: 'x' is not a time: write 90s, 5m, 1h or 1d\n" },
		{ GUESTS "detector:\n name: dynamic-dns\n profile: guests\n file: more.list\n",
		  "7: file: the lists of a detector are the same for all profiles\n" },
		/* What is wrong with everybody's options is said once. */
		{ GUESTS "detector:\n name: download\n rare-budget: 64k\n budget: 16k\n"
		  "detector:\n name: download\n profile: guests\n hold: 2h\n",
		  "4: download: rare-budget is above budget: a rare domain gets less, not more\n" },
		{ GUESTS "detector:\n name: download\n profile: guests\n rare-budget: 64k\n budget: 16k\n",
		  "4: download, profile 'guests': rare-budget is above budget: a rare domain gets less, not more\n" },
		{ GUESTS "detector:\n name: record-change\n profile: guests\n watch: a..b\n",
		  "4: record-change, profile 'guests': watch: 'a..b' is not a domain name like example.org\n" },
		{ "warden:\n never-hold: 1.2.3\n forwarder: ::/x\n",
		  "2: never-hold: '1.2.3' is not an address or a prefix like 192.0.2.0/24\n"
		  "3: forwarder: '::/x' is not an address or a prefix like 192.0.2.0/24\n" },
		{ "warden:\n stats-view: \"my view\"\n",
		  "2: stats-view: 'my view' is not the name of a view: at most 63 printable characters, no blanks\n" },
		{ "warden:\n stats-view: \xc3\xa4\n",
		  "2: stats-view: '\xc3\xa4' is not the name of a view: at most 63 printable characters, no blanks\n" },
		{ "warden:\n mode: observe\n control-socket: /run/w.ctl\n stats-proxy: /run/w.ctl\n",
		  "4: stats-proxy: '/run/w.ctl' is Warden's own control-socket: it needs Unbound's\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_null(load(cases[i].text));
		assert_string_equal(faults, cases[i].faults);
	}
}

static void test_lengths(void **state)
{
	char text[256];

	(void)state;
	snprintf(text, sizeof(text), "warden:\n stats-view: %063d\n", 0);
	config_free(load_good(text));
	snprintf(text, sizeof(text), "warden:\n stats-view: %064d\n", 0);
	assert_null(load(text));
	snprintf(text, sizeof(text), "warden:\n stats-proxy: /%0106d\n", 0);
	config_free(load_good(text));
	snprintf(text, sizeof(text), "warden:\n stats-proxy: /%0107d\n", 0);
	assert_null(load(text));
	assert_non_null(strstr(faults, "2: stats-proxy: '/0"));
	config_free(load_good("warden:\n control-socket: \"\"\n stats-proxy: \"\"\n"));
}

static void test_none(void **state)
{
	struct config *config = load_good("");

	(void)state;
	assert_int_equal(config->profile_count, 0);
	assert_null(config->profile_of);
	assert_string_equal(profile_of(config, "198.51.100.7"), "none");
	config_free(config);
}

static void test_most_specific(void **state)
{
	struct config *config = load_good(
		"client-profile:\n name: campus\n client: 10.0.0.0/8\n client: 2001:db8::/32\n"
		"client-profile:\n name: guests\n client: 10.1.0.0/16\n client: 2001:db8:1::/48\n"
		"client-profile:\n name: printers\n client: 10.1.2.3\n client: 10.1.2.64/26\n client: 10.1.255.0/24\n");

	(void)state;
	assert_int_equal(config->profile_count, 3);
	assert_string_equal(profile_of(config, "9.255.255.255"), "none");
	assert_string_equal(profile_of(config, "10.0.0.0"), "campus");
	assert_string_equal(profile_of(config, "10.0.255.255"), "campus");
	assert_string_equal(profile_of(config, "10.1.0.0"), "guests");
	assert_string_equal(profile_of(config, "10.1.2.2"), "guests");
	assert_string_equal(profile_of(config, "10.1.2.3"), "printers");
	assert_string_equal(profile_of(config, "10.1.2.4"), "guests");
	assert_string_equal(profile_of(config, "10.1.2.63"), "guests");
	assert_string_equal(profile_of(config, "10.1.2.64"), "printers");
	assert_string_equal(profile_of(config, "10.1.2.127"), "printers");
	assert_string_equal(profile_of(config, "10.1.2.128"), "guests");
	assert_string_equal(profile_of(config, "10.1.255.255"), "printers");
	assert_string_equal(profile_of(config, "10.2.0.0"), "campus");
	assert_string_equal(profile_of(config, "10.255.255.255"), "campus");
	assert_string_equal(profile_of(config, "11.0.0.0"), "none");
	assert_string_equal(profile_of(config, "2001:db7:ffff::"), "none");
	assert_string_equal(profile_of(config, "2001:db8::1"), "campus");
	assert_string_equal(profile_of(config, "2001:db8:1:ffff::1"), "guests");
	assert_string_equal(profile_of(config, "2001:db8:2::"), "campus");
	assert_string_equal(profile_of(config, "2001:db9::"), "none");
	config_free(config);
}

/* Clauses for a profile may stand before those for everybody, and before the profile itself. */
static void test_order(void **state)
{
	static const char of_guests[] = "detector:\n profile: guests\n action: tag\n name: null-rate\n";
	static const char of_all[] = "detector:\n name: null-rate\n hold: 2h\n action: log\n";
	static const char *const order[][3] = {
		{ of_guests, of_all, GUESTS }, { of_guests, GUESTS, of_all }, { of_all, of_guests, GUESTS },
		{ of_all, GUESTS, of_guests }, { GUESTS, of_all, of_guests }, { GUESTS, of_guests, of_all },
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		struct config *config;

		snprintf(text, sizeof(text), "%s%s%s", order[i][0], order[i][1], order[i][2]);
		config = load_good(text);
		assert_int_equal(config_detector(config, DETECTOR_null_rate)->action, ACTION_LOG);
		assert_int_equal(own(config, 0, DETECTOR_null_rate)->action, ACTION_TAG);
		assert_int_equal(own(config, 0, DETECTOR_null_rate)->hold, 2 * HOUR);
		config_free(config);
	}
}

/* A profile has a copy of what it changes, and only of that. */
static void test_own(void **state)
{
	struct config *config = load_good(
		GUESTS "client-profile:\n name: staff\n mode: enforce\n client: 192.0.2.0/24\n"
		"detector:\n name: record-change\n watch: a.example\n watch: b.example\n"
		"detector:\n name: record-change\n profile: guests\n learn: 1d\n"
		"detector:\n name: record-change\n profile: staff\n watch: c.example\n"
		"detector:\n name: record-change\n profile: staff\n watch: d.example\n watch: e.example\n"
		"detector:\n name: null-rate\n profile: guests\n enable: no\n");
	const struct option *watch = option_find(detectors[DETECTOR_record_change]->options, "watch");
	const struct option_list *list[3];

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		list[i] = (const void *)((const char *)(i < 2 ? config->profile[i].detector[DETECTOR_record_change] :
		                                        config->detector[DETECTOR_record_change]) + watch->offset);
	assert_int_equal(list[2]->count, 2);
	assert_int_equal(list[0]->count, 2); /* as for everybody */
	assert_int_equal(list[1]->count, 3); /* in the place of that */
	assert_string_equal(list[1]->item[0].text, "c.example");
	for (unsigned id = 0; id < DETECTOR_COUNT; id++) {
		assert_int_equal(profile_owns(config, &config->profile[0], id),
		                 id == DETECTOR_record_change || id == DETECTOR_null_rate);
		assert_int_equal(profile_owns(config, &config->profile[1], id), id == DETECTOR_record_change);
	}
	assert_int_equal(config->profile[0].mode, PROFILE_MODE_INHERIT);
	assert_int_equal(config->profile[1].mode, MODE_ENFORCE);
	assert_false(own(config, 0, DETECTOR_null_rate)->enable);
	assert_true(own(config, 1, DETECTOR_null_rate)->enable);
	config_free(config);
}

/* Whether the plan of what and path has detector <id>. */
static bool has(const struct plan *plan, unsigned id)
{
	return plan->row[WARDEN_QUESTION][WARDEN_PATH_MISS].detectors >> id & 1;
}

static void test_plan(void **state)
{
	struct config *config = load_good(
		GUESTS "client-profile:\n name: staff\n client: 192.0.2.0/24\n"
		"detector:\n name: null-rate\n enable: no\n"
		"detector:\n name: null-rate\n profile: guests\n enable: yes\n"
		"detector:\n name: information\n profile: guests\n enable: no\n");

	(void)state;
	assert_true(has(&config->profile[0].plan, DETECTOR_null_rate));
	assert_false(has(&config->profile[0].plan, DETECTOR_information));
	assert_false(has(&config->profile[1].plan, DETECTOR_null_rate));
	assert_true(has(&config->profile[1].plan, DETECTOR_information));
	assert_true(config_enables(config, DETECTOR_null_rate));
	assert_true(config_enables(config, DETECTOR_information));
	config_free(config);
}

static void test_networks(void **state)
{
	struct config *config = load_good("warden:\n never-hold: 192.0.2.1\n never-hold: 2001:db8::/48\n"
	                                  " forwarder: 192.0.2.53\n");
	uint8_t octets[16];

	(void)state;
	address(octets, "192.0.2.1");
	assert_true(config_never_holds(config, octets));
	assert_false(config_is_forwarder(config, octets));
	assert_false(config_allows_client(config, octets));
	address(octets, "192.0.2.53");
	assert_false(config_never_holds(config, octets));
	assert_true(config_is_forwarder(config, octets));
	address(octets, "2001:db8:0:ffff::1");
	assert_true(config_never_holds(config, octets));
	address(octets, "2001:db8:1::1");
	assert_false(config_never_holds(config, octets));
	config_free(config);
}

static void test_held_limit(void **state)
{
	static const struct { const char *text; uint64_t known; uint32_t limit; } cases[] = {
		{ "10%", 0, 10 }, { "10%", 100, 10 }, { "10%", 109, 10 }, { "10%", 110, 11 }, { "10%", 1000000, 100000 },
		{ "1%", 1099, 10 }, { "1%", 1100, 11 }, { "100%", 9, 10 }, { "100%", 12, 12 },
		{ "100%", UINT64_MAX, UINT32_MAX }, { "100%", UINT32_MAX, UINT32_MAX },
		{ "0", 1000, 0 }, { "5", 1000, 5 }, { "50", 0, 50 }, { "4294967295", 0, UINT32_MAX },
	};
	static const char *const wrong[] = {
		"", "%", "0%", "101%", "-1", "ten", "10 %", "10%%", "1.5%", "4294967296", "99999999999", "10%x", "0x10",
	};
	struct config *config = load_good("");
	char text[128], fault[192];

	(void)state;
	assert_int_equal(config_held_limit(config, 1000), 100);
	config_free(config);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		snprintf(text, sizeof(text), "warden:\n max-held-clients: %s\n", cases[i].text);
		config = load_good(text);
		assert_int_equal(config_held_limit(config, cases[i].known), cases[i].limit);
		config_free(config);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		snprintf(text, sizeof(text), "warden:\n\n max-held-clients: \"%s\"\n", wrong[i]);
		assert_null(load(text));
		snprintf(fault, sizeof(fault), "3: max-held-clients: '%s' is not a number of clients like 50, a share "
		         "from 1%% to 100%%, or 0 for no limit\n", wrong[i]);
		assert_string_equal(faults, fault);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_most_specific),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_plan),
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_held_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
