/* SPDX-License-Identifier: BSD-3-Clause */
/* config - warden.conf as the engine uses it: parsed, checked, read-only.
 *
 * Syntax of unbound.conf: clauses, `option: value`, quotes, # comments, repeated
 * options are lists, `include:`. The grammar (config_parser.y, config_lexer.l) knows
 * clauses and pairs; every option is a row (options.c, and the detectors' own). A
 * configuration is whole or not at all: all faults are sentences with file:line:.
 *
 * Read-only after config_load(), so any number of threads may use it.
 */
#ifndef ENGINE_CONFIG_H
#define ENGINE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/network.h"
#include "base/network_map.h"
#include "base/option.h"
#include "detect/detector.h"
#include "engine/allowed.h"
#include "engine/known.h"
#include "engine/notes.h"
#include "engine/profile.h"
#include "name/domain_map.h"
#include "name/suffix.h"
#include "store/layout.h"

#define CONFIG_NAME_MAX 24 /* octets of what operators call lists and profiles, as many as fit a piece of evidence */
#define PRIVACY_KEY_LEN 16 /* octets: AES-128 */
#define REDIS_PASSWORD_MAX 128
#define REDIS_PORT         6379 /* where fleet-redis says none */

enum mode { MODE_OBSERVE, MODE_ENFORCE };
enum event_format { FORMAT_ECS, FORMAT_OCSF };
#define SYSLOG_NO 0 /* of event-syslog */
enum client_privacy { PRIVACY_FULL, PRIVACY_TRUNCATE, PRIVACY_PSEUDONYM };
enum domain_of_pair { DOMAIN_OF_PAIR_NO, DOMAIN_OF_PAIR_RARE, DOMAIN_OF_PAIR_YES };
enum fleet_confidence { FLEET_LOW, FLEET_MEDIUM, FLEET_HIGH }; /* one below enum confidence */
enum profile { PROFILE_SMALL, PROFILE_NORMAL, PROFILE_LARGE, PROFILE_COUNT };

/* The `warden:` clause. */
struct settings {
	uint64_t mode, profile, snapshot_interval, client_prefix_v4, client_prefix_v6;
	uint64_t log_period, ede, tag_ede, inspect_every_client, fold_case, warn_score, refuse_score;
	uint64_t trust_udp, hold_max;
	uint64_t event_format, event_syslog;
	uint64_t client_privacy, client_privacy_prefix_v4, client_privacy_prefix_v6;
	uint64_t domain_of_pair, fleet_poll, fleet_confidence, fleet_min_nodes, fleet_publish, fleet_clients;
	uint64_t fleet_rate, fleet_limit, fleet_hold_max, fleet_redis_interval, fleet_count_from;
	char *shared_memory, *snapshot_file, *event_file, *control_socket;
	char *fleet_node, *fleet_zone, *fleet_primary, *fleet_key_file, *fleet_redis, *fleet_redis_password_file;
	char *tap_socket, *tap_control;
	char *asn_database, *country_database;
	char *event_syslog_socket, *event_socket, *event_dnstap;
	char *client_privacy_key_file;
	char *max_held_clients, *stats_view, *stats_proxy;
	struct option_list allow_client, allow_domain, allow_list, local_domain, never_hold, forwarder, fleet_never;
};
extern const struct option settings_options[];
#define SETTINGS_MAX 80 /* rows of these, or more than there are */
#define STATS_VIEW_MAX 63 /* octets of the name of a view */
#define FLEET_NODE_LEN 32 /* and of a node */
extern const struct segment_sizes profile_sizes[PROFILE_COUNT];

/* A `list:` clause. */
struct list_settings {
	uint64_t action;
	char *name;
	struct option_list files;
};
extern const struct option list_options[];

/* What a `detector:` clause says of itself. The other options in it are the detector's. */
struct detector_settings {
	char *name, *profile;
};
extern const struct option detector_clause_options[];

/* max-held-clients: a number, or a share of all clients; both 0: no limit. */
struct held_limit {
	uint32_t count;
	uint8_t percent;
};

