/* SPDX-License-Identifier: BSD-3-Clause */
/* replay_zeek - dns.log of Zeek (https://zeek.org), in its own format or in JSON.
 *
 *     #separator \x09                                       {"ts":1700000000.123456,
 *     #unset_field	-                                         "id.orig_h":"192.0.2.7",
 *     #fields	ts	id.orig_h	query	qtype	...                "query":"www.example.com",
 *     1700000000.123456	192.0.2.7	www.example.com	1	...      "qtype":1, ...}
 *
 * Which of the two a line is, its first octet says; "id":{"orig_h":"192.0.2.7"} is as good. The lines that begin with # say what is between
 * fields, what is between the parts of one, what stands for nothing, and which fields there are, in
 * which order; they may come again where logs were put behind each other.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/sentence.h"
#include "recorded/lines.h"
#include "recorded/format.h"
#include "recorded/zeek_row.h"

#define COLUMNS_MAX 128
#define WORD_MAX    16 /* of what stands for nothing, with NUL */
#define NOT_READ    ZEEK_FIELDS

struct reader {
	const struct sink *sink;
	char separator, set_separator;
	char unset[WORD_MAX], empty[WORD_MAX];
	uint8_t column[COLUMNS_MAX]; /* the enum zeek_field of each, or NOT_READ */
	unsigned columns;            /* 0: no line has named them yet */
	struct zeek_row row;
};

static uint8_t field_of(const char *name)
{
	uint8_t field = 0;

	while (field < ZEEK_FIELDS && strcmp(zeek_fields[field], name) != 0)
		field++;
	return field;
}

/* --- Zeek's own format ----------------------------------------------------------------------- */

static void begin_log(struct reader *reader)
{
	reader->separator = '\t';
	reader->set_separator = ',';
	reader->columns = 0;
	snprintf(reader->unset, WORD_MAX, "-");
	snprintf(reader->empty, WORD_MAX, "(empty)");
}

/* The one character that <text> is, as itself or as \xNN. False when it is something else. */
static bool take_separator(const char *text, char *separator)
{
	unsigned long octet;
	char *end;

	if (text[0] && !text[1]) {
		*separator = text[0];
		return true;
	}
	if (strncmp(text, "\\x", 2) != 0 || strlen(text) != 4)
		return false;
	octet = strtoul(text + 2, &end, 16);
	if (*end || !octet)
		return false;
	*separator = (char)octet;
	return true;
}

static const char *take_columns(struct reader *reader, char *names)
{
	const char between[] = { reader->separator, '\0' };

	reader->columns = 0;
	while (names) {
		char *name = strsep(&names, between);

		if (reader->columns == COLUMNS_MAX)
			return "more than 128 fields";
		reader->column[reader->columns++] = field_of(name);
	}
	return NULL;
}

/* The value of the head line <line>, when its name is <name>; NULL else. The first one has a blank
 * behind it, since it is what says what the others have.
 */
static char *value_of(char *line, const char *name, char separator)
{
	size_t len = strlen(name);

	return !strncmp(line, name, len) && (line[len] == separator) ? line + len + 1 : NULL;
}

static const char *take_head(struct reader *reader, char *line)
{
	char *value;

	if ((value = value_of(line, "#separator", ' '))) {
		begin_log(reader);
		return take_separator(value, &reader->separator) ? NULL : "the separator is no character";
	}
	if ((value = value_of(line, "#set_separator", reader->separator)))
		return take_separator(value, &reader->set_separator) ? NULL : "the separator is no character";
	if ((value = value_of(line, "#unset_field", reader->separator)))
		snprintf(reader->unset, WORD_MAX, "%s", value);
	else if ((value = value_of(line, "#empty_field", reader->separator)))
		snprintf(reader->empty, WORD_MAX, "%s", value);
	else if ((value = value_of(line, "#fields", reader->separator)))
		return take_columns(reader, value);
	return NULL;
}

/* Gives <take> each part of <list>. */
static void take_parts(struct reader *reader, char *list, bool answers)
{
	const char between[] = { reader->set_separator, '\0' };

	while (list) {
		char *part = strsep(&list, between);

		if (!strcmp(part, reader->unset))
			continue;
		if (answers)
			zeek_row_answer(&reader->row, part, strlen(part));
		else
			zeek_row_ttl(&reader->row, part);
	}
}

