/* SPDX-License-Identifier: BSD-3-Clause */
/* served - an engine with its service, on files of its own. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "name/name.h"
#include "report/address.h"
#include "served.h"

char folder[64], socket_path[128], events_path[128], served_config[128];
struct warden_mirror served_mirror;

static pthread_mutex_t logged_lock = PTHREAD_MUTEX_INITIALIZER;
static char logged[16384];

static void on_log(int is_error, const char *sentence)
{
	size_t len;

	pthread_mutex_lock(&logged_lock);
	len = strlen(logged);
	snprintf(logged + len, sizeof(logged) - len, "%s: %s\n", is_error ? "error" : "info",
	         sentence);
	pthread_mutex_unlock(&logged_lock);
}

bool was_logged(const char *text)
{
	bool found;

	pthread_mutex_lock(&logged_lock);
	found = strstr(logged, text);
	pthread_mutex_unlock(&logged_lock);
	return found;
}

uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec / 1000000;
}

void nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 20 * 1000000 }, NULL);
}

/* --- an engine in a folder ----------------------------------------------------------------- */

void config_write(const char *more)
{
	FILE *file = fopen(served_config, "w");

	assert_non_null(file);
	fprintf(file,
	        "warden:\n mode: enforce\n profile: small\n shared-memory: \"%s/segment\"\n"
	        " snapshot-file: \"%s/state/snapshot\"\n event-file: \"%s\"\n control-socket: \"%s\"\n%s",
	        folder, folder, events_path, socket_path, more);
	fclose(file);
}

int folder_setup(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/warden-test-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(socket_path, sizeof(socket_path), "%s/state/warden.ctl", folder);
	snprintf(events_path, sizeof(events_path), "%s/state/events.json", folder);
	snprintf(served_config, sizeof(served_config), "%s/warden.conf", folder);
	logged[0] = '\0';
	config_write("");
	return 0;
}

int folder_teardown(void **state)
{
	static const char *const files[] = { "segment", "state/events.json", "state/events.1",
		                             "state/snapshot", "state/warden.ctl", "state", "key", "reader",
		                             "warden.conf", "" };

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char path[128];

		snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		remove(path);
	}
	return 0;
}

struct warden *engine_open(void)
{
	struct warden_setup setup = {
		.config_file = served_config, .log = on_log, .now = now_ms(), .mirror = served_mirror,
	};
	char error[512] = "";
	struct warden *warden = warden_open(&setup, error, sizeof(error));

	if (!warden)
		fail_msg("%s", error);
	return warden;
}

struct warden *engine_start(void)
{
	struct warden *warden = engine_open();
	char error[512] = "";

	if (warden_start(warden, error, sizeof(error)))
		fail_msg("%s", error);
	return warden;
}

struct warden_decision query_of(struct warden *warden, const char *client, const char *qname, uint16_t qtype)
{
	struct warden_observation obs = {
		.now = now_ms(),
		.what = WARDEN_QUESTION,
		.path = WARDEN_PATH_MISS,
		.qtype = qtype,
		.qclass = 1,
	};
	struct name name;

	assert_true(address_from_text(obs.client, client));
	assert_true(name_from_text(&name, qname));
	obs.qname = name.wire;
	obs.qname_len = name.len;
	return warden_observe(warden, &obs);
}

struct warden_decision query(struct warden *warden, const char *qname, uint16_t qtype)
{
	return query_of(warden, "192.0.2.7", qname, qtype);
}

void meet_hold(struct warden *warden, const char *qname)
{
	assert_int_equal(query(warden, qname, 1).verdict, WARDEN_REFUSE);
}

/* --- a client of the socket ---------------------------------------------------------------- */

int dial(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int client = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, socket_path);
	assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof(address)), 0);
	return client;
}

void reply_read(int client, char *reply, size_t len)
{
	size_t got = 0;
	ssize_t n;

	while ((n = recv(client, reply + got, len - 1 - got, 0)) > 0)
		got += (size_t)n;
	assert_int_equal(n, 0);
	reply[got] = '\0';
	close(client);
}

const char *control(const char *command)
{
	static char reply[65536];
	char line[8192];
	int client = dial();

	snprintf(line, sizeof(line), "UBCT1  %s\n", command);
	assert_int_equal(send(client, line, strlen(line), 0), strlen(line));
	reply_read(client, reply, sizeof(reply));
	return reply;
}

void expect_in(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in:\n%s", part, text);
}

void expect_control(const char *command, const char *part)
{
	uint64_t began = now_ms();

	while (!strstr(control(command), part) && now_ms() - began < PATIENCE)
		nap();
	expect_in(control(command), part);
}
