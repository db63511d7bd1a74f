/* SPDX-License-Identifier: BSD-3-Clause */
/* adapter - Warden as a dynamic library module of Unbound: six symbols.
 *
 * Loading and unloading is here, and what operate() answers to Unbound. What is told to
 * the engine, and when, is in question.c and answered.c.
 *
 * Clients who ask the same share one mesh state. A denied question ends within operate()'s
 * own call, so nobody can join it; but somebody who is to be denied can join another's
 * question that is under way, past operate(): told with its answer, which can only be emptied. With
 * `inspect-every-client: yes` each client gets a mesh state of its own (unique_mesh), as with
 * Unbound's subnetcache, which may want the same: what it has set stays. Equal packets to the
 * same server are still sent once then (Unbound's serviced queries).
 *
 * Invariant: struct adapter is read-only while workers run, but for the notes of what to purge,
 * which are atomic; all else lives in a qstate.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "dynlibmod/dynlibmod.h"
#include "util/config_file.h"
#include "util/log.h"
#include "util/module.h"

#include <warden/built_for.h>

#include "unbound/answered.h"
#include "unbound/beat.h"
#include "unbound/fingerprint.h"
#include "unbound/mirror.h"
#include "unbound/purge.h"
#include "unbound/question.h"
#include "unbound/stats_view.h"

#ifndef WARDEN_CONF
#define WARDEN_CONF "/etc/unbound/warden.conf"
#endif

#define EXPORT __attribute__((visibility("default")))
#define SEGMENTS_MAX 16
#define SENTENCE_MAX 512

static inplace_cb_reply_func_type answered;

/* For `unbound-warden check`, which reads the file: nothing here looks at it. */
__attribute__((used))
static const char built_for[] = WARDEN_BUILT_FOR PACKAGE_STRING "\n" CONFCMDLINE;

/* What Unbound is to call, and when. dynlib takes functions of every type as void *. */
static const struct {
	enum inplace_cb_list_type type;
	void *call;
} calls[] = {
	{ inplace_cb_query, (void *)question_sent },
	{ inplace_cb_reply, (void *)answered },
	{ inplace_cb_reply_cache, (void *)answered },
	{ inplace_cb_reply_local, (void *)answered },
	{ inplace_cb_reply_servfail, (void *)answered },
};
#define HOOK_COUNT (sizeof(calls) / sizeof(*calls))

struct adapter {
	struct warden *warden;
	bool made_unique; /* env->unique_mesh was set by us */
	struct purge purge;
	struct beat beat;
	struct mirror mirror;
	struct warden_mirror mirrored; /* what the mirror alone would have Warden call */
	struct stats_view stats_view;
	struct hook hooks[HOOK_COUNT];
};

static struct adapter *adapter_of(const struct module_env *env, int id)
{
	const struct dynlibmod_env *library = env->modinfo[id];

	return library ? library->dyn_env : NULL;
}

static void say(int is_error, const char *sentence)
{
	if (is_error)
		log_err("warden: %s", sentence);
	else
		log_info("warden: %s", sentence);
}

static bool is_library(const char *path)
{
	size_t len = strlen(path);

	return len > 3 && !strcmp(path + len - 3, ".so");
}

/* The configuration file: the first dynlib-file behind ours that is no library, or the
 * compiled-in one where it exists; NULL for the defaults.
 */
static const char *config_file(const struct config_strlist *files, const char *own)
{
	while (files && files->str != own)
		files = files->next;
	for (; files; files = files->next)
		if (files->str && !is_library(files->str))
			return files->str;
	if (access(WARDEN_CONF, F_OK) && errno == ENOENT) {
		say(0, "no " WARDEN_CONF " and no second dynlib-file: every option at its default");
		return NULL;
	}
	return WARDEN_CONF;
}

/* Whether this is the Unbound that we were compiled for. The path of this library, known
 * to two of its structs, then proves that we read them where they are.
 */
