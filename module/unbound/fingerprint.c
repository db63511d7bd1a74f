/* SPDX-License-Identifier: BSD-3-Clause */
/* fingerprint - finds Unbound's version and configure line in the running program.
 *
 * Invariant: only memory that the program headers declare readable and not writable is
 * looked at, so no other thread can change it meanwhile.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* dl_iterate_phdr */
#endif
#include <link.h>
#include <stdio.h>
#include <string.h>

#include "unbound/fingerprint.h"

/* What stands before the configure line in the output of `unbound -V`. Programs made of
 * Unbound's code without that (its own testbound) have no configure line to compare.
 */
#define CONFIGURE_INTRO "Configure line: "
#define PACKAGE_INTRO "unbound "
#define VERSION_MAX 31

#define REBUILD "rebuild Warden --with-unbound=DIR, the source tree of this Unbound"

struct search {
	struct span *spans;
	unsigned count, max;
};

static int collect(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct search *search = arg;

	(void)size;
	for (unsigned i = 0; i < info->dlpi_phnum && search->count < search->max; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];

		if (segment->p_type != PT_LOAD || (segment->p_flags & (PF_R | PF_W)) != PF_R)
			continue;
		search->spans[search->count++] = (struct span){
			(const char *)(info->dlpi_addr + segment->p_vaddr), segment->p_filesz
		};
	}
	return 1; /* the program itself comes first; its libraries are not asked */
}

unsigned fingerprint_program(struct span *spans, unsigned max)
{
	struct search search = { .spans = spans, .max = max };

	dl_iterate_phdr(collect, &search);
	return search.count;
}

/* First place of the <len> octets of <wanted> in <span>, or NULL. Not memmem(): sanitizers
 * guard the gaps between a program's constants, and this must read over them.
 */
__attribute__((no_sanitize("address")))
static const char *find(struct span span, const char *wanted, size_t len)
{
	if (!len || span.len < len)
		return NULL;
	for (size_t i = 0; i <= span.len - len; i++) {
		size_t same = 0;

		while (same < len && span.start[i + same] == wanted[same])
			same++;
		if (same == len)
			return span.start + i;
	}
	return NULL;
}

static bool holds(const struct span *spans, unsigned count, const char *octets, size_t len)
{
	for (unsigned i = 0; i < count; i++)
		if (find(spans[i], octets, len))
			return true;
	return false;
}

/* Copies the version that <text> begins with, up to its NUL, into <version>. */
__attribute__((no_sanitize("address")))
static bool version_at(struct span text, char version[VERSION_MAX + 1])
{
	bool dotted = false;

	if (!text.len || text.start[0] < '0' || text.start[0] > '9')
		return false;
	for (size_t i = 0; i < text.len && i <= VERSION_MAX; i++) {
		char c = text.start[i];

		version[i] = c;
		if (!c)
			return dotted;
		if (c <= ' ' || c > '~')
			return false;
		dotted |= c == '.';
	}
	return false;
}

static bool find_version(const struct span *spans, unsigned count, char version[VERSION_MAX + 1])
{
	const size_t intro_len = strlen(PACKAGE_INTRO);

	for (unsigned i = 0; i < count; i++) {
		struct span rest = spans[i];
		const char *at;

		while ((at = find(rest, PACKAGE_INTRO, intro_len))) {
			at += intro_len;
			rest.len -= (size_t)(at - rest.start);
			rest.start = at;
			if (version_at(rest, version))
				return true;
		}
	}
	return false;
}

bool fingerprint_matches(const struct span *spans, unsigned count, const char *package,
                         const char *configure, char *error, size_t error_len)
{
	const char *wanted = package;
	char version[VERSION_MAX + 1];

	if (!strncmp(package, PACKAGE_INTRO, strlen(PACKAGE_INTRO)))
		wanted += strlen(PACKAGE_INTRO);
	/* The NUL belongs to what is searched, so that 1.2 does not match 1.22. */
	if (!holds(spans, count, package, strlen(package) + 1)) {
		if (find_version(spans, count, version))
			snprintf(error, error_len,
			         "built against Unbound %s, but this is %s: " REBUILD, wanted, version);
		else
			snprintf(error, error_len,
			         "built against Unbound %s, which this program is not", wanted);
		return false;
	}
	if (holds(spans, count, CONFIGURE_INTRO, strlen(CONFIGURE_INTRO)) &&
	    !holds(spans, count, configure, strlen(configure) + 1)) {
		snprintf(error, error_len, "built against an Unbound %s of another configure line "
		         "than `unbound -V` shows: " REBUILD, wanted);
		return false;
	}
	return true;
}
