/* SPDX-License-Identifier: BSD-3-Clause */
/* manual - walks over the option rows, the detectors, counters.def and events.def. */
#include "report/manual.h"

#include <string.h>

#include "engine/config.h"
#include "store/counters.h"

#define COLUMNS   78
#define VALUE_MAX 512

struct event_field {
	const char *path;
	bool always;
	const char *meaning;
};

static const struct event_field event_fields[] = {
#define EVENT_FIELD(path, always, meaning) { path, always, meaning },
#include <warden/events.def>
#undef EVENT_FIELD
};

static const struct source {
	const char *source, *rule, *detectors;
} sources[] = {
#define SOURCE(source, rule, detectors) { source, rule, detectors },
#include "detect/sources.def"
#undef SOURCE
};

static const char example_head[] =
	"# warden.conf - the options of Warden, with their defaults.\n"
	"#\n"
	"# Printed by `unbound-warden manual --example`. Checked by `unbound-warden check`.\n"
	"#\n"
	"# The syntax is that of unbound.conf: clauses, `option: value`, quotes, # comments.\n"
	"# Times take ms, s, m, h or d (seconds without), sizes and numbers k, m or g.\n"
	"# More files: include: \"warden.d/*.conf\" (relative to the file that says so).\n"
	"\n";

/* Prints <text> in lines of at most COLUMNS, each behind <prefix>. */
static void print_wrapped(FILE *out, const char *prefix, const char *text)
{
	size_t room = COLUMNS - strlen(prefix);

	while (*text) {
		size_t len = strlen(text), cut = len;

		if (len > room) {
			for (cut = room; cut && text[cut] != ' '; cut--)
				;
			if (!cut)
				cut = strcspn(text, " ");
		}
		fprintf(out, "%s%.*s\n", prefix, (int)cut, text);
		text += cut;
		text += strspn(text, " ");
	}
}

/* "A number from 8 to 32.": what may be written, as a sentence. */
static void print_bounds(FILE *out, const char *prefix, const struct option *row)
{
	struct option least = *row, most = *row;
	char min[64], max[64], text[VALUE_MAX] = "";
	const char *what = row->type == OPT_TIME ? "time" : row->type == OPT_SIZE ? "size" : "number";
	size_t used;

	switch (row->type) {
	case OPT_COUNT:
	case OPT_TIME:
	case OPT_SIZE:
		least.preset = row->min;
		most.preset = row->max;
		option_print(&least, NULL, min, sizeof(min));
		option_print(&most, NULL, max, sizeof(max));
		snprintf(text, sizeof(text), "A %s from %s to %s.", what, min, max);
		break;
	case OPT_SWITCH:
		snprintf(text, sizeof(text), "yes or no.");
		break;
	case OPT_CHOICE:
		snprintf(text, sizeof(text), "One of:");
		for (size_t i = 0; row->choices[i]; i++) {
			used = strlen(text);
			snprintf(text + used, sizeof(text) - used, "%s %s", i ? "," : "",
			         row->choices[i]);
		}
		break;
	case OPT_TEXT:
		snprintf(text, sizeof(text), "A text.");
		break;
	case OPT_LIST:
		if (row->preset_text)
			snprintf(text, sizeof(text), "A list: the first one takes the place of the default, then "
			                             "one more each time. \"\" is none.");
		else
			snprintf(text, sizeof(text), "A list: none by default, one more each time.");
		break;
	}
	print_wrapped(out, prefix, text);
}

/* The line of an option as the operator would write it. */
static void print_setting(FILE *out, const char *prefix, const struct option *row, const void *config)
{
	char value[VALUE_MAX];

	option_print(row, config, value, sizeof(value));
	fprintf(out, "%s%s: %s\n", prefix, row->key, row->example ? row->example : value);
}

static void example_rows(FILE *out, const struct option *rows, const void *config)
{
	for (const struct option *row = rows; row && row->key; row++) {
		print_wrapped(out, "    # ", row->help);
		if (row->type == OPT_CHOICE)
			print_bounds(out, "    # ", row);
		print_setting(out, "    # ", row, config);
		if (row[1].key)
			fputc('\n', out);
	}
}

/* A clause that is there only when it is written: it has no defaults that would mean anything, so all of it
 * is commented out.
 */
static void example_clause(FILE *out, const char *about, const char *clause, const struct option *rows)
{
	fputc('\n', out);
	print_wrapped(out, "# ", about);
	fprintf(out, "# %s\n", clause);
	for (const struct option *row = rows; row->key; row++) {
		print_wrapped(out, "#     # ", row->help);
		if (row->type == OPT_CHOICE)
			print_bounds(out, "#     # ", row);
		print_setting(out, "#     ", row, NULL);
		if (row[1].key)
			fputs("#\n", out);
	}
}

