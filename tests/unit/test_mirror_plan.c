/* SPDX-License-Identifier: BSD-3-Clause */
/* test_mirror_plan - that the closest place and the longest prefix say what the holds mean.
 *
 * Beside cases by hand, thousands of random sets of holds: for every name and client around, the plan is
 * asked as Unbound asks its zones, and must answer as the holds do when they are walked one by one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "name/name.h"
#include "support.h"
#include "unbound/mirror_plan.h"

#define UNLIMITED 100000

static struct mirror_plan plan;
static struct name names[64];
static unsigned name_count;

static int setup(void **state)
{
	(void)state;
	mirror_plan_clear(&plan);
	name_count = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	mirror_plan_free(&plan);
	return 0;
}

static const struct name *domain_of(const char *text)
{
	struct name *name = &names[name_count++ % 64];

	assert_true(name_from_text(name, text));
	return name;
}

/* "192.0.2.0/24", "2001:db8::/64", an address, or "any". */
static void network(uint8_t octets[16], unsigned *prefix, const char *text)
{
	char host[64];
	const char *slash = strchr(text, '/');

	*prefix = 0;
	memset(octets, 0, 16);
	if (!strcmp(text, "any"))
		return;
	snprintf(host, sizeof(host), "%.*s", (int)(slash ? slash - text : (long)strlen(text)), text);
	address(octets, host);
	*prefix = slash ? (unsigned)atoi(slash + 1) + (strchr(host, ':') ? 0 : 96) : 128;
}

static void hold(const char *client, const char *domain, enum warden_verdict verdict)
{
	struct warden_hold told = { .verdict = verdict };

	network(told.client, &told.prefix, client);
	if (domain) {
		const struct name *name = domain_of(domain);

		told.domain = name->wire;
		told.domain_len = name->len;
	}
	mirror_plan_add(&plan, &told);
}

static void make(size_t limit) { assert_true(mirror_plan_make(&plan, false, limit)); }

static bool begins(const uint8_t *key, size_t len, const struct mirror_key *with_this)
{
	return len <= with_this->len && !memcmp(key, with_this->octets, len);
}

static bool is_mapped(const uint8_t client[16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(client, mapped, sizeof(mapped));
}

static bool meets(const struct mirror_entry *entry, const uint8_t client[16])
{
	bool is_v6 = !is_mapped(client);
	const uint8_t *octets = is_v6 ? client : client + 12;

	if (is_v6 != entry->is_v6)
		return false;
	for (unsigned bit = 0; bit < entry->prefix; bit++)
		if ((octets[bit / 8] ^ entry->address[bit / 8]) & 0x80 >> bit % 8)
			return false;
	return true;
}

/* As Unbound looks: the closest place, and there the longest prefix. */
static enum warden_verdict planned(const uint8_t client[16], const struct name *name)
{
	const struct mirror_planned *closest = NULL;
	const struct mirror_entry *longest = NULL;
	struct mirror_key key;

	mirror_key(&key, name->wire);
	for (size_t i = 0; i < plan.place_count; i++)
		if (begins(plan.places[i].key, plan.places[i].key_len, &key))
			closest = &plan.places[i];
	if (!closest)
		return WARDEN_PASS;
	for (size_t i = 0; i < closest->count; i++) {
		const struct mirror_entry *entry = &plan.entries[closest->first + i];

		if (meets(entry, client) && (!longest || entry->prefix > longest->prefix))
			longest = entry;
	}
	return longest ? (enum warden_verdict)longest->verdict : WARDEN_PASS;
}

static enum warden_verdict says(const char *client, const char *domain)
{
	uint8_t octets[16];
	unsigned prefix;

	network(octets, &prefix, client);
	return planned(octets, domain_of(domain));
}

static void test_keys(void **state)
{
	static const char *const texts[] = { ".", "net.", "example.net.", "A.example.NET.", "ab.example.net.",
	                                     "a.b.c.d.e.f.g.", "x.org." };
	struct mirror_key key, lower;
	uint8_t wire[256];
	int labels;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		const struct name *name = domain_of(texts[i]);

		mirror_key(&key, name->wire);
		assert_int_equal(key.len, name->len - 1);
		assert_int_equal(mirror_key_wire(key.octets, key.len, wire, &labels), name->len);
		assert_int_equal(labels, name->labels + 1);
		mirror_key(&lower, wire);
		assert_int_equal(mirror_key_compare(key.octets, key.len, lower.octets, lower.len), 0);
	}
	/* Case does not matter. */
	mirror_key(&key, (const uint8_t *)"\3WwW\7eXample\3net");
	mirror_key(&lower, (const uint8_t *)"\3www\7example\3net");
	assert_int_equal(mirror_key_compare(key.octets, key.len, lower.octets, lower.len), 0);
	assert_memory_equal(key.octets, "\3net\7example\3www", 16);
	/* A label that another begins with is no name above it. */
	mirror_key(&key, (const uint8_t *)"\2ex\3net");
	assert_false(begins(key.octets, key.len, &lower));
}

