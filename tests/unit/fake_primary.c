/* SPDX-License-Identifier: BSD-3-Clause */
/* fake_primary - a listening socket on 127.0.0.1, and both ends of what goes over it. */
#include "fake_primary.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/hmac.h>

#include "primary/message.h"
#include "support.h"

static const char secret[] = "0123456789abcdef0123456789abcdef";
static const uint8_t key_name[] = "\002n1";
static const uint8_t zone[] = "\005fleet\007example";
#define POINTER_TO_ZONE (0xc000 | MESSAGE_HEADER)

/* --- the node -------------------------------------------------------------------------------- */

static void first_label(char text[64], const ldns_rr *rr)
{
	const uint8_t *name = ldns_rdf_data(ldns_rr_owner(rr));

	memcpy(text, name + 1, name[0]);
	text[name[0]] = '\0';
}

static void whole(void *arg)
{
	struct told *told = arg;

	told->wholes++;
	told->count = 0;
}

static void record(void *arg, bool added, const ldns_rr *rr)
{
	struct told *told = arg;
	char label[64];

	first_label(label, rr);
	if (added) {
		told->added++;
		if (told->count < FAKE_NAMES)
			memcpy(told->names[told->count++], label, sizeof(label));
		return;
	}
	told->removed++;
	for (size_t i = 0; i < told->count; i++)
		if (!strcmp(told->names[i], label)) {
			memcpy(told->names[i], told->names[--told->count], sizeof(label));
			return;
		}
	fail_msg("%s was removed and was not there", label);
}

static void done(void *arg, uint32_t serial)
{
	struct told *told = arg;

	told->dones++;
	told->serial = serial;
}

static void answered(void *arg, uint64_t id, int rcode)
{
	struct told *told = arg;

	told->answers++;
	told->id = id;
	told->rcode = rcode;
}

void fake_open(struct fake *fake)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t at_len = sizeof(at);
	struct primary_setup setup = { .zone = "Fleet.example", .poll = FAKE_POLL, .log = say, .arg = &fake->told,
	                               .whole = whole, .record = record, .done = done, .answered = answered,
	                               .rules = { "_warden", "n1", FAKE_DATA_MAX, FAKE_SHARE } };
	char address[32], error[256] = "";

	memset(fake, 0, sizeof(*fake));
	said[0] = '\0';
	fake->now = NOW;
	for (unsigned i = 0; i < FAKE_LINES; i++)
		fake->lines[i] = -1;
	fake->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_true(fake->listener >= 0);
	assert_int_equal(bind(fake->listener, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fake->listener, FAKE_LINES), 0);
	assert_int_equal(getsockname(fake->listener, (struct sockaddr *)&at, &at_len), 0);
	snprintf(address, sizeof(address), "127.0.0.1@%u", ntohs(at.sin_port));
	setup.address = address;
	setup.key_file = temp_file("n1.key", "hmac-sha256:n1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n");
	assert_int_equal(chmod(setup.key_file, 0600), 0);
	fake->node = primary_open(&setup, error, sizeof(error));
	assert_string_equal(error, "");
	assert_non_null(fake->node);
}

void fake_close(struct fake *fake)
{
	primary_close(fake->node);
	for (unsigned i = 0; i < FAKE_LINES; i++)
		if (fake->lines[i] >= 0)
			close(fake->lines[i]);
	close(fake->listener);
}

static void forget_line(struct fake *fake, unsigned i)
{
	close(fake->lines[i]);
	fake->lines[i] = -1;
}

void fake_turn(struct fake *fake)
{
	struct pollfd fds[PRIMARY_FDS_MAX];
	int count = primary_poll_fds(fake->node, fds), yes = 1, line;
	size_t told = fake->told.added + fake->told.removed;

	if (fake->in_node)
		return;
	poll(fds, (nfds_t)count, 0);
	primary_work(fake->node, fake->now);
	told = fake->told.added + fake->told.removed - told;
	if (told > fake->told.in_a_turn)
		fake->told.in_a_turn = told;
	line = accept4(fake->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (line >= 0) /* or a second message waits for the first to be acknowledged */
		assert_int_equal(setsockopt(line, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)), 0);
	for (unsigned i = 0; line >= 0 && i < FAKE_LINES; i++)
		if (fake->lines[i] < 0) {
			fake->lines[i] = line;
			line = -1;
		}
	assert_int_equal(line, -1);
	usleep(200);
}

/* --- requests -------------------------------------------------------------------------------- */

/* Takes the request apart that has come over <line>. */
static void understand(struct fake *fake, int line, size_t len)
{
	size_t mac = len - 6 - sizeof(fake->mac), at = MESSAGE_HEADER + sizeof(zone);

	fake->line = line;
	fake->request_len = len;
	assert_memory_equal(fake->request + MESSAGE_HEADER, zone, sizeof(zone));
	fake->type = message_u16(fake->request + at);
	fake->is_update = message_opcode(fake->request) == MESSAGE_UPDATE;
	assert_int_equal(message_count(fake->request, SECTION_ADDITIONAL), 1);
	assert_int_equal(message_u16(fake->request + mac - 2), sizeof(fake->mac));
	memcpy(fake->mac, fake->request + mac, sizeof(fake->mac));
	fake->first = true;
	fake->unsigned_len = 0;
}