static bool is_our_unbound(const struct module_env *env, int id, char *error, size_t error_len)
{
	const struct dynlibmod_env *library;
	const struct config_strlist *file;
	struct span spans[SEGMENTS_MAX];
	unsigned count = fingerprint_program(spans, SEGMENTS_MAX);

	if (!fingerprint_matches(spans, count, PACKAGE_STRING, CONFCMDLINE, error, error_len))
		return false;
	library = env->modinfo[id];
	if (library && env->cfg)
		for (file = env->cfg->dynlib_file; file; file = file->next)
			if (file->str && file->str == library->fname)
				return true;
	snprintf(error, error_len, "built against an " PACKAGE_STRING " whose structs differ from "
	         "those of this one: rebuild Warden --with-unbound=DIR, the source tree of this "
	         "Unbound");
	return false;
}

static void adapter_free(struct adapter *adapter, struct module_env *env, int id)
{
	struct dynlibmod_env *library = env->modinfo[id];

	for (size_t i = 0; i < HOOK_COUNT; i++)
		library->inplace_cb_delete_wrapped(env, calls[i].type, id);
	library->dyn_env = NULL;
	if (!adapter)
		return;
	warden_close(adapter->warden);
	beat_end(&adapter->beat); /* its threads rang */
	mirror_close(&adapter->mirror);
	free(adapter);
}

static int answered(struct query_info *qinfo, struct module_qstate *qstate, struct reply_info *rep,
                    int rcode, struct edns_data *edns, struct edns_option **out,
                    struct comm_reply *to, struct regional *region, struct timeval *start, int id,
                    void *arg)
{
	const struct hook *hook = arg;

	beat_seen(hook->beat, beat_worker(qstate, to));
	return answered_call(qinfo, qstate, rep, rcode, edns, out, to, region, start, id, arg);
}

/* What Warden's maintenance thread does for us. */
static void keep(void *arg, uint64_t now)
{
	struct adapter *adapter = arg;

	if (adapter->mirrored.keep)
		adapter->mirrored.keep(adapter->mirrored.arg, now);
	stats_view_keep(&adapter->stats_view, now);
}

static uint64_t mirrored_version(void *arg)
{
	struct adapter *adapter = arg;

	return adapter->mirrored.version(adapter->mirrored.arg);
}

static bool adapter_open(struct adapter *adapter, struct module_env *env, int id)
{
	struct dynlibmod_env *library = env->modinfo[id];
	/* Workers have a clock; there are none yet. */
	struct warden_setup setup = { .log = say, .now = (uint64_t)time(NULL) * 1000 };
	char error[SENTENCE_MAX] = "";

	beat_init(&adapter->beat);
	mirror_open(&adapter->mirror, &adapter->beat, &setup.mirror);
	adapter->mirrored = setup.mirror;
	setup.mirror = (struct warden_mirror){ adapter, keep, setup.mirror.version ? mirrored_version : NULL };
	setup.config_file = config_file(env->cfg->dynlib_file, library->fname);
	adapter->warden = warden_open(&setup, error, sizeof(error));
	if (!adapter->warden) {
		say(1, error);
		return false;
	}
	stats_view_init(&adapter->stats_view, adapter->warden, &adapter->beat);
	beat_add(&adapter->beat, stats_view_beat, &adapter->stats_view);
	for (size_t i = 0; i < HOOK_COUNT; i++) {
		struct hook *hook = &adapter->hooks[i];

		*hook = (struct hook){ adapter->warden, env, &adapter->purge, &adapter->beat,
		                        calls[i].type };
		if (!library->inplace_cb_register_wrapped(calls[i].call, hook->type, hook, env, id)) {
			say(1, "Unbound takes no callback: out of memory");
			return false;
		}
	}
	mirror_set(&adapter->mirror, adapter->warden);
	if (warden_start(adapter->warden, error, sizeof(error)))
		say(1, error); /* the resolver is better off with a Warden that writes no events */
	return true;
}

/* Unbound calls the six by these names, without a header of its own for them. */
EXPORT int init(struct module_env *env, int id);
EXPORT void deinit(struct module_env *env, int id);
EXPORT void operate(struct module_qstate *qstate, enum module_ev event, int id,
                    struct outbound_entry *outbound);
EXPORT void inform_super(struct module_qstate *qstate, int id, struct module_qstate *super);
EXPORT void clear(struct module_qstate *qstate, int id);
EXPORT size_t get_mem(struct module_env *env, int id);

/* Where <module> stands in <modules>, as a word of its own; NULL: nowhere. */
static const char *find_module(const char *modules, const char *module)
{
	size_t len = strlen(module);

	while (*(modules += strspn(modules, " \t\n"))) {
		size_t word = strcspn(modules, " \t\n");

		if (word == len && !strncmp(modules, module, len))
			return modules;
		modules += word;
	}
	return NULL;
}

