/* SPDX-License-Identifier: BSD-3-Clause */
/* test_fleet_served - sharing as it is configured, started and stopped: with a primary that is not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "engine/config.h"
#include "engine/engine.h"
#include "served.h"
#include "support.h"

/* ---- what is wrong with a configuration ----------------------------------------- */

static char faults[4096];

static void on_fault(void *arg, const char *sentence)
{
	size_t len = strlen(faults);

	(void)arg;
	snprintf(faults + len, sizeof(faults) - len, "%s\n", sentence);
}

static const char *faults_of(const char *format, ...)
{
	char text[2048];
	va_list args;
	struct config *config;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	faults[0] = '\0';
	config = config_load(temp_file("fleet.conf", text), on_fault, NULL, NULL);
	assert_true(!config == !!*faults);
	config_free(config);
	return faults;
}

#define GOOD   " fleet-node: n1\n fleet-zone: fleet.example\n fleet-primary: 127.0.0.1@5300\n"
#define FAULT(sentence, ...) assert_non_null(strstr(faults_of(__VA_ARGS__), sentence))

static void configured(void **state)
{
	char key[256];

	(void)state;
	snprintf(key, sizeof(key), "%s", temp_file("key", "hmac-sha256:n1:c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0\n"));
	chmod(key, 0600);
	assert_string_equal(faults_of("warden:\n" GOOD " fleet-key-file: \"%s\"\n", key), "");
	assert_string_equal(faults_of("warden:\n fleet-zone: fleet.example\n fleet-primary: 2001:db8::53\n fleet-node: N1-a\n"
	                              " fleet-key-file: key\n"), ""); /* beside the configuration */
	FAULT("fleet.conf:2: fleet-zone: needs fleet-primary:", "warden:\n fleet-zone: fleet.example\n");
	FAULT("fleet.conf:2: fleet-zone: needs fleet-key-file:", "warden:\n fleet-zone: fleet.example\n");
	FAULT("fleet.conf:2: fleet-zone: '.' is not the name of a zone", "warden:\n fleet-zone: .\n");
	FAULT("fleet.conf:2: fleet-zone: 'a..b' is not the name of a zone", "warden:\n fleet-zone: a..b\n");
	FAULT("fleet.conf:2: fleet-node: 'a.b' is not a node's name", "warden:\n fleet-node: a.b\n fleet-zone: b.example\n");
	FAULT("fleet.conf:2: fleet-node: '-a' is not a node's name", "warden:\n fleet-node: -a\n fleet-zone: b.example\n");
	FAULT("is not a node's name", "warden:\n fleet-node: a23456789012345678901234567890123\n fleet-zone: b.example\n");
	FAULT("fleet.conf:2: fleet-primary: 'ns.example' is not an address",
	      "warden:\n fleet-primary: ns.example\n fleet-zone: b.example\n");
	FAULT("fleet-primary: '::1@0' is not an address", "warden:\n fleet-primary: ::1@0\n fleet-zone: b.example\n");
	FAULT("fleet-primary: '::1@65536' is not an address", "warden:\n fleet-primary: ::1@65536\n fleet-zone: b.example\n");
	FAULT("fleet.conf:5: fleet-key-file: '", "warden:\n" GOOD " fleet-key-file: nowhere\n");
	FAULT("fleet.conf:2: fleet-never: 'what is this' is neither a domain name", "warden:\n fleet-never: \"what is this\"\n");
	chmod(key, 0604);
	FAULT("is open to everybody", "warden:\n" GOOD " fleet-key-file: \"%s\"\n", key);
}

/* ---- the thread ----------------------------------------------------------------- */

static char options[512];

static int set_up(void **state)
{
	char path[128];
	FILE *file;

	if (folder_setup(state))
		return -1;
	snprintf(path, sizeof(path), "%s/key", folder);
	file = fopen(path, "w");
	if (!file)
		return -1;
	fputs("hmac-sha256:n1:c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0\n", file);
	fclose(file);
	chmod(path, 0600);
	snprintf(options, sizeof(options), " fleet-zone: fleet.example\n fleet-primary: 127.0.0.1@9\n fleet-node: n1\n"
	         " fleet-key-file: \"%s\"\n", path);
	config_write(options);
	return 0;
}

