/* SPDX-License-Identifier: BSD-3-Clause */
/* test_count - what nodes add up in Redis: that each hears of the others and never of itself; a Redis that goes away,
 * refuses, does not answer, or answers nonsense. The pieces are in test_watch.c.
 */
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_redis.h"
#include "together/count.h"
#include "together/sums.h"
#include "store/outbox.h"
#include "support.h"

#define NOON (NOW / DAY * DAY + 12 * HOUR)
#define CLIENT 11 /* hashes by which the tables would know them */
#define DOMAIN 22
#define PAIR   33

static struct fake_redis fake;
static char socket_path[160];

/* A node of the fleet, in memory of its own. */
struct node {
	struct warden *warden;
	struct counting counting;
};
static struct node one, two;
static uint64_t now;

static uint64_t test_clock(void)
{
	return now;
}

static void node_open(struct node *node, const char *name, const char *more)
{
	char config[512], error[256] = "";

	snprintf(config, sizeof(config), "warden:\n fleet-redis: \"%s\"\n fleet-node: \"%s\"\n%s", socket_path, name, more);
	node->warden = open_engine(config, true);
	if (!count_open(&node->counting, node->warden, -1, test_clock, error, sizeof(error)))
		fail_msg("%s", error);
	assert_true(node->counting.wanted);
}

static void node_close(struct node *node)
{
	count_close(&node->counting);
	warden_close(node->warden);
}

/* Lets time go by as the thread would, a tenth of a second at a time. */
static void pass(unsigned seconds)
{
	for (unsigned i = 0; i < 10 * seconds; i++, now += 100)
		for (unsigned turn = 0; turn < 4; turn++) {
			if (one.warden)
				count_round(&one.counting, now);
			if (two.warden)
				count_round(&two.counting, now);
			fake_redis_work(&fake);
		}
}

static int setup(void **state)
{
	(void)state;
	snprintf(socket_path, sizeof(socket_path), "%s", temp("redis.sock"));
	fake_redis_open(&fake, socket_path);
	now = NOON;
	said[0] = '\0';
	memset(&one, 0, sizeof(one));
	memset(&two, 0, sizeof(two));
	return 0;
}

static int setup_two(void **state)
{
	setup(state);
	node_open(&one, "one", "");
	node_open(&two, "two", "");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	if (one.warden)
		node_close(&one);
	if (two.warden)
		node_close(&two);
	fake_redis_close(&fake);
	temp_clean();
	return 0;
}

/* The client tells the domain <bits> through <node>, by the name <n>. */
static void tell(struct node *node, unsigned n, float bits)
{
	struct parcel parcel = { .now = now, .pair = PAIR, .client_key = CLIENT, .domain = DOMAIN, .pair_bits = bits,
	                         .client_bits = bits * 2, .is_new = true, .domain_at = 5 };
	char label[16];

	snprintf(label, sizeof(label), "%04u", n);
	parcel.qname[0] = 4;
	memcpy(parcel.qname + 1, label, 4);
	memcpy(parcel.qname + 5, "\7example\3org", 13);
	parcel.qname_len = 18;
	address(parcel.client, "192.0.2.7");
	assert_true(outbox_put(&node->warden->mapping, &parcel));
}

static struct elsewhere heard(struct node *node, uint64_t hash)
{
	struct elsewhere elsewhere;

	elsewhere_get(&node->warden->mapping, hash, now, &elsewhere);
	return elsewhere;
}

static void expect_bits(struct node *node, uint64_t hash, double bits)
{
	double seen = heard(node, hash).bits;

	if (fabs(seen - bits) > bits / 100 + 0.01)
		fail_msg("%g bits elsewhere, and not %g", seen, bits);
}

/* --- nodes --------------------------------------------------------------------------------- */

