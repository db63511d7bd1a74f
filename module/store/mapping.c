/* SPDX-License-Identifier: BSD-3-Clause */
/* mapping - making, attaching and refusing the segment's file.
 *
 * What there is to decide about a file that is already there stands in one function,
 * segment_fault(): NULL is ours, anything else the reason why not.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/sentence.h"
#include "store/holds.h"
#include "store/mapping.h"
#include "store/pages.h"
#include "store/parts.h"
#include "store/snapshot.h"

#define OTHER_WARDEN "Warden with" /* of another version */
#define SEQUENCE_GAP 1000000 /* more events than are made between two snapshots */

/* The header that a segment of ours has before anything is in it. */
static struct segment_header fresh_header(const struct segment_sizes *sizes, uint64_t detectors)
{
	struct segment_header header = {
		.magic = SEGMENT_MAGIC,
		.layout = SEGMENT_LAYOUT,
		.header_size = sizeof(header),
		.detectors = detectors,
		.sizes = *sizes,
		.total = parts_size(sizes),
	};

	return header;
}

/* Fills zeroed memory: header, secret, ring, ready. */
static int make_fresh(struct mapping *mapping, const struct segment_header *wanted, uint64_t now,
                      char *error, size_t error_len)
{
	struct segment_header *header = mapping->header;

	memcpy(header, wanted, offsetof(struct segment_header, created));
	header->created = now;
	if (getrandom(header->secret, sizeof(header->secret), 0) != (ssize_t)sizeof(header->secret))
		return sentence_error(error, error_len, "no random numbers for the hash secret: %s", strerror(errno));
	journal_init(&mapping->journal);
	ring_init(&mapping->outbox);
	atomic_store_explicit(&header->ready, 1, memory_order_release);
	return 0;
}

/* Why the <size> octets at <header> are no segment like <wanted>; NULL when they are. */
static const char *segment_fault(const struct segment_header *header, size_t size,
                                 const struct segment_header *wanted)
{
	if (size < sizeof(*header) || header->magic != SEGMENT_MAGIC)
		return "it is not a Warden segment";
	if (header->layout != SEGMENT_LAYOUT || header->header_size != wanted->header_size)
		return "it was made by a " OTHER_WARDEN " another layout";
	if (header->detectors != wanted->detectors)
		return "it was made by a " OTHER_WARDEN " other detectors";
	if (memcmp(&header->sizes, &wanted->sizes, sizeof(header->sizes)) != 0)
		return "it was made for another profile";
	if (size != wanted->total || header->total != wanted->total)
		return "its size is wrong";
	if (!atomic_load_explicit(&header->ready, memory_order_acquire))
		return "it was never finished";
	return NULL;
}

/* Looks at what is in <file>, without trusting its size. */
static const char *file_fault(int file, const struct segment_header *wanted)
{
	struct segment_header header;
	struct stat st;
	ssize_t got = pread(file, &header, sizeof(header), 0);

	if (fstat(file, &st) != 0 || got != (ssize_t)sizeof(header))
		return "it is not a Warden segment";
	return segment_fault(&header, (size_t)st.st_size, wanted);
}

/* Two may have said no, and only one of them can be asked by ls. */
static int open_failed(const char *path, char *error, size_t error_len)
{
	int code = errno;

	if (code != EACCES)
		return sentence_error(error, error_len, "cannot open %s: %s", path, strerror(code));
	return sentence_error(error, error_len, "cannot open %s: %s: it must be this user's, and AppArmor's profile of "
	                      "Unbound needs a rule 'owner %s* rwk,'; unbound-warden check tells which it is",
	                      path, strerror(code), path);
}

/* Opens <path> and locks it exclusively, or shared when it is in use. <alone> tells which.
 * The path may be renamed between open and lock: then it is opened again.
 */
