/* SPDX-License-Identifier: BSD-3-Clause */
/* program - asks another program, without a shell: what it prints, within a bound of time and octets. */
#ifndef CHECK_PROGRAM_H
#define CHECK_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

#define PROGRAM_TIME 5000 /* milliseconds until it is ended */

/* Finds <name> in PATH, then in /usr/sbin, /usr/local/sbin and /sbin; a name with a slash is taken as it is.
 * False when there is none that can be executed.
 */
bool program_find(const char *name, char *path, size_t len);

/* Runs argv[0] with the rest (NULL at its end) and keeps the first <len> - 1 octets of what it prints, on
 * both outputs, as a string; what is no text in it becomes '?'. Returns its exit status, or -1 when it could
 * not be run, was ended by a signal, or by us because it took too long.
 */
int program_ask(const char *const argv[], char *output, size_t len);

#endif