static void test_longest_name(void **state)
{
	uint8_t wire[255];
	struct mirror_key key;

	(void)state;
	memset(wire, 'a', sizeof(wire));
	wire[0] = wire[64] = wire[128] = 63;
	wire[192] = 61;
	wire[254] = 0;
	mirror_key(&key, wire);
	assert_int_equal(key.len, 254);
}

static void test_each_scope(void **state)
{
	(void)state;
	hold("192.0.2.7", NULL, WARDEN_REFUSE);
	hold("192.0.2.9", "example.net", WARDEN_NXDOMAIN);
	hold("any", "example.org", WARDEN_NODATA);
	make(UNLIMITED);
	assert_int_equal(plan.place_count, 3);
	assert_int_equal(says("192.0.2.7", "other.example"), WARDEN_REFUSE);
	assert_int_equal(says("192.0.2.7", "www.example.net"), WARDEN_REFUSE);
	assert_int_equal(says("192.0.2.7", "www.example.org"), WARDEN_REFUSE); /* the client's goes first */
	assert_int_equal(says("192.0.2.9", "example.net"), WARDEN_NXDOMAIN);
	assert_int_equal(says("192.0.2.9", "net"), WARDEN_PASS);
	assert_int_equal(says("192.0.2.9", "example.org"), WARDEN_NODATA);
	assert_int_equal(says("2001:db8::1", "a.example.org"), WARDEN_NODATA);
	assert_int_equal(says("192.0.2.8", "example.net"), WARDEN_PASS);
	assert_int_equal(says("2001:db8::1", "example.net"), WARDEN_PASS);
}

static void test_nested(void **state)
{
	(void)state;
	hold("192.0.2.7", "example.net", WARDEN_REFUSE);
	hold("192.0.2.9", "sub.example.net", WARDEN_REFUSE);
	make(UNLIMITED);
	assert_int_equal(says("192.0.2.7", "a.sub.example.net"), WARDEN_REFUSE);
	assert_int_equal(says("192.0.2.9", "a.sub.example.net"), WARDEN_REFUSE);
	assert_int_equal(says("192.0.2.9", "a.example.net"), WARDEN_PASS);
	assert_int_equal(says("192.0.2.7", "sub2.example.net"), WARDEN_REFUSE);
	assert_int_equal(says("192.0.2.7", "bexample.net"), WARDEN_PASS);
}

/* Of two holds of a kind, that of the longer name. */
static void test_longer_name(void **state)
{
	(void)state;
	hold("192.0.2.7", "example.net", WARDEN_REFUSE);
	hold("192.0.2.7", "sub.example.net", WARDEN_NXDOMAIN);
	hold("any", "org", WARDEN_NODATA);
	hold("any", "example.org", WARDEN_REFUSE);
	make(UNLIMITED);
	assert_int_equal(says("192.0.2.7", "sub.example.net"), WARDEN_NXDOMAIN);
	assert_int_equal(says("192.0.2.7", "example.net"), WARDEN_REFUSE);
	assert_int_equal(says("192.0.2.7", "example.org"), WARDEN_REFUSE);
	assert_int_equal(says("192.0.2.7", "example2.org"), WARDEN_NODATA);
}

/* The lighter hold has the longer prefix: Unbound would take it. */
static void test_weight_goes_before_prefix(void **state)
{
	(void)state;
	hold("192.0.2.0/24", "example.net", WARDEN_NXDOMAIN);
	hold("192.0.2.7", NULL, WARDEN_REFUSE);
	make(UNLIMITED);
	assert_int_equal(says("192.0.2.7", "example.net"), WARDEN_NXDOMAIN);
	assert_int_equal(says("192.0.2.7", "example.org"), WARDEN_REFUSE);
	assert_int_equal(says("192.0.2.8", "example.net"), WARDEN_NXDOMAIN);
	assert_int_equal(says("192.0.2.8", "example.org"), WARDEN_PASS);
}

