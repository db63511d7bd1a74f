/* SPDX-License-Identifier: BSD-3-Clause */
/* meant - what is said to who types a word that is none of those there are. */
#ifndef TOOL_MEANT_H
#define TOOL_MEANT_H

#include <stddef.h>

/* Says on stderr that <typed> is not <what> ("a listing"), and which was meant, or all of them. The words are
 * in rows of <size> octets each: <*first> is that of the first, and that of the last is NULL.
 */
void meant_say(const char *typed, const char *what, const char *const *first, size_t size);

#endif
