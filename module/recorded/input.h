/* SPDX-License-Identifier: BSD-3-Clause */
/* input - one recording: its file, how it is packed, its format.
 *
 *     path --> descriptor --> packed.c --> FILE --> format.c --> struct format.read --> sink
 *
 * Input knows what to say when one of these cannot go on; and how far it is, for a bar.
 */
#ifndef RECORDED_INPUT_H
#define RECORDED_INPUT_H

#include "recorded/packed.h"
#include "recorded/format.h"

struct input_file {
	const char *path;       /* as it was given; - is standard input */
	const char *name;       /* of it for people */
	uint64_t size;          /* octets on the disk; 0: not known, as of a pipe */
	bool folder;            /* and so nothing to read */
	struct packed packed;
	uint64_t written;       /* milliseconds since 1970 */
	FILE *file;             /* NULL when it is not open (any more) */
	const struct format *format;
	char error[512];        /* a sentence about what went wrong; "" for nothing */
	char remark[512];       /* one about what is to be known of it although nothing did; "" for none */
};

/* Opens <path>, whose format has the name <format_name> or, with NULL, one that it seems to have.
 * It is one of <count> that share memory. False with input->error.
 */
bool input_open(struct input_file *input, const char *path, const char *format_name, unsigned count);

/* Tells <sink> all of it, and closes it. False with input->error when that was not all. */
bool input_read(struct input_file *input, struct sink *sink);

#endif
