/* SPDX-License-Identifier: BSD-3-Clause */
/* test_lists - each format of a list, how it is recognised, and what becomes of bad lines.
 *
 * What is read is written down as "domain(note) " in the order of the file, what is bad as
 * "line:sentence" and a newline.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/lists.h"

struct taken {
	char domains[8192], bad[8192];
	uint32_t skipped;
	unsigned room; /* domains until memory is short; 0: never */
};

static int take(void *arg, const struct name *domain, const char *note)
{
	struct taken *taken = arg;
	size_t used = strlen(taken->domains);
	char text[NAME_TEXT_MAX];

	if (taken->room && !--taken->room)
		return -ENOMEM;
	name_text(text, domain->wire, domain->len);
	snprintf(taken->domains + used, sizeof(taken->domains) - used, *note ? "%s(%s) " : "%s ", text, note);
	return 0;
}

static void bad(void *arg, int line, const char *sentence)
{
	struct taken *taken = arg;
	size_t used = strlen(taken->bad);

	snprintf(taken->bad + used, sizeof(taken->bad) - used, "%d:%s\n", line, sentence);
}

static int read_octets(struct taken *taken, const char *text, size_t len, unsigned room)
{
	const struct list_sink sink = { .add = take, .bad = bad, .arg = taken };
	FILE *in = tmpfile();
	int result;

	memset(taken, 0, sizeof(*taken));
	taken->room = room;
	assert_non_null(in);
	assert_int_equal(fwrite(text, 1, len, in), len);
	rewind(in);
	result = list_read(in, &sink, &taken->skipped);
	fclose(in);
	return result;
}

struct format_case {
	const char *text, *domains, *bad;
	uint32_t skipped;
};

static void check_case(const struct format_case *c)
{
	static struct taken taken;

	assert_int_equal(read_octets(&taken, c->text, strlen(c->text), 0), 0);
	assert_string_equal(taken.domains, c->domains);
	assert_string_equal(taken.bad, c->bad);
	assert_int_equal(taken.skipped, c->skipped);
}

#define CHECK_ALL(cases) \
	for (size_t i = 0; i < sizeof(cases) / sizeof(*(cases)); i++) \
		check_case(&(cases)[i])

