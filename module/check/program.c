/* SPDX-License-Identifier: BSD-3-Clause */
/* program - fork, exec, and a pipe that is read until it closes or time is over.
 *
 * Invariant: no child is left behind: it is waited for, after SIGKILL when it was too slow.
 */
#define _GNU_SOURCE /* pipe2 */
#include "check/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FALLBACK_PATH "/usr/sbin:/usr/local/sbin:/sbin"

static bool find_in(const char *folders, const char *name, char *path, size_t len)
{
	while (folders && *folders) {
		int folder_len = (int)strcspn(folders, ":");

		if (folder_len && (size_t)snprintf(path, len, "%.*s/%s", folder_len, folders, name) < len &&
		    !access(path, X_OK))
			return true;
		folders += folder_len + (folders[folder_len] == ':');
	}
	return false;
}

bool program_find(const char *name, char *path, size_t len)
{
	if (strchr(name, '/'))
		return (size_t)snprintf(path, len, "%s", name) < len && !access(path, X_OK);
	return find_in(getenv("PATH"), name, path, len) || find_in(FALLBACK_PATH, name, path, len);
}

static int64_t steady_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void become(const char *const argv[], int output)
{
	int nothing = open("/dev/null", O_RDONLY);

	if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
	    dup2(output, STDERR_FILENO) < 0)
		_exit(127);
	execv(argv[0], (char *const *)argv);
	_exit(127);
}

/* Reads until the other end is closed. False when time was over first. */
static bool drain(int from, char *output, size_t len)
{
	int64_t end = steady_clock() + PROGRAM_TIME, left;
	struct pollfd wait = { .fd = from, .events = POLLIN };
	size_t used = 0;
	char rest[4096];

	while ((left = end - steady_clock()) > 0) {
		bool full = used + 1 >= len;
		ssize_t got;

		if (poll(&wait, 1, (int)left) <= 0)
			continue;
		got = full ? read(from, rest, sizeof(rest)) : read(from, output + used, len - 1 - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			output[used] = '\0';
			return true;
		}
		used += full ? 0 : (size_t)got;
	}
	output[used] = '\0';
	return false;
}

static void make_text(char *output, size_t len)
{
	for (size_t i = 0; i + 1 < len && output[i]; i++)
		if ((output[i] < ' ' && output[i] != '\n' && output[i] != '\t') || output[i] == 0x7f)
			output[i] = '?';
}

int program_ask(const char *const argv[], char *output, size_t len)
{
	int ends[2], status = 0;
	bool in_time;
	pid_t child;

	*output = '\0';
	if (pipe2(ends, O_CLOEXEC))
		return -1;
	child = fork();
	if (child == 0)
		become(argv, ends[1]);
	close(ends[1]);
	if (child < 0) {
		close(ends[0]);
		return -1;
	}
	in_time = drain(ends[0], output, len);
	close(ends[0]);
	if (!in_time)
		kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	make_text(output, len);
	return in_time && WIFEXITED(status) && WEXITSTATUS(status) != 127 ? WEXITSTATUS(status) : -1;
}
