/* SPDX-License-Identifier: BSD-3-Clause */
/* exposition - OpenMetrics 1.0 (of 2020, later RFC draft opsawg-openmetrics), and Prometheus' text 0.0.4. */
#include <inttypes.h>
#include <stdbool.h>

#include "report/exposition.h"

#define NANO UINT64_C(1000000000)

/* What a type is called and what its samples end in, in each dialect. */
static const struct {
	const char *name, *suffix;
} types[][2] = {
	[EXPOSITION_COUNTER]   = { { "counter", "_total" }, { "counter", "_total" } },
	[EXPOSITION_GAUGE]     = { { "gauge", "" }, { "gauge", "" } },
	[EXPOSITION_HISTOGRAM] = { { "histogram", "" }, { "histogram", "" } },
	[EXPOSITION_INFO]      = { { "info", "_info" }, { "gauge", "_info" } },
};

const char *exposition_content_type(enum exposition_dialect dialect)
{
	return dialect == EXPOSITION_OPENMETRICS ? "application/openmetrics-text; version=1.0.0; charset=utf-8" :
	                                           "text/plain; version=0.0.4; charset=utf-8";
}

/* Both dialects have the same three escapes, but the older one takes no \" outside a label. */
static void print_escaped(FILE *out, const char *text, bool quotes)
{
	for (; *text; text++)
		if (*text == '\n')
			fputs("\\n", out);
		else if (*text == '\\' || (*text == '"' && quotes))
			fprintf(out, "\\%c", *text);
		else
			putc(*text, out);
}

static void print_seconds(FILE *out, uint64_t nanoseconds)
{
	fprintf(out, "%" PRIu64 ".%09" PRIu64, nanoseconds / NANO, nanoseconds % NANO);
}

static void print_name(const struct exposition *expo, const struct exposition_family *family, const char *suffix,
                       struct exposition_label label)
{
	fprintf(expo->out, "%s%s", family->name, suffix);
	if (label.name) {
		fprintf(expo->out, "{%s=\"", label.name);
		print_escaped(expo->out, label.value, true);
		fputs("\"}", expo->out);
	}
	putc(' ', expo->out);
}

static void print_created(const struct exposition *expo, const struct exposition_family *family,
                          struct exposition_label label)
{
	if (expo->dialect != EXPOSITION_OPENMETRICS || !expo->created)
		return;
	print_name(expo, family, "_created", label);
	fprintf(expo->out, "%" PRIu64 ".%03" PRIu64 "\n", expo->created / 1000, expo->created % 1000);
}

void exposition_family(const struct exposition *expo, const struct exposition_family *family)
{
	/* The older dialect has no families: the name is that of the samples. */
	bool open = expo->dialect == EXPOSITION_OPENMETRICS;
	const char *suffix = open ? "" : types[family->type][expo->dialect].suffix;

	fprintf(expo->out, "# TYPE %s%s %s\n", family->name, suffix, types[family->type][expo->dialect].name);
	if (family->unit && open)
		fprintf(expo->out, "# UNIT %s %s\n", family->name, family->unit);
	fprintf(expo->out, "# HELP %s%s ", family->name, suffix);
	print_escaped(expo->out, family->help, open);
	putc('\n', expo->out);
}

void exposition_sample(const struct exposition *expo, const struct exposition_family *family,
                       struct exposition_label label, uint64_t value)
{
	print_name(expo, family, types[family->type][expo->dialect].suffix, label);
	fprintf(expo->out, "%" PRIu64 "\n", value);
	if (family->type == EXPOSITION_COUNTER)
		print_created(expo, family, label);
}

void exposition_histogram(const struct exposition *expo, const struct exposition_family *family,
                          const uint64_t *buckets, const uint64_t *upto, unsigned count, uint64_t sum)
{
	const struct exposition_label none = { NULL, NULL };
	uint64_t all = 0;

	for (unsigned i = 0; i < count; i++) {
		all += buckets[i];
		fprintf(expo->out, "%s_bucket{le=\"", family->name);
		if (i + 1 < count)
			print_seconds(expo->out, upto[i]);
		else
			fputs("+Inf", expo->out);
		fprintf(expo->out, "\"} %" PRIu64 "\n", all);
	}
	print_name(expo, family, "_sum", none);
	print_seconds(expo->out, sum);
	putc('\n', expo->out);
	print_name(expo, family, "_count", none);
	fprintf(expo->out, "%" PRIu64 "\n", all);
	print_created(expo, family, none);
}

void exposition_end(const struct exposition *expo)
{
	if (expo->dialect == EXPOSITION_OPENMETRICS)
		fputs("# EOF\n", expo->out);
}
