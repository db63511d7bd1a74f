/* SPDX-License-Identifier: BSD-3-Clause */
/* notes - texts in a balanced tree of libc's, and an array of them by number. */
#include "engine/notes.h"

#include <search.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 16
#define NODE_SIZE      (4 * sizeof(void *)) /* of the tree, about */

struct note {
	uint16_t number;
	char text[];
};

struct notes {
	void *tree;
	struct note **note; /* [number - 1] */
	size_t count, capacity, octets;
};

struct notes *notes_new(void)
{
	return calloc(1, sizeof(struct notes));
}

static void keep(void *node)
{
	(void)node; /* the array has it too */
}

void notes_free(struct notes *notes)
{
	if (!notes)
		return;
	tdestroy(notes->tree, keep);
	for (size_t i = 0; i < notes->count; i++)
		free(notes->note[i]);
	free(notes->note);
	free(notes);
}

size_t notes_memory(const struct notes *notes)
{
	return sizeof(*notes) + notes->capacity * sizeof(*notes->note) + notes->octets;
}

static int compare(const void *one, const void *two)
{
	return strcmp(((const struct note *)one)->text, ((const struct note *)two)->text);
}

/* Makes room for one more. False without. */
static bool grow(struct notes *notes)
{
	size_t capacity = notes->capacity ? notes->capacity * 2 : FIRST_CAPACITY;
	struct note **grown;

	if (notes->count < notes->capacity)
		return true;
	grown = realloc(notes->note, capacity * sizeof(*grown));
	if (!grown)
		return false;
	notes->note = grown;
	notes->capacity = capacity;
	return true;
}

uint16_t notes_add(struct notes *notes, const char *text)
{
	size_t size = sizeof(struct note) + strlen(text) + 1;
	struct note *note, **found;

	if (!*text || !grow(notes))
		return 0;
	note = malloc(size);
	if (!note)
		return 0;
	note->number = (uint16_t)(notes->count + 1);
	strcpy(note->text, text);
	found = notes->count < NOTES_MAX ? tsearch(note, &notes->tree, compare)
	                                 : tfind(note, &notes->tree, compare);
	if (!found || *found != note) {
		free(note);
		return found ? (*found)->number : 0;
	}
	notes->note[notes->count++] = note;
	notes->octets += size + NODE_SIZE;
	return note->number;
}

const char *notes_text(const struct notes *notes, uint16_t number)
{
	return number && number <= notes->count ? notes->note[number - 1]->text : "";
}
