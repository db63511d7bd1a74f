/* SPDX-License-Identifier: BSD-3-Clause */
/* test_outputs - readers of events that are there, late, slow, replaced, deaf or rude: what they get, what
 * is lost, and that nothing of it keeps the others waiting. Each reader is a real socket in the test's folder.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "detect/detector.h"
#include "name/name.h"
#include "report/tap.pb-c.h"
#include "report/tap_event.h"
#include "served.h"
#include "service/writer.h"
#include "store/counters.h"
#include "support.h"

static char socket_file[sizeof(folder) + 8];
static struct warden *warden;
static struct writer writer;
static uint64_t now;

/* ---- a kernel with little room -------------------------------------------------------- */

/* Octets that send() takes before it has enough; a real socket takes messages of this size whole, or not. */
static size_t send_room = SIZE_MAX;

ssize_t send(int fd, const void *data, size_t len, int flags)
{
	size_t part = len < send_room ? len : send_room;

	if (!part) {
		errno = EAGAIN;
		return -1;
	}
	if (send_room != SIZE_MAX)
		send_room -= part;
	return sendto(fd, data, part, flags, NULL, 0);
}

/* ---- the writer, without its thread ------------------------------------------------ */

static void writer_begin(const char *more)
{
	now = NOW;
	said[0] = '\0';
	warden = open_engine(more, true);
	assert_true(writer_init(&writer, warden));
	writer_open(&writer, now);
}

static void writer_end(void)
{
	writer_close(&writer, true);
	warden_close(warden);
}

/* An event about the <number>th question; as long as <fat> makes its name. */
static void event_put(unsigned number)
{
	struct record record = {
		.now = NOW + number, .qtype = 16, .qclass = 1, .client_port = 4321,
		.client = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 7 }, .detector = DETECTOR_information,
		.verdict = WARDEN_REFUSE, .confidence = CONFIDENCE_HIGH, .score = 80, .denied = 1,
		.what = WARDEN_QUESTION, .payload_labels = 1, .scope = SCOPE_PAIR,
	};
	struct name name;
	char text[64];

	snprintf(text, sizeof(text), "n%u.example.org", number);
	assert_true(name_from_text(&name, text));
	record.qname_len = name.len;
	memcpy(record.qname, name.wire, name.len);
	assert_true(journal_put(&warden->mapping.journal, &record));
}

/* So many events, a tick of the writer after each; none may take long. */
static void events_write(unsigned first, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		event_put(first + i);
		now += 100;
		writer_drain(&writer, now);
	}
}

static void tick(uint64_t milliseconds)
{
	now += milliseconds;
	writer_drain(&writer, now);
}

/* ---- readers ------------------------------------------------------------------------ */

static int reader_open(int type)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int reader = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", socket_file);
	unlink(socket_file);
	assert_true(reader >= 0);
	assert_int_equal(bind(reader, (struct sockaddr *)&at, sizeof(at)), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(reader, 4), 0);
	return reader;
}

/* The next datagram as text; "" when there is none. */
static const char *datagram(int reader)
{
	static char text[65536];
	ssize_t len = recv(reader, text, sizeof(text) - 1, 0);

	text[len < 0 ? 0 : len] = '\0';
	return text;
}

static void expect_name(const char *line, unsigned number)
{
	const char *brace = strchr(line, '{'), *name;
	json_t *event = brace ? json_loads(brace, 0, NULL) : NULL;
	char wanted[64];

	snprintf(wanted, sizeof(wanted), "n%u.example.org", number);
	if (!event)
		fail_msg("no event, but '%s'", line);
	name = json_string_value(json_object_get(json_object_get(json_object_get(event, "dns"), "question"), "name"));
	assert_string_equal(name, wanted);
	json_decref(event);
}

static int setup(void **state)
{
	int failed = folder_setup(state);

	snprintf(socket_file, sizeof(socket_file), "%s/reader", folder);
	return failed;
}

static const char *with_path(const char *option)
{
	static char text[512];

	snprintf(text, sizeof(text), "warden:\n\tevent-file: \"%s\"\n\t%s: \"%s\"\n", events_path, option,
	         socket_file);
	if (!strcmp(option, "event-syslog-socket"))
		strcat(text, "\tevent-syslog: authpriv\n");
	return text;
}

static void make_state_folder(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/state", folder);
	mkdir(path, 0750);
}

/* ---- datagrams ------------------------------------------------------------------------ */

