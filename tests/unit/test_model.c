/* SPDX-License-Identifier: BSD-3-Clause */
/* test_model - the table is a code, and prices ordinary and random labels as it should. */
#include <math.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "name/model.h"

static double bits(const char *text, unsigned labels)
{
	struct name name;

	assert_true(name_from_text(&name, text));
	return (double)model_cost(&name, labels) / MODEL_UNIT;
}

static void is_a_code(void **state)
{
	(void)state;
	for (unsigned a = 0; a < MODEL_SYMBOLS; a++)
		for (unsigned b = 0; b < MODEL_SYMBOLS; b++) {
			double sum = 0;

			for (unsigned c = 0; c < MODEL_SYMBOLS; c++)
				sum += exp2(-(double)model_table[a][b][c] / MODEL_UNIT);
			assert_true(sum <= 1);
			assert_true(sum > 0.9); /* and no wasteful one */
		}
}

/* The octets of one symbol must share what the symbol is worth: Kraft over all one-octet
 * labels, against the sum over the symbols.
 */
static void octets_are_a_code(void **state)
{
	double by_octet = 0, by_symbol = 0;
	double start = bits("a", 0);

	(void)state;
	for (unsigned octet = 0; octet < 256; octet++) {
		uint8_t wire[] = { 1, (uint8_t)octet, 0 };
		struct name name;

		assert_true(name_parse(&name, wire, sizeof(wire)));
		/* Upper case included: these are all different names. */
		by_octet += exp2(start - (double)model_cost(&name, 1) / MODEL_UNIT);
	}
	for (unsigned symbol = 1; symbol < MODEL_SYMBOLS; symbol++)
		by_symbol += exp2(-(double)(model_table[0][0][symbol] + model_table[0][symbol][0]) /
		                  MODEL_UNIT);
	assert_true(by_octet <= by_symbol * exp2(0.125) + 1e-9);
	assert_true(by_octet <= 1);
}

static void maps_symbols(void **state)
{
	unsigned seen[MODEL_SYMBOLS] = { 0 };

	(void)state;
	for (unsigned octet = 0; octet < 256; octet++) {
		unsigned symbol = model_symbol((uint8_t)octet);

		assert_in_range(symbol, 1, MODEL_SYMBOLS - 1);
		seen[symbol]++;
	}
	for (unsigned symbol = 1; symbol < MODEL_OTHER; symbol++)
		assert_int_equal(seen[symbol], 1);
	assert_int_equal(model_symbol('z'), 26);
	assert_int_equal(model_symbol('9'), 36);
	assert_int_equal(model_symbol('-'), MODEL_OTHER);
}

/* A base32 label of 50, and what it carries. */
static void charges_random_labels(void **state)
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
	double sum = 0, least = 1e9;
	uint32_t random = 1;

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		char text[51] = { 0 };
		double cost;

		for (unsigned j = 0; j < 50; j++) {
			random = random * 1664525 + 1013904223;
			text[j] = alphabet[random >> 27];
		}
		cost = bits(text, 1);
		sum += cost;
		least = cost < least ? cost : least;
	}
	assert_true(sum / 1000 >= 50 * 5); /* on average no code does better */
	assert_true(least > 50 * 4.5);
}

static void charges_ordinary_labels_little(void **state)
{
	(void)state;
	assert_true(bits("www", 1) < 12);
	assert_true(bits("mail", 1) < 20);
	assert_true(bits("cdn", 1) < 16);
	assert_true(bits("qxjz", 1) > bits("mail", 1));
	assert_true(bits("www.cdn", 2) > bits("www.cdn", 1));
}

static void charges_odd_octets_and_case(void **state)
{
	(void)state;
	assert_true(bits("a_b", 1) == bits("a-b", 1) + 1);
	assert_true(bits("a\\255b", 1) == bits("a-b", 1) + 9);
	/* All upper case: a flag. Mixed: a bit a letter on top. */
	assert_true(bits("ABCD1", 1) - bits("abcd1", 1) < 6);
	assert_true(bits("aBcd1", 1) - bits("abcd1", 1) >= 8);
	assert_true(bits("aBcd1", 1) == bits("AbCD1", 1));
	/* Only the payload's. */
	assert_true(bits("abcd.EXAMPLE", 1) == bits("abcd.example", 1));
}

static void copes_with_any_number_of_labels(void **state)
{
	(void)state;
	assert_true(bits(".", 0) > 0);
	assert_true(bits(".", 5) == bits(".", 0));
	assert_true(bits("a.b", 9) == bits("a.b", 2));
	assert_true(bits("a.b", 0) == bits(".", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_a_code),
		cmocka_unit_test(octets_are_a_code),
		cmocka_unit_test(maps_symbols),
		cmocka_unit_test(charges_random_labels),
		cmocka_unit_test(charges_ordinary_labels_little),
		cmocka_unit_test(charges_odd_octets_and_case),
		cmocka_unit_test(copes_with_any_number_of_labels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