static int open_locked(const char *path, bool *alone, char *error, size_t error_len)
{
	for (int attempt = 0; attempt < 10; attempt++) {
		int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
		struct stat mine, there;

		if (file < 0)
			return open_failed(path, error, error_len);
		*alone = flock(file, LOCK_EX | LOCK_NB) == 0;
		if (!*alone && flock(file, LOCK_SH) != 0) {
			sentence_error(error, error_len, "cannot lock %s: %s", path, strerror(errno));
			close(file);
			return -1;
		}
		/* An empty one that is not ours alone: its maker died before it was more than a name. */
		if (fstat(file, &mine) == 0 && stat(path, &there) == 0 && mine.st_ino == there.st_ino &&
		    mine.st_dev == there.st_dev && (*alone || mine.st_size > 0))
			return file;
		close(file);
	}
	return sentence_error(error, error_len, "%s changes all the time", path);
}

/* Moves a foreign file aside. Returns 0 or -1. */
static int move_aside(const char *path, const char *fault, bool alone, sentence_log *log,
                      char *error, size_t error_len)
{
	char aside[4096];

	if (!alone)
		return sentence_error(error, error_len, "%s is in use by another resolver, and %s: give this one "
		            "its own shared-memory:", path, fault);
	snprintf(aside, sizeof(aside), "%s.refused", path);
	if (rename(path, aside) != 0)
		return sentence_error(error, error_len, "cannot use %s (%s), nor rename it: %s", path, fault,
		            strerror(errno));
	sentence_say(log, 1, "cannot use %s: %s; it is now %s and a fresh segment takes its place", path, fault, aside);
	return 0;
}

/* Why a file with <st> is not to be trusted, or NULL: in a folder for everybody somebody else may have been
 * here first, and would read and write all that we remember.
 */
static const char *owner_fault(const struct stat *st)
{
	if (st->st_uid != geteuid())
		return "it belongs to another user";
	return st->st_mode & S_IWOTH ? "everybody may write to it" : NULL;
}

/* Opens and locks the file at <path>, which then is empty and ours alone, or a segment like
 * <wanted>. <size> tells which. Somebody else may take the place of a foreign one first, so
 * what is there then is looked at again.
 */
static int open_ours(const char *path, const struct segment_header *wanted, bool *alone, off_t *size,
                     sentence_log *log, char *error, size_t error_len)
{
	for (int attempt = 0; attempt < 3; attempt++) {
		int file = open_locked(path, alone, error, error_len);
		const char *fault = NULL;
		struct stat st;

		if (file < 0)
			return -1;
		*size = 0;
		if (fstat(file, &st) == 0) {
			*size = st.st_size;
			fault = owner_fault(&st);
		}
		if (!fault && *size > 0)
			fault = file_fault(file, wanted);
		if (!fault)
			return file;
		if (move_aside(path, fault, *alone, log, error, error_len) < 0) {
			close(file);
			return -1;
		}
		close(file);
	}
	return sentence_error(error, error_len, "%s changes all the time", path);
}

/* Puts right what writers that are no more left behind. */
static void recover(struct mapping *mapping)
{
	counters_recover(mapping->header);
	table_recover(&mapping->clients, TABLE_PINNED - 1);
	table_recover(&mapping->pairs, TABLE_PINNED - 1);
	table_recover(&mapping->domains, TABLE_PINNED - 1);
	table_recover(&mapping->delegations, TABLE_PINNED - 1);
	table_recover(&mapping->holds, TABLE_PINNED);
	journal_recover(&mapping->journal);
	ring_recover(&mapping->outbox);
	/* A hold that was being made or dropped may have been counted or not. */
	holds_recount(mapping);
}

/* A snapshot that is no use here may be to somebody: the next one must not replace it. */
static void put_aside(const char *snapshot, const char *reason, sentence_log *log)
{
	char aside[4096];

	snprintf(aside, sizeof(aside), "%s.refused", snapshot);
	if (rename(snapshot, aside) == 0)
		sentence_say(log, 1, "cannot use the snapshot %s: %s; it is now %s, and Warden starts empty",
		             snapshot, reason, aside);
	else
		sentence_say(log, 1, "cannot use the snapshot %s: %s; Warden starts empty", snapshot, reason);
}

