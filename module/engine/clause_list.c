/* SPDX-License-Identifier: BSD-3-Clause */
/* clause_list - a `list:` clause is one more each time. Its files are read when everything else has been
 * (list_files.c).
 */
#include <stdlib.h>
#include <string.h>

#include "engine/clause.h"

static void begin(struct draft *draft)
{
	struct list_clause *list = calloc(1, sizeof(*list));

	draft->list = NULL;
	if (!list || option_defaults(list_options, &list->settings)) {
		if (list)
			option_free(list_options, &list->settings);
		free(list);
		draft_fault(draft, draft->clause_at, "out of memory");
		return;
	}
	list->at = draft->clause_at;
	draft->list = *draft->lists_end = list;
	draft->lists_end = &list->next;
}

static void option(struct draft *draft, struct origin at, const char *key, const char *value)
{
	const struct option *row = option_find(list_options, key);

	if (!draft->list)
		return;
	if (!row)
		clause_unknown(draft, at, key, "list:", list_options, NULL);
	else if (!strcmp(key, "name"))
		clause_set_name(draft, "list:", list_options, &draft->list->settings,
		                draft->list->settings.name, at, value);
	else
		clause_set(draft, row, &draft->list->settings, at, value);
}

static void end(struct draft *draft)
{
	const struct list_clause *list = draft->list;
	bool has_file = false;

	if (!list)
		return;
	for (size_t i = 0; i < list->settings.files.count; i++)
		has_file |= list->settings.files.item[i].text[0] != '\0';
	if (!list->settings.name[0])
		draft_fault(draft, list->at, "the list: clause has no name: of your choice, as name: \"known-bad\"");
	else if (!has_file)
		draft_fault(draft, list->at, "the list '%s' has no file: with its domains", list->settings.name);
	for (const struct list_clause *other = draft->lists; other != list; other = other->next)
		if (list->settings.name[0] && !strcmp(other->settings.name, list->settings.name))
			draft_fault(draft, list->at, "a second list called '%s'", list->settings.name);
	draft->list = NULL;
}

void clause_list_drop(struct draft *draft)
{
	while (draft->lists) {
		struct list_clause *list = draft->lists;

		draft->lists = list->next;
		option_free(list_options, &list->settings);
		free(list);
	}
}

const struct clause clause_list = { "list", begin, option, end };
