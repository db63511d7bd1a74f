/* SPDX-License-Identifier: BSD-3-Clause */
/* keeper - see keeper.h. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/sentence.h"
#include "engine/domain_of_pair.h"
#include "store/counters.h"
#include "wardend/clocks.h"
#include "wardend/keeper.h"
#include "wardend/kept.h"

#define TICK       1000 /* milliseconds between two looks when nobody rings */
#define LIST_TIME  3000 /* milliseconds after which the list is asked for again */
#define LIST_LINES 10   /* and a millisecond more for so many lines of it: microseconds of Unbound's each */
#define TRY_TIME   100  /* milliseconds until the next try when Unbound is away: so long nothing is refused, */
#define DISK_TIME  1000 /* and when the file cannot be written */
#define USUAL_TIME 5000 /* milliseconds that Unbound has for an answer, */
#define LAST_TIME  1000 /* and when wardend is to end */

static void say(const struct keeper *keeper, bool *said, bool is_so, const char *sentence)
{
	if (is_so && !*said)
		sentence_say(keeper->warden->log, 1, "tap-control: %s", sentence);
	*said = is_so;
}

static void count(struct keeper *keeper, enum counter_id counter, size_t n)
{
	if (n)
		bank_add(bank_mine(&keeper->warden->mapping.counters), counter, n);
}

/* --- what should be ------------------------------------------------------------------------ */

static bool becomes_domain(const struct keeper *keeper, const struct warden_hold *hold)
{
	const struct mapping *mapping = &keeper->warden->mapping;
	uint64_t domain = domain_hash(mapping, hold->domain, hold->domain_len);
	unsigned cell;
	bool becomes = pair_denies_domain(&rules_enter(keeper->warden, &cell)->config->settings,
	                                  domain_clients(mapping, domain, keeper->now));

	rules_leave(keeper->warden, cell);
	return becomes;
}

/* Tells one set from another. */
static uint64_t sum_of(const struct zones *zones)
{
	uint64_t sum = zones->count;

	for (size_t i = 0; i < zones->count; i++)
		sum = sum * 31 + zones->item[i].kind +
		      hash_octets_plain(zones->item[i].name, strlen(zones->item[i].name));
	return sum;
}

static bool becomes_zone(void *arg, const struct warden_hold *hold)
{
	struct keeper *keeper = arg;

	if (hold->prefix && !becomes_domain(keeper, hold))
		return false;
	if (!spared_has(&keeper->spared_names, hold->domain, hold->domain_len, keeper->now))
		return true;
	keeper->spares = true;
	return false;
}

static void look(struct keeper *keeper)
{
	struct holdings *holdings = &keeper->holdings;
	uint64_t sum;

	keeper->looked = warden_holds_version(keeper->warden);
	keeper->now = clock_now();
	holdings_clear(holdings);
	holdings->becomes_zone = becomes_zone;
	keeper->spares = false;
	holdings->arg = keeper;
	warden_holds(keeper->warden, keeper->now, holdings_take, holdings);
	holdings_zones(holdings, &keeper->wanted);
	say(keeper, &keeper->said_clients, holdings->clients,
	    "clients are held as a whole, which no local zone can say: only what is held of domains is refused");
	say(keeper, &keeper->said_spares, keeper->spares,
	    "a client who is exempt asks for a held domain, so it is refused to nobody: a local zone knows "
	    "no clients");
	say(keeper, &keeper->said_unsaid, holdings->unsaid,
	    "a domain is held whose name no local zone is set for: it has other octets than letters, digits, "
	    "hyphens and underscores");
	say(keeper, &keeper->said_full, keeper->wanted.full || holdings->exempt.full || holdings->spared.full,
	    "there are more domains to refuse or to exempt than there is room for");
	sum = sum_of(&keeper->wanted);
	keeper->pending |= sum != keeper->sum;
	keeper->sum = sum;
}

/* --- what is ------------------------------------------------------------------------------- */

static void listed(void *arg, const char *line)
{
	struct keeper *keeper = arg;
	size_t len = strlen(keeper->mark);

	keeper->lines++;
	zones_listed(&keeper->own, line);
	zones_listed(&keeper->wanted, line);
	keeper->marked |= len && !strncmp(line, keeper->mark, len) && line[len] == ' ';
}

