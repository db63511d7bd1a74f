/* SPDX-License-Identifier: BSD-3-Clause */
/* list_zone - response policy zones: rules about the name of a question (draft-vixie-dnsop-dns-rpz).
 *
 *     $TTL 300
 *     @ SOA localhost. root.localhost. (1 3600 600 86400 300)
 *       NS  localhost.
 *     bad.example.org         CNAME .              names are relative to the zone, or end in the
 *     *.bad.example.org       CNAME *.             zone's own name
 *     worse.example.org       A     192.0.2.1
 *     ok.bad.example.org      CNAME rpz-passthru.  an exception: a list has none
 *     32.1.2.0.192.rpz-ip     CNAME .              not about a question's name
 *
 * What a rule would do is not asked: its name is on the list, whichever of CNAME, A and AAAA it has.
 * A rule for a name and one for what is below it (*.) are the same here. Exceptions and rules
 * about anything else are counted, and said in one sentence.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#include "engine/list_format.h"

#define RULES_TEXT_MAX 160

struct record {
	const char *owner, *type, *data; /* "" when they are not there */
	bool more;                       /* something behind <data> */
};

/* Cuts comments and parentheses away, in place. Returns by how much the depth of parentheses
 * has changed.
 */
static int clean(char *text)
{
	bool quoted = false;
	int depth = 0;

	for (; *text && (quoted || *text != ';'); text++) {
		if (*text == '\\' && text[1])
			text++;
		else if (*text == '"')
			quoted = !quoted;
		else if (!quoted && (*text == '(' || *text == ')')) {
			depth += *text == '(' ? 1 : -1;
			*text = ' ';
		}
	}
	*text = '\0';
	return depth;
}

/* 3600 or 1h30m */
static bool is_time(const char *text)
{
	return *text >= '0' && *text <= '9' && !text[strspn(text, "0123456789smhdwSMHDW")];
}

/* Takes <text> apart, in place. <owner> is what a line that begins with a blank is about. */
static struct record parse(char *text, const char *owner)
{
	struct record record = { .owner = owner, .type = "", .data = "" };
	bool has_owner = *text && !strchr(LIST_BLANKS, *text);
	char *rest, *word = strtok_r(text, LIST_BLANKS, &rest);

	if (has_owner) {
		record.owner = word;
		word = strtok_r(NULL, LIST_BLANKS, &rest);
	}
	for (unsigned i = 0; word && i < 2 && (is_time(word) || !strcasecmp(word, "IN")); i++)
		word = strtok_r(NULL, LIST_BLANKS, &rest);
	if (word)
		record.type = word;
	word = word ? strtok_r(NULL, LIST_BLANKS, &rest) : NULL;
	if (word) {
		record.data = word;
		record.more = strtok_r(NULL, LIST_BLANKS, &rest);
	}
	return record;
}

static bool is_type(const struct record *record, const char *type)
{
	return !strcasecmp(record->type, type);
}

