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
 * middle of text. Records by which mail servers and the owners of sites are known (SPF, DKIM, DMARC,
 * tokens of the form name=value that verify a site) have base64 and names of their own: they
 * are not decoded, and of words only those count that stand by themselves as in a command line.
 *
 * Goes by the answer alone, so that the answer can be refused: it does not come to the client,
 * nor stay in the cache. Invariant: a text goes through windows of fixed size, octet by octet, once;
 * so a command is found wherever it is, in 64 KiB too, and the stack does not grow with the record.
 */
#include <string.h>

#include "detect/detector.h"

#define TYPE_TXT     16
#define ENCODED_MIN  16  /* shorter texts decode to something by chance */
#define HEAD_LEN     8   /* octets by which programs are known */
#define BEGIN_LEN    64  /* octets by which records of mail are known */
#define LONGEST      17  /* of the words below */
#define CONTEXT      4   /* octets beside a decoded word that must be text */
#define WINDOW_LEN   512

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

/* Lower case, none longer than LONGEST. The marker is the last, for it counts anywhere. */
static const char *const commands[] = {
	"iex", "invoke-expression", "cmd.exe", "powershell", "invoke-webrequest", "downloadstring",
	"frombase64string", "wscript.shell", "mshta", "rundll32", "regsvr32", "certutil", "bitsadmin",
	"/bin/sh", "/bin/bash", "curl http", "wget http", MARKER,
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(*commands))
#define IS_MARKER     (COMMAND_COUNT - 1)

/* What they begin with: nearly all octets end here. */
static const bool begins_command[256] = {
	['i'] = true, ['c'] = true, ['p'] = true, ['d'] = true, ['f'] = true, ['w'] = true,
	['m'] = true, ['r'] = true, ['b'] = true, ['/'] = true, ['l'] = true,
};

/* Where a command counts, beside the option. */
enum place { PLACE_TEXT, PLACE_DECODED, PLACE_EXEMPT };

enum text_commands_reason { REASON_COMMAND, REASON_PROGRAM, REASON_MARKER };

static const char *const text_commands_reasons[] = {
	[REASON_COMMAND] = "got a command in a TXT answer",
	[REASON_PROGRAM] = "got a program or an archive in a TXT answer",
	[REASON_MARKER] = "got the marker of a known tool in a TXT answer",
	NULL
};

