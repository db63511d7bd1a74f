/* SPDX-License-Identifier: BSD-3-Clause */
/* test_text_commands - words, programs and codes, wherever they stand in a record. */
#include "facts.h"

extern const struct detector detector_text_commands;

enum { A = 1, NULL_RECORD = 10, TXT = 16 };
enum { REASON_COMMAND, REASON_PROGRAM, REASON_MARKER };
enum { WORDS, ANYWHERE };

/* A record of up to 64 KiB, and the text that goes into it. */
static uint8_t rdata[65535];
static uint8_t text[65535];

/* Puts <len> octets of <text> into strings of <string_len>. Returns the length of the rdata. */
static uint16_t strings_of(size_t len, size_t string_len)
{
	size_t at = 0, out = 0;

	while (at < len && out < sizeof(rdata)) {
		size_t part = len - at < string_len ? len - at : string_len;

		if (part > sizeof(rdata) - out - 1)
			part = sizeof(rdata) - out - 1;
		rdata[out++] = (uint8_t)part;
		memcpy(rdata + out, text + at, part);
		out += part;
		at += part;
	}
	return (uint16_t)out;
}

static struct opinion show(const char *name, uint16_t type, uint16_t rdata_len, uint64_t matching)
{
	struct warden_record record = { .rdata = rdata, .type = type, .rdata_len = rdata_len };
	struct bench bench;
	struct made made;

	bench_start(&bench, &detector_text_commands);
	set_option(&detector_text_commands, bench.config, "matching", matching);
	make_question(&made, START, name, 1, TXT);
	made.obs.what = WARDEN_ANSWER;
	made.obs.records = &record;
	made.obs.record_count = made.obs.answer_count = 1;
	return bench_show(&bench, &made.facts);
}

static struct opinion show_text(size_t len)
{
	return show("a.example.org", TXT, strings_of(len, 255), WORDS);
}

static size_t put(size_t at, const char *what)
{
	memcpy(text + at, what, strlen(what));
	return at + strlen(what);
}

static size_t put_hexadecimal(size_t at, const uint8_t *octet, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		text[at++] = (uint8_t)"0123456789abcdef"[octet[i] >> 4];
		text[at++] = (uint8_t)"0123456789ABCDEF"[octet[i] & 15];
	}
	return at;
}

static size_t put_base64(size_t at, const uint8_t *octet, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		uint32_t three = (uint32_t)octet[i] << 16;

		three |= i + 1 < len ? (uint32_t)octet[i + 1] << 8 : 0;
		three |= i + 2 < len ? octet[i + 2] : 0;
		text[at++] = (uint8_t)digits[three >> 18];
		text[at++] = (uint8_t)digits[three >> 12 & 63];
		text[at++] = (uint8_t)(i + 1 < len ? digits[three >> 6 & 63] : '=');
		text[at++] = (uint8_t)(i + 2 < len ? digits[three & 63] : '=');
	}
	return at;
}

