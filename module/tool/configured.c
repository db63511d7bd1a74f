/* SPDX-License-Identifier: BSD-3-Clause */
/* configured - the configuration, for the commands that only have to know what it says. */
#include <stdio.h>

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
