/* SPDX-License-Identifier: BSD-3-Clause */
/* test_event_read - what event.c writes comes back as it was, and nothing else comes at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "report/event.h"
#include "report/event_read.h"
#include "support.h"

/* An event as an operator's file has it, in which a test replaces parts. */
static const char sample[] =
	"{\"@timestamp\":\"2026-11-21T03:00:00.123Z\",\"event\":{\"sequence\":7,\"dataset\":\"unbound.warden\"},"
	"\"source\":{\"ip\":\"192.0.2.7\"},\"dns\":{\"question\":{\"name\":\"a.b.example.com\","
	"\"registered_domain\":\"example.com\"}},\"rule\":{\"name\":\"information\"},"
	"\"warden\":{\"verdict\":\"refuse\",\"dry_run\":true,\"suppressed\":2,"
	"\"evidence\":{\"bytes\":513,\"distinct_names\":20}}}";

/* <sample> with <from> replaced by <to>; the result is static. */
static const char *altered(const char *from, const char *to)
{
	static char text[4096];
	const char *at = strstr(sample, from);

	assert_non_null(at);
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - sample), sample, to, at + strlen(from));
	return text;
}

static void what_is_written(void **state)
{
	static const char *const names[] = { "abc.def.example.com", "example.com", ".",
		                             "x\\010y\\\"z.example.com", "\\027[31m.example.com" };
	static const unsigned labels[] = { 2, 0, 0, 1, 1 };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct record record = {
			.sequence = 7, .now = NOW + 123, .evidence = { 513, 20, 3, 31 }, .suppressed = 2,
			.client = { 0x20, 0x01, 0x0d, 0xb8 }, .detector = DETECTOR_information,
			.verdict = WARDEN_REFUSE, .confidence = CONFIDENCE_HIGH, .dry_run = i & 1,
			.what = WARDEN_QUESTION, .payload_labels = (uint8_t)labels[i],
		};
		struct name name;
		struct told told;
		char *line;

		assert_true(name_from_text(&name, names[i]));
		memcpy(record.qname, name.wire, name.len);
		record.qname_len = name.len;
		line = event_line(&record, "resolver", NULL);
		assert_null(event_read(&told, line, strlen(line)));
		free(line);

		assert_int_equal(told.now, record.now);
		assert_int_equal(told.sequence, 7);
		assert_int_equal(told.suppressed, 2);
		assert_int_equal(told.verdict, WARDEN_REFUSE);
		assert_int_equal(told.dry_run, i & 1);
		assert_memory_equal(told.client, record.client, 16);
		assert_int_equal(told.name.len, name.len);
		assert_memory_equal(told.name.wire, name.wire, name.len);
		assert_int_equal(told.domain_label, labels[i]);
		assert_string_equal(told.detector, "information");
		assert_string_equal(told.observer, "resolver");
		assert_int_equal(told.evidence.count, 8);
		assert_string_equal(told.evidence.number[0].name, "bytes_up");
		assert_int_equal(told.evidence.number[0].value, 513);
	}
}

static void other_versions(void **state)
{
	struct told told;
	const char *line = altered("\"distinct_names\":20", "\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"text\":\"x\",\"list\":[\"x\"],\"i\":9,\"j\":10,\"k\":11,\"l\":12");

	(void)state;
	assert_null(event_read(&told, line, strlen(line)));
	assert_int_equal(told.evidence.count, EVIDENCE_MAX);
	line = altered("\"information\"", "\"of-tomorrow\"");
	assert_null(event_read(&told, line, strlen(line)));
	assert_string_equal(told.detector, "of-tomorrow");
}