/* What is found first in a record. */
struct finding {
	const char *what; /* NULL: nothing */
	uint8_t reason;
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

/* What stands beside the words of a command line. */
static bool is_blank(uint8_t octet)
{
	return octet && strchr(" \t\r\n\"'`|&()", octet);
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

/* Whether the <len> octets at <at> may be a command, by those beside them. */
static bool counts(const struct window *window, size_t at, size_t len, enum place place, uint64_t matching)
{
	const uint8_t *octet = window->octet;
	size_t end = at + len;

	if (place == PLACE_EXEMPT) {
		bool blank = end < window->len && is_blank(octet[end]);

		if (at == 0 || is_blank(octet[at - 1]))
			return blank || end == window->len;
		return blank && (octet[at - 1] == '=' || octet[at - 1] == ':');
	}
	if (place == PLACE_DECODED) {
		for (size_t i = at < CONTEXT ? 0 : at - CONTEXT; i < at; i++)
			if (!is_text(octet[i]))
				return false;
		for (size_t i = end; i < window->len && i < end + CONTEXT; i++)
			if (!is_text(octet[i]))
				return false;
	}
	return matching == MATCHING_ANYWHERE ||
	       ((at == 0 || !is_of_word(octet[at - 1])) && (end == window->len || !is_of_word(octet[end])));
}

/* Looks for a command that begins before <until>. */
static void look(struct window *window, size_t until, enum place place, uint64_t matching,
                 struct finding *finding)
{
	for (size_t at = window->next; at < until; at++) {
		const uint8_t *octet = window->octet + at;

		if (!begins_command[lower(*octet)])
			continue;
		for (size_t i = 0; i < COMMAND_COUNT; i++) {
			size_t len = strlen(commands[i]);

			if (at + len > window->len || !equals(octet, commands[i], len) ||
			    (i != IS_MARKER && !counts(window, at, len, place, matching)))
				continue;
			*finding = (struct finding){
				.what = commands[i],
				.reason = i == IS_MARKER ? REASON_MARKER : REASON_COMMAND,
				.decoded = place == PLACE_DECODED,
			};
			return;
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
static void window_add(struct window *window, uint8_t octet, enum place place, uint64_t matching,
                       struct finding *finding)
{
	size_t until = WINDOW_LEN - LONGEST - CONTEXT;

	window->octet[window->len++] = octet;
	if (window->len < WINDOW_LEN)
		return;
	look(window, until, place, matching, finding);
	window->len = WINDOW_LEN - until + CONTEXT;
	window->next = CONTEXT;
	memmove(window->octet, window->octet + until - CONTEXT, window->len);
}

static void window_end(struct window *window, enum place place, uint64_t matching, struct finding *finding)
{
	look(window, window->len, place, matching, finding);
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
	if (len >= 3 && !memcmp(octet, "\037\213\010", 3))
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
		*finding = (struct finding){ program, REASON_PROGRAM, decoded };
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
		if (!finding->what)
			window_end(&run->window, PLACE_DECODED, matching, finding);
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
		window_add(&run->window, octet, PLACE_DECODED, matching, finding);
}

/* ---- records ------------------------------------------------------------------- */

/* The character strings of a TXT record behind each other (RFC 1035 section 3.3.14). */
struct strings {
	const uint8_t *rdata;
	size_t len, at, string_end;
};

static struct strings strings_of(const struct warden_record *record)
{
	return (struct strings){ .rdata = record->rdata, .len = record->rdata_len };
}

/* The next octet, or -1 behind the last. */
static int next_octet(struct strings *strings)
{
	while (strings->at == strings->string_end) {
		if (strings->at == strings->len)
			return -1;
		strings->string_end = strings->at + 1u + strings->rdata[strings->at];
		if (strings->string_end > strings->len)
			strings->string_end = strings->len;
		strings->at++;
	}
	return strings->rdata[strings->at++];
}

static bool begins(const uint8_t *octet, size_t len, const char *prefix)
{
	size_t prefix_len = strlen(prefix);

	return len >= prefix_len && equals(octet, prefix, prefix_len);
}

/* By which mail servers, certificate authorities and owners of sites are known. */
static bool is_exempt(const uint8_t *octet, size_t len)
{
	static const char *const prefixes[] = {
		"v=spf1", "v=dkim1", "v=dmarc1", "v=bimi1", "v=tlsrptv1", "v=stsv1", "k=rsa", "spf2.0/",
	};
	size_t at = 0;

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (begins(octet, len, prefixes[i]))
			return true;
	/* name-verification=token, and the like. */
	while (at < len && (is_of_word(octet[at]) || octet[at] == '-'))
		at++;
	if (at >= len || (octet[at] != '=' && octet[at] != ':'))
		return false;
	for (size_t i = 0; i + 3 <= at; i++)
		if (equals(octet + i, "ver", 3))
			return true;
	return false;
}

static bool is_key_name(const struct name *name)
{
	for (unsigned i = 0; i < name->labels; i++) {
		const uint8_t *label = name->wire + name->label[i];

		if (label[0] == 10 && !memcmp(label + 1, "_domainkey", 10))
			return true;
	}
	return false;
}

static struct finding look_at_record(const struct warden_record *record, const struct facts *facts,
                                     uint64_t matching)
{
	struct run runs[] = { { .value_of = hexadecimal_value, .bits = 4 },
	                      { .value_of = base64_value, .bits = 6 } };
	struct strings strings = strings_of(record);
	struct finding finding = { .what = NULL };
	enum place place = PLACE_TEXT;
	uint8_t begin[BEGIN_LEN];
	struct window window;
	size_t len = 0;
	int octet;

	while (len < BEGIN_LEN && (octet = next_octet(&strings)) >= 0)
		begin[len++] = (uint8_t)octet;
	if (is_exempt(begin, len) || is_key_name(facts->name))
		place = PLACE_EXEMPT;
	else
		look_at_head(begin, len, false, &finding);
	strings = strings_of(record);
	window_begin(&window);
	run_begin(&runs[0]);
	run_begin(&runs[1]);
	while (!finding.what && (octet = next_octet(&strings)) >= 0) {
		window_add(&window, (uint8_t)octet, place, matching, &finding);
		if (place == PLACE_EXEMPT)
			continue;
		run_add(&runs[0], (uint8_t)octet, matching, &finding);
		run_add(&runs[1], (uint8_t)octet, matching, &finding);
	}
	if (!finding.what)
		window_end(&window, place, matching, &finding);
	for (unsigned i = 0; i < 2 && !finding.what; i++)
		run_end(&runs[i], matching, &finding);
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
	for (uint32_t i = 0; i < facts->obs->record_count; i++) {
		struct finding finding;

		if (facts->obs->records[i].type != TYPE_TXT)
			continue;
		finding = look_at_record(&facts->obs->records[i], facts, conf->matching);
		if (!finding.what)
			continue;
		opinion.confidence = CONFIDENCE_HIGH;
		opinion.reason = finding.reason;
		evidence_text(opinion.evidence, finding.what);
		opinion.evidence[EVIDENCE_TEXT_WORDS] = finding.decoded;
		return opinion;
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
