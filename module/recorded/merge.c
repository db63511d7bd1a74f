/* SPDX-License-Identifier: BSD-3-Clause */
/* merge - see merge.h. */
#include <pthread.h>
#include <stdlib.h>

#include "base/sentence.h"
#include "recorded/copied.h"
#include "recorded/merge.h"

struct lane {
	struct input_file *input;
	pthread_t thread;
	bool started;

	/* the reader's */
	struct copied_chunk *filling;
	uint64_t now;      /* of the last observation */
	bool lost;         /* something, for want of memory */

	/* both's, under the lock */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct copied_chunk *queue[MERGE_CHUNKS];
	unsigned queued;
	bool ended;        /* nothing more comes */

	/* who merges's */
	struct copied_chunk *current;
	size_t offset;     /* in it, of the item that is next */
	uint64_t latest;   /* time of the items so far */
};

/* --- the reader ------------------------------------------------------------------------------ */

/* Gives <chunk>, which may be NULL, to who merges, and says whether it was the last. */
static void hand_over(struct lane *lane, struct copied_chunk *chunk, bool ended)
{
	pthread_mutex_lock(&lane->lock);
	while (lane->queued == MERGE_CHUNKS)
		pthread_cond_wait(&lane->changed, &lane->lock);
	if (chunk)
		lane->queue[lane->queued++] = chunk;
	lane->ended = ended;
	pthread_cond_signal(&lane->changed);
	pthread_mutex_unlock(&lane->lock);
}

/* Begins a new chunk, with room for <obs>. False without memory: then nothing more is kept, since what
 * comes after a gap would be misunderstood.
 */
static bool begin_chunk(struct lane *lane, const struct warden_observation *obs)
{
	if (lane->lost)
		return false;
	if (lane->filling)
		hand_over(lane, lane->filling, false);
	lane->filling = copied_new(obs);
	lane->lost = !lane->filling;
	return !lane->lost;
}

static void keep(void *arg, const struct warden_observation *obs)
{
	struct lane *lane = arg;

	lane->now = obs->now;
	if (lane->filling && copied_add(lane->filling, obs))
		return;
	if (begin_chunk(lane, obs))
		copied_add(lane->filling, obs);
}

static void keep_skip(void *arg, uint64_t number, const char *reason)
{
	struct lane *lane = arg;

	if (lane->filling && copied_add_skip(lane->filling, lane->now, number, reason))
		return;
	if (begin_chunk(lane, NULL))
		copied_add_skip(lane->filling, lane->now, number, reason);
}

static void *read_lane(void *arg)
{
	struct lane *lane = arg;
	struct sink sink = { .observe = keep, .skip = keep_skip, .arg = lane };

	input_read(lane->input, &sink);
	if (lane->lost)
		sentence_error(lane->input->error, sizeof(lane->input->error), "was read in part: memory is short");
	hand_over(lane, lane->filling, true);
	return NULL;
}

/* --- who merges ------------------------------------------------------------------------------ */

/* The next item of <lane>, waited for; NULL at its end. */
static const struct copied_item *next_item(struct lane *lane)
{
	const struct copied_item *item = lane->current ? copied_at(lane->current, lane->offset) : NULL;

	while (!item) {
		free(lane->current);
		lane->current = NULL;
		lane->offset = 0;
		pthread_mutex_lock(&lane->lock);
		while (!lane->queued && !lane->ended)
			pthread_cond_wait(&lane->changed, &lane->lock);
		if (lane->queued) {
			lane->current = lane->queue[0];
			for (unsigned i = 1; i < lane->queued; i++)
				lane->queue[i - 1] = lane->queue[i];
			lane->queued--;
			pthread_cond_signal(&lane->changed);
		}
		pthread_mutex_unlock(&lane->lock);
		if (!lane->current)
			return NULL;
		item = copied_at(lane->current, 0);
	}
	if (item->obs.now > lane->latest)
		lane->latest = item->obs.now;
	return item;
}

/* The lane whose next item is earliest, and that item; NULL when all are at their end. */
static struct lane *earliest(struct lane *lanes, unsigned count, const struct copied_item **item)
{
	struct lane *found = NULL;

	for (unsigned i = 0; i < count; i++) {
		const struct copied_item *candidate = next_item(&lanes[i]);

		if (candidate && (!found || lanes[i].latest < found->latest)) {
			found = &lanes[i];
			*item = candidate;
		}
	}
	return found;
}

static void tell_all(struct lane *lanes, unsigned count, const struct sink *sink,
                     void (*about)(void *arg, unsigned input))
{
	const struct copied_item *item;
	struct lane *lane;

	while ((lane = earliest(lanes, count, &item))) {
		about(sink->arg, (unsigned)(lane - lanes));
		if (item->skipped)
			sink->skip(sink->arg, item->skipped, item->reason);
		else
			sink->observe(sink->arg, &item->obs);
		lane->offset += item->size;
	}
}

static void start(struct lane *lane, struct input_file *input)
{
	lane->input = input;
	pthread_mutex_init(&lane->lock, NULL);
	pthread_cond_init(&lane->changed, NULL);
	lane->started = input->file && !pthread_create(&lane->thread, NULL, read_lane, lane);
	if (lane->started)
		return; /* from here on its thread says when it has ended */
	lane->ended = true;
	if (!input->file)
		return;
	sentence_error(input->error, sizeof(input->error), "cannot be read: no more threads can be started");
	fclose(input->file);
	input->file = NULL;
}

bool merge(struct input_file *inputs, unsigned count, const struct sink *sink,
           void (*about)(void *arg, unsigned input))
{
	struct lane *lanes = calloc(count, sizeof(*lanes));

	if (!lanes)
		return false;
	for (unsigned i = 0; i < count; i++)
		start(&lanes[i], &inputs[i]);
	tell_all(lanes, count, sink, about);
	for (unsigned i = 0; i < count; i++) {
		if (lanes[i].started)
			pthread_join(lanes[i].thread, NULL);
		pthread_cond_destroy(&lanes[i].changed);
		pthread_mutex_destroy(&lanes[i].lock);
	}
	free(lanes);
	return true;
}
