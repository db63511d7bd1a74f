/* SPDX-License-Identifier: BSD-3-Clause */
/* test_name - wire format and presentation format, both ways. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "name/name.h"
#include "support.h"

#define WIRE(text) (const uint8_t *)(text), sizeof(text) - 1

static const struct {
	const uint8_t *wire;
	size_t len;
	bool good;
	const char *text;
	unsigned labels;
} wires[] = {
	{ WIRE("\0"), true, ".", 0 },
	{ WIRE("\1a\0"), true, "a", 1 },
	{ WIRE("\3WWW\7eXample\3net\0"), true, "www.example.net", 3 },
	{ WIRE("\4a.\0\"\1\\\0"), true, "a\\046\\000\\034.\\092", 2 },
	{ WIRE("\2 \177\2\200\377\0"), true, "\\032\\127.\\128\\255", 2 },
	{ WIRE(""), false, NULL, 0 },
	{ WIRE("\1a"), false, NULL, 0 },          /* no root */
	{ WIRE("\2a\0"), false, NULL, 0 },        /* the label eats the root */
	{ WIRE("\1a\0\0"), false, NULL, 0 },      /* octets behind the root */
	{ WIRE("\1a\300\0"), false, NULL, 0 },    /* compression */
	{ WIRE("\100a\0"), false, NULL, 0 },      /* label type 01 */
	{ WIRE("\77a\0"), false, NULL, 0 },       /* longer than all there is */
};

static void parses_wire(void **state)
{
	char text[NAME_TEXT_MAX];
	struct name name;

	(void)state;
	for (size_t i = 0; i < sizeof(wires) / sizeof(*wires); i++) {
		/* A copy without slack, so that reading beyond it is seen. */
		uint8_t *wire = malloc(wires[i].len ? wires[i].len : 1);
		bool good;

		assert_non_null(wire);
		memcpy(wire, wires[i].wire, wires[i].len);
		good = name_parse(&name, wire, wires[i].len);
		free(wire);
		assert_int_equal(good, wires[i].good);
		if (!good)
			continue;
		assert_string_equal(name_text(text, name.wire, name.len), wires[i].text);
		assert_int_equal(name.labels, wires[i].labels);
		assert_int_equal(name.len, wires[i].len);
		assert_memory_equal(name.raw, wires[i].wire, wires[i].len);
	}
}

static void takes_the_longest(void **state)
{
	uint8_t wire[NAME_WIRE_MAX + 1] = { 0 };
	char text[NAME_TEXT_MAX];
	struct name name;

	(void)state;
	for (unsigned i = 0; i < 254; i += 2) {
		wire[i] = 1;
		wire[i + 1] = 0xff;
	}
	assert_true(name_parse(&name, wire, 255));
	assert_int_equal(name.labels, NAME_LABELS_MAX);
	assert_int_equal(name_text_len(&name), 253);
	name_text(text, name.wire, name.len);
	assert_int_equal(strlen(text), 127 * 4 + 126);
	assert_true(name_from_text(&name, text));
	assert_memory_equal(name.raw, wire, 255);

	/* A 128th label does not fit, whatever it claims. */
	for (unsigned length = 1; length < 256; length++) {
		wire[254] = (uint8_t)length;
		assert_false(name_parse(&name, wire, 255));
	}

	/* Four labels of 63, 63, 63, 61: everything escaped is the longest text. */
	memset(wire, 0xff, sizeof(wire));
	wire[0] = wire[64] = wire[128] = 63;
	wire[192] = 61;
	wire[254] = 0;
	assert_true(name_parse(&name, wire, 255));
	assert_true(strlen(name_text(text, name.wire, name.len)) < NAME_TEXT_MAX);
	assert_true(name_from_text(&name, text));

	/* One more is too long, also as text. */
	wire[192] = 62;
	wire[254] = 0xff;
	wire[255] = 0;
	assert_false(name_parse(&name, wire, 256));
	strcat(text, "a");
	assert_false(name_from_text(&name, text));
}

static void folds_case_of_letters_only(void **state)
{
	struct name name;

	(void)state;
	assert_true(name_parse(&name, WIRE("\6@AZ[\301\132\0")));
	assert_memory_equal(name.wire, "\6@az[\301z\0", 8);
	assert_memory_equal(name.raw, "\6@AZ[\301Z\0", 8);
}

/* As RFC 1035 says it, an octet at a time. */
static bool parse_slowly(struct name *name, const uint8_t *wire, size_t len)
{
	size_t at = 0;

	*name = (struct name){ .len = 0 };
	while (at < len && at < 255) {
		unsigned label = wire[at];

		name->wire[at] = name->raw[at] = wire[at];
		if (label == 0) {
			name->len = (uint8_t)(at + 1);
			return at + 1 == len;
		}
		if (label > 63 || name->labels == 127)
			return false;
		name->label[name->labels++] = (uint8_t)at++;
		for (; label > 0; label--, at++) {
			if (at >= len || at >= 255)
				return false;
			name->raw[at] = name->wire[at] = wire[at];
			if (wire[at] >= 'A' && wire[at] <= 'Z') {
				name->wire[at] = (uint8_t)(wire[at] - 'A' + 'a');
				name->cased = true;
			}
		}
	}
	return false;
}

