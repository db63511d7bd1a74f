/* SPDX-License-Identifier: BSD-3-Clause */
/* text_commands - commands and programs in TXT answers.
 *
 * Loaders that fetch their next stage by DNS get it in TXT records: a line of PowerShell, or a
 * program in base64. The character strings of a record are looked at as one text, and once more
 * as what they decode to from base64 or hexadecimal:
 *
 *     words     iex, invoke-expression, cmd.exe ..., between characters that are not of a word
 *     programs  MZ, ELF and gzip at the beginning, with what must follow them
 *     marker    what MuddyWater's ForeLord leaves in its answers
 *
 * Records by which mail servers and certificate authorities are known (SPF, DKIM, DMARC, tokens of the
 * form name=value that verify a site) have words and base64 of their own; they are left out.
 *
 * Goes by the answer alone, so that the answer can be refused: it does not come to the client,
 * nor stay in the cache. Invariant: a record is walked once or twice, with a few hundred octets on the
 * stack, however long it is.
 */
#include <string.h>

#include "detect/detector.h"

#define TYPE_TXT     16
#define DECODED_MAX  512 /* octets that are decoded: what a program or a command begins with */
#define TEXT_MAX     4096 /* octets of a record that are looked at */
#define ENCODED_MIN  16  /* shorter texts decode to something by chance */

enum matching { MATCHING_WORDS, MATCHING_ANYWHERE };

static const char *const matching_words[] = { "words", "anywhere", NULL };

struct text_commands_config {
	struct detector_config common;
	uint64_t matching;
};

static const struct option text_commands_options[] = {
	OPTION_CHOICE(struct text_commands_config, matching, "matching", matching_words, MATCHING_WORDS,
	              "words: a command counts when no letter or digit stands beside it. anywhere: also "
	              "within a word, as other rules have it; 'iex' is in many."),
	OPTION_END
};

/* Lower case. */
static const char *const commands[] = {
	"iex", "invoke-expression", "cmd.exe", "powershell", "invoke-webrequest", "downloadstring",
	"frombase64string", "wscript.shell", "mshta", "rundll32", "regsvr32", "certutil", "bitsadmin",
	"/bin/sh", "/bin/bash", "curl http", "wget http",
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(*commands))

#define MARKER "lordlordlordlord" /* of ForeLord, by MuddyWater */

/* A text without the borders of its character strings. */
struct text {
	uint8_t octet[TEXT_MAX];
	size_t len;
};

static uint8_t lower(uint8_t octet)
{
	return octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet | 0x20) : octet;
}

static bool is_of_word(uint8_t octet)
{
	octet = lower(octet);
	return (octet >= 'a' && octet <= 'z') || (octet >= '0' && octet <= '9') || octet == '_';
}

static bool equals(const uint8_t *octet, const char *lower_text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (lower(octet[i]) != (uint8_t)lower_text[i])
			return false;
	return true;
}

static bool stands_at(const uint8_t *octet, size_t len, size_t at, const char *word, uint64_t matching)
{
	size_t word_len = strlen(word);

	if (at + word_len > len || !equals(octet + at, word, word_len))
		return false;
	if (matching == MATCHING_ANYWHERE)
		return true;
	return (at == 0 || !is_of_word(octet[at - 1])) &&
	       (at + word_len == len || !is_of_word(octet[at + word_len]));
}

/* Index of the first command in it, or -1. */
static int find_command(const uint8_t *octet, size_t len, uint64_t matching)
{
	for (size_t at = 0; at < len; at++)
		for (size_t i = 0; i < COMMAND_COUNT; i++)
			if (lower(octet[at]) == (uint8_t)commands[i][0] &&
			    stands_at(octet, len, at, commands[i], matching))
				return (int)i;
	return -1;
}

/* What a program or an archive begins with. "MZ" alone begins many a text, so the DOS header behind it
 * has to be one: octets that do not print.
 */
