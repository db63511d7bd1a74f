/* SPDX-License-Identifier: BSD-3-Clause */
/* test_replay_tsv - lines in, observations and skipped lines out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "name/name.h"
#include "report/address.h"
#include "recorded/field.h"
#include "recorded/format.h"

#define Q WARDEN_QUESTION
#define A WARDEN_ANSWER
#define T UINT64_C(1700000000000)

/* What a reader told. */
struct told {
	struct warden_observation obs[4];
	char client[4][ADDRESS_TEXT_MAX];
	char qname[4][NAME_TEXT_MAX];
	unsigned count;
	uint64_t skipped;
	char reason[128];
};

static void observe(void *arg, const struct warden_observation *obs)
{
	struct told *told = arg;

	if (told->count < 4) {
		told->obs[told->count] = *obs;
		address_text(told->client[told->count], obs->client);
		name_text(told->qname[told->count], obs->qname, obs->qname_len);
	}
	told->count++;
}

static void leave_out(void *arg, uint64_t number, const char *reason)
{
	struct told *told = arg;

	told->skipped++;
	snprintf(told->reason, sizeof(told->reason), "%llu: %s", (unsigned long long)number, reason);
}

static struct told read_octets(const char *text, size_t len)
{
	struct told told = { 0 };
	struct sink sink = { observe, leave_out, &told };
	char error[128];
	FILE *file = tmpfile();

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	rewind(file);
	assert_int_equal(replay_tsv.read(file, &sink, error, sizeof(error)), 0);
	return told;
}

