/* SPDX-License-Identifier: BSD-3-Clause */
/* told - see told.h. */
#include <stdio.h>

#include "base/dns.h"
#include "store/counters.h"
#include "wardend/clocks.h"
#include "wardend/told.h"

#define TIMED_EVERY 64   /* observations of which one is timed: a clock costs as much as a hit */
#define OTHERS_SAID 1000 /* messages of other types, and of no other, after which that is said */

static void count(struct warden *warden, enum counter_id counter)
{
	bank_add(bank_mine(&warden->mapping.counters), counter, 1);
}

uint64_t told_time(uint64_t said, uint64_t now)
{
	return said > now + AHEAD_MAX || said + BEHIND_MAX < now ? now : said;
}

static void tell(struct told *told, const struct warden_observation *obs)
{
	uint64_t start;

	if (++told->calls % TIMED_EVERY) {
		warden_observe(told->warden, obs);
		return;
	}
	start = clock_nanoseconds();
	warden_observe(told->warden, obs);
	warden_observe_took(told->warden, clock_nanoseconds() - start);
}

static void observe(void *arg, const struct warden_observation *said)
{
	struct told *told = arg;
	struct warden_observation obs = *said;
	uint64_t version;

	obs.now = told_time(said->now, clock_now());
	if (obs.now != said->now)
		count(told->warden, COUNTER_tap_clock);
	if (obs.what & WARDEN_ANSWER && obs.rcode == DNS_RCODE_REFUSED && !obs.answer_count)
		obs.flags |= WARDEN_FLAG_OWN;
	tell(told, &obs);
	if (obs.what & WARDEN_QUESTION)
		spared_note(told->spared, told->warden, &obs);
	version = warden_holds_version(told->warden);
	if (version != told->version)
		told->changed(told->arg);
	told->version = version;
}

static void skip(void *arg, uint64_t number, const char *reason)
{
	(void)arg;
	(void)number;
	(void)reason; /* told_frame() counts */
}

bool told_open(struct told *told, struct warden *warden, struct spared *spared,
               void (*changed)(void *arg), void *arg)
{
	*told = (struct told){ .warden = warden, .spared = spared, .changed = changed, .arg = arg,
	                       .version = warden_holds_version(warden) };
	told->sink = (struct sink){ .observe = observe, .skip = skip, .arg = told };
	return dnstap_open(&told->dnstap, &told->sink);
}

void told_close(struct told *told)
{
	dnstap_close(&told->dnstap);
}

void told_frame(void *arg, const uint8_t *frame, size_t len)
{
	struct told *told = arg;
	char remark[FAULT_MAX];

	told->frames++;
	count(told->warden, COUNTER_tap_frames);
	if (dnstap_take(&told->dnstap, frame, len))
		count(told->warden, COUNTER_tap_skipped);
	if (told->remarked || told->dnstap.others < OTHERS_SAID || told->dnstap.others < told->frames)
		return;
	told->remarked = true;
	dnstap_tell_others(&told->dnstap, remark, sizeof(remark));
	sentence_say(told->warden->log, 1, "tap-socket: %s", remark);
}
