/* SPDX-License-Identifier: BSD-3-Clause */
/* engine - opening, closing, and changing the rules under way.
 *
 * The rules are replaced like this: the new ones are published, then the old ones are
 * freed once all have left who entered before (readers.h).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/sentence.h"
#include "engine/engine.h"
#include "engine/look.h"

static_assert(sizeof(struct notes) % sizeof(uint64_t) == 0, "notes are whole words");

/* The configuration that this process used last, for when Unbound reloads and finds a bad
 * one: it ends the engine and opens a new one, and an error then would end the resolver.
 * The library stays in memory between the two (-z nodelete).
 */
static struct config *last_good;

/* Faults of one config_load(): the first for the caller, all for the log. */
struct faults {
	sentence_log *log;
	char *error;
	size_t error_len;
	unsigned count;
};

static void say_nothing(int is_error, const char *sentence)
{
	(void)is_error;
	(void)sentence;
}

static void on_fault(void *arg, const char *sentence)
{
	struct faults *faults = arg;

	if (!faults->count++)
		snprintf(faults->error, faults->error_len, "%s", sentence);
	else
		faults->log(1, sentence);
}

static void on_warning(void *arg, const char *sentence)
{
	const struct faults *faults = arg;

	faults->log(1, sentence);
}

static struct config *load(const struct warden *warden, char *error, size_t error_len)
{
	struct faults faults = { .log = warden->log, .error = error, .error_len = error_len };

	snprintf(error, error_len, "out of memory");
	return config_load(warden->config_file, on_fault, on_warning, &faults);
}

/* ---- rules --------------------------------------------------------------------- */

/* Takes <config> over. Returns NULL without memory; <config> is then still the caller's. */
static struct rules *rules_new(struct config *config)
{
	struct rules *rules = malloc(sizeof(*rules));

	if (!rules)
		return NULL;
	rules->config = config;
	plan_make(&rules->plan, config->detector);
	return rules;
}

/* What detectors of any profile need. */
static unsigned needs_of(const struct rules *rules)
{
	unsigned needs = rules->plan.needs;

	for (size_t i = 0; i < rules->config->profile_count; i++)
		needs |= rules->config->profile[i].plan.needs;
	return needs;
}

static bool profiles_enforce(const struct config *config)
{
	for (size_t i = 0; i < config->profile_count; i++)
		if (config->profile[i].mode == MODE_ENFORCE)
			return true;
	return false;
}

static void rules_publish(struct warden *warden, struct rules *rules)
{
	atomic_store(&warden->stopped, false);
	atomic_store(&warden->accepted, 0);
	atomic_store(&warden->alone, false);
	atomic_store(&warden->profiles_enforce, profiles_enforce(rules->config));
	atomic_store(&warden->tripped, false);
	atomic_store(&warden->mode, (uint32_t)rules->config->settings.mode);
	atomic_store(&warden->wants_records, (needs_of(rules) & FACT_RECORDS) != 0);
	atomic_store(&warden->folds_case, rules->config->settings.fold_case != 0);
	atomic_store(&warden->inspects_every_client, rules->config->settings.inspect_every_client != 0);
	atomic_store(&warden->config_memory, config_memory(rules->config));
	atomic_store(&warden->rules, rules);
	atomic_fetch_add(&warden->mode_changes, 1);
	if (warden->mapping.header)
		atomic_store(&warden->mapping.header->generation, rules->config->generation);
}

/* ---- reload -------------------------------------------------------------------- */

/* What only a restart can change: files and sockets that are open, and what a door asks once, at its own start. */
static const char *const fixed[] = {
	"profile", "shared-memory", "snapshot-file", "event-file", "event-format", "event-syslog", "event-syslog-socket",
	"event-socket", "event-dnstap", "control-socket", "fleet-zone", "fleet-node", "fleet-primary", "fleet-key-file",
	"fleet-poll", "fleet-redis", "fleet-redis-password-file", "tap-socket", "tap-control", "inspect-every-client",
};

/* The first of these that is not the same, or NULL. */
static const char *fixed_setting(const struct settings *old, const struct settings *new)
{
	for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed); i++)
		if (!option_is_same(option_find(settings_options, fixed[i]), old, new))
			return fixed[i];
	return NULL;
}

/* The first setting whose file is the same and holds another secret, or NULL. */
static const char *fixed_secret(const struct config *old, const struct config *new)
{
	if (old->fleet_key_stamp != new->fleet_key_stamp)
		return "fleet-key-file";
	return strcmp(old->redis_password, new->redis_password) ? "fleet-redis-password-file" : NULL;
}

