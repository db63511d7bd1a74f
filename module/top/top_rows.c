/* SPDX-License-Identifier: BSD-3-Clause */
/* top_rows - one walk over a table, whichever it is. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "report/domain_text.h"
#include "report/stats.h"
#include "top/top_rows.h"

#define TIE_BITS 28 /* of a key: the questions, for those that are alike */
#define KEY_BITS (64 - TIE_BITS)

int rows_open(struct rows *rows, struct warden *warden)
{
	*rows = (struct rows){ .warden = warden };
	for (unsigned i = 0; i < VIEW_COUNT; i++)
		rows->sort[i] = views[i].sort;
	if (ranking_init(&rows->ranking, ROWS_MAX))
		return -ENOMEM;
	rows_view(rows, VIEW_CLIENTS);
	return 0;
}

void rows_close(struct rows *rows)
{
	ranking_free(&rows->ranking);
	rates_free(&rows->rates);
}

void rows_view(struct rows *rows, enum view_id view)
{
	rows->view = view;
	rates_reset(&rows->rates, view == VIEW_COUNTERS ? METRICS_MAX : views[view].capacity(rows));
}

/* --- filter -------------------------------------------------------------------------------- */

void rows_filter(struct rows *rows, const char *text)
{
	struct filter_by *filter = &rows->filter;

	*filter = (struct filter_by){ .exact = *text == '=' };
	snprintf(filter->text, sizeof(filter->text), "%s", text + filter->exact);
	for (char *c = filter->text; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	filter->is_network = network_parse(&filter->network, filter->text);
	/* An address is its client, however clients are told apart. */
	if (filter->is_network && !strchr(filter->text, '/')) {
		client_mask(&atomic_load(&rows->warden->rules)->config->settings, filter->network.address);
		filter->network.bits = 128;
	}
}

static bool text_passes(const struct filter_by *filter, const char *text)
{
	if (!text)
		return false;
	return filter->exact ? !strcmp(text, filter->text) : strstr(text, filter->text) != NULL;
}

/* Whether there may be an address that begins like this. */
static bool is_address_like(const char *text)
{
	return !text[strspn(text, "0123456789abcdef.:")];
}

bool filter_passes(const struct rows *rows, struct entry *entry)
{
	const struct filter_by *filter = &rows->filter;

	if (!filter->text[0])
		return true;
	if (filter->is_network)
		return !entry->any_client && network_has(&filter->network, entry->client);
	if (!entry->any_client && is_address_like(filter->text) &&
	    !strncmp(address_text(entry->client_text, entry->client), filter->text, strlen(filter->text)))
		return true;
	memset(entry->text, 0, sizeof(entry->text));
	views[rows->view].describe(rows, entry);
	return text_passes(filter, entry->text[TEXT_NAME]) || text_passes(filter, entry->text[TEXT_DETECTOR]) ||
	       (rows->view != VIEW_COUNTERS && text_passes(filter, entry->text[TEXT_WORDS]));
}

/* --- the walk ------------------------------------------------------------------------------ */

static void keep(void *arg, const struct metric *metric)
{
	static const char ours[] = "warden.";
	struct rows *rows = arg;
	struct kept_metric *kept = &rows->metric[rows->metrics];
	bool is_ours = !strncmp(metric->name, ours, sizeof(ours) - 1);

	if (rows->metrics == METRICS_MAX)
		return;
	snprintf(kept->name, sizeof(kept->name), "%s", metric->name + (is_ours ? sizeof(ours) - 1 : 0));
	kept->help = metric->help;
	kept->kind = metric->kind;
	kept->value = metric->value;
	rows->metrics++;
}

static void add_rate(const struct rows *rows, struct entry *entry)
{
	double rate;

	entry->rated = rates_of(&rows->rates, entry->index, entry->hash, &rate);
	entry->number[NUMBER_RATE] = entry->rated ? (uint64_t)(rate * 1000) : 0;
}

static uint64_t capped(uint64_t value, unsigned bits)
{
	uint64_t most = (UINT64_C(1) << bits) - 1;

	return value < most ? value : most;
}

/* What ranks <entry>: the number of the column that is sorted by, then its questions. Of a column without
 * numbers, the order of the table.
 */
static uint64_t key_of(const struct rows *rows, const struct entry *entry)
{
	const struct column *column = &views[rows->view].column[rows->sort[rows->view]];
	uint64_t number = column->kind == COLUMN_TEXT ? UINT64_MAX - entry->index : entry->number[column->what];
	uint64_t key = column->kind == COLUMN_TEXT ? number : capped(number, KEY_BITS) << TIE_BITS;

	if (column->upwards)
		key = (UINT64_MAX >> TIE_BITS << TIE_BITS) - key;
	if (column->kind != COLUMN_TEXT)
		key |= capped(entry->number[views[rows->view].grows], TIE_BITS);
	return rows->reverse[rows->view] ? ~key : key;
}

void rows_look(struct rows *rows, uint64_t now, bool sample)
{
	const struct view *view = &views[rows->view];
	struct entry entry;

	rows->now = now;
	rows->matched = 0;
	rows->ranking.count = 0;
	if (rows->view == VIEW_COUNTERS) {
		rows->metrics = 0;
		stats_walk(&rows->warden->mapping, keep, rows);
	}
	if (sample)
		rates_begin(&rows->rates, now);
	for (uint32_t i = 0, end = view->capacity(rows); i < end; i++) {
		entry.any_client = entry.any_name = false;
		if (!view->read(rows, i, &entry))
			continue;
		if (sample)
			rates_note(&rows->rates, i, entry.hash, entry.number[view->grows]);
		if (!filter_passes(rows, &entry))
			continue;
		rows->matched++;
		add_rate(rows, &entry);
		ranking_offer(&rows->ranking, key_of(rows, &entry), i);
	}
	ranking_sort(&rows->ranking);
}

bool rows_entry(const struct rows *rows, uint32_t nth, struct entry *entry)
{
	const struct view *view = &views[rows->view];

	memset(entry, 0, sizeof(*entry));
	if (nth >= rows->ranking.count || !view->read(rows, rows->ranking.entry[nth].index, entry))
		return false;
	add_rate(rows, entry);
	view->describe(rows, entry);
	return true;
}

void rows_sort_by(struct rows *rows, int step)
{
	const struct view *view = &views[rows->view];
	unsigned *sort = &rows->sort[rows->view];

	for (unsigned tries = 0; tries < view->count; tries++) {
		*sort = (unsigned)((int)(*sort + view->count) + step) % view->count;
		if (view->column[*sort].kind != COLUMN_TEXT || *sort == views[rows->view].sort)
			return;
	}
}
