/* SPDX-License-Identifier: BSD-3-Clause */
/* content - what a record of an answer carries: pieces, and the bits that each can tell.
 *
 * Records that carry octets (TXT, NULL, KEY, unknown types) tell as much as they are long, an
 * address what an address is long, and a name what the model of ordinary names says. What comes
 * twice tells nothing the second time; so a record is cut into the pieces that come again
 * each for itself: the parameters of SVCB and HTTPS (RFC 9460) are.
 *
 * Records of DNSSEC are left out (RFC 4034, 5155, 7344): their octets look random because they
 * are, and validating clients ask for them all day.
 */
#ifndef DETECT_CONTENT_H
#define DETECT_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <warden/observation.h>

#define CONTENT_PIECES_MAX 8

struct piece {
	const uint8_t *octets; /* in the record's rdata */
	size_t len;
	double bits;
	bool common; /* handed out for many domains alike: new only once for all */
};

/* Cuts <record>. Returns how many pieces there are; 0 for what is left out. Copes with any
 * rdata; what it cannot read counts by its length.
 */
unsigned content_cut(const struct warden_record *record, struct piece piece[CONTENT_PIECES_MAX]);

#endif
