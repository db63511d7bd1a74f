/* SPDX-License-Identifier: BSD-3-Clause */
/* convert - a capture as other programs would have written the same traffic down.
 *
 *     convert tsv|unbound-log|zeek|zeek-json|dnstap CAPTURE > FILE
 *
 * What each format cannot say is left out here as its own program leaves it out:
 *
 *     tsv          what is in a line, and no more
 *     unbound-log  log_query_in() and log_reply_info() of Unbound 1.17.1: whole seconds, and ? for what
 *                  is not a letter, a digit, -, _ or * in a name (dname_str())
 *     zeek         base/protocols/dns/main.zeek of Zeek 7: names in lower case, answers in words
 *     dnstap       dt_msg_send_client_query() and ..._response(): every message as it was
 *
 * Everything is kept until the end: captures of tests are small, and a line of tsv or of Zeek has
 * question and answer in it.
 */
#include <fstrm.h>
#include <jansson.h>
#include <ldns/ldns.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "name/name.h"
#include "report/address.h"
#include "report/tap.pb-c.h"
#include "recorded/packet.h"
#include "recorded/stream.h"

#define PORT_DNS     53
#define MESSAGES_MAX 10000
#define TEXT_MAX     8192

struct message {
	struct timeval when;
	struct endpoint client, server;
	bool response, tcp, taken;
	uint8_t *octets;
	size_t len;
	ldns_pkt *pkt;
	const struct message *answer; /* of a query */
};

static struct {
	struct message message[MESSAGES_MAX];
	size_t count;
	struct timeval now;
	bool tcp;
} traffic;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "convert: %s\n", what);
	exit(1);
}

/* --- the capture ----------------------------------------------------------------------------- */

static void take_message(void *arg, const struct packet *packet, const uint8_t *octets, size_t len)
{
	struct message *message = &traffic.message[traffic.count];

	(void)arg;
	if (traffic.count == MESSAGES_MAX)
		die("more messages than a test has");
	*message = (struct message){
		.when = traffic.now, .tcp = traffic.tcp, .len = len, .octets = malloc(len + 1),
		.response = packet->from.port == PORT_DNS,
	};
	if (!message->octets)
		die("memory is short");
	memcpy(message->octets, octets, len);
	if (ldns_wire2pkt(&message->pkt, octets, len) != LDNS_STATUS_OK)
		die("not a DNS message");
	message->client = message->response ? packet->to : packet->from;
	message->server = message->response ? packet->from : packet->to;
	traffic.count++;
}

static void read_capture(const char *path)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *capture = pcap_open_offline(path, error);
	struct streams *streams = streams_new();
	struct pcap_pkthdr *header;
	struct packet packet;
	const uint8_t *frame;

	if (!capture || !streams)
		die("the capture cannot be read");
	while (pcap_next_ex(capture, &header, &frame) == 1) {
		enum packet_kind kind = packet_read(&packet, pcap_datalink(capture), frame, header->caplen);

		traffic.now = header->ts;
		traffic.tcp = kind == PACKET_TCP;
		if (kind == PACKET_TCP)
			streams_add(streams, &packet, take_message, NULL);
		else if (kind == PACKET_UDP)
			take_message(NULL, &packet, packet.payload, packet.payload_len);
	}
	streams_free(streams);
	pcap_close(capture);
}

static const ldns_rr *question_of(const struct message *message)
{
	return ldns_rr_list_rr(ldns_pkt_question(message->pkt), 0);
}

static bool belongs(const struct message *query, const struct message *response)
{
	return response->response && !response->taken && ldns_pkt_id(response->pkt) == ldns_pkt_id(query->pkt) &&
	       response->client.port == query->client.port &&
	       !memcmp(response->client.address, query->client.address, 16) &&
	       !ldns_dname_compare(ldns_rr_owner(question_of(response)), ldns_rr_owner(question_of(query)));
}

static void find_answers(void)
{
	for (size_t i = 0; i < traffic.count; i++) {
		struct message *query = &traffic.message[i];

		for (size_t j = i + 1; !query->response && !query->answer && j < traffic.count; j++) {
			if (!belongs(query, &traffic.message[j]))
				continue;
			query->answer = &traffic.message[j];
			traffic.message[j].taken = true;
		}
	}
}

/* --- words ----------------------------------------------------------------------------------- */

static const char *client_text(const struct message *message)
{
	static char text[ADDRESS_TEXT_MAX];

	return address_text(text, message->client.address);
}

