/* SPDX-License-Identifier: BSD-3-Clause */
/* measure - see measure.h. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "histogram.h"
#include "measure.h"
#include "ticks.h"

#define BATCH 64

struct job {
	struct warden *warden; /* NULL: everything but the looking */
	struct stream stream;
	enum kind kind;
	double now, step; /* microseconds */
	uint64_t batches;
	pthread_barrier_t *start; /* met twice: when all are ready, and to begin */
	uint64_t began, ended, cpu;
	struct histogram look, batch;
};

static void observe(struct warden *warden, const struct question *question)
{
	if (warden)
		warden_observe(warden, &question->obs);
}

static void make_batch(struct job *job, struct question question[BATCH])
{
	for (unsigned i = 0; i < BATCH; i++, job->now += job->step)
		question_make(&question[i], job->kind, &job->stream, (uint64_t)(job->now / 1000));
}

static void *run(void *arg)
{
	struct job *job = arg;
	struct question question[BATCH];
	uint64_t overhead = ticks_overhead(), cpu;

	/* The first batch is not counted: it takes a bank for the thread, and brings code into the cache. */
	make_batch(job, question);
	for (unsigned i = 0; i < BATCH; i++)
		observe(job->warden, &question[i]);
	pthread_barrier_wait(job->start);
	pthread_barrier_wait(job->start);
	cpu = ticks_of_thread();
	job->began = ticks_system();
	for (uint64_t batch = 0; batch < job->batches; batch++) {
		uint64_t began;

		make_batch(job, question);
		if (batch % 2) {
			for (unsigned i = 0; i < BATCH; i++) {
				began = ticks_now();
				observe(job->warden, &question[i]);
				histogram_add(&job->look, ticks_since(began, overhead));
			}
			continue;
		}
		began = ticks_now();
		for (unsigned i = 0; i < BATCH; i++)
			observe(job->warden, &question[i]);
		histogram_add(&job->batch, ticks_since(began, overhead));
	}
	job->ended = ticks_system();
	job->cpu = ticks_of_thread() - cpu;
	return NULL;
}

struct spent {
	double cpu, wall;
	struct rig_counts before;
};

/* All <jobs> at once. */
static struct spent run_all(const struct rig *rig, struct job *jobs, unsigned threads)
{
	pthread_t id[MEASURE_THREADS_MAX];
	pthread_barrier_t start;
	uint64_t began = UINT64_MAX, ended = 0;
	struct spent spent = { 0 };

	pthread_barrier_init(&start, NULL, threads + 1);
	for (unsigned t = 0; t < threads; t++) {
		jobs[t].start = &start;
		if (pthread_create(&id[t], NULL, run, &jobs[t])) {
			fputs("bench: no thread to be had\n", stderr);
			exit(1);
		}
	}
	pthread_barrier_wait(&start);
	spent.before = rig_counts(rig);
	pthread_barrier_wait(&start);
	for (unsigned t = 0; t < threads; t++) {
		pthread_join(id[t], NULL);
		spent.cpu += (double)jobs[t].cpu;
		began = jobs[t].began < began ? jobs[t].began : began;
		ended = jobs[t].ended > ended ? jobs[t].ended : ended;
	}
	pthread_barrier_destroy(&start);
	spent.wall = (double)(ended - began);
	return spent;
}

static void prepare(struct job *jobs, struct rig *rig, const struct population *population, enum kind kind,
                    unsigned threads, uint64_t batches)
{
	for (unsigned t = 0; t < threads; t++) {
		struct job *job = &jobs[t];

		memset(job, 0, sizeof(*job));
		job->warden = rig->warden;
		job->kind = kind;
		job->batches = batches;
		job->now = (double)rig->now;
		job->step = rig_step(population->clients) * threads;
		job->stream.population = *population;
		job->stream.random = job->stream.serial = rig->serial;
		rig->serial += (batches + 1) * BATCH;
	}
}

static double less(double all, double idle, uint64_t looks)
{
	return all > idle ? (all - idle) / (double)looks : 0;
}

struct measured measure(struct rig *rig, const struct population *population, enum kind kind,
                        unsigned threads, uint64_t looks)
{
	static struct histogram look, batch;
	struct job *jobs = calloc(threads, sizeof(*jobs));
	uint64_t batches = looks / threads / BATCH + 2;
	struct measured measured = { .looks = batches * threads * BATCH };
	double ticks = ticks_per_nanosecond();
	struct rig_counts after;
	struct spent spent, idle;
	uint64_t serial = rig->serial;

	if (!jobs || threads > MEASURE_THREADS_MAX)
		exit(1);
	prepare(jobs, rig, population, kind, threads, batches);
	for (unsigned t = 0; t < threads; t++)
		jobs[t].warden = NULL;
	idle = run_all(rig, jobs, threads);
	rig->serial = serial; /* nobody has seen these */
	prepare(jobs, rig, population, kind, threads, batches);
	spent = run_all(rig, jobs, threads);
	after = rig_counts(rig);
	rig->now += (uint64_t)((double)measured.looks * rig_step(population->clients)) + 1000;

	memset(&look, 0, sizeof(look));
	memset(&batch, 0, sizeof(batch));
	for (unsigned t = 0; t < threads; t++) {
		histogram_merge(&look, &jobs[t].look);
		histogram_merge(&batch, &jobs[t].batch);
	}
	free(jobs);
	measured.median = (double)histogram_percentile(&look, 50) / ticks;
	measured.p99 = (double)histogram_percentile(&look, 99) / ticks;
	measured.batch = (double)histogram_percentile(&batch, 50) / ticks / BATCH;
	measured.cpu = less(spent.cpu, idle.cpu, measured.looks);
	measured.wall = less(spent.wall, idle.wall, measured.looks);
	measured.counts = (struct rig_counts){
		.untracked = after.untracked - spent.before.untracked,
		.busy = after.busy - spent.before.busy,
		.evicted = after.evicted - spent.before.evicted,
		.opinions = after.opinions - spent.before.opinions,
		.held = after.held - spent.before.held,
	};
	return measured;
}
