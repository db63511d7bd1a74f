/* SPDX-License-Identifier: BSD-3-Clause */
/* openmetrics - from keys to families. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "detect/detector.h"
#include "report/openmetrics.h"
#include "report/stats.h"
#include "store/counters.h"
#include "store/elsewhere.h"

#define NAME_MAX_LEN 96
#define MEMBERS_MAX  8

/* Every number that there can be: those that are counted, and what stats.c makes of others. */
#define METRICS_MAX (COUNTER_COUNT + DETECTOR_COUNT + HISTOGRAM_WORDS + GAUGE_COUNT + 32)

enum role {
	AS_IT_IS,  /* each member is a sample */
	HISTOGRAM, /* its members are what a histogram is made of */
	IMPLIED,   /* not told: it follows from others, which are */
};

/* Keys without "warden."; one that ends in * stands for all that begin so. <value> is the label's; NULL: what
 * stands for the *.
 */
static const struct family {
	const char *name, *label, *unit, *help; /* without help: that of its only member */
	enum role role;
	struct {
		const char *key, *value;
	} member[MEMBERS_MAX];
} families[] = {
	{ "queries", "path", NULL, "Questions, by where their answer came from.", AS_IT_IS,
	  { { "num.misses", "miss" }, { "num.joined", "joined" }, { "num.cachehits", "cache" },
	    { "num.local", "local" } } },
	{ "verdicts", "verdict", NULL,
	  "Questions and answers, by their verdict; held ones and dry runs included. What passes has none.", AS_IT_IS,
	  { { "num.verdict.*", NULL } } },
	{ "opinions", "detector", NULL, "Opinions, by the detector that formed them.", AS_IT_IS,
	  { { "num.detector.*", NULL } } },
	{ "evictions", "table", NULL, "Entries forgotten to make room for others.", AS_IT_IS,
	  { { "clients.evicted", "clients" }, { "pairs.evicted", "pairs" }, { "domains.evicted", "domains" },
	    { "delegations.evicted", "delegations" } } },
	{ "entries", "table", NULL, "Entries in memory.", AS_IT_IS,
	  { { "clients.count", "clients" }, { "pairs.count", "pairs" }, { "domains.count", "domains" } } },
	{ "capacity", "table", NULL, "Entries that there is memory for.", AS_IT_IS,
	  { { "capacity.*", NULL } } },
	{ "shared_memory_bytes", NULL, "bytes", NULL, AS_IT_IS, { { "mem.warden.shared", NULL } } },
	{ "observe_duration_seconds", NULL, "seconds", "How long an observation took, of those that were measured.",
	  HISTOGRAM,
	  { { "histogram.*", NULL }, { "time.observe.nanoseconds", NULL }, { "time.observe.count", NULL } } },
	{ "queries", NULL, NULL, NULL, IMPLIED, { { "num.queries", NULL } } },
	{ "observe_duration_seconds", NULL, NULL, NULL, IMPLIED, { { "time.observe.avg", NULL } } },
};

#define FAMILY_COUNT (sizeof(families) / sizeof(*families))

/* A number, and where it belongs. */
struct told {
	char name[NAME_MAX_LEN];  /* of its family */
	char value[NAME_MAX_LEN]; /* of its label */
	const struct family *family; /* NULL: one of its own */
	struct metric metric;
	bool printed;
};

/* All of them. */
struct list {
	struct told told[METRICS_MAX];
	unsigned count;
	uint64_t sum; /* of the measured durations, in nanoseconds */
};

static const char *without_prefix(const char *text, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(text, prefix, len) ? text : text + len;
}

/* The name that follows from <key>. */
static void name_after(char name[NAME_MAX_LEN], const char *key)
{
	const char *gist = without_prefix(key, "num.");
	size_t len = strlen(gist);

	if (len > 6 && !strcmp(gist + len - 6, ".count"))
		len -= 6;
	snprintf(name, NAME_MAX_LEN, "warden_%.*s", (int)len, gist);
	for (char *c = name; *c; c++)
		if (*c == '.' || *c == '-')
			*c = '_';
}