/* Has all of <file> on its disk, or none: what is written to a hole when the disk is full is SIGBUS. */
static int reserve(int file, const char *path, uint64_t total, char *error, size_t error_len)
{
	int full;

	do
		full = posix_fallocate(file, 0, (off_t)total);
	while (full == EINTR);
	if (!full)
		return 0;
	return sentence_error(error, error_len, "no room for the %llu octets of %s: %s; free some, or choose a smaller "
	                      "profile:", (unsigned long long)total, path, strerror(full));
}

/* Makes a segment in the empty <file>, from the snapshot where that works. */
static int fill(struct mapping *mapping, const char *path, const char *snapshot,
                const struct segment_header *wanted, uint64_t now, sentence_log *log,
                char *error, size_t error_len)
{
	char reason[1024];
	int loaded;
	void *memory;

	if (reserve(mapping->file, path, wanted->total, error, error_len) < 0)
		return -1;
	memory = pages_map(mapping->file, wanted->total, PROT_READ | PROT_WRITE);
	if (!memory)
		return sentence_error(error, error_len, "cannot map %s: %s", path, strerror(errno));
	parts_view(mapping, memory, &wanted->sizes);

	loaded = snapshot ? snapshot_load(memory, wanted, snapshot, reason, sizeof(reason)) : 0;
	if (loaded < 0)
		put_aside(snapshot, reason, log);
	if (loaded <= 0)
		return make_fresh(mapping, wanted, now, error, error_len);
	/* Events of the time after the snapshot have numbers already: a gap, but never one twice. */
	atomic_fetch_add_explicit(&mapping->header->sequence, SEQUENCE_GAP, memory_order_relaxed);
	sentence_say(log, 0, "restored %s from the snapshot %s", path, snapshot);
	recover(mapping);
	/* What was in the ring has been written to the event file since, or is too old for it;
	 * and head, tail and turns were not copied in one moment. Nor is what was on its way to other
	 * nodes to be told twice.
	 */
	journal_init(&mapping->journal);
	ring_init(&mapping->outbox);
	return 0;
}

/* Takes the segment that is in <file>. It has holes when it was copied here. */
static int take_over(struct mapping *mapping, const char *path, const struct segment_header *wanted, bool alone,
                     char *error, size_t error_len)
{
	void *memory;

	/* While others write to it there are no holes: who was alone before them has seen to that. */
	if (alone && reserve(mapping->file, path, wanted->total, error, error_len) < 0)
		return -1;
	memory = pages_map(mapping->file, wanted->total, PROT_READ | PROT_WRITE);
	if (!memory)
		return sentence_error(error, error_len, "cannot map %s: %s", path, strerror(errno));
	parts_view(mapping, memory, &wanted->sizes);
	if (alone)
		recover(mapping);
	return 0;
}

