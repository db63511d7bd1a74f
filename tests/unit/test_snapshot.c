/* SPDX-License-Identifier: BSD-3-Clause */
/* test_snapshot - written and loaded again, torn, flipped, and taken while others write. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "store/elsewhere.h"
#include "store/holds.h"
#include "store/outbox.h"
#include "store/snapshot.h"
#include "support.h"

#define DETECTORS 77

static char error[1024];

static int setup(void **state)
{
	(void)state;
	said[0] = error[0] = '\0';
	temp_clean();
	return 0;
}

static void attach(struct mapping *mapping, const char *path)
{
	if (mapping_attach(mapping, path, temp("snapshot"), &tiny_sizes, DETECTORS, NOW, say, error,
	                   sizeof(error)) < 0)
		fail_msg("%s", error);
}

static void write_snapshot(const struct mapping *mapping)
{
	if (snapshot_write(mapping, temp("snapshot"), NOW, error, sizeof(error)) < 0)
		fail_msg("%s", error);
}

static struct slot *take(struct table *table, uint64_t hash)
{
	uint64_t key[8] = { hash, ~hash };
	struct place place;

	table_take(table, hash, key, (uint32_t)(NOW / 1000), &place);
	return place.slot;
}

/* A hash as good as any for the <n>th key. */
static uint64_t nth(uint64_t n)
{
	return n * UINT64_C(0x9e3779b97f4a7c15);
}

/* Something of everything. */
static void furnish(struct mapping *mapping)
{
	struct hold hold = { .domain_hash = 5, .expires = NOW + 1000, .verdict = 3, .comment = "why" };
	bool rotated;

	for (uint64_t hash = 1; hash < 40; hash++) {
		slot_add(take(&mapping->clients, nth(hash)), CLIENT_MISSES, hash);
		slot_add(take(&mapping->pairs, nth(hash)), PAIR_QUERIES, hash);
		slot_add(take(&mapping->domains, nth(hash)), DOMAIN_QUERIES, hash);
		filter_add(&mapping->filter[0], hash << 32 | hash, NOW, &rotated);
	}
	hold_set(mapping, 0, &hold, NOW);
	bank_add(&mapping->banks[3], COUNTER_misses, 9);
	atomic_store(&mapping->header->sequence, 17);
}

static void round_trip(void **state)
{
	struct mapping mapping, again;
	struct hold_hit hit;

	(void)state;
	attach(&mapping, temp("segment"));
	furnish(&mapping);
	write_snapshot(&mapping);
	assert_int_equal(access(temp("snapshot.new"), F_OK), -1);

	attach(&again, temp("other"));
	assert_non_null(strstr(said, "restored"));
	assert_memory_equal(again.header->secret, mapping.header->secret, HASH_SECRET_LEN);
	for (uint64_t hash = 1; hash < 40; hash++) {
		assert_int_equal(slot_get(table_find(&again.clients, nth(hash)).slot, CLIENT_MISSES), hash);
		assert_int_equal(slot_get(table_find(&again.pairs, nth(hash)).slot, PAIR_QUERIES), hash);
		assert_int_equal(slot_get(table_find(&again.domains, nth(hash)).slot, DOMAIN_QUERIES), hash);
		assert_true(filter_has(&again.filter[0], hash << 32 | hash));
	}
	assert_true(hold_met(&again, 99, 5, 0, NOW, &hit));
	assert_int_equal(banks_sum(again.banks, COUNTER_misses), 9);
	assert_true(atomic_load(&again.header->sequence) >= 17 + 1000000); /* never one twice */

	/* Octet for octet, but for the sequence words of slots, the number of the next event, and
	 * the hit just counted.
	 */
	for (size_t at = 0; at < mapping.size / 8; at++) {
		uint64_t a = ((uint64_t *)mapping.header)[at], b = ((uint64_t *)again.header)[at];
		const unsigned char *where = (unsigned char *)again.header + at * 8;

		if (a == b || where == (unsigned char *)&again.header->sequence)
			continue;
		assert_true(where >= again.clients.slots &&
		            where < (unsigned char *)again.filter[0].generation[0]);
		assert_true(b == 0 || (a == 0 && b == 1));
	}
	mapping_detach(&again);
	mapping_detach(&mapping);
}

static void view_of_a_snapshot(void **state)
{
	struct mapping mapping, view;

	(void)state;
	attach(&mapping, NULL);
	furnish(&mapping);
	write_snapshot(&mapping);
	mapping_detach(&mapping);
	if (mapping_read(&view, temp("snapshot"), 1, error, sizeof(error)) == 0)
		fail_msg("read with other detectors");
	if (mapping_read(&view, temp("snapshot"), DETECTORS, error, sizeof(error)) < 0)
		fail_msg("%s", error);
	assert_int_equal(slot_get(table_find(&view.clients, nth(7)).slot, CLIENT_MISSES), 7);
	mapping_detach(&view);
}