static void test_exempt(void **state)
{
	(void)state;
	hold("192.0.2.0/24", "example.net", WARDEN_REFUSE);
	hold("192.0.2.7", "example.net", WARDEN_PASS);
	hold("192.0.2.64/26", NULL, WARDEN_PASS);
	hold("192.0.2.65", "example.net", WARDEN_REFUSE);
	hold("198.51.100.1", NULL, WARDEN_REFUSE);
	hold("any", "good.example.net", WARDEN_PASS);
	hold("any", "bad.good.example.net", WARDEN_REFUSE);
	hold("any", "fine.org", WARDEN_PASS);
	make(UNLIMITED);
	assert_int_equal(says("192.0.2.7", "example.net"), WARDEN_PASS);
	assert_int_equal(says("192.0.2.8", "example.net"), WARDEN_REFUSE);
	assert_int_equal(says("192.0.2.65", "example.net"), WARDEN_PASS);
	assert_int_equal(says("192.0.2.8", "good.example.net"), WARDEN_PASS);
	assert_int_equal(says("192.0.2.8", "bad.good.example.net"), WARDEN_PASS); /* before all of them */
	assert_int_equal(says("198.51.100.1", "good.example.net"), WARDEN_PASS);
	assert_int_equal(says("198.51.100.1", "x.fine.org"), WARDEN_PASS);
	assert_int_equal(says("198.51.100.1", "fine2.org"), WARDEN_REFUSE);
}

/* Exemptions from nothing make no places. */
static void test_nothing_to_say(void **state)
{
	(void)state;
	make(UNLIMITED);
	assert_int_equal(plan.place_count, 0);
	hold("192.0.2.7", "example.net", WARDEN_PASS);
	hold("192.0.2.7", NULL, WARDEN_PASS);
	hold("any", "example.org", WARDEN_PASS);
	make(UNLIMITED);
	assert_int_equal(plan.place_count, 0);
	mirror_plan_clear(&plan);
	hold("any", "example.net", WARDEN_REFUSE);
	hold("192.0.2.7", "example.net", WARDEN_REFUSE);
	hold("192.0.2.7", "a.example.net", WARDEN_REFUSE);
	make(UNLIMITED);
	assert_int_equal(plan.place_count, 1);
	assert_int_equal(plan.places[0].count, 2); /* 0.0.0.0/0 and ::/0 say it for all */
	assert_true(mirror_plan_make(&plan, true, UNLIMITED));
	assert_int_equal(plan.place_count, 2);
	assert_int_equal(plan.places[0].key_len, 0);
	assert_int_equal(plan.places[0].count, 0);
}

static void test_families(void **state)
{
	(void)state;
	hold("2001:db8:1:2::/64", "example.net", WARDEN_REFUSE);
	hold("192.0.2.0/24", "example.net", WARDEN_REFUSE);
	hold("::/64", "example.net", WARDEN_NXDOMAIN); /* is not around ::ffff:0:0/96 */
	make(UNLIMITED);
	assert_int_equal(says("2001:db8:1:2:3:4:5:6", "example.net"), WARDEN_REFUSE);
	assert_int_equal(says("2001:db8:1:3::1", "example.net"), WARDEN_PASS);
	assert_int_equal(says("192.0.2.255", "example.net"), WARDEN_REFUSE);
	assert_int_equal(says("192.0.3.0", "example.net"), WARDEN_PASS);
	assert_int_equal(says("::1", "example.net"), WARDEN_NXDOMAIN);
	assert_int_equal(says("198.51.100.1", "example.net"), WARDEN_PASS);
}

static void test_drop_refuses(void **state)
{
	(void)state;
	hold("192.0.2.7", "example.net", WARDEN_DROP);
	hold("192.0.2.8", "example.net", WARDEN_TRUNCATE);
	make(UNLIMITED);
	assert_int_equal(says("192.0.2.7", "example.net"), WARDEN_REFUSE);
	assert_int_equal(says("192.0.2.8", "example.net"), WARDEN_TRUNCATE);
}

