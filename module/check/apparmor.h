/* SPDX-License-Identifier: BSD-3-Clause */
/* apparmor - reads as much of AppArmor's language as says whether a profile lets a file be used.
 *
 * File rules, one a line, as everybody writes them; globs; the variables that Debian's abstractions use. What
 * it does not understand makes the answer "unsure", never yes or no.
 *
 *     text = the profile and what it includes (apparmor_load)
 *     apparmor_permits(text, "/dev/shm/unbound-warden", &allowed, &unsure)
 */
#ifndef CHECK_APPARMOR_H
#define CHECK_APPARMOR_H

#include <stdbool.h>
#include <stddef.h>

/* Permissions, a bit each. */
enum { APPARMOR_R = 1, APPARMOR_W = 2, APPARMOR_M = 4, APPARMOR_K = 8, APPARMOR_ALL = 15 };

/* Whether <path> matches <glob>: ? * ** [abc] [^abc] {a,b}. */
bool apparmor_matches(const char *glob, const char *path);

/* What the rules in <text> let be done with <path>, and what they may. `owner` rules count: the files are
 * Unbound's own.
 */
void apparmor_permits(const char *text, const char *path, unsigned *allowed, unsigned *unsure);

/* "rwk" of its bits, at least as long as <text> has 5 octets. */
void apparmor_letters(unsigned permissions, char text[5]);

/* Reads <folder>/<name> and what it includes. The caller frees it. NULL when it cannot be read; <complete> is
 * false when something that it includes could not, or was too much.
 */
char *apparmor_load(const char *folder, const char *name, bool *complete);

/* A denial in one line of the kernel's log, of a profile called unbound or /usr/sbin/unbound. */
bool apparmor_denial(const char *line, char *path, size_t path_len, char *mask, size_t mask_len);

#endif
