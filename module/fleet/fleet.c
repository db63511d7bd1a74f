/* SPDX-License-Identifier: BSD-3-Clause */
/* fleet - see fleet.h. */
#include "fleet/fleet.h"

#include "base/clock.h"

#define TICK 100 /* milliseconds between two looks at the holds */

static void on_whole(void *arg)
{
	struct fleet *fleet = arg;

	sharing_whole(&fleet->sharing);
}

static void on_record(void *arg, bool added, const ldns_rr *rr)
{
	struct fleet *fleet = arg;

	sharing_record(&fleet->sharing, added, rr);
}

static void on_done(void *arg, uint32_t serial)
{
	struct fleet *fleet = arg;

	sharing_done(&fleet->sharing, serial);
}

static void on_answered(void *arg, uint64_t id, int rcode)
{
	struct fleet *fleet = arg;

	if (id == fleet->update)
		sharing_answered(&fleet->sharing, rcode, fleet->now);
}

static bool open_for(struct fleet *fleet, const struct config *config, char *error, size_t error_len)
{
	const struct settings *settings = &config->settings;
	const struct primary_setup setup = {
		.zone = settings->fleet_zone,
		.address = settings->fleet_primary,
		.key_file = settings->fleet_key_file,
		.poll = settings->fleet_poll,
		.log = fleet->warden->log,
		.rules = { FLEET_BELOW, config->fleet_node, VOTE_TEXT_MAX, VOTES_OF_NODE_OCTETS },
		.arg = fleet,
		.whole = on_whole,
		.record = on_record,
		.done = on_done,
		.answered = on_answered,
	};
	const uint8_t *secret;
	size_t secret_len;

	fleet->primary = primary_open(&setup, error, error_len);
	if (!fleet->primary)
		return false;
	secret = primary_secret(fleet->primary, &secret_len);
	if (sharing_open(&fleet->sharing, fleet->warden, &config->fleet_zone, config->fleet_node, secret, secret_len))
		return true;
	sentence_error(error, error_len, "out of memory");
	primary_close(fleet->primary);
	fleet->primary = NULL;
	return false;
}

bool fleet_open(struct fleet *fleet, struct warden *warden, int stop, uint64_t (*clock)(void), char *error,
                size_t error_len)
{
	const struct config *config;
	bool good = true;
	unsigned cell;

	*fleet = (struct fleet){ .warden = warden, .stop = stop, .clock = clock };
	pthread_mutex_init(&fleet->lock, NULL);
	config = rules_enter(warden, &cell)->config;
	if (config->fleet_zone.len)
		good = open_for(fleet, config, error, error_len);
	rules_leave(warden, cell);
	return good;
}

void fleet_close(struct fleet *fleet)
{
	if (!fleet->warden)
		return;
	primary_close(fleet->primary);
	fleet->primary = NULL;
	sharing_close(&fleet->sharing);
	pthread_mutex_destroy(&fleet->lock);
}

/* Sends the next update, if there is something to send and none is under way. */
static void send_next(struct fleet *fleet)
{
	ldns_rr_list *add, *remove;
	enum primary_taken taken;

	if (!sharing_update(&fleet->sharing, fleet->now, &add, &remove))
		return;
	taken = primary_update(fleet->primary, ++fleet->update, add, remove);
	ldns_rr_list_deep_free(add);
	ldns_rr_list_deep_free(remove);
	if (taken == PRIMARY_TOO_LARGE)
		sharing_answered(&fleet->sharing, PRIMARY_NOT_OURS, fleet->now); /* half as many the next time */
	else if (taken != PRIMARY_TAKEN)
		sharing_answered(&fleet->sharing, PRIMARY_NO_ANSWER, fleet->now);
}

/* Does what can be done without waiting. Returns for how long nothing else can be. */
static int work(struct fleet *fleet)
{
	struct segment_header *header = fleet->warden->mapping.header;
	uint64_t due;
	bool up, more = false;

	fleet->now = fleet->clock();
	primary_work(fleet->primary, fleet->now);
	if (sharing_wants_whole(&fleet->sharing))
		primary_again(fleet->primary);
	up = primary_up(fleet->primary);
	if (up && !fleet->up)
		sharing_answers_again(&fleet->sharing);
	fleet->up = up;
	gauge_set(header, GAUGE_fleet_primary, up);
	if (!primary_is_telling(fleet->primary)) { /* half a copy says nothing of what is not in it */
		more = sharing_work(&fleet->sharing, fleet->now);
		send_next(fleet);
	}
	due = primary_due(fleet->primary, fleet->now);
	if (more || due <= fleet->now)
		return more ? 0 : 1;
	return due - fleet->now < TICK ? (int)(due - fleet->now) : TICK;
}

void fleet_run(struct fleet *fleet)
{
	struct pollfd wait[1 + PRIMARY_FDS_MAX] = { { .fd = fleet->stop, .events = POLLIN } };
	int timeout, count;

	for (;;) {
		pthread_mutex_lock(&fleet->lock);
		timeout = work(fleet);
		count = primary_poll_fds(fleet->primary, wait + 1);
		pthread_mutex_unlock(&fleet->lock);
		poll(wait, (nfds_t)(1 + count), timeout);
		if (wait[0].revents)
			break;
	}
	gauge_set(fleet->warden->mapping.header, GAUGE_fleet_primary, 0);
}

void fleet_print(struct fleet *fleet, FILE *out, uint64_t most)
{
	if (!fleet_is_wanted(fleet)) {
		fputs("nothing is shared: there is no fleet-zone\n", out);
		return;
	}
	pthread_mutex_lock(&fleet->lock);
	sharing_print(&fleet->sharing, out, fleet->up, fleet->clock(), most);
	pthread_mutex_unlock(&fleet->lock);
}
