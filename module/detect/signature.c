/* SPDX-License-Identifier: BSD-3-Clause */
/* signature - matches names and answers with the patterns of signatures.def.
 *
 *     first and last octet of a label,
 *     its length, how many there are,  ---> patterns worth a look ---> shape ---> function ---> match
 *     type of the question                  (mostly none)
 */
#include <string.h>

#include "base/dns.h"
#include "base/invariant.h"
#include "detect/detector.h"
#include "detect/shape.h"
#include "detect/signature_row.h"

#define POINTS_MAX 100 /* a bucket holds no more */

static_assert(TOOL_COUNT <= 64 && DETECTOR_COUNT <= 64, "a bit for each");
static_assert(ANY < 1 << SIGNATURE_TYPES, "an entry of the index for each kind of type");

/* Which bit of enum signature_types <qtype> is. */
static inline unsigned type_bit(uint16_t qtype)
{
	/* One more, so that 0 says that there is none. */
	static const uint8_t bits[] = {
		[DNS_TYPE_A] = 1, [DNS_TYPE_AAAA] = 2, [DNS_TYPE_HTTPS] = 3, [DNS_TYPE_CNAME] = 4,
		[DNS_TYPE_NULL] = 5, [DNS_TYPE_MX] = 6, [DNS_TYPE_TXT] = 7, [DNS_TYPE_SRV] = 8,
	};

	if (qtype < sizeof(bits) && bits[qtype])
		return bits[qtype] - 1u;
	return qtype == DNS_TYPE_PRIVATE ? 4 : 8;
}

/* ---- the index ----------------------------------------------------------------- */

static void index_pattern(struct signature_index *index, uint64_t bit, const struct pattern *pattern)
{
	struct shape_door door;

	shape_door(pattern->shape, &door);
	for (unsigned octet = 0; octet < 256; octet++) {
		index->first[octet] |= door.first[octet / 64] >> octet % 64 & 1 ? bit : 0;
		index->last[octet] |= door.last[octet / 64] >> octet % 64 & 1 ? bit : 0;
	}
	for (unsigned labels = door.labels; labels < SIGNATURE_LABELS; labels++)
		index->labels[labels] |= bit;
	index->floating |= door.floating ? bit : 0;
	index->raw |= pattern->raw ? bit : 0;
	for (unsigned len = door.min; len <= door.max; len++)
		index->length[len] |= bit;
	for (unsigned type = 0; type < SIGNATURE_TYPES; type++)
		index->type[type] |= pattern->types >> type & 1 ? bit : 0;
}

void signature_index_make(struct signature_index *index, uint64_t enabled)
{
	unsigned next = 0;

	memset(index, 0, sizeof(*index));
	for (unsigned i = 0; i < TOOL_COUNT; i++) {
		const struct tool *tool = &tools[i];

		if (!(enabled >> tool_detector[i] & 1))
			continue;
		if (tool->answered && tool->any_name)
			index->speakers |= UINT64_C(1) << i;
		for (unsigned j = 0; j < PATTERNS_MAX && tool->pattern[j].points; j++, next++) {
			if (BROKEN(next < SIGNATURE_PATTERNS))
				return;
			index->tool[next] = (uint8_t)i;
			index->pattern[next] = (uint8_t)j;
			index_pattern(index, UINT64_C(1) << next, &tool->pattern[j]);
			if (tool->answered && !tool->any_name)
				index->answered |= UINT64_C(1) << next;
		}
	}
}

/* ---- one observation ----------------------------------------------------------- */

static bool pattern_fits(const struct pattern *pattern, const struct facts *facts, uint32_t *value)
{
	return shape_fits(pattern->shape, facts->name, facts->payload_labels, pattern->raw, value) &&
	       (!pattern->fits || pattern->fits(facts, value));
}

static bool has_answered(const struct facts *facts, const struct signature_match *match)
{
	const struct tool *tool = &tools[match->tool - 1];

	return facts->answer && facts->obs->record_count > 0 && tool->answered &&
	       tool->answered(facts, match);
}

/* The tool that speaks in the answer, whatever was asked. */
static struct signature_match match_answer(uint64_t speakers, const struct facts *facts)
{
	struct signature_match match = { 0 };

	for (; speakers; speakers &= speakers - 1) {
		match.tool = (uint8_t)(1 + __builtin_ctzll(speakers));
		match.answer = has_answered(facts, &match);
		if (match.answer)
			return match;
	}
	return (struct signature_match){ 0 };
}

