/* SPDX-License-Identifier: BSD-3-Clause */
/* test_reload - an engine opened, closed, opened again, and given other rules under way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "support.h"

#define TYPE_A    1
#define TYPE_NULL 10

static int setup(void **state)
{
	(void)state;
	said[0] = '\0';
	temp_clean();
	return 0;
}

static const char *shared_config(const char *more)
{
	static char config[4096];

	snprintf(config, sizeof(config), "warden:\n profile: small\n shared-memory: \"%s\"\n"
	         " snapshot-file: \"\"\n event-file: \"\"\n control-socket: \"\"\n%s", temp("segment"), more);
	return config;
}

static struct warden *reopen(const char *config, char *error, size_t error_len)
{
	struct warden_setup open = { .config_file = temp_file("warden.conf", engine_config(config)), .now = NOW, .log = say };

	error[0] = '\0';
	return warden_open(&open, error, error_len);
}

static void state_survives(void **state)
{
	struct warden *warden = open_engine(shared_config(" mode: enforce\n"), false);

	(void)state;
	provoke(warden, "192.0.2.1", "example.com");
	warden_close(warden);
	warden = open_engine(shared_config(" mode: enforce\n"), false);
	assert_int_equal(client_counted(warden, "192.0.2.1", CLIENT_MISSES), 3);
	assert_int_equal(counted(warden, COUNTER_misses), 3);
	assert_int_equal(decision_on(warden, "192.0.2.1", "www.example.com", TYPE_A).verdict, WARDEN_REFUSE);
	assert_int_equal(drain(warden, NULL, 0), 1); /* the event of the life before */
	warden_close(warden);
}

static void bad_configuration_at_start(void **state)
{
	struct warden_setup missing = { .config_file = temp("missing.conf"), .now = NOW, .private_memory = 1 };
	char error[512];

	(void)state;
	assert_null(warden_open(&missing, error, sizeof(error)));
	assert_non_null(strstr(error, "missing.conf"));
	missing.config_file = temp_file("other.conf", "warden:\n modus: enforce\n");
	assert_null(warden_open(&missing, error, sizeof(error)));
	assert_non_null(strstr(error, "other.conf:2:"));
	missing.config_file = temp_file("third.conf", "warden:\n shared-memory: \"/no/such/folder/segment\"\n");
	missing.private_memory = 0;
	assert_null(warden_open(&missing, error, sizeof(error)));
	assert_non_null(strstr(error, "cannot open /no/such/folder/segment"));
	warden_close(NULL);
}

/* What Unbound's `reload` does: close, open anew. */
static void falls_back(void **state)
{
	struct warden *warden = open_engine(shared_config(" mode: enforce\n"), false);
	char error[512];
	uint64_t generation;

	(void)state;
	generation = warden->mapping.header->generation;
	warden_close(warden);
	warden = reopen("warden:\n nonsense: 1\n", error, sizeof(error));
	assert_non_null(warden);
	assert_true(warden->faulty);
	assert_non_null(strstr(warden->fault, "warden.conf:2:"));
	assert_non_null(strstr(said, "stays in force"));
	assert_int_equal(warden->mapping.header->generation, generation);
	assert_int_equal(provoke(warden, "192.0.2.1", "example.com").dry_run, 0); /* still enforces */
	warden_close(warden);

	warden = reopen("warden:\n nonsense: 2\n", error, sizeof(error)); /* and once more */
	assert_non_null(warden);
	warden_close(warden);

	warden = reopen(shared_config(" mode: observe\n"), error, sizeof(error));
	assert_non_null(warden);
	assert_false(warden->faulty);
	assert_true(warden->mapping.header->generation > generation);
	assert_true(decision_on(warden, "192.0.2.1", "example.com", TYPE_A).dry_run);
	warden_close(warden);

	/* Another file is another matter. */
	assert_null(warden_open(&(struct warden_setup){ .config_file = temp_file("b.conf", "x\n"), .now = NOW },
	                        error, sizeof(error)));
}

static int reload_with(struct warden *warden, const char *config, char *error, size_t error_len)
{
	temp_file("warden.conf", engine_config(config));
	return engine_reload(warden, error, error_len);
}

/* A configuration in which nobody reads records. */
static const char *without_records(void)
{
	static char config[8192];
	size_t len = 0;

	for (unsigned i = 0; i < DETECTOR_COUNT; i++)
		if (detectors[i]->needs & FACT_RECORDS)
			len += (size_t)snprintf(config + len, sizeof(config) - len,
			                        "detector:\n name: %s\n enable: no\n", detectors[i]->name);
	assert_true(len < sizeof(config));
	return config;
}

