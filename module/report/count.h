/* SPDX-License-Identifier: BSD-3-Clause */
/* count - our unsigned numbers in JSON, whose integers are signed here.
 *
 * Invariant: a number that does not fit reads as the largest that does, never as a
 * negative one.
 */
#ifndef REPORT_COUNT_H
#define REPORT_COUNT_H

#include <stdint.h>

#include <jansson.h>

static inline json_t *count_json(uint64_t n)
{
	return json_integer(n < INT64_MAX ? (json_int_t)n : INT64_MAX);
}

#endif
