/* SPDX-License-Identifier: BSD-3-Clause */
/* question - from operate() to warden_observe().
 *
 * Invariant: nothing is shared between threads. Prefetches and subqueries have no client: what
 * they ask is never told, and of what a prefetch brings only what it says.
 */
#include "config.h"

#include <time.h>

#include "services/cache/dns.h"
#include "services/mesh.h"
#include "util/config_file.h"
#include "util/data/dname.h"
#include "util/data/msgreply.h"
#include "util/net_help.h"
#include "util/netevent.h"

#include "unbound/delegation.h"
#include "unbound/denied.h"
#include "unbound/purge.h"
#include "unbound/question.h"
#include "unbound/translate.h"
#include "unbound/waiting.h"

/* Every how many observations of a thread one is timed: a clock costs as much as a hit. */
#define TIMED_EVERY 64

static uint64_t nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

struct warden_decision question_observe(struct warden *warden,
                                        const struct warden_observation *obs)
{
	static _Thread_local unsigned calls;
	struct warden_decision decision;
	uint64_t start;

	if (++calls % TIMED_EVERY)
		return warden_observe(warden, obs);
	start = nanoseconds();
	decision = warden_observe(warden, obs);
	warden_observe_took(warden, nanoseconds() - start);
	return decision;
}

void question_fold(const struct warden *warden, struct module_qstate *qstate, int id)
{
	const struct question *question = qstate->minfo[id];

	if (warden_folds_case(warden) && !(question && question->exempt))
		query_dname_tolower(qstate->qinfo.qname);
}

static struct warden_decision nothing_to_do(void)
{
	return (struct warden_decision){ .verdict = WARDEN_PASS, .ede = WARDEN_NO_EDE };
}

/* One client's verdict is no reason to keep an answer from others, but what it carries is. */
static bool is_for_nobody(const struct warden_decision *decision)
{
	return denied_by(decision) && decision->content;
}

/* Fills in who asks <qstate>, what, and when. False when it is nobody that can be told of. */
static bool describe(struct warden_observation *obs, const struct warden *warden,
                     const struct module_qstate *qstate, const struct mesh_reply *client)
{
	struct query_info question = qstate->qinfo;

	question.qname = client->qname; /* in this client's own mix of cases */
	if (!translate_client(obs, &client->query_reply) || !translate_question(obs, &question, NULL))
		return false;
	obs->now = translate_time(qstate->env->now_tv);
	translate_edns(obs, &client->edns);
	if (warden_folds_case(warden))
		obs->flags |= WARDEN_FLAG_FOLDED;
	return true;
}

/* Tells the question of <client>, and returns what to do with it. */
static struct warden_decision tell_question(struct warden *warden,
                                            const struct module_qstate *qstate,
                                            const struct mesh_reply *client)
{
	struct warden_observation obs = { .what = WARDEN_QUESTION, .path = WARDEN_PATH_MISS };

	if (!describe(&obs, warden, qstate, client))
		return nothing_to_do();
	translate_oddities(&obs, client->query_reply.c->buffer, &client->qid);
	return question_observe(warden, &obs);
}

/* The question on whose behalf <qstate> is asked, if everybody who waits for it waits for a denied
 * one. A module in front of us may ask on after a denial: dns64 takes it for a missing AAAA and
 * wants the A.
 */
static const struct question *for_denied_only(struct module_qstate *qstate, int id)
{
	const struct question *denied = NULL;
	struct mesh_state_ref *super;

	RBTREE_FOR(super, struct mesh_state_ref *, &qstate->mesh_info->super_set) {
		const struct question *question = super->s->s.minfo[id];

		if (!question || !question->denied)
			return NULL;
		denied = question;
	}
	return denied;
}

/* Takes <decision> for one more client, of those who are denied the same question or answer. They
 * get the same, so when their verdicts differ it is a refusal.
 */
static void add_denied(struct question *question, const struct warden_decision *decision)
{
	bool differs = denied_by(&question->decision) && question->decision.verdict != decision->verdict;

	question->decision = *decision;
	if (differs)
		question->decision.verdict = WARDEN_REFUSE;
}

/* Tells the question of all clients. Returns whether it is denied to all of them: one verdict must
 * not hit another client. There is more than one only when a module in front has let it wait.
 */
static bool denied_to_clients(struct warden *warden, struct module_qstate *qstate,
                              struct question *question)
{
	const struct mesh_reply *client = qstate->mesh_info->reply_list;
	bool denied = true;

	question->told = client;
	question->exempt = true;
	for (; client; client = client->next) {
		struct warden_decision decision = tell_question(warden, qstate, client);

		waiting_tag(question, &client->query_reply, &decision);
		question->exempt = question->exempt && decision.exempt;
		if (decision.keep_out && !decision.dry_run)
			qstate->no_cache_store = 1;
		if (denied_by(&decision))
			add_denied(question, &decision);
		else
			denied = false;
	}
	return denied;
}

bool question_denied(struct warden *warden, struct module_qstate *qstate, int id)
{
	struct question *question = qstate->minfo[id];

	if (!qstate->mesh_info)
		return false;
	if (!question && !qstate->mesh_info->reply_list) {
		const struct question *denied = for_denied_only(qstate, id);

		if (!denied)
			return false;
		qstate->return_rcode = denied->given;
		qstate->return_msg = NULL;
		return true;
	}
	if (!question) {
		question = waiting_of(qstate, id);
		if (!question)
			return false; /* taken for joined ones then: late, but told once */
		question->denied = denied_to_clients(warden, qstate, question);
	} /* else started anew by a module in front */
	if (question->denied)
		question->given = denied_to_all(qstate, question->decision.verdict);
	return question->denied;
}

