/* SPDX-License-Identifier: BSD-3-Clause */
/* invariant - what must be true, without the right to end the resolver.
 *
 * BROKEN(expr) is true when <expr> does not hold; then the caller takes the
 * harmless way out. Tests set WARDEN_ABORT in the environment and die on the spot;
 * the resolver counts, and the writer thread logs the first one of a period.
 */
#ifndef BASE_INVARIANT_H
#define BASE_INVARIANT_H

#include <stdbool.h>
#include <stdint.h>

#define BROKEN(expr) (__builtin_expect(!(expr), 0) && invariant_broken(#expr, __FILE__, __LINE__))

/* Records a broken invariant; always returns true. Thread-safe. */
bool invariant_broken(const char *expr, const char *file, int line);

/* How many have broken in this process, and where the last one stands in the
 * source ("" when none). Thread-safe; <where> is static.
 */
uint64_t invariant_count(void);
const char *invariant_where(void);

#endif
