/* SPDX-License-Identifier: BSD-3-Clause */
/* node - one label of a name, so that it can stand in one. */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/sentence.h"
#include "fleet/node.h"

bool node_is_name(const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    (c != '-' || !i || i + 1 == len))
			return false;
	}
	return len >= 1 && len <= FLEET_NODE_MAX;
}

bool node_name(char name[FLEET_NODE_MAX + 1], const char *wanted, char *error, size_t error_len)
{
	char host[HOST_NAME_MAX + 1] = "";

	if (!*wanted) {
		gethostname(host, sizeof(host) - 1);
		host[strcspn(host, ".")] = '\0';
	}
	if (!node_is_name(*wanted ? wanted : host)) {
		sentence_error(error, error_len, "fleet-node: '%.64s'%s is not 1 to %d letters, digits and hyphens",
		               *wanted ? wanted : host, *wanted ? "" : ", the host's name,", FLEET_NODE_MAX);
		return false;
	}
	for (const char *from = *wanted ? wanted : host; (*name = *from); name++, from++)
		if (*name >= 'A' && *name <= 'Z')
			*name = (char)(*name - 'A' + 'a');
	return true;
}
