/* SPDX-License-Identifier: BSD-3-Clause */
/* test_replay_unbound_log - lines as Unbound 1.17.1 and 1.22.0 write them, and what they tell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "recorded.h"

#define T "[1700000000] unbound[12:0] info: "
#define WWW "192.0.2.7 www.example.com. A IN"
#define TOLD "1700000000.000 Q 192.0.2.7:0 www.example.com A/1 miss udp\n"
#define BOTH "1700000000.000 QA 192.0.2.7:0 www.example.com A/1 "
#define YEAR_2026 UINT64_C(1795230000000) /* 21 November */

static void lines(void **state)
{
	static const struct {
		const char *text, *told;
	} rows[] = {
		{ T WWW "\n", TOLD },
		{ T "2001:db8::7 a_b?c.example. TYPE65399 CH\n",
		  "1700000000.000 Q 2001:db8::7:0 a_b?c.example TYPE65399/3 miss udp\n" },
		{ T "192.0.2.7 . NS IN\n", "1700000000.000 Q 192.0.2.7:0 . NS/1 miss udp\n" },
		/* replies alone */
		{ T WWW " NOERROR 0.012345 0 49\n", BOTH "miss udp | 0 1 records 49 octets ttl 0\n" },
		{ T WWW " NOERROR 0.000000 1 49\n", BOTH "cache udp | 0 1 records 49 octets ttl 0\n" },
		{ T WWW " NXDOMAIN 3.000000 0 100\n", BOTH "miss udp | 3 0 records 100 octets ttl 0\n" },
		{ T WWW " RCODE16 3.000000 0 100\n", BOTH "miss udp | 16 0 records 100 octets ttl 0\n" },
		/* header 12, name 17, type and class 4, OPT 11: no room for a record, and for one */
		{ T WWW " NOERROR 0.000000 1 44\n", BOTH "cache udp | 0 0 records 44 octets ttl 0\n" },
		{ T WWW " NOERROR 0.000000 1 45\n", BOTH "cache udp | 0 1 records 45 octets ttl 0\n" },
		/* log-destaddr, as 1.22.0 has it */
		{ T WWW " NOERROR 0.000000 0 49 on tcp 192.0.2.1 53\n",
		  BOTH "miss tcp | 0 1 records 49 octets ttl 0\n" },
		{ T WWW " NOERROR 0.000000 0 49 on dot 2001:db8::1 443\n",
		  BOTH "miss doh | 0 1 records 49 octets ttl 0\n" },
		/* question and reply */
		{ T WWW "\n" T WWW " NOERROR 0.012345 0 49\n",
		  TOLD "1700000000.000 A 192.0.2.7:0 www.example.com A/1 miss udp | 0 1 records 49 octets ttl 0\n" },
		{ T WWW "\n" T WWW " NOERROR 0.000000 1 49\n", BOTH "cache udp | 0 1 records 49 octets ttl 0\n" },
		/* a reply of another type, class, client or name is another question's */
		{ T WWW "\n" T "192.0.2.7 www.example.com. AAAA IN NOERROR 0.000000 1 61\n",
		  TOLD "1700000000.000 QA 192.0.2.7:0 www.example.com AAAA/1 cache udp | 0 1 records 61 octets ttl 0\n" },
		{ T WWW "\n" T "192.0.2.8 www.example.com. A IN NOERROR 0.000000 1 61\n",
		  TOLD "1700000000.000 QA 192.0.2.8:0 www.example.com A/1 cache udp | 0 1 records 61 octets ttl 0\n" },
		/* of another thread: what that one holds back is not touched */
		{ T WWW "\n[1700000000] unbound[12:1] info: 192.0.2.8 b. A IN\n" T WWW " NOERROR 0.000000 1 49\n",
		  BOTH "cache udp | 0 1 records 49 octets ttl 0\n"
		  "1700000000.000 Q 192.0.2.8:0 b A/1 miss udp\n" },
		/* asked twice, answered twice; the third reply has no question */
		{ T WWW "\n" T WWW "\n" T WWW " SERVFAIL 1.0 0 33\n" T WWW " SERVFAIL 1.0 0 33\n" T WWW " SERVFAIL 1.0 0 33\n",
		  TOLD TOLD
		  "1700000000.000 A 192.0.2.7:0 www.example.com A/1 miss udp | 2 0 records 33 octets ttl 0\n"
		  "1700000000.000 A 192.0.2.7:0 www.example.com A/1 miss udp | 2 0 records 33 octets ttl 0\n"
		  BOTH "miss udp | 2 0 records 33 octets ttl 0\n" },
		/* held for less than two seconds */
		{ T WWW "\n[1700000001] unbound[12:1] info: 192.0.2.8 b. A IN\n" T WWW " NOERROR 0.000000 1 49\n",
		  BOTH "cache udp | 0 1 records 49 octets ttl 0\n"
		  "1700000001.000 Q 192.0.2.8:0 b A/1 miss udp\n" },
		{ T WWW "\n[1700000002] unbound[12:1] info: 192.0.2.8 b. A IN\n" T WWW " NOERROR 0.000000 1 49\n",
		  TOLD "1700000000.000 A 192.0.2.7:0 www.example.com A/1 miss udp | 0 1 records 49 octets ttl 0\n"
		  "1700000002.000 Q 192.0.2.8:0 b A/1 miss udp\n" },
		/* waited for half a minute, and longer */
		{ T WWW "\n[1700000030] unbound[12:0] info: " WWW " SERVFAIL 30.0 0 33\n",
		  TOLD "1700000030.000 A 192.0.2.7:0 www.example.com A/1 miss udp | 2 0 records 33 octets ttl 0\n" },
		{ T WWW "\n[1700000031] unbound[12:0] info: " WWW " SERVFAIL 31.0 0 33\n",
		  TOLD "1700000031.000 QA 192.0.2.7:0 www.example.com A/1 miss udp | 2 0 records 33 octets ttl 0\n" },
		/* heads */
		{ "[1700000000] unbound[12:a] query: " WWW "\r\n", TOLD },
		{ "[1700000000] unbound[12:0] reply: " WWW " NOERROR 0.000000 1 49\n",
		  BOTH "cache udp | 0 1 records 49 octets ttl 0\n" },
		{ "2023-11-14T22:13:20.250+00:00 unbound[12:0] info: " WWW "\n",
		  "1700000000.250 Q 192.0.2.7:0 www.example.com A/1 miss udp\n" },
		{ "2023-11-14T23:13:20.250+01:00 ns1 unbound[12]: [12:0] info: " WWW "\n",
		  "1700000000.250 Q 192.0.2.7:0 www.example.com A/1 miss udp\n" },
		{ "Nov 14 22:13:20 ns1 unbound[12]: [12:0] info: " WWW "\n",
		  "1794694400.000 Q 192.0.2.7:0 www.example.com A/1 miss udp\n" },
		{ "Nov 14 22:13:20 unbound[12:0] info: " WWW "\n",
		  "1794694400.000 Q 192.0.2.7:0 www.example.com A/1 miss udp\n" },
		/* lines about other things */
		{ "[1700000000] unbound[12:0] notice: init module 0: dynlib\n"
		  T "start of service (unbound 1.17.1).\n" T "example.com. inform 192.0.2.7@5353 www.example.com. A IN\n"
		  "[1700000000] unbound[12:0] debug: 192.0.2.7 www.example.com. A IN\n" T "\n" T "192.0.2.7 a b\n\n", "" },
		/* faults */
		{ "nonsense\n", "skip 1: it does not begin with a time\n" },
		{ T "192.0.2.7 - - - FORMERR - - - \n", "skip 1: a reply to what is no question\n" },
		{ T "192.0.2.7 - - - FORMERR - - - on udp 192.0.2.1 53\n", "skip 1: a reply to what is no question\n" },
		{ T "192.0.2.7 null A IN REFUSED 0.0 1 12\n", "skip 1: a reply to what is no question\n" },
		{ T "192.0.2.7 a..b. A IN\n", "skip 1: the name is not a domain name\n" },
		{ T "192.0.2.7 a. WHAT IN\n", "skip 1: the type is unknown\n" },
		{ T "192.0.2.7 a. A WHAT\n", "skip 1: the class is unknown\n" },
		{ T WWW " WHAT 0.0 0 49\n", "skip 1: the rcode is unknown\n" },
		{ T WWW " NOERROR x 0 49\n", "skip 1: the time it took is not a number of seconds\n" },
		{ T WWW " NOERROR 0.0 2 49\n", "skip 1: whether it was cached is not 0 or 1\n" },
		{ T WWW " NOERROR 0.0 0 -49\n", "skip 1: the size is not a number of octets\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct recorded *recorded = recorded_text(&replay_unbound_log, rows[i].text, YEAR_2026);

		print_message("%s", rows[i].text);
		assert_int_equal(recorded->status, 0);
		assert_string_equal(recorded->text, rows[i].told);
	}
}

static void recognised(void **state)
{
	static const struct {
		const char *head;
		bool yes;
	} rows[] = {
		{ "[1700000000] unb", true }, { "Nov 14 22:13:20 ", true }, { "Nov  4 22:13:20 ", true },
		{ "2026-11-21T03:00", true }, { "1700000000.25\t19", false }, { "{\"ts\":17000000", false },
		{ "[{\"a\":1}]       ", false }, { "", false }, { "[170000", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(replay_unbound_log.recognise((const uint8_t *)rows[i].head, strlen(rows[i].head)),
		                 rows[i].yes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(recognised),
	};

	setenv("TZ", "UTC0", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
