/* SPDX-License-Identifier: BSD-3-Clause */
/* event - each group of ECS fields is built by one function, in the order of events.def. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <warden/warden.h>

#include "detect/detector.h"
#include "name/name.h"
#include "report/address.h"
#include "report/count.h"
#include "report/event.h"
#include "report/evidence.h"
#include "report/rrtype.h"
#include "report/rule_name.h"
#include "report/timestamp.h"

#define ECS_VERSION       "9.0.0"
#define HOSTNAME_TEXT_MAX 256

static_assert(JOURNAL_EVIDENCE == EVIDENCE_MAX, "a record holds an opinion's evidence");

/* What a record says of its question, as text. */
struct question {
	char name[NAME_TEXT_MAX], subdomain[NAME_TEXT_MAX];
	char domain[NAME_TEXT_MAX], suffix[NAME_TEXT_MAX];
	char client[ADDRESS_TEXT_MAX];
};

/* <words>[<index>], whatever <index> is. */
static const char *word(const char *const *words, unsigned count, unsigned index)
{
	return index < count ? words[index] : "unknown";
}

#define WORD(words, index) word(words, sizeof(words) / sizeof((words)[0]), index)

/* <array> with <item> behind, or <object> with <item> as <key>; NULL, with nothing left of either, when memory is
 * short: an event is whole, or there is none.
 */
static json_t *array_with(json_t *array, json_t *item)
{
	if (json_array_append_new(array, item) == 0)
		return array;
	json_decref(array);
	return NULL;
}

static json_t *object_with(json_t *object, const char *key, json_t *item)
{
	if (json_object_set_new(object, key, item) == 0)
		return object;
	json_decref(object);
	return NULL;
}

static json_t *time_json(uint64_t when)
{
	char text[TIMESTAMP_TEXT_MAX];

	return *timestamp_text(text, when) ? json_string(text) : json_null();
}

/* Writes the labels of <name> from <first> on, up to but not including <end>; "" when there
 * are none.
 */
static void labels_text(char text[NAME_TEXT_MAX], const struct name *name, unsigned first,
                        unsigned end)
{
	uint8_t wire[NAME_WIRE_MAX];
	size_t len = name_tail_len(name, first) - name_tail_len(name, end);

	text[0] = '\0';
	memcpy(wire, name_tail(name, first), len);
	wire[len] = 0;
	if (len)
		name_text(text, wire, len + 1);
}

static void question_read(struct question *question, const struct record *record)
{
	static const uint8_t root[1] = { 0 };
	struct name name;
	unsigned domain, suffix;

	address_text(question->client, record->client);
	if (!name_parse(&name, record->qname, record->qname_len))
		name_parse(&name, root, sizeof(root));
	domain = record->payload_labels < name.labels ? record->payload_labels : name.labels;
	suffix = domain < name.labels ? domain + 1 : domain;
	name_text(question->name, name.wire, name.len);
	labels_text(question->subdomain, &name, 0, domain);
	name_text(question->domain, name_tail(&name, domain), name_tail_len(&name, domain));
	name_text(question->suffix, name_tail(&name, suffix), name_tail_len(&name, suffix));
}

void event_reason(char reason[REASON_MAX], const struct record *record,
                  const struct mapping *mapping)
{
	const struct detector *detector = rule_detector(record);
	const char *why = "held";
	char *numbers;
	size_t len;

	if (record->detector == HOLD_BY_OPERATOR)
		why = "held by the operator";
	if (record->detector == HOLD_BY_FLEET)
		why = "held by other nodes";
	if (detector && detector->reasons) {
		unsigned last = 0;

		while (last < record->reason && detector->reasons[last] &&
		       detector->reasons[last + 1])
			last++;
		if (detector->reasons[last])
			why = detector->reasons[last];
	}
	len = (size_t)snprintf(reason, REASON_MAX, "%s", why);
	if (!detector || len >= REASON_MAX)
		return;
	numbers = reason + len;
	for (unsigned i = 0; i < EVIDENCE_MAX && detector->evidence[i].name && len < REASON_MAX; i++) {
		char value[EVIDENCE_VALUE_MAX];
		size_t before = len;

		if (!evidence_value(value, detector, i, record->evidence, mapping))
			continue;
		len += (size_t)snprintf(reason + len, REASON_MAX - len, "%s%s", *numbers ? ", " : ": ",
		                        detector->evidence[i].name);
		for (; before < len && before < REASON_MAX; before++)
			if (reason[before] == '_') /* a name becomes words */
				reason[before] = ' ';
		if (len < REASON_MAX)
			len += (size_t)snprintf(reason + len, REASON_MAX - len, " %s", value);
	}
}

