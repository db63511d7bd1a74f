/* SPDX-License-Identifier: BSD-3-Clause */
/* check - loads a configuration and prints the sizes that follow from it. */
#include "report/check.h"

#include <string.h>

#include "engine/config.h"
#include "store/elsewhere.h"
#include "store/filter.h"
#include "store/mapping.h"
#include "store/parts.h"
#include "store/table.h"

/* A part of the segment: rows and octets. */
struct part {
	const char *name, *unit;
	uint64_t count, octets;
	double rate; /* new entries a second that a filter takes without forgetting early; or 0 */
};

enum {
	PART_CLIENTS, PART_PAIRS, PART_DOMAINS, PART_DELEGATIONS, PART_HOLDS,
	PART_NAMES, PART_AUDIENCE, PART_RECENT, PART_MEMORY, PART_OUTBOX, PART_ELSEWHERE,
	PART_REST, PART_COUNT
};

static struct part table_part(const char *name, uint32_t capacity, uint32_t words)
{
	const struct table_shape shape = { .words = words };

	return (struct part){ name, "slots", capacity, table_size(capacity, &shape), 0 };
}

static struct part filter_part(const char *name, const struct segment_sizes *sizes, enum filter_id id)
{
	uint32_t blocks = sizes->filter_blocks[id];

	return (struct part){ name, "entries", 2ull * blocks * FILTER_PER_BLOCK, filter_size(blocks),
	                      filter_full_rate(blocks, filter_age[id]) };
}

static uint64_t measure(struct part part[PART_COUNT], const struct segment_sizes *sizes)
{
	uint64_t total = parts_size(sizes), known = 0;

	part[PART_CLIENTS] = table_part("clients", sizes->clients, CLIENT_WORDS);
	part[PART_PAIRS] = table_part("pairs", sizes->pairs, PAIR_WORDS);
	part[PART_DOMAINS] = table_part("domains", sizes->domains, DOMAIN_WORDS);
	part[PART_DELEGATIONS] = table_part("delegations", sizes->delegations, DELEGATION_WORDS);
	part[PART_HOLDS] = table_part("holds", sizes->holds, HOLD_WORDS);
	part[PART_NAMES] = filter_part("names", sizes, FILTER_NAMES);
	part[PART_AUDIENCE] = filter_part("audience", sizes, FILTER_AUDIENCE);
	part[PART_RECENT] = filter_part("recent", sizes, FILTER_RECENT);
	part[PART_MEMORY] = filter_part("memory", sizes, FILTER_MEMORY);
	part[PART_OUTBOX] = (struct part){ "outbox", "charges", sizes->outbox, ring_size(sizes->outbox), 0 };
	part[PART_ELSEWHERE] = (struct part){ "elsewhere", "subjects", sizes->elsewhere,
	                                      elsewhere_size(sizes->elsewhere), 0 };
	for (unsigned i = 0; i < PART_REST; i++)
		known += part[i].octets;
	/* Header, counters and journal, and what rounding to pages takes. */
	part[PART_REST] = (struct part){ "journal", "events", sizes->journal,
	                                 total > known ? total - known : 0, 0 };
	return total;
}

static double mebi(uint64_t octets)
{
	return (double)octets / (1 << 20);
}

static const char *word_of(const char *key, const struct config *config, char *text, size_t len)
{
	return option_print(option_find(settings_options, key), &config->settings, text, len);
}

static size_t lists_memory(const struct config *config)
{
	return domain_map_memory(config->listed) + notes_memory(config->notes);
}

/* What happens to questions for names on <list>. */
static const char *action_of(const struct config *config, const struct list *list)
{
	return action_words[list->detector == DETECTOR_list ? list->action :
	                    config_detector(config, list->detector)->action];
}

static void print_list(const struct config *config, const struct list *list, FILE *out)
{
	fprintf(out, "  %-24s  %8zu domains, %s%s\n", list->name, list->entries, action_of(config, list),
	        list->detector == DETECTOR_list ? "" : " (of this detector)");
}

static const char *mode_of(const struct client_profile *profile, char *text, size_t len)
{
	const struct option *row = option_find(profile_options, "mode");

	return option_print(row, &(struct profile_settings){ .mode = profile->mode }, text, len);
}

static void print_profile(const struct config *config, const struct client_profile *profile, FILE *out)
{
	char mode[32];

	fprintf(out, "  %-24s  %8zu networks, mode %s", profile->name, profile->clients.count,
	        mode_of(profile, mode, sizeof(mode)));
	for (unsigned id = 0, first = 1; id < DETECTOR_COUNT; id++)
		if (profile_owns(config, profile, id)) {
			fprintf(out, "%s%s", first ? ", own options of " : " ", detectors[id]->name);
			first = 0;
		}
	putc('\n', out);
}

