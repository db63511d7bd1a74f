/* SPDX-License-Identifier: BSD-3-Clause */
/* emptied - an alias that fits into no answer.
 *
 * Unbound may copy it (a question that is answered from the cache in part goes on to be resolved),
 * and reads its owner once more when the answer is logged, after the request's memory was given
 * back. So it is a whole and valid record set in memory that stays. Its data is the same for all,
 * its owner is the question at hand, one per thread.
 */
#include "config.h"

#include <stdint.h>

#include "services/localzone.h"
#include "sldns/rrdef.h"
#include "util/data/msgreply.h"
#include "util/data/packed_rrset.h"
#include "util/net_help.h"

#include "unbound/emptied.h"

#define TOO_LONG 65536 /* no message is longer than 65535 octets */

static uint8_t octets[TOO_LONG];
static size_t len = TOO_LONG;
static uint8_t *rdata = octets;
static time_t ttl;
static struct packed_rrset_data alias = {
	.count = 1, .rr_len = &len, .rr_data = &rdata, .rr_ttl = &ttl,
};

static _Thread_local struct ub_packed_rrset_key owner;
static _Thread_local struct local_rrset record;

bool emptied_possible(const struct query_info *question, const struct reply_info *rep)
{
	int rcode = rep ? FLAGS_GET_RCODE(rep->flags) : -1;

	return question && question->qname &&
	       (rcode == LDNS_RCODE_NOERROR || rcode == LDNS_RCODE_NXDOMAIN);
}

void emptied_answer(struct query_info *question)
{
	const struct local_rrset *before = question->local_alias;

	if (before == &record)
		return;
	/* The question goes back under the owner of its alias: the name that the client wrote. */
	owner.rk.dname = before ? before->rrset->rk.dname : question->qname;
	owner.rk.dname_len = before ? before->rrset->rk.dname_len : question->qname_len;
	owner.rk.type = htons(LDNS_RR_TYPE_TXT);
	owner.rk.rrset_class = htons(question->qclass);
	owner.entry.key = &owner;
	owner.entry.data = &alias;
	record.rrset = &owner;
	question->local_alias = &record;
}
