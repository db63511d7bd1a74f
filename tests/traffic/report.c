/* SPDX-License-Identifier: BSD-3-Clause */
/* report - a list of offences, and a hash table of places in it (linear probing). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chance.h"
#include "report.h"

#define PLACES        (1u << 18)     /* a power of two */
#define OFFENCES_MAX  (PLACES / 2)
#define DETECTORS_MAX 32

struct report {
	struct offence offence[OFFENCES_MAX];
	uint32_t count;
	uint32_t place[PLACES]; /* 1 + index of an offence; 0: free */
	const char *detector[DETECTORS_MAX];
	unsigned detector_count;
};

struct report *report_new(void)
{
	return calloc(1, sizeof(struct report));
}

void report_free(struct report *report)
{
	free(report);
}

static bool is_same(const struct offence *a, const struct offence *b)
{
	return a->day == b->day && a->client == b->client && a->domain == b->domain &&
	       a->verdict == b->verdict && !strcmp(a->detector, b->detector);
}

static void learn_detector(struct report *report, const char *detector)
{
	for (unsigned i = 0; i < report->detector_count; i++)
		if (!strcmp(report->detector[i], detector))
			return;
	if (report->detector_count < DETECTORS_MAX)
		report->detector[report->detector_count++] = detector;
}

void report_add(struct report *report, const struct offence *offence)
{
	uint64_t hash = chance_of((uint64_t)offence->client << 32 | offence->domain);
	uint32_t at = (uint32_t)chance_of(hash + offence->day * 8 + offence->verdict);

	for (;; at++) {
		uint32_t *place = &report->place[at % PLACES];

		if (!*place) {
			if (report->count == OFFENCES_MAX) {
				fprintf(stderr, "more than %u offences\n", OFFENCES_MAX);
				exit(EXIT_FAILURE);
			}
			report->offence[report->count] = *offence;
			report->offence[report->count].times = 1;
			*place = ++report->count;
			learn_detector(report, offence->detector);
			return;
		}
		if (is_same(&report->offence[*place - 1], offence)) {
			report->offence[*place - 1].times++;
			return;
		}
	}
}

uint32_t report_count(const struct report *report)
{
	return report->count;
}

const struct offence *report_offence(const struct report *report, uint32_t n)
{
	return &report->offence[n];
}

uint32_t report_total(const struct report *report, enum warden_verdict verdict, const char *detector)
{
	uint32_t total = 0;

	for (uint32_t i = 0; i < report->count; i++)
		total += report->offence[i].verdict == verdict &&
		         (!detector || !strcmp(report->offence[i].detector, detector));
	return total;
}

const char *report_detector(const struct report *report, unsigned n)
{
	return n < report->detector_count ? report->detector[n] : NULL;
}
