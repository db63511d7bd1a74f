/* SPDX-License-Identifier: BSD-3-Clause */
/* world - the authoritative servers: what they answer, for how long it holds, and who they are.
 *
 * All of it follows from the name and the moment, so nothing is stored. The shares in world.c are
 * round numbers of what resolvers commonly see; what matters is that each kind is there.
 */
#ifndef TRAFFIC_WORLD_H
#define TRAFFIC_WORLD_H

#include <warden/warden.h>

#include "name/name.h"

#include "names.h"

/* The types that people ask for. */
enum kind { KIND_A, KIND_AAAA, KIND_HTTPS, KIND_TXT, KIND_MX, KIND_SRV, KIND_PTR, KIND_COUNT };

/* Their numbers in questions. */
extern const uint16_t kind_type[KIND_COUNT];

#define WORLD_RECORDS   6
#define WORLD_RDATA_MAX (6 + NAME_WIRE_MAX) /* SRV */
#define WORLD_SERVERS   4

/* Where an observation of an answer points to. */
struct world_answer {
	struct warden_record record[WORLD_RECORDS];
	uint8_t rdata[WORLD_RECORDS][WORLD_RDATA_MAX];
	struct warden_server server[WORLD_SERVERS];
	uint8_t server_name[WORLD_SERVERS][NAME_WIRE_MAX];
};

/* Seconds for which an answer may be kept, also one without records. */
uint32_t world_ttl(uint32_t host, enum kind kind);

/* Fills in what <obs> says of the answer that the resolver got at <fetched>, before <obs>->now and
 * less than its TTL ago. Large networks answer differently each time.
 */
void world_answer(struct world_answer *answer, struct warden_observation *obs,
                  const struct names *names, uint32_t host, enum kind kind, uint64_t fetched);

/* Fills in the delegation by which it came, for an answer from upstream. */
void world_delegation(struct world_answer *answer, struct warden_observation *obs,
                      const struct names *names, uint32_t host);

#endif
