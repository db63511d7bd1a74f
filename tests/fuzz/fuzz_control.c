/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_control - any octets as the commands of the control socket.
 *
 * A line of the input is a command, as the socket would hand it on: printable, and not too long. It may
 * do what commands do, and change what they change, but its reply is bounded and printable, begins with
 * "error" when it failed, and what would break a terminal never comes back.
 */
#include <unistd.h>

#include "service/control_peer.h"
#include "service/service.h"
#include "small.h"
#include "texts.h"
#include "traffic.h"

#define COMMANDS_MAX 32 /* of one input */

static char segment[] = "/dev/shm/warden-fuzz-XXXXXX";
static char none[] = ""; /* a file that the service does without */
static struct service service;

static void clean_up(void)
{
	unlink(segment);
}

/* What of the service a command needs; nobody listens. */
static void prepare(void)
{
	int file = mkstemp(segment);

	must(file >= 0);
	close(file);
	atexit(clean_up);
	service = (struct service){
		.warden = small_engine(SMALL_PARTIAL), .snapshot_file = none, .stop = -1,
		.started = service_now(), .control = { .listener = -1 },
	};
	service.maintenance = (struct maintenance){ .warden = service.warden, .wake = -1 };
}

/* A fresh segment, in a file because a rehearsal makes a copy of that; and something to tell of. */
static void begin(void)
{
	static const uint8_t questions[] = { 0, 0, 0, 2, 7, 1, 0, 0, 2, 63, 0, 0, 0, 0, 0, 3, 2, 0, 0, 6, 0, 4 };
	struct input input = { questions, sizeof(questions) };
	struct traffic traffic;
	struct mapping mapping;
	char error[512];

	mapping_detach(&service.warden->mapping);
	must(truncate(segment, 0) == 0);
	must(mapping_attach(&mapping, segment, NULL, &small_sizes, service.warden->layout.digest, SMALL_NOW, NULL,
	                    error, sizeof(error)) == 0);
	small_secret(&mapping);
	small_use(service.warden, &mapping);
	traffic_play(&traffic, service.warden, &input, true);
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
	texts_printable(reply, len);
	free(reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char line[COMMAND_MAX];

	if (!service.warden)
		prepare();
	begin();
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