/* Forgets what is not there, or is no longer what we have made of it. */
static void keep_own(struct keeper *keeper)
{
	size_t kept = 0;

	for (size_t i = 0; i < keeper->own.count; i++) {
		struct zone *zone = &keeper->own.item[i];

		if (!keeper->marked || !zone->there || !zone->alike)
			continue;
		zone->kind = zone->before = zone->listed;
		keeper->own.item[kept++] = *zone;
	}
	keeper->own.count = kept;
}

static const char *list(struct keeper *keeper)
{
	const char *fault;

	zones_unlisted(&keeper->own);
	zones_unlisted(&keeper->wanted);
	keeper->marked = false;
	keeper->lines = 0;
	atomic_store(&keeper->doubtful, false);
	fault = unbound_list(&keeper->control, listed, keeper);
	keeper->spared = clock_steady() + keeper->lines / LIST_LINES;
	keeper->next_list = keeper->spared + LIST_TIME;
	if (fault)
		return fault;
	if (!keeper->marked && keeper->own.count)
		sentence_say(keeper->warden->log, 0,
		             "tap-control: Unbound was started or reloaded: local zones are set again");
	keep_own(keeper);
	return NULL;
}

/* --- making it so -------------------------------------------------------------------------- */

static bool write_file(struct keeper *keeper, const struct zones *more)
{
	bool failed = kept_write(keeper->file, &keeper->own, more, keeper->mark);
	char sentence[FAULT_MAX];

	snprintf(sentence, sizeof(sentence),
	         "%s: %m; no local zone is set that nobody would know of after a crash", keeper->file);
	say(keeper, &keeper->said_file, failed, sentence);
	return !failed;
}

static const char *set_mark(struct keeper *keeper)
{
	struct zones mark = { .item = NULL };
	const char *fault = "out of memory";
	size_t failed = 0;

	if (zones_add(&mark, keeper->mark, KEPT_MARK))
		fault = unbound_set(&keeper->control, &mark, &failed);
	zones_free(&mark);
	return !fault && failed ? "it does not set a local zone" : fault;
}

/* <failed> is how many of <remove> were not: which of them, the next list tells. */
static const char *remove_some(struct keeper *keeper, size_t *failed)
{
	const char *fault = unbound_remove(&keeper->control, &keeper->remove, failed);
	size_t kept = 0;

	count(keeper, COUNTER_tap_failed, fault ? keeper->remove.count : *failed);
	if (fault || *failed)
		return fault;
	for (size_t i = 0; i < keeper->own.count; i++)
		if (!zones_find(&keeper->remove, keeper->own.item[i].name))
			keeper->own.item[kept++] = keeper->own.item[i];
	keeper->own.count = kept;
	return NULL;
}

/* Makes those that are to be set ours before they are: what there is no room for is not set, for it
 * would be taken for another's, and stay for ever.
 */
static void own_more(struct keeper *keeper)
{
	struct zones *own = &keeper->own, *add = &keeper->add;
	size_t kept = 0;

	for (size_t i = 0; i < add->count; i++)
		if (zones_keep(own, add->item[i].name, add->item[i].kind))
			add->item[kept++] = add->item[i];
	add->count = kept;
	zones_settle(own);
	for (size_t i = 0; i < own->count; i++) {
		const struct zone *now = zones_find(add, own->item[i].name);

		if (now && now->kind != own->item[i].kind) {
			own->item[i].before = own->item[i].kind;
			own->item[i].kind = now->kind;
		}
	}
}

static const char *add_some(struct keeper *keeper)
{
	const char *fault;
	size_t failed;

	/* Even when not all will be taken: the next list tells. */
	own_more(keeper);
	fault = unbound_set(&keeper->control, &keeper->add, &failed);
	count(keeper, COUNTER_tap_failed, fault ? keeper->add.count : failed);
	count(keeper, COUNTER_tap_denied, fault ? 0 : keeper->add.count - failed);
	return fault;
}

/* The disk is full. What is to be removed is all the same: rather a file that names too much for a while than a domain that
 * stays refused.
 */
static const char *change_without_file(struct keeper *keeper)
{
	size_t failed;

	keeper->held_back = keeper->add.count;
	return keeper->marked && keeper->remove.count ? remove_some(keeper, &failed) : NULL;
}

