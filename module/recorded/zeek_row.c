/* SPDX-License-Identifier: BSD-3-Clause */
/* zeek_row - see zeek_row.h. */
#include <stdlib.h>
#include <string.h>

#include "base/dns.h"
#include "report/address.h"
#include "recorded/field.h"
#include "recorded/stamp.h"
#include "recorded/zeek_row.h"

#define RECORD_FIXED   12  /* octets of a record, its data apart: its name is a pointer */
#define STRING_MAX     255 /* octets of a string in a TXT record */
#define LABEL_MAX      63

const char *const zeek_fields[ZEEK_FIELDS] = {
	[ZEEK_TS] = "ts",
	[ZEEK_ORIG_H] = "id.orig_h",
	[ZEEK_ORIG_P] = "id.orig_p",
	[ZEEK_PROTO] = "proto",
	[ZEEK_QUERY] = "query",
	[ZEEK_ORIGINAL_QUERY] = "original_query", /* with policy/protocols/dns/log-original-query-case */
	[ZEEK_QCLASS] = "qclass",
	[ZEEK_QTYPE] = "qtype",
	[ZEEK_QTYPE_NAME] = "qtype_name",
	[ZEEK_RCODE] = "rcode",
	[ZEEK_RCODE_NAME] = "rcode_name",
	[ZEEK_ANSWERS] = "answers",
	[ZEEK_TTLS] = "TTLs",
};

/* --- words ----------------------------------------------------------------------------------- */

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0'
		: c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Turns each \xNN of the <len> octets at <text> into the octet it stands for, and \\ into one
 * backslash. Returns how many octets are left.
 */
static size_t unescape(char *text, size_t len)
{
	char *to = text;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\\' && i + 3 < len && text[i + 1] == 'x' && hex(text[i + 2]) >= 0 &&
		    hex(text[i + 3]) >= 0) {
			*to++ = (char)(hex(text[i + 2]) << 4 | hex(text[i + 3]));
			i += 3;
			continue;
		}
		if (text[i] == '\\' && i + 1 < len && text[i + 1] == '\\')
			i++;
		*to++ = text[i];
	}
	return (size_t)(to - text);
}

/* Writes the <len> octets at <text>, labels with dots between them, into <wire>. Returns the length,
 * or 0 when that is no name.
 */
static size_t name_wire(uint8_t wire[NAME_WIRE_MAX], const char *text, size_t len)
{
	size_t used = 0;

	if (len && text[len - 1] == '.')
		len--;
	while (len) {
		const char *dot = memchr(text, '.', len);
		size_t label = dot ? (size_t)(dot - text) : len;

		if (!label || label > LABEL_MAX || used + 1 + label >= NAME_WIRE_MAX)
			return 0;
		wire[used++] = (uint8_t)label;
		memcpy(wire + used, text, label);
		used += label;
		text += label + (dot != NULL);
		len -= label + (dot != NULL);
		if (dot && !len)
			return 0;
	}
	wire[used++] = 0;
	return used;
}

/* --- the question ---------------------------------------------------------------------------- */

void zeek_row_begin(struct zeek_row *row)
{
	row->obs = (struct warden_observation){ .qclass = DNS_CLASS_IN, .path = WARDEN_PATH_MISS };
	memset(row->text, 0, sizeof(row->text));
	row->answers = row->text_octets = row->data_len = 0;
	row->has_ttl = false;
}

static bool read_name(struct zeek_row *row)
{
	const char *query = row->text[row->text[ZEEK_ORIGINAL_QUERY] ? ZEEK_ORIGINAL_QUERY : ZEEK_QUERY];
	char text[4 * NAME_WIRE_MAX + 1];
	uint8_t wire[NAME_WIRE_MAX];
	size_t len = strlen(query);

	if (len >= sizeof(text))
		return false;
	memcpy(text, query, len);
	len = name_wire(wire, text, unescape(text, len));
	return len && name_parse(&row->name, wire, len);
}

