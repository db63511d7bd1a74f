/* SPDX-License-Identifier: BSD-3-Clause */
/* mirror - holds kept in Unbound's own local zones. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "util/log.h"

#include "unbound/mirror.h"

/* Of 192 octets each. */
#define ENTRIES_MAX 100000
/* Holds that end by themselves change no version. */
#define LOOK_EVERY 1000 /* milliseconds */
#define REST_FACTOR 10  /* times as long as the last plan took, */
#define REST_MAX 500    /* milliseconds, at most */

static uint64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void place_free(struct mirror_place *place)
{
	free(place->entries);
	free(place);
}

/* Only what comes back, or was never handed over. */
static void batch_free(struct mirror_batch *batch)
{
	if (!batch)
		return;
	for (size_t i = 0; i < batch->change_count; i++) {
		free(batch->changes[i].content);
		free(batch->changes[i].entries);
	}
	free(batch->index);
	free(batch->changes);
	free(batch->added);
	free(batch->removed);
	free(batch);
}

static struct mirror_batch *batch_new(size_t places, size_t places_before)
{
	struct mirror_batch *batch = calloc(1, sizeof(*batch));

	if (!batch)
		return NULL;
	batch->index = calloc(1, sizeof(*batch->index) + places * sizeof(batch->index->at[0]));
	/* One more, as a batch may be empty, and calloc() of nothing NULL. */
	batch->changes = calloc(places + 1, sizeof(*batch->changes));
	batch->added = calloc(places + 1, sizeof(struct mirror_place *));
	batch->removed = calloc(places_before + 1, sizeof(struct mirror_place *));
	if (batch->index && batch->changes && batch->added && batch->removed)
		return batch;
	batch_free(batch);
	return NULL;
}

/* Puts <place> behind all others. */
static void index_add(struct mirror_index *index, struct mirror_place *place)
{
	size_t parent = index->count - 1; /* SIZE_MAX: none */

	while (parent != SIZE_MAX) {
		const struct mirror_place *above = index->at[parent].place;

		if (above->key_len <= place->key_len && !memcmp(above->key, place->key, above->key_len))
			break;
		parent = index->at[parent].parent;
	}
	index->at[index->count].place = place;
	index->at[index->count++].parent = parent;
}

/* Has <place> say what is <planned>. False without memory. */
static bool batch_change(struct mirror_batch *batch, struct mirror_place *place,
                         const struct mirror_entry *entries, size_t count)
{
	struct mirror_change *change = &batch->changes[batch->change_count++];

	change->place = place;
	change->count = count;
	change->content = mirror_content_make(entries, count);
	change->entries = malloc((count ? count : 1) * sizeof(*entries));
	if (!change->content || !change->entries)
		return false;
	memcpy(change->entries, entries, count * sizeof(*entries));
	return true;
}

static bool batch_add(struct mirror_batch *batch, const struct mirror_planned *planned,
                      const struct mirror_entry *entries)
{
	struct mirror_place *place = calloc(1, sizeof(*place) + planned->key_len);

	if (!place)
		return false;
	place->key_len = planned->key_len;
	memcpy(place->key, planned->key, planned->key_len);
	batch->added[batch->added_count++] = place;
	index_add(batch->index, place);
	return batch_change(batch, place, entries, planned->count);
}

/* Compares the plan with what is there. */
static bool batch_fill(struct mirror_batch *batch, const struct mirror *mirror)
{
	const struct mirror_plan *plan = &mirror->plan;
	size_t had = 0, want = 0;

	while (had < mirror->place_count || want < plan->place_count) {
		struct mirror_place *place = had < mirror->place_count ? mirror->places[had] : NULL;
		const struct mirror_planned *planned = want < plan->place_count ? &plan->places[want] : NULL;
		const struct mirror_entry *entries = planned ? plan->entries + planned->first : NULL;
		int order = !place ? 1 : !planned ? -1 :
		            mirror_key_compare(place->key, place->key_len, planned->key, planned->key_len);

		if (order < 0) {
			batch->removed[batch->removed_count++] = place;
			had++;
			continue;
		}
		want++;
		if (order > 0) {
			if (!batch_add(batch, planned, entries))
				return false;
			continue;
		}
		had++;
		index_add(batch->index, place);
		if ((place->count != planned->count ||
		     memcmp(place->entries, entries, place->count * sizeof(*entries))) &&
		    !batch_change(batch, place, entries, planned->count))
			return false;
	}
	return true;
}

/* What the batch says is what is there from now on; it will be. */
static bool take_over(struct mirror *mirror, struct mirror_batch *batch)
{
	size_t count = batch->index->count;
	struct mirror_place **places = calloc(count + 1, sizeof(struct mirror_place *));

	if (!places)
		return false;
	for (size_t i = 0; i < count; i++)
		places[i] = batch->index->at[i].place;
	for (size_t i = 0; i < batch->change_count; i++) {
		struct mirror_change *change = &batch->changes[i];

		free(change->place->entries);
		change->place->entries = change->entries;
		change->place->count = change->count;
		change->entries = NULL;
	}
	free(mirror->places);
	mirror->places = places;
	mirror->place_count = count;
	return true;
}

