/* SPDX-License-Identifier: BSD-3-Clause */
/* denied - verdicts in the terms of Unbound.
 *
 * A response code other than 0 makes mesh_send_reply() encode an answer without records, and its
 * other bits come into the header: Unbound itself asks for TCP that way (RPZ). QR, which every
 * answer has anyway, is what makes a NOERROR differ from 0.
 */
#include "config.h"

#include "services/mesh.h"
#include "sldns/rrdef.h"
#include "util/data/msgreply.h"
#include "util/net_help.h"
#include "util/netevent.h"

#include "unbound/denied.h"

/* Header bits and response code; DROP is for the callers. */
static int code_of(enum warden_verdict verdict)
{
	switch (verdict) {
	case WARDEN_TRUNCATE:
		return BIT_QR | BIT_TC | LDNS_RCODE_NOERROR;
	case WARDEN_NODATA:
		return BIT_QR | LDNS_RCODE_NOERROR;
	case WARDEN_NXDOMAIN:
		return LDNS_RCODE_NXDOMAIN;
	default:
		return LDNS_RCODE_REFUSED;
	}
}

static bool all_by_udp(const struct mesh_reply *client)
{
	while (client && client->query_reply.c->type == comm_udp)
		client = client->next;
	return !client;
}

/* Sends nothing to anybody: as if they had hung up. Unbound's own way, qstate->is_drop, never takes
 * them off the number of those who wait (num_reply_addrs), which in the end lets nobody join a
 * question that is under way. By UDP there is nothing else to undo.
 */
static void forget_clients(struct mesh_area *mesh, struct mesh_state *state)
{
	while (state->reply_list)
		mesh_state_remove_reply(mesh, state, state->reply_list->query_reply.c);
}

int denied_to_all(struct module_qstate *qstate, enum warden_verdict verdict)
{
	struct mesh_state *state = qstate->mesh_info;

	if ((verdict == WARDEN_DROP || verdict == WARDEN_TRUNCATE) && !all_by_udp(state->reply_list))
		verdict = WARDEN_REFUSE;
	if (verdict == WARDEN_DROP)
		forget_clients(qstate->env->mesh, state);
	qstate->return_rcode = code_of(verdict);
	qstate->return_msg = NULL;
	return qstate->return_rcode;
}

void denied_local(struct query_info *question, struct reply_info *rep, enum warden_verdict verdict)
{
	const uint16_t stays = BIT_QR | BIT_AA | BIT_RA;

	rep->flags = (uint16_t)((rep->flags & stays) | code_of(verdict));
	rep->an_numrrsets = rep->ns_numrrsets = rep->ar_numrrsets = 0;
	rep->rrset_count = 0;
	/* A local CNAME would be written in front of it. */
	question->local_alias = NULL;
}