/* The same file with another secret in it: what is in use stays, and that is said. */
static void reload_secrets(void **state)
{
	static const char *const names[] = { "fleet-key-file", "fleet-redis-password-file" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char config[512], secret[160], error[512], wanted[128];
		struct warden *warden;

		snprintf(secret, sizeof(secret), "%s", temp_file("secret", "hmac-sha256:n1:c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0\n"));
		assert_int_equal(chmod(secret, 0600), 0);
		snprintf(config, sizeof(config), "warden:\n fleet-node: n1\n fleet-zone: fleet.example\n"
		         " fleet-primary: 127.0.0.1\n fleet-redis: \"127.0.0.1\"\n fleet-key-file: \"%s\"\n"
		         " fleet-redis-password-file: \"%s\"\n", i ? temp("other") : secret, i ? secret : temp("other"));
		assert_int_equal(chmod(temp_file("other", "hmac-sha256:n1:c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0\n"), 0600), 0);
		warden = open_engine(config, true);
		assert_int_equal(reload_with(warden, config, error, sizeof(error)), 0);
		temp_file("secret", "hmac-sha256:n1:c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV1\n");
		assert_int_equal(reload_with(warden, config, error, sizeof(error)), -1);
		snprintf(wanted, sizeof(wanted), "what is in '%s' can be changed by a restart only", names[i]);
		assert_non_null(strstr(error, wanted));
		warden_close(warden);
	}
}

static void reload(void **state)
{
	struct warden *warden = open_engine("warden:\n mode: observe\n", true);
	char error[512];

	(void)state;
	assert_int_equal(reload_with(warden, "warden:\n mode: enforce\n", error, sizeof(error)), 0);
	assert_int_equal(provoke(warden, "192.0.2.1", "a.com").dry_run, 0);
	assert_int_equal(reload_with(warden, "warden:\n mode: perhaps\n", error, sizeof(error)), -1);
	assert_true(warden->faulty);
	assert_string_equal(warden->fault, error);
	assert_int_equal(provoke(warden, "192.0.2.1", "b.com").dry_run, 0); /* the old one stays */
	assert_int_equal(reload_with(warden, "warden:\n profile: large\n", error, sizeof(error)), -1);
	assert_non_null(strstr(error, "'profile' can be changed by a restart only"));
	assert_int_equal(reload_with(warden, "warden:\n event-file: \"/x\"\n", error, sizeof(error)), -1);
	assert_non_null(strstr(error, "'event-file'"));
	assert_int_equal(reload_with(warden, without_records(), error, sizeof(error)), 0);
	assert_false(warden->faulty);
	assert_false(warden_wants_records(warden));
	assert_true(decision_on(warden, "192.0.2.1", "a.com", TYPE_A).dry_run);
	warden_close(warden);
}

static _Atomic bool over;
static _Atomic uint64_t looked;

static void observe_or_reload(unsigned thread, void *arg)
{
	struct warden *warden = arg;
	char error[512], name[64];
	struct asked asked;

	if (thread == 0) {
		for (unsigned i = 0; i < 30; i++) {
			temp_file("warden.conf", i % 3 ? "warden:\n mode: enforce\n allow-domain: a.com\n"
			                               : "warden:\n mode: wrong\n");
			engine_reload(warden, error, sizeof(error));
		}
		over = true;
	}
	for (unsigned n = 0; !over || n == 0; n++) {
		snprintf(name, sizeof(name), "n%u.t%u.%s", n, thread, n % 2 ? "a.com" : "b.com");
		question(&asked, "192.0.2.1", name, n % 5 ? TYPE_A : TYPE_NULL);
		warden_observe(warden, &asked.obs);
		warden_wants_records(warden);
		looked++;
	}
}

static void reload_under_way(void **state)
{
	struct warden *warden = open_engine("", true);

	(void)state;
	/* Its slot is there by then: while one thread makes it, it is busy for the others. */
	decision_on(warden, "192.0.2.1", "a.com", TYPE_A);
	looked = 1;
	in_threads(5, observe_or_reload, warden);
	assert_int_equal(counted(warden, COUNTER_misses), looked);
	assert_int_equal(client_counted(warden, "192.0.2.1", CLIENT_MISSES), looked);
	warden_close(warden);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(state_survives),
		TEST(bad_configuration_at_start),
		TEST(falls_back),
		TEST(reload),
		TEST(reload_secrets),
		TEST(reload_under_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
