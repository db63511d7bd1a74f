/* SPDX-License-Identifier: BSD-3-Clause */
/* open - who the primary is, out of the configuration; nothing is sent yet.
 *
 * Invariant: what is opened by half is closed like the whole.
 */
#include <stdlib.h>
#include <string.h>

#include "base/endpoint.h"
#include "primary/state.h"

#define PORT 53

static bool read_address(struct primary *primary, const char *text)
{
	struct endpoint endpoint;

	if (!endpoint_parse(&endpoint, text, PORT) || endpoint_is_path(&endpoint))
		return false;
	primary->address_len = endpoint_address(&endpoint, &primary->address);
	return true;
}

static bool read_zone(struct primary *primary, const char *text)
{
	ldns_rdf *name = ldns_dname_new_frm_str(text);
	bool fits = name && ldns_rdf_size(name) > 1 && ldns_rdf_size(name) <= sizeof(primary->zone);

	if (fits) {
		ldns_dname2canonical(name);
		primary->zone_len = ldns_rdf_size(name);
		memcpy(primary->zone, ldns_rdf_data(name), primary->zone_len);
	}
	ldns_rdf_deep_free(name);
	return fits;
}

/* Copies the strings of <setup> that are needed later. */
static bool copy_strings(struct primary *primary, const struct primary_setup *setup)
{
	struct share_rules *rules = &primary->setup.rules;

	primary->zone_text = strdup(setup->zone);
	primary->address_text = strdup(setup->address);
	primary->below = rules->below ? strdup(rules->below) : NULL;
	primary->self = rules->self ? strdup(rules->self) : NULL;
	if (!primary->zone_text || !primary->address_text || !primary->below != !rules->below ||
	    !primary->self != !rules->self)
		return false;
	rules->below = primary->below;
	rules->self = primary->self;
	return true;
}

static int set_up(struct primary *primary, const struct primary_setup *setup, char *error, size_t error_len)
{
	if (!read_zone(primary, setup->zone))
		return sentence_error(error, error_len, "fleet-zone: '%s' is no domain name", setup->zone);
	if (!read_address(primary, setup->address))
		return sentence_error(error, error_len, "fleet-primary: '%s' is neither ADDRESS nor ADDRESS@PORT",
		                      setup->address);
	if (key_read(&primary->key, setup->key_file, error, error_len))
		return -1;
	if (!copy_strings(primary, setup) || !request_open(&primary->transfers.request, &primary->key) ||
	    !request_open(&primary->updates.request, &primary->key))
		return sentence_error(error, error_len, "out of memory");
	return 0;
}

struct primary *primary_open(const struct primary_setup *setup, char *error, size_t error_len)
{
	struct primary *primary = calloc(1, sizeof(*primary));

	if (!primary) {
		sentence_error(error, error_len, "out of memory");
		return NULL;
	}
	primary->setup = *setup;
	primary->setup.zone = primary->setup.address = primary->setup.key_file = NULL;
	connection_init(&primary->transfers.request.line);
	connection_init(&primary->updates.request.line);
	if (set_up(primary, setup, error, error_len)) {
		primary_close(primary);
		return NULL;
	}
	return primary;
}

void primary_close(struct primary *primary)
{
	if (!primary)
		return;
	transfer_free(&primary->transfer);
	request_close(&primary->transfers.request);
	request_close(&primary->updates.request);
	key_wipe(&primary->key);
	free(primary->zone_text);
	free(primary->address_text);
	free(primary->below);
	free(primary->self);
	free(primary);
}