static void test_socket(void **state)
{
	int reader, other;

	(void)state;
	make_state_folder();
	reader = reader_open(SOCK_DGRAM);
	writer_begin(with_path("event-socket"));
	events_write(1, 3);
	for (unsigned i = 1; i <= 3; i++)
		expect_name(datagram(reader), i);
	assert_string_equal(datagram(reader), "");
	/* replaced while the old one is still there: the path counts */
	other = reader_open(SOCK_DGRAM);
	events_write(4, 1);
	expect_name(datagram(other), 4);
	assert_string_equal(datagram(reader), "");
	/* none for a while: what comes meanwhile waits */
	close(other);
	unlink(socket_file);
	events_write(5, 2);
	assert_int_equal(counted(warden, COUNTER_events_socket_written), 4);
	assert_int_equal(counted(warden, COUNTER_events_written), 6);
	assert_non_null(strstr(said, "1 events wait: No such file or directory"));
	other = reader_open(SOCK_DGRAM);
	tick(100);
	expect_name(datagram(other), 5);
	expect_name(datagram(other), 6);
	writer_end();
	close(reader);
	close(other);
}

/* A reader that does not read: the backlog fills up, then the newest are lost, and said once. */
static void test_socket_full(void **state)
{
	int reader;
	unsigned got = 0;
	uint64_t lost;

	(void)state;
	make_state_folder();
	reader = reader_open(SOCK_DGRAM);
	writer_begin(with_path("event-socket"));
	events_write(1, 1500);
	lost = counted(warden, COUNTER_events_socket_lost);
	assert_int_equal(counted(warden, COUNTER_events_written), 1500);
	assert_true(lost > 100);
	assert_non_null(strstr(said, "events lost: the reader is slow"));
	for (unsigned quiet = 0; quiet < 3; quiet++, tick(100))
		for (const char *line; *(line = datagram(reader)); quiet = 0)
			expect_name(line, ++got);
	assert_int_equal(got + lost, 1500);
	assert_int_equal(counted(warden, COUNTER_events_socket_written), got);
	writer_end();
	close(reader);
}

/* One that stops reading: nothing is said of a moment, once of a minute; and of what the end of the module leaves
 * behind, however lately something was said.
 */
static void test_socket_slow(void **state)
{
	static const char lost[] = " events lost: the reader is slow", waits[] = " events wait: the reader is slow";
	unsigned waiting;
	char sentence[64];
	uint64_t before;
	int reader;

	(void)state;
	make_state_folder();
	reader = reader_open(SOCK_DGRAM);
	writer_begin(with_path("event-socket"));
	tick(3600000);
	for (unsigned i = 1; !writer.output[2].backlog.count && i < 1000; i++)
		events_write(i, 1);
	tick(59000);
	assert_int_equal(times_said(waits), 0);
	tick(1000);
	tick(1000);
	assert_int_equal(times_said(waits), 1);
	events_write(1000, 1000);
	assert_int_equal(times_said(lost), 1);
	/* lost since that was said, and then all that waits */
	waiting = writer.output[2].backlog.count;
	before = writer.output[2].lost;
	assert_true(before > 0);
	events_write(2000, 1);
	snprintf(sentence, sizeof(sentence), "%u%s", waiting + (unsigned)before + 1, lost);
	said[0] = '\0';
	writer_end();
	assert_int_equal(times_said(sentence), 1);
	close(reader);
}

/* What the journal gave up is not blamed on the reader, nor the reader's losses on the journal. */
static void test_two_losses(void **state)
{
	struct output *output = &writer.output[2];

	(void)state;
	make_state_folder();
	writer_begin(with_path("event-socket"));
	/* a worker dies over an event, and nobody has the path */
	atomic_fetch_add(&warden->mapping.header->journal_head, 1);
	event_put(1);
	tick(0);
	output_lost(output, 3, EMSGSIZE);
	tick(JOURNAL_PATIENCE);
	assert_int_equal(times_said(": 3 events lost: Message too long"), 1);
	assert_int_equal(times_said(": 1 events lost: a worker died over them"), 2); /* in the file as well */
	assert_int_equal(times_said("events lost"), 3);
	assert_int_equal(counted(warden, COUNTER_events_socket_lost), 4);
	writer_end();
	assert_int_equal(times_said(": 1 events lost: No such file or directory"), 1);
}

