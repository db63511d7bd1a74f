/* SPDX-License-Identifier: BSD-3-Clause */
/* mirror_plan - from holds to what each local zone has to say. */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "unbound/mirror_plan.h"

#define NONE SIZE_MAX

static const uint8_t root[1]; /* wire format, and a key of no octets */

/* Weights: an order of its own for each kind of hold, and room for 127 labels in each. */
enum { WEIGHT_DOMAIN = 0, WEIGHT_CLIENT = 128, WEIGHT_PAIR = 256, WEIGHT_PASS = 384 };

/* A hold as it was told, for one family of addresses. */
struct mirror_told {
	struct mirror_entry entry;
	uint16_t weight;
	uint8_t key_len;
	uint64_t begin[2];  /* of the key, as numbers in its order: mostly all that is compared */
	size_t key_at;      /* in <keys>, which moves while it grows; */
	const uint8_t *key; /* and once it does not any more */
};

/* Octets that are not there count as zero, which no label of a longer key is as long as. */
static void begin(struct mirror_told *told, const struct mirror_key *key)
{
	uint8_t octets[16] = { 0 };

	memcpy(octets, key->octets, key->len < sizeof(octets) ? key->len : sizeof(octets));
	memcpy(told->begin, octets, sizeof(octets));
	told->begin[0] = be64toh(told->begin[0]);
	told->begin[1] = be64toh(told->begin[1]);
}

/* What was told of one name. */
struct mirror_group {
	size_t first, count;    /* in <told> */
	size_t parent;          /* the closest group above; NONE without */
	size_t passes;          /* of <count> */
	size_t cost;            /* entries, at most, but for clients held at every name */
	enum { NOTHING, OWN, WHOLE } share;
	size_t shown;           /* the closest place at or above; NONE without */
};

int mirror_key_compare(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return order ? order : (a_len > b_len) - (a_len < b_len);
}

void mirror_key(struct mirror_key *key, const uint8_t *wire)
{
	const uint8_t *end = wire;
	uint8_t *at;

	while (*end && *end < 64 && end - wire + *end < 254)
		end += *end + 1;
	key->len = (uint8_t)(end - wire);
	at = key->octets + key->len;
	while (wire < end) {
		unsigned len = *wire + 1u;

		at -= len;
		at[0] = *wire;
		for (unsigned i = 1; i < len; i++)
			at[i] = (uint8_t)(wire[i] | (wire[i] >= 'A' && wire[i] <= 'Z') << 5);
		wire += len;
	}
}

size_t mirror_key_wire(const uint8_t *key, size_t len, uint8_t wire[256], int *labels)
{
	size_t at = len;

	*labels = 1;
	wire[len] = 0;
	for (size_t i = 0; i < len; i += key[i] + 1u) {
		at -= key[i] + 1u;
		memcpy(wire + at, key + i, key[i] + 1u);
		(*labels)++;
	}
	return len + 1;
}

void mirror_plan_free(struct mirror_plan *plan)
{
	free(plan->places);
	free(plan->entries);
	free(plan->told);
	free(plan->keys);
	free(plan->groups);
	free(plan->candidates);
	memset(plan, 0, sizeof(*plan));
}

void mirror_plan_clear(struct mirror_plan *plan)
{
	plan->place_count = plan->told_count = plan->keys_len = plan->left_out = 0;
	plan->sum = 0;
	plan->out_of_memory = false;
}

/* Makes room for <wanted> elements of <size> octets at *<array>. */
static bool make_room(void *array, size_t *max, size_t wanted, size_t size)
{
	void *old, *grown;
	size_t more = *max ? *max : 64;

	if (wanted <= *max)
		return true;
	while (more < wanted)
		more *= 2;
	memcpy(&old, array, sizeof(old));
	grown = realloc(old, more * size);
	if (!grown)
		return false;
	memcpy(array, &grown, sizeof(grown));
	*max = more;
	return true;
}

/* Zero behind the prefix, so that equal prefixes are equal octets. */
static void cut(uint8_t address[16], unsigned prefix)
{
	for (unsigned i = 0; i < 16; i++, prefix -= prefix < 8 ? prefix : 8)
		if (prefix < 8)
			address[i] &= (uint8_t)(0xff00 >> prefix);
}

static void tell(struct mirror_plan *plan, const struct mirror_told *told)
{
	if (make_room(&plan->told, &plan->told_max, plan->told_count + 1, sizeof(*plan->told)))
		plan->told[plan->told_count++] = *told;
	else
		plan->out_of_memory = true;
}

/* FNV-1a, and nobody's secret: a sum is compared only for holds that have ended. */
static uint64_t sum_of(uint64_t sum, const void *data, size_t len)
{
	for (const uint8_t *octet = data; len--; octet++)
		sum = (sum ^ *octet) * UINT64_C(0x100000001b3);
	return sum;
}

