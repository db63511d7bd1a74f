/* SPDX-License-Identifier: BSD-3-Clause */
/* draft - what the grammar finds in warden.conf goes to the clause that it stands in. */
#include "engine/draft.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "engine/clause.h"
#include "engine/include.h"

#define SENTENCE_MAX 1024

static_assert(CONFIG_NAME_MAX <= EVIDENCE_TEXT_WORDS * sizeof(uint64_t), "a list's name is told whole");

/* U+0080 to U+009F in UTF-8, which a terminal takes for an escape and more: C2 and one octet. */
static bool is_late_control(const unsigned char *octet)
{
	return octet[0] == 0xc2 && octet[1] >= 0x80 && octet[1] <= 0x9f;
}

static void say(struct draft *draft, config_report *report, struct origin at, const char *format,
                va_list args)
{
	char sentence[SENTENCE_MAX];
	int used = 0;

	if (!report)
		return;
	if (at.file && at.line)
		used = snprintf(sentence, sizeof(sentence), "%s:%d: ", at.file, at.line);
	else if (at.file)
		used = snprintf(sentence, sizeof(sentence), "%s: ", at.file);
	if (used < 0 || (size_t)used >= sizeof(sentence))
		used = 0;
	vsnprintf(sentence + used, sizeof(sentence) - (size_t)used, format, args);
	/* Lists come from elsewhere; logs and terminals should not obey them. */
	for (unsigned char *octet = (unsigned char *)sentence; *octet; octet++) {
		if (is_late_control(octet))
			*octet++ = '?'; /* and the octet behind it */
		else if (*octet >= ' ' && *octet != 0x7f)
			continue;
		*octet = '?';
	}
	report(draft->arg, sentence);
}

void draft_fault(struct draft *draft, struct origin at, const char *format, ...)
{
	va_list args;

	draft->faults++;
	va_start(args, format);
	say(draft, draft->fault, at, format, args);
	va_end(args);
}

void draft_warn(struct draft *draft, struct origin at, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(draft, draft->warn, at, format, args);
	va_end(args);
}

void clause_set(struct draft *draft, const struct option *row, void *config, struct origin at,
                const char *value)
{
	char error[SENTENCE_MAX / 2];

	if (!option_set(row, config, value, at.file, at.line, error, sizeof(error)))
		draft_fault(draft, at, "%s", error);
}

/* The clause that has an option <key>, as it is written there; "" when none has. */
static const char *clause_with(const char *key, char *text, size_t len)
{
	static const struct {
		const char *clause;
		const struct option *rows;
	} places[] = {
		{ "warden:", settings_options }, { "detector:", detector_common_options }, { "detector:", detector_clause_options },
		{ "list:", list_options }, { "client-profile:", profile_options },
	};

	*text = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (option_find(places[i].rows, key)) {
			snprintf(text, len, "%s", places[i].clause);
			return text;
		}
	for (unsigned i = 0; i < DETECTOR_COUNT; i++)
		if (option_find(detectors[i]->options, key)) {
			snprintf(text, len, "detector: with name: \"%s\"", detectors[i]->name);
			return text;
		}
	return text;
}

void clause_unknown(struct draft *draft, struct origin at, const char *key, const char *where,
                    const struct option *rows, const struct option *more)
{
	struct nearest nearest;
	char other[128];

	nearest_begin(&nearest, key);
	for (const struct option *row = rows; row && row->key; row++)
		nearest_consider(&nearest, row->key);
	for (const struct option *row = more; row && row->key; row++)
		nearest_consider(&nearest, row->key);
	if (nearest.best)
		draft_fault(draft, at, "unknown option '%s' in %s (did you mean '%s'?)", key, where,
		            nearest.best);
	else if (*clause_with(key, other, sizeof(other)))
		draft_fault(draft, at, "unknown option '%s' in %s (it belongs in %s)", key, where, other);
	else
		draft_fault(draft, at, "unknown option '%s' in %s", key, where);
}

