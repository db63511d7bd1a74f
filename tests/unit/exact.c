/* SPDX-License-Identifier: BSD-3-Clause */
/* exact - a balanced tree of whole keys, and lists. */
#define _GNU_SOURCE
#include <math.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "exact.h"

/* --- sets ----------------------------------------------------------------------------------- */

void *must(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

static int compare(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;

	return x->len != y->len ? (x->len < y->len ? -1 : 1) : memcmp(x->octets, y->octets, x->len);
}

struct kept *kept_of(struct memory *memory, const uint8_t *octets, size_t len)
{
	struct kept *made = must(malloc(sizeof(*made) + len)), **found;

	made->epoch = 0;
	made->len = len;
	memcpy(made->octets, octets, len);
	found = must(tsearch(made, &memory->tree, compare));
	if (*found != made)
		free(made);
	return *found;
}

void memory_move(struct memory *memory, uint64_t now)
{
	if (memory->began && now < memory->began + memory->age)
		return;
	memory->epoch += memory->began && now < memory->began + 2 * memory->age ? 1 : 2;
	memory->began = now;
}

bool is_remembered(const struct memory *memory, const struct kept *kept)
{
	return kept->epoch && kept->epoch + 1 >= memory->epoch;
}

bool seen(struct memory *memory, const uint8_t *octets, size_t len, uint64_t now)
{
	struct kept *kept = kept_of(memory, octets, len);
	bool before;

	memory_move(memory, now);
	before = is_remembered(memory, kept);
	kept->epoch = memory->epoch;
	return before;
}

size_t join(uint8_t key[KEY_MAX], size_t at, const void *part, size_t len)
{
	uint16_t size = (uint16_t)len;

	if (at + sizeof(size) + len > KEY_MAX)
		abort();
	memcpy(key + at, &size, sizeof(size));
	memcpy(key + at + sizeof(size), part, len);
	return at + sizeof(size) + len;
}

/* --- sums ----------------------------------------------------------------------------------- */

void book_add(struct book *book, uint64_t at, double bits, unsigned length)
{
	if (book->count == book->room) {
		book->room = book->room ? 2 * book->room : 16;
		book->charged = must(realloc(book->charged, book->room * sizeof(*book->charged)));
	}
	book->charged[book->count++] = (struct charged){ at, bits, length };
}

static double left(const struct charged *charged, uint64_t now, uint64_t window)
{
	return exp(-((double)now - (double)charged->at) / (double)window);
}

double book_bits(const struct book *book, uint64_t now, uint64_t window)
{
	double sum = 0;

	for (unsigned i = 0; i < book->count; i++)
		sum += book->charged[i].bits * left(&book->charged[i], now, window);
	return sum;
}

double book_names(const struct book *book, uint64_t now, uint64_t window)
{
	double sum = 0;

	for (unsigned i = 0; i < book->count; i++)
		sum += (book->charged[i].length > 0) * left(&book->charged[i], now, window);
	return sum;
}

double book_length(const struct book *book, uint64_t now, uint64_t window)
{
	double sum = 0;

	for (unsigned i = 0; i < book->count; i++)
		sum += book->charged[i].length * left(&book->charged[i], now, window);
	return sum;
}

void book_end(struct book *book)
{
	free(book->charged);
}

void memory_end(struct memory *memory)
{
	tdestroy(memory->tree, free);
}
