/* SPDX-License-Identifier: BSD-3-Clause */
/* waiting - see waiting.h. */
#include "config.h"

#include "services/mesh.h"
#include "util/regional.h"

#include "unbound/waiting.h"

struct question *waiting_of(struct module_qstate *qstate, int id)
{
	if (!qstate->minfo[id])
		qstate->minfo[id] = regional_alloc_zero(qstate->region, sizeof(struct question));
	return qstate->minfo[id];
}

bool waiting_is_told(const struct question *question, const struct comm_reply *to)
{
	const struct mesh_reply *client = question ? question->told : NULL;

	while (client && &client->query_reply != to)
		client = client->next;
	return client;
}

bool waiting_is_joined(const struct question *question, const struct comm_reply *to)
{
	return question->joined && &question->joined->query_reply == to;
}

void waiting_tag(struct question *question, const struct comm_reply *to,
                 const struct warden_decision *decision)
{
	if (question->tagged || decision->dry_run || decision->verdict != WARDEN_TAG ||
	    decision->ede == WARDEN_NO_EDE)
		return;
	question->tagged = to;
	question->tag = *decision;
}
