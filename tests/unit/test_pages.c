/* SPDX-License-Identifier: BSD-3-Clause */
/* test_pages - a file mapped where large pages can be is the same file, and stays so while pages are joined. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/pages.h"
#include "support.h"

/* A file of <size> octets that is gone when it is closed: in memory, where there is such a place. */
static int open_file(size_t size)
{
	char path[] = "/dev/shm/test_pages.XXXXXX", here[] = "test_pages.XXXXXX";
	int file = mkstemp(path);

	if (file >= 0) {
		unlink(path);
	} else {
		file = mkstemp(here);
		assert_true(file >= 0);
		unlink(here);
	}
	assert_int_equal(ftruncate(file, (off_t)size), 0);
	return file;
}

static void same_file(void **state)
{
	static const size_t sizes[] = { 4096, PAGE_LARGE - 1, PAGE_LARGE, PAGE_LARGE + 4096, 3 * PAGE_LARGE + 12345 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t size = sizes[i], at = 0, joins = 0;
		int file = open_file(size);
		uint32_t *memory = pages_map(file, size, PROT_READ | PROT_WRITE), word;

		assert_non_null(memory);
		assert_int_equal((uintptr_t)memory % PAGE_LARGE, 0);
		for (size_t n = 0; n < size / 4; n += 97)
			memory[n] = (uint32_t)n;
		while (pages_join(memory, size, &at))
			joins++;
		assert_true(joins <= size / PAGE_LARGE && at <= size);
		for (size_t n = 0; n < size / 4; n += 97) {
			assert_int_equal(memory[n], n);
			assert_int_equal(pread(file, &word, sizeof(word), (off_t)n * 4), sizeof(word));
			assert_int_equal(word, n);
		}
		printf("%zu octets: %zu large pages\n", size, joins);
		assert_int_equal(munmap(memory, size), 0);
		close(file);
	}
}

/* Pages of the address space that are in use. */
static unsigned long long mapped(void)
{
	FILE *in = fopen("/proc/self/statm", "r");
	unsigned long long pages;

	assert_non_null(in);
	assert_int_equal(fscanf(in, "%llu", &pages), 1);
	fclose(in);
	return pages;
}

/* Nothing is left behind in the address space, and what cannot be mapped is said. */
static void nothing_left(void **state)
{
	int file = open_file(PAGE_LARGE);
	unsigned long long before = mapped(), after;

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		void *memory = pages_map(file, PAGE_LARGE, PROT_READ);

		assert_non_null(memory);
		munmap(memory, PAGE_LARGE);
	}
	after = mapped();
	assert_true(after < before + 50 * (PAGE_LARGE / 4096)); /* whatever else a sanitizer maps meanwhile */
	assert_null(pages_map(-1, PAGE_LARGE, PROT_READ));
	assert_null(pages_map(file, SIZE_MAX / 4, PROT_READ));
	close(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_file),
		cmocka_unit_test(nothing_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
