/* SPDX-License-Identifier: BSD-3-Clause */
/* top_rates - what was seen at the last look, by place. */
#include <stdlib.h>

#include "top/top_rates.h"

static uint32_t tag_of(uint64_t hash)
{
	uint32_t tag = (uint32_t)(hash >> 32);

	return tag ? tag : 1;
}

void rates_free(struct rates *rates)
{
	free(rates->seen);
	*rates = (struct rates){ .seen = NULL };
}

void rates_reset(struct rates *rates, uint32_t capacity)
{
	rates_free(rates);
	rates->seen = calloc(capacity ? capacity : 1, sizeof(*rates->seen));
	rates->capacity = rates->seen ? capacity : 0;
}

void rates_begin(struct rates *rates, uint64_t now)
{
	/* A clock that steps back is a first look again. */
	rates->elapsed = rates->looked && now > rates->looked ? now - rates->looked : 0;
	rates->looked = now;
}

void rates_note(struct rates *rates, uint32_t index, uint64_t hash, uint64_t count)
{
	uint32_t tag = tag_of(hash), now = (uint32_t)count;
	struct seen *seen;

	if (index >= rates->capacity)
		return;
	seen = &rates->seen[index];
	/* Of the lower halves a small step back is one; a step over 2^32 is none. */
	if (seen->tag == tag && (int32_t)(now - seen->count) >= 0)
		seen->grown = now - seen->count;
	else
		seen->grown = now;
	seen->tag = tag;
	seen->count = now;
}

bool rates_of(const struct rates *rates, uint32_t index, uint64_t hash, double *rate)
{
	if (!rates->elapsed || index >= rates->capacity || rates->seen[index].tag != tag_of(hash))
		return false;
	*rate = per_second(rates->seen[index].grown, rates->elapsed);
	return true;
}
