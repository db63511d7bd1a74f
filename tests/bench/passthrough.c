/* SPDX-License-Identifier: BSD-3-Clause */
/* passthrough - a dynlib module that does nothing: what Unbound takes for any module that sees all answers.
 *
 * It stands where Warden stands, passes every question on and every answer back, and has the same five
 * callbacks called. What it costs no module of this kind can save.
 *
 * Built by tests/bench/unbound, as Warden is built.
 */
#include "config.h"

#include <stddef.h>

#include "dynlibmod/dynlibmod.h"
#include "util/module.h"

static int reply(struct query_info *qinfo, struct module_qstate *qstate, struct reply_info *rep, int rcode,
                 struct edns_data *edns, struct edns_option **out, struct comm_reply *to,
                 struct regional *region, struct timeval *start, int id, void *arg)
{
	(void)qinfo, (void)qstate, (void)rep, (void)rcode, (void)edns, (void)out, (void)to, (void)region;
	(void)start, (void)id, (void)arg;
	return 1;
}

static int query(struct query_info *qinfo, uint16_t flags, struct module_qstate *qstate,
                 struct sockaddr_storage *addr, socklen_t addrlen, uint8_t *zone, size_t zonelen,
                 struct regional *region, int id, void *arg)
{
	(void)qinfo, (void)flags, (void)qstate, (void)addr, (void)addrlen, (void)zone, (void)zonelen;
	(void)region, (void)id, (void)arg;
	return 1;
}

static const struct {
	enum inplace_cb_list_type type;
	void *call;
} calls[] = {
	{ inplace_cb_query, (void *)query },
	{ inplace_cb_reply, (void *)reply },
	{ inplace_cb_reply_cache, (void *)reply },
	{ inplace_cb_reply_local, (void *)reply },
	{ inplace_cb_reply_servfail, (void *)reply },
};
#define EXPORT __attribute__((visibility("default")))
#define CALL_COUNT (sizeof(calls) / sizeof(*calls))

EXPORT int init(struct module_env *env, int id);
EXPORT void deinit(struct module_env *env, int id);
EXPORT void operate(struct module_qstate *qstate, enum module_ev event, int id, struct outbound_entry *outbound);
EXPORT void inform_super(struct module_qstate *qstate, int id, struct module_qstate *super);
EXPORT void clear(struct module_qstate *qstate, int id);
EXPORT size_t get_mem(struct module_env *env, int id);

int init(struct module_env *env, int id)
{
	struct dynlibmod_env *library = env->modinfo[id];

	for (size_t i = 0; i < CALL_COUNT; i++)
		if (!library->inplace_cb_register_wrapped(calls[i].call, calls[i].type, NULL, env, id))
			return 0;
	return 1;
}

void deinit(struct module_env *env, int id)
{
	struct dynlibmod_env *library = env->modinfo[id];

	for (size_t i = 0; i < CALL_COUNT; i++)
		library->inplace_cb_delete_wrapped(env, calls[i].type, id);
}

void operate(struct module_qstate *qstate, enum module_ev event, int id, struct outbound_entry *outbound)
{
	(void)outbound;
	if (event == module_event_new || event == module_event_pass)
		qstate->ext_state[id] = module_wait_module;
	else
		qstate->ext_state[id] = event == module_event_moddone ? module_finished : module_error;
}

void inform_super(struct module_qstate *qstate, int id, struct module_qstate *super)
{
	(void)qstate, (void)id, (void)super;
}

void clear(struct module_qstate *qstate, int id)
{
	qstate->minfo[id] = NULL;
}

size_t get_mem(struct module_env *env, int id)
{
	(void)env, (void)id;
	return 0;
}
