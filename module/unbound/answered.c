/* SPDX-License-Identifier: BSD-3-Clause */
/* answered - see answered.h.
 *
 * Invariant: each answer is told once, and nothing that another client may be given is changed.
 */
#include "config.h"

#include "services/mesh.h"
#include "util/config_file.h"
#include "util/data/msgreply.h"
#include "util/net_help.h"
#include "util/netevent.h"

#include "unbound/answered.h"
#include "unbound/delegation.h"
#include "unbound/denied.h"
#include "unbound/emptied.h"
#include "unbound/purge.h"
#include "unbound/question.h"
#include "unbound/translate.h"
#include "unbound/waiting.h"

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

/* Fills in what is known of an answer that was waited for. False when it was seen already, as it is
 * when encoding it failed.
 */
static bool recall(struct warden_observation *obs, struct question *question,
                   const struct module_qstate *qstate, const struct comm_reply *to, int rcode)
{
	if (question && question->answered == to)
		return false;
	if (question)
		question->answered = to;
	if (waiting_is_told(question, to)) {
		obs->what = WARDEN_ANSWER;
		obs->path = WARDEN_PATH_MISS;
	} else {
		obs->path = WARDEN_PATH_JOINED;
	}
	if (question && question->given && question->given == rcode)
		obs->flags |= WARDEN_FLAG_OWN;
	obs->now = translate_time(qstate->env->now_tv); /* start_time is when it arrived */
	return true;
}

/* Fills in what is known of an answer from the cache or from local data. Returns what its TTLs
 * count from, 0 where they are seconds left.
 */
static time_t recognise(struct warden_observation *obs, const struct hook *hook,
                        const struct query_info *qinfo, const struct reply_info *rep,
                        const struct comm_reply *to, const struct timeval *start_time)
{
	time_t now = start_time ? start_time->tv_sec : 0;

	translate_oddities(obs, to->c->buffer, NULL);
	if (hook->type == inplace_cb_reply_local) {
		obs->path = WARDEN_PATH_LOCAL;
		if (rep && qinfo)
			obs->flags |= WARDEN_FLAG_EMPTIED;
		else if (qinfo)
			obs->flags |= WARDEN_FLAG_BARE;
		return 0;
	}
	obs->path = WARDEN_PATH_CACHE;
	if (is_refreshed(hook->env, rep, now))
		obs->flags |= WARDEN_FLAG_REFRESH;
	return now;
}

/* Tells <obs>, unless that was done when it was <judged>. */
static struct warden_decision tell(struct warden *warden, const struct warden_observation *obs,
                                   bool judged)
{
	struct warden_decision decision = { .verdict = WARDEN_PASS, .ede = WARDEN_NO_EDE }, since;
	bool waited = judged || obs->path == WARDEN_PATH_MISS;

	if (!judged)
		decision = question_observe(warden, obs);
	if (denied_by(&decision) || !waited || !(obs->flags & WARDEN_FLAG_EMPTIED))
		return decision;
	since = warden_still_held(warden, obs);
	return denied_by(&since) ? since : decision;
}

/* Keeps the answer <rep> from the one client who was about to get it. */
static void deny(const struct warden_observation *obs, const struct hook *hook,
                 struct query_info *qinfo, struct reply_info *rep,
                 const struct warden_decision *decision)
{
	if (obs->path == WARDEN_PATH_LOCAL) {
		denied_local(qinfo, rep, decision->verdict);
		return;
	}
	if (decision->content)
		purge_note(hook->purge, qinfo, rep);
	emptied_answer(qinfo);
}

int answered_call(struct query_info *qinfo, struct module_qstate *qstate, struct reply_info *rep,
                  int rcode, struct edns_data *edns, struct edns_option **options,
                  struct comm_reply *to, struct regional *region, struct timeval *start_time,
                  int id, void *arg)
{
	const struct hook *hook = arg;
	const struct question *question = NULL;
	struct warden_record records[TRANSLATE_RECORDS_MAX];
	struct warden_server servers[DELEGATION_SERVERS_MAX];
	struct warden_observation obs = { .what = WARDEN_QUESTION | WARDEN_ANSWER };
	struct warden_decision decision;
	time_t ttls_since = 0;
	bool judged = false;

	/* Without either Unbound is out of memory: the cached answer that it could not encode
	 * has been told, or the question never began.
	 */
	if (hook->type == inplace_cb_reply_servfail && !qstate && !rep)
		return 1;
	if (!translate_client(&obs, to) || !translate_question(&obs, qinfo, to))
		return 1;
	translate_edns(&obs, edns);
	if (warden_folds_case(hook->warden))
		obs.flags |= WARDEN_FLAG_FOLDED;
	obs.rcode = rcode_of(hook->type, rep, rcode);
	obs.now = translate_time(start_time);
	if (qstate) {
		if (!recall(&obs, waiting_of(qstate, id), qstate, to, rcode))
			return 1;
		question = qstate->minfo[id];
		delegation_tell(&obs, question ? question->delegation : NULL, servers);
		judged = question && question->judged &&
		         (obs.path == WARDEN_PATH_MISS || waiting_is_joined(question, to));
	} else {
		ttls_since = recognise(&obs, hook, qinfo, rep, to, start_time);
	}
	/* An error goes without the answer section that <rep> may have. */
	if (hook->type == inplace_cb_reply_servfail || (qstate && rcode))
		rep = NULL;
	if (obs.path != WARDEN_PATH_LOCAL && emptied_possible(qinfo, rep))
		obs.flags |= WARDEN_FLAG_EMPTIED;
	translate_answer(&obs, rep, ttls_since, warden_wants_records(hook->warden) ? records : NULL);
	decision = tell(hook->warden, &obs, judged);
	if (obs.flags & WARDEN_FLAG_EMPTIED && denied_by(&decision))
		deny(&obs, hook, qinfo, rep, &decision);
	else if (obs.flags & WARDEN_FLAG_OWN)
		decision = question->decision;
	else if (question && question->tagged == to)
		decision = question->tag;
	if (!decision.dry_run)
		translate_ede(&decision, edns, options, region);
	return 1;
}
