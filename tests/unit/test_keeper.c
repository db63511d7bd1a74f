/* SPDX-License-Identifier: BSD-3-Clause */
/* test_keeper - local zones in step with the holds: what is set and removed in an Unbound that is played by
 * fake_unbound.c, what is left alone, and what happens when it fails, is slow, restarts or goes away.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_unbound.h"
#include "store/counters.h"
#include "support.h"
#include "wardend/clocks.h"
#include "wardend/keeper.h"
#include "wardend/kept.h"

#define ENFORCE "warden:\n\tmode: enforce\n"
#define PATIENT 30000 /* milliseconds in which something has to come about: beyond LIST_TIME and USUAL_TIME of keeper.c */
#define AN_HOUR (3600 * UINT64_C(1000))

static struct fake_unbound fake;
static struct keeper keeper;
static struct warden *warden;

/* Waits until <so>; the test fails when it does not come about. */
#define UNTIL(so) do { \
		int64_t until_ = clock_steady() + PATIENT; \
		while (!(so) && clock_steady() < until_) \
			poll(NULL, 0, 2); \
		assert_true(so); \
	} while (0)

#define HAS(line) fake_unbound_has(&fake, line)

/* <patience>: milliseconds that Unbound has for an answer; 0: as many as usual. */
static void keeper_begin_with(int64_t patience)
{
	struct warden_mirror mirror;
	char error[512] = "";

	memset(&keeper, 0, sizeof(keeper));
	keeper.control.patience = patience;
	mirror = keeper_mirror(&keeper);
	assert_int_equal(mirror.version(mirror.arg), UINT64_MAX);
	if (keeper_start(&keeper, warden, fake.path, temp("snapshot"), error, sizeof(error)))
		fail_msg("%s", error);
}

static void keeper_begin(void)
{
	keeper_begin_with(0);
}

static void keeper_end(void)
{
	keeper_stop(&keeper);
	keeper_free(&keeper);
}

static void begin(const char *config)
{
	*said = '\0';
	temp_clean();
	warden = open_engine(config, true);
	fake_unbound_open(&fake, temp("unbound.ctl"));
	keeper_begin();
}

static void end(void)
{
	keeper_end();
	fake_unbound_close(&fake);
	warden_close(warden);
}

/* <client> NULL: any. */
static void hold_for(const char *client, const char *domain, uint64_t time)
{
	char error[256] = "";
	uint8_t octets[16];
	struct name name;

	if (client)
		address(octets, client);
	if (domain)
		assert_true(name_from_text(&name, domain));
	if (!engine_hold(warden, client ? octets : NULL, domain ? &name : NULL, clock_now(), clock_now() + time, "", error,
	                 sizeof(error)))
		fail_msg("%s", error);
	keeper_ring(&keeper, false);
}

static void hold(const char *client, const char *domain)
{
	hold_for(client, domain, AN_HOUR);
}

static void release(const char *client, const char *domain)
{
	uint8_t octets[16];
	struct name name;

	if (client)
		address(octets, client);
	assert_true(name_from_text(&name, domain));
	assert_true(engine_release(warden, client ? octets : NULL, &name, clock_now()));
	keeper_ring(&keeper, false);
}

static void allow(const char *client, const char *domain)
{
	char error[256] = "";
	uint8_t octets[16];
	struct name name;

	if (client)
		address(octets, client);
	if (domain)
		assert_true(name_from_text(&name, domain));
	assert_true(engine_allow(warden, client ? octets : NULL, domain ? &name : NULL, clock_now(), UINT64_MAX, "", error,
	                         sizeof(error)));
	keeper_ring(&keeper, false);
}

static void disallow(const char *domain)
{
	struct name name;

	assert_true(name_from_text(&name, domain));
	assert_true(engine_disallow(warden, NULL, &name, clock_now()));
	keeper_ring(&keeper, false);
}

