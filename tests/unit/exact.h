/* SPDX-License-Identifier: BSD-3-Clause */
/* exact - what filters and ledgers approximate, with nothing left out.
 *
 * A memory is a set of whole keys, which forgets by the rule of store/filter.h: in an epoch that
 * is as long as its age it adds, what was last seen before the epoch before is new again. A
 * book is a sum as the list of all that was ever added to it, worked out when somebody asks.
 *
 * Time does not go back here.
 */
#ifndef TESTS_UNIT_EXACT_H
#define TESTS_UNIT_EXACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define A_SECOND UINT64_C(1000)
#define A_DAY    (86400 * A_SECOND)

#define KEY_MAX 800

/* A key of a set, and when it was last seen; also what stands for the key elsewhere. */
struct kept {
	uint64_t epoch; /* 0: never */
	size_t len;
	uint8_t octets[];
};

struct memory {
	void *tree; /* of struct kept, by tsearch() */
	uint64_t age, began, epoch;
};

/* The kept with key <octets>; made where there is none. */
struct kept *kept_of(struct memory *memory, const uint8_t *octets, size_t len);

/* Forgets what is due at <now>. */
void memory_move(struct memory *memory, uint64_t now);
void memory_end(struct memory *memory);

bool is_remembered(const struct memory *memory, const struct kept *kept);

/* Whether the key has been seen; from now on it has. */
bool seen(struct memory *memory, const uint8_t *octets, size_t len, uint64_t now);

/* Appends to a key, with its length before each part, so that no two lists of parts look alike.
 * Returns the key's length.
 */
size_t join(uint8_t key[KEY_MAX], size_t at, const void *part, size_t len);

/* <memory> as malloc() gave it. Ends the program where it gave none. */
void *must(void *memory);

/* One sum: everything that was ever charged to it. */
struct charged {
	uint64_t at;
	double bits;
	unsigned length; /* of a new name; or 0 */
};

struct book {
	struct charged *charged;
	unsigned count, room;
};

/* What of <book> is left at <now>, where each charge fades as e^(-t / window). */
double book_bits(const struct book *book, uint64_t now, uint64_t window);
double book_names(const struct book *book, uint64_t now, uint64_t window);
double book_length(const struct book *book, uint64_t now, uint64_t window);

void book_add(struct book *book, uint64_t at, double bits, unsigned length);
void book_end(struct book *book);

#endif
