/* SPDX-License-Identifier: BSD-3-Clause */
/* evidence - one walk over the kinds. What comes out is printable, whatever lies in the words. */
#include "report/evidence.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "name/name.h"
#include "report/address.h"
#include "store/table.h"

unsigned evidence_at(const struct detector *detector, unsigned i)
{
	unsigned at = 0;

	while (i-- > 0)
		at += evidence_words(detector->evidence[i].kind);
	return at;
}

static bool text_value(char *value, const uint64_t *word)
{
	char text[EVIDENCE_TEXT_WORDS * sizeof(*word) + 1] = "";

	memcpy(text, word, sizeof(text) - 1);
	for (char *c = text; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	snprintf(value, EVIDENCE_VALUE_MAX, "%s", text);
	return value[0];
}

static bool domain_value(char *value, uint64_t hash, const struct mapping *mapping)
{
	uint64_t word[DOMAIN_NAME_WORDS], found;
	uint8_t shown[sizeof(word)];
	struct place place;
	struct name name;

	if (!hash || !mapping || !mapping->header)
		return false;
	place = table_find(&mapping->domains, hash);
	if (!place.slot || !slot_read(place.slot, &found, DOMAIN_NAME, DOMAIN_NAME_WORDS, word) || found != hash)
		return false;
	memcpy(shown, word, sizeof(shown));
	if (shown[0] > DOMAIN_NAME_MAX || !name_parse(&name, shown + 1, shown[0]))
		return false; /* its name was too long to be kept whole */
	name_text(value, name.wire, name.len);
	return true;
}

static bool detectors_value(char *value, uint64_t said)
{
	size_t len = 0;

	for (unsigned id = 0; id < DETECTOR_COUNT && len < EVIDENCE_VALUE_MAX; id++)
		if (said >> id & 1)
			len += (size_t)snprintf(value + len, EVIDENCE_VALUE_MAX - len, "%s%s",
			                        len ? " " : "", detectors[id]->name);
	return len;
}

bool evidence_value(char value[EVIDENCE_VALUE_MAX], const struct detector *detector, unsigned i,
                    const uint64_t word[EVIDENCE_MAX], const struct mapping *mapping)
{
	uint8_t kind = detector->evidence[i].kind;
	unsigned at = evidence_at(detector, i);
	static const uint8_t nothing[16];
	uint8_t address[16];

	if (at + evidence_words(kind) > EVIDENCE_MAX)
		return false;
	value[0] = '\0';
	switch (kind) {
	case EVIDENCE_TEXT:
		return text_value(value, word + at);
	case EVIDENCE_DOMAIN:
		return domain_value(value, word[at], mapping);
	case EVIDENCE_ADDRESS:
		memcpy(address, word + at, sizeof(address));
		address_text(value, address);
		return memcmp(address, nothing, sizeof(address)) != 0;
	case EVIDENCE_DETECTORS:
		return detectors_value(value, word[at]);
	default:
		if (!evidence_counts(kind, word[at]))
			return false;
		snprintf(value, EVIDENCE_VALUE_MAX, "%" PRIu64, word[at]);
		return true;
	}
}
