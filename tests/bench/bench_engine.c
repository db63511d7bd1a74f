/* SPDX-License-Identifier: BSD-3-Clause */
/* bench_engine - nanoseconds that one warden_observe() takes, by kind of observation.
 *
 * Each look is timed by itself, less what the timing takes, and sorted into a histogram, as
 * design.md asks for the median and the 99th percentile. Observations are made beforehand, so
 * nothing else is measured. Tables of profile normal: once warm and nearly empty, once full, so
 * that each newcomer evicts. "2" are two threads on one segment, with clients of their own.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <warden/warden.h>

#include "engine/engine.h"

#include "questions.h"

#define NOW     UINT64_C(1700000000000)
#define LOOKS   200000 /* per thread and row */
#define BUCKETS 20000  /* of one nanosecond; the last takes all that is longer */
#define THREADS 2
#define STEP    10     /* milliseconds from one observation to the next: ten seconds in a pair */
#define WARM    100000 /* looks before those that are timed */

struct job {
	struct warden *warden;
	enum kind kind;
	unsigned thread;
	uint64_t overhead;
	struct question *question; /* LOOKS of them */
	uint64_t histogram[BUCKETS];
};

static uint64_t nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static uint64_t percentile(const uint64_t histogram[BUCKETS], uint64_t total, unsigned percent)
{
	uint64_t seen = 0;

	for (unsigned i = 0; i < BUCKETS; i++) {
		seen += histogram[i];
		if (seen * 100 >= total * percent)
			return i;
	}
	return BUCKETS;
}

/* What two readings of the clock differ by when nothing lies between them. */
static uint64_t timing_overhead(void)
{
	static uint64_t histogram[BUCKETS];

	for (unsigned i = 0; i < LOOKS; i++) {
		uint64_t before = nanoseconds(), took = nanoseconds() - before;

		histogram[took < BUCKETS ? took : BUCKETS - 1]++;
	}
	return percentile(histogram, LOOKS, 50);
}

static uint64_t now = NOW; /* time passes in every row, for sums to fade */

static void *run(void *arg)
{
	struct job *job = arg;

	for (unsigned i = 0; i < LOOKS; i++) {
		uint64_t before = nanoseconds(), took;

		warden_observe(job->warden, &job->question[i].obs);
		took = nanoseconds() - before;
		took = took > job->overhead ? took - job->overhead : 0;
		job->histogram[took < BUCKETS ? took : BUCKETS - 1]++;
	}
	return NULL;
}

static void measure(struct warden *warden, struct job job[THREADS], enum kind kind, unsigned threads,
                    bool full, uint64_t overhead)
{
	static unsigned serial;
	static uint64_t sum[BUCKETS];
	pthread_t id[THREADS];
	uint64_t total = (uint64_t)threads * LOOKS, began, took;

	for (unsigned t = 0; t < threads; t++) {
		job[t].warden = warden;
		job[t].kind = kind;
		job[t].thread = t;
		job[t].overhead = overhead;
		memset(job[t].histogram, 0, sizeof(job[t].histogram));
		/* What is not new in this row has been there before: known names, or only known pairs. */
		for (unsigned i = 0; i < WARM; i++, now += STEP) {
			bool is_known = kind == CACHE_HIT || kind == KNOWN_PAIR || kind == ANSWER;

			question_make(&job[t].question[i], kind, t, i, is_known ? i : i % 1000, now);
			if (is_known || kind == NEW_NAME || kind == ORDINARY)
				warden_observe(warden, &job[t].question[i].obs);
		}
	}
	for (unsigned t = 0; t < threads; t++)
		for (unsigned i = 0; i < LOOKS; i++)
			question_make(&job[t].question[i], kind, t, i, serial++, now + (uint64_t)i * STEP);
	now += (uint64_t)LOOKS * STEP;
	began = nanoseconds();
	for (unsigned t = 0; t < threads; t++)
		if (pthread_create(&id[t], NULL, run, &job[t]) != 0)
			abort();
	for (unsigned t = 0; t < threads; t++)
		pthread_join(id[t], NULL);
	took = nanoseconds() - began;

	memset(sum, 0, sizeof(sum));
	for (unsigned t = 0; t < threads; t++)
		for (unsigned i = 0; i < BUCKETS; i++)
			sum[i] += job[t].histogram[i];
	printf("%-18s %-6s %7u %8llu %8llu %10.2f\n", kind_names[kind], full ? "full" : "warm", threads,
	       (unsigned long long)percentile(sum, total, 50), (unsigned long long)percentile(sum, total, 99),
	       (double)total * 1000 / (double)took);
}

/* Fills every set of every table. */
static void fill(struct warden *warden)
{
	const unsigned count = 2000000;
	static struct question question;

	for (unsigned i = 0; i < count; i++) {
		question_make(&question, NEW_CLIENT, 255, i, i % 500000, now);
		snprintf((char *)question.qname, sizeof(question.qname), "%csome-domain%08u\3com", 19, i);
		question.obs.qname_len = 25;
		warden_observe(warden, &question.obs);
	}
}

int main(void)
{
	struct warden_setup setup = { .now = NOW, .private_memory = 1 };
	static struct job job[THREADS];
	char error[512];
	struct warden *warden = warden_open(&setup, error, sizeof(error));
	uint64_t overhead = timing_overhead();

	if (!warden) {
		fprintf(stderr, "%s\n", error);
		return 1;
	}
	for (unsigned t = 0; t < THREADS; t++) {
		job[t].question = calloc(LOOKS, sizeof(*job[t].question));
		if (!job[t].question)
			return 1;
	}
	printf("timing takes %llu ns, which are subtracted\n\n", (unsigned long long)overhead);
	printf("%-18s %-6s %7s %8s %8s %10s\n", "observation", "tables", "threads", "median", "p99", "million/s");
	for (int full = 0; full < 2; full++) {
		if (full)
			fill(warden);
		for (unsigned threads = 1; threads <= THREADS; threads++)
			for (int kind = 0; kind < KIND_COUNT; kind++)
				measure(warden, job, (enum kind)kind, threads, full, overhead);
	}
	for (unsigned t = 0; t < THREADS; t++)
		free(job[t].question);
	warden_close(warden);
	return 0;
}
