/* SPDX-License-Identifier: BSD-3-Clause */
/* view_text - a text of many lines as TXT records of a view, for unbound-control to list. */
#include "config.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "services/localzone.h"
#include "services/view.h"
#include "sldns/rrdef.h"
#include "util/data/dname.h"
#include "util/data/packed_rrset.h"
#include "util/regional.h"

#include "unbound/trylock.h"
#include "unbound/view_text.h"

#define TTL         10 /* seconds; nobody caches this */
#define STRING_MAX  255
#define STRING_HEAD 3 /* octets of a record before its string: two of length, one of the string's */
#define STEPS_MAX   4 /* the view, its zone, the page, the text */

/* Its zone has it at its apex, known by <key.id>: 0 in all local data that Unbound makes. */
#define PAGE_ID UINT64_C(0x57617264656e5654)

struct page {
	struct local_data node;
	struct local_rrset rrset;
	struct ub_packed_rrset_key key;
	struct packed_rrset_data data;
	size_t len[VIEW_TEXT_LINES];
	time_t ttl[VIEW_TEXT_LINES];
	uint8_t *record[VIEW_TEXT_LINES];
	uint8_t octets[VIEW_TEXT_MAX + VIEW_TEXT_LINES * STRING_HEAD];
};

/* What a step has come to: another one, or an end. */
enum { NEXT = -1 };

static const uint8_t zone_name[] = "\5stats\6warden";
#define ZONE_LABELS 3 /* the root's is one */

/* --- the page ------------------------------------------------------------------------------ */

static struct local_data *apex_of(struct local_zone *zone)
{
	return local_zone_find_data(zone, zone->name, zone->namelen, zone->namelabs);
}

/* The page in <zone>, NULL when there is none. */
static struct page *page_find(struct local_zone *zone)
{
	struct local_data *apex = apex_of(zone);

	for (struct local_rrset *rrset = apex ? apex->rrsets : NULL; rrset; rrset = rrset->next)
		if (rrset->rrset->id == PAGE_ID)
			return (struct page *)((char *)rrset->rrset - offsetof(struct page, key));
	return NULL;
}

/* Whether <zone> has its page, or nothing at all, as when unbound-control has removed that. */
static bool is_ours(struct local_zone *zone)
{
	return page_find(zone) || (zone->type == local_zone_always_nxdomain && !zone->data.count);
}

/* Lays an empty page out in a zone without data. */
static struct page *page_make(struct local_zone *zone)
{
	struct page *page = regional_alloc_zero(zone->region, sizeof(*page));

	if (!page)
		return NULL;
	page->node.node.key = &page->node;
	page->node.name = zone->name;
	page->node.namelen = zone->namelen;
	page->node.namelabs = zone->namelabs;
	page->node.rrsets = &page->rrset;
	page->rrset.rrset = &page->key;
	page->key.entry.key = &page->key;
	page->key.entry.data = &page->data;
	page->key.id = PAGE_ID;
	page->key.rk.dname = zone->name;
	page->key.rk.dname_len = zone->namelen;
	page->key.rk.type = htons(LDNS_RR_TYPE_TXT);
	page->key.rk.rrset_class = htons(LDNS_RR_CLASS_IN);
	page->data.trust = rrset_trust_prim_noglue;
	page->data.security = sec_status_insecure;
	rbtree_insert(&zone->data, &page->node.node);
	return page;
}

/* Puts the <len> octets of <line> in as the record behind the last. Returns where the next one goes. */
static uint8_t *record_add(struct page *page, uint8_t *at, const char *line, size_t len)
{
	size_t i = page->data.count++;

	page->record[i] = at;
	page->len[i] = STRING_HEAD + len;
	page->ttl[i] = TTL;
	at[0] = (uint8_t)((len + 1) >> 8);
	at[1] = (uint8_t)(len + 1);
	at[2] = (uint8_t)len;
	memcpy(at + STRING_HEAD, line, len);
	return at + STRING_HEAD + len;
}

