/* SPDX-License-Identifier: BSD-3-Clause */
/* event_read - one JSON object a line, each field looked at before it is believed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "report/address.h"
#include "report/event_read.h"
#include "report/timestamp.h"

/* The member <key> of the member <group>; NULL without one. */
static const json_t *member(const json_t *event, const char *group, const char *key)
{
	return json_object_get(json_object_get(event, group), key);
}

/* The text there, or NULL. It has no NUL in it: jansson refuses those. */
static const char *text_at(const json_t *event, const char *group, const char *key)
{
	return json_string_value(member(event, group, key));
}

static bool number_read(const json_t *value, uint64_t *number)
{
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return false;
	*number = (uint64_t)json_integer_value(value);
	return true;
}

/* Copies <text> if it is a word as detectors and their numbers have for names. */
static bool word_read(char word[EVENT_WORD_MAX], const char *text)
{
	size_t len = text ? strlen(text) : 0;

	if (!len || len >= EVENT_WORD_MAX ||
	    strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_") != len)
		return false;
	memcpy(word, text, len + 1);
	return true;
}

static bool verdict_read(const char *text, enum warden_verdict *verdict)
{
	for (unsigned v = 0; text && v < WARDEN_VERDICT_COUNT; v++) {
		if (!strcmp(text, warden_verdict_name((enum warden_verdict)v))) {
			*verdict = (enum warden_verdict)v;
			return true;
		}
	}
	return false;
}

/* The name, and where in it its domain begins. */
static bool name_read(const json_t *event, struct told *told)
{
	const json_t *question = member(event, "dns", "question");
	const char *name = json_string_value(json_object_get(question, "name"));
	const char *registered = json_string_value(json_object_get(question, "registered_domain"));
	struct name domain;

	if (!name || !registered || !name_from_text(&told->name, name) ||
	    !name_from_text(&domain, registered) || domain.labels > told->name.labels)
		return false;
	told->domain_label = told->name.labels - domain.labels;
	return name_tail_len(&told->name, told->domain_label) == domain.len &&
	       !memcmp(name_tail(&told->name, told->domain_label), domain.wire, domain.len);
}

/* Numbers beyond those that a detector can have are left out. */
static bool evidence_read(const json_t *event, struct numbers *evidence)
{
	json_t *object = (json_t *)(uintptr_t)member(event, "warden", "evidence"), *value;
	const char *key;

	evidence->count = 0;
	if (!json_is_object(object))
		return false;
	json_object_foreach(object, key, value) {
		unsigned i = evidence->count;

		if (i == EVIDENCE_MAX)
			break;
		/* Texts and lists are evidence too, but nothing to add up. */
		if (json_is_string(value) || json_is_array(value))
			continue;
		if (!word_read(evidence->number[i].name, key) ||
		    !number_read(value, &evidence->number[i].value))
			return false;
		evidence->count++;
	}
	return true;
}

/* Fills <told> from <event>. Returns NULL or what is wrong. */
static const char *told_read(struct told *told, const json_t *event)
{
	const char *dataset = text_at(event, "event", "dataset");
	const char *when = json_string_value(json_object_get(event, "@timestamp"));
	const char *address = text_at(event, "source", "ip");
	const char *observer = text_at(event, "observer", "hostname");
	const json_t *dry_run = member(event, "warden", "dry_run");

	if (!dataset || strcmp(dataset, "unbound.warden"))
		return "not an event of Warden: event.dataset is not unbound.warden";
	if (!when || !timestamp_read(when, &told->now))
		return "@timestamp is not a time";
	if (!number_read(member(event, "event", "sequence"), &told->sequence))
		return "event.sequence is not a number";
	if (!address || !address_from_text(told->client, address))
		return "source.ip is not an address";
	if (!name_read(event, told))
		return "dns.question is not a name and its registered_domain";
	if (!word_read(told->detector, text_at(event, "rule", "name")))
		return "rule.name is not the name of a detector";
	if (!verdict_read(text_at(event, "warden", "verdict"), &told->verdict))
		return "warden.verdict is not a verdict";
	if (!json_is_boolean(dry_run))
		return "warden.dry_run is neither true nor false";
	told->dry_run = json_is_true(dry_run);
	if (!number_read(member(event, "warden", "suppressed"), &told->suppressed) ||
	    told->suppressed > UINT32_MAX)
		return "warden.suppressed is not a number";
	if (!evidence_read(event, &told->evidence))
		return "warden.evidence is not numbers by name";
	snprintf(told->observer, sizeof(told->observer), "%s", observer ? observer : "");
	return NULL;
}

const char *event_read(struct told *told, const char *line, size_t len)
{
	json_t *event = json_loadb(line, len, 0, NULL);
	const char *fault = "not a JSON object";

	if (json_is_object(event))
		fault = told_read(told, event);
	json_decref(event);
	return fault;
}

/* A block of a file, and how far it has been understood. */
struct reading {
	const struct event_sink *sink;
	uint64_t line;  /* number of the one that begins the block */
	bool overlong;  /* what comes up to the next newline belongs to one that was given up */
};

static void line_end(struct reading *reading, const char *line, size_t len)
{
	const char *fault;
	struct told told;

	if (!reading->overlong && len) {
		fault = event_read(&told, line, len);
		if (fault)
			reading->sink->bad(reading->sink->arg, reading->line, fault);
		else
			reading->sink->event(reading->sink->arg, &told);
	}
	reading->overlong = false;
	reading->line++;
}

/* Takes the whole lines of <block>. Returns how many octets of the last one are left. */
static size_t lines_take(struct reading *reading, char *block, size_t len)
{
	char *line = block, *end = block + len, *newline;

	while ((newline = memchr(line, '\n', (size_t)(end - line)))) {
		line_end(reading, line, (size_t)(newline - line));
		line = newline + 1;
	}
	if (end - line > EVENT_LINE_MAX && !reading->overlong) {
		reading->sink->bad(reading->sink->arg, reading->line, "too long for an event");
		reading->overlong = true;
	}
	if (reading->overlong)
		return 0;
	memmove(block, line, (size_t)(end - line));
	return (size_t)(end - line);
}

int event_file_read(FILE *in, const struct event_sink *sink)
{
	struct reading reading = { .sink = sink, .line = 1 };
	char *block = malloc(EVENT_LINE_MAX + 1);
	size_t kept = 0, got;

	if (!block)
		return -ENOMEM;
	errno = 0;
	while ((got = fread(block + kept, 1, EVENT_LINE_MAX + 1 - kept, in)))
		kept = lines_take(&reading, block, kept + got);
	line_end(&reading, block, kept); /* what the file ends in without a newline */
	free(block);
	if (ferror(in))
		return errno ? -errno : -EIO;
	return 0;
}
