/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_restore - a segment or a snapshot of a busy engine, damaged, and an engine that goes on with it.
 *
 *     how | number of changes | change ... | traffic ... (traffic.h)
 *
 * Checksums and magic stay right unless a change hits them, so that what is damaged comes through to where it
 * is used. Nothing may break: the numbers may be wrong, but a decision is one, and texts are whole.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "store/snapshot.h"
#include "texts.h"
#include "traffic.h"

#define CHANGES_MAX 64

/* How a damaged one is come by: bits of the first octet. */
enum { HOW_KIND = 3, HOW_SNAPSHOT = 4, HOW_REPORTS = 8, HOW_READ = 16 };

static char folder[] = "/dev/shm/warden-fuzz-XXXXXX";
static char segment[64], snapshot[64], refused[80], snapshot_refused[80];
static uint8_t *good; /* a segment of an engine that has seen much */
static size_t good_size;

/* Questions of many kinds, so that there is something of everything. */
static void be_busy(struct warden *warden)
{
	static uint8_t script[2048];
	uint64_t random = 7;
	struct traffic traffic;
	struct input input;

	small_fresh(warden);
	for (unsigned round = 0; round < 8; round++) {
		for (size_t i = 0; i < sizeof(script); i++) {
			random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
			script[i] = (uint8_t)(random >> 40);
			/* Steps of time that are small, and no name of any octets. */
			if (script[i] % 8 == 7 || script[i] % 8 == 5)
				script[i] ^= 4;
		}
		input = (struct input){ script, sizeof(script) };
		traffic_play(&traffic, warden, &input, true);
	}
}

static void clean_up(void)
{
	unlink(segment);
	unlink(snapshot);
	unlink(refused);
	unlink(snapshot_refused);
	rmdir(folder);
	free(good);
}

static void prepare(void)
{
	struct warden *warden = small_engine(SMALL_SENSITIVE);

	must(mkdtemp(folder) != NULL);
	snprintf(segment, sizeof(segment), "%s/segment", folder);
	snprintf(snapshot, sizeof(snapshot), "%s/snapshot", folder);
	snprintf(refused, sizeof(refused), "%s.refused", segment);
	snprintf(snapshot_refused, sizeof(snapshot_refused), "%s.refused", snapshot);
	atexit(clean_up);
	be_busy(warden);
	good_size = warden->mapping.size;
	good = malloc(good_size + sizeof(struct snapshot_trailer));
	must(good != NULL);
	memcpy(good, warden->mapping.header, good_size);
}

/* --- damage -------------------------------------------------------------------------------- */

/* The words of a slot that is taken, of any table; NULL without one. */
static uint8_t *slot_of(const struct mapping *mapping, uint8_t *copy, struct input *input, size_t *size)
{
	const struct table *tables[] = { &mapping->clients, &mapping->pairs, &mapping->domains,
		                         &mapping->delegations, &mapping->holds };
	const struct table *table = tables[input_octet(input) % 5];
	uint32_t first = input_octet(input), capacity = table_capacity(table);

	for (uint32_t i = 0; i < capacity; i++) {
		struct place place = table_at(table, (first + i) % capacity);

		if (!place.slot)
			continue;
		*size = table->slot_size;
		return copy + ((const uint8_t *)place.slot - (const uint8_t *)mapping->header);
	}
	return NULL;
}

/* One change: octets anywhere, a word of a slot that is in use, or a word of the header. */
static void change(const struct mapping *mapping, uint8_t *copy, struct input *input)
{
	uint8_t what = input_octet(input);
	size_t size = good_size, at, len;
	uint8_t *base = copy;
	const uint8_t *octets;

	if (what % 4 == 1 || what % 4 == 2)
		base = slot_of(mapping, copy, input, &size);
	else if (what % 4 == 3)
		size = sizeof(struct segment_header);
	if (!base)
		return;
	at = input_number(input, what % 4 ? 2 : 4) % size;
	if (what & 4)
		at -= at % 8;
	len = input_octets(input, what / 8 + 1u, &octets);
	len = len < size - at ? len : size - at;
	if (len)
		memcpy(base + at, octets, len);
}

/* Writes <path>: the <size> octets at <copy>. */
static void file_write(const char *path, const uint8_t *copy, size_t size)
{
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	must(file >= 0 && write(file, copy, size) == (ssize_t)size);
	close(file);
}

/* What it takes to be taken for a segment of this engine; a change must not make each one foreign. */
static void make_ours(uint8_t *copy)
{
	memcpy(copy, good, offsetof(struct segment_header, created));
	atomic_store(&((struct segment_header *)(void *)copy)->ready, 1);
}

static void write_damaged(const struct mapping *mapping, struct input *input, uint8_t how)
{
	uint8_t *copy = copy_of(good, good_size + sizeof(struct snapshot_trailer));
	struct snapshot_trailer trailer = { .magic = UINT64_C(0x50414e5344524157), .taken = SMALL_NOW };
	unsigned changes = input_octet(input) % CHANGES_MAX;

	while (changes--)
		change(mapping, copy, input);
	make_ours(copy);
	trailer.checksum = XXH3_64bits(copy, good_size);
	memcpy(copy + good_size, &trailer, sizeof(trailer));
	if (how & HOW_SNAPSHOT)
		file_write(snapshot, copy, good_size + sizeof(trailer));
	else
		file_write(segment, copy, good_size);
	free(copy);
}

/* --- and what comes of it ------------------------------------------------------------------- */

/* As `unbound-warden show` does: a mapping that cannot be written to. */
static void read_only(struct warden *warden, const char *path)
{
	struct mapping mapping;
	char error[512];
	static const uint8_t client[16] = { [10] = 0xff, 0xff, 192, 0, 2, 1 };
	struct name name;

	if (mapping_read(&mapping, path, warden->layout.digest, error, sizeof(error)))
		return;
	must(name_from_text(&name, "example.com"));
	small_use(warden, &mapping);
	texts_reports(warden, client, &name, SMALL_NOW);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	uint8_t how = input_octet(&input);
	struct warden *warden = small_engine(how & HOW_KIND ? SMALL_SENSITIVE : SMALL_WATCHFUL);
	struct mapping mapping;
	struct traffic traffic;
	char error[512];

	if (!good)
		prepare();
	unlink(segment);
	unlink(snapshot);
	small_fresh(warden);
	memcpy(warden->mapping.header, good, good_size); /* so that the slots in use can be found */
	write_damaged(&warden->mapping, &input, how);
	if (how & HOW_READ)
		read_only(warden, how & HOW_SNAPSHOT ? snapshot : segment);
	must(mapping_attach(&mapping, segment, snapshot, &small_sizes, warden->layout.digest, SMALL_NOW, NULL, error,
	                    sizeof(error)) == 0);
	small_use(warden, &mapping);
	traffic_play(&traffic, warden, &input, false);
	if (how & HOW_REPORTS)
		texts_reports(warden, traffic.client, &traffic.name, traffic.now);
	must(snapshot_write(&warden->mapping, snapshot, traffic.now, error, sizeof(error)) == 0);
	return 0;
}
