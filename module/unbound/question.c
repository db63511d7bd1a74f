/* SPDX-License-Identifier: BSD-3-Clause */
/* question - from operate() and the reply callbacks to warden_observe().
 *
 * Invariant: a question's state is in its qstate's region, where only the worker that owns
 * it comes; nothing is shared between threads. Prefetches and subqueries have no client: what
 * they ask is never told, and of what a prefetch brings only what it says.
 */
#include "config.h"

#include <time.h>

#include "services/cache/dns.h"
#include "services/mesh.h"
#include "util/config_file.h"
#include "util/data/dname.h"
#include "util/data/msgreply.h"
#include "util/module.h"
#include "util/net_help.h"
#include "util/netevent.h"
#include "util/regional.h"

#include "unbound/delegation.h"
#include "unbound/emptied.h"
#include "unbound/purge.h"
#include "unbound/question.h"
#include "unbound/translate.h"

/* Every how many observations of a thread one is timed: a clock costs as much as a hit. */
#define TIMED_EVERY 64

/* What is known of a question, in qstate->minfo. Unbound puts new clients in front of the
 * list of those that wait, and unlinks those that leave without touching their <next>. */
struct question {
	const struct mesh_reply *told;      /* this one and those behind it have been */
	const struct comm_reply *answered;  /* to whom last */
	bool refused;                       /* the question was */
	bool judged;                        /* the answer was told, for those in <told>, */
	const struct mesh_reply *joined;    /* or when none of them is left, for this one */
	bool withheld;                      /* and is not given to anybody */
	struct warden_decision decision;    /* why, when refused or withheld */
	const struct delegpt *delegation;   /* the deepest that was asked for this name */
};

static uint64_t nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static struct warden_decision observe(struct warden *warden, const struct warden_observation *obs)
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

void question_fold(const struct warden *warden, struct module_qstate *qstate)
{
	if (warden_folds_case(warden))
		query_dname_tolower(qstate->qinfo.qname);
}

static struct warden_decision nothing_to_do(void)
{
	return (struct warden_decision){ .verdict = WARDEN_PASS, .ede = WARDEN_NO_EDE };
}

static bool is_to_refuse(const struct warden_decision *decision)
{
	return decision->verdict == WARDEN_REFUSE && !decision->dry_run;
}

/* One client's verdict is no reason to keep an answer from others, but what it carries is. */
static bool is_for_nobody(const struct warden_decision *decision)
{
	return is_to_refuse(decision) && decision->content;
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
	if (client->edns.edns_present)
		obs->flags |= WARDEN_FLAG_EDNS;
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
	return observe(warden, &obs);
}

/* Whether everybody who waits for <qstate> waits for a refused question. A module in front
 * of us may ask on after a refusal: dns64 takes it for a missing AAAA and wants the A.
 */
static bool for_refused_only(struct module_qstate *qstate, int id)
{
	struct mesh_state_ref *super;
	bool refused = false;

	RBTREE_FOR(super, struct mesh_state_ref *, &qstate->mesh_info->super_set) {
		const struct question *question = super->s->s.minfo[id];

		if (!question || !question->refused)
			return false;
		refused = true;
	}
	return refused;
}

bool question_refused(struct warden *warden, struct module_qstate *qstate, int id)
{
	struct question *question = qstate->minfo[id];
	const struct mesh_reply *client;
	bool refused = true;

	if (question)
		return question->refused; /* started anew by a module in front */
	if (!qstate->mesh_info)
		return false;
	client = qstate->mesh_info->reply_list;
	if (!client)
		return for_refused_only(qstate, id);
	question = regional_alloc_zero(qstate->region, sizeof(*question));
	if (!question)
		return false; /* taken for joined ones then: late, but told once */
	qstate->minfo[id] = question;
	question->told = client;
	/* One verdict must not hit another client; there is more than one only when a module
	 * in front has let the question wait.
	 */
	for (; client; client = client->next) {
		struct warden_decision decision = tell_question(warden, qstate, client);

		if (is_to_refuse(&decision))
			question->decision = decision;
		else
			refused = false;
	}
	question->refused = refused;
	return refused;
}

static bool is_told(const struct question *question, const struct comm_reply *to)
{
	const struct mesh_reply *client = question ? question->told : NULL;

	while (client && &client->query_reply != to)
		client = client->next;
	return client;
}

static bool is_joined(const struct question *question, const struct comm_reply *to)
{
	return question->joined && &question->joined->query_reply == to;
}

/* What is known of <qstate>; NULL without memory. */
static struct question *question_of(struct module_qstate *qstate, int id)
{
	if (!qstate->minfo[id])
		qstate->minfo[id] = regional_alloc_zero(qstate->region, sizeof(struct question));
	return qstate->minfo[id];
}

/* Fills in what <qstate> knows of an answer to a question that was resolved. False when
 * it has been told already.
 */
static bool recall_question(struct warden_observation *obs, struct module_qstate *qstate, int id,
                            const struct comm_reply *to)
{
	struct question *question = question_of(qstate, id);

	/* Seen twice when encoding the first answer failed. */
	if (question && question->answered == to)
		return false;
	if (question)
		question->answered = to;
	if (is_told(question, to)) {
		obs->what = WARDEN_ANSWER;
		obs->path = WARDEN_PATH_MISS;
	} else {
		obs->path = WARDEN_PATH_JOINED;
	}
	if (question && (question->refused || question->withheld) && obs->rcode == LDNS_RCODE_REFUSED)
		obs->flags |= WARDEN_FLAG_OWN;
	obs->now = translate_time(qstate->env->now_tv); /* start_time is when it arrived */
	return true;
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
	return observe(warden, &obs);
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
	bool withheld = false;

	while (client && !is_told(question, &client->query_reply))
		client = client->next;
	if (!client)
		question->joined = clients;
	question->judged = true;
	for (client = clients; client; client = client->next) {
		struct warden_decision decision;

		if (client != question->joined && !is_told(question, &client->query_reply))
			continue;
		decision = tell_answer(warden, qstate, question, client);
		if (!is_for_nobody(&decision))
			continue;
		question->decision = decision;
		withheld = true;
	}
	return withheld;
}

