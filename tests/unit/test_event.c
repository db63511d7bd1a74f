/* SPDX-License-Identifier: BSD-3-Clause */
/* test_event - events against events.def, and against hostile records. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include <warden/warden.h>

#include "detect/detector.h"
#include "name/name.h"
#include "report/event.h"
#include "store/holds.h"

#define PATH_MAX_LEN 256

static const struct field {
	const char *path;
	bool always;
} fields[] = {
#define EVENT_FIELD(path, always, meaning) { path, always },
#include <warden/events.def>
#undef EVENT_FIELD
};

#define FIELD_COUNT (sizeof(fields) / sizeof(fields[0]))

static struct record sample(const char *qname)
{
	struct record record = {
		.sequence = 7,
		.now = UINT64_C(1795230000123),
		.hold_expires = UINT64_C(1795233600123),
		.evidence = { 513, 20, 3, 31 },
		.at_query = 12,
		.queries = 13,
		.suppressed = 2,
		.qtype = 16,
		.qclass = 1,
		.client_port = 4321,
		.client = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 7 },
		.detector = DETECTOR_information,
		.verdict = WARDEN_REFUSE,
		.confidence = CONFIDENCE_HIGH,
		.score = 80,
		.path = WARDEN_PATH_MISS,
		.transport = WARDEN_TRANSPORT_UDP,
		.what = WARDEN_QUESTION,
		.scope = SCOPE_PAIR,
		.payload_labels = 2,
		.denied = 1,
	};
	struct name name;

	assert_true(name_from_text(&name, qname));
	record.qname_len = name.len;
	memcpy(record.qname, name.wire, name.len);
	return record;
}

static json_t *event_of(const struct record *record, const char *hostname)
{
	char *line = event_line(record, hostname, NULL);
	json_t *event;

	assert_non_null(line);
	for (const char *c = line; *c; c++)
		assert_in_range(*c, ' ', '~');
	event = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(event);
	free(line);
	return event;
}

/* The member at a dotted path, or NULL. */
static const json_t *member(const json_t *object, const char *path)
{
	char part[PATH_MAX_LEN];

	while (object && *path) {
		size_t len = strcspn(path, ".");

		snprintf(part, sizeof(part), "%.*s", (int)len, path);
		object = json_object_get(object, part);
		path += len + (path[len] == '.');
	}
	return object;
}

static const char *text(const json_t *event, const char *path)
{
	const json_t *value = member(event, path);

	if (!json_is_string(value))
		fail_msg("%s is not a text", path);
	return json_string_value(value);
}

static long long number(const json_t *event, const char *path)
{
	const json_t *value = member(event, path);

	if (!json_is_integer(value))
		fail_msg("%s is not a number", path);
	return json_integer_value(value);
}

static bool declared(const char *path)
{
	for (size_t i = 0; i < FIELD_COUNT; i++)
		if (!strcmp(fields[i].path, path))
			return true;
	return false;
}

/* Every leaf below <object> must have a row. What a row names as a whole is a leaf. */
static void expect_declared(json_t *object, const char *prefix)
{
	char path[PATH_MAX_LEN];
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value) {
		snprintf(path, sizeof(path), "%s%s%s", prefix, *prefix ? "." : "", key);
		if (declared(path))
			continue;
		if (!json_is_object(value))
			fail_msg("%s has no row in events.def", path);
		expect_declared(value, path);
	}
}

static void expect_complete(json_t *event)
{
	for (size_t i = 0; i < FIELD_COUNT; i++)
		if (fields[i].always && !member(event, fields[i].path))
			fail_msg("%s is missing", fields[i].path);
	expect_declared(event, "");
}

