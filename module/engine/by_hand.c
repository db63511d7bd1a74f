/* SPDX-License-Identifier: BSD-3-Clause */
/* by_hand - the holds and exemptions that an operator makes and takes back, and the mode.
 *
 * Whoever releases somebody wants the next question answered: so what detectors have gathered against
 * whom the hold was for is cleared with it, or their next look would make it again.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "engine/look.h"

#define ABSOLVE_ATTEMPTS 100 /* an edit is over in a microsecond */

/* Whom a command is about. */
struct whom {
	uint8_t client[16];      /* masked; zeros: any */
	uint64_t client_hash, domain_hash; /* 0: any */
	const struct name *domain;
	bool deep;
};

/* False with a sentence in <error> when it would be everybody. */
static bool whom_find(struct whom *whom, struct warden *warden, const uint8_t client[16],
                      const struct name *domain, char *error, size_t error_len)
{
	const struct rules *rules;
	unsigned cell;

	*whom = (struct whom){ .domain = domain };
	if (domain && !domain->labels) {
		snprintf(error, error_len, "'.' is every name: say any");
		return false;
	}
	if (!client && !domain) {
		snprintf(error, error_len, "any client and any domain would be everybody: name one of them");
		return false;
	}
	rules = rules_enter(warden, &cell);
	if (client) {
		memcpy(whom->client, client, sizeof(whom->client));
		client_mask(&rules->config->settings, whom->client);
		whom->client_hash = client_hash(&warden->mapping, whom->client);
	}
	if (domain) {
		whom->domain_hash = domain_hash(&warden->mapping, domain->wire, domain->len);
		whom->deep = suffix_domain(rules->config->suffixes, domain) != 0 ||
		             suffix_is_public(rules->config->suffixes, domain);
	}
	rules_leave(warden, cell);
	return true;
}

static bool set(struct warden *warden, const struct whom *whom, enum warden_verdict verdict, uint64_t now,
                uint64_t expires, const char *comment, char *error, size_t error_len)
{
	struct hold hold = {
		.verdict = (uint8_t)verdict,
		.detector = HOLD_BY_OPERATOR,
		.confidence = CONFIDENCE_HIGH,
		.domain_hash = whom->domain_hash,
		.deep = whom->deep,
		.made = now,
		.expires = expires,
	};

	memcpy(hold.client, whom->client, sizeof(hold.client));
	if (whom->domain) {
		hold.name_len = whom->domain->len;
		memcpy(hold.name, whom->domain->wire, whom->domain->len);
	}
	snprintf(hold.comment, sizeof(hold.comment), "%s", comment ? comment : "");
	if (hold_set(&warden->mapping, whom->client_hash, &hold, now))
		return true;
	snprintf(error, error_len, "no room for another hold");
	return false;
}

bool engine_hold(struct warden *warden, const uint8_t client[16], const struct name *domain,
                 uint64_t now, uint64_t expires, const char *comment, char *error, size_t error_len)
{
	struct whom whom;

	return whom_find(&whom, warden, client, domain, error, error_len) &&
	       set(warden, &whom, WARDEN_REFUSE, now, expires, comment, error, error_len);
}

bool engine_allow(struct warden *warden, const uint8_t client[16], const struct name *domain,
                  uint64_t now, uint64_t expires, const char *comment, char *error, size_t error_len)
{
	struct whom whom;

	return whom_find(&whom, warden, client, domain, error, error_len) &&
	       set(warden, &whom, WARDEN_PASS, now, expires, comment, error, error_len);
}

bool engine_disallow(struct warden *warden, const uint8_t client[16], const struct name *domain, uint64_t now)
{
	struct whom whom;
	char error[FAULT_MAX];

	return whom_find(&whom, warden, client, domain, error, sizeof(error)) &&
	       exemption_release(&warden->mapping, whom.client_hash, whom.domain_hash, now);
}

/* Clears <count> words of data from <first> on in the slot at <place>, but for when it was first seen:
 * everything there begins with that.
 */
static void absolve(const struct place *place, unsigned first, unsigned count, uint64_t now)
{
	uint64_t data[CLIENT_DATA_WORDS > PAIR_DATA_WORDS ? CLIENT_DATA_WORDS : PAIR_DATA_WORDS];
	uint64_t token = 0;

	for (unsigned attempt = 0; place->slot && !token && attempt < ABSOLVE_ATTEMPTS; attempt++)
		token = slot_edit(place->slot, place->hash, (uint32_t)(now / SECOND), first, count, data);
	if (!token)
		return;
	memset(data + 1, 0, (count - 1) * sizeof(*data));
	slot_commit(place->slot, token, first, count, data);
	place_weigh(place, 0);
}

