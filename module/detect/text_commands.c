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
 * Records by which mail servers are known (SPF, DKIM, DMARC) and tokens of the form verification=... have
 * base64 of their own, which is not decoded. Their words count: whoever has something to hide
 * could begin with v=spf1.
 *
 * Any other encoding passes; what a domain can tell in its answers at all is bounded by `download`.
 *
 * Goes by the answer alone, so that the answer can be refused: it does not come to the client,
 * nor stay in the cache. Invariant: TEXT_MAX octets of an answer are looked at, and a few times that
 * decoded, in the memory of the stack, however long it is.
 */
#include <string.h>

#include "base/dns.h"
#include "detect/detector.h"
#include "detect/digits.h"

#define TEXT_MAX     4096 /* octets of an answer that are looked at */
#define DECODED_MAX  (TEXT_MAX / 4 * 3)
#define ENCODED_MIN  8    /* a shorter run of digits decodes to something by chance */
#define BORDER       '\n' /* between character strings: a border of words, and of no word */

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

/* A command, in lower case. What is also a word of ordinary texts counts only before <behind>, and what
 * stands in many a manual is not certain.
 */
static const struct command {
	const char *word, *behind;
	uint8_t confidence;
} commands[] = {
	{ "iex", " ($", CONFIDENCE_HIGH },
	{ "iex(", NULL, CONFIDENCE_HIGH },
	{ "invoke-expression", NULL, CONFIDENCE_HIGH },
	{ "invoke-webrequest", NULL, CONFIDENCE_HIGH },
	{ "cmd.exe", NULL, CONFIDENCE_HIGH },
	{ "powershell", " .\n", CONFIDENCE_HIGH },
	{ "downloadstring", NULL, CONFIDENCE_HIGH },
	{ "frombase64string", NULL, CONFIDENCE_HIGH },
	{ "wscript.shell", NULL, CONFIDENCE_HIGH },
	{ "mshta", " ", CONFIDENCE_HIGH },
	{ "rundll32", NULL, CONFIDENCE_HIGH },
	{ "regsvr32", NULL, CONFIDENCE_HIGH },
	{ "certutil", " ", CONFIDENCE_MEDIUM },
	{ "bitsadmin", NULL, CONFIDENCE_HIGH },
	{ "/bin/sh", NULL, CONFIDENCE_HIGH },
	{ "/bin/bash", NULL, CONFIDENCE_HIGH },
	{ "curl http", "s:", CONFIDENCE_MEDIUM },
	{ "wget http", "s:", CONFIDENCE_MEDIUM },
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

static bool stands_at(const uint8_t *octet, size_t len, size_t at, const struct command *command,
                      uint64_t matching)
{
	size_t word_len = strlen(command->word), end = at + word_len;

	if (end > len || !equals(octet + at, command->word, word_len))
		return false;
	if (matching == MATCHING_ANYWHERE)
		return true;
	if (at > 0 && is_of_word(octet[at - 1]))
		return false;
	if (command->behind)
		return end < len && strchr(command->behind, octet[end]) && octet[end] != '\0';
	return end == len || !is_of_word(octet[end]) || !is_of_word(octet[end - 1]);
}

/* Whether some command begins with <octet>, in lower case: few octets of a text do. */
static bool may_begin(uint8_t octet)
{
	switch (octet) {
	case '/': case 'b': case 'c': case 'd': case 'f': case 'i':
	case 'm': case 'p': case 'r': case 'w':
		return true;
	default:
		return false;
	}
}

/* The surest command in it, or NULL. */
static const struct command *find_command(const uint8_t *octet, size_t len, uint64_t matching)
{
	const struct command *found = NULL;

	for (size_t at = 0; at < len; at++) {
		uint8_t first = lower(octet[at]);

		if (!may_begin(first) || (at > 0 && matching == MATCHING_WORDS && is_of_word(octet[at - 1])))
			continue;
		for (size_t i = 0; i < COMMAND_COUNT; i++)
			if (first == (uint8_t)commands[i].word[0] &&
			    (!found || commands[i].confidence > found->confidence) &&
			    stands_at(octet, len, at, &commands[i], matching))
				found = &commands[i];
	}
	return found;
}

/* What a program or an archive begins with: four octets that nothing has by chance. */
static const char *program_at(const uint8_t *octet, size_t len)
{
	if (len < 4)
		return NULL;
	if (!memcmp(octet, "\177ELF", 4))
		return "ELF program";
	if (!memcmp(octet, "\037\213\010", 3) && octet[3] < 0x20) /* RFC 1952: flags */
		return "gzip archive";
	return !memcmp(octet, "MZ\220\0", 4) ? "Windows program" : NULL;
}

/* Of RFC 4648, sections 4 and 5 alike. */
static const struct alphabet base64 = {
	6, 26, 10, 26, 0, 52, { { '+', 62 }, { '-', 62 }, { '/', 63 }, { '_', 63 } },
};

/* The next run of ENCODED_MIN digits or more from *at on; *at is behind it. Returns its length, or 0. */
static size_t next_run(const struct text *text, size_t *at, const struct alphabet *alphabet,
                       const uint8_t **run)
{
	while (*at < text->len) {
		size_t begin = *at;

		while (*at < text->len && digit_value(alphabet, text->octet[*at]) >= 0)
			++*at;
		if (*at - begin >= ENCODED_MIN) {
			*run = text->octet + begin;
			return *at - begin;
		}
		*at += *at < text->len;
	}
	return 0;
}

enum text_commands_reason { REASON_COMMAND, REASON_PROGRAM, REASON_MARKER };

static const char *const text_commands_reasons[] = {
	[REASON_COMMAND] = "got a command in a TXT answer",
	[REASON_PROGRAM] = "got a program or an archive in a TXT answer",
	[REASON_MARKER] = "got the marker of a known tool in a TXT answer",
	NULL
};

static struct opinion found(enum text_commands_reason reason, uint8_t confidence, const char *what,
                            bool decoded)
{
	struct opinion opinion = { .confidence = confidence, .reason = (uint8_t)reason };

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
	const struct command *command;

	if (program)
		return found(REASON_PROGRAM, CONFIDENCE_HIGH, program, true);
	len = narrow(octet, len);
	command = find_command(octet, len, matching);
	return command ? found(REASON_COMMAND, command->confidence, command->word, true) : NO_OPINION;
}

/* What the runs of digits in <text> decode to. */
static struct opinion judge_runs(const struct text *text, uint64_t matching, const struct alphabet *alphabet)
{
	uint8_t decoded[DECODED_MAX];
	const uint8_t *run;
	size_t at = 0, len;

	while ((len = next_run(text, &at, alphabet, &run))) {
		struct opinion opinion;

		len = digits_decode(alphabet, decoded, sizeof(decoded), run, len);
		opinion = judge_decoded(decoded, len, matching);
		if (opinion.confidence)
			return opinion;
	}
	return NO_OPINION;
}

static bool begins(const struct text *text, const char *prefix)
{
	size_t len = strlen(prefix);

	return text->len >= len && equals(text->octet, prefix, len);
}

/* By which mail servers and owners of sites are known: keys and tokens are in them. */
static bool has_keys(const struct text *text)
{
	static const char *const prefixes[] = {
		"v=spf1", "v=dkim1", "v=dmarc1", "v=bimi1", "v=tlsrptv1", "v=stsv1", "k=rsa", "spf2.0/",
	};
	static const char verification[] = "verification=";

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (begins(text, prefixes[i]))
			return true;
	for (size_t at = 0; at + sizeof(verification) - 1 <= text->len && text->octet[at] != ' '; at++)
		if (equals(text->octet + at, verification, sizeof(verification) - 1))
			return true;
	return false;
}

static struct opinion judge_text(const struct text *text, uint64_t matching)
{
	struct opinion opinion = NO_OPINION;
	const char *program = program_at(text->octet, text->len);
	const struct command *command;

	if (program)
		return found(REASON_PROGRAM, CONFIDENCE_HIGH, program, false);
	for (size_t at = 0; at + sizeof(MARKER) - 1 <= text->len; at++)
		if (equals(text->octet + at, MARKER, sizeof(MARKER) - 1))
			return found(REASON_MARKER, CONFIDENCE_HIGH, MARKER, false);
	command = find_command(text->octet, text->len, matching);
	if (command)
		return found(REASON_COMMAND, command->confidence, command->word, false);
	if (has_keys(text))
		return opinion;
	opinion = judge_runs(text, matching, &hexadecimal);
	return opinion.confidence ? opinion : judge_runs(text, matching, &base64);
}

/* The character strings of a TXT record, at most <room> octets, one behind the other: once as they are, for
 * what was cut in the middle, and with <border> between them, for words that begin a string.
 */
static void join(struct text *text, const struct warden_record *record, size_t room, bool border)
{
	size_t at = 0;

	text->len = 0;
	while (at < record->rdata_len && text->len < room) {
		size_t len = record->rdata[at++];

		len = len < record->rdata_len - at ? len : record->rdata_len - at;
		len = len < room - text->len ? len : room - text->len;
		memcpy(text->octet + text->len, record->rdata + at, len);
		text->len += len;
		at += len;
		if (border && at < record->rdata_len && text->len < room)
			text->octet[text->len++] = BORDER;
	}
}

static bool text_commands_relevant(const void *config, const struct facts *facts)
{
	(void)config;
	for (uint32_t i = 0; i < facts->obs->record_count; i++)
		if (facts->obs->records[i].type == DNS_TYPE_TXT)
			return true;
	return false;
}

static struct opinion text_commands_observe(const void *config, void *client, void *pair, void *domain,
                                            const struct facts *facts)
{
	const struct text_commands_config *conf = config;
	size_t room = TEXT_MAX;
	struct text text;

	(void)client, (void)pair, (void)domain;
	for (uint32_t i = 0; i < facts->obs->record_count && room > 0; i++) {
		const struct warden_record *record = &facts->obs->records[i];
		struct opinion opinion = NO_OPINION;

		if (record->type != DNS_TYPE_TXT || record->rdata_len < 2)
			continue;
		for (unsigned border = 0; border < 2 && !opinion.confidence; border++) {
			join(&text, record, room, border);
			opinion = judge_text(&text, conf->matching);
			if (record->rdata[0] + 1u >= record->rdata_len)
				break; /* a single string */
		}
		if (opinion.confidence)
			return opinion;
		room -= text.len;
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

	.signs = SIGN_WORDS,
	.relevant = text_commands_relevant,
	.observe = text_commands_observe,
};