/* Held clients times held domains: clients are left out below, domains are not. */
static void test_limit(void **state)
{
	char text[64];

	(void)state;
	for (int i = 0; i < 10; i++) {
		snprintf(text, sizeof(text), "192.0.2.%d", i);
		hold(text, NULL, WARDEN_REFUSE);
		snprintf(text, sizeof(text), "d%d.example", i);
		hold("198.51.100.1", text, WARDEN_REFUSE);
	}
	make(10 + 10 + 100);
	assert_int_equal(plan.left_out, 0);
	assert_int_equal(says("192.0.2.1", "d9.example"), WARDEN_REFUSE);
	mirror_plan_make(&plan, false, 10 + 10 + 99);
	assert_int_equal(plan.left_out, 10);
	assert_int_equal(says("192.0.2.1", "d9.example"), WARDEN_PASS);
	assert_int_equal(says("192.0.2.1", "d8.example"), WARDEN_REFUSE);
	assert_int_equal(says("192.0.2.1", "other.example"), WARDEN_REFUSE);
	assert_int_equal(says("198.51.100.1", "d9.example"), WARDEN_REFUSE);
	plan.left_out = 0;
	mirror_plan_make(&plan, false, 10 + 9);
	assert_int_equal(plan.left_out, 9 * 10 + 1);
	assert_int_equal(says("198.51.100.1", "d9.example"), WARDEN_PASS);
	assert_int_equal(says("198.51.100.1", "d8.example"), WARDEN_REFUSE);
	assert_int_equal(says("192.0.2.1", "d9.example"), WARDEN_REFUSE); /* the root speaks for it */
}

/* Without room a place with exemptions says nothing, rather than let the one above refuse the exempt. */
static void test_limit_spares_the_exempt(void **state)
{
	(void)state;
	hold("192.0.2.0/24", "example.net", WARDEN_REFUSE);
	hold("192.0.2.7", "a.example.net", WARDEN_PASS);
	make(1);
	assert_int_equal(says("192.0.2.7", "example.net"), WARDEN_REFUSE);
	assert_int_equal(says("192.0.2.7", "a.example.net"), WARDEN_PASS);
	make(0);
	assert_int_equal(says("192.0.2.7", "example.net"), WARDEN_PASS);
}

/* --- all of it against the holds, one by one --- */

#define HOLDS_MAX 12

struct random_hold {
	struct warden_hold told;
	const struct name *name;
	unsigned rank;
};

static bool covers(const struct random_hold *of, const uint8_t client[16], const struct name *name)
{
	size_t below = of->name ? of->name->len : 1;

	if (of->name && (below > name->len || memcmp(name->wire + name->len - below, of->name->wire, below)))
		return false;
	/* IPv4 is no part of IPv6 here, but of any. */
	if (of->told.prefix && is_mapped(client) != (of->told.prefix >= 96 && is_mapped(of->told.client)))
		return false;
	for (unsigned bit = 0; bit < of->told.prefix; bit++)
		if ((client[bit / 8] ^ of->told.client[bit / 8]) & 0x80 >> bit % 8)
			return false;
	return true;
}

/* What the holds say: the heaviest kind, there the longest name, there the longest prefix. */
static enum warden_verdict meant(const struct random_hold *holds, unsigned count, const uint8_t client[16],
                                 const struct name *name)
{
	enum warden_verdict verdict = WARDEN_PASS;
	unsigned best = 0;

	for (unsigned i = 0; i < count; i++) {
		const struct random_hold *of = &holds[i];
		unsigned rank = of->rank << 16 | (of->name ? of->name->labels : 0u) << 8 | of->told.prefix;

		if (!covers(of, client, name) || rank + 1 < best)
			continue;
		/* Two that are alike: the plan takes the sterner one. */
		if (rank + 1 > best || of->told.verdict > verdict)
			verdict = of->told.verdict;
		best = rank + 1;
	}
	return verdict;
}

static void random_client(struct warden_hold *told, uint64_t *seed)
{
	static const char *const clients[] = { "any", "192.0.2.0/24", "192.0.2.64/26", "192.0.2.7", "192.0.2.65",
		"192.0.2.66", "0.0.0.0/0", "2001:db8::/32", "2001:db8:0:1::/64", "2001:db8:0:1::1", "::/64" };

	network(told->client, &told->prefix, clients[random_next(seed) % (sizeof(clients) / sizeof(*clients))]);
}