/* A datagram that the kernel takes from nobody is lost; those behind it are not held up. */
static void test_socket_huge(void **state)
{
	static const char huge[20000];
	struct output *output = &writer.output[2];
	const int least = 1;
	int reader;

	(void)state;
	make_state_folder();
	reader = reader_open(SOCK_DGRAM);
	writer_begin(with_path("event-socket"));
	assert_string_equal(output->kind->option, "event-socket");
	assert_int_equal(setsockopt(output->fd, SOL_SOCKET, SO_SNDBUF, &least, sizeof(least)), 0);
	assert_true(backlog_put(&output->backlog, "", 0, huge, sizeof(huge)));
	events_write(1, 1);
	expect_name(datagram(reader), 1);
	assert_int_equal(counted(warden, COUNTER_events_socket_lost), 1);
	assert_int_equal(counted(warden, COUNTER_events_socket_written), 1);
	assert_non_null(strstr(said, "1 events lost: Message too long"));
	writer_end();
	close(reader);
}

static void test_syslog(void **state)
{
	int reader;
	const char *line;

	(void)state;
	setenv("TZ", "UTC", 1);
	make_state_folder();
	reader = reader_open(SOCK_DGRAM);
	writer_begin(with_path("event-syslog-socket"));
	events_write(1, 1);
	line = datagram(reader);
	/* authpriv (10) and warning (4): 10 * 8 + 4; NOW is 14 November 2023 */
	assert_memory_equal(line, "<84>Nov 14 22:13:20 unbound-warden[", 35);
	assert_non_null(strstr(line, "]: @cee: {"));
	expect_name(line, 1);
	writer_end();
	close(reader);
}

/* ---- dnstap ----------------------------------------------------------------------------- */

static void expect_frame(int peer, unsigned type)
{
	static const char content[] = TAP_CONTENT_TYPE;
	uint8_t frame[64];
	size_t len = 20 + strlen(content);

	assert_int_equal(recv(peer, frame, len, MSG_WAITALL), len);
	assert_memory_equal(frame, "\0\0\0\0\0\0\0\x22\0\0\0", 11);
	assert_int_equal(frame[11], type);
	assert_memory_equal(frame + 12, "\0\0\0\1\0\0\0\x16", 8);
	assert_memory_equal(frame + 20, content, strlen(content));
}

static void accept_send(int peer, const char *content)
{
	uint8_t frame[256] = { [7] = (uint8_t)(12 + strlen(content)), [11] = 1, [15] = 1,
	                       [19] = (uint8_t)strlen(content) };

	memcpy(frame + 20, content, strlen(content));
	/* in two pieces, as a stream may bring it */
	assert_int_equal(send(peer, frame, 5, 0), 5);
	tick(100);
	assert_int_equal(send(peer, frame + 5, 15 + strlen(content), 0), (ssize_t)(15 + strlen(content)));
}

/* The next message; NULL when there is none. */
static Tap__Dnstap *message_read(int peer)
{
	uint8_t octets[TAP_EVENT_MAX];
	uint32_t len;
	Tap__Dnstap *message;

	if (recv(peer, &len, 4, 0) != 4)
		return NULL;
	len = ntohl(len);
	assert_in_range(len, 1, sizeof(octets));
	assert_int_equal(recv(peer, octets, len, 0), len);
	message = tap__dnstap__unpack(NULL, len, octets);
	assert_non_null(message);
	return message;
}

static void expect_message(int peer, unsigned number)
{
	Tap__Dnstap *tap = message_read(peer);
	char wanted[64];
	struct name name;

	assert_non_null(tap);
	snprintf(wanted, sizeof(wanted), "n%u.example.org", number);
	assert_true(name_from_text(&name, wanted));
	assert_int_equal(tap->type, TAP__DNSTAP__TYPE__MESSAGE);
	assert_int_equal(tap->message->type, TAP__MESSAGE__TYPE__CLIENT_RESPONSE);
	assert_true(tap->message->response_message.len > 12U + name.len);
	assert_memory_equal(tap->message->response_message.data + 12, name.wire, name.len);
	assert_int_equal(tap->message->response_message.data[3] & 0x0f, 5);
	assert_memory_equal(tap->message->query_address.data, "\xc0\0\2\7", 4);
	assert_int_equal(tap->message->query_address.len, 4);
	assert_int_equal(tap->message->response_time_sec, (NOW + number) / 1000);
	assert_int_equal(tap->message->response_time_nsec, (NOW + number) % 1000 * 1000000);
	assert_false(tap->message->has_query_time_sec || tap->message->has_query_time_nsec ||
	             tap->message->has_query_message);
	assert_string_equal(tap->message->policy->type, "warden");
	assert_memory_equal(tap->message->policy->rule.data, "information", 11);
	assert_int_equal(tap->message->policy->action, TAP__POLICY__ACTION__LOCAL_DATA);
	assert_int_equal(tap->message->policy->match, TAP__POLICY__MATCH__QNAME);
	assert_memory_equal(tap->message->policy->value.data, "\7example\3org", 13);
	tap__dnstap__free_unpacked(tap, NULL);
}