static void each_hears_of_the_others(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 10; i++)
		tell(&one, i, 30);
	pass(12);
	expect_bits(&two, PAIR, 0); /* it does not ask about whom it has not seen */
	tell(&two, 100, 50);
	pass(12);
	expect_bits(&one, PAIR, 50);
	expect_bits(&two, PAIR, 300);
	expect_bits(&one, CLIENT, 100);
	expect_bits(&two, CLIENT, 600);
	expect_bits(&two, DOMAIN, 0);
	assert_int_equal(heard(&two, PAIR).nodes, 1);
	assert_int_equal(heard(&two, PAIR).names, 11);
	assert_int_equal(counted(one.warden, COUNTER_redis_sent), 2);
	assert_int_equal(one.warden->mapping.header->gauge[GAUGE_redis_subjects], 2);
	assert_int_equal(one.warden->mapping.header->gauge[GAUGE_redis_up], 1);
	/* Nothing of it stands there in clear. */
	for (unsigned i = 0; i < fake.fields; i++)
		assert_null(strstr(fake.field[i].key, "example"));
	/* And after ten minutes nobody asks any more. */
	pass(620);
	fake.commands = 0;
	pass(20);
	assert_int_equal(fake.commands, 0);
}

/* Where the segment has no room for what was heard, that is said, and once. */
static void no_room_to_hear(void **state)
{
	struct mapping *mapping = &one.warden->mapping;
	const struct elsewhere other = { .bits = 8, .nodes = 1 };

	(void)state;
	for (uint64_t i = 1; elsewhere_put(mapping, PAIR + i * mapping->elsewhere_capacity, &other, now); i++)
		assert_true(i < 100);
	tell(&one, 1, 30);
	tell(&two, 2, 30);
	pass(12);
	expect_bits(&one, PAIR, 0);
	expect_bits(&two, PAIR, 30);
	assert_non_null(strstr(said, "than there is room for in the segment"));
	assert_null(strstr(strstr(said, "in the segment") + 1, "in the segment"));
}

/* The own field is still there after a restart, and is not told to oneself. */
static void restarted(void **state)
{
	(void)state;
	tell(&one, 1, 300);
	pass(7);
	node_close(&one);
	node_open(&one, "one", "");
	tell(&one, 2, 8);
	pass(7);
	expect_bits(&one, PAIR, 0);
	tell(&two, 3, 8);
	pass(7);
	expect_bits(&two, PAIR, 308);
	expect_bits(&one, PAIR, 8);
}

/* Before it ends, a node sends what waits. */
static void says_farewell(void **state)
{
	int stop[2];

	(void)state;
	pass(1);
	tell(&one, 1, 300);
	count_round(&one.counting, now);
	assert_null(fake_redis_key(&fake, ":b:"));
	assert_int_equal(pipe(stop), 0);
	assert_int_equal(write(stop[1], "", 1), 1);
	one.counting.stop = stop[0];
	count_run(&one.counting);
	fake_redis_work(&fake);
	assert_non_null(fake_redis_key(&fake, ":b:"));
	assert_int_equal(counted(one.warden, COUNTER_redis_lost), 0);
	close(stop[0]);
	close(stop[1]);
}

/* Asked before midnight and answered after it: yesterday's whole sum does not count as today's. */
static void answered_after_midnight(void **state)
{
	char key[128];

	(void)state;
	tell(&one, 1, 10);
	pass(7);
	snprintf(key, sizeof(key), "%.41s%llu", fake_redis_key(&fake, ":b:"), (unsigned long long)(NOON / DAY));
	for (unsigned i = 0; i < fake.fields; i++)
		if (strstr(fake.field[i].key, ":b:")) {
			snprintf(key, sizeof(key), "%s", fake.field[i].key);
			fake_redis_set(&fake, key, "two", "1000");
			snprintf(strrchr(key, ':') + 1, 20, "%llu", (unsigned long long)(NOON / DAY - 1));
			fake_redis_set(&fake, key, "two", "5000");
		}
	now = (NOON / DAY + 1) * DAY - 300;
	tell(&one, 2, 10);
	count_round(&one.counting, now); /* fills the pipeline */
	count_round(&one.counting, now); /* sends it */
	fake_redis_work(&fake);
	now += 1000;
	count_round(&one.counting, now);
	expect_bits(&one, PAIR, 1000);
}

