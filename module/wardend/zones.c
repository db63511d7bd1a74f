/* SPDX-License-Identifier: BSD-3-Clause */
/* zones - see zones.h. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "name/name.h"
#include "wardend/zones.h"

const char *const zone_kinds[ZONE_KIND_COUNT] = {
	[ZONE_TRANSPARENT] = "always_transparent",
	[ZONE_TRUNCATE] = "truncate",
	[ZONE_NODATA] = "always_nodata",
	[ZONE_NXDOMAIN] = "always_nxdomain",
	[ZONE_REFUSE] = "always_refuse",
	[ZONE_DENY] = "always_deny",
};

/* --- sets ---------------------------------------------------------------------------------- */

void zones_free(struct zones *zones)
{
	free(zones->item);
	*zones = (struct zones){ .item = NULL };
}

void zones_clear(struct zones *zones)
{
	zones->count = 0;
	zones->full = false;
}

static bool make_room(struct zones *zones, size_t most)
{
	size_t room = zones->room ? 2 * zones->room : 64;
	struct zone *item = NULL;

	if (zones->count < zones->room && zones->count < most)
		return true;
	if (zones->count < most)
		item = realloc(zones->item, room * sizeof(*item));
	zones->full |= !item;
	if (!item)
		return false;
	zones->item = item;
	zones->room = room;
	return true;
}

static bool add(struct zones *zones, const char *name, enum zone_kind kind, size_t most)
{
	struct zone *zone;

	if (strlen(name) > ZONE_NAME_MAX || !make_room(zones, most))
		return false;
	zone = &zones->item[zones->count++];
	*zone = (struct zone){ .kind = (uint8_t)kind, .before = (uint8_t)kind };
	strcpy(zone->name, name);
	return true;
}

bool zones_add(struct zones *zones, const char *name, enum zone_kind kind)
{
	return add(zones, name, kind, ZONES_MAX);
}

bool zones_keep(struct zones *zones, const char *name, enum zone_kind kind)
{
	return add(zones, name, kind, KEPT_MAX);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct zone *)a)->name, ((const struct zone *)b)->name);
}

static int by_name_strongest_first(const void *a, const void *b)
{
	const struct zone *left = a, *right = b;
	int order = strcmp(left->name, right->name);

	return order ? order : right->kind - left->kind;
}

void zones_settle(struct zones *zones)
{
	size_t kept = 0;

	if (zones->count)
		qsort(zones->item, zones->count, sizeof(*zones->item), by_name_strongest_first);
	for (size_t i = 0; i < zones->count; i++)
		if (!kept || strcmp(zones->item[kept - 1].name, zones->item[i].name) != 0)
			zones->item[kept++] = zones->item[i];
		else if (zones->item[i].kind != zones->item[kept - 1].kind)
			zones->item[kept - 1].before = zones->item[i].kind;
	zones->count = kept;
}

struct zone *zones_find(const struct zones *zones, const char *name)
{
	struct zone key;

	if (!zones->count || strlen(name) > ZONE_NAME_MAX)
		return NULL;
	strcpy(key.name, name);
	return bsearch(&key, zones->item, zones->count, sizeof(key), by_name);
}

/* --- names --------------------------------------------------------------------------------- */