static const char *server_text(const struct message *message)
{
	static char text[ADDRESS_TEXT_MAX];

	return address_text(text, message->server.address);
}

static const char *type_text(uint16_t type)
{
	const ldns_rr_descriptor *known = ldns_rr_descript(type);
	static char text[16];

	if (known && known->_name)
		return known->_name;
	snprintf(text, sizeof(text), "TYPE%u", type);
	return text;
}

static const char *rcode_text(const ldns_pkt *pkt)
{
	static const char *const words[] = { "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED" };

	if (ldns_pkt_get_rcode(pkt) >= sizeof(words) / sizeof(*words))
		die("an rcode that no test has");
	return words[ldns_pkt_get_rcode(pkt)];
}

/* Writes <name> with a dot behind each label, each octet by <put>. Returns its end. */
static char *labels(char *to, const ldns_rdf *name, char *put(char *to, uint8_t octet))
{
	const uint8_t *label = ldns_rdf_data(name);

	if (!*label)
		*to++ = '.';
	for (; *label; label += *label + 1) {
		for (uint8_t i = 1; i <= *label; i++)
			to = put(to, label[i]);
		*to++ = '.';
	}
	*to = '\0';
	return to;
}

/* --- tsv ------------------------------------------------------------------------------------- */

static void write_tsv(const struct message *message)
{
	const struct message *answer = message->response ? message : message->answer;
	const ldns_rdf *owner = ldns_rr_owner(question_of(message));
	char name[NAME_TEXT_MAX];

	if (message->response && message->taken)
		return;
	printf("%lld.%06lld\t%s\t%s\t%s\t%s\n", (long long)message->when.tv_sec,
	       (long long)message->when.tv_usec, client_text(message),
	       name_text(name, ldns_rdf_data(owner), ldns_rdf_size(owner)),
	       type_text(ldns_rr_get_type(question_of(message))), answer ? rcode_text(answer->pkt) : "");
}

/* --- Unbound's log --------------------------------------------------------------------------- */

static char *put_unbound(char *to, uint8_t octet)
{
	bool plain = (octet >= '0' && octet <= '9') || ((octet | 0x20) >= 'a' && (octet | 0x20) <= 'z') ||
	             octet == '-' || octet == '_' || octet == '*';

	*to++ = plain ? (char)octet : '?';
	return to;
}

static const struct message *query_of(const struct message *response)
{
	for (size_t i = 0; i < traffic.count; i++)
		if (traffic.message[i].answer == response)
			return &traffic.message[i];
	return response;
}

static void write_unbound_log(const struct message *message)
{
	const ldns_rr *question = question_of(message);
	const struct message *query = message->response ? query_of(message) : message;
	long long took = (message->when.tv_sec - query->when.tv_sec) * 1000000LL + message->when.tv_usec -
	                 query->when.tv_usec;
	char name[NAME_TEXT_MAX];

	labels(name, ldns_rr_owner(question), put_unbound);
	printf("[%lld] unbound[4711:0] info: %s %s %s IN", (long long)message->when.tv_sec,
	       client_text(message), name, type_text(ldns_rr_get_type(question)));
	if (message->response)
		printf(" %s %lld.%06lld 0 %zu", rcode_text(message->pkt), took / 1000000, took % 1000000,
		       message->len);
	putchar('\n');
}

/* --- Zeek ------------------------------------------------------------------------------------ */

/* As its writers do; a comma would end an element. */
static char *put_escaped(char *to, uint8_t octet)
{
	if (octet > ' ' && octet < 0x7f && octet != '\\' && octet != ',')
		*to++ = (char)octet;
	else
		to += sprintf(to, octet == '\\' ? "\\\\" : "\\x%02x", octet);
	return to;
}

static char *put_zeek(char *to, uint8_t octet)
{
	return put_escaped(to, octet >= 'A' && octet <= 'Z' ? octet | 0x20 : octet);
}

static char *zeek_name(char *to, const ldns_rdf *name)
{
	to = labels(to, name, put_zeek);
	to[-1] = '\0'; /* the last dot */
	return to - 1;
}

/* "TXT 5 hello TXT 2 hi" */
static void zeek_strings(char *to, const ldns_rr *rr)
{
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		const uint8_t *string = ldns_rdf_data(ldns_rr_rdf(rr, i));

		to += sprintf(to, "%sTXT %u ", i ? " " : "", *string);
		for (uint8_t j = 1; j <= *string; j++)
			to = string[j] == ' ' ? (*to = ' ', to + 1) : put_escaped(to, string[j]);
	}
	*to = '\0';
}

