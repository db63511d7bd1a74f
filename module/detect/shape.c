/* SPDX-License-Identifier: BSD-3-Clause */
/* shape - compares names with shapes, one element after the other. */
#include <string.h>

#include "detect/shape.h"

#define LABEL_MAX 63

static bool is_digit(uint8_t octet)
{
	return octet >= '0' && octet <= '9';
}

static bool is_letter(uint8_t octet)
{
	return octet >= 'a' && octet <= 'z';
}

static bool is_alphanumeric(uint8_t octet)
{
	return is_letter(octet) || is_digit(octet) || (octet >= 'A' && octet <= 'Z');
}

static bool is_base128(uint8_t octet)
{
	return octet >= 0xbc && octet <= 0xfd;
}

static bool is_one_of(uint8_t octet, const char *these)
{
	return octet && strchr(these, octet);
}

bool shape_octet(char element, uint8_t octet)
{
	switch (element) {
	case '*':
		return true;
	case 'B':
		return is_alphanumeric(octet) || is_one_of(octet, "+-_");
	case 'C':
		return octet >= 'r' && octet <= 'v';
	case 'D':
		return is_digit(octet);
	case 'E':
		return is_one_of(octet, "aiqy");
	case 'H':
		return is_digit(octet) || (octet >= 'a' && octet <= 'f');
	case 'I':
		return is_letter(octet) || (octet >= '0' && octet <= '5');
	case 'J':
		return octet >= 'A' && octet <= 'P';
	case 'L':
		return is_letter(octet);
	case 'P':
		return is_one_of(octet, "147fht");
	case 'Q':
		return octet == 'B' || octet == 'C';
	case 'S':
		return is_digit(octet) || (is_letter(octet) && !is_one_of(octet, "ilos"));
	case 'U':
		return octet == 'a' || octet == 'b';
	case 'V':
		return octet >= 'q' && octet <= 'x';
	case 'W':
		return is_alphanumeric(octet) || is_one_of(octet, "-_");
	case 'X':
		return is_alphanumeric(octet) || is_one_of(octet, "+/-_=");
	default:
		return octet == (uint8_t)element;
	}
}

/* FNV-1a, folded: a key is compared with the one before, so it needs no secret. */
uint16_t shape_key(const uint8_t *octet, unsigned len)
{
	uint32_t hash = UINT32_C(2166136261);

	for (unsigned i = 0; i < len; i++) {
		uint8_t lower = octet[i] >= 'A' && octet[i] <= 'Z' ? octet[i] | 0x20 : octet[i];

		hash = (hash ^ lower) * UINT32_C(16777619);
	}
	return (uint16_t)(hash ^ hash >> 16);
}

/* How often an element comes. */
struct repeat {
	unsigned min, max;
};

/* Reads {n}, {n,m} or {n,} at *<shape>, behind an element, and moves on. */
static struct repeat read_repeat(const char **shape)
{
	struct repeat repeat = { 1, 1 };
	const char *at = *shape;

	if (*at != '{')
		return repeat;
	for (repeat.min = 0, at++; is_digit((uint8_t)*at); at++)
		repeat.min = repeat.min * 10 + (unsigned)(*at - '0');
	repeat.max = repeat.min;
	if (*at == ',') {
		for (repeat.max = 0, at++; is_digit((uint8_t)*at); at++)
			repeat.max = repeat.max * 10 + (unsigned)(*at - '0');
		repeat.max = repeat.max ? repeat.max : LABEL_MAX;
	}
	*shape = at + 1;
	return repeat;
}

static const char *skip_any_labels(const char *shape)
{
	return strncmp(shape, "**.", 3) ? shape : shape + 3;
}

/* One label on its way along a shape. */
struct walk {
	const uint8_t *octet;
	unsigned left;       /* octets of the label that are not taken yet */
	const uint8_t *mark; /* where the capture began */
};

static void take(struct walk *walk, unsigned n)
{
	walk->octet += n;
	walk->left -= n;
}

static bool take_repeat(struct walk *walk, char element, struct repeat repeat)
{
	unsigned n = 0;

	if (element == '*')
		n = walk->left < repeat.max ? walk->left : repeat.max;
	while (n < repeat.max && n < walk->left && shape_octet(element, walk->octet[n]))
		n++;
	take(walk, n);
	return n >= repeat.min;
}

