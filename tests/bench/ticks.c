/* SPDX-License-Identifier: BSD-3-Clause */
/* ticks - see ticks.h. */
#include <stdlib.h>
#include <time.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "ticks.h"

#define CALIBRATION UINT64_C(100000000) /* nanoseconds */
#define READINGS    100001

bool ticks_are_tsc;

static double per_nanosecond = 1;
static uint64_t overhead;

static uint64_t read_clock(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t ticks_system(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

uint64_t ticks_of_thread(void)
{
	return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

double ticks_per_nanosecond(void)
{
	return per_nanosecond;
}

uint64_t ticks_overhead(void)
{
	return overhead;
}

/* Whether the counter runs at one rate, whatever the processor's: "invariant TSC". */
static bool tsc_is_steady(void)
{
#if defined(__x86_64__)
	unsigned eax, ebx, ecx, edx;

	return __get_cpuid(0x80000007, &eax, &ebx, &ecx, &edx) && edx & 1u << 8;
#else
	return false;
#endif
}

static int compare(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

static uint64_t find_overhead(void)
{
	static uint64_t took[READINGS];

	for (unsigned i = 0; i < READINGS; i++)
		took[i] = ticks_since(ticks_now(), 0);
	qsort(took, READINGS, sizeof(took[0]), compare);
	return took[READINGS / 2];
}

void ticks_begin(void)
{
	ticks_are_tsc = tsc_is_steady();
	if (ticks_are_tsc) {
		uint64_t began = ticks_system(), first = ticks_now(), passed;

		do
			passed = ticks_system() - began;
		while (passed < CALIBRATION);
		per_nanosecond = (double)(ticks_now() - first) / (double)passed;
	}
	overhead = find_overhead();
}