/* A question at the time that it is: the keeper goes by the clock. */
static void ask_now(const char *client, const char *qname)
{
	struct asked asked;

	question(&asked, client, qname, 1);
	asked.obs.now = clock_now();
	warden_observe(warden, &asked.obs);
	spared_note(&keeper.spared_names, warden, &asked.obs);
}

static uint64_t gauge(void)
{
	return atomic_load(&warden->mapping.header->gauge[GAUGE_tap_zones]);
}

static bool is_in_step(void)
{
	return atomic_load(&keeper.version) == warden_holds_version(warden);
}

/* --- what is set, and what goes ------------------------------------------------------------ */

static void holds_are_zones(void **state)
{
	(void)state;
	begin(ENFORCE);
	UNTIL(fake_unbound_marks(&fake) == 1);
	hold(NULL, "example.org");
	UNTIL(HAS("example.org. always_refuse"));
	hold(NULL, "b.test");
	UNTIL(HAS("b.test. always_refuse"));
	UNTIL(is_in_step());
	assert_int_equal(counted(warden, COUNTER_tap_denied), 2);
	assert_int_equal(gauge(), 2);
	/* Nothing else is asked than to begin with. */
	assert_int_equal(fake.removals, 0);
	assert_int_equal(fake.sets, 3);
	release(NULL, "example.org");
	UNTIL(!HAS("example.org."));
	assert_true(HAS("b.test. always_refuse"));
	UNTIL(gauge() == 1);
	assert_int_equal(counted(warden, COUNTER_tap_failed), 0);
	/* The end leaves nothing. */
	keeper_end();
	assert_int_equal(fake_unbound_count(&fake), 0);
	assert_int_equal(fake_unbound_marks(&fake), 0);
	assert_int_equal(access(temp("snapshot.zones"), F_OK), -1);
	assert_int_equal(gauge(), 0);
	keeper_begin();
	UNTIL(HAS("b.test. always_refuse"));
	end();
}

static void a_hold_ends(void **state)
{
	(void)state;
	begin(ENFORCE);
	hold_for(NULL, "example.org", 700);
	UNTIL(HAS("example.org. always_refuse"));
	UNTIL(!HAS("example.org."));
	end();
}

static void only_enforced(void **state)
{
	(void)state;
	begin("warden:\n\tmode: observe\n");
	hold(NULL, "example.org");
	UNTIL(is_in_step() && fake_unbound_marks(&fake) == 1);
	assert_int_equal(fake_unbound_count(&fake), 0);
	engine_set_mode(warden, MODE_ENFORCE);
	UNTIL(HAS("example.org. always_refuse"));
	engine_set_mode(warden, MODE_OBSERVE);
	UNTIL(!HAS("example.org."));
	end();
}

static void exemptions(void **state)
{
	(void)state;
	begin(ENFORCE);
	hold(NULL, "example.org");
	UNTIL(HAS("example.org. always_refuse"));
	allow(NULL, "www.example.org");
	UNTIL(HAS("www.example.org. always_transparent"));
	assert_true(HAS("example.org. always_refuse"));
	disallow("www.example.org");
	UNTIL(!HAS("www.example.org."));
	allow(NULL, "example.org");
	UNTIL(!HAS("example.org."));
	disallow("example.org");
	UNTIL(HAS("example.org. always_refuse"));
	/* Of one client: nobody is refused what it asks for, from when it asks on. */
	allow("192.0.2.7", NULL);
	UNTIL(is_in_step());
	assert_true(HAS("example.org. always_refuse"));
	ask_now("192.0.2.7", "a.example.org");
	UNTIL(!HAS("example.org."));
	assert_int_equal(times_said("a client who is exempt asks"), 1);
	end();
}

static void whole_clients(void **state)
{
	(void)state;
	begin(ENFORCE);
	hold("192.0.2.1", NULL);
	UNTIL(times_said("clients are held as a whole") == 1);
	UNTIL(is_in_step());
	assert_int_equal(fake_unbound_count(&fake), 0);
	end();
}

/* --- domain-of-pair ------------------------------------------------------------------------ */

