/* SPDX-License-Identifier: BSD-3-Clause */
/* primary - the name server that keeps the zone in which nodes share what they hold.
 *
 * Asks for the zone's serial number, fetches what has changed (RFC 1995) or all of it (RFC 5936) and sends updates
 * (RFC 2136), all over TCP and signed with this node's TSIG key (RFC 8945). Two connections, so that no update waits
 * for a transfer; both are kept as long as the primary keeps them.
 *
 * Invariants: nothing waits here: the caller poll()s. What has no good signature has not been said. The caller's copy
 * is always one that the primary has had: of a transfer that breaks nothing is told. One thread.
 */
#ifndef PRIMARY_PRIMARY_H
#define PRIMARY_PRIMARY_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ldns/ldns.h>

#include "base/sentence.h"
#include "primary/share.h"

#define PRIMARY_FDS_MAX 2

/* Records of a transfer that are told at a time, in some 12 ms. */
#define PRIMARY_TOLD_AT_ONCE 2000

/* The records of an update, as ldns_rr_uncompressed_size() measures them: what fits into a message for certain. */
#define PRIMARY_UPDATE_OCTETS 60000

/* For answered(), instead of a response code. */
#define PRIMARY_NO_ANSWER (-1) /* none, or none with a good signature: it may have been taken all the same */
#define PRIMARY_NOT_OURS  (-2) /* the primary takes our key, but not for this: Knot's acl says so */

enum primary_taken {
	PRIMARY_TAKEN,     /* answered() will be called, out of primary_work() */
	PRIMARY_BUSY,      /* one is under way already */
	PRIMARY_TOO_LARGE  /* it would not fit into a message, nor ever will */
};

struct primary;

struct primary_setup {
	const char *zone;     /* its name, presentation format */
	const char *address;  /* ADDRESS or ADDRESS@PORT */
	const char *key_file; /* see primary/key.h */
	uint64_t poll;        /* milliseconds from one question for the serial number to the next */
	sentence_log *log;    /* hears when the primary goes away and comes back, and of each kind of fault once */
	struct share_rules rules; /* what is told of the zone, and what is not, whatever there is in it */
	void *arg;

	/* A transfer, when it is there as a whole: whole() when all of the copy so far is void, any number of record(),
	 * done(). A large one is told in slices, one in each primary_work(): until done(), while primary_is_telling(),
	 * the copy is neither the old one nor the new one. Records are borrowed for the call; their names may be in any
	 * case, and their data may be less than their type asks for (ldns_rr_rd_count). Those of type SOA are not told.
	 * Removals and additions come in the order in which they were made. A record may be removed that was left out
	 * when it was added. Where done() does not follow, memory was short, and whole() comes next.
	 */
	void (*whole)(void *arg);
	void (*record)(void *arg, bool added, const ldns_rr *rr);
	void (*done)(void *arg, uint32_t serial);

	/* What became of the update <id>: a response code (0: taken) or one of the above. */
	void (*answered)(void *arg, uint64_t id, int rcode);
};

/* Reads the key; connects later, from primary_work(). NULL: <error> says why in a sentence. The strings of <setup> are
 * copied.
 */
struct primary *primary_open(const struct primary_setup *setup, char *error, size_t error_len);

/* At once; what is under way is given up, nothing is called back. NULL is none. */
void primary_close(struct primary *primary);

/* Asks for one update: all of it is done or nothing. First removes, then adds. A record of <remove> without data (no
 * rdf) means all of its name and type. Either list may be NULL. While the primary is away the update waits for the next
 * try. The records are borrowed for the call.
 */
enum primary_taken primary_update(struct primary *primary, uint64_t id, const ldns_rr_list *add,
                                  const ldns_rr_list *remove);

/* What to wait for: the number of <fds> filled in. Call anew before each poll(). */
int primary_poll_fds(const struct primary *primary, struct pollfd fds[PRIMARY_FDS_MAX]);

/* When primary_work() must be called at the latest, in the clock of <now>; at most the time of a poll ahead. */
uint64_t primary_due(const struct primary *primary, uint64_t now);

/* Does what can be done without waiting, whatever the descriptors said, and calls back. <now> is wall clock in
 * milliseconds, which signatures need to be right by a few minutes.
 */
void primary_work(struct primary *primary, uint64_t now);

/* The copy is of no use: the next transfer is a whole one, when it is time to ask again. Until that has been told, this
 * can be said any number of times.
 */
void primary_again(struct primary *primary);

/* Whether a part of a transfer is told, and done() is to come. */
bool primary_is_telling(const struct primary *primary);

/* Whether the primary answered all that it was last asked. */
bool primary_up(const struct primary *primary);

/* The secret of our key, as octets. */
const uint8_t *primary_secret(const struct primary *primary, size_t *len);

#endif
