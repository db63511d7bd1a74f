/* SPDX-License-Identifier: BSD-3-Clause */
/* profile - makes the profiles of their clauses, and the map by which a client finds its own. */
#include <stdlib.h>
#include <string.h>

#include "engine/resolve.h"

/* A network with where it was written. The row goes first: it is what the map is made of. */
struct written {
	struct network_row row;
	const struct option_item *item;
	size_t place; /* in the order of the file */
};

static int compare(const void *one, const void *two)
{
	const struct written *a = one, *b = two;
	int order = network_row_compare(&a->row, &b->row);

	return order ? order : (a->place > b->place) - (a->place < b->place);
}

/* A client is one, and has one profile: so a network may not be a part of a client. */
static void check_width(struct draft *draft, const struct network *network, const struct option_item *item)
{
	const struct settings *settings = &draft->config->settings;
	bool v4 = network->bits >= NETWORK_V4_BITS && network_is_v4(network->address);
	unsigned bits = v4 ? network->bits - NETWORK_V4_BITS : network->bits;
	unsigned most = (unsigned)(v4 ? settings->client_prefix_v4 : settings->client_prefix_v6);

	if (bits > most)
		draft_fault(draft, origin_of_item(item),
		            "client: '%s' is a part of one client: %s makes one of the first %u bits", item->text,
		            v4 ? "client-prefix-v4" : "client-prefix-v6", most);
}

/* Writes the networks of <profile> behind the <count> in <all>. Returns how many there are then. */
static size_t collect(struct draft *draft, const struct client_profile *profile,
                      const struct option_list *clients, struct written *all, size_t count)
{
	if (profile->clients.count != clients->count) /* some of them are faults */
		return count;
	for (size_t i = 0; i < clients->count; i++, count++) {
		const struct network *network = &profile->clients.item[i];

		check_width(draft, network, &clients->item[i]);
		all[count] = (struct written){
			.row = { *network, (uint32_t)(profile - draft->config->profile) },
			.item = &clients->item[i],
			.place = count,
		};
	}
	return count;
}

/* Whether no network stands twice. <all> is in order. */
static bool check_twice(struct draft *draft, const struct written *all, size_t count)
{
	const struct client_profile *profile = draft->config->profile;
	bool fine = true;

	for (size_t i = 1; i < count; i++) {
		const struct written *one = &all[i - 1], *two = &all[i];

		if (network_row_compare(&one->row, &two->row))
			continue;
		draft_fault(draft, origin_of_item(two->item), "client: '%s' is in the profile '%s' already%s%s",
		            two->item->text, profile[one->row.value].name,
		            strcmp(one->item->text, two->item->text) ? ", as " : "",
		            strcmp(one->item->text, two->item->text) ? one->item->text : "");
		fine = false;
	}
	return fine;
}

/* Makes the map of <count> networks. */
static void make_map(struct draft *draft, struct written *all, size_t count)
{
	struct network_row *row = calloc(count + 1, sizeof(*row));

	qsort(all, count, sizeof(*all), compare);
	if (!check_twice(draft, all, count)) {
		free(row);
		return;
	}
	for (size_t i = 0; row && i < count; i++)
		row[i] = all[i].row;
	draft->config->profile_of = row ? network_map_new(row, count) : NULL;
	if (!draft->config->profile_of)
		draft_fault(draft, (struct origin){ NULL, 0 }, "out of memory");
	free(row);
}

/* Begins the profile of <clause> in <profile>. Returns how many networks it has. */
static size_t begin(struct draft *draft, struct client_profile *profile, struct profile_clause *clause)
{
	const struct config *config = draft->config;

	profile->name = clause->settings.name;
	clause->settings.name = NULL;
	profile->mode = clause->settings.mode;
	memcpy(profile->detector, config->detector, sizeof(profile->detector));
	resolve_networks(draft, "client", &clause->settings.clients, &profile->clients);
	return clause->settings.clients.count;
}

void profiles_make(struct draft *draft)
{
	struct config *config = draft->config;
	size_t count = 0, networks = 0;
	struct client_profile *profile;
	struct written *all;

	for (const struct profile_clause *clause = draft->profiles; clause; clause = clause->next)
		count++;
	if (!count)
		return;
	profile = config->profile = calloc(count, sizeof(*config->profile));
	if (!profile) {
		draft_fault(draft, (struct origin){ NULL, 0 }, "out of memory");
		return;
	}
	for (struct profile_clause *clause = draft->profiles; clause; clause = clause->next) {
		networks += begin(draft, &profile[config->profile_count], clause);
		config->profile_count++;
	}
	all = calloc(networks + 1, sizeof(*all));
	networks = 0;
	for (const struct profile_clause *clause = draft->profiles; all && clause; clause = clause->next)
		networks = collect(draft, profile++, &clause->settings.clients, all, networks);
	if (all)
		make_map(draft, all, networks);
	else
		draft_fault(draft, (struct origin){ NULL, 0 }, "out of memory");
	free(all);
}

bool profile_owns(const struct config *config, const struct client_profile *profile, unsigned id)
{
	return profile->detector[id] != config->detector[id];
}

void *profile_own(const struct config *config, struct client_profile *profile, unsigned id)
{
	const struct detector *detector = detectors[id];
	void *own;

	if (profile_owns(config, profile, id))
		return profile->detector[id];
	own = calloc(1, detector->config_size);
	if (own && option_copy(detector->options, own, config->detector[id], detector->config_size)) {
		option_free(detector->options, own);
		free(own);
		return NULL;
	}
	if (own)
		profile->detector[id] = own;
	return own;
}

void profiles_free(struct config *config)
{
	for (size_t i = 0; i < config->profile_count; i++) {
		struct client_profile *profile = &config->profile[i];

		for (unsigned id = 0; id < DETECTOR_COUNT; id++)
			if (profile_owns(config, profile, id)) {
				option_free(detectors[id]->options, profile->detector[id]);
				free(profile->detector[id]);
			}
		free(profile->clients.item);
		free(profile->name);
	}
	free(config->profile);
	network_map_free(config->profile_of);
}

size_t profiles_memory(const struct config *config)
{
	size_t octets = config->profile_count * sizeof(*config->profile) + network_map_memory(config->profile_of);

	for (size_t i = 0; i < config->profile_count; i++) {
		octets += config->profile[i].clients.count * sizeof(struct network);
		for (unsigned id = 0; id < DETECTOR_COUNT; id++)
			if (profile_owns(config, &config->profile[i], id))
				octets += detectors[id]->config_size;
	}
	return octets;
}
