/* SPDX-License-Identifier: BSD-3-Clause */
/* holder - unbound-control for thousands of commands: a connection each, several at once, no process.
 *
 *     holder SOCKET PER_SECOND [SECONDS] <COMMANDS
 *
 * Says each line of the standard input to the control socket SOCKET, as unbound-control would, at most
 * PER_SECOND of them a second, and ABREAST at once: so nothing may depend on the order of neighbours. After SECONDS
 * it begins nothing new, but only in front of a line that begins with "hold": what belongs together stays so.
 *
 * A reply that does not begin with "ok" is printed behind its command. The last line is "asked N, holds N, failed N,
 * late N, seconds N, slowest N ms": late are those with more to say than "ok".
 *
 * Invariant: no reply is waited for longer than REPLY_TIME; one that does not come ends it with status 1.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define ABREAST     24
#define REPLY_TIME  30 /* seconds */
#define COMMAND_MAX 512
#define REPLY_MAX   512

struct conversation {
	int sock; /* -1: none */
	double since;
	size_t len;
	char command[COMMAND_MAX], reply[REPLY_MAX];
};

static struct sockaddr_un address = { .sun_family = AF_UNIX };
static struct conversation all[ABREAST];
static unsigned asked, holds, failed, late;
static double slowest;

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void die(const char *what, const char *command)
{
	fprintf(stderr, "holder: %s: %s: %s", what, strerror(errno), command);
	exit(1);
}

static void begin(struct conversation *it, const char *command)
{
	char line[COMMAND_MAX + 8];
	int len = snprintf(line, sizeof(line), "UBCT1 %s", command);

	it->sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (it->sock < 0 || connect(it->sock, (const struct sockaddr *)&address, sizeof(address)))
		die("connect", command);
	if (send(it->sock, line, (size_t)len, MSG_NOSIGNAL) != len)
		die("send", command);
	snprintf(it->command, sizeof(it->command), "%s", command);
	it->len = 0;
	it->since = seconds();
	asked++;
	holds += strncmp(command, "hold", 4) == 0;
}

static void end(struct conversation *it)
{
	double took = seconds() - it->since;

	it->reply[it->len] = '\0';
	close(it->sock);
	it->sock = -1;
	if (took > slowest)
		slowest = took;
	late += strncmp(it->reply, "ok,", 3) == 0;
	if (strncmp(it->reply, "ok", 2) == 0)
		return;
	failed++;
	printf("%.*s: %s\n", (int)strcspn(it->command, "\n"), it->command,
	       it->len ? strtok(it->reply, "\n") : "no reply");
}

/* Takes what has come within <limit> seconds. Returns a place for another conversation, or NULL. */
static struct conversation *take(double limit)
{
	struct pollfd wait[ABREAST];
	struct conversation *place = NULL;

	for (unsigned i = 0; i < ABREAST; i++)
		wait[i] = (struct pollfd){ .fd = all[i].sock, .events = POLLIN };
	poll(wait, ABREAST, limit > 0 ? (int)(limit * 1000) + 1 : 0);
	for (unsigned i = 0; i < ABREAST; i++) {
		struct conversation *it = &all[i];

		if (it->sock >= 0 && wait[i].revents) {
			ssize_t n = recv(it->sock, it->reply + it->len, REPLY_MAX - 1 - it->len, 0);

			if (n > 0)
				it->len += (size_t)n;
			else
				end(it);
		} else if (it->sock >= 0 && seconds() - it->since > REPLY_TIME) {
			die("no reply", it->command);
		}
		if (it->sock < 0)
			place = it;
	}
	return place;
}

static int busy(void)
{
	for (unsigned i = 0; i < ABREAST; i++)
		if (all[i].sock >= 0)
			return 1;
	return 0;
}

int main(int argc, char **argv)
{
	char command[COMMAND_MAX];
	double began = seconds(), per_second, limit;

	if (argc < 3 || argc > 4 || strlen(argv[1]) >= sizeof(address.sun_path)) {
		fputs("usage: holder SOCKET PER_SECOND [SECONDS] <COMMANDS\n", stderr);
		return 2;
	}
	strcpy(address.sun_path, argv[1]);
	per_second = atof(argv[2]);
	limit = argc == 4 ? atof(argv[3]) : 1e9;
	for (unsigned i = 0; i < ABREAST; i++)
		all[i].sock = -1;
	while (fgets(command, sizeof(command), stdin)) {
		double due = began + asked / per_second;
		struct conversation *place;

		if (seconds() - began > limit && strncmp(command, "hold", 4) == 0)
			break;
		do
			place = take(due - seconds());
		while (seconds() < due);
		while (!place)
			place = take(1);
		begin(place, command);
	}
	while (busy())
		take(1);
	printf("asked %u, holds %u, failed %u, late %u, seconds %.1f, slowest %.0f ms\n", asked, holds,
	       failed, late, seconds() - began, slowest * 1000);
	return 0;
}
