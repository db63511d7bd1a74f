/* SPDX-License-Identifier: BSD-3-Clause */
/* watch - see watch.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "together/watch.h"

#define BITS_MAX 1e12 /* that wait: some 100 gigabytes, and exact in a double */

bool watch_open(struct watch *watch)
{
	watch->subject = calloc(WATCH_SUBJECTS, sizeof(*watch->subject));
	watch->name = calloc(WATCH_NAMES, sizeof(*watch->name));
	watch->free_name = 0;
	if (!watch->subject || !watch->name)
		return false;
	for (uint32_t i = 0; i < WATCH_NAMES; i++)
		watch->name[i].next = i + 1 < WATCH_NAMES ? i + 1 : WATCH_NO_NAME;
	return true;
}

void watch_close(struct watch *watch)
{
	free(watch->subject);
	free(watch->name);
	watch->subject = NULL;
	watch->name = NULL;
}

static bool is_idle(const struct watched *subject, uint64_t now)
{
	return !subject->hash || !watch_is_due(subject, now);
}

struct watched *watch_find(struct watch *watch, uint64_t hash, uint64_t now, bool *is_new)
{
	struct watched *bucket = &watch->subject[hash & (WATCH_SUBJECTS - 1) & ~(uint64_t)(WATCH_WAYS - 1)];
	struct watched *room = NULL;

	*is_new = false;
	for (unsigned i = 0; i < WATCH_WAYS; i++) {
		if (bucket[i].hash == hash)
			return &bucket[i];
		/* What is handed over comes back to its place. */
		if (!room && is_idle(&bucket[i], now) && !(bucket[i].handed > 0))
			room = &bucket[i];
	}
	if (!room)
		return NULL;
	*is_new = true;
	*room = (struct watched){ .hash = hash, .active = now, .names = WATCH_NO_NAME };
	return room;
}

void watch_charge(struct watched *subject, double bits, uint64_t now)
{
	if (!(bits > 0)) /* nor is it a number, perhaps */
		return;
	subject->waiting = fmin(subject->waiting + bits, BITS_MAX);
	subject->active = now;
	if (subject->charges < UINT32_MAX)
		subject->charges++;
}

void watch_name(struct watch *watch, struct watched *subject, const uint8_t id[BLIND_LEN])
{
	uint32_t place = watch->free_name;

	if (place == WATCH_NO_NAME)
		return;
	watch->free_name = watch->name[place].next;
	watch->name[place].next = subject->names;
	memcpy(watch->name[place].id, id, BLIND_LEN);
	subject->names = place;
}

bool watch_take_name(struct watch *watch, struct watched *subject, uint8_t id[BLIND_LEN])
{
	uint32_t place = subject->names;

	if (place == WATCH_NO_NAME)
		return false;
	memcpy(id, watch->name[place].id, BLIND_LEN);
	subject->names = watch->name[place].next;
	watch->name[place].next = watch->free_name;
	watch->free_name = place;
	return true;
}

bool watch_is_due(const struct watched *subject, uint64_t now)
{
	return subject->hash && (subject->waiting >= 1 || subject->names != WATCH_NO_NAME ||
	                         clock_since(now, subject->active) < WATCH_ACTIVE);
}

int64_t watch_hand(struct watched *subject)
{
	double whole = floor(subject->waiting);

	if (!(whole >= 1))
		return 0;
	subject->handed = whole;
	subject->waiting -= whole;
	subject->charges_handed = subject->charges;
	subject->charges = 0;
	return (int64_t)whole;
}

uint32_t watch_taken(struct watched *subject)
{
	uint32_t charges = subject->charges_handed;

	subject->handed = 0;
	subject->charges_handed = 0;
	return charges;
}

void watch_refused(struct watched *subject)
{
	subject->waiting = fmin(subject->waiting + subject->handed, BITS_MAX);
	subject->charges += watch_taken(subject);
}