static void test_fields(void **state)
{
	struct record record = sample("abc.def.example.com");
	json_t *event;

	(void)state;
	for (unsigned id = 0; id <= DETECTOR_COUNT; id++) {
		record.detector = id < DETECTOR_COUNT ? (uint8_t)id : HOLD_BY_OPERATOR;
		event = event_of(&record, "resolver");
		expect_complete(event);
		assert_string_equal(text(event, "observer.hostname"), "resolver");
		if (id < DETECTOR_COUNT) {
			assert_string_equal(text(event, "rule.name"), detectors[id]->name);
			assert_true(json_array_size(member(event, "threat.technique.id")) > 0);
			assert_true(json_object_size(member(event, "warden.evidence")) > 0);
		}
		json_decref(event);
	}
	event = event_of(&record, NULL);
	expect_complete(event);
	assert_null(member(event, "observer.hostname"));
	assert_string_equal(text(event, "rule.name"), "operator");
	json_decref(event);

	/* sethostname() takes any octets. */
	event = event_of(&record, "r\xff\n\"");
	assert_string_equal(text(event, "observer.hostname"), "r??\"");
	json_decref(event);
}

static void test_values(void **state)
{
	static const struct {
		const char *path, *value;
	} texts[] = {
		{ "@timestamp", "2026-11-21T03:00:00.123Z" },
		{ "ecs.version", "9.0.0" },
		{ "event.kind", "alert" },
		{ "event.action", "refuse" },
		{ "event.module", "unbound" },
		{ "event.dataset", "unbound.warden" },
		{ "source.ip", "192.0.2.7" },
		{ "dns.type", "query" },
		{ "dns.question.name", "abc.def.example.com" },
		{ "dns.question.type", "TXT" },
		{ "dns.question.class", "IN" },
		{ "dns.question.registered_domain", "example.com" },
		{ "dns.question.subdomain", "abc.def" },
		{ "dns.question.top_level_domain", "com" },
		{ "dns.response_code", "REFUSED" },
		{ "network.transport", "udp" },
		{ "network.protocol", "dns" },
		{ "network.type", "ipv4" },
		{ "rule.name", "information" },
		{ "threat.framework", "MITRE ATT&CK" },
		{ "warden.verdict", "refuse" },
		{ "warden.confidence", "high" },
		{ "warden.path", "miss" },
		{ "warden.scope", "pair" },
		{ "warden.hold_expires", "2026-11-21T04:00:00.123Z" },
	};
	static const struct {
		const char *path;
		long long value;
	} numbers[] = {
		{ "event.severity", 73 },   { "event.risk_score", 80 }, { "event.sequence", 7 },
		{ "source.port", 4321 },    { "warden.suppressed", 2 }, { "warden.at_query", 12 },
		{ "warden.queries", 13 },
	};
	struct record record = sample("abc.def.example.com");
	json_t *event = event_of(&record, NULL);
	const struct detector *detector = detectors[DETECTOR_information];
	char path[PATH_MAX_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_string_equal(text(event, texts[i].path), texts[i].value);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		assert_int_equal(number(event, numbers[i].path), numbers[i].value);
	assert_string_equal(json_string_value(json_array_get(member(event, "event.type"), 0)),
	                    "denied");
	assert_true(json_is_false(member(event, "warden.dry_run")));
	snprintf(path, sizeof(path), "warden.evidence.%s", detector->evidence[0].name);
	assert_int_equal(number(event, path), 513);
	assert_non_null(strstr(text(event, "event.reason"), detector->reasons[0]));
	assert_non_null(strstr(text(event, "event.reason"), "513"));
	json_decref(event);
}

/* What a question that was denied before it had an answer is answered with. */
static void test_denied(void **state)
{
	static const struct {
		uint8_t verdict;
		const char *rcode; /* NULL: none */
	} cases[] = {
		{ WARDEN_TRUNCATE, "NOERROR" }, { WARDEN_NODATA, "NOERROR" }, { WARDEN_NXDOMAIN, "NXDOMAIN" },
		{ WARDEN_REFUSE, "REFUSED" }, { WARDEN_DROP, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct record record = sample("www.example.com");
		json_t *event;

		record.verdict = cases[i].verdict;
		event = event_of(&record, NULL);
		assert_string_equal(text(event, "event.action"),
		                    warden_verdict_name((enum warden_verdict)cases[i].verdict));
		if (cases[i].rcode)
			assert_string_equal(text(event, "dns.response_code"), cases[i].rcode);
		else
			assert_true(json_is_null(member(event, "dns.response_code")));
		json_decref(event);
	}
}

/* What changes with the kind of record. */
static void test_variants(void **state)
{
	struct record record = sample("abc.def.example.com");
	json_t *event;

	(void)state;
	record.dry_run = 1;
	record.denied = 0;
	record.what = WARDEN_QUESTION | WARDEN_ANSWER;
	record.rcode = 3;
	record.qtype = 65399;
	record.qclass = 77;
	record.transport = WARDEN_TRANSPORT_DOH;
	record.hold_expires = 0;
	memset(record.client, 0, sizeof(record.client));
	record.client[0] = 0x20;
	record.client[1] = 0x01;
	event = event_of(&record, NULL);
	assert_string_equal(json_string_value(json_array_get(member(event, "event.type"), 0)),
	                    "info");
	assert_true(json_is_true(member(event, "warden.dry_run")));
	assert_string_equal(text(event, "dns.type"), "answer");
	assert_string_equal(text(event, "dns.response_code"), "NXDOMAIN");
	assert_string_equal(text(event, "dns.question.type"), "TYPE65399");
	assert_string_equal(text(event, "dns.question.class"), "CLASS77");
	assert_string_equal(text(event, "network.transport"), "tcp");
	assert_string_equal(text(event, "network.protocol"), "doh");
	assert_string_equal(text(event, "network.type"), "ipv6");
	assert_string_equal(text(event, "source.ip"), "2001::");
	assert_true(json_is_null(member(event, "warden.hold_expires")));
	json_decref(event);

	record.what = WARDEN_QUESTION;
	event = event_of(&record, NULL);
	assert_true(json_is_null(member(event, "dns.response_code")));
	json_decref(event);
}

static void test_names(void **state)
{
	static const struct {
		const char *qname;
		uint8_t payload;
		const char *name, *domain, *subdomain, *suffix;
	} cases[] = {
		{ "example.com", 0, "example.com", "example.com", "", "com" },
		{ "a.b.nosuchtld", 3, "a.b.nosuchtld", ".", "a.b.nosuchtld", "." },
		{ "x\\010y\\\"z.example.org", 1, "x\\010y\\034z.example.org", "example.org",
		  "x\\010y\\034z", "org" },
		{ ".", 0, ".", ".", "", "." },
		{ "a.example.com", 200, "a.example.com", ".", "a.example.com", "." },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct record record = sample(cases[i].qname);
		json_t *event;

		record.payload_labels = cases[i].payload;
		event = event_of(&record, NULL);
		assert_string_equal(text(event, "dns.question.name"), cases[i].name);
		assert_string_equal(text(event, "dns.question.registered_domain"), cases[i].domain);
		assert_string_equal(text(event, "dns.question.subdomain"), cases[i].subdomain);
		assert_string_equal(text(event, "dns.question.top_level_domain"), cases[i].suffix);
		expect_complete(event);
		json_decref(event);
	}
}

/* A record is read from memory that others write. */
static void test_garbage(void **state)
{
	struct record record;
	uint64_t seed = 1;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		unsigned char *octet = (unsigned char *)&record;
		json_t *event;

		for (size_t i = 0; i < sizeof(record); i++) {
			seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
			octet[i] = (unsigned char)(seed >> 56);
		}
		if (round & 1) { /* a whole name of awkward octets */
			record.qname[0] = 63;
			record.qname[64] = 0;
			record.qname_len = 65;
		}
		event = event_of(&record, NULL);
		expect_complete(event);
		json_decref(event);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),   cmocka_unit_test(test_values),
		cmocka_unit_test(test_denied),
		cmocka_unit_test(test_variants), cmocka_unit_test(test_names),
		cmocka_unit_test(test_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
