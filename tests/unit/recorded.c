/* SPDX-License-Identifier: BSD-3-Clause */
/* recorded - see recorded.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <ldns/ldns.h>
#include <stdio.h>
#include <string.h>

#include "name/name.h"
#include "recorded.h"
#include "report/address.h"

#define say(recorded, ...) \
	((recorded)->len += (size_t)snprintf((recorded)->text + (recorded)->len, \
	                                     RECORDED_MAX - (recorded)->len, __VA_ARGS__), \
	 assert_true((recorded)->len < RECORDED_MAX))

static const char *type_text(uint16_t type)
{
	const ldns_rr_descriptor *known = ldns_rr_descript(type);
	static char text[16];

	if (known && known->_name)
		return known->_name;
	snprintf(text, sizeof(text), "TYPE%u", type);
	return text;
}

static void observe(void *arg, const struct warden_observation *obs)
{
	static const char *const whats[] = { "", "Q", "A", "QA" };
	static const char *const paths[] = { "miss", "joined", "cache", "local" };
	static const char *const transports[] = { "udp", "tcp", "dot", "doh" };
	struct recorded *recorded = arg;
	char client[ADDRESS_TEXT_MAX], name[NAME_TEXT_MAX];

	say(recorded, "%" PRIu64 ".%03u %s %s:%u %s %s/%u %s %s", obs->now / 1000, (unsigned)(obs->now % 1000),
	    whats[obs->what], address_text(client, obs->client), obs->client_port,
	    name_text(name, obs->qname, obs->qname_len), type_text(obs->qtype), obs->qclass, paths[obs->path],
	    transports[obs->transport]);
	if (obs->what & WARDEN_ANSWER)
		say(recorded, " | %u %u records %u octets ttl %u", obs->rcode, obs->answer_count,
		    (unsigned)obs->answer_size, (unsigned)obs->ttl);
	for (uint32_t i = 0; (obs->what & WARDEN_ANSWER) && i < obs->record_count; i++) {
		say(recorded, " %s=", type_text(obs->records[i].type));
		for (uint16_t j = 0; j < obs->records[i].rdata_len; j++)
			say(recorded, "%02x", obs->records[i].rdata[j]);
	}
	say(recorded, "\n");
}

static void leave_out(void *arg, uint64_t number, const char *reason)
{
	struct recorded *recorded = arg;

	say(recorded, "skip %" PRIu64 ": %s\n", number, reason);
}

struct sink recorded_sink(struct recorded *recorded)
{
	return (struct sink){ .observe = observe, .skip = leave_out, .arg = recorded };
}

static const struct recorded *read_all(const struct format *format, const void *octets, size_t len,
                                       uint64_t written)
{
	static struct recorded recorded;
	struct sink sink = recorded_sink(&recorded);
	FILE *file = tmpfile();

	memset(&recorded, 0, sizeof(recorded));
	sink.written = written;
	assert_non_null(file);
	assert_int_equal(fwrite(octets, 1, len, file), len);
	rewind(file);
	recorded.status = format->read(file, &sink, recorded.error, sizeof(recorded.error));
	return &recorded;
}

const struct recorded *recorded_octets(const struct format *format, const void *octets, size_t len)
{
	return read_all(format, octets, len, 0);
}

const struct recorded *recorded_text(const struct format *format, const char *text, uint64_t written)
{
	return read_all(format, text, strlen(text), written);
}
