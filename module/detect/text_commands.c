/* SPDX-License-Identifier: BSD-3-Clause */
/* text_commands - commands and programs in TXT answers.
 *
 * Loaders that fetch their next stage by DNS get it in TXT records: a line of PowerShell, or a
 * program in base64. The character strings of a record are one text, which is looked at as it is,
 * and where it is base64 or hexadecimal also as what that stands for:
 *
 *     words     iex, invoke-expression, cmd.exe ..., between characters that are not of a word
 *     programs  MZ, ELF and gzip at the beginning, with what must follow them
 *     marker    what MuddyWater's ForeLord leaves in its answers
 *
 * Random octets decode to a short word once in a while; so what was decoded counts only in the
 * middle of text. Records by which mail servers are known (SPF, DKIM, DMARC) and tokens of the form
 * verification=... have base64 of their own, which is not decoded. Their words count: whoever has
 * something to hide could begin with v=spf1.
 *
 * Any other encoding passes; what a domain can tell in its answers at all is bounded by `download`.
 *
 * Goes by the answer alone, so that the answer can be refused: it does not come to the client,
 * nor stay in the cache. Invariant: a text goes through windows of fixed size, octet by octet;
 * so a command is found wherever it is, in 64 KiB too, and the stack does not grow with the record.
 */
#include <string.h>

#include "detect/detector.h"

#define TYPE_TXT     16
#define ENCODED_MIN  8   /* a shorter run of digits is a word of the text */
#define HEAD_LEN     8   /* octets by which programs are known */
#define BEGIN_LEN    64  /* octets by which records of mail are known */
#define LONGEST      17  /* of the words below */
#define CONTEXT      4   /* octets beside a decoded word that must be text */
#define WINDOW_LEN   512
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

#define MARKER "lordlordlordlord" /* of ForeLord, by MuddyWater */

/* A command, in lower case, not longer than LONGEST. What is also a word of ordinary texts counts only
 * before <behind>, and what stands in many a manual is not certain. The marker counts anywhere.
 */
static const struct command {
	const char *word, *behind;
	uint8_t confidence;
	bool marker;
} commands[] = {
	{ "iex", " ($", CONFIDENCE_HIGH, false },
	{ "iex(", NULL, CONFIDENCE_HIGH, false },
	{ "invoke-expression", NULL, CONFIDENCE_HIGH, false },
	{ "invoke-webrequest", NULL, CONFIDENCE_HIGH, false },
	{ "cmd.exe", NULL, CONFIDENCE_HIGH, false },
	{ "powershell", " .\n", CONFIDENCE_HIGH, false },
	{ "downloadstring", NULL, CONFIDENCE_HIGH, false },
	{ "frombase64string", NULL, CONFIDENCE_HIGH, false },
	{ "wscript.shell", NULL, CONFIDENCE_HIGH, false },
	{ "mshta", " ", CONFIDENCE_HIGH, false },
	{ "rundll32", NULL, CONFIDENCE_HIGH, false },
	{ "regsvr32", NULL, CONFIDENCE_HIGH, false },
	{ "certutil", " ", CONFIDENCE_MEDIUM, false },
	{ "bitsadmin", NULL, CONFIDENCE_HIGH, false },
	{ "/bin/sh", NULL, CONFIDENCE_HIGH, false },
	{ "/bin/bash", NULL, CONFIDENCE_HIGH, false },
	{ "curl http", "s:", CONFIDENCE_MEDIUM, false },
	{ "wget http", "s:", CONFIDENCE_MEDIUM, false },
	{ MARKER, NULL, CONFIDENCE_HIGH, true },
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(*commands))

/* What they begin with: nearly all octets end here. */
static const bool begins_command[256] = {
	['i'] = true, ['c'] = true, ['p'] = true, ['d'] = true, ['f'] = true, ['w'] = true,
	['m'] = true, ['r'] = true, ['b'] = true, ['/'] = true, ['l'] = true,
};

enum text_commands_reason { REASON_COMMAND, REASON_PROGRAM, REASON_MARKER };

static const char *const text_commands_reasons[] = {
	[REASON_COMMAND] = "got a command in a TXT answer",
	[REASON_PROGRAM] = "got a program or an archive in a TXT answer",
	[REASON_MARKER] = "got the marker of a known tool in a TXT answer",
	NULL
};