/* Labels of any octets until <len> octets are full, or nearly so. Returns how long it became. */
static size_t make_wire(uint8_t *wire, size_t len, uint64_t *random)
{
	size_t at = 0;

	while (at + 2 < len) {
		size_t room = len - at - 2, most = *random % 5 ? 12 : 63;
		size_t label = 1 + random_next(random) % (most < room ? most : room);
		bool letters = random_next(random) % 2;

		wire[at++] = (uint8_t)label;
		for (; label > 0; label--)
			wire[at++] = letters ? (uint8_t)("aZAz@[`{09-_"[random_next(random) % 12])
			                     : (uint8_t)random_next(random);
	}
	wire[at++] = 0;
	return at;
}

static void parses_as_the_standard_says(void **state)
{
	uint64_t random = 20;
	unsigned good = 0, cased = 0;

	(void)state;
	for (unsigned round = 0; round < 200000; round++) {
		uint8_t octets[300];
		size_t len = make_wire(octets, 1 + random_next(&random) % 258, &random);
		struct name name, slow;
		uint8_t *wire;

		if (random_next(&random) % 3 == 0)
			octets[random_next(&random) % len] = (uint8_t)random_next(&random);
		if (random_next(&random) % 8 == 0)
			len -= 1 + random_next(&random) % (len < 3 ? len : 3);
		else if (random_next(&random) % 8 == 0)
			octets[len++] = (uint8_t)(random_next(&random) % 2);
		/* A copy without slack, so that reading beyond it is seen. */
		wire = malloc(len ? len : 1);
		assert_non_null(wire);
		memcpy(wire, octets, len);
		memset(&name, 0xaa, sizeof(name)); /* nothing may depend on what was there before */
		assert_int_equal(name_parse(&name, wire, len), parse_slowly(&slow, wire, len));
		free(wire);
		if (!slow.len || slow.len != len)
			continue;
		good++;
		cased += slow.cased;
		assert_int_equal(name.len, slow.len);
		assert_int_equal(name.labels, slow.labels);
		assert_int_equal(name.cased, slow.cased);
		assert_memory_equal(name.label, slow.label, slow.labels);
		assert_memory_equal(name.wire, slow.wire, slow.len);
		assert_memory_equal(name.raw, slow.raw, slow.len);
	}
	assert_in_range(good, 50000, 180000);
	assert_in_range(cased, 1000, good - 1000);
}

static const struct {
	const char *text;
	const uint8_t *wire; /* NULL: not a name */
	size_t len;
} texts[] = {
	{ ".", WIRE("\0") },
	{ "www.example.net", WIRE("\3www\7example\3net\0") },
	{ "www.example.net.", WIRE("\3www\7example\3net\0") },
	{ "a\\.b", WIRE("\3a.b\0") },
	{ "\\000\\255.\\a", WIRE("\2\0\377\1a\0") },
	{ "", NULL, 0 },
	{ "..", NULL, 0 },
	{ ".a", NULL, 0 },
	{ "a..b", NULL, 0 },
	{ "a..", NULL, 0 },
	{ "\\", NULL, 0 },
	{ "\\1", NULL, 0 },
	{ "\\12", NULL, 0 },
	{ "\\256", NULL, 0 },
	{ "\\1a2", NULL, 0 },
	{ "123456789012345678901234567890123456789012345678901234567890123.a", WIRE(
	  "\77" "123456789012345678901234567890123456789012345678901234567890123\1a\0") },
	{ "1234567890123456789012345678901234567890123456789012345678901234.a", NULL, 0 },
};

static void parses_text(void **state)
{
	struct name name;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_int_equal(name_from_text(&name, texts[i].text), texts[i].wire != NULL);
		if (!texts[i].wire)
			continue;
		assert_int_equal(name.len, texts[i].len);
		assert_memory_equal(name.wire, texts[i].wire, texts[i].len);
	}
}

static void indexes_tails(void **state)
{
	struct name name;

	(void)state;
	assert_true(name_from_text(&name, "a.bc.d"));
	assert_int_equal(name_tail_len(&name, 0), 8);
	assert_int_equal(name_tail_len(&name, 1), 6);
	assert_memory_equal(name_tail(&name, 1), "\2bc\1d\0", 6);
	assert_int_equal(name_tail_len(&name, 3), 1);
	assert_int_equal(*name_tail(&name, 3), 0);
	assert_int_equal(name_text_len(&name), 6);
	assert_true(name_from_text(&name, "."));
	assert_int_equal(name_text_len(&name), 0);
	assert_int_equal(name_tail_len(&name, 0), 1);
}

static void prints_broken_names(void **state)
{
	char text[NAME_TEXT_MAX];

	(void)state;
	assert_string_equal(name_text(text, WIRE("\1a\5bc")), "a");
	assert_string_equal(name_text(text, WIRE("")), ".");
	assert_string_equal(name_text(text, WIRE("\377")), ".");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_wire),
		cmocka_unit_test(takes_the_longest),
		cmocka_unit_test(folds_case_of_letters_only),
		cmocka_unit_test(parses_as_the_standard_says),
		cmocka_unit_test(parses_text),
		cmocka_unit_test(indexes_tails),
		cmocka_unit_test(prints_broken_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