/* A list of suffixes: a `list:` clause, or a file of a detector. */
struct list {
	char *name;       /* as in events */
	uint8_t detector; /* whose it is: `list` for the operator's own */
	uint8_t action;   /* enum action, for the operator's own */
	bool dynamic;     /* of providers of dynamic DNS */
	size_t entries;
};

/* A file that a configuration was made of, or a folder that was looked through for such. */
struct config_source {
	struct config_source *next;
	char path[];
};

struct config {
	struct settings settings;
	void *detector[DETECTOR_COUNT];    /* for clients without a profile; each begins with struct detector_config */
	struct client_profile *profile;    /* in the order of the file */
	size_t profile_count;
	struct network_map *profile_of;    /* index of a client's profile; NULL without one */
	uint32_t together_from;            /* bits of fleet-count-from:; 0: no fleet-redis:, nothing is counted together */
	struct networks allow_client, never_hold, forwarder;
	struct allowed fleet_never;        /* fleet-never:, the domains among them, */
	struct networks fleet_never_client; /* and the networks */
	struct name fleet_zone;            /* .len 0: nothing is shared */
	uint64_t fleet_key_stamp;          /* of what is in fleet-key-file: another one, another key */
	char fleet_node[FLEET_NODE_LEN + 1]; /* fleet-node:, or what stands for it */
	struct held_limit held_limit;
	uint8_t privacy_key[PRIVACY_KEY_LEN]; /* of client-privacy-key-file:, when has_privacy_key */
	bool has_privacy_key;
	char redis_password[REDIS_PASSWORD_MAX + 1]; /* of fleet-redis-password-file:; "": none */
	struct allowed allowed;            /* allow-domain: and allow-list: together */
	struct suffixes *suffixes;
	struct list *list;
	size_t list_count;
	struct domain_map *listed;         /* of all of these: domain_mark.list is the index */
	struct notes *notes;               /* domain_mark.note is the number */
	struct known *known;               /* what came of allowed, suffixes and listed */
	struct database *systems, *countries; /* of asn-database: and country-database:; NULL: none */
	char *file;                        /* where it came from; NULL: the defaults */
	struct config_source *sources;     /* for who wants to know whether they have changed; without list files */
	uint32_t skipped;                  /* bad lines in list files, each named to <log> */
	uint64_t generation;               /* 1 for the first one of a process, then counting */
};

static inline const struct detector_config *config_detector(const struct config *config, unsigned id)
{
	return config->detector[id];
}

/* Called for each fault: "warden.conf:12: unknown option 'budgett'". */
typedef void config_report(void *arg, const char *sentence);

/* Reads <path>; NULL gives the defaults. Reports every fault it finds, not only the
 * first, and then returns NULL. A bad line in a list file is reported by <warn>,
 * skipped and counted. The caller owns the result.
 */
struct config *config_load(const char *path, config_report *fault, config_report *warn, void *arg);

void config_free(struct config *config);

/* The profile of <client>, masked or not; NULL: none. */
static inline const struct client_profile *config_profile(const struct config *config, const uint8_t client[16])
{
	uint32_t found = config->profile_of ? network_map_find(config->profile_of, client) : NETWORK_MAP_NONE;

	return found < config->profile_count ? &config->profile[found] : NULL;
}

/* Whether <client> (16 octets) lies in an allow-client: network, in a never-hold: network; and whether
 * it is a forwarder: whose EDNS Client Subnet is believed.
 */
static inline bool config_allows_client(const struct config *config, const uint8_t client[16])
{
	return config->allow_client.count && networks_have(&config->allow_client, client);
}
bool config_never_holds(const struct config *config, const uint8_t client[16]);
bool config_is_forwarder(const struct config *config, const uint8_t client[16]);

/* How many clients detectors may hold at once when <known_clients> are known: of a share, at least
 * HELD_LIMIT_LEAST. 0: as many as they like.
 */
#define HELD_LIMIT_LEAST 10
uint32_t config_held_limit(const struct config *config, uint64_t known_clients);

/* Whether detector <id> is enabled for anybody. */
bool config_enables(const struct config *config, unsigned id);

/* Octets allocated for <config>, about. */
size_t config_memory(const struct config *config);

#endif
