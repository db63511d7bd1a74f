/* SPDX-License-Identifier: BSD-3-Clause */
/* unbound-warden - one program, a command a row.
 *
 * Exit status: 0 success, 1 it found something wrong, 2 usage; then stderr says what
 * to type.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tool/command.h"

struct command {
	const char *name;
	const char *arguments;
	const char *help;
	int (*run)(int argc, char **argv);
};

static int command_help(int argc, char **argv);
static int command_version(int argc, char **argv);

static const struct command commands[] = {
	{ "check", "[--json] [FILE]", "checks a configuration as the module would", command_check },
	{ "replay", "[-c FILE] [-f pcap|tsv] [--summary FILE] [--report FILE] INPUT...",
	  "runs recorded traffic through the engine; - is stdin", command_replay },
	{ "show", "[clients|pairs|domains|holds|counters] [--top N] [--sort KEY] [--file FILE] "
	          "[--json] [-c FILE]",
	  "reads the shared memory, or a snapshot with --file", command_show },
	{ "report", "[-c FILE] [--file FILE] [--events FILE...] [--since TIME] [--json]",
	  "what enforce mode would have refused, and what to allow to silence it", command_report },
	{ "manual", "[--example|--options|--counters|--events|--sources]",
	  "prints what is generated from the tables", command_manual },
	{ "help", "", "prints this", command_help },
	{ "version", "", "prints the version", command_version },
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(*commands))

static const struct command *find(const char *name)
{
	if (!strcmp(name, "-h") || !strcmp(name, "--help"))
		name = "help";
	if (!strcmp(name, "-V") || !strcmp(name, "--version"))
		name = "version";
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static void print_commands(FILE *out)
{
	fputs("usage:\n", out);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		fprintf(out, "  unbound-warden %s%s%s\n        %s\n", commands[i].name,
		        *commands[i].arguments ? " " : "", commands[i].arguments, commands[i].help);
}

static int command_help(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return command_usage("help");
	print_commands(stdout);
	return fflush(stdout) ? STATUS_FOUND : STATUS_FINE;
}

static int command_version(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return command_usage("version");
	puts("unbound-warden " WARDEN_VERSION);
	return fflush(stdout) ? STATUS_FOUND : STATUS_FINE;
}

int command_usage(const char *name)
{
	const struct command *command = find(name);

	if (command)
		fprintf(stderr, "usage: unbound-warden %s %s\n", command->name, command->arguments);
	return STATUS_USAGE;
}

const char *command_config(const char *given)
{
	if (given)
		return given;
	return access(WARDEN_CONF, F_OK) ? NULL : WARDEN_CONF;
}

int main(int argc, char **argv)
{
	const struct command *command = argc > 1 ? find(argv[1]) : NULL;

	if (command)
		return command->run(argc - 1, argv + 1);
	if (argc > 1)
		fprintf(stderr, "unbound-warden: '%s' is not a command\n", argv[1]);
	print_commands(stderr);
	return STATUS_USAGE;
}
