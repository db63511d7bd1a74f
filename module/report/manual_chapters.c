/* SPDX-License-Identifier: BSD-3-Clause */
/* manual_chapters - walks over the option rows, the detectors, the statistics and events.def. */
#include <stdlib.h>
#include <string.h>

#include "report/manual_chapters.h"
#include "report/stats.h"

#define VALUE_MAX 512
#define TERM_MAX  640

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

const char manual_about_list[] = "A list of domains, and what happens to questions for them. May be repeated.";
const char manual_about_profile[] =
	"Clients for whom something else holds: a mode, and the options of detector: clauses that name it. "
	"May be repeated.";

static void add_word(char *text, size_t len, const char *between, const char *word)
{
	size_t used = strlen(text);

	snprintf(text + used, len - used, "%s%s", between, word);
}

char *manual_bounds(const struct option *row, char *text, size_t len)
{
	struct option least = *row, most = *row;
	char min[64], max[64];
	const char *what = row->type == OPT_TIME ? "time" : row->type == OPT_SIZE ? "size" : "number";

	*text = '\0';
	switch (row->type) {
	case OPT_COUNT:
	case OPT_TIME:
	case OPT_SIZE:
		least.preset = row->min;
		most.preset = row->max;
		option_print(&least, NULL, min, sizeof(min));
		option_print(&most, NULL, max, sizeof(max));
		snprintf(text, len, "A %s from %s to %s.", what, min, max);
		break;
	case OPT_SWITCH:
		snprintf(text, len, "yes or no.");
		break;
	case OPT_CHOICE:
		snprintf(text, len, "One of:");
		for (size_t i = 0; row->choices[i]; i++)
			add_word(text, len, i ? ", " : " ", row->choices[i]);
		break;
	case OPT_TEXT:
		snprintf(text, len, "A text.");
		break;
	case OPT_LIST:
		snprintf(text, len, row->preset_text ?
		         "A list: the first one takes the place of the default, then one more each time. \"\" is none." :
		         "A list: none by default, one more each time.");
		break;
	}
	return text;
}

/* Whether the help and the value say it already. */
static bool bounds_are_told(const struct option *row)
{
	return row->type == OPT_TEXT || row->type == OPT_SWITCH || (row->type == OPT_LIST && !row->preset_text);
}

/* --- options ------------------------------------------------------------------------------- */

static void option_entries(struct page *page, const struct option *rows, const void *config)
{
	char value[VALUE_MAX], bounds[VALUE_MAX], term[TERM_MAX];

	for (const struct option *row = rows; row && row->key; row++) {
		option_print(row, config, value, sizeof(value));
		snprintf(term, sizeof(term), "%s: %s", row->key, row->example ? row->example : value);
		manual_bounds(row, bounds, sizeof(bounds));
		page->style->entry(page, &(struct entry){
			.term = term, .text = row->help,
			.more = page->style->brief && bounds_are_told(row) ? NULL : bounds,
		});
	}
}

/* "enable: yes, action: refuse, ...": what a detector has of the options of all. */
static void common_defaults(const void *config, char *text, size_t len)
{
	char value[VALUE_MAX];

	snprintf(text, len, "Defaults:");
	for (const struct option *row = detector_common_options; row->key; row++) {
		add_word(text, len, row == detector_common_options ? " " : ", ", row->key);
		add_word(text, len, ": ", option_print(row, config, value, sizeof(value)));
	}
	add_word(text, len, ".", "");
}

static void detector_part(struct page *page, const struct config *config, unsigned id)
{
	char text[VALUE_MAX];

	snprintf(text, sizeof(text), "detector: name: \"%s\"", detectors[id]->name);
	page->style->part(page, text);
	page->style->about(page, detectors[id]->help);
	if (page->style->brief) {
		common_defaults(config->detector[id], text, sizeof(text));
		page->style->about(page, text);
	} else {
		option_entries(page, detector_common_options, config->detector[id]);
	}
	option_entries(page, detectors[id]->options, config->detector[id]);
}

