/* SPDX-License-Identifier: BSD-3-Clause */
/* at_socket - the line to type, with the socket that the configuration names. */
#include "tool/at_socket.h"

#include <stdio.h>
#include <string.h>

#include "engine/config.h"
#include "tool/command.h"

static const struct {
	const char *name, *usage;
} controls[] = {
#define CONTROL(name, usage, help, changes, run) { name, usage },
#include <warden/control.def>
#undef CONTROL
};

void at_socket_begin(const char *config_file)
{
	/* Faults in it are not what was asked about: the default is then as good as any. */
	struct config *config = config_load(command_config(config_file), NULL, NULL, NULL);
	const struct option *row = option_find(settings_options, "control-socket");
	const char *path = config ? config->settings.control_socket : row->preset_text;

	fprintf(stderr, "unbound-control -s %s", *path ? path : "SOCKET");
	config_free(config);
}

bool at_socket_say(char **argv)
{
	size_t i = 0;

	while (i < sizeof(controls) / sizeof(*controls) && strcmp(controls[i].name, *argv) != 0)
		i++;
	if (i == sizeof(controls) / sizeof(*controls))
		return false;
	fprintf(stderr, "unbound-warden: '%s' is a command of the control socket, which a running Warden answers:\n  ", *argv);
	at_socket_begin(NULL);
	fprintf(stderr, " %s", *argv);
	if (!argv[1] && *controls[i].usage)
		fprintf(stderr, " %s", controls[i].usage);
	while (*++argv)
		fprintf(stderr, " %s", *argv);
	fputc('\n', stderr);
	return true;
}