static bool read_time(const char *text, uint64_t *now)
{
	struct stamp stamp = { 0 };
	const char *end = text;

	return field_time(text, now) || (stamp_read(&stamp, &end, now) && !*end);
}

/* The number is exact; the word is Zeek's own, "query-61" where it knows none. */
static bool read_type(const struct zeek_row *row, uint16_t *type)
{
	if (row->text[ZEEK_QTYPE])
		return field_type(row->text[ZEEK_QTYPE], type);
	if (!strncmp(row->text[ZEEK_QTYPE_NAME], "query-", 6))
		return field_type(row->text[ZEEK_QTYPE_NAME] + 6, type);
	if (!strcmp(row->text[ZEEK_QTYPE_NAME], "*")) {
		*type = DNS_TYPE_ANY;
		return true;
	}
	return field_type(row->text[ZEEK_QTYPE_NAME], type);
}

const char *zeek_row_read(struct zeek_row *row)
{
	struct warden_observation *obs = &row->obs;
	const char *rcode = row->text[row->text[ZEEK_RCODE] ? ZEEK_RCODE : ZEEK_RCODE_NAME];

	if (!row->text[ZEEK_TS] || !row->text[ZEEK_ORIG_H] || !row->text[ZEEK_QUERY] ||
	    (!row->text[ZEEK_QTYPE] && !row->text[ZEEK_QTYPE_NAME]))
		return "not all of ts, id.orig_h, query and qtype are there";
	if (!read_time(row->text[ZEEK_TS], &obs->now))
		return "the time is not a number of seconds, nor a date";
	if (!address_from_text(obs->client, row->text[ZEEK_ORIG_H]))
		return "the client is not an address";
	if (row->text[ZEEK_ORIG_P] && !field_port(row->text[ZEEK_ORIG_P], &obs->client_port))
		return "the client's port is none";
	if (!read_name(row))
		return "the name is not a domain name";
	if (!read_type(row, &obs->qtype))
		return "the type is unknown";
	if (row->text[ZEEK_QCLASS] && !field_class(row->text[ZEEK_QCLASS], &obs->qclass))
		return "the class is unknown";
	if (rcode && !field_rcode(rcode, &obs->rcode))
		return "the rcode is unknown";
	if (row->text[ZEEK_PROTO] && !strcmp(row->text[ZEEK_PROTO], "tcp"))
		obs->transport = WARDEN_TRANSPORT_TCP;
	obs->qname = row->name.raw;
	obs->qname_len = row->name.len;
	return NULL;
}

/* --- its answers ----------------------------------------------------------------------------- */

/* Puts one more record of <len> octets into the row. NULL when there is no room. */
static uint8_t *add_record(struct zeek_row *row, uint16_t type, size_t len)
{
	uint32_t count = row->obs.record_count;
	uint8_t *data = row->data + row->data_len;

	if (count == ZEEK_RECORDS_MAX || len > ZEEK_DATA_MAX - row->data_len)
		return NULL;
	row->record[count] = (struct warden_record){ .rdata = data, .type = type, .rdata_len = (uint16_t)len };
	row->obs.record_count++;
	row->data_len += (uint32_t)len;
	return data;
}

static bool add_address(struct zeek_row *row, const char *text, size_t len)
{
	char terminated[ADDRESS_TEXT_MAX];
	uint8_t address[16], *data;
	bool six = memchr(text, ':', len) != NULL;

	if (len >= sizeof(terminated))
		return false;
	memcpy(terminated, text, len);
	terminated[len] = '\0';
	if (!address_from_text(address, terminated))
		return false;
	data = add_record(row, six ? DNS_TYPE_AAAA : DNS_TYPE_A, six ? 16 : 4);
	if (data)
		memcpy(data, six ? address : address + 12, six ? 16 : 4);
	return data != NULL;
}

