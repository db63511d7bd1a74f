/* SPDX-License-Identifier: BSD-3-Clause */
/* test_norms - tails of the network's histograms, who makes them, and what does not move them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/look.h"
#include "support.h"

enum { A = 1, CNAME = 5, MX = 15, TXT = 16, AAAA = 28, HTTPS = 65 };

static struct mapping mapping;
static struct look look;
static struct warden_observation obs;

static int setup(void **state)
{
	(void)state;
	open_private(&mapping);
	memset(&look, 0, sizeof(look));
	look.mapping = &mapping;
	look.obs = &obs;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	mapping_detach(&mapping);
	return 0;
}

/* A question of <len> characters, the <queries>th of its pair. */
static struct facts ask_norm(unsigned len, uint16_t qtype, uint64_t queries)
{
	struct facts facts = { .text_len = (uint8_t)len };

	obs = (struct warden_observation){ .what = WARDEN_QUESTION, .qtype = qtype };
	look.queries = queries;
	norms_fill(&look, &facts);
	assert_true(facts.bulk_tail == TAIL_UNKNOWN);
	return facts;
}

/* An answer of <size> octets to a question of 48. */
static struct facts get_norm(uint32_t size, uint16_t qtype, uint64_t queries)
{
	struct facts facts = { .text_len = 30 };

	obs = (struct warden_observation){ .what = WARDEN_ANSWER, .qtype = qtype, .answer_size = size };
	look.name.len = 32;
	look.queries = queries;
	norms_fill(&look, &facts);
	assert_true(facts.length_tail == TAIL_UNKNOWN);
	return facts;
}

static void tail_of_lengths(void **state)
{
	struct facts facts = ask_norm(20, A, 1);

	(void)state;
	assert_true(facts.length_tail == TAIL_UNKNOWN);
	assert_int_equal(facts.length_known, 0);
	for (unsigned i = 0; i < 9989; i++)
		ask_norm(20 + i % 10, A, 1);
	for (unsigned i = 0; i < 10; i++)
		ask_norm(100, A, 1);
	facts = ask_norm(100, A, 1000);
	assert_int_equal(facts.length_known, 10000);
	assert_true(facts.length_tail == 0.001);
	assert_true(ask_norm(50, A, 1000).length_tail == 0.001);
	assert_true(ask_norm(102, A, 1000).length_tail == 0);
	assert_true(ask_norm(253, A, 1000).length_tail == 0);
	assert_true(ask_norm(20, A, 1000).length_tail >= TAIL_COMMON);
	assert_true(ask_norm(0, A, 1000).length_tail >= TAIL_COMMON);
	assert_int_equal(ask_norm(20, A, 1000).length_known, 10000); /* the thousandth of a pair does not count */
}

static void types_have_their_own(void **state)
{
	static const uint16_t own[] = { A, AAAA, HTTPS, TXT, 12, 33, 43, MX };

	(void)state;
	for (unsigned i = 0; i < NORMS_TYPES; i++) {
		assert_true(ask_norm(20, own[i], 1).length_tail == TAIL_UNKNOWN);
		assert_int_equal(ask_norm(20, own[i], 1).length_known, 1);
	}
	assert_int_equal(ask_norm(20, CNAME, 1).length_known, 2); /* shares with MX and the rest */
	assert_int_equal(ask_norm(20, 64, 1).length_known, 2);    /* SVCB with HTTPS */
}

static void tail_of_bulk(void **state)
{
	struct facts facts;

	(void)state;
	for (unsigned i = 0; i < 995; i++)
		get_norm(100, TXT, 1);
	for (unsigned i = 0; i < 5; i++)
		get_norm(1440, TXT, 1); /* thirty times the question */
	facts = get_norm(1440, TXT, 1000);
	assert_int_equal(facts.bulk_known, 1000);
	assert_true(facts.bulk_tail == 0.005);
	assert_true(get_norm(3000, TXT, 1000).bulk_tail == 0);
	assert_true(get_norm(65535, TXT, 1000).bulk_tail == 0);
	assert_true(get_norm(UINT32_MAX, TXT, 1000).bulk_tail == 0);
	assert_true(get_norm(700, TXT, 1000).bulk_tail == 0.005);
	assert_true(get_norm(100, TXT, 1000).bulk_tail >= TAIL_COMMON);
	assert_true(get_norm(0, TXT, 1000).bulk_tail >= TAIL_COMMON); /* smaller than its question */
}

