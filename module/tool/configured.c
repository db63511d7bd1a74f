/* SPDX-License-Identifier: BSD-3-Clause */
/* configured - the configuration, for the commands that only have to know what it says.
 *
 * One that runs on has it read again when a file that it was made of is another than before: by what stat() says,
 * which costs nothing. So who has hidden the clients and reloaded Unbound finds them hidden here, too.
 */
#include <stdio.h>
#include <sys/stat.h>

#include "engine/config.h"
#include "tool/command.h"

static void tell(void *arg, const char *sentence)
{
	(void)arg;
	fprintf(stderr, "%s\n", sentence);
}

static void ignore(void *arg, const char *sentence)
{
	(void)arg;
	(void)sentence;
}

struct config *command_config_load(const char *given)
{
	return config_load(command_config(given), tell, ignore, NULL);
}

/* FNV-1a, of what changes when a file does. */
static uint64_t mixed(uint64_t stamp, uint64_t value)
{
	for (unsigned i = 0; i < 8; i++)
		stamp = (stamp ^ (value >> 8 * i & 0xff)) * UINT64_C(0x100000001b3);
	return stamp;
}

static uint64_t stamp_of(const struct config *config)
{
	uint64_t stamp = UINT64_C(0xcbf29ce484222325);

	for (const struct config_source *source = config->sources; source; source = source->next) {
		struct stat about = { .st_ino = 0 }; /* one that is gone */

		if (stat(source->path, &about))
			about = (struct stat){ .st_ino = 0 };
		stamp = mixed(mixed(stamp, about.st_dev), about.st_ino);
		stamp = mixed(mixed(stamp, (uint64_t)about.st_size), about.st_mode);
		stamp = mixed(mixed(stamp, (uint64_t)about.st_mtim.tv_sec), (uint64_t)about.st_mtim.tv_nsec);
		stamp = mixed(mixed(stamp, (uint64_t)about.st_ctim.tv_sec), (uint64_t)about.st_ctim.tv_nsec);
	}
	return stamp;
}

bool configured_open(struct configured *configured, const char *given)
{
	*configured = (struct configured){ .given = given, .config = command_config_load(given) };
	if (configured->config)
		configured->stamp = stamp_of(configured->config);
	return configured->config;
}

void configured_renew(struct configured *configured)
{
	uint64_t stamp = stamp_of(configured->config);
	bool changed = stamp != configured->stamp;
	struct config *config;

	if (!changed && !configured->faulty)
		return;
	/* A faulty one is tried each time: what mends it may be in a file that the old one does not know. */
	config = config_load(command_config(configured->given), changed ? tell : ignore, ignore, NULL);
	if (config) {
		config_free(configured->config);
		configured->config = config;
		stamp = stamp_of(config);
		fputs("the configuration has been read again\n", stderr);
	} else if (changed) {
		fputs("the configuration as it was before stays in force\n", stderr);
	}
	configured->faulty = !config;
	configured->stamp = stamp;
}

void configured_close(struct configured *configured)
{
	config_free(configured->config);
	configured->config = NULL;
}
