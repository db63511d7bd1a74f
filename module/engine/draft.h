/* SPDX-License-Identifier: BSD-3-Clause */
/* draft - a configuration while it is being read.
 *
 *     file --> config_lexer.l --tokens--> config_parser.y --> draft_*() --> struct config
 *
 * The grammar knows clauses and `option: value`; what they mean is decided here and in clause_*.c. An
 * included file is read in the middle of its including one, so a clause may begin in
 * one file and go on in another.
 *
 * Invariant: a fault is reported and counted, and reading goes on, so that one run shows
 * all faults of a file. A draft with faults never becomes a configuration in use.
 */
#ifndef ENGINE_DRAFT_H
#define ENGINE_DRAFT_H

#include <stddef.h>
#include <sys/types.h>

#include "engine/config.h"

/* A word in a source's text: nothing is copied until it means something. */
struct token {
	const char *text;
	size_t len;
	int line;
};

/* Where something was written. <file> belongs to the draft; NULL: nowhere. */
struct origin {
	const char *file;
	int line;
};

#define SCANNER_MEMORY 1024

/* One file being read, for the lexer and the grammar. */
struct source {
	struct draft *draft;
	const struct source *parent; /* who includes it */
	const char *file;            /* belongs to the draft */
	dev_t device;
	ino_t inode;
	unsigned depth;
	char *text;                  /* two octets 0 behind it, as flex wants */
	size_t len;
	int line;
	int ended;                   /* the newline at the end of the file was told */
	struct token last;           /* for the sentence about a syntax error */

	/* Flex ends the process when memory is short, so it gets memory that never is. */
	_Alignas(16) unsigned char memory[SCANNER_MEMORY];
	size_t memory_used;
};

/* A `detector:` clause: its options wait until it is known whose they are. */
struct detector_clause {
	struct detector_clause *next;
	struct origin at, name_at, profile_at; /* .line 0: not said */
	struct detector_settings settings;
	int id; /* once it has come to its end */
	struct entry *entries, **entries_end; /* its other options */
};

/* A `client-profile:` clause, in the order of the file: the order of config->profile, too. */
struct profile_clause {
	struct profile_clause *next;
	struct origin at;
	struct profile_settings settings;
};

/* A `list:` clause, in the order of the file. */
struct list_clause {
	struct list_clause *next;
	struct origin at;
	struct list_settings settings;
};

#define DRAFT_MISSING_MAX 512

struct draft {
	struct config *config;
	config_report *fault, *warn; /* may be NULL */
	void *arg;
	unsigned faults;
	char missing[DRAFT_MISSING_MAX]; /* lists of the default that are not there, for one sentence at the end */

	const struct clause *clause; /* the one being read, NULL before the first */
	struct origin clause_at;

	struct origin setting_at[SETTINGS_MAX];    /* of the rows of `warden:` */
	struct origin detector_at[DETECTOR_COUNT]; /* last clause of each that is for everybody */
	struct detector_clause *detector;          /* the one being read */
	struct detector_clause *profiled, **profiled_end; /* those with a profile */
	struct profile_clause *profiles, **profiles_end;
	struct profile_clause *profile;            /* the one being read */
	struct list_clause *lists, **lists_end;
	struct list_clause *list;                  /* the one being read */
};

/* Reads <path> and what it includes into draft->config. */
void draft_read(struct draft *draft, const char *path);

/* Frees what <draft> keeps. Its configuration is not touched. */
void draft_free(struct draft *draft);

/* Reports a fault at <at>, or a warning. Never more than one line, whatever is in it. */
void draft_fault(struct draft *draft, struct origin at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void draft_warn(struct draft *draft, struct origin at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Where the option <key> of `warden:` was said; the head of the file when it was not. */
struct origin draft_setting_at(const struct draft *draft, const char *key);

/* For the grammar: a clause begins; an option; an option without a value. */
const struct clause *draft_find_clause(const char *text, size_t len);
void draft_clause(struct source *source, const struct token *word);
void draft_option(struct source *source, const struct token *key, const struct token *value);
void draft_bare(struct source *source, const struct token *key);
void draft_syntax(struct source *source, const char *sentence, const struct token *found);

/* Scans and parses source->text (config_lexer.l). Returns 0 or -ENOMEM. */
int source_parse(struct source *source);

#endif
