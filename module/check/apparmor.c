/* SPDX-License-Identifier: BSD-3-Clause */
/* apparmor - globs, file rules, includes, and lines of the kernel's log.
 *
 * Invariant: reading is bounded, in octets, lines, files, depth and steps, whatever the files hold. Lines count
 * wherever they stand: those that only include leave nothing in the text, and a file may include itself.
 */
#include "check/apparmor.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TEXT_MAX    (512 << 10) /* octets of a profile with all that it includes */
#define LINES_MAX   50000 /* of the same */
#define FILES_MAX   1000
#define DEPTH_MAX   6
#define FOLDER_MAX  256
#define PATTERN_MAX 1024
#define STEPS_MAX   100000 /* of a match; who needs more matches nothing */

/* --- globs --------------------------------------------------------------------------------- */

static bool match(const char *glob, const char *path, unsigned depth, unsigned *steps);

/* End of the group that begins at <open>, at its `}`; NULL without one. <comma> is the first separator. */
static const char *group_end(const char *open)
{
	unsigned depth = 0;

	for (const char *at = open; *at; at++) {
		depth += *at == '{';
		if (*at == '}' && --depth == 0)
			return at;
	}
	return NULL;
}

static bool match_group(const char *glob, const char *path, unsigned depth, unsigned *steps)
{
	const char *end = group_end(glob), *from = glob + 1;
	char pattern[PATTERN_MAX];
	unsigned inner = 0;

	if (!end || depth == 16)
		return false;
	for (const char *at = from; at <= end; at++) {
		if (at == end || (*at == ',' && !inner)) {
			if ((size_t)snprintf(pattern, sizeof(pattern), "%.*s%s", (int)(at - from), from, end + 1) >=
			    sizeof(pattern))
				return false;
			if (match(pattern, path, depth + 1, steps))
				return true;
			from = at + 1;
		}
		inner += *at == '{';
		inner -= *at == '}' && at != end;
	}
	return false;
}

static bool match_class(const char **glob, char c)
{
	const char *at = *glob + 1;
	bool negated = *at == '^', in = false;

	for (at += negated; *at && *at != ']'; at++) {
		if (at[1] == '-' && at[2] && at[2] != ']') {
			in |= c >= at[0] && c <= at[2];
			at += 2;
		} else {
			in |= *at == c;
		}
	}
	*glob = *at ? at + 1 : at;
	return in != negated && c && c != '/';
}

static bool match(const char *glob, const char *path, unsigned depth, unsigned *steps)
{
	for (; *glob; path++) {
		if (++*steps > STEPS_MAX)
			return false;
		if (*glob == '{')
			return match_group(glob, path, depth, steps);
		if (*glob == '*') {
			bool any = glob[1] == '*';

			glob += any ? 2 : 1;
			for (;; path++) {
				if (match(glob, path, depth, steps))
					return true;
				if (!*path || (*path == '/' && !any))
					return false;
			}
		}
		if (*glob == '[') {
			if (!match_class(&glob, *path))
				return false;
			continue;
		}
		if (*glob == '?') {
			if (!*path || *path == '/')
				return false;
		} else {
			glob += *glob == '\\' && glob[1];
			if (*glob != *path)
				return false;
		}
		glob++;
	}
	return !*path;
}

bool apparmor_matches(const char *glob, const char *path)
{
	unsigned steps = 0;

	return match(glob, path, 0, &steps);
}

/* --- rules --------------------------------------------------------------------------------- */

/* What Debian's tunables say. */
static const struct {
	const char *name, *glob;
} variables[] = {
	{ "@{run}", "{/run,/var/run}" },
	{ "@{PROC}", "/proc" },
	{ "@{sys}", "/sys" },
	{ "@{etc_ro}", "{/etc,/usr/etc}" },
	{ "@{etc_rw}", "{/etc,/usr/etc}" },
	{ "@{multiarch}", "*-linux-gnu*" },
	{ "@{pid}", "[0-9]*" },
};
#define VARIABLE_COUNT (sizeof(variables) / sizeof(*variables))

