/* SPDX-License-Identifier: BSD-3-Clause */
/* no_engine - an engine that passes everything.
 *
 * Linked with module/unbound/ in place of the real one: what Warden costs in Unbound without what
 * it finds out. Built by tests/bench/unbound.
 */
#include <warden/warden.h>

struct warden {
	char nothing;
};

static struct warden warden;

static const struct warden_decision pass = { .verdict = WARDEN_PASS, .ede = WARDEN_NO_EDE };

struct warden_decision warden_observe(struct warden *self, const struct warden_observation *obs)
{
	(void)self, (void)obs;
	return pass;
}

struct warden_decision warden_still_held(struct warden *self, const struct warden_observation *obs)
{
	(void)self, (void)obs;
	return pass;
}

struct warden *warden_open(const struct warden_setup *setup, char *error, size_t error_len)
{
	(void)setup, (void)error, (void)error_len;
	return &warden;
}

void warden_close(struct warden *self)
{
	(void)self;
}

int warden_start(struct warden *self, char *error, size_t error_len)
{
	(void)self, (void)error, (void)error_len;
	return 0;
}

int warden_wants_records(const struct warden *self)
{
	(void)self;
	return 1;
}

uint8_t warden_odd_flags(const uint8_t *message, size_t len)
{
	(void)message, (void)len;
	return 0;
}

int warden_folds_case(const struct warden *self)
{
	(void)self;
	return 1;
}

int warden_inspects_every_client(const struct warden *self)
{
	(void)self;
	return 0;
}

void warden_observe_took(struct warden *self, uint64_t nanoseconds)
{
	(void)self, (void)nanoseconds;
}

size_t warden_memory(const struct warden *self)
{
	(void)self;
	return 0;
}

void warden_holds(struct warden *self, uint64_t now,
                  void (*each)(void *arg, const struct warden_hold *hold), void *arg)
{
	(void)self, (void)now, (void)each, (void)arg;
}

uint64_t warden_holds_version(const struct warden *self)
{
	(void)self;
	return 0;
}

size_t warden_totals(struct warden *self, char *text, size_t len)
{
	(void)self, (void)text, (void)len;
	return 0;
}

void warden_stats_view(struct warden *self, char *name, size_t len)
{
	(void)self, (void)len;
	name[0] = '\0';
}
