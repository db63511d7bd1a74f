/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_replay - any octets as recorded traffic: skipped or told, never a crash.
 *
 * The first octets choose the format, as in `unbound-warden replay`, and what none claims is
 * read as tsv. What is told is looked at octet by octet, as the engine would, so that a
 * sanitizer sees a name, a record or a server that is not all there.
 */
#include "fuzz.h"
#include "tool/replay.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct sink sink = { observe, skip, NULL };
	FILE *file = size ? fmemopen((void *)(uintptr_t)data, size, "r") : tmpfile();
	const struct format *format;
	char error[512] = "";

	if (!file)
		abort();
	format = replay_format(NULL, "", file);
	if (!format)
		format = &replay_tsv;
	if (format->read(file, &sink, error, sizeof(error)) && !*error)
		abort();
	return 0;
}
