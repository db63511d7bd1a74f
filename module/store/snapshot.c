/* SPDX-License-Identifier: BSD-3-Clause */
/* snapshot - writing the segment's copy, and reading it back.
 *
 * The header and what is made of single atomic words (banks, sets, filters, rings)
 * or tells whether it is whole (elsewhere) is copied as it stands; slots are copied one by one under their sequence words. A
 * slot that changed hands meanwhile, or that writers would not let us read, does not
 * answer to its tag in the copy: table_recover() drops it on load, like any other that
 * a crash left behind.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/sentence.h"
#include "store/snapshot.h"

#define SNAPSHOT_MAGIC UINT64_C(0x50414e5344524157) /* "WARDSNAP" as octets */
#define CHUNK          (256 * 1024)

/* Where a snapshot is written: a file, and the sum of what went there. */
struct sink {
	int file;
	XXH3_state_t *sum;
	bool failed;
};

static void put(struct sink *sink, const void *data, size_t len)
{
	const unsigned char *octets = data;

	if (sink->sum)
		XXH3_64bits_update(sink->sum, data, len);
	while (len && !sink->failed) {
		ssize_t done = write(sink->file, octets, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0) {
			if (!done)
				errno = ENOSPC;
			sink->failed = true;
			return;
		}
		octets += done;
		len -= (size_t)done;
	}
}

/* Copies <len> octets of shared words; each word is whole, the rest is not promised. */
static void put_words(struct sink *sink, const void *words, size_t len)
{
	const _Atomic uint64_t *from = words;
	static const size_t step = CHUNK / sizeof(uint64_t);
	uint64_t *chunk = malloc(CHUNK);

	if (!chunk) {
		errno = ENOMEM;
		sink->failed = true;
		return;
	}
	for (size_t at = 0; at < len / 8; at += step) {
		size_t count = len / 8 - at < step ? len / 8 - at : step;

		for (size_t i = 0; i < count; i++)
			chunk[i] = atomic_load_explicit(&from[at + i], memory_order_relaxed);
		put(sink, chunk, count * sizeof(*chunk));
	}
	free(chunk);
}

/* Sets and locks as they stand, then slot by slot; zeros for one that could not be read. */
static void put_table(struct sink *sink, const struct table *table, const unsigned char *end)
{
	size_t words = table->slot_size / sizeof(uint64_t);
	size_t step = CHUNK / table->slot_size;
	uint32_t capacity = table_capacity(table);
	uint64_t *chunk = malloc(CHUNK);

	if (!chunk) {
		errno = ENOMEM;
		sink->failed = true;
		return;
	}
	put_words(sink, table->sets, (size_t)(table->slots - (const unsigned char *)table->sets));
	for (uint32_t at = 0; at < capacity; at += (uint32_t)step) {
		size_t count = capacity - at < step ? capacity - at : step;

		memset(chunk, 0, CHUNK);
		for (size_t i = 0; i < count; i++) {
			uint64_t *copy = chunk + i * words;

			if (!slot_read(table_slot(table, at + (uint32_t)i), &copy[1], 0, table->shape.words,
			               &copy[2]))
				memset(copy, 0, table->slot_size);
		}
		put(sink, chunk, count * table->slot_size);
	}
	free(chunk);
	/* Up to the page on which the next part begins nothing is ever written. */
	put_words(sink, table->slots + (size_t)capacity * table->slot_size,
	          (size_t)(end - (table->slots + (size_t)capacity * table->slot_size)));
}

static void put_segment(struct sink *sink, const struct mapping *mapping)
{
	const unsigned char *base = (const unsigned char *)mapping->header;
	const unsigned char *end = base + mapping->size;
	const unsigned char *filters = (const unsigned char *)mapping->filter[0].generation[0];
	const struct table *tables[] = { &mapping->clients, &mapping->pairs, &mapping->domains,
	                                 &mapping->delegations, &mapping->holds };
	const size_t count = sizeof(tables) / sizeof(*tables);

	put_words(sink, base, (size_t)((const unsigned char *)mapping->clients.sets - base));
	for (size_t i = 0; i < count; i++)
		put_table(sink, tables[i], i + 1 < count ? (const unsigned char *)tables[i + 1]->sets
		                                         : filters);
	put_words(sink, filters, (size_t)(end - filters)); /* and all that is behind them */
}

int snapshot_write(const struct mapping *mapping, const char *path, uint64_t now, char *error,
                   size_t error_len)
{
	struct snapshot_trailer trailer = { .magic = SNAPSHOT_MAGIC, .taken = now };
	char beside[4096];
	struct sink sink = { .sum = XXH3_createState() };

	snprintf(beside, sizeof(beside), "%s.new", path);
	/* O_NONBLOCK: a pipe of that name would wait for a reader, and all events with it. */
	sink.file = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0640);
	if (sink.file < 0 || !sink.sum) {
		sentence_error(error, error_len, "cannot write %s: %s", beside, strerror(errno));
		XXH3_freeState(sink.sum);
		if (sink.file >= 0) {
			close(sink.file);
			unlink(beside);
		}
		return -1;
	}
	XXH3_64bits_reset(sink.sum);
	put_segment(&sink, mapping);
	trailer.checksum = XXH3_64bits_digest(sink.sum);
	XXH3_freeState(sink.sum);
	sink.sum = NULL;
	put(&sink, &trailer, sizeof(trailer));
	if (!sink.failed && fsync(sink.file) != 0)
		sink.failed = true;
	if (sink.failed)
		sentence_error(error, error_len, "cannot write %s: %s", beside, strerror(errno));
	close(sink.file);
	if (!sink.failed && rename(beside, path) == 0)
		return 0;
	if (!sink.failed)
		sentence_error(error, error_len, "cannot rename %s: %s", beside, strerror(errno));
	unlink(beside);
	return -1;
}

/* Reads exactly <len> octets. */
static bool get(int file, void *data, size_t len)
{
	unsigned char *octets = data;

	while (len) {
		ssize_t done = read(file, octets, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		octets += done;
		len -= (size_t)done;
	}
	return true;
}

int snapshot_load(void *memory, const struct segment_header *wanted, const char *path, char *error,
                  size_t error_len)
{
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe would wait */
	struct segment_header *header = memory;
	struct snapshot_trailer trailer;
	const char *fault = NULL;

	if (file < 0)
		return errno == ENOENT ? 0 : sentence_error(error, error_len, "%s", strerror(errno));
	if (!get(file, memory, wanted->total) || !get(file, &trailer, sizeof(trailer)) ||
	    trailer.magic != SNAPSHOT_MAGIC)
		fault = "it is not a whole snapshot of a segment like this one";
	else if (memcmp(header, wanted, offsetof(struct segment_header, created)) != 0)
		fault = "it was made with another layout, profile or set of detectors";
	else if (XXH3_64bits(memory, wanted->total) != trailer.checksum)
		fault = "its checksum is wrong";
	close(file);
	if (!fault)
		return 1;
	memset(memory, 0, wanted->total);
	return sentence_error(error, error_len, "%s", fault);
}
