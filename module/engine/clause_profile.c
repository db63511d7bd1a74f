/* SPDX-License-Identifier: BSD-3-Clause */
/* clause_profile - a `client-profile:` clause is one more each time. Profiles are made of them when the file
 * has been read (profile.c).
 */
#include <stdlib.h>
#include <string.h>

#include "engine/clause.h"

static void begin(struct draft *draft)
{
	struct profile_clause *profile = calloc(1, sizeof(*profile));

	draft->profile = NULL;
	if (!profile || option_defaults(profile_options, &profile->settings)) {
		if (profile)
			option_free(profile_options, &profile->settings);
		free(profile);
		draft_fault(draft, draft->clause_at, "out of memory");
		return;
	}
	profile->at = draft->clause_at;
	draft->profile = *draft->profiles_end = profile;
	draft->profiles_end = &profile->next;
}

static void option(struct draft *draft, struct origin at, const char *key, const char *value)
{
	const struct option *row = option_find(profile_options, key);

	if (!draft->profile)
		return;
	if (!row)
		clause_unknown(draft, at, key, "client-profile:", profile_options, NULL);
	else if (!strcmp(key, "name"))
		clause_set_name(draft, "client-profile:", profile_options, &draft->profile->settings,
		                draft->profile->settings.name, at, value);
	else
		clause_set(draft, row, &draft->profile->settings, at, value);
}

static void end(struct draft *draft)
{
	const struct profile_clause *profile = draft->profile;
	const char *name;

	if (!profile)
		return;
	name = profile->settings.name;
	if (!name[0])
		draft_fault(draft, profile->at, "the client-profile: clause has no name: of your choice, as name: \"guests\"");
	else if (!profile->settings.clients.count)
		draft_fault(draft, profile->at, "the profile '%s' has no client: as 198.51.100.0/24", name);
	for (const struct profile_clause *other = draft->profiles; other != profile; other = other->next)
		if (name[0] && !strcmp(other->settings.name, name))
			draft_fault(draft, profile->at, "a second profile called '%s'", name);
	draft->profile = NULL;
}

void clause_profile_drop(struct draft *draft)
{
	while (draft->profiles) {
		struct profile_clause *profile = draft->profiles;

		draft->profiles = profile->next;
		option_free(profile_options, &profile->settings);
		free(profile);
	}
}

const struct clause clause_profile = { "client-profile", begin, option, end };
