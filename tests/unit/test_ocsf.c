/* SPDX-License-Identifier: BSD-3-Clause */
/* test_ocsf - events against what the schema says (tests/data/ocsf-dns-activity.tsv): every attribute is one of
 * it and has its type and a number that it allows, and none that is required is missing.
 */
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
#include "report/ocsf.h"

#define ATTRIBUTES_MAX 128

struct attribute {
	char path[64], type[16], requirement[16], allowed[256];
};

static struct attribute attributes[ATTRIBUTES_MAX];
static unsigned attribute_count;

static int read_schema(void **state)
{
	const char *source = getenv("WARDEN_SOURCE");
	char path[512], line[512];
	FILE *file;

	(void)state;
	snprintf(path, sizeof(path), "%s/tests/data/ocsf-dns-activity.tsv", source ? source : ".");
	file = fopen(path, "r");
	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file)) {
		struct attribute *one = &attributes[attribute_count];

		if (line[0] != '#' && attribute_count < ATTRIBUTES_MAX &&
		    sscanf(line, "%63[^\t]\t%15[^\t]\t%15[^\t]\t%255[^\n]", one->path, one->type, one->requirement,
		           one->allowed) == 4)
			attribute_count++;
	}
	fclose(file);
	return attribute_count > 40 ? 0 : -1;
}

static const struct attribute *attribute_of(const char *path)
{
	for (unsigned i = 0; i < attribute_count; i++)
		if (!strcmp(attributes[i].path, path))
			return &attributes[i];
	return NULL;
}

static bool has_type(const json_t *value, const char *type)
{
	if (!strcmp(type, "integer"))
		return json_is_integer(value);
	if (!strcmp(type, "boolean"))
		return json_is_boolean(value);
	return json_is_string(value) && !strcmp(type, "string");
}

static bool is_allowed(const json_t *value, const char *allowed)
{
	char wanted[32], list[300];

	if (!strcmp(allowed, "-"))
		return true;
	snprintf(wanted, sizeof(wanted), " %lld ", (long long)json_integer_value(value));
	snprintf(list, sizeof(list), " %s ", allowed);
	return strstr(list, wanted);
}

static void expect_leaf(const char *path, const json_t *value)
{
	const struct attribute *attribute = attribute_of(path);

	if (!attribute)
		fail_msg("%s is no attribute", path);
	if (!has_type(value, attribute->type))
		fail_msg("%s is not of type %s", path, attribute->type);
	if (!is_allowed(value, attribute->allowed))
		fail_msg("%s: %lld is not allowed", path, (long long)json_integer_value(value));
}

static void expect_schema(const char *path, json_t *value)
{
	char below[256];
	const char *key;
	json_t *item;
	size_t i;

	if (!strcmp(path, "unmapped"))
		return;
	if (json_is_object(value)) {
		json_object_foreach(value, key, item) {
			snprintf(below, sizeof(below), "%s%s%s", path, *path ? "." : "", key);
			expect_schema(below, item);
		}
	} else if (json_is_array(value)) {
		json_array_foreach(value, i, item) {
			snprintf(below, sizeof(below), "%s[]", path);
			expect_schema(below, item);
		}
	} else {
		expect_leaf(path, value);
	}
}

/* The member at a dotted path without lists, or NULL. */
static json_t *member(json_t *object, const char *path)
{
	while (object && *path) {
		size_t len = strcspn(path, ".");

		object = json_object_getn(object, path, len);
		path += len + (path[len] == '.');
	}
	return object;
}

static void expect_required(json_t *event)
{
	for (unsigned i = 0; i < attribute_count; i++)
		if (!strcmp(attributes[i].requirement, "required") && !strchr(attributes[i].path, '[') &&
		    !member(event, attributes[i].path))
			fail_msg("%s is required", attributes[i].path);
}

static struct record sample(void)
{
	struct record record = {
		.sequence = 7, .now = UINT64_C(1795230000123), .evidence = { 513, 20, 3, 31 }, .at_query = 12,
		.queries = 13, .qtype = 16, .qclass = 1, .client_port = 4321,
		.client = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 7 }, .detector = DETECTOR_information,
		.verdict = WARDEN_REFUSE, .confidence = CONFIDENCE_HIGH, .score = 80, .what = WARDEN_QUESTION,
		.payload_labels = 1, .denied = 1,
	};
	struct name name;

	assert_true(name_from_text(&name, "payload.example.com"));
	record.qname_len = name.len;
	memcpy(record.qname, name.wire, name.len);
	return record;
}

