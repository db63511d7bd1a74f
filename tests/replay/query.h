/* SPDX-License-Identifier: BSD-3-Clause */
/* query - QUERY of the scenarios: read once, asked as often as a repeat says.
 *
 * Invariant: what a query points to lives as long as the words that it was read from, what an
 * asked one points to as long as it itself.
 */
#ifndef TESTS_REPLAY_QUERY_H
#define TESTS_REPLAY_QUERY_H

#include "scenario.h"

#define TYPES_MAX   4
#define RECORDS_MAX 8
#define SERVERS_MAX 8
#define RDATA_MAX   4096

/* All texts with their {...}. */
struct query {
	const char *client, *name;
	const char *subnet; /* that the question tells of; NULL: none */
	uint16_t type[TYPES_MAX];
	unsigned types;
	uint8_t path, rcode, flags;
	uint16_t qclass;
	bool answered, nodata;
	uint32_t ttl; /* of all records */
	struct {
		uint16_t type;
		const char *data;
	} record[RECORDS_MAX];
	unsigned records;
	const char *servers, *zone; /* NULL when it is not known who answered */
};

/* An observation and what it points to. */
struct asked {
	struct warden_observation obs;
	struct name name, zone, server[SERVERS_MAX];
	struct warden_server servers[SERVERS_MAX];
	struct warden_record record[RECORDS_MAX];
	uint8_t rdata[RECORDS_MAX][RDATA_MAX];
};

/* Reads CLIENT query NAME TYPE and the rest. False when it is not understood. */
bool query_read(struct query *query, char **word, unsigned count);

/* Fills in <query> for the <n>th time; its types are left to the caller. False when
 * that makes no observation; it was said why.
 */
bool query_fill_in(struct scenario *scenario, const struct query *query, uint64_t n, struct asked *asked);

#endif
