/* SPDX-License-Identifier: BSD-3-Clause */
/* at_socket - what is said to who types here what a running Warden is asked at its control socket. */
#ifndef TOOL_AT_SOCKET_H
#define TOOL_AT_SOCKET_H

#include <stdbool.h>

/* When argv[0] is a command of the control socket: says so on stderr, with the line to type, and returns true.
 * argv ends with NULL.
 */
bool at_socket_say(char **argv);

/* The start of such a line on stderr, up to the command. <config_file> as in command_config(). */
void at_socket_begin(const char *config_file);

#endif