/* Who has told anything on either of the two days is one of the nodes. */
static void nodes_of_two_days(void **state)
{
	unsigned long long today = NOON / DAY;
	char key[128], before[128];

	(void)state;
	tell(&one, 1, 10);
	pass(7);
	for (unsigned i = 0, fields = fake.fields; i < fields; i++)
		if (strstr(fake.field[i].key, ":b:")) {
			snprintf(key, sizeof(key), "%s", fake.field[i].key);
			snprintf(before, sizeof(before), "%.*s%llu", (int)(strrchr(key, ':') + 1 - key), key, today - 1);
			fake_redis_set(&fake, key, "two", "1000");
			fake_redis_set(&fake, before, "two", "100");
			fake_redis_set(&fake, before, "three", "100");
		}
	tell(&one, 2, 10);
	pass(7);
	assert_int_equal(heard(&one, PAIR).nodes, 2);
	for (unsigned i = 0, fields = fake.fields; i < fields; i++)
		if (strstr(fake.field[i].key, ":b:") && atoi(strrchr(fake.field[i].key, ':') + 1) == (int)today) {
			fake_redis_set(&fake, fake.field[i].key, "three", "1");
			fake_redis_set(&fake, fake.field[i].key, "four", "1");
		}
	tell(&one, 3, 10);
	pass(7);
	assert_int_equal(heard(&one, PAIR).nodes, 3);
}

/* --- Redis in trouble ---------------------------------------------------------------------- */

static void away_and_back(void **state)
{
	(void)state;
	tell(&one, 1, 100);
	tell(&two, 1, 100);
	pass(7);
	expect_bits(&two, PAIR, 100);
	assert_non_null(strstr(said, "answers: nodes count together"));
	fake_redis_die(&fake);
	said[0] = '\0';
	for (unsigned i = 0; i < 100; i++) {
		tell(&one, 10 + i, 10);
		pass(1);
	}
	assert_int_equal(one.warden->mapping.header->gauge[GAUGE_redis_up], 0);
	/* Each of two nodes has said it once: that the connection ended, and that there is none to be had. */
	assert_non_null(strstr(said, "until it answers this node counts for itself"));
	assert_in_range(strlen(said), 10, 4 * 200);
	fake_redis_rise(&fake);
	pass(45);
	tell(&two, 2, 8);
	pass(7);
	expect_bits(&two, PAIR, 1100);
	assert_int_equal(counted(one.warden, COUNTER_redis_lost), 0);
	assert_int_equal(one.warden->mapping.header->gauge[GAUGE_redis_up], 1);
}

/* Nobody knows whether it was taken: it is not sent again. */
static void broken_on_the_way(void **state)
{
	(void)state;
	pass(1);
	fake.silent = true;
	tell(&one, 1, 100);
	pass(12); /* and it is found out that nobody answers */
	assert_non_null(strstr(said, "does not answer"));
	assert_int_equal(counted(one.warden, COUNTER_redis_lost), 2);
	fake.silent = false;
	pass(40);
	assert_null(fake_redis_key(&fake, ":b:"));
	assert_int_equal(one.warden->mapping.header->gauge[GAUGE_redis_up], 1);
}

/* While an answer is on its way the clock is set back by an hour: it is still taken, and who does not answer is still
 * found out.
 */
static void clock_set_back(void **state)
{
	(void)state;
	pass(1);
	now += 10 * SECOND;
	tell(&one, 1, 100);
	count_round(&one.counting, now); /* fills the pipeline */
	count_round(&one.counting, now); /* sends it */
	assert_true(one.counting.redis.awaited);
	now -= HOUR;
	count_round(&one.counting, now);
	assert_int_equal(one.counting.redis.state, REDIS_READY);
	fake_redis_work(&fake);
	pass(1);
	assert_int_equal(counted(one.warden, COUNTER_redis_lost), 0);
	assert_int_equal(counted(one.warden, COUNTER_redis_sent), 2);
	assert_null(strstr(said, "does not answer"));
	fake.silent = true;
	tell(&one, 2, 100);
	pass(12);
	assert_non_null(strstr(said, "does not answer"));
}

static void instead(const char *of, const char *answer)
{
	fake.of = of;
	fake.instead = answer;
	fake.instead_len = answer ? strlen(answer) : 0;
}

