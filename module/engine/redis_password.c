/* SPDX-License-Identifier: BSD-3-Clause */
/* redis_password - the first line of a file, or a sentence about what is wrong with it.
 *
 * The file is read with the configuration, so that a check of that finds what would keep this node out; whether Redis
 * takes the password only Redis can say.
 */
#include "engine/redis_password.h"

#include <stdlib.h>
#include <string.h>

#include "base/endpoint.h"
#include "engine/include.h"
#include "engine/secret.h"

#define KEY "fleet-redis-password-file"

/* Length of the password that <text> begins with; 0 when it is none: empty, too long, with other characters than
 * those that are printed, or with more behind its line.
 */
static size_t password_len(const char *text, size_t len)
{
	size_t end = 0;

	while (end < len && text[end] > ' ' && text[end] < '\x7f')
		end++;
	for (size_t i = end; i < len; i++)
		if (text[i] != '\n' && text[i] != '\r')
			return 0;
	return end <= REDIS_PASSWORD_MAX ? end : 0;
}

static void read_password(struct draft *draft, struct origin at, const char *path)
{
	struct config *config = draft->config;
	char text[SECRET_MAX + 1], error[SECRET_FAULT_MAX];
	ssize_t got = secret_read(text, path, error, sizeof(error));
	size_t len = got > 0 ? password_len(text, (size_t)got) : 0;

	include_keep(config, path);
	memcpy(config->redis_password, text, len);
	explicit_bzero(text, sizeof(text));
	if (got < 0)
		draft_fault(draft, at, KEY ": %s", error);
	else if (!len)
		draft_fault(draft, at, KEY ": '%s' does not hold one line of 1 to %d printable characters without "
		            "blanks, which openssl rand -hex 32 makes", path, REDIS_PASSWORD_MAX);
}

void redis_password_read(struct draft *draft)
{
	struct settings *settings = &draft->config->settings;
	const char *base = draft->config->file ? draft->config->file : WARDEN_CONF;
	struct endpoint endpoint;
	char *path;

	if (settings->fleet_redis[0] && !endpoint_parse(&endpoint, settings->fleet_redis, REDIS_PORT))
		draft_fault(draft, draft_setting_at(draft, "fleet-redis"), "fleet-redis: '%s' is neither an address, "
		            "with @port perhaps, nor the path of a socket", settings->fleet_redis);
	if (!settings->fleet_redis_password_file[0])
		return;
	path = include_path(base, settings->fleet_redis_password_file);
	if (!path) {
		draft_fault(draft, (struct origin){ draft->config->file, 1 }, "out of memory");
		return;
	}
	read_password(draft, draft_setting_at(draft, KEY), path);
	free(settings->fleet_redis_password_file);
	settings->fleet_redis_password_file = path; /* for who looks at it, wherever the configuration is */
}
