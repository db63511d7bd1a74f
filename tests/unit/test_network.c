/* SPDX-License-Identifier: BSD-3-Clause */
/* test_network - networks have the addresses that they should, and of several around an address the map
 * finds the most specific: as often as random networks are made, what a plain search finds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/network_map.h"
#include "support.h"

static struct network network_of(const char *text)
{
	struct network network;

	assert_true(network_parse(&network, text));
	network_mask(network.address, network.bits);
	return network;
}

static bool has(const char *network, const char *text)
{
	struct network wide = network_of(network);
	uint8_t octets[16];

	address(octets, text);
	return network_has(&wide, octets);
}

static void test_edges(void **state)
{
	(void)state;
	assert_true(has("192.0.2.0/24", "192.0.2.0"));
	assert_true(has("192.0.2.0/24", "192.0.2.255"));
	assert_false(has("192.0.2.0/24", "192.0.1.255"));
	assert_false(has("192.0.2.0/24", "192.0.3.0"));
	assert_true(has("192.0.2.8/29", "192.0.2.15"));
	assert_false(has("192.0.2.8/29", "192.0.2.16"));
	assert_true(has("2001:db8:8000::/33", "2001:db8:ffff::1"));
	assert_false(has("2001:db8:8000::/33", "2001:db8:7fff:ffff::1"));
	/* Whoever writes ::/0 means IPv6, and 0.0.0.0/0 has none of it. */
	assert_true(has("::/0", "2001:db8::1"));
	assert_false(has("::/0", "192.0.2.1"));
	assert_false(has("::/80", "192.0.2.1"));
	assert_true(has("0.0.0.0/0", "192.0.2.1"));
	assert_false(has("0.0.0.0/0", "::fffe:0:1"));
}

static void test_mask(void **state)
{
	uint8_t octets[16], whole[16];

	(void)state;
	memset(whole, 0xff, sizeof(whole));
	for (unsigned bits = 0; bits <= 128; bits++) {
		unsigned set = 0;

		memcpy(octets, whole, sizeof(octets));
		network_mask(octets, bits);
		for (unsigned i = 0; i < 128; i++)
			if (octets[i / 8] >> (7 - i % 8) & 1) {
				assert_true(i < bits);
				set++;
			}
		assert_int_equal(set, bits);
	}
}

/* Bit for bit, as it is meant. */
static bool plainly_has(const struct network *network, const uint8_t octets[16])
{
	for (unsigned bit = 0; bit < network->bits; bit++)
		if ((network->address[bit / 8] ^ octets[bit / 8]) >> (7 - bit % 8) & 1)
			return false;
	return network->bits >= NETWORK_V4_BITS || !network_is_v4(octets);
}

