/* SPDX-License-Identifier: BSD-3-Clause */
/* top_rows - the five tables that `top` shows, as rows: sorted, filtered, with rates.
 *
 *     rows_view(&rows, VIEW_PAIRS);
 *     rows_look(&rows, now, true);                  one walk over the table
 *     for (i = 0; i < rows.ranking.count; i++)
 *         if (rows_entry(&rows, i, &entry)) ...     read anew, with its words
 *
 * A walk keeps the ROWS_MAX that come first and 12 octets for each entry of the table (top_rates.h), whatever
 * the table's size. What `top` looks at others write to: an entry is consistent in itself, and one that changed
 * hands since the walk is another whole one.
 */
#ifndef TOP_TOP_ROWS_H
#define TOP_TOP_ROWS_H

#include "base/network.h"
#include "engine/engine.h"
#include "name/name.h"
#include "report/address.h"
#include "report/ranking.h"
#include "top/top_rates.h"

#define ROWS_MAX    1000
#define FILTER_MAX  256
#define WORDS_MAX   512
#define METRICS_MAX 320

enum view_id { VIEW_CLIENTS, VIEW_PAIRS, VIEW_DOMAINS, VIEW_HOLDS, VIEW_COUNTERS, VIEW_COUNT };

/* Numbers of an entry; a table has some of them. */
enum number_id {
	NUMBER_RISK,
	NUMBER_RATE, /* thousandths a second */
	NUMBER_QUERIES,
	NUMBER_MISSES,
	NUMBER_JOINED,
	NUMBER_CACHED,
	NUMBER_LOCAL,
	NUMBER_ANSWERS,
	NUMBER_REFUSED,
	NUMBER_TOLD, /* octets, up, in a day */
	NUMBER_DOWN, /* octets, down, in a day */
	NUMBER_WEEK, /* octets, up, in a week */
	NUMBER_CLIENTS,
	NUMBER_IDLE,
	NUMBER_LEFT, /* seconds */
	NUMBER_HITS,
	NUMBER_VALUE,
	NUMBER_COUNT
};

enum text_id { TEXT_CLIENT, TEXT_NAME, TEXT_VERDICT, TEXT_DETECTOR, TEXT_WORDS, TEXT_COUNT };

struct entry {
	uint32_t index;
	uint64_t hash;
	uint8_t client[16];
	bool any_client, any_name;
	bool rated;                /* number[NUMBER_RATE] is known */
	uint64_t number[NUMBER_COUNT];

	/* For rows_entry() only; the walk does without. */
	uint64_t said;             /* a bit for each detector with a part in the risk */
	uint64_t domain;           /* hash */
	const char *text[TEXT_COUNT];
	char client_text[ADDRESS_TEXT_MAX], name[NAME_TEXT_MAX], words[WORDS_MAX];
};

enum column_kind { COLUMN_TEXT, COLUMN_COUNT, COLUMN_RATE, COLUMN_TIME };

struct column {
	const char *title;
	enum column_kind kind;
	uint8_t what;    /* enum text_id or enum number_id */
	uint8_t width;   /* of a number; the least of a text */
	uint8_t order;   /* 0: always there; others come with the room for them, the lowest first */
	bool upwards;    /* the smallest is what one looks for */
	const char *help;
};

struct rows;

struct view {
	const char *name;
	char key;
	const struct column *column;
	unsigned count, sort; /* which one it is sorted by at first */
	uint32_t (*capacity)(const struct rows *rows);
	/* Reads what is at <index>, its numbers and whose they are. False where there is nothing. */
	bool (*read)(const struct rows *rows, uint32_t index, struct entry *entry);
	/* What of the numbers grows, for NUMBER_RATE. */
	enum number_id grows;
	/* Adds the words. */
	void (*describe)(const struct rows *rows, struct entry *entry);
};

extern const struct view views[VIEW_COUNT];

/* Whom to show: an address, a network, the beginning of an address, or a part of a name or of a detector's.
 * "=TEXT" is a name, and nothing that only has it in its own.
 */
struct filter_by {
	char text[FILTER_MAX];
	bool exact, is_network;
	struct network network;
};

/* A number of the statistics, kept as it was at the last look. */
struct kept_metric {
	char name[128];
	const char *help;
	unsigned kind; /* enum metric_kind */
	uint64_t value;
};

struct rows {
	struct warden *warden;
	enum view_id view;
	unsigned sort[VIEW_COUNT]; /* column */
	bool reverse[VIEW_COUNT];
	struct filter_by filter;

	uint64_t now;
	struct rates rates;
	struct ranking ranking; /* what comes first, as of the last look */
	uint32_t matched;       /* how many there are in all that pass the filter */
	unsigned metrics;
	struct kept_metric metric[METRICS_MAX];
};

/* Makes <rows> those of clients, as seen through <warden>. Returns 0 or -ENOMEM. */
int rows_open(struct rows *rows, struct warden *warden);
void rows_close(struct rows *rows);

/* Turns to another table, or to the same of another segment: its rates are not known before two looks. */
void rows_view(struct rows *rows, enum view_id view);

/* Sets the filter; "" is none. */
void rows_filter(struct rows *rows, const char *text);

/* Moves the sorting by <step> columns that can be sorted by. */
void rows_sort_by(struct rows *rows, int step);

/* Walks the table. <sample>: and measures rates since the last time it did. */
void rows_look(struct rows *rows, uint64_t now, bool sample);

/* Reads row <nth> of the last walk. False when it is gone. */
bool rows_entry(const struct rows *rows, uint32_t nth, struct entry *entry);

/* For views. */
bool filter_passes(const struct rows *rows, struct entry *entry);

#endif