/* Severities of the Elastic detection rules. */
static unsigned severity(const struct record *record)
{
	static const unsigned severities[] = { 21, 21, 47, 73 };

	if (record->detector >= HOLD_BY_FLEET)
		return 73;
	return record->confidence <= CONFIDENCE_HIGH ? severities[record->confidence] : 21;
}

static json_t *event_json(const struct record *record, const struct mapping *mapping)
{
	char reason[REASON_MAX];

	event_reason(reason, record, mapping);
	return json_pack("{s:s, s:[s,s], s:[s], s:s, s:s, s:i, s:i, s:o, s:s, s:s}",
	                 "kind", "alert",
	                 "category", "network", "intrusion_detection",
	                 "type", record->denied ? "denied" : "info",
	                 "action", warden_verdict_name(record->verdict),
	                 "reason", reason,
	                 "severity", (int)severity(record),
	                 "risk_score", (int)record->score,
	                 "sequence", count_json(record->sequence),
	                 "module", "unbound",
	                 "dataset", "unbound.warden");
}

/* The response code that a question is denied with. */
static const char *denied_as(uint8_t verdict)
{
	switch (verdict) {
	case WARDEN_TRUNCATE:
	case WARDEN_NODATA:
		return "NOERROR";
	case WARDEN_NXDOMAIN:
		return "NXDOMAIN";
	default:
		return "REFUSED";
	}
}

static json_t *dns_json(const struct record *record, const struct question *question)
{
	char type[RRTYPE_TEXT_MAX], class[RRTYPE_TEXT_MAX], rcode[RRTYPE_TEXT_MAX];
	bool answered = record->what & WARDEN_ANSWER;
	json_t *response = json_null();

	rrtype_text(type, record->qtype);
	rrclass_text(class, record->qclass);
	if (answered)
		response = json_string(rcode_text(rcode, record->rcode));
	else if (record->denied && record->verdict != WARDEN_DROP)
		response = json_string(denied_as(record->verdict));
	return json_pack("{s:s, s:{s:s, s:s, s:s, s:s, s:s, s:s}, s:o}",
	                 "type", answered ? "answer" : "query",
	                 "question",
	                 "name", question->name,
	                 "type", type,
	                 "class", class,
	                 "registered_domain", question->domain,
	                 "subdomain", question->subdomain,
	                 "top_level_domain", question->suffix,
	                 "response_code", response);
}

static json_t *network_json(const struct record *record)
{
	static const char *const transports[WARDEN_TRANSPORT_COUNT] = {
		[WARDEN_TRANSPORT_UDP] = "udp",
		[WARDEN_TRANSPORT_TCP] = "tcp",
		[WARDEN_TRANSPORT_DOT] = "tcp",
		[WARDEN_TRANSPORT_DOH] = "tcp",
	};
	static const char *const protocols[WARDEN_TRANSPORT_COUNT] = {
		[WARDEN_TRANSPORT_UDP] = "dns",
		[WARDEN_TRANSPORT_TCP] = "dns",
		[WARDEN_TRANSPORT_DOT] = "dot",
		[WARDEN_TRANSPORT_DOH] = "doh",
	};

	return json_pack("{s:s, s:s, s:s}",
	                 "transport", WORD(transports, record->transport),
	                 "protocol", WORD(protocols, record->transport),
	                 "type", address_is_v4(record->client) ? "ipv4" : "ipv6");
}

