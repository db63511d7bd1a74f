/* SPDX-License-Identifier: BSD-3-Clause */
/* places - autonomous system and country of the addresses of an answer.
 *
 * libmaxminddb allocates when it opens a file, and not at a look-up, so long as the path to the
 * value is an array. What a broken file makes it say is "not known" here.
 */
#include "engine/places.h"

#include <errno.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "detect/address.h"
#include "engine/draft.h"
#include "engine/include.h"
#include "engine/look.h"

struct database {
	MMDB_s file;
};

/* ---- with the configuration ---------------------------------------------------- */

/* Opens <name>, the value of option <key>. "" is none. */
static struct database *open_database(struct draft *draft, const char *key, const char *name)
{
	const char *base = draft->config->file ? draft->config->file : WARDEN_CONF;
	struct origin at = { draft->config->file, 1 };
	struct database *database;
	int status;
	char *path;

	if (!name[0])
		return NULL;
	path = include_path(base, name);
	database = calloc(1, sizeof(*database));
	if (!path || !database) {
		draft_fault(draft, at, "out of memory");
		goto fail;
	}
	errno = 0;
	status = MMDB_open(path, MMDB_MODE_MMAP, &database->file);
	if (status != MMDB_SUCCESS) {
		draft_warn(draft, at, "%s: cannot use '%s', and does without: %s", key, path,
		           errno ? strerror(errno) : MMDB_strerror(status));
		goto fail;
	}
	free(path);
	return database;

fail:
	free(path);
	free(database);
	return NULL;
}

void places_open(struct draft *draft)
{
	struct config *config = draft->config;

	config->systems = open_database(draft, "asn-database", config->settings.asn_database);
	config->countries = open_database(draft, "country-database", config->settings.country_database);
}

void database_close(struct database *database)
{
	if (database)
		MMDB_close(&database->file);
	free(database);
}

/* ---- for an answer ------------------------------------------------------------- */

/* The value at <path> of what is known of <address>. False when there is none. */
static bool look_up(const struct database *database, const uint8_t address[16], const char *const *path,
                    MMDB_entry_data_s *value)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	MMDB_lookup_result_s result;
	int error;

	if (!database)
		return false;
	/* A mapped address is found where the library keeps IPv4, in trees of either family. */
	memcpy(&in6.sin6_addr, address, 16);
	if (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) {
		struct sockaddr_in in = { .sin_family = AF_INET };

		memcpy(&in.sin_addr, address + 12, 4);
		result = MMDB_lookup_sockaddr(&database->file, (const struct sockaddr *)(const void *)&in, &error);
	} else {
		result = MMDB_lookup_sockaddr(&database->file, (const struct sockaddr *)(const void *)&in6, &error);
	}
	return error == MMDB_SUCCESS && result.found_entry &&
	       MMDB_aget_value(&result.entry, value, path) == MMDB_SUCCESS && value->has_data;
}

void places_fill(const struct look *look, struct facts *facts, struct location location[LOCATIONS_MAX])
{
	static const char *const asn[] = { "autonomous_system_number", NULL };
	static const char *const country[] = { "country", "iso_code", NULL };
	const struct warden_observation *obs = look->obs;
	const struct config *config = look->config;
	unsigned count = 0;

	facts->locations = location;
	if (config->systems || config->countries)
		for (uint32_t i = 0; i < obs->record_count && i <= UINT16_MAX && count < LOCATIONS_MAX; i++) {
			struct location at = { .record = (uint16_t)i };
			MMDB_entry_data_s value;
			uint8_t address[16];

			if (!address_of(&obs->records[i], address))
				continue;
			if (look_up(config->systems, address, asn, &value) && value.type == MMDB_DATA_TYPE_UINT32)
				at.asn = value.uint32;
			if (look_up(config->countries, address, country, &value) &&
			    value.type == MMDB_DATA_TYPE_UTF8_STRING && value.data_size == sizeof(at.country))
				memcpy(at.country, value.utf8_string, sizeof(at.country));
			if (at.asn || at.country[0])
				location[count++] = at;
		}
	facts->location_count = (uint8_t)count;
}
