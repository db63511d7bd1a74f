/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_observe - any sequence of questions, answers, times and commands, to an engine with every detector
 * on tables that are soon full.
 *
 *     kind of engine | traffic ... (traffic.h)
 *
 * What is decided is something a door can do, events are whole, questions and answers are counted exactly,
 * and the same sequence comes to the same decisions when it is played once more.
 */
#include "store/counters.h"
#include "texts.h"
#include "traffic.h"

static uint64_t counted(const struct warden *warden, enum counter_id id)
{
	return banks_sum(warden->mapping.banks, id);
}

static void check_counters(const struct warden *warden, const struct traffic *traffic)
{
	must(counted(warden, COUNTER_misses) + counted(warden, COUNTER_joined) + counted(warden, COUNTER_cachehits) +
	     counted(warden, COUNTER_local) == traffic->questions);
	must(counted(warden, COUNTER_answers) == traffic->answers);
	must(counted(warden, COUNTER_events_queued) == traffic->events);
	must(counted(warden, COUNTER_events_lost) == 0);
	must(counted(warden, COUNTER_busy) == 0);
	must(counted(warden, COUNTER_malformed) <= traffic->questions + traffic->answers);
	must(holds_count(&warden->mapping).holds <= table_capacity(&warden->mapping.holds));
}

static void play(struct warden *warden, struct input input, struct traffic *traffic)
{
	small_fresh(warden);
	traffic_play(traffic, warden, &input, true);
	check_counters(warden, traffic);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	uint8_t kind = input_octet(&input);
	struct warden *warden = small_engine(kind % SMALL_KINDS);
	struct traffic first, second;

	play(warden, input, &first);
	if (kind & 128)
		texts_reports(warden, first.client, &first.name, first.now);
	if (kind & 64) {
		play(warden, input, &second);
		must(second.digest == first.digest && second.events == first.events);
	}
	return 0;
}