static bool is_plain(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool zone_name(char name[ZONE_NAME_MAX + 1], const uint8_t *wire, size_t len)
{
	struct name parsed;
	size_t at = 0;

	/* The root is nobody's domain. */
	if (!name_parse(&parsed, wire, len) || !parsed.labels)
		return false;
	for (unsigned i = 0; i < parsed.labels; i++) {
		const uint8_t *label = parsed.wire + parsed.label[i];

		for (unsigned j = 1; j <= *label; j++) {
			if (!is_plain(label[j]))
				return false;
			name[at++] = (char)label[j];
		}
		name[at++] = '.';
	}
	name[at] = '\0';
	return true;
}

bool zone_name_valid(const char *name)
{
	size_t label = 0, at;

	for (at = 0; name[at]; at++) {
		if (at == ZONE_NAME_MAX || label > 63 ||
		    (name[at] == '.' ? !label : !is_plain((unsigned char)name[at])))
			return false;
		label = name[at] == '.' ? 0 : label + 1;
	}
	return at && !label;
}

/* The name one label up; NULL when that is the root. */
static const char *parent_of(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot && dot[1] ? dot + 1 : NULL;
}

/* Whether <name> or one above it is in <zones>. */
static bool is_in_or_below(const struct zones *zones, const char *name)
{
	for (; name; name = parent_of(name))
		if (zones_find(zones, name))
			return true;
	return false;
}

/* --- from holds to zones ------------------------------------------------------------------- */

void holdings_clear(struct holdings *holdings)
{
	zones_clear(&holdings->denied);
	zones_clear(&holdings->exempt);
	zones_clear(&holdings->spared);
	holdings->clients = holdings->unsaid = 0;
}

void holdings_free(struct holdings *holdings)
{
	zones_free(&holdings->denied);
	zones_free(&holdings->exempt);
	zones_free(&holdings->spared);
}

static enum zone_kind kind_of(enum warden_verdict verdict)
{
	switch (verdict) {
	case WARDEN_TRUNCATE:
		return ZONE_TRUNCATE;
	case WARDEN_NODATA:
		return ZONE_NODATA;
	case WARDEN_NXDOMAIN:
		return ZONE_NXDOMAIN;
	case WARDEN_DROP:
		return ZONE_DENY;
	default:
		return ZONE_REFUSE;
	}
}

void holdings_take(void *arg, const struct warden_hold *hold)
{
	struct holdings *holdings = arg;
	bool passes = hold->verdict == WARDEN_PASS;
	char name[ZONE_NAME_MAX + 1];

	if (!hold->domain) {
		holdings->clients += !passes;
		return;
	}
	if (!zone_name(name, hold->domain, hold->domain_len)) {
		holdings->unsaid += !passes;
		return;
	}
	if (passes)
		zones_add(hold->prefix ? &holdings->spared : &holdings->exempt, name, ZONE_TRANSPARENT);
	else if (holdings->becomes_zone(holdings->arg, hold))
		zones_add(&holdings->denied, name, kind_of(hold->verdict));
}

/* Adds those of <exempt> that lie below a zone that denies. */
static void add_exempt(struct zones *wanted, const struct zones *denied, const struct zones *exempt)
{
	for (size_t i = 0; i < exempt->count; i++) {
		const char *above = parent_of(exempt->item[i].name);

		if (above && is_in_or_below(denied, above))
			zones_add(wanted, exempt->item[i].name, ZONE_TRANSPARENT);
	}
}

void holdings_zones(struct holdings *holdings, struct zones *wanted)
{
	struct zones *denied = &holdings->denied;
	size_t kept = 0;

	zones_clear(wanted);
	zones_settle(denied);
	zones_settle(&holdings->exempt);
	zones_settle(&holdings->spared);
	for (size_t i = 0; i < denied->count; i++)
		if (!is_in_or_below(&holdings->exempt, denied->item[i].name) &&
		    !is_in_or_below(&holdings->spared, denied->item[i].name))
			denied->item[kept++] = denied->item[i];
	denied->count = kept;
	/* An exemption that is not told of would be a name denied that should not be: then nothing is. */
	if (holdings->exempt.full || holdings->spared.full)
		return;
	add_exempt(wanted, denied, &holdings->exempt);
	add_exempt(wanted, denied, &holdings->spared);
	for (size_t i = 0; i < denied->count; i++)
		zones_add(wanted, denied->item[i].name, denied->item[i].kind);
	wanted->full |= denied->full;
	zones_settle(wanted);
}

/* --- what Unbound has ---------------------------------------------------------------------- */

void zones_unlisted(struct zones *zones)
{
	for (size_t i = 0; i < zones->count; i++)
		zones->item[i].there = zones->item[i].alike = false;
}

void zones_listed(struct zones *zones, const char *line)
{
	size_t len = strcspn(line, " ");
	char name[ZONE_NAME_MAX + 1];
	struct zone *zone;

	if (!len || len > ZONE_NAME_MAX || line[len] != ' ')
		return;
	for (size_t i = 0; i < len; i++)
		name[i] = (char)tolower((unsigned char)line[i]);
	name[len] = '\0';
	zone = zones_find(zones, name);
	if (!zone)
		return;
	zone->there = true;
	zone->listed = !strcmp(line + len + 1, zone_kinds[zone->before]) ? zone->before : zone->kind;
	zone->alike = !strcmp(line + len + 1, zone_kinds[zone->listed]);
}

size_t zones_compare(const struct zones *own, const struct zones *wanted, struct zones *add,
                     struct zones *remove)
{
	size_t foreign = 0;

	zones_clear(add);
	zones_clear(remove);
	for (size_t i = 0; i < own->count; i++)
		if (!zones_find(wanted, own->item[i].name))
			zones_keep(remove, own->item[i].name, own->item[i].kind);
	for (size_t i = 0; i < wanted->count; i++) {
		const struct zone *ours = zones_find(own, wanted->item[i].name);

		if (!ours && wanted->item[i].there)
			foreign++;
		else if (!ours || ours->kind != wanted->item[i].kind)
			zones_add(add, wanted->item[i].name, wanted->item[i].kind);
	}
	return foreign;
}
