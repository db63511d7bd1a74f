/* SPDX-License-Identifier: BSD-3-Clause */
/* control_state - how this Warden is doing, what it has counted, and what it goes by. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "report/stats.h"
#include "service/control_request.h"
#include "service/stats_proxy.h"

static void print_mode(const struct request *request)
{
	const struct warden *warden = request->service->warden;

	fprintf(request->out, "mode: %s\n",
	        atomic_load(&warden->mode) == MODE_ENFORCE ? "enforce" : "observe");
	if (engine_tripped(warden))
		fputs("TRIPPED: detectors held more clients than max-held-clients allows, so NOTHING IS "
		      "DENIED until set_mode or reload\n", request->out);
	if (atomic_load(&warden->alone))
		fputs("fleet-redis: NOT BELIEVED until set_mode or reload: with it detectors held more clients than "
		      "max-held-clients allows\n", request->out);
}

/* Whether what is held is refused out of the resolver's cache, too. */
static const char *mirror_state(const struct warden *warden)
{
	const struct warden_mirror *mirror = &warden->mirror;
	uint64_t version = mirror->version ? mirror->version(mirror->arg) : UINT64_MAX;

	if (version == UINT64_MAX)
		return "not in use";
	return version >= warden_holds_version(warden) ? "in step" : "behind";
}

static void print_holds(const struct request *request)
{
	const struct warden *warden = request->service->warden;
	struct hold_counts counts = holds_count(&warden->mapping);

	fprintf(request->out, "holds: %" PRIu32 " in force, %" PRIu32 " exemptions, local zones %s\n",
	        counts.holds, counts.exemptions, mirror_state(warden));
}

void do_status(struct request *request)
{
	const struct service *service = request->service;
	struct warden *warden = service->warden;
	const struct mapping *mapping = &warden->mapping;
	uint64_t taken = atomic_load(&service->snapshot_taken);
	unsigned cell;
	const struct rules *rules;
	const struct config *config;

	fprintf(request->out, "version: %s\n", WARDEN_VERSION);
	print_mode(request);
	print_holds(request);
	fleet_print_state(&request->service->fleet, request->out);
	count_print_state(&request->service->counting, request->out);
	fprintf(request->out, "uptime: %" PRIu64 " seconds\n",
	        request->now > service->started ? (request->now - service->started) / SECOND : 0);
	rules = rules_enter(warden, &cell);
	config = rules->config;
	fprintf(request->out, "segment: %s (%zu bytes)\n", config->settings.shared_memory,
	        mapping->size);
	fprintf(request->out, "configuration: %s (generation %" PRIu64 ")\n",
	        config->file ? config->file : "defaults", config->generation);
	rules_leave(warden, cell);
	if (atomic_load(&warden->faulty))
		fprintf(request->out, "configuration error: %s\n", warden->fault);
	fprintf(request->out, "events: %" PRIu64 " written, %" PRIu64 " lost\n",
	        banks_sum(mapping->banks, COUNTER_events_written),
	        banks_sum(mapping->banks, COUNTER_events_lost));
	if (!*service->snapshot_file)
		fprintf(request->out, "snapshot: none\n");
	else if (!taken)
		fprintf(request->out, "snapshot: %s (not yet)\n", service->snapshot_file);
	else
		fprintf(request->out, "snapshot: %s (%" PRIu64 " seconds ago)\n",
		        service->snapshot_file,
		        request->now > taken ? (request->now - taken) / SECOND : 0);
}

void do_stats(struct request *request)
{
	stats_proxy_print(request->service, "stats", request->out);
	stats_print_and_reset(&request->service->warden->mapping, emitter_find("plain"),
	                      request->out);
}

void do_stats_noreset(struct request *request)
{
	stats_proxy_print(request->service, "stats_noreset", request->out);
	stats_print(&request->service->warden->mapping, emitter_find("plain"), request->out);
}

void do_set_mode(struct request *request)
{
	struct warden *warden = request->service->warden;
	const char *word = word_take(request);

	if (!line_ends(request))
		return;
	if (!strcmp(word, "observe"))
		engine_set_mode(warden, MODE_OBSERVE);
	else if (!strcmp(word, "enforce"))
		engine_set_mode(warden, MODE_ENFORCE);
	else {
		fail(request, "mode is observe or enforce, not '%s'", word);
		return;
	}
	ok_settled(request);
}

void do_reload(struct request *request)
{
	char error[FAULT_MAX];

	if (engine_reload(request->service->warden, error, sizeof(error)))
		fail(request, "%s", error);
	else
		ok_settled(request);
}

void do_log_reopen(struct request *request)
{
	atomic_store(&request->service->writer.reopen, true);
	ok(request);
}
