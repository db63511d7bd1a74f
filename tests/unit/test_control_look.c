/* SPDX-License-Identifier: BSD-3-Clause */
/* test_control_look - what the control socket tells of clients and domains, and of a question that
 * nobody has asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/engine.h"
#include "report/address.h"
#include "report/rrtype.h"
#include "report/show_client.h"
#include "report/top.h"
#include "served.h"

static void expect(const char *command, const char *reply)
{
	const char *got = control(command);

	if (strcmp(got, reply))
		fail_msg("'%s' gave: %s", command, got);
}

static void expect_not_in(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("'%s' in:\n%s", part, text);
}

static unsigned lines_with(const char *text, const char *start)
{
	unsigned lines = 0;

	for (; text && *text; text = strchr(text, '\n'), text = text ? text + 1 : NULL)
		lines += !strncmp(text, start, strlen(start));
	return lines;
}

/* Names of a tunnel: nobody could have known them. */
static const char *secret_name(unsigned n, const char *domain)
{
	static char name[128];
	uint64_t state = n + 1;
	size_t len = 0;

	for (unsigned i = 0; i < 3; i++) {
		state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		len += (size_t)snprintf(name + len, sizeof(name) - len, "%08x", (unsigned)(state >> 32));
	}
	snprintf(name + len, sizeof(name) - len, ".%s", domain);
	return name;
}

/* --- show ---------------------------------------------------------------------------------- */

static void test_show(void **state)
{
	struct warden *warden = engine_start();
	char name[64];

	(void)state;
	expect("show", "error '' is not an address like 192.0.2.7 or 2001:db8::7\n");
	expect("show any", "error 'any' is not an address like 192.0.2.7 or 2001:db8::7\n");
	expect("show 192.0.2.7 example.com", "error usage: show CLIENT\n");
	expect("show 192.0.2.7", "client: 192.0.2.7\nnothing is known of this client\nhold: none\npairs: 0\n");
	expect_in(control("show 2001:db8::1:2:3:4"), "client: 2001:db8:: (network of 2001:db8::1:2:3:4)\n");

	for (unsigned i = 0; i < 3; i++)
		query(warden, "www.example.com", 1);
	query(warden, "www.example.net", 1);
	query_of(warden, "192.0.2.8", "www.example.org", 1);
	expect_in(control("show 192.0.2.7"),
	          "questions: 4: 4 resolved, 0 joined, 0 from the cache, 0 local; answers 0, refused 0\n"
	          "risk: 0 of 100, said by -\nhold: none\npairs: 2\n"
	          "pair: example.com queries=3 answers=0 refused=0 risk=0 said=-\n"
	          "pair: example.net queries=1 answers=0 refused=0 risk=0 said=-\n");
	expect_in(control("show 192.0.2.7"), "\nfirst seen: 20");

	expect("hold 192.0.2.7 example.com 60 ticket", "ok\n");
	expect("hold 192.0.2.8 example.com 60 another's", "ok\n");
	expect("allow_add 192.0.2.7 example.net", "ok\n");
	expect_in(control("show 192.0.2.7"),
	          "hold: example.com verdict=refuse expires=60 detector=operator hits=0 comment=\"ticket\"\n");
	expect_in(control("show 192.0.2.7"), "allowed: example.net expires=never hits=0 comment=\"\"\n");
	expect_not_in(control("show 192.0.2.7"), "another");

	/* Bounded: twice as many of everything as are told. */
	for (unsigned i = 0; i < 2 * SHOW_CLIENT_PAIRS; i++) {
		snprintf(name, sizeof(name), "www.d%u.net", i);
		query(warden, name, 1);
		snprintf(name, sizeof(name), "hold 192.0.2.7 d%u.net", i);
		expect(name, "ok\n");
	}
	assert_int_equal(lines_with(control("show 192.0.2.7"), "pair: "), SHOW_CLIENT_PAIRS);
	assert_int_equal(lines_with(control("show 192.0.2.7"), "hold: "), SHOW_CLIENT_HOLDS + 1);
	assert_int_equal(lines_with(control("show 192.0.2.7"), "allowed: "), 1);
	expect_in(control("show 192.0.2.7"), "pairs: 42, the busiest of them:\npair: example.com queries=3 ");
	expect_in(control("show 192.0.2.7"), "hold: and 21 more, see list_holds\n");
	warden_close(warden);
}

