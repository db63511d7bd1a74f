/* SPDX-License-Identifier: BSD-3-Clause */
/* list_format - a list while it is being read, for the formats.
 *
 *     lists.c       lines, which format they are in, one domain a line and hosts files
 *     list_csv.c    Splunk look-ups
 *     list_json.c   MISP warning lists
 *     list_zone.c   RPZ zones
 */
#ifndef ENGINE_LIST_FORMAT_H
#define ENGINE_LIST_FORMAT_H

#include "engine/lists.h"

#define LIST_LINE_SIZE 2048
#define LIST_BLANKS    " \t\r\n\f\v"

struct list_reading {
	FILE *in;
	const struct list_sink *sink;
	int line;
	char text[LIST_LINE_SIZE]; /* the line at hand, or its beginning */
	uint32_t bad;              /* lines */
	bool began;                /* CSV: the first line is behind us */
	struct list_zone {
		/* What names are relative to, the zone, with a dot at the end, "" while not known; and
		 * the name of the last record as it was written.
		 */
		char origin[NAME_TEXT_MAX], apex[NAME_TEXT_MAX], owner[NAME_TEXT_MAX];
		unsigned depth;  /* of parentheses */
		uint32_t others; /* rules that are not taken */
	} zone;
};

/* Says what is bad about the line at hand, if it is one of the first. */
void list_bad(struct list_reading *list, const char *sentence);

/* The same for a word of it: "'<word>' <what>". */
void list_bad_word(struct list_reading *list, const char *word, const char *what);

/* Gives one domain to the sink, or says that <word> is not one. A domain of one label with something
 * behind it is more likely a word of a sentence, or a number: <alone> says that nothing is.
 */
int list_add(struct list_reading *list, const char *word, const char *note, bool alone);

/* A format: whether <text>, the first line that says anything, is of it, and what takes a line of
 * the file, that one too; or, in its place, the whole file. <end> may be NULL.
 */
struct list_format {
	bool (*is)(const char *text);
	int (*line)(struct list_reading *list, char *text);
	int (*file)(struct list_reading *list);
	void (*end)(struct list_reading *list);
};

extern const struct list_format list_format_csv, list_format_json, list_format_zone;

#endif
