/* SPDX-License-Identifier: BSD-3-Clause */
/* primary - what is asked when, and what is done when it is not answered.
 *
 *     transfers   every fleet-poll: SOA? -- as before --> rest
 *                                   `-- later --> IXFR --> tell, rest
 *                                   |               `-- refused, nonsense --> AXFR
 *                                   `-- the first, or earlier --> AXFR --> tell, rest
 *     updates     update --> answered
 *
 * A serial number that goes back is a primary that was set up anew: its zone is the truth whatever it says, as long as
 * it has the key. Any fault closes that side's connection and lets it wait, 1 second and twice as long each time up to
 * 30, a quarter more or less at random, so that a fleet does not come back all at once. But where the key is good for
 * all else, an update that it is not good for is refused like any other: so Knot says what its acl does not allow.
 *
 * Said is what changes: the first fault of each kind, and the end of all.
 */
#include "primary/primary.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "primary/message.h"
#include "primary/state.h"
#include "primary/update.h"

#define RETRY_FIRST SECOND
#define RETRY_MAX   (30 * SECOND)
#define FORGET      MINUTE /* by then who still wants it has sent it again */
#define TURNS       16 /* messages at a time: so many of 64 KiB take some 20 ms */

static_assert(PRIMARY_UPDATE_OCTETS + MESSAGE_HEADER + KEY_NAME_MAX + 4 <= REQUEST_ROOM, "what is promised fits");

static const struct sockaddr *address_of(const struct primary *primary)
{
	return (const struct sockaddr *)&primary->address;
}

/* --- what is said ------------------------------------------------------------------------------------- */

/* Ends what the side does, for now. */
static void fail(struct primary *primary, struct side *side, enum fault fault, int rcode, uint64_t now)
{
	uint64_t wait = RETRY_FIRST << (side->faults < 5 ? side->faults : 5);
	const struct request *request = &side->request;

	if (wait > RETRY_MAX)
		wait = RETRY_MAX;
	side->faults++;
	side->retry = now + wait * 3 / 4 + request_chance() % (wait / 2);
	request_abandon(&side->request);
	fault_text(primary->fault, fault, fault == FAULT_AWAY || fault == FAULT_UNSIGNED ? request->error
	                                  : fault == FAULT_CLOCK                         ? request->tsig.skew
	                                  : fault == FAULT_KEY                           ? request->tsig.error
	                                                                                 : rcode);
	if (primary->said & 1u << fault)
		return;
	primary->said |= 1u << fault;
	sentence_say(primary->setup.log, 1, "fleet-zone %s: the primary %s %s", primary->zone_text,
	             primary->address_text, primary->fault);
}

/* The side was answered. */
static void heal(struct primary *primary, struct side *side)
{
	if (side == &primary->transfers && side->faults) {
		/* It is back: no need to wait, nor to call it away because of an update that nobody may send again. */
		primary->updates.retry = 0;
		primary->updates.faults = 0;
	}
	side->faults = 0;
	side->retry = 0;
	primary->heard = primary->key_works = true;
	if (primary->said && primary_up(primary)) {
		primary->said = 0;
		sentence_say(primary->setup.log, 0, "fleet-zone %s: the primary %s answers", primary->zone_text,
		             primary->address_text);
	}
}

/* Whether the side may ask again. A clock that stepped back would let it wait for ever. */
static bool may_ask(struct side *side, uint64_t now)
{
	if (side->retry > now + 2 * RETRY_MAX)
		side->retry = now;
	return now >= side->retry;
}

static enum fault send_request(struct primary *primary, struct side *side, size_t len, uint64_t now)
{
	return request_send(&side->request, address_of(primary), primary->address_len, len, now);
}

/* --- transfers ---------------------------------------------------------------------------------------- */

static void transfers_fail(struct primary *primary, enum fault fault, int rcode, uint64_t now)
{
	transfer_free(&primary->transfer);
	primary->asking = ASKING_NOTHING;
	primary->key_works = primary->key_works && fault != FAULT_KEY;
	fail(primary, &primary->transfers, fault, rcode, now);
	primary->next = primary->transfers.retry;
}

