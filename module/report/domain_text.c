/* SPDX-License-Identifier: BSD-3-Clause */
/* domain_text - a pair knows its domain by hash; the name stands in the domain's slot, if that is still
 * there.
 */
#include <string.h>

#include "report/domain_text.h"

char *domain_text(char text[NAME_TEXT_MAX], const uint64_t *words)
{
	uint8_t octets[1 + DOMAIN_NAME_MAX];
	bool cut;

	memcpy(octets, words + DOMAIN_NAME, sizeof(octets));
	cut = octets[0] > DOMAIN_NAME_MAX;
	name_text(text, octets + 1, cut ? DOMAIN_NAME_MAX : octets[0]);
	return cut ? strcat(text, "...") : text;
}

char *domain_text_of_hash(char text[NAME_TEXT_MAX], const struct mapping *mapping, uint64_t hash)
{
	struct place place = table_find(&mapping->domains, hash);
	uint64_t found, words[DOMAIN_DATA];

	if (place.slot && slot_read(place.slot, &found, 0, DOMAIN_DATA, words) && found == hash)
		return domain_text(text, words);
	return strcpy(text, "?");
}
