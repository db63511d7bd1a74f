/* SPDX-License-Identifier: BSD-3-Clause */
/* check_built - which of the dynlib-file lines is Warden's, is it a module, and was it built for this Unbound?
 *
 * The module says so in its file (warden/built_for.h) and Unbound with -V; the module itself refuses to run
 * where the two differ (unbound/fingerprint.h), so this tells before a restart what it will say.
 */
#define _GNU_SOURCE /* memmem */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <warden/built_for.h>

#include "check/check_unbound.h"

#define MODULE_MAX (64 << 20) /* octets of a file that is looked at */
#define PACKAGE_MAX 64
#define PACKAGE_INTRO "unbound "

static bool ends_in(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && !strcmp(text + len - end_len, end);
}

unsigned unbound_libraries(const struct unbound *unbound)
{
	unsigned count = 0;

	for (unsigned i = 0; i < unbound->file_count; i++)
		count += ends_in(unbound->file[i], ".so");
	return count;
}

void unbound_read_files(struct unbound *unbound, const char *printed)
{
	char outside[PATH_MAX];

	unbound->file_count = 0;
	unbound->module = -1;
	unbound->warden_conf = NULL;
	while (*printed && unbound->file_count < DYNLIB_FILES_MAX) {
		size_t len = strcspn(printed, "\n");

		if (len)
			snprintf(unbound->file[unbound->file_count++], PATH_MAX, "%.*s", (int)len, printed);
		printed += len + (printed[len] == '\n');
	}
	/* By its name: what is in the file is looked at later. Else one that is not there is ours, mistyped. */
	for (unsigned i = 0; i < unbound->file_count && unbound->module < 0; i++) {
		const char *slash = strrchr(unbound->file[i], '/');

		if (ends_in(unbound->file[i], ".so") && strstr(slash ? slash : unbound->file[i], "warden"))
			unbound->module = (int)i;
	}
	for (unsigned i = 0; i < unbound->file_count && unbound->module < 0; i++) {
		unbound_path(unbound, unbound->file[i], outside, sizeof(outside));
		if (ends_in(unbound->file[i], ".so") && access(outside, F_OK))
			unbound->module = (int)i;
	}
	/* As unbound/adapter.c does. */
	for (unsigned i = (unsigned)(unbound->module + 1);
	     unbound->module >= 0 && i < unbound->file_count && !unbound->warden_conf; i++)
		if (!ends_in(unbound->file[i], ".so"))
			unbound->warden_conf = unbound->file[i];
}

bool built_for(const char *octets, size_t len, char *package, size_t package_len, char *configure,
               size_t configure_len)
{
	const size_t mark_len = strlen(WARDEN_BUILT_FOR);
	const char *end = octets + len, *mark = octets, *line;
	int name_len;

	while ((mark = memmem(mark, (size_t)(end - mark), WARDEN_BUILT_FOR, mark_len))) {
		mark += mark_len;
		line = memchr(mark, '\n', (size_t)(end - mark));
		if (!line || !memchr(line, '\0', (size_t)(end - line)) || line - mark >= PACKAGE_MAX)
			continue;
		name_len = (int)(line - mark);
		if (strncmp(mark, PACKAGE_INTRO, strlen(PACKAGE_INTRO)) != 0)
			continue;
		snprintf(package, package_len, "%.*s", name_len - (int)strlen(PACKAGE_INTRO),
		         mark + strlen(PACKAGE_INTRO));
		snprintf(configure, configure_len, "%s", line + 1);
		return true;
	}
	return false;
}

static bool ends_word(char c)
{
	return !c || c == ' ';
}

/* The word of a configure line at <at>, as `--with-x=y`; the next one when <at> is behind a word. */
static int word_at(const char *line, size_t at, bool next, const char **word)
{
	if (next)
		at += line[at] == ' ';
	while (!next && at && line[at - 1] != ' ')
		at--;
	*word = line + at;
	return (int)strcspn(*word, " ");
}

static void say_difference(struct remarks *remarks, const char *ours, const char *theirs)
{
	const char *our_word, *their_word;
	int our_len, their_len;
	size_t same = 0;
	bool next;

	while (ours[same] && ours[same] == theirs[same])
		same++;
	next = ends_word(ours[same]) && ends_word(theirs[same]);
	our_len = word_at(ours, same, next, &our_word);
	their_len = word_at(theirs, same, next, &their_word);
	remark_add(remarks, REMARK_WRONG, "fingerprint",
	            "warden.so was built for an Unbound of another configure line: the first difference is %.*s "
	            "there, %.*s in `unbound -V`", our_len ? our_len : 7, our_len ? our_word : "nothing",
	            their_len ? their_len : 7, their_len ? their_word : "nothing");
}

