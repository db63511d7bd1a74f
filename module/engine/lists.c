/* SPDX-License-Identifier: BSD-3-Clause */
/* lists - reads a list file line by line, with a bound on what is kept in memory.
 *
 * Invariant: each line is taken, is blank or a comment, or is counted as bad; none swallows its
 * neighbour, however long it is and whatever is in it.
 */
#include "engine/lists.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "engine/list_format.h"

#define QUOTED_MAX 120 /* octets of a bad word that a sentence repeats */

static bool is_address(const char *text)
{
	unsigned char address[sizeof(struct in6_addr)];
	char plain[INET6_ADDRSTRLEN];
	size_t len = strcspn(text, "%"); /* fe80::1%lo0, as hosts files have it */

	if (len >= sizeof(plain))
		return false;
	memcpy(plain, text, len);
	plain[len] = '\0';
	return inet_pton(AF_INET, plain, address) == 1 || inet_pton(AF_INET6, plain, address) == 1;
}

/* Whether the last label is a number: no top level domain is, addresses and versions are. */
static bool ends_in_number(const struct name *name)
{
	const uint8_t *label = name_tail(name, name->labels - 1u);
	unsigned digits = 0;

	while (digits < label[0] && label[1 + digits] >= '0' && label[1 + digits] <= '9')
		digits++;
	return digits == label[0];
}

bool list_domain(struct name *name, const char *text)
{
	static const char octets[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

	if (text[0] == '*' && text[1] == '.')
		text += 2;
	else if (text[0] == '.')
		text++;
	return !text[strspn(text, octets)] && name_from_text(name, text) && name->labels > 0 &&
	       !ends_in_number(name);
}

/* ---- what formats say ---------------------------------------------------------- */

/* Copies <text>, cut to <size>; what is not printable ASCII becomes '?'. */
static void copy_printable(char *copy, size_t size, const char *text)
{
	size_t i = 0;

	for (; i + 1 < size && text[i]; i++)
		copy[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
	copy[i] = '\0';
}

void list_bad(struct list_reading *list, const char *sentence)
{
	if (list->bad++ < LIST_BAD_NAMED)
		list->sink->bad(list->sink->arg, list->line, sentence);
}

void list_bad_word(struct list_reading *list, const char *word, const char *what)
{
	char shown[QUOTED_MAX + 1], sentence[QUOTED_MAX + 128];

	copy_printable(shown, sizeof(shown), word);
	snprintf(sentence, sizeof(sentence), "'%s' %s", shown, what);
	list_bad(list, sentence);
}

static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

int list_add(struct list_reading *list, const char *word, const char *note, bool alone)
{
	char shown[LIST_NOTE_MAX + 1];
	struct name name;

	if (!list_domain(&name, word)) {
		/* There is more than one way to convert it, and which one was meant, the list knows. */
		if (!is_ascii(word))
			list_bad_word(list, word, "is not in ASCII: write it with xn--");
		else if (is_address(word))
			list_bad_word(list, word, "is an address, not a domain name");
		else
			list_bad_word(list, word, "is not a domain name");
		return 0;
	}
	if (!alone && name.labels < 2) {
		list_bad_word(list, word, "has no dot in it, and something stands behind it");
		return 0;
	}
	copy_printable(shown, sizeof(shown), note);
	return list->sink->add(list->sink->arg, &name, shown);
}

/* ---- one domain a line, and hosts files ---------------------------------------- */

/* Names behind an address, up to a bad one. What hosts files say about the machine itself
 * (localhost, broadcasthost) has one label and is nobody's domain.
 */
static int add_hosts(struct list_reading *list, char *rest)
{
	uint32_t bad = list->bad;
	struct name name;
	int result = 0;
	char *word;

	while (!result && list->bad == bad && (word = strtok_r(NULL, LIST_BLANKS, &rest)))
		if (!list_domain(&name, word) || name.labels > 1)
			result = list_add(list, word, "", true);
	return result;
}

static int add_line(struct list_reading *list, char *text)
{
	size_t len;
	char *word, *rest;

	text[strcspn(text, "#")] = '\0';
	text += strspn(text, LIST_BLANKS);
	if (!*text || *text == ';')
		return 0;
	for (len = strlen(text); len && strchr(LIST_BLANKS, text[len - 1]); len--)
		text[len - 1] = '\0';
	word = strtok_r(text, LIST_BLANKS, &rest);
	rest += strspn(rest, LIST_BLANKS);
	if (is_address(word) && *rest)
		return add_hosts(list, rest);
	return list_add(list, word, rest, !*rest);
}

static bool is_anything(const char *text)
{
	(void)text;
	return true;
}

static const struct list_format format_lines = { .is = is_anything, .line = add_line };

/* ---- lines --------------------------------------------------------------------- */

static const struct list_format *const formats[] = { &list_format_json, &list_format_zone, &list_format_csv,
                                                   &format_lines };

enum line { LINE_WHOLE, LINE_BAD, LINE_NONE };

/* Reads a line into list->text, without its newline. A bad one is too long, and then this is its
 * beginning, or holds an octet 0.
 */
static enum line read_line(struct list_reading *list)
{
	size_t len = 0;
	bool bad = false;
	int c = getc_unlocked(list->in);

	if (c == EOF)
		return LINE_NONE;
	list->line++;
	for (; c != '\n' && c != EOF; c = getc_unlocked(list->in)) {
		bad |= !c || len + 1 == sizeof(list->text);
		if (len + 1 < sizeof(list->text))
			list->text[len++] = (char)c;
	}
	list->text[len] = '\0';
	return bad ? LINE_BAD : LINE_WHOLE;
}

/* Where the line at hand begins to say something; NULL: it does not. */
static char *substance(struct list_reading *list)
{
	char *text = list->text;

	if (list->line == 1 && !strncmp(text, "\xef\xbb\xbf", 3)) /* the mark of UTF-8 */
		text += 3;
	text += strspn(text, LIST_BLANKS);
	return *text && *text != '#' && *text != ';' ? text : NULL;
}

static const struct list_format *recognise(const char *text)
{
	size_t i = 0;

	while (!formats[i]->is(text))
		i++;
	return formats[i];
}

static int read_lines(struct list_reading *list)
{
	const struct list_format *format = NULL;
	enum line got;
	int result;

	while ((got = read_line(list)) != LINE_NONE) {
		char *text = substance(list);

		if (!format && text)
			format = recognise(text);
		if (format && format->file)
			return format->file(list);
		if (got == LINE_BAD) {
			list_bad(list, "the line is too long, or holds an octet 0");
			continue;
		}
		/* Blanks at the start mean something in a zone. */
		result = text ? format->line(list, list->line == 1 ? text : list->text) : 0;
		if (result)
			return result;
	}
	if (format && format->end)
		format->end(list);
	return 0;
}

int list_read(FILE *in, const struct list_sink *sink, uint32_t *skipped)
{
	struct list_reading list = { .in = in, .sink = sink };
	char sentence[64];
	int result;

	errno = 0;
	result = read_lines(&list);
	if (list.bad > LIST_BAD_NAMED) {
		snprintf(sentence, sizeof(sentence), "and %u more bad lines", list.bad - LIST_BAD_NAMED);
		sink->bad(sink->arg, 0, sentence);
	}
	*skipped += list.bad + list.zone.others;
	if (!result && ferror(in))
		result = errno ? -errno : -EIO;
	return result;
}
