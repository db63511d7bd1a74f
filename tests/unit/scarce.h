/* SPDX-License-Identifier: BSD-3-Clause */
/* scarce - memory that runs out when a test says so, and an engine that needs all kinds of it.
 *
 * malloc and its kin stand here before the C library's, for libraries as well, and so does mmap(). Armed with N,
 * they fail at the Nth call: that one alone, or it and all that follow. Where N goes on from 1 until nothing fails any
 * more, no allocation is left out, today's or tomorrow's.
 *
 * Invariant: every block and map is counted, whoever made it, so what leaks shows.
 */
#ifndef SCARCE_H
#define SCARCE_H

#include <stdbool.h>

#include "support.h"

/* Sanitizers have a malloc of their own: with them there is nothing to test, nor anything of this. */
#include "sanitized.h"

/* Fails at the <nth> allocation from now on, and at <and_all_others>. */
void arm(long nth, bool and_all_others);

/* No more. Returns how many have failed. */
long disarm(void);

/* Notes how many blocks and maps there are; and fails the test unless there are as many again. */
void remember(void);
bool is_as_before(void);
void expect_no_leak(long nth);

/* Writes a warden.conf with everything in it that a configuration can have, in private memory or for a service. */
void write_everything(bool private);

/* What the last call that failed said. */
extern char error[1024];
void expect_sentence(void);

/* Opens an engine with that; the latter fails the test when it cannot. */
struct warden *try_open(bool private);
struct warden *open_now(bool private);

/* The engine is whole: what is on a list is refused, all else passes, and all is counted. */
void expect_works(struct warden *warden);

#endif
