/* SPDX-License-Identifier: BSD-3-Clause */
/* option - walks over option rows: defaults, one value set, one value printed.
 *
 * A value is parsed whole before anything is stored, so a refused one leaves the
 * configuration as it was. A number that overflows is out of range, not another number.
 */
#include "base/option.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/nearest.h"

#define QUOTED_MAX 120 /* octets of a wrong value that an error repeats */

struct unit {
	const char *suffix;
	uint64_t factor;
};

/* Largest first; the last row is a number without suffix. */
static const struct unit count_units[] = {
	{ "g", 1000000000 }, { "m", 1000000 }, { "k", 1000 }, { "", 1 },
};
static const struct unit size_units[] = {
	{ "g", 1 << 30 }, { "m", 1 << 20 }, { "k", 1 << 10 }, { "", 1 },
};
static const struct unit time_units[] = {
	{ "d", 86400000 }, { "h", 3600000 }, { "m", 60000 }, { "s", 1000 }, { "ms", 1 }, { "", 1000 },
};

static void *member(const struct option *row, const void *config)
{
	return (char *)config + row->offset;
}

static uint64_t *number_member(const struct option *row, const void *config)
{
	return member(row, config);
}

static char **text_member(const struct option *row, const void *config)
{
	return member(row, config);
}

static struct option_list *list_member(const struct option *row, const void *config)
{
	return member(row, config);
}

static void list_free(struct option_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->item[i].text);
		free(list->item[i].file);
	}
	free(list->item);
	*list = (struct option_list){ .item = NULL };
}

/* Adds an item to <list>. Returns 0 or -ENOMEM. */
static int list_add(struct option_list *list, const char *text, const char *file, int line)
{
	struct option_item item = { .text = strdup(text), .file = NULL, .line = line };
	struct option_item *grown;

	if (file)
		item.file = strdup(file);
	if (!item.text || (file && !item.file))
		goto fail;
	grown = realloc(list->item, (list->count + 1) * sizeof(*grown));
	if (!grown)
		goto fail;
	list->item = grown;
	list->item[list->count++] = item;
	return 0;

fail:
	free(item.text);
	free(item.file);
	return -ENOMEM;
}

/* The default of a list, which goes when something is written in its place. */
static int list_preset(const struct option *row, struct option_list *list)
{
	*list = (struct option_list){ .item = NULL };
	if (!row->preset_text)
		return 0;
	list->preset = true;
	return list_add(list, row->preset_text, NULL, 0);
}

int option_defaults(const struct option *rows, void *config)
{
	int status = 0;

	for (const struct option *row = rows; row && row->key; row++) {
		if (row->type == OPT_LIST) {
			if (list_preset(row, list_member(row, config)))
				status = -ENOMEM;
		} else if (row->type == OPT_TEXT) {
			*text_member(row, config) = strdup(row->preset_text);
			if (!*text_member(row, config))
				status = -ENOMEM;
		} else {
			*number_member(row, config) = row->preset;
		}
	}
	return status;
}

/* Copies the items of <list>. Returns 0 or -ENOMEM. */
static int list_copy(struct option_list *copy, const struct option_list *list)
{
	*copy = (struct option_list){ .preset = true };
	for (size_t i = 0; i < list->count; i++)
		if (list_add(copy, list->item[i].text, list->item[i].file, list->item[i].line))
			return -ENOMEM;
	return 0;
}

int option_copy(const struct option *rows, void *copy, const void *config, size_t size)
{
	int status = 0;

	memcpy(copy, config, size);
	for (const struct option *row = rows; row && row->key; row++) {
		if (row->type == OPT_LIST) {
			if (list_copy(list_member(row, copy), list_member(row, config)))
				status = -ENOMEM;
		} else if (row->type == OPT_TEXT) {
			*text_member(row, copy) = strdup(*text_member(row, config));
			if (!*text_member(row, copy))
				status = -ENOMEM;
		}
	}
	return status;
}