/* Scenario 75 has more of them, as answers. */
static void words(void **state)
{
	static const struct {
		const char *text;
		uint8_t words, anywhere;
	} cases[] = {
		{ "iex (x)", 3, 3 },
		{ "IEX(x)", 3, 3 },
		{ "a;Invoke-Expression $b", 3, 3 },
		{ "C:\\Windows\\System32\\CMD.EXE", 3, 3 },
		{ "powershell -c", 3, 3 },
		{ "/bin/sh -c id", 3, 3 },
		{ "curl http://192.0.2.1/a", 2, 2 },
		{ "curl https://192.0.2.1/a", 2, 2 },
		{ "apiexplorer", 0, 3 },
		{ "iex2", 0, 3 },
		{ "iex", 0, 3 },
		{ "cmd.executor", 0, 3 },
		{ "a curl", 0, 0 },
		{ "", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint16_t len;

		print_message("%s\n", cases[i].text);
		len = strings_of(put(0, cases[i].text), 255);
		assert_int_equal(show("a.example.org", TXT, len, WORDS).confidence, cases[i].words);
		len = strings_of(put(0, cases[i].text), 255);
		assert_int_equal(show("a.example.org", TXT, len, ANYWHERE).confidence, cases[i].anywhere);
	}
}

static void wherever_it_is_cut(void **state)
{
	static const char command[] = "0123456789 powershell -nop 0123456789";

	(void)state;
	/* In the middle of the word, and before it; strings of one octet are text, too. */
	for (size_t len = 1; len < sizeof(command); len++)
		assert_int_equal(show("a.example.org", TXT, strings_of(put(0, command), len), WORDS).confidence,
		                 CONFIDENCE_HIGH);
}

static void under_a_code(void **state)
{
	static const uint8_t program[] = "MZ\220\0\3\0\0\0";
	static const char command[] = "cmd.exe /c id";

	(void)state;
	for (size_t before = 0; before < 30; before++) {
		memset(text, '!', before);
		assert_int_equal(show_text(put_base64(before, (const uint8_t *)command, sizeof(command) - 1)).confidence,
		                 CONFIDENCE_HIGH);
		assert_int_equal(show_text(put_hexadecimal(before, program, sizeof(program) - 1)).confidence,
		                 CONFIDENCE_HIGH);
	}
}

/* However long a record, what is looked at is bounded. */
static void beyond_the_bound(void **state)
{
	(void)state;
	memset(text, ' ', 5000);
	assert_int_equal(show_text(put(4000, "cmd.exe ")).confidence, CONFIDENCE_HIGH);
	memset(text, ' ', 5000);
	assert_int_equal(show_text(put(4200, "cmd.exe ")).confidence, CONFIDENCE_NONE);
}

static void other_types(void **state)
{
	(void)state;
	assert_int_equal(show("a.example.org", NULL_RECORD, strings_of(put(0, "iex"), 255), WORDS).confidence, 0);
	assert_int_equal(show("a.example.org", A, strings_of(put(0, "iex"), 255), WORDS).confidence, 0);
}

/* Keys and tokens, as many records of sites have them: none is taken for a command. */
static void random_codes(void **state)
{
	uint64_t random = 1;
	unsigned said = 0;

	(void)state;
	for (unsigned round = 0; round < 100000; round++) {
		uint8_t plain[64];

		for (size_t i = 0; i < sizeof(plain); i++) {
			random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
			plain[i] = (uint8_t)(random >> 56);
		}
		said += show_text(put_base64(0, plain, sizeof(plain))).confidence != CONFIDENCE_NONE;
		said += show_text(put_hexadecimal(0, plain, sizeof(plain))).confidence != CONFIDENCE_NONE;
	}
	assert_int_equal(said, 0);
}

/* Any octets, lengths that point behind the end, and no octets at all. */
static void garbage(void **state)
{
	uint64_t random = 7;

	(void)state;
	assert_int_equal(show("a.example.org", TXT, 0, WORDS).confidence, CONFIDENCE_NONE);
	for (unsigned round = 0; round < 3000; round++) {
		uint16_t len;

		random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		len = round % 100 ? (uint16_t)(random >> 55) : UINT16_MAX;
		for (size_t i = 0; i < len; i++) {
			random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
			rdata[i] = (uint8_t)(random >> 56);
		}
		assert_true(show("a.example.org", TXT, len, round % 2).confidence <= CONFIDENCE_HIGH);
	}
	memset(rdata, 0, sizeof(rdata)); /* 65535 empty strings */
	assert_int_equal(show("a.example.org", TXT, UINT16_MAX, WORDS).confidence, CONFIDENCE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(wherever_it_is_cut),
		cmocka_unit_test(under_a_code),
		cmocka_unit_test(beyond_the_bound),
		cmocka_unit_test(other_types),
		cmocka_unit_test(random_codes),
		cmocka_unit_test(garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
