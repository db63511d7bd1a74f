/* SPDX-License-Identifier: BSD-3-Clause */
/* norms - how long the network's names are, and how large its answers, by type.
 *
 * Two histograms for each class of types, shared by all workers:
 *
 *     length   of a question's name, two characters to a bucket
 *     bulk     octets of an answer for each of its question, eight buckets to a doubling
 *
 *     | 0 | 1 | ................................ | 126 | sum |     relaxed additions
 *           ^ here        tail: from here to 126, over the sum
 *
 * The tail is added up from where the observation is and given up as common at a sixteenth
 * of the sum. So what is ordinary takes a step or two, and only what is far out goes on to the end.
 *
 * Whose norm it is: a tunnel asks more than the rest of the network together, and must not become
 * what is normal. So a pair counts for its first PAIR_COUNTS questions and never again: what is
 * measured is what domains are like for those who ask for them, not what is asked most. Of ten
 * thousand entries, a tunnel makes four, and ten are one in a thousand. Who asks below many
 * domains, and a public suffix that hands them out costs nothing, can still make long names common
 * here: dispersal over many is what `information-client` is for.
 *
 * When the sum of a class has come to NORMS_FULL, all of it is halved, so the norm follows the
 * network. Allowed race: what others add while one thread halves may be lost. A bucket that is
 * larger than the sum gives a tail of at most 1, whatever lies there.
 */
#include "base/dns.h"
#include "engine/look.h"

#define BUCKETS     (NORMS_BUCKETS - 1) /* the last word is their sum */
#define PAIR_COUNTS 4
#define NORMS_FULL  (UINT32_C(1) << 18)

#define QUESTION_REST 16 /* header, type and class (RFC 1035 section 4.1) */

typedef _Atomic uint32_t histogram[NORMS_BUCKETS];

/* What is measured together. Names of the rest are too few for a norm of their own. */
static unsigned class_of(uint16_t qtype)
{
	switch (qtype) {
	case DNS_TYPE_A:
		return 0;
	case DNS_TYPE_AAAA:
		return 1;
	case DNS_TYPE_SVCB: case DNS_TYPE_HTTPS:
		return 2;
	case DNS_TYPE_TXT:
		return 3;
	case DNS_TYPE_PTR:
		return 4;
	case DNS_TYPE_SRV: case DNS_TYPE_NAPTR: /* a service in front of the name */
		return 5;
	case DNS_TYPE_DS: case DNS_TYPE_DNSKEY: /* a validator's */
		return 6;
	default:
		return NORMS_TYPES - 1;
	}
}

static unsigned length_bucket(unsigned len)
{
	return len / 2; /* 253 at most */
}

/* Eighths of a doubling, counted from an answer as large as its question. */
static unsigned bulk_bucket(uint64_t answer, uint64_t question)
{
	uint64_t eighths = answer * 8 / question;
	unsigned doublings;

	if (eighths < 8)
		return 0;
	doublings = 60u - (unsigned)__builtin_clzll(eighths);
	if (doublings >= BUCKETS / 8)
		return BUCKETS - 1;
	return doublings * 8 + (unsigned)(eighths >> doublings & 7);
}

static uint32_t at(const histogram *h, unsigned bucket)
{
	return atomic_load_explicit(&(*h)[bucket], memory_order_relaxed);
}

/* Which part of the histogram is at <bucket> or beyond; at least TAIL_COMMON when it is not less. */
static double tail(const histogram *h, unsigned bucket, uint32_t *known)
{
	uint32_t sum = at(h, BUCKETS);
	uint64_t beyond = 0;

	*known = sum;
	if (!sum)
		return TAIL_UNKNOWN;
	for (unsigned i = bucket; i < BUCKETS && beyond < sum * TAIL_COMMON; i++)
		beyond += at(h, i);
	return beyond < sum ? (double)beyond / sum : 1;
}

static void halve(histogram *h)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < BUCKETS; i++) {
		uint32_t half = at(h, i) / 2;

		atomic_store_explicit(&(*h)[i], half, memory_order_relaxed);
		sum += half;
	}
	atomic_store_explicit(&(*h)[BUCKETS], sum, memory_order_relaxed);
}

static void take_in(histogram *h, unsigned bucket)
{
	atomic_fetch_add_explicit(&(*h)[bucket], 1, memory_order_relaxed);
	/* Whoever adds the last one does it, or the next one if that was lost. */
	if (atomic_fetch_add_explicit(&(*h)[BUCKETS], 1, memory_order_relaxed) + 1 >= NORMS_FULL)
		halve(h);
}

void norms_fill(struct look *look, struct facts *facts)
{
	const struct warden_observation *obs = look->obs;
	struct norms *norms = look->mapping->norms;
	unsigned class = class_of(obs->qtype), bucket;
	bool counted = look->queries <= PAIR_COUNTS;

	facts->length_tail = facts->bulk_tail = TAIL_UNKNOWN;
	if (obs->what & WARDEN_QUESTION) {
		bucket = length_bucket(facts->text_len);
		facts->length_tail = tail(&norms->length[class], bucket, &facts->length_known);
		if (counted)
			take_in(&norms->length[class], bucket);
	}
	if (obs->what & WARDEN_ANSWER) {
		bucket = bulk_bucket(obs->answer_size, QUESTION_REST + (uint64_t)look->name.len);
		facts->bulk_tail = tail(&norms->bulk[class], bucket, &facts->bulk_known);
		if (counted)
			take_in(&norms->bulk[class], bucket);
	}
}
