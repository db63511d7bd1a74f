/* SPDX-License-Identifier: BSD-3-Clause */
/* ocsf - a walk over the rows: take a field of the ECS event, make of it what OCSF wants, put it there.
 *
 * Memory: every function here that returns NULL has given up what it was given; so an event is whole,
 * or there is none.
 */
#include "report/ocsf.h"

#include <stdlib.h>
#include <string.h>

#include <warden/warden.h>

#define OCSF_VERSION "1.5.0"

enum { CATEGORY_NETWORK = 4, CLASS_DNS = 4003 };

/* What a word of ours is over there. */
struct number {
	const char *word;
	int number;
};

static const struct number activities[] = { { "query", 1 }, { "answer", 2 }, { NULL, 0 } };
static const struct number confidences[] = { { "low", 1 }, { "medium", 2 }, { "high", 3 }, { NULL, 0 } };
static const struct number protocols[] = { { "udp", 17 }, { "tcp", 6 }, { NULL, 0 } };
static const struct number versions[] = { { "ipv4", 4 }, { "ipv6", 6 }, { NULL, 0 } };
static const struct number actions[] = { { "denied", 2 }, { "info", 3 }, { NULL, 0 } }; /* Denied, Observed */
static const struct number rcodes[] = {
	{ "NOERROR", 0 }, { "FORMERR", 1 }, { "SERVFAIL", 2 }, { "NXDOMAIN", 3 }, { "NOTIMP", 4 }, { "REFUSED", 5 },
	{ "YXDOMAIN", 6 }, { "YXRRSET", 7 }, { "NXRRSET", 8 }, { "NOTAUTH", 9 }, { "NOTZONE", 10 },
	{ "BADVERS", 16 }, { "BADCOOKIE", 23 }, { NULL, 99 },
};

/* ---- ways to make a value -------------------------------------------------------- */

static json_t *as_is(const json_t *value, const struct number *numbers)
{
	(void)numbers;
	return json_deep_copy(value);
}

/* The number of a word, or of the first in a list. */
static json_t *as_number(const json_t *value, const struct number *numbers)
{
	const char *word = json_string_value(json_is_array(value) ? json_array_get(value, 0) : value);

	while (numbers->word && (!word || strcmp(numbers->word, word) != 0))
		numbers++;
	return json_integer(numbers->number);
}

/* 21, 47, 73 to Low, Medium, High. */
static json_t *as_severity(const json_t *value, const struct number *numbers)
{
	json_int_t severity = json_integer_value(value);

	(void)numbers;
	return json_integer(severity >= 73 ? 4 : severity >= 47 ? 3 : 2);
}

/* T1071.004 is a technique T1071 with the sub-technique T1071.004. */
static json_t *as_attacks(const json_t *value, const struct number *numbers)
{
	json_t *attacks = json_array();
	const json_t *id;
	size_t i;

	(void)numbers;
	json_array_foreach((json_t *)(uintptr_t)value, i, id) {
		const char *text = json_string_value(id), *dot = text ? strchr(text, '.') : NULL;
		int len = text ? (int)(dot ? (size_t)(dot - text) : strlen(text)) : 0;
		json_t *attack = dot ? json_pack("{s:{s:s%}, s:{s:s}}", "technique", "uid", text, len,
		                                 "sub_technique", "uid", text) :
		                       json_pack("{s:{s:s%}}", "technique", "uid", text ? text : "", len);

		if (json_array_append_new(attacks, attack)) {
			json_decref(attacks);
			return NULL;
		}
	}
	return attacks;
}

/* ---- the table ------------------------------------------------------------------- */

