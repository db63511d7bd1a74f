/* SPDX-License-Identifier: BSD-3-Clause */
/* zones - what holds become where all that can be said is a domain: local zones of Unbound.
 *
 *     hold of a domain              DOMAIN always_refuse        always_nxdomain, ... by its verdict
 *     hold of a client and domain   the same, where domain-of-pair says so
 *     exemption of a name below     NAME always_transparent     of everybody: a zone knows no clients
 *     exemption of it or above      no zone at all
 *     hold of a client              nothing: it cannot be said
 *     exemption of a client         no zone of what it asks for (spared.h)
 *
 * Pure: no file, no socket, no clock. Names are text as Unbound lists them, so that what it has can
 * be compared with what it should have.
 *
 * Invariant: a name that Unbound would list in other letters than ours (dname_str() writes '?' for
 * what is neither letter, digit, hyphen nor underscore) never becomes a zone: nobody could tell it
 * from another.
 */
#ifndef WARDEND_ZONES_H
#define WARDEND_ZONES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <warden/warden.h>

#define ZONE_NAME_MAX 254 /* octets of a name as text, last dot included */
#define ZONES_MAX     16384 /* that are wanted; */
#define KEPT_MAX      (2 * ZONES_MAX + 1) /* that are ours, while one set replaces another, and the mark */

/* In the order in which they are to be set: what opens comes before what closes. */
enum zone_kind {
	ZONE_TRANSPARENT,
	ZONE_TRUNCATE,
	ZONE_NODATA,
	ZONE_NXDOMAIN,
	ZONE_REFUSE,
	ZONE_DENY,
	ZONE_KIND_COUNT
};

/* The type of a local zone. */
extern const char *const zone_kinds[ZONE_KIND_COUNT];

struct zone {
	uint8_t kind;   /* enum zone_kind */
	uint8_t before; /* of ours: the kind that it may still have, should Unbound not have taken <kind> */
	uint8_t listed; /* the kind it was listed with, when it is <alike> */
	bool there;     /* zones_listed() has seen it, */
	bool alike;     /* and with one of its kinds */
	char name[ZONE_NAME_MAX + 1]; /* lower case, with the last dot */
};

/* A set of them, in the order of their names once it is settled. */
struct zones {
	struct zone *item;
	size_t count, room;
	bool full;      /* there were more than there is room or memory for */
};

void zones_free(struct zones *zones);
void zones_clear(struct zones *zones);

/* Adds a zone; the order is settled by zones_settle(), which also drops those of the same name but
 * the one of the strongest kind, and notes the other's as the one before. False when there are
 * ZONES_MAX or memory is short.
 */
bool zones_add(struct zones *zones, const char *name, enum zone_kind kind);
void zones_settle(struct zones *zones);

/* The same up to KEPT_MAX: for zones of ours, none of which may be forgotten while Unbound has it. */
bool zones_keep(struct zones *zones, const char *name, enum zone_kind kind);

/* The zone of exactly this name; NULL when there is none. */
struct zone *zones_find(const struct zones *zones, const char *name);

/* Writes the name at <wire> as Unbound lists it. False when that is another name's, too. */
bool zone_name(char name[ZONE_NAME_MAX + 1], const uint8_t *wire, size_t len);

/* Whether <name> is one that zone_name() writes: for what comes out of a file. */
bool zone_name_valid(const char *name);

/* What the engine tells (warden_holds()) on its way to become zones. */
struct holdings {
	struct zones denied, exempt, spared; /* spared: exempt for some clients only */
	unsigned clients;   /* held as a whole */
	unsigned unsaid;    /* names that no zone can have */
	/* Whether a hold is to become its domain's zone: that of one client, or where somebody is exempt. */
	bool (*becomes_zone)(void *arg, const struct warden_hold *hold);
	void *arg;
};

void holdings_clear(struct holdings *holdings);
void holdings_free(struct holdings *holdings);

/* For warden_holds(): <arg> is a struct holdings. */
void holdings_take(void *arg, const struct warden_hold *hold);

/* Makes the zones of what was taken. */
void holdings_zones(struct holdings *holdings, struct zones *wanted);

/* --- what Unbound has ---------------------------------------------------------------------- */

/* Forgets what was seen of <zones>. */
void zones_unlisted(struct zones *zones);

/* One line of list_local_zones, "NAME KIND": marks the zone of that name, if it is one of these. */
void zones_listed(struct zones *zones, const char *line);

/* What is to be done: <own> was set by us and is there, <wanted> should be. Zones that are there
 * and not ours are left alone: how many of <wanted> are such is returned. What is in neither list
 * is as it should be.
 */
size_t zones_compare(const struct zones *own, const struct zones *wanted, struct zones *add,
                     struct zones *remove);

#endif
