/* SPDX-License-Identifier: BSD-3-Clause */
/* include - reads files whole: a configuration is small, and flex scans in place. */
#include "engine/include.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define FILE_MAX (4u << 20) /* octets of one configuration file */

/* Origins point to names, so these outlive the draft. */
const char *include_keep(struct config *config, const char *path)
{
	size_t size = strlen(path) + 1;
	struct config_source *source = malloc(sizeof(*source) + size);

	if (!source)
		return NULL;
	memcpy(source->path, path, size);
	source->next = config->sources;
	config->sources = source;
	return source->path;
}

void include_free(struct config *config)
{
	while (config->sources) {
		struct config_source *source = config->sources;

		config->sources = source->next;
		free(source);
	}
}

/* Remembers the folder in which a pattern is looked for: files may come into it. */
static void keep_folder(struct config *config, const char *pattern)
{
	char *folder = strdup(pattern), *slash = folder ? strrchr(folder, '/') : NULL;

	if (slash)
		*slash = '\0';
	if (folder)
		include_keep(config, slash ? folder : ".");
	free(folder);
}

char *include_path(const char *file, const char *path)
{
	const char *slash = file ? strrchr(file, '/') : NULL;
	size_t folder = slash && path[0] != '/' ? (size_t)(slash - file) + 1 : 0;
	char *whole = malloc(folder + strlen(path) + 1);

	if (!whole)
		return NULL;
	if (folder)
		memcpy(whole, file, folder);
	strcpy(whole + folder, path);
	return whole;
}

FILE *include_open(const char *path)
{
	struct stat status;

	if (stat(path, &status))
		return NULL;
	if (!S_ISREG(status.st_mode) && !(S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3))) {
		errno = S_ISDIR(status.st_mode) ? EISDIR : ENOTSUP;
		return NULL;
	}
	return fopen(path, "re");
}

const char *include_why(int error)
{
	return error == ENOTSUP ? "it is a device, a pipe or a socket, and must be a file" : strerror(error);
}

/* Reads <in> to its end, with the two octets 0 behind it. Returns 0 or -errno. */
static int read_text(struct source *source, FILE *in)
{
	size_t size = 0, got;
	char *grown;

	do {
		size = size ? size * 2 : 4096;
		grown = realloc(source->text, size);
		if (!grown)
			return -ENOMEM;
		source->text = grown;
		errno = 0;
		got = fread(source->text + source->len, 1, size - source->len - 2, in);
		if (ferror(in))
			return errno ? -errno : -EIO;
		source->len += got;
		if (source->len > FILE_MAX)
			return -EFBIG;
	} while (source->len == size - 2);
	memset(source->text + source->len, 0, 2);
	return 0;
}

static int load(struct source *source)
{
	FILE *in = include_open(source->file);
	struct stat status;
	int result;

	if (!in)
		return -errno;
	result = fstat(fileno(in), &status) ? -errno : read_text(source, in);
	if (!result) {
		source->device = status.st_dev;
		source->inode = status.st_ino;
	}
	fclose(in);
	return result;
}

static bool includes_itself(const struct source *source)
{
	for (const struct source *above = source->parent; above; above = above->parent)
		if (above->device == source->device && above->inode == source->inode)
			return true;
	return false;
}

static int line_of(const char *text, const char *end)
{
	int line = 1;

	for (; text < end; text++)
		line += *text == '\n';
	return line;
}

static void parse(struct source *source, struct origin at)
{
	const char *zero = memchr(source->text, 0, source->len);

	if (zero)
		draft_fault(source->draft,
		            (struct origin){ source->file, line_of(source->text, zero) },
		            "an octet 0: this is not a text file");
	else if (includes_itself(source))
		draft_fault(source->draft, at, "include: '%s' includes itself", source->file);
	else if (source_parse(source))
		draft_fault(source->draft, at, "out of memory");
}

void include_file(struct draft *draft, const struct source *parent, struct origin at,
                  const char *path)
{
	struct source source = { .draft = draft, .parent = parent,
	                         .depth = parent ? parent->depth + 1 : 0 };
	int result;

	source.file = include_keep(draft->config, path);
	if (!source.file) {
		draft_fault(draft, at, "out of memory");
		return;
	}
	if (source.depth > INCLUDE_DEPTH) {
		draft_fault(draft, at, "include: more than %d files deep", INCLUDE_DEPTH);
		return;
	}
	result = load(&source);
	if (result)
		draft_fault(draft, at, "%scannot read '%s': %s", parent ? "include: " : "", path,
		            include_why(-result));
	else
		parse(&source, at);
	free(source.text);
}

void include_pattern(const struct source *parent, struct origin at, const char *pattern)
{
	struct draft *draft = parent->draft;
	char *path = include_path(parent->file, pattern);
	glob_t found;
	int result;

	if (!path) {
		draft_fault(draft, at, "out of memory");
		return;
	}
	if (!strpbrk(pattern, "*?[")) {
		include_file(draft, parent, at, path);
		free(path);
		return;
	}
	keep_folder(draft->config, path);
	result = glob(path, 0, NULL, &found);
	/* As in Unbound, a pattern may match nothing: a folder may be empty. */
	if (!result)
		for (size_t i = 0; i < found.gl_pathc; i++)
			include_file(draft, parent, at, found.gl_pathv[i]);
	else if (result != GLOB_NOMATCH)
		draft_fault(draft, at, "include: cannot look for '%s'", path);
	globfree(&found);
	free(path);
}
