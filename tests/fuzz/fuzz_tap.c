/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_tap - any octets from a resolver over tap-socket, and as what Unbound lists and what was kept in a file.
 *
 * The first octet says which.
 */
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "wardend/kept.h"
#include "wardend/stream.h"

static volatile uint8_t sum; /* so that reading is not optimised away */

static void look(void *arg, const uint8_t *frame, size_t len)
{
	(void)arg;
	for (size_t i = 0; i < len; i++)
		sum = (uint8_t)(sum + frame[i]);
}

static void read_stream(const uint8_t *data, size_t size)
{
	struct stream stream = { .frame = look, .handshake_time = 1000, .frame_time = 1000 };
	int pair[2];

	must(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	stream.socket = pair[1];
	stream.stop = eventfd(0, 0);
	if (size && send(pair[0], data, size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		size = 0; /* more than fits */
	shutdown(pair[0], SHUT_WR);
	stream_read(&stream);
	close(pair[0]);
	close(pair[1]);
	close(stream.stop);
}

/* What is read is in order and fit to be sent to Unbound. */
static void read_kept(const uint8_t *data, size_t size)
{
	struct zones own = { .item = NULL };
	char mark[ZONE_NAME_MAX + 1], path[64];
	FILE *file = file_of(data, size);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fileno(file));
	kept_read(path, &own, mark);
	must(!*mark || zone_name_valid(mark));
	must(*mark || !own.count);
	for (size_t i = 0; i < own.count; i++) {
		must(zone_name_valid(own.item[i].name) && own.item[i].kind < ZONE_KIND_COUNT);
		must(!i || strcmp(own.item[i - 1].name, own.item[i].name) < 0);
		must(zones_find(&own, own.item[i].name) == &own.item[i]);
	}
	zones_free(&own);
	fclose(file);
}

static void read_list(const uint8_t *data, size_t size)
{
	struct zones own = { .item = NULL };
	char *line = malloc(size + 1);

	must(line != NULL);
	memcpy(line, data, size);
	line[size] = '\0';
	must(zones_add(&own, "a.", ZONE_REFUSE) && zones_add(&own, "example.org.", ZONE_TRANSPARENT));
	zones_settle(&own);
	zones_listed(&own, line);
	must(!own.item[0].alike || own.item[0].there);
	zones_free(&own);
	free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void (*const reads[])(const uint8_t *, size_t) = { read_stream, read_kept, read_list };

	if (size && *data < sizeof(reads) / sizeof(*reads))
		reads[*data](data + 1, size - 1);
	return 0;
}
