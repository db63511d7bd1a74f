/* SPDX-License-Identifier: BSD-3-Clause */
/* resolver - tells the engine what a resolver would. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#include "resolver.h"
#include "secret.h"

#define CLASS_IN 1
#define UPSTREAM 30 /* milliseconds that an answer takes */

static void log_sentence(int is_error, const char *sentence)
{
	if (is_error)
		fprintf(stderr, "# %s\n", sentence);
}

bool resolver_open(struct resolver *resolver, const char *config, const struct names *names,
                   uint64_t began, uint64_t seed)
{
	struct warden_setup setup = {
		.config_file = config, .now = began, .private_memory = 1, .log = log_sentence,
	};
	char error[512] = "no memory";

	*resolver = (struct resolver){ .names = names, .began = began };
	resolver->cache = calloc((size_t)names->host_count * KIND_COUNT, sizeof(*resolver->cache));
	resolver->report = report_new();
	if (resolver->cache && resolver->report)
		resolver->warden = warden_open(&setup, error, sizeof(error));
	if (resolver->warden) {
		secret_fix(resolver->warden, seed);
		return true;
	}
	fprintf(stderr, "%s\n", error);
	resolver_close(resolver);
	return false;
}

void resolver_close(struct resolver *resolver)
{
	warden_close(resolver->warden);
	report_free(resolver->report);
	free(resolver->cache);
	*resolver = (struct resolver){ 0 };
}

/* 10.x.y.z, IPv4 mapped. */
static void client_address(uint8_t address[16], uint32_t client)
{
	const uint8_t mapped[16] = {
		[10] = 0xff, [11] = 0xff, [12] = 10,
		[13] = (uint8_t)(client >> 16), [14] = (uint8_t)(client >> 8), [15] = (uint8_t)client,
	};

	memcpy(address, mapped, sizeof(mapped));
}

/* Shows <obs> to the engine and reports what it thinks. True when it is refused. */
static bool is_refused(struct resolver *resolver, const struct warden_observation *obs,
                       uint32_t client, uint32_t host)
{
	struct warden_decision decision = warden_observe(resolver->warden, obs);

	if (decision.verdict == WARDEN_PASS)
		return false;
	report_add(resolver->report, &(struct offence){
		.day = (uint32_t)((obs->now - resolver->began) / DAY),
		.client = client,
		.domain = resolver->names->host[host].domain,
		.detector = decision.detector,
		.verdict = decision.verdict,
		.host = host,
		.type = obs->qtype,
	});
	return decision.verdict == WARDEN_REFUSE && !decision.dry_run;
}

uint64_t resolver_ask(struct resolver *resolver, uint32_t client, uint32_t host, enum kind kind,
                      uint64_t now)
{
	struct cached *cached = &resolver->cache[(size_t)host * KIND_COUNT + kind];
	const struct host *asked = &resolver->names->host[host];
	struct world_answer answer;
	struct warden_observation obs = {
		.now = now, .what = WARDEN_QUESTION | WARDEN_ANSWER, .path = WARDEN_PATH_CACHE,
		.flags = WARDEN_FLAG_EDNS, .qtype = kind_type[kind], .qclass = CLASS_IN,
		.qname = asked->wire, .qname_len = asked->len,
	};

	client_address(obs.client, client);
	resolver->questions++;
	if (cached->expires <= now) {
		obs.what = WARDEN_QUESTION;
		obs.path = WARDEN_PATH_MISS;
		resolver->misses++;
		if (is_refused(resolver, &obs, client, host)) {
			resolver->refused++;
			return 0;
		}
		obs.what = WARDEN_ANSWER;
		obs.now = now + UPSTREAM;
		*cached = (struct cached){ now, now + world_ttl(host, kind) * SECOND };
		world_delegation(&answer, &obs, resolver->names, host);
	}
	world_answer(&answer, &obs, resolver->names, host, kind, cached->fetched);
	/* An answer that is refused was had, but is not given to the client. */
	if (is_refused(resolver, &obs, client, host)) {
		resolver->refused++;
		return 0;
	}
	return cached->expires;
}