/* An update that came to nothing, and that nobody has sent again, is no reason to call away who has answered since. */
static void forget_update(struct primary *primary, uint64_t now)
{
	struct side *side = &primary->updates;

	if (!side->faults || primary->waiting || side->request.under_way ||
	    clock_since(now, side->request.asked) < FORGET)
		return;
	side->faults = 0;
	side->retry = 0;
}

static void rest(struct primary *primary, uint64_t now)
{
	request_done(&primary->transfers.request);
	forget_update(primary, now);
	primary->asking = ASKING_NOTHING;
	primary->next = now + primary->setup.poll;
	heal(primary, &primary->transfers);
}

static void ask(struct primary *primary, enum asking asking, uint64_t now)
{
	struct side *side = &primary->transfers;
	uint8_t *wire = connection_message(&side->request.line);
	const uint32_t *have = primary->has_copy && !primary->wants_whole ? &primary->serial : NULL;
	enum fault fault;
	size_t len;

	side->id = (uint16_t)request_chance();
	len = asking == ASKING_SERIAL
	              ? transfer_ask_serial(wire, side->id, primary->zone, primary->zone_len)
	              : transfer_ask(&primary->transfer, wire, side->id, primary->zone, primary->zone_len, have,
	                             &primary->setup.rules);
	fault = send_request(primary, side, len, now);
	if (fault)
		transfers_fail(primary, fault, 0, now);
	else
		primary->asking = asking;
}

static void take_serial(struct primary *primary, const uint8_t *message, size_t len, uint64_t now)
{
	uint32_t serial = 0;
	int rcode = transfer_read_serial(message, len, primary->transfers.id, primary->zone, primary->zone_len,
	                                 &serial);

	if (rcode) {
		transfers_fail(primary, rcode < 0 ? FAULT_MALFORMED : FAULT_RCODE, rcode, now);
	} else if (primary->has_copy && serial == primary->serial) {
		rest(primary, now);
	} else {
		request_done(&primary->transfers.request);
		primary->wants_whole = primary->wants_whole || !transfer_is_later(primary->serial, serial);
		ask(primary, ASKING_ZONE, now);
	}
}

/* Says once that there is more in the zone than anybody needs. */
static void say_left_out(struct primary *primary)
{
	const struct transfer *transfer = &primary->transfer;

	if (transfer->left_out && !primary->said_left_out)
		sentence_say(primary->setup.log, 1,
		             "fleet-zone %s: %" PRIu64 " records are left out: they are longer than any vote, or more "
		             "than one node may have", primary->zone_text, transfer->left_out);
	primary->said_left_out = transfer->left_out || (primary->said_left_out && !transfer->whole);
}

/* Goes on telling what has come of the zone, all of which is right. Nothing else is asked meanwhile. */
static void tell(struct primary *primary, uint64_t now)
{
	const struct primary_setup *setup = &primary->setup;
	const struct transfer_sink sink = { setup->whole, setup->record, setup->done, setup->arg };
	enum transfer_result result = transfer_tell(&primary->transfer, &sink, PRIMARY_TOLD_AT_ONCE);

	primary->half = result != TRANSFER_WHOLE;
	if (result == TRANSFER_MORE)
		return;
	primary->has_copy = result == TRANSFER_WHOLE;
	primary->wants_whole = !primary->has_copy;
	primary->serial = primary->transfer.serial;
	if (!primary->has_copy) {
		transfers_fail(primary, FAULT_MEMORY, 0, now);
		return;
	}
	say_left_out(primary);
	transfer_free(&primary->transfer);
	rest(primary, now);
}

/* A request for what has changed came to nothing: all is asked for, at once. */
static void fall_back(struct primary *primary, bool keep_line, uint64_t now)
{
	transfer_free(&primary->transfer);
	primary->wants_whole = true;
	if (keep_line)
		request_done(&primary->transfers.request);
	else
		request_abandon(&primary->transfers.request);
	ask(primary, ASKING_ZONE, now);
}