static void pair_no(void **state)
{
	(void)state;
	begin(ENFORCE "\tdomain-of-pair: no\n");
	ask_now("192.0.2.1", "a.example.org");
	hold("192.0.2.1", "example.org");
	hold(NULL, "b.test");
	UNTIL(HAS("b.test. always_refuse") && is_in_step());
	assert_false(HAS("example.org."));
	end();
}

static void pair_yes(void **state)
{
	static const char *const client[] = { "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4" };

	(void)state;
	begin(ENFORCE "\tdomain-of-pair: yes\n");
	hold("192.0.2.1", "b.test");
	UNTIL(HAS("b.test. always_refuse")); /* whoever asks for it, or nobody */
	for (unsigned i = 0; i < 4; i++)
		ask_now(client[i], "a.example.org");
	hold("192.0.2.1", "example.org");
	UNTIL(HAS("example.org. always_refuse"));
	release("192.0.2.1", "example.org");
	UNTIL(!HAS("example.org."));
	end();
}

static void pair_rare(void **state)
{
	(void)state;
	begin(ENFORCE "\tdomain-of-pair: rare\n");
	hold("192.0.2.1", "b.test");
	hold(NULL, "c.test");
	UNTIL(HAS("c.test. always_refuse") && is_in_step());
	assert_false(HAS("b.test.")); /* nobody has asked for it */
	ask_now("192.0.2.1", "a.example.org");
	ask_now("192.0.2.2", "a.example.org");
	hold("192.0.2.1", "example.org");
	UNTIL(HAS("example.org. always_refuse"));
	/* The third one. */
	ask_now("192.0.2.3", "a.example.org");
	UNTIL(!HAS("example.org."));
	assert_true(HAS("c.test. always_refuse"));
	end();
}

/* --- what is others' ----------------------------------------------------------------------- */

static void foreign_zones(void **state)
{
	(void)state;
	begin(ENFORCE);
	fake_unbound_set(&fake, "mine.test. static");
	fake_unbound_set(&fake, "alike.test. always_refuse");
	fake_unbound_set(&fake, "besides.test. transparent");
	hold(NULL, "mine.test");
	hold(NULL, "alike.test");
	hold(NULL, "example.org");
	UNTIL(HAS("example.org. always_refuse") && is_in_step());
	assert_int_equal(times_said("a local zone already that is not ours"), 1);
	release(NULL, "mine.test");
	release(NULL, "alike.test");
	release(NULL, "example.org");
	UNTIL(!HAS("example.org.") && is_in_step());
	keeper_end();
	assert_true(HAS("mine.test. static"));
	assert_true(HAS("alike.test. always_refuse"));
	assert_true(HAS("besides.test. transparent"));
	assert_int_equal(fake_unbound_count(&fake), 3);
	keeper_begin();
	end();
}

/* Somebody sets a zone of ours to something else: from then on it is theirs. */
static void taken_over(void **state)
{
	(void)state;
	begin(ENFORCE);
	hold(NULL, "example.org");
	UNTIL(HAS("example.org. always_refuse") && is_in_step());
	fake_unbound_set(&fake, "example.org. static");
	keeper_ring(&keeper, true);
	UNTIL(gauge() == 0);
	release(NULL, "example.org");
	UNTIL(is_in_step());
	keeper_end();
	assert_true(HAS("example.org. static"));
	keeper_begin();
	end();
}

/* --- Unbound anew, away and back ----------------------------------------------------------- */

static void set_again(void **state)
{
	(void)state;
	begin(ENFORCE);
	hold(NULL, "example.org");
	UNTIL(HAS("example.org. always_refuse") && is_in_step());
	/* One that somebody has removed: by the next list. */
	fake_unbound_forget(&fake, "example.org.");
	keeper_ring(&keeper, true);
	UNTIL(HAS("example.org. always_refuse"));
	/* It reads its configuration again: the mark is gone, and a zone of that name is the operator's now. */
	hold(NULL, "b.test");
	UNTIL(HAS("b.test. always_refuse") && is_in_step());
	pthread_mutex_lock(&fake.lock);
	fake.zones = 0;
	strcpy(fake.zone[fake.zones++], "b.test. always_refuse");
	pthread_mutex_unlock(&fake.lock);
	keeper_ring(&keeper, true);
	UNTIL(HAS("example.org. always_refuse") && fake_unbound_marks(&fake) == 1);
	assert_int_equal(times_said("Unbound was started or reloaded"), 1);
	release(NULL, "b.test");
	UNTIL(is_in_step());
	assert_true(HAS("b.test. always_refuse"));
	end();
}