/* An address that agrees with <network> up to some bit, and perhaps beyond. */
static void near_to(const struct network *network, uint64_t *random, uint8_t octets[16])
{
	unsigned bit = (unsigned)(random_next(random) >> 20) % 129;

	memcpy(octets, network->address, 16);
	if (bit < 128)
		octets[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
	for (unsigned octet = bit / 8 + 1; octet < 16; octet++)
		octets[octet] = (uint8_t)(random_next(random) >> 20);
}

static void test_every_width(void **state)
{
	uint64_t random = 1;
	unsigned inside = 0;

	(void)state;
	for (unsigned round = 0; round < 129 * 400; round++) {
		struct network network = { .bits = (uint8_t)(round % 129) };
		uint8_t octets[16];

		for (unsigned octet = round & 1 ? 12 : 0; octet < 16; octet++)
			network.address[octet] = (uint8_t)(random_next(&random) >> 20);
		if (round & 1)
			memset(network.address + 10, 0xff, 2);
		network_mask(network.address, network.bits);
		near_to(&network, &random, octets);
		assert_int_equal(network_has(&network, octets), plainly_has(&network, octets));
		inside += network_has(&network, octets);
	}
	assert_in_range(inside, 129 * 400 / 5, 129 * 400 * 4 / 5); /* of both there are many */
}

/* As the RFCs write them. */
static void test_private(void **state)
{
	static const char *const text[] = {
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
		"192.168.0.0/16", "::/127", "fc00::/7", "fe80::/10"
	};
	struct network private[sizeof(text) / sizeof(*text)];
	const struct networks all = { private, sizeof(text) / sizeof(*text) };
	uint64_t random = 1;
	unsigned inside = 0;

	(void)state;
	for (size_t i = 0; i < all.count; i++)
		private[i] = network_of(text[i]);
	for (unsigned round = 0; round < 100000; round++) {
		uint8_t octets[16];

		near_to(&private[round % all.count], &random, octets);
		assert_int_equal(network_is_private(octets), networks_have(&all, octets));
		inside += network_is_private(octets);
	}
	assert_in_range(inside, 10000, 90000);
	for (unsigned high = 0; high < 65536; high++) {
		uint8_t v4[16] = { [10] = 0xff, 0xff, (uint8_t)(high >> 8), (uint8_t)high, 0, 1 };
		uint8_t v6[16] = { (uint8_t)(high >> 8), (uint8_t)high, [15] = 1 };

		assert_int_equal(network_is_private(v4), networks_have(&all, v4));
		assert_int_equal(network_is_private(v6), networks_have(&all, v6));
	}
}

#define ROWS_MAX 64

struct made {
	struct network_row row[ROWS_MAX];
	size_t count;
	struct network_map *map;
};

/* Adds a network unless it is there already. */
static void add(struct made *made, struct network network)
{
	made->row[made->count] = (struct network_row){ network, (uint32_t)made->count };
	for (size_t i = 0; i < made->count; i++)
		if (!network_row_compare(&made->row[i], &made->row[made->count]))
			return;
	made->count++;
}

static void make(struct made *made)
{
	qsort(made->row, made->count, sizeof(made->row[0]), network_row_compare);
	made->map = network_map_new(made->row, made->count);
	assert_non_null(made->map);
}

/* What a map is for, said plainly. */
static uint32_t most_specific(const struct made *made, const uint8_t octets[16])
{
	const struct network_row *found = NULL;

	for (size_t i = 0; i < made->count; i++)
		if (network_has(&made->row[i].network, octets) &&
		    (!found || made->row[i].network.bits > found->network.bits))
			found = &made->row[i];
	return found ? found->value : NETWORK_MAP_NONE;
}

static uint32_t find(const struct made *made, const char *text)
{
	uint8_t octets[16];

	address(octets, text);
	assert_int_equal(network_map_find(made->map, octets), most_specific(made, octets));
	return network_map_find(made->map, octets);
}

static void test_nested(void **state)
{
	static const char *const texts[] = {
		"10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.3", "10.255.255.0/24", "255.255.255.255",
		"2001:db8::/32", "2001:db8::/64", "2001:db8:0:1::/64", "::/0", "ffff::/16",
	};
	struct made made = { .count = 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		add(&made, network_of(texts[i]));
	make(&made);
	assert_int_equal(find(&made, "10.0.0.0"), 0);
	assert_int_equal(find(&made, "10.0.255.255"), 0);
	assert_int_equal(find(&made, "10.1.0.0"), 1);
	assert_int_equal(find(&made, "10.1.1.255"), 1);
	assert_int_equal(find(&made, "10.1.2.0"), 2);
	assert_int_equal(find(&made, "10.1.2.2"), 2);
	assert_int_equal(find(&made, "10.1.2.3"), 3);
	assert_int_equal(find(&made, "10.1.2.4"), 2);
	assert_int_equal(find(&made, "10.1.3.0"), 1);
	assert_int_equal(find(&made, "10.2.0.0"), 0);
	assert_int_equal(find(&made, "10.255.255.255"), 4); /* ends where the one around it ends */
	assert_int_equal(find(&made, "9.255.255.255"), NETWORK_MAP_NONE);
	assert_int_equal(find(&made, "11.0.0.0"), NETWORK_MAP_NONE);
	assert_int_equal(find(&made, "0.0.0.0"), NETWORK_MAP_NONE);
	assert_int_equal(find(&made, "255.255.255.254"), NETWORK_MAP_NONE);
	assert_int_equal(find(&made, "255.255.255.255"), 5);
	assert_int_equal(find(&made, "2001:db8::1"), 7); /* begins where the one around it begins */
	assert_int_equal(find(&made, "2001:db8:0:1::"), 8);
	assert_int_equal(find(&made, "2001:db8:0:2::"), 6);
	assert_int_equal(find(&made, "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"), 6);
	assert_int_equal(find(&made, "2001:db9::"), 9);
	assert_int_equal(find(&made, "::"), 9);
	assert_int_equal(find(&made, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), 10);
	network_map_free(made.map);
}

static void test_few(void **state)
{
	struct made made = { .count = 0 };

	(void)state;
	make(&made);
	assert_int_equal(find(&made, "192.0.2.1"), NETWORK_MAP_NONE);
	assert_int_equal(find(&made, "2001:db8::1"), NETWORK_MAP_NONE);
	network_map_free(made.map);
	add(&made, network_of("0.0.0.0/0"));
	make(&made);
	assert_int_equal(find(&made, "0.0.0.0"), 0);
	assert_int_equal(find(&made, "255.255.255.255"), 0);
	assert_int_equal(find(&made, "::fffe:ffff:ffff"), NETWORK_MAP_NONE);
	assert_int_equal(find(&made, "::1:0:0:0"), NETWORK_MAP_NONE);
	network_map_free(made.map);
}

/* A network inside each that is there: as deep as it can be. */
static void test_deep(void **state)
{
	struct network_row row[129];
	struct network_map *map;
	uint8_t octets[16] = { 0x20, 0x01 };

	(void)state;
	for (unsigned bits = 0; bits <= 128; bits++) {
		row[bits] = (struct network_row){ { { 0x20, 0x01 }, (uint8_t)bits }, bits };
		network_mask(row[bits].network.address, bits);
	}
	map = network_map_new(row, 129);
	assert_non_null(map);
	assert_int_equal(network_map_find(map, octets), 128);
	for (unsigned bit = 127; bit > 16; bit--) { /* the only difference is behind <bit> others */
		octets[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
		assert_int_equal(network_map_find(map, octets), bit);
		octets[bit / 8] &= (uint8_t)~(0x80 >> bit % 8);
	}
	network_map_free(map);
}

static void test_random(void **state)
{
	uint64_t random = 1;

	(void)state;
	for (unsigned round = 0; round < 300; round++) {
		struct made made = { .count = 0 };
		size_t wanted = random_next(&random) % ROWS_MAX;

		/* Few different octets, so that networks nest and touch. */
		for (size_t i = 0; i < wanted; i++) {
			struct network network = { .bits = (uint8_t)(random_next(&random) % 129) };

			for (unsigned octet = 0; octet < 16; octet++)
				network.address[octet] = (uint8_t)(0xff * (random_next(&random) >> 20 & 1));
			if (random_next(&random) & 1) {
				memset(network.address, 0, 10);
				network.address[10] = network.address[11] = 0xff;
			}
			network_mask(network.address, network.bits);
			add(&made, network);
		}
		make(&made);
		for (unsigned i = 0; i < 200; i++) {
			uint8_t octets[16];

			/* An edge of one of them, or next to it; or anywhere. */
			memset(octets, random_next(&random) >> 20 & 1 ? 0xff : 0, sizeof(octets));
			if (made.count && i % 8) {
				const struct network *edge = &made.row[random_next(&random) % made.count].network;

				memcpy(octets, edge->address, sizeof(octets));
				for (unsigned bit = i & 1 ? edge->bits : 128; bit < 128; bit++)
					octets[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
				octets[15] = (uint8_t)(octets[15] + random_next(&random) % 3 - 1);
			}
			assert_int_equal(network_map_find(made.map, octets), most_specific(&made, octets));
		}
		network_map_free(made.map);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_mask),
		cmocka_unit_test(test_every_width),
		cmocka_unit_test(test_private),
		cmocka_unit_test(test_nested),
		cmocka_unit_test(test_few),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
