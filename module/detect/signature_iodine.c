/* SPDX-License-Identifier: BSD-3-Clause */
/* signature_iodine - names and answers that only iodine makes.
 *
 * iodine carries IP in questions below a tunnel domain. The first octet of a name is a
 * command; what follows is base32 (a-z, 0-5) of fixed lengths, known texts that probe
 * which octets get through, or data:
 *
 *     vaaaakasvem   t.example.org   version 0x00000502 and a random number: certain
 *     ytbvjf        t.example.org   a test of the codec for answers: distinctive
 *     paiaflki      t.example.org   a ping, every 4 s when idle: distinctive
 *
 * Distinctive names are points; they must be new, and follow each other within
 * POINTS_WINDOW. They count twice when asked for with types that nothing else uses. One
 * point is no opinion: "panorama" looks like a ping. A server's reply word (VACK, BADIP
 * and so on) at the start of an answer is certain. Both as sent by iodine 0.7.0.
 *
 * Names asked for with type A are never more than likely: any web page can make its
 * visitor's browser ask for vaaaakasvem.example.org, and a hold would then cut the visitor
 * off from a domain of the page's choice. They count in full once an answer to the same
 * client below the same domain was the server's, which a page cannot bring about below a
 * domain of others. The server answers type A with a CNAME record, and Unbound passes it on
 * although the name in it does not exist.
 */
#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "detect/detector.h"

#define POINTS_WINDOW  (10 * MINUTE)
#define POINTS_LIKELY  2
#define POINTS_CERTAIN 3
#define POINTS_MAX     100

enum qtype {
	TYPE_A = 1,
	TYPE_CNAME = 5,
	TYPE_NULL = 10,
	TYPE_MX = 15,
	TYPE_TXT = 16,
	TYPE_SRV = 33,
	TYPE_PRIVATE = 65399, /* iodine's choice of the private range */
};

struct iodine_config {
	struct detector_config common;
};

struct iodine_pair {
	uint64_t last; /* when the last point was made */
	uint8_t points;
	uint8_t address_points; /* of type A, before <answered> */
	uint8_t answered;       /* not 0: the server was heard, however long ago */
	uint8_t unused[5];
};

static_assert(sizeof(struct iodine_pair) == 16, "no padding: the state is shared");

/* How the first label of a name looks. Lower-case letters, digits and other octets stand
 * for themselves, and
 *
 *     ?  one of base32             U  the upper bits of a user number, a or b
 *     *  any octet                 H  a user number in hexadecimal
 *     C  the letter of a codec     V  two bits of the version, three of a number
 *     E  two bits and padding
 *     ~  the rest is free          ^  the rest has an octet of base128
 */
static const struct shape {
	const char *first;
	uint8_t points;
} shapes[] = {
	{ "vaaaakaV???", POINTS_CERTAIN },
	{ "z???aa-aaahhh-drink-mal-ein-~", POINTS_CERTAIN },
	{ "z???aa-la-fl~", POINTS_CERTAIN },
	{ "z???aabbccddeeffgghhiijj~", POINTS_CERTAIN },
	{ "z???aa0123456789~", POINTS_CERTAIN },
	{ "z???aa\320\321\322\323\324\325~", POINTS_CERTAIN },
	{ "yCb???", 1 },
	{ "lU?????????????????????????????E", 1 },
	{ "pU?????E", 1 },
	{ "H????***************^", 1 },
};

static bool is_base32(uint8_t octet)
{
	return (octet >= 'a' && octet <= 'z') || (octet >= '0' && octet <= '5');
}

static bool is_hexadecimal(uint8_t octet)
{
	return (octet >= 'a' && octet <= 'f') || (octet >= '0' && octet <= '9');
}

static bool octet_fits(char shape, uint8_t octet)
{
	switch (shape) {
	case '?':
		return is_base32(octet);
	case '*':
		return true;
	case 'C':
		return octet == 't' || octet == 's' || octet == 'u' || octet == 'v' || octet == 'r';
	case 'E':
		return octet == 'a' || octet == 'i' || octet == 'q' || octet == 'y';
	case 'H':
		return is_hexadecimal(octet);
	case 'U':
		return octet == 'a' || octet == 'b';
	case 'V':
		return octet >= 'q' && octet <= 'x';
	default:
		return octet == (uint8_t)shape;
	}
}

static bool has_base128(const uint8_t *octet, unsigned len)
{
	for (unsigned i = 0; i < len; i++)
		if (octet[i] >= 0xbc && octet[i] <= 0xfd)
			return true;
	return false;
}

