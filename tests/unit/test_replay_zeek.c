/* SPDX-License-Identifier: BSD-3-Clause */
/* test_replay_zeek - lines of dns.log, as Zeek's manual shows them and as it may write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "recorded.h"

#define HEAD "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tdns\n"
#define FEW HEAD "#fields\tts\tid.orig_h\tquery\tqtype\trcode\tanswers\tTTLs\n"
#define L "1700000000.250000\t192.0.2.7\t"
#define Q "1700000000.250 Q 192.0.2.7:0 "
#define A "1700000000.250 A 192.0.2.7:0 "

static const struct {
	const char *text, *told;
} rows[] = {
	/* as in the manual (docs.zeek.org, dns.log) */
	{ "{\"ts\":1774911641.803041,\"uid\":\"CHhAvVGS1DHFjwGM9\",\"id.orig_h\":\"172.17.0.2\",\"id.orig_p\":36844,"
	  "\"id.resp_h\":\"1.1.1.1\",\"id.resp_p\":53,\"proto\":\"udp\",\"trans_id\":20661,\"rtt\":0.03837108612060547,"
	  "\"query\":\"zeek.org\",\"qclass\":1,\"qclass_name\":\"C_INTERNET\",\"qtype\":1,\"qtype_name\":\"A\",\"rcode\":0,"
	  "\"rcode_name\":\"NOERROR\",\"AA\":false,\"TC\":false,\"RD\":true,\"RA\":true,\"Z\":2,\"answers\":[\"192.0.78.150\","
	  "\"192.0.78.212\"],\"TTLs\":[60.0,59.0],\"rejected\":false,\"opcode\":0,\"opcode_name\":\"query\"}\n",
	  "1774911641.803 Q 172.17.0.2:36844 zeek.org A/1 miss udp\n"
	  "1774911641.803 A 172.17.0.2:36844 zeek.org A/1 miss udp | 0 2 records 58 octets ttl 59 A=c0004e96 A=c0004ed4\n" },
	{ HEAD "#open\t2015-05-08-11-05-37\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\ttrans_id\tquery"
	  "\tqclass\tqclass_name\tqtype\tqtype_name\trcode\trcode_name\tAA\tTC\tRD\tRA\tZ\tanswers\tTTLs\trejected\n"
	  "#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tcount\tstring\tcount\tstring\tcount\tstring\tcount\tstring"
	  "\tbool\tbool\tbool\tbool\tcount\tvector[string]\tvector[interval]\tbool\n"
	  "1431101137.669778\tCcwHDJ2EkB4uwaDSNf\t192.0.2.25\t59528\t192.0.2.1\t53\ttcp\t34895\ta.example\t1\tC_INTERNET\t1\tA"
	  "\t0\tNOERROR\tF\tF\tT\tT\t0\tb.example,192.0.2.7\t189.000000,18.000000\tF\n#close\t2015-05-08-12-00-00\n",
	  "1431101137.669 Q 192.0.2.25:59528 a.example A/1 miss tcp\n"
	  "1431101137.669 A 192.0.2.25:59528 a.example A/1 miss tcp | 0 2 records 66 octets ttl 18 "
	  "CNAME=0162076578616d706c6500 A=c0000207\n" },
	/* no answer, no records, a failure */
	{ FEW L "a\t16\t-\t-\t-\n", Q "a TXT/1 miss udp\n" },
	{ FEW L "a\t16\t0\t-\t-\n", Q "a TXT/1 miss udp\n" A "a TXT/1 miss udp | 0 0 records 19 octets ttl 0\n" },
	{ FEW L "a\t16\t3\t(empty)\t(empty)\n", Q "a TXT/1 miss udp\n" A "a TXT/1 miss udp | 3 0 records 19 octets ttl 0\n" },
	/* names: octets, a backslash, the root, a dot at the end, what stands for nothing */
	{ FEW L "a\\x00\\xfFb\\\\.c\t1\t-\t-\t-\n", Q "a\\000\\255b\\092.c A/1 miss udp\n" },
	{ FEW L "(empty)\t2\t-\t-\t-\n", Q ". NS/1 miss udp\n" },
	{ FEW L ".\t2\t-\t-\t-\n", Q ". NS/1 miss udp\n" },
	{ FEW L "a.b.\t2\t-\t-\t-\n", Q "a.b NS/1 miss udp\n" },
	{ FEW L "\\x2d\t2\t-\t-\t-\n", Q "- NS/1 miss udp\n" },
	{ FEW L "-\t2\t-\t-\t-\n", "skip 7: not all of ts, id.orig_h, query and qtype are there\n" },
	{ FEW L "a..b\t2\t-\t-\t-\n", "skip 7: the name is not a domain name\n" },
	/* answers */
	{ FEW L "a\t28\t0\t2001:db8::1,::ffff:192.0.2.1\t1.000000,2.000000\n", Q "a AAAA/1 miss udp\n"
	  A "a AAAA/1 miss udp | 0 2 records 75 octets ttl 1 AAAA=20010db8000000000000000000000001 "
	  "AAAA=00000000000000000000ffffc0000201\n" },
	{ FEW L "a\t16\t0\tTXT 2 hi TXT 3 a\\x2cb TXT 0 \t5.000000\n", Q "a TXT/1 miss udp\n"
	  A "a TXT/1 miss udp | 0 1 records 39 octets ttl 5 TXT=02686903612c6200\n" },
	{ FEW L "a\t16\t0\tTXT 3 hi\t5.000000\n", Q "a TXT/1 miss udp\n"
	  A "a TXT/1 miss udp | 0 1 records 39 octets ttl 5\n" },
	{ FEW L "a\t16\t0\tTXT 256 hi\t-\n", Q "a TXT/1 miss udp\n" A "a TXT/1 miss udp | 0 1 records 41 octets ttl 0\n" },
	{ FEW L "a\t12\t0\tb.c\t5.000000\n", Q "a PTR/1 miss udp\n"
	  A "a PTR/1 miss udp | 0 1 records 36 octets ttl 5 PTR=0162016300\n" },
	{ FEW L "a\t15\t0\tb.c\t5.000000\n", Q "a MX/1 miss udp\n" A "a MX/1 miss udp | 0 1 records 34 octets ttl 5\n" },
	{ FEW L "a\t10\t0\t<unknown type=10>\t5.000000\n", Q "a NULL/1 miss udp\n"
	  A "a NULL/1 miss udp | 0 1 records 48 octets ttl 5\n" },
	/* columns in another order, more than are known, another separator, a second head */
	{ "#separator \\x2c\n#set_separator,|\n#unset_field,?\n#fields,query,more,qtype_name,ts,id.orig_h,rcode_name,answers\n"
	  "a,1,query-65399,1700000000.250000,192.0.2.7,NXDOMAIN,?\nb,1,*,1700000000.250000,192.0.2.7,?,?\n" FEW L "c\t1\t-\t-\t-\n",
	  Q "a TYPE65399/1 miss udp\n" A "a TYPE65399/1 miss udp | 3 0 records 19 octets ttl 0\n" Q "b TYPE255/1 miss udp\n"
	  Q "c A/1 miss udp\n" },
	{ HEAD "#fields\tts\tid.orig_h\tquery\tqtype\toriginal_query\n" L "a.example\t1\tA.eXample\n",
	  Q "A.eXample A/1 miss udp\n" },
	/* JSON: a date, words instead of numbers, octets */
	{ "{\"ts\":\"2023-11-14T22:13:20.250000Z\",\"id.orig_h\":\"192.0.2.7\",\"query\":\"a\\\\xff.b\",\"qtype_name\":\"AAAA\"}\r\n",
	  Q "a\\255.b AAAA/1 miss udp\n" },
	{ "{\"ts\":1700000000,\"id.orig_h\":\"192.0.2.7\",\"query\":\"\",\"qtype\":2}\n",
	  "1700000000.000 Q 192.0.2.7:0 . NS/1 miss udp\n" },
	{ "{\"ts\":1700000000.123999,\"id.orig_h\":\"192.0.2.7\",\"query\":\"a\",\"qtype\":2}\n",
	  "1700000000.123 Q 192.0.2.7:0 a NS/1 miss udp\n" },
	{ "{\"ts\":1700000000.25,\"id\":{\"orig_h\":\"192.0.2.7\",\"orig_p\":53},\"query\":\"a\",\"qtype\":2}\n",
	  "1700000000.250 Q 192.0.2.7:53 a NS/1 miss udp\n" },
	{ "{\"ts\":1,\"id\":7,\"query\":\"a\",\"qtype\":2}\n",
	  "skip 1: not all of ts, id.orig_h, query and qtype are there\n" },
	/* a byte order mark: where the file begins, and nowhere else */
	{ "\xef\xbb\xbf{\"ts\":1700000000.25,\"id.orig_h\":\"192.0.2.7\",\"query\":\"a\",\"qtype\":2}\n",
	  Q "a NS/1 miss udp\n" },
	{ "\xef\xbb\xbf" FEW L "a\t1\t-\t-\t-\n", Q "a A/1 miss udp\n" },
	{ FEW "\xef\xbb\xbf" L "a\t1\t-\t-\t-\n", "skip 7: the time is not a number of seconds, nor a date\n" },
	/* faults */
	{ L "a\t1\t-\t-\t-\n", "skip 1: no line has said which fields there are\n" },
	{ FEW L "a\t1\t-\t-\t-\t-\n", "skip 7: more fields than were named\n" },
	{ HEAD "#fields\tts\tuid\n1\tx\n", "skip 7: not all of ts, id.orig_h, query and qtype are there\n" },
	{ FEW "x\t192.0.2.7\ta\t1\t-\t-\t-\n", "skip 7: the time is not a number of seconds, nor a date\n" },
	{ FEW "1\tx\ta\t1\t-\t-\t-\n", "skip 7: the client is not an address\n" },
	{ FEW L "a\tx\t-\t-\t-\n", "skip 7: the type is unknown\n" },
	{ FEW L "a\t1\tx\t-\t-\n", "skip 7: the rcode is unknown\n" },
	{ "#separator \\x0\n", "skip 1: the separator is no character\n" },
	{ "#separator \\x00\n", "skip 1: the separator is no character\n" },
	{ "{\n{}\n{\"ts\":[1],\"ts\":2}\n", "skip 1: not a JSON object\n"
	  "skip 2: not all of ts, id.orig_h, query and qtype are there\nskip 3: not a JSON object\n" },
	{ "{\"ts\":-1.5,\"id.orig_h\":\"192.0.2.7\",\"query\":\"a\",\"qtype\":2}\n",
	  "skip 1: not all of ts, id.orig_h, query and qtype are there\n" },
	{ "{\"ts\":1,\"id.orig_h\":\"192.0.2.7\",\"id.orig_p\":65536,\"query\":\"a\",\"qtype\":2}\n",
	  "skip 1: the client's port is none\n" },
	{ "", "" },
};

