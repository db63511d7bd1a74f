/* SPDX-License-Identifier: BSD-3-Clause */
/* recorded - what a reader of recorded traffic tells, as text, so that a case is a line.
 *
 *     1700000000.250 Q 192.0.2.7:5353 www.example.com A/1 miss udp
 *     1700000000.250 A 192.0.2.7:5353 www.example.com A/1 miss udp | NOERROR 1 records 49 octets ttl 60 A=c0000201
 *     skip 3: the client is not an address
 *
 * Each of these ends in a newline.
 */
#ifndef UNIT_RECORDED_H
#define UNIT_RECORDED_H

#include <stddef.h>

#include "recorded/format.h"

#define RECORDED_MAX 65536

struct recorded {
	char text[RECORDED_MAX];
	size_t len;
	int status;      /* of the reader */
	char error[256]; /* its sentence */
};

/* Reads the <len> octets as <format>. The result is good until the next call. */
const struct recorded *recorded_octets(const struct format *format, const void *octets, size_t len);

/* The same with a text; <written> is when it was. */
const struct recorded *recorded_text(const struct format *format, const char *text, uint64_t written);

/* A sink that writes into <recorded>. */
struct sink recorded_sink(struct recorded *recorded);

#endif
