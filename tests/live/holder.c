/* SPDX-License-Identifier: BSD-3-Clause */
/* holder - unbound-control for thousands of commands: one connection each, no process.
 *
 *     holder SOCKET PER_SECOND <COMMANDS
 *
 * Says each line of the standard input to the control socket SOCKET, as unbound-control would, at most
 * PER_SECOND of them a second. A reply other than "ok" is printed behind its command. The last line is
 * "asked N, failed N, seconds N, slowest N ms".
 *
 * Invariant: no reply is waited for longer than REPLY_TIME; one that does not come ends it with status 1.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define REPLY_TIME 20 /* seconds */
#define REPLY_MAX  4096

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int talk_to(const struct sockaddr_un *address)
{
	struct timeval patience = { .tv_sec = REPLY_TIME };
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (sock < 0 || setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) ||
	    setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) ||
	    connect(sock, (const struct sockaddr *)address, sizeof(*address))) {
		perror("holder: connect");
		exit(1);
	}
	return sock;
}

/* Says <command>, which ends in a newline. Its reply, as much as fits, is in <reply>. */
static void say(const struct sockaddr_un *address, const char *command, char reply[REPLY_MAX])
{
	int sock = talk_to(address);
	char line[REPLY_MAX];
	int line_len = snprintf(line, sizeof(line), "UBCT1 %s", command);
	size_t len = 0;
	ssize_t n = send(sock, line, (size_t)line_len, MSG_NOSIGNAL);

	if (n == line_len)
		do {
			n = recv(sock, reply + len, REPLY_MAX - 1 - len, 0);
			if (n > 0)
				len += (size_t)n;
		} while (n > 0 && len < REPLY_MAX - 1);
	if (n < 0 || len == 0) {
		fprintf(stderr, "holder: no reply to %s", command);
		exit(1);
	}
	reply[len] = '\0';
	close(sock);
}

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	unsigned asked = 0, failed = 0;
	double began = seconds(), slowest = 0, per_second;
	char command[REPLY_MAX / 2], reply[REPLY_MAX];

	if (argc != 3 || strlen(argv[1]) >= sizeof(address.sun_path)) {
		fputs("usage: holder SOCKET PER_SECOND <COMMANDS\n", stderr);
		return 2;
	}
	strcpy(address.sun_path, argv[1]);
	per_second = atof(argv[2]);
	while (fgets(command, sizeof(command), stdin)) {
		double early = began + asked / per_second - seconds(), start;

		if (early > 0.001)
			usleep((useconds_t)(early * 1e6));
		start = seconds();
		say(&address, command, reply);
		if (seconds() - start > slowest)
			slowest = seconds() - start;
		asked++;
		if (strcmp(reply, "ok\n") != 0) {
			failed++;
			printf("%.*s: %s", (int)strcspn(command, "\n"), command, reply);
		}
	}
	printf("asked %u, failed %u, seconds %.1f, slowest %.0f ms\n", asked, failed,
	       seconds() - began, slowest * 1000);
	return 0;
}
