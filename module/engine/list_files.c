/* SPDX-License-Identifier: BSD-3-Clause */
/* list_files - opens list files and takes what is in them into the configuration's maps.
 *
 * All lists but those of allow-list: share one map, so that a name is looked up once. A detector
 * whose own config has a struct option_list at detector.files gets one list, named like it, of all
 * its files.
 */
#include "engine/list_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/include.h"
#include "engine/lists.h"

/* Where the entries of a file go. */
struct filling {
	struct draft *draft;
	const char *path;
	struct list *list; /* NULL: allowed */
};

static int add_entry(void *arg, const struct name *domain, const char *note)
{
	const struct filling *filling = arg;
	struct config *config = filling->draft->config;
	struct domain_mark mark;
	int added;

	if (!filling->list)
		return allowed_add(&config->allowed, domain);
	mark.list = (uint16_t)(filling->list - config->list);
	mark.note = notes_add(config->notes, note);
	added = domain_map_add(config->listed, domain, mark);
	if (added > 0)
		filling->list->entries++;
	return added < 0 ? added : 0;
}

static void bad_line(void *arg, int line, const char *sentence)
{
	const struct filling *filling = arg;

	draft_warn(filling->draft, (struct origin){ filling->path, line }, "%s", sentence);
}

/* Returns 0 or -errno. */
static int read_file(struct filling *filling)
{
	struct list_sink sink = { .add = add_entry, .bad = bad_line, .arg = filling };
	FILE *in = include_open(filling->path);
	int result;

	if (!in)
		return -errno;
	result = list_read(in, &sink, &filling->draft->config->skipped);
	fclose(in);
	return result;
}

/* Whether <error> says nothing of the file, but that we are short of something: a default file is there all the same. */
static bool is_shortage(int error)
{
	return error == -ENOMEM || error == -EMFILE || error == -ENFILE;
}

/* For one sentence about all of them: where Warden is not installed none is there. */
static void note_missing(struct draft *draft, const char *path)
{
	size_t used = strlen(draft->missing);

	snprintf(draft->missing + used, sizeof(draft->missing) - used, "%s%s", used ? ", " : "", path);
}

/* Reads the files of <files>, an option called <key>, into <list>, NULL for what is allowed. <whose>, "" or "information: ", is what
 * sentences begin with. A default file need not be there; with <quiet> nobody is told.
 */
static void read_files(struct draft *draft, const struct option_list *files, const char *whose,
                       const char *key, struct list *list, bool quiet)
{
	const char *base = draft->config->file ? draft->config->file : WARDEN_CONF;

	for (size_t i = 0; i < files->count; i++) {
		const struct option_item *item = &files->item[i];
		struct origin at = { item->file, item->line };
		struct filling filling = { .draft = draft, .list = list };
		char *path;
		int result;

		if (!item->text[0]) /* "": none */
			continue;
		filling.path = path = include_path(item->file ? item->file : base, item->text);
		result = path ? read_file(&filling) : -ENOMEM;
		if (result && (!files->preset || is_shortage(result)))
			draft_fault(draft, at, "%s%s: cannot read '%s': %s", whose, key,
			            path ? path : item->text, include_why(-result));
		else if (result == -ENOENT && !quiet)
			note_missing(draft, path);
		else if (result && !quiet)
			draft_warn(draft, at, "%s%s: cannot read '%s', which is the default, and does without: %s",
			           whose, key, path ? path : item->text, include_why(-result));
		free(path);
	}
}

/* Begins a list of <detector>. There is room for it. */
static struct list *begin_list(struct config *config, const char *name, unsigned detector)
{
	struct list *list = &config->list[config->list_count];

	list->name = strdup(name);
	if (!list->name)
		return NULL;
	list->detector = (uint8_t)detector;
	list->dynamic = !strcmp(detectors[detector]->name, "dynamic-dns");
	config->list_count++;
	return list;
}

static void read_detector(struct draft *draft, unsigned id)
{
	const struct detector *detector = detectors[id];
	const struct option *row = detector->options;
	struct config *config = draft->config;
	const void *own = config->detector[id];
	struct list *list;
	char whose[64];

	while (row->key && (row->type != OPT_LIST || row->offset != detector->files))
		row++;
	list = begin_list(config, detector->name, id);
	if (!list) {
		draft_fault(draft, (struct origin){ NULL, 0 }, "out of memory");
		return;
	}
	snprintf(whose, sizeof(whose), "%s: ", detector->name);
	read_files(draft, (const struct option_list *)(const void *)((const char *)own + detector->files), whose,
	           row->key ? row->key : "file", list, !config_enables(config, id));
}

static void read_clause(struct draft *draft, const struct list_clause *clause)
{
	struct list *list = begin_list(draft->config, clause->settings.name, DETECTOR_list);

	if (!list) {
		draft_fault(draft, clause->at, "out of memory");
		return;
	}
	list->action = (uint8_t)clause->settings.action;
	read_files(draft, &clause->settings.files, "", "file", list, false);
}

void list_files_read(struct draft *draft)
{
	struct config *config = draft->config;
	size_t count = 0;

	read_files(draft, &config->settings.allow_list, "", "allow-list", NULL, false);
	for (unsigned id = 0; id < DETECTOR_COUNT; id++)
		count += detectors[id]->files != 0;
	for (const struct list_clause *clause = draft->lists; clause; clause = clause->next)
		if (++count > LISTS_MAX) {
			draft_fault(draft, clause->at, "more than %d lists", LISTS_MAX);
			return;
		}
	config->list = calloc(count + 1, sizeof(*config->list));
	if (!config->list) {
		draft_fault(draft, (struct origin){ NULL, 0 }, "out of memory");
		return;
	}
	for (const struct list_clause *clause = draft->lists; clause; clause = clause->next)
		read_clause(draft, clause);
	for (unsigned id = 0; id < DETECTOR_COUNT; id++)
		if (detectors[id]->files)
			read_detector(draft, id);
	if (draft->missing[0])
		draft_warn(draft, (struct origin){ NULL, 0 }, "Warden does without the default lists that are not there: %s",
		           draft->missing);
}