/* Hands over what has changed. False without memory. */
static bool post(struct mirror *mirror, uint64_t version)
{
	struct mirror_batch *batch = batch_new(mirror->plan.place_count, mirror->place_count);
	bool filled = batch && batch_fill(batch, mirror);

	if (filled && !batch->change_count && !batch->removed_count) {
		batch_free(batch);
		atomic_store(&mirror->zones.version, version);
		return true;
	}
	if (!filled || !take_over(mirror, batch)) {
		for (size_t i = 0; batch && i < batch->added_count; i++)
			place_free(batch->added[i]);
		batch_free(batch);
		return false;
	}
	batch->version = version;
	mirror->batch = batch;
	atomic_store(&mirror->zones.posted, batch);
	beat_ring(mirror->beat);
	return true;
}

static bool plan(struct mirror *mirror)
{
	if (!mirror_plan_make(&mirror->plan, mirror->rooted, ENTRIES_MAX))
		return false;
	/* All zones would have to be visited for a root that comes or goes: so it stays. */
	mirror->rooted |= mirror->plan.place_count && !mirror->plan.places[0].key_len;
	if (mirror->plan.left_out && !mirror->told_left_out)
		log_warn("warden: local zones mirror %d entries for holds at most, and %zu more would be "
		         "needed: what is cached is emptied for those instead of refused", ENTRIES_MAX,
		         mirror->plan.left_out);
	mirror->told_left_out = mirror->plan.left_out;
	return true;
}

/* Whether the holds are those that the last batch was made of: it is back, as there is one at a time. To sort
 * ten thousand holds once a second for nothing would take more than a worker's time for as many questions.
 */
static bool is_posted(const struct mirror *mirror)
{
	return mirror->looked && !mirror->told_no_memory && !mirror->plan.out_of_memory &&
	       mirror->plan.sum == mirror->looked_sum;
}

static void look(struct mirror *mirror, uint64_t now)
{
	/* First: what changes while we look is seen the next time. */
	uint64_t version = warden_holds_version(mirror->warden), start = milliseconds(), took;

	mirror_plan_clear(&mirror->plan);
	warden_holds(mirror->warden, now, mirror_plan_add, &mirror->plan);
	if (is_posted(mirror)) {
		atomic_store(&mirror->zones.version, version);
		mirror->looked_version = version;
	} else if (plan(mirror) && post(mirror, version)) {
		mirror->looked_version = version;
		mirror->looked_sum = mirror->plan.sum;
		mirror->told_no_memory = false;
	} else if (!mirror->told_no_memory) {
		log_err("warden: out of memory: holds are not mirrored in local zones");
		mirror->told_no_memory = true;
	}
	mirror->looked_at = now;
	mirror->looked = true;
	took = milliseconds() - start;
	mirror->rest_until = start + took + (took > REST_MAX / REST_FACTOR ? REST_MAX : took * REST_FACTOR);
}

/* Takes the batch back. False while the worker has it. */
static bool take_back(struct mirror *mirror)
{
	struct mirror_batch *batch = atomic_exchange(&mirror->zones.done, NULL);

	if (!batch)
		return false;
	for (size_t i = 0; i < batch->removed_count; i++)
		place_free(batch->removed[i]);
	batch_free(batch);
	mirror->batch = NULL;
	return true;
}

static void keep(void *arg, uint64_t now)
{
	struct mirror *mirror = arg;
	uint64_t since = now - mirror->looked_at; /* huge when the clock was set back */

	if (!beat_alive(mirror->beat))
		return;
	/* It may not have got a lock, or somebody else was at the zones. */
	if (mirror->batch || mirror->place_count)
		beat_ring(mirror->beat);
	if (mirror->batch && !take_back(mirror))
		return;
	if (mirror->looked && since < LOOK_EVERY &&
	    warden_holds_version(mirror->warden) == mirror->looked_version)
		return;
	if (milliseconds() < mirror->rest_until)
		return;
	atomic_store(&mirror->zones.second, mirror->place_count && since >= LOOK_EVERY);
	look(mirror, now);
}

static uint64_t version_of(void *arg)
{
	struct mirror *mirror = arg;

	/* Before there is a worker nothing is mirrored, so nothing is out of date. */
	return beat_alive(mirror->beat) ? atomic_load(&mirror->zones.version) : UINT64_MAX;
}

static void work(void *arg, struct worker *worker)
{
	struct mirror *mirror = arg;

	if (mirror_zones_work(&mirror->zones, worker))
		beat_ring(mirror->beat);
}

void mirror_open(struct mirror *mirror, struct beat *beat, struct warden_mirror *setup)
{
	memset(mirror, 0, sizeof(*mirror));
	mirror->beat = beat;
	if (!mirror_zones_open(&mirror->zones)) {
		log_err("warden: out of memory: holds are not mirrored in local zones");
		return;
	}
	*setup = (struct warden_mirror){ .arg = mirror, .keep = keep, .version = version_of };
	beat_add(beat, work, mirror);
}

void mirror_set(struct mirror *mirror, struct warden *warden)
{
	mirror->warden = warden;
}

/* With what its tree had. */
static void close_place(struct mirror_place *place)
{
	if (place->tree)
		free(mirror_tree_swap(place->tree, NULL));
	place_free(place);
}

void mirror_close(struct mirror *mirror)
{
	struct mirror_batch *batch = mirror->batch;

	for (size_t i = 0; i < mirror->place_count; i++)
		close_place(mirror->places[i]);
	for (size_t i = 0; batch && i < batch->removed_count; i++)
		close_place(batch->removed[i]);
	batch_free(batch);
	mirror_zones_close(&mirror->zones);
	mirror_plan_free(&mirror->plan);
	free(mirror->places);
	memset(mirror, 0, sizeof(*mirror));
}