static void test_show_suspected(void **state)
{
	struct warden *warden = engine_start();

	(void)state;
	for (unsigned i = 0; i < 60; i++)
		query(warden, secret_name(i, "example.com"), 16);
	expect_in(control("show 192.0.2.7"), "said by information");
	expect_in(control("show 192.0.2.7"), "detector=information");
	warden_close(warden);
}

static void test_show_configured(void **state)
{
	struct warden *warden;

	(void)state;
	config_write(" allow-client: 192.0.2.7\n never-hold: 192.0.2.8\n"
	             "client-profile:\n name: \"guests\"\n client: 192.0.2.0/28\n mode: observe\n");
	warden = engine_start();
	expect_in(control("show 192.0.2.7"), "profile: guests, mode observe\n");
	expect_in(control("show 192.0.2.7"), "allowed: by allow-client\n");
	expect_in(control("show 192.0.2.8"), "never held by detectors: by never-hold\n");
	expect_not_in(control("show 192.0.2.20"), "by ");
	warden_close(warden);
}

/* --- top ----------------------------------------------------------------------------------- */

static void test_top(void **state)
{
	static const char of_clients[] =
		"# clients by risk of the last hours (0..100), then questions refused, then questions\n";
	static const char of_domains[] =
		"# domains by risk of the last hours (0..100), then questions refused, then questions\n";
	struct warden *warden = engine_start();
	const char *reply;
	char name[64];

	(void)state;
	expect("top", "error usage: top clients|domains [N]\n");
	expect("top pairs", "error usage: top clients|domains [N]\n");
	expect("top clients 1001", "error '1001' is not a number up to 1000\n");
	expect("top clients ten", "error 'ten' is not a number up to 1000\n");
	expect("top clients 1 2", "error usage: top clients|domains [N]\n");
	expect("top clients", of_clients);
	expect("top domains", of_domains);

	/* The busy one, the refused one, the suspected one: the last is the worst. */
	for (unsigned i = 0; i < 50; i++)
		query_of(warden, "192.0.2.1", "www.example.net", 1);
	expect("hold 192.0.2.2 example.org", "ok\n");
	for (unsigned i = 0; i < 5; i++)
		query_of(warden, "192.0.2.2", "www.example.org", 1);
	for (unsigned i = 0; i < 20; i++)
		query_of(warden, "192.0.2.3", secret_name(i, "example.com"), 16);
	expect("release 192.0.2.2 example.org", "ok\n");

	reply = control("top clients");
	assert_int_equal(strncmp(reply, of_clients, strlen(of_clients)), 0);
	reply += strlen(of_clients);
	assert_int_equal(strncmp(reply, "192.0.2.3 risk=", 15), 0);
	expect_in(reply, " said=information");
	expect_in(reply, "\n192.0.2.2 risk=0 refused=5 queries=5 ");
	expect_in(reply, "\n192.0.2.1 risk=0 refused=0 queries=50 ");
	assert_true(strstr(reply, "192.0.2.2") < strstr(reply, "192.0.2.1 "));
	assert_int_equal(lines_with(control("top clients 1"), "192.0.2."), 1);
	expect("top clients 0", of_clients);

	reply = control("top domains") + strlen(of_domains);
	assert_int_equal(strncmp(reply, "example.com risk=", 17), 0);
	expect_in(reply, "\nexample.org risk=0 refused=5 queries=5 ");
	expect_in(reply, " clients=1 told=");
	assert_true(strstr(reply, "example.org") < strstr(reply, "example.net "));
	assert_int_equal(lines_with(control("top domains 2"), "example."), 2);

	for (unsigned i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "198.51.100.%u", i);
		query_of(warden, name, "www.example.net", 1);
	}
	assert_int_equal(lines_with(control("top clients"), "19"), 10);
	warden_close(warden);
}

/* --- test ---------------------------------------------------------------------------------- */

static void test_test_words(void **state)
{
	struct warden *warden = engine_start();
	const char *reply;

	(void)state;
	expect("test", "error usage: test CLIENT QNAME QTYPE\n");
	expect("test 192.0.2.7 www.example.com", "error usage: test CLIENT QNAME QTYPE\n");
	expect("test 192.0.2.7 www.example.com A IN", "error usage: test CLIENT QNAME QTYPE\n");
	expect("test any www.example.com A", "error 'any' is not an address like 192.0.2.7 or 2001:db8::7\n");
	expect("test 192.0.2.7 www..example.com A", "error 'www..example.com' is not a domain like www.example.org\n");
	expect("test 192.0.2.7 www.example.com AX", "error 'AX' is not a type\n");
	expect("test 192.0.2.7 www.example.com TYPE65536", "error 'TYPE65536' is not a type\n");

	reply = control("test 192.0.2.7 www.Example.com txt");
	expect_in(reply, "client: 192.0.2.7\nquestion: www.example.com TXT, domain example.com\nallowed: no\n"
	                 "list: none\nhold: none\ndetector: none speaks\nverdict: pass\nassumed: a single ");
	expect_in(reply, "the answer, at which look: ");
	expect_in(reply, "download");
	expect_in(control("test 2001:db8::5:0:0:1 com TYPE65280"),
	          "client: 2001:db8:: (network of 2001:db8::5:0:0:1)\n");
	warden_close(warden);
}