static int load(void *memory, struct mapping *like)
{
	return snapshot_load(memory, like->header, temp("snapshot"), error, sizeof(error));
}

static bool all_zero(const uint8_t *octets, size_t len)
{
	return !octets[0] && !memcmp(octets, octets + 1, len - 1);
}

static void torn(void **state)
{
	struct mapping mapping;
	uint8_t *memory;

	(void)state;
	attach(&mapping, NULL);
	furnish(&mapping);
	write_snapshot(&mapping);
	memory = malloc(mapping.size);
	assert_int_equal(load(memory, &mapping), 1);
	for (off_t size = (off_t)mapping.size; size >= 0; size -= 4096) {
		assert_int_equal(truncate(temp("snapshot"), size), 0);
		assert_int_equal(load(memory, &mapping), -1);
		assert_true(all_zero(memory, mapping.size)); /* nothing of it is left */
	}
	assert_non_null(strstr(error, "not a whole snapshot"));
	unlink(temp("snapshot"));
	assert_int_equal(load(memory, &mapping), 0);
	free(memory);
	mapping_detach(&mapping);
}

static void flipped(void **state)
{
	struct mapping mapping;
	uint8_t *memory, octet;
	size_t total;
	int file;

	(void)state;
	attach(&mapping, NULL);
	furnish(&mapping);
	write_snapshot(&mapping);
	total = mapping.size + sizeof(struct snapshot_trailer);
	memory = malloc(mapping.size);
	file = open(temp("snapshot"), O_RDWR);
	for (size_t at = 0; at < total; at += at < 400 || at > mapping.size - 8 ? 1 : 3001) {
		/* When it was taken is not part of the sum. */
		if (at - mapping.size < total && at - mapping.size >= 8 && at - mapping.size < 16)
			continue;
		assert_int_equal(pread(file, &octet, 1, (off_t)at), 1);
		octet ^= 0x40;
		assert_int_equal(pwrite(file, &octet, 1, (off_t)at), 1);
		if (load(memory, &mapping) != -1)
			fail_msg("octet %zu is not checked", at);
		octet ^= 0x40;
		assert_int_equal(pwrite(file, &octet, 1, (off_t)at), 1);
	}
	assert_int_equal(load(memory, &mapping), 1);
	close(file);
	free(memory);
	mapping_detach(&mapping);
}

/* What cannot be used is said once, and the segment starts empty. */
static void bad_snapshot_at_start(void **state)
{
	struct mapping mapping;

	(void)state;
	temp_file("snapshot", "this is not one");
	attach(&mapping, temp("segment"));
	assert_non_null(strstr(said, "cannot use the snapshot"));
	assert_non_null(strstr(said, "starts empty"));
	assert_int_equal(access(temp("snapshot.refused"), F_OK), 0); /* not lost to the next one */
	assert_int_equal(access(temp("snapshot"), F_OK), -1);
	assert_int_equal(table_used(&mapping.clients), 0);
	assert_true(take(&mapping.clients, 1) != NULL);
	mapping_detach(&mapping);

	unlink(temp("segment"));
	unlink(temp("snapshot"));
	assert_int_equal(mkfifo(temp("snapshot"), 0600), 0);
	attach(&mapping, temp("segment")); /* and does not wait for a pipe */
	mapping_detach(&mapping);
}

static void nowhere_to_write(void **state)
{
	struct mapping mapping;

	(void)state;
	attach(&mapping, NULL);
	assert_int_equal(snapshot_write(&mapping, temp("no/folder"), NOW, error, sizeof(error)), -1);
	assert_non_null(strstr(error, "cannot write"));
	if (access("/dev/full", W_OK) == 0) {
		assert_int_equal(symlink("/dev/full", temp("snapshot.new")), 0);
		assert_int_equal(snapshot_write(&mapping, temp("snapshot"), NOW, error, sizeof(error)), -1);
	}
	mapping_detach(&mapping);
}

/* ---- while others write -------------------------------------------------------- */

#define SNAPSHOTS 20

static struct mapping busy;
static _Atomic bool done;

/* The <n>th file, which may not be the one that the next is renamed to. */
static const char *numbered(unsigned n)
{
	char name[32];

	snprintf(name, sizeof(name), "snapshot-%u", n);
	return temp(name);
}