/* Looks like a type, known here or not. */
static bool has_type(const struct record *record)
{
	static const char octets[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";

	return *record->type && !record->type[strspn(record->type, octets)];
}

static bool has_address(const struct record *record)
{
	unsigned char address[sizeof(struct in6_addr)];

	return (is_type(record, "A") && inet_pton(AF_INET, record->data, address) == 1) ||
	       (is_type(record, "AAAA") && inet_pton(AF_INET6, record->data, address) == 1);
}

/* A record whose data fit its type: a domain with a note does not look like that. */
static bool zone_is(const char *text)
{
	char copy[LIST_LINE_SIZE];
	struct record record;

	if (*text == '$')
		return true;
	snprintf(copy, sizeof(copy), "%s", text);
	clean(copy);
	record = parse(copy, "");
	return is_type(&record, "SOA") ||
	       (!record.more && (((is_type(&record, "NS") || is_type(&record, "CNAME")) && *record.data) ||
	                         has_address(&record)));
}

/* ---- names --------------------------------------------------------------------- */

static bool is_absolute(const char *text)
{
	size_t len = strlen(text);

	return len && text[len - 1] == '.';
}

/* Writes <text>, as it stands in the zone, into <whole>: with its dot at the end if that much is
 * known. False when it is too long for a name.
 */
static bool resolve(const struct list_zone *zone, const char *text, char whole[NAME_TEXT_MAX])
{
	const char *origin = strcmp(zone->origin, ".") ? zone->origin : "";
	int len;

	if (!strcmp(text, "@"))
		len = snprintf(whole, NAME_TEXT_MAX, "%s", zone->origin);
	else if (is_absolute(text) || !zone->origin[0])
		len = snprintf(whole, NAME_TEXT_MAX, "%s", text);
	else
		len = snprintf(whole, NAME_TEXT_MAX, "%s.%s", text, origin);
	return len < NAME_TEXT_MAX;
}

/* Cuts the zone's own name off the end of <whole>. False when it is not there. */
static bool cut_apex(const struct list_zone *zone, char whole[NAME_TEXT_MAX])
{
	size_t len = strlen(whole), apex = strlen(zone->apex);

	if (!is_absolute(whole) || !strcmp(zone->apex, "."))
		return true;
	if (!apex || len < apex || strcasecmp(whole + len - apex, zone->apex))
		return false;
	if (len > apex && whole[len - apex - 1] != '.')
		return false;
	whole[len - apex] = '\0';
	return true;
}

/* Where a subtree of the zone begins, and if nothing else has said so yet, the zone. */
static void set_origin(struct list_reading *list, const char *text)
{
	struct list_zone *zone = &list->zone;
	char whole[NAME_TEXT_MAX];

	if (!*text || !resolve(zone, text, whole) || !is_absolute(whole)) {
		list_bad_word(list, text, "is not the whole name of a zone");
		return;
	}
	strcpy(zone->origin, whole);
	if (!zone->apex[0])
		strcpy(zone->apex, whole);
}

/* ---- records ------------------------------------------------------------------- */

/* The last label of a rule that is not about the name of a question. */
static bool is_other_trigger(const char *name)
{
	const char *dot = strrchr(name, '.');

	return !strncasecmp(dot ? dot + 1 : name, "rpz-", 4);
}

/* A rule that lets its name pass, in the new way or the old one. */
static bool is_exception(const struct record *record, const char *name)
{
	size_t len = strlen(name);

	return is_type(record, "CNAME") &&
	       (!strcasecmp(record->data, "rpz-passthru.") ||
	        (!strncasecmp(record->data, name, len) && !strcmp(record->data + len, ".")));
}

static int add_record(struct list_reading *list, const struct record *record)
{
	struct list_zone *zone = &list->zone;
	char whole[NAME_TEXT_MAX];
	size_t len;

	if (!resolve(zone, record->owner, whole)) {
		list_bad_word(list, record->owner, "is not a domain name");
		return 0;
	}
	if (is_type(record, "SOA") && is_absolute(whole)) {
		strcpy(zone->apex, whole);
		if (!zone->origin[0])
			strcpy(zone->origin, whole);
	}
	if (is_type(record, "SOA") || is_type(record, "NS") || !whole[0])
		return 0;
	if (!cut_apex(zone, whole)) {
		list_bad_word(list, record->owner, "is not in this zone, as far as its name is known");
		return 0;
	}
	len = strlen(whole);
	if (len && whole[len - 1] == '.')
		whole[--len] = '\0';
	if (!len) /* what the zone says of itself */
		return 0;
	if (is_other_trigger(whole) || is_exception(record, whole) ||
	    !(is_type(record, "CNAME") || has_address(record))) {
		zone->others++;
		return 0;
	}
	return list_add(list, whole, "", true);
}

static void directive(struct list_reading *list, char *text)
{
	char *rest, *word = strtok_r(text, LIST_BLANKS, &rest);
	char *argument = strtok_r(NULL, LIST_BLANKS, &rest);

	if (!strcasecmp(word, "$ORIGIN"))
		set_origin(list, argument ? argument : "");
	else if (strcasecmp(word, "$TTL") != 0)
		list_bad_word(list, word, "is not read here: write the zone out");
}

static int zone_line(struct list_reading *list, char *text)
{
	struct list_zone *zone = &list->zone;
	bool goes_on = zone->depth > 0;
	int change = clean(text);
	struct record record;

	zone->depth = change < 0 && zone->depth < (unsigned)-change ? 0 : zone->depth + (unsigned)change;
	if (goes_on || !text[strspn(text, LIST_BLANKS)])
		return 0;
	if (*text == '$') {
		directive(list, text);
		return 0;
	}
	record = parse(text, zone->owner);
	if (!has_type(&record) || (!*record.data && !is_type(&record, "SOA"))) {
		list_bad_word(list, record.owner, "is not followed by a whole record");
		return 0;
	}
	if (record.owner != zone->owner)
		snprintf(zone->owner, sizeof(zone->owner), "%s", record.owner);
	return add_record(list, &record);
}

static void zone_end(struct list_reading *list)
{
	char sentence[RULES_TEXT_MAX];

	if (list->zone.depth)
		list_bad(list, "a parenthesis is not closed");
	if (!list->zone.others)
		return;
	snprintf(sentence, sizeof(sentence), "%u rules are skipped: exceptions, and what is not about the "
	         "name of a question", list->zone.others);
	list->sink->bad(list->sink->arg, 0, sentence);
}

const struct list_format list_format_zone = { .is = zone_is, .line = zone_line, .end = zone_end };
