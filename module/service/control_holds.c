/* SPDX-License-Identifier: BSD-3-Clause */
/* control_holds - who is held and who is let through by hand, and the lists of both. */
#include <errno.h>
#include <inttypes.h>

#include "base/clock.h"
#include "report/show.h"
#include "service/control_request.h"

#define HOLD_DEFAULT HOUR
#define FLEET_DEFAULT 1000 /* lines */

static struct show show_all(const struct request *request)
{
	return (struct show){
		.out = request->out,
		.now = request->now,
		.dry_run = atomic_load(&request->service->warden->mode) == MODE_OBSERVE,
	};
}

void do_list_holds(struct request *request)
{
	struct show show = show_all(request);

	if (show_holds(&request->service->warden->mapping, &show) == -ENOMEM)
		fail(request, "out of memory");
}

void do_fleet(struct request *request)
{
	uint64_t most = FLEET_DEFAULT;

	if (number_take(request, UINT32_MAX, &most) && line_ends(request))
		fleet_print(&request->service->fleet, request->out, most ? most : UINT64_MAX);
}

void do_hold(struct request *request)
{
	uint64_t duration = HOLD_DEFAULT;
	char error[FAULT_MAX];
	struct whom whom;

	if (!whom_take(request, &whom) || !duration_take(request, &duration))
		return;
	if (engine_hold(request->service->warden, whom.client, whom.domain, request->now,
	                request->now + duration, words_left(request), error, sizeof(error)))
		ok_settled(request);
	else
		fail(request, "%s", error);
}

void do_release(struct request *request)
{
	struct whom whom;

	if (!whom_take(request, &whom) || !line_ends(request))
		return;
	if (engine_release(request->service->warden, whom.client, whom.domain, request->now))
		ok_settled(request);
	else
		fail(request, "there is no such hold");
}

void do_list_allow(struct request *request)
{
	struct warden *warden = request->service->warden;
	struct show show = show_all(request);
	const struct config *config;
	size_t domains, networks;
	unsigned cell;

	if (show_exemptions(&warden->mapping, &show) == -ENOMEM) {
		fail(request, "out of memory");
		return;
	}
	config = rules_enter(warden, &cell)->config;
	domains = domain_map_count(config->allowed.map);
	networks = config->allow_client.count;
	rules_leave(warden, cell);
	fprintf(request->out, "and by the configuration: %zu networks of clients, %zu domains\n", networks,
	        domains);
}

void do_allow_add(struct request *request)
{
	uint64_t duration = 0;
	char error[FAULT_MAX];
	struct whom whom;

	if (!whom_take(request, &whom) || !duration_take(request, &duration))
		return;
	if (engine_allow(request->service->warden, whom.client, whom.domain, request->now,
	                 duration ? request->now + duration : UINT64_MAX, words_left(request), error,
	                 sizeof(error)))
		ok_settled(request);
	else
		fail(request, "%s", error);
}

void do_allow_remove(struct request *request)
{
	struct whom whom;

	if (!whom_take(request, &whom) || !line_ends(request))
		return;
	if (engine_disallow(request->service->warden, whom.client, whom.domain, request->now))
		ok_settled(request);
	else
		fail(request, "there is no such exemption");
}
