/* SPDX-License-Identifier: BSD-3-Clause */
/* detector - one file that reads an observation and a slot and forms an opinion.
 *
 * A detector is a file in this folder and a row in detectors.def. It has no
 * statics, does no I/O, logs nothing, takes no lock, allocates nothing: it works on
 * plain copies and returns an opinion; policy makes a verdict of it. So it can be
 * tested with a local config and state and nothing else.
 *
 * State lives in the client's, the pair's or the domain's slot; a new slot's state
 * is all zeros. The engine calls <observe> only for observations that match <when>,
 * <relevant> and whose <needs> it has filled in.
 */
#ifndef DETECT_DETECTOR_H
#define DETECT_DETECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/option.h"
#include "detect/facts.h"

enum confidence {
	CONFIDENCE_NONE, /* no opinion */
	CONFIDENCE_LOW,
	CONFIDENCE_MEDIUM,
	CONFIDENCE_HIGH,
};

#define EVIDENCE_MAX 12 /* words */

/* What stands in the words of a piece of evidence. */
enum evidence_kind {
	EVIDENCE_NUMBER,    /* one word */
	EVIDENCE_SOME,      /* the same; 0: left out */
	EVIDENCE_TEXT,      /* EVIDENCE_TEXT_WORDS: printable characters, NUL behind a shorter one */
	EVIDENCE_DOMAIN,    /* one: facts.domain_hash of a domain, told by its name; 0: left out */
	EVIDENCE_ADDRESS,   /* two: 16 octets, IPv4 mapped; all 0: left out */
	EVIDENCE_DETECTORS, /* one: a bit for each detector, told by their names */
};

#define EVIDENCE_TEXT_WORDS 3

struct evidence {
	const char *name; /* as in events: lower case and underscores */
	uint8_t kind;     /* enum evidence_kind */
};

struct opinion {
	uint8_t confidence;              /* enum confidence */
	uint8_t reason;                  /* index into detector.reasons */
	uint8_t here;                    /* enum confidence, with .together: what was told here is enough for that */
	bool together;                   /* it takes what was told through other nodes to be so sure: see budget.h */
	uint8_t list;                    /* `list` alone: 1 + index of the list whose action holds; else 0 */
	uint64_t evidence[EVIDENCE_MAX]; /* in the order of detector.evidence, each as many words as its kind has */
};

#define NO_OPINION ((struct opinion){ .confidence = CONFIDENCE_NONE })

/* Bits of detector.when: which observations it wants to see. A detector that names
 * no path bit would see nothing.
 */
enum when {
	ON_QUESTION = 1,
	ON_ANSWER = 2,
	ON_MISS = 4,   /* joined questions included */
	ON_CACHE = 8,
	ON_LOCAL = 16,
	ON_ANY_PATH = ON_MISS | ON_CACHE | ON_LOCAL,
	BUT_ADDRESSES = 32, /* not of A, AAAA and HTTPS, which nearly all are: not even <relevant> is asked */
};

/* What there may be about an observation, as bits: a detector that names some in .signs is looked at only
 * when one of them is there. Nearly all questions are for an address that is in the cache, of a domain
 * that many ask for, and have none of them: so nobody is asked about these at all.
 */
enum sign {
	SIGN_ALWAYS = 1 << 0,
	SIGN_LISTED = 1 << 1,    /* the name is on some list */
	SIGN_STRIKING = 1 << 2,  /* some detector's .striking says so of the name */
	SIGN_SIGNATURE = 1 << 3, /* facts.match.tool is this detector's: signatures alone have this one */
	SIGN_RARE = 1 << 4,      /* facts.rare */
	SIGN_EARLY = 1 << 5,     /* facts.queries is at most EARLY_QUERIES, and not facts.contacted */
	SIGN_DUE = 1 << 6,       /* facts.nth is a multiple of RATE_STEP: see rate.h */
	SIGN_BACK = 1 << 7,      /* facts.idle is at least BACK_AFTER */
	SIGN_MISS = 1 << 8,      /* asked upstream for this client */
	SIGN_ODD = 1 << 9,       /* WARDEN_FLAG_ODD_*, a class other than IN, a type other than A, AAAA and HTTPS */
	SIGN_FAILED = 1 << 10,   /* an answer other than NOERROR, or without records */
	SIGN_ADDRESSES = 1 << 11, /* an answer with the record of an address */
	SIGN_WORDS = 1 << 12,    /* and with one that is none */
	SIGN_NEVER = 1 << 13,    /* there never is */
};

#define SIGN_COUNT    13 /* that there are */
#define EARLY_QUERIES 16
#define BACK_AFTER    60 /* seconds */

/* Whom the opinion is about: events are held back per subject and detector. */
enum subject {
	SUBJECT_PAIR,
	SUBJECT_CLIENT,
	SUBJECT_DOMAIN,
	SUBJECT_DELEGATION,
};

/* What configuration makes of an opinion: indices of action_words. */
enum action {
	ACTION_LOG,
	ACTION_TAG,
	ACTION_TRUNCATE, /* from here on they deny; weakest first, as enum warden_verdict */
	ACTION_NODATA,
	ACTION_NXDOMAIN,
	ACTION_REFUSE,
	ACTION_DROP,
};
/* Indices of scope_words. */
enum scope { SCOPE_PAIR, SCOPE_DOMAIN, SCOPE_CLIENT };

extern const char *const action_words[];     /* log tag refuse ... */
extern const char *const scope_words[];      /* pair domain client */
extern const char *const confidence_words[]; /* none low medium high */

/* The options that every detector has. First member of every detector's config. */
struct detector_config {
	uint64_t enable, action, scope, hold, ede, score;
};
extern const struct option detector_common_options[];