/* Tells the answer to <client>, or with NULL to nobody. Returns what to do with it. */
static struct warden_decision tell_answer(struct warden *warden, struct module_qstate *qstate,
                                          const struct question *question,
                                          const struct mesh_reply *client)
{
	struct warden_observation obs = { .what = WARDEN_ANSWER, .flags = WARDEN_FLAG_OPEN };
	struct warden_record records[TRANSLATE_RECORDS_MAX];
	struct warden_server servers[DELEGATION_SERVERS_MAX];

	if (client) {
		if (!describe(&obs, warden, qstate, client))
			return nothing_to_do();
		if (client == question->joined) {
			obs.what |= WARDEN_QUESTION;
			obs.path = WARDEN_PATH_JOINED;
		}
		delegation_tell(&obs, question->delegation, servers);
	} else {
		obs.flags |= WARDEN_FLAG_NOBODY;
		obs.now = translate_time(qstate->env->now_tv);
		if (!translate_question(&obs, &qstate->qinfo, NULL))
			return nothing_to_do();
	}
	obs.rcode = FLAGS_GET_RCODE(qstate->return_msg->rep->flags);
	translate_answer(&obs, qstate->return_msg->rep, 0, warden_wants_records(warden) ? records : NULL);
	return question_observe(warden, &obs);
}

/* Whether <qstate> has got an answer that will be given as it is. */
static bool has_answer(const struct module_qstate *qstate)
{
	const struct reply_info *rep = qstate->return_msg ? qstate->return_msg->rep : NULL;
	bool validated = qstate->env->need_to_validate &&
	                 (!(qstate->query_flags & BIT_CD) || qstate->env->cfg->ignore_cd);

	if (!rep || qstate->return_rcode != LDNS_RCODE_NOERROR)
		return false;
	/* Unbound gives SERVFAIL for these: told as that when it leaves. */
	return !validated || (rep->security > sec_status_bogus &&
	                      rep->security != sec_status_secure_sentinel_fail);
}

/* Tells the answer to those whose question was told, and if nobody of them is left to the one who
 * joined last. Returns whether one of them is not to get it.
 */
static bool judged_for_clients(struct warden *warden, struct module_qstate *qstate,
                               struct question *question)
{
	const struct mesh_reply *clients = qstate->mesh_info->reply_list, *client = clients;
	bool withheld = false, by_all = true;

	while (client && !waiting_is_told(question, &client->query_reply))
		client = client->next;
	if (!client)
		question->joined = clients;
	question->judged = true;
	question->decision = nothing_to_do(); /* of a question that was denied to some */
	for (client = clients; client; client = client->next) {
		struct warden_decision decision;

		if (client == question->joined || waiting_is_told(question, &client->query_reply))
			decision = tell_answer(warden, qstate, question, client);
		else
			decision = nothing_to_do();
		waiting_tag(question, &client->query_reply, &decision);
		if (is_for_nobody(&decision)) {
			add_denied(question, &decision);
			withheld = true;
		} else {
			by_all = false;
		}
	}
	if (!by_all) /* what they get instead has to do for those who were not asked, too */
		question->decision.verdict = WARDEN_REFUSE;
	return withheld;
}

/* A refreshed answer: nobody waits for it, but the cache would give it to the next. What is asked
 * for the sake of other answers goes into those, and they are told. Returns as above.
 */
static bool judged_for_nobody(struct warden *warden, struct module_qstate *qstate)
{
	const struct mesh_state *mesh = qstate->mesh_info;
	struct warden_decision decision;

	if (mesh->cb_list || mesh->super_set.count)
		return false;
	decision = tell_answer(warden, qstate, NULL, NULL);
	if (is_for_nobody(&decision))
		purge_answer(qstate->env, &qstate->qinfo, qstate->return_msg->rep);
	return is_for_nobody(&decision);
}

void question_resolved(struct warden *warden, struct module_qstate *qstate, int id)
{
	struct question *question = qstate->minfo[id];
	bool again = question && (question->denied || question->judged);

	if (!again) {
		if (!qstate->mesh_info || !has_answer(qstate))
			return;
		if (!qstate->mesh_info->reply_list) {
			if (judged_for_nobody(warden, qstate))
				(void)denied_to_all(qstate, WARDEN_REFUSE);
			return;
		}
		question = waiting_of(qstate, id); /* there is none when they have joined a prefetch */
		if (!question)
			return; /* told when it leaves */
		question->withheld = judged_for_clients(warden, qstate, question);
		/* Whoever asks next must not get it from the cache. */
		if (question->withheld)
			purge_answer(qstate->env, &qstate->qinfo, qstate->return_msg->rep);
	}
	if (question->withheld)
		question->given = denied_to_all(qstate, question->decision.verdict);
}

int question_sent(struct query_info *qinfo, uint16_t flags, struct module_qstate *qstate,
                  struct sockaddr_storage *addr, socklen_t addrlen, uint8_t *zone, size_t zonelen,
                  struct regional *region, int id, void *arg)
{
	const struct hook *hook = arg;
	struct question *question = qstate ? qstate->minfo[id] : NULL;

	(void)qinfo, (void)flags, (void)addr, (void)addrlen, (void)zonelen, (void)region;
	/* A client who was given expired data meanwhile has left its own spelling in <qstate>, and a
	 * module behind us that begins anew takes it up.
	 */
	if (qstate)
		question_fold(hook->warden, qstate, id);
	if (question)
		question->delegation = delegation_asked(qstate, zone, question->delegation);
	return 1;
}
