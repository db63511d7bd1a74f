/* SPDX-License-Identifier: BSD-3-Clause */
/* burn_in - what enforce mode would have refused, and what to allow to silence it.
 *
 * After days in observe mode there are events, and holds in shared memory. They are gathered by
 * detector and domain; a line of an allow list is about a domain alone, so each domain also has
 * all its names and clients together.
 *
 *     struct burn_in *burn = burn_in_new(config, since);
 *
 *     burn_in_events(burn, file, "events.json");   as many as there are, then
 *     burn_in_holds(burn, &mapping, "segment");    what no event tells
 *     burn_in_finish(burn);
 *     burn_in_print(burn, stdout);
 *
 * Invariant: what the configuration allows by now is counted but not listed, so what has been
 * dealt with does not come again. A hold whose detector, domain and client are in an event is the
 * one that the event told of, and counts once.
 */
#ifndef REPORT_BURN_IN_H
#define REPORT_BURN_IN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <warden/warden.h>

#include "engine/config.h"
#include "name/name.h"
#include "report/event_read.h"
#include "report/sequence.h"
#include "store/mapping.h"

#define BURN_IN_FAULTS 5 /* bad lines that are named; the others are counted */
#define BURN_IN_FILE_MAX 128

/* A bad line: where, and what is wrong. */
struct burn_in_fault {
	char file[BURN_IN_FILE_MAX]; /* printable */
	uint64_t line;
	const char *what;
};

struct burn_in_refusal;

/* A domain that was refused to somebody, whoever objected. */
struct burn_in_domain {
	uint8_t wire[NAME_WIRE_MAX], len; /* what it is known by */
	uint8_t labels;
	uint8_t sample[NAME_WIRE_MAX], sample_len; /* a name below it; 0: only holds told of it */
	uint8_t common; /* labels, from the right, that all its names have in common */
	bool several;   /* different names were seen */
	uint32_t clients;
	uint8_t client[16]; /* the first of them */

	/* By burn_in_finish(). */
	struct burn_in_refusal *refusals; /* in the order of burn_in.refusal */
	bool by_client;                   /* a line for its only client has it already */
};

/* A domain that a detector refused. */
struct burn_in_refusal {
	struct burn_in_domain *domain;  /* what it is known by, ... */
	char detector[EVENT_WORD_MAX];  /* ... and this */
	uint32_t clients;
	uint64_t events, dry_run;       /* events, and those of them from observe mode */
	uint64_t suppressed;            /* verdicts that were held back and told by a later event */
	uint64_t holds, met;            /* holds that no event tells; questions that met those */
	uint64_t first, last;
	uint8_t example[NAME_WIRE_MAX], example_len; /* name in the latest event; 0: none */
	uint64_t example_time;
	struct numbers evidence;        /* with the highest first number there was */

	struct burn_in_refusal *next;   /* of the same domain, by burn_in_finish() */
};

struct burn_in_detector {
	char name[EVENT_WORD_MAX];
	uint64_t events[WARDEN_VERDICT_COUNT]; /* by verdict; all that deny are WARDEN_REFUSE */
	uint64_t suppressed, holds, domains;   /* domains refused */
};

/* A client that is the only one of many domains. */
struct burn_in_client {
	uint8_t address[16];
	uint32_t domains;
	const struct burn_in_domain *example;
};

struct burn_in {
	const struct config *config; /* borrowed */
	uint64_t since;              /* what was before is left out */

	uint64_t events;             /* read, and not before <since> */
	uint64_t before, allowed;    /* events before <since>; verdicts that are allowed by now */
	uint64_t refuse, dry_run;    /* events of this verdict, and those from observe mode */
	uint64_t holds, holds_told;  /* of detectors, in the segment; those that events tell too */
	uint64_t first, last;        /* earliest and latest of it all; <last> 0: nothing */
	uint64_t missing;            /* events */
	uint64_t bad;                /* lines */
	struct burn_in_fault fault[BURN_IN_FAULTS];

	void *domains, *refusals, *detectors, *pairs; /* trees, by what each is known by */
	struct sequence sequence;
	bool short_of_memory;

	/* By burn_in_finish(): clients hit most first; detectors by name. */
	struct burn_in_refusal **refusal;
	struct burn_in_domain **domain;
	struct burn_in_detector **detector;
	struct burn_in_client *client;
	size_t refusal_count, domain_count, detector_count, client_count;
};

/* NULL without memory. <config> must outlive the result. */
struct burn_in *burn_in_new(const struct config *config, uint64_t since);
void burn_in_free(struct burn_in *burn);

/* Reads events from <in>, which is called <file>. Returns 0 or a negative errno. */
int burn_in_events(struct burn_in *burn, FILE *in, const char *file);

/* Takes one verdict for a refusal, whatever it is: a line of a log may be what is to be silenced. Its client is
 * masked.
 */
void burn_in_finding(struct burn_in *burn, const struct told *told);

/* Takes the holds of detectors that are in <mapping>, ended ones too if they are still there: a
 * snapshot may be of yesterday. After all events.
 */
void burn_in_holds(struct burn_in *burn, const struct mapping *mapping);

/* How often <refusal> was the verdict, as far as it is told: held back ones are told by the next
 * event, and are then all counted for its detector.
 */
uint64_t burn_in_verdicts(const struct burn_in_refusal *refusal);

/* Puts it all in order, and finds the lines. Returns 0 or -ENOMEM. */
int burn_in_finish(struct burn_in *burn);

/* Whether all lines could be read and no event is missing. After burn_in_finish(). */
bool burn_in_sound(const struct burn_in *burn);

/* For people, and as one JSON object. Return 0, -ENOMEM, or -EIO when <out> could not be written. */
int burn_in_print(const struct burn_in *burn, FILE *out);
int burn_in_json(const struct burn_in *burn, FILE *out);

/* --- what to allow (burn_in_allow.c) ---------------------------------------------------------- */

#define ALLOW_VALUE_MAX  (NAME_TEXT_MAX + 2)
#define ALLOW_REASON_MAX 512

/* A line of a configuration, or why there can be none. */
struct allow_line {
	const char *option;          /* "allow-domain", "allow-client"; NULL: there is no line */
	char value[ALLOW_VALUE_MAX]; /* as it is written behind the option; else the domain */
	char reason[ALLOW_REASON_MAX];
};

/* Finds the clients for which one line is better than one for each of their domains. A step of
 * burn_in_finish(). False without memory.
 */
bool allow_clients(struct burn_in *burn);

/* The line that silences <client> everywhere. */
void allow_line_client(const struct burn_in *burn, const struct burn_in_client *client,
                       struct allow_line *line);

/* The line that silences what was refused of <domain>: the longest suffix that its names have in
 * common, else the domain.
 */
void allow_line_domain(const struct burn_in *burn, const struct burn_in_domain *domain,
                       struct allow_line *line);

#endif
