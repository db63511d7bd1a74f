/* SPDX-License-Identifier: BSD-3-Clause */
/* names - reads the list, finds the domains, ranks both. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "name/name.h"
#include "name/suffix.h"

#include "names.h"

#define HOSTS_MAX     1000000
#define DOMAIN_SPREAD 1.5 /* deviation of the logarithm of a domain's size, by chance */

/* A host while it is being sorted into its domain. */
struct sorted {
	const uint8_t *domain;
	uint8_t domain_len;
	uint32_t host;
	uint64_t order; /* among the hosts of the domain */
};

static int compare_sorted(const void *left, const void *right)
{
	const struct sorted *a = left, *b = right;
	size_t len = a->domain_len < b->domain_len ? a->domain_len : b->domain_len;
	int difference = memcmp(a->domain, b->domain, len);

	if (!difference)
		difference = (a->domain_len > b->domain_len) - (a->domain_len < b->domain_len);
	if (!difference)
		difference = (a->order > b->order) - (a->order < b->order);
	return difference;
}

static int compare_size(const void *left, const void *right)
{
	const struct domain *a = left, *b = right;

	return (a->size < b->size) - (a->size > b->size);
}

/* Adds <text> to the hosts; <sorted> tells its domain by its offset in the octets so far. */
static bool add_host(struct names *names, struct sorted *sorted, const struct suffixes *suffixes,
                     const char *text, uint8_t *to)
{
	struct host *host = &names->host[names->host_count];
	struct name name;
	unsigned first;

	if (!name_from_text(&name, text))
		return false;
	first = suffix_domain(suffixes, &name);
	memcpy(to, name.wire, name.len);
	host->wire = to;
	host->len = name.len;
	host->is_reverse = strlen(text) > 5 && !strcmp(text + strlen(text) - 5, ".arpa");
	sorted->domain_len = (uint8_t)name_tail_len(&name, first);
	sorted->domain = to + (name.len - sorted->domain_len);
	sorted->host = names->host_count++;
	return true;
}

/* Reads the lines of <in>. Returns how many hosts there are, 0 with a sentence on stderr. */
static uint32_t read_hosts(struct names *names, struct sorted *sorted, uint32_t room,
                           const char *path, FILE *in)
{
	struct suffixes *suffixes = suffixes_open();
	uint8_t *to = names->octets;
	char line[NAME_TEXT_MAX];

	while (suffixes && names->host_count < room && fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\n")] = '\0';
		if (!add_host(names, &sorted[names->host_count], suffixes, line, to)) {
			fprintf(stderr, "%s: '%s' is not a name\n", path, line);
			names->host_count = 0;
			break;
		}
		to += names->host[names->host_count - 1].len;
	}
	suffixes_close(suffixes);
	return names->host_count;
}

/* One domain for each run of hosts that have the same. */
static void find_domains(struct names *names, const struct sorted *sorted, struct chance *chance)
{
	struct domain *domain = NULL;

	for (uint32_t i = 0; i < names->host_count; i++) {
		if (!domain || domain->len != sorted[i].domain_len ||
		    memcmp(domain->wire, sorted[i].domain, domain->len)) {
			domain = &names->domain[names->domain_count++];
			*domain = (struct domain){
				.wire = sorted[i].domain, .len = sorted[i].domain_len, .first = i,
			};
		}
		domain->count++;
		names->by_domain[i] = sorted[i].host;
	}
	for (uint32_t i = 0; i < names->domain_count; i++)
		names->domain[i].size = names->domain[i].count *
		                        exp(DOMAIN_SPREAD * chance_normal(chance));
}

static void rank_domains(struct names *names)
{
	qsort(names->domain, names->domain_count, sizeof(*names->domain), compare_size);
	for (uint32_t i = 0; i < names->domain_count; i++) {
		const struct domain *domain = &names->domain[i];

		for (uint32_t j = 0; j < domain->count; j++)
			names->host[names->by_domain[domain->first + j]].domain = i;
	}
}

bool names_read(struct names *names, const char *path, struct chance *chance)
{
	FILE *in = fopen(path, "r");
	struct sorted *sorted = NULL;
	uint32_t room = 1;
	bool fine = false;

	*names = (struct names){ 0 };
	if (!in) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return false;
	}
	for (int c; room < HOSTS_MAX && (c = getc(in)) != EOF;)
		room += c == '\n';
	rewind(in);
	names->host = calloc(room, sizeof(*names->host));
	names->domain = calloc(room, sizeof(*names->domain));
	names->by_domain = calloc(room, sizeof(*names->by_domain));
	names->octets = calloc(room, NAME_WIRE_MAX);
	names->harmonic = calloc(room + 1, sizeof(*names->harmonic));
	sorted = calloc(room, sizeof(*sorted));
	if (!names->host || !names->domain || !names->by_domain || !names->octets ||
	    !names->harmonic || !sorted) {
		fprintf(stderr, "%s: %s\n", path, strerror(ENOMEM));
		goto out;
	}
	if (!read_hosts(names, sorted, room, path, in)) {
		fprintf(stderr, "%s: no names\n", path);
		goto out;
	}
	for (uint32_t i = 0; i < names->host_count; i++) {
		sorted[i].order = chance_next(chance);
		names->harmonic[i + 1] = names->harmonic[i] + 1.0 / (i + 1);
	}
	qsort(sorted, names->host_count, sizeof(*sorted), compare_sorted);
	find_domains(names, sorted, chance);
	rank_domains(names);
	fine = true;
out:
	fclose(in);
	free(sorted);
	if (!fine)
		names_free(names);
	return fine;
}

void names_free(struct names *names)
{
	free(names->host);
	free(names->domain);
	free(names->by_domain);
	free(names->octets);
	free(names->harmonic);
	*names = (struct names){ 0 };
}

uint32_t names_rank(const struct names *names, uint32_t count, struct chance *chance)
{
	double point = chance_unit(chance) * names->harmonic[count];
	uint32_t low = 0, high = count - 1;

	/* The first rank whose sum is above the point. */
	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (names->harmonic[middle + 1] > point)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

uint32_t names_popular(const struct names *names, struct chance *chance)
{
	const struct domain *domain = &names->domain[names_rank(names, names->domain_count, chance)];

	return names->by_domain[domain->first + names_rank(names, domain->count, chance)];
}
