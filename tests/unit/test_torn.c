/* SPDX-License-Identifier: BSD-3-Clause */
/* test_torn - a segment's file that is cut short, full of holes, or has wrong bits in it.
 *
 * Cut short it is refused, kept beside, and a fresh one takes its place. With wrong bits it is refused or used, and what
 * is used works: everything ends, everything can be taken, events go through. (A snapshot has a checksum: test_snapshot.)
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/elsewhere.h"
#include "store/holds.h"
#include "store/outbox.h"
#include "support.h"

#define DETECTORS 77
#define KEYS      40
#define FLIPS     1500
#define SECONDS   (uint32_t)(NOW / 1000)

static char error[1024];

static int attach(struct mapping *mapping, const char *path)
{
	said[0] = error[0] = '\0';
	return mapping_attach(mapping, path, NULL, &tiny_sizes, DETECTORS, NOW, say, error, sizeof(error));
}

static struct table *table_of(struct mapping *mapping, unsigned i)
{
	struct table *tables[] = { &mapping->clients, &mapping->pairs, &mapping->domains, &mapping->delegations };

	return tables[i];
}

/* Something of everything. */
static void furnish(struct mapping *mapping)
{
	struct parcel parcel = { .now = NOW, .qname_len = 5 };
	struct record record = { .now = NOW };
	bool rotated;

	for (uint64_t n = 1; n <= KEYS; n++) {
		uint64_t hash = n * UINT64_C(0x9e3779b97f4a7c15), key[8] = { hash, ~hash };
		struct hold hold = { .domain_hash = hash, .expires = NOW + 1000, .verdict = WARDEN_REFUSE };
		struct place place;

		for (unsigned t = 0; t < 4; t++) {
			table_take(table_of(mapping, t), hash, key, SECONDS, &place);
			if (place.slot)
				slot_add(place.slot, table_of(mapping, t)->shape.key_words, n);
		}
		filter_add(&mapping->filter[FILTER_NAMES], hash, NOW, &rotated);
		if (n % 4 == 0)
			hold_set(mapping, 1, &hold, NOW);
		if (n % 8 == 0)
			journal_put(&mapping->journal, &record);
		if (n % 8 == 1)
			outbox_put(mapping, &parcel);
		elsewhere_put(mapping, n, &(struct elsewhere){ .bits = (double)n, .names = n, .nodes = 1 }, NOW);
	}
}

/* What comes out of the other ring is a parcel, and what of the table still stands is ours. */
static void tell_others(struct mapping *mapping, uint64_t later)
{
	struct parcel parcel = { .now = later, .qname_len = 5 };
	uint64_t skipped = 0, got = 0;
	struct elsewhere told;

	for (unsigned i = 0; i < 4 * tiny_sizes.outbox; i++)
		if (outbox_get(mapping, &parcel, later + i * 2 * RING_PATIENCE, &skipped))
			assert_true(parcel.domain_at < parcel.qname_len);
	for (unsigned i = 0; i < tiny_sizes.outbox; i++) {
		parcel = (struct parcel){ .now = later, .qname_len = 5 };
		outbox_put(mapping, &parcel);
		got += outbox_get(mapping, &parcel, later, &skipped);
	}
	if (got < tiny_sizes.outbox / 2)
		fail_msg("of %u parcels %u come through", tiny_sizes.outbox, (unsigned)got);
	for (uint64_t n = 1; n <= KEYS; n++)
		if (elsewhere_get(mapping, n, NOW, &told))
			assert_true(told.bits == (double)n && told.names == n);
	for (uint64_t n = 1; n <= KEYS; n++)
		assert_true(elsewhere_put(mapping, n, &(struct elsewhere){ .bits = 7, .nodes = 1 }, later));
}

/* All that a resolver does, an hour later: who edited a slot is dead by then, or his mark is garbage. */
static void use(struct mapping *mapping)
{
	uint64_t later = NOW + 3600000, skipped = 0, data[CLIENT_WORDS], got = 0;
	struct record record = { .now = later };
	bool rotated;

	furnish(mapping);
	for (uint64_t n = 1; n <= 4 * KEYS; n++) {
		uint64_t hash = n * UINT64_C(0x9e3779b97f4a7c15) + 1, key[8] = { hash, ~hash };
		struct hold hold = { .domain_hash = hash, .expires = later + 1000, .verdict = WARDEN_REFUSE };
		struct hold_hit hit;

		for (unsigned t = 0; t < 4; t++) {
			const struct table_shape *shape = &table_of(mapping, t)->shape;
			unsigned count = shape->words - shape->data_first;
			struct place place;
			uint64_t token;

			table_take(table_of(mapping, t), hash, key, SECONDS + 3600, &place);
			token = place.slot ? slot_edit(place.slot, hash, SECONDS + 3600, shape->data_first, count, data) : 0;
			if (token)
				slot_commit(place.slot, token, shape->data_first, count, data);
		}
		for (unsigned f = 0; f < FILTER_COUNT; f++)
			filter_add(&mapping->filter[f], hash, later, &rotated);
		hold_set(mapping, 1, &hold, later);
		hold_met(mapping, 1, hash, 0, later, &hit);
		hold_release(mapping, 1, hash, later);
	}
	holds_expire(mapping, later);
	/* However much of the ring is garbage: what the reader cannot have it gives up after a while. */
	for (unsigned i = 0; i < 4 * tiny_sizes.journal; i++)
		journal_get(&mapping->journal, &record, later + i * 2 * JOURNAL_PATIENCE, &skipped);
	for (unsigned i = 0; i < tiny_sizes.journal; i++) {
		journal_put(&mapping->journal, &record);
		got += journal_get(&mapping->journal, &record, later, &skipped);
	}
	if (got < tiny_sizes.journal / 2)
		fail_msg("of %u events %u come through", tiny_sizes.journal, (unsigned)got);
	tell_others(mapping, later);
	bank_add(bank_mine(&mapping->counters), COUNTER_misses, 1);
}

