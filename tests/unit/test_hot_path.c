/* SPDX-License-Identifier: BSD-3-Clause */
/* test_hot_path - warden_observe() allocates nothing, neither itself nor by a library.
 *
 * This program's malloc and its kin stand before the C library's, for libraries as well. While
 * a thread is hot they end the process. Sanitizers have a malloc of their own, so with them
 * there is nothing to test here.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <libpsl.h>

#include "base/clock.h"
#include "sanitized.h"
#include "support.h"

#ifndef SANITIZED

static _Thread_local volatile sig_atomic_t hot;

static void trap(const char *who)
{
	if (!hot)
		return;
	hot = 0;
	if (write(STDERR_FILENO, who, strlen(who)) < 0 || write(STDERR_FILENO, " while hot\n", 11) < 0)
		_exit(1);
	abort();
}

/* Libraries see only what is visible, whatever flags the rest is built with. */
#pragma GCC visibility push(default)

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *memory);

void *malloc(size_t size)
{
	trap("malloc");
	return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	trap("calloc");
	return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
	trap("realloc");
	return __libc_realloc(memory, size);
}

void free(void *memory)
{
	if (memory)
		trap("free");
	__libc_free(memory);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	trap("aligned_alloc");
	return __libc_memalign(alignment, size);
}

void *memalign(size_t alignment, size_t size)
{
	trap("memalign");
	return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
	trap("posix_memalign");
	*memory = __libc_memalign(alignment, size);
	return *memory ? 0 : 12; /* ENOMEM */
}

#pragma GCC visibility pop

/* ---- the trap itself ----------------------------------------------------------- */

static void *volatile sink; /* or the compiler leaves the allocation out */

static void by_malloc(void)
{
	sink = malloc(1);
}

static void by_calloc(void)
{
	sink = calloc(1, 1);
}

static void by_realloc(void)
{
	sink = realloc(NULL, 1);
}

static void by_aligned(void)
{
	sink = aligned_alloc(64, 64);
}

static void by_posix(void)
{
	void *memory;

	if (posix_memalign(&memory, 64, 64) == 0)
		sink = memory;
}

static void by_free(void)
{
	free(sink);
}

static void by_libc(void)
{
	sink = strdup("anything");
}

static void by_libpsl(void)
{
	char *lower = NULL;

	psl_str_to_utf8lower("example.com", "utf-8", NULL, &lower);
	sink = lower;
}

static void by_nobody(void)
{
}

