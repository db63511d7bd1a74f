/* SPDX-License-Identifier: BSD-3-Clause */
/* scarce - see scarce.h. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>
#include <maxminddb.h>

#include "scarce.h"

#define ENTRIES 10 /* names on all lists of everything */

#ifndef SANITIZED

/* ---- an allocator that fails ---------------------------------------------------- */

static _Atomic long until_failure; /* 0: never */
static _Atomic long failures;
static _Atomic long blocks, maps; /* that are there; of maps, octets in whole pages */
static bool for_good;

static _Thread_local bool inside; /* a call that fails as a whole or not at all */

static bool fails(void)
{
	long left = until_failure;

	if (inside)
		return false;
	while (left > 0 && !atomic_compare_exchange_weak(&until_failure, &left, for_good && left == 1 ? 1 : left - 1))
		;
	if (left != 1)
		return false;
	failures++;
	errno = ENOMEM;
	return true;
}

static void *counted_block(void *memory)
{
	blocks += memory != NULL;
	return memory;
}

/* Libraries see only what is visible, whatever flags the rest is built with. */
#pragma GCC visibility push(default)

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *memory);
const char *psl_dist_filename(void);
const char *psl_builtin_filename(void);

void *malloc(size_t size)
{
	return fails() ? NULL : counted_block(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : counted_block(__libc_calloc(count, size));
}

void *realloc(void *memory, size_t size)
{
	void *moved;

	if (fails())
		return NULL;
	moved = __libc_realloc(memory, size);
	blocks += (moved && !memory) - (memory && !size);
	return moved;
}

void free(void *memory)
{
	blocks -= memory != NULL;
	__libc_free(memory);
}

void *memalign(size_t alignment, size_t size)
{
	return fails() ? NULL : counted_block(__libc_memalign(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
	*memory = memalign(alignment, size);
	return *memory ? 0 : ENOMEM;
}

static long whole_pages(size_t len)
{
	return (long)((len + 4095) & ~(size_t)4095);
}

void *mmap(void *at, size_t len, int protection, int flags, int file, off_t offset)
{
	void *memory;

	if (fails())
		return MAP_FAILED;
	memory = (void *)syscall(SYS_mmap, at, len, protection, flags, file, offset);
	if (memory != MAP_FAILED && !(flags & MAP_FIXED)) /* which takes the place of what is counted */
		maps += whole_pages(len);
	return memory;
}

int munmap(void *memory, size_t len)
{
	maps -= whole_pages(len);
	return (int)syscall(SYS_munmap, memory, len);
}

/* A short list of suffixes: the usual one alone takes ten thousand allocations, all of the same kind. */
static char suffix_file[128];

const char *psl_dist_filename(void)
{
	return suffix_file;
}

const char *psl_builtin_filename(void)
{
	return suffix_file;
}

/* libmaxminddb 1.7 leaks when memory runs out in the middle of it. */
int MMDB_open(const char *filename, uint32_t flags, MMDB_s *mmdb)
{
	int (*real)(const char *, uint32_t, MMDB_s *);
	int result;

	if (fails())
		return MMDB_OUT_OF_MEMORY_ERROR;
	inside = true;
	*(void **)&real = dlsym(RTLD_NEXT, "MMDB_open");
	result = real(filename, flags, mmdb);
	inside = false;
	return result;
}

#pragma GCC visibility pop

void arm(long nth, bool and_all_others)
{
	failures = 0;
	for_good = and_all_others;
	until_failure = nth;
}

long disarm(void)
{
	until_failure = 0;
	return failures;
}

static long blocks_before, maps_before;

void remember(void)
{
	blocks_before = blocks;
	maps_before = maps;
}

bool is_as_before(void)
{
	return blocks == blocks_before && maps == maps_before;
}

void expect_no_leak(long nth)
{
	if (!is_as_before())
		fail_msg("allocation %ld: %ld blocks and %ld octets of maps leak:\n%s", nth, blocks - blocks_before,
		         maps - maps_before, said);
}

/* ---- a configuration with everything -------------------------------------------- */

static void remove_lists(void)
{
	unlink(temp("warden.d/dynamic-dns.list"));
	rmdir(temp("warden.d"));
}

static void write_lists(void)
{
	/* Where the defaults are, which need not be there; but they are. */
	if (mkdir(temp("warden.d"), 0700) == 0)
		atexit(remove_lists);
	temp_file("warden.d/dynamic-dns.list", "dynamic.example.org\nddns.example.org\n");
	temp_file("suffixes", "// ===BEGIN ICANN DOMAINS===\ncom\norg\nuk\nco.uk\n*.ck\n!www.ck\n\xe9\xa6\x99\xe6\xb8\xaf\n"
	          "// ===END ICANN DOMAINS===\n// ===BEGIN PRIVATE DOMAINS===\ngithub.io\n");
	strcpy(suffix_file, temp("suffixes"));
	temp_file("a.csv", "dynamic_dns_domains,isDynDNS\n*.csv.example.org*,True\n");
	temp_file("a.json", "{ \"type\": \"hostname\", \"list\": [ \".json.example.org\", \"*.wild.example.org\" ] }\n");
	temp_file("a.rpz", "$TTL 60\n@ SOA localhost. root.localhost. ( 1 2 3\n 4 5 )\nrpz.example.org CNAME .\n");
	temp_file("a.hosts", "127.0.0.1 localhost\n0.0.0.0 denied.example.com other.example.org\nbad..line\n");
	temp_file("allow.list", "allowed.example.org\n");
	temp_file("more.conf", "warden:\n allow-domain: included.example.org\n");
}

void write_everything(bool private)
{
	const char *source = getenv("WARDEN_SOURCE");
	char text[8192], paths[2048] = "";

	write_lists();
	temp_file("key", "0123456789abcdeffedcba9876543210\n");
	chmod(temp("key"), 0600);
	if (!private)
		snprintf(paths, sizeof(paths), " shared-memory: \"%s\"\n snapshot-file: \"\"\n event-file: \"%s\"\n"
		         " control-socket: \"%s\"\n event-socket: \"%s\"\n event-dnstap: \"%s\"\n"
		         " event-syslog: daemon\n event-syslog-socket: \"%s\"\n client-privacy: pseudonym\n"
		         " client-privacy-key-file: key\n", temp("segment"), temp("events"), temp("ctl"), temp("nobody"),
		         temp("nobody"), temp("nobody"));
	snprintf(text, sizeof(text), "warden:\n mode: enforce\n profile: small\n allow-client: 198.51.100.0/24\n"
	         " allow-domain: allowed.example.com\n allow-list: allow.list\n local-domain: corp.example\n"
	         " asn-database: \"%s/tests/data/places-asn.mmdb\"\n"
	         " country-database: \"%s/tests/data/places-country.mmdb\"\n"
	         " forwarder: 192.0.2.128/25\n never-hold: 203.0.113.0/24\n stats-view: totals\n%s"
	         "include: \"more.conf\"\n"
	         "client-profile:\n name: half\n client: 192.0.2.64/26\n client: 2001:db8::/32\n mode: observe\n"
	         "client-profile:\n name: quarter\n client: 192.0.2.96/27\n"
	         "detector:\n name: \"null-rate\"\n profile: half\n distinct: 2\n"
	         "list:\n name: feeds\n action: refuse\n file: a.csv\n file: a.json\n file: a.rpz\n file: a.hosts\n"
	         "list:\n name: more\n file: a.hosts\n"
	         "detector:\n name: \"answer-place\"\n deny-country: XA\n first-asn: yes\n"
	         "detector:\n name: \"record-change\"\n watch: \"www.example.co.uk\"\n", source ? source : ".",
	         source ? source : ".", paths);
	temp_file("warden.conf", text);
}

/* ---- an engine with that --------------------------------------------------------- */

char error[1024];

struct warden *try_open(bool private)
{
	struct warden_setup setup = {
		.config_file = config_path(), .now = NOW, .private_memory = private, .log = say,
	};

	error[0] = said[0] = '\0';
	return warden_open(&setup, error, sizeof(error));
}

/* How many names all lists of <warden> have. */
static size_t entries(struct warden *warden)
{
	unsigned cell;
	const struct config *config = rules_enter(warden, &cell)->config;
	size_t sum = 0;

	for (size_t i = 0; i < config->list_count; i++)
		sum += config->list[i].entries;
	rules_leave(warden, cell);
	return sum;
}

void expect_works(struct warden *warden)
{
	uint64_t before = counted(warden, COUNTER_misses);
	struct warden_decision listed = decision_on(warden, "192.0.2.1", "www.denied.example.com", 1);

	if (listed.verdict != WARDEN_REFUSE)
		fail_msg("the list is lost:\n%s", said);
	if (entries(warden) != ENTRIES)
		fail_msg("%zu names are on lists:\n%s", entries(warden), said);
	assert_true(decision_on(warden, "192.0.2.2", "www.example.com", 1).verdict <= WARDEN_TAG);
	assert_int_equal(decision_on(warden, "192.0.2.2", "www.allowed.example.org", 1).verdict, WARDEN_PASS);
	assert_int_equal(counted(warden, COUNTER_misses), before + 3);
}

void expect_sentence(void)
{
	if (!error[0] || strchr(error, '\n'))
		fail_msg("no sentence: '%s'", error);
}

struct warden *open_now(bool private)
{
	struct warden *warden = try_open(private);

	if (!warden)
		fail_msg("%s", error);
	return warden;
}

#endif