/* What a hook of dns_*_reply makes of <rr>. */
static char *zeek_answer(char text[TEXT_MAX], const ldns_rr *rr)
{
	size_t last = ldns_rr_rd_count(rr);
	char *address;

	switch (ldns_rr_get_type(rr)) {
	case LDNS_RR_TYPE_A:
	case LDNS_RR_TYPE_AAAA:
		address = ldns_rdf2str(ldns_rr_rdf(rr, 0));
		snprintf(text, TEXT_MAX, "%s", address);
		free(address);
		break;
	case LDNS_RR_TYPE_TXT:
		zeek_strings(text, rr);
		break;
	case LDNS_RR_TYPE_CNAME:
	case LDNS_RR_TYPE_NS:
	case LDNS_RR_TYPE_PTR:
	case LDNS_RR_TYPE_MX:
	case LDNS_RR_TYPE_SRV:
		zeek_name(text, ldns_rr_rdf(rr, last - 1));
		break;
	default:
		snprintf(text, TEXT_MAX, "<unknown type=%u>", ldns_rr_get_type(rr));
	}
	return text;
}

/* The transaction of <message> as an object with Zeek's fields. */
static json_t *transaction(const struct message *message)
{
	const struct message *answer = message->response ? message : message->answer;
	const ldns_rr *question = question_of(message);
	char name[4 * NAME_TEXT_MAX], text[TEXT_MAX];
	json_t *object, *answers = json_array(), *ttls = json_array();

	zeek_name(name, ldns_rr_owner(question));
	object = json_pack("{s:f, s:s, s:s, s:i, s:s, s:i, s:s, s:i, s:s, s:i, s:s, s:i, s:s}",
		"ts", (double)message->when.tv_sec + (double)message->when.tv_usec / 1e6, "uid", "CHhAvVGS1DHFjwGM9",
		"id.orig_h", client_text(message), "id.orig_p", message->client.port,
		"id.resp_h", server_text(message), "id.resp_p", message->server.port,
		"proto", message->tcp ? "tcp" : "udp", "trans_id", ldns_pkt_id(message->pkt), "query", name,
		"qclass", 1, "qclass_name", "C_INTERNET", "qtype", ldns_rr_get_type(question),
		"qtype_name", type_text(ldns_rr_get_type(question)));
	for (size_t i = 0; answer && i < ldns_pkt_ancount(answer->pkt); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(ldns_pkt_answer(answer->pkt), i);

		json_array_append_new(answers, json_string(zeek_answer(text, rr)));
		json_array_append_new(ttls, json_real(ldns_rr_ttl(rr)));
	}
	if (answer) {
		json_object_set_new(object, "rcode", json_integer(ldns_pkt_get_rcode(answer->pkt)));
		json_object_set_new(object, "rcode_name", json_string(rcode_text(answer->pkt)));
		json_object_set_new(object, "rejected", json_boolean(!json_array_size(answers) &&
		                                                     ldns_pkt_get_rcode(answer->pkt)));
	}
	if (json_array_size(answers)) {
		json_object_set_new(object, "answers", json_incref(answers));
		json_object_set_new(object, "TTLs", json_incref(ttls));
	}
	json_decref(answers);
	json_decref(ttls);
	return object;
}

static void write_zeek_json(const struct message *message)
{
	json_t *object;

	if (message->response && message->taken)
		return;
	object = transaction(message);
	json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(16));
	putchar('\n');
	json_decref(object);
}

static void write_value(const json_t *value)
{
	const json_t *part;
	size_t i;

	if (!value)
		putchar('-');
	else if (json_is_string(value))
		fputs(*json_string_value(value) ? json_string_value(value) : "(empty)", stdout);
	else if (json_is_integer(value))
		printf("%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		printf("%.6f", json_real_value(value));
	else if (json_is_boolean(value))
		putchar(json_is_true(value) ? 'T' : 'F');
	json_array_foreach(value, i, part) {
		if (i)
			putchar(',');
		write_value(part);
	}
}

static const char *const columns[] = {
	"ts", "uid", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto", "trans_id", "rtt", "query",
	"qclass", "qclass_name", "qtype", "qtype_name", "rcode", "rcode_name", "answers", "TTLs", "rejected",
};

static void begin_zeek(void)
{
	fputs("#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tdns\n"
	      "#open\t2026-11-21-03-00-00\n#fields", stdout);
	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		printf("\t%s", columns[i]);
	putchar('\n');
}

static void write_zeek(const struct message *message)
{
	json_t *object;

	if (message->response && message->taken)
		return;
	object = transaction(message);
	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++) {
		if (i)
			putchar('\t');
		write_value(json_object_get(object, columns[i]));
	}
	putchar('\n');
	json_decref(object);
}