/* Makes a good segment. Returns how large it is. */
static size_t make(const char *path)
{
	struct mapping mapping;
	size_t size;

	temp_clean();
	assert_int_equal(attach(&mapping, path), 0);
	furnish(&mapping);
	size = mapping.size;
	mapping_detach(&mapping);
	return size;
}

static void expect_refused(size_t size)
{
	struct mapping mapping;
	struct stat aside;

	assert_int_equal(truncate(temp("segment"), (off_t)size), 0);
	assert_int_equal(attach(&mapping, temp("segment")), 0);
	if (!strstr(said, "a fresh segment takes its place"))
		fail_msg("cut to %zu: '%s'", size, said);
	assert_int_equal(stat(temp("segment.refused"), &aside), 0);
	assert_int_equal(aside.st_size, size);
	assert_int_equal(table_used(&mapping.clients), 0);
	use(&mapping);
	mapping_detach(&mapping);
}

static void cut_short(void **state)
{
	uint64_t random = 7;
	size_t size = make(temp("segment"));

	(void)state;
	for (size_t cut = SEGMENT_PAGE; cut < size; cut += SEGMENT_PAGE) {
		make(temp("segment"));
		expect_refused(cut);
	}
	for (unsigned i = 0; i < 100; i++) {
		make(temp("segment"));
		expect_refused(1 + random_next(&random) % (size - 1));
	}
	make(temp("segment"));
	expect_refused(size + SEGMENT_PAGE); /* nor is one that is too long ours */
}

/* Changes <count> octets at random below <size> of the file. */
static void flip(uint64_t *random, size_t size, unsigned count)
{
	int file = open(temp("segment"), O_RDWR);

	assert_true(file >= 0);
	while (count--) {
		off_t at = (off_t)(random_next(random) % size);
		uint8_t octet = 0;

		assert_int_equal(pread(file, &octet, 1, at), 1);
		octet ^= (uint8_t)(1u << random_next(random) % 8);
		assert_int_equal(pwrite(file, &octet, 1, at), 1);
	}
	close(file);
}

static void flipped(void **state)
{
	uint64_t random = 11;
	size_t size = make(temp("segment"));
	unsigned refused = 0;

	(void)state;
	for (unsigned i = 0; i < FLIPS; i++) {
		struct mapping mapping;

		make(temp("segment"));
		/* The header by itself, for it is small and all else hangs on it. */
		flip(&random, i % 2 ? size : sizeof(struct segment_header), 1 + (unsigned)(random_next(&random) % 32));
		assert_int_equal(attach(&mapping, temp("segment")), 0);
		refused += said[0] != '\0';
		use(&mapping);
		mapping_detach(&mapping);
	}
	printf("%u of %d refused\n", refused, FLIPS);
	assert_in_range(refused, FLIPS / 10, FLIPS * 9 / 10);
}

/* ---- holes ---------------------------------------------------------------------- */

static int attach_and_use(const char *path)
{
	struct mapping mapping;

	if (attach(&mapping, path) < 0)
		return strstr(error, "no room for") && strstr(error, "No space left") ? 0 : 1;
	use(&mapping);
	return 2;
}

/* A copy of which only the first page takes room, on a disk that has no more. */
static void full_of_holes(void **state)
{
	size_t size = make(temp("segment"));
	char disk[1024], path[1100];
	uint8_t page[SEGMENT_PAGE];
	int from, to, status = -1;
	bool written;
	pid_t child;

	(void)state;
	snprintf(disk, sizeof(disk), "%s", temp("disk"));
	snprintf(path, sizeof(path), "%s/segment", disk);
	if (geteuid() != 0 || mkdir(disk, 0700) != 0)
		skip();
	if (mount("tmpfs", disk, "tmpfs", 0, "size=64k") != 0) {
		rmdir(disk);
		skip();
	}
	from = open(temp("segment"), O_RDONLY);
	to = open(path, O_RDWR | O_CREAT, 0600);
	written = read(from, page, sizeof(page)) == SEGMENT_PAGE && write(to, page, sizeof(page)) == SEGMENT_PAGE &&
	          ftruncate(to, (off_t)size) == 0;
	close(from);
	close(to);
	child = fork();
	if (child == 0) {
		signal(SIGBUS, SIG_DFL); /* cmocka catches it */
		_exit(attach_and_use(path));
	}
	waitpid(child, &status, 0);
	umount2(disk, MNT_DETACH);
	rmdir(disk);
	assert_true(written);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_short),
		cmocka_unit_test(flipped),
		cmocka_unit_test(full_of_holes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
