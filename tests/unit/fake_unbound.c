/* SPDX-License-Identifier: BSD-3-Clause */
/* fake_unbound - see fake_unbound.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fake_unbound.h"

#define MARK "wardend-"

/* --- zones, under <lock> ------------------------------------------------------------------- */

static bool is_named(const char *zone, const char *name, size_t len)
{
	return !strncmp(zone, name, len) && (zone[len] == ' ' || !zone[len]);
}

static bool forget(struct fake_unbound *fake, const char *name)
{
	size_t len = strcspn(name, " ");

	if (*fake->refused && strstr(name, fake->refused))
		return false;
	for (unsigned i = 0; i < fake->zones; i++)
		if (is_named(fake->zone[i], name, len))
			memmove(fake->zone[i], fake->zone[--fake->zones], sizeof(*fake->zone));
	return true; /* to Unbound a zone that is not there is no fault */
}

static bool set(struct fake_unbound *fake, const char *line)
{
	if (fake->zones == FAKE_ZONES || !forget(fake, line))
		return false;
	snprintf(fake->zone[fake->zones++], sizeof(*fake->zone), "%s", line);
	return true;
}

/* --- a command ----------------------------------------------------------------------------- */

/* Whether <socket> can be read before it is all over. */
static bool waits(const struct fake_unbound *fake, int socket, int limit)
{
	struct pollfd wait[2] = { { .fd = fake->stop, .events = POLLIN }, { .fd = socket, .events = POLLIN } };

	return poll(wait, 2, limit) > 0 && !wait[0].revents;
}

/* False when nobody wants to hear it. */
static bool put(int socket, const char *text)
{
	return send(socket, text, strlen(text), MSG_NOSIGNAL) > 0;
}

static void list(struct fake_unbound *fake, int socket)
{
	char line[320];

	fake->lists++;
	for (unsigned i = 0; i < fake->zones; i++) {
		snprintf(line, sizeof(line), "%s\n", fake->zone[i]);
		put(socket, line);
	}
}

static void change(struct fake_unbound *fake, int socket, char *lines, bool sets)
{
	unsigned done = 0;
	char answer[64], *line;

	fake->sets += sets;
	fake->removals += !sets;
	while ((line = strsep(&lines, "\n")))
		if (*line && *line != '\004')
			done += sets ? set(fake, line) : forget(fake, line);
	snprintf(answer, sizeof(answer), "%s %u zones\n", sets ? "added" : "removed", done);
	put(socket, answer);
}

static void obey(struct fake_unbound *fake, int socket, char *text)
{
	char *lines = strchr(text, '\n') + 1;

	pthread_mutex_lock(&fake->lock);
	if (!strncmp(text, "UBCT1 list_local_zones\n", 23))
		list(fake, socket);
	else if (!strncmp(text, "UBCT1 local_zones\n", 18))
		change(fake, socket, lines, true);
	else if (!strncmp(text, "UBCT1 local_zones_remove\n", 25))
		change(fake, socket, lines, false);
	else
		put(socket, "error unknown command\n");
	pthread_mutex_unlock(&fake->lock);
}

static bool is_whole(const char *text)
{
	return strstr(text, "list_local_zones\n") || strstr(text, "\n\004\n");
}

static void converse(struct fake_unbound *fake, int socket)
{
	char text[64 * 1024];
	size_t len = 0;

	do {
		ssize_t n = waits(fake, socket, 2000) ? recv(socket, text + len, sizeof(text) - 1 - len, 0) : 0;

		if (n <= 0)
			return;
		len += (size_t)n;
		text[len] = '\0';
	} while (!is_whole(text));
	while (fake->silent)
		if (poll(&(struct pollfd){ .fd = fake->stop, .events = POLLIN }, 1, 5))
			return;
	while (fake->endless && put(socket, fake->endless))
		;
	if (fake->instead)
		put(socket, fake->instead);
	else
		obey(fake, socket, text);
	if (fake->late && strstr(text, " local_zones\n"))
		waits(fake, -1, 500);
}

static void *serve(void *arg)
{
	struct fake_unbound *fake = arg;

	while (waits(fake, fake->listener, -1)) {
		int socket = accept(fake->listener, NULL, NULL);

		if (socket < 0)
			continue;
		converse(fake, socket);
		close(socket);
	}
	return NULL;
}

/* --- what a test does ---------------------------------------------------------------------- */

void fake_unbound_rise(struct fake_unbound *fake)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	strcpy(address.sun_path, fake->path);
	fake->stop = eventfd(0, EFD_CLOEXEC);
	fake->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fake->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fake->listener, 8), 0);
	assert_int_equal(pthread_create(&fake->thread, NULL, serve, fake), 0);
}

void fake_unbound_die(struct fake_unbound *fake)
{
	uint64_t one = 1;

	assert_int_equal(write(fake->stop, &one, sizeof(one)), sizeof(one));
	pthread_join(fake->thread, NULL);
	close(fake->listener);
	close(fake->stop);
	unlink(fake->path);
	fake->zones = 0;
}

void fake_unbound_open(struct fake_unbound *fake, const char *path)
{
	memset(fake, 0, sizeof(*fake));
	snprintf(fake->path, sizeof(fake->path), "%s", path);
	pthread_mutex_init(&fake->lock, NULL);
	fake_unbound_rise(fake);
}

void fake_unbound_close(struct fake_unbound *fake)
{
	fake_unbound_die(fake);
	pthread_mutex_destroy(&fake->lock);
}

void fake_unbound_set(struct fake_unbound *fake, const char *line)
{
	pthread_mutex_lock(&fake->lock);
	assert_true(set(fake, line));
	pthread_mutex_unlock(&fake->lock);
}

void fake_unbound_forget(struct fake_unbound *fake, const char *name)
{
	pthread_mutex_lock(&fake->lock);
	assert_true(forget(fake, name));
	pthread_mutex_unlock(&fake->lock);
}

void fake_unbound_refuse(struct fake_unbound *fake, const char *text)
{
	pthread_mutex_lock(&fake->lock);
	snprintf(fake->refused, sizeof(fake->refused), "%s", text);
	pthread_mutex_unlock(&fake->lock);
}

bool fake_unbound_has(struct fake_unbound *fake, const char *line)
{
	bool has = false, kind = strchr(line, ' ');

	pthread_mutex_lock(&fake->lock);
	for (unsigned i = 0; i < fake->zones; i++)
		has |= kind ? !strcmp(fake->zone[i], line) : is_named(fake->zone[i], line, strlen(line));
	pthread_mutex_unlock(&fake->lock);
	return has;
}

unsigned fake_unbound_marks(struct fake_unbound *fake)
{
	unsigned marks = 0;

	pthread_mutex_lock(&fake->lock);
	for (unsigned i = 0; i < fake->zones; i++)
		marks += !strncmp(fake->zone[i], MARK, sizeof(MARK) - 1);
	pthread_mutex_unlock(&fake->lock);
	return marks;
}

unsigned fake_unbound_count(struct fake_unbound *fake)
{
	unsigned all;

	pthread_mutex_lock(&fake->lock);
	all = fake->zones;
	pthread_mutex_unlock(&fake->lock);
	return all - fake_unbound_marks(fake);
}
