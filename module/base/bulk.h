/* SPDX-License-Identifier: BSD-3-Clause */
/* bulk - memory for what is large and goes as a whole: tables that a reload replaces.
 *
 * A resolver lives for months and reloads every now and then, and each time megabytes come before those
 * they replace go. From malloc() that leaves holes in the heap between the caches of the resolver, and glibc,
 * which takes large pieces from the kernel at first, does so no more once it has seen one freed. So
 * what is large here is the kernel's own: freed is gone.
 */
#ifndef BASE_BULK_H
#define BASE_BULK_H

#include <stddef.h>

/* <size> octets of zeros, or NULL when there is no memory. */
void *bulk_new(size_t size);

/* Gives back what bulk_new() gave for the same <size>; NULL is nothing. */
void bulk_free(void *memory, size_t size);

#endif
