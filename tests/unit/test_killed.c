/* SPDX-License-Identifier: BSD-3-Clause */
/* test_killed - a resolver that is killed at any moment, 200 times: the next one goes on from there.
 *
 * Each time a child opens the engine with its service and looks in two threads, while it writes snapshots, events,
 * and reads the configuration anew. It is killed somewhere in there, often while it opens. What it had counted when
 * it was killed it tells by memory of its own (MAP_SHARED), one word a thread, written behind each look: so no
 * look that was over may be missing, and none may be there twice.
 *
 * Every tenth time the segment is gone as after a reboot, and the snapshot takes its place. test_crash does the same to
 * the store alone, and looks into every slot.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "name/name.h"
#include "store/snapshot.h"
#include "support.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define KILLS   40 /* opening takes ten times as long there */
#else
#define KILLS   200
#endif
#define LOOKERS 2
#define LONGEST 20000000 /* nanoseconds until the kill */

/* What the children have done, all together. Survives them. */
struct done {
	_Atomic uint64_t begun[LOOKERS], over[LOOKERS], refused[LOOKERS], opened;
};

static struct done *done;
static struct warden *warden;

static const char *config(void)
{
	static char text[2048];

	snprintf(text, sizeof(text), "warden:\n profile: small\n mode: enforce\n shared-memory: \"%s\"\n"
	         " snapshot-file: \"%s\"\n snapshot-interval: 1s\n event-file: \"%s\"\n control-socket: \"%s\"\n"
	         EVERY_DETECTOR, temp("segment"), temp("snapshot"), temp("events"), temp("ctl"));
	return text;
}

/* Everybody's client asks, and so does one who is held. New domains and clients come by all the time. */
static void look_for_ever(unsigned thread, void *arg)
{
	uint64_t random = 88172645463325252u * (thread + 1) + (uint64_t)getpid();
	struct asked asked;
	char client[32], name[64];

	(void)arg;
	for (;;) {
		uint64_t number = random_next(&random);
		bool is_held = number % 8 == 0;

		snprintf(client, sizeof(client), "192.0.%u.%u", thread, (unsigned)(number >> 8 & 255));
		snprintf(name, sizeof(name), "%x.d%u.com", (unsigned)(number >> 16 & 0xfffff), (unsigned)(number >> 40 & 1023));
		question(&asked, is_held ? "198.51.100.7" : client, is_held ? "www.held.example" : name,
		         number >> 60 ? 1 : 10);
		atomic_fetch_add(&done->begun[thread], 1);
		if (warden_observe(warden, &asked.obs).verdict == WARDEN_REFUSE)
			atomic_fetch_add(&done->refused[thread], 1);
		atomic_fetch_add(&done->over[thread], 1);
	}
}

/* The third thread: what a running resolver does beside that. */
static void work(unsigned thread, void *arg)
{
	char text[1024];

	if (thread < LOOKERS)
		look_for_ever(thread, arg);
	for (;;) {
		snapshot_write(&warden->mapping, temp("snapshot"), NOW, text, sizeof(text));
		engine_reload(warden, text, sizeof(text));
	}
}

static void live_until_killed(void)
{
	char text[1024];
	struct warden_setup setup = { .config_file = config_path(), .now = NOW };

	warden = warden_open(&setup, text, sizeof(text));
	if (!warden || warden_start(warden, text, sizeof(text))) {
		fprintf(stderr, "%s\n", text);
		_exit(1);
	}
	atomic_fetch_add(&done->opened, 1);
	in_threads(LOOKERS + 1, work, NULL);
}

static uint64_t sum(const _Atomic uint64_t word[LOOKERS])
{
	return word[0] + word[1];
}

/* Kills one some time after it was forked, or after it has opened: that may take longer than all the rest. */
static void kill_one(uint64_t *random, bool opened)
{
	struct timespec a_while = { 0, (long)(random_next(random) % LONGEST) };
	uint64_t before = done->opened;
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		live_until_killed();
	assert_true(child > 0);
	for (unsigned i = 0; opened && done->opened == before && i < 10000; i++)
		nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
	nanosleep(&a_while, NULL);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		fail_msg("a child ended with status %x", (unsigned)status);
}