/* The family whose row has <key>, with the value of its label. */
static const struct family *family_of(const char *key, const char **value)
{
	for (size_t i = 0; i < FAMILY_COUNT; i++)
		for (unsigned m = 0; m < MEMBERS_MAX && families[i].member[m].key; m++) {
			const char *member = families[i].member[m].key;
			size_t len = strlen(member) - 1;
			bool all = member[len] == '*';

			if (all ? strncmp(key, member, len) : strcmp(key, member))
				continue;
			*value = families[i].member[m].value ? families[i].member[m].value :
			         all ? key + len : "";
			return &families[i];
		}
	return NULL;
}

static void take(void *arg, const struct metric *metric)
{
	struct list *list = arg;
	const char *key = without_prefix(metric->name, "warden."), *value = "";
	struct told *told = &list->told[list->count];

	if (list->count == METRICS_MAX)
		return;
	list->count++;
	*told = (struct told){ .family = family_of(key, &value), .metric = *metric };
	if (told->family)
		snprintf(told->name, sizeof(told->name), "warden_%s", told->family->name);
	else
		name_after(told->name, key);
	snprintf(told->value, sizeof(told->value), "%s", value);
	told->printed = told->family && told->family->role == IMPLIED;
	told->metric.name = NULL; /* was good for now */
	if (!strcmp(key, counter_rows[COUNTER_timed_ns].name))
		list->sum = metric->value;
}

static void take_capacity(struct list *list, const char *table, uint64_t capacity)
{
	char key[NAME_MAX_LEN];
	struct metric metric = { .name = key, .help = "", .kind = METRIC_GAUGE, .value = capacity };

	snprintf(key, sizeof(key), "warden.capacity.%s", table);
	take(list, &metric);
}

static struct list *list_of(const struct mapping *mapping)
{
	struct list *list = calloc(1, sizeof(*list));

	if (!list)
		return NULL;
	stats_totals(mapping, take, list);
	take_capacity(list, "clients", table_capacity(&mapping->clients));
	take_capacity(list, "pairs", table_capacity(&mapping->pairs));
	take_capacity(list, "domains", table_capacity(&mapping->domains));
	return list;
}

/* The family that <told> begins. */
static struct exposition_family family_begun(const struct told *told)
{
	const struct family *family = told->family;
	bool histogram = family && family->role == HISTOGRAM;

	return (struct exposition_family){
		.name = told->name,
		.help = family && family->help ? family->help : told->metric.help,
		.unit = family ? family->unit : NULL,
		.type = histogram ? EXPOSITION_HISTOGRAM :
		        told->metric.kind == METRIC_COUNTER ? EXPOSITION_COUNTER : EXPOSITION_GAUGE,
	};
}

static void print_histogram(const struct exposition *expo, const struct exposition_family *family,
                            const struct list *list)
{
	uint64_t buckets[HISTOGRAM_WORDS], upto[HISTOGRAM_WORDS];
	unsigned count = 0;

	for (unsigned i = 0; i < list->count; i++)
		if (list->told[i].metric.kind == METRIC_BUCKET && count < HISTOGRAM_WORDS) {
			buckets[count] = list->told[i].metric.value;
			upto[count++] = list->told[i].metric.upto;
		}
	exposition_histogram(expo, family, buckets, upto, count, list->sum);
}

/* Prints the family of told[first], wherever in the list its others are. */
static void print_family(const struct exposition *expo, struct list *list, unsigned first)
{
	struct told *begin = &list->told[first];
	struct exposition_family family = family_begun(begin);

	exposition_family(expo, &family);
	if (family.type == EXPOSITION_HISTOGRAM)
		print_histogram(expo, &family, list);
	for (unsigned i = first; i < list->count; i++) {
		struct told *told = &list->told[i];
		struct exposition_label label = { told->family ? told->family->label : NULL, told->value };

		if (told->printed || strcmp(told->name, begin->name) != 0)
			continue;
		told->printed = true;
		if (family.type != EXPOSITION_HISTOGRAM)
			exposition_sample(expo, &family, label, told->metric.value);
	}
}