static const char about_list[] = "A list of domains, and what happens to questions for them. May be repeated.";
static const char about_profile[] =
	"Clients for whom something else holds: a mode, and the options of detector: clauses that name it. "
	"May be repeated.";

static void print_example(FILE *out, const struct config *config)
{
	fputs(example_head, out);
	fputs("warden:\n", out);
	example_rows(out, settings_options, &config->settings);

	fputs("\n# Every detector has these options; behind each its own follow.\n#\n", out);
	for (const struct option *row = detector_common_options; row->key; row++) {
		fprintf(out, "# %s\n", row->key);
		print_wrapped(out, "#     ", row->help);
		if (row->type == OPT_CHOICE)
			print_bounds(out, "#     ", row);
	}
	for (unsigned i = 0; i < DETECTOR_COUNT; i++) {
		fputc('\n', out);
		print_wrapped(out, "# ", detectors[i]->help);
		fprintf(out, "detector:\n    name: \"%s\"\n", detectors[i]->name);
		for (const struct option *row = detector_common_options; row->key; row++)
			print_setting(out, "    # ", row, config->detector[i]);
		if (detectors[i]->options && detectors[i]->options[0].key)
			fputc('\n', out);
		example_rows(out, detectors[i]->options, config->detector[i]);
	}
	example_clause(out, about_profile, "client-profile:", profile_options);
	example_clause(out, "What a detector does to these clients.", "detector:", detector_clause_options);
	fputs("#\n#     action: tag\n", out);
	example_clause(out, about_list, "list:", list_options);
}

static void options_rows(FILE *out, const struct option *rows, const void *config)
{
	for (const struct option *row = rows; row && row->key; row++) {
		print_setting(out, "    ", row, config);
		print_wrapped(out, "        ", row->help);
		print_bounds(out, "        ", row);
		fputc('\n', out);
	}
}

static void print_options(FILE *out, const struct config *config)
{
	fputs("OPTIONS OF warden.conf\n\nEach with its default; lists with an example.\n\n", out);
	fputs("warden:\n\n", out);
	options_rows(out, settings_options, &config->settings);
	fputs("detector:\n\n", out);
	options_rows(out, detector_clause_options, NULL);
	for (unsigned i = 0; i < DETECTOR_COUNT; i++) {
		fprintf(out, "detector: name: \"%s\"\n\n", detectors[i]->name);
		print_wrapped(out, "    ", detectors[i]->help);
		fputc('\n', out);
		options_rows(out, detector_common_options, config->detector[i]);
		options_rows(out, detectors[i]->options, config->detector[i]);
	}
	fputs("client-profile:\n\n", out);
	print_wrapped(out, "    ", about_profile);
	fputc('\n', out);
	options_rows(out, profile_options, NULL);
	fputs("list:\n\n", out);
	print_wrapped(out, "    ", about_list);
	fputc('\n', out);
	options_rows(out, list_options, NULL);
}

static void print_counters(FILE *out)
{
	fputs("COUNTERS\n\n", out);
	for (unsigned i = 0; i < COUNTER_COUNT; i++) {
		fprintf(out, "    warden.%s\n", counter_rows[i].name);
		print_wrapped(out, "        ", counter_rows[i].help);
	}
	fputs("\nOPINIONS OF DETECTORS\n\n", out);
	for (unsigned i = 0; i < DETECTOR_COUNT; i++) {
		fprintf(out, "    warden.num.detector.%s\n", detectors[i]->name);
		print_wrapped(out, "        ", detectors[i]->help);
	}
}

static void print_events(FILE *out)
{
	fputs("FIELDS OF EVENTS\n\n", out);
	for (size_t i = 0; i < sizeof(event_fields) / sizeof(*event_fields); i++) {
		fprintf(out, "    %s%s\n", event_fields[i].path,
		        event_fields[i].always ? "" : " (where it applies)");
		print_wrapped(out, "        ", event_fields[i].meaning);
	}
}

/* Tabs between, for scripts. */
static void print_sources(FILE *out)
{
	for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++)
		fprintf(out, "%s\t%s\t%s\n", sources[i].source, sources[i].rule, sources[i].detectors);
}

int manual_print(FILE *out, enum manual_what what)
{
	/* The defaults as they are after config.c: of a detector, they are its own. */
	struct config *config = config_load(NULL, NULL, NULL, NULL);

	if (!config)
		return -1;
	switch (what) {
	case MANUAL_EXAMPLE:
		print_example(out, config);
		break;
	case MANUAL_OPTIONS:
		print_options(out, config);
		break;
	case MANUAL_COUNTERS:
		print_counters(out);
		break;
	case MANUAL_EVENTS:
		print_events(out);
		break;
	case MANUAL_SOURCES:
		print_sources(out);
		break;
	}
	config_free(config);
	return fflush(out) || ferror(out) ? -1 : 0;
}