/* Has Unbound do what the last list says is to be done. */
static const char *change(struct keeper *keeper)
{
	size_t failed, foreign = zones_compare(&keeper->own, &keeper->wanted, &keeper->add, &keeper->remove);
	const struct zones none = { .item = NULL };
	const char *fault = NULL;

	say(keeper, &keeper->said_foreign, foreign,
	    "a held domain has a local zone already that is not ours: it stays as it is, and the domain is "
	    "not refused");
	keeper->held_back = false;
	if (keeper->marked && !keeper->add.count && !keeper->remove.count) {
		if (keeper->said_file) /* it names more than is ours */
			write_file(keeper, &none);
		return NULL;
	}
	if (!keeper->marked)
		kept_mark(keeper->mark);
	if (!write_file(keeper, &keeper->add))
		return change_without_file(keeper);
	/* Before it is needed, for the first domain to be refused a moment earlier. */
	if (!keeper->marked)
		fault = set_mark(keeper);
	if (!fault && keeper->remove.count)
		fault = remove_some(keeper, &failed);
	if (!fault && keeper->add.count)
		fault = add_some(keeper);
	if (!fault)
		write_file(keeper, &none);
	return fault;
}

/* When Unbound is to be asked next: at once when there is something to do, but for LIST_LINES. */
static int64_t due(const struct keeper *keeper)
{
	if (keeper->next_try > keeper->next_list || !(keeper->pending || atomic_load(&keeper->doubtful)))
		return keeper->next_try > keeper->next_list ? keeper->next_try : keeper->next_list;
	return keeper->next_try > keeper->spared ? keeper->next_try : keeper->spared;
}

/* Whether keeper_stop() waits: what is broken off for that is no fault of Unbound's. */
static bool is_ending(const struct keeper *keeper)
{
	return poll(&(struct pollfd){ .fd = keeper->control.stop, .events = POLLIN }, 1, 0) > 0;
}

static void told_of_fault(struct keeper *keeper, const char *fault, int64_t now)
{
	if (fault && is_ending(keeper))
		return;
	if (fault && !keeper->away)
		sentence_say(keeper->warden->log, 1,
		             "tap-control: %s: %s; no domain is refused or released there until it answers",
		             keeper->path, fault);
	else if (!fault && keeper->away)
		sentence_say(keeper->warden->log, 0, "tap-control: %s answers again", keeper->path);
	keeper->away = fault;
	if (fault)
		atomic_store(&keeper->doubtful, true);
	keeper->next_try = now + (fault ? TRY_TIME : keeper->held_back ? DISK_TIME : 0);
}

static void step(struct keeper *keeper)
{
	int64_t now = clock_steady();
	const char *fault = NULL;

	if (warden_holds_version(keeper->warden) != keeper->looked || now >= keeper->next_look) {
		look(keeper);
		keeper->next_look = now + TICK;
	}
	if (now >= due(keeper)) {
		fault = list(keeper);
		if (!fault)
			fault = change(keeper);
		told_of_fault(keeper, fault, clock_steady());
		keeper->pending = (keeper->pending && fault) || keeper->held_back;
	}
	gauge_set(keeper->warden->mapping.header, GAUGE_tap_zones, keeper->own.count);
	if (!keeper->pending && !keeper->away)
		atomic_store(&keeper->version, keeper->looked);
}

/* --- the thread ---------------------------------------------------------------------------- */

static void *keeper_main(void *arg)
{
	struct keeper *keeper = arg;
	struct pollfd wait[2] = {
		{ .fd = keeper->control.stop, .events = POLLIN },
		{ .fd = keeper->bell, .events = POLLIN },
	};
	uint64_t rung;
	int64_t left;

	for (;;) {
		atomic_store(&keeper->beaten, clock_steady());
		step(keeper);
		left = due(keeper) - clock_steady();
		if (poll(wait, 2, left < 0 ? 0 : left < TICK ? (int)left : TICK) < 0)
			continue;
		if (wait[0].revents)
			return NULL;
		if (wait[1].revents && read(keeper->bell, &rung, sizeof(rung)) < 0)
			continue;
		atomic_store(&keeper->rung, false);
	}
}

void keeper_ring(struct keeper *keeper, bool doubt)
{
	uint64_t one = 1;
	ssize_t rung;

	if (!keeper->running)
		return;
	if (doubt)
		atomic_store(&keeper->doubtful, true);
	if (atomic_exchange(&keeper->rung, true))
		return;
	rung = write(keeper->bell, &one, sizeof(one));
	(void)rung; /* if not, it has been rung often enough */
}

/* Ten times a second, by the engine. */
static void keep(void *arg, uint64_t now)
{
	struct keeper *keeper = arg;
	uint64_t version = keeper->running ? warden_holds_version(keeper->warden) : 0;

	(void)now;
	if (version != atomic_exchange(&keeper->asked, version))
		keeper_ring(keeper, false);
}

