/* SPDX-License-Identifier: BSD-3-Clause */
/* lists - reads a list file line by line, with a bound on what is kept in memory. */
#include "engine/lists.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#define LINE_SIZE  2048
#define QUOTED_MAX 120 /* octets of a bad word that a sentence repeats */
#define BLANKS     " \t\r\n\f\v"

struct list {
	struct domain_set *set;
	list_bad_line *bad;
	void *arg;
	int line;
};

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

bool list_domain(struct name *name, const char *text)
{
	static const char octets[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

	if (text[0] == '*' && text[1] == '.')
		text += 2;
	else if (text[0] == '.')
		text++;
	if (text[strspn(text, octets)] || is_address(text))
		return false;
	return name_from_text(name, text) && name->labels > 0;
}

static void bad_word(const struct list *list, const char *word, const char *what)
{
	char sentence[QUOTED_MAX + 64];

	snprintf(sentence, sizeof(sentence), "'%.*s' %s", QUOTED_MAX, word, what);
	list->bad(list->arg, list->line, sentence);
}

/* Names behind an address. What hosts files say about the machine itself (localhost,
 * broadcasthost) has one label and is nobody's domain.
 */
static int add_hosts(const struct list *list, char **rest)
{
	struct name name;
	char *word;

	while ((word = strtok_r(NULL, BLANKS, rest))) {
		if (!list_domain(&name, word)) {
			bad_word(list, word, "is not a domain name");
			return 0;
		}
		if (name.labels > 1 && domain_set_add(list->set, &name))
			return -ENOMEM;
	}
	return 0;
}

static int add_line(const struct list *list, char *text)
{
	struct name name;
	char *rest, *word, *more;

	text[strcspn(text, "#")] = '\0';
	word = strtok_r(text, BLANKS, &rest);
	if (!word)
		return 0;
	if (is_address(word)) {
		if (rest[strspn(rest, BLANKS)])
			return add_hosts(list, &rest);
		bad_word(list, word, "is an address, not a domain name");
		return 0;
	}
	more = strtok_r(NULL, BLANKS, &rest);
	if (more)
		bad_word(list, more, "stands behind a domain name: write one a line");
	else if (!list_domain(&name, word))
		bad_word(list, word, "is not a domain name");
	else
		return domain_set_add(list->set, &name);
	return 0;
}

/* Reads on to the end of a line that was too long for the buffer. */
static void skip_line(FILE *in)
{
	int c;

	do {
		c = getc(in);
	} while (c != '\n' && c != EOF);
}

int list_read(FILE *in, struct domain_set *set, list_bad_line *bad, void *arg)
{
	struct list list = { .set = set, .bad = bad, .arg = arg };
	char text[LINE_SIZE];

	while (errno = 0, fgets(text, sizeof(text), in)) {
		list.line++;
		if (!strchr(text, '\n') && !feof(in)) {
			bad(arg, list.line, "the line is too long, or holds an octet 0");
			/* An octet 0 hides a newline that fgets() has already taken. */
			if (strlen(text) == sizeof(text) - 1)
				skip_line(in);
			continue;
		}
		if (add_line(&list, text))
			return -ENOMEM;
	}
	if (ferror(in))
		return errno ? -errno : -EIO;
	return 0;
}