static_assert(offsetof(struct notes, first_seen) == 0, "the first word is when it was first seen");

/* Absolves all pairs with word number <word> of their key being <value>, of <words> words. */
static void absolve_pairs(struct mapping *mapping, unsigned word, unsigned words, const uint64_t *value,
                          uint64_t now)
{
	for (uint32_t i = 0; i < table_capacity(&mapping->pairs); i++) {
		struct place place = table_at(&mapping->pairs, i);
		uint64_t key[PAIR_DOMAIN + 1], hash;

		if (place.slot && slot_read(place.slot, &hash, 0, PAIR_DOMAIN + 1, key) && hash == place.hash &&
		    !memcmp(&key[word], value, words * sizeof(*value)))
			absolve(&place, PAIR_DATA, PAIR_DATA_WORDS, now);
	}
}

/* And what is known of a client and the servers of domains, which has no notes: all of it goes. */
static void absolve_delegations(struct mapping *mapping, const uint8_t client[16], uint64_t now)
{
	for (uint32_t i = 0; i < table_capacity(&mapping->delegations); i++) {
		struct place place = table_at(&mapping->delegations, i);
		uint64_t key[DELEGATION_CLIENT + 2], hash;

		if (place.slot && slot_read(place.slot, &hash, DELEGATION_CLIENT, 2, key) &&
		    hash == place.hash && !memcmp(key, client, 16))
			table_drop(&mapping->delegations, hash, (uint32_t)(now / SECOND));
	}
}

static void absolve_client(struct mapping *mapping, const struct whom *whom, uint64_t now)
{
	struct place place = table_find(&mapping->clients, whom->client_hash);

	absolve(&place, CLIENT_DATA, CLIENT_DATA_WORDS, now);
	absolve_delegations(mapping, whom->client, now);
}

static void absolve_domain(struct mapping *mapping, const struct whom *whom, uint64_t now)
{
	struct place place = table_find(&mapping->domains, whom->domain_hash);

	absolve(&place, DOMAIN_DATA, DOMAIN_DATA_WORDS, now);
}

/* What detector <id> goes by is cleared for <whom>, beside the pairs that the hold was for. */
static void absolve_subject(struct mapping *mapping, const struct whom *whom, unsigned id, uint64_t now)
{
	if (id >= DETECTOR_COUNT)
		return;
	if (detectors[id]->subject == SUBJECT_DOMAIN && whom->domain_hash)
		absolve_domain(mapping, whom, now);
	else if (detectors[id]->subject != SUBJECT_PAIR && whom->client_hash)
		absolve_client(mapping, whom, now);
}

bool engine_release(struct warden *warden, const uint8_t client[16], const struct name *domain,
                    uint64_t now)
{
	struct mapping *mapping = &warden->mapping;
	struct hold hold = { .detector = HOLD_BY_OPERATOR };
	uint64_t address[2];
	struct whom whom;
	struct place pair;
	char error[FAULT_MAX];

	if (!whom_find(&whom, warden, client, domain, error, sizeof(error)))
		return false;
	hold_find(mapping, whom.client_hash, whom.domain_hash, now, &hold);
	memcpy(address, whom.client, sizeof(address));
	if (whom.client_hash && whom.domain_hash) {
		pair = table_find(&mapping->pairs, pair_hash(mapping, whom.client_hash, whom.domain_hash));
		absolve(&pair, PAIR_DATA, PAIR_DATA_WORDS, now);
	} else if (whom.client_hash) {
		absolve_client(mapping, &whom, now);
		absolve_pairs(mapping, PAIR_CLIENT, 2, address, now);
	} else {
		absolve_domain(mapping, &whom, now);
		absolve_pairs(mapping, PAIR_DOMAIN, 1, &whom.domain_hash, now);
	}
	absolve_subject(mapping, &whom, hold.detector, now);
	return hold_release(mapping, whom.client_hash, whom.domain_hash, now);
}

void engine_set_mode(struct warden *warden, enum mode mode)
{
	atomic_store(&warden->accepted, (uint32_t)atomic_load(&warden->mapping.header->held_clients));
	atomic_store(&warden->tripped, false);
	atomic_store(&warden->alone, false);
	atomic_store(&warden->stopped, mode == MODE_OBSERVE);
	atomic_store(&warden->mode, (uint32_t)mode);
	atomic_fetch_add(&warden->mode_changes, 1);
}

bool engine_tripped(const struct warden *warden)
{
	return atomic_load(&warden->tripped);
}