/* Takes the connection and goes through the greeting. */
static int greet(int reader)
{
	int peer;

	tick(1100);
	peer = accept4(reader, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	assert_true(peer >= 0);
	expect_frame(peer, 4);
	accept_send(peer, TAP_CONTENT_TYPE);
	tick(100);
	expect_frame(peer, 2);
	return peer;
}

static void test_dnstap(void **state)
{
	int reader, peer;
	uint8_t stop[12];

	(void)state;
	make_state_folder();
	writer_begin(with_path("event-dnstap"));
	events_write(1, 2); /* nobody is there yet */
	assert_non_null(strstr(said, "1 events wait: No such file or directory"));
	reader = reader_open(SOCK_STREAM);
	peer = greet(reader);
	expect_message(peer, 1);
	expect_message(peer, 2);
	events_write(3, 1);
	expect_message(peer, 3);
	/* the reader goes, and comes again */
	close(peer);
	events_write(4, 2);
	assert_int_equal(counted(warden, COUNTER_events_dnstap_written), 3);
	peer = greet(reader);
	expect_message(peer, 4);
	expect_message(peer, 5);
	assert_int_equal(counted(warden, COUNTER_events_dnstap_written), 5);
	assert_int_equal(counted(warden, COUNTER_events_dnstap_lost), 0);
	writer_end();
	assert_int_equal(recv(peer, stop, sizeof(stop), 0), 12);
	assert_memory_equal(stop, "\0\0\0\0\0\0\0\4\0\0\0\3", 12);
	assert_int_equal(recv(peer, stop, sizeof(stop), 0), 0);
	close(peer);
	close(reader);
}

/* A reader that stops reading in the middle of a message, and another one after it: none is torn, none twice. */
static void test_dnstap_slow(void **state)
{
	unsigned got = 0, lost;
	int reader, peer;

	(void)state;
	make_state_folder();
	reader = reader_open(SOCK_STREAM);
	writer_begin(with_path("event-dnstap"));
	peer = greet(reader);
	events_write(1, 4000);
	assert_int_equal(counted(warden, COUNTER_events_written), 4000);
	lost = (unsigned)counted(warden, COUNTER_events_dnstap_lost);
	assert_true(lost > 100);
	got = (unsigned)counted(warden, COUNTER_events_dnstap_written);
	assert_true(got > 10);
	for (unsigned i = 1; i <= got; i++)
		expect_message(peer, i);
	close(peer);
	tick(100);
	peer = greet(reader);
	for (unsigned quiet = 0; quiet < 3; quiet++, tick(100)) {
		while (got < counted(warden, COUNTER_events_dnstap_written)) {
			expect_message(peer, ++got);
			quiet = 0;
		}
	}
	assert_int_equal(got + lost, 4000);
	writer_end();
	close(peer);
	close(reader);
}

/* A message in pieces is put together by the reader; when that goes in the middle, the next one gets it whole. */
static void test_dnstap_pieces(void **state)
{
	uint8_t octets[TAP_EVENT_MAX];
	int reader, peer;

	(void)state;
	make_state_folder();
	reader = reader_open(SOCK_STREAM);
	writer_begin(with_path("event-dnstap"));
	peer = greet(reader);
	send_room = 50;
	events_write(1, 2);
	assert_int_equal(counted(warden, COUNTER_events_dnstap_written), 0);
	send_room = SIZE_MAX;
	tick(100);
	expect_message(peer, 1);
	expect_message(peer, 2);
	send_room = 50;
	events_write(3, 2);
	assert_int_equal(recv(peer, octets, sizeof(octets), 0), 50);
	close(peer);
	send_room = SIZE_MAX;
	tick(100);
	peer = greet(reader);
	expect_message(peer, 3);
	expect_message(peer, 4);
	assert_int_equal(counted(warden, COUNTER_events_dnstap_written), 4);
	/* the end in the middle of a message: no STOP, which would be taken for a part of it */
	send_room = 50;
	events_write(5, 1);
	writer_end();
	send_room = SIZE_MAX;
	assert_int_equal(recv(peer, octets, sizeof(octets), 0), 50);
	assert_int_equal(recv(peer, octets, sizeof(octets), 0), 0);
	close(peer);
	close(reader);
}

/* Says ACCEPT; but the frame begins with <escape>, and <cut> octets of the content type are missing. */
static void wrong_accept_send(int peer, uint8_t escape, uint8_t cut)
{
	uint8_t frame[20 + sizeof(TAP_CONTENT_TYPE)] = {
		[3] = escape, [7] = (uint8_t)(12 + strlen(TAP_CONTENT_TYPE) - cut), [11] = 1, [15] = 1,
		[19] = (uint8_t)strlen(TAP_CONTENT_TYPE),
	};
	size_t len = 20 + strlen(TAP_CONTENT_TYPE) - cut;

	memcpy(frame + 20, TAP_CONTENT_TYPE, strlen(TAP_CONTENT_TYPE));
	assert_int_equal(send(peer, frame, len, 0), (ssize_t)len);
}

/* One that wants something else, some that talk nonsense, one that says nothing. */
static void test_dnstap_rude(void **state)
{
	enum { CUT, OTHER_TYPE, NO_FRAME, ESCAPE, MUTE, HOWS };
	static const uint8_t nonsense[] = { 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4 };
	uint8_t octets[64];
	int reader, peer;

	(void)state;
	make_state_folder();
	reader = reader_open(SOCK_STREAM);
	writer_begin(with_path("event-dnstap"));
	/* What a cut answer does not say is left in memory from this one, and must not be taken for its. */
	close(greet(reader));
	tick(100);
	events_write(1, 1);
	for (unsigned how = 0; how < HOWS; how++) {
		tick(1100);
		peer = accept4(reader, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		assert_true(peer >= 0);
		expect_frame(peer, 4);
		if (how == OTHER_TYPE)
			accept_send(peer, "protobuf:other.Thing");
		else if (how == NO_FRAME)
			assert_int_equal(send(peer, nonsense, sizeof(nonsense), 0), sizeof(nonsense));
		else if (how == ESCAPE)
			wrong_accept_send(peer, 1, 0);
		else if (how == CUT)
			wrong_accept_send(peer, 0, 9);
		tick(100);
		tick(100);
		errno = 0;
		assert_true(recv(peer, octets, sizeof(octets), 0) <= 0);
		/* hung up upon, with no START; who says nothing is waited for */
		assert_int_equal(errno == EAGAIN, how == MUTE);
		close(peer);
		tick(100);
	}
	peer = greet(reader);
	expect_message(peer, 1);
	writer_end();
	close(peer);
	close(reader);
}

/* One that accepts and then says nothing is hung up upon in the end, and tried again: it may have been replaced. */
static void test_dnstap_mute(void **state)
{
	uint8_t octet;
	int reader, mute, peer;

	(void)state;
	make_state_folder();
	reader = reader_open(SOCK_STREAM);
	writer_begin(with_path("event-dnstap"));
	events_write(1, 1);
	mute = accept4(reader, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	assert_true(mute >= 0);
	expect_frame(mute, 4);
	tick(9900);
	assert_int_equal(recv(mute, &octet, 1, 0), -1);
	tick(100);
	assert_int_equal(recv(mute, &octet, 1, 0), 0);
	assert_non_null(strstr(said, "1 events wait: Connection timed out"));
	peer = greet(reader);
	expect_message(peer, 1);
	writer_end();
	close(mute);
	close(peer);
	close(reader);
}

/* ---- OCSF ---------------------------------------------------------------------------------- */

static void test_format(void **state)
{
	char text[640];
	json_t *event;
	int reader;

	(void)state;
	make_state_folder();
	reader = reader_open(SOCK_DGRAM);
	snprintf(text, sizeof(text), "%s\tevent-format: ocsf\n", with_path("event-socket"));
	writer_begin(text);
	events_write(1, 1);
	event = json_loads(datagram(reader), 0, NULL);
	assert_non_null(event);
	assert_int_equal(json_integer_value(json_object_get(event, "class_uid")), 4003);
	json_decref(event);
	writer_end();
	close(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_socket, setup, folder_teardown),
		cmocka_unit_test_setup_teardown(test_socket_full, setup, folder_teardown),
		cmocka_unit_test_setup_teardown(test_socket_slow, setup, folder_teardown),
		cmocka_unit_test_setup_teardown(test_two_losses, setup, folder_teardown),
		cmocka_unit_test_setup_teardown(test_socket_huge, setup, folder_teardown),
		cmocka_unit_test_setup_teardown(test_syslog, setup, folder_teardown),
		cmocka_unit_test_setup_teardown(test_dnstap, setup, folder_teardown),
		cmocka_unit_test_setup_teardown(test_dnstap_slow, setup, folder_teardown),
		cmocka_unit_test_setup_teardown(test_dnstap_pieces, setup, folder_teardown),
		cmocka_unit_test_setup_teardown(test_dnstap_rude, setup, folder_teardown),
		cmocka_unit_test_setup_teardown(test_dnstap_mute, setup, folder_teardown),
		cmocka_unit_test_setup_teardown(test_format, setup, folder_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
