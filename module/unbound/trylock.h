/* SPDX-License-Identifier: BSD-3-Clause */
/* trylock - Unbound's read-write locks for those who must not wait.
 *
 * Unbound has no such functions. unbound-control's lists hold read locks for as long as somebody takes
 * to read them, so a worker that waited for one could stand still for seconds.
 *
 * Included after Unbound's "config.h".
 */
#ifndef UNBOUND_TRYLOCK_H
#define UNBOUND_TRYLOCK_H

#include <stdbool.h>

#include "util/locks.h"

/* Questions hold the zones' lock for about a microsecond each. */
#define TRYLOCK_ATTEMPTS 200

#if defined(HAVE_PTHREAD) && defined(HAVE_PTHREAD_RWLOCK_T) && !defined(USE_THREAD_DEBUG)

static inline bool trylock_write(lock_rw_type *lock)
{
	for (unsigned attempt = 0; attempt < TRYLOCK_ATTEMPTS; attempt++)
		if (!pthread_rwlock_trywrlock(lock))
			return true;
	return false;
}

static inline bool trylock_read(lock_rw_type *lock)
{
	for (unsigned attempt = 0; attempt < TRYLOCK_ATTEMPTS; attempt++)
		if (!pthread_rwlock_tryrdlock(lock))
			return true;
	return false;
}

#else /* locks that do nothing, or that check themselves: for those who debug Unbound */

static inline bool trylock_write(lock_rw_type *lock)
{
	(void)lock; /* which is no argument where locks do nothing */
	lock_rw_wrlock(lock);
	return true;
}

static inline bool trylock_read(lock_rw_type *lock)
{
	(void)lock;
	lock_rw_rdlock(lock);
	return true;
}

#endif
#endif
