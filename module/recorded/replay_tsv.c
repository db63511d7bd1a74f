/* SPDX-License-Identifier: BSD-3-Clause */
/* replay_tsv - a query a line, fields separated by tabs:
 *
 *     time  client  qname  qtype  [rcode  [path]]
 *
 * time in seconds with a fraction, qname in presentation format (\DDD), rcode as a
 * word, a number or nothing, path miss, cache or local (miss when it is left out).
 * Empty lines and lines that begin with # are comments. A line is a question, and
 * with an rcode its answer too; what the cache or a local zone answers is both in one
 * observation, as in the resolver.
 *
 * Invariant: a line that is not whole in every field changes nothing but the count of
 * skipped lines.
 */
#include <string.h>

#include "base/dns.h"
#include "name/name.h"
#include "report/address.h"
#include "recorded/field.h"
#include "recorded/lines.h"
#include "recorded/format.h"

enum column { TIME, CLIENT, QNAME, QTYPE, RCODE, PATH, COLUMN_COUNT };

struct row {
	struct warden_observation obs;
	struct name name;
	bool answered;
};

/* Cuts <line> at its tabs. Returns how many fields there are, at most COLUMN_COUNT + 1. */
static unsigned cut(char *line, char *field[COLUMN_COUNT])
{
	unsigned count = 0;

	for (char *next = line; next; ) {
		char *here = strsep(&next, "\t");

		if (count == COLUMN_COUNT)
			return count + 1;
		field[count++] = here;
	}
	return count;
}

/* Reads <line> into <row>. Returns NULL, or what is wrong with it. */
static const char *read_row(char *line, struct row *row)
{
	char *field[COLUMN_COUNT] = { NULL };
	unsigned count = cut(line, field);
	struct warden_observation *obs = &row->obs;

	*obs = (struct warden_observation){ .qclass = DNS_CLASS_IN, .path = WARDEN_PATH_MISS };
	if (count <= QTYPE)
		return "fewer than four fields";
	if (count > COLUMN_COUNT)
		return "more than six fields";
	if (!field_time(field[TIME], &obs->now))
		return "the time is not a number of seconds";
	if (!address_from_text(obs->client, field[CLIENT]))
		return "the client is not an address";
	if (!name_from_text(&row->name, field[QNAME]))
		return "the name is not a domain name";
	if (!field_type(field[QTYPE], &obs->qtype))
		return "the type is unknown";
	row->answered = field[RCODE] && *field[RCODE];
	if (row->answered && !field_rcode(field[RCODE], &obs->rcode))
		return "the rcode is unknown";
	if (field[PATH] && *field[PATH] && !field_path(field[PATH], &obs->path))
		return "the path is not miss, cache or local";
	obs->qname = row->name.raw;
	obs->qname_len = row->name.len;
	return NULL;
}

static void tell(const struct sink *sink, struct row *row)
{
	struct warden_observation *obs = &row->obs;

	/* What is known of the answer is its rcode; the rest is the least it can have been. */
	if (row->answered) {
		obs->answer_count = obs->rcode == DNS_RCODE_NOERROR;
		obs->answer_size = DNS_HEADER_LEN + obs->qname_len + DNS_QUESTION_FIXED;
	}
	if (row->answered && obs->path != WARDEN_PATH_MISS) {
		obs->what = WARDEN_QUESTION | WARDEN_ANSWER;
		sink->observe(sink->arg, obs);
		return;
	}
	obs->what = WARDEN_QUESTION;
	sink->observe(sink->arg, obs);
	if (row->answered) {
		obs->what = WARDEN_ANSWER;
		sink->observe(sink->arg, obs);
	}
}

static int tsv_read(FILE *file, const struct sink *sink, char *error, size_t error_len)
{
	struct lines lines = { .file = file };
	struct row row;

	while (lines_next(&lines)) {
		const char *fault = lines.fault;

		if (!lines.len || *lines.text == '#')
			continue;
		if (!fault)
			fault = read_row(lines.text, &row);
		if (fault)
			sink->skip(sink->arg, lines.number, fault);
		else
			tell(sink, &row);
	}
	return lines_end(&lines, error, error_len);
}

/* A comment, or seconds up to a tab, stand first; and an empty file has no lines, whatever it was
 * to be.
 */
static bool tsv_recognise(const uint8_t *head, size_t len)
{
	size_t digits = 0;

	while (digits < len && ((head[digits] >= '0' && head[digits] <= '9') || (digits && head[digits] == '.')))
		digits++;
	return !len || head[0] == '#' || (digits && (digits == len || head[digits] == '\t'));
}

const struct format replay_tsv = {
	.name = "tsv",
	.extension = ".tsv",
	.recognise = tsv_recognise,
	.read = tsv_read,
};
