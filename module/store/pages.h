/* SPDX-License-Identifier: BSD-3-Clause */
/* pages - large pages for the segment.
 *
 * A look waits for memory: some ten cache lines anywhere in hundreds of megabytes, and in pages of four kilobytes
 * nearly each of them costs the processor a walk through the page tables besides, in a virtual machine
 * through two of them. In pages of two megabytes it does not. Kernels since 6.1 join small ones on request
 * (madvise(2), MADV_COLLAPSE), whatever the host's setting for new memory is. That takes a millisecond or two for each,
 * in which others who touch it wait; so it is done one by one, beside the resolver and soon after its start.
 *
 * Invariant: without it everything works as well, only slower.
 */
#ifndef STORE_PAGES_H
#define STORE_PAGES_H

#include <stdbool.h>
#include <stddef.h>

#define PAGE_LARGE ((size_t)2 << 20) /* octets: of x86-64, and of ARM with small ones of 4 KiB */

/* Maps all <size> octets of <file>, shared, where large pages can be. NULL with errno when that fails. munmap()
 * ends it.
 */
void *pages_map(int file, size_t size, int protection);

/* Makes a large page of those <*at> octets behind <memory>, which pages_map() gave with <size>, and moves on to the next.
 * False when there is none any more, or this kernel makes none. Takes milliseconds.
 */
bool pages_join(void *memory, size_t size, size_t *at);

#endif
