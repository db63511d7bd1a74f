/* SPDX-License-Identifier: BSD-3-Clause */
/* bulk - pages of the kernel for what is large, malloc() for what is not. */
#include <stdlib.h>
#include <sys/mman.h>

#include "base/bulk.h"

#define LARGE (128u * 1024) /* octets: where glibc begins to think of it as well */

void *bulk_new(size_t size)
{
	void *memory;

	if (size < LARGE)
		return calloc(1, size);
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return memory == MAP_FAILED ? NULL : memory;
}

void bulk_free(void *memory, size_t size)
{
	if (size < LARGE)
		free(memory);
	else if (memory)
		munmap(memory, size);
}
