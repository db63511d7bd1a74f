/* SPDX-License-Identifier: BSD-3-Clause */
/* engine - what is inside struct warden, for the engine, reports and services.
 *
 * Doors use <warden/warden.h>. What changes while observations run is atomic; the
 * configuration is replaced whole, and the old one freed once no observation that
 * might still read it is under way (engine_reload()).
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <warden/warden.h>

#include "base/sentence.h"
#include "detect/ledger.h"
#include "engine/config.h"
#include "engine/plan.h"
#include "engine/readers.h"
#include "name/name.h"
#include "store/holds.h"
#include "store/mapping.h"

#define FAULT_MAX 512

/* A configuration and what follows from it. */
struct rules {
	struct config *config;
	struct plan plan;
};

/* What a detector works on: see states.h. */
struct reach {
	uint32_t lines;                /* of the slots */
	uint16_t client, pair, domain; /* octets into struct states, where its states are; 0: none */
	bool domain_changes;           /* it may change the domain's, whatever the name */
};

struct warden {
	struct mapping mapping;
	struct detector_layout layout;
	struct reach reach[DETECTOR_COUNT];
	_Atomic(struct rules *) rules;
	struct readers readers; /* of <rules> */
	sentence_log *log; /* never NULL */

	char *config_file;      /* to read again on reload; NULL: the defaults */
	bool private_memory;
	_Atomic bool wants_records;    /* what the rules in force answer; */
	_Atomic bool inspects_every_client, folds_case;
	_Atomic size_t config_memory;  /* kept here, as rules may go at any time */
	_Atomic uint32_t mode;  /* enum mode: the configuration's until somebody sets it */
	_Atomic bool stopped;   /* it is MODE_OBSERVE because somebody set it: for profiles, too */
	_Atomic bool profiles_enforce; /* some profile has the mode enforce for itself */
	_Atomic bool tripped;   /* it is MODE_OBSERVE because too many clients were held */
	_Atomic bool alone;     /* too many clients were held for what other nodes were told: that counts no more */
	_Atomic uint32_t accepted; /* held clients that an operator has seen: only more of them trip again */
	_Atomic uint64_t mode_changes; /* how often <mode> or <rules> were replaced */
	struct warden_mirror mirror;
	_Atomic bool faulty;    /* the last reload failed: <fault> says why */
	char fault[FAULT_MAX];  /* written and read by the service's control thread and warden_open() */

	struct service *service;              /* of warden_start(); NULL without */
	void (*stop_service)(struct warden *warden);
};

/* An engine to look through: the rules of <config>, which it takes over, and the segment or snapshot at <path>
 * mapped read-only. Reports may use it; whatever writes to a segment, warden_observe() first of all, may not.
 * Ends with warden_close(). Returns NULL with a sentence in <error>, and then <config> is still the caller's.
 */
struct warden *engine_open_to_look(struct config *config, const char *path, char *error, size_t error_len);

/* Has it look at what is at <path> now: a segment that was made anew, the next snapshot. Returns 0, or -1 with
 * a sentence in <error>, and then it looks at what it did before.
 */
int engine_look_anew(struct warden *warden, const char *path, char *error, size_t error_len);

/* The rules in force. Every rules_enter() is followed by a rules_leave() with the same
 * <cell> soon after; the result is valid in between. Thread-safe, never blocks.
 */
static inline const struct rules *rules_enter(struct warden *warden, unsigned *cell)
{
	*cell = readers_enter(&warden->readers);
	return atomic_load(&warden->rules);
}

static inline void rules_leave(struct warden *warden, unsigned cell)
{
	readers_leave(&warden->readers, cell);
}

/* Reads the configuration again. On a fault returns -1 with the sentence in <error>, also
 * kept for `status`, and the old one stays. `shared-memory`, `profile`, the paths of
 * files and `inspect-every-client` cannot change this way; that is a fault like any other.
 * Not thread-safe against itself; waits until observations under way have ended.
 */
