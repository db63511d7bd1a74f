/* SPDX-License-Identifier: BSD-3-Clause */
/* unbound - see unbound.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/talk.h"
#include "wardend/clocks.h"
#include "wardend/unbound.h"

#define BATCH_SIZE  (16 * 1024) /* octets of a command with its lines */
#define PIECE_SIZE  (32 * 1024)
#define ASK_MORE    "\004\n"    /* ends the lines of a command */

/* Calls <line> for each line of <piece>, which goes on. Returns how many octets are left of a line. */
static size_t cut_lines(char *piece, size_t len, void (*line)(void *arg, const char *line), void *arg)
{
	char *newline;
	size_t at = 0;

	while ((newline = memchr(piece + at, '\n', len - at))) {
		*newline = '\0';
		line(arg, piece + at);
		at = (size_t)(newline + 1 - piece);
	}
	memmove(piece, piece + at, len - at);
	return len - at;
}

static const char *ask(const struct control_of_unbound *control, const char *text, size_t len,
                       void (*line)(void *arg, const char *line), void *arg)
{
	struct talk talk = {
		.socket = -1, .stop = control->stop, .deadline = clock_steady() + control->patience,
		.now = clock_steady,
	};
	const char *fault = talk_begin(&talk, control->path);
	const int64_t last = talk.deadline + (LONGEST - 1) * control->patience;
	char *piece = malloc(PIECE_SIZE);
	size_t used = 0;
	ssize_t n = -1;

	if (!fault && !piece)
		fault = "out of memory";
	if (!fault && talk_send(&talk, text, len))
		while ((n = talk_read(&talk, piece + used, PIECE_SIZE - used)) > 0) {
			used = cut_lines(piece, used + (size_t)n, line, arg);
			if (used == PIECE_SIZE)
				break; /* no line is as long as that */
			talk.deadline = clock_steady() + control->patience;
			if (talk.deadline > last)
				talk.deadline = last;
			if (control->beaten)
				atomic_store(control->beaten, clock_steady());
		}
	if (!fault && n)
		fault = n < 0 ? "it does not answer" : "it does not speak as Unbound does";
	talk_end(&talk);
	free(piece);
	return fault;
}

/* --- listing ------------------------------------------------------------------------------- */

struct listing {
	void (*line)(void *arg, const char *line);
	void *arg;
	bool begun, error;
};

static void list_line(void *arg, const char *line)
{
	struct listing *listing = arg;

	listing->error |= !listing->begun && !strncmp(line, "error", 5);
	listing->begun = true;
	if (!listing->error)
		listing->line(listing->arg, line);
}

const char *unbound_list(const struct control_of_unbound *control,
                         void (*line)(void *arg, const char *line), void *arg)
{
	static const char command[] = TALK_GREETING "list_local_zones\n";
	struct listing listing = { .line = line, .arg = arg };
	const char *fault = ask(control, command, sizeof(command) - 1, list_line, &listing);

	return fault ? fault : listing.error ? "it does not list its local zones" : NULL;
}

/* --- setting and removing ------------------------------------------------------------------ */

struct batch {
	char text[BATCH_SIZE];
	size_t len, count;
};

struct outcome {
	unsigned long done; /* as Unbound counts */
};

/* "added 3 zones", "removed 3 zones". */
static void batch_line(void *arg, const char *line)
{
	struct outcome *outcome = arg;
	char word[16], zones[16];
	unsigned long done;

	if (sscanf(line, "%15s %lu %15s", word, &done, zones) == 3 && !strcmp(zones, "zones"))
		outcome->done = done;
}

static const char *batch_send(const struct control_of_unbound *control, struct batch *batch, size_t *failed)
{
	struct outcome outcome = { 0 };
	const char *fault;

	memcpy(batch->text + batch->len, ASK_MORE, sizeof(ASK_MORE) - 1);
	fault = ask(control, batch->text, batch->len + sizeof(ASK_MORE) - 1, batch_line, &outcome);
	if (!fault && outcome.done < batch->count)
		*failed += batch->count - outcome.done;
	batch->len = batch->count = 0;
	return fault;
}

static void batch_begin(struct batch *batch, const char *command)
{
	batch->len = (size_t)snprintf(batch->text, sizeof(batch->text), TALK_GREETING "%s\n", command);
}

static bool is_full(const struct batch *batch)
{
	return batch->len + ZONE_NAME_MAX + 32 + sizeof(ASK_MORE) > sizeof(batch->text);
}

/* Sends those of <zones> that are of <kind>, or all. */
static const char *send_all(const struct control_of_unbound *control, const struct zones *zones,
                            const char *command, unsigned kind, size_t *failed)
{
	bool sets = kind < ZONE_KIND_COUNT;
	struct batch batch = { .len = 0 };
	const char *fault = NULL;

	for (size_t i = 0; i < zones->count && !fault; i++) {
		const struct zone *zone = &zones->item[i];

		if (sets && zone->kind != kind)
			continue;
		if (!batch.len)
			batch_begin(&batch, command);
		batch.len += (size_t)snprintf(batch.text + batch.len, sizeof(batch.text) - batch.len, "%s%s%s\n",
		                              zone->name, sets ? " " : "", sets ? zone_kinds[zone->kind] : "");
		batch.count++;
		if (is_full(&batch))
			fault = batch_send(control, &batch, failed);
	}
	return fault || !batch.count ? fault : batch_send(control, &batch, failed);
}

const char *unbound_set(const struct control_of_unbound *control, const struct zones *zones, size_t *failed)
{
	const char *fault = NULL;

	*failed = 0;
	for (unsigned kind = 0; kind < ZONE_KIND_COUNT && !fault; kind++)
		fault = send_all(control, zones, "local_zones", kind, failed);
	return fault;
}

const char *unbound_remove(const struct control_of_unbound *control, const struct zones *zones,
                           size_t *failed)
{
	*failed = 0;
	return send_all(control, zones, "local_zones_remove", ZONE_KIND_COUNT, failed);
}
