/* SPDX-License-Identifier: BSD-3-Clause */
/* bench_scale - `profile: large` with a million clients and four million pairs in it, through the engine, in
 * private memory: how many of them are there afterwards, how long it took, and what it takes of memory
 * beside what `unbound-warden check` says.
 *
 * Each client asks for four of 100,000 domains. Needs as much memory as the profile has, and says so when
 * there is not enough. One table to read, then one JSON object on a line.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <warden/warden.h>

#include "engine/engine.h"
#include "store/parts.h"

#define NOW     UINT64_C(1700000000000)
#define CLIENTS 1000000u
#define EACH    4u /* domains of a client */
#define DOMAINS 100000u
#define RATE    100000u /* questions a second */

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static uint64_t resident(void)
{
	FILE *in = fopen("/proc/self/statm", "r");
	unsigned long long all, here;

	if (!in || fscanf(in, "%llu %llu", &all, &here) != 2)
		abort();
	fclose(in);
	return here * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t available(void)
{
	FILE *in = fopen("/proc/meminfo", "r");
	unsigned long long kilobytes = 0;
	char line[128];

	while (in && fgets(line, sizeof(line), in) && sscanf(line, "MemAvailable: %llu", &kilobytes) != 1)
		;
	if (in)
		fclose(in);
	return kilobytes * 1024;
}

static void ask(struct warden *warden, unsigned client, unsigned nth, uint64_t number)
{
	unsigned domain = (client * EACH + nth) * 2654435761u % DOMAINS;
	uint8_t qname[32];
	int len = snprintf((char *)qname, sizeof(qname), "\3www%csite%06u\3com", 10, domain);
	struct warden_observation obs = {
		.now = NOW + number * 1000 / RATE,
		.what = WARDEN_QUESTION | WARDEN_ANSWER,
		.path = WARDEN_PATH_CACHE,
		.qtype = 1,
		.qclass = 1,
		.qname = qname,
		.qname_len = (uint8_t)(len + 1),
		.answer_count = 1,
		.answer_size = 80,
		.ttl = 300,
	};

	memcpy(obs.client, "\x20\x01\x0d\xb8", 4);
	memcpy(obs.client + 4, &client, sizeof(client));
	warden_observe(warden, &obs);
}

static void touch_all(struct warden *warden)
{
	volatile uint8_t *octet = (volatile uint8_t *)warden->mapping.header;

	for (size_t at = 0; at < warden->mapping.size; at += SEGMENT_PAGE)
		octet[at] = octet[at]; /* an atomic or with 0 may become a load */
}

static struct warden *open_large(void)
{
	char path[] = "/tmp/warden-bench-XXXXXX", error[512];
	struct warden_setup setup = { .config_file = path, .now = NOW, .private_memory = 1 };
	int file = mkstemp(path);
	FILE *out = file < 0 ? NULL : fdopen(file, "w");
	struct warden *warden;

	if (!out)
		return NULL;
	fputs("warden:\n profile: large\n", out);
	fclose(out);
	warden = warden_open(&setup, error, sizeof(error));
	if (!warden)
		fprintf(stderr, "%s\n", error);
	unlink(path);
	return warden;
}

int main(void)
{
	uint64_t foretold = parts_size(&profile_sizes[PROFILE_LARGE]), before = resident(), took;
	const double mebi = 1 << 20;
	struct warden *warden;
	double began;
	uint32_t clients, pairs;

	if (available() < foretold + foretold / 8) {
		printf("profile large takes %.0f MiB, %.0f are available: left out\n", (double)foretold / mebi,
		       (double)available() / mebi);
		return 0;
	}
	warden = open_large();
	if (!warden)
		return 1;
	touch_all(warden); /* that is what takes the time otherwise */
	took = resident() - before;
	began = seconds();
	for (unsigned nth = 0; nth < EACH; nth++)
		for (unsigned client = 0; client < CLIENTS; client++)
			ask(warden, client, nth, (uint64_t)nth * CLIENTS + client);
	began = seconds() - began;
	clients = table_used(&warden->mapping.clients);
	pairs = table_used(&warden->mapping.pairs);

	printf("%-8s %10s %10s %10s\n", "large", "slots", "asked", "are there");
	printf("%-8s %10u %10u %10u\n", "clients", table_capacity(&warden->mapping.clients), CLIENTS, clients);
	printf("%-8s %10u %10u %10u\n", "pairs", table_capacity(&warden->mapping.pairs), CLIENTS * EACH, pairs);
	printf("memory   %.2f MiB of the segment foretold, %.2f MiB taken by the process (%+.2f %%)\n",
	       (double)foretold / mebi, (double)took / mebi, 100 * ((double)took / (double)foretold - 1));
	printf("time     %.0f ns a question, all of them new pairs\n\n", began * 1e9 / CLIENTS / EACH);
	printf("{\"scale\": {\"clients\": %u, \"clients_kept\": %u, \"pairs\": %u, \"pairs_kept\": %u, "
	       "\"octets_foretold\": %llu, \"octets_taken\": %llu, \"ns_new_pair\": %.0f}}\n",
	       CLIENTS, clients, CLIENTS * EACH, pairs, (unsigned long long)foretold, (unsigned long long)took,
	       began * 1e9 / CLIENTS / EACH);
	warden_close(warden);
	/* A ten-thousandth may have to share a set with too many others; a hundredth of the memory is the kernel's. */
	if (clients < CLIENTS - CLIENTS / 10000 || pairs < (CLIENTS - CLIENTS / 10000) * EACH ||
	    took > foretold + foretold / 100 || took < foretold - foretold / 100) {
		puts("bench_scale: that is not what profile large promises");
		return 1;
	}
	return 0;
}
