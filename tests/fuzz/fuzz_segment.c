/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_segment - any octets as a segment or a snapshot.
 *
 * Reading may give wrong numbers, never a wrong address; attaching refuses or works, and what
 * works may be written to without an endless loop. The first octet of an input says what the
 * others are:
 *
 *     'R'  the file itself
 *     'P'  changes of a good segment: offset (4 octets, little endian), length (1), octets ...
 *     'S'  the same of a good snapshot, whose checksum is then made right
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "fuzz.h"
#include "store/elsewhere.h"
#include "store/holds.h"
#include "store/outbox.h"
#include "store/snapshot.h"

#define DETECTORS 77
#define NOW       UINT64_C(1700000000000)

static const struct segment_sizes sizes = {
	.clients = 16, .pairs = 16, .domains = 16, .delegations = 16, .holds = 16, .journal = 16,
	.outbox = 16, .elsewhere = 16,
	.filter_blocks = { 16, 16, 16, 16 },
};

static char folder[] = "/tmp/warden-fuzz-XXXXXX";
static char segment[64], snapshot[64], refused[64];
static uint8_t *good; /* a snapshot with something of everything: the segment, then its trailer */
static size_t segment_size, good_size;

static void clean_up(void)
{
	unlink(segment);
	unlink(snapshot);
	unlink(refused);
	rmdir(folder);
	free(good);
}

/* Does what the resolver does with a segment. */
static void use(struct mapping *mapping)
{
	struct table *tables[] = { &mapping->clients, &mapping->pairs, &mapping->domains };
	struct hold hold = { .domain_hash = 3, .expires = NOW + 1000, .verdict = 3 };
	uint64_t key[8] = { 1 }, data[CLIENT_WORDS], skipped = 0;
	struct parcel parcel = { .now = NOW, .domain_at = 1, .qname_len = 3 };
	struct record record = { .now = NOW };
	struct elsewhere told;
	struct hold_hit hit;
	bool rotated;

	for (uint64_t hash = 1; hash < 40; hash++) {
		for (unsigned t = 0; t < 3; t++) {
			const struct table_shape *shape = &tables[t]->shape;
			unsigned count = shape->words - shape->data_first;
			struct place place;
			uint64_t token;

			table_take(tables[t], hash, key, (uint32_t)(NOW / 1000), &place);
			if (!place.slot)
				continue;
			slot_add(place.slot, shape->data_first - shape->key_first - shape->key_words, 1);
			token = slot_edit(place.slot, hash, (uint32_t)(NOW / 1000), shape->data_first, count, data);
			if (token)
				slot_commit(place.slot, token, shape->data_first, count, data);
		}
		filter_add(&mapping->filter[0], hash << 32 | hash, NOW, &rotated);
		hold_met(mapping, hash, hash, 0, NOW, &hit);
		journal_put(&mapping->journal, &record);
		outbox_put(mapping, &parcel);
		elsewhere_put(mapping, hash, &(struct elsewhere){ .bits = 100, .nodes = 1 }, NOW);
		elsewhere_get(mapping, hash, NOW, &told);
		bank_add(bank_mine(&mapping->counters), COUNTER_misses, 1);
	}
	hold_set(mapping, 5, &hold, NOW);
	hold_release(mapping, 5, 3, NOW);
	holds_expire(mapping, NOW);
	for (unsigned i = 0; i < 40; i++)
		journal_get(&mapping->journal, &record, NOW + i * JOURNAL_PATIENCE, &skipped);
	for (unsigned i = 0; i < 40; i++)
		if (outbox_get(mapping, &parcel, NOW + i * RING_PATIENCE, &skipped))
			must(parcel.domain_at < parcel.qname_len && parcel.pair_bits >= 0);
}

