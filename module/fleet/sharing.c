/* SPDX-License-Identifier: BSD-3-Clause */
/* sharing - who looks at what, and when.
 *
 *     holds have changed, or 10 s are over     all holds are walked: own.c
 *     a record has come or gone                its matter is looked at: take.c
 *     every second, with many less often       all matters and postings are, for time has passed
 *
 * Invariant: nothing is concluded from a copy of the zone that is not complete, and nothing sent: before the first
 * transfer, while one is told, and after one for which memory was short.
 */
#include <string.h>

#include "fleet/sharing.h"

#define SLICE     5000 /* matters that are looked at before somebody may ask whether to stop: some 20 ms */
#define WALK_EACH (10 * SECOND)
#define SWEPT_A_SECOND 10000 /* matters, on the whole: a few hundredths of a processor */

bool sharing_open(struct sharing *sharing, struct warden *warden, const struct name *zone, const char *node,
                  const uint8_t *secret, size_t secret_len)
{
	memset(sharing, 0, sizeof(*sharing));
	sharing->warden = warden;
	sharing->secret = secret;
	sharing->secret_len = secret_len;
	sharing->own_end = &sharing->own;
	for (unsigned kind = 0; kind < UPDATE_KINDS; kind++)
		sharing->pace[kind].size = UPDATE_CHANGES_MAX;
	return zone_init(&sharing->zone, zone, node, warden->mapping.header->secret);
}

void sharing_close(struct sharing *sharing)
{
	zone_free(&sharing->zone);
}

static void sweep_begin(struct sharing *sharing)
{
	sharing->sweep = sharing->sweep_posting = 0;
	sharing->sweeping = true;
}

/* ---- what the primary tells ---------------------------------------------------- */

void sharing_whole(struct sharing *sharing)
{
	zone_begin(&sharing->zone);
	sharing->malformed = 0;
	sweep_begin(sharing); /* what does not come again is found so */
}

/* Each whole transfer has those of the last one again. */
static void count_malformed(struct sharing *sharing)
{
	if (++sharing->malformed <= sharing->malformed_told)
		return;
	sharing->malformed_told = sharing->malformed;
	sharing_count(sharing, COUNTER_fleet_malformed);
}

void sharing_record(struct sharing *sharing, bool added, const ldns_rr *rr)
{
	enum zone_added what = ZONE_IGNORED;

	if (added)
		what = zone_add(&sharing->zone, rr);
	else
		zone_remove(&sharing->zone, rr);
	if (what == ZONE_MALFORMED)
		count_malformed(sharing);
	else if (what == ZONE_FULL)
		sharing_count(sharing, COUNTER_fleet_limited);
}

void sharing_done(struct sharing *sharing, uint32_t serial)
{
	zone_end(&sharing->zone, serial);
	sharing_count(sharing, COUNTER_fleet_transfers);
}

/* ---- work ---------------------------------------------------------------------- */

static void look_at(struct sharing *sharing, const struct config *config, struct matter *matter, uint64_t now)
{
	own_adopt(sharing, matter);
	take(sharing, config, matter, now);
	for (struct ballot *ballot = matter->ballots; ballot; ballot = ballot->next)
		if (ballot->node && config->settings.fleet_publish && sharing->stale_count < UPDATE_CHANGES_MAX &&
		    ballot_is_there(&sharing->zone, ballot) && ballot_is_stale(ballot, now)) {
			ballot->turn.under_way = true;
			sharing->stale[sharing->stale_count++] = (struct stale){ matter, ballot };
		}
	zone_tidy(&sharing->zone, matter);
}

static unsigned look_at_changed(struct sharing *sharing, const struct config *config, unsigned budget, uint64_t now)
{
	struct matter *matter;

	while (budget && (matter = zone_next_changed(&sharing->zone))) {
		look_at(sharing, config, matter, now);
		budget--;
	}
	return budget;
}

/* Goes on with the sweep. Empty buckets are not for nothing, either. */
static void sweep(struct sharing *sharing, const struct config *config, unsigned budget, uint64_t now)
{
	struct zone *zone = &sharing->zone;

	for (; budget && sharing->sweep < zone->matter_room; sharing->sweep++, budget--)
		for (struct matter *matter = zone->matters[sharing->sweep], *next; matter; matter = next) {
			next = matter->next;
			look_at(sharing, config, matter, now);
			budget -= budget > 1;
		}
	for (; budget && sharing->sweep_posting < zone->posting_room; sharing->sweep_posting++, budget--)
		for (struct posting *posting = zone->postings[sharing->sweep_posting]; posting; posting = posting->next) {
			zone_posting_changed(zone, posting);
			budget -= budget > 1;
		}
	if (sharing->sweep < zone->matter_room || sharing->sweep_posting < zone->posting_room)
		return;
	sharing->sweeping = false;
	sharing->sweeps++;
}

static void walk(struct sharing *sharing, const struct config *config, uint64_t now)
{
	uint64_t version = warden_holds_version(sharing->warden);
	bool waits = sharing->throttled && clock_since(now, sharing->walk_at) >= SECOND;

	if (sharing->walk && !waits && version == sharing->walk_version && config->generation == sharing->generation &&
	    clock_since(now, sharing->walk_at) < WALK_EACH)
		return;
	if (config->generation != sharing->generation)
		sweep_begin(sharing); /* what may be denied may be something else now */
	sharing->walk_version = version;
	sharing->generation = config->generation;
	sharing->walk_at = now;
	own_walk(sharing, config, now);
	if (sharing->sweeps)
		take_orphans(sharing, config, now);
}

/* Whoever floods the zone gets it looked at less often, and no more of the processor. */
static uint64_t sweep_each(const struct zone *zone)
{
	return (1 + (zone->matter_count + zone->posting_count) / SWEPT_A_SECOND) * SECOND;
}

static void tell_gauges(const struct sharing *sharing)
{
	struct segment_header *header = sharing->warden->mapping.header;

	gauge_set(header, GAUGE_fleet_waiting, sharing->waiting);
	gauge_set(header, GAUGE_fleet_votes, sharing->zone.votes);
	gauge_set(header, GAUGE_fleet_holds, sharing->taken);
}

bool sharing_work(struct sharing *sharing, uint64_t now)
{
	const struct config *config;
	unsigned cell, budget;

	if (!sharing->zone.complete)
		return false;
	config = rules_enter(sharing->warden, &cell)->config;
	walk(sharing, config, now);
	budget = look_at_changed(sharing, config, SLICE, now);
	if (!sharing->sweeping && clock_due(&sharing->swept_at, now, sweep_each(&sharing->zone))) {
		sweep_begin(sharing);
		own_tidy(sharing, now);
	}
	if (sharing->sweeping && budget)
		sweep(sharing, config, budget, now);
	rules_leave(sharing->warden, cell);
	tell_gauges(sharing);
	return sharing->sweeping || sharing->zone.changed;
}