void mirror_plan_add(void *arg, const struct warden_hold *hold)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct mirror_plan *plan = arg;
	struct mirror_told told = { .key_at = plan->keys_len };
	struct mirror_key key;
	bool any_client = hold->prefix == 0;

	mirror_key(&key, hold->domain ? hold->domain : root);
	told.key_len = key.len;
	begin(&told, &key);
	if (!make_room(&plan->keys, &plan->keys_max, plan->keys_len + key.len + 1, 1)) {
		plan->out_of_memory = true;
		return;
	}
	memcpy(plan->keys + plan->keys_len, key.octets, key.len);
	plan->keys_len += key.len;
	for (size_t i = 0; i < key.len; i += key.octets[i] + 1u)
		told.weight++;
	told.weight = (uint16_t)(told.weight + (hold->verdict == WARDEN_PASS ? WEIGHT_PASS :
	                                        any_client ? WEIGHT_DOMAIN :
	                                        key.len ? WEIGHT_PAIR : WEIGHT_CLIENT));
	/* A zone that drops would end a stream, with the client's other questions on it. */
	told.entry.verdict = hold->verdict == WARDEN_DROP ? WARDEN_REFUSE : (uint8_t)hold->verdict;
	if (any_client) {
		tell(plan, &told);
		told.entry.is_v6 = 1;
	} else if (hold->prefix >= 96 && !memcmp(hold->client, mapped, sizeof(mapped))) {
		memcpy(told.entry.address, hold->client + 12, 4);
		told.entry.prefix = (uint8_t)(hold->prefix - 96);
	} else {
		memcpy(told.entry.address, hold->client, 16);
		told.entry.prefix = hold->prefix > 128 ? 128 : (uint8_t)hold->prefix;
		told.entry.is_v6 = 1;
	}
	cut(told.entry.address, told.entry.prefix);
	tell(plan, &told);
	plan->sum = sum_of(plan->sum + UINT64_C(0xcbf29ce484222325), &told.entry, sizeof(told.entry));
	plan->sum = sum_of(plan->sum, key.octets, key.len);
}

static int by_name(const void *left, const void *right)
{
	const struct mirror_told *a = left, *b = right;

	for (int i = 0; i < 2; i++)
		if (a->begin[i] != b->begin[i])
			return a->begin[i] < b->begin[i] ? -1 : 1;
	return mirror_key_compare(a->key, a->key_len, b->key, b->key_len);
}

/* What is around something comes before it, and of two alike the heavier first. */
static int by_address(const void *left, const void *right)
{
	const struct mirror_told *a = left, *b = right;
	int order;

	if (a->entry.is_v6 != b->entry.is_v6)
		return a->entry.is_v6 - b->entry.is_v6;
	order = memcmp(a->entry.address, b->entry.address, sizeof(a->entry.address));
	if (!order)
		order = a->entry.prefix - b->entry.prefix;
	if (!order)
		order = b->weight - a->weight;
	return order ? order : b->entry.verdict - a->entry.verdict;
}

static bool is_around(const struct mirror_entry *around, const struct mirror_entry *entry)
{
	uint8_t address[16];

	if (around->is_v6 != entry->is_v6 || around->prefix > entry->prefix)
		return false;
	memcpy(address, entry->address, sizeof(address));
	cut(address, around->prefix);
	return !memcmp(address, around->address, sizeof(address));
}

/* Takes out of <count> candidates what is overruled, and what changes nothing. Returns how many are
 * left. Those around the one at hand, in a chain, are never heavier than it: what is lighter than
 * the one around it was taken out.
 */
static size_t settle(struct mirror_told *candidates, size_t count)
{
	const struct mirror_told *chain[129];
	size_t depth = 0, left = 0, read = 0, kept = 0;

	if (count < 2)
		return count && candidates->entry.verdict != WARDEN_PASS;
	qsort(candidates, count, sizeof(*candidates), by_address);
	/* What is overruled goes first. <chain> points to what has found its place. */
	for (; read < count; read++) {
		while (depth && !is_around(&chain[depth - 1]->entry, &candidates[read].entry))
			depth--;
		if (depth && (chain[depth - 1]->weight > candidates[read].weight ||
		              chain[depth - 1]->entry.prefix == candidates[read].entry.prefix))
			continue;
		candidates[kept] = candidates[read];
		chain[depth++] = &candidates[kept++];
	}
	depth = 0;
	for (read = 0; read < kept; read++) {
		uint8_t around;

		while (depth && !is_around(&chain[depth - 1]->entry, &candidates[read].entry))
			depth--;
		around = depth ? chain[depth - 1]->entry.verdict : WARDEN_PASS;
		chain[depth++] = &candidates[read];
		candidates[read].weight = candidates[read].entry.verdict != around; /* is to stay */
	}
	for (read = 0; read < kept; read++)
		if (candidates[read].weight)
			candidates[left++] = candidates[read];
	return left;
}

