/* SPDX-License-Identifier: BSD-3-Clause */
/* rewriter - a module that writes texts into the view "page", as a question's first label says.
 *
 *     rewrite   ROUNDS texts of up to LINES lines, one after the other
 *     lines     more lines than there may be
 *     long      a line that is longer than a string, and one behind it
 *     full      more octets than there may be
 *     cut       a line without its newline
 *     empty     nothing
 *     hide      the view's zone is taken away
 *
 * Line I of N of the text G is "I/N=G" and some padding, so that whoever lists them sees whether all are
 * of one text. On standard error, for each question, what became of it and what memory the zone takes:
 *
 *     LABEL done N busy N failed N region N
 */
#include "config.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "daemon/daemon.h"
#include "daemon/worker.h"
#include "services/localzone.h"
#include "services/view.h"
#include "util/module.h"
#include "util/regional.h"

#include "unbound/view_text.h"

#define ROUNDS 100
#define LINES  150
#define EXPORT __attribute__((visibility("default")))

static _Atomic unsigned generation;

struct tally {
	unsigned done, busy, failed;
};

static void count(struct tally *tally, enum view_text_result result)
{
	tally->done += result == VIEW_TEXT_DONE;
	tally->busy += result == VIEW_TEXT_BUSY;
	tally->failed += result != VIEW_TEXT_DONE && result != VIEW_TEXT_BUSY;
}

static void show(struct views *views, const char *text, size_t len, struct tally *tally)
{
	count(tally, view_text_show(views, "page", text, len));
}

static void rewrite(struct views *views, struct tally *tally)
{
	char text[VIEW_TEXT_MAX];

	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned number = atomic_fetch_add(&generation, 1), lines = 1 + number * 37 % LINES;
		size_t len = 0;

		for (unsigned i = 1; i <= lines; i++)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%u/%u=%u %.*s\n", i, lines, number,
			                        (int)((number + i) % 11), "..........");
		show(views, text, len, tally);
	}
}

/* <count> lines of <len> letters, numbered as far as there is room. */
static void show_lines(struct views *views, unsigned count, size_t len, struct tally *tally)
{
	static const char letters[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
	char text[16384];
	size_t used = 0;

	for (unsigned i = 0; i < count; i++) {
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%03u", i);
		for (size_t more = len - 3, part; more; more -= part, used += part) {
			part = more < sizeof(letters) - 1 ? more : sizeof(letters) - 1;
			memcpy(text + used, letters, part);
		}
		text[used++] = '\n';
	}
	show(views, text, used, tally);
}

static size_t region_size(struct views *views)
{
	struct view *view = views_find_view(views, "page", 0);
	struct local_zone *zone;
	size_t size = 0;

	if (!view)
		return 0;
	zone = local_zones_find(view->local_zones, (uint8_t *)"\5stats\6warden", 14, 3, LDNS_RR_CLASS_IN);
	if (zone)
		size = regional_get_mem(zone->region);
	lock_rw_unlock(&view->lock);
	return size;
}

static void obey(struct views *views, const char *label)
{
	struct tally tally = { 0 };

	if (!strcmp(label, "rewrite"))
		rewrite(views, &tally);
	else if (!strcmp(label, "lines"))
		show_lines(views, 300, 5, &tally);
	else if (!strcmp(label, "long"))
		show_lines(views, 2, 400, &tally);
	else if (!strcmp(label, "full"))
		show_lines(views, 50, 99, &tally);
	else if (!strcmp(label, "cut"))
		show(views, "one\ntwo", 7, &tally);
	else if (!strcmp(label, "empty"))
		show(views, "", 0, &tally);
	else if (!strcmp(label, "hide"))
		count(&tally, view_text_hide(views, "page"));
	else
		return;
	fprintf(stderr, "%s done %u busy %u failed %u region %zu\n", label, tally.done, tally.busy,
	        tally.failed, region_size(views));
}

EXPORT int init(struct module_env *env, int id);
EXPORT void deinit(struct module_env *env, int id);
EXPORT void operate(struct module_qstate *qstate, enum module_ev event, int id,
                    struct outbound_entry *outbound);
EXPORT void inform_super(struct module_qstate *qstate, int id, struct module_qstate *super);
EXPORT void clear(struct module_qstate *qstate, int id);
EXPORT size_t get_mem(struct module_env *env, int id);

int init(struct module_env *env, int id)
{
	(void)env, (void)id;
	return 1;
}

void deinit(struct module_env *env, int id)
{
	(void)env, (void)id;
}

void operate(struct module_qstate *qstate, enum module_ev event, int id, struct outbound_entry *outbound)
{
	const uint8_t *name = qstate->qinfo.qname;
	char label[64];

	(void)event, (void)outbound;
	snprintf(label, sizeof(label), "%.*s", (int)*name, (const char *)name + 1);
	obey(qstate->env->worker->daemon->views, label);
	qstate->return_rcode = LDNS_RCODE_REFUSED;
	qstate->return_msg = NULL;
	qstate->ext_state[id] = module_finished;
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
