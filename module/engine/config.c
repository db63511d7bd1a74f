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
#include <sys/stat.h>
#include <sys/un.h>

#include "engine/clause.h"
#include "engine/include.h"
#include "engine/list_files.h"
#include "engine/places.h"
#include "engine/privacy_key.h"
#include "engine/redis_password.h"
#include "engine/resolve.h"
#include "engine/resolve_fleet.h"

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
	return !allowed_init(&config->allowed) && !allowed_init(&config->fleet_never) && config->listed &&
	       config->notes && config->known;
}

/* Whether both paths lead to the same file, by their text or because it is there. */
static bool same_file(const char *a, const char *b)
{
	struct stat left, right;

	if (!*a || !*b)
		return false;
	return !strcmp(a, b) || (!stat(a, &left) && !stat(b, &right) && left.st_dev == right.st_dev &&
	                         left.st_ino == right.st_ino);
}

static void check_socket(struct draft *draft, const char *key, const char *path)
{
	const size_t room = sizeof(((struct sockaddr_un *)0)->sun_path);

	if (strlen(path) >= room)
		draft_fault(draft, draft_setting_at(draft, key), "%s: '%s' is longer than %zu octets, which is all "
		            "that a Unix socket may have", key, path, room - 1);
}

static bool is_printable(const char *text)
{
	while (*text > ' ' && *text < '\x7f')
		text++;
	return !*text;
}

static void check_settings(struct draft *draft)
{
	const struct settings *settings = &draft->config->settings;

	if (!settings->shared_memory[0])
		draft_fault(draft, draft_setting_at(draft, "shared-memory"), "shared-memory: needs the path of a file, "
		            "as \"/dev/shm/unbound-warden\"");
	check_socket(draft, "control-socket", settings->control_socket);
	check_socket(draft, "stats-proxy", settings->stats_proxy);
	check_socket(draft, "event-syslog-socket", settings->event_syslog_socket);
	check_socket(draft, "event-socket", settings->event_socket);
	check_socket(draft, "event-dnstap", settings->event_dnstap);
	check_socket(draft, "tap-socket", settings->tap_socket);
	check_socket(draft, "tap-control", settings->tap_control);
	if (same_file(settings->tap_control, settings->control_socket))
		draft_fault(draft, draft_setting_at(draft, "tap-control"), "tap-control: '%s' is Warden's own "
		            "control-socket: it needs Unbound's", settings->tap_control);
	if (same_file(settings->stats_proxy, settings->control_socket))
		draft_fault(draft, draft_setting_at(draft, "stats-proxy"), "stats-proxy: '%s' is Warden's own "
		            "control-socket: it needs Unbound's", settings->stats_proxy);
	if (strlen(settings->stats_view) > STATS_VIEW_MAX || !is_printable(settings->stats_view))
		draft_fault(draft, draft_setting_at(draft, "stats-view"), "stats-view: '%.120s' is not the name of "
		            "a view: at most %d printable characters, no blanks", settings->stats_view,
		            STATS_VIEW_MAX);
}

/* Whether the options of detector <id> in <own> go together; then they are ready for use. */
static bool is_ready(unsigned id, void *own, char *error, size_t error_len)
{
	const struct detector *detector = detectors[id];

	error[0] = '\0';
	return (!detector->check || detector->check(own, error, error_len)) &&
	       (!detector->prepare || detector->prepare(own, error, error_len));
}

/* The last clause about detector <id> with this <profile>. */
static struct origin origin_of_profiled(const struct draft *draft, unsigned id, const char *profile)
{
	struct origin at = { NULL, 0 };

	for (const struct detector_clause *clause = draft->profiled; clause; clause = clause->next)
		if ((unsigned)clause->id == id && !strcmp(clause->settings.profile, profile))
			at = clause->at;
	return at;
}

/* A fault that a profile has from everybody's options is said once. */
static void check_detector(struct draft *draft, unsigned id)
{
	const struct config *config = draft->config;
	char error[512], own_error[512];

	if (!is_ready(id, config->detector[id], error, sizeof(error)))
		draft_fault(draft, draft->detector_at[id], "%s: %s", detectors[id]->name, error);
	for (size_t i = 0; i < config->profile_count; i++) {
		const struct client_profile *profile = &config->profile[i];

		if (profile_owns(config, profile, id) &&
		    !is_ready(id, profile->detector[id], own_error, sizeof(own_error)) &&
		    strcmp(own_error, error) != 0)
			draft_fault(draft, origin_of_profiled(draft, id, profile->name), "%s, profile '%s': %s",
			            detectors[id]->name, profile->name, own_error);
	}
}

static uint64_t next_generation(void)
{
	static _Atomic uint64_t generation;

	return atomic_fetch_add_explicit(&generation, 1, memory_order_relaxed) + 1;
}

