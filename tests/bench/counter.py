# SPDX-License-Identifier: BSD-3-Clause
# counter - the least that Warden does, with Unbound's python module: questions of each client in the
# present second, and who asks more often than the limit.
#
# It sees every answer, as Warden does: those from the cache, too, come by a callback only.
import time

LIMIT = 100000

second = 0
counts = {}


def answered(qinfo, qstate, rep, rcode, edns, opt_list_out, region, **kwargs):
    global second
    client = kwargs["repinfo"].addr
    now = int(time.time())
    if now != second:
        second = now
        counts.clear()
    count = counts.get(client, 0) + 1
    counts[client] = count
    if count == LIMIT:
        log_info("counter: %s asks too often" % client)
    return True


def init_standard(id, env):
    return (register_inplace_cb_reply(answered, env, id)
            and register_inplace_cb_reply_cache(answered, env, id)
            and register_inplace_cb_reply_local(answered, env, id)
            and register_inplace_cb_reply_servfail(answered, env, id))


def deinit(id):
    return True


def inform_super(id, qstate, superqstate, qdata):
    return True


def operate(id, event, qstate, qdata):
    if event in (MODULE_EVENT_NEW, MODULE_EVENT_PASS):
        qstate.ext_state[id] = MODULE_WAIT_MODULE
    elif event == MODULE_EVENT_MODDONE:
        qstate.ext_state[id] = MODULE_FINISHED
    else:
        qstate.ext_state[id] = MODULE_ERROR
    return True