static void write_or_copy(unsigned thread, void *arg)
{
	uint64_t random = 7 + thread, data[DOMAIN_WORDS - DOMAIN_DATA];
	struct parcel parcel = { .now = NOW, .qname_len = 5 };
	unsigned later = 0;

	(void)arg;
	if (thread == 0) {
		while (table_used(&busy.domains) <= table_capacity(&busy.domains) * 3 / 4)
			sched_yield(); /* until the others have filled it */
		for (unsigned i = 0; i < SNAPSHOTS; i++)
			snapshot_write(&busy, numbered(i), NOW, error, sizeof(error));
		done = true;
	}
	while (!done) {
		/* Mostly those that are there: a table all of whose slots change hands is no snapshot's to keep. */
		uint64_t keys = random_next(&random) % 256 ? 40 : 500;
		uint64_t hash = nth(1 + random_next(&random) % keys);
		struct slot *slot = take(&busy.domains, hash);
		struct record record = { .now = hash };
		uint64_t token = 0;

		if (slot)
			token = slot_edit(slot, hash, (uint32_t)(NOW / 1000), DOMAIN_DATA,
			                  DOMAIN_WORDS - DOMAIN_DATA, data);
		if (token) {
			for (unsigned i = 0; i < DOMAIN_WORDS - DOMAIN_DATA; i++)
				data[i] = hash;
			slot_commit(slot, token, DOMAIN_DATA, DOMAIN_WORDS - DOMAIN_DATA, data);
		}
		if (thread == 1) {
			journal_put(&busy.journal, &record);
			outbox_put(&busy, &parcel);
			hash = 1000 + hash % 1000; /* there is one writer of this table */
			elsewhere_put(&busy, hash, &(struct elsewhere){ (double)hash, hash, (uint32_t)hash },
			              NOW + later++ % (24 * 60) * MINUTE);
		} else
			while (journal_get(&busy.journal, &record, NOW, &(uint64_t){ 0 }))
				;
	}
}

/* Every slot of the <copy> is somebody's, and all of it is of one moment. Returns how many there are. */
static unsigned whole_slots(const struct mapping *copy)
{
	unsigned whole = 0;

	for (uint32_t i = 0; i < table_capacity(&copy->domains); i++) {
		struct place place = table_at(&copy->domains, i);
		uint64_t word[DOMAIN_WORDS], hash = 0;

		if (!place.slot)
			continue;
		assert_true(slot_read(place.slot, &hash, 0, DOMAIN_WORDS, word));
		assert_int_equal(hash, place.hash);
		assert_int_equal(word[DOMAIN_NAME], hash);
		for (unsigned w = DOMAIN_DATA; w < DOMAIN_WORDS; w++)
			assert_true(word[w] == 0 || word[w] == hash);
		whole++;
	}
	return whole;
}

static void during_writers(void **state)
{
	struct parcel parcel = { .now = 1, .qname_len = 5 };
	struct record record = { .now = 1 };
	struct elsewhere told;
	struct mapping copy;
	unsigned best = 0, stood = 0;

	(void)state;
	attach(&busy, NULL);
	in_threads(3, write_or_copy, NULL);
	for (unsigned i = 0; i < SNAPSHOTS; i++) {
		unsigned whole;

		said[0] = '\0';
		unlink(temp("segment"));
		assert_int_equal(rename(numbered(i), temp("snapshot")), 0);
		attach(&copy, temp("segment"));
		assert_non_null(strstr(said, "restored"));
		whole = whole_slots(&copy);
		if (whole > best)
			best = whole;
		/* Head, tail and turns were not copied in one moment: the ring begins anew. */
		for (uint32_t n = 0; n < tiny_sizes.journal; n++)
			assert_true(journal_put(&copy.journal, &record));
		for (uint32_t n = 0; n < tiny_sizes.journal; n++)
			assert_true(journal_get(&copy.journal, &record, NOW, &(uint64_t){ 0 }));
		for (uint32_t n = 0; n < tiny_sizes.outbox; n++)
			assert_true(outbox_put(&copy, &parcel));
		for (uint32_t n = 0; n < tiny_sizes.outbox; n++)
			assert_true(outbox_get(&copy, &parcel, NOW, &(uint64_t){ 0 }));
		/* Of what was being written while it was copied there is nothing, never half. */
		for (uint64_t hash = 1000; hash < 2000; hash++)
			if (elsewhere_get(&copy, hash, NOW + DAY, &told)) {
				assert_true(told.names == hash && told.nodes == hash && told.bits <= (double)hash);
				stood++;
			}
		mapping_detach(&copy);
	}
	/* One may have been put aside between tags and slots, for as long as the others had the processor. */
	assert_true(best > table_capacity(&copy.domains) / 2);
	assert_true(stood > 0);
	mapping_detach(&busy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(round_trip, setup),
		cmocka_unit_test_setup(view_of_a_snapshot, setup),
		cmocka_unit_test_setup(torn, setup),
		cmocka_unit_test_setup(flipped, setup),
		cmocka_unit_test_setup(bad_snapshot_at_start, setup),
		cmocka_unit_test_setup(nowhere_to_write, setup),
		cmocka_unit_test_setup(during_writers, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
