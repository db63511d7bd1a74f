/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz - what all fuzz targets share: an input that is taken octet by octet, and must().
 *
 * An input that ends too early goes on with zeros, so that every input means something and a longer one
 * that begins alike means the same up to there.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The target: returns 0, or aborts. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(condition) ((condition) ? (void)0 : must_fail(#condition, __FILE__, __LINE__))

static inline _Noreturn void must_fail(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: is not so: %s\n", file, line, condition);
	abort();
}

struct input {
	const uint8_t *data;
	size_t left;
};

/* The next <count> octets, 8 at most, as a number: big endian. */
static inline uint64_t input_number(struct input *input, unsigned count)
{
	uint64_t number = 0;

	for (; count; count--) {
		number = number << 8 | (input->left ? *input->data : 0);
		if (input->left)
			input->data++, input->left--;
	}
	return number;
}

static inline uint8_t input_octet(struct input *input)
{
	return (uint8_t)input_number(input, 1);
}

/* The next octets, <most> of them at most. Returns how many, at <octets>. */
static inline size_t input_octets(struct input *input, size_t most, const uint8_t **octets)
{
	size_t count = input->left < most ? input->left : most;

	*octets = input->data;
	input->data += count;
	input->left -= count;
	return count;
}

/* A copy of its own size, so that a sanitizer sees who reads beyond it; free() it. */
static inline uint8_t *copy_of(const uint8_t *octets, size_t count)
{
	uint8_t *copy = malloc(count + !count);

	must(copy != NULL);
	if (count)
		memcpy(copy, octets, count);
	return copy;
}

static inline bool is_printable(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

/* A regular file in memory with these octets; fclose() it. Its path is /proc/self/fd/ and its number. */
FILE *file_of(const uint8_t *octets, size_t count);

#endif