/* All but the last <n> octets. */
static bool leave(struct walk *walk, size_t n)
{
	if (walk->left < n)
		return false;
	take(walk, walk->left - (unsigned)n);
	return true;
}

static bool take_base128(struct walk *walk)
{
	bool found = false;

	for (; walk->left; take(walk, 1))
		found = found || is_base128(*walk->octet);
	return found;
}

/* Numbers wrap: they are compared with the one before. */
static uint32_t captured(const struct walk *walk, char bracket)
{
	unsigned len = (unsigned)(walk->octet - walk->mark);
	uint32_t value = 0;

	switch (bracket) {
	case ']':
		for (unsigned i = 0; i < len; i++)
			value = value * 10 + walk->mark[i] - '0';
		return value;
	case '>':
		for (unsigned i = len; i-- > 0;)
			value = value * 26 + walk->mark[i] - 'a';
		return value;
	default:
		return (uint32_t)shape_key(walk->mark, len) << SHAPE_KEY;
	}
}

/* shape_fits() for the labels of <wire> from <label> on. <value> is left alone unless they fit. */
static bool fits_from(const char *shape, const struct name *name, const uint8_t *wire, unsigned label,
                      unsigned labels, uint32_t *value)
{
	struct walk walk = { wire + name->label[label] + 1, wire[name->label[label]], NULL };
	uint32_t found = *value;

	while (*shape) {
		char element = *shape++;
		bool fits = true;

		switch (element) {
		case '.':
			fits = walk.left == 0 && ++label < labels;
			if (fits)
				walk = (struct walk){ wire + name->label[label] + 1, wire[name->label[label]], NULL };
			break;
		case '~':
			fits = leave(&walk, strcspn(shape, "."));
			break;
		case '^':
			fits = take_base128(&walk);
			break;
		case '(':
		case '[':
		case '<':
			walk.mark = walk.octet;
			break;
		case ')':
		case ']':
		case '>':
			found = captured(&walk, element);
			break;
		default:
			fits = take_repeat(&walk, element, read_repeat(&shape));
			break;
		}
		if (!fits)
			return false;
	}
	if (walk.left)
		return false;
	*value = found;
	return true;
}

bool shape_fits(const char *shape, const struct name *name, unsigned labels, bool raw, uint32_t *value)
{
	const char *anchored = skip_any_labels(shape);
	const uint8_t *wire = raw ? name->raw : name->wire;
	unsigned starts = anchored == shape ? 1 : labels;

	labels = labels < name->labels ? labels : name->labels;
	for (unsigned label = 0; label < starts && label < labels; label++)
		if (fits_from(anchored, name, wire, label, labels, value))
			return true;
	return false;
}

/* Doors are for names in lower case: an upper-case octet of a shape comes as its lower-case one. */
static void allow(uint64_t octets[4], char element)
{
	for (unsigned octet = 0; octet < 256; octet++) {
		unsigned lower = octet >= 'A' && octet <= 'Z' ? octet + 'a' - 'A' : octet;

		if (shape_octet(element, (uint8_t)octet))
			octets[lower / 64] |= UINT64_C(1) << lower % 64;
	}
}

static uint8_t at_most_label(unsigned len)
{
	return (uint8_t)(len < LABEL_MAX ? len : LABEL_MAX);
}

static uint8_t count_labels(const char *shape)
{
	uint8_t labels = 1;

	for (; *shape; shape++)
		labels += *shape == '.';
	return labels;
}

void shape_door(const char *shape, struct shape_door *door)
{
	const char *anchored = skip_any_labels(shape);
	unsigned min = 0, max = 0;
	bool open = true; /* all before could be left out */

	*door = (struct shape_door){ .floating = anchored != shape, .labels = count_labels(anchored) };
	while (*anchored && *anchored != '.') {
		char element = *anchored++;
		struct repeat repeat = { element == '^', LABEL_MAX };
		bool anything = element == '~' || element == '^';

		if (strchr("()[]<>", element))
			continue;
		if (!anything)
			repeat = read_repeat(&anchored);
		if (open)
			allow(door->first, anything ? '*' : element);
		if (repeat.min && !anything)
			memset(door->last, 0, sizeof(door->last));
		allow(door->last, anything ? '*' : element);
		open = open && repeat.min == 0;
		min += repeat.min;
		max += repeat.max;
	}
	door->min = at_most_label(min ? min : 1);
	door->max = at_most_label(max);
}