/* Copies a pattern with its variables written out. <known> is false when one is not: it stands for anything. */
static void expand(const char *from, size_t len, char pattern[PATTERN_MAX], bool *known)
{
	size_t used = 0;

	*known = true;
	for (size_t i = 0; i < len && used + 1 < PATTERN_MAX; ) {
		const char *glob = NULL;
		size_t name_len = 1;

		if (from[i] == '@' && i + 1 < len && from[i + 1] == '{') {
			name_len = strcspn(from + i, "}") + 1;
			glob = "**";
			for (size_t v = 0; v < VARIABLE_COUNT; v++)
				if (strlen(variables[v].name) == name_len && !strncmp(variables[v].name, from + i, name_len))
					glob = variables[v].glob;
			*known &= strcmp(glob, "**") != 0;
		}
		if (glob)
			used += (size_t)snprintf(pattern + used, PATTERN_MAX - used, "%s", glob);
		else
			pattern[used++] = from[i];
		i += name_len;
	}
	pattern[used < PATTERN_MAX ? used : PATTERN_MAX - 1] = '\0';
}

struct rule {
	char pattern[PATTERN_MAX];
	unsigned permissions;
	bool deny, known;
};

static unsigned permissions_of(const char *word, size_t len)
{
	static const char letters[] = "rwmk", others[] = "alixXpPcCuU";
	unsigned permissions = 0;

	for (size_t i = 0; i < len; i++) {
		const char *letter = strchr(letters, word[i]);

		if (letter)
			permissions |= 1u << (letter - letters);
		else if (!strchr(others, word[i]))
			return 0;
	}
	return permissions;
}

/* Octets of the word at <text>: quoted, or up to a blank or the rule's comma. 0 for a quote without its end. */
static size_t word_len(const char *text)
{
	unsigned depth = 0;
	size_t len = 0;

	if (*text == '"') {
		len = 1 + strcspn(text + 1, "\"\n");
		return text[len] == '"' ? len + 1 : 0;
	}
	for (; text[len] && !strchr(" \t\n", text[len]); len++) {
		depth += text[len] == '{';
		depth -= text[len] == '}' && depth;
		if (text[len] == ',' && !depth)
			break;
	}
	return len;
}

/* Reads a file rule: qualifiers, then path and permissions in either order. */
static bool rule_read(struct rule *rule, const char *line)
{
	static const char *const qualifiers[] = { "audit", "allow", "owner", "file", "deny" };
	const char *path = NULL;
	size_t path_len = 0;

	*rule = (struct rule){ .known = true };
	while (*(line += strspn(line, " \t")) && !strchr(",\n#", *line)) {
		size_t len = word_len(line);
		bool qualifier = false;

		if (!len)
			return false;
		for (size_t i = 0; i < 5; i++)
			qualifier |= strlen(qualifiers[i]) == len && !strncmp(line, qualifiers[i], len);
		if (qualifier && !path && !rule->permissions) {
			rule->deny |= *line == 'd';
		} else if (!path && (*line == '/' || *line == '"' || *line == '@' || *line == '{')) {
			path = line + (*line == '"');
			path_len = len - 2 * (*line == '"');
		} else if (!rule->permissions && (rule->permissions = permissions_of(line, len))) {
			;
		} else {
			break; /* a target of links and transitions, or no file rule at all */
		}
		line += len;
	}
	if (!path)
		return false;
	expand(path, path_len, rule->pattern, &rule->known);
	return rule->permissions != 0;
}

void apparmor_permits(const char *text, const char *path, unsigned *allowed, unsigned *unsure)
{
	unsigned denied = 0;
	struct rule rule;

	*allowed = *unsure = 0;
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		if (!strncmp(text + strspn(text, " \t"), "file,", 5)) {
			*allowed = APPARMOR_ALL;
			continue;
		}
		if (!rule_read(&rule, text) || !apparmor_matches(rule.pattern, path))
			continue;
		if (!rule.known)
			*unsure |= rule.permissions;
		else if (rule.deny)
			denied |= rule.permissions;
		else
			*allowed |= rule.permissions;
	}
	*allowed &= ~denied;
	*unsure &= ~*allowed & ~denied;
}

void apparmor_letters(unsigned permissions, char text[5])
{
	static const char letters[] = "rwmk";
	size_t used = 0;

	for (unsigned i = 0; letters[i]; i++)
		if (permissions >> i & 1)
			text[used++] = letters[i];
	text[used] = '\0';
}

/* --- files --------------------------------------------------------------------------------- */