/* It is told from now on, slice by slice. */
static void all_is_here(struct primary *primary)
{
	request_done(&primary->transfers.request);
	primary->asking = ASKING_TOLD;
}

static void nothing_is_new(struct primary *primary, uint64_t now)
{
	transfer_free(&primary->transfer);
	rest(primary, now);
}

static void take_zone(struct primary *primary, const uint8_t *message, size_t len, bool is_signed, uint64_t now)
{
	struct transfer *transfer = &primary->transfer;
	enum transfer_result result = transfer_take(transfer, message, len);

	switch (result) {
	case TRANSFER_MORE:
		return;
	case TRANSFER_WHOLE:
	case TRANSFER_SAME:
		if (!is_signed) /* the last message must be, or all of the rest would be anybody's */
			transfers_fail(primary, FAULT_UNSIGNED, 0, now);
		else if (result == TRANSFER_WHOLE)
			all_is_here(primary);
		else
			nothing_is_new(primary, now);
		return;
	case TRANSFER_REFUSED:
	case TRANSFER_MALFORMED:
		if (transfer->incremental)
			fall_back(primary, result == TRANSFER_REFUSED, now);
		else
			transfers_fail(primary, result == TRANSFER_REFUSED ? FAULT_RCODE : FAULT_MALFORMED,
			               transfer->rcode, now);
		return;
	case TRANSFER_TOO_LARGE:
		if (transfer->incremental && !transfer->whole) /* many changes are no large zone */
			fall_back(primary, false, now);
		else
			transfers_fail(primary, FAULT_TOO_LARGE, 0, now);
		return;
	case TRANSFER_NO_MEMORY:
		transfers_fail(primary, FAULT_MEMORY, 0, now);
		return;
	}
}

/* Takes a message, if there is one; false when there is none. */
static bool transfers_turn(struct primary *primary, uint64_t now)
{
	struct side *side = &primary->transfers;
	bool is_signed = false;
	uint8_t *message;
	size_t len = 0;
	enum fault fault = request_work(&side->request, address_of(primary), primary->address_len, now, &message,
	                                &len, &is_signed);

	if (fault)
		transfers_fail(primary, fault, 0, now);
	else if (message && primary->asking == ASKING_SERIAL)
		take_serial(primary, message, len, now);
	else if (message && primary->asking == ASKING_ZONE)
		take_zone(primary, message, len, is_signed, now);
	return !fault && message;
}

static void work_transfers(struct primary *primary, uint64_t now)
{
	unsigned turns = 0;

	if (primary->next > now + primary->setup.poll + 2 * RETRY_MAX)
		primary->next = now; /* the clock stepped back */
	if (primary->asking == ASKING_NOTHING && now >= primary->next && may_ask(&primary->transfers, now))
		ask(primary, ASKING_SERIAL, now);
	while (turns < TURNS && primary->asking != ASKING_TOLD && transfers_turn(primary, now))
		turns++;
	primary->more = turns == TURNS;
	if (primary->asking == ASKING_TOLD)
		tell(primary, now);
}

/* --- updates ------------------------------------------------------------------------------------------ */

enum primary_taken primary_update(struct primary *primary, uint64_t id, const ldns_rr_list *add,
                                  const ldns_rr_list *remove)
{
	struct side *side = &primary->updates;

	if (primary->waiting || side->request.under_way)
		return PRIMARY_BUSY;
	side->id = (uint16_t)request_chance();
	primary->update = id;
	primary->update_len = update_write(connection_message(&side->request.line), REQUEST_ROOM, side->id,
	                                   primary->zone, primary->zone_len, add, remove);
	primary->waiting = primary->update_len;
	return primary->waiting ? PRIMARY_TAKEN : PRIMARY_TOO_LARGE;
}

