/* SPDX-License-Identifier: BSD-3-Clause */
/* fake_primary - a primary that says whatever a test wants, and the node that talks to it.
 *
 * Both are one thread: the node's turn comes while a test waits for something. The node's clock is the test's, so
 * that its patience costs no time. Signatures are made here, not by the code under test.
 */
#ifndef FAKE_PRIMARY_H
#define FAKE_PRIMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "primary/primary.h"

#define FAKE_LINES 8
#define FAKE_POLL  UINT64_C(1000)
#define FAKE_NAMES 64

/* What is kept for the node, n1: so many octets of a record's data, and of each other's records. */
#define FAKE_DATA_MAX 1024
#define FAKE_SHARE    100000

/* What a node was told, and what it has. */
struct told {
	unsigned wholes, dones, answers;
	uint32_t serial;
	size_t added, removed, in_a_turn; /* the most that were told at a time */
	char names[FAKE_NAMES][64]; /* of what it has, the first labels; as many as there is room for */
	size_t count;
	uint64_t id;
	int rcode;
};

struct fake {
	int listener;
	int lines[FAKE_LINES], line;  /* connections; the one of the last request */
	uint8_t request[65536];
	size_t request_len;
	uint16_t type;                /* of its question: SOA, IXFR, AXFR; of an update SOA */
	bool is_update;

	uint8_t mac[32];              /* the last one, for the next digest */
	bool first;
	uint8_t unsigned_part[1 << 18];
	size_t unsigned_len;
	int64_t skew;                 /* of the times in its signatures */
	uint16_t error;               /* and their error */

	struct primary *node;
	bool in_node;                 /* it is its turn already */
	uint64_t now;
	struct told told;
};

struct reply {
	uint8_t wire[65536];
	size_t len;
};

void fake_open(struct fake *fake);
void fake_close(struct fake *fake);

/* Lets the node work until <condition>, and for two seconds at most. */
#define fake_until(fake, condition) \
	do { \
		bool so_ = (condition); \
		for (unsigned turn_ = 0; turn_ < 5000 && !so_; turn_++) { \
			fake_turn(fake); \
			so_ = (condition); \
		} \
		if (!so_) \
			fail_msg("never: %s", #condition); \
	} while (0)
void fake_turn(struct fake *fake);

/* Waits for the node's next request. */
void fake_request(struct fake *fake);

/* The same after the node's patience, or the time of a poll, is over. */
void fake_next(struct fake *fake);

/* Whether the node has closed the line of the last request. */
bool fake_is_closed(struct fake *fake);

/* An answer to the last request: its id and question, no error. */
void reply_begin(struct reply *reply, const struct fake *fake);
void reply_soa(struct reply *reply, uint32_t serial);
void reply_name(struct reply *reply, const char *label); /* a CNAME record below the zone */
void reply_text(struct reply *reply, const char *id, const char *writer, size_t len); /* TXT, of so many octets */

void fake_send(struct fake *fake, const struct reply *reply);
void fake_send_unsigned(struct fake *fake, const struct reply *reply);
/* NOTAUTH, with a record that says BADKEY and has no signature. */
void fake_send_badkey(struct fake *fake, struct reply *reply);
/* As it is, with a length before it that need not be its own. */
void fake_send_octets(struct fake *fake, const void *octets, size_t len);

/* Answers the question for the serial number. */
void fake_serial(struct fake *fake, uint32_t serial);

/* All up to a copy with these labels. */
void fake_whole(struct fake *fake, uint32_t serial, const char *const labels[]);

bool fake_has(const struct fake *fake, const char *label);

#endif
