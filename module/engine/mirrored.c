/* SPDX-License-Identifier: BSD-3-Clause */
/* mirrored - what a door is told of the holds, so that it can keep them where it answers by itself. */
#include <stdio.h>

#include "engine/engine.h"

void warden_holds(struct warden *warden, uint64_t now,
                  void (*each)(void *arg, const struct warden_hold *hold), void *arg)
{
	(void)warden, (void)now, (void)each, (void)arg;
}

uint64_t warden_holds_version(const struct warden *warden)
{
	(void)warden;
	return 0;
}

struct warden_decision warden_still_held(struct warden *warden, const struct warden_observation *obs)
{
	(void)warden, (void)obs;
	return (struct warden_decision){ .verdict = WARDEN_PASS, .ede = WARDEN_NO_EDE };
}

void warden_stats_view(struct warden *warden, char *name, size_t len)
{
	unsigned cell;
	const struct rules *rules = rules_enter(warden, &cell);

	snprintf(name, len, "%s", rules->config->settings.stats_view);
	rules_leave(warden, cell);
}

bool engine_allow(struct warden *warden, const uint8_t client[16], const struct name *domain,
                  uint64_t now, uint64_t expires, const char *comment, char *error, size_t error_len)
{
	(void)warden, (void)client, (void)domain, (void)now, (void)expires, (void)comment, (void)error_len;
	error[0] = '\0';
	return false;
}

bool engine_disallow(struct warden *warden, const uint8_t client[16], const struct name *domain, uint64_t now)
{
	(void)warden, (void)client, (void)domain, (void)now;
	return false;
}

bool engine_tripped(const struct warden *warden)
{
	(void)warden;
	return false;
}

void engine_set_mode(struct warden *warden, enum mode mode)
{
	atomic_store(&warden->mode, (uint32_t)mode);
	atomic_store(&warden->stopped, mode == MODE_OBSERVE);
}
