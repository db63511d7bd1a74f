/* SPDX-License-Identifier: BSD-3-Clause */
/* translate - Unbound's structs into an observation, a decision into an EDE.
 *
 * Every function fills in its part of an observation and borrows what it points to, so
 * the result lives no longer than the Unbound structs it was made from. Functions that
 * can meet something that is no question of a client return false; such an event is
 * not observed. Nothing here allocates, but for the option of translate_ede().
 *
 * Included after Unbound's "config.h".
 */
#ifndef UNBOUND_TRANSLATE_H
#define UNBOUND_TRANSLATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/time.h>

#include <warden/warden.h>

struct comm_reply;
struct edns_data;
struct edns_option;
struct query_info;
struct regional;
struct reply_info;
struct sldns_buffer;

/* Records that are handed to the engine of one answer; tools that carry data in answers
 * use fewer, and answers with more are ordinary.
 */
#define TRANSLATE_RECORDS_MAX 32

/* Milliseconds since 1970; 0 without a time. */
uint64_t translate_time(const struct timeval *time);

/* Client, port, transport and the PROXIED flag. False when <from> has no IP address. */
bool translate_client(struct warden_observation *obs, const struct comm_reply *from);

/* What the EDNS record of the question says: that there was one, the subnet that it is asked for
 * (EDNS Client Subnet), and whether a server cookie proves the address of who sent it. <edns> may
 * be NULL. After translate_client().
 */
void translate_edns(struct warden_observation *obs, const struct edns_data *edns);

/* Name, type and class. Where Unbound gives no <question> (chaos answers) it is read from
 * the packet that <from> has still in its buffer. False without a question.
 *
 * After a local CNAME (local-data) this is the name that is resolved in place of the
 * client's, which is the one that leaves the resolver.
 */
bool translate_question(struct warden_observation *obs, const struct query_info *question,
                        const struct comm_reply *from);

/* The ODD flags of the question in <packet>, when it is the one of <obs> that is still there: with
 * <id>, in the packet's byte order, where a packet of somebody else may have come since (NULL: not
 * so). What Unbound keeps of a question has not all of its header and OPT record. An answer to a
 * joined question leaves when its packet is gone, so these are never odd.
 */
void translate_oddities(struct warden_observation *obs, struct sldns_buffer *packet, const uint16_t *id);

/* Counts, sizes and TTLs of the answer section, without its signatures, and its records
 * into the TRANSLATE_RECORDS_MAX elements of <records> (NULL: not wanted). <rep> may be NULL:
 * no answer section. <now>, in seconds, is for TTLs that are points in time (those in
 * the cache); 0 where they are seconds left.
 *
 * The size is an estimate: header, question, compressed owner names, the answer section's
 * data without compression, and an empty OPT record.
 */
void translate_answer(struct warden_observation *obs, const struct reply_info *rep, time_t now,
                      struct warden_record *records);

/* Adds the Extended DNS Error of <decision> to <options> when the question had EDNS and
 * the decision has one: its text is the name of the detector. Allocates in <region>.
 */
void translate_ede(const struct warden_decision *decision, const struct edns_data *edns,
                   struct edns_option **options, struct regional *region);

#endif
