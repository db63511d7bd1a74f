/* SPDX-License-Identifier: BSD-3-Clause */
/* resp - see resp.h. A reply that is not all there is read again from its beginning when there is more. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "together/resp.h"

/* What is left to read. */
struct rest {
	const char *at;
	size_t len;
};

enum got { GOT, MORE, NONE };

/* A line, without its end. */
static enum got read_line(struct rest *rest, struct resp_text *line)
{
	const char *end = memchr(rest->at, '\n', rest->len < RESP_LINE_MAX ? rest->len : RESP_LINE_MAX);

	if (!end)
		return rest->len < RESP_LINE_MAX ? MORE : NONE;
	*line = (struct resp_text){ rest->at, (size_t)(end - rest->at) };
	if (!line->len || line->at[--line->len] != '\r')
		return NONE;
	rest->len -= (size_t)(end + 1 - rest->at);
	rest->at = end + 1;
	return GOT;
}

/* A whole number, all of <text>. */
static bool read_number(struct resp_text text, int64_t *number)
{
	bool negative = text.len && *text.at == '-';
	uint64_t sum = 0;

	if (text.len == negative || text.len > 19u + negative)
		return false;
	for (size_t i = negative; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		sum = sum * 10 + (uint64_t)(text.at[i] - '0'); /* 19 digits fit */
	}
	if (sum > INT64_MAX)
		return false;
	*number = negative ? -(int64_t)sum : (int64_t)sum;
	return true;
}

/* A text behind its length: <head>. */
static enum got read_text(struct rest *rest, struct resp_text head, struct resp_text *text)
{
	int64_t len;

	if (!read_number(head, &len) || len < 0 || len > RESP_TEXT_MAX)
		return NONE;
	if (rest->len < (size_t)len + 2)
		return MORE;
	*text = (struct resp_text){ rest->at, (size_t)len };
	rest->at += len + 2;
	rest->len -= (size_t)len + 2;
	return memcmp(rest->at - 2, "\r\n", 2) ? NONE : GOT;
}

static enum got read_array(struct rest *rest, struct resp_text head, struct resp *reply)
{
	int64_t elements;

	if (!read_number(head, &elements) || elements < 0 || elements > RESP_ELEMENTS_MAX)
		return NONE;
	for (reply->elements = 0; reply->elements < elements; reply->elements++) {
		struct resp_text line;
		enum got got = read_line(rest, &line);

		if (got == GOT && (!line.len || *line.at != '$'))
			return NONE;
		if (got == GOT)
			got = read_text(rest, (struct resp_text){ line.at + 1, line.len - 1 },
			                &reply->element[reply->elements]);
		if (got != GOT)
			return got;
	}
	return GOT;
}

static enum got read_reply(struct rest *rest, struct resp *reply)
{
	struct resp_text line;
	enum got got = read_line(rest, &line);
	char mark;

	if (got != GOT || !line.len)
		return got == GOT ? NONE : got;
	mark = *line.at;
	reply->text = (struct resp_text){ line.at + 1, line.len - 1 };
	reply->elements = 0;
	if ((mark == '$' || mark == '*') && line.len == 3 && !memcmp(line.at + 1, "-1", 2)) {
		reply->type = RESP_NOTHING;
		return GOT;
	}
	switch (mark) {
	case '+':
		reply->type = RESP_STATUS;
		return GOT;
	case '-':
		reply->type = RESP_ERROR;
		return GOT;
	case ':':
		reply->type = RESP_NUMBER;
		return read_number(reply->text, &reply->number) ? GOT : NONE;
	case '$':
		reply->type = RESP_TEXT;
		return read_text(rest, reply->text, &reply->text);
	case '*':
		reply->type = RESP_ARRAY;
		return read_array(rest, reply->text, reply);
	default:
		return NONE;
	}
}

ssize_t resp_read(struct resp *reply, const char *octets, size_t len)
{
	struct rest rest = { octets, len };

	switch (read_reply(&rest, reply)) {
	case GOT:
		return rest.at - octets;
	case MORE:
		return 0;
	default:
		return -1;
	}
}

size_t resp_write(char *to, size_t room, int argc, const char *const *argv, const size_t *len)
{
	size_t at = (size_t)snprintf(to, room, "*%d\r\n", argc);

	for (int i = 0; i < argc; i++) {
		size_t octets = len ? len[i] : strlen(argv[i]);

		if (at >= room)
			return 0;
		at += (size_t)snprintf(to + at, room - at, "$%zu\r\n", octets);
		if (at + octets + 2 > room)
			return 0;
		memcpy(to + at, argv[i], octets);
		memcpy(to + at + octets, "\r\n", 2);
		at += octets + 2;
	}
	return at;
}

void resp_printable(char *to, size_t size, struct resp_text text)
{
	size_t len = text.len < size ? text.len : size - 1;

	for (size_t i = 0; i < len; i++)
		to[i] = text.at[i] >= ' ' && text.at[i] < '\x7f' ? text.at[i] : '?';
	to[len] = '\0';
}