/* Refused for a reason of Redis' own: it waits. */
static void refused(void **state)
{
	(void)state;
	instead("HINCRBY", "-OOM command not allowed when used memory > 'maxmemory'.\r\n");
	tell(&one, 1, 100);
	pass(120);
	assert_null(fake_redis_key(&fake, ":b:"));
	assert_int_equal(counted(one.warden, COUNTER_redis_lost), 0);
	assert_int_equal(one.warden->mapping.header->gauge[GAUGE_redis_up], 0);
	assert_non_null(strstr(said, "refuses: OOM command not allowed"));
	assert_null(strstr(strstr(said, "refuses") + 1, "refuses")); /* not even in two minutes */
	instead(NULL, NULL);
	pass(40);
	tell(&two, 1, 10);
	pass(7);
	expect_bits(&two, PAIR, 100);
}

/* Another's key where ours should be: the rest goes on. */
static void refused_for_a_key(void **state)
{
	(void)state;
	instead("HINCRBY", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n");
	tell(&one, 1, 100);
	pass(7);
	assert_int_equal(counted(one.warden, COUNTER_redis_lost), 2);
	assert_int_equal(one.warden->mapping.header->gauge[GAUGE_redis_up], 1);
	assert_non_null(strstr(said, "WRONGTYPE"));
	/* What stands there is a text, or no number. */
	instead("HINCRBY", "-ERR hash value is not an integer\r\n");
	tell(&one, 2, 100);
	pass(7);
	assert_int_equal(counted(one.warden, COUNTER_redis_lost), 4);
	assert_int_equal(one.warden->mapping.header->gauge[GAUGE_redis_up], 1);
	assert_null(strstr(said, "refuses"));
}

static void wrong_password(void **state)
{
	char more[200];
	const char *file = temp_file("password", "open-sesame\n");

	setup(state);
	assert_int_equal(chmod(file, 0640), 0);
	snprintf(more, sizeof(more), " fleet-redis-password-file: \"%s\"\n", file);
	fake.password = "sesame";
	node_open(&one, "one", more);
	tell(&one, 1, 100);
	pass(100);
	assert_non_null(strstr(said, "does not take the password in fleet-redis-password-file: WRONGPASS"));
	assert_null(strstr(strstr(said, "WRONGPASS") + 1, "WRONGPASS"));
	assert_null(strstr(said, "sesame"));
	fake.password = "open-sesame";
	pass(35);
	assert_non_null(fake_redis_key(&fake, ":b:"));
}

/* Whatever comes back, nothing is made of it but numbers in range. */
static void nonsense(void **state)
{
	static const char *const answers[] = {
		"+OK\r\n", "$-1\r\n", "*-1\r\n", "*0\r\n", ":-1\r\n", ":9223372036854775807\r\n", "$3\r\nnan\r\n",
		"*1\r\n$3\r\ntwo\r\n", "*2\r\n$3\r\ntwo\r\n:100\r\n", "*2\r\n$3\r\ntwo\r\n$-1\r\n",
		"*2\r\n$3\r\ntwo\r\n$3\r\nnan\r\n", "*2\r\n$3\r\ntwo\r\n$4\r\n-100\r\n", "*2\r\n$3\r\ntwo\r\n$5\r\n1e300\r\n",
		"*2\r\n$3\r\ntwo\r\n$22\r\n9999999999999999999999\r\n", "*2\r\n*1\r\n$1\r\na\r\n*1\r\n$1\r\nb\r\n",
		"*2147483647\r\n", "*1026\r\n", "*-7\r\n", "$2147483647\r\nabc", "$536870912\r\n", "-\r\n", "*2\r\n", "\r\n",
		"HTTP/1.1 400 Bad Request\r\n\r\n", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n",
		"+OK\r\n+OK\r\n+OK\r\n", "%1\r\n$1\r\na\r\n$1\r\nb\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		instead(i % 2 ? "HGETALL" : NULL, answers[i]);
		tell(&one, (unsigned)i, 10);
		pass(7);
		instead(NULL, NULL);
		expect_bits(&one, PAIR, 0);
		pass(35);
	}
	assert_int_equal(one.warden->mapping.header->gauge[GAUGE_redis_up], 1);
}

/* What no node is named is not counted, and of a node no more than a budget can be. */
static void who_is_believed(void **state)
{
	static const struct {
		const char *name, *value;
		double bits;
	} cases[] = {
		{ "two", "100", 100 }, { "evil.one", "100", 0 }, { "Evil", "100", 0 }, { "-evil", "100", 0 }, { "evil-", "100", 0 },
		{ "a-name-of-more-than-32-characters", "100", 0 }, { "b c", "x", 0 }, { "two", "999999999999", 8 * 1024 * 1024 },
	};
	char key[128];

	(void)state;
	tell(&one, 1, 30);
	pass(7);
	snprintf(key, sizeof(key), "%s", fake_redis_key(&fake, ":b:"));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double bits;

		fake_redis_set(&fake, key, cases[i].name, cases[i].value);
		pass(7);
		bits = heard(&one, PAIR).bits + heard(&one, CLIENT).bits;
		if (fabs(bits - (cases[i].bits > 100 ? cases[i].bits : 100)) > bits / 100)
			fail_msg("'%s': %g bits elsewhere", cases[i].name, bits);
	}
	assert_int_equal(heard(&one, PAIR).nodes + heard(&one, CLIENT).nodes, 1);
}