/* Does what tools do with one. */
static void walk(const struct mapping *mapping)
{
	const struct table *tables[] = { &mapping->clients, &mapping->pairs, &mapping->domains };
	uint64_t word[CLIENT_WORDS], hash;
	struct elsewhere told;
	struct hold hold;

	for (unsigned t = 0; t < 3; t++) {
		for (uint32_t i = 0; i < table_capacity(tables[t]); i++) {
			struct place place = table_at(tables[t], i);

			if (!place.slot)
				continue;
			slot_read(place.slot, &hash, 0, tables[t]->shape.words, word);
			place_touched(&place);
			table_find(tables[t], place.hash);
		}
		must(table_used(tables[t]) <= table_capacity(tables[t]));
	}
	for (uint32_t i = 0; i < table_capacity(&mapping->holds); i++)
		if (hold_read(mapping, i, NOW, &hold))
			must(memchr(hold.comment, '\0', sizeof(hold.comment)) != NULL);
	for (uint64_t n = 0; n < 100; n++)
		if (elsewhere_get(mapping, n, NOW, &told))
			must(told.bits >= 1);
	for (uint64_t n = 0; n < 100; n++)
		filter_has(&mapping->filter[0], n << 32 | n);
	for (unsigned i = 0; i < BANK_WORDS; i++)
		banks_sum(mapping->banks, i);
}

static void write_file(const char *path, const uint8_t *data, size_t size)
{
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	must(file >= 0 && write(file, data, size) == (ssize_t)size);
	close(file);
}

static void prepare(void)
{
	struct mapping mapping;
	char error[512];
	int file;

	must(mkdtemp(folder) != NULL);
	snprintf(segment, sizeof(segment), "%s/segment", folder);
	snprintf(snapshot, sizeof(snapshot), "%s/snapshot", folder);
	snprintf(refused, sizeof(refused), "%s/segment.refused", folder);
	atexit(clean_up);
	must(mapping_attach(&mapping, NULL, NULL, &sizes, DETECTORS, NOW, NULL, error, sizeof(error)) == 0);
	use(&mapping);
	must(snapshot_write(&mapping, snapshot, NOW, error, sizeof(error)) == 0);
	segment_size = mapping.size;
	good_size = segment_size + sizeof(struct snapshot_trailer);
	mapping_detach(&mapping);
	good = malloc(good_size);
	file = open(snapshot, O_RDONLY);
	must(good && file >= 0 && read(file, good, good_size) == (ssize_t)good_size);
	close(file);
}

/* A good snapshot with the changes that <data> tells. */
static uint8_t *changed(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(good_size);
	struct snapshot_trailer trailer;

	must(copy != NULL);
	memcpy(copy, good, good_size);
	while (size >= 5) {
		size_t at = (data[0] | data[1] << 8 | data[2] << 16 | (size_t)data[3] << 24) % segment_size;
		size_t len = data[4];

		data += 5, size -= 5;
		len = len < size ? len : size;
		len = len < segment_size - at ? len : segment_size - at;
		memcpy(copy + at, data, len);
		data += len, size -= len;
	}
	memcpy(&trailer, copy + segment_size, sizeof(trailer));
	trailer.checksum = XXH3_64bits(copy, segment_size);
	memcpy(copy + segment_size, &trailer, sizeof(trailer));
	return copy;
}

static void attach(void)
{
	struct mapping mapping;
	char error[512];

	/* Refused or not: then there is one that works. */
	must(mapping_attach(&mapping, segment, snapshot, &sizes, DETECTORS, NOW, NULL, error,
	                    sizeof(error)) == 0);
	use(&mapping);
	walk(&mapping);
	mapping_detach(&mapping);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t kind = size ? data[0] : 0, *copy = NULL;
	const char *path = kind == 'S' ? snapshot : segment;
	struct mapping mapping;
	char error[512];

	if (!good)
		prepare();
	if (!size)
		return 0;
	data++, size--;
	unlink(segment);
	unlink(snapshot);
	if (kind == 'P' || kind == 'S') {
		data = copy = changed(data, size);
		size = kind == 'P' ? segment_size : good_size;
	}
	write_file(path, data, size);
	free(copy);
	if (mapping_read(&mapping, path, DETECTORS, error, sizeof(error)) == 0) {
		walk(&mapping);
		mapping_detach(&mapping);
	}
	attach();
	return 0;
}
