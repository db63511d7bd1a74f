/* SPDX-License-Identifier: BSD-3-Clause */
/* draft - what clauses, options and includes of warden.conf mean.
 *
 * The options of `detector:` wait until the clause ends, since its `name:` may stand
 * behind them. An option of another clause is set when it is read. A `list:` is one more each
 * time; its files are read when everything else has been (list_files.c).
 */
#include "engine/draft.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "engine/include.h"

#define SENTENCE_MAX  1024
#define LIST_NAME_MAX 24 /* octets, as many as fit a piece of evidence */

static_assert(LIST_NAME_MAX <= EVIDENCE_TEXT_WORDS * sizeof(uint64_t), "a list's name is told whole");

struct entry {
	struct entry *next;
	struct origin at;
	char *key, *value;
};

/* A kind of clause is a row: what its beginning does, how an option of it is taken, and what its
 * end does. NULL: nothing.
 */
struct clause {
	const char *name;
	void (*begin)(struct draft *draft);
	void (*option)(struct draft *draft, struct origin at, const char *key, const char *value);
	void (*end)(struct draft *draft);
};

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
	for (char *at_octet = sentence; *at_octet; at_octet++)
		if ((unsigned char)*at_octet < ' ' || *at_octet == '\x7f')
			*at_octet = '?';
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

static void set_option(struct draft *draft, const struct option *row, void *config,
                       struct origin at, const char *value)
{
	char error[SENTENCE_MAX / 2];

	if (!option_set(row, config, value, at.file, at.line, error, sizeof(error)))
		draft_fault(draft, at, "%s", error);
}

/* Says that <key> is unknown, <where>, and which of <rows> and <more> may have been meant. */
static void unknown_option(struct draft *draft, struct origin at, const char *key,
                           const char *where, const struct option *rows,
                           const struct option *more)
{
	struct nearest nearest;

	nearest_begin(&nearest, key);
	for (const struct option *row = rows; row && row->key; row++)
		nearest_consider(&nearest, row->key);
	for (const struct option *row = more; row && row->key; row++)
		nearest_consider(&nearest, row->key);
	if (nearest.best)
		draft_fault(draft, at, "unknown option '%s' in %s (did you mean '%s'?)", key, where,
		            nearest.best);
	else
		draft_fault(draft, at, "unknown option '%s' in %s", key, where);
}

static void warden_option(struct draft *draft, struct origin at, const char *key, const char *value)
{
	const struct option *row = option_find(settings_options, key);

	if (row)
		set_option(draft, row, &draft->config->settings, at, value);
	else
		unknown_option(draft, at, key, "warden:", settings_options, NULL);
}

static void drop_entries(struct draft *draft)
{
	while (draft->entries) {
		struct entry *entry = draft->entries;

		draft->entries = entry->next;
		free(entry->key);
		free(entry->value);
		free(entry);
	}
	draft->entries_end = &draft->entries;
}

/* Keeps the option until the clause ends. */
static void detector_option(struct draft *draft, struct origin at, const char *key,
                            const char *value)
{
	struct entry *entry = malloc(sizeof(*entry));

	if (!entry) {
		draft_fault(draft, at, "out of memory");
		return;
	}
	*entry = (struct entry){ .at = at, .key = strdup(key), .value = strdup(value) };
	*draft->entries_end = entry;
	draft->entries_end = &entry->next;
	if (!entry->key || !entry->value) {
		draft_fault(draft, at, "out of memory");
		drop_entries(draft);
	}
}

static int named_detector(struct draft *draft)
{
	const struct entry *name = NULL;
	struct nearest nearest;
	int id;

	for (const struct entry *entry = draft->entries; entry; entry = entry->next) {
		if (strcmp(entry->key, "name"))
			continue;
		/* Nearly always a forgotten `detector:`, so the later one must not win. */
		if (name)
			draft_fault(draft, entry->at, "a second name: begin a new clause with 'detector:'");
		else
			name = entry;
	}
	if (!name) {
		draft_fault(draft, draft->clause_at, "the detector: clause has no name:");
		return -1;
	}
	id = detector_find(name->value);
	if (id >= 0)
		return id;
	nearest_begin(&nearest, name->value);
	for (unsigned i = 0; i < DETECTOR_COUNT; i++)
		nearest_consider(&nearest, detectors[i]->name);
	if (nearest.best)
		draft_fault(draft, name->at, "unknown detector '%s' (did you mean '%s'?)", name->value,
		            nearest.best);
	else
		draft_fault(draft, name->at, "unknown detector '%s'", name->value);
	return -1;
}

static void detector_end(struct draft *draft)
{
	int id = named_detector(draft);
	char where[64];

	for (const struct entry *entry = id < 0 ? NULL : draft->entries; entry; entry = entry->next) {
		const struct detector *detector = detectors[id];
		const struct option *row = option_find(detector_common_options, entry->key);

		if (!strcmp(entry->key, "name"))
			continue;
		if (!row)
			row = option_find(detector->options, entry->key);
		if (row) {
			set_option(draft, row, draft->config->detector[id], entry->at, entry->value);
			continue;
		}
		snprintf(where, sizeof(where), "detector '%s'", detector->name);
		unknown_option(draft, entry->at, entry->key, where, detector_common_options,
		               detector->options);
	}
	if (id >= 0)
		draft->detector_at[id] = draft->clause_at;
	drop_entries(draft);
}

