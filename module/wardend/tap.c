/* SPDX-License-Identifier: BSD-3-Clause */
/* tap - see tap.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/sentence.h"
#include "store/counters.h"
#include "wardend/stream.h"
#include "wardend/tap.h"
#include "wardend/told.h"

#define BACKLOG 64

/* --- the socket ---------------------------------------------------------------------------- */

static int fault(char *error, size_t error_len, const char *path, const char *what)
{
	return sentence_error(error, error_len, "tap-socket: %s: %s: %m", path, what);
}

/* Removes what a dead process has left. Returns 0 when the path is free. */
static int stale_remove(const struct sockaddr_un *address, char *error, size_t error_len)
{
	const char *path = address->sun_path;
	struct stat file;
	int probe, status;

	if (lstat(path, &file))
		return errno == ENOENT ? 0 : fault(error, error_len, path, "cannot look at it");
	if (!S_ISSOCK(file.st_mode))
		return sentence_error(error, error_len, "tap-socket: %s: there is a file that is not a socket", path);
	probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (probe < 0)
		return fault(error, error_len, path, "socket");
	status = connect(probe, (const struct sockaddr *)address, sizeof(*address)) ? errno : 0;
	close(probe);
	if (!status || status == EAGAIN)
		return sentence_error(error, error_len,
		                      "tap-socket: %s: somebody listens there already, another wardend perhaps",
		                      path);
	if (status != ECONNREFUSED) {
		errno = status;
		return fault(error, error_len, path, "cannot connect to what is there");
	}
	return unlink(path) ? fault(error, error_len, path, "cannot remove the old one") : 0;
}

static int listen_at(struct tap *tap, char *error, size_t error_len)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct stat file;

	if (!*tap->path || strlen(tap->path) >= sizeof(address.sun_path))
		return sentence_error(error, error_len,
		                      "tap-socket: '%s' is no path for a Unix socket: 1 to %zu characters",
		                      tap->path, sizeof(address.sun_path) - 1);
	strcpy(address.sun_path, tap->path);
	if (stale_remove(&address, error, error_len))
		return -1;
	tap->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (tap->listener < 0)
		return fault(error, error_len, tap->path, "socket");
	/* Nobody can connect before listen(), so the mode is in time. */
	if (bind(tap->listener, (struct sockaddr *)&address, sizeof(address)))
		return fault(error, error_len, tap->path,
		             errno == ENOENT ? "its folder is not there" : "cannot be made");
	if (lstat(tap->path, &file) || chmod(tap->path, 0660) || listen(tap->listener, BACKLOG))
		return fault(error, error_len, tap->path, "cannot listen");
	tap->device = file.st_dev;
	tap->inode = file.st_ino;
	return 0;
}

int tap_open(struct tap *tap, struct warden *warden, const char *path, char *error, size_t error_len)
{
	tap->warden = warden;
	tap->listener = -1;
	tap->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	tap->path = strdup(path);
	pthread_mutex_init(&tap->lock, NULL);
	pthread_cond_init(&tap->seated, NULL);
	for (unsigned i = 0; i < TAP_SEATS; i++)
		tap->seat[i] = (struct seat){ .tap = tap, .socket = -1 };
	if (tap->stop < 0 || !tap->path)
		return sentence_error(error, error_len, "tap-socket: out of memory or descriptors");
	return listen_at(tap, error, error_len);
}

void tap_close(struct tap *tap)
{
	struct stat file;
	uint64_t one = 1;

	pthread_mutex_lock(&tap->lock);
	tap->ending = true;
	pthread_cond_broadcast(&tap->seated);
	pthread_mutex_unlock(&tap->lock);
	if (tap->stop >= 0 && write(tap->stop, &one, sizeof(one)) < 0)
		sentence_say(tap->warden->log, 1, "cannot wake the threads of tap-socket: %m");
	for (unsigned i = 0; i < TAP_SEATS; i++)
		if (tap->seat[i].running)
			pthread_join(tap->seat[i].thread, NULL);
	if (tap->inode && !lstat(tap->path, &file) && file.st_dev == tap->device && file.st_ino == tap->inode)
		unlink(tap->path);
	if (tap->listener >= 0)
		close(tap->listener);
	if (tap->stop >= 0)
		close(tap->stop);
	pthread_cond_destroy(&tap->seated);
	pthread_mutex_destroy(&tap->lock);
	free(tap->path);
}