static void primary_is_away(void **state)
{
	struct warden *warden = engine_start();
	uint64_t begun;

	(void)state;
	expect_in(control("fleet"), "primary away, serial 0 (not transferred yet), 0 votes");
	expect_in(control("fleet 5"), "primary away");
	expect_in(control("fleet x"), "error");
	expect_in(control("stats_noreset"), "warden.fleet.primary=0");
	expect_control("status", "fleet: primary 127.0.0.1@9 cannot be reached: Connection refused (away for ");
	expect_control("fleet", "primary 127.0.0.1@9 cannot be reached: Connection refused (away for ");
	begun = now_ms();
	warden_close(warden);
	assert_true(now_ms() - begun < 1000);
}

static void nothing_shared(void **state)
{
	struct warden *warden;

	(void)state;
	config_write("");
	warden = engine_start();
	assert_null(strstr(control("status"), "fleet:"));
	assert_null(strstr(control("status"), "redis:"));
	expect_in(control("fleet"), "nothing is shared: there is no fleet-zone");
	warden_close(warden);
}

static void hold_by(struct warden *warden, uint8_t detector, const char *domain)
{
	struct mapping *mapping = &warden->mapping;
	struct hold hold = { .verdict = WARDEN_REFUSE, .detector = detector, .any_client = true, .made = now_ms(),
	                     .expires = now_ms() + 3600 * SECOND };
	struct name name;

	assert_true(name_from_text(&name, domain));
	memcpy(hold.name, name.wire, name.len);
	hold.name_len = name.len;
	hold.domain_hash = domain_hash(mapping, name.wire, name.len);
	assert_true(hold_set(mapping, 0, &hold, now_ms()));
}

/* What others held ends with the fleet; a primary that is away ends nothing. */
static void left(void **state)
{
	struct warden *warden = engine_start();

	(void)state;
	hold_by(warden, HOLD_BY_FLEET, "example.org");
	hold_by(warden, HOLD_BY_OPERATOR, "example.net");
	warden_close(warden);

	warden = engine_start();
	expect_in(control("list_holds"), "example.org");
	for (unsigned i = 0; i < GAUGE_COUNT; i++)
		gauge_set(warden->mapping.header, i, 77); /* as one that is killed leaves them */
	warden_close(warden);

	config_write("");
	warden = engine_start();
	assert_null(strstr(control("list_holds"), "example.org"));
	expect_in(control("list_holds"), "example.net");
	assert_null(strstr(control("stats_noreset"), "=77\n"));
	warden_close(warden);
}

static void redis_is_away(void **state)
{
	struct warden *warden;

	(void)state;
	config_write(" fleet-node: n1\n fleet-redis: 127.0.0.1@9\n");
	warden = engine_start();
	expect_control("status", "redis: 127.0.0.1@9 is away: Connection refused (away for ");
	warden_close(warden);
}

/* With a key that is none the rest works, and somebody is told. */
static void bad_key(void **state)
{
	char path[128];
	struct warden *warden;
	FILE *file;

	(void)state;
	snprintf(path, sizeof(path), "%s/key", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs("rubbish\n", file);
	fclose(file);
	warden = engine_start();
	expect_in(control("fleet"), "nothing is shared");
	expect_in(control("status"), "mode: enforce");
	assert_true(was_logged("key"));
	warden_close(warden);
}

/* What the thread was started with is for a restart; what it goes by is not. */
static void reload(void **state)
{
	struct warden *warden = engine_start();
	char more[600];

	(void)state;
	snprintf(more, sizeof(more), "%s fleet-rate: 5\n fleet-never: example.org\n", options);
	config_write(more);
	expect_in(control("reload"), "ok");
	snprintf(more, sizeof(more), "%s fleet-poll: 5s\n", options);
	config_write(more);
	expect_in(control("reload"), "'fleet-poll' can be changed by a restart only");
	config_write("");
	expect_in(control("reload"), "'fleet-zone' can be changed by a restart only");
	warden_close(warden);
}

int main(void)
{
#define SERVED(test) cmocka_unit_test_setup_teardown(test, set_up, folder_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(configured),
		SERVED(primary_is_away),
		SERVED(nothing_shared),
		SERVED(left),
		SERVED(redis_is_away),
		SERVED(bad_key),
		SERVED(reload),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
