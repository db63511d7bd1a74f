/* SPDX-License-Identifier: BSD-3-Clause */
/* burn_in - verdicts gathered in trees, each by what it is known by.
 *
 *     detectors   name                 all verdicts
 *     domains     domain               refusals: names, clients
 *     refusals    domain, detector     refusals: numbers, times
 *     pairs       domain or refusal, client: who was counted there already
 *
 * A tree is balanced (tsearch of libc), so no choice of names makes it slow.
 */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "engine/engine.h"
#include "report/burn_in.h"
#include "report/evidence.h"

#define OPERATOR "operator" /* rule.name of what was held by hand: no detector, nothing to allow */

/* That <client> was counted for <of>, a domain or a refusal. */
struct pair {
	const void *of;
	uint8_t client[16];
};

typedef int comparison(const void *a, const void *b);

static int compare_pairs(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	if (x->of != y->of)
		return (uintptr_t)x->of < (uintptr_t)y->of ? -1 : 1;
	return memcmp(x->client, y->client, sizeof(x->client));
}

static int compare_domains(const void *a, const void *b)
{
	const struct burn_in_domain *x = a, *y = b;

	return x->len != y->len ? (int)x->len - (int)y->len : memcmp(x->wire, y->wire, x->len);
}

static int compare_refusals(const void *a, const void *b)
{
	const struct burn_in_refusal *x = a, *y = b;

	if (x->domain != y->domain)
		return (uintptr_t)x->domain < (uintptr_t)y->domain ? -1 : 1;
	return strcmp(x->detector, y->detector);
}

