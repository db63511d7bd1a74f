/* SPDX-License-Identifier: BSD-3-Clause */
/* tap_text - a file of dnstap, as fstrm_capture writes it, in text: a line a message.
 *
 *   tap_text FILE
 *   CLIENT_RESPONSE 127.0.0.11 port proto rcode name policy-type rule action match value
 *
 * Read by libfstrm, so that what our own Frame Streams leads to is judged by another's.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fstrm.h>

#include "name/name.h"
#include "report/tap.pb-c.h"

static void print_name(const uint8_t *wire, size_t len)
{
	char text[NAME_TEXT_MAX];

	name_text(text, wire, len);
	printf(" %s", text);
}

/* The length of the name that begins at <wire>. */
static size_t name_len(const uint8_t *wire, size_t room)
{
	size_t at = 0;

	while (at < room && wire[at])
		at += 1U + wire[at];
	return at + 1;
}

static void print_address(const ProtobufCBinaryData *address)
{
	char text[INET6_ADDRSTRLEN] = "?";

	inet_ntop(address->len == 4 ? AF_INET : AF_INET6, address->data, text, sizeof(text));
	printf(" %s", text);
}

static void print_message(const Tap__Message *message)
{
	const Tap__Policy *policy = message->policy;
	bool response = message->type == TAP__MESSAGE__TYPE__CLIENT_RESPONSE;
	const ProtobufCBinaryData *dns = response ? &message->response_message : &message->query_message;

	printf("%s", protobuf_c_enum_descriptor_get_value(&tap__message__type__descriptor, message->type)->name);
	print_address(&message->query_address);
	printf(" %u %s %d", message->query_port,
	       protobuf_c_enum_descriptor_get_value(&tap__socket_protocol__descriptor, message->socket_protocol)->name,
	       dns->len > 12 ? dns->data[3] & 0x0f : -1);
	if (dns->len > 12)
		print_name(dns->data + 12, name_len(dns->data + 12, dns->len - 12));
	if (policy) {
		printf(" %s %.*s %s %s", policy->type, (int)policy->rule.len, policy->rule.data,
		       protobuf_c_enum_descriptor_get_value(&tap__policy__action__descriptor, policy->action)->name,
		       protobuf_c_enum_descriptor_get_value(&tap__policy__match__descriptor, policy->match)->name);
		if (policy->match == TAP__POLICY__MATCH__QNAME)
			print_name(policy->value.data, policy->value.len);
		else
			print_address(&policy->value);
	}
	putchar('\n');
}

int main(int argc, char **argv)
{
	struct fstrm_file_options *options = fstrm_file_options_init();
	struct fstrm_reader *reader;
	const uint8_t *data;
	size_t len;

	if (argc != 2)
		return 2;
	fstrm_file_options_set_file_path(options, argv[1]);
	reader = fstrm_file_reader_init(options, NULL);
	fstrm_file_options_destroy(&options);
	if (!reader || fstrm_reader_open(reader) != fstrm_res_success) {
		fprintf(stderr, "%s: cannot be read\n", argv[1]);
		return 1;
	}
	while (fstrm_reader_read(reader, &data, &len) == fstrm_res_success) {
		Tap__Dnstap *tap = tap__dnstap__unpack(NULL, len, data);

		if (!tap || !tap->message) {
			fprintf(stderr, "%s: not dnstap\n", argv[1]);
			return 1;
		}
		print_message(tap->message);
		tap__dnstap__free_unpacked(tap, NULL);
	}
	fstrm_reader_destroy(&reader);
	return 0;
}