/* A text that grows, and what has been read for it. */
struct loading {
	const char *folder;
	char *text;
	size_t used;
	unsigned lines, files;
	bool complete;
};

/* Whether there has been too much of it, after which nothing more is read. */
static bool is_spent(const struct loading *loading)
{
	return loading->lines >= LINES_MAX || loading->files >= FILES_MAX;
}

static bool load(struct loading *loading, const char *path, unsigned depth);

/* A folder that is included means the files in it. */
static bool load_folder(struct loading *loading, const char *path, unsigned depth)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	bool good = folder != NULL;

	for (unsigned i = 0; folder && i < FOLDER_MAX && !is_spent(loading) && (entry = readdir(folder)); i++) {
		char file[PATH_MAX];

		if (*entry->d_name != '.')
			good &= (size_t)snprintf(file, sizeof(file), "%s/%s", path, entry->d_name) < sizeof(file) &&
			        load(loading, file, depth);
	}
	if (folder)
		closedir(folder);
	return good;
}

/* <abstractions/base>, "local/x", /etc/apparmor.d/y; `if exists` may be missing. */
static void load_included(struct loading *loading, const char *line, unsigned depth)
{
	bool may_miss = false;
	char path[PATH_MAX];
	struct stat file;
	int len;

	line += strspn(line, " \t");
	if (!strncmp(line, "if exists", 9)) {
		may_miss = true;
		line += 9 + strspn(line + 9, " \t");
	}
	line += *line == '<' || *line == '"';
	len = (int)strcspn(line, ">\"\n");
	if (*line == '/')
		snprintf(path, sizeof(path), "%.*s", len, line);
	else
		snprintf(path, sizeof(path), "%s/%.*s", loading->folder, len, line);
	if (stat(path, &file))
		loading->complete &= may_miss && errno == ENOENT;
	else if (!(S_ISDIR(file.st_mode) ? load_folder(loading, path, depth) : load(loading, path, depth)))
		loading->complete = false;
}

static bool load(struct loading *loading, const char *path, unsigned depth)
{
	char line[PATTERN_MAX];
	FILE *file = depth < DEPTH_MAX && !is_spent(loading) ? fopen(path, "re") : NULL;

	if (!file)
		return false;
	loading->files++;
	while (fgets(line, sizeof(line), file)) {
		const char *start = line + strspn(line, " \t");
		size_t len = strlen(line);

		if (is_spent(loading)) {
			loading->complete = false;
			break;
		}
		loading->lines++;
		start += *start == '#' && !strncmp(start + 1, "include", 7);
		if (!strncmp(start, "include", 7) && strchr(" \t<", start[7])) {
			load_included(loading, start + 7, depth + 1);
			continue;
		}
		if (loading->used + len + 1 > TEXT_MAX) {
			loading->complete = false;
			break;
		}
		memcpy(loading->text + loading->used, line, len + 1);
		loading->used += len;
	}
	fclose(file);
	return true;
}

char *apparmor_load(const char *folder, const char *name, bool *complete)
{
	struct loading loading = { .folder = folder, .text = calloc(1, TEXT_MAX), .complete = true };
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (loading.text && !load(&loading, path, 0)) {
		free(loading.text);
		loading.text = NULL;
	}
	*complete = loading.complete;
	return loading.text;
}

/* --- the kernel's log ---------------------------------------------------------------------- */

/* Copies the quoted value of <key> ("name=") from <line>. */
static bool value_of(const char *line, const char *key, char *value, size_t len)
{
	const char *at = strstr(line, key);
	int value_len;

	if (!at)
		return false;
	at += strlen(key);
	if (*at != '"')
		return false; /* the kernel writes odd names in hexadecimal: not ours */
	value_len = (int)strcspn(at + 1, "\"\n");
	return at[1 + value_len] == '"' && (size_t)snprintf(value, len, "%.*s", value_len, at + 1) < len;
}

bool apparmor_denial(const char *line, char *path, size_t path_len, char *mask, size_t mask_len)
{
	char profile[128];
	size_t len;

	if (!strstr(line, "apparmor=\"DENIED\"") || !value_of(line, " profile=", profile, sizeof(profile)))
		return false;
	len = strlen(profile);
	if (len < 7 || strcmp(profile + len - 7, "unbound") != 0)
		return false;
	return value_of(line, " name=", path, path_len) && value_of(line, " denied_mask=", mask, mask_len);
}
