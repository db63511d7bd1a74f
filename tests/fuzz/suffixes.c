/* SPDX-License-Identifier: BSD-3-Clause */
/* suffixes - a public suffix list that is read in no time, and files in memory.
 *
 * The whole list takes 30 ms to read under a sanitizer, and a target that opens a configuration for each
 * input would do nothing else. So the targets that are not about it are linked with
 * -Wl,--wrap=suffixes_open; fuzz_name has the list that everybody has.
 */
#define _GNU_SOURCE /* memfd_create */
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "name/suffix.h"

struct suffixes *__wrap_suffixes_open(void);

static const char list[] =
	"// ===BEGIN ICANN DOMAINS===\n"
	"com\nnet\norg\ntest\nexample\nuk\nco.uk\narpa\nin-addr.arpa\nip6.arpa\nck\n*.ck\n!www.ck\n"
	"// ===END ICANN DOMAINS===\n"
	"// ===BEGIN PRIVATE DOMAINS===\n"
	"duckdns.org\ncloudfront.net\n"
	"// ===END PRIVATE DOMAINS===\n";

FILE *file_of(const uint8_t *octets, size_t count)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r+");

	must(file != NULL);
	for (size_t done = 0; done < count;) {
		ssize_t n = write(fd, octets + done, count - done);

		must(n > 0);
		done += (size_t)n;
	}
	must(lseek(fd, 0, SEEK_SET) == 0);
	return file;
}

struct suffixes *__wrap_suffixes_open(void)
{
	FILE *file = file_of((const uint8_t *)list, sizeof(list) - 1);
	struct suffixes *suffixes;
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fileno(file));
	suffixes = suffixes_open_file(path);
	must(suffixes != NULL);
	fclose(file);
	return suffixes;
}