/* The primary has said <rcode> to an update; <answer> says so to who has asked for it. */
static void updates_end(struct primary *primary, int rcode, int answer, uint64_t now)
{
	char name[FAULT_RCODE_MAX];

	heal(primary, &primary->updates);
	if (rcode && rcode != primary->said_rcode)
		sentence_say(primary->setup.log, 1, "fleet-zone %s: the primary %s does not take an update: %s",
		             primary->zone_text, primary->address_text, fault_rcode(name, rcode));
	primary->said_rcode = rcode;
	if (!rcode)
		primary->next = primary->asking == ASKING_NOTHING ? now : primary->next; /* the zone has changed */
	primary->setup.answered(primary->setup.arg, primary->update, answer);
}

static void updates_fail(struct primary *primary, enum fault fault, uint64_t now)
{
	primary->waiting = false;
	if (fault == FAULT_KEY && primary->key_works) {
		updates_end(primary, LDNS_RCODE_NOTAUTH, PRIMARY_NOT_OURS, now);
		return;
	}
	fail(primary, &primary->updates, fault, 0, now);
	primary->setup.answered(primary->setup.arg, primary->update, PRIMARY_NO_ANSWER);
}

static void take_answer(struct primary *primary, const uint8_t *message, size_t len, uint64_t now)
{
	int rcode = update_read(message, len, primary->updates.id);

	if (rcode < 0) {
		updates_fail(primary, FAULT_MALFORMED, now);
		return;
	}
	request_done(&primary->updates.request);
	updates_end(primary, rcode, rcode, now);
}

static void work_updates(struct primary *primary, uint64_t now)
{
	struct side *side = &primary->updates;
	bool is_signed = false;
	uint8_t *message;
	size_t len = 0;
	enum fault fault;

	/* First what comes, for it may be the end of the connection that we would send over. */
	fault = request_work(&side->request, address_of(primary), primary->address_len, now, &message, &len,
	                     &is_signed);
	if (fault)
		updates_fail(primary, fault, now);
	else if (message)
		take_answer(primary, message, len, now);
	if (!primary->waiting || side->request.under_way || !may_ask(side, now))
		return;
	primary->waiting = false;
	fault = send_request(primary, side, primary->update_len, now);
	if (!fault)
		fault = request_work(&side->request, address_of(primary), primary->address_len, now, &message, &len,
		                     &is_signed); /* this flushes; and when we were kept waiting, the answer is there already */
	if (fault)
		updates_fail(primary, fault, now);
	else if (message)
		take_answer(primary, message, len, now);
}

/* --- the whole ---------------------------------------------------------------------------------------- */

int primary_poll_fds(const struct primary *primary, struct pollfd fds[PRIMARY_FDS_MAX])
{
	int count = 0;

	count += connection_poll_fd(&primary->transfers.request.line, &fds[count]);
	count += connection_poll_fd(&primary->updates.request.line, &fds[count]);
	return count;
}

uint64_t primary_due(const struct primary *primary, uint64_t now)
{
	/* After a fault, not before the side may ask again, whatever makes it want to. */
	uint64_t next = primary->next > primary->transfers.retry ? primary->next : primary->transfers.retry;
	uint64_t due = now + primary->setup.poll;

	if (primary->more || primary->asking == ASKING_TOLD)
		return now;
	if (primary->asking == ASKING_NOTHING && next < due)
		due = next;
	if (primary->waiting && primary->updates.retry < due)
		due = primary->updates.retry;
	return due < now ? now : due;
}

void primary_work(struct primary *primary, uint64_t now)
{
	work_updates(primary, now);
	work_transfers(primary, now);
}

bool primary_is_telling(const struct primary *primary)
{
	return primary->half;
}

void primary_again(struct primary *primary)
{
	primary->has_copy = false;
	primary->wants_whole = true;
}

bool primary_up(const struct primary *primary)
{
	return primary->heard && !primary->transfers.faults && !primary->updates.faults;
}

const char *primary_address(const struct primary *primary)
{
	return primary->address_text;
}

const char *primary_fault(const struct primary *primary)
{
	return primary->fault;
}

const uint8_t *primary_secret(const struct primary *primary, size_t *len)
{
	*len = primary->key.secret_len;
	return primary->key.secret;
}
