/* SPDX-License-Identifier: BSD-3-Clause */
/* resolve_fleet - whether sharing can work as it is configured, said when the configuration is read: what is wrong here
 * would otherwise be a node that is silently alone.
 */
#include "engine/resolve_fleet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/endpoint.h"
#include "engine/include.h"
#include "engine/lists.h"
#include "engine/resolve.h"

#define ZONE_ROOM 160 /* octets of a name that the zone's own may have: the rest is for what stands in it */

static struct origin at(const struct draft *draft, const char *key)
{
	return draft_setting_at(draft, key);
}

bool fleet_node_is_valid(const char *text)
{
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return len && len <= FLEET_NODE_LEN && !text[len] && text[0] != '-' && text[len - 1] != '-';
}

static void lower(char *text)
{
	for (; *text; text++)
		if (*text >= 'A' && *text <= 'Z')
			*text += 'a' - 'A';
}

static void resolve_node(struct draft *draft)
{
	struct config *config = draft->config;
	const char *said = config->settings.fleet_node;
	char host[256] = "";

	if (!*said && gethostname(host, sizeof(host) - 1) == 0)
		host[strcspn(host, ".")] = '\0';
	snprintf(config->fleet_node, sizeof(config->fleet_node), "%.*s", FLEET_NODE_LEN, *said ? said : host);
	lower(config->fleet_node);
	if (strlen(*said ? said : host) <= FLEET_NODE_LEN && fleet_node_is_valid(config->fleet_node))
		return;
	if (*said)
		draft_fault(draft, at(draft, "fleet-node"), "fleet-node: '%.120s' is not a node's name: at most %d letters, "
		            "digits and hyphens, none of these at either end", said, FLEET_NODE_LEN);
	else
		draft_fault(draft, at(draft, "fleet-node"), "fleet-node: is needed, for the host's name '%.120s' is not a "
		            "node's: at most %d letters, digits and hyphens", host, FLEET_NODE_LEN);
}

/* The key is read by who uses it; here only whether that can be. */
static void check_key(struct draft *draft)
{
	struct config *config = draft->config;
	const char *name = config->settings.fleet_key_file;
	char *path = include_path(config->file ? config->file : WARDEN_CONF, name);
	FILE *file = path ? include_open(path) : NULL;
	struct stat about;

	if (!path)
		draft_fault(draft, at(draft, "fleet-key-file"), "out of memory");
	else if (!file || fstat(fileno(file), &about))
		draft_fault(draft, at(draft, "fleet-key-file"), "fleet-key-file: '%s' cannot be read: %s", path,
		            include_why(errno));
	else if (about.st_mode & S_IRWXO)
		draft_fault(draft, at(draft, "fleet-key-file"), "fleet-key-file: '%s' is open to everybody: chmod o= '%s'", path,
		            path);
	if (file)
		fclose(file);
	if (path) {
		free(config->settings.fleet_key_file);
		config->settings.fleet_key_file = path; /* for who opens it, wherever the configuration is */
	}
}

static void resolve_zone(struct draft *draft)
{
	struct config *config = draft->config;
	const struct settings *settings = &config->settings;
	struct endpoint primary;
	struct name zone;

	if (!name_from_text(&zone, settings->fleet_zone) || !zone.labels || !list_domain(&zone, settings->fleet_zone)) {
		draft_fault(draft, at(draft, "fleet-zone"), "fleet-zone: '%.120s' is not the name of a zone, like fleet.example",
		            settings->fleet_zone);
		return;
	}
	if (zone.len > ZONE_ROOM)
		draft_fault(draft, at(draft, "fleet-zone"), "fleet-zone: '%s' is longer than %d octets, which leaves no room for "
		            "the names in it", settings->fleet_zone, ZONE_ROOM);
	config->fleet_zone = zone;
	if (!*settings->fleet_primary)
		draft_fault(draft, at(draft, "fleet-zone"), "fleet-zone: needs fleet-primary: with the address of the zone's "
		            "primary");
	else if (!endpoint_parse(&primary, settings->fleet_primary, 53) || endpoint_is_path(&primary))
		draft_fault(draft, at(draft, "fleet-primary"), "fleet-primary: '%.120s' is not an address, with or without "
		            "@port, like 192.0.2.53@5300", settings->fleet_primary);
	if (!*settings->fleet_key_file)
		draft_fault(draft, at(draft, "fleet-zone"), "fleet-zone: needs fleet-key-file: with the TSIG key of this node");
	else
		check_key(draft);
}

static void resolve_never(struct draft *draft)
{
	struct config *config = draft->config;
	const struct option_list *list = &config->settings.fleet_never;
	struct networks *networks = &config->fleet_never_client;
	struct name name;

	if (!list->count)
		return;
	networks->item = calloc(list->count, sizeof(*networks->item));
	for (size_t i = 0; i < list->count; i++) {
		const struct option_item *item = &list->item[i];

		if (networks->item && network_parse(&networks->item[networks->count], item->text))
			networks->count++;
		else if (!list_domain(&name, item->text))
			draft_fault(draft, origin_of_item(item), "fleet-never: '%s' is neither a domain name like example.org nor "
			            "an address or a prefix like 192.0.2.0/24", item->text);
		else if (!networks->item || allowed_add(&config->fleet_never, &name) < 0)
			draft_fault(draft, origin_of_item(item), "out of memory");
	}
}

void resolve_fleet(struct draft *draft)
{
	if (*draft->config->settings.fleet_zone || *draft->config->settings.fleet_redis)
		resolve_node(draft);
	if (*draft->config->settings.fleet_zone)
		resolve_zone(draft);
	else if (*draft->config->settings.fleet_primary)
		draft_warn(draft, at(draft, "fleet-primary"), "fleet-primary: without fleet-zone: nothing is shared");
	resolve_never(draft);
}