static void *segment_read(size_t *len)
{
	char path[128];
	FILE *file;
	void *octets;

	snprintf(path, sizeof(path), "%s/segment", folder);
	file = fopen(path, "rb");
	assert_non_null(file);
	fseek(file, 0, SEEK_END);
	*len = (size_t)ftell(file);
	rewind(file);
	octets = malloc(*len);
	assert_non_null(octets);
	assert_int_equal(fread(octets, 1, *len, file), *len);
	fclose(file);
	return octets;
}

/* Not one octet of what is kept, nor a place among the engine's readers and counters. */
static void test_test_changes_nothing(void **state)
{
	struct warden *warden = engine_start();
	void *before, *after;
	uint64_t readers;
	size_t len;

	(void)state;
	for (unsigned i = 0; i < 10; i++)
		query(warden, secret_name(i, "example.com"), 16);
	control("status");
	readers = atomic_load(&warden->readers.taken);
	nap(), nap(), nap(), nap(), nap(), nap(), nap(), nap(), nap(), nap(); /* events are written */
	before = segment_read(&len);
	for (unsigned i = 0; i < 100; i++) {
		char command[256];

		snprintf(command, sizeof(command), "test 192.0.2.%u %s %s", 7 + i % 2,
		         secret_name(1000 + i, i % 3 ? "example.com" : "example.net"), i % 5 ? "TXT" : "NULL");
		expect_in(control(command), "\nverdict: ");
	}
	after = segment_read(&len);
	assert_memory_equal(before, after, len);
	assert_in_range(atomic_load(&warden->readers.taken), readers, readers + 2); /* the other threads' */
	free(before);
	free(after);
	warden_close(warden);
}

/* What the rehearsal says of a question is what then becomes of it. */
static void foretell(struct warden *warden, const char *client, const char *qname, uint16_t type,
                     unsigned verdicts[WARDEN_VERDICT_COUNT])
{
	char command[512], foretold[64], name[RRTYPE_TEXT_MAX];
	struct warden_decision decision;
	const char *reply;

	snprintf(command, sizeof(command), "test %s %s %s", client, qname, rrtype_text(name, type));
	reply = control(command);
	decision = query_of(warden, client, qname, type);
	snprintf(foretold, sizeof(foretold), "\nverdict: %s", warden_verdict_name(decision.verdict));
	expect_in(reply, foretold);
	if (decision.detector) {
		snprintf(foretold, sizeof(foretold), ", by %s", decision.detector);
		expect_in(reply, foretold);
	}
	verdicts[decision.verdict]++;
}

static void test_test_foretells(void **state)
{
	static const char *const ordinary[] = { "www.example.com", "mail.example.com", "www.example.org" };
	unsigned verdicts[WARDEN_VERDICT_COUNT] = { 0 };
	struct warden *warden = engine_start();

	(void)state;
	for (unsigned i = 0; i < 80; i++) {
		foretell(warden, "192.0.2.7", secret_name(i, "example.com"), 16, verdicts);
		foretell(warden, "192.0.2.8", secret_name(i + 1000, "example.net"), 10, verdicts);
		foretell(warden, "192.0.2.9", ordinary[i % 3], 1, verdicts);
		if (i % 4 == 0)
			foretell(warden, "192.0.2.9", secret_name(i / 8, "example.org"), 28, verdicts);
	}
	assert_true(verdicts[WARDEN_PASS] > 50);
	assert_true(verdicts[WARDEN_REFUSE] > 50);
	warden_close(warden);
}