static void resolve(struct draft *draft)
{
	struct config *config = draft->config;
	const struct settings *settings = &config->settings;

	profiles_make(draft);
	clause_detector_finish(draft);
	resolve_networks(draft, "allow-client", &settings->allow_client, &config->allow_client);
	resolve_networks(draft, "never-hold", &settings->never_hold, &config->never_hold);
	resolve_networks(draft, "forwarder", &settings->forwarder, &config->forwarder);
	resolve_held_limit(draft);
	config->together_from = *settings->fleet_redis ? (uint32_t)(settings->fleet_count_from * 8) : 0;
	resolve_domains(draft);
	list_files_read(draft);
	places_open(draft);
	privacy_key_read(draft);
	redis_password_read(draft);
	resolve_fleet(draft);
}

/* What no single option can know. */
static void check(struct draft *draft)
{
	check_settings(draft);
	for (unsigned i = 0; i < DETECTOR_COUNT; i++)
		check_detector(draft, i);
}

static void make_plans(struct config *config)
{
	for (size_t i = 0; i < config->profile_count; i++)
		plan_make(&config->profile[i].plan, config->profile[i].detector);
}

struct config *config_load(const char *path, config_report *fault, config_report *warn, void *arg)
{
	struct config *config = calloc(1, sizeof(*config));
	struct draft draft = { .config = config, .fault = fault, .warn = warn, .arg = arg };

	if (!config || !set_defaults(config) || (path && !(config->file = strdup(path)))) {
		draft_fault(&draft, (struct origin){ NULL, 0 }, "out of memory");
		config_free(config);
		return NULL;
	}
	if (path)
		draft_read(&draft, path);
	resolve(&draft);
	check(&draft);
	draft_free(&draft);
	if (draft.faults) {
		config_free(config);
		return NULL;
	}
	make_plans(config);
	config->generation = next_generation();
	return config;
}

void config_free(struct config *config)
{
	if (!config)
		return;
	profiles_free(config); /* while it is known what is theirs */
	for (unsigned i = 0; i < DETECTOR_COUNT; i++) {
		if (config->detector[i])
			option_free(detectors[i]->options, config->detector[i]);
		free(config->detector[i]);
	}
	option_free(settings_options, &config->settings);
	free(config->allow_client.item);
	free(config->never_hold.item);
	free(config->forwarder.item);
	for (size_t i = 0; i < config->list_count; i++)
		free(config->list[i].name);
	free(config->list);
	allowed_free(&config->allowed);
	allowed_free(&config->fleet_never);
	free(config->fleet_never_client.item);
	domain_map_free(config->listed);
	notes_free(config->notes);
	if (config->suffixes)
		suffixes_close(config->suffixes);
	database_close(config->systems);
	database_close(config->countries);
	known_free(config->known);
	explicit_bzero(config->privacy_key, sizeof(config->privacy_key));
	explicit_bzero(config->redis_password, sizeof(config->redis_password));
	include_free(config);
	free(config->file);
	free(config);
}

bool config_never_holds(const struct config *config, const uint8_t client[16])
{
	return networks_have(&config->never_hold, client);
}

bool config_is_forwarder(const struct config *config, const uint8_t client[16])
{
	return networks_have(&config->forwarder, client);
}

uint32_t config_held_limit(const struct config *config, uint64_t known_clients)
{
	const struct held_limit *limit = &config->held_limit;
	uint64_t share = known_clients / 100 * limit->percent + known_clients % 100 * limit->percent / 100;

	if (!limit->percent)
		return limit->count;
	if (share < HELD_LIMIT_LEAST)
		return HELD_LIMIT_LEAST;
	return share < UINT32_MAX ? (uint32_t)share : UINT32_MAX;
}

bool config_enables(const struct config *config, unsigned id)
{
	bool enables = config_detector(config, id)->enable;

	for (size_t i = 0; i < config->profile_count; i++) {
		const struct detector_config *own = config->profile[i].detector[id];

		enables |= own->enable != 0;
	}
	return enables;
}

size_t config_memory(const struct config *config)
{
	const struct settings *settings = &config->settings;
	size_t items = settings->allow_client.count + settings->allow_domain.count +
	               settings->allow_list.count + settings->local_domain.count +
	               settings->never_hold.count + settings->forwarder.count + settings->fleet_never.count;
	size_t octets = sizeof(*config);

	for (unsigned i = 0; i < DETECTOR_COUNT; i++)
		octets += detectors[i]->config_size;
	octets += (config->allow_client.count + config->never_hold.count + config->forwarder.count +
	           config->fleet_never_client.count) * sizeof(struct network);
	octets += profiles_memory(config);
	octets += items * (sizeof(struct option_item) + 64); /* with its texts, about */
	octets += config->list_count * sizeof(*config->list);
	octets += allowed_memory(&config->allowed) + allowed_memory(&config->fleet_never);
	octets += domain_map_memory(config->listed);
	return octets + notes_memory(config->notes) + known_memory();
}