struct detector {
	const char *name; /* as in warden.conf and events */
	const char *help; /* one or two sentences for the manual */
	uint8_t when;     /* enum when, or-ed */
	uint32_t needs;   /* enum fact, or-ed */
	uint8_t subject;  /* enum subject */
	uint8_t action;   /* default of `action:` */
	uint8_t score;    /* default of `score:`: what it adds to a risk at high confidence */
	bool sees_allowed; /* names too that the operator allows, which no other does: so at most a log line
	                    * comes of these. Of allowed clients it sees nothing. <relevant> is due. */
	bool momentary;   /* a refusal is for what is at hand: nothing is held or adds to a risk. Without a state it goes
	                   * by that alone, and sees answers too that nobody has asked for */
	bool domain_if_fresh; /* it changes the domain's state only when .fresh is true: else that is only read */
	bool recalls_a_day; /* .recall needs no month: what anybody can fill is not kept with what must last */
	uint64_t hold;    /* default of `hold:`, in milliseconds */

	const struct option *options;       /* its own; after detector_common_options */
	size_t config_size;                 /* of its config struct */
	uint16_t client_size, pair_size, domain_size; /* octets of state in each slot */

	const char *category;               /* rule.category of events */
	const char *const *attack;          /* ATT&CK technique ids, NULL at the end; or NULL */
	const char *const *reasons;         /* sentences without subject and full stop, NULL at the end */
	struct evidence evidence[EVIDENCE_MAX]; /* what it tells; name NULL after the last */

	/* Where in its config the struct option_list of its list files is; 0: it has none. What is
	 * in them is told by facts.listed.
	 */
	size_t files;

	/* Of enum sign, or-ed: without any of these <relevant> would say no, so that it need not be asked.
	 * 0: it does not say. Where that is a matter of its options <signs> are the usual ones, and <signs_for>
	 * tells those that count; NULL: it is not.
	 */
	uint32_t signs;
	uint32_t (*signs_for)(const void *config);

	/* Whether <relevant> may say yes because of the name, whatever else is the matter: SIGN_STRIKING. What it
	 * says is remembered with the name, so it goes by nothing else. NULL: never.
	 */
	bool (*striking)(const void *config, const struct name *name);

	/* A cheap look before anything is fetched for it; NULL: always. Only the facts that are
	 * always there, FACT_LISTED and FACT_SIGNATURE's .match, are filled in.
	 */
	bool (*relevant)(const void *config, const struct facts *facts);

	/* What it wants to know whether it has come up in the last RECALL_AGE, for whichever
	 * client unless the key says so: fills <key>, at most RECALL_MAX, and returns how many.
	 * Whether each had is told by facts.recalled; all have from then on. Keys are this detector's
	 * own; hash_octets_plain() makes some of octets. NULL: nothing.
	 */
	unsigned (*recall)(const void *config, const struct facts *facts, uint64_t key[RECALL_MAX]);

	/* Reads <facts> and changes its states. A state pointer is NULL when the detector
	 * has none there, and never otherwise. Must cope with any octets in them.
	 */
	struct opinion (*observe)(const void *config, void *client, void *pair, void *domain,
	                          const struct facts *facts);

	/* How full its measure is for this pair, 0..255 (255: it speaks): what is above 64
	 * is not evicted by noise. <ledger> is NULL when none is kept; <elsewhere> are the bits told through
	 * other nodes. NULL: it does not say.
	 */
	uint8_t (*weight)(const void *config, const void *pair, const struct pair_ledger *ledger, double elsewhere);

	/* Checks options against each other. False with a sentence. NULL: nothing to check. */
	bool (*check)(const void *config, char *error, size_t error_len);

	/* Makes of its options what <observe> can use at once: lists of texts become arrays of fixed size
	 * in its config, so that there is nothing to free. Called once, before the config is in use. False
	 * with a sentence. NULL: nothing to make.
	 */
	bool (*prepare)(void *config, char *error, size_t error_len);
};

enum detector_id {
#define DETECTOR(id) DETECTOR_##id,
#include "detect/detectors.def"
#undef DETECTOR
	DETECTOR_COUNT
};

extern const struct detector *const detectors[DETECTOR_COUNT];

/* The signs that detector <id> goes by with these options. */
static inline uint32_t detector_signs(unsigned id, const void *config)
{
	const struct detector *detector = detectors[id];

	if (detector->signs_for)
		return detector->signs_for(config);
	return detector->signs ? detector->signs : SIGN_ALWAYS;
}

/* Sum of the state sizes of all detectors, 8-aligned each: what a slot must hold. */
struct detector_layout {
	uint16_t client[DETECTOR_COUNT], pair[DETECTOR_COUNT], domain[DETECTOR_COUNT]; /* offsets */
	uint16_t client_size, pair_size, domain_size;
	uint64_t digest; /* over names and sizes: a segment of another layout is foreign */
};

/* Lays the states of all detectors out, disabled ones too, in the order of detectors.def. */
void detector_layout(struct detector_layout *layout);

/* How many words a piece of evidence of <kind> takes. */
unsigned evidence_words(uint8_t kind);

/* Whether it is a number, and one to be told. */
static inline bool evidence_counts(uint8_t kind, uint64_t word)
{
	return kind == EVIDENCE_NUMBER || (kind == EVIDENCE_SOME && word);
}

/* Packs <text> into the EVIDENCE_TEXT_WORDS words at <word>, cut to what fits; octets that are
 * not printable ASCII become '?'. NULL is "".
 */
void evidence_text(uint64_t *word, const char *text);

/* The detector called <name>, or -1. */
int detector_find(const char *name);

#endif