/* Every slot that is taken can be read, is found by its hash, and is there once. */
static void check_table(const struct table *table)
{
	uint64_t word[CLIENT_WORDS], hash = 0;

	for (uint32_t i = 0; i < table_capacity(table); i++) {
		struct place place = table_at(table, i);

		if (!place.slot)
			continue;
		assert_true(slot_read(place.slot, &hash, 0, table->shape.words, word));
		assert_int_equal(hash, place.hash);
		assert_ptr_equal(table_find(table, hash).slot, place.slot);
	}
}

static uint64_t looks(void)
{
	return counted(warden, COUNTER_misses);
}

static void open_again(void)
{
	struct warden_setup setup = { .config_file = config_path(), .now = NOW, .log = say };
	char text[1024] = "";

	said[0] = '\0';
	warden = warden_open(&setup, text, sizeof(text));
	if (!warden)
		fail_msg("%s", text);
}

/* What is there after the kill is whole, and works. */
static void check_engine(void)
{
	struct mapping *mapping = &warden->mapping;
	const struct table *tables[] = { &mapping->clients, &mapping->pairs, &mapping->domains, &mapping->delegations,
		                         &mapping->holds };
	uint64_t before = looks(), busy = counted(warden, COUNTER_busy);

	for (unsigned i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		check_table(tables[i]);
	assert_int_equal(atomic_load(&mapping->header->holds), table_used(&mapping->holds));
	assert_int_equal(decision_on(warden, "198.51.100.7", "www.held.example", 1).verdict, WARDEN_REFUSE);
	assert_int_equal(decision_on(warden, "198.51.100.8", "www.example.com", 1).verdict, WARDEN_PASS);
	assert_int_equal(looks(), before + 2);
	assert_int_equal(counted(warden, COUNTER_busy), busy); /* nothing is locked */
	/* For the sums to come: these two looks are ours. */
	atomic_fetch_add(&done->begun[0], 2);
	atomic_fetch_add(&done->over[0], 2);
	atomic_fetch_add(&done->refused[0], 1);
}

static void hold_one(void)
{
	uint8_t octets[16];
	struct name domain;
	char text[256];

	address(octets, "198.51.100.7");
	assert_true(name_from_text(&domain, "held.example"));
	assert_true(engine_hold(warden, octets, &domain, NOW, NOW + 3600000, "", text, sizeof(text)));
}

static void killed(void **state)
{
	uint64_t random = 4242;
	uint64_t all = 0;
	unsigned reboots = 0;

	(void)state;
	done = mmap(NULL, sizeof(*done), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(done, MAP_FAILED);
	warden = open_engine(config(), false);
	hold_one();
	assert_int_equal(snapshot_write(&warden->mapping, temp("snapshot"), NOW, said, sizeof(said)), 0);
	warden_close(warden);
	for (unsigned i = 1; i <= KILLS; i++) {
		uint64_t at_start = sum(done->over);

		kill_one(&random, i % 4 != 0);
		if (i % 10 == 0) {
			/* The snapshot is a whole one, whenever its writer died; only what came behind it is lost. */
			unlink(temp("segment"));
			open_again();
			assert_non_null(strstr(said, "restored"));
			assert_true(looks() <= sum(done->begun));
			for (unsigned t = 0; t < LOOKERS; t++)
				done->begun[t] = done->over[t] = done->refused[t] = 0;
			done->begun[0] = done->over[0] = looks();
			done->refused[0] = counted(warden, COUNTER_refused);
			at_start = looks();
			reboots++;
		} else {
			open_again();
			if (strstr(said, "segment"))
				fail_msg("%s", said);
		}
		/* Each of the threads that died was in one look at most. */
		assert_in_range(looks(), sum(done->over), sum(done->begun));
		assert_in_range(counted(warden, COUNTER_refused), sum(done->refused), sum(done->refused) + LOOKERS);
		done->begun[0] = done->over[0] = looks() - done->over[1];
		done->begun[1] = done->over[1];
		done->refused[0] = counted(warden, COUNTER_refused) - done->refused[1];
		all += looks() - at_start;
		check_engine();
		warden_close(warden);
	}
	printf("%d kills, %u while it looked, %u reboots, %u looks\n", KILLS, (unsigned)done->opened, reboots,
	       (unsigned)all);
	assert_true(done->opened > KILLS / 2);
	assert_true(done->opened < KILLS); /* and some while it opened */
	assert_true(all > 1000);
	munmap(done, sizeof(*done));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(killed) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