bool question_withheld(struct warden *warden, struct module_qstate *qstate, int id)
{
	const struct mesh_state *mesh = qstate->mesh_info;
	struct question *question = qstate->minfo[id];
	bool withheld = false;

	if (question && (question->refused || question->judged))
		return question->withheld;
	if (!mesh || !has_answer(qstate))
		return false;
	if (mesh->reply_list) {
		question = question_of(qstate, id); /* there is none when they have joined a prefetch */
		if (!question)
			return false; /* told when it leaves */
		question->withheld = withheld = judged_for_clients(warden, qstate, question);
	} else if (!mesh->cb_list && !mesh->super_set.count) {
		/* A refreshed answer: nobody waits for it, but the cache would give it to the next. What is
		 * asked for the sake of other answers goes into those, and they are told.
		 */
		struct warden_decision decision = tell_answer(warden, qstate, question, NULL);

		withheld = is_for_nobody(&decision);
	}
	/* Whoever asks next must not get it from the cache. */
	if (withheld)
		purge_answer(qstate->env, &qstate->qinfo, qstate->return_msg->rep);
	return withheld;
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
		question_fold(hook->warden, qstate);
	if (question)
		question->delegation = delegation_asked(qstate, zone, question->delegation);
	return 1;
}

static uint8_t rcode_of(enum inplace_cb_list_type type, const struct reply_info *rep, int rcode)
{
	/* For cached answers <rcode> is what the client wrote into its question; elsewhere it
	 * may carry header bits (TC), and 0 means "as <rep> says".
	 */
	if (type == inplace_cb_reply_cache || !FLAGS_GET_RCODE(rcode))
		return rep ? FLAGS_GET_RCODE(rep->flags) : LDNS_RCODE_NOERROR;
	return FLAGS_GET_RCODE(rcode);
}

/* Whether Unbound asks upstream again because of this answer out of the cache: worker.c's rule. */
static bool is_refreshed(const struct module_env *env, const struct reply_info *rep, time_t now)
{
	if (!rep || !env->cfg)
		return false;
	return (env->cfg->prefetch && now >= rep->prefetch_ttl) ||
	       (env->cfg->serve_expired && now > rep->ttl);
}

int question_answered(struct query_info *qinfo, struct module_qstate *qstate,
                      struct reply_info *rep, int rcode, struct edns_data *edns,
                      struct edns_option **options, struct comm_reply *to,
                      struct regional *region, struct timeval *start_time, int id, void *arg)
{
	const struct hook *hook = arg;
	struct warden_record records[TRANSLATE_RECORDS_MAX];
	struct warden_server servers[DELEGATION_SERVERS_MAX];
	struct warden_observation obs = { .what = WARDEN_QUESTION | WARDEN_ANSWER };
	struct warden_decision decision;
	time_t ttls_since = 0;

	/* Without either Unbound is out of memory: the cached answer that it could not encode
	 * has been told, or the question never began.
	 */
	if (hook->type == inplace_cb_reply_servfail && !qstate && !rep)
		return 1;
	if (!translate_client(&obs, to) || !translate_question(&obs, qinfo, to))
		return 1;
	if (edns && edns->edns_present)
		obs.flags |= WARDEN_FLAG_EDNS;
	if (warden_folds_case(hook->warden))
		obs.flags |= WARDEN_FLAG_FOLDED;
	obs.rcode = rcode_of(hook->type, rep, rcode);
	obs.now = translate_time(start_time);
	if (qstate) {
		const struct question *question;

		if (!recall_question(&obs, qstate, id, to))
			return 1;
		question = qstate->minfo[id];
		delegation_tell(&obs, question ? question->delegation : NULL, servers);
		if (obs.flags & WARDEN_FLAG_OWN)
			translate_ede(&question->decision, edns, options, region);
		if (question && question->judged &&
		    (obs.path == WARDEN_PATH_MISS || is_joined(question, to)))
			return 1; /* told when it was judged */
	} else if (hook->type == inplace_cb_reply_local) {
		obs.path = WARDEN_PATH_LOCAL;
		translate_oddities(&obs, to->c->buffer, NULL);
	} else {
		translate_oddities(&obs, to->c->buffer, NULL);
		obs.path = WARDEN_PATH_CACHE;
		ttls_since = start_time ? start_time->tv_sec : 0;
		if (is_refreshed(hook->env, rep, ttls_since))
			obs.flags |= WARDEN_FLAG_REFRESH;
	}
	/* An error goes without the answer section that <rep> may have. */
	if (hook->type == inplace_cb_reply_servfail || (qstate && rcode))
		rep = NULL;
	if (obs.path != WARDEN_PATH_LOCAL && emptied_possible(qinfo, rep))
		obs.flags |= WARDEN_FLAG_EMPTIED;
	translate_answer(&obs, rep, ttls_since,
	                 warden_wants_records(hook->warden) ? records : NULL);
	decision = observe(hook->warden, &obs);
	if (obs.flags & WARDEN_FLAG_EMPTIED && is_to_refuse(&decision)) {
		if (decision.content)
			purge_note(hook->purge, qinfo, rep);
		emptied_answer(qinfo);
		translate_ede(&decision, edns, options, region);
	}
	return 1;
}
