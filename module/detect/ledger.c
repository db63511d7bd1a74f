/* SPDX-License-Identifier: BSD-3-Clause */
/* ledger - fading and adding. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/dns.h"
#include "detect/ledger.h"

#define STEP    SECOND
#define ANEW    UINT64_MAX
#define SUM_MAX 1e12 /* a hundred gigabytes: saturation, and the bound of what can be a sum */

/* e^-x. The ledgers of a busy client move by seconds, where five terms are exact to nine digits
 * and a quarter of the price.
 */
static double faded(uint64_t since, uint64_t window)
{
	double x = (double)since * (1.0 / (double)window);

	if (x > 1.0 / 16)
		return exp(-x);
	return 1 - x * (1 - x * (1.0 / 2 - x * (1.0 / 6 - x * (1.0 / 24 - x * (1.0 / 120)))));
}

/* How long the sums beside <span> have to fade to be of <now>; it is moved there. A ledger of another
 * life begins anew: ANEW.
 */
static uint64_t span_move(struct span *span, uint64_t now)
{
	uint64_t since = clock_since(now, span->last);

	if (!span->last || since == CLOCK_LONG_AGO) {
		*span = (struct span){ .first = now, .last = now };
		return ANEW;
	}
	if (since < STEP)
		return 0; /* <last> stays; it may also be a moment ahead */
	span->last = now;
	if (since >= 2 * LEDGER_DAY)
		span->first = now; /* what was before is all but gone */
	return since;
}

/* Four sums at a time, two in the precision that steps of a second need: the compiler has the machine's own
 * instructions for these.
 */
typedef float four __attribute__((vector_size(16)));
typedef int32_t four_masks __attribute__((vector_size(16)));
typedef float two __attribute__((vector_size(8)));
typedef double wide_two __attribute__((vector_size(16)));

/* What of <four> can be a sum, and 0 for whatever other octets stand there: so all of them go through here
 * each time.
 */
static inline four valid(four sums)
{
	const float most = (float)SUM_MAX;

	return (four)((four_masks)sums & (sums > 0) & (sums <= (four){ most, most, most, most }));
}

/* How much is left: e^(-t / window), over two windows. */
struct left {
	double fast, day;
};

static struct left left_after(uint64_t since)
{
	if (!since)
		return (struct left){ 1, 1 };
	return (struct left){ faded(since, LEDGER_FAST), faded(since, LEDGER_DAY) };
}

/* Fades the four <sums> at an offset into a ledger, one over the short window and three over the long one. */
static inline void fade_four(void *ledger, size_t sums, const struct left *left)
{
	const wide_two low = { left->fast, left->day }, high = { left->day, left->day };
	unsigned char *at = (unsigned char *)ledger + sums;
	two half[2];
	four all;

	memcpy(&all, at, sizeof(all));
	all = valid(all);
	memcpy(half, &all, sizeof(half));
	half[0] = __builtin_convertvector(__builtin_convertvector(half[0], wide_two) * low, two);
	half[1] = __builtin_convertvector(__builtin_convertvector(half[1], wide_two) * high, two);
	memcpy(at, half, sizeof(half));
}

/* The same with one, over any. */
static inline float fade(float sum, double factor)
{
	return sum > 0 && sum <= (float)SUM_MAX ? (float)(sum * factor) : 0;
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

static_assert(offsetof(struct sums, fast) == 0 && sizeof(struct sums) == 4 * sizeof(float) &&
              offsetof(struct pair_ledger, here) - offsetof(struct pair_ledger, down_fast) == 3 * sizeof(float),
              "fade_four() fades one over ten minutes, and three that follow it over a day");

void pair_ledger_move(struct pair_ledger *ledger, uint64_t now)
{
	uint64_t since = span_move(&ledger->span, now);
	struct left left;

	if (since == ANEW) {
		*ledger = (struct pair_ledger){ .span = ledger->span };
		return;
	}
	left = left_after(since);
	fade_four(ledger, offsetof(struct pair_ledger, up), &left);
	fade_four(ledger, offsetof(struct pair_ledger, down_fast), &left);
}

void client_ledger_move(struct client_ledger *ledger, uint64_t now)
{
	uint64_t since = span_move(&ledger->span, now);
	struct left left;

	if (since == ANEW) {
		*ledger = (struct client_ledger){ .span = ledger->span };
		return;
	}
	left = left_after(since);
	fade_four(ledger, offsetof(struct client_ledger, up), &left);
	ledger->domains = fade(ledger->domains, left.day);
}

void domain_ledger_move(struct domain_ledger *ledger, uint64_t now)
{
	uint64_t since = span_move(&ledger->span, now);
	struct left left;

	if (since == ANEW) {
		*ledger = (struct domain_ledger){ .span = ledger->span };
		return;
	}
	left = left_after(since);
	fade_four(ledger, offsetof(struct domain_ledger, up), &left);
	ledger->week = fade(ledger->week, faded(since, LEDGER_WEEK));
}

void delegation_ledger_move(struct delegation_ledger *ledger, uint64_t now)
{
	uint64_t since = span_move(&ledger->span, now);
	struct left left;

	if (since == ANEW) {
		*ledger = (struct delegation_ledger){ .span = ledger->span };
		return;
	}
	left = left_after(since);
	fade_four(ledger, offsetof(struct delegation_ledger, up), &left);
	ledger->domains = fade(ledger->domains, left.day);
}

enum question_kind question_kind(uint16_t qtype)
{
	switch (qtype) {
	case DNS_TYPE_A: case DNS_TYPE_AAAA: case DNS_TYPE_SVCB: case DNS_TYPE_HTTPS:
		return ASKS_ADDRESS;
	case DNS_TYPE_NS: case DNS_TYPE_CNAME: case DNS_TYPE_SOA: case DNS_TYPE_PTR:
	case DNS_TYPE_MX: case DNS_TYPE_SRV: case DNS_TYPE_DNAME:
		return ASKS_NAME;
	default:
		return ASKS_TEXT;
	}
}

void kinds_count(uint8_t kinds[ASKS_COUNT], enum question_kind kind)
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

void pair_evidence(const struct pair_ledger *ledger, uint64_t *evidence)
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