static void wrong_lines(void **state)
{
	static const struct {
		const char *from, *to, *fault;
	} cases[] = {
		{ "unbound.warden", "unbound.other", "event.dataset" },
		{ "2026-11-21T03:00:00.123Z", "2026-11-21 03:00", "@timestamp" },
		{ "\"2026-11-21T03:00:00.123Z\"", "1795230000", "@timestamp" },
		{ "\"sequence\":7", "\"sequence\":\"7\"", "event.sequence" },
		{ "\"sequence\":7", "\"sequence\":-7", "event.sequence" },
		{ "\"sequence\":7", "\"sequence\":7.5", "event.sequence" },
		{ "\"sequence\":7,", "", "event.sequence" },
		{ "192.0.2.7", "192.0.2.777", "source.ip" },
		{ "{\"ip\":\"192.0.2.7\"}", "[]", "source.ip" },
		{ "a.b.example.com", "a..example.com", "dns.question" },
		{ "a.b.example.com", "a.b.example.org", "dns.question" },
		{ "a.b.example.com", "a.bexample.com", "dns.question" },
		{ "\"a.b.example.com\"", "null", "dns.question" },
		{ "\"example.com\"", "\"c.a.b.example.com\"", "dns.question" },
		{ "\"example.com\"", "{}", "dns.question" },
		{ "\"information\"", "\"\\u001b[31m\"", "rule.name" },
		{ "\"information\"", "\"\"", "rule.name" },
		{ "\"information\"", "\"a-name-that-is-longer-than-any-detector-has\"", "rule.name" },
		{ "\"information\"", "[\"information\"]", "rule.name" },
		{ "\"refuse\"", "\"deny\"", "warden.verdict" },
		{ "\"refuse\"", "3", "warden.verdict" },
		{ "\"dry_run\":true", "\"dry_run\":1", "warden.dry_run" },
		{ "\"suppressed\":2", "\"suppressed\":4294967296", "warden.suppressed" },
		{ "{\"bytes\":513,\"distinct_names\":20}", "[]", "warden.evidence" },
		{ "\"bytes\":513", "\"by\\ntes\":513", "warden.evidence" },
		{ "513", "true", "warden.evidence" },
		{ "513", "1e300", "warden.evidence" },
		{ "}}}", "}}", "JSON" },
		{ "}}}", "}}} {}", "JSON" },
		{ "\"information\"", "\"in\\u0000formation\"", "JSON" },
		{ "\"information\"", "\"in\xff" "formation\"", "JSON" },
		{ "\"sequence\":7", "\"sequence\":99999999999999999999", "JSON" },
	};
	static const char *const no_objects[] = { "[]", "7", "\"text\"", "null", "x", "{", "\xff\xfe" };
	struct told told;
	const char *fault;

	(void)state;
	assert_null(event_read(&told, sample, strlen(sample)));
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *line = altered(cases[i].from, cases[i].to);

		fault = event_read(&told, line, strlen(line));
		if (!fault || !strstr(fault, cases[i].fault))
			fail_msg("%s: %s", line, fault ? fault : "was read");
	}
	for (size_t i = 0; i < sizeof(no_objects) / sizeof(*no_objects); i++)
		assert_non_null(event_read(&told, no_objects[i], strlen(no_objects[i])));
	/* However much of it there is, and with a NUL in it. */
	for (size_t len = 0; len < strlen(sample); len++)
		assert_non_null(event_read(&told, sample, len));
	assert_non_null(event_read(&told, sample, sizeof(sample)));
}

/* What a file told: how many events, and where the bad lines were. */
struct heard {
	unsigned events, bad;
	uint64_t at[8];
};

static void on_event(void *arg, const struct told *told)
{
	(void)told;
	((struct heard *)arg)->events++;
}

static void on_bad(void *arg, uint64_t line, const char *fault)
{
	struct heard *heard = arg;

	assert_non_null(fault);
	assert_in_range(heard->bad, 0, 7);
	heard->at[heard->bad++] = line;
}

static struct heard heard_in(FILE *file)
{
	struct heard heard = { 0 };
	const struct event_sink sink = { on_event, on_bad, &heard };

	rewind(file);
	assert_int_equal(event_file_read(file, &sink), 0);
	fclose(file);
	return heard;
}

static void fill(FILE *file, char octet, size_t count)
{
	while (count--)
		putc(octet, file);
}

/* Lines of every length around what fits, between good ones, to be counted right. */
static void lines(void **state)
{
	static const size_t lengths[] = { 0, 1, EVENT_LINE_MAX - 1, EVENT_LINE_MAX, EVENT_LINE_MAX + 1,
		                          EVENT_LINE_MAX + 2, 2 * EVENT_LINE_MAX + 2,
		                          5 * EVENT_LINE_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		FILE *file = tmpfile();
		struct heard heard;

		assert_non_null(file);
		fprintf(file, "%s\n", sample);
		fill(file, 'x', lengths[i]);
		fprintf(file, "\n%s\r\n\n%s", sample, sample); /* the last without a newline */
		heard = heard_in(file);
		assert_int_equal(heard.events, 3);
		assert_int_equal(heard.bad, lengths[i] != 0);
		assert_int_equal(heard.at[0], lengths[i] ? 2 : 0);
	}
}

/* An event that fills its line to the last octet is read, one octet more is too much. */
static void longest(void **state)
{
	(void)state;
	for (unsigned more = 0; more < 2; more++) {
		FILE *file = tmpfile();
		struct heard heard;

		assert_non_null(file);
		fputs(sample, file);
		fill(file, ' ', EVENT_LINE_MAX - strlen(sample) + more);
		fprintf(file, "\n%s\n", sample);
		heard = heard_in(file);
		assert_int_equal(heard.events, 2 - more);
		assert_int_equal(heard.bad, more);
	}
}

static void torn_and_binary(void **state)
{
	FILE *file = tmpfile();
	struct heard heard;

	(void)state;
	assert_non_null(file);
	fwrite(sample, 1, sizeof(sample), file); /* a NUL before the newline */
	fprintf(file, "\n%.50s\n%s\n\n\x01\x02\xff\n%.99s", sample, sample, sample);
	heard = heard_in(file);
	assert_int_equal(heard.events, 1);
	assert_int_equal(heard.bad, 4);
	assert_int_equal(heard.at[0], 1);
	assert_int_equal(heard.at[1], 2);
	assert_int_equal(heard.at[2], 5);
	assert_int_equal(heard.at[3], 6);
}

static void unreadable(void **state)
{
	struct heard heard = { 0 };
	const struct event_sink sink = { on_event, on_bad, &heard };
	FILE *file = fopen("/", "r"); /* a folder opens, and does not read */

	(void)state;
	assert_non_null(file);
	assert_int_not_equal(event_file_read(file, &sink), 0);
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written), cmocka_unit_test(other_versions),
		cmocka_unit_test(wrong_lines),     cmocka_unit_test(lines),
		cmocka_unit_test(longest),         cmocka_unit_test(torn_and_binary),
		cmocka_unit_test(unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
