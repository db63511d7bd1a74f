/* SPDX-License-Identifier: BSD-3-Clause */
/* budget - what all detectors of information do with a sum: at half of the budget they are
 * fairly sure, at all of it sure. What was told through other nodes counts as if it had been told here:
 * a tunnel that is spread over them has one budget.
 */
#ifndef DETECT_BUDGET_H
#define DETECT_BUDGET_H

#include "detect/detector.h"

/* Below this a question only repeats what is known. A sum over many domains that is full says
 * nothing against it.
 */
#define TELLING_BITS 8.0

#define CLIENTS_OF_BUDGET 16 /* of a domain: one budget for so many */
#define CLIENTS_COUNTED   60 /* of 64 bits: more cannot be told apart */

/* What was told elsewhere; zeros where nothing was. */
static inline const struct elsewheres *elsewheres_of(const struct facts *facts)
{
	static const struct elsewheres nothing = { { 0, 0, 0 }, { 0, 0, 0 }, { 0, 0, 0 } };

	return facts->elsewhere ? facts->elsewhere : &nothing;
}

/* What <budget> octets for a domain are when <clients> ask for it. */
static inline double budget_of_clients(uint64_t budget, unsigned clients)
{
	return clients > CLIENTS_OF_BUDGET ? (double)budget * clients / CLIENTS_OF_BUDGET : (double)budget;
}

/* Confidence in that <bits> are too many for <budget> octets. */
static inline uint8_t budget_confidence(double bits, double budget)
{
	if (bits >= budget * 8)
		return CONFIDENCE_HIGH;
	return bits >= budget * 4 ? CONFIDENCE_MEDIUM : CONFIDENCE_NONE;
}

/* How full, 0..255, <budget> octets are with <bits>. */
static inline uint8_t budget_weight(double bits, double budget)
{
	double full = bits / (budget * 8);

	if (!(full > 0)) /* nor a number, in a ledger that anything may have written */
		return 0;
	return full >= 1 ? UINT8_MAX : (uint8_t)(full * UINT8_MAX);
}

/* Of rare domains a node sees those that the crowd asks it for: through each other one, as many more. */
static inline double budgets_everywhere(double budgets, const struct told_elsewhere *elsewhere)
{
	return 1 + (budgets - 1) * (1 + (double)elsewhere->nodes);
}

/* So many clients are taken to ask for a domain that <clients> ask for here. */
static inline unsigned clients_everywhere(unsigned clients, const struct told_elsewhere *elsewhere)
{
	return clients * (1 + elsewhere->nodes);
}

/* What was told through other nodes, as evidence: it stands behind a detector's own. */
#define ELSEWHERE_EVIDENCE \
	{ "bytes_elsewhere", EVIDENCE_SOME }, { "nodes", EVIDENCE_SOME }, { "names_all_nodes", EVIDENCE_SOME }

static inline void elsewhere_evidence(const struct told_elsewhere *elsewhere, uint64_t evidence[3])
{
	evidence[0] = octets(elsewhere->bits);
	evidence[1] = elsewhere->nodes;
	evidence[2] = elsewhere->names;
}

/* Takes what <bits> and those told elsewhere are together for <budget> octets into <opinion>, where that makes
 * it a stronger one: for <reason> then, and marked. Whoever can write to the sums of the fleet can bring that about at
 * all nodes at once, so such an opinion is acted upon here, and is nobody's testimony (fleet/own.c, engine/guard.c).
 */
static inline void judge_together(struct opinion *opinion, double bits, const struct told_elsewhere *elsewhere,
                                  double budget, uint8_t reason)
{
	uint8_t confidence;

	if (!(elsewhere->bits > 0)) /* nearly always: then the rest is not even worked out */
		return;
	confidence = budget_confidence(bits + elsewhere->bits, budget);
	if (confidence <= opinion->confidence)
		return;
	opinion->here = opinion->confidence;
	opinion->together = true;
	opinion->confidence = confidence;
	opinion->reason = reason;
}

#endif