/* --- dnstap ---------------------------------------------------------------------------------- */

static struct fstrm_writer *writer;

static void begin_dnstap(void)
{
	struct fstrm_file_options *file = fstrm_file_options_init();
	struct fstrm_writer_options *options = fstrm_writer_options_init();

	fstrm_file_options_set_file_path(file, "/dev/stdout");
	fstrm_writer_options_add_content_type(options, "protobuf:dnstap.Dnstap", 22);
	writer = fstrm_file_writer_init(file, options);
	fstrm_file_options_destroy(&file);
	fstrm_writer_options_destroy(&options);
	if (!writer)
		die("dnstap cannot be written");
}

static void write_dnstap(const struct message *message)
{
	Tap__Message inner = TAP__MESSAGE__INIT;
	Tap__Dnstap outer = TAP__DNSTAP__INIT;
	bool four = address_is_v4(message->client.address);
	uint8_t packed[70000];
	size_t len;

	inner.type = message->response ? TAP__MESSAGE__TYPE__CLIENT_RESPONSE : TAP__MESSAGE__TYPE__CLIENT_QUERY;
	inner.has_socket_family = inner.has_socket_protocol = inner.has_query_address = inner.has_query_port = 1;
	inner.socket_family = four ? TAP__SOCKET_FAMILY__INET : TAP__SOCKET_FAMILY__INET6;
	inner.socket_protocol = message->tcp ? TAP__SOCKET_PROTOCOL__TCP : TAP__SOCKET_PROTOCOL__UDP;
	inner.query_address.data = (uint8_t *)(uintptr_t)message->client.address + (four ? 12 : 0);
	inner.query_address.len = four ? 4 : 16;
	inner.query_port = message->client.port;
	if (message->response) {
		inner.has_response_time_sec = inner.has_response_time_nsec = inner.has_response_message = 1;
		inner.response_time_sec = (uint64_t)message->when.tv_sec;
		inner.response_time_nsec = (uint32_t)message->when.tv_usec * 1000;
		inner.response_message = (ProtobufCBinaryData){ message->len, message->octets };
	} else {
		inner.has_query_time_sec = inner.has_query_time_nsec = inner.has_query_message = 1;
		inner.query_time_sec = (uint64_t)message->when.tv_sec;
		inner.query_time_nsec = (uint32_t)message->when.tv_usec * 1000;
		inner.query_message = (ProtobufCBinaryData){ message->len, message->octets };
	}
	outer.type = TAP__DNSTAP__TYPE__MESSAGE;
	outer.message = &inner;
	if (tap__dnstap__get_packed_size(&outer) > sizeof(packed))
		die("a message that no test has");
	len = tap__dnstap__pack(&outer, packed);
	if (fstrm_writer_write(writer, packed, len) != fstrm_res_success)
		die("dnstap cannot be written");
}

static void end_dnstap(void)
{
	fstrm_writer_close(writer);
	fstrm_writer_destroy(&writer);
}

/* --------------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	void (*begin)(void);
	void (*write)(const struct message *message);
	void (*end)(void);
} formats[] = {
	{ "tsv", NULL, write_tsv, NULL },
	{ "unbound-log", NULL, write_unbound_log, NULL },
	{ "zeek", begin_zeek, write_zeek, NULL },
	{ "zeek-json", NULL, write_zeek_json, NULL },
	{ "dnstap", begin_dnstap, write_dnstap, end_dnstap },
};

int main(int argc, char **argv)
{
	size_t format = 0;

	while (argc == 3 && format < sizeof(formats) / sizeof(*formats) && strcmp(formats[format].name, argv[1]) != 0)
		format++;
	if (argc != 3 || format == sizeof(formats) / sizeof(*formats))
		die("usage: convert tsv|unbound-log|zeek|zeek-json|dnstap CAPTURE");
	read_capture(argv[2]);
	find_answers();
	if (formats[format].begin)
		formats[format].begin();
	for (size_t i = 0; i < traffic.count; i++)
		formats[format].write(&traffic.message[i]);
	if (formats[format].end)
		formats[format].end();
	for (size_t i = 0; i < traffic.count; i++) {
		ldns_pkt_free(traffic.message[i].pkt);
		free(traffic.message[i].octets);
	}
	return fflush(stdout) ? 1 : 0;
}
