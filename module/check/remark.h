/* SPDX-License-Identifier: BSD-3-Clause */
/* remark - what `check` has to say beside the configuration: a list, filled by many, printed once.
 *
 *     remark_add(&remarks, REMARK_WRONG, "order", "dynlib stands behind validator: ...");
 *     remark_do(&remarks, "in unbound.conf: module-config: \"dynlib validator iterator\"");
 *
 * Invariant: whatever is wrong says what to type.
 */
#ifndef CHECK_REMARK_H
#define CHECK_REMARK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define REMARK_TEXT_MAX 1024 /* octets of a sentence, or of all that is to be done about it */
#define REMARKS_MAX 64

enum remark_level { REMARK_OK, REMARK_NOTE, REMARK_WRONG };

struct remark {
	enum remark_level level;
	const char *about; /* a word, borrowed: "apparmor" */
	char text[REMARK_TEXT_MAX];
	char remedy[REMARK_TEXT_MAX]; /* lines; empty: nothing is to be done */
};

/* Zeroed is empty. What does not fit is counted, and makes the whole wrong when it was. */
struct remarks {
	struct remark *item;
	size_t count, lost;
};

void remark_add(struct remarks *remarks, enum remark_level level, const char *about,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* One more line of what to do about the last one. */
void remark_do(struct remarks *remarks, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Makes everything wrong a note: it is, but nobody relies on it yet. */
void remarks_soften(struct remarks *remarks);

bool remarks_wrong(const struct remarks *remarks);
void remarks_print(const struct remarks *remarks, FILE *out);
json_t *remarks_json(const struct remarks *remarks);
void remarks_free(struct remarks *remarks);

#endif
