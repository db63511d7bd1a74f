/* SPDX-License-Identifier: BSD-3-Clause */
/* purge - see purge.h. A note goes from FREE to WRITING to READY to DOING and back; whoever moves
 * it to WRITING or DOING has it alone.
 */
#include "config.h"

#include <string.h>

#include "services/cache/dns.h"
#include "services/cache/rrset.h"
#include "sldns/rrdef.h"
#include "util/data/packed_rrset.h"
#include "util/net_help.h"

#include "unbound/purge.h"

enum { FREE, WRITING, READY, DOING };

/* Unbound keeps answers to questions with and without CD apart (RFC 4035 section 3.2.2). */
static void remove_both(struct module_env *env, uint8_t *name, size_t len, uint16_t type, uint16_t class)
{
	static const uint16_t flags[] = { BIT_RD, BIT_RD | BIT_CD };

	for (unsigned i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		msg_cache_remove(env, name, len, type, class, flags[i]);
}

void purge_answer(struct module_env *env, const struct query_info *question,
                  const struct reply_info *rep)
{
	remove_both(env, question->qname, question->qname_len, question->qtype, question->qclass);
	for (size_t i = 0; i < rep->an_numrrsets && i < rep->rrset_count; i++) {
		const struct ub_packed_rrset_key *key = rep->rrsets[i];

		if (key)
			rrset_cache_remove(env->rrset_cache, key->rk.dname, key->rk.dname_len,
			                   ntohs(key->rk.type), ntohs(key->rk.rrset_class), key->rk.flags);
	}
}

static bool take(struct purge_note *note, uint32_t from, uint32_t to)
{
	return atomic_compare_exchange_strong_explicit(&note->state, &from, to, memory_order_acq_rel,
	                                               memory_order_relaxed);
}

static uint8_t copy_name(uint8_t copy[255], const uint8_t *name, size_t len)
{
	if (!name || len > 255)
		return 0;
	memcpy(copy, name, len);
	return (uint8_t)len;
}

static void write_note(struct purge_note *note, const struct query_info *question,
                       const struct reply_info *rep)
{
	note->qtype = question->qtype;
	note->qclass = question->qclass;
	note->name_len = copy_name(note->name, question->qname, question->qname_len);
	note->owner_len = 0;
	for (size_t i = 0; i < rep->an_numrrsets && i < rep->rrset_count; i++) {
		const struct ub_packed_rrset_key *key = rep->rrsets[i];

		if (key && ntohs(key->rk.type) == question->qtype)
			note->owner_len = copy_name(note->owner, key->rk.dname, key->rk.dname_len);
	}
}

void purge_note(struct purge *purge, const struct query_info *question, const struct reply_info *rep)
{
	if (!question)
		return;
	for (unsigned i = 0; i < PURGE_NOTES; i++) {
		struct purge_note *note = &purge->note[i];

		if (!take(note, FREE, WRITING))
			continue;
		write_note(note, question, rep);
		atomic_store_explicit(&note->state, READY, memory_order_release);
		atomic_fetch_add_explicit(&purge->ready, 1, memory_order_release);
		return;
	}
}

void purge_noted(struct purge *purge, struct module_env *env)
{
	if (!atomic_load_explicit(&purge->ready, memory_order_acquire))
		return;
	for (unsigned i = 0; i < PURGE_NOTES; i++) {
		struct purge_note *note = &purge->note[i];

		if (!take(note, READY, DOING))
			continue;
		if (note->name_len)
			remove_both(env, note->name, note->name_len, note->qtype, note->qclass);
		if (note->owner_len)
			rrset_cache_remove(env->rrset_cache, note->owner, note->owner_len, note->qtype,
			                   note->qclass, 0);
		atomic_fetch_sub_explicit(&purge->ready, 1, memory_order_relaxed);
		atomic_store_explicit(&note->state, FREE, memory_order_release);
	}
}
