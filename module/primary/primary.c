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

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "primary/fault.h"
#include "primary/message.h"
#include "primary/request.h"
#include "primary/transfer.h"
#include "primary/update.h"

#define RETRY_FIRST SECOND
#define RETRY_MAX   (30 * SECOND)
#define TURNS       16 /* messages at a time: so many of 64 KiB take some 20 ms */
#define ADDRESS_MAX 64

static_assert(PRIMARY_UPDATE_OCTETS + MESSAGE_HEADER + KEY_NAME_MAX + 4 <= REQUEST_ROOM, "what is promised fits");

/* One of our two connections. */
struct side {
	struct request request;
	uint16_t id;
	unsigned faults;  /* in a row */
	uint64_t retry;   /* not before */
};

enum asking { ASKING_NOTHING, ASKING_SERIAL, ASKING_ZONE };

struct primary {
	struct primary_setup setup;
	char *zone_text, address_text[ADDRESS_MAX];
	uint8_t zone[LDNS_MAX_DOMAINLEN];
	size_t zone_len;
	struct sockaddr_storage address;
	socklen_t address_len;
	struct key key;
	bool heard;            /* both sides' last requests were answered, and there was one */
	bool key_works;        /* the primary has taken it, and not refused it but for an update */
	unsigned said;         /* faults, a bit each */

	struct side transfers;
	enum asking asking;
	struct transfer transfer;
	bool has_copy, wants_whole;
	uint32_t serial;       /* of the copy */
	uint64_t next;         /* when to ask for the serial number */
	bool more;             /* messages may be there already */

	struct side updates;
	bool waiting;          /* an update is written, and not sent yet */
	size_t update_len;
	uint64_t update;       /* its id */
	int said_rcode;        /* of the last update that was not taken */
};

static const struct sockaddr *address_of(const struct primary *primary)
{
	return (const struct sockaddr *)&primary->address;
}

/* --- what is said -------------------------------------------------------------------------------------------------- */

/* Ends what the side does, for now. */
static void fail(struct primary *primary, struct side *side, enum fault fault, int rcode, uint64_t now)
{
	uint64_t wait = RETRY_FIRST << (side->faults < 5 ? side->faults : 5);
	const struct request *request = &side->request;
	char text[FAULT_TEXT_MAX];

	if (wait > RETRY_MAX)
		wait = RETRY_MAX;
	side->faults++;
	side->retry = now + wait * 3 / 4 + request_chance() % (wait / 2);
	request_abandon(&side->request);
	if (primary->said & 1u << fault)
		return;
	primary->said |= 1u << fault;
	fault_text(text, fault, fault == FAULT_AWAY    ? request->error
	                        : fault == FAULT_CLOCK ? request->tsig.skew
	                        : fault == FAULT_KEY   ? request->tsig.error
	                                               : rcode);
	sentence_say(primary->setup.log, 1, "fleet-zone %s: the primary %s %s", primary->zone_text,
	             primary->address_text, text);
}

/* The side was answered. */
static void heal(struct primary *primary, struct side *side)
{
	if (side == &primary->transfers && side->faults)
		primary->updates.retry = 0; /* it is back: no need to wait */
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

/* --- transfers ----------------------------------------------------------------------------------------------------- */

static void transfers_fail(struct primary *primary, enum fault fault, int rcode, uint64_t now)
{
	transfer_free(&primary->transfer);
	primary->asking = ASKING_NOTHING;
	primary->key_works = primary->key_works && fault != FAULT_KEY;
	fail(primary, &primary->transfers, fault, rcode, now);
	primary->next = primary->transfers.retry;
}

static void rest(struct primary *primary, uint64_t now)
{
	request_done(&primary->transfers.request);
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
	              : transfer_ask(&primary->transfer, wire, side->id, primary->zone, primary->zone_len, have);
	fault = send_request(primary, side, len, now);
	if (fault)
		transfers_fail(primary, fault, 0, now);
	else
		primary->asking = asking;
}

static void take_serial(struct primary *primary, const uint8_t *message, size_t len, uint64_t now)
{
	uint32_t serial = 0;
	int rcode = transfer_read_serial(message, len, primary->transfers.id, primary->zone, primary->zone_len, &serial);

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

/* All that has come of the zone is right. */
static void tell(struct primary *primary, uint64_t now)
{
	const struct primary_setup *setup = &primary->setup;
	const struct transfer_sink sink = { setup->whole, setup->record, setup->done, setup->arg };

	primary->has_copy = transfer_tell(&primary->transfer, &sink);
	primary->wants_whole = !primary->has_copy;
	primary->serial = primary->transfer.serial;
	transfer_free(&primary->transfer);
	if (primary->has_copy)
		rest(primary, now);
	else
		transfers_fail(primary, FAULT_MEMORY, 0, now);
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
			tell(primary, now);
		else
			transfer_free(transfer), rest(primary, now);
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
	enum fault fault = request_work(&side->request, address_of(primary), primary->address_len, now, &message, &len,
	                                &is_signed);

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
	while (turns < TURNS && transfers_turn(primary, now))
		turns++;
	primary->more = turns == TURNS;
}

/* --- updates ------------------------------------------------------------------------------------------------------- */

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
	fault = request_work(&side->request, address_of(primary), primary->address_len, now, &message, &len, &is_signed);
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
		                     &is_signed); /* no answer can be there yet: this flushes */
	if (fault)
		updates_fail(primary, fault, now);
}