static const struct exposition_family up = {
	.name = "warden_up", .type = EXPOSITION_GAUGE,
	.help = "Whether there is a shared segment to read: 0 until Unbound has started with Warden once.",
};
static const struct exposition_family build = {
	.name = "warden_build", .type = EXPOSITION_INFO,
	.help = "The unbound-warden that tells this. The module in Unbound may be another.",
};

int openmetrics_print(const struct mapping *mapping, const struct openmetrics *how, FILE *out)
{
	const struct exposition expo = {
		.out = out, .dialect = how->dialect, .created = mapping ? mapping->header->created : 0,
	};
	struct list *list = mapping ? list_of(mapping) : NULL;
	int error = 0;

	if (mapping && !list)
		return -ENOMEM;
	exposition_family(&expo, &up);
	exposition_sample(&expo, &up, (struct exposition_label){ NULL, NULL }, mapping != NULL);
	exposition_family(&expo, &build);
	exposition_sample(&expo, &build, (struct exposition_label){ "version", WARDEN_VERSION }, 1);
	for (unsigned i = 0; list && i < list->count; i++)
		if (!list->told[i].printed)
			print_family(&expo, list, i);
	free(list);
	if (mapping && how->clients)
		error = openmetrics_clients(mapping, how, &expo);
	exposition_end(&expo);
	return error ? error : ferror(out) ? -EIO : 0;
}

/* --- the manual ---------------------------------------------------------------------------- */

static const char *const type_names[] = {
	[EXPOSITION_COUNTER] = "counter", [EXPOSITION_GAUGE] = "gauge", [EXPOSITION_HISTOGRAM] = "histogram",
	[EXPOSITION_INFO] = "info",
};

static void manual_family(struct page *page, const struct exposition_family *family, const char *label)
{
	char term[2 * NAME_MAX_LEN];

	snprintf(term, sizeof(term), "%s%s%s%s%s", family->name,
	         family->type == EXPOSITION_COUNTER ? "_total" : family->type == EXPOSITION_INFO ? "_info" : "",
	         label ? "{" : "", label ? label : "", label ? "}" : "");
	page->style->entry(page, &(struct entry){
		.term = term, .note = type_names[family->type], .text = family->help,
	});
}

int openmetrics_manual(struct page *page)
{
	/* What there is does not depend on a segment: an empty one will do. */
	const struct segment_sizes sizes = {
		.clients = TABLE_WAYS, .pairs = TABLE_WAYS, .domains = TABLE_WAYS, .delegations = TABLE_WAYS,
		.holds = TABLE_WAYS, .journal = 1, .outbox = 1, .elsewhere = ELSEWHERE_WAYS,
		.filter_blocks = { 1, 1, 1, 1 },
	};
	struct mapping mapping;
	struct list *list = NULL;
	char error[256];

	if (!mapping_attach(&mapping, NULL, NULL, &sizes, 0, 0, NULL, error, sizeof(error)))
		list = list_of(&mapping);
	if (!list) {
		mapping_detach(&mapping);
		return -ENOMEM;
	}
	page->style->title(page, "METRICS", NULL);
	manual_family(page, &up, NULL);
	manual_family(page, &build, "version");
	for (unsigned i = 0; i < list->count; i++) {
		struct told *told = &list->told[i];
		struct exposition_family family = family_begun(told);

		if (told->printed)
			continue;
		manual_family(page, &family, told->family ? told->family->label : NULL);
		for (unsigned other = i; other < list->count; other++)
			list->told[other].printed |= !strcmp(list->told[other].name, told->name);
	}
	openmetrics_clients_manual(page, manual_family);
	page->style->end(page);
	free(list);
	mapping_detach(&mapping);
	return ferror(page->out) ? -EIO : 0;
}