/* Compares what is in <octets>. */
static void compare(struct remarks *remarks, const struct unbound *unbound, const char *path,
                    const char *octets, size_t len)
{
	char package[PACKAGE_MAX], configure[sizeof(unbound->configure)];

	if (!built_for(octets, len, package, sizeof(package), configure, sizeof(configure))) {
		remark_add(remarks, REMARK_WRONG, "fingerprint", "%s is not a Warden, or too old a one: it does "
		            "not say which Unbound it was built for", path);
		remark_do(remarks, "dynlib-file: \"/usr/lib/unbound/warden.so\"");
		return;
	}
	if (strcmp(package, unbound->version) != 0)
		remark_add(remarks, REMARK_WRONG, "fingerprint",
		            "warden.so was built for Unbound %s with %.160s, but this is %s", package, configure,
		            unbound->version);
	else if (strcmp(configure, unbound->configure) != 0)
		say_difference(remarks, configure, unbound->configure);
	else {
		remark_add(remarks, REMARK_OK, "fingerprint", "warden.so was built for this Unbound %s", package);
		return;
	}
	remark_do(remarks, "build Warden against the source of this Unbound: ./configure --with-unbound=DIR && make && "
	           "make install (DIR: its source tree, configured as `unbound -V` says),");
	remark_do(remarks, "or, with Debian's packages: scripts/build-deb (doc/packages.md)");
}

/* No line names a warden.conf, as with Debian's package: the module reads the one that it is built for. */
static void check_default_conf(struct remarks *remarks, const struct unbound *unbound)
{
	char outside[PATH_MAX];

	unbound_path(unbound, WARDEN_CONF, outside, sizeof(outside));
	if (!access(outside, F_OK) || errno != ENOENT)
		remark_add(remarks, REMARK_OK, "dynlib-file", "the module reads " WARDEN_CONF ", its default");
	else
		remark_add(remarks, REMARK_NOTE, "dynlib-file", "no line names a warden.conf, and there is no " WARDEN_CONF
		            ": every option has its default");
}

/* Each dynlib module of module-config takes the line of its number, so libraries come first. */
static void check_lines(struct remarks *remarks, const struct unbound *unbound)
{
	bool data_seen = false;

	for (unsigned i = 0; i < unbound->file_count; i++) {
		bool library = ends_in(unbound->file[i], ".so");

		if (library && data_seen) {
			remark_add(remarks, REMARK_WRONG, "dynlib-file", "%s stands behind a file that is no library, "
			            "which Unbound would load in its place", unbound->file[i]);
			remark_do(remarks, "in %s: the .so files first, then warden.conf", unbound->conf);
		}
		data_seen |= !library;
	}
	if (!unbound->warden_conf)
		check_default_conf(remarks, unbound);
}

void check_built(struct remarks *remarks, const struct unbound *unbound)
{
	const char *path = unbound->module >= 0 ? unbound->file[unbound->module] : NULL;
	char outside[PATH_MAX];
	struct stat st;
	void *octets;
	int file;

	if (!path)
		return;
	check_lines(remarks, unbound);
	unbound_path(unbound, path, outside, sizeof(outside));
	file = open(outside, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (file < 0) {
		remark_add(remarks, REMARK_WRONG, "dynlib-file", "%s: %s", outside, strerror(errno));
		if (errno == ENOENT)
			remark_do(remarks, "install Warden (make install puts it into /usr/lib/unbound or so), or name "
			           "the file where it is");
		return;
	}
	octets = !fstat(file, &st) && S_ISREG(st.st_mode) && st.st_size > 0 && st.st_size <= MODULE_MAX
	         ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, file, 0) : MAP_FAILED;
	close(file);
	if (octets == MAP_FAILED) {
		remark_add(remarks, REMARK_WRONG, "dynlib-file", "%s is not a library", outside);
		remark_do(remarks, "dynlib-file: \"/usr/lib/unbound/warden.so\"");
		return;
	}
	compare(remarks, unbound, outside, octets, (size_t)st.st_size);
	munmap(octets, (size_t)st.st_size);
}
