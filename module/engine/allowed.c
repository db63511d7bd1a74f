/* SPDX-License-Identifier: BSD-3-Clause */
/* allowed - see allowed.h. A name is kept as its length and its octets. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/allowed.h"

static const struct domain_mark unmarked = { 0, 0 };

int allowed_init(struct allowed *allowed)
{
	*allowed = (struct allowed){ .map = domain_map_new(), .above = domain_map_new() };
	return allowed->map && allowed->above ? 0 : -ENOMEM;
}

void allowed_free(struct allowed *allowed)
{
	domain_map_free(allowed->map);
	domain_map_free(allowed->above);
	free(allowed->names);
}

static int keep(struct allowed *allowed, const struct name *domain)
{
	if (allowed->told == ALLOWED_TOLD_MAX)
		return 0;
	if (allowed->used + 1 + domain->len > allowed->room) {
		size_t room = 2 * allowed->room + 1024;
		uint8_t *names = realloc(allowed->names, room);

		if (!names)
			return -ENOMEM;
		allowed->names = names;
		allowed->room = room;
	}
	allowed->names[allowed->used] = domain->len;
	memcpy(allowed->names + allowed->used + 1, domain->wire, domain->len);
	allowed->used += 1u + domain->len;
	allowed->told++;
	return 0;
}

int allowed_add(struct allowed *allowed, const struct name *domain)
{
	int added = domain_map_add(allowed->map, domain, unmarked);
	struct name above;

	if (added <= 0)
		return added;
	for (unsigned label = 1; label + 1 < domain->labels; label++)
		if (name_parse(&above, name_tail(domain, label), name_tail_len(domain, label)) &&
		    domain_map_add(allowed->above, &above, unmarked) < 0)
			return -ENOMEM;
	return keep(allowed, domain);
}

size_t allowed_memory(const struct allowed *allowed)
{
	return domain_map_memory(allowed->map) + domain_map_memory(allowed->above) + allowed->room;
}

bool allowed_are_told(const struct allowed *allowed)
{
	return allowed->told == domain_map_count(allowed->map);
}

bool allowed_next(const struct allowed *allowed, size_t *at, struct name *name)
{
	size_t here = *at;

	if (here >= allowed->used)
		return false;
	*at = here + 1 + allowed->names[here];
	return name_parse(name, allowed->names + here + 1, allowed->names[here]);
}
