/* SPDX-License-Identifier: BSD-3-Clause */
/* state - what there is to know of a primary, between primary.c and open.c. */
#ifndef PRIMARY_STATE_H
#define PRIMARY_STATE_H

#include "primary/fault.h"
#include "primary/primary.h"
#include "primary/request.h"
#include "primary/transfer.h"

/* One of our two connections. */
struct side {
	struct request request;
	uint16_t id;
	unsigned faults;  /* in a row */
	uint64_t retry;   /* not before */
};

/* The last of these: all has come, and is being told. */
enum asking { ASKING_NOTHING, ASKING_SERIAL, ASKING_ZONE, ASKING_TOLD };

struct primary {
	struct primary_setup setup;
	char *zone_text, *address_text, *below, *self; /* of the setup */
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
	bool half;             /* the caller has been told a part of a copy, and not yet the rest */
	uint32_t serial;       /* of the copy */
	uint64_t next;         /* when to ask for the serial number */
	bool more;             /* messages may be there already */
	bool said_left_out;    /* that records of the zone are */

	struct side updates;
	bool waiting;          /* an update is written, and not sent yet */
	size_t update_len;
	uint64_t update;       /* its id */
	int said_rcode;        /* of the last update that was not taken */
};

#endif