static bool label_fits(const char *shape, const uint8_t *label)
{
	const uint8_t *octet = label + 1;
	unsigned len = label[0];

	for (; *shape; shape++, octet++, len--) {
		if (*shape == '~')
			return true;
		if (*shape == '^')
			return has_base128(octet, len);
		if (len == 0 || !octet_fits(*shape, *octet))
			return false;
	}
	return len == 0;
}

/* Whether some shape begins like this label: of most names this is all that is looked at. */
static bool may_fit(const uint8_t *label)
{
	switch (label[1]) {
	case 'v':
	case 'z':
	case 'y':
	case 'l':
	case 'p':
		return true;
	default:
		return is_hexadecimal(label[1]);
	}
}

/* Points for a name, which has a label, asked for with <qtype>. */
static unsigned name_points(const struct name *name, uint16_t qtype)
{
	unsigned times = qtype == TYPE_NULL || qtype == TYPE_PRIVATE ? 2 : 1;

	if (!may_fit(name->wire + name->label[0]))
		return 0;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++)
		if (label_fits(shapes[i].first, name->wire + name->label[0]))
			return shapes[i].points * times;
	return 0;
}

/* What a server says before anything else, and its answer to `y`. */
static const struct reply {
	const char *text;
	uint8_t len;
} replies[] = {
	{ "VACK", 4 }, { "VNAK", 4 }, { "VFUL", 4 }, { "LNAK", 4 },
	{ "BADIP", 5 }, { "BADCODEC", 8 }, { "BADLEN", 6 }, { "BADFRAG", 7 },
	{ "\0\0\0\0\377\377\377\377\125\125", 10 },
};

#define REPLY_MAX 10

/* The value of a digit in iodine's alphabets, or -1. Names may come back in any case, so
 * base32 has none.
 */
static int base32_value(uint8_t digit)
{
	if (digit >= 'a' && digit <= 'z')
		return digit - 'a';
	if (digit >= 'A' && digit <= 'Z')
		return digit - 'A';
	return digit >= '0' && digit <= '5' ? digit - '0' + 26 : -1;
}

static int base64_value(uint8_t digit)
{
	if (digit >= 'a' && digit <= 'z')
		return digit - 'a';
	if (digit >= 'A' && digit <= 'Z')
		return digit - 'A' + 26;
	if (digit >= '0' && digit <= '9')
		return digit - '0' + 53;
	if (digit == '-')
		return 52;
	return digit == '+' || digit == '_' ? 63 : -1;
}

/* Decodes <len> octets of digits into <text>. Returns how many octets came out. */
static unsigned decode(uint8_t text[REPLY_MAX], const uint8_t *digit, size_t len, unsigned bits)
{
	unsigned held = 0, pending = 0, out = 0;

	for (size_t i = 0; i < len && out < REPLY_MAX; i++) {
		int value = bits == 5 ? base32_value(digit[i]) : base64_value(digit[i]);

		if (value < 0)
			break;
		pending = pending << bits | (unsigned)value;
		held += bits;
		if (held >= 8) {
			held -= 8;
			text[out++] = (uint8_t)(pending >> held);
			pending &= (1u << held) - 1;
		}
	}
	return out;
}

static bool is_reply_text(const uint8_t *text, size_t len)
{
	for (size_t i = 0; i < sizeof(replies) / sizeof(*replies); i++)
		if (len >= replies[i].len && !memcmp(text, replies[i].text, replies[i].len))
			return true;
	return false;
}

/* Looks into a character string or label at <at>: its length, the letter of the codec, and
 * the text in that codec.
 */
static bool is_coded_reply(const struct warden_record *record, size_t at)
{
	uint8_t text[REPLY_MAX];
	const uint8_t *digits;
	size_t len;

	if (at + 2 > record->rdata_len)
		return false;
	digits = record->rdata + at + 2;
	len = record->rdata_len - at - 2;
	if (record->rdata[at] == 0)
		return false;
	if (len > record->rdata[at] - 1u)
		len = record->rdata[at] - 1u;

	switch (record->rdata[at + 1]) {
	case 'h': /* in names */
	case 'H':
	case 't': /* in TXT */
		return is_reply_text(text, decode(text, digits, len, 5));
	case 'i':
	case 'j':
	case 's':
	case 'u':
		return is_reply_text(text, decode(text, digits, len, 6));
	case 'r':
		return is_reply_text(digits, len);
	default: /* base128 comes late in a session: the words have come by then */
		return false;
	}
}

