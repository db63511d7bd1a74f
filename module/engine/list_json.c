/* SPDX-License-Identifier: BSD-3-Clause */
/* list_json - warning lists of MISP: an object with a "list" of texts, and the "type" they are of.
 *
 *     { "name": "...", "type": "hostname", "list": [ ".example.org", "*.example.net" ] }
 *
 * Types hostname, domain and string are of names, and so is a list that has none; of the others
 * (cidr, substring, regex) nothing can be taken. JSON has no lines, but bad entries are told by the
 * line they stand on, so a cursor follows through the text when jansson has found it sound.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "engine/list_format.h"

#define TEXT_MAX (32u << 20) /* octets: about a million names; jansson takes a multiple of it */

static bool json_is(const char *text)
{
	return *text == '{';
}

/* Reads the whole file. Returns 0 or -errno; the text is the caller's. */
static int read_text(FILE *in, char **text, size_t *len)
{
	size_t size = 1u << 16;
	char *grown;

	rewind(in);
	*text = NULL;
	*len = 0;
	do {
		size *= 2;
		grown = size <= 2 * TEXT_MAX ? realloc(*text, size) : NULL;
		if (!grown)
			return size <= 2 * TEXT_MAX ? -ENOMEM : -EFBIG;
		*text = grown;
		*len += fread(*text + *len, 1, size - *len, in);
	} while (*len == size);
	return *len > TEXT_MAX ? -EFBIG : 0;
}

/* ---- which line an entry stands on --------------------------------------------- */

struct cursor {
	const char *at, *end;
	int line;
};

/* To the next octet that is part of a token; commas and colons only stand between them. */
static char skip_blanks(struct cursor *cursor)
{
	for (; cursor->at < cursor->end && strchr(" \t\r\n,:", *cursor->at); cursor->at++)
		cursor->line += *cursor->at == '\n';
	return cursor->at < cursor->end ? *cursor->at : '\0';
}

/* Behind the token at hand: a string, a bracket, or a word. */
static void skip_token(struct cursor *cursor)
{
	if (*cursor->at == '"') {
		for (cursor->at++; cursor->at < cursor->end && *cursor->at != '"'; cursor->at++)
			cursor->at += *cursor->at == '\\';
		cursor->at++;
	} else if (strchr("[]{}", *cursor->at)) {
		cursor->at++;
	} else {
		while (cursor->at < cursor->end && !strchr(" \t\r\n,:[]{}\"", *cursor->at))
			cursor->at++;
	}
}

/* Behind the value at hand, with all that is in it. */
static void skip_value(struct cursor *cursor)
{
	unsigned depth = 0;
	char first;

	do {
		first = skip_blanks(cursor);
		if (!first)
			return;
		depth += first == '[' || first == '{';
		depth -= first == ']' || first == '}';
		skip_token(cursor);
	} while (depth);
}

/* Into the array that belongs to the key "list" of the outermost object. */
static void find_list(struct cursor *cursor)
{
	static const char key[] = "\"list\"";
	bool found = false;

	skip_blanks(cursor);
	skip_token(cursor);
	while (!found && skip_blanks(cursor) == '"') {
		found = (size_t)(cursor->end - cursor->at) > strlen(key) &&
		        !memcmp(cursor->at, key, strlen(key));
		skip_token(cursor);
		if (!found)
			skip_value(cursor);
	}
	if (skip_blanks(cursor))
		skip_token(cursor);
}

/* ---- entries ------------------------------------------------------------------- */

static bool is_of_names(const json_t *type)
{
	const char *text = json_string_value(type);

	return !type || (text && (!strcmp(text, "hostname") || !strcmp(text, "domain") ||
	                          !strcmp(text, "string")));
}

static int add_entries(struct list_reading *list, const json_t *entries, struct cursor *cursor)
{
	int result = 0;

	find_list(cursor);
	for (size_t i = 0; i < json_array_size(entries) && !result; i++) {
		const char *text = json_string_value(json_array_get(entries, i));

		skip_blanks(cursor);
		list->line = cursor->line;
		if (text)
			result = list_add(list, text, "", true);
		else
			list_bad(list, "an entry of \"list\" is not a text");
		skip_value(cursor);
	}
	return result;
}

/* Loads <text> into <object>, NULL with what is wrong in <error>. Returns 0 or -ENOMEM, for which the library has no
 * words, or takes it for bad syntax: so what is bad must be so twice, at the same place.
 */
static int load(json_t **object, const char *text, size_t len, json_error_t *error)
{
	json_error_t before;

	*object = json_loadb(text, len, JSON_REJECT_DUPLICATES, &before);
	if (*object)
		return 0;
	*object = json_loadb(text, len, JSON_REJECT_DUPLICATES, error);
	if (*object)
		return 0;
	return *error->text && error->position == before.position && !strcmp(error->text, before.text) ? 0 : -ENOMEM;
}

static int add_object(struct list_reading *list, const char *text, size_t len)
{
	struct cursor cursor = { .at = text, .end = text + len, .line = 1 };
	json_error_t error;
	json_t *object;
	int result = load(&object, text, len, &error);
	const json_t *entries = json_object_get(object, "list"), *type = json_object_get(object, "type");

	if (result)
		return result;
	if (!object) {
		list->line = error.line > 0 ? error.line : 1;
		list_bad_word(list, error.text, "is what is wrong with this JSON, so nothing of it is taken");
	} else if (!json_is_array(entries)) {
		list->line = 1;
		list_bad(list, "there is no \"list\" in this JSON");
	} else if (!is_of_names(type)) {
		list->line = 1;
		list_bad_word(list, json_string_value(type) ? json_string_value(type) : "",
		              "is a type of list that is not of domain names");
	} else {
		result = add_entries(list, entries, &cursor);
	}
	json_decref(object);
	return result;
}

static int json_file(struct list_reading *list)
{
	size_t len, mark;
	char *text;
	int result = read_text(list->in, &text, &len);

	if (!result) {
		mark = len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0;
		result = add_object(list, text + mark, len - mark);
	}
	free(text);
	return result;
}

const struct list_format list_format_json = { .is = json_is, .file = json_file };