int engine_reload(struct warden *warden, char *error, size_t error_len);

/* Cuts <client> to the prefix lengths of <settings>. */
void client_mask(const struct settings *settings, uint8_t client[16]);

/* The subnet that <obs> tells, masked, when it comes from a forwarder: and tells of any bits. Else false. */
bool client_told(const struct config *config, const struct warden_observation *obs, uint8_t client[16]);

/* Who <obs> is about, masked: the subnet that is told, and then true; or who sent it. */
static inline bool client_of(const struct config *config, const struct warden_observation *obs,
                             uint8_t client[16])
{
	if (obs->subnet_prefix && client_told(config, obs, client))
		return true;
	memcpy(client, obs->client, 16);
	client_mask(&config->settings, client);
	return false;
}

/* The mode for clients of <profile>, NULL for those without one: its own, or that of everybody. Where somebody
 * has stopped enforcement at run time, or Warden itself, that holds for all.
 */
static inline enum mode engine_mode(const struct warden *warden, const struct client_profile *profile)
{
	if (!profile || profile->mode == PROFILE_MODE_INHERIT)
		return (enum mode)atomic_load_explicit(&warden->mode, memory_order_relaxed);
	return atomic_load_explicit(&warden->stopped, memory_order_relaxed) ? MODE_OBSERVE : (enum mode)profile->mode;
}

/* Whether anybody is in mode enforce. */
bool engine_enforces(const struct warden *warden);

/* Hashes by which the tables know a (masked) client, a domain's wire format, both, and a client
 * and the servers of domains.
 */
uint64_t client_hash(const struct mapping *mapping, const uint8_t client[16]);
uint64_t domain_hash(const struct mapping *mapping, const uint8_t *wire, size_t len);
uint64_t pair_hash(const struct mapping *mapping, uint64_t client, uint64_t domain);
uint64_t delegation_hash(const struct mapping *mapping, uint64_t client, uint64_t servers);

/* How many clients the one with this ledger seems to be. */
struct crowd client_crowd(const struct mapping *mapping, const struct client_ledger *client);

/* Makes a hold by the operator's hand until <expires>. <client> is masked here; NULL: any.
 * <domain> NULL: any; otherwise any name, with all below it. False with a sentence in <error>.
 */
bool engine_hold(struct warden *warden, const uint8_t client[16], const struct name *domain,
                 uint64_t now, uint64_t expires, const char *comment, char *error, size_t error_len);

/* Ends a hold; whom it was for then starts anew with the detectors, or their next look would make it
 * again. False when there was none. Walks tables when it was a client's or a domain's: not for a worker.
 */
bool engine_release(struct warden *warden, const uint8_t client[16], const struct name *domain,
                    uint64_t now);

/* Lets a client, a domain or both pass whatever is held and whatever detectors think, until <expires>
 * (UINT64_MAX: for good); NULL: any. As an allow-client: or allow-domain: line would, but in the segment,
 * so that it survives a restart. False with a sentence in <error>.
 */
bool engine_allow(struct warden *warden, const uint8_t client[16], const struct name *domain,
                  uint64_t now, uint64_t expires, const char *comment, char *error, size_t error_len);

/* Takes back what engine_allow() gave. False when there was none. */
bool engine_disallow(struct warden *warden, const uint8_t client[16], const struct name *domain,
                     uint64_t now);

/* Whether the holds made by detectors became too many (max-held-clients:), so that mode is observe. */
bool engine_tripped(const struct warden *warden);

/* Sets the mode until the next reload, and forgets a trip: with as many held clients as there are now,
 * enforcement goes on. What other nodes are told is believed again.
 */
void engine_set_mode(struct warden *warden, enum mode mode);

/* Counts the clients that detectors hold at <now>, and trips when they are too many; or no longer believes what other
 * nodes are told, when it takes that to make them so many. For the maintenance thread. Returns how many; 0 when memory is short.
 */
uint32_t engine_guard(struct warden *warden, uint64_t now);

#endif
