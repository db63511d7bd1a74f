/* SPDX-License-Identifier: BSD-3-Clause */
/* zeek_row - one line of Zeek's dns.log, field by field, however it was written.
 *
 * replay_zeek.c finds the fields in a line, of tabs or of JSON, and gives each as text, in which an
 * octet that is not printable is \xNN. Here they become an observation.
 *
 * Zeek writes answers as people read them, without their types. An address is A or AAAA; TXT says
 * TXT; another one is a name, of the type that was asked for if that has nothing but a name in it,
 * else of a CNAME on the way. Those are told with their data. Of others (MX, SRV, SOA, what Zeek
 * knows no words for) it is known that they were there.
 */
#ifndef RECORDED_ZEEK_ROW_H
#define RECORDED_ZEEK_ROW_H

#include "name/name.h"
#include "recorded/format.h"

#define ZEEK_RECORDS_MAX 128   /* of an answer that are told with their data */
#define ZEEK_DATA_MAX    65535 /* octets of that: what a message can have */

/* The fields that are read. A line may give them in any order. */
enum zeek_field {
	ZEEK_TS, ZEEK_ORIG_H, ZEEK_ORIG_P, ZEEK_PROTO, ZEEK_QUERY, ZEEK_ORIGINAL_QUERY, ZEEK_QCLASS,
	ZEEK_QTYPE, ZEEK_QTYPE_NAME, ZEEK_RCODE, ZEEK_RCODE_NAME, ZEEK_ANSWERS, ZEEK_TTLS,
	ZEEK_FIELDS
};

extern const char *const zeek_fields[ZEEK_FIELDS]; /* their names */

struct zeek_row {
	struct warden_observation obs;
	struct name name;
	const char *text[ZEEK_FIELDS]; /* NULL: the line has it not. Not of the last two */
	struct warden_record record[ZEEK_RECORDS_MAX];
	uint32_t answers;              /* all that there are, also of those not in <record> */
	uint32_t text_octets;          /* of those not in <record> */
	uint32_t data_len;
	bool has_ttl;
	uint8_t data[ZEEK_DATA_MAX];
};

/* Makes <row> one of a line that has no fields yet. */
void zeek_row_begin(struct zeek_row *row);

/* Reads what is in row->text[]. Returns NULL, or what is wrong with it. Then come its answers. */
const char *zeek_row_read(struct zeek_row *row);

/* Takes one more answer, or a time to live, of <len> octets, changing them. */
void zeek_row_answer(struct zeek_row *row, char *text, size_t len);
void zeek_row_ttl(struct zeek_row *row, const char *text);

/* Tells what the line says. */
void zeek_row_tell(struct zeek_row *row, const struct sink *sink);

#endif