/* The kernel lets a host be called anything, and a name that is not UTF-8 would cost every event. */
static void hostname_text(char text[HOSTNAME_TEXT_MAX], const char *hostname)
{
	snprintf(text, HOSTNAME_TEXT_MAX, "%s", hostname);
	for (char *c = text; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
}

/* A replay has no host to tell. */
static json_t *observer_json(const char *hostname)
{
	char text[HOSTNAME_TEXT_MAX];

	if (hostname)
		hostname_text(text, hostname);
	/* Not s*: that leaves out as well what there is no memory for. */
	return json_pack(hostname ? "{s:s, s:s, s:s, s:s, s:s}" : "{s:s, s:s, s:s, s:s}",
	                 "vendor", "Warden",
	                 "product", "Warden for Unbound",
	                 "type", "dns-resolver",
	                 "version", WARDEN_VERSION,
	                 "hostname", text);
}

static json_t *rule_json(const struct record *record)
{
	const struct detector *detector = rule_detector(record);

	return json_pack("{s:s, s:s}",
	                 "name", rule_name(record),
	                 "category", detector && detector->category ? detector->category : "hold");
}

static json_t *threat_json(const struct record *record)
{
	const struct detector *detector = rule_detector(record);
	json_t *ids = json_array();

	for (unsigned i = 0; detector && detector->attack && detector->attack[i]; i++)
		ids = array_with(ids, json_string(detector->attack[i]));
	return json_pack("{s:s, s:{s:o}}",
	                 "framework", "MITRE ATT&CK",
	                 "technique", "id", ids);
}

static json_t *related_json(const struct question *question)
{
	json_t *hosts = json_pack("[s]", question->name);

	if (strcmp(question->name, question->domain))
		hosts = array_with(hosts, json_string(question->domain));
	return json_pack("{s:[s], s:o}",
	                 "ip", question->client,
	                 "hosts", hosts);
}

/* A tag is for whoever searches by it, so it goes with the verdicts that mark a client. */
static json_t *tags_json(const struct record *record)
{
	json_t *tags = json_pack("[s]", "warden");

	if (record->verdict >= WARDEN_TAG)
		tags = array_with(tags, json_string(rule_name(record)));
	if (record->dry_run)
		tags = array_with(tags, json_string("dry-run"));
	return tags;
}

static json_t *detectors_json(uint64_t said)
{
	json_t *names = json_array();

	for (unsigned id = 0; id < DETECTOR_COUNT; id++)
		if (said >> id & 1)
			names = array_with(names, json_string(detectors[id]->name));
	return names;
}

static json_t *evidence_json(const struct record *record, const struct mapping *mapping)
{
	const struct detector *detector = rule_detector(record);
	json_t *evidence = json_object();

	for (unsigned i = 0; detector && i < EVIDENCE_MAX && detector->evidence[i].name; i++) {
		char value[EVIDENCE_VALUE_MAX];

		if (detector->evidence[i].kind == EVIDENCE_DETECTORS)
			evidence = object_with(evidence, detector->evidence[i].name,
			                       detectors_json(record->evidence[evidence_at(detector, i)]));
		else if (evidence_counts(detector->evidence[i].kind, record->evidence[evidence_at(detector, i)]))
			evidence = object_with(evidence, detector->evidence[i].name,
			                       count_json(record->evidence[evidence_at(detector, i)]));
		else if (evidence_value(value, detector, i, record->evidence, mapping))
			evidence = object_with(evidence, detector->evidence[i].name, json_string(value));
	}
	return evidence;
}

static json_t *warden_json(const struct record *record, const struct mapping *mapping)
{
	static const char *const paths[WARDEN_PATH_COUNT] = {
		[WARDEN_PATH_MISS] = "miss",
		[WARDEN_PATH_JOINED] = "joined",
		[WARDEN_PATH_CACHE] = "cache",
		[WARDEN_PATH_LOCAL] = "local",
	};
	static const char *const scopes[] = {
		[SCOPE_PAIR] = "pair",
		[SCOPE_DOMAIN] = "domain",
		[SCOPE_CLIENT] = "client",
	};
	static const char *const confidences[] = { "none", "low", "medium", "high" };

	return json_pack("{s:s, s:s, s:b, s:s, s:s, s:o, s:o, s:o, s:o, s:b, s:o, s:o}",
	                 "verdict", warden_verdict_name(record->verdict),
	                 "confidence", WORD(confidences, record->confidence),
	                 "dry_run", record->dry_run != 0,
	                 "path", WORD(paths, record->path),
	                 "scope", WORD(scopes, record->scope),
	                 "hold_expires", record->hold_expires ? time_json(record->hold_expires) :
	                                                        json_null(),
	                 "suppressed", count_json(record->suppressed),
	                 "at_query", count_json(record->at_query),
	                 "queries", count_json(record->queries),
	                 "isDynDNS", record->dynamic != 0,
	                 "detectors", detectors_json(record->said),
	                 "evidence", evidence_json(record, mapping));
}

char *event_text(json_t *event)
{
	/* Not json_dumps(): where that has no memory for a key it leaves the key out. */
	size_t len = event ? json_dumpb(event, NULL, 0, JSON_COMPACT) : 0;
	char *line = len ? malloc(len + 1) : NULL;

	if (line && json_dumpb(event, line, len, JSON_COMPACT) != len) {
		free(line);
		line = NULL;
	}
	if (line)
		line[len] = '\0';
	json_decref(event);
	return line;
}

json_t *event_object(const struct record *record, const char *hostname, const struct mapping *mapping)
{
	struct question question;

	question_read(&question, record);
	/* A part that memory was short for is NULL, and then so is the whole. */
	return json_pack(
		"{s:o, s:{s:s}, s:o, s:{s:s, s:i}, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"@timestamp", time_json(record->now), "ecs", "version", ECS_VERSION, "event",
		event_json(record, mapping), "source", "ip", question.client, "port",
		(int)record->client_port, "dns", dns_json(record, &question), "network",
		network_json(record), "observer", observer_json(hostname), "rule",
		rule_json(record), "threat", threat_json(record), "related",
		related_json(&question), "tags", tags_json(record), "warden", warden_json(record, mapping));
}

char *event_line(const struct record *record, const char *hostname, const struct mapping *mapping)
{
	return event_text(event_object(record, hostname, mapping));
}