static bool is_caught(void (*work)(void))
{
	pid_t child;
	int status = 0;

	sink = malloc(1);
	child = fork();
	if (child == 0) {
		signal(SIGABRT, SIG_DFL); /* cmocka catches it */
		if (!freopen("/dev/null", "w", stderr))
			_exit(2);
		hot = 1;
		work();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	free(sink);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void trap_works(void **state)
{
	(void)state;
	assert_true(is_caught(by_malloc));
	assert_true(is_caught(by_calloc));
	assert_true(is_caught(by_realloc));
	assert_true(is_caught(by_aligned));
	assert_true(is_caught(by_posix));
	assert_true(is_caught(by_free));
	assert_true(is_caught(by_libc));
	assert_true(is_caught(by_libpsl));
	assert_false(is_caught(by_nobody));
}

/* ---- observations -------------------------------------------------------------- */

static struct warden *warden;

static struct warden_decision look(const struct warden_observation *obs)
{
	struct warden_decision decision;

	hot = 1;
	decision = warden_observe(warden, obs);
	warden_observe_took(warden, 100);
	warden_wants_records(warden);
	warden_memory(warden);
	hot = 0;
	return decision;
}

static int setup(void **state)
{
	const char *source = getenv("WARDEN_SOURCE");
	char config[4096];

	(void)state;
	temp_file("some.list", "t.example.net A note\nexample.co.uk\nno-such-tld\n");
	/* Databases of places too: they are looked into for answers. */
	snprintf(config, sizeof(config), "warden:\n mode: enforce\n profile: small\n allow-client: 198.51.100.0/24\n"
	         " allow-domain: example.org\n asn-database: \"%s/tests/data/places-asn.mmdb\"\n"
	         " country-database: \"%s/tests/data/places-country.mmdb\"\n"
	         " forwarder: 192.0.2.0/25\n"
	         "client-profile:\n name: half\n client: 192.0.2.0/25\n client: 2001:db8::/32\n"
	         "detector:\n name: \"null-rate\"\n profile: half\n distinct: 2\n"
	         "list:\n name: some\n file: some.list\n"
	         "detector:\n name: \"answer-place\"\n deny-country: XA\n first-asn: yes\n"
	         "detector:\n name: \"record-change\"\n watch: \"www.example.co.uk\"\n" EVERY_DETECTOR,
	         source ? source : ".", source ? source : ".");
	warden = open_engine(config, true);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	warden_close(warden);
	return 0;
}

static const char *const names[] = {
	".", "com", "example.com", "www.example.co.uk", "printer.no-such-tld", "x.localhost", "a.example.org",
	"1.0.0.127.in-addr.arpa", "\\000\\255\\046.example.net", "WwW.ExAmPlE.CoM", "b\\195\\188cher.example",
	"vaaaakasvem.t.example.net", "xn--bcher-kva.xn--p1ai",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
	"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb."
	"ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc."
	"ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd",
};
static const char *const clients[] = { "192.0.2.1", "2001:db8::1", "198.51.100.9" };
static const uint16_t types[] = { 1, 5, 10, 12, 15, 16, 28, 33, 255, 65399 };

#define TYPES (sizeof(types) / sizeof(*types))

/* <call> tells direction and path; answers have records of all sorts. */
static void look_like(const char *name, const char *client, unsigned type, unsigned call)
{
	static const uint8_t octets[300] = "VACK\0\1\2\3", v4[] = { 192, 0, 2, 1 }, v6[16] = { 0x20, 1, 0xd, 0xb8 };
	struct warden_record record[8];
	struct asked asked;

	question(&asked, client, name, types[type]);
	asked.obs.what = (uint8_t)(call % 4);
	asked.obs.path = (uint8_t)(call / 4);
	asked.obs.flags = (uint8_t)(type % 8);
	address(asked.obs.subnet, "203.0.113.0"); /* one of the clients is a forwarder */
	asked.obs.subnet_prefix = type % 2 ? 120 : 0;
	for (unsigned i = 0; i < 8; i++)
		record[i] = (struct warden_record){
			.rdata = octets,
			.ttl = i,
			.type = types[(type + i) % TYPES],
			.rdata_len = (uint16_t)(i * 40),
		};
	record[0] = (struct warden_record){ .rdata = v4, .type = 1, .rdata_len = 4 };
	record[1] = (struct warden_record){ .rdata = v6, .type = 28, .rdata_len = 16 };
	asked.obs.records = record;
	asked.obs.record_count = asked.obs.answer_count = type < 8 ? (uint16_t)type : 8;
	look(&asked.obs);
}

/* Every name, client, type, path and direction. */
static void every_kind(void **state)
{
	struct asked asked;

	(void)state;
	for (unsigned n = 0; n < sizeof(names) / sizeof(*names); n++)
		for (unsigned c = 0; c < 3; c++)
			for (unsigned t = 0; t < TYPES; t++)
				for (unsigned call = 0; call < 4 * WARDEN_PATH_COUNT; call++)
					look_like(names[n], clients[c], t, call);
	question(&asked, "192.0.2.1", "example.com", 1);
	asked.obs.qname_len--;
	look(&asked.obs);
	asked.obs.path = WARDEN_PATH_COUNT;
	look(&asked.obs);
	assert_true(counted(warden, COUNTER_malformed) > 0);
	assert_true(counted(warden, (enum counter_id)(BANK_DETECTORS + DETECTOR_list)) > 0);
	assert_true(counted(warden, COUNTER_allowed) > 0);
}

/* New clients, pairs and names until tables overflow, filters rotate and the ring is full. */
static void until_everything_is_full(void **state)
{
	struct asked asked;
	char text[256];
	uint8_t client[16];

	(void)state;
	for (unsigned n = 0; n < 200000; n++) {
		snprintf(text, sizeof(text), "%x.d%u.com", n, n % 50000);
		question(&asked, "192.0.2.1", text, n % 8 ? 16 : 10);
		address(client, "2001:db8::");
		memcpy(client + 4, &(uint32_t){ n % 20000 }, 4);
		memcpy(asked.obs.client, client, 16);
		asked.obs.now += n * 1000;
		look(&asked.obs);
	}
	assert_true(counted(warden, COUNTER_clients_evicted) > 0);
	assert_true(counted(warden, COUNTER_pairs_evicted) > 0);
	assert_true(counted(warden, COUNTER_domains_evicted) > 0);
	assert_true(counted(warden, COUNTER_filter_rotations) > 0);
}

/* Verdicts, holds and events, also when there is room for neither. */
static void verdicts(void **state)
{
	unsigned refused = 0;
	struct asked asked;
	char text[256];

	(void)state;
	for (unsigned n = 0; n < 20000; n++) {
		snprintf(text, sizeof(text), "%x.d%u.com", n, n / 5);
		question(&asked, "192.0.2.1", text, 10);
		refused += look(&asked.obs).verdict == WARDEN_REFUSE;
	}
	assert_true(refused > 1000);
	assert_true(counted(warden, COUNTER_held) > 0);
	assert_true(counted(warden, COUNTER_holds_lost) > 0);
	assert_true(counted(warden, COUNTER_events_lost) > 0);
}

/* The first look of a thread takes a bank and a cell. */
static void first_look(unsigned thread, void *arg)
{
	struct asked asked;

	(void)arg;
	question(&asked, clients[thread % 3], "example.com", 1);
	look(&asked.obs);
}

static void new_threads(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 20; i++)
		in_threads(8, first_look, NULL);
	assert_int_equal(counted(warden, COUNTER_misses), 160);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trap_works),
		TEST(every_kind),
		TEST(until_everything_is_full),
		TEST(verdicts),
		TEST(new_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
	return 77; /* skipped */
}

#endif
