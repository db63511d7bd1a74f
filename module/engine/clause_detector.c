/* SPDX-License-Identifier: BSD-3-Clause */
/* clause_detector - the options of a `detector:` clause wait until the clause ends, since its `name:` may
 * stand behind them; with `profile:` until the whole file has been read, since a clause for everybody, and
 * the profile itself, may stand behind that.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "engine/clause.h"

struct entry {
	struct entry *next;
	struct origin at;
	char *key, *value;
};

static void drop(struct detector_clause *clause)
{
	while (clause->entries) {
		struct entry *entry = clause->entries;

		clause->entries = entry->next;
		free(entry->key);
		free(entry->value);
		free(entry);
	}
	option_free(detector_clause_options, &clause->settings);
	free(clause);
}

static void begin(struct draft *draft)
{
	struct detector_clause *clause = calloc(1, sizeof(*clause));

	draft->detector = NULL;
	if (!clause || option_defaults(detector_clause_options, &clause->settings)) {
		if (clause)
			option_free(detector_clause_options, &clause->settings);
		free(clause);
		draft_fault(draft, draft->clause_at, "out of memory");
		return;
	}
	clause->at = draft->clause_at;
	clause->entries_end = &clause->entries;
	draft->detector = clause;
}

static void keep(struct draft *draft, struct origin at, const char *key, const char *value)
{
	struct entry *entry = malloc(sizeof(*entry));

	if (!entry) {
		draft_fault(draft, at, "out of memory");
		return;
	}
	*entry = (struct entry){ .at = at, .key = strdup(key), .value = strdup(value) };
	if (!entry->key || !entry->value) {
		draft_fault(draft, at, "out of memory");
		free(entry->key);
		free(entry->value);
		free(entry);
		return;
	}
	*draft->detector->entries_end = entry;
	draft->detector->entries_end = &entry->next;
}

static void option(struct draft *draft, struct origin at, const char *key, const char *value)
{
	const struct option *row = option_find(detector_clause_options, key);
	struct detector_clause *clause = draft->detector;
	struct origin *said;

	if (!clause)
		return;
	if (!row) {
		keep(draft, at, key, value);
		return;
	}
	said = strcmp(key, "name") ? &clause->profile_at : &clause->name_at;
	/* Nearly always a forgotten `detector:`, so the later one must not win. */
	if (said->line) {
		draft_fault(draft, at, "a second %s: begin a new clause with 'detector:'", key);
		return;
	}
	*said = at;
	clause_set(draft, row, &clause->settings, at, value);
}

static int named_detector(struct draft *draft, const struct detector_clause *clause)
{
	struct nearest nearest;
	int id;

	if (!clause->name_at.line) {
		draft_fault(draft, clause->at, "the detector: clause has no name: to say which, as name: \"information\"");
		return -1;
	}
	id = detector_find(clause->settings.name);
	if (id >= 0)
		return id;
	nearest_begin(&nearest, clause->settings.name);
	for (unsigned i = 0; i < DETECTOR_COUNT; i++)
		nearest_consider(&nearest, detectors[i]->name);
	if (nearest.best)
		draft_fault(draft, clause->name_at, "unknown detector '%s' (did you mean '%s'?)",
		            clause->settings.name, nearest.best);
	else
		draft_fault(draft, clause->name_at, "unknown detector '%s': unbound-warden manual --options has them all",
		            clause->settings.name);
	return -1;
}

/* Sets what <clause> says in <config>, which is its detector's. */
static void apply(struct draft *draft, const struct detector_clause *clause, void *config)
{
	const struct detector *detector = detectors[clause->id];
	char where[64];

	for (const struct entry *entry = clause->entries; entry; entry = entry->next) {
		const struct option *row = option_find(detector_common_options, entry->key);
		bool is_file;

		if (!row)
			row = option_find(detector->options, entry->key);
		is_file = row && row->type == OPT_LIST && row->offset == detector->files;
		if (is_file && clause->profile_at.line) {
			draft_fault(draft, entry->at, "%s: the lists of a detector are the same for all profiles",
			            entry->key);
		} else if (row) {
			clause_set(draft, row, config, entry->at, entry->value);
		} else {
			snprintf(where, sizeof(where), "detector '%s'", detector->name);
			clause_unknown(draft, entry->at, entry->key, where, detector_common_options,
			               detector->options);
		}
	}
}

static void end(struct draft *draft)
{
	struct detector_clause *clause = draft->detector;

	draft->detector = NULL;
	if (!clause)
		return;
	clause->id = named_detector(draft, clause);
	if (clause->id >= 0 && clause->profile_at.line) {
		*draft->profiled_end = clause;
		draft->profiled_end = &clause->next;
		return;
	}
	if (clause->id >= 0) {
		apply(draft, clause, draft->config->detector[clause->id]);
		draft->detector_at[clause->id] = clause->at;
	}
	drop(clause);
}

static struct client_profile *named_profile(struct draft *draft, const struct detector_clause *clause)
{
	struct config *config = draft->config;
	const char *name = clause->settings.profile;
	struct nearest nearest;

	nearest_begin(&nearest, name);
	for (size_t i = 0; i < config->profile_count; i++) {
		if (!strcmp(config->profile[i].name, name))
			return &config->profile[i];
		nearest_consider(&nearest, config->profile[i].name);
	}
	if (nearest.best)
		draft_fault(draft, clause->profile_at, "unknown profile '%s' (did you mean '%s'?)", name,
		            nearest.best);
	else
		draft_fault(draft, clause->profile_at, "unknown profile '%s': a client-profile: clause makes one",
		            name);
	return NULL;
}

void clause_detector_finish(struct draft *draft)
{
	for (struct detector_clause *clause = draft->profiled; clause; clause = clause->next) {
		struct client_profile *profile = named_profile(draft, clause);
		void *config = profile ? profile_own(draft->config, profile, (unsigned)clause->id) : NULL;

		if (config)
			apply(draft, clause, config);
		else if (profile)
			draft_fault(draft, clause->at, "out of memory");
	}
}

void clause_detector_drop(struct draft *draft)
{
	if (draft->detector)
		drop(draft->detector);
	draft->detector = NULL;
	while (draft->profiled) {
		struct detector_clause *clause = draft->profiled;

		draft->profiled = clause->next;
		drop(clause);
	}
}

const struct clause clause_detector = { "detector", begin, option, end };