static void away_and_back(void **state)
{
	(void)state;
	begin(ENFORCE);
	hold(NULL, "example.org");
	UNTIL(HAS("example.org. always_refuse") && is_in_step());
	fake_unbound_die(&fake);
	hold(NULL, "b.test");
	UNTIL(times_said("unbound.ctl: No such file") == 1);
	assert_false(is_in_step());
	fake_unbound_rise(&fake);
	UNTIL(HAS("example.org. always_refuse") && HAS("b.test. always_refuse") && is_in_step());
	assert_int_equal(times_said("answers again"), 1);
	/* Nobody there at the end: it ends none the less. */
	fake_unbound_die(&fake);
	keeper_end();
	fake_unbound_rise(&fake);
	keeper_begin();
	end();
}

/* After a crash: what the file says is ours goes when it is no longer held. */
static void after_a_crash(void **state)
{
	struct zones own = { .item = NULL }, none = own;

	(void)state;
	begin(ENFORCE);
	keeper_end();
	assert_true(zones_add(&own, "gone.test.", ZONE_REFUSE) && zones_add(&own, "held.test.", ZONE_REFUSE) &&
	            zones_add(&own, "changed.test.", ZONE_REFUSE));
	assert_int_equal(kept_write(temp("snapshot.zones"), &own, &none, "wardend-1.invalid."), 0);
	zones_free(&own);
	fake_unbound_set(&fake, "wardend-1.invalid. always_transparent");
	fake_unbound_set(&fake, "gone.test. always_refuse");
	fake_unbound_set(&fake, "held.test. always_refuse");
	fake_unbound_set(&fake, "changed.test. static");
	fake_unbound_set(&fake, "mine.test. always_refuse");
	keeper_begin();
	hold(NULL, "held.test");
	UNTIL(!HAS("gone.test.") && is_in_step());
	assert_true(HAS("held.test. always_refuse"));
	assert_true(HAS("changed.test. static"));
	keeper_end();
	assert_false(HAS("held.test."));
	assert_true(HAS("mine.test. always_refuse"));
	assert_int_equal(fake_unbound_marks(&fake), 0);
	keeper_begin();
	end();
}

/* It crashed while a zone was to become another: which of the two it is, Unbound tells. */
static void after_a_crash_between(void **state)
{
	struct zones own = { .item = NULL }, more = own;

	(void)state;
	begin(ENFORCE);
	keeper_end();
	assert_true(zones_add(&own, "a.test.", ZONE_NODATA) && zones_add(&more, "a.test.", ZONE_REFUSE));
	assert_true(zones_add(&own, "b.test.", ZONE_NODATA) && zones_add(&more, "b.test.", ZONE_REFUSE));
	assert_int_equal(kept_write(temp("snapshot.zones"), &own, &more, "wardend-1.invalid."), 0);
	zones_free(&own);
	zones_free(&more);
	fake_unbound_set(&fake, "wardend-1.invalid. always_transparent");
	fake_unbound_set(&fake, "a.test. always_nodata");
	fake_unbound_set(&fake, "b.test. always_refuse");
	keeper_begin();
	hold(NULL, "a.test");
	hold(NULL, "b.test");
	UNTIL(HAS("a.test. always_refuse") && HAS("b.test. always_refuse") && is_in_step());
	release(NULL, "a.test");
	release(NULL, "b.test");
	UNTIL(fake_unbound_count(&fake) == 0);
	end();
}