/* Buckets of bulk are in order, at most a ninth of a doubling wide, and what is larger by a
 * seventh is in another one.
 */
static void eighths_of_a_doubling(void **state)
{
	(void)state;
	for (uint32_t size = 48; size < 100000; size += size / 10) {
		setup(NULL);
		get_norm(size, TXT, 1);
		assert_true(get_norm(size, TXT, 1000).bulk_tail == 1);
		assert_true(get_norm(size + size / 7 + 1, TXT, 1000).bulk_tail == 0);
		assert_true(get_norm(size - size / 8, TXT, 1000).bulk_tail == 1);
		teardown(NULL);
	}
	setup(NULL); /* for the teardown to come */
}

/* A tunnel asks a hundred times as much as the rest together, and stays an outlier. */
static void a_tunnel_is_not_the_norm(void **state)
{
	unsigned counted = 0;

	(void)state;
	for (unsigned pair = 0; pair < 2500; pair++)
		for (unsigned n = 1; n <= 10; n++) /* of which four count */
			ask_norm(15 + (pair + n) % 20, A, n);
	for (uint64_t n = 1; n <= 1000000; n++) {
		uint32_t before = atomic_load(&mapping.norms->length[0][NORMS_BUCKETS - 1]);

		ask_norm(200, A, n);
		counted += atomic_load(&mapping.norms->length[0][NORMS_BUCKETS - 1]) - before;
	}
	printf("a million questions of a pair count for %u\n", counted);
	assert_int_equal(counted, 4);
	assert_true(ask_norm(200, A, 1000001).length_tail < 0.001);
}

static void follows_the_network(void **state)
{
	struct facts facts;
	uint32_t most = 0;

	(void)state;
	for (unsigned i = 0; i < 300000; i++)
		ask_norm(20, A, 1);
	for (unsigned i = 0; i < 2000000; i++) {
		facts = ask_norm(60, A, 1);
		most = facts.length_known > most ? facts.length_known : most;
	}
	assert_int_equal(most, (1 << 18) - 1);
	assert_true(facts.length_tail >= TAIL_COMMON);
	/* What was the norm once is hardly there. */
	assert_true(atomic_load(&mapping.norms->length[0][10]) < 2000);
}

static void any_octets_are_a_norm(void **state)
{
	(void)state;
	for (unsigned octet = 0; octet < 256; octet++) {
		memset(mapping.norms, (int)octet, sizeof(*mapping.norms));
		for (unsigned len = 0; len <= 253; len++) {
			double tail = ask_norm(len, A, 1).length_tail;

			assert_true(tail == TAIL_UNKNOWN || (tail >= 0 && tail <= 1));
		}
	}
}

static void ask_many(unsigned thread, void *arg)
{
	(void)thread, (void)arg;
	for (unsigned i = 0; i < 100000; i++) {
		struct warden_observation own = { .what = WARDEN_QUESTION, .qtype = A };
		struct facts facts = { .text_len = 20 };
		struct look mine;

		mine.mapping = &mapping;
		mine.obs = &own;
		mine.queries = 1;
		norms_fill(&mine, &facts);
	}
}

static void threads_lose_nothing(void **state)
{
	(void)state;
	in_threads(2, ask_many, NULL);
	assert_int_equal(ask_norm(20, A, 1000).length_known, 200000);
	assert_int_equal(atomic_load(&mapping.norms->length[0][10]), 200000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tail_of_lengths),
		TEST(types_have_their_own),
		TEST(tail_of_bulk),
		TEST(eighths_of_a_doubling),
		TEST(a_tunnel_is_not_the_norm),
		TEST(follows_the_network),
		TEST(any_octets_are_a_norm),
		TEST(threads_lose_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