void check_print(const struct config *config, FILE *out)
{
	struct part part[PART_COUNT];
	uint64_t total = measure(part, &profile_sizes[config->settings.profile]);
	char word[32];
	unsigned enabled = 0;

	for (unsigned i = 0; i < DETECTOR_COUNT; i++)
		enabled += config_detector(config, i)->enable != 0;
	fputs("configuration OK\n", out);
	fprintf(out, "file            %s\n", config->file ? config->file : "none: the defaults");
	fprintf(out, "mode            %s\n", word_of("mode", config, word, sizeof(word)));
	fprintf(out, "detectors       %u of %d enabled\n", enabled, DETECTOR_COUNT);
	fprintf(out, "allowed         %zu domains, %zu networks, %u list lines skipped\n",
	        domain_map_count(config->allowed.map), config->allow_client.count, config->skipped);
	fprintf(out, "lists           %zu, with %zu domains in %.2f MiB\n", config->list_count,
	        domain_map_count(config->listed), mebi(lists_memory(config)));
	for (size_t i = 0; i < config->list_count; i++)
		print_list(config, &config->list[i], out);
	fprintf(out, "client profiles %zu\n", config->profile_count);
	for (size_t i = 0; i < config->profile_count; i++)
		print_profile(config, &config->profile[i], out);
	fprintf(out, "profile         %s\n", word_of("profile", config, word, sizeof(word)));
	for (unsigned i = 0; i < PART_COUNT; i++) {
		fprintf(out, "  %-12s  %9.2f MiB  %llu %s", part[i].name, mebi(part[i].octets),
		        (unsigned long long)part[i].count, part[i].unit);
		if (part[i].rate > 0)
			fprintf(out, ", up to %.1f new ones a second", part[i].rate);
		putc('\n', out);
	}
	fprintf(out, "shared memory   %9.2f MiB  %s\n", mebi(total), config->settings.shared_memory);
	fprintf(out, "snapshot        %9.2f MiB  %s\n",
	        config->settings.snapshot_file[0] ? mebi(total) : 0.0,
	        config->settings.snapshot_file[0] ? config->settings.snapshot_file : "none");
	fprintf(out, "private memory  %9.2f MiB\n", mebi(config_memory(config)));
}

static json_t *json_parts(const struct part part[PART_COUNT])
{
	json_t *parts = json_object();

	for (unsigned i = 0; i < PART_COUNT; i++)
		json_object_set_new(parts, part[i].name,
		                    json_pack("{s:I, s:I}", part[i].unit, (json_int_t)part[i].count,
		                              "octets", (json_int_t)part[i].octets));
	return parts;
}

static json_t *json_lists(const struct config *config)
{
	json_t *lists = json_array();

	for (size_t i = 0; i < config->list_count; i++)
		json_array_append_new(lists, json_pack("{s:s, s:s, s:s, s:I}",
		                                       "name", config->list[i].name,
		                                       "detector", detectors[config->list[i].detector]->name,
		                                       "action", action_of(config, &config->list[i]),
		                                       "domains", (json_int_t)config->list[i].entries));
	return lists;
}

static json_t *json_profiles(const struct config *config)
{
	json_t *profiles = json_array();

	for (size_t i = 0; i < config->profile_count; i++) {
		const struct client_profile *profile = &config->profile[i];
		json_t *own = json_array();
		char mode[32];

		for (unsigned id = 0; id < DETECTOR_COUNT; id++)
			if (profile_owns(config, profile, id))
				json_array_append_new(own, json_string(detectors[id]->name));
		json_array_append_new(profiles, json_pack("{s:s, s:I, s:s, s:o}", "name", profile->name,
		                                          "networks", (json_int_t)profile->clients.count,
		                                          "mode", mode_of(profile, mode, sizeof(mode)),
		                                          "detectors", own));
	}
	return profiles;
}

json_t *check_json(const struct config *config)
{
	struct part part[PART_COUNT];
	uint64_t total = measure(part, &profile_sizes[config->settings.profile]);
	char mode[32], profile[32];

	return json_pack("{s:b, s:s?, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o}",
	                 "ok", 1, "file", config->file,
	                 "mode", word_of("mode", config, mode, sizeof(mode)),
	                 "profile", word_of("profile", config, profile, sizeof(profile)),
	                 "allowed_domains", (json_int_t)domain_map_count(config->allowed.map),
	                 "allowed_networks", (json_int_t)config->allow_client.count,
	                 "skipped", (json_int_t)config->skipped,
	                 "shared_memory", (json_int_t)total,
	                 "private_memory", (json_int_t)config_memory(config),
	                 "lists_memory", (json_int_t)lists_memory(config),
	                 "lists", json_lists(config),
	                 "client_profiles", json_profiles(config),
	                 "parts", json_parts(part));
}

static void to_stderr(void *arg, const char *sentence)
{
	json_t *faults = arg;

	fprintf(stderr, "%s\n", sentence);
	json_array_append_new(faults, json_string(sentence));
}

static void warn_stderr(void *arg, const char *sentence)
{
	(void)arg;
	fprintf(stderr, "%s\n", sentence);
}

struct config *check_load(const char *file, json_t *faults)
{
	return config_load(file, to_stderr, warn_stderr, faults);
}