static int compare_detectors(const void *a, const void *b)
{
	const struct burn_in_detector *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* The item of <tree> that is known by the same as <like>, a copy of which it becomes where there
 * was none. NULL, and noted, without memory.
 */
static void *take(struct burn_in *burn, void **tree, const void *like, size_t size,
                  comparison *compare, bool *is_new)
{
	const void **found = tsearch(like, tree, compare);
	void *item;

	*is_new = found && *found == like;
	if (found && !*is_new)
		return (void *)(uintptr_t)*found;
	item = found ? malloc(size) : NULL;
	if (item) {
		*found = memcpy(item, like, size);
		return item;
	}
	if (found)
		tdelete(like, tree, compare);
	burn->short_of_memory = true;
	return NULL;
}

struct burn_in *burn_in_new(const struct config *config, uint64_t since)
{
	struct burn_in *burn = calloc(1, sizeof(*burn));

	if (burn) {
		burn->config = config;
		burn->since = since;
	}
	return burn;
}

void burn_in_free(struct burn_in *burn)
{
	if (!burn)
		return;
	tdestroy(burn->pairs, free);
	tdestroy(burn->refusals, free);
	tdestroy(burn->domains, free);
	tdestroy(burn->detectors, free);
	sequence_free(&burn->sequence);
	free(burn->refusal);
	free(burn->domain);
	free(burn->detector);
	free(burn->client);
	free(burn);
}

/* --- what events and holds have in common ---------------------------------------------------- */

/* A refusal, from either. */
struct seen {
	const char *detector;
	const struct name *name; /* NULL: only the domain is known */
	struct name domain;
	uint8_t client[16];      /* masked */
	uint64_t first, last;
};

static bool is_allowed(const struct burn_in *burn, const struct name *name, const uint8_t client[16])
{
	return domain_map_has(burn->config->allowed.map, name) ||
	       config_allows_client(burn->config, client);
}

/* Widens a period, which begins empty. */
static void widen(uint64_t *first, uint64_t *last, uint64_t from, uint64_t to)
{
	if (!*last || from < *first)
		*first = from;
	if (to > *last)
		*last = to;
}

/* Notes what <name> has in common with the names seen before it. */
static void domain_name(struct burn_in_domain *domain, const struct name *name)
{
	struct name sample;
	unsigned alike;

	if (!domain->sample_len) {
		memcpy(domain->sample, name->wire, name->len);
		domain->sample_len = name->len;
		domain->common = name->labels;
		return;
	}
	if (domain->sample_len == name->len && !memcmp(domain->sample, name->wire, name->len))
		return;
	domain->several = true;
	if (!name_parse(&sample, domain->sample, domain->sample_len))
		return;
	alike = name_alike(&sample, name);
	if (alike < domain->common)
		domain->common = (uint8_t)alike;
}

/* Whether <client> is new to <of>. */
static bool pair_add(struct burn_in *burn, const void *of, const uint8_t client[16])
{
	struct pair pair = { .of = of };
	bool is_new;

	memcpy(pair.client, client, sizeof(pair.client));
	return take(burn, &burn->pairs, &pair, sizeof(pair), compare_pairs, &is_new) && is_new;
}

static struct burn_in_detector *detector_take(struct burn_in *burn, const char *name)
{
	struct burn_in_detector like = { .name = "" };
	bool is_new;

	snprintf(like.name, sizeof(like.name), "%s", name);
	return take(burn, &burn->detectors, &like, sizeof(like), compare_detectors, &is_new);
}

static struct burn_in_domain *domain_take(struct burn_in *burn, const struct seen *seen)
{
	struct burn_in_domain like = { .len = seen->domain.len, .labels = seen->domain.labels };
	struct burn_in_domain *domain;
	bool is_new;

	memcpy(like.wire, seen->domain.wire, seen->domain.len);
	domain = take(burn, &burn->domains, &like, sizeof(like), compare_domains, &is_new);
	if (domain && seen->name)
		domain_name(domain, seen->name);
	if (domain && pair_add(burn, domain, seen->client) && !domain->clients++)
		memcpy(domain->client, seen->client, sizeof(domain->client));
	return domain;
}

/* The refusals that <seen> belongs to. <is_first>: of this client. NULL without memory. */
static struct burn_in_refusal *refusal_take(struct burn_in *burn, const struct seen *seen,
                                            bool *is_first)
{
	struct burn_in_refusal like = { .domain = domain_take(burn, seen) }, *refusal;
	struct burn_in_detector *detector;
	bool is_new;

	if (!like.domain)
		return NULL;
	snprintf(like.detector, sizeof(like.detector), "%s", seen->detector);
	refusal = take(burn, &burn->refusals, &like, sizeof(like), compare_refusals, &is_new);
	detector = detector_take(burn, seen->detector);
	if (!refusal || !detector)
		return NULL;
	detector->domains += is_new;
	*is_first = pair_add(burn, refusal, seen->client);
	refusal->clients += *is_first;
	return refusal;
}

/* Keeps the numbers that say most; the first is what a detector goes by. */
static void evidence_keep(struct burn_in_refusal *refusal, const struct numbers *evidence)
{
	if (evidence->count && (!refusal->evidence.count ||
	                        evidence->number[0].value >= refusal->evidence.number[0].value))
		refusal->evidence = *evidence;
}

/* --- events ---------------------------------------------------------------------------------- */

/* A file at hand. */
struct gathering {
	struct burn_in *burn;
	const char *file;
};

static void event_refused(struct burn_in *burn, const struct told *told, const uint8_t client[16])
{
	struct seen seen = { .detector = told->detector, .name = &told->name };
	struct burn_in_refusal *refusal;
	bool is_first;

	memcpy(seen.client, client, sizeof(seen.client));
	if (!name_parse(&seen.domain, name_tail(&told->name, told->domain_label),
	                name_tail_len(&told->name, told->domain_label)))
		return;
	refusal = refusal_take(burn, &seen, &is_first);
	if (!refusal)
		return;
	refusal->events++;
	refusal->dry_run += told->dry_run;
	refusal->suppressed += told->suppressed;
	widen(&refusal->first, &refusal->last, told->now, told->now);
	evidence_keep(refusal, &told->evidence);
	if (told->now >= refusal->example_time) {
		memcpy(refusal->example, told->name.wire, told->name.len);
		refusal->example_len = told->name.len;
		refusal->example_time = told->now;
	}
}

static void on_event(void *arg, const struct told *told)
{
	struct burn_in *burn = ((struct gathering *)arg)->burn;
	struct burn_in_detector *detector;
	uint8_t client[16];

	if (told->now < burn->since) {
		burn->before++;
		return;
	}
	burn->events++;
	widen(&burn->first, &burn->last, told->now, told->now);
	if (!sequence_add(&burn->sequence, told->observer, told->sequence, told->now))
		burn->short_of_memory = true;

	if (is_allowed(burn, &told->name, told->client)) {
		burn->allowed++;
		return;
	}
	detector = detector_take(burn, told->detector);
	if (!detector)
		return;
	detector->events[warden_verdict_denies(told->verdict) ? WARDEN_REFUSE : told->verdict]++;
	detector->suppressed += told->suppressed;
	if (!warden_verdict_denies(told->verdict) || !strcmp(told->detector, OPERATOR))
		return;
	burn->refuse++;
	burn->dry_run += told->dry_run;
	memcpy(client, told->client, sizeof(client));
	client_mask(&burn->config->settings, client);
	event_refused(burn, told, client);
}

/* <text> as it can be shown to anybody. */
static void printable(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%s", text);
	for (; *to; to++)
		if (*to < ' ' || *to > '~')
			*to = '?';
}

static void on_bad_line(void *arg, uint64_t line, const char *what)
{
	struct gathering *gathering = arg;
	struct burn_in *burn = gathering->burn;

	if (burn->bad < BURN_IN_FAULTS) {
		struct burn_in_fault *fault = &burn->fault[burn->bad];

		printable(fault->file, sizeof(fault->file), gathering->file);
		fault->line = line;
		fault->what = what;
	}
	burn->bad++;
}

int burn_in_events(struct burn_in *burn, FILE *in, const char *file)
{
	struct gathering gathering = { burn, file };
	const struct event_sink sink = { on_event, on_bad_line, &gathering };

	sequence_file(&burn->sequence);
	return event_file_read(in, &sink);
}

void burn_in_finding(struct burn_in *burn, const struct told *told)
{
	if (!is_allowed(burn, &told->name, told->client))
		event_refused(burn, told, told->client);
}

/* --- holds ----------------------------------------------------------------------------------- */

static void hold_take(struct burn_in *burn, const struct hold *hold, uint64_t touched)
{
	const struct detector *detector = detectors[hold->detector];
	struct seen seen = { .detector = detector->name };
	struct numbers evidence = { .count = 0 };
	struct burn_in_refusal *refusal;
	struct burn_in_detector *speaker;
	bool is_first;

	memcpy(seen.client, hold->client, sizeof(seen.client));
	if (!name_parse(&seen.domain, hold->name, hold->name_len))
		return; /* for any domain, as no detector holds; or garbage */
	if (is_allowed(burn, &seen.domain, seen.client)) {
		burn->allowed++;
		return;
	}
	burn->holds++;
	refusal = refusal_take(burn, &seen, &is_first);
	speaker = detector_take(burn, seen.detector);
	if (!refusal || !speaker)
		return;
	if (!is_first) {
		burn->holds_told++;
		return;
	}
	speaker->holds++;
	refusal->holds++;
	refusal->met += hold->hits;
	seen.first = hold->made;
	seen.last = touched > hold->made ? touched : hold->made;
	widen(&refusal->first, &refusal->last, seen.first, seen.last);
	widen(&burn->first, &burn->last, seen.first, seen.last);
	for (unsigned i = 0; i < EVIDENCE_MAX && detector->evidence[i].name; i++) {
		if (!evidence_counts(detector->evidence[i].kind, hold->evidence[evidence_at(detector, i)]))
			continue;
		snprintf(evidence.number[evidence.count].name, EVENT_WORD_MAX, "%s",
		         detector->evidence[i].name);
		evidence.number[evidence.count++].value = hold->evidence[evidence_at(detector, i)];
	}
	evidence_keep(refusal, &evidence);
}

void burn_in_holds(struct burn_in *burn, const struct mapping *mapping)
{
	uint32_t capacity = table_capacity(&mapping->holds);
	struct hold hold;

	for (uint32_t i = 0; i < capacity; i++) {
		struct place place = table_at(&mapping->holds, i);

		/* At time 0 none has ended. */
		if (place.slot && hold_read(mapping, i, 0, &hold) && hold.expires >= burn->since &&
		    warden_verdict_denies(hold.verdict) && hold.detector < DETECTOR_COUNT)
			hold_take(burn, &hold, place_touched(&place) * SECOND);
	}
}

/* --- in order -------------------------------------------------------------------------------- */

uint64_t burn_in_verdicts(const struct burn_in_refusal *refusal)
{
	return refusal->events + refusal->suppressed + refusal->holds + refusal->met;
}

/* Clients hit most first, then verdicts; then by words, so that the same input prints alike. */
static int compare_hits(const void *a, const void *b)
{
	const struct burn_in_refusal *x = *(struct burn_in_refusal *const *)a;
	const struct burn_in_refusal *y = *(struct burn_in_refusal *const *)b;
	uint64_t of_x = burn_in_verdicts(x), of_y = burn_in_verdicts(y);
	int order;

	if (x->clients != y->clients)
		return x->clients > y->clients ? -1 : 1;
	if (of_x != of_y)
		return of_x > of_y ? -1 : 1;
	order = compare_domains(x->domain, y->domain);
	return order ? order : strcmp(x->detector, y->detector);
}

/* The items of a tree, in its order. */
struct items {
	void **item;
	size_t count, capacity;
	bool short_of_memory;
};

static void item_add(const void *node, VISIT visit, void *arg)
{
	struct items *items = arg;

	if (visit != postorder && visit != leaf)
		return;
	if (items->count == items->capacity) {
		size_t capacity = items->capacity ? 2 * items->capacity : 64;
		void **item = reallocarray(items->item, capacity, sizeof(*item));

		if (!item) {
			items->short_of_memory = true;
			return;
		}
		items->item = item;
		items->capacity = capacity;
	}
	items->item[items->count++] = *(void *const *)node;
}

static void *items_of(struct burn_in *burn, const void *tree, size_t *count)
{
	struct items items = { NULL, 0, 0, false };

	twalk_r(tree, item_add, &items);
	burn->short_of_memory |= items.short_of_memory;
	*count = items.count;
	return items.item;
}

/* Puts the refusals to their domains, and those in the order in which they come first. */
static void domains_finish(struct burn_in *burn)
{
	burn->domain = calloc(burn->refusal_count + 1, sizeof(*burn->domain));
	if (!burn->domain) {
		burn->short_of_memory = true;
		return;
	}
	for (size_t i = burn->refusal_count; i--;) {
		struct burn_in_refusal *refusal = burn->refusal[i];

		refusal->next = refusal->domain->refusals;
		refusal->domain->refusals = refusal;
	}
	for (size_t i = 0; i < burn->refusal_count; i++)
		if (burn->refusal[i]->domain->refusals == burn->refusal[i])
			burn->domain[burn->domain_count++] = burn->refusal[i]->domain;
}

int burn_in_finish(struct burn_in *burn)
{
	burn->missing = sequence_missing(&burn->sequence);
	burn->detector = items_of(burn, burn->detectors, &burn->detector_count);
	burn->refusal = items_of(burn, burn->refusals, &burn->refusal_count);
	if (burn->refusal_count)
		qsort(burn->refusal, burn->refusal_count, sizeof(struct burn_in_refusal *), compare_hits);
	domains_finish(burn);
	if (!burn->short_of_memory)
		burn->short_of_memory = !allow_clients(burn);
	return burn->short_of_memory ? -ENOMEM : 0;
}

bool burn_in_sound(const struct burn_in *burn)
{
	return !burn->bad && !burn->missing;
}
