/* SPDX-License-Identifier: BSD-3-Clause */
/* suffix_rules - reads the list's text for the names in it, not for their meaning.
 *
 *     co.uk              uk, co.uk
 *     *.ck, !www.ck      ck with TAIL_ASK_CHILDREN, www.ck
 *     x.<Unicode>.no     no with TAIL_ASK_IDN
 *
 * Invariant: too much may be collected, never too little. Whether a tail is a suffix is
 * libpsl's to say, now or at the look-up, so a misread rule costs time only. Rules
 * in Unicode need not be turned to ASCII for that: by the definition of an A-label (RFC 5890)
 * what they are about begins with xn--.
 */
#include <errno.h>
#include <string.h>

#include "name/suffix_rules.h"

#define RULE_LABELS 7   /* no more are looked at; the longest rules have six */
#define LINE_OCTETS 256 /* libpsl's: it takes what is beyond for a line more */
#define SPACE       " \t\r\n"

static bool is_host_octet(uint8_t octet)
{
	return (octet >= 'a' && octet <= 'z') || (octet >= '0' && octet <= '9') || octet == '-';
}

static bool is_host_label(const uint8_t *label)
{
	for (unsigned i = 1; i <= label[0]; i++)
		if (!is_host_octet(label[i]))
			return false;
	return true;
}

unsigned suffix_rules_reach(const struct name *name, unsigned limit)
{
	unsigned first = name->labels;

	while (first > limit && name->labels - first < RULE_LABELS &&
	       is_host_label(name_tail(name, first - 1)))
		first--;
	return first;
}

bool suffix_rules_have(const psl_ctx_t *list, const struct name *name, unsigned first, int type)
{
	char text[NAME_WIRE_MAX];

	/* "3www7example0" becomes "www.example": the first length octet goes, the others
	 * become dots, and the root label ends the text.
	 */
	if (first == name->labels)
		return false;
	memcpy(text, name_tail(name, first) + 1, name_tail_len(name, first) - 1);
	for (unsigned i = first + 1; i < name->labels; i++)
		text[name->label[i] - name->label[first] - 1] = '.';
	return psl_is_public_suffix2(list, text, type | PSL_TYPE_NO_STAR_RULE);
}

/* Adds <name> with <flags>, and its tails. */
static int add_tails(const psl_ctx_t *list, struct tail_table *tails, const struct name *name,
                     unsigned flags)
{
	for (unsigned first = name->labels; first-- > 0;) {
		unsigned suffix;

		if (tail_table_find(tails, name, first))
			continue;
		suffix = suffix_rules_have(list, name, first, PSL_TYPE_ANY) ? TAIL_SUFFIX : 0;
		if (tail_table_add(tails, name, first, suffix) < 0)
			return -ENOMEM;
	}
	return tail_table_add(tails, name, 0, flags);
}

/* The part of <rule> to the right of its last label that is not ASCII; <rule> if there is none. */
static const char *ascii_tail(const char *rule)
{
	const char *tail = rule;
	bool ascii = true;

	for (const char *at = rule; *at; at++) {
		if ((unsigned char)*at >= 0x80)
			ascii = false;
		if (*at == '.' && !ascii) {
			tail = at + 1;
			ascii = true;
		}
	}
	return ascii ? tail : ".";
}

static int collect_rule(const psl_ctx_t *list, struct tail_table *tails, const char *rule)
{
	const char *tail;
	struct name name;
	unsigned flags = 0;

	if (*rule == '!')
		rule++;
	if (!strncmp(rule, "*.", 2)) {
		rule += 2;
		flags = TAIL_ASK_CHILDREN;
	}
	tail = ascii_tail(rule);
	if (tail != rule)
		flags = TAIL_ASK_IDN;
	/* A rule that is no name is about none, and who asks libpsl asks within reach only. */
	if (!name_from_text(&name, tail) || suffix_rules_reach(&name, 0) > 0)
		return 0;
	return add_tails(list, tails, &name, flags);
}

int suffix_rules_collect(FILE *file, const psl_ctx_t *list, struct tail_table *tails)
{
	char line[LINE_OCTETS];

	while (fgets(line, sizeof(line), file)) {
		char *rule = line + strspn(line, SPACE);
		int rc;

		/* libpsl's other format begins so. */
		if (!strncmp(rule, ".DAFSA@", 7))
			return -EINVAL;
		rule[strcspn(rule, SPACE)] = '\0';
		if (*rule == '\0' || !strncmp(rule, "//", 2))
			continue;
		rc = collect_rule(list, tails, rule);
		if (rc < 0)
			return rc;
	}
	return ferror(file) ? -EIO : 0;
}
