/* SPDX-License-Identifier: BSD-3-Clause */
/* option - an option is one row: key, type, where it goes, default, bounds, help.
 *
 * The parser, the checker, the example configuration and the manual are walks
 * over arrays of these rows. Numbers, times, sizes, switches and choices are
 * uint64_t in the configuration struct; texts are char *, lists struct option_list.
 *
 * Invariant: after option_defaults() every member of every row is valid; a failed
 * option_set() changes nothing. Nothing is silently clamped.
 */
#ifndef BASE_OPTION_H
#define BASE_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_type {
	OPT_COUNT,  /* a number; suffixes k m g are powers of 1000 */
	OPT_TIME,   /* milliseconds; written with ms s m h d, seconds without */
	OPT_SIZE,   /* octets; k m g are powers of 1024 */
	OPT_SWITCH, /* yes or no */
	OPT_CHOICE, /* index of a word in <choices> */
	OPT_TEXT,   /* char *, owned by the configuration struct */
	OPT_LIST,   /* struct option_list: the option may be repeated */
};

struct option {
	const char *key;            /* as written in warden.conf, without the colon */
	enum option_type type;
	size_t offset;              /* of the member in the configuration struct */
	uint64_t preset, min, max;  /* for the numeric types; OPT_CHOICE: preset is an index */
	const char *preset_text;    /* OPT_TEXT: the default; "" is "none". OPT_LIST: its one value until
	                             * another is given; NULL: none
	                             */
	const char *const *choices; /* OPT_CHOICE: words, NULL at the end */
	const char *example;        /* what conf/warden.conf shows when the default says little; or NULL */
	const char *help;           /* one or two sentences */
};

/* One value of a list, and where it was written, for later errors. */
struct option_item {
	char *text;
	char *file; /* NULL when it came from no file */
	int line;
};

struct option_list {
	struct option_item *item;
	size_t count;
	bool preset; /* what is in it is the default */
};

#define OPTION_NUMBER(config, member, key_, type_, preset_, min_, max_, help_) \
	{ .key = key_, .type = type_, .offset = offsetof(config, member), \
	  .preset = preset_, .min = min_, .max = max_, .help = help_ }
#define OPTION_SWITCH(config, member, key_, preset_, help_) \
	{ .key = key_, .type = OPT_SWITCH, .offset = offsetof(config, member), \
	  .preset = preset_, .max = 1, .help = help_ }
#define OPTION_CHOICE(config, member, key_, choices_, preset_, help_) \
	{ .key = key_, .type = OPT_CHOICE, .offset = offsetof(config, member), \
	  .preset = preset_, .choices = choices_, .help = help_ }
#define OPTION_TEXT(config, member, key_, preset_, help_) \
	{ .key = key_, .type = OPT_TEXT, .offset = offsetof(config, member), \
	  .preset_text = preset_, .help = help_ }
#define OPTION_LIST(config, member, key_, example_, help_) \
	{ .key = key_, .type = OPT_LIST, .offset = offsetof(config, member), \
	  .example = example_, .help = help_ }
#define OPTION_PRESET_LIST(config, member, key_, preset_, help_) \
	{ .key = key_, .type = OPT_LIST, .offset = offsetof(config, member), \
	  .preset_text = preset_, .help = help_ }
#define OPTION_END { .key = NULL }

/* Sets every member of <config> that <rows> name to its default. Members are taken
 * as uninitialised. Returns 0 or -ENOMEM.
 */
int option_defaults(const struct option *rows, void *config);

/* Makes <copy> one of <config>, <size> octets with members of its own where <rows> name texts and lists.
 * The first value that is set in a list of <copy> takes the place of all that are copied, as with a
 * default. Returns 0 or -ENOMEM; either way option_free() is due.
 */
int option_copy(const struct option *rows, void *copy, const void *config, size_t size);

/* Frees texts and lists. <config> itself stays the caller's. */
void option_free(const struct option *rows, void *config);

/* The row of <key>, or NULL. */
const struct option *option_find(const struct option *rows, const char *key);

/* Whether two configurations have the same value in the member of <row>, which is no list. */
bool option_is_same(const struct option *row, const void *config, const void *other);

/* Sets one option from its text. <file> and <line> are kept for list items. Returns
 * false with a sentence in <error> that quotes the value and what was expected:
 * "hold: '5x' is not a time: write 90s, 5m, 1h or 1d".
 */
bool option_set(const struct option *row, void *config, const char *text, const char *file, int line,
                char *error, size_t error_len);

/* Writes the value (or, with <config> NULL, the default) of a row into <text>, as it
 * would be written in warden.conf; times and sizes in their largest whole unit. For
 * a list: its first item, or "". Returns <text>.
 */
char *option_print(const struct option *row, const void *config, char *text, size_t len);

/* Shortcuts for members by row. */
uint64_t option_number(const struct option *row, const void *config);

#endif
