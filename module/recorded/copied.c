/* SPDX-License-Identifier: BSD-3-Clause */
/* copied - see copied.h. */
#include <stdlib.h>
#include <string.h>

#include "recorded/copied.h"

#define REASON_MAX 256 /* octets of a reason that are kept, with its NUL */

struct copied_chunk {
	size_t used, size; /* octets of <data> */
	_Alignas(max_align_t) uint8_t data[];
};

static size_t rounded(size_t size)
{
	return (size + _Alignof(max_align_t) - 1) / _Alignof(max_align_t) * _Alignof(max_align_t);
}

/* Only what an answer has is read of it. */
static bool has_answer(const struct warden_observation *obs)
{
	return obs->what & WARDEN_ANSWER;
}

static size_t size_of(const struct warden_observation *obs)
{
	size_t size = rounded(sizeof(struct copied_item)) + rounded(obs->qname_len);

	if (!has_answer(obs))
		return size;
	size += rounded(obs->zone_len) + rounded(obs->record_count * sizeof(*obs->records)) +
	        rounded(obs->server_count * sizeof(*obs->servers));
	for (uint32_t i = 0; i < obs->record_count; i++)
		size += rounded(obs->records[i].rdata_len);
	for (uint8_t i = 0; i < obs->server_count; i++)
		size += rounded(obs->servers[i].id_len);
	return size;
}

struct copied_chunk *copied_new(const struct warden_observation *obs)
{
	size_t size = obs && size_of(obs) > COPIED_CHUNK ? size_of(obs) : COPIED_CHUNK;
	struct copied_chunk *chunk = malloc(sizeof(*chunk) + size);

	if (chunk)
		*chunk = (struct copied_chunk){ .size = size };
	return chunk;
}

/* Copies <len> octets to where the chunk's end is, which moves. NULL stays NULL. */
static void *put(struct copied_chunk *chunk, const void *from, size_t len)
{
	void *to = chunk->data + chunk->used;

	if (!from)
		return NULL;
	if (len)
		memcpy(to, from, len);
	chunk->used += rounded(len);
	return to;
}

static void put_answer(struct copied_chunk *chunk, struct warden_observation *obs)
{
	struct warden_record *records = put(chunk, obs->records, obs->record_count * sizeof(*records));
	struct warden_server *servers = put(chunk, obs->servers, obs->server_count * sizeof(*servers));

	obs->zone = put(chunk, obs->zone, obs->zone_len);
	obs->records = records;
	obs->servers = servers;
	for (uint32_t i = 0; i < obs->record_count; i++)
		records[i].rdata = put(chunk, records[i].rdata, records[i].rdata_len);
	for (uint8_t i = 0; i < obs->server_count; i++)
		servers[i].id = put(chunk, servers[i].id, servers[i].id_len);
}

bool copied_add(struct copied_chunk *chunk, const struct warden_observation *obs)
{
	struct copied_item *item = (void *)(chunk->data + chunk->used);
	size_t from = chunk->used;

	if (chunk->size - chunk->used < size_of(obs))
		return false;
	chunk->used += rounded(sizeof(*item));
	*item = (struct copied_item){ .obs = *obs };
	item->obs.qname = put(chunk, obs->qname, obs->qname_len);
	if (has_answer(obs)) {
		put_answer(chunk, &item->obs);
	} else {
		item->obs.records = NULL;
		item->obs.zone = NULL;
		item->obs.servers = NULL;
		item->obs.record_count = item->obs.zone_len = item->obs.server_count = 0;
	}
	item->size = chunk->used - from;
	return true;
}

bool copied_add_skip(struct copied_chunk *chunk, uint64_t now, uint64_t number, const char *reason)
{
	struct copied_item *item = (void *)(chunk->data + chunk->used);
	size_t from = chunk->used, len = strlen(reason);
	char *copy;

	if (len >= REASON_MAX)
		len = REASON_MAX - 1;
	if (chunk->size - chunk->used < rounded(sizeof(*item)) + rounded(len + 1))
		return false;
	chunk->used += rounded(sizeof(*item));
	*item = (struct copied_item){ .obs = { .now = now }, .skipped = number };
	copy = (char *)chunk->data + chunk->used;
	memcpy(copy, reason, len);
	copy[len] = '\0';
	chunk->used += rounded(len + 1);
	item->reason = copy;
	item->size = chunk->used - from;
	return true;
}

const struct copied_item *copied_at(const struct copied_chunk *chunk, size_t offset)
{
	return offset < chunk->used ? (const void *)(chunk->data + offset) : NULL;
}