static int attach_private(struct mapping *mapping, const struct segment_header *wanted, uint64_t now,
                          char *error, size_t error_len)
{
	void *memory = mmap(NULL, wanted->total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return sentence_error(error, error_len, "no memory for %llu octets", (unsigned long long)wanted->total);
	parts_view(mapping, memory, &wanted->sizes);
	if (make_fresh(mapping, wanted, now, error, error_len) < 0)
		return -1;
	counters_attach(&mapping->counters, mapping->header, mapping->banks);
	return 0;
}

int mapping_attach(struct mapping *mapping, const char *path, const char *snapshot,
                   const struct segment_sizes *sizes, uint64_t detectors, uint64_t now,
                   sentence_log *log, char *error, size_t error_len)
{
	struct segment_header wanted = fresh_header(sizes, detectors);
	off_t size;
	bool alone = false;
	int result;

	*mapping = (struct mapping){ .file = -1 };
	if (!path)
		return attach_private(mapping, &wanted, now, error, error_len);

	mapping->file = open_ours(path, &wanted, &alone, &size, log, error, error_len);
	if (mapping->file < 0)
		return -1;
	if (size > 0) {
		result = take_over(mapping, path, &wanted, alone, error, error_len);
	} else {
		result = fill(mapping, path, snapshot, &wanted, now, log, error, error_len);
		if (result < 0)
			unlink(path); /* what we could not finish is of use to nobody */
	}
	if (result < 0) {
		mapping_detach(mapping);
		return -1;
	}
	flock(mapping->file, LOCK_SH);
	/* Not earlier: while the lock changes somebody else may be alone, and recover. */
	counters_attach(&mapping->counters, mapping->header, mapping->banks);
	return 0;
}

int mapping_read(struct mapping *mapping, const char *path, uint64_t detectors, char *error,
                 size_t error_len)
{
	struct segment_header header;
	struct segment_header wanted;
	const char *fault;
	struct stat st;
	void *memory;

	*mapping = (struct mapping){ .file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) };
	if (mapping->file < 0)
		return sentence_error(error, error_len, "cannot open %s: %s", path, strerror(errno));
	if (fstat(mapping->file, &st) != 0 ||
	    pread(mapping->file, &header, sizeof(header), 0) != (ssize_t)sizeof(header) ||
	    (header.layout == SEGMENT_LAYOUT && !parts_plausible(&header.sizes))) {
		mapping_detach(mapping);
		return sentence_error(error, error_len, "cannot read %s: it is not a Warden segment", path);
	}
	/* The sizes are the file's own; everything that follows from them must then agree. A
	 * snapshot has its trailer behind the segment.
	 */
	wanted = fresh_header(&header.sizes, detectors);
	if ((size_t)st.st_size == wanted.total + sizeof(struct snapshot_trailer))
		st.st_size -= (off_t)sizeof(struct snapshot_trailer);
	fault = segment_fault(&header, (size_t)st.st_size, &wanted);
	memory = fault ? NULL : pages_map(mapping->file, wanted.total, PROT_READ);
	if (!memory) {
		mapping_detach(mapping);
		return sentence_error(error, error_len, "cannot read %s: %s%s", path, fault ? fault : strerror(errno),
		                      fault && strstr(fault, OTHER_WARDEN) ? ": install warden.so and unbound-warden of the "
		                      "same version, and restart Unbound" : "");
	}
	parts_view(mapping, memory, &wanted.sizes);
	return 0;
}

int mapping_copy(struct mapping *copy, const struct mapping *mapping, char *error, size_t error_len)
{
	struct segment_sizes sizes = parts_sizes(mapping);
	void *memory;

	*copy = (struct mapping){ .file = -1 };
	if (mapping->file < 0)
		return sentence_error(error, error_len, "private memory is not copied");
	/* Pages are copied when they are written to, which are few: so nothing is reserved for all. */
	memory = mmap(NULL, mapping->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, mapping->file, 0);
	if (memory == MAP_FAILED)
		return sentence_error(error, error_len, "cannot copy the segment: %s", strerror(errno));
	parts_view(copy, memory, &sizes);
	/* Those who fill the ring go on, and our head would stand still: so it begins anew, in as much of
	 * it as is needed.
	 */
	if (sizes.journal > COPY_JOURNAL)
		journal_view(&copy->journal, copy->header, copy->journal.ring.entries, COPY_JOURNAL);
	journal_init(&copy->journal);
	counters_attach(&copy->counters, copy->header, copy->banks);
	return 0;
}

void mapping_detach(struct mapping *mapping)
{
	counters_detach(&mapping->counters);
	if (mapping->header)
		munmap(mapping->header, mapping->size);
	if (mapping->file > 0)
		close(mapping->file); /* and its lock with it; 0 is a zeroed mapping, never our file */
	*mapping = (struct mapping){ .file = -1 };
}