static const char *take_line(struct reader *reader, char *line)
{
	const char between[] = { reader->separator, '\0' };
	char *lists[ZEEK_FIELDS] = { NULL };
	const char *fault;

	if (!reader->columns)
		return "no line has said which fields there are";
	zeek_row_begin(&reader->row);
	for (unsigned i = 0; line; i++) {
		char *text = strsep(&line, between);
		uint8_t field = i < reader->columns ? reader->column[i] : NOT_READ;

		if (i == reader->columns)
			return "more fields than were named";
		if (field == NOT_READ || !strcmp(text, reader->unset))
			continue;
		if (!strcmp(text, reader->empty))
			*text = '\0';
		if (field == ZEEK_ANSWERS || field == ZEEK_TTLS)
			lists[field] = *text ? text : NULL;
		else
			reader->row.text[field] = text;
	}
	fault = zeek_row_read(&reader->row);
	if (fault)
		return fault;
	take_parts(reader, lists[ZEEK_ANSWERS], true);
	take_parts(reader, lists[ZEEK_TTLS], false);
	zeek_row_tell(&reader->row, reader->sink);
	return NULL;
}

/* --- JSON ------------------------------------------------------------------------------------ */

#define NUMBER_TEXT 48

/* <value> as the text it would be in Zeek's own format; NULL when it is none. */
static const char *text_of(const json_t *value, char text[NUMBER_TEXT])
{
	if (json_is_string(value))
		return json_string_value(value);
	if (json_is_integer(value))
		snprintf(text, NUMBER_TEXT, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_real(value) && json_real_value(value) >= 0 && json_real_value(value) < 1e18)
		snprintf(text, NUMBER_TEXT, "%.6f", json_real_value(value));
	else
		return NULL;
	return text;
}

static void take_array(struct zeek_row *row, const json_t *array, bool answers)
{
	char number[NUMBER_TEXT];
	const json_t *value;
	size_t i;

	json_array_foreach(array, i, value) {
		const char *text = text_of(value, number);
		char *copy = text && answers ? strdup(text) : NULL;

		if (copy)
			zeek_row_answer(row, copy, strlen(copy));
		else if (text && !answers)
			zeek_row_ttl(row, text);
		free(copy);
	}
}

/* The value of <name>: what is "id.orig_h" to Zeek has become "id": {"orig_h": ...} in some pipelines. */
static const json_t *value_named(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return value || strncmp(name, "id.", 3) != 0 ? value : json_object_get(json_object_get(object, "id"), name + 3);
}

static const char *take_json(struct reader *reader, const json_t *object)
{
	char number[ZEEK_FIELDS][NUMBER_TEXT];
	struct zeek_row *row = &reader->row;
	const char *fault;

	if (!json_is_object(object))
		return "not a JSON object";
	zeek_row_begin(row);
	for (unsigned i = 0; i < ZEEK_ANSWERS; i++)
		row->text[i] = text_of(value_named(object, zeek_fields[i]), number[i]);
	fault = zeek_row_read(row);
	if (fault)
		return fault;
	take_array(row, json_object_get(object, zeek_fields[ZEEK_ANSWERS]), true);
	take_array(row, json_object_get(object, zeek_fields[ZEEK_TTLS]), false);
	zeek_row_tell(row, reader->sink);
	return NULL;
}

static const char *take_object(struct reader *reader, const char *line, size_t len)
{
	json_t *object = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
	const char *fault = object ? take_json(reader, object) : "not a JSON object";

	json_decref(object);
	return fault;
}

/* --- the file -------------------------------------------------------------------------------- */

static int zeek_read(FILE *file, const struct sink *sink, char *error, size_t error_len)
{
	struct reader *reader = calloc(1, sizeof(*reader));
	struct lines lines = { .file = file };

	if (!reader) {
		fclose(file);
		return sentence_error(error, error_len, "cannot be read: memory is short");
	}
	reader->sink = sink;
	begin_log(reader);
	while (lines_next(&lines)) {
		const char *fault = lines.fault;

		if (!fault && *lines.text == '#')
			fault = take_head(reader, lines.text);
		else if (!fault && *lines.text == '{')
			fault = take_object(reader, lines.text, lines.len);
		else if (!fault && lines.len)
			fault = take_line(reader, lines.text);
		if (fault)
			sink->skip(sink->arg, lines.number, fault);
	}
	free(reader);
	return lines_end(&lines, error, error_len);
}

static bool zeek_recognise(const uint8_t *head, size_t len)
{
	return (len >= 11 && !memcmp(head, "#separator ", 11)) || (len && head[0] == '{');
}

/* Both its logs and Unbound's end in .log, so what is in them tells. */
const struct format replay_zeek = {
	.name = "zeek",
	.extension = ".json",
	.recognise = zeek_recognise,
	.read = zeek_read,
};