static void page_write(struct page *page, const char *text, size_t len)
{
	const char *end = text + (len < VIEW_TEXT_MAX ? len : VIEW_TEXT_MAX);
	uint8_t *at = page->octets;

	/* Every time: who adds a record by unbound-control leaves other arrays here. */
	page->data.rr_len = page->len;
	page->data.rr_ttl = page->ttl;
	page->data.rr_data = page->record;
	page->data.ttl = TTL;
	page->data.count = 0;
	while (text < end && page->data.count < VIEW_TEXT_LINES) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t line = (size_t)((newline ? newline : end) - text);

		at = record_add(page, at, text, line < STRING_MAX ? line : STRING_MAX);
		text += line + 1;
	}
}

/* --- the zone ------------------------------------------------------------------------------ */

/* Under the lock of <zones>, or of its view. */
static struct local_zone *zone_find(struct local_zones *zones)
{
	return local_zones_find(zones, (uint8_t *)zone_name, sizeof(zone_name), ZONE_LABELS,
	                        LDNS_RR_CLASS_IN);
}

/* Under the write locks of <zones> and its view. */
static int zone_add(struct local_zones *zones)
{
	struct local_zone *parent = local_zones_lookup(zones, (uint8_t *)zone_name, sizeof(zone_name),
	                                               ZONE_LABELS, LDNS_RR_CLASS_IN, 0);
	uint8_t *name = malloc(sizeof(zone_name));
	struct local_zone *zone;

	if (!name)
		return VIEW_TEXT_NO_MEMORY;
	memcpy(name, zone_name, sizeof(zone_name));
	zone = local_zones_add_zone(zones, name, sizeof(zone_name), ZONE_LABELS, LDNS_RR_CLASS_IN,
	                            local_zone_always_nxdomain);
	if (!zone)
		return VIEW_TEXT_NO_MEMORY;
	zone->parent = parent; /* 1.17.1 forgets it, and then finds no zone above for names behind ours */
	return NEXT;
}

static int zone_fill(struct local_zone *zone, const char *text, size_t len)
{
	struct page *page;
	int result = VIEW_TEXT_DONE;

	if (!trylock_write(&zone->lock))
		return VIEW_TEXT_BUSY;
	page = page_find(zone);
	if (!page && !is_ours(zone))
		result = VIEW_TEXT_ZONE_TAKEN;
	else if (!page && !(page = page_make(zone)))
		result = VIEW_TEXT_NO_MEMORY;
	else
		page_write(page, text, len);
	lock_rw_unlock(&zone->lock);
	return result;
}

/* Under the write locks of <zones> and its view: nobody can come to <zone> any more. */
static int zone_remove(struct local_zones *zones, struct local_zone *zone)
{
	bool ours;

	if (!trylock_write(&zone->lock))
		return VIEW_TEXT_BUSY; /* with a worker, that came to it before */
	ours = is_ours(zone);
	lock_rw_unlock(&zone->lock);
	if (ours)
		local_zones_del_zone(zones, zone);
	return VIEW_TEXT_DONE;
}

/* --- the view ------------------------------------------------------------------------------ */

/* As Unbound's own view_create() does: view_delete() will free it. */
static struct view *view_make(const char *name)
{
	struct view *view = calloc(1, sizeof(*view));

	if (!view)
		return NULL;
	view->node.key = view;
	view->name = strdup(name);
	view->local_zones = local_zones_create();
	if (!view->name || !view->local_zones) {
		local_zones_delete(view->local_zones);
		free(view->name);
		free(view);
		return NULL;
	}
	lock_rw_init(&view->lock);
	lock_protect(&view->lock, &view->name, sizeof(*view) - sizeof(rbnode_type));
	return view;
}

