/* SPDX-License-Identifier: BSD-3-Clause */
/* kept - see kept.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wardend/clocks.h"
#include "wardend/kept.h"

#define LINE_MAX_LEN (ZONE_NAME_MAX + 32)
#define MARK_INTRO   "mark "

/* Takes one line. */
static void take(char *line, struct zones *own, char *mark)
{
	char *name = strchr(line, ' ');

	if (!name || !zone_name_valid(name + 1))
		return;
	*name++ = '\0';
	if (!strcmp(line, "mark") && !*mark)
		strcpy(mark, name);
	for (unsigned kind = 0; kind < ZONE_KIND_COUNT; kind++)
		if (!strcmp(line, zone_kinds[kind]))
			zones_keep(own, name, kind);
}

int kept_read(const char *path, struct zones *own, char mark[ZONE_NAME_MAX + 1])
{
	FILE *file = fopen(path, "re");
	int failed = !file && errno != ENOENT ? -1 : 0;
	char line[LINE_MAX_LEN];

	zones_clear(own);
	*mark = '\0';
	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		take(line, own, mark);
	}
	if (file)
		fclose(file);
	if (!*mark)
		zones_clear(own);
	zones_settle(own);
	return failed;
}

static void print(FILE *file, const struct zones *zones)
{
	for (size_t i = 0; i < zones->count; i++)
		fprintf(file, "%s %s\n", zone_kinds[zones->item[i].kind], zones->item[i].name);
}

int kept_write(const char *path, const struct zones *own, const struct zones *more, const char *mark)
{
	size_t len = strlen(path) + sizeof(".new");
	char *beside = malloc(len);
	FILE *file = NULL;
	int fd = -1, failed = -1;

	if (beside) {
		snprintf(beside, len, "%s.new", path);
		fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	}
	if (fd >= 0)
		file = fdopen(fd, "w");
	if (file) {
		fprintf(file, MARK_INTRO "%s\n", mark);
		print(file, own);
		print(file, more);
		failed = ferror(file);
		failed = fclose(file) || failed || rename(beside, path) ? -1 : 0;
	} else if (fd >= 0) {
		close(fd);
	}
	free(beside);
	return failed;
}

void kept_mark(char mark[ZONE_NAME_MAX + 1])
{
	uint64_t number;

	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) != (ssize_t)sizeof(number))
		number = clock_nanoseconds() ^ clock_now() << 20 ^ (uint64_t)getpid();
	snprintf(mark, ZONE_NAME_MAX + 1, "wardend-%016llx.invalid.", (unsigned long long)number);
}