/* Events tell names as evidence, and people search for them. */
static bool is_name(const char *text)
{
	static const char octets[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";

	return *text && strlen(text) <= CONFIG_NAME_MAX && !text[strspn(text, octets)];
}

void clause_set_name(struct draft *draft, const char *clause, const struct option *rows, void *settings,
                     const char *name, struct origin at, const char *value)
{
	if (name[0])
		draft_fault(draft, at, "a second name: begin a new clause with '%s'", clause);
	else if (!is_name(value))
		draft_fault(draft, at, "name: '%.120s' is not 1 to %d letters, digits, dots, hyphens or "
		            "underscores", value, CONFIG_NAME_MAX);
	else
		clause_set(draft, option_find(rows, "name"), settings, at, value);
}

static void warden_option(struct draft *draft, struct origin at, const char *key, const char *value)
{
	const struct option *row = option_find(settings_options, key);

	if (!row) {
		clause_unknown(draft, at, key, "warden:", settings_options, NULL);
		return;
	}
	clause_set(draft, row, &draft->config->settings, at, value);
	draft->setting_at[row - settings_options] = at;
}

struct origin draft_setting_at(const struct draft *draft, const char *key)
{
	const struct option *row = option_find(settings_options, key);
	struct origin at = row ? draft->setting_at[row - settings_options] : (struct origin){ NULL, 0 };

	return at.line ? at : (struct origin){ draft->config->file, 1 };
}

/* Options behind an unknown clause say nothing: the clause was the fault. */
static void ignore_option(struct draft *draft, struct origin at, const char *key, const char *value)
{
	(void)draft;
	(void)at;
	(void)key;
	(void)value;
}

static const struct clause clause_warden = { "warden", NULL, warden_option, NULL };
static const struct clause *const clauses[] = {
	&clause_warden, &clause_detector, &clause_profile, &clause_list,
};
static const struct clause unknown_clause = { "", NULL, ignore_option, NULL };

#define CLAUSE_COUNT (sizeof(clauses) / sizeof(*clauses))

const struct clause *draft_find_clause(const char *text, size_t len)
{
	for (size_t i = 0; i < CLAUSE_COUNT; i++)
		if (strlen(clauses[i]->name) == len && !memcmp(clauses[i]->name, text, len))
			return clauses[i];
	return NULL;
}

static void begin_clause(struct draft *draft, const struct clause *clause, struct origin at)
{
	if (draft->clause && draft->clause->end)
		draft->clause->end(draft);
	draft->clause = clause;
	draft->clause_at = at;
	if (clause && clause->begin)
		clause->begin(draft);
}

static struct origin origin_of(const struct source *source, const struct token *token)
{
	return (struct origin){ source->file, token->line };
}

void draft_clause(struct source *source, const struct token *word)
{
	begin_clause(source->draft, draft_find_clause(word->text, word->len), origin_of(source, word));
}

void draft_option(struct source *source, const struct token *key, const struct token *value)
{
	struct draft *draft = source->draft;
	struct origin at = origin_of(source, key);
	char *key_text = strndup(key->text, key->len);
	char *value_text = strndup(value->text, value->len);

	if (!key_text || !value_text)
		draft_fault(draft, at, "out of memory");
	else if (!strcmp(key_text, "include"))
		include_pattern(source, at, value_text);
	else if (draft->clause)
		draft->clause->option(draft, at, key_text, value_text);
	else
		draft_fault(draft, at, "option '%s' stands before the first clause: write 'warden:' on a line above", key_text);
	free(key_text);
	free(value_text);
}

static bool is_option(const char *key)
{
	static const struct option *const rows[] = {
		settings_options, detector_clause_options, detector_common_options, profile_options, list_options,
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (option_find(rows[i], key))
			return true;
	for (unsigned i = 0; i < DETECTOR_COUNT; i++)
		if (option_find(detectors[i]->options, key))
			return true;
	return !strcmp(key, "include");
}

/* The file of the other program, given by mistake. */
static bool is_clause_of_unbound(const char *text)
{
	static const char *const theirs[] = { "server", "remote-control", "forward-zone", "stub-zone", "auth-zone",
	                                      "view", "dynlib", "python", "dnstap", "cachedb", "rpz", "dnscrypt" };

	for (size_t i = 0; i < sizeof(theirs) / sizeof(*theirs); i++)
		if (!strcmp(theirs[i], text))
			return true;
	return false;
}

/* A key without a value is a clause that we do not have, or a forgotten value. */
void draft_bare(struct source *source, const struct token *key)
{
	struct draft *draft = source->draft;
	struct origin at = origin_of(source, key);
	struct nearest nearest;
	char names[64] = "";
	char text[64];

	snprintf(text, sizeof(text), "%.*s", (int)(key->len < 60 ? key->len : 60), key->text);
	if (is_option(text)) {
		draft_fault(draft, at, "option '%s' has no value: write it behind the colon and a space", text);
		return;
	}
	nearest_begin(&nearest, text);
	for (size_t i = 0; i < CLAUSE_COUNT; i++) {
		size_t used = strlen(names);

		snprintf(names + used, sizeof(names) - used, "%s%s:", i ? ", " : "", clauses[i]->name);
		nearest_consider(&nearest, clauses[i]->name);
	}
	if (is_clause_of_unbound(text))
		draft_fault(draft, at, "unknown clause '%s' (the clauses are %s): this looks like unbound.conf, which "
		            "unbound-warden takes as check --unbound FILE", text, names);
	else if (nearest.best)
		draft_fault(draft, at, "unknown clause '%s' (did you mean '%s:'?)", text, nearest.best);
	else
		draft_fault(draft, at, "unknown clause '%s' (the clauses are %s)", text, names);
	begin_clause(draft, &unknown_clause, at);
}

void draft_syntax(struct source *source, const char *sentence, const struct token *found)
{
	struct origin at = origin_of(source, found);

	if (found->len)
		draft_fault(source->draft, at, "%s, found '%.*s'", sentence,
		            (int)(found->len < 60 ? found->len : 60), found->text);
	else
		draft_fault(source->draft, at, "%s, found the end of the line", sentence);
}

void draft_read(struct draft *draft, const char *path)
{
	draft->profiled_end = &draft->profiled;
	draft->profiles_end = &draft->profiles;
	draft->lists_end = &draft->lists;
	include_file(draft, NULL, (struct origin){ NULL, 0 }, path);
	begin_clause(draft, NULL, (struct origin){ NULL, 0 });
}

void draft_free(struct draft *draft)
{
	clause_detector_drop(draft);
	clause_profile_drop(draft);
	clause_list_drop(draft);
}
