/* SPDX-License-Identifier: BSD-3-Clause */
/* config - makes a struct config of warden.conf: defaults, the file over them, then what
 * follows from its options (networks, sets of domains), then the checks across options.
 *
 * config_free() accepts a half-built one, so config_load() has one way out.
 */
#include "engine/config.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "engine/draft.h"
#include "engine/include.h"
#include "engine/list_files.h"
#include "engine/lists.h"
#include "engine/places.h"

static const struct origin nowhere = { NULL, 0 };

static struct origin origin_of(const struct option_item *item)
{
	return (struct origin){ item->file, item->line };
}

/* All options of a detector at their defaults. NULL: out of memory. */
static void *detector_defaults(const struct detector *detector)
{
	void *config = calloc(1, detector->config_size);
	struct detector_config *common = config;

	if (!config)
		return NULL;
	if (option_defaults(detector_common_options, config) ||
	    option_defaults(detector->options, config)) {
		option_free(detector->options, config);
		free(config);
		return NULL;
	}
	common->action = detector->action;
	if (detector->hold)
		common->hold = detector->hold;
	if (detector->score)
		common->score = detector->score;
	return config;
}

/* Every option at its default. False when memory is short. */
static bool set_defaults(struct config *config)
{
	if (option_defaults(settings_options, &config->settings))
		return false;
	for (unsigned i = 0; i < DETECTOR_COUNT; i++) {
		config->detector[i] = detector_defaults(detectors[i]);
		if (!config->detector[i])
			return false;
	}
	config->listed = domain_map_new();
	config->notes = notes_new();
	config->known = known_new();
	return !allowed_init(&config->allowed) && config->listed && config->notes && config->known;
}

static void resolve_clients(struct draft *draft)
{
	struct config *config = draft->config;
	const struct option_list *list = &config->settings.allow_client;

	if (!list->count)
		return;
	config->allow_client = calloc(list->count, sizeof(*config->allow_client));
	if (!config->allow_client) {
		draft_fault(draft, nowhere, "out of memory");
		return;
	}
	for (size_t i = 0; i < list->count; i++) {
		const struct option_item *item = &list->item[i];

		if (network_parse(&config->allow_client[config->allow_client_count], item->text))
			config->allow_client_count++;
		else
			draft_fault(draft, origin_of(item),
			            "allow-client: '%s' is not an address or a prefix like 192.0.2.0/24",
			            item->text);
	}
}

static bool item_domain(struct draft *draft, const char *key, const struct option_item *item,
                        struct name *name)
{
	if (list_domain(name, item->text))
		return true;
	draft_fault(draft, origin_of(item), "%s: '%s' is not a domain name", key, item->text);
	return false;
}

static void resolve_domains(struct draft *draft)
{
	struct config *config = draft->config;
	const struct option_list *allow = &config->settings.allow_domain;
	const struct option_list *local = &config->settings.local_domain;
	struct name name;

	for (size_t i = 0; i < allow->count; i++)
		if (item_domain(draft, "allow-domain", &allow->item[i], &name) &&
		    allowed_add(&config->allowed, &name) < 0)
			draft_fault(draft, origin_of(&allow->item[i]), "out of memory");

	config->suffixes = suffixes_open();
	if (!config->suffixes) {
		draft_fault(draft, nowhere, "cannot open the Public Suffix List of libpsl");
		return;
	}
	for (size_t i = 0; i < local->count; i++)
		if (item_domain(draft, "local-domain", &local->item[i], &name) &&
		    suffixes_add_local(config->suffixes, &name))
			draft_fault(draft, origin_of(&local->item[i]), "out of memory");
}

/* What no single option can know. */
static void check(struct draft *draft)
{
	const struct settings *settings = &draft->config->settings;
	struct origin file = { draft->config->file, 1 };
	char error[512];

	if (!settings->shared_memory[0])
		draft_fault(draft, file, "shared-memory: needs the path of a file");
	if (strlen(settings->control_socket) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		draft_fault(draft, file, "control-socket: '%s' is longer than %zu octets, which is all "
		            "that a Unix socket may have", settings->control_socket,
		            sizeof(((struct sockaddr_un *)0)->sun_path) - 1);
	for (unsigned i = 0; i < DETECTOR_COUNT; i++)
		if ((detectors[i]->check &&
		     !detectors[i]->check(draft->config->detector[i], error, sizeof(error))) ||
		    (detectors[i]->prepare &&
		     !detectors[i]->prepare(draft->config->detector[i], error, sizeof(error))))
			draft_fault(draft, draft->detector_at[i], "%s: %s", detectors[i]->name, error);
}

static uint64_t next_generation(void)
{
	static _Atomic uint64_t generation;

	return atomic_fetch_add_explicit(&generation, 1, memory_order_relaxed) + 1;
}

struct config *config_load(const char *path, config_report *fault, config_report *warn, void *arg)
{
	struct config *config = calloc(1, sizeof(*config));
	struct draft draft = { .config = config, .fault = fault, .warn = warn, .arg = arg };

	if (!config || !set_defaults(config) || (path && !(config->file = strdup(path)))) {
		draft_fault(&draft, nowhere, "out of memory");
		config_free(config);
		return NULL;
	}
	if (path)
		draft_read(&draft, path);
	resolve_clients(&draft);
	resolve_domains(&draft);
	list_files_read(&draft);
	places_open(&draft);
	check(&draft);
	draft_free(&draft);
	if (draft.faults) {
		config_free(config);
		return NULL;
	}
	config->generation = next_generation();
	return config;
}

void config_free(struct config *config)
{
	if (!config)
		return;
	for (unsigned i = 0; i < DETECTOR_COUNT; i++) {
		if (config->detector[i])
			option_free(detectors[i]->options, config->detector[i]);
		free(config->detector[i]);
	}
	option_free(settings_options, &config->settings);
	free(config->allow_client);
	for (size_t i = 0; i < config->list_count; i++)
		free(config->list[i].name);
	free(config->list);
	allowed_free(&config->allowed);
	domain_map_free(config->listed);
	notes_free(config->notes);
	if (config->suffixes)
		suffixes_close(config->suffixes);
	database_close(config->systems);
	database_close(config->countries);
	known_free(config->known);
	free(config->file);
	free(config);
}

bool config_allows_client(const struct config *config, const uint8_t client[16])
{
	for (size_t i = 0; i < config->allow_client_count; i++)
		if (network_has(&config->allow_client[i], client))
			return true;
	return false;
}

size_t config_memory(const struct config *config)
{
	const struct settings *settings = &config->settings;
	size_t items = settings->allow_client.count + settings->allow_domain.count +
	               settings->allow_list.count + settings->local_domain.count;
	size_t octets = sizeof(*config);

	for (unsigned i = 0; i < DETECTOR_COUNT; i++)
		octets += detectors[i]->config_size;
	octets += config->allow_client_count * sizeof(*config->allow_client);
	octets += items * (sizeof(struct option_item) + 64); /* with its texts, about */
	octets += config->list_count * sizeof(*config->list);
	octets += allowed_memory(&config->allowed) + domain_map_memory(config->listed);
	return octets + notes_memory(config->notes) + known_memory();
}
