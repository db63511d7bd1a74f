/* SPDX-License-Identifier: BSD-3-Clause */
/* parts - offsets and views; what a part is made of is known to its own file. */
#include "base/clock.h"
#include "store/elsewhere.h"
#include "store/parts.h"

#define CAPACITY_MAX (UINT32_C(1) << 28)

/* Key, from its first word on, then data; see layout.h. */
static const struct table_shape client_shape = { CLIENT_ADDRESS, 2, CLIENT_DATA, CLIENT_WORDS };
static const struct table_shape pair_shape = { PAIR_CLIENT, 3, PAIR_DATA, PAIR_WORDS };
static const struct table_shape domain_shape = { DOMAIN_NAME, DOMAIN_NAME_WORDS, DOMAIN_DATA, DOMAIN_WORDS };
static const struct table_shape delegation_shape = { DELEGATION_CLIENT, 3, DELEGATION_DATA, DELEGATION_WORDS };
static const struct table_shape hold_shape = { HOLD_CLIENT, HOLD_HITS, HOLD_EXPIRES, HOLD_WORDS };

const uint64_t filter_age[FILTER_COUNT] = {
	[FILTER_NAMES] = DAY,
	[FILTER_AUDIENCE] = DAY,
	[FILTER_RECENT] = 10 * SECOND,
	[FILTER_MEMORY] = 30 * DAY,
};

/* Where each part begins. */
struct offsets {
	size_t banks, norms, clients, pairs, domains, delegations, holds, filter[FILTER_COUNT], journal, outbox,
	       elsewhere, end;
};

static size_t pages(size_t size)
{
	return (size + SEGMENT_PAGE - 1) / SEGMENT_PAGE * SEGMENT_PAGE;
}

static struct offsets offsets_of(const struct segment_sizes *sizes)
{
	struct offsets at;

	at.banks = SEGMENT_PAGE;
	at.norms = at.banks + pages(BANK_COUNT * sizeof(struct bank));
	at.clients = at.norms + pages(sizeof(struct norms));
	at.pairs = at.clients + pages(table_size(sizes->clients, &client_shape));
	at.domains = at.pairs + pages(table_size(sizes->pairs, &pair_shape));
	at.delegations = at.domains + pages(table_size(sizes->domains, &domain_shape));
	at.holds = at.delegations + pages(table_size(sizes->delegations, &delegation_shape));
	at.journal = at.holds + pages(table_size(sizes->holds, &hold_shape));
	for (unsigned i = 0; i < FILTER_COUNT; i++) {
		at.filter[i] = at.journal;
		at.journal += pages(filter_size(sizes->filter_blocks[i]));
	}
	at.outbox = at.journal + pages(journal_size(sizes->journal));
	at.elsewhere = at.outbox + pages(ring_size(sizes->outbox));
	at.end = at.elsewhere + pages(elsewhere_size(sizes->elsewhere));
	return at;
}

size_t parts_size(const struct segment_sizes *sizes)
{
	return offsets_of(sizes).end;
}

void parts_view(struct mapping *mapping, void *memory, const struct segment_sizes *sizes)
{
	struct offsets at = offsets_of(sizes);
	unsigned char *base = memory;

	mapping->header = memory;
	mapping->size = at.end;
	mapping->banks = (struct bank *)(void *)(base + at.banks);
	mapping->norms = (struct norms *)(void *)(base + at.norms);
	table_view(&mapping->clients, base + at.clients, sizes->clients, &client_shape);
	table_view(&mapping->pairs, base + at.pairs, sizes->pairs, &pair_shape);
	table_view(&mapping->domains, base + at.domains, sizes->domains, &domain_shape);
	table_view(&mapping->delegations, base + at.delegations, sizes->delegations, &delegation_shape);
	table_view(&mapping->holds, base + at.holds, sizes->holds, &hold_shape);
	for (unsigned i = 0; i < FILTER_COUNT; i++)
		filter_view(&mapping->filter[i], &mapping->header->filter[i], base + at.filter[i],
		            sizes->filter_blocks[i], filter_age[i], i == FILTER_MEMORY);
	journal_view(&mapping->journal, mapping->header, base + at.journal, sizes->journal);
	ring_view(&mapping->outbox, &mapping->header->outbox_head, &mapping->header->outbox_tail, base + at.outbox,
	          sizes->outbox);
	mapping->elsewhere = (struct elsewhere_entry *)(void *)(base + at.elsewhere);
	mapping->elsewhere_capacity = sizes->elsewhere;
}

bool parts_plausible(const struct segment_sizes *sizes)
{
	const uint32_t slots[] = { sizes->clients, sizes->pairs, sizes->domains, sizes->delegations, sizes->holds };
	const uint32_t powers[] = { sizes->journal, sizes->outbox, sizes->elsewhere,
	                            sizes->filter_blocks[FILTER_NAMES],
	                            sizes->filter_blocks[FILTER_AUDIENCE], sizes->filter_blocks[FILTER_RECENT],
	                            sizes->filter_blocks[FILTER_MEMORY] };

	for (size_t i = 0; i < sizeof(slots) / sizeof(*slots); i++)
		if (slots[i] < TABLE_WAYS || slots[i] > CAPACITY_MAX || slots[i] % TABLE_WAYS)
			return false;
	for (size_t i = 0; i < sizeof(powers) / sizeof(*powers); i++)
		if (powers[i] < TABLE_WAYS || powers[i] > CAPACITY_MAX || (powers[i] & (powers[i] - 1)))
			return false;
	return true;
}

struct segment_sizes parts_sizes(const struct mapping *mapping)
{
	struct segment_sizes sizes = {
		.clients = table_capacity(&mapping->clients),
		.pairs = table_capacity(&mapping->pairs),
		.domains = table_capacity(&mapping->domains),
		.delegations = table_capacity(&mapping->delegations),
		.holds = table_capacity(&mapping->holds),
		.journal = mapping->journal.ring.mask + 1,
		.outbox = mapping->outbox.mask + 1,
		.elsewhere = mapping->elsewhere_capacity,
	};

	for (unsigned i = 0; i < FILTER_COUNT; i++)
		sizes.filter_blocks[i] = mapping->filter[i].blocks;
	return sizes;
}