static json_t *event_of(const struct record *record)
{
	char *line = ocsf_line(record, "resolver", NULL);
	json_t *event = line ? json_loads(line, JSON_REJECT_DUPLICATES, NULL) : NULL;

	assert_non_null(event);
	assert_null(strchr(line, '\n'));
	free(line);
	expect_schema("", event);
	expect_required(event);
	assert_int_equal(json_integer_value(member(event, "type_uid")),
	                 400300 + json_integer_value(member(event, "activity_id")));
	return event;
}

static long long number(const struct record *record, const char *path)
{
	json_t *event = event_of(record), *value = member(event, path);
	long long found = value ? json_integer_value(value) : -1;

	json_decref(event);
	return found;
}

static void test_all_kinds(void **state)
{
	(void)state;
	for (unsigned detector = 0; detector <= DETECTOR_COUNT; detector++)
		for (unsigned verdict = WARDEN_LOG; verdict < WARDEN_VERDICT_COUNT; verdict++)
			for (unsigned i = 0; i < 8; i++) {
				struct record record = sample();

				record.detector = (uint8_t)(detector < DETECTOR_COUNT ? detector : 255);
				record.verdict = (uint8_t)verdict;
				record.denied = i & 1;
				record.what = i & 2 ? WARDEN_ANSWER : WARDEN_QUESTION;
				record.rcode = (uint8_t)(i * 5);
				record.transport = (uint8_t)(i % WARDEN_TRANSPORT_COUNT);
				record.confidence = (uint8_t)(i % 4);
				record.client[0] = i & 4 ? 0x20 : 0;
				json_decref(event_of(&record));
			}
}

static void test_meaning(void **state)
{
	struct record record = sample();
	json_t *event = event_of(&record);

	(void)state;
	assert_string_equal(json_string_value(member(event, "query.hostname")), "payload.example.com");
	assert_string_equal(json_string_value(member(event, "query.type")), "TXT");
	assert_string_equal(json_string_value(member(event, "src_endpoint.ip")), "192.0.2.7");
	assert_string_equal(json_string_value(member(event, "dst_endpoint.hostname")), "resolver");
	assert_string_equal(json_string_value(member(event, "firewall_rule.name")), "information");
	assert_string_equal(json_string_value(member(event, "metadata.version")), "1.5.0");
	assert_int_equal(json_integer_value(member(event, "time")), record.now);
	assert_int_equal(json_integer_value(member(event, "unmapped.warden.at_query")), 12);
	json_decref(event);
	assert_int_equal(number(&record, "rcode_id"), 5);
	assert_int_equal(number(&record, "severity_id"), 4);
	assert_int_equal(number(&record, "confidence_id"), 3);
	assert_int_equal(number(&record, "action_id"), 2);
	assert_int_equal(number(&record, "disposition_id"), 2);
	assert_int_equal(number(&record, "connection_info.protocol_num"), 17);
	assert_int_equal(number(&record, "connection_info.protocol_ver_id"), 4);
	record.verdict = WARDEN_DROP;
	assert_int_equal(number(&record, "disposition_id"), 6);
	assert_int_equal(number(&record, "rcode_id"), -1); /* nothing was sent */
	record.denied = 0;
	assert_int_equal(number(&record, "action_id"), 3);
	assert_int_equal(number(&record, "disposition_id"), 19);
	record.verdict = WARDEN_LOG;
	record.confidence = CONFIDENCE_LOW;
	record.what = WARDEN_ANSWER;
	assert_int_equal(number(&record, "disposition_id"), 17);
	assert_int_equal(number(&record, "severity_id"), 2);
	assert_int_equal(number(&record, "activity_id"), 2);
}

/* ATT&CK's T1071.004 is a sub-technique, and stands below its technique. */
static void test_attacks(void **state)
{
	struct record record = sample();
	json_t *event, *attack;
	bool found = false;
	size_t i;

	(void)state;
	record.detector = DETECTOR_signature_iodine;
	event = event_of(&record);
	json_array_foreach(member(event, "attacks"), i, attack) {
		const char *sub = json_string_value(member(attack, "sub_technique.uid"));

		if (!sub || strcmp(sub, "T1071.004"))
			continue;
		assert_string_equal(json_string_value(member(attack, "technique.uid")), "T1071");
		found = true;
	}
	assert_true(found);
	json_decref(event);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_kinds),
		cmocka_unit_test(test_meaning),
		cmocka_unit_test(test_attacks),
	};

	return cmocka_run_group_tests(tests, read_schema, NULL);
}
