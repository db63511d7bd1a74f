/* SPDX-License-Identifier: BSD-3-Clause */
/* control_reply - a stream that grows, up to a point. */
#define _GNU_SOURCE /* fopencookie */
#include <stdlib.h>
#include <string.h>

#include "service/control_reply.h"

#define FIRST_ROOM 4096

static bool grow(struct reply *reply, size_t len)
{
	size_t room = reply->room ? reply->room : FIRST_ROOM;
	char *text;

	while (room < reply->len + len)
		room *= 2;
	if (room <= reply->room)
		return true;
	text = realloc(reply->text, room);
	if (!text)
		return false;
	reply->text = text;
	reply->room = room;
	return true;
}

static bool append(struct reply *reply, const char *text, size_t len)
{
	if (!grow(reply, len))
		return false;
	memcpy(reply->text + reply->len, text, len);
	reply->len += len;
	return true;
}

/* Write function of the stream. What has been cut stays so: no hole in it. */
static ssize_t on_write(void *cookie, const char *text, size_t len)
{
	struct reply *reply = cookie;

	reply->cut = reply->cut || len > reply->most - strlen(REPLY_CUT) - reply->len ||
	             !append(reply, text, len);
	return reply->cut ? 0 : (ssize_t)len;
}

FILE *reply_open(struct reply *reply)
{
	return fopencookie(reply, "w", (cookie_io_functions_t){ .write = on_write });
}

void reply_close(struct reply *reply, FILE *out)
{
	fclose(out);
	if (!reply->cut)
		return;
	while (reply->len && reply->text[reply->len - 1] != '\n')
		reply->len--;
	append(reply, REPLY_CUT, strlen(REPLY_CUT));
}

void reply_free(struct reply *reply)
{
	free(reply->text);
	*reply = (struct reply){ .most = reply->most };
}