/* --- seats --------------------------------------------------------------------------------- */

static void serve(struct tap *tap, int socket)
{
	const char *why = "memory is short";
	struct told *told = malloc(sizeof(*told));

	if (told && told_open(told, tap->warden, tap->spared, tap->changed, tap->arg)) {
		const struct stream stream = {
			.socket = socket, .stop = tap->stop, .frame = told_frame, .arg = told,
			.handshake_time = STREAM_HANDSHAKE_TIME, .frame_time = STREAM_FRAME_TIME,
		};

		why = stream_read(&stream);
	}
	if (why)
		sentence_say(tap->warden->log, 1, "tap-socket: a resolver is let go after %llu frames: %s",
		             told ? (unsigned long long)told->frames : 0, why);
	if (told)
		told_close(told);
	free(told);
}

/* Under <lock>. */
static void taken_change(struct tap *tap, int by)
{
	tap->taken += (unsigned)by;
	gauge_set(tap->warden->mapping.header, GAUGE_tap_connections, tap->taken);
}

static void *seat_main(void *arg)
{
	struct seat *seat = arg;
	struct tap *tap = seat->tap;

	pthread_mutex_lock(&tap->lock);
	while (!tap->ending) {
		if (seat->socket < 0) {
			pthread_cond_wait(&tap->seated, &tap->lock);
			continue;
		}
		pthread_mutex_unlock(&tap->lock);
		serve(tap, seat->socket);
		pthread_mutex_lock(&tap->lock);
		close(seat->socket);
		seat->socket = -1;
		taken_change(tap, -1);
	}
	if (seat->socket >= 0)
		close(seat->socket);
	seat->socket = -1;
	pthread_mutex_unlock(&tap->lock);
	return NULL;
}

/* Under <lock>: a free seat whose thread runs. NULL when there is none. */
static struct seat *free_seat(struct tap *tap)
{
	for (unsigned i = 0; i < TAP_SEATS; i++) {
		struct seat *seat = &tap->seat[i];

		if (seat->socket >= 0)
			continue;
		if (!seat->running)
			seat->running = !pthread_create(&seat->thread, NULL, seat_main, seat);
		return seat->running ? seat : NULL;
	}
	return NULL;
}

static bool sit_down(struct tap *tap, int socket)
{
	struct seat *seat;

	pthread_mutex_lock(&tap->lock);
	seat = free_seat(tap);
	if (seat) {
		seat->socket = socket;
		taken_change(tap, 1);
		pthread_cond_broadcast(&tap->seated);
	}
	pthread_mutex_unlock(&tap->lock);
	return seat;
}

bool tap_accept(struct tap *tap)
{
	int socket = accept4(tap->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	bool passes = socket >= 0 || errno == EAGAIN || errno == EINTR || errno == ECONNABORTED;

	if (!passes && !tap->short_of)
		sentence_say(tap->warden->log, 1, "tap-socket: a resolver has to wait: %m");
	tap->short_of = !passes;
	if (socket < 0)
		return passes;
	if (sit_down(tap, socket)) {
		tap->turned_away = false;
		tap->came(tap->arg);
		return true;
	}
	close(socket);
	if (!tap->turned_away)
		sentence_say(tap->warden->log, 1, "tap-socket: a resolver is turned away: there is room for %d",
		             TAP_SEATS);
	tap->turned_away = true;
	return true;
}

uint64_t tap_rate(struct tap *tap, uint64_t frames, int64_t now)
{
	int64_t time = now - tap->rated;
	uint64_t rate = tap->rated && time > 0 ? (frames - tap->frames) * 1000 / (uint64_t)time : 0;

	tap->frames = frames;
	tap->rated = now;
	return rate;
}

unsigned tap_count(struct tap *tap)
{
	unsigned taken;

	pthread_mutex_lock(&tap->lock);
	taken = tap->taken;
	pthread_mutex_unlock(&tap->lock);
	return taken;
}
