/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_control - any octets as the commands of the control socket.
 *
 * A line of the input is a command, as the socket would hand it on: printable, and not too long. It may
 * do what commands do, and change what they change, but its reply is bounded and printable, begins with
 * "error" when it failed, and what would break a terminal never comes back.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/engine.h"
#include "name/name.h"
#include "service/control_peer.h"
#include "service/service.h"

#define COMMANDS_MAX 64 /* of one input */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/warden-fuzz-XXXXXX";
static char config[64], segment[64];
static struct warden *warden;
static char none[] = ""; /* a file that the service does without */
static struct service service;

static void must(bool condition)
{
	if (!condition)
		abort();
}

static void say_nothing(int is_error, const char *sentence)
{
	(void)is_error;
	must(strlen(sentence) > 0);
	for (; *sentence; sentence++)
		must(*sentence >= ' ' && *sentence <= '~');
}

static void clean_up(void)
{
	warden_close(warden);
	unlink(segment);
	unlink(config);
	rmdir(folder);
}

/* Something to tell of. */
static void have_asked(void)
{
	struct warden_observation obs = {
		.now = service_now(), .client = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 7 },
		.what = WARDEN_QUESTION, .path = WARDEN_PATH_MISS, .qtype = 16, .qclass = 1,
	};

	for (unsigned i = 0; i < 40; i++) {
		char text[64];
		struct name name;

		snprintf(text, sizeof(text), "n%08x%08x.example.com", i * 2654435761u, i * 40503u);
		must(name_from_text(&name, text));
		obs.qname = name.wire;
		obs.qname_len = name.len;
		warden_observe(warden, &obs);
	}
}

/* The engine, and what of the service a command needs; nobody listens. */
static void prepare(void)
{
	struct warden_setup setup = { .config_file = config, .now = service_now(), .log = say_nothing };
	char error[512];
	FILE *file;

	must(mkdtemp(folder) != NULL);
	snprintf(config, sizeof(config), "%s/warden.conf", folder);
	snprintf(segment, sizeof(segment), "%s/segment", folder);
	file = fopen(config, "w");
	must(file != NULL);
	fprintf(file,
	        "warden:\n mode: enforce\n profile: small\n shared-memory: \"%s\"\n snapshot-file: \"\"\n"
	        " event-file: \"\"\n control-socket: \"\"\n", segment);
	fclose(file);
	warden = warden_open(&setup, error, sizeof(error));
	must(warden != NULL);
	service = (struct service){
		.warden = warden, .event_file = none, .snapshot_file = none, .stop = -1,
		.started = setup.now, .control = { .listener = -1 }, .maintenance = { .warden = warden, .wake = -1 },
	};
	atexit(clean_up);
	have_asked();
}

static void do_line(char *line)
{
	char *reply = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&reply, &len);

	must(out != NULL);
	control_do(&service, line, 0, out);
	fclose(out);
	must(len < REPLY_MAX);
	for (size_t i = 0; i < len; i++)
		must(reply[i] == '\n' || (reply[i] >= ' ' && reply[i] <= '~'));
	must(!len || reply[len - 1] == '\n');
	free(reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char line[COMMAND_MAX];

	if (!warden)
		prepare();
	for (unsigned n = 0; n < COMMANDS_MAX && size; n++) {
		const uint8_t *newline = memchr(data, '\n', size);
		size_t len = newline ? (size_t)(newline - data) : size, used = 0;

		for (size_t i = 0; i < len && used < sizeof(line) - 1; i++)
			if (data[i] >= ' ' && data[i] <= '~')
				line[used++] = (char)data[i];
		line[used] = '\0';
		do_line(line);
		len += newline != NULL;
		data += len;
		size -= len;
	}
	return 0;
}
