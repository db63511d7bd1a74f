/* SPDX-License-Identifier: BSD-3-Clause */
/* spared - what is asked for lately by clients who may ask what they like: allow-client, an
 * exemption by hand, a profile that is only observed.
 *
 * A local zone knows no clients, so a domain that one of these asks for is refused to nobody. When
 * the first of them asks after it was refused, that question is lost; then the zone goes.
 *
 * A table of hashes of names, and of all names above them: a newcomer displaces what has its place,
 * which comes back with its next question. Any thread may note, and the keeper asks.
 */
#ifndef WARDEND_SPARED_H
#define WARDEND_SPARED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"

#define SPARED_PLACES 65536
#define SPARED_HOURS  24 /* for so long after a question */

struct spared {
	/* The hash but for its last 16 bits, and the hour in these; 0: nothing. */
	_Atomic uint64_t place[SPARED_PLACES];
};

/* Notes the question <obs>, if it is of such a client. */
void spared_note(struct spared *spared, struct warden *warden, const struct warden_observation *obs);

/* Whether one of them has asked for the domain or a name below it. */
bool spared_has(const struct spared *spared, const uint8_t *domain, size_t len, uint64_t now);

#endif