static int reload_failed(struct warden *warden, const char *error)
{
	snprintf(warden->fault, sizeof(warden->fault), "%s", error);
	atomic_store(&warden->faulty, true);
	return -1;
}

int engine_reload(struct warden *warden, char *error, size_t error_len)
{
	struct rules *old = atomic_load(&warden->rules), *rules;
	struct config *config = load(warden, error, error_len);
	const char *setting, *secret;

	if (!config)
		return reload_failed(warden, error);
	setting = fixed_setting(&old->config->settings, &config->settings);
	secret = fixed_secret(old->config, config);
	if (setting || secret) {
		snprintf(error, error_len, "%s: %s'%s' can be changed by a restart only",
		         warden->config_file ? warden->config_file : "defaults", setting ? "" : "what is in ",
		         setting ? setting : secret);
		config_free(config);
		return reload_failed(warden, error);
	}
	config->generation = old->config->generation + 1;
	rules = rules_new(config);
	if (!rules) {
		snprintf(error, error_len, "out of memory");
		config_free(config);
		return reload_failed(warden, error);
	}
	rules_publish(warden, rules);
	atomic_store(&warden->faulty, false);
	if (!readers_wait(&warden->readers))
		return 0; /* better lost than freed under somebody's hands */
	config_free(old->config);
	free(old);
	return 0;
}

/* ---- open ---------------------------------------------------------------------- */

/* Whether the last good configuration is one that <warden> may fall back on. */
static bool may_fall_back(const struct warden *warden)
{
	return last_good && !warden->private_memory && last_good->file && warden->config_file &&
	       !strcmp(last_good->file, warden->config_file);
}

/* States of all detectors must fit what the layout leaves them. */
static bool layout_fits(const struct detector_layout *layout)
{
	return layout->client_size <= (CLIENT_DATA_WORDS - CLIENT_OWN_WORDS) * sizeof(uint64_t) &&
	       layout->pair_size <= (PAIR_DATA_WORDS - PAIR_OWN_WORDS) * sizeof(uint64_t) &&
	       layout->domain_size <= (DOMAIN_DATA_WORDS - DOMAIN_OWN_WORDS) * sizeof(uint64_t);
}

static int attach(struct warden *warden, const struct settings *settings, uint64_t now, char *error,
                  size_t error_len)
{
	bool shared = !warden->private_memory;

	detector_layout(&warden->layout);
	if (BROKEN(layout_fits(&warden->layout))) {
		snprintf(error, error_len, "the detectors' states do not fit their slots");
		return -1;
	}
	states_plan(warden);
	return mapping_attach(&warden->mapping, shared ? settings->shared_memory : NULL,
	                      shared && settings->snapshot_file[0] ? settings->snapshot_file : NULL,
	                      &profile_sizes[settings->profile], warden->layout.digest, now, warden->log,
	                      error, error_len);
}

/* Attaches the segment that <config> names and puts <config> in force. On a fault returns -1
 * with the sentence in <error>; <config> is then still the caller's.
 */
static int start_with(struct warden *warden, struct config *config, uint64_t now, char *error,
                      size_t error_len)
{
	struct rules *rules;

	if (attach(warden, &config->settings, now, error, error_len) < 0)
		return -1;
	rules = rules_new(config);
	if (!rules) {
		snprintf(error, error_len, "out of memory");
		mapping_detach(&warden->mapping);
		return -1;
	}
	rules_publish(warden, rules);
	return 0;
}

/* Starts with the configuration of the file. */
static int start_with_file(struct warden *warden, uint64_t now, char *error, size_t error_len)
{
	struct config *config = load(warden, error, error_len);

	if (!config)
		return -1;
	config->generation = may_fall_back(warden) ? last_good->generation + 1 : 1;
	if (start_with(warden, config, now, error, error_len) < 0) {
		config_free(config);
		return -1;
	}
	if (!warden->private_memory) {
		config_free(last_good);
		last_good = NULL;
	}
	return 0;
}

/* Starts with the last good configuration, after <error> was said of the file's. */
static int start_with_last_good(struct warden *warden, uint64_t now, char *error, size_t error_len)
{
	if (!may_fall_back(warden))
		return -1;
	reload_failed(warden, error);
	sentence_say(warden->log, 1, "%s", error);
	sentence_say(warden->log, 1, "so the configuration before that stays in force");
	if (start_with(warden, last_good, now, error, error_len) < 0)
		return -1;
	last_good = NULL;
	return 0;
}