/* More than any reply of ours has. */
static void large_arrays(void **state)
{
	static char large[7 * 1026 + 16];
	const char *const answers[] = { large, "*2147483647\r\n", "*2\r\n*0\r\n*0\r\n" };

	(void)state;
	strcpy(large, "*1026\r\n");
	for (unsigned i = 0; i < 1026; i++)
		strcat(large, "$1\r\n1\r\n");
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		instead("HGETALL", answers[i]);
		said[0] = '\0';
		tell(&one, (unsigned)i, 10);
		pass(6);
		assert_non_null(strstr(said, "sends what no Redis would"));
		instead(NULL, NULL);
		pass(35);
	}
}

/* Octets that nobody has thought of, and one answer that never ends. */
static void noise(void **state)
{
	static char text[100000];
	static const char alphabet[] = "*$:+-\r\n\r\n0123456789ab\0";
	uint64_t seed = 99;

	(void)state;
	for (unsigned i = 0; i < 300; i++) {
		size_t len = 1 + random_next(&seed) % 200;

		for (size_t j = 0; j < len; j++)
			text[j] = alphabet[random_next(&seed) % (sizeof(alphabet) - 1)];
		fake.of = NULL;
		fake.instead = text;
		fake.instead_len = len;
		tell(&one, i, 10);
		pass(6);
		instead(NULL, NULL);
		pass(31);
		assert_true(heard(&one, PAIR).bits <= SUMS_BITS_MAX);
	}
	memset(text, 'a', sizeof(text));
	text[0] = '+';
	fake.instead = text;
	fake.instead_len = sizeof(text);
	said[0] = '\0';
	tell(&one, 1, 10);
	pass(6);
	assert_non_null(strstr(said, "sends what no Redis would"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_hears_of_the_others, setup_two, teardown),
		cmocka_unit_test_setup_teardown(no_room_to_hear, setup_two, teardown),
		cmocka_unit_test_setup_teardown(restarted, setup_two, teardown),
		cmocka_unit_test_setup_teardown(says_farewell, setup_two, teardown),
		cmocka_unit_test_setup_teardown(answered_after_midnight, setup_two, teardown),
		cmocka_unit_test_setup_teardown(nodes_of_two_days, setup_two, teardown),
		cmocka_unit_test_setup_teardown(away_and_back, setup_two, teardown),
		cmocka_unit_test_setup_teardown(broken_on_the_way, setup_two, teardown),
		cmocka_unit_test_setup_teardown(clock_set_back, setup_two, teardown),
		cmocka_unit_test_setup_teardown(refused, setup_two, teardown),
		cmocka_unit_test_setup_teardown(refused_for_a_key, setup_two, teardown),
		cmocka_unit_test_setup_teardown(wrong_password, NULL, teardown),
		cmocka_unit_test_setup_teardown(nonsense, setup_two, teardown),
		cmocka_unit_test_setup_teardown(who_is_believed, setup_two, teardown),
		cmocka_unit_test_setup_teardown(large_arrays, setup_two, teardown),
		cmocka_unit_test_setup_teardown(noise, setup_two, teardown),
	};

	signal(SIGPIPE, SIG_IGN); /* which the thread has blocked */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
