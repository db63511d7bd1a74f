/* SPDX-License-Identifier: BSD-3-Clause */
/* rig - see rig.h. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "detect/detector.h"
#include "engine/engine.h"
#include "rig.h"
#include "store/pages.h"

#define BEGIN    UINT64_C(1700000000000000) /* microseconds since 1970 */
#define IDLE     UINT64_C(3600000000)       /* microseconds for which strangers are */
#define STRANGER UINT32_C(0x20000000)       /* number of the first client and domain that only fill */
#define HELD     UINT32_C(0x08000000)       /* of those who are held */
#define PATH     4096
#define PRIME    UINT64_C(4294967291)
#define ROUNDS   16 /* in which each pair asks for what is in the cache */
#define THREADS  2                          /* that fill and warm */

static void die(const char *what, const char *why)
{
	fprintf(stderr, "bench: %s: %s\n", what, why);
	exit(1);
}

/* Opens a new file for writing, and tells its path. */
static FILE *new_file(char path[PATH])
{
	const char *folder = getenv("TMPDIR");
	int descriptor;
	FILE *out;

	snprintf(path, PATH, "%s/warden-bench-XXXXXX", folder ? folder : "/tmp");
	descriptor = mkstemp(path);
	out = descriptor < 0 ? NULL : fdopen(descriptor, "w");
	if (!out)
		die(path, strerror(errno));
	return out;
}

static bool is_enabled(const struct rig_setup *setup, unsigned id)
{
	switch (setup->detectors) {
	case RIG_ALL:
		return true;
	case RIG_NONE:
		return false;
	case RIG_ONLY:
		return id == setup->detector;
	case RIG_WITHOUT:
		return id != setup->detector;
	}
	return false;
}

/* The list that Warden comes with for detector <id>, "" for none. */
static const char *list_of(unsigned id)
{
	switch (id) {
	case DETECTOR_dynamic_dns:
		return "dynamic-dns.list";
	case DETECTOR_resolver_bypass:
		return "resolvers.list";
	default:
		return "";
	}
}

/* In a path that is good wherever the configuration lies. */
static void write_list_of(FILE *out, const char *source, unsigned id)
{
	char *folder = realpath(source, NULL);

	if (!folder)
		die(source, strerror(errno));
	fprintf(out, " file: \"%s/conf/%s\"\n", folder, list_of(id));
	free(folder);
}

/* RIG_COUNT_FROM in the environment: other nodes are to know of who has told so many octets. */
static void write_configuration(FILE *out, const struct rig_setup *setup, const char *source,
                                const char *segment)
{
	fprintf(out,
	        "warden:\n profile: %s\n mode: %s\n shared-memory: \"%s\"\n"
	        " snapshot-file: \"\"\n event-file: \"\"\n control-socket: \"\"\n",
	        setup->profile, setup->enforce ? "enforce" : "observe", segment);
	if (getenv("RIG_COUNT_FROM"))
		fprintf(out, " fleet-redis: \"127.0.0.1\"\n fleet-count-from: %s\n", getenv("RIG_COUNT_FROM"));
	if (setup->list)
		fprintf(out, "list:\n name: \"bench\"\n file: \"%s\"\n", setup->list);
	for (unsigned id = 0; id < DETECTOR_COUNT; id++) {
		fprintf(out, "detector:\n name: \"%s\"\n enable: %s\n", detectors[id]->name,
		        is_enabled(setup, id) ? "yes" : "no");
		if (list_of(id)[0])
			write_list_of(out, source, id);
	}
}

/* Makes every page of the segment present and ours to write. */
static void populate(struct warden *warden)
{
	long page = sysconf(_SC_PAGESIZE);
	_Atomic unsigned char *octet = (_Atomic unsigned char *)(void *)warden->mapping.header;

#ifdef MADV_POPULATE_WRITE
	if (!madvise(warden->mapping.header, warden->mapping.size, MADV_POPULATE_WRITE))
		return;
#endif
	for (size_t i = 0; i < warden->mapping.size; i += (size_t)page)
		atomic_fetch_or_explicit(&octet[i], 0, memory_order_relaxed);
}

/* As the service does beside a resolver in its first seconds. RIG_SMALL_PAGES in the environment: not. */
static void join_pages(struct warden *warden)
{
	size_t at = 0;

	while (!getenv("RIG_SMALL_PAGES") && pages_join(warden->mapping.header, warden->mapping.size, &at))
		;
}

struct rig *rig_open(const struct rig_setup *setup, const char *source)
{
	char file[PATH], segment[64], error[512];
	struct rig *rig = calloc(1, sizeof(*rig));
	struct warden_setup opening = { .config_file = file, .now = BEGIN / 1000 };
	FILE *out = new_file(file);

	if (!rig)
		die(file, "out of memory");
	snprintf(segment, sizeof(segment), "/dev/shm/warden-bench-%ld", (long)getpid());
	write_configuration(out, setup, source, segment);
	if (fclose(out))
		die(file, strerror(errno));
	rig->warden = warden_open(&opening, error, sizeof(error));
	rig->shared = rig->warden;
	unlink(segment);
	if (!rig->warden) {
		opening.private_memory = 1;
		rig->warden = warden_open(&opening, error, sizeof(error));
	}
	unlink(file);
	if (!rig->warden)
		die("opening an engine", error);
	populate(rig->warden);
	join_pages(rig->warden);
	rig->now = BEGIN;
	return rig;
}

struct rig *rig_open_listed(const struct rig_setup *setup, const char *source, uint32_t entries)
{
	struct rig_setup listed = *setup;
	char file[PATH];
	FILE *out = new_file(file);
	struct rig *rig;

