/* SPDX-License-Identifier: BSD-3-Clause */
/* ledger - fading and adding. */
#include <math.h>

#include "detect/ledger.h"

#define STEP    SECOND
#define SUM_MAX 1e12 /* a hundred gigabytes: saturation, and the bound of what can be a sum */

/* e^-x. The ledgers of a busy client move by a second or two at a time, where three terms
 * are exact to ten digits and a third of the price.
 */
static double faded(uint64_t since, uint64_t window)
{
	double x = (double)since / (double)window;

	return x < 1.0 / 256 ? 1 - x * (1 - x * (0.5 - x / 6)) : exp(-x);
}

static struct fading fading_after(uint64_t since)
{
	return (struct fading){
		.fast = faded(since, LEDGER_FAST),
		.day = faded(since, LEDGER_DAY),
		.week = faded(since, LEDGER_WEEK),
	};
}

struct fading span_fading(const struct span *span, uint64_t now)
{
	uint64_t since = clock_since(now, span->last);

	if (!span->last || since == CLOCK_LONG_AGO)
		return (struct fading){ 0 };
	return fading_after(since);
}

bool span_move(struct span *span, uint64_t now, struct fading *fading)
{
	uint64_t since = clock_since(now, span->last);

	if (!span->last || since == CLOCK_LONG_AGO) {
		*span = (struct span){ .first = now, .last = now };
		*fading = (struct fading){ 0 };
		return false;
	}
	if (since < STEP) { /* <last> stays; it may also be a moment ahead */
		*fading = (struct fading){ 1, 1, 1 };
		return true;
	}
	*fading = fading_after(since);
	span->last = now;
	if (since >= 2 * LEDGER_DAY)
		span->first = now; /* what was before is all but gone */
	return true;
}

/* <sum> * <factor>, for whatever octets stand there. */
static float fade(float sum, double factor)
{
	return sum > 0 && sum <= (float)SUM_MAX ? (float)(sum * factor) : 0;
}

static void sums_fade(struct sums *sums, const struct fading *fading)
{
	sums->fast = fade(sums->fast, fading->fast);
	sums->day = fade(sums->day, fading->day);
	sums->names = fade(sums->names, fading->day);
	sums->length = fade(sums->length, fading->day);
}

void sum_add(float *sum, double bits)
{
	double total = fade(*sum, 1) + bits;

	*sum = (float)(total < SUM_MAX ? total : SUM_MAX);
}

void sums_add(struct sums *sums, double bits, unsigned length)
{
	sum_add(&sums->fast, bits);
	sum_add(&sums->day, bits);
	if (!length)
		return;
	sum_add(&sums->names, 1);
	sum_add(&sums->length, length);
}

void pair_ledger_move(struct pair_ledger *ledger, uint64_t now)
{
	struct fading fading;

	if (!span_move(&ledger->span, now, &fading))
		*ledger = (struct pair_ledger){ .span = ledger->span };
	sums_fade(&ledger->up, &fading);
	ledger->down_fast = fade(ledger->down_fast, fading.fast);
	ledger->down = fade(ledger->down, fading.day);
	ledger->waiting = fade(ledger->waiting, fading.day);
}

void client_ledger_move(struct client_ledger *ledger, uint64_t now)
{
	struct fading fading;

	if (!span_move(&ledger->span, now, &fading))
		*ledger = (struct client_ledger){ .span = ledger->span };
	sums_fade(&ledger->up, &fading);
	ledger->domains = fade(ledger->domains, fading.day);
}

void domain_ledger_move(struct domain_ledger *ledger, uint64_t now)
{
	struct fading fading;

	if (!span_move(&ledger->span, now, &fading))
		*ledger = (struct domain_ledger){ .span = ledger->span };
	sums_fade(&ledger->up, &fading);
	ledger->week = fade(ledger->week, fading.week);
}

void delegation_ledger_move(struct delegation_ledger *ledger, uint64_t now)
{
	struct fading fading;

	if (!span_move(&ledger->span, now, &fading))
		*ledger = (struct delegation_ledger){ .span = ledger->span };
	sums_fade(&ledger->up, &fading);
	ledger->domains = fade(ledger->domains, fading.day);
}

enum question_kind question_kind(uint16_t qtype)
{
	switch (qtype) {
	case 1: case 28: case 64: case 65: /* A, AAAA, SVCB, HTTPS */
		return ASKS_ADDRESS;
	case 2: case 5: case 6: case 12: case 15: case 33: case 39: /* NS CNAME SOA PTR MX SRV DNAME */
		return ASKS_NAME;
	default:
		return ASKS_TEXT;
	}
}

void kinds_count(uint8_t kinds[4], enum question_kind kind)
{
	if (kinds[kind] == UINT8_MAX)
		for (unsigned i = 0; i < ASKS_COUNT; i++)
			kinds[i] /= 2;
	kinds[kind]++;
}

uint64_t span_minutes(const struct span *span)
{
	return span->last > span->first ? (span->last - span->first) / MINUTE : 0;
}

uint64_t mean_length(const struct sums *sums)
{
	return sums->names > 0 ? (uint64_t)(sums->length / sums->names + 0.5f) : 0;
}

void pair_evidence(const struct pair_ledger *ledger, uint64_t evidence[8])
{
	unsigned asked = 0;

	for (unsigned i = 0; i < ASKS_COUNT; i++)
		asked += ledger->kinds[i];
	evidence[0] = octets(ledger->up.day);
	evidence[1] = octets(ledger->down);
	evidence[2] = (uint64_t)(ledger->up.names + 0.5f);
	evidence[3] = span_minutes(&ledger->span);
	evidence[4] = mean_length(&ledger->up);
	for (unsigned i = 0; i < ASKS_COUNT; i++)
		evidence[5 + i] = asked ? (ledger->kinds[i] * 100u + asked / 2) / asked : 0;
}