/* As many zones as there may be give way to as many others: none is forgotten in Unbound, nor in the file. */
static void as_many_others(void **state)
{
	struct zones own = { .item = NULL }, more = own;
	char name[ZONE_NAME_MAX + 1], mark[ZONE_NAME_MAX + 1];

	(void)state;
	for (unsigned i = 0; i < ZONES_MAX; i++) {
		snprintf(name, sizeof(name), "a%u.test.", i);
		assert_true(zones_add(&own, name, ZONE_REFUSE));
		snprintf(name, sizeof(name), "b%u.test.", i);
		assert_true(zones_add(&more, name, ZONE_REFUSE));
	}
	assert_false(zones_add(&more, "c.test.", ZONE_REFUSE));
	assert_int_equal(kept_write(temp("snapshot.zones"), &own, &more, "wardend-1.invalid."), 0);
	zones_clear(&own);
	kept_read(temp("snapshot.zones"), &own, mark);
	assert_int_equal(own.count, 2 * ZONES_MAX);
	assert_false(own.full);
	zones_free(&own);
	zones_free(&more);
}

/* The same of the keeper: zones that a crash has left take all the room there is for zones that are wanted. When it
 * ends before they have gone, what was set since has not been forgotten.
 */
static void ours_at_the_limit(void **state)
{
	struct zones own = { .item = NULL }, none = own;
	char line[ZONE_NAME_MAX + 32];

	(void)state;
	begin(ENFORCE);
	keeper_end();
	fake_unbound_set(&fake, "wardend-1.invalid. always_transparent");
	for (unsigned i = 0; i < ZONES_MAX; i++) {
		snprintf(line, sizeof(line), "a%u.test.", i);
		assert_true(zones_add(&own, line, ZONE_REFUSE));
		strcat(line, " always_refuse");
		fake_unbound_set(&fake, line);
	}
	assert_int_equal(kept_write(temp("snapshot.zones"), &own, &none, "wardend-1.invalid."), 0);
	zones_free(&own);
	/* They cannot be removed: one more is set all the same, and goes. */
	fake_unbound_refuse(&fake, "a1");
	keeper_begin();
	hold(NULL, "example.org");
	UNTIL(HAS("example.org. always_refuse") && is_in_step());
	release(NULL, "example.org");
	UNTIL(!HAS("example.org."));
	fake_unbound_refuse(&fake, "");
	/* So many may be more than can be removed within LAST_TIME, on a slow machine: the next one removes the rest. */
	keeper_end();
	for (unsigned i = 0; i < 20 && fake_unbound_count(&fake); i++) {
		assert_int_equal(fake_unbound_marks(&fake), 1);
		keeper_begin();
		UNTIL(is_in_step());
		keeper_end();
	}
	assert_int_equal(fake_unbound_count(&fake), 0);
	assert_int_equal(fake_unbound_marks(&fake), 0);
	keeper_begin();
	end();
}

/* The same file, and an Unbound that was started since: nothing in it is ours. */
static void after_both_crashed(void **state)
{
	struct zones own = { .item = NULL }, none = own;

	(void)state;
	begin(ENFORCE);
	keeper_end();
	assert_true(zones_add(&own, "gone.test.", ZONE_REFUSE));
	assert_int_equal(kept_write(temp("snapshot.zones"), &own, &none, "wardend-1.invalid."), 0);
	zones_free(&own);
	fake_unbound_set(&fake, "gone.test. always_refuse");
	keeper_begin();
	UNTIL(fake_unbound_marks(&fake) == 1 && is_in_step());
	keeper_end();
	assert_true(HAS("gone.test. always_refuse"));
	keeper_begin();
	end();
}

/* --- it fails, is slow, or says nothing ---------------------------------------------------- */