/* The patterns that cannot be ruled out by the octets of the name. */
static inline uint64_t worth_a_look(const struct signature_index *index, const struct name *name,
                                    unsigned payload)
{
	unsigned labels = payload < name->labels ? payload : name->labels;
	uint64_t patterns = 0, which = UINT64_MAX;

	for (unsigned i = 0; i < labels; i++, which = index->floating) {
		const uint8_t *label = name->wire + name->label[i];

		patterns |= which & index->first[label[1]] & index->last[label[label[0]]] &
		            index->length[label[0] & 63];
	}
	return patterns & index->labels[labels < SIGNATURE_LABELS ? labels : SIGNATURE_LABELS - 1];
}

/* Nor by its case, and what is asked for. */
static inline uint64_t worth_fitting(const struct signature_index *index, const struct name *name,
                                     unsigned payload, uint16_t qtype)
{
	uint64_t patterns = worth_a_look(index, name, payload) & index->type[type_bit(qtype)];

	if (patterns & index->raw &&
	    (!name->cased || !memcmp(name->raw + name->label[0], name->wire + name->label[0],
	                             name->wire[name->label[0]] + 1u)))
		patterns &= ~index->raw;
	return patterns;
}

bool signature_may_fit(const struct signature_index *index, const struct name *name, unsigned payload)
{
	return worth_a_look(index, name, payload);
}

bool signature_is_likely(const struct signature_index *index, const struct name *name, unsigned payload,
                         uint16_t qtype)
{
	return worth_fitting(index, name, payload, qtype);
}

struct signature_match signature_match(const struct signature_index *index, const struct facts *facts)
{
	struct signature_match match = { 0 };
	uint64_t patterns;

	/* Names without payload are their domain's own. */
	if (facts->answer && facts->obs->record_count && facts->payload_labels) {
		match = match_answer(index->speakers, facts);
		if (match.tool)
			return match;
	}
	patterns = worth_fitting(index, facts->name, facts->payload_labels, facts->obs->qtype);
	if (!facts->question)
		patterns &= index->answered;
	for (; patterns; patterns &= patterns - 1) {
		unsigned bit = (unsigned)__builtin_ctzll(patterns);

		match = (struct signature_match){ .tool = (uint8_t)(1 + index->tool[bit]), .value = UINT32_MAX };
		if (!pattern_fits(&tools[index->tool[bit]].pattern[index->pattern[bit]], facts, &match.value))
			continue;
		match.answer = has_answered(facts, &match);
		match.pattern = facts->question ? (uint8_t)(1 + index->pattern[bit]) : 0;
		if (match.pattern || match.answer)
			return match;
	}
	return (struct signature_match){ 0 };
}

/* ---- and what came before ------------------------------------------------------ */

static uint64_t last_of(const struct sighting *sighting)
{
	return sighting->last[0] | (uint64_t)sighting->last[1] << 32;
}

static void set_last(struct sighting *sighting, uint64_t now)
{
	sighting->last[0] = (uint32_t)now;
	sighting->last[1] = (uint32_t)(now >> 32);
}

static unsigned sum(const uint8_t buckets[SIGHTING_BUCKETS])
{
	unsigned total = 0;

	for (unsigned i = 0; i < SIGHTING_BUCKETS; i++)
		total += buckets[i];
	return total;
}

static unsigned points_in(const struct sighting *sighting)
{
	return sum(sighting->points) + sum(sighting->open);
}

static void forget_points(struct sighting *sighting, uint64_t now)
{
	set_last(sighting, now);
	memset(sighting->points, 0, sizeof(sighting->points));
	memset(sighting->open, 0, sizeof(sighting->open));
}

/* Makes the newest bucket the second: what was in the last is too old. */
static void turn(uint8_t buckets[SIGHTING_BUCKETS])
{
	memmove(buckets + 1, buckets, SIGHTING_BUCKETS - 1);
	buckets[0] = 0;
}

/* Moves a tally to <now>: the same as window.h does, with fewer buckets and on less room. */
static void move_tally(struct sighting *sighting, uint64_t window, uint64_t now)
{
	uint64_t bucket = window / SIGHTING_BUCKETS, since = clock_since(now, last_of(sighting));

	if (since >= bucket * SIGHTING_BUCKETS) {
		forget_points(sighting, now);
		return;
	}
	for (uint64_t i = 0; i < since / bucket; i++) {
		turn(sighting->points);
		turn(sighting->open);
	}
	set_last(sighting, last_of(sighting) + since / bucket * bucket);
}

/* The points of the sighting that are not too old. */
static void move(struct sighting *sighting, const struct tool *tool, uint64_t now)
{
	if (tool->tally)
		move_tally(sighting, tool->window, now);
	else if (clock_since(now, last_of(sighting)) > tool->window)
		forget_points(sighting, now);
	else
		set_last(sighting, now);
}