void chapter_options(struct page *page, const struct config *config)
{
	page->spaced = true;
	page->style->title(page, "OPTIONS OF warden.conf", "Each with its default; lists with an example.");
	page->style->part(page, "warden:");
	option_entries(page, settings_options, &config->settings);
	page->style->part(page, "detector:");
	if (page->style->brief)
		page->style->about(page, "What every detector has. Its own defaults, and options of its own, follow below.");
	option_entries(page, detector_clause_options, NULL);
	if (page->style->brief)
		option_entries(page, detector_common_options, NULL);
	for (unsigned i = 0; i < DETECTOR_COUNT; i++)
		detector_part(page, config, i);
	page->style->part(page, "client-profile:");
	page->style->about(page, manual_about_profile);
	option_entries(page, profile_options, NULL);
	page->style->part(page, "list:");
	page->style->about(page, manual_about_list);
	option_entries(page, list_options, NULL);
	page->style->end(page);
}

/* --- counters ------------------------------------------------------------------------------ */

/* One line a key, so that the walk over the statistics is the list here, too: stats.c has no other. */
static void key_and_help(FILE *out, const struct metric *metric, bool first)
{
	bool grows = metric->kind == METRIC_COUNTER || metric->kind == METRIC_BUCKET;

	(void)first;
	fprintf(out, "%s\t%s\t%s\n", metric->name, grows ? "" : "now", metric->help);
}

static void nothing(FILE *out)
{
	(void)out;
}

/* All keys, or NULL when memory is short. The caller frees it. */
static char *statistics_keys(void)
{
	static const struct emitter keys = { "keys", nothing, key_and_help, nothing };
	struct detector_layout layout;
	struct mapping mapping;
	char error[256], *text = NULL;
	size_t len;
	FILE *out;

	detector_layout(&layout);
	if (mapping_attach(&mapping, NULL, NULL, &profile_sizes[PROFILE_SMALL], layout.digest, 0, NULL, error,
	                   sizeof(error)))
		return NULL;
	out = open_memstream(&text, &len);
	if (out) {
		stats_print(&mapping, &keys, out);
		if (fclose(out)) {
			free(text);
			text = NULL;
		}
	}
	mapping_detach(&mapping);
	return text;
}

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

int chapter_counters(struct page *page)
{
	char *keys = statistics_keys(), *rest = keys, *line, term[TERM_MAX];
	bool histogram = false;

	if (!keys)
		return -1;
	page->style->title(page, "COUNTERS", NULL);
	while ((line = strsep(&rest, "\n")) && *line) {
		char *key = strsep(&line, "\t"), *now = strsep(&line, "\t");

		if (begins(key, "warden.num.detector."))
			continue;
		if (begins(key, "warden.histogram.")) {
			if (histogram)
				continue;
			histogram = true;
			key = "warden.histogram.FROM.to.TO";
		}
		page->style->entry(page, &(struct entry){
			.term = key, .note = *now ? "as it is now" : NULL, .text = line,
		});
	}
	free(keys);
	page->style->part(page, "OPINIONS OF DETECTORS");
	page->style->about(page, "How many each has had, whatever became of them.");
	for (unsigned i = 0; i < DETECTOR_COUNT; i++) {
		snprintf(term, sizeof(term), "warden.num.detector.%s", detectors[i]->name);
		page->style->entry(page, &(struct entry){ .term = term, .text = detectors[i]->help });
	}
	page->style->end(page);
	return 0;
}

/* --- events -------------------------------------------------------------------------------- */

void chapter_events(struct page *page)
{
	page->style->title(page, "FIELDS OF EVENTS", NULL);
	for (size_t i = 0; i < sizeof(event_fields) / sizeof(*event_fields); i++)
		page->style->entry(page, &(struct entry){
			.term = event_fields[i].path,
			.note = event_fields[i].always ? NULL : "where it applies",
			.text = event_fields[i].meaning,
		});
	page->style->end(page);
}

/* --- detectors ----------------------------------------------------------------------------- */

void chapter_detectors(struct page *page, const struct config *config)
{
	char text[VALUE_MAX];

	page->spaced = true;
	page->style->title(page, "DETECTORS", NULL);
	for (unsigned i = 0; i < DETECTOR_COUNT; i++) {
		const struct detector_config *common = config->detector[i];
		const char *const *id = detectors[i]->attack;

		snprintf(text, sizeof(text), "By default: %s, score %u. Category: %s.", action_words[common->action],
		         (unsigned)common->score, detectors[i]->category);
		for (size_t n = 0; id && id[n]; n++)
			add_word(text, sizeof(text), n ? ", " : " ATT&CK: ", id[n]);
		if (id && id[0])
			add_word(text, sizeof(text), ".", "");
		page->style->entry(page, &(struct entry){
			.term = detectors[i]->name, .text = detectors[i]->help, .more = text,
		});
	}
	page->style->end(page);
}
