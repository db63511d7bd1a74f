/* SPDX-License-Identifier: BSD-3-Clause */
/* stats_proxy - one conversation with Unbound, and a look at every line of it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/talk.h"
#include "service/control_peer.h"
#include "service/service.h"
#include "service/stats_proxy.h"

#define ANSWER_MAX  (256 * 1024) /* octets: Unbound's with extended statistics and 100 threads fit */
#define ANSWER_TIME 2000         /* milliseconds for all of it */

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"

/* --- lines --------------------------------------------------------------------------------- */

/* Whether <line> is "key=number", and not a key that Warden prints itself. */
static bool is_statistic(const char *line)
{
	size_t key = strspn(line, LETTERS DIGITS "._-"), digits;
	const char *number = line + key + 1;

	if (!key || line[key] != '=' || !strncmp(line, "warden.", 7) || !strncmp(line, "mem.warden.", 11))
		return false;
	number += *number == '-';
	digits = strspn(number, DIGITS);
	if (!digits)
		return false;
	number += digits;
	if (*number == '.')
		number += 1 + strspn(number + 1, DIGITS);
	return !*number;
}

unsigned stats_proxy_lines(char *text, size_t len, FILE *out)
{
	unsigned lines = 0;
	char *newline;

	for (; (newline = memchr(text, '\n', len)); len -= (size_t)(newline + 1 - text), text = newline + 1) {
		*newline = '\0';
		if (strlen(text) == (size_t)(newline - text) && is_statistic(text)) {
			fprintf(out, "%s\n", text);
			lines++;
		}
	}
	return lines;
}

/* --- the conversation ---------------------------------------------------------------------- */

/* Reads until the other side closes. Returns how many octets, or -1 when it does not, or has too many. */
static ssize_t read_all(const struct talk *talk, char *text, size_t room)
{
	size_t len = 0;

	while (len < room) {
		ssize_t n = talk_read(talk, text + len, room - len);

		if (n <= 0)
			return n < 0 ? n : (ssize_t)len;
		len += (size_t)n;
	}
	return -1;
}

/* Asks the socket at <path>. NULL with the answer's lines on <out>, or why there are none. */
static const char *ask(const struct service *service, const char *path, const char *command, FILE *out)
{
	struct talk talk = {
		.stop = service->stop, .deadline = peer_clock() + ANSWER_TIME, .now = peer_clock, .socket = -1,
	};
	const char *fault;
	ssize_t len = -1;
	struct stat file;
	char line[64], *text;
	int line_len;

	if (stat(path, &file))
		return strerror(errno);
	if (file.st_dev == service->control.device && file.st_ino == service->control.inode)
		return "it is Warden's own socket";
	text = malloc(ANSWER_MAX);
	if (!text)
		return "out of memory";
	line_len = snprintf(line, sizeof(line), TALK_GREETING "%s\n", command);
	fault = talk_begin(&talk, path);
	if (!fault && talk_send(&talk, line, (size_t)line_len))
		len = read_all(&talk, text, ANSWER_MAX);
	if (len >= 0)
		fault = stats_proxy_lines(text, (size_t)len, out) ? NULL : "its answer has no statistics";
	else if (!fault)
		fault = "it does not answer";
	talk_end(&talk);
	free(text);
	return fault;
}

void stats_proxy_print(struct service *service, const char *command, FILE *out)
{
	struct warden *warden = service->warden;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path) + 1];
	const char *fault;
	unsigned cell;

	snprintf(path, sizeof(path), "%s", rules_enter(warden, &cell)->config->settings.stats_proxy);
	rules_leave(warden, cell);
	if (!*path)
		return;
	fault = ask(service, path, command, out);
	if (fault && !service->control.alone)
		sentence_say(warden->log, 1, "stats-proxy: %s: %s; stats prints Warden's own keys until then", path,
		             fault);
	else if (!fault && service->control.alone)
		sentence_say(warden->log, 0, "stats-proxy: %s answers again", path);
	service->control.alone = fault != NULL;
}
