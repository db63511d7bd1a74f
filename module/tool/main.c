/* SPDX-License-Identifier: BSD-3-Clause */
/* unbound-warden - one program, a command a row.
 *
 * Exit status: 0 success, 1 it found something wrong, 2 usage; then stderr says what
 * to type.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/nearest.h"
#include "tool/at_socket.h"
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
	{ "check", "[--json] [--unbound UNBOUND.CONF] [--unbound-program PATH] [FILE]",
	  "checks a configuration as the module would, and the Unbound that it is for", command_check },
	{ "replay", "[-c FILE] [-f pcap|tsv|unbound-log|zeek|dnstap] [--summary FILE] [--report FILE] INPUT...",
	  "runs recorded traffic through the engine; - is stdin", command_replay },
	{ "show", "[clients|pairs|domains|holds|counters] [--top N] [--sort KEY] [--file FILE] "
	          "[--json] [-c FILE]",
	  "reads the shared memory, or a snapshot with --file", command_show },
	{ "top", "[clients|pairs|domains|holds|counters] [--interval SECONDS] [--once] [--file FILE] [-c FILE]",
	  "the same, live, on a terminal; --once prints one screen as text", command_top },
	{ "report", "[-c FILE] [--file FILE] [--events FILE...] [--since TIME] [--json]",
	  "what enforce mode would have refused, and what to allow to silence it", command_report },
	{ "reveal", "[-c FILE] ADDRESS...", "turns pseudonyms of clients back, with client-privacy-key-file:",
	  command_reveal },
	{ "metrics", "[-c FILE] [--file FILE] [--clients N] [-f openmetrics|prometheus] "
	             "[--listen ADDRESS:PORT]",
	  "the numbers as OpenMetrics text, or served over HTTP", command_metrics },
	{ "manual", "[--example|--options|--counters|--metrics|--events|--detectors|--sources] [--mdoc|--markdown]",
	  "prints what is generated from the tables", command_manual },
	{ "help", "[COMMAND]", "prints this, or more about a command", command_help },
	{ "version", "", "prints the version", command_version },
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(*commands))

/* What to type first: any number of rows a command. */
static const struct example {
	const char *command, *line, *help;
} examples[] = {
	{ "check", "check", "the configuration that Unbound's Warden reads, and that Unbound" },
	{ "check", "check /etc/unbound/warden.conf", "before a reload" },
	{ "check", "check --unbound /etc/unbound/unbound.conf --json", "the same for a program" },
	{ "replay", "replay unbound.log", "its format is known by how it begins" },
	{ "replay", "replay -c /etc/unbound/warden.conf -f pcap --summary summary.json dns.pcap",
	  "what would have been refused of this" },
	{ "show", "show clients --top 20", "who asks most" },
	{ "show", "show holds", "who is refused, and what" },
	{ "show", "show pairs --file /var/lib/unbound/warden/snapshot --json", "the last snapshot" },
	{ "top", "top", "who asks most, live" },
	{ "top", "top holds --once", "the same once, for a mail" },
	{ "report", "report --since 2026-11-21", "what enforce mode would have refused since then" },
	{ "metrics", "metrics", "once, for node_exporter's folder of texts" },
	{ "metrics", "metrics --listen 127.0.0.1:9953", "for Prometheus" },
	{ "manual", "manual --options | less", "every option of warden.conf" },
	{ "manual", "manual --example >warden.conf", "the file to begin with" },
	{ "help", "help check", "one command, with examples" },
};
#define EXAMPLE_COUNT (sizeof(examples) / sizeof(*examples))

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

/* What is said to who types what is no command, argv[0], with the words behind it. */
static int no_command(char **argv)
{
	const char *typed = *argv;
	struct nearest nearest;

	if (at_socket_say(argv))
		return STATUS_USAGE;
	nearest_begin(&nearest, typed);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		nearest_consider(&nearest, commands[i].name);
	fprintf(stderr, "unbound-warden: '%s' is not a command", typed);
	if (nearest.best)
		fprintf(stderr, "; did you mean '%s'?\n", nearest.best);
	else
		fputs("\n", stderr);
	if (!nearest.best)
		print_commands(stderr);
	return STATUS_USAGE;
}

static int explain(const struct command *command)
{
	printf("usage: unbound-warden %s%s%s\n%s\n", command->name, *command->arguments ? " " : "",
	       command->arguments, command->help);
	for (size_t i = 0, first = 1; i < EXAMPLE_COUNT; i++)
		if (!strcmp(examples[i].command, command->name)) {
			printf("%s  unbound-warden %s\n        %s\n", first ? "for example:\n" : "", examples[i].line,
			       examples[i].help);
			first = 0;
		}
	return fflush(stdout) ? STATUS_FOUND : STATUS_FINE;
}

/* Whether help is asked for with a command, in place of the command. */
static bool wants_help(char **argv)
{
	for (; *argv && strcmp(*argv, "--") != 0; argv++)
		if (!strcmp(*argv, "--help") || !strcmp(*argv, "-h"))
			return true;
	return false;
}

static int command_help(int argc, char **argv)
{
	const struct command *command = argc == 2 ? find(argv[1]) : NULL;

	if (argc > 2)
		return command_usage("help");
	if (argc == 2)
		return command ? explain(command) : no_command(argv + 1);
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

	if (command && wants_help(argv + 2))
		return explain(command);
	if (command)
		return command->run(argc - 1, argv + 1);
	if (argc > 1)
		return no_command(argv + 1);
	print_commands(stderr);
	return STATUS_USAGE;
}