/* An engine of <setup>, without rules and without a segment. NULL without memory. */
static struct warden *warden_new(const struct warden_setup *setup)
{
	struct warden *warden = aligned_alloc(_Alignof(struct warden), sizeof(*warden));

	if (!warden)
		return NULL;
	memset(warden, 0, sizeof(*warden));
	warden->mapping.file = -1;
	readers_init(&warden->readers);
	warden->log = setup->log ? setup->log : say_nothing;
	warden->private_memory = setup->private_memory;
	warden->mirror = setup->mirror;
	if (!setup->config_file || (warden->config_file = strdup(setup->config_file)))
		return warden;
	free(warden);
	return NULL;
}

struct warden *warden_open(const struct warden_setup *setup, char *error, size_t error_len)
{
	struct warden *warden;

	snprintf(error, error_len, "out of memory");
	warden = warden_new(setup);
	if (!warden)
		return NULL;
	if (start_with_file(warden, setup->now, error, error_len) == 0 ||
	    start_with_last_good(warden, setup->now, error, error_len) == 0)
		return warden;
	warden_close(warden);
	return NULL;
}

/* ---- to look only -------------------------------------------------------------- */

int engine_look_anew(struct warden *warden, const char *path, char *error, size_t error_len)
{
	struct mapping mapping;

	if (mapping_read(&mapping, path, warden->layout.digest, error, error_len) < 0)
		return -1;
	mapping_detach(&warden->mapping);
	warden->mapping = mapping;
	return 0;
}

/* The rules are in force before there is a mapping: to publish them is to write into it. That the memory
 * is private has their configuration freed at the end, and not kept for a next start.
 */
struct warden *engine_open_to_look(struct config *config, const char *path, char *error, size_t error_len)
{
	const struct warden_setup setup = { .private_memory = true };
	struct warden *warden = warden_new(&setup);
	struct rules *rules = warden ? rules_new(config) : NULL;
	struct mapping mapping;

	if (!rules) {
		sentence_error(error, error_len, "out of memory");
		warden_close(warden);
		return NULL;
	}
	detector_layout(&warden->layout);
	if (mapping_read(&mapping, path, warden->layout.digest, error, error_len) < 0) {
		free(rules);
		warden_close(warden);
		return NULL;
	}
	rules_publish(warden, rules);
	warden->mapping = mapping;
	return warden;
}

/* ---- close --------------------------------------------------------------------- */

/* Keeps <config> for a next warden_open() of this process. */
static void keep_for_later(struct config *config)
{
	config_free(last_good);
	last_good = config;
}

void warden_close(struct warden *warden)
{
	struct rules *rules;

	if (!warden)
		return;
	if (warden->stop_service)
		warden->stop_service(warden);
	rules = atomic_load(&warden->rules);
	if (rules && warden->private_memory)
		config_free(rules->config);
	else if (rules)
		keep_for_later(rules->config);
	free(rules);
	mapping_detach(&warden->mapping);
	free(warden->config_file);
	free(warden);
}

int warden_wants_records(const struct warden *warden)
{
	return atomic_load_explicit(&warden->wants_records, memory_order_relaxed);
}

bool engine_enforces(const struct warden *warden)
{
	return atomic_load_explicit(&warden->mode, memory_order_relaxed) == MODE_ENFORCE ||
	       (atomic_load_explicit(&warden->profiles_enforce, memory_order_relaxed) &&
	        !atomic_load_explicit(&warden->stopped, memory_order_relaxed));
}

int warden_folds_case(const struct warden *warden)
{
	return atomic_load_explicit(&warden->folds_case, memory_order_relaxed) &&
	       engine_enforces(warden);
}

int warden_inspects_every_client(const struct warden *warden)
{
	return atomic_load_explicit(&warden->inspects_every_client, memory_order_relaxed);
}

void warden_observe_took(struct warden *warden, uint64_t nanoseconds)
{
	struct bank *bank = bank_mine(&warden->mapping.counters);
	unsigned bucket = nanoseconds ? 63u - (unsigned)__builtin_clzll(nanoseconds) : 0;

	bank_add(bank, COUNTER_timed, 1);
	bank_add(bank, COUNTER_timed_ns, nanoseconds);
	bank_add(bank, BANK_HISTOGRAM + (bucket < HISTOGRAM_WORDS ? bucket : HISTOGRAM_WORDS - 1), 1);
}

size_t warden_memory(const struct warden *warden)
{
	return warden->mapping.size + sizeof(*warden) + atomic_load(&warden->config_memory);
}
