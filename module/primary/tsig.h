/* SPDX-License-Identifier: BSD-3-Clause */
/* tsig - signs a request, and checks the answer: one message, or the many of a transfer (RFC 8945).
 *
 * By libcrypto and not by ldns, whose ldns_pkt_tsig_verify_next() takes whatever algorithm and key name the answer
 * names, looks neither at the time nor at the error, compares octet by octet until one differs, knows no messages
 * without a signature in the middle of a transfer (section 5.3.1), and leaves the secret in freed memory.
 *
 * Invariant: what is said to be good was made with our secret, for our request, within the fudge of our clock.
 */
#ifndef PRIMARY_TSIG_H
#define PRIMARY_TSIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

#include "primary/key.h"

#define TSIG_MESSAGE_MAX 65535
#define TSIG_RECORD_MAX  (KEY_NAME_MAX + 10 + 16 + 16 + 64 + 6 + 16) /* octets that a signature of ours adds at most */
#define TSIG_FUDGE       300 /* seconds, as section 10 recommends */
#define TSIG_UNSIGNED_MAX 99 /* messages in a row, section 5.3.1 */

/* Errors of the TSIG record, section 3. */
enum { TSIG_BADSIG = 16, TSIG_BADKEY = 17, TSIG_BADTIME = 18 };

enum tsig_result {
	TSIG_GOOD,
	TSIG_UNSIGNED, /* in the middle of a transfer: to be believed when a good one follows */
	TSIG_NONE,     /* no signature where there must be one */
	TSIG_REFUSED,  /* none either, and <error> says BADKEY or BADSIG: the primary does not take our key */
	TSIG_LATE,     /* signed, but our clocks differ: <skew> */
	TSIG_FALSE     /* not made with our key, or for another request */
};

/* A request and its answers. All zeros is none. */
struct tsig {
	const struct key *key;
	EVP_MAC *hmac;
	EVP_MAC_CTX *digest;  /* of what came since the last signature */
	uint8_t mac[64];      /* of the last signature */
	bool answered;        /* a signed answer has come */
	unsigned unsigned_run;
	int64_t skew;         /* seconds that the primary's clock is ahead of ours, after TSIG_LATE */
	uint16_t error;       /* of the last record */
};

/* False when libcrypto cannot. */
bool tsig_open(struct tsig *tsig, const struct key *key);
void tsig_close(struct tsig *tsig);

/* Signs the message of *<len> octets at <wire>, which has room for TSIG_RECORD_MAX more, at <now> in seconds. What came
 * before is forgotten. False when libcrypto cannot.
 */
bool tsig_sign(struct tsig *tsig, uint8_t *wire, size_t *len, uint64_t now);

/* Checks an answer and takes the record off it. */
enum tsig_result tsig_check(struct tsig *tsig, uint8_t *wire, size_t *len, uint64_t now);

#endif
