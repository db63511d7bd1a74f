/* SPDX-License-Identifier: BSD-3-Clause */
/* top_head - totals, and how fast they grow; and numbers as people read them. */
#include <inttypes.h>
#include <stdio.h>

#include "top/top_state.h"

static uint64_t questions_of(const uint64_t *counter)
{
	return counter[COUNTER_misses] + counter[COUNTER_joined] + counter[COUNTER_cachehits] + counter[COUNTER_local];
}

void head_look(struct head *head, const struct mapping *mapping, uint64_t now)
{
	const struct table *tables[] = { &mapping->clients, &mapping->pairs, &mapping->domains };
	const struct segment_header *header = mapping->header;
	bool another = head->created != header->created;

	head->elapsed = head->looked && !another && now > head->looked ? now - head->looked : 0;
	head->looked = now;
	for (unsigned i = 0; i < COUNTER_COUNT; i++) {
		uint64_t sum = banks_sum(mapping->banks, i);

		head->grown[i] = growth(head->sum[i], sum);
		head->sum[i] = sum;
		head->shown[i] = sum - atomic_load_explicit(&header->baseline[i], memory_order_relaxed);
	}
	if (!head->elapsed || questions_of(head->grown))
		head->asked_at = now;
	for (unsigned i = 0; i < 3; i++) {
		head->used[i] = table_used(tables[i]);
		head->capacity[i] = table_capacity(tables[i]);
	}
	head->holds = holds_count(mapping);
	head->held_clients = atomic_load_explicit(&header->held_clients, memory_order_relaxed);
	head->tripped = atomic_load_explicit(&header->tripped, memory_order_relaxed);
	head->created = header->created;
	head->size = mapping->size;
}

double head_rate(const struct head *head, enum counter_id counter)
{
	return per_second(head->grown[counter], head->elapsed);
}

double head_questions(const struct head *head)
{
	return per_second(questions_of(head->grown), head->elapsed);
}

char *figure_count(char text[FIGURE_MAX], uint64_t count, int width)
{
	static const char units[] = "kMGTPE";
	double rest = (double)count;

	if (snprintf(text, FIGURE_MAX, "%" PRIu64, count) <= width)
		return text;
	for (const char *unit = units; *unit; unit++) {
		rest /= 1000;
		for (int digits = 2; digits >= 0 && rest < 999.5; digits--)
			if (snprintf(text, FIGURE_MAX, "%.*f%c", digits, rest, *unit) <= width)
				return text;
	}
	return text;
}

char *figure_rate(char text[FIGURE_MAX], uint64_t thousandths, int width)
{
	if (thousandths < 999950 && snprintf(text, FIGURE_MAX, "%.1f", (double)thousandths / 1000) <= width)
		return text;
	return figure_count(text, (thousandths + 500) / 1000, width);
}

char *figure_time(char text[FIGURE_MAX], uint64_t seconds)
{
	static const struct {
		uint64_t below, unit;
		char letter;
	} steps[] = { { 100, 1, 's' }, { 100 * 60, 60, 'm' }, { 48 * 3600, 3600, 'h' }, { UINT64_MAX, 86400, 'd' } };
	unsigned i = 0;

	if (seconds == UINT64_MAX) {
		snprintf(text, FIGURE_MAX, "never");
		return text;
	}
	while (seconds >= steps[i].below)
		i++;
	snprintf(text, FIGURE_MAX, "%" PRIu64 "%c", seconds / steps[i].unit, steps[i].letter);
	return text;
}
