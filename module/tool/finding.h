/* SPDX-License-Identifier: BSD-3-Clause */
/* finding - what `check` has to say beside the configuration: a list, filled by many, printed once.
 *
 *     finding_add(&findings, FINDING_WRONG, "order", "dynlib stands behind validator: ...");
 *     finding_do(&findings, "in unbound.conf: module-config: \"dynlib validator iterator\"");
 *
 * Invariant: whatever is wrong says what to type.
 */
#ifndef TOOL_FINDING_H
#define TOOL_FINDING_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define FINDING_TEXT_MAX 1024 /* octets of a sentence, or of all that is to be done about it */
#define FINDINGS_MAX 64

enum finding_level { FINDING_OK, FINDING_NOTE, FINDING_WRONG };

struct finding {
	enum finding_level level;
	const char *about; /* a word, borrowed: "apparmor" */
	char text[FINDING_TEXT_MAX];
	char remedy[FINDING_TEXT_MAX]; /* lines; empty: nothing is to be done */
};

/* Zeroed is empty. What does not fit is counted, and makes the whole wrong when it was. */
struct findings {
	struct finding *item;
	size_t count, lost;
};

void finding_add(struct findings *findings, enum finding_level level, const char *about,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* One more line of what to do about the last one. */
void finding_do(struct findings *findings, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Makes everything wrong a note: it is, but nobody relies on it yet. */
void findings_soften(struct findings *findings);

bool findings_wrong(const struct findings *findings);
void findings_print(const struct findings *findings, FILE *out);
json_t *findings_json(const struct findings *findings);
void findings_free(struct findings *findings);

#endif
