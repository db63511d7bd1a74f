/* SPDX-License-Identifier: BSD-3-Clause */
/* tap_event - one record of the journal as one message of dnstap, with its Policy.
 *
 *     type CLIENT_RESPONSE when there is a response code to tell: an answer, or a denial; else CLIENT_QUERY
 *     query or response message: the header and the question, nothing else: a record keeps no more
 *     policy.type    warden
 *     policy.rule    the detector, or operator
 *     policy.action  what was done; PASS for log, tag and in observe mode. dnstap knows no refusal:
 *                    LOCAL_DATA is nearest, an answer of the resolver's own, and the message says REFUSED
 *     policy.match   CLIENT_IP for a verdict about the client as a whole, else QNAME
 *     policy.value   the client's octets, or the registrable domain in wire format
 *
 * Allocates nothing.
 */
#ifndef REPORT_TAP_EVENT_H
#define REPORT_TAP_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "store/journal.h"

#define TAP_CONTENT_TYPE "protobuf:dnstap.Dnstap"
#define TAP_EVENT_MAX    2048 /* octets: two names, a host's, and what goes around them */

/* Returns the length; 0 when it does not fit, which no record brings about. */
size_t tap_event(uint8_t out[TAP_EVENT_MAX], const struct record *record, const char *hostname);

#endif