/* Says it when a module in front of us, or dns64 behind us, is in the way: Unbound takes every order. */
static void check_order(const char *modules)
{
	enum place { BEFORE_DYNLIB, BEHIND_DYNLIB, ANYWHERE };
	static const struct {
		const char *module;
		enum place place;
	} rules[] = {
#define MODULE_ORDER(module, place, why) { module, place },
#include <warden/module_order.def>
#undef MODULE_ORDER
	};
	const char *ours = find_module(modules, "dynlib");
	bool wrong = false;

	for (size_t i = 0; ours && i < sizeof(rules) / sizeof(*rules); i++) {
		const char *other = find_module(modules, rules[i].module);

		wrong |= other && rules[i].place != ANYWHERE && (other < ours) != (rules[i].place == BEFORE_DYNLIB);
	}
	if (wrong)
		log_err("warden: module-config: \"%s\": dynlib stands in the wrong place and may see no client's question: "
		        "it goes first, but behind dns64; unbound-warden check says the line to write", modules);
}

/* Called once, before the workers are made. 0 ends Unbound's start. */
int init(struct module_env *env, int id)
{
	struct dynlibmod_env *library;
	struct adapter *adapter;
	char error[SENTENCE_MAX] = "";
	/* Has this process ever run with us? This library stays in memory over a reload. */
	static bool was_good;

	if (!is_our_unbound(env, id, error, sizeof(error))) {
		say(1, error);
		return 0;
	}
	library = env->modinfo[id];
	if (env->cfg->module_conf)
		check_order(env->cfg->module_conf);
	adapter = calloc(1, sizeof(*adapter));
	if (!adapter || !adapter_open(adapter, env, id)) {
		adapter_free(adapter, env, id);
		/* 0 would end a resolver that serves: after a reload it goes on without us. */
		say(1, was_good ? "questions pass unseen until the next reload; unbound-warden check says what to type"
		                : "not started, so Unbound ends; unbound-warden check says what to type");
		return was_good;
	}
	was_good = true;
	library->dyn_env = adapter;
	if (warden_inspects_every_client(adapter->warden) && !env->unique_mesh) {
		env->unique_mesh = 1; /* before the workers copy <env> */
		adapter->made_unique = true;
	}
	return 1;
}

void deinit(struct module_env *env, int id)
{
	struct dynlibmod_env *library = env->modinfo[id];
	struct adapter *adapter = library ? library->dyn_env : NULL;

	if (!adapter)
		return;
	if (adapter->made_unique)
		env->unique_mesh = 0; /* subnetcache behind us, if configured, sets it anew */
	adapter_free(adapter, env, id);
}

void operate(struct module_qstate *qstate, enum module_ev event, int id,
             struct outbound_entry *outbound)
{
	struct adapter *adapter = adapter_of(qstate->env, id);

	(void)outbound;
	if (adapter) {
		beat_seen(&adapter->beat, beat_worker(qstate, NULL));
		purge_noted(&adapter->purge, qstate->env);
	}
	switch (event) {
	case module_event_new:
	case module_event_pass: /* the same, behind another module or for a subquery */
		qstate->ext_state[id] = module_wait_module;
		if (!adapter)
			return;
		if (question_denied(adapter->warden, qstate, id))
			qstate->ext_state[id] = module_finished;
		else
			question_fold(adapter->warden, qstate, id);
		return;
	case module_event_moddone:
		qstate->ext_state[id] = module_finished;
		if (adapter)
			question_resolved(adapter->warden, qstate, id);
		return;
	default:
		log_err("warden: an event that is not for it: %s", strmodulevent(event));
		qstate->ext_state[id] = module_error;
	}
}

void inform_super(struct module_qstate *qstate, int id, struct module_qstate *super)
{
	(void)qstate, (void)id, (void)super; /* we ask no subqueries */
}

void clear(struct module_qstate *qstate, int id)
{
	qstate->minfo[id] = NULL; /* it lives in the region of <qstate> */
}

size_t get_mem(struct module_env *env, int id)
{
	const struct adapter *adapter = adapter_of(env, id);

	return adapter ? sizeof(*adapter) + warden_memory(adapter->warden) : 0;
}