static void not_taken(void **state)
{
	(void)state;
	begin(ENFORCE);
	UNTIL(fake_unbound_marks(&fake) == 1);
	fake_unbound_refuse(&fake, "bad");
	hold(NULL, "bad.test");
	UNTIL(counted(warden, COUNTER_tap_failed) > 0);
	assert_int_equal(counted(warden, COUNTER_tap_denied), 0);
	hold(NULL, "example.org");
	UNTIL(HAS("example.org. always_refuse"));
	/* Tried again until it is taken. */
	fake_unbound_refuse(&fake, "");
	keeper_ring(&keeper, true);
	UNTIL(HAS("bad.test. always_refuse"));
	end();
}

/* A zone of ours that is to be of another kind, which is not taken: it is ours none the less. */
static void kind_not_taken(void **state)
{
	(void)state;
	begin(ENFORCE);
	hold(NULL, "example.org");
	hold(NULL, "www.example.org");
	allow(NULL, "www.example.org");
	UNTIL(HAS("www.example.org. always_transparent") && is_in_step());
	fake_unbound_refuse(&fake, "www");
	disallow("www.example.org");
	UNTIL(counted(warden, COUNTER_tap_failed) > 0);
	fake_unbound_refuse(&fake, "");
	keeper_ring(&keeper, true);
	UNTIL(HAS("www.example.org. always_refuse"));
	release(NULL, "www.example.org");
	UNTIL(!HAS("www.example.org."));
	end();
}

/* Likewise when it does not say in time whether it has taken it. */
static void kind_taken_late(void **state)
{
	(void)state;
	begin(ENFORCE);
	keeper_end();
	keeper_begin_with(200);
	hold(NULL, "example.org");
	hold(NULL, "www.example.org");
	allow(NULL, "www.example.org");
	UNTIL(HAS("www.example.org. always_transparent") && is_in_step());
	fake.late = true;
	disallow("www.example.org");
	UNTIL(HAS("www.example.org. always_refuse") && times_said("it does not answer") == 1);
	fake.late = false;
	UNTIL(is_in_step());
	release(NULL, "www.example.org");
	UNTIL(!HAS("www.example.org."));
	end();
}

/* A removal that is not taken is tried again. */
static void not_removed(void **state)
{
	(void)state;
	begin(ENFORCE);
	hold(NULL, "bad.test");
	UNTIL(HAS("bad.test. always_refuse") && is_in_step());
	fake_unbound_refuse(&fake, "bad");
	release(NULL, "bad.test");
	UNTIL(counted(warden, COUNTER_tap_failed) > 0);
	fake_unbound_refuse(&fake, "");
	keeper_ring(&keeper, true);
	UNTIL(!HAS("bad.test."));
	end();
}

static void errors(void **state)
{
	(void)state;
	begin(ENFORCE);
	UNTIL(fake_unbound_marks(&fake) == 1);
	fake.instead = "error unknown command 'list_local_zones'\n";
	hold(NULL, "example.org");
	UNTIL(times_said("it does not list its local zones") == 1);
	assert_false(HAS("example.org."));
	fake.instead = NULL;
	UNTIL(HAS("example.org. always_refuse"));
	end();
}

static void stops_while_it_is_silent(void **state)
{
	int64_t began;

	(void)state;
	begin(ENFORCE);
	UNTIL(fake_unbound_marks(&fake) == 1);
	fake.silent = true;
	hold(NULL, "example.org");
	poll(NULL, 0, 100);
	began = clock_steady();
	keeper_end();
	/* At once, and the second that its zones may take (LAST_TIME). */
	assert_in_range(clock_steady() - began, 0, 1900);
	fake.silent = false;
	keeper_begin();
	end();
}

/* The disk is full: nothing is refused that nobody would know of, and what is no longer held goes all the same. */
static void no_file(void **state)
{
	(void)state;
	begin(ENFORCE);
	hold(NULL, "before.test");
	UNTIL(HAS("before.test. always_refuse") && is_in_step());
	assert_int_equal(mkdir(temp("snapshot.zones.new"), 0700), 0);
	hold(NULL, "meanwhile.test");
	UNTIL(times_said("no local zone is set that nobody would know of") == 1);
	assert_false(is_in_step());
	release(NULL, "before.test");
	UNTIL(!HAS("before.test."));
	assert_false(HAS("meanwhile.test."));
	release(NULL, "meanwhile.test");
	UNTIL(is_in_step());
	hold(NULL, "meanwhile.test");
	UNTIL(!is_in_step());
	assert_int_equal(rmdir(temp("snapshot.zones.new")), 0);
	UNTIL(HAS("meanwhile.test. always_refuse") && is_in_step());
	end();
}