static const struct row {
	const char *from, *to; /* ECS, OCSF */
	json_t *(*make)(const json_t *value, const struct number *numbers);
	const struct number *numbers;
} rows[] = {
	{ "event.reason", "message", as_is, NULL },
	{ "event.severity", "severity_id", as_severity, NULL },
	{ "event.risk_score", "risk_score", as_is, NULL },
	{ "event.type", "action_id", as_number, actions },
	{ "event.sequence", "metadata.sequence", as_is, NULL },
	{ "event.dataset", "metadata.log_name", as_is, NULL },
	{ "tags", "metadata.labels", as_is, NULL },
	{ "observer.vendor", "metadata.product.vendor_name", as_is, NULL },
	{ "observer.product", "metadata.product.name", as_is, NULL },
	{ "observer.version", "metadata.product.version", as_is, NULL },
	{ "observer.hostname", "dst_endpoint.hostname", as_is, NULL },
	{ "source.ip", "src_endpoint.ip", as_is, NULL },
	{ "source.port", "src_endpoint.port", as_is, NULL },
	{ "dns.type", "activity_id", as_number, activities },
	{ "dns.question.name", "query.hostname", as_is, NULL },
	{ "dns.question.type", "query.type", as_is, NULL },
	{ "dns.question.class", "query.class", as_is, NULL },
	{ "dns.question.registered_domain", "unmapped.registered_domain", as_is, NULL },
	{ "dns.response_code", "rcode", as_is, NULL },
	{ "dns.response_code", "rcode_id", as_number, rcodes },
	{ "network.transport", "connection_info.protocol_name", as_is, NULL },
	{ "network.transport", "connection_info.protocol_num", as_number, protocols },
	{ "network.type", "connection_info.protocol_ver_id", as_number, versions },
	{ "network.protocol", "app_name", as_is, NULL },
	{ "rule.name", "firewall_rule.name", as_is, NULL },
	{ "rule.category", "firewall_rule.category", as_is, NULL },
	{ "threat.technique.id", "attacks", as_attacks, NULL },
	{ "warden.confidence", "confidence", as_is, NULL },
	{ "warden.confidence", "confidence_id", as_number, confidences },
	{ "warden", "unmapped.warden", as_is, NULL },
};

/* The member at a dotted path; NULL: there is none. */
static const json_t *member(const json_t *object, const char *path)
{
	while (object && *path) {
		size_t len = strcspn(path, ".");

		object = json_object_getn(object, path, len);
		path += len + (path[len] == '.');
	}
	return object;
}

/* Puts <value>, which is given up, at a dotted path. False when memory is short. */
static bool put(json_t *object, const char *path, json_t *value)
{
	size_t len;

	while (path[len = strcspn(path, ".")]) {
		json_t *below = json_object_getn(object, path, len);

		if (!below) {
			below = json_object();
			if (json_object_setn_new(object, path, len, below)) {
				json_decref(value);
				return false;
			}
		}
		object = below;
		path += len + 1;
	}
	return json_object_set_new(object, path, value) == 0;
}

/* What was done about it, in words of the profile: Blocked, Dropped, Logged, or Alert. */
static int disposition(const struct record *record)
{
	enum { BLOCKED = 2, DROPPED = 6, LOGGED = 17, ALERT = 19 };

	if (record->denied)
		return record->verdict == WARDEN_DROP ? DROPPED : BLOCKED;
	return record->verdict == WARDEN_LOG ? LOGGED : ALERT;
}

/* What is the same in all events, and what is no field of ours. */
static json_t *begin(const struct record *record)
{
	int activity = record->what & WARDEN_ANSWER ? 2 : 1;

	return json_pack("{s:i, s:i, s:i, s:I, s:b, s:i, s:{s:i}, s:{s:s, s:[s]}}",
	                 "category_uid", CATEGORY_NETWORK, "class_uid", CLASS_DNS,
	                 "type_uid", CLASS_DNS * 100 + activity,
	                 "time", (json_int_t)record->now,
	                 "is_alert", 1,
	                 "disposition_id", disposition(record),
	                 "connection_info", "direction_id", 1, /* inbound: to the resolver */
	                 "metadata", "version", OCSF_VERSION, "profiles", "security_control");
}

/* The things in it that a search begins with. */
static json_t *observables(const json_t *event)
{
	const char *client = json_string_value(member(event, "source.ip"));
	const char *name = json_string_value(member(event, "dns.question.name"));

	return json_pack("[{s:s, s:i, s:s}, {s:s, s:i, s:s}]",
	                 "name", "src_endpoint.ip", "type_id", 2, "value", client ? client : "",
	                 "name", "query.hostname", "type_id", 1, "value", name ? name : "");
}

static json_t *translate(const json_t *event, const struct record *record)
{
	json_t *made = begin(record);
	bool whole = made && put(made, "observables", observables(event));

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows) && whole; i++) {
		const json_t *value = member(event, rows[i].from);

		/* OCSF leaves out what is not known. */
		if (value && !json_is_null(value))
			whole = put(made, rows[i].to, rows[i].make(value, rows[i].numbers));
	}
	if (whole)
		return made;
	json_decref(made);
	return NULL;
}

char *ocsf_line(const struct record *record, const char *hostname, const struct mapping *mapping)
{
	json_t *event = event_object(record, hostname, mapping);
	json_t *made = event ? translate(event, record) : NULL;

	json_decref(event);
	return event_text(made);
}