static bool has_request(struct fake *fake)
{
	for (unsigned i = 0; i < FAKE_LINES; i++) {
		uint8_t head[2];
		size_t len;
		ssize_t got;

		if (fake->lines[i] < 0)
			continue;
		got = recv(fake->lines[i], head, 2, MSG_PEEK);
		if (!got)
			forget_line(fake, i);
		if (got != 2)
			continue;
		len = message_u16(head);
		/* A request here fits into a socket's buffer, all at once. */
		if (recv(fake->lines[i], fake->request, 2, 0) != 2)
			continue;
		for (size_t have = 0; have < len;) {
			got = recv(fake->lines[i], fake->request + have, len - have, 0);
			if (got < 0)
				fake_turn(fake); /* the rest is on its way */
			else
				assert_true(got > 0);
			have += got > 0 ? (size_t)got : 0;
		}
		understand(fake, fake->lines[i], len);
		return true;
	}
	return false;
}

void fake_request(struct fake *fake)
{
	fake_until(fake, has_request(fake));
}

void fake_next(struct fake *fake)
{
	for (unsigned i = 0; i < 60; i++) {
		fake->now += FAKE_POLL;
		for (unsigned j = 0; j < 4; j++) {
			fake_turn(fake);
			if (has_request(fake))
				return;
		}
	}
	fail_msg("the node asks no more");
}

bool fake_is_closed(struct fake *fake)
{
	char octet;
	ssize_t got = recv(fake->line, &octet, 1, MSG_PEEK);

	return !got || (got < 0 && errno != EAGAIN);
}

/* --- answers --------------------------------------------------------------------------------- */

void reply_begin(struct reply *reply, const struct fake *fake)
{
	reply->len = MESSAGE_HEADER + sizeof(zone) + 4;
	memcpy(reply->wire, fake->request, reply->len);
	reply->wire[2] |= 0x84;
	reply->wire[3] = 0;
	for (unsigned section = SECTION_ANSWER; section <= SECTION_ADDITIONAL; section++)
		message_set_count(reply->wire, section, 0);
}

static uint8_t *put_label(uint8_t *at, const char *label)
{
	if (!label[0])
		return at;
	*at++ = (uint8_t)strlen(label);
	return message_put(at, label, strlen(label));
}

/* <under>: the labels between <label> and the zone; "" for none. */
static void reply_under(struct reply *reply, const char *label, const char *const under[2], uint16_t type,
                        const void *data, uint16_t len)
{
	uint8_t *at = reply->wire + reply->len;

	assert_true(reply->len + strlen(label) + strlen(under[0]) + strlen(under[1]) + len + 20 < sizeof(reply->wire));
	at = put_label(put_label(put_label(at, label), under[0]), under[1]);
	at = message_put16(at, POINTER_TO_ZONE);
	at = message_put16(message_put16(at, type), 1);
	at = message_put16(message_put32(at, 60), len);
	reply->len = (size_t)(message_put(at, data, len) - reply->wire);
	message_set_count(reply->wire, SECTION_ANSWER, (uint16_t)(message_count(reply->wire, SECTION_ANSWER) + 1));
}

static void reply_record(struct reply *reply, const char *label, uint16_t type, const void *data, uint16_t len)
{
	static const char *const top[2] = { "", "" };

	reply_under(reply, label, top, type, data, len);
}

void reply_text(struct reply *reply, const char *id, const char *writer, size_t len)
{
	const char *const under[2] = { writer, "_Warden" };
	static uint8_t data[60000];

	assert_true(len && len <= sizeof(data));
	memset(data, 'x', len);
	for (size_t at = 0; at < len; at += 256)
		data[at] = len - at > 256 ? 255 : (uint8_t)(len - at - 1);
	reply_under(reply, id, under, LDNS_RR_TYPE_TXT, data, (uint16_t)len);
}

void reply_soa(struct reply *reply, uint32_t serial)
{
	uint8_t data[2 + 20] = { 0 };

	message_put32(data + 2, serial);
	reply_record(reply, "", LDNS_RR_TYPE_SOA, data, sizeof(data));
}

void reply_name(struct reply *reply, const char *label)
{
	reply_record(reply, label, LDNS_RR_TYPE_CNAME, "", 1);
}

void fake_send_octets(struct fake *fake, const void *octets, size_t len)
{
	const uint8_t *at = octets;

	/* What the node does not read is not sent; a node that has enough closes. */
	while (len && !fake_is_closed(fake)) {
		ssize_t sent = send(fake->line, at, len, MSG_NOSIGNAL);

		if (sent > 0)
			at += sent, len -= (size_t)sent;
		fake_turn(fake);
	}
}

