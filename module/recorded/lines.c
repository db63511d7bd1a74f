/* SPDX-License-Identifier: BSD-3-Clause */
/* lines - see lines.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/sentence.h"
#include "recorded/lines.h"

#define FIRST_SIZE 4096

static bool has_room(struct lines *lines)
{
	size_t size = lines->size ? lines->size * 2 : FIRST_SIZE;
	char *text;

	if (lines->len + 1 < lines->size)
		return true;
	text = realloc(lines->text, size);
	if (!text)
		return false;
	lines->text = text;
	lines->size = size;
	return true;
}

/* Reads up to the newline or the end. False, with errno, when memory is short. */
static bool read_line(struct lines *lines, int *last)
{
	int octet;

	while ((octet = getc_unlocked(lines->file)) != EOF && octet != '\n') {
		if (lines->len == LINE_MAX_OCTETS) {
			lines->fault = "the line is too long";
			continue;
		}
		if (!has_room(lines))
			return false;
		lines->text[lines->len++] = (char)octet;
	}
	*last = octet;
	return has_room(lines);
}

/* A mark of UTF-8 says nothing about what follows, and would be part of its first word. */
static void drop_mark(struct lines *lines)
{
	size_t mark = lines_mark_len(lines->text, lines->len);

	lines->len -= mark;
	memmove(lines->text, lines->text + mark, lines->len);
}

size_t lines_mark_len(const void *text, size_t len)
{
	static const uint8_t mark[] = { 0xef, 0xbb, 0xbf };

	return len >= sizeof(mark) && !memcmp(text, mark, sizeof(mark)) ? sizeof(mark) : 0;
}

bool lines_next(struct lines *lines)
{
	int last;

	lines->len = 0;
	lines->fault = NULL;
	errno = 0;
	if (!read_line(lines, &last) || (last == EOF && (!lines->len || ferror(lines->file))))
		return false;
	if (!lines->number++)
		drop_mark(lines);
	if (lines->len && lines->text[lines->len - 1] == '\r')
		lines->len--;
	lines->text[lines->len] = '\0';
	if (!lines->fault && memchr(lines->text, '\0', lines->len))
		lines->fault = "a NUL octet";
	return true;
}

int lines_end(struct lines *lines, char *error, size_t error_len)
{
	int status = 0;

	if (!feof(lines->file) || ferror(lines->file))
		status = sentence_error(error, error_len, "cannot be read after line %" PRIu64 ": %s",
		                        lines->number, strerror(errno ? errno : EIO));
	free(lines->text);
	fclose(lines->file);
	return status;
}
