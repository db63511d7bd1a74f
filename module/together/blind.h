/* SPDX-License-Identifier: BSD-3-Clause */
/* blind - what stands in Redis instead of clients, domains and names.
 *
 * HMAC-SHA256 (RFC 2104), cut to 16 octets, under a key that comes from the password: the same on all nodes, so that
 * they mean the same; of no use to who reads along; and nobody without the password can make two names one. Without
 * a password the key is known to everybody, and names can be found by trying.
 */
#ifndef TOGETHER_BLIND_H
#define TOGETHER_BLIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLIND_LEN 16 /* octets */

/* What is counted together. */
enum subject_kind { SUBJECT_OF_PAIR = 'p', SUBJECT_OF_CLIENT = 'c', SUBJECT_OF_DOMAIN = 'd', SUBJECT_OF_NAME = 'n' };

struct blind {
	uint8_t key[32];
};

/* Makes the key of <password>, which may be "". False when memory is short. */
bool blind_open(struct blind *blind, const char *password);
void blind_close(struct blind *blind);

/* What stands for a <kind>: of <client> (16 octets, masked; NULL for kinds without) and <name> (wire format, lower
 * case; NULL likewise). False when memory is short.
 */
bool blind_make(const struct blind *blind, enum subject_kind kind, const uint8_t *client, const uint8_t *name,
                size_t name_len, uint8_t made[BLIND_LEN]);

#endif