/* The surest that was found in a record. */
struct finding {
	const char *what;
	uint8_t reason, confidence;
	bool decoded;
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

static bool is_text(uint8_t octet)
{
	return (octet >= ' ' && octet <= '~') || octet == '\t' || octet == '\n' || octet == '\r';
}

static bool equals(const uint8_t *octet, const char *lower_text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (lower(octet[i]) != (uint8_t)lower_text[i])
			return false;
	return true;
}

/* ---- words --------------------------------------------------------------------- */

/* A part of a text: the last of what has come, and where in it the next command may begin. It ends
 * with the text only when that has ended, and begins with it only as long as it fits.
 */
struct window {
	size_t len, next;
	uint8_t octet[WINDOW_LEN];
};

/* Whether <command>, whose octets are those at <at>, is one by what stands beside it. */
static bool counts(const struct window *window, size_t at, const struct command *command, bool decoded,
                   uint64_t matching)
{
	const uint8_t *octet = window->octet;
	size_t end = at + strlen(command->word);

	for (size_t i = at < CONTEXT ? 0 : at - CONTEXT; decoded && i < at; i++)
		if (!is_text(octet[i]))
			return false;
	for (size_t i = end; decoded && i < window->len && i < end + CONTEXT; i++)
		if (!is_text(octet[i]))
			return false;
	if (command->marker || matching == MATCHING_ANYWHERE)
		return true;
	if (at > 0 && is_of_word(octet[at - 1]))
		return false;
	if (command->behind)
		return end < window->len && octet[end] && strchr(command->behind, octet[end]);
	return end == window->len || !is_of_word(octet[end]) || !is_of_word(octet[end - 1]);
}

/* Looks for a command that begins before <until>. */
static void look(struct window *window, size_t until, bool decoded, uint64_t matching,
                 struct finding *finding)
{
	for (size_t at = window->next; at < until; at++) {
		const uint8_t *octet = window->octet + at;

		if (!begins_command[lower(*octet)])
			continue;
		for (size_t i = 0; i < COMMAND_COUNT; i++) {
			const struct command *command = &commands[i];
			size_t len = strlen(command->word);

			if (command->confidence > finding->confidence && at + len <= window->len &&
			    equals(octet, command->word, len) &&
			    counts(window, at, command, decoded, matching))
				*finding = (struct finding){
					.what = command->word,
					.reason = command->marker ? REASON_MARKER : REASON_COMMAND,
					.confidence = command->confidence,
					.decoded = decoded,
				};
		}
	}
}

static void window_begin(struct window *window)
{
	window->len = window->next = 0;
}

/* When the window is full it is looked at, but for a command that may be cut at its end; what is
 * needed for that, and for what stands in front of it, stays.
 */
static void window_add(struct window *window, uint8_t octet, bool decoded, uint64_t matching,
                       struct finding *finding)
{
	size_t until = WINDOW_LEN - LONGEST - CONTEXT;