/* --- the whole ----------------------------------------------------------------------------------------------------- */

static bool read_address(struct primary *primary, const char *text)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&primary->address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&primary->address;
	char host[ADDRESS_MAX], *at, *end;
	unsigned long port = 53;

	if (strlen(text) >= sizeof(host))
		return false;
	memcpy(primary->address_text, text, strlen(text) + 1);
	memcpy(host, text, strlen(text) + 1);
	at = strchr(host, '@');
	if (at) {
		*at++ = '\0';
		port = strtoul(at, &end, 10);
		if (*at < '0' || *at > '9' || *end || !port || port > UINT16_MAX)
			return false;
	}
	if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		primary->address_len = sizeof(*v4);
		return true;
	}
	if (inet_pton(AF_INET6, host, &v6->sin6_addr) != 1)
		return false;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons((uint16_t)port);
	primary->address_len = sizeof(*v6);
	return true;
}

static bool read_zone(struct primary *primary, const char *text)
{
	ldns_rdf *name = ldns_dname_new_frm_str(text);
	bool fits = name && ldns_rdf_size(name) > 1 && ldns_rdf_size(name) <= sizeof(primary->zone);

	if (fits) {
		ldns_dname2canonical(name);
		primary->zone_len = ldns_rdf_size(name);
		memcpy(primary->zone, ldns_rdf_data(name), primary->zone_len);
	}
	ldns_rdf_deep_free(name);
	return fits;
}

static int set_up(struct primary *primary, const struct primary_setup *setup, char *error, size_t error_len)
{
	if (!read_zone(primary, setup->zone))
		return sentence_error(error, error_len, "fleet-zone: '%s' is no domain name", setup->zone);
	if (!read_address(primary, setup->address))
		return sentence_error(error, error_len, "fleet-primary: '%s' is neither ADDRESS nor ADDRESS@PORT",
		                      setup->address);
	if (key_read(&primary->key, setup->key_file, error, error_len))
		return -1;
	primary->zone_text = strdup(setup->zone);
	if (!primary->zone_text || !request_open(&primary->transfers.request, &primary->key) ||
	    !request_open(&primary->updates.request, &primary->key))
		return sentence_error(error, error_len, "out of memory");
	return 0;
}

struct primary *primary_open(const struct primary_setup *setup, char *error, size_t error_len)
{
	struct primary *primary = calloc(1, sizeof(*primary));

	if (!primary) {
		sentence_error(error, error_len, "out of memory");
		return NULL;
	}
	primary->setup = *setup;
	primary->setup.zone = primary->setup.address = primary->setup.key_file = NULL;
	connection_init(&primary->transfers.request.line);
	connection_init(&primary->updates.request.line);
	if (set_up(primary, setup, error, error_len)) {
		primary_close(primary);
		return NULL;
	}
	return primary;
}

void primary_close(struct primary *primary)
{
	if (!primary)
		return;
	transfer_free(&primary->transfer);
	request_close(&primary->transfers.request);
	request_close(&primary->updates.request);
	key_wipe(&primary->key);
	free(primary->zone_text);
	free(primary);
}

int primary_poll_fds(const struct primary *primary, struct pollfd fds[PRIMARY_FDS_MAX])
{
	int count = 0;

	count += connection_poll_fd(&primary->transfers.request.line, &fds[count]);
	count += connection_poll_fd(&primary->updates.request.line, &fds[count]);
	return count;
}

uint64_t primary_due(const struct primary *primary, uint64_t now)
{
	uint64_t due = now + primary->setup.poll;

	if (primary->more)
		return now;
	if (primary->asking == ASKING_NOTHING && primary->next < due)
		due = primary->next;
	if (primary->waiting && primary->updates.retry < due)
		due = primary->updates.retry;
	return due < now ? now : due;
}

void primary_work(struct primary *primary, uint64_t now)
{
	work_updates(primary, now);
	work_transfers(primary, now);
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

const uint8_t *primary_secret(const struct primary *primary, size_t *len)
{
	*len = primary->key.secret_len;
	return primary->key.secret;
}