/* Whether a match with <value> goes on where <sighting> left off. */
static bool goes_on(const struct sighting *sighting, unsigned confirm, uint32_t value)
{
	uint32_t change = sighting->value ^ value;

	switch (confirm) {
	case SAME: /* what is below the key is fresh each time, where there is such a thing */
		return change >> SHAPE_KEY == 0 && (change || !(value & ((1u << SHAPE_KEY) - 1)));
	case STEP:
		return value == sighting->value + 1;
	default:
		return true;
	}
}

/* The sighting that <match> belongs to, or the one of less worth, made anew. */
static struct sighting *sighting_of(struct sightings *sightings, const struct signature_match *match,
                                    unsigned confirm, uint64_t now)
{
	struct sighting *least = &sightings->of[0];
	uint8_t answered = 0;

	for (unsigned i = 0; i < 2; i++) {
		struct sighting *sighting = &sightings->of[i];

		if (sighting->tool != match->tool)
			continue;
		if (goes_on(sighting, confirm, match->value))
			return sighting;
		answered |= sighting->answered;
	}
	if (points_in(&sightings->of[1]) < points_in(least))
		least = &sightings->of[1];
	*least = (struct sighting){ .tool = match->tool, .answered = answered, .value = match->value };
	set_last(least, now);
	return least;
}

/* What the question's name is worth. */
static unsigned points_of(const struct pattern *pattern, const struct facts *facts)
{
	unsigned times = 1u << type_bit(facts->obs->qtype) == UNUSUAL ? 2 : 1;
	unsigned points = pattern->points * times;

	/* A name asked again tells nothing more, unless it was certain the first time. */
	return facts->novel || points >= POINTS_CERTAIN ? points : 0;
}

static void add_points(uint8_t *bucket, unsigned points)
{
	*bucket = *bucket > POINTS_MAX ? POINTS_MAX : (uint8_t)(*bucket + points);
}

static struct signature judge(const struct tool *tool, const struct sighting *sighting)
{
	unsigned sure = sum(sighting->points), all = points_in(sighting);
	unsigned likely = tool->likely ? tool->likely : POINTS_LIKELY;
	unsigned certain = tool->certain ? tool->certain : POINTS_CERTAIN;
	struct signature signature = { .tool = sighting->tool };

	signature.points = (uint8_t)(all < UINT8_MAX ? all : UINT8_MAX);
	if (sure >= certain)
		signature.confidence = CONFIDENCE_HIGH;
	else if (all >= likely)
		signature.confidence = CONFIDENCE_MEDIUM;
	else if (tool->possible && all >= tool->possible)
		signature.confidence = CONFIDENCE_LOW;
	return signature;
}

/* Whether a stranger can make the client ask for this: a web page its visitor, the sender of a mail the
 * server that takes it. A stranger gains by it where the client has business of its own; a domain that
 * hardly anybody asks for is the stranger's.
 */
static bool is_forgeable(const struct tool *tool, const struct facts *facts)
{
	unsigned type = 1u << type_bit(facts->obs->qtype);
	bool of_many = !facts->rare && facts->payload_labels < facts->name->labels;

	return tool->forgeable & type || (tool->forgeable && type & MAIL && of_many);
}

struct signature signature_confirm(struct sightings *sightings, const struct facts *facts)
{
	const struct signature_match *match = &facts->match;
	const struct signature nothing = { .tool = 0 };
	const struct pattern *pattern = NULL;
	struct signature signature;
	struct sighting *sighting;
	const struct tool *tool;
	unsigned points = 0;
	bool open;

	if (BROKEN(match->tool >= 1 && match->tool <= TOOL_COUNT && match->pattern <= PATTERNS_MAX))
		return nothing;
	tool = &tools[match->tool - 1];
	if (match->pattern) {
		pattern = &tool->pattern[match->pattern - 1];
		points = points_of(pattern, facts);
	}
	if (match->answer)
		points = POINTS_CERTAIN;
	/* In a domain of many, anybody may have a name that leads to such an answer. */
	if (match->answer && tool->any_name && !pattern && !facts->rare &&
	    PAGE >> type_bit(facts->obs->qtype) & 1)
		return nothing;
	if (points == 0)
		return nothing;

	sighting = sighting_of(sightings, match, pattern ? pattern->confirm : NEW, facts->now);
	move(sighting, tool, facts->now);
	if (pattern && pattern->confirm == EACH && sighting->value == match->value && points_in(sighting))
		return nothing;
	if (pattern)
		sighting->value = match->value;
	sighting->answered |= match->answer;
	open = !sighting->answered && is_forgeable(tool, facts);
	add_points(open ? sighting->open : sighting->points, points);
	signature = judge(tool, sighting);
	signature.reason = match->answer ? SIGNATURE_ANSWER : SIGNATURE_NAMES;
	return signature;
}
