/* SPDX-License-Identifier: BSD-3-Clause */
/* list_csv - look-ups of Splunk: a row an entry, its first field the domain with wildcards.
 *
 *     dynamic_dns_domains,isDynDNS      a first row of words is the header, see is_header()
 *     *.example.org*,True               quotes and doubled quotes as in RFC 4180
 *
 * The stars go: a list is of domains and what is below them. A second field that says yes or no
 * tells whether the row counts (such look-ups have rows that switch others off); anything else is
 * the note.
 */
#include <string.h>
#include <strings.h>

#include "engine/list_format.h"

static bool csv_is(const char *text)
{
	const char *comma = strchr(text, ',');

	return *text == '"' || (comma && (size_t)(comma - text) < strcspn(text, LIST_BLANKS));
}

/* Cuts the next field out of <rest>, in place. NULL when a quote is not closed, or something stands
 * behind it. Behind the last field there are only empty ones.
 */
static char *next_field(char **rest)
{
	char *at = *rest + strspn(*rest, LIST_BLANKS), *field = at, *end = at;

	if (*at == '"') {
		for (at++; *at && (*at != '"' || at[1] == '"'); at++) {
			at += *at == '"';
			*end++ = *at;
		}
		if (!*at)
			return NULL;
		at++;
		at += strspn(at, LIST_BLANKS);
		if (*at && *at != ',')
			return NULL;
	} else {
		at += strcspn(at, ",");
		for (end = at; end > field && strchr(LIST_BLANKS, end[-1]); end--)
			;
	}
	*rest = at + (*at == ',');
	*end = '\0';
	return field;
}

/* *.example.org*, *example.org and example.org are one domain here. */
static char *without_stars(char *text)
{
	size_t len = strlen(text);

	while (len && text[len - 1] == '*')
		text[--len] = '\0';
	return text + strspn(text, "*");
}

static bool is_one_of(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (!strcasecmp(text, *words))
			return true;
	return false;
}

/* Whether a first row that begins with <field> is the names of columns: a word without anything that
 * a domain, a wildcard or an address has, and no flag behind it. Any other that is no entry was meant to be one,
 * and is named as bad.
 */
static bool is_header(const char *field, bool has_flag)
{
	unsigned char first = (unsigned char)*field;
	bool is_letter = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') || first == '_' || first >= 128;

	return is_letter && !has_flag && !strpbrk(field, ".*:");
}

static int csv_line(struct list_reading *list, char *text)
{
	static const char *const yes[] = { "true", "yes", "1", NULL };
	static const char *const no[] = { "false", "no", "0", NULL };
	bool is_first = !list->began, is_on, is_off;
	char *word, *note;

	list->began = true;
	word = next_field(&text);
	note = word ? next_field(&text) : NULL;
	if (!note) {
		list_bad(list, "a quote is not closed, or stands within a field");
		return 0;
	}
	is_on = is_one_of(note, yes);
	is_off = is_one_of(note, no);
	if (is_off || (is_first && is_header(word, is_on)))
		return 0;
	return list_add(list, without_stars(word), is_on ? "" : note, false);
}

const struct list_format list_format_csv = { .is = csv_is, .line = csv_line };