static void lines(void **state)
{
	static const struct format_case cases[] = {
		{ "", "", "", 0 },
		{ "\n\n# nothing\n; nothing\n", "", "", 0 },
		{ "example.org", "example.org ", "", 0 },
		{ "\xef\xbb\xbf" "example.org\r\n\r\n*.Example.NET.\r\n.com\r\n",
		  "example.org example.net com ", "", 0 },
		{ "192.0.2.1.\nfoo-1.0.3\n3com.com\nx.1a\n", "3com.com x.1a ",
		  "1:'192.0.2.1.' is not a domain name\n2:'foo-1.0.3' is not a domain name\n", 2 },
		{ "duckdns.org  DuckDNS\nno-ip.org\tNo-IP, by Vitalwerks  # free\n a.test #\n",
		  "duckdns.org(DuckDNS) no-ip.org(No-IP, by Vitalwerks) a.test ", "", 0 },
		{ "a.test \x1b[2J\xc3\xbc\n", "a.test(?[2J?" "?) ", "", 0 },
		{ "a.test 0123456789012345678901234567890123456789012345678901234567890123456789\n",
		  "a.test(012345678901234567890123456789012345678901234567890123456789012) ", "", 0 },
		{ "b\xc3\xbc" "cher.example\nxn--bcher-kva.example\n", "xn--bcher-kva.example ",
		  "1:'b??cher.example' is not in ASCII: write it with xn--\n", 1 },
		{ "The following\na/b.test\n192.0.2.1\n::1\na..b\n.\n*\n-\nfoo*.test\n", "- ",
		  "1:'The' has no dot in it, and something stands behind it\n"
		  "2:'a/b.test' is not a domain name\n"
		  "3:'192.0.2.1' is an address, not a domain name\n"
		  "4:'::1' is an address, not a domain name\n"
		  "5:'a..b' is not a domain name\n"
		  "6:'.' is not a domain name\n"
		  "7:'*' is not a domain name\n"
		  "9:'foo*.test' is not a domain name\n", 8 },
		/* Hosts files: up to the first bad word of a line. */
		{ "127.0.0.1 localhost\n0.0.0.0 a.test b.test # both\n::1 ip6-localhost c.test\n"
		  "0.0.0.0 d.test e/f.test g.test\nfe80::1%lo0 h.test\n0.0.0.0 0.0.0.0\n",
		  "a.test b.test c.test d.test h.test ",
		  "4:'e/f.test' is not a domain name\n6:'0.0.0.0' is an address, not a domain name\n", 2 },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void csv(void **state)
{
	static const struct format_case cases[] = {
		{ "dynamic_dns_domains,isDynDNS\n*.example.org*,True\n*.example.net*,False\n"
		  "*example.edu,true\r\n",
		  "example.org example.edu ", "", 0 },
		{ "\"the domain\",\"flag\"\r\n\"*.a.test*\",\"True\"\r\n\"b.test\" , \"say \"\"B\"\", please\"\r\n",
		  "a.test b.test(say \"B\", please) ", "", 0 },
		/* A header may be of more than one word, in any language; one row, no more. */
		{ "\"d\xc3\xb6main (all of them)\",_\na.test,True\n", "a.test ", "", 0 },
		{ "domain,flag\ndomain,flag\n", "", "2:'domain' has no dot in it, and something stands behind it\n", 1 },
		/* A bad entry is not taken for one. */
		{ "*.a*.test*,True\nb.test,True\n", "b.test ", "1:'.a*.test' is not a domain name\n", 1 },
		{ "\xc3\xbc.test,True\n", "", "1:'??.test' is not in ASCII: write it with xn--\n", 1 },
		{ "192.0.2.1,bad\n", "", "1:'192.0.2.1' is an address, not a domain name\n", 1 },
		{ "fe80::1,bad\n", "", "1:'fe80::1' is an address, not a domain name\n", 1 },
		{ "a/b.test,x\n", "", "1:'a/b.test' is not a domain name\n", 1 },
		{ "1,a.test\n", "", "1:'1' is not a domain name\n", 1 },
		{ "*,True\n", "", "1:'' is not a domain name\n", 1 },
		{ "*test*,x\n", "", "1:'test' has no dot in it, and something stands behind it\n", 1 },
		{ "localhost,True\n", "", "1:'localhost' has no dot in it, and something stands behind it\n", 1 },
		{ "*.a*.test*,False\n", "", "", 0 },
		/* No header: the first row is an entry. */
		{ "*.a.test*,True\nb.test,Provider of b,more\n c.test ,\nd.test\n",
		  "a.test b.test(Provider of b) c.test d.test ", "", 0 },
		{ "domain,flag\n*.a*.test*,True\n\"open,True\n\"a\"b,True\n,True\n7,b.test\n*,True\na.test,True\n",
		  "a.test ",
		  "2:'.a*.test' is not a domain name\n"
		  "3:a quote is not closed, or stands within a field\n"
		  "4:a quote is not closed, or stands within a field\n"
		  "5:'' is not a domain name\n"
		  "6:'7' is not a domain name\n"
		  "7:'' is not a domain name\n", 6 },
		{ "\xef\xbb\xbf" "domain,flag\n# comment\n\n\xc3\xbc.test,True\n", "",
		  "4:'??.test' is not in ASCII: write it with xn--\n", 1 },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void json(void **state)
{
	static const struct format_case cases[] = {
		{ "{ \"type\": \"hostname\", \"list\": [ \".a.test\", \"*.b.test\", \"c.test\" ] }",
		  "a.test b.test c.test ", "", 0 },
		{ "\xef\xbb\xbf{\n  \"list\": [\n    \"a.test\",\n    \"x/y.test\",\n    7,\n"
		  "    {\"list\": [\"no\",\n\"no\"]},\n    \"b\\u002etest\", \"\\u00fc.test\"\n  ],\n  \"version\": 3\n}\n",
		  "a.test b.test ",
		  "4:'x/y.test' is not a domain name\n"
		  "5:an entry of \"list\" is not a text\n"
		  "6:an entry of \"list\" is not a text\n"
		  "8:'??.test' is not in ASCII: write it with xn--\n", 4 },
		/* What looks like the list, and is not. */
		{ "{\n\"list of\": [\"a\"],\n\"description\": \"\\\"list\\\": [\",\n\"name\": \"list\",\n"
		  "\"matching\": {\"list\": [\"b\"]},\n\"list\": [\n\"!\"]}",
		  "", "7:'!' is not a domain name\n", 1 },
		{ "{ \"list\": [] }", "", "", 0 },
		{ "{\n \"name\": \"x\" }", "", "1:there is no \"list\" in this JSON\n", 1 },
		{ "{ \"list\": \"a.test\" }", "", "1:there is no \"list\" in this JSON\n", 1 },
		{ "{ \"type\": \"cidr\", \"list\": [ \"a.test\" ] }", "",
		  "1:'cidr' is a type of list that is not of domain names\n", 1 },
		{ "{ \"type\": 7, \"list\": [ \"a.test\" ] }", "",
		  "1:'' is a type of list that is not of domain names\n", 1 },
		{ "{ \"list\": [\n\"a.test\",\n", "",
		  "3:'string or '}' expected near end of file' is what is wrong", 1 },
	};
	static struct taken taken;
	static char text[4096];
	size_t last = sizeof(cases) / sizeof(*cases) - 1, len;

	(void)state;
	for (size_t i = 0; i < last; i++)
		check_case(&cases[i]);
	assert_int_equal(read_octets(&taken, cases[last].text, strlen(cases[last].text), 0), 0);
	assert_non_null(strstr(taken.bad, "is what is wrong with this JSON, so nothing of it is taken\n"));
	assert_int_equal(taken.skipped, 1);

	/* All in one line, and a long one. */
	len = (size_t)snprintf(text, sizeof(text), "{\"list\":[");
	for (unsigned i = 0; i < 300; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "\"a.test\",");
	len += (size_t)snprintf(text + len, sizeof(text) - len, "\"b.test\"]}");
	assert_int_equal(read_octets(&taken, text, len, 0), 0);
	assert_non_null(strstr(taken.domains, "a.test b.test "));
	assert_string_equal(taken.bad, "");
}

#define SOA "@ 3600 IN SOA localhost. root.localhost. (1 3600 600\n  86400 300) ; the end\n"

static void zone(void **state)
{
	static const struct format_case cases[] = {
		{ "; a feed\n$TTL 300\n" SOA "  NS localhost.\nbad.test CNAME . ; why\n*.bad.test CNAME *.\n"
		  "worse.test 60 IN A 192.0.2.1\nworst.test IN 1h AAAA 2001:db8::1\nTAGGED.test cname rpz-drop.\n",
		  "bad.test bad.test worse.test worst.test tagged.test ", "", 0 },
		/* A fragment: the first line is a record. */
		{ "bad.test CNAME .\nother.test CNAME walled.garden.test.\n", "bad.test other.test ", "", 0 },
		/* Names in full, as a transfer has them, and relative to parts of the zone. */
		{ "rpz.feed.test. 300 IN SOA ns.feed.test. root.feed.test. 1 2 3 4 5\n"
		  "rpz.feed.test. 300 IN NS ns.feed.test.\nrpz.feed.test. 300 IN TXT \"a; (feed\"\n"
		  "bad.test.RPZ.feed.test. 300 IN CNAME .\n*.worse.test.rpz.feed.test. 300 IN CNAME .\n"
		  "xrpz.feed.test. CNAME .\nbad.test. CNAME .\n",
		  "bad.test worse.test ",
		  "6:'xrpz.feed.test.' is not in this zone, as far as its name is known\n"
		  "7:'bad.test.' is not in this zone, as far as its name is known\n", 2 },
		{ "$ORIGIN .\n$TTL 60\nrpz.test IN SOA a. b. 1 2 3 4 5\n$ORIGIN com.rpz.test.\nbad CNAME .\n"
		  "$ORIGIN co\nworse CNAME .\n",
		  "bad.com worse.co.com ", "", 0 },
		{ "$ORIGIN rpz.test.\nbad.test CNAME .\nbad.net.rpz.test. CNAME .\n", "bad.test bad.net ", "", 0 },
		/* What is not a rule about the name of a question, and exceptions. */
		{ SOA "32.1.2.0.192.rpz-ip CNAME .\n24.0.2.0.192.rpz-client-ip CNAME .\n"
		  "ns.bad.test.rpz-nsdname CNAME .\n32.1.2.0.192.rpz-nsip CNAME .\n"
		  "ok.test CNAME rpz-passthru.\nold.test CNAME old.test.\ntext.test TXT \"x\"\nbad.test CNAME .\n",
		  "bad.test ",
		  "0:7 rules are skipped: exceptions, and what is not about the name of a question\n", 7 },
		/* A record without a name is about the last one. */
		{ "$TTL 1\na.test TXT \"x\"\n  CNAME .\n", "a.test ",
		  "0:1 rules are skipped: exceptions, and what is not about the name of a question\n", 1 },
		{ "$TTL 1\n$INCLUDE x\n$ORIGIN\n$ORIGIN x\nbad.test\nb!d.test CNAME .\nc.test CNAME\n(\nd.test CNAME .\n",
		  "",
		  "2:'$INCLUDE' is not read here: write the zone out\n"
		  "3:'' is not the whole name of a zone\n"
		  "4:'x' is not the whole name of a zone\n"
		  "5:'bad.test' is not followed by a whole record\n"
		  "6:'b!d.test' is not a domain name\n"
		  "7:'c.test' is not followed by a whole record\n"
		  "9:a parenthesis is not closed\n", 7 },
	};

	(void)state;
	CHECK_ALL(cases);
}

/* What could be taken for another format, and is not. */
static void recognition(void **state)
{
	static const struct format_case cases[] = {
		{ "a.test TXT \"x\"\nb.test CNAME\n", "a.test(TXT \"x\") b.test(CNAME) ", "", 0 },
		{ "a.test CNAME of something\n", "a.test(CNAME of something) ", "", 0 },
		{ "a.test A note\nb.test A 192.0.2.1\n", "a.test(A note) b.test(A 192.0.2.1) ", "", 0 },
		{ "a.test Foo, Inc.\nb.test {x}\n", "a.test(Foo, Inc.) b.test({x}) ", "", 0 },
		{ "a.test\n{ \"list\": [] }\n", "a.test ", "2:'{' is not a domain name\n", 1 },
		{ "a.test\nb.test,True\n", "a.test ", "2:'b.test,True' is not a domain name\n", 1 },
		{ "# comment\n\n; comment\na.test,True\n", "a.test ", "", 0 },
	};

	(void)state;
	CHECK_ALL(cases);
}

/* Whatever a line is, its neighbours are read. */
static void huge_and_odd_lines(void **state)
{
	enum { LONG = 300000 };
	static struct taken taken;
	char *text = malloc(LONG + 256);
	size_t len;

	(void)state;
	assert_non_null(text);
	memset(text, 'a', LONG);
	memcpy(text + LONG, "\nb.test\nc\0d.test\ne.test\n\0\n\nf.test", 33);
	len = LONG + 33;
	assert_int_equal(read_octets(&taken, text, len, 0), 0);
	assert_string_equal(taken.domains, "b.test e.test f.test ");
	assert_string_equal(taken.bad, "1:the line is too long, or holds an octet 0\n"
	                               "3:the line is too long, or holds an octet 0\n"
	                               "5:the line is too long, or holds an octet 0\n");
	assert_int_equal(taken.skipped, 3);

	/* The longest that is read, and one octet more. */
	for (unsigned more = 0; more < 2; more++) {
		memset(text, ' ', 4096);
		memcpy(text, "b.test", 6);
		text[2047 + more] = '\n';
		assert_int_equal(read_octets(&taken, text, 2048 + more, 0), 0);
		assert_string_equal(taken.domains, more ? "" : "b.test ");
		assert_int_equal(taken.skipped, more);
	}
	free(text);
}

/* Twenty are named, the others are counted; all are counted. */
static void many_bad_lines(void **state)
{
	static struct taken taken;
	char text[1024] = "", more[64];

	(void)state;
	for (unsigned n = 1; n <= 150; n++) {
		strcat(text, "!\n");
		assert_int_equal(read_octets(&taken, text, strlen(text), 0), 0);
		assert_int_equal(taken.skipped, n);
		snprintf(more, sizeof(more), "20:'!' is not a domain name\n0:and %u more bad lines\n", n - 20);
		assert_int_equal(strstr(taken.bad, more) != NULL, n > 20);
		assert_int_equal(strstr(taken.bad, "\n0:") != NULL, n > 20);
		assert_null(strstr(taken.bad, "\n21:"));
	}
}

static void memory_is_short(void **state)
{
	static const char *const texts[] = {
		"a.test\nb.test\nc.test\n", "0.0.0.0 a.test b.test c.test\n", "a.test,\nb.test,\nc.test,\n",
		"a.test CNAME .\nb.test CNAME .\nc.test CNAME .\n", "{\"list\":[\"a.test\",\"b.test\",\"c.test\"]}",
	};
	static struct taken taken;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_int_equal(read_octets(&taken, texts[i], strlen(texts[i]), 2), -ENOMEM);
		assert_string_equal(taken.domains, "a.test ");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(csv),
		cmocka_unit_test(json),
		cmocka_unit_test(zone),
		cmocka_unit_test(recognition),
		cmocka_unit_test(huge_and_odd_lines),
		cmocka_unit_test(many_bad_lines),
		cmocka_unit_test(memory_is_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
