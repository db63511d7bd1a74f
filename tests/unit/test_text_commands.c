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

static void words(void **state)
{
	enum { NONE = CONFIDENCE_NONE, MEDIUM = CONFIDENCE_MEDIUM, HIGH = CONFIDENCE_HIGH };
	static const struct {
		const char *text;
		uint8_t words, anywhere;
	} cases[] = {
		{ "IEX (x)", HIGH, HIGH },
		{ "IEX", NONE, HIGH },
		{ "iex(x)", HIGH, HIGH },
		{ "a;Invoke-Expression $b", HIGH, HIGH },
		{ "C:\\Windows\\System32\\CMD.EXE", HIGH, HIGH },
		{ "x=PowerShell -nop", HIGH, HIGH },
		{ "powershell.exe", HIGH, HIGH },
		{ "/bin/sh -c id", HIGH, HIGH },
		{ "curl https://192.0.2.1/a", MEDIUM, MEDIUM },
		{ "curl https://192.0.2.1/a | /bin/sh", HIGH, HIGH }, /* the surest of them */
		{ "apiexplorer", NONE, HIGH },
		{ "iex2", NONE, HIGH },
		{ "_iex (x)", NONE, HIGH },
		{ "cmd.executor", NONE, HIGH },
		{ "powershel", NONE, NONE },
		{ "owershell", NONE, NONE },
		{ "hello, world", NONE, NONE },
		{ "the lord of lords", NONE, NONE },
		{ "xlordlordlordlordx", HIGH, HIGH },
		{ "LordLordLordLor", NONE, NONE },
		{ "", NONE, NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint16_t len = strings_of(put(0, cases[i].text), 255);

		assert_int_equal(show("a.example.org", TXT, len, WORDS).confidence,
		                 cases[i].words);
		assert_int_equal(show("a.example.org", TXT, len, ANYWHERE).confidence, cases[i].anywhere);
	}
}

/* At each place of a text, so at the edges of all windows; and over the edges of strings. */
static void anywhere_in_a_long_text(void **state)
{
	static const size_t string_lens[] = { 1, 7, 255 };

	(void)state;
	for (size_t at = 0; at < 1600; at++) {
		struct opinion opinion;
		size_t len;

		memset(text, '.', sizeof(text));
		len = put(at, "invoke-expression") + 40;
		opinion = show("a.example.org", TXT, strings_of(len, string_lens[at % 3]), WORDS);
		assert_int_equal(opinion.confidence, CONFIDENCE_HIGH);
		assert_int_equal(opinion.reason, REASON_COMMAND);
		assert_memory_equal(opinion.evidence, "invoke-expression", 17);
		assert_int_equal(opinion.evidence[EVIDENCE_TEXT_WORDS], 0);
		/* The last thing in it, and a letter too many on each side, which the edge of a string is
		 * not.
		 */
		assert_int_equal(show_text(len - 40).confidence, CONFIDENCE_HIGH);
		text[len - 40] = 'x';
		if ((len - 40) % 255)
			assert_int_equal(show_text(len).confidence, CONFIDENCE_NONE);
		text[len - 40] = '.';
		if (at % 255) {
			text[at - 1] = 'x';
			assert_int_equal(show_text(len).confidence, CONFIDENCE_NONE);
		}
	}
	/* The longest record that there is: 65535 octets, 256 of them lengths. */
	memset(text, ' ', sizeof(text));
	put(65279 - 7, "cmd.exe");
	assert_int_equal(show_text(65279).confidence, CONFIDENCE_HIGH);
	memset(text, ' ', sizeof(text));
	put(65279 - 6, "cmd.ex");
	assert_int_equal(show_text(65279).confidence, CONFIDENCE_NONE);
}

static void decoded(void **state)
{
	static const char wide[] = "I\0E\0X\0 \0(\0$\0a\0)\0 \0 \0 \0";
	size_t (*const encode[])(size_t, const uint8_t *, size_t) = { put_hexadecimal, put_base64 };
	uint8_t plain[3000];

	(void)state;
	for (unsigned e = 0; e < 2; e++) {
		for (size_t at = 0; at < 1200; at++) {
			struct opinion opinion;
			size_t len;

			memset(plain, ' ', sizeof(plain));
			memcpy(plain + at, "cmd.exe /c", 10);
			len = encode[e](put(0, "data: "), plain, at + 20);
			opinion = show_text(len);
			assert_int_equal(opinion.confidence, CONFIDENCE_HIGH);
			assert_int_equal(opinion.evidence[EVIDENCE_TEXT_WORDS], 1);
		}
		assert_int_equal(show_text(encode[e](0, (const uint8_t *)wide, sizeof(wide) - 1)).confidence,
		                 CONFIDENCE_HIGH);
		/* Not in the middle of text: random octets. */
		memset(plain, 0xc3, sizeof(plain));
		memcpy(plain + 20, "cmd.exe", 7);
		assert_int_equal(show_text(encode[e](0, plain, 60)).confidence, CONFIDENCE_NONE);
	}
	/* Eight digits are a code, seven are a word. */
	assert_int_equal(show_text(put(0, "69657828")).confidence, CONFIDENCE_HIGH);
	assert_int_equal(show_text(put(0, "6965782")).confidence, CONFIDENCE_NONE);
}

static void programs(void **state)
{
	static const struct {
		const char *head;
		size_t len;
		bool is_one;
	} cases[] = {
		{ "\177ELF\2\1\1\0\0\0\0\0", 12, true },
		{ "\177ELG\2\1\1\0\0\0\0\0", 12, false },
		{ "\037\213\010\0abcdefgh", 12, true },
		{ "\037\213\011\0abcdefgh", 12, false },
		{ "MZ\220\0\3\0\0\0\4\0\0\0", 12, true },
		{ "MZP\0\2\0\0\0\4\0\17\0", 12, true },
		{ "MZ\220\0\3\0\1\0\4\0\0\0", 12, true },  /* three zeros */
		{ "MZ\220\0\3\1\1\0\4\0\0\0", 12, false }, /* two */
		{ "MZ2024-12-24", 12, false },
		{ "MX\220\0\3\0\0\0\4\0\0\0", 12, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const uint8_t *head = (const uint8_t *)cases[i].head;
		uint8_t expected = cases[i].is_one ? CONFIDENCE_HIGH : CONFIDENCE_NONE;

		memcpy(text, head, cases[i].len);
		assert_int_equal(show_text(cases[i].len).confidence, expected);
		assert_int_equal(show_text(put_hexadecimal(0, head, cases[i].len)).confidence, expected);
		assert_int_equal(show_text(put_base64(0, head, cases[i].len)).confidence, expected);
		/* Behind a name and an equals sign, too. */
		assert_int_equal(show_text(put_base64(put(0, "p="), head, cases[i].len)).confidence, expected);
		if (cases[i].is_one)
			assert_int_equal(show_text(put_base64(0, head, cases[i].len)).reason, REASON_PROGRAM);
	}
}

/* They have names and keys in them, but no command lines. */
static void mail(void **state)
{
	static const struct {
		const char *name, *text;
		bool said;
	} cases[] = {
		{ "example.org", "v=spf1 include:iex.example -all", false },
		{ "example.org", "v=spf1 exists:TVqQAAMAAAAEAAAA//8AALgA -all", false },
		{ "example.org", "v=spf1 iex (curl) -all", true },
		{ "example.org", "google-site-verification=powershell-iex", false },
		{ "example.org", "MS=ms12345678", false },
		{ "s._domainkey.example.org", "v=DKIM1; p=TVqQAAMAAAAEAAAA//8AALgA", false },
		{ "s._domainkey.example.org", "p=TVqQAAMAAAAEAAAA//8AALgA", false },
		{ "s._domainkey.example.org", "p=a; n=powershell -nop", true },
		{ "s.domainkey.example.org", "p=TVqQAAMAAAAEAAAA//8AALgA", true },
		{ "_dmarc.example.org", "v=DMARC1; p=none; rua=mailto:iex@example.org", false },
		{ "example.org", "domain-verification=TVqQAAMAAAAEAAAA//8AALgA", false },
		/* "server" has "ver" in it: that alone hides nothing. */
		{ "example.org", "server: powershell -nop -c iex $a", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(show(cases[i].name, TXT, strings_of(put(0, cases[i].text), 255), WORDS).confidence,
		                 cases[i].said ? CONFIDENCE_HIGH : CONFIDENCE_NONE);
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
		cmocka_unit_test(anywhere_in_a_long_text),
		cmocka_unit_test(decoded),
		cmocka_unit_test(programs),
		cmocka_unit_test(mail),
		cmocka_unit_test(other_types),
		cmocka_unit_test(random_codes),
		cmocka_unit_test(garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
