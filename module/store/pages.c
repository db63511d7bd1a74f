/* SPDX-License-Identifier: BSD-3-Clause */
/* pages - see pages.h. */
#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "store/pages.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1 */
#endif

/* A large page begins where its address and its place in the file are multiples of its size. So as much more
 * is taken as it needs to begin there, and given back.
 */
void *pages_map(int file, size_t size, int protection)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), before, behind;
	uint8_t *room;
	void *memory;

	size = (size + page - 1) / page * page;
	room = mmap(NULL, size + PAGE_LARGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (room == MAP_FAILED)
		return NULL;
	before = (PAGE_LARGE - (uintptr_t)room % PAGE_LARGE) % PAGE_LARGE;
	behind = PAGE_LARGE - before;
	memory = mmap(room + before, size, protection, MAP_SHARED | MAP_FIXED, file, 0);
	if (memory == MAP_FAILED) {
		int why = errno;

		munmap(room, size + PAGE_LARGE);
		errno = why;
		return NULL;
	}
	if (before)
		munmap(room, before);
	if (behind)
		munmap(room + before + size, behind);
	return memory;
}

bool pages_join(void *memory, size_t size, size_t *at)
{
	size_t here = *at;

	if (size < PAGE_LARGE || here > size - PAGE_LARGE)
		return false;
	*at += PAGE_LARGE;
	/* Not for want of memory or because somebody else is at it, which may be otherwise with the next. */
	return madvise((uint8_t *)memory + here, PAGE_LARGE, MADV_COLLAPSE) == 0 || errno != EINVAL;
}