static int view_add(struct views *views, const char *name)
{
	struct view *view;

	if (!trylock_write(&views->lock))
		return VIEW_TEXT_BUSY;
	view = view_make(name);
	if (view && !rbtree_insert(&views->vtree, &view->node))
		view_delete(view); /* somebody was faster */
	lock_rw_unlock(&views->lock);
	return view ? NEXT : VIEW_TEXT_NO_MEMORY;
}

/* Locks the view <name>, into <view>; NULL there when there is none. False when it is busy. */
static bool view_lock(struct views *views, const char *name, bool write, struct view **view)
{
	struct view key = { .name = (char *)name };
	bool locked = true;

	key.node.key = &key;
	if (!trylock_read(&views->lock))
		return false;
	*view = (struct view *)rbtree_search(&views->vtree, &key);
	if (*view)
		locked = write ? trylock_write(&(*view)->lock) : trylock_read(&(*view)->lock);
	lock_rw_unlock(&views->lock);
	return locked;
}

/* A zone to a view, which is locked for writing: whoever answers a client in a view relies on that,
 * and takes no lock of its zones.
 */
static int view_add_zone(struct view *view)
{
	int result = NEXT;

	if (!view->local_zones && !view->isfirst)
		return VIEW_TEXT_VIEW_TAKEN;
	if (!view->local_zones)
		view->local_zones = local_zones_create();
	if (!view->local_zones)
		return VIEW_TEXT_NO_MEMORY;
	if (!trylock_write(&view->local_zones->lock))
		return VIEW_TEXT_BUSY;
	if (!zone_find(view->local_zones))
		result = zone_add(view->local_zones);
	lock_rw_unlock(&view->local_zones->lock);
	return result;
}

/* --- showing and hiding -------------------------------------------------------------------- */

/* Fills the page of a view that is locked for reading. NEXT when it needs a zone first. */
static int fill(struct view *view, const char *text, size_t len)
{
	struct local_zone *zone;
	int result;

	if (!view->local_zones)
		return NEXT;
	if (!trylock_read(&view->local_zones->lock))
		return VIEW_TEXT_BUSY;
	zone = zone_find(view->local_zones);
	result = zone ? zone_fill(zone, text, len) : NEXT;
	lock_rw_unlock(&view->local_zones->lock);
	return result;
}

static int step(struct views *views, const char *name, const char *text, size_t len)
{
	struct view *view;
	int result;

	if (!view_lock(views, name, false, &view))
		return VIEW_TEXT_BUSY;
	if (!view)
		return view_add(views, name);
	result = fill(view, text, len);
	lock_rw_unlock(&view->lock);
	if (result != NEXT)
		return result;
	if (!view_lock(views, name, true, &view))
		return VIEW_TEXT_BUSY;
	if (!view)
		return NEXT;
	result = view_add_zone(view);
	lock_rw_unlock(&view->lock);
	return result;
}

enum view_text_result view_text_show(struct views *views, const char *name, const char *text, size_t len)
{
	for (unsigned i = 0; i < STEPS_MAX; i++) {
		int result = step(views, name, text, len);

		if (result != NEXT)
			return (enum view_text_result)result;
	}
	return VIEW_TEXT_BUSY;
}

enum view_text_result view_text_hide(struct views *views, const char *name)
{
	struct view *view;
	struct local_zone *zone;
	int result = VIEW_TEXT_DONE;

	if (!view_lock(views, name, true, &view))
		return VIEW_TEXT_BUSY;
	if (!view)
		return VIEW_TEXT_DONE;
	if (view->local_zones) {
		if (trylock_write(&view->local_zones->lock)) {
			zone = zone_find(view->local_zones);
			result = zone ? zone_remove(view->local_zones, zone) : VIEW_TEXT_DONE;
			lock_rw_unlock(&view->local_zones->lock);
		} else {
			result = VIEW_TEXT_BUSY;
		}
	}
	lock_rw_unlock(&view->lock);
	return (enum view_text_result)result;
}