static void lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct recorded *recorded = recorded_text(&replay_zeek, rows[i].text, 0);

		print_message("%s", rows[i].text);
		assert_int_equal(recorded->status, 0);
		assert_string_equal(recorded->text, rows[i].told);
	}
}

/* 128 records are told with their data, the others counted; 128 columns are known, and no more. */
static void limits(void **state)
{
	for (unsigned count = 128; count <= 129; count++) {
		char text[8192] = FEW L "a\t1\t0\t";
		const struct recorded *recorded;
		unsigned told = 0;

		for (unsigned i = 0; i < count; i++)
			strcat(text, i ? ",192.0.2.1" : "192.0.2.1");
		strcat(text, "\t-\n");
		recorded = recorded_text(&replay_zeek, text, 0);
		for (const char *at = recorded->text; (at = strstr(at, "A=c0000201")); at++)
			told++;
		assert_int_equal(told, 128);
		assert_non_null(strstr(recorded->text, count == 128 ? " 128 records" : " 129 records"));

		snprintf(text, sizeof(text), "%s", HEAD "#fields\tts\tid.orig_h\tquery\tqtype");
		for (unsigned i = 4; i < count; i++)
			strcat(text, "\tx");
		strcat(text, "\n");
		recorded = recorded_text(&replay_zeek, text, 0);
		assert_string_equal(recorded->text, count == 128 ? "" : "skip 6: more than 128 fields\n");
	}
	(void)state;
}