static uint64_t version_of(void *arg)
{
	struct keeper *keeper = arg;

	return atomic_load(&keeper->version);
}

struct warden_mirror keeper_mirror(struct keeper *keeper)
{
	atomic_store(&keeper->version, UINT64_MAX); /* until there is something to wait for */
	return (struct warden_mirror){ .arg = keeper, .keep = keep, .version = version_of, .drops = 1 };
}

static bool copy_paths(struct keeper *keeper, const char *path, const char *beside)
{
	keeper->path = strdup(path);
	keeper->control.path = keeper->path;
	keeper->control.beaten = &keeper->beaten;
	if (!keeper->control.patience)
		keeper->control.patience = USUAL_TIME;
	if (asprintf(&keeper->file, "%s.zones", beside) < 0)
		keeper->file = NULL;
	return keeper->path && keeper->file;
}

int keeper_start(struct keeper *keeper, struct warden *warden, const char *path, const char *beside,
                 char *error, size_t error_len)
{
	keeper->warden = warden;
	keeper->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	keeper->control.stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (keeper->bell < 0 || keeper->control.stop < 0 || !copy_paths(keeper, path, beside))
		return sentence_error(error, error_len, "tap-control: out of memory or descriptors");
	if (!*path)
		return 0;
	if (kept_read(keeper->file, &keeper->own, keeper->mark))
		sentence_say(warden->log, 1, "%s: %m: local zones that an earlier wardend has left are not known as such, and "
		             "stay", keeper->file);
	atomic_store(&keeper->version, 0);
	errno = pthread_create(&keeper->thread, NULL, keeper_main, keeper);
	if (errno)
		return sentence_error(error, error_len, "tap-control: cannot start a thread: %m");
	keeper->running = true;
	return 0;
}

/* Removes what is ours, if it is still the Unbound that has it; the mark last, or nobody would know the rest for ours. */
static const char *remove_all(struct keeper *keeper, size_t *failed)
{
	const char *fault = list(keeper);

	*failed = 0;
	if (fault || !keeper->marked)
		return fault;
	zones_clear(&keeper->remove);
	for (size_t i = 0; i < keeper->own.count; i++)
		zones_keep(&keeper->remove, keeper->own.item[i].name, keeper->own.item[i].kind);
	zones_settle(&keeper->remove);
	if (keeper->remove.count)
		fault = remove_some(keeper, failed);
	if (fault || *failed)
		return fault;
	zones_clear(&keeper->remove);
	zones_keep(&keeper->remove, keeper->mark, KEPT_MARK);
	zones_settle(&keeper->remove);
	fault = remove_some(keeper, failed);
	if (!fault && !*failed)
		unlink(keeper->file);
	return fault;
}

/* What stays is in the file, for the next one. An Unbound that is gone has taken its zones with it. */
static void leave(struct keeper *keeper)
{
	size_t failed, own = keeper->own.count;
	const char *fault;

	keeper->control.stop = -1;
	keeper->control.patience = LAST_TIME;
	zones_clear(&keeper->wanted);
	fault = remove_all(keeper, &failed);
	if (own && (fault || failed))
		sentence_say(keeper->warden->log, 0, "tap-control: %s: %s; up to %zu local zones stay until Unbound is started or "
		             "the next wardend removes them", keeper->path, fault ? fault : "it does not remove all", own);
}

void keeper_stop(struct keeper *keeper)
{
	int stop = keeper->control.stop;
	uint64_t one = 1;

	if (keeper->running) {
		if (write(stop, &one, sizeof(one)) < 0)
			sentence_say(keeper->warden->log, 1, "tap-control: cannot wake the thread");
		keeper->running = false;
		pthread_join(keeper->thread, NULL);
		if (*keeper->mark)
			leave(keeper);
		gauge_set(keeper->warden->mapping.header, GAUGE_tap_zones, 0);
	}
	if (stop >= 0)
		close(stop);
}

void keeper_free(struct keeper *keeper)
{
	if (keeper->bell >= 0)
		close(keeper->bell);
	holdings_free(&keeper->holdings);
	zones_free(&keeper->own);
	zones_free(&keeper->wanted);
	zones_free(&keeper->add);
	zones_free(&keeper->remove);
	free(keeper->path);
	free(keeper->file);
}