/* What is not removed at the end is said, and the next one removes it. */
static void not_removed_at_the_end(void **state)
{
	(void)state;
	begin(ENFORCE);
	hold(NULL, "bad.test");
	UNTIL(HAS("bad.test. always_refuse") && is_in_step());
	fake_unbound_refuse(&fake, "bad");
	keeper_end();
	assert_true(HAS("bad.test. always_refuse"));
	assert_int_equal(times_said("stay until Unbound is started or the next wardend removes them"), 1);
	assert_int_equal(access(temp("snapshot.zones"), F_OK), 0);
	fake_unbound_refuse(&fake, "");
	keeper_begin();
	release(NULL, "bad.test");
	UNTIL(!HAS("bad.test.") && is_in_step());
	end();
}

/* A file that cannot be read is not one that is not there. */
static void unreadable_file(void **state)
{
	(void)state;
	begin(ENFORCE);
	UNTIL(is_in_step());
	keeper_end();
	unlink(temp("snapshot.zones"));
	assert_int_equal(symlink("snapshot.zones", temp("snapshot.zones")), 0);
	keeper_begin();
	assert_int_equal(times_said("are not known as such"), 1);
	end();
}

/* In the middle of a command: that is no reason to leave its zones behind. */
static void stops_while_it_works(void **state)
{
	(void)state;
	begin(ENFORCE);
	UNTIL(fake_unbound_marks(&fake) == 1);
	fake.late = true;
	hold(NULL, "example.org");
	UNTIL(HAS("example.org. always_refuse"));
	keeper_end();
	assert_int_equal(fake_unbound_count(&fake), 0);
	assert_int_equal(fake_unbound_marks(&fake), 0);
	assert_string_equal(said, "");
	keeper_begin();
	end();
}

/* Silent for longer than an answer may take: it is said, and made good afterwards. */
static void silent_for_long(void **state)
{
	(void)state;
	begin(ENFORCE);
	UNTIL(fake_unbound_marks(&fake) == 1);
	keeper_end();
	keeper_begin_with(200);
	fake.silent = true;
	hold(NULL, "example.org");
	UNTIL(times_said("it does not answer") == 1);
	assert_int_equal(fake_unbound_count(&fake), 0);
	fake.silent = false;
	UNTIL(HAS("example.org. always_refuse") && is_in_step());
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_are_zones),
		cmocka_unit_test(a_hold_ends),
		cmocka_unit_test(only_enforced),
		cmocka_unit_test(exemptions),
		cmocka_unit_test(whole_clients),
		cmocka_unit_test(pair_no),
		cmocka_unit_test(pair_yes),
		cmocka_unit_test(pair_rare),
		cmocka_unit_test(foreign_zones),
		cmocka_unit_test(taken_over),
		cmocka_unit_test(set_again),
		cmocka_unit_test(away_and_back),
		cmocka_unit_test(after_a_crash),
		cmocka_unit_test(after_a_crash_between),
		cmocka_unit_test(as_many_others),
		cmocka_unit_test(ours_at_the_limit),
		cmocka_unit_test(after_both_crashed),
		cmocka_unit_test(not_taken),
		cmocka_unit_test(kind_not_taken),
		cmocka_unit_test(kind_taken_late),
		cmocka_unit_test(not_removed),
		cmocka_unit_test(errors),
		cmocka_unit_test(stops_while_it_is_silent),
		cmocka_unit_test(no_file),
		cmocka_unit_test(not_removed_at_the_end),
		cmocka_unit_test(unreadable_file),
		cmocka_unit_test(stops_while_it_works),
		cmocka_unit_test(silent_for_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