	window->octet[window->len++] = octet;
	if (window->len < WINDOW_LEN)
		return;
	look(window, until, decoded, matching, finding);
	window->len = WINDOW_LEN - until + CONTEXT;
	window->next = CONTEXT;
	memmove(window->octet, window->octet + until - CONTEXT, window->len);
}

static void window_end(struct window *window, bool decoded, uint64_t matching, struct finding *finding)
{
	look(window, window->len, decoded, matching, finding);
}

/* ---- programs ------------------------------------------------------------------ */

/* What a program or an archive begins with, or NULL. "MZ" begins many a text, and random octets once in
 * 65536 times; the numbers behind it are small in every program, so most of their octets are 0.
 */
static const char *program_at(const uint8_t *octet, size_t len)
{
	unsigned zeros = 0;

	if (len >= 4 && !memcmp(octet, "\177ELF", 4))
		return "ELF program";
	if (len >= 4 && !memcmp(octet, "\037\213\010", 3) && octet[3] < 0x20) /* RFC 1952: flags */
		return "gzip archive";
	if (len < HEAD_LEN || octet[0] != 'M' || octet[1] != 'Z')
		return NULL;
	for (size_t i = 2; i < HEAD_LEN; i++)
		zeros += octet[i] == 0;
	return zeros >= 3 ? "Windows program" : NULL;
}

static void look_at_head(const uint8_t *octet, size_t len, bool decoded, struct finding *finding)
{
	const char *program = program_at(octet, len);

	if (program)
		*finding = (struct finding){ program, REASON_PROGRAM, CONFIDENCE_HIGH, decoded };
}

/* ---- what is encoded ----------------------------------------------------------- */

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

/* Digits behind each other, as far as they go, and what they stand for. */
struct run {
	int (*value_of)(uint8_t digit);
	unsigned bits; /* of a digit */
	unsigned held, pending;
	size_t digits, head_len;
	uint8_t head[HEAD_LEN];
	struct window window;
};

static void run_begin(struct run *run)
{
	run->held = run->pending = 0;
	run->digits = run->head_len = 0;
	window_begin(&run->window);
}

/* The run ends here. Short ones are words of a text, not code. */
static void run_end(struct run *run, uint64_t matching, struct finding *finding)
{
	if (run->digits >= ENCODED_MIN) {
		look_at_head(run->head, run->head_len, true, finding);
		window_end(&run->window, true, matching, finding);
	}
	if (run->digits)
		run_begin(run);
}

static void run_add(struct run *run, uint8_t digit, uint64_t matching, struct finding *finding)
{
	int value = run->value_of(digit);
	uint8_t octet;

	if (value < 0) {
		run_end(run, matching, finding);
		return;
	}
	run->digits++;
	run->pending = (run->pending << run->bits | (unsigned)value) & 0xffff;
	run->held += run->bits;
	if (run->held < 8)
		return;
	run->held -= 8;
	octet = (uint8_t)(run->pending >> run->held);
	if (run->head_len < HEAD_LEN)
		run->head[run->head_len++] = octet;
	/* PowerShell's encoded commands are of UTF-16: without its zeros, text again. */
	if (octet)
		window_add(&run->window, octet, true, matching, finding);
}

/* ---- records ------------------------------------------------------------------- */

/* The character strings of a TXT record (RFC 1035 section 3.3.14) one behind the other: as they are,
 * for what was cut in the middle, or with a border between them, for words that begin a string.
 */
struct strings {
	const uint8_t *rdata;
	size_t len, at, string_end;
	bool border;
};

static struct strings strings_of(const struct warden_record *record, bool border)
{
	return (struct strings){ .rdata = record->rdata, .len = record->rdata_len, .border = border };
}

/* The next octet, or -1 behind the last. */
static int next_octet(struct strings *strings)
{
	while (strings->at == strings->string_end) {
		bool first = !strings->at;

		if (strings->at == strings->len)
			return -1;
		strings->string_end = strings->at + 1u + strings->rdata[strings->at];
		if (strings->string_end > strings->len)
			strings->string_end = strings->len;
		strings->at++;
		if (strings->border && !first)
			return BORDER;
	}
	return strings->rdata[strings->at++];
}

static bool begins(const uint8_t *octet, size_t len, const char *prefix)
{
	size_t prefix_len = strlen(prefix);

	return len >= prefix_len && equals(octet, prefix, prefix_len);
}

/* By which mail servers and owners of sites are known: keys and tokens are in them. */
static bool has_keys(const uint8_t *octet, size_t len)
{
	static const char *const prefixes[] = {
		"v=spf1", "v=dkim1", "v=dmarc1", "v=bimi1", "v=tlsrptv1", "v=stsv1", "k=rsa", "spf2.0/",
	};
	static const char verification[] = "verification=";

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (begins(octet, len, prefixes[i]))
			return true;
	for (size_t at = 0; at + sizeof(verification) - 1 <= len && octet[at] != ' '; at++)
		if (equals(octet + at, verification, sizeof(verification) - 1))
			return true;
	return false;
}

/* Keys are published below it (RFC 6376 section 3.6.2.1), also without any of the above. */
static bool is_key_name(const struct name *name)
{
	for (unsigned i = 0; i < name->labels; i++) {
		const uint8_t *label = name->wire + name->label[i];

		if (label[0] == 10 && !memcmp(label + 1, "_domainkey", 10))
			return true;
	}
	return false;
}

static void look_at_text(struct strings strings, bool with_keys, uint64_t matching, struct finding *finding)
{
	struct run runs[] = { { .value_of = hexadecimal_value, .bits = 4 },
	                      { .value_of = base64_value, .bits = 6 } };
	struct window window;
	int octet;

	window_begin(&window);
	run_begin(&runs[0]);
	run_begin(&runs[1]);
	while (finding->confidence < CONFIDENCE_HIGH && (octet = next_octet(&strings)) >= 0) {
		window_add(&window, (uint8_t)octet, false, matching, finding);
		for (unsigned i = 0; i < 2 && !with_keys; i++)
			run_add(&runs[i], (uint8_t)octet, matching, finding);
	}
	window_end(&window, false, matching, finding);
	run_end(&runs[0], matching, finding);
	run_end(&runs[1], matching, finding);
}

static struct finding look_at_record(const struct warden_record *record, const struct facts *facts,
                                     uint64_t matching)
{
	struct strings strings = strings_of(record, false);
	struct finding finding = { .confidence = CONFIDENCE_NONE };
	uint8_t begin[BEGIN_LEN];
	size_t len = 0;
	bool with_keys;
	int octet;

	while (len < BEGIN_LEN && (octet = next_octet(&strings)) >= 0)
		begin[len++] = (uint8_t)octet;
	with_keys = has_keys(begin, len) || is_key_name(facts->name);
	look_at_head(begin, len, false, &finding);
	look_at_text(strings_of(record, false), with_keys, matching, &finding);
	if (record->rdata_len && record->rdata[0] + 1u < record->rdata_len)
		look_at_text(strings_of(record, true), with_keys, matching, &finding);
	return finding;
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
	struct opinion opinion = NO_OPINION;

	(void)client, (void)pair, (void)domain;
	for (uint32_t i = 0; i < facts->obs->record_count && opinion.confidence < CONFIDENCE_HIGH; i++) {
		struct finding finding;

		if (facts->obs->records[i].type != TYPE_TXT)
			continue;
		finding = look_at_record(&facts->obs->records[i], facts, conf->matching);
		if (finding.confidence <= opinion.confidence)
			continue;
		opinion.confidence = finding.confidence;
		opinion.reason = finding.reason;
		evidence_text(opinion.evidence, finding.what);
		opinion.evidence[EVIDENCE_TEXT_WORDS] = finding.decoded;
	}
	return opinion;
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