/* "TXT 5 hello TXT 2 hi": lengths are of the octets, so strings may have anything in them. */
static bool add_strings(struct zeek_row *row, const char *text, size_t len)
{
	uint8_t *data = row->data + row->data_len;
	size_t used = 0;

	while (len) {
		size_t string = 0, head = 4;

		if (len < 6 || memcmp(text, "TXT ", 4))
			return false;
		for (; head < len && text[head] >= '0' && text[head] <= '9' && string <= STRING_MAX; head++)
			string = string * 10 + (size_t)(text[head] - '0');
		if (head == 4 || head == len || text[head] != ' ' || string > STRING_MAX ||
		    len - ++head < string || used + 1 + string > ZEEK_DATA_MAX - row->data_len)
			return false;
		data[used++] = (uint8_t)string;
		memcpy(data + used, text + head, string);
		used += string;
		text += head + string;
		len -= head + string;
		if (len && (*text++ != ' ' || !--len))
			return false;
	}
	return used && add_record(row, DNS_TYPE_TXT, used);
}

/* The type of an answer that is a name; 0 when there was more in it than that. */
static uint16_t type_of_name(uint16_t qtype)
{
	switch (qtype) {
	case DNS_TYPE_NS:
	case DNS_TYPE_PTR:
		return qtype;
	case DNS_TYPE_MX:
	case DNS_TYPE_SRV:
	case DNS_TYPE_SOA:
	case DNS_TYPE_ANY:
		return 0;
	default:
		return DNS_TYPE_CNAME;
	}
}

static bool add_name(struct zeek_row *row, const char *text, size_t len)
{
	uint16_t type = type_of_name(row->obs.qtype);
	uint8_t wire[NAME_WIRE_MAX], *data;
	size_t wire_len = type && !memchr(text, ' ', len) ? name_wire(wire, text, len) : 0;

	if (!wire_len)
		return false;
	data = add_record(row, type, wire_len);
	if (data)
		memcpy(data, wire, wire_len);
	return data != NULL;
}

void zeek_row_answer(struct zeek_row *row, char *text, size_t len)
{
	len = unescape(text, len);
	if (row->answers < UINT16_MAX)
		row->answers++;
	if (!add_address(row, text, len) && !add_strings(row, text, len) && !add_name(row, text, len))
		row->text_octets += (uint32_t)len;
}

/* Zeek has whole seconds here, as numbers with a fraction. */
void zeek_row_ttl(struct zeek_row *row, const char *text)
{
	uint64_t milliseconds;
	uint32_t ttl;

	if (!field_time(text, &milliseconds))
		return;
	ttl = milliseconds / 1000 > UINT32_MAX ? UINT32_MAX : (uint32_t)(milliseconds / 1000);
	if (!row->has_ttl || ttl < row->obs.ttl)
		row->obs.ttl = ttl;
	row->has_ttl = true;
}

/* The size of the message is the least it can have been. */
static void complete(struct zeek_row *row)
{
	struct warden_observation *obs = &row->obs;

	obs->answer_count = (uint16_t)row->answers;
	obs->records = row->record;
	obs->answer_size = DNS_HEADER_LEN + obs->qname_len + DNS_QUESTION_FIXED + row->answers * RECORD_FIXED +
	                   row->data_len + row->text_octets;
	for (uint32_t i = 0; i < obs->record_count; i++)
		row->record[i].ttl = obs->ttl;
}

/* As in a capture: a question, then its answer. */
void zeek_row_tell(struct zeek_row *row, const struct sink *sink)
{
	struct warden_observation *obs = &row->obs;
	struct warden_observation question = *obs;

	question.record_count = question.ttl = 0;
	question.what = WARDEN_QUESTION;
	sink->observe(sink->arg, &question);
	if (!row->text[ZEEK_RCODE] && !row->text[ZEEK_RCODE_NAME])
		return;
	complete(row);
	obs->what = WARDEN_ANSWER;
	sink->observe(sink->arg, obs);
}
