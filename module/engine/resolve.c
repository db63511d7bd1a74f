/* SPDX-License-Identifier: BSD-3-Clause */
/* resolve - texts of the `warden:` clause that no row can check by itself. */
#include "engine/resolve.h"

#include <stdlib.h>
#include <string.h>

#include "engine/lists.h"

static const struct origin nowhere = { NULL, 0 };

void resolve_networks(struct draft *draft, const char *key, const struct option_list *list,
                      struct networks *networks)
{
	if (!list->count)
		return;
	networks->item = calloc(list->count, sizeof(*networks->item));
	if (!networks->item) {
		draft_fault(draft, nowhere, "out of memory");
		return;
	}
	for (size_t i = 0; i < list->count; i++) {
		const struct option_item *item = &list->item[i];

		if (network_parse(&networks->item[networks->count], item->text))
			networks->count++;
		else
			draft_fault(draft, origin_of_item(item),
			            "%s: '%s' is not an address or a prefix like 192.0.2.0/24", key, item->text);
	}
}

static bool item_domain(struct draft *draft, const char *key, const struct option_item *item,
                        struct name *name)
{
	if (list_domain(name, item->text))
		return true;
	draft_fault(draft, origin_of_item(item), "%s: '%s' is not a domain name like example.org", key, item->text);
	return false;
}

void resolve_domains(struct draft *draft)
{
	struct config *config = draft->config;
	const struct option_list *allow = &config->settings.allow_domain;
	const struct option_list *local = &config->settings.local_domain;
	struct name name;

	for (size_t i = 0; i < allow->count; i++)
		if (item_domain(draft, "allow-domain", &allow->item[i], &name) &&
		    allowed_add(&config->allowed, &name) < 0)
			draft_fault(draft, origin_of_item(&allow->item[i]), "out of memory");

	config->suffixes = suffixes_open();
	if (!config->suffixes) {
		draft_fault(draft, nowhere, "cannot open the Public Suffix List of libpsl");
		return;
	}
	for (size_t i = 0; i < local->count; i++)
		if (item_domain(draft, "local-domain", &local->item[i], &name) &&
		    suffixes_add_local(config->suffixes, &name))
			draft_fault(draft, origin_of_item(&local->item[i]), "out of memory");
}

/* Reads "50" or "10%". False when <text> is neither, or more than there can be. */
static bool parse_held_limit(const char *text, struct held_limit *limit)
{
	size_t digits = strspn(text, "0123456789");
	bool is_share = !strcmp(text + digits, "%");
	unsigned long number;

	if (!digits || digits > 10 || (text[digits] && !is_share))
		return false;
	number = strtoul(text, NULL, 10);
	if (is_share ? number < 1 || number > 100 : number > UINT32_MAX)
		return false;
	limit->percent = is_share ? (uint8_t)number : 0;
	limit->count = is_share ? 0 : (uint32_t)number;
	return true;
}

void resolve_held_limit(struct draft *draft)
{
	const char *text = draft->config->settings.max_held_clients;

	if (!parse_held_limit(text, &draft->config->held_limit))
		draft_fault(draft, draft_setting_at(draft, "max-held-clients"),
		            "max-held-clients: '%.120s' is not a number of clients like 50, a share from 1%% to "
		            "100%%, or 0 for no limit", text);
}
