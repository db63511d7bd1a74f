/* SPDX-License-Identifier: BSD-3-Clause */
/* notes - what lists say of their entries, each text once, by number.
 *
 * Many entries have the same note, the name of a provider for instance, so an entry keeps a
 * number of two octets. Read-only after it is filled.
 */
#ifndef ENGINE_NOTES_H
#define ENGINE_NOTES_H

#include <stddef.h>
#include <stdint.h>

#define NOTES_MAX 65535 /* different ones; who comes later has none */

struct notes;

struct notes *notes_new(void);
void notes_free(struct notes *notes);
size_t notes_memory(const struct notes *notes);

/* The number of <text>; 0 for "" and for what there is no room for. */
uint16_t notes_add(struct notes *notes, const char *text);

/* The text with <number>, "" for 0. Lives as long as <notes>. */
const char *notes_text(const struct notes *notes, uint16_t number);

#endif