static void good_lines(void **state)
{
	static const struct {
		const char *line, *client, *qname;
		unsigned count;
		uint8_t what[2];
		uint64_t now;
		uint16_t qtype;
		uint8_t rcode, path;
	} rows[] = {
		{ "1700000000\t192.0.2.7\twww.example.com\tA", "192.0.2.7", "www.example.com",
		  1, { Q }, T, 1, 0, WARDEN_PATH_MISS },
		{ "1700000000.25\t2001:db8::7\twww.example.com.\ttxt\t", "2001:db8::7", "www.example.com",
		  1, { Q }, T + 250, 16, 0, WARDEN_PATH_MISS },
		{ "1700000000.0019999\t192.0.2.7\t.\t65399\tNXDOMAIN", "192.0.2.7", ".",
		  2, { Q, A }, T + 1, 65399, 3, WARDEN_PATH_MISS },
		{ "1700000000\t192.0.2.7\ta\\000\\.b.example\tTYPE10\t2\tmiss\r", "192.0.2.7",
		  "a\\000\\046b.example", 2, { Q, A }, T, 10, 2, WARDEN_PATH_MISS },
		{ "1700000000\t192.0.2.7\twww.example.com\tA\tnoerror\tcache", "192.0.2.7",
		  "www.example.com", 1, { Q | A }, T, 1, 0, WARDEN_PATH_CACHE },
		{ "1700000000\t192.0.2.7\twww.example.com\tA\t0\tlocal", "192.0.2.7", "www.example.com",
		  1, { Q | A }, T, 1, 0, WARDEN_PATH_LOCAL },
		{ "1700000000\t192.0.2.7\twww.example.com\tA\t\tcache", "192.0.2.7", "www.example.com",
		  1, { Q }, T, 1, 0, WARDEN_PATH_CACHE },
		{ "0\t::ffff:192.0.2.7\twWw.Example.com\tA", "192.0.2.7", "wWw.Example.com",
		  1, { Q }, 0, 1, 0, WARDEN_PATH_MISS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct told told = read_octets(rows[i].line, strlen(rows[i].line));

		print_message("%s\n", rows[i].line);
		assert_int_equal(told.skipped, 0);
		assert_int_equal(told.count, rows[i].count);
		for (unsigned j = 0; j < told.count; j++) {
			assert_int_equal(told.obs[j].what, rows[i].what[j]);
			assert_int_equal(told.obs[j].now, rows[i].now);
			assert_int_equal(told.obs[j].qtype, rows[i].qtype);
			assert_int_equal(told.obs[j].rcode, rows[i].rcode);
			assert_int_equal(told.obs[j].path, rows[i].path);
			assert_int_equal(told.obs[j].qclass, 1);
			assert_string_equal(told.client[j], rows[i].client);
			assert_string_equal(told.qname[j], rows[i].qname);
		}
	}
}

static void bad_lines(void **state)
{
	static const char *const rows[][2] = {
		{ "nonsense", "1: fewer than four fields" },
		{ "1\t192.0.2.7\twww.example.com", "1: fewer than four fields" },
		{ "1\t192.0.2.7\twww.example.com\tA\t0\tmiss\tmore", "1: more than six fields" },
		{ "1\t192.0.2.7\twww.example.com\tA\t0\tmiss\t\t\t", "1: more than six fields" },
		{ "now\t192.0.2.7\tw.example\tA", "1: the time is not a number of seconds" },
		{ "-1\t192.0.2.7\tw.example\tA", "1: the time is not a number of seconds" },
		{ "1.5s\t192.0.2.7\tw.example\tA", "1: the time is not a number of seconds" },
		{ "99999999999999999999\t192.0.2.7\tw.example\tA", "1: the time is not a number of seconds" },
		{ "1\t192.0.2.256\tw.example\tA", "1: the client is not an address" },
		{ "1\thost\tw.example\tA", "1: the client is not an address" },
		{ "1\t192.0.2.7\ta..b\tA", "1: the name is not a domain name" },
		{ "1\t192.0.2.7\ta\\999\tA", "1: the name is not a domain name" },
		{ "1\t192.0.2.7\tw.example\tWHAT", "1: the type is unknown" },
		{ "1\t192.0.2.7\tw.example\t65536", "1: the type is unknown" },
		{ "1\t192.0.2.7\tw.example\t", "1: the type is unknown" },
		{ "1\t192.0.2.7\tw.example\tA\tWHAT", "1: the rcode is unknown" },
		{ "1\t192.0.2.7\tw.example\tA\t256", "1: the rcode is unknown" },
		{ "1\t192.0.2.7\tw.example\tA\t0\tMISS", "1: the path is not miss, cache or local" },
		{ "\n# comment\n1", "3: fewer than four fields" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct told told = read_octets(rows[i][0], strlen(rows[i][0]));

		print_message("%s\n", rows[i][0]);
		assert_int_equal(told.count, 0);
		assert_int_equal(told.skipped, 1);
		assert_string_equal(told.reason, rows[i][1]);
	}
}

/* One bad line does not hurt its neighbours, and a NUL hides nothing behind it. */
static void whole_files(void **state)
{
	static const char text[] = "# head\n\n1\t192.0.2.7\ta.example\tA\nbad\n"
	                           "2\t192.0.2.7\tb.example\tA\n";
	static const char nul[] = "1\t192.0.2.7\ta.example\tA\0\tmore\n";
	static char endless[100000];
	struct told told;

	(void)state;
	told = read_octets(text, sizeof(text) - 1);
	assert_int_equal(told.count, 2);
	assert_int_equal(told.skipped, 1);
	assert_string_equal(told.reason, "4: fewer than four fields");

	told = read_octets(nul, sizeof(nul) - 1);
	assert_int_equal(told.count, 0);
	assert_string_equal(told.reason, "1: a NUL octet");

	memset(endless, 'a', sizeof(endless));
	told = read_octets(endless, sizeof(endless));
	assert_int_equal(told.skipped, 1);
	told = read_octets("", 0);
	assert_int_equal(told.count + told.skipped, 0);
}

static void recognised(void **state)
{
	static const struct {
		const char *head;
		bool yes;
	} rows[] = {
		{ "1700", true }, { "# ti", true }, { "1", true }, { "", true },
		{ "\xd4\xc3\xb2\xa1", false }, { "{\"ts", false }, { "\n\r\r\n", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(replay_tsv.recognise((const uint8_t *)rows[i].head, strlen(rows[i].head)),
		                 rows[i].yes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_lines),
		cmocka_unit_test(bad_lines),
		cmocka_unit_test(whole_files),
		cmocka_unit_test(recognised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
