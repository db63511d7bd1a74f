/* SPDX-License-Identifier: BSD-3-Clause */
/* rig - an engine set up to be measured, with a clock and a population of its own.
 *
 * Its state is a segment in shared memory as in a resolver, with every page of it there already: what is
 * measured is Warden, not the kernel finding memory. Where /dev/shm has no room it is private
 * memory, and rig.shared says so. The file is gone as soon as it is mapped.
 */
#ifndef TESTS_BENCH_RIG_H
#define TESTS_BENCH_RIG_H

#include <stdbool.h>
#include <stdint.h>

#include <warden/warden.h>

#include "questions.h"

enum rig_detectors { RIG_ALL, RIG_NONE, RIG_ONLY, RIG_WITHOUT };

struct rig_setup {
	const char *profile;          /* `profile:` */
	enum rig_detectors detectors; /* which of them are enabled */
	unsigned detector;            /* the one of RIG_ONLY and RIG_WITHOUT */
	bool enforce;
	const char *list;             /* a file of names for a `list:`; NULL: none */
};

struct rig {
	struct warden *warden;
	uint64_t now;    /* microseconds since 1970: goes on with every question */
	uint64_t serial; /* of the next thing that is new */
	bool shared;
};

/* What became of looks, as the engine's own counters tell it. */
struct rig_counts {
	uint64_t untracked, busy, evicted, opinions, held;
};

/* Opens an engine; ends the process with a sentence when that cannot be. <source> is Warden's source
 * folder, for the lists that it comes with.
 */
struct rig *rig_open(const struct rig_setup *setup, const char *source);
void rig_close(struct rig *rig);

/* The same, with a list of so many names that nobody asks for. */
struct rig *rig_open_listed(const struct rig_setup *setup, const char *source, uint32_t entries);

struct rig_counts rig_counts(const struct rig *rig);

/* Microseconds from one question to the next, of <clients> who ask every ten seconds each. */
double rig_step(uint32_t clients);

/* Makes <population> known: each pair has a question resolved and answered, and then, one round of all of them
 * after the other and each in another order, as many from the cache as end what is new about a pair. Left out are
 * the first <clients> with the first <pairs> of their domains, who are known already.
 */
void rig_warm(struct rig *rig, const struct population *population, uint32_t clients, uint32_t pairs);

/* Fills all tables with others, who are idle for an hour then. None of them is suspicious: what could be
 * lost with them is little, so that who comes next may have their slots.
 */
void rig_fill(struct rig *rig);

/* Those who are held: the first of them are, as many as there are holds. */
extern const struct population rig_held;

/* Makes holds number <from> to <to>, less one. Half are of clients, a quarter of pairs and a quarter of names
 * below a domain, which have to be looked for at every label. All stay.
 */
void rig_hold(struct rig *rig, uint32_t from, uint32_t to);

#endif
