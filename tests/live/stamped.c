/* SPDX-License-Identifier: BSD-3-Clause */
/* stamped - runs a program, and puts the time before each line that it says.
 *
 *   stamped PROGRAM ARGUMENTS...      1700000000.123456 what it said
 *
 * Unbound's own log knows seconds only, and what is measured here is less than one. The program keeps the process id,
 * so that who started it can end it; what stamps is its child, and ends with it.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void stamp(FILE *in)
{
	char *line = NULL;
	size_t room = 0;
	struct timespec now;

	/* Whoever ends the program must not end us before its last word. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	while (getline(&line, &room, in) > 0) {
		clock_gettime(CLOCK_REALTIME, &now);
		printf("%lld.%06ld %s", (long long)now.tv_sec, now.tv_nsec / 1000, line);
		fflush(stdout);
	}
	free(line);
}

int main(int argc, char **argv)
{
	int said[2];

	if (argc < 2 || pipe(said)) {
		fputs("usage: stamped PROGRAM ARGUMENTS...\n", stderr);
		return 2;
	}
	switch (fork()) {
	case -1:
		perror("stamped: fork");
		return 1;
	case 0:
		close(said[1]);
		stamp(fdopen(said[0], "r"));
		return 0;
	default:
		dup2(said[1], STDOUT_FILENO);
		dup2(said[1], STDERR_FILENO);
		close(said[0]);
		close(said[1]);
		execvp(argv[1], argv + 1);
		perror(argv[1]);
		return 1;
	}
}
