/* SPDX-License-Identifier: BSD-3-Clause */
/* ledger - sums of what was told, kept with each pair, client, domain and delegation.
 *
 * The engine writes them, once for each observation; the detectors of information read
 * them and say what they think of the numbers. A sum fades as e^(-t / window), so a steady
 * flow of r weighs as much as a window full of it: r * window. Each is kept over two
 * windows: a day, which is what budgets are for, and ten minutes, which tells a tunnel at work
 * from one that drips. They are brought up to date when touched and never otherwise.
 *
 * Sums are in bits, as 32-bit floating point numbers: 24 bits of mantissa keep the error of
 * a whole day of steps under one in a hundred (tested), and a pair's ledger in 88 octets.
 *
 * Invariant: all zeros is a ledger in which nothing stands. Any octets are a ledger: a
 * number that cannot be a sum reads as 0. When the clock steps back the ledger is closed
 * and a new one opened.
 *
 * Ledgers lie in shared memory: fixed widths, no pointers. Whoever changes one holds its slot.
 */
#ifndef DETECT_LEDGER_H
#define DETECT_LEDGER_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "detect/repeats.h"

#define LEDGER_DAY  DAY
#define LEDGER_FAST (10 * MINUTE)
#define LEDGER_WEEK (7 * DAY)

/* When the sums beside it began, and when they were last brought up to date. */
struct span {
	uint64_t first, last; /* milliseconds since 1970; <last> 0: there is nothing yet */
};

/* What was told by names. */
struct sums {
	float fast, day; /* bits */
	float names;     /* charged as new, over a day */
	float length;    /* sum of their lengths in text, over a day */
};

/* Kinds of questions, for evidence: what a pair asks for. */
enum question_kind {
	ASKS_ADDRESS, /* A, AAAA, HTTPS, SVCB */
	ASKS_TEXT,    /* TXT, NULL, KEY and others that carry what they like */
	ASKS_NAME,    /* CNAME, MX, NS, PTR, SRV and others that carry names */
	ASKS_COUNT
};

enum question_kind question_kind(uint16_t qtype);

struct pair_ledger {
	struct span span;
	struct sums up;          /* told by questions */
	float down_fast, down;   /* told by answers, bits; <down> over a day */
	float waiting;           /* bits told up since last a delegation was known to charge */
	float here;              /* told by names that were answered on the spot and went nowhere, over a day */
	uint8_t kinds[ASKS_COUNT]; /* questions by enum question_kind, all halved when one is full */
	uint8_t together;        /* 1: other nodes know of it; see engine/together.c */
	struct repeats repeats;
};

struct client_ledger {
	struct span span;
	struct sums up;   /* told to rare domains */
	float domains;    /* new ones with ordinary names, over a day */
	uint16_t share;   /* of all questions that this client asked, in 1/65536 */
	uint8_t mixed;    /* of its latest questions, how many mixed cases, in 1/256 */
	uint8_t together;
};

struct domain_ledger {
	struct span span;
	struct sums up; /* told by all clients, names that are new to all of them */
	float week;     /* bits, over seven days */
	uint8_t together;
	uint8_t unused[3];
};

struct delegation_ledger {
	struct span span;
	struct sums up;  /* told by one client to rare domains behind the same servers */
	float domains;   /* of them, over a day */
	uint8_t unused[4];
};

static_assert(sizeof(struct pair_ledger) == 88 && sizeof(struct client_ledger) == 40 &&
              sizeof(struct domain_ledger) == 40 && sizeof(struct delegation_ledger) == 40,
              "shared layout changed: raise SEGMENT_LAYOUT");

/* Brings a ledger to <now>. To be called before anything is added to it. Steps of less than a
 * second wait for the next one: rounding would weigh as much as they do.
 */
void pair_ledger_move(struct pair_ledger *ledger, uint64_t now);
void client_ledger_move(struct client_ledger *ledger, uint64_t now);
void domain_ledger_move(struct domain_ledger *ledger, uint64_t now);
void delegation_ledger_move(struct delegation_ledger *ledger, uint64_t now);

/* Adds <bits>; <length> is that of a new name, 0 for one that was there before. */
void sums_add(struct sums *sums, double bits, unsigned length);

/* Adds <bits> to a single sum. */
void sum_add(float *sum, double bits);

/* Counts a question of <kind>. */
void kinds_count(uint8_t kinds[ASKS_COUNT], enum question_kind kind);

/* Whole octets of <bits>. */
static inline uint64_t octets(double bits)
{
	return (uint64_t)(bits / 8);
}

/* What detectors tell of a ledger, in the order of LEDGER_EVIDENCE. */
#define LEDGER_EVIDENCE \
	{ "bytes_up" }, { "bytes_down" }, { "distinct_names" }, { "minutes" }, { "mean_length" }, \
	{ "address_percent" }, { "text_percent" }, { "name_percent" }
#define PAIR_EVIDENCE 8 /* of these */

void pair_evidence(const struct pair_ledger *ledger, uint64_t *evidence);

/* How old the sums are, in minutes, and how long a name is on average. */
uint64_t span_minutes(const struct span *span);
uint64_t mean_length(const struct sums *sums);

#endif
