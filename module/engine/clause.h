/* SPDX-License-Identifier: BSD-3-Clause */
/* clause - the kinds of clauses in warden.conf, a file for each that is more than its options, and what
 * these share.
 */
#ifndef ENGINE_CLAUSE_H
#define ENGINE_CLAUSE_H

#include "engine/draft.h"

/* What its beginning does, how an option of it is taken, and what its end does. NULL: nothing. */
struct clause {
	const char *name;
	void (*begin)(struct draft *draft);
	void (*option)(struct draft *draft, struct origin at, const char *key, const char *value);
	void (*end)(struct draft *draft);
};

extern const struct clause clause_detector, clause_list, clause_profile;

/* Sets the option of <row> in <config>, or says what is wrong with <value>. */
void clause_set(struct draft *draft, const struct option *row, void *config, struct origin at,
                const char *value);

/* Says that <key> is unknown, <where>, and which of <rows> and <more> may have been meant. */
void clause_unknown(struct draft *draft, struct origin at, const char *key, const char *where,
                    const struct option *rows, const struct option *more);

/* Sets the name: of a clause, in <settings> of these <rows>: <name> is what it is so far. A second one is
 * nearly always a forgotten <clause>, so it must not win.
 */
void clause_set_name(struct draft *draft, const char *clause, const struct option *rows, void *settings,
                     const char *name, struct origin at, const char *value);

/* Sets the options of the `detector:` clauses with a profile, when all profiles are made. */
void clause_detector_finish(struct draft *draft);

/* Frees what the clauses of a kind keep in <draft>. */
void clause_detector_drop(struct draft *draft);
void clause_list_drop(struct draft *draft);
void clause_profile_drop(struct draft *draft);

#endif
