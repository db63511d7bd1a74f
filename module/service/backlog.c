/* SPDX-License-Identifier: BSD-3-Clause */
/* backlog - see backlog.h. Messages are moved to the front when there is no room behind them. */
#include "service/backlog.h"

#include <stdlib.h>
#include <string.h>

#define LENGTH sizeof(uint32_t)

bool backlog_open(struct backlog *backlog)
{
	*backlog = (struct backlog){ .memory = malloc(BACKLOG_SIZE) };
	return backlog->memory;
}

void backlog_close(struct backlog *backlog)
{
	free(backlog->memory);
	*backlog = (struct backlog){ .memory = NULL };
}

bool backlog_put(struct backlog *backlog, const void *head, size_t head_len, const void *rest, size_t rest_len)
{
	size_t waiting = backlog->end - backlog->first;
	uint32_t len = (uint32_t)(head_len + rest_len);

	if (!backlog->memory || head_len > BACKLOG_SIZE || rest_len > BACKLOG_SIZE ||
	    LENGTH + len > BACKLOG_SIZE - waiting)
		return false;
	if (LENGTH + len > BACKLOG_SIZE - backlog->end) {
		memmove(backlog->memory, backlog->memory + backlog->first, waiting);
		backlog->first = 0;
		backlog->end = waiting;
	}
	memcpy(backlog->memory + backlog->end, &len, LENGTH);
	memcpy(backlog->memory + backlog->end + LENGTH, head, head_len);
	if (rest_len)
		memcpy(backlog->memory + backlog->end + LENGTH + head_len, rest, rest_len);
	backlog->end += LENGTH + len;
	backlog->count++;
	return true;
}

const uint8_t *backlog_first(const struct backlog *backlog, size_t *len)
{
	uint32_t stored;

	*len = 0;
	if (!backlog->count)
		return NULL;
	memcpy(&stored, backlog->memory + backlog->first, LENGTH);
	*len = stored;
	return backlog->memory + backlog->first + LENGTH;
}

void backlog_drop(struct backlog *backlog)
{
	size_t len;

	if (!backlog_first(backlog, &len))
		return;
	backlog->first += LENGTH + len;
	if (--backlog->count == 0)
		backlog->first = backlog->end = 0;
}
