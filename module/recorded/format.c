/* SPDX-License-Identifier: BSD-3-Clause */
/* format - the table of formats that replay reads, and the choice among them. */
#include <string.h>

#include "recorded/packed.h"
#include "recorded/format.h"
#include "recorded/lines.h"

/* In this order they are asked whether a file is theirs: tsv takes whatever begins with #. */
const struct format *const replay_formats[] = {
	&replay_pcap,
	&replay_dnstap,
	&replay_zeek,
	&replay_unbound_log,
	&replay_tsv,
	NULL
};

/* Puts the first octets of <file> into <head> and back. Returns how many there are. */
static size_t peek(FILE *file, uint8_t head[REPLAY_HEAD])
{
	size_t len = fread(head, 1, REPLAY_HEAD, file);

	/* The C library takes back what it just gave, also from a pipe. */
	clearerr(file);
	for (size_t i = len; i > 0; i--)
		ungetc(head[i - 1], file);
	return len;
}

/* Whether the <len> octets of <path> end in <extension>. */
static bool ends_in(const char *path, size_t len, const char *extension)
{
	size_t ending = strlen(extension);

	return len > ending && !memcmp(path + len - ending, extension, ending);
}

const struct format *replay_format(const char *name, const char *path, FILE *file)
{
	size_t end = packed_name_len(path);
	uint8_t head[REPLAY_HEAD];
	size_t len = name ? 0 : peek(file, head), mark = lines_mark_len(head, len);

	for (const struct format *const *f = replay_formats; *f; f++)
		if (name ? !strcmp((*f)->name, name) : (*f)->recognise(head + mark, len - mark))
			return *f;
	for (const struct format *const *f = replay_formats; !name && *f; f++)
		if (ends_in(path, end, (*f)->extension))
			return *f;
	return NULL;
}
