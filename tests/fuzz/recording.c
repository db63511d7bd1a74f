/* SPDX-License-Identifier: BSD-3-Clause */
/* recording - see recording.h. */
#include "fuzz.h"
#include "recording.h"

#define WRITTEN UINT64_C(1790000000000)

static volatile uint8_t sum; /* so that reading is not optimised away */

static void look(const uint8_t *octet, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum = (uint8_t)(sum + octet[i]);
}

static void observe(void *arg, const struct warden_observation *obs)
{
	(void)arg;
	if (!obs->what || !obs->qname || !obs->qname_len || obs->path >= WARDEN_PATH_COUNT ||
	    obs->transport >= WARDEN_TRANSPORT_COUNT)
		abort();
	look(obs->qname, obs->qname_len);
	for (uint32_t i = 0; (obs->what & WARDEN_ANSWER) && i < obs->record_count; i++)
		look(obs->records[i].rdata, obs->records[i].rdata_len);
	look(obs->zone, obs->zone_len);
	if (obs->server_count && (!obs->zone_len || !(obs->what & WARDEN_ANSWER)))
		abort();
	for (uint8_t i = 0; i < obs->server_count; i++)
		look(obs->servers[i].id, obs->servers[i].id_len);
}

static void skip(void *arg, uint64_t number, const char *reason)
{
	(void)arg;
	if (!number || !*reason)
		abort();
}

void recording_play(const struct format *format, const uint8_t *data, size_t size)
{
	const struct sink sink = { .observe = observe, .skip = skip, .written = WRITTEN };
	FILE *file = size ? fmemopen((void *)(uintptr_t)data, size, "r") : tmpfile();
	char error[512] = "";

	if (!file)
		abort();
	if (!format)
		format = replay_format(NULL, "", file);
	if (!format)
		format = &replay_tsv;
	if (format->read(file, &sink, error, sizeof(error)) && !*error)
		abort();
}