void option_free(const struct option *rows, void *config)
{
	for (const struct option *row = rows; row && row->key; row++) {
		if (row->type == OPT_LIST) {
			list_free(list_member(row, config));
		} else if (row->type == OPT_TEXT) {
			free(*text_member(row, config));
			*text_member(row, config) = NULL;
		}
	}
}

const struct option *option_find(const struct option *rows, const char *key)
{
	for (const struct option *row = rows; row && row->key; row++)
		if (!strcmp(row->key, key))
			return row;
	return NULL;
}

bool option_is_same(const struct option *row, const void *config, const void *other)
{
	if (row->type == OPT_TEXT)
		return !strcmp(*text_member(row, config), *text_member(row, other));
	return *number_member(row, config) == *number_member(row, other);
}

uint64_t option_number(const struct option *row, const void *config)
{
	return config ? *number_member(row, config) : row->preset;
}

/* What a numeric type is written with, and how to ask for it. */
struct notation {
	const struct unit *units;
	size_t count;
	const char *wanted;
};

static struct notation notation_of(enum option_type type)
{
	if (type == OPT_TIME)
		return (struct notation){ time_units, sizeof(time_units) / sizeof(*time_units),
		                          "a time: write 90s, 5m, 1h or 1d" };
	if (type == OPT_SIZE)
		return (struct notation){ size_units, sizeof(size_units) / sizeof(*size_units),
		                          "a size: write 512, 64k, 16m or 1g" };
	return (struct notation){ count_units, sizeof(count_units) / sizeof(*count_units),
	                          "a number: write 512, 64k, 16m or 1g" };
}

/* The value in its largest whole unit. Counts stay plain: 65000 reads better than 65k. */
static void print_number(enum option_type type, uint64_t value, char *text, size_t len)
{
	struct notation notation = notation_of(type);
	size_t i = 0;

	if (type == OPT_COUNT || (type == OPT_SIZE && !value)) {
		snprintf(text, len, "%" PRIu64, value);
		return;
	}
	if (!value) {
		snprintf(text, len, "0s");
		return;
	}
	while (i + 1 < notation.count && value % notation.units[i].factor)
		i++;
	snprintf(text, len, "%" PRIu64 "%s", value / notation.units[i].factor,
	         notation.units[i].suffix);
}

static bool parse_digits(const char **text, uint64_t *value, bool *overflow)
{
	const char *at = *text;

	*value = 0;
	*overflow = false;
	for (; *at >= '0' && *at <= '9'; at++)
		if (__builtin_mul_overflow(*value, UINT64_C(10), value) ||
		    __builtin_add_overflow(*value, (uint64_t)(*at - '0'), value))
			*overflow = true;
	if (at == *text)
		return false;
	*text = at;
	return true;
}

static bool set_number(const struct option *row, void *config, const char *text, char *error,
                       size_t error_len)
{
	struct notation notation = notation_of(row->type);
	const char *suffix = text;
	enum option_type bounds;
	char min[32], max[32];
	uint64_t value;
	bool overflow;
	size_t i = 0;

	if (!parse_digits(&suffix, &value, &overflow))
		goto not_one;
	while (i < notation.count && strcasecmp(suffix, notation.units[i].suffix))
		i++;
	if (i == notation.count)
		goto not_one;
	if (__builtin_mul_overflow(value, notation.units[i].factor, &value) || overflow ||
	    value < row->min || value > row->max) {
		/* Octets plainly: a range in two different units is hard to read. */
		bounds = row->type == OPT_TIME ? OPT_TIME : OPT_COUNT;
		print_number(bounds, row->min, min, sizeof(min));
		print_number(bounds, row->max, max, sizeof(max));
		snprintf(error, error_len, "%s: '%.*s' is not between %s and %s", row->key,
		         QUOTED_MAX, text, min, max);
		return false;
	}
	*number_member(row, config) = value;
	return true;

not_one:
	if (row->type == OPT_COUNT && row->max < 1000) /* nobody writes a prefix as 1k */
		snprintf(error, error_len, "%s: '%.*s' is not a number from %" PRIu64 " to %" PRIu64, row->key,
		         QUOTED_MAX, text, row->min, row->max);
	else
		snprintf(error, error_len, "%s: '%.*s' is not %s", row->key, QUOTED_MAX, text, notation.wanted);
	return false;
}

