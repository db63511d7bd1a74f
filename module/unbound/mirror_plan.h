/* SPDX-License-Identifier: BSD-3-Clause */
/* mirror_plan - from holds to what each local zone has to say: whom it meets, and what happens then.
 *
 * Unbound looks at one zone, the closest to the name, and there at one entry, the one with the longest
 * prefix around the client's address. So everything that is in force for a name has to be at the
 * closest place, and entries that would be overruled by a longer prefix must not be there:
 *
 *     hold  192.0.2.7   any            .             192.0.2.7 REFUSE
 *     hold  192.0.2.9   example.net    example.net   192.0.2.7 REFUSE, 192.0.2.9 REFUSE
 *     hold  any         t.example.net  t.example.net 0.0.0.0/0 REFUSE, ::/0 REFUSE
 *     pass  192.0.2.7   t.example.net                192.0.2.7 PASS
 *
 * An exemption goes before a pair's hold, that before a client's, that before a domain's, and of two
 * alike that of the longer name; <weight> is that order in a number. What lies within the prefix of
 * something heavier is left out. What says the same as the entry around it, or as the place above, is
 * left out as well.
 *
 * Clients that are held at every name would need an entry at every place, so the number of entries is
 * limited: the first that then are left out are such clients' holds, at places other than the root.
 * Never an exemption, without leaving out what it exempts from.
 *
 * Knows nothing of Unbound. Invariant: a place is there if and only if what it says differs from what
 * the place above says; places are sorted, parents before what is below.
 */
#ifndef UNBOUND_MIRROR_PLAN_H
#define UNBOUND_MIRROR_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <warden/warden.h>

/* A name in an order in which all names below one come right behind it: its labels with the last one
 * first, in lower case, without the root's. So one is below another when it begins with it.
 */
struct mirror_key {
	uint8_t len;
	uint8_t octets[255];
};

/* <wire> is a whole name without compression. */
void mirror_key(struct mirror_key *key, const uint8_t *wire);

/* Writes the name back in wire format. Returns how many octets; <labels> counts the root's, too. */
size_t mirror_key_wire(const uint8_t *key, size_t len, uint8_t wire[256], int *labels);

int mirror_key_compare(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len);

/* Whom a place meets. No padding: compared as a whole. */
struct mirror_entry {
	uint8_t address[16]; /* an IPv4 address in the first four, others zero */
	uint8_t is_v6;
	uint8_t prefix;      /* of 32, or 128 */
	uint8_t verdict;     /* enum warden_verdict: PASS, or one that denies; never DROP */
	uint8_t unused;      /* 0 */
};

struct mirror_planned {
	const uint8_t *key;
	uint8_t key_len;
	size_t first, count; /* in <entries>, sorted by family, address and prefix */
};

struct mirror_told;
struct mirror_group;

struct mirror_plan {
	struct mirror_planned *places;
	size_t place_count;
	struct mirror_entry *entries;
	size_t left_out; /* entries that there was no room for */
	uint64_t sum;    /* over the holds: the same for the same ones, added in the same order */

	/* How it is made. All memory is kept for the next time. */
	bool out_of_memory;
	struct mirror_told *told;
	size_t told_count, told_max;
	uint8_t *keys;
	size_t keys_len, keys_max;
	struct mirror_group *groups;
	size_t groups_max, places_max, entries_max;
	struct mirror_told *candidates;
	size_t candidates_max;
};

/* All zeros is an empty plan. */
void mirror_plan_free(struct mirror_plan *plan);

/* Forgets all holds. */
void mirror_plan_clear(struct mirror_plan *plan);

/* Adds one. <plan> is a void * so that warden_holds() can call this. */
void mirror_plan_add(void *plan, const struct warden_hold *hold);

/* Makes the places from the holds. <keep_root>: the root is a place even when it has nothing to say.
 * False when memory ran out.
 */
bool mirror_plan_make(struct mirror_plan *plan, bool keep_root, size_t limit);

#endif