static bool is_reply(const struct warden_record *record)
{
	switch (record->type) {
	case TYPE_NULL:
	case TYPE_PRIVATE:
		return is_reply_text(record->rdata, record->rdata_len);
	case TYPE_TXT:
	case TYPE_CNAME:
		return is_coded_reply(record, 0);
	case TYPE_MX:
		return is_coded_reply(record, 2); /* behind the preference */
	case TYPE_SRV:
		return is_coded_reply(record, 6); /* behind priority, weight, port */
	default:
		return false;
	}
}

static bool is_carrier(uint16_t qtype)
{
	switch (qtype) {
	case TYPE_A:
	case TYPE_CNAME:
	case TYPE_NULL:
	case TYPE_MX:
	case TYPE_TXT:
	case TYPE_SRV:
	case TYPE_PRIVATE:
		return true;
	default:
		return false;
	}
}

static bool iodine_relevant(const void *config, const struct facts *facts)
{
	(void)config;
	if (!is_carrier(facts->obs->qtype) || facts->payload_labels == 0)
		return false;
	return (facts->answer && facts->obs->record_count > 0) ||
	       (facts->question && name_points(facts->name, facts->obs->qtype) > 0);
}

static bool has_reply(const struct facts *facts)
{
	for (uint32_t i = 0; facts->answer && i < facts->obs->record_count; i++)
		if (is_reply(&facts->obs->records[i]))
			return true;
	return false;
}

enum iodine_reason { REASON_NAMES, REASON_ANSWER };

static const char *const iodine_reasons[] = {
	[REASON_NAMES] = "asked for names that only the tunnel iodine makes",
	[REASON_ANSWER] = "got an answer that only the tunnel iodine gives",
	NULL
};

/* Adds to what <state> has, of which only the last minutes count. */
static void add_points(struct iodine_pair *state, uint64_t now, unsigned points, bool forgeable)
{
	uint8_t *sum = forgeable ? &state->address_points : &state->points;

	if (clock_since(now, state->last) > POINTS_WINDOW)
		state->points = state->address_points = 0;
	state->last = now;
	*sum = *sum > POINTS_MAX ? POINTS_MAX : (uint8_t)(*sum + points);
}

static struct opinion iodine_observe(const void *config, void *client, void *pair, void *domain,
                                     const struct facts *facts)
{
	struct iodine_pair *state = pair;
	struct opinion opinion = NO_OPINION;
	unsigned points = facts->question ? name_points(facts->name, facts->obs->qtype) : 0;
	bool reply = has_reply(facts);
	unsigned all;

	(void)config, (void)client, (void)domain;
	/* A name asked again tells nothing more, unless it was certain the first time. */
	if (!facts->novel && points < POINTS_CERTAIN)
		points = 0;
	if (reply) {
		points = POINTS_CERTAIN;
		state->answered = 1;
	}
	if (points == 0)
		return opinion;
	add_points(state, facts->now, points, facts->obs->qtype == TYPE_A && !state->answered);

	all = (unsigned)state->points + state->address_points;
	if (all < POINTS_LIKELY)
		return opinion;
	opinion.confidence = state->points < POINTS_CERTAIN ? CONFIDENCE_MEDIUM : CONFIDENCE_HIGH;
	opinion.reason = reply ? REASON_ANSWER : REASON_NAMES;
	opinion.evidence[0] = all;
	return opinion;
}

static const char *const iodine_attack[] = { "T1572", "T1071.004", "T1132.001", NULL };

static const struct option iodine_options[] = { OPTION_END };

const struct detector detector_signature_iodine = {
	.name = "signature-iodine",
	.help = "Recognises the tunnel iodine by the names it asks for and the answers it gets.",
	.when = ON_QUESTION | ON_ANSWER | ON_ANY_PATH,
	.needs = FACT_NOVEL | FACT_RECORDS,
	.subject = SUBJECT_PAIR,
	.action = ACTION_REFUSE,
	.hold = HOUR,

	.options = iodine_options,
	.config_size = sizeof(struct iodine_config),
	.pair_size = sizeof(struct iodine_pair),

	.category = "tunnel",
	.attack = iodine_attack,
	.reasons = iodine_reasons,
	.evidence = { { "points" } },

	.relevant = iodine_relevant,
	.observe = iodine_observe,
};