static void list_begin(struct draft *draft)
{
	struct list_clause *list = calloc(1, sizeof(*list));

	draft->list = NULL;
	if (!list || option_defaults(list_options, &list->settings)) {
		if (list)
			option_free(list_options, &list->settings);
		free(list);
		draft_fault(draft, draft->clause_at, "out of memory");
		return;
	}
	list->at = draft->clause_at;
	draft->list = *draft->lists_end = list;
	draft->lists_end = &list->next;
}

/* Events tell names as evidence, and people search for them. */
static bool is_list_name(const char *text)
{
	static const char octets[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";

	return *text && strlen(text) <= LIST_NAME_MAX && !text[strspn(text, octets)];
}

static void list_option(struct draft *draft, struct origin at, const char *key, const char *value)
{
	const struct option *row = option_find(list_options, key);
	bool is_name = !strcmp(key, "name");

	if (!draft->list)
		return;
	if (!row)
		unknown_option(draft, at, key, "list:", list_options, NULL);
	else if (is_name && draft->list->settings.name[0])
		draft_fault(draft, at, "a second name: begin a new clause with 'list:'");
	else if (is_name && !is_list_name(value))
		draft_fault(draft, at, "name: '%.120s' is not 1 to %d letters, digits, dots, hyphens or "
		            "underscores", value, LIST_NAME_MAX);
	else
		set_option(draft, row, &draft->list->settings, at, value);
}

static void list_end(struct draft *draft)
{
	const struct list_clause *list = draft->list;
	bool has_file = false;

	if (!list)
		return;
	for (size_t i = 0; i < list->settings.files.count; i++)
		has_file |= list->settings.files.item[i].text[0] != '\0';
	if (!list->settings.name[0])
		draft_fault(draft, list->at, "the list: clause has no name:");
	else if (!has_file)
		draft_fault(draft, list->at, "the list '%s' has no file:", list->settings.name);
	for (const struct list_clause *other = draft->lists; other != list; other = other->next)
		if (list->settings.name[0] && !strcmp(other->settings.name, list->settings.name))
			draft_fault(draft, list->at, "a second list called '%s'", list->settings.name);
	draft->list = NULL;
}

static void drop_lists(struct draft *draft)
{
	while (draft->lists) {
		struct list_clause *list = draft->lists;

		draft->lists = list->next;
		option_free(list_options, &list->settings);
		free(list);
	}
}

/* Options behind an unknown clause say nothing: the clause was the fault. */
static void ignore_option(struct draft *draft, struct origin at, const char *key, const char *value)
{
	(void)draft;
	(void)at;
	(void)key;
	(void)value;
}

static const struct clause clauses[] = {
	{ "warden", NULL, warden_option, NULL },
	{ "detector", NULL, detector_option, detector_end },
	{ "list", list_begin, list_option, list_end },
};
static const struct clause unknown_clause = { "", NULL, ignore_option, NULL };

#define CLAUSE_COUNT (sizeof(clauses) / sizeof(*clauses))

const struct clause *draft_find_clause(const char *text, size_t len)
{
	for (size_t i = 0; i < CLAUSE_COUNT; i++)
		if (strlen(clauses[i].name) == len && !memcmp(clauses[i].name, text, len))
			return &clauses[i];
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
		draft_fault(draft, at, "option '%s' stands before the first clause", key_text);
	free(key_text);
	free(value_text);
}

static bool is_option(const char *key)
{
	if (option_find(settings_options, key) || option_find(detector_common_options, key) ||
	    option_find(list_options, key))
		return true;
	for (unsigned i = 0; i < DETECTOR_COUNT; i++)
		if (option_find(detectors[i]->options, key))
			return true;
	return !strcmp(key, "name") || !strcmp(key, "include");
}

/* A key without a value is a clause that we do not have, or a forgotten value. */
void draft_bare(struct source *source, const struct token *key)
{
	struct draft *draft = source->draft;
	struct origin at = origin_of(source, key);
	char names[64] = "";
	char text[64];

	snprintf(text, sizeof(text), "%.*s", (int)(key->len < 60 ? key->len : 60), key->text);
	if (is_option(text)) {
		draft_fault(draft, at, "option '%s' has no value", text);
		return;
	}
	for (size_t i = 0; i < CLAUSE_COUNT; i++) {
		size_t used = strlen(names);

		snprintf(names + used, sizeof(names) - used, "%s%s:", i ? ", " : "", clauses[i].name);
	}
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
	draft->entries_end = &draft->entries;
	draft->lists_end = &draft->lists;
	include_file(draft, NULL, (struct origin){ NULL, 0 }, path);
	begin_clause(draft, NULL, (struct origin){ NULL, 0 });
}

void draft_free(struct draft *draft)
{
	drop_entries(draft);
	drop_lists(draft);
	include_free(draft);
}
