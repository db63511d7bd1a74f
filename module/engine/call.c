/* SPDX-License-Identifier: BSD-3-Clause */
/* call - who of the detectors may have something to say about an observation: mostly nobody.
 *
 *     what and path, type, allowed   ---> a row of the plan
 *     signs of the observation       ---> those of the row who go by one of them
 *     the name                       ---> whether a signature may match
 *
 * That takes no facts, no slot and no call of a detector. Invariant: whoever finds an observation
 * relevant is called.
 */
#include "base/dns.h"
#include "detect/rate.h"
#include "engine/look.h"

static const struct plan_row *row_of(const struct look *look)
{
	const struct plan *plan = look->plan;
	/* An old answer out of the cache that is fetched again is a miss in all but the waiting. */
	unsigned path = look->upstream ? WARDEN_PATH_MISS : look->obs->path;

	if (look->allowed)
		return &plan->allowed[look->obs->what & 3][path];
	if (plan_is_address(look->obs->qtype))
		return &plan->address[look->obs->what & 3][path];
	return &plan->row[look->obs->what & 3][path];
}

/* Of an answer: whether it failed, and what kinds of records are in it. */
static uint32_t signs_of_answer(const struct warden_observation *obs)
{
	uint32_t signs = obs->rcode || !obs->answer_count ? SIGN_FAILED : 0;

	for (uint32_t i = 0; i < obs->record_count; i++) {
		uint16_t type = obs->records[i].type;

		signs |= type == DNS_TYPE_A || type == DNS_TYPE_AAAA ? SIGN_ADDRESSES : SIGN_WORDS;
	}
	return signs;
}

uint32_t signs_of(const struct look *look)
{
	const struct warden_observation *obs = look->obs;
	bool odd = obs->flags & (WARDEN_FLAG_ODD_HEADER | WARDEN_FLAG_ODD_EDNS) || obs->qclass != DNS_CLASS_IN ||
	           !plan_is_address(obs->qtype);
	uint32_t signs = SIGN_ALWAYS | look->name_signs;

	signs |= look->rare ? SIGN_RARE : 0;
	signs |= look->queries <= EARLY_QUERIES && !look->contacted ? SIGN_EARLY : 0;
	signs |= look->nth && look->nth % RATE_STEP == 0 ? SIGN_DUE : 0;
	signs |= look->idle >= BACK_AFTER ? SIGN_BACK : 0;
	signs |= obs->path == WARDEN_PATH_MISS ? SIGN_MISS : 0;
	signs |= odd ? SIGN_ODD : 0;
	return obs->what & WARDEN_ANSWER ? signs | signs_of_answer(obs) : signs;
}

bool ask_wanted(const struct look *look)
{
	const struct plan_row *row = row_of(look);
	struct facts facts;
	uint64_t called;

	if (!row->detectors)
		return false;
	called = plan_call(row, signs_of(look));
	facts = facts_begin(look);
	for (; called; called = PLAN_REST(called))
		if (detectors[PLAN_FIRST(called)]->relevant(look->detector[PLAN_FIRST(called)], &facts))
			return true;
	return false;
}

/* Whether a signature may match: by the name, or where a tool may speak in an answer to any name. */
static bool is_likely(const struct look *look, uint32_t signs)
{
	const struct signature_index *index = &look->plan->signatures;

	if (signs & SIGN_WORDS && index->speakers && look->domain_label)
		return true;
	return signs & SIGN_SIGNATURE && signature_is_likely(index, &look->name, look->domain_label, look->obs->qtype);
}

bool call_whom(const struct look *look, struct call *call)
{
	const struct plan_row *row = row_of(look);
	uint32_t signs;

	*call = (struct call){ .row = row };
	if (!row->detectors)
		return false;
	signs = signs_of(look);
	call->detectors = plan_call(row, signs & ~(uint32_t)SIGN_SIGNATURE);
	call->signature = row->needs & FACT_SIGNATURE && is_likely(look, signs);
	return call->detectors || call->signature;
}