static void test_random(void **state)
{
	static const char *const domains[] = { NULL, "net", "example.net", "a.example.net", "b.a.example.net",
	                                       "c.b.a.example.net", "b.example.net", "example.org" };
	static const char *const clients[] = { "192.0.2.7", "192.0.2.65", "192.0.2.66", "192.0.2.1", "198.51.100.1",
	                                       "2001:db8:0:1::1", "2001:db8:0:1::2", "2001:db8::1", "::1", "2002::1" };
	static const char *const asked[] = { "net", "x.example.net", "a.example.net", "b.a.example.net",
	                                     "x.c.b.a.example.net", "b.example.net", "www.example.org", "com" };
	static const enum warden_verdict verdicts[] = { WARDEN_PASS, WARDEN_REFUSE, WARDEN_NXDOMAIN, WARDEN_NODATA };
	const struct name *parsed[8], *asked_name[8];
	uint64_t seed = 88172645463325252u;

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		parsed[i] = domains[i] ? domain_of(domains[i]) : NULL;
		asked_name[i] = domain_of(asked[i]);
	}
	for (unsigned round = 0; round < 20000; round++) {
		struct random_hold holds[HOLDS_MAX];
		unsigned count = (unsigned)(random_next(&seed) % (HOLDS_MAX + 1));

		mirror_plan_clear(&plan);
		for (unsigned i = 0; i < count; i++) {
			struct random_hold *of = &holds[i];

			memset(of, 0, sizeof(*of));
			random_client(&of->told, &seed);
			of->name = parsed[random_next(&seed) % 8];
			if (of->name) {
				of->told.domain = of->name->wire;
				of->told.domain_len = of->name->len;
			}
			of->told.verdict = verdicts[random_next(&seed) % 4];
			of->rank = of->told.verdict == WARDEN_PASS ? 3 : !of->told.prefix ? 0 : of->name ? 2 : 1;
			mirror_plan_add(&plan, &of->told);
		}
		assert_true(mirror_plan_make(&plan, round % 2, UNLIMITED));
		for (size_t c = 0; c < sizeof(clients) / sizeof(*clients); c++)
			for (size_t n = 0; n < 8; n++) {
				const struct name *name = asked_name[n];
				uint8_t client[16];
				unsigned prefix;

				network(client, &prefix, clients[c]);
				if (planned(client, name) != meant(holds, count, client, name))
					fail_msg("round %u: %s %s: %s, not %s", round, clients[c], asked[n],
					         warden_verdict_name(planned(client, name)),
					         warden_verdict_name(meant(holds, count, client, name)));
			}
	}
}

/* The sum of one hold behind another one. */
static uint64_t sum_with(const char *client, const char *domain, enum warden_verdict verdict)
{
	mirror_plan_clear(&plan);
	hold("192.0.2.7", "example.net", WARDEN_REFUSE);
	hold(client, domain, verdict);
	return plan.sum;
}

/* It must differ wherever a plan may, or a hold that has ended stays in Unbound's zones. */
static void test_sum(void **state)
{
	uint64_t sums[16];
	size_t count = 0;

	(void)state;
	mirror_plan_clear(&plan);
	sums[count++] = plan.sum;
	hold("192.0.2.7", "example.net", WARDEN_REFUSE);
	sums[count++] = plan.sum;
	hold("192.0.2.7", "example.net", WARDEN_REFUSE);
	sums[count++] = plan.sum;
	sums[count++] = sum_with("192.0.2.9", "example.com", WARDEN_REFUSE);
	sums[count++] = sum_with("192.0.2.10", "example.com", WARDEN_REFUSE);
	sums[count++] = sum_with("192.0.2.9/31", "example.com", WARDEN_REFUSE);
	sums[count++] = sum_with("2001:db8::9", "example.com", WARDEN_REFUSE);
	sums[count++] = sum_with("192.0.2.9", "example.org", WARDEN_REFUSE);
	sums[count++] = sum_with("192.0.2.9", "www.example.com", WARDEN_REFUSE);
	sums[count++] = sum_with("192.0.2.9", NULL, WARDEN_REFUSE);
	sums[count++] = sum_with("any", "example.com", WARDEN_REFUSE);
	sums[count++] = sum_with("192.0.2.9", "example.com", WARDEN_NXDOMAIN);
	sums[count++] = sum_with("192.0.2.9", "example.com", WARDEN_PASS);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++)
			assert_true(sums[i] != sums[j]);
	assert_true(sums[3] == sum_with("192.0.2.9", "example.com", WARDEN_REFUSE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(test_longest_name, setup, teardown),
		cmocka_unit_test_setup_teardown(test_each_scope, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nested, setup, teardown),
		cmocka_unit_test_setup_teardown(test_longer_name, setup, teardown),
		cmocka_unit_test_setup_teardown(test_weight_goes_before_prefix, setup, teardown),
		cmocka_unit_test_setup_teardown(test_exempt, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing_to_say, setup, teardown),
		cmocka_unit_test_setup_teardown(test_families, setup, teardown),
		cmocka_unit_test_setup_teardown(test_drop_refuses, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limit_spares_the_exempt, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sum, setup, teardown),
		cmocka_unit_test_setup_teardown(test_random, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