static void send_message(struct fake *fake, const uint8_t *wire, size_t len)
{
	uint8_t framed[2 + 65536 + 200];

	message_put16(framed, (uint16_t)len);
	memcpy(framed + 2, wire, len);
	fake_send_octets(fake, framed, 2 + len);
}

void fake_send_unsigned(struct fake *fake, const struct reply *reply)
{
	assert_true(fake->unsigned_len + reply->len < sizeof(fake->unsigned_part));
	memcpy(fake->unsigned_part + fake->unsigned_len, reply->wire, reply->len);
	fake->unsigned_len += reply->len;
	send_message(fake, reply->wire, reply->len);
}

void fake_send(struct fake *fake, const struct reply *reply)
{
	static uint8_t text[1 << 19], wire[65536 + 200];
	static const uint8_t class_and_ttl[] = { 0, 255, 0, 0, 0, 0 }, algorithm[] = "\013hmac-sha256";
	uint8_t *at = text, *end, time[8], other[6], mac[32];
	uint64_t seconds = (uint64_t)((int64_t)(fake->now / 1000) + fake->skew);
	uint16_t other_len = fake->error == 18 ? 6 : 0;
	unsigned mac_len = 0;

	message_put32(message_put16(time, (uint16_t)(seconds >> 32)), (uint32_t)seconds);
	memcpy(other, time, 6);
	message_put16(time + 6, 300);
	at = message_put(message_put16(at, sizeof(mac)), fake->mac, sizeof(mac));
	at = message_put(at, fake->unsigned_part, fake->unsigned_len);
	at = message_put(at, reply->wire, reply->len);
	if (fake->first) {
		at = message_put(at, key_name, sizeof(key_name));
		at = message_put(at, class_and_ttl, sizeof(class_and_ttl));
		at = message_put(at, algorithm, sizeof(algorithm));
	}
	at = message_put(at, time, sizeof(time));
	if (fake->first)
		at = message_put(message_put16(message_put16(at, fake->error), other_len), other, other_len);
	assert_non_null(HMAC(EVP_sha256(), secret, (int)strlen(secret), text, (size_t)(at - text), mac, &mac_len));
	memcpy(fake->mac, mac, sizeof(mac));
	fake->first = false;
	fake->unsigned_len = 0;

	end = message_put(wire, reply->wire, reply->len);
	end = message_put(end, key_name, sizeof(key_name));
	end = message_put32(message_put16(message_put16(end, 250), 255), 0);
	end = message_put16(end, (uint16_t)(sizeof(algorithm) + 16 + 32 + other_len));
	end = message_put(end, algorithm, sizeof(algorithm));
	end = message_put(message_put16(message_put(end, time, 8), 32), mac, 32);
	end = message_put16(message_put(end, wire, 2), fake->error);
	end = message_put(message_put16(end, other_len), other, other_len);
	message_set_count(wire, SECTION_ADDITIONAL, (uint16_t)(message_count(wire, SECTION_ADDITIONAL) + 1));
	send_message(fake, wire, (size_t)(end - wire));
}

void fake_send_badkey(struct fake *fake, struct reply *reply)
{
	static const uint8_t rest[] = "\0\372" "\0\377" "\0\0\0\0" "\0\35" "\013hmac-sha256\0"
		"\0\0\0\0\0\0" "\1\54" "\0\0" "\0\0" "\0\21" "\0";
	uint8_t *end = message_put(reply->wire + reply->len, key_name, sizeof(key_name));

	end = message_put(end, rest, sizeof(rest));
	reply->wire[3] = LDNS_RCODE_NOTAUTH;
	message_set_count(reply->wire, SECTION_ADDITIONAL, 1);
	send_message(fake, reply->wire, (size_t)(end - reply->wire));
}

void fake_serial(struct fake *fake, uint32_t serial)
{
	struct reply reply;

	assert_int_equal(fake->type, LDNS_RR_TYPE_SOA);
	reply_begin(&reply, fake);
	reply_soa(&reply, serial);
	fake_send(fake, &reply);
}

void fake_whole(struct fake *fake, uint32_t serial, const char *const labels[])
{
	unsigned dones = fake->told.dones;
	struct reply reply;

	fake_request(fake);
	fake_serial(fake, serial);
	fake_request(fake);
	assert_int_equal(fake->type, LDNS_RR_TYPE_AXFR);
	reply_begin(&reply, fake);
	reply_soa(&reply, serial);
	for (; *labels; labels++)
		reply_name(&reply, *labels);
	reply_soa(&reply, serial);
	fake_send(fake, &reply);
	fake_until(fake, fake->told.dones > dones);
}

bool fake_has(const struct fake *fake, const char *label)
{
	for (size_t i = 0; i < fake->told.count; i++)
		if (!strcmp(fake->told.names[i], label))
			return true;
	return false;
}