static bool set_switch(const struct option *row, void *config, const char *text, char *error,
                       size_t error_len)
{
	bool yes = !strcmp(text, "yes");

	if (!yes && strcmp(text, "no")) {
		snprintf(error, error_len, "%s: '%.*s' is not yes or no", row->key, QUOTED_MAX, text);
		return false;
	}
	*number_member(row, config) = yes;
	return true;
}

static bool set_choice(const struct option *row, void *config, const char *text, char *error,
                       size_t error_len)
{
	struct nearest nearest;
	size_t used;

	for (size_t i = 0; row->choices[i]; i++) {
		if (strcmp(row->choices[i], text))
			continue;
		*number_member(row, config) = i;
		return true;
	}
	nearest_begin(&nearest, text);
	snprintf(error, error_len, "%s: '%.*s' is not one of", row->key, QUOTED_MAX, text);
	for (size_t i = 0; row->choices[i]; i++) {
		used = strlen(error);
		snprintf(error + used, error_len - used, "%s %s", i ? "," : "", row->choices[i]);
		nearest_consider(&nearest, row->choices[i]);
	}
	used = strlen(error);
	if (nearest.best)
		snprintf(error + used, error_len - used, " (did you mean '%s'?)", nearest.best);
	return false;
}

static bool out_of_memory(const struct option *row, char *error, size_t error_len)
{
	snprintf(error, error_len, "%s: out of memory", row->key);
	return false;
}

static bool set_text(const struct option *row, void *config, const char *text, char *error,
                     size_t error_len)
{
	char *copy = strdup(text);

	if (!copy)
		return out_of_memory(row, error, error_len);
	free(*text_member(row, config));
	*text_member(row, config) = copy;
	return true;
}

static bool add_item(const struct option *row, void *config, const char *text, const char *file,
                     int line, char *error, size_t error_len)
{
	struct option_list *list = list_member(row, config), was = *list;

	if (was.preset)
		*list = (struct option_list){ .item = NULL };
	if (list_add(list, text, file, line)) {
		*list = was;
		return out_of_memory(row, error, error_len);
	}
	if (was.preset)
		list_free(&was);
	return true;
}

bool option_set(const struct option *row, void *config, const char *text, const char *file,
                int line, char *error, size_t error_len)
{
	switch (row->type) {
	case OPT_COUNT:
	case OPT_TIME:
	case OPT_SIZE:
		return set_number(row, config, text, error, error_len);
	case OPT_SWITCH:
		return set_switch(row, config, text, error, error_len);
	case OPT_CHOICE:
		return set_choice(row, config, text, error, error_len);
	case OPT_TEXT:
		return set_text(row, config, text, error, error_len);
	case OPT_LIST:
		return add_item(row, config, text, file, line, error, error_len);
	}
	snprintf(error, error_len, "%s: cannot be set", row->key);
	return false;
}

char *option_print(const struct option *row, const void *config, char *text, size_t len)
{
	const struct option_list *list;
	const char *value = "";

	switch (row->type) {
	case OPT_COUNT:
	case OPT_TIME:
	case OPT_SIZE:
		print_number(row->type, option_number(row, config), text, len);
		return text;
	case OPT_SWITCH:
		snprintf(text, len, "%s", option_number(row, config) ? "yes" : "no");
		return text;
	case OPT_CHOICE:
		snprintf(text, len, "%s", row->choices[option_number(row, config)]);
		return text;
	case OPT_TEXT:
		value = config ? *text_member(row, config) : row->preset_text;
		break;
	case OPT_LIST:
		list = config ? list_member(row, config) : NULL;
		value = list && list->count ? list->item[0].text : "";
		if (!config && row->preset_text)
			value = row->preset_text;
		break;
	}
	snprintf(text, len, "\"%s\"", value);
	return text;
}
