/* SPDX-License-Identifier: BSD-3-Clause */
/* command - what main.c calls, one function a command.
 *
 * argv[0] is the command's own name, so that getopt() reads the rest. The result is
 * the exit status of the process.
 */
#ifndef TOOL_COMMAND_H
#define TOOL_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

enum exit_status {
	STATUS_FINE = 0,
	STATUS_FOUND = 1, /* something is wrong with what was looked at */
	STATUS_USAGE = 2,
};

int command_check(int argc, char **argv);
int command_manual(int argc, char **argv);
int command_metrics(int argc, char **argv);
int command_replay(int argc, char **argv);
int command_report(int argc, char **argv);
int command_reveal(int argc, char **argv);
int command_show(int argc, char **argv);
int command_top(int argc, char **argv);

/* Prints the usage line of <name> on stderr. Returns STATUS_USAGE. */
int command_usage(const char *name);

/* The configuration file to use: <given>, or, with NULL, the compiled-in one where it
 * exists, or NULL for the defaults.
 */
const char *command_config(const char *given);

/* Loads that one, and names its faults on stderr; a bad line in a list of domains is for `check` to tell. NULL
 * when there are faults. The caller owns it.
 */
struct config;
struct config *command_config_load(const char *given);

/* The same, for a command that runs on. */
struct configured {
	const char *given;
	struct config *config;
	uint64_t stamp; /* of its files */
	bool faulty;    /* what these hold now; <config> is the last good one */
};

/* False, with the reason on stderr: it cannot be had. */
bool configured_open(struct configured *configured, const char *given);

/* Reads it again when a file of it has changed. A faulty one changes nothing, and that is said once. */
void configured_renew(struct configured *configured);

/* Of one that is zeroed, too. */
void configured_close(struct configured *configured);

#endif
