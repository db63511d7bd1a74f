/* SPDX-License-Identifier: BSD-3-Clause */
/* test_content - what records carry, type by type, and rdata that is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "detect/content.h"

static struct piece piece[CONTENT_PIECES_MAX];

#define CUT(type, octets) cut(type, octets, sizeof(octets) - 1)

static unsigned cut(uint16_t type, const void *octets, size_t len)
{
	struct warden_record record = { .type = type, .rdata = octets, .rdata_len = (uint16_t)len };

	return content_cut(&record, piece);
}

static void octets(void **state)
{
	(void)state;
	assert_int_equal(CUT(1, "\1\2\3\4"), 1);
	assert_true(piece[0].bits == 32);
	assert_int_equal(CUT(28, "0123456789abcdef"), 1);
	assert_true(piece[0].bits == 128);
	assert_int_equal(CUT(16, "\5hello"), 1);
	assert_true(piece[0].bits == 48 && piece[0].len == 6);
	assert_int_equal(CUT(10, "null"), 1);
	assert_int_equal(CUT(25, "key"), 1);
	assert_int_equal(CUT(65399, "private"), 1);
	assert_true(piece[0].bits == 56);
	assert_int_equal(CUT(16, ""), 0);
}

static void dnssec_is_left_out(void **state)
{
	static const uint16_t types[] = { 43, 46, 47, 48, 50, 51, 59, 60 };

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		assert_int_equal(cut(types[i], "0123456789", 10), 0);
}

static void names(void **state)
{
	double ordinary, random;

	(void)state;
	assert_int_equal(CUT(5, "\3www\7example\3net\0"), 1);
	ordinary = piece[0].bits;
	assert_true(ordinary > 10 && ordinary < 70);
	assert_int_equal(CUT(5, "\3q7x\7zk4v9wj\3net\0"), 1);
	random = piece[0].bits;
	assert_true(random > ordinary + 20);
	assert_int_equal(CUT(15, "\0\12\3www\7example\3net\0"), 1);
	assert_true(piece[0].bits > ordinary + 15.9 && piece[0].bits < ordinary + 16.1);
	assert_int_equal(CUT(33, "\0\1\0\2\0\3\3www\7example\3net\0"), 1);
	assert_true(piece[0].bits > ordinary + 47.9 && piece[0].bits < ordinary + 48.1);
	/* What is not a name counts by its length. */
	assert_int_equal(CUT(5, "\3ww"), 1);
	assert_true(piece[0].bits == 24);
	assert_int_equal(CUT(15, "\0"), 1);
	assert_true(piece[0].bits == 8);
	assert_int_equal(CUT(5, "\0tail"), 1);
	assert_true(piece[0].bits > 32);
}

static void services(void **state)
{
	/* alpn=h2, ipv4hint, ech, and a parameter that says it is longer than it is */
	static const char rdata[] = "\0\1\0" "\0\1\0\3\2h2" "\0\4\0\4\1\2\3\4" "\0\5\0\4echo" "\0\7\1\1x";

	(void)state;
	assert_int_equal(CUT(65, rdata), 5);
	assert_int_equal(piece[0].len, 3);
	assert_int_equal(piece[1].len, 7);
	assert_int_equal(piece[2].len, 8);
	assert_false(piece[2].common);
	assert_true(piece[3].common && piece[3].len == 8);
	assert_true(!piece[4].common && piece[4].len == 5 && piece[4].bits == 40);
	assert_int_equal(CUT(64, "\0"), 1);
	assert_int_equal(CUT(64, "\0\1\3ww"), 1);
}

static void authorities(void **state)
{
	static const char rdata[] = "\2ns\7example\0" "\4host\7example\0" "\0\0\0\7" "0123456789abcdef";

	(void)state;
	assert_int_equal(CUT(6, rdata), 4);
	assert_int_equal(piece[0].len, 12);
	assert_int_equal(piece[1].len, 14);
	assert_true(piece[2].len == 4 && piece[2].bits == 32);
	assert_true(piece[3].len == 16 && piece[3].bits == 128);
	assert_int_equal(CUT(6, "\2ns\0\2x"), 1);
	assert_int_equal(CUT(6, "\2ns\0\1x\0abc"), 1);
}

/* However many parameters there are, every octet is in one piece. */
static void any_octets(void **state)
{
	unsigned short seed[3] = { 1, 2, 3 };

	(void)state;
	for (unsigned run = 0; run < 100000; run++) {
		static const uint16_t types[] = { 1, 5, 6, 15, 16, 33, 65 };
		uint8_t rdata[64];
		size_t len = (size_t)nrand48(seed) % sizeof(rdata), total = 0;
		unsigned count;

		for (size_t i = 0; i < len; i++)
			rdata[i] = (uint8_t)(run % 2 ? nrand48(seed) : nrand48(seed) % 4);
		count = cut(types[run % 7], rdata, len);
		assert_true(count <= CONTENT_PIECES_MAX);
		for (unsigned i = 0; i < count; i++) {
			assert_ptr_equal(piece[i].octets, rdata + total);
			total += piece[i].len;
		}
		assert_int_equal(total, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(octets),
		cmocka_unit_test(dnssec_is_left_out),
		cmocka_unit_test(names),
		cmocka_unit_test(services),
		cmocka_unit_test(authorities),
		cmocka_unit_test(any_octets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
