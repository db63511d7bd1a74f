/* SPDX-License-Identifier: BSD-3-Clause */
/* manual - the example configuration and the list of sources, which have a form of their own; the chapters
 * are in manual_chapters.c.
 */
#include <string.h>

#include "engine/config.h"
#include "report/manual.h"
#include "report/manual_chapters.h"

#define VALUE_MAX 512

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

/* Of a choice, what there is to choose from. */
static void print_choices(FILE *out, const char *prefix, const struct option *row)
{
	char text[VALUE_MAX];

	if (row->type == OPT_CHOICE)
		print_wrapped(out, prefix, manual_bounds(row, text, sizeof(text)));
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
		print_choices(out, "    # ", row);
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
		print_choices(out, "#     # ", row);
		print_setting(out, "#     ", row, NULL);
		if (row[1].key)
			fputs("#\n", out);
	}
}

static void print_example(FILE *out, const struct config *config)
{
	fputs(example_head, out);
	fputs("warden:\n", out);
	example_rows(out, settings_options, &config->settings);

	fputs("\n# Every detector has these options; behind each its own follow.\n#\n", out);
	for (const struct option *row = detector_common_options; row->key; row++) {
		fprintf(out, "# %s\n", row->key);
		print_wrapped(out, "#     ", row->help);
		print_choices(out, "#     ", row);
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
	example_clause(out, manual_about_profile, "client-profile:", profile_options);
	example_clause(out, "What a detector does to these clients.", "detector:", detector_clause_options);
	fputs("#\n#     action: tag\n", out);
	example_clause(out, manual_about_list, "list:", list_options);
}

/* Tabs between, for scripts. */
static void print_sources(FILE *out)
{
	for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++)
		fprintf(out, "%s\t%s\t%s\n", sources[i].source, sources[i].rule, sources[i].detectors);
}

int manual_print(FILE *out, enum manual_what what, enum manual_form form)
{
	/* The defaults as they are after config.c: of a detector, they are its own. */
	struct config *config = config_load(NULL, NULL, NULL, NULL);
	struct page page = { .out = out, .style = &manual_styles[form] };
	int error = 0;

	if (!config)
		return -1;
	switch (what) {
	case MANUAL_EXAMPLE:
		print_example(out, config);
		break;
	case MANUAL_OPTIONS:
		chapter_options(&page, config);
		break;
	case MANUAL_COUNTERS:
		error = chapter_counters(&page);
		break;
	case MANUAL_EVENTS:
		chapter_events(&page);
		break;
	case MANUAL_DETECTORS:
		chapter_detectors(&page, config);
		break;
	case MANUAL_SOURCES:
		print_sources(out);
		break;
	case MANUAL_COUNT:
		break;
	}
	config_free(config);
	return error || fflush(out) || ferror(out) ? -1 : 0;
}