/* Sorts what was told into groups by name. Returns how many; NONE without memory. */
static size_t group(struct mirror_plan *plan, bool keep_root)
{
	size_t count = 0;

	for (size_t i = 0; i < plan->told_count; i++)
		plan->told[i].key = plan->keys + plan->told[i].key_at;
	if (plan->told_count)
		qsort(plan->told, plan->told_count, sizeof(*plan->told), by_name);
	if (!make_room(&plan->groups, &plan->groups_max, plan->told_count + 1, sizeof(*plan->groups)))
		return NONE;
	if (keep_root && (!plan->told_count || plan->told[0].key_len))
		plan->groups[count++] = (struct mirror_group){ .parent = NONE };
	for (size_t i = 0; i < plan->told_count; i++) {
		const struct mirror_told *told = &plan->told[i];

		if (!i || by_name(told - 1, told)) {
			size_t parent = count - 1;

			for (; parent != NONE; parent = plan->groups[parent].parent) {
				const struct mirror_told *above = plan->told + plan->groups[parent].first;

				/* The root that nothing was told of has no <told>. */
				if (!plan->groups[parent].count ||
				    (above->key_len <= told->key_len && !memcmp(above->key, told->key, above->key_len)))
					break;
			}
			plan->groups[count++] = (struct mirror_group){ .first = i, .parent = parent };
		}
		plan->groups[count - 1].count++;
		plan->groups[count - 1].passes += told->entry.verdict == WARDEN_PASS;
	}
	return count;
}

static bool is_root(const struct mirror_plan *plan, const struct mirror_group *of)
{
	return !of->count || !plan->told[of->first].key_len;
}

/* Gives out the room: what is about a name itself before what is about clients at every name. */
static void share_out(struct mirror_plan *plan, size_t count, size_t limit)
{
	size_t clients = 0;

	for (size_t i = 0; i < count; i++) {
		struct mirror_group *of = &plan->groups[i];

		of->cost = of->count;
		if (of->parent != NONE && is_root(plan, &plan->groups[of->parent])) {
			of->cost += plan->groups[of->parent].passes;
			clients = plan->groups[of->parent].count - plan->groups[of->parent].passes;
		} else if (of->parent != NONE) {
			of->cost += plan->groups[of->parent].cost;
		}
		of->share = of->cost <= limit ? OWN : NOTHING;
		if (of->share == OWN)
			limit -= of->cost;
		else
			plan->left_out += of->count - of->passes;
	}
	for (size_t i = 0; i < count; i++) {
		struct mirror_group *of = &plan->groups[i];

		if (of->share != OWN)
			continue;
		if (is_root(plan, of) || clients <= limit)
			of->share = WHOLE;
		else
			plan->left_out += clients;
		if (of->share == WHOLE && !is_root(plan, of))
			limit -= clients;
	}
}

/* Collects what is in force at <of>: what was told of it and of all names above. NONE without memory. */
static size_t collect(struct mirror_plan *plan, const struct mirror_group *of)
{
	bool whole = of->share == WHOLE;
	size_t count = 0;

	if (of->share == NOTHING)
		return 0;
	for (;; of = &plan->groups[of->parent]) {
		bool clients = whole || !is_root(plan, of);

		if (!make_room(&plan->candidates, &plan->candidates_max, count + of->count,
		               sizeof(*plan->candidates)))
			return NONE;
		for (size_t i = of->first; i < of->first + of->count; i++)
			if (clients || plan->told[i].entry.verdict == WARDEN_PASS)
				plan->candidates[count++] = plan->told[i];
		if (of->parent == NONE)
			return count;
	}
}

/* Whether the <count> candidates are what the place <above> says already. */
static bool says_the_same(const struct mirror_plan *plan, size_t above, size_t count)
{
	if (above == NONE)
		return !count; /* where there is no place, everything passes */
	if (plan->places[above].count != count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (memcmp(&plan->entries[plan->places[above].first + i], &plan->candidates[i].entry,
		           sizeof(plan->candidates[i].entry)))
			return false;
	return true;
}

bool mirror_plan_make(struct mirror_plan *plan, bool keep_root, size_t limit)
{
	size_t count = plan->out_of_memory ? NONE : group(plan, keep_root), used = 0;

	if (count == NONE ||
	    !make_room(&plan->places, &plan->places_max, count, sizeof(*plan->places)))
		return false;
	share_out(plan, count, limit);
	plan->place_count = 0;
	for (size_t i = 0; i < count; i++) {
		struct mirror_group *of = &plan->groups[i];
		const struct mirror_told *told = of->count ? &plan->told[of->first] : NULL;
		size_t found;

		of->shown = of->parent == NONE ? NONE : plan->groups[of->parent].shown;
		/* Without room the place above speaks for this one, unless somebody is exempt here. */
		if (of->share == NOTHING && !of->passes && !is_root(plan, of))
			continue;
		found = collect(plan, of);
		if (found == NONE ||
		    !make_room(&plan->entries, &plan->entries_max, used + found, sizeof(*plan->entries)))
			return false;
		found = settle(plan->candidates, found);
		if (says_the_same(plan, of->shown, found) && !(keep_root && is_root(plan, of)))
			continue;
		of->shown = plan->place_count;
		plan->places[plan->place_count++] = (struct mirror_planned){
			.key = told ? told->key : root,
			.key_len = told ? told->key_len : 0,
			.first = used,
			.count = found,
		};
		for (size_t j = 0; j < found; j++)
			plan->entries[used++] = plan->candidates[j].entry;
	}
	return true;
}
