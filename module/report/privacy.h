/* SPDX-License-Identifier: BSD-3-Clause */
/* privacy - what leaves this machine of a client's address: client-privacy:.
 *
 *     full       192.0.2.7                                  the address
 *     truncate   192.0.2.0                                  the network it is in
 *     pseudonym  1dbd:c1b9:fff1:7586:7d0b:67b4:e76e:4777    another address, always the same one
 *
 * A pseudonym is the ipcrypt-deterministic construction of draft-denis-ipcrypt: AES-128 of the 16
 * octets, IPv4 mapped into IPv6. So it is an address, as ECS wants source.ip to be; the same client
 * has the same one for as long as the key stays; who has the key turns it back (privacy_reveal()); and
 * who has not learns nothing from it, not even who is in one network with whom. That is why it is not
 * a construction that keeps prefixes, as Crypto-PAn and ipcrypt-pfx do: who can ask a few questions
 * from addresses of his own choice reads the network of any other client off theirs.
 *
 * A pseudonym of an IPv4 address is an IPv6 address, and so it is called where its family is told.
 *
 * One thread at a time uses a struct privacy: the cipher has a state while it works.
 */
#ifndef REPORT_PRIVACY_H
#define REPORT_PRIVACY_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/config.h"
#include "store/journal.h"

struct evp_cipher_ctx_st;

struct privacy {
	enum client_privacy kind;
	unsigned prefix_v4, prefix_v6;    /* bits that truncate leaves */
	uint8_t key[PRIVACY_KEY_LEN];     /* of pseudonym */
	struct evp_cipher_ctx_st *cipher; /* of pseudonym; else NULL */
};

/* Makes <privacy> of what <config> says; it does not refer to it afterwards. False when memory is short:
 * then addresses become ::, the one that says nothing, so that none gets out by accident.
 */
bool privacy_open(struct privacy *privacy, const struct config *config);
void privacy_close(struct privacy *privacy);

/* Whether privacy_open() would make the same of <config>. */
bool privacy_is_of(const struct privacy *privacy, const struct config *config);

/* What is shown of client <in>. <out> may be <in>. */
void privacy_client(const struct privacy *privacy, const uint8_t in[16], uint8_t out[16]);

/* Hides the client of <record> wherever it stands in it. Its port goes as well, unless the address is
 * shown in full: beside a router's records a port and a time are as good as an address.
 */
void privacy_record(const struct privacy *privacy, struct record *record);

/* Turns a pseudonym back with the key of <config>. False when there is no key, or memory is short. */
bool privacy_reveal(const struct config *config, const uint8_t pseudonym[16], uint8_t client[16]);

#endif