/* The opinion that would refuse next is told with its numbers, also when it has been told before. */
static void test_test_opinions(void **state)
{
	struct warden *warden = engine_start();
	char command[256];
	const char *reply = "";
	unsigned n, spoke = 0;

	(void)state;
	for (n = 0; n < 60 && !strstr(reply, "\nverdict: refuse"); n++) {
		snprintf(command, sizeof(command), "test 192.0.2.7 %s TXT", secret_name(n, "example.com"));
		reply = control(command);
		spoke += strstr(reply, "\ndetector information: confidence ") != NULL;
		expect_not_in(reply, "says what it held it for");
		if (!strstr(reply, "\nverdict: refuse"))
			query(warden, secret_name(n, "example.com"), 16);
	}
	expect_in(reply, "\ndetector information: confidence high, verdict refuse: ");
	assert_true(spoke > 2); /* and less sure before */
	expect_in(reply, "bytes up ");
	expect_in(reply, ", would hold the pair until 20");
	expect_in(reply, ", by information, Extended DNS Error 15\n");
	expect_in(control("list_holds"), "");
	assert_string_equal(control("list_holds"), "");

	/* Now it happens; then it is held, and the detectors are asked all the same. */
	assert_int_equal(query(warden, secret_name(n, "example.com"), 16).verdict, WARDEN_REFUSE);
	reply = control(command);
	expect_in(reply, "\nhold: refuse for the client and the domain until ");
	expect_in(reply, "\ndetector information: ");
	expect_in(reply, "\nassumed: that detectors are asked although it is held");
	expect_in(reply, "\nverdict: refuse, by information, ");

	assert_string_equal(control("set_mode observe"), "ok\n");
	expect_in(control(command), ", but in mode observe it is answered\n");
	assert_string_equal(control("set_mode enforce"), "ok\n");
	assert_string_equal(control("allow_add 192.0.2.7 any 60 mine"), "ok\n");
	reply = control(command);
	expect_in(reply, "\nallowed: by hand, the client, until ");
	expect_in(reply, "\ndetector: none is asked\nverdict: pass\n");
	warden_close(warden);
}

static void test_test_configured(void **state)
{
	struct warden *warden;
	char path[128], more[1024];
	FILE *list;

	(void)state;
	snprintf(path, sizeof(path), "%s/state.list", folder);
	list = fopen(path, "w");
	assert_non_null(list);
	fputs("bad.example.com  A bad one\n", list);
	fclose(list);
	snprintf(more, sizeof(more),
	         " allow-client: 192.0.2.200\n allow-domain: example.org\n"
	         "list:\n name: \"bad\"\n file: \"%s\"\n action: nxdomain\n"
	         "client-profile:\n name: \"guests\"\n client: 198.51.100.0/24\n mode: observe\n", path);
	config_write(more);
	warden = engine_start();
	expect_in(control("test 192.0.2.7 a.bad.example.com A"),
	          "\nlist: bad of detector list, action nxdomain, entry bad.example.com: A bad one\nhold: none\n"
	          "detector list: confidence high, verdict nxdomain: ");
	expect_in(control("test 192.0.2.7 a.bad.example.com A"), "\nverdict: nxdomain, by list, ");
	expect_in(control("test 192.0.2.200 a.bad.example.com A"), "\nallowed: by allow-client\n");
	expect_in(control("test 192.0.2.200 a.bad.example.com A"), "\nverdict: pass");
	expect_in(control("test 192.0.2.7 a.example.org A"),
	          "\nallowed: by allow-domain or allow-list, example.org\n");
	expect_in(control("test 198.51.100.1 a.bad.example.com A"), "\nprofile: guests\n");
	expect_in(control("test 198.51.100.1 a.bad.example.com A"), ", but in mode observe it is answered\n");
	warden_close(warden);
	remove(path);
}

/* A slot that somebody holds makes no half a picture. */
static void test_test_busy(void **state)
{
	struct warden *warden = engine_start();
	uint8_t client[16];
	struct place place;
	uint64_t token;

	(void)state;
	query(warden, "www.example.com", 1);
	assert_true(address_from_text(client, "192.0.2.7"));
	place = table_find(&warden->mapping.clients, client_hash(&warden->mapping, client));
	assert_non_null(place.slot);
	token = slot_lock(place.slot, (uint32_t)(now_ms() / 1000) + 30);
	assert_true(token);
	expect("test 192.0.2.7 www.example.com A",
	       "error what is known of them changes all the time: ask again\n");
	slot_unlock(place.slot, token);
	expect_in(control("test 192.0.2.7 www.example.com A"), "\nverdict: pass\n");
	warden_close(warden);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, folder_setup, folder_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_show),
		TEST(test_show_suspected),
		TEST(test_show_configured),
		TEST(test_top),
		TEST(test_test_words),
		TEST(test_test_changes_nothing),
		TEST(test_test_foretells),
		TEST(test_test_opinions),
		TEST(test_test_configured),
		TEST(test_test_busy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
