/* SPDX-License-Identifier: BSD-3-Clause */
/* invariant - counts what must not happen; aborts only where a test asked for it. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/invariant.h"

static _Atomic uint64_t broken;
static _Atomic(const char *) last = "";

bool invariant_broken(const char *expr, const char *file, int line)
{
	if (getenv("WARDEN_ABORT")) {
		fprintf(stderr, "%s:%d: broken: %s\n", file, line, expr);
		abort();
	}
	atomic_fetch_add_explicit(&broken, 1, memory_order_relaxed);
	atomic_store_explicit(&last, expr, memory_order_relaxed);
	return true;
}

uint64_t invariant_count(void)
{
	return atomic_load_explicit(&broken, memory_order_relaxed);
}

const char *invariant_where(void)
{
	return atomic_load_explicit(&last, memory_order_relaxed);
}