/* What is found when nobody names it. */
static void marked(void **state)
{
	static const struct { const char *text; const struct format *format; } files[] = {
		{ "\xef\xbb\xbf{\"ts\":1}\n", &replay_zeek }, { "\xef\xbb\xbf#separator \\x09\n", &replay_zeek },
		{ "\xef\xbb\xbf" "1.5\t192.0.2.7\ta\tA\n", &replay_tsv }, { "\xef\xbb{\"ts\":1}\n", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		FILE *file = tmpfile();

		assert_non_null(file);
		assert_true(fputs(files[i].text, file) >= 0);
		rewind(file);
		assert_ptr_equal(replay_format(NULL, "log", file), files[i].format);
		fclose(file);
	}
}

/* The data of a record, counted. */
struct data {
	unsigned answers, records;
	size_t octets;
};

static void count(void *arg, const struct warden_observation *obs)
{
	struct data *data = arg;

	if (!(obs->what & WARDEN_ANSWER))
		return;
	data->answers += obs->answer_count;
	for (uint32_t i = 0; i < obs->record_count; i++, data->records++)
		data->octets += obs->records[i].rdata_len;
}

static void leave_out(void *arg, uint64_t number, const char *reason)
{
	(void)arg;
	fail_msg("line %u: %s", (unsigned)number, reason);
}

/* TXT of <strings> strings, all but the last one of 255 octets, that one of <last>. */
static struct data strings_of(unsigned strings, unsigned last)
{
	struct data data = { 0 };
	const struct sink sink = { .observe = count, .skip = leave_out, .arg = &data };
	FILE *file = tmpfile();
	char error[256];

	assert_non_null(file);
	fputs(FEW L "a\t16\t0\t", file);
	for (unsigned i = 1; i <= strings; i++) {
		unsigned len = i == strings ? last : 255;

		fprintf(file, "%sTXT %u ", i == 1 ? "" : " ", len);
		while (len--)
			putc('x', file);
	}
	fputs("\t60.0\n", file);
	rewind(file);
	assert_int_equal(replay_zeek.read(file, &sink, error, sizeof(error)), 0);
	return data;
}

/* An answer has 65535 octets and no more, however long a line may be. */
static void long_answers(void **state)
{
	static const struct { unsigned strings, last; bool told; } answers[] = {
		{ 1, 255, true }, { 256, 254, true }, { 256, 255, false }, { 257, 0, false }, { 3900, 255, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		struct data data = strings_of(answers[i].strings, answers[i].last);

		assert_int_equal(data.answers, 1);
		assert_int_equal(data.records, answers[i].told);
		assert_int_equal(data.octets, answers[i].told ? answers[i].strings * 256 - 255 + answers[i].last : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(limits),
		cmocka_unit_test(marked),
		cmocka_unit_test(long_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