static const char *program_at(const uint8_t *octet, size_t len)
{
	bool binary = false;

	if (len >= 4 && !memcmp(octet, "\177ELF", 4))
		return "ELF program";
	if (len >= 3 && !memcmp(octet, "\037\213\010", 3))
		return "gzip archive";
	for (size_t i = 2; i < len && i < 16; i++)
		binary = binary || octet[i] < ' ' || octet[i] > '~';
	return len >= 4 && octet[0] == 'M' && octet[1] == 'Z' && binary ? "Windows program" : NULL;
}

static int base64_value(uint8_t digit)
{
	if (digit >= 'A' && digit <= 'Z')
		return digit - 'A';
	if (digit >= 'a' && digit <= 'z')
		return digit - 'a' + 26;
	if (digit >= '0' && digit <= '9')
		return digit - '0' + 52;
	if (digit == '+' || digit == '-')
		return 62;
	return digit == '/' || digit == '_' ? 63 : -1;
}

static int hexadecimal_value(uint8_t digit)
{
	digit = lower(digit);
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* Decodes <text> from <from> on, as far as it goes. Returns how many octets came out: 0 when it ends too
 * early to be an encoding.
 */
static size_t decode(uint8_t out[DECODED_MAX], const struct text *text, size_t from,
                     int (*value_of)(uint8_t digit), unsigned bits)
{
	unsigned held = 0, pending = 0;
	size_t count = 0, digits = 0;

	for (size_t i = from; i < text->len && count < DECODED_MAX; i++) {
		int value = value_of(text->octet[i]);

		if (value < 0)
			break;
		digits++;
		pending = (pending << bits | (unsigned)value) & 0xffff;
		held += bits;
		if (held >= 8) {
			held -= 8;
			out[count++] = (uint8_t)(pending >> held);
		}
	}
	return digits < ENCODED_MIN ? 0 : count;
}

enum text_commands_reason { REASON_COMMAND, REASON_PROGRAM, REASON_MARKER };

static const char *const text_commands_reasons[] = {
	[REASON_COMMAND] = "got a command in a TXT answer",
	[REASON_PROGRAM] = "got a program or an archive in a TXT answer",
	[REASON_MARKER] = "got the marker of a known tool in a TXT answer",
	NULL
};

static struct opinion found(enum text_commands_reason reason, const char *what, bool decoded)
{
	struct opinion opinion = { .confidence = CONFIDENCE_HIGH, .reason = (uint8_t)reason };

	evidence_text(opinion.evidence, what);
	opinion.evidence[EVIDENCE_TEXT_WORDS] = decoded;
	return opinion;
}

/* PowerShell's encoded commands are UTF-16: without its zeros, text again. */
static size_t narrow(uint8_t *octet, size_t len)
{
	size_t zeros = 0, count = 0;

	for (size_t i = 1; i < len; i += 2)
		zeros += octet[i] == 0;
	if (zeros * 2 < len - len / 8)
		return len;
	for (size_t i = 0; i < len; i += 2)
		octet[count++] = octet[i];
	return count;
}

static struct opinion judge_decoded(uint8_t *octet, size_t len, uint64_t matching)
{
	const char *program = program_at(octet, len);
	int command;

	if (program)
		return found(REASON_PROGRAM, program, true);
	len = narrow(octet, len);
	command = find_command(octet, len, matching);
	return command < 0 ? NO_OPINION : found(REASON_COMMAND, commands[command], true);
}

static bool begins(const struct text *text, const char *prefix)
{
	size_t len = strlen(prefix);

	return text->len >= len && equals(text->octet, prefix, len);
}

/* By which mail servers, certificate authorities and owners of sites are known. */
static bool is_exempt(const struct text *text)
{
	static const char *const prefixes[] = {
		"v=spf1", "v=dkim1", "v=dmarc1", "v=bimi1", "v=tlsrptv1", "v=stsv1", "k=rsa", "spf2.0/",
	};
	size_t at = 0;

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (begins(text, prefixes[i]))
			return true;
	/* name-verification=token, and the like. */
	while (at < text->len && (is_of_word(text->octet[at]) || text->octet[at] == '-'))
		at++;
	if (at < 4 || at >= text->len || (text->octet[at] != '=' && text->octet[at] != ':'))
		return false;
	for (size_t i = 0; i + 3 <= at; i++)
		if (equals(text->octet + i, "ver", 3))
			return true;
	return false;
}

static struct opinion judge_text(const struct text *text, uint64_t matching)
{
	uint8_t decoded[DECODED_MAX];
	struct opinion opinion = NO_OPINION;
	const char *program = program_at(text->octet, text->len);
	int command;
	size_t len;

	if (program)
		return found(REASON_PROGRAM, program, false);
	for (size_t at = 0; at + sizeof(MARKER) - 1 <= text->len; at++)
		if (equals(text->octet + at, MARKER, sizeof(MARKER) - 1))
			return found(REASON_MARKER, MARKER, false);
	command = find_command(text->octet, text->len, matching);
	if (command >= 0)
		return found(REASON_COMMAND, commands[command], false);
	len = decode(decoded, text, 0, hexadecimal_value, 4);
	if (len)
		opinion = judge_decoded(decoded, len, matching);
	len = opinion.confidence ? 0 : decode(decoded, text, 0, base64_value, 6);
	return len ? judge_decoded(decoded, len, matching) : opinion;
}

/* The character strings of a TXT record behind each other (RFC 1035 section 3.3.14). */
static void join(struct text *text, const struct warden_record *record)
{
	size_t at = 0;

	text->len = 0;
	while (at < record->rdata_len) {
		size_t len = record->rdata[at++];

		len = len < record->rdata_len - at ? len : record->rdata_len - at;
		if (len > TEXT_MAX - text->len)
			len = TEXT_MAX - text->len;
		memcpy(text->octet + text->len, record->rdata + at, len);
		text->len += len;
		if (text->len == TEXT_MAX)
			return;
		at += len;
	}
}

static bool text_commands_relevant(const void *config, const struct facts *facts)
{
	(void)config;
	for (uint32_t i = 0; i < facts->obs->record_count; i++)
		if (facts->obs->records[i].type == TYPE_TXT)
			return true;
	return false;
}

static struct opinion text_commands_observe(const void *config, void *client, void *pair, void *domain,
                                            const struct facts *facts)
{
	const struct text_commands_config *conf = config;
	struct text text;

	(void)client, (void)pair, (void)domain;
	for (uint32_t i = 0; i < facts->obs->record_count; i++) {
		struct opinion opinion;

		if (facts->obs->records[i].type != TYPE_TXT)
			continue;
		join(&text, &facts->obs->records[i]);
		if (!text.len || is_exempt(&text))
			continue;
		opinion = judge_text(&text, conf->matching);
		if (opinion.confidence)
			return opinion;
	}
	return NO_OPINION;
}

static const char *const text_commands_attack[] = { "T1071.004", "T1132.001", NULL };

const struct detector detector_text_commands = {
	.name = "text-commands",
	.help = "Finds commands and programs in TXT answers, also under one base64 or hexadecimal. The "
	        "answer is refused, and taken out of the cache; nothing is held.",
	.when = ON_ANSWER | ON_ANY_PATH,
	.needs = FACT_RECORDS,
	.subject = SUBJECT_PAIR,
	.action = ACTION_REFUSE,
	.score = 60,
	.momentary = true,

	.options = text_commands_options,
	.config_size = sizeof(struct text_commands_config),

	.category = "command-and-control",
	.attack = text_commands_attack,
	.reasons = text_commands_reasons,
	.evidence = { { "found", EVIDENCE_TEXT }, { "decoded" } },

	.relevant = text_commands_relevant,
	.observe = text_commands_observe,
};