	for (uint32_t i = 0; i < entries; i++)
		fprintf(out, i % 2 ? "listed-%u.com\n" : "www.listed%u.net\n", i);
	if (fclose(out))
		die(file, strerror(errno));
	listed.list = file;
	rig = rig_open(&listed, source);
	unlink(file);
	return rig;
}

void rig_close(struct rig *rig)
{
	warden_close(rig->warden);
	free(rig);
}

struct rig_counts rig_counts(const struct rig *rig)
{
	const struct bank *banks = rig->warden->mapping.banks;
	struct rig_counts counts = {
		.untracked = banks_sum(banks, COUNTER_untracked),
		.busy = banks_sum(banks, COUNTER_busy),
		.evicted = banks_sum(banks, COUNTER_clients_evicted) + banks_sum(banks, COUNTER_pairs_evicted) +
		           banks_sum(banks, COUNTER_domains_evicted) + banks_sum(banks, COUNTER_delegations_evicted),
		.held = banks_sum(banks, COUNTER_held),
	};

	for (unsigned id = 0; id < DETECTOR_COUNT; id++)
		counts.opinions += banks_sum(banks, BANK_DETECTORS + id);
	return counts;
}

double rig_step(uint32_t clients)
{
	return 1e7 / clients;
}

/* ---- many questions that nobody measures ------------------------------------------ */

struct shift {
	struct rig *rig;
	const struct population *population; /* NULL: strangers */
	uint32_t clients, pairs;
	unsigned thread, round;
};

/* Number <i> of <count> in the order of <round>: a power of a prime that divides no count is a step that meets all.
 * Were the order the same each time, every pair would ask at regular intervals.
 */
static uint64_t in_order(uint64_t i, uint64_t count, unsigned round)
{
	uint64_t step = 1;

	while (round--)
		step = step * PRIME % count;
	return i * step % count;
}

static void warm_pair(struct rig *rig, const struct population *population, uint32_t client, uint32_t pair,
                      uint64_t now, bool first)
{
	struct question question;

	question_of_pair(&question, population, client, pair, now);
	if (!first) {
		question_cached(&question);
		warden_observe(rig->warden, &question.obs);
		return;
	}
	warden_observe(rig->warden, &question.obs);
	question_answer(&question);
	warden_observe(rig->warden, &question.obs);
}

static void *warm(void *arg)
{
	const struct shift *shift = arg;
	const struct population *population = shift->population;
	uint64_t count = (uint64_t)population->clients * population->pairs;
	double step = rig_step(population->clients), now = (double)shift->rig->now;

	for (uint64_t i = shift->thread; i < count; i += THREADS) {
		uint64_t number = in_order(i, count, shift->round);
		uint32_t client = (uint32_t)(number % population->clients), pair = (uint32_t)(number / population->clients);

		now += step * THREADS;
		if (client >= shift->clients || pair >= shift->pairs)
			warm_pair(shift->rig, population, client, pair, (uint64_t)(now / 1000), !shift->round);
	}
	return NULL;
}

static void *fill(void *arg)
{
	const struct shift *shift = arg;
	struct rig *rig = shift->rig;
	const struct mapping *mapping = &rig->warden->mapping;
	uint32_t clients = table_capacity(&mapping->clients), pairs = table_capacity(&mapping->pairs);
	struct population strangers = { .clients = clients + clients / 8, .first = STRANGER };
	uint64_t count = pairs + pairs / 4;
	double step = rig_step(strangers.clients);
	struct question question;

	for (uint64_t i = shift->thread; i < count; i += THREADS) {
		question_of_stranger(&question, &strangers, i, (rig->now + (uint64_t)((double)i * step)) / 1000);
		warden_observe(rig->warden, &question.obs);
		if (i < strangers.clients) {
			question_answer(&question);
			warden_observe(rig->warden, &question.obs);
		}
	}
	return NULL;
}

static void together(void *(*work)(void *), const struct shift *what)
{
	struct shift shift[THREADS];
	pthread_t id[THREADS];

	for (unsigned t = 0; t < THREADS; t++) {
		shift[t] = *what;
		shift[t].thread = t;
		if (pthread_create(&id[t], NULL, work, &shift[t]))
			die("pthread_create", "no thread");
	}
	for (unsigned t = 0; t < THREADS; t++)
		pthread_join(id[t], NULL);
}

void rig_warm(struct rig *rig, const struct population *population, uint32_t clients, uint32_t pairs)
{
	struct shift shift = { .rig = rig, .population = population, .clients = clients, .pairs = pairs };
	uint64_t count = (uint64_t)population->clients * population->pairs;

	for (; shift.round <= ROUNDS; shift.round++) {
		together(warm, &shift);
		rig->now += (uint64_t)((double)count * rig_step(population->clients));
	}
}

void rig_fill(struct rig *rig)
{
	together(fill, &(struct shift){ .rig = rig });
	rig->now += IDLE;
}

/* ---- holds ------------------------------------------------------------------------ */

const struct population rig_held = { .pairs = 1, .domains = 100000, .first = HELD };

static void hold_one(struct rig *rig, uint32_t i)
{
	const uint8_t *client;
	const struct name *below;
	struct question question;
	struct name name;
	char error[512];

	question_of_pair(&question, &rig_held, i, 0, rig->now / 1000);
	if (!name_parse(&name, question.qname, question.obs.qname_len))
		die("a name", "cannot be read");
	client = i % 4 == 3 ? NULL : question.obs.client;
	below = i % 2 ? &name : NULL;
	if (!engine_hold(rig->warden, client, below, rig->now / 1000, UINT64_MAX, "", error, sizeof(error)))
		die("a hold", error);
}

void rig_hold(struct rig *rig, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++)
		hold_one(rig, i);
}
