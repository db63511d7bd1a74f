/* SPDX-License-Identifier: BSD-3-Clause */
/* charge - what an observation tells, written into the ledgers.
 *
 * A question that goes upstream tells the domain's servers something. It is charged the length
 * of a lossless code for it, given what is known already (Shannon 1948):
 *
 *     new to the client     min(model of ordinary names, place in a list of popular names) + 2,
 *                           and its type
 *     asked before          the code of detect/repeats.h
 *
 * and the charge goes to
 *
 *     the pair              always
 *     the client            when the domain is rare; a new domain's own label counts as well, as far
 *                           as it is above what ordinary ones cost
 *     the domain            when the name is new to every client
 *     the delegation        when the domain is rare: one client, all domains behind the same servers
 *
 * An answer from upstream is charged to the pair: what of it is new to the pair.
 *
 * A name that local data answers tells nobody anything. What it would have told stands in a line of
 * its own, since whoever tries a tunnel below a local zone has one in mind.
 *
 * A repeated question has a discount, because what ordinary clients repeat is limited by
 * the TTLs of names and not by budgets: it is charged an eighth when the question had rested
 * (nobody who honours a TTL asks sooner), and an eighth again when the domain is not rare. So
 * an alphabet of names that are asked again and again is bounded too, but some eight times
 * higher, or 64 times where several clients conspire. Types that nobody asks for have none.
 */
#include <string.h>

#include "base/clock.h"
#include "engine/look.h"
#include "name/model.h"

#define CHOICE_BITS   2.0  /* says which of the codes follows */
#define POPULAR_BITS  20.0 /* place in a list of a million names */
#define POPULAR_SEATS 2    /* others that have asked for a name: with this client it is three */
#define REST_DISCOUNT (1.0 / 8)
#define LABEL_FREE    48.0 /* bits: seven in eight domains of a list of popular ones cost less */

#define MESSAGE_LEN 16 /* header, type and class of the question (RFC 1035 section 4.1) */
#define RECORD_LEN  12 /* compressed owner, type, class, TTL, length */

#define MIXED_ALWAYS 192 /* of 256 new domains in mixed case: the client always does (0x20) */

bool seen_before(struct look *look, enum filter_id id, uint64_t hash)
{
	bool rotated, first = filter_add(&look->mapping->filter[id], hash, look->obs->now, &rotated);

	if (rotated && id != FILTER_RECENT)
		bank_add(look->bank, COUNTER_filter_rotations, 1);
	return !first;
}

/* --- what a question tells ------------------------------------------------------------------ */

static double case_bits(const struct look *look, unsigned labels)
{
	return model_case_cost(&look->name, labels) / (double)MODEL_UNIT;
}

/* A name that the client has not asked for. <others>: clients that have. */
static double new_name_bits(const struct look *look, unsigned others)
{
	double bits = model_cost(&look->name, look->domain_label) / (double)MODEL_UNIT;

	if (others >= POPULAR_SEATS && bits > POPULAR_BITS)
		bits = POPULAR_BITS;
	return bits + CHOICE_BITS + type_bits(look->obs->qtype);
}

/* A question that the client has asked before, or a known name with a type new to it. */
static double repeat_bits(struct look *look, struct pair_ledger *pair, bool known)
{
	bool rested = !seen_before(look, FILTER_RECENT, look->question);
	double type = type_bits(look->obs->qtype);
	double bits = repeats_see(&pair->repeats, (uint16_t)(look->question >> 48 | 1), known,
	                          pair->up.names, type);

	if (type == TYPE_BITS_ANY)
		return bits; /* ordinary clients do not repeat what they never ask */
	if (rested)
		bits *= REST_DISCOUNT;
	if (look->clients >= RARE_CLIENTS && look->domain_label < look->name.labels)
		bits *= REST_DISCOUNT;
	return bits;
}

/* Moves <mixed> a sixteenth of the way. */
static void mixed_update(struct client_ledger *client, bool mixed)
{
	if (mixed)
		client->mixed = (uint8_t)(client->mixed + (UINT8_MAX - client->mixed + 15) / 16);
	else
		client->mixed = (uint8_t)(client->mixed - (client->mixed + 15) / 16);
}

/* --- questions ------------------------------------------------------------------------------ */

/* What a question tells, for whom. */
struct charge {
	double bits;       /* told the domain */
	double label_bits; /* that of the domain's own label, when the domain is new to the client; or 0 */
	unsigned length;   /* of a new name; or 0 */
	bool new_domain;
};

/* Returns what was charged. */
static double charge_client(struct look *look, struct client_ledger *client, const struct charge *charge,
                            uint64_t now)
{
	double bits = charge->bits;

	client_ledger_move(client, now);
	crowd_update(look, client);
	if (charge->new_domain) {
		mixed_update(client, model_is_mixed(&look->name, look->name.labels));
		if (charge->label_bits <= LABEL_FREE)
			sum_add(&client->domains, 1);
		else
			bits += charge->label_bits - LABEL_FREE;
	}
	if (!look->rare)
		return 0;
	sums_add(&client->up, bits, charge->length);
	return bits;
}

static void charge_domain(struct domain_ledger *domain, const struct charge *charge, uint64_t now)
{
	domain_ledger_move(domain, now);
	sums_add(&domain->up, charge->bits, charge->length);
	sum_add(&domain->week, charge->bits);
}

static void charge_delegation(struct look *look, struct delegation_ledger *delegation, double bits,
                              unsigned length, bool new_domain, uint64_t now)
{
	delegation_ledger_move(delegation, now);
	sums_add(&delegation->up, bits, length);
	if (new_domain)
		sum_add(&delegation->domains, 1);
	slot_add(look->delegation_place.slot, DELEGATION_CHARGED, 1);
}

/* The charge for a question, and what it changes in the ledger of the pair. */
static struct charge charge_pair(struct look *look, struct pair_ledger *pair, const struct facts *facts,
                                 bool mixes_always)
{
	struct charge charge = { 0 };
	bool is_domain = look->domain_label < look->name.labels;

	pair_ledger_move(pair, facts->now);
	charge.bits = repeat_bits(look, pair, !facts->unheard);
	if (facts->unheard) {
		charge.length = facts->text_len ? facts->text_len : 1;
		charge.bits = new_name_bits(look, look->others);
		charge.new_domain = is_domain && !seen_before(look, FILTER_NAMES, look->pair_hash);
		if (charge.new_domain)
			charge.label_bits = model_label_cost(name_tail(&look->name, look->domain_label)) /
			                    (double)MODEL_UNIT;
	}
	/* Mixed case is told whether or not the name is known; upper case with a new name, and later
	 * by which of the two it is: look.question. Unbound's door lets no case through.
	 */
	if (!(look->obs->flags & WARDEN_FLAG_FOLDED) &&
	    (model_is_mixed(&look->name, look->name.labels) ? !mixes_always : facts->unheard))
		charge.bits += case_bits(look, look->name.labels);
	kinds_count(pair->kinds, question_kind(look->obs->qtype));
	sums_add(&pair->up, charge.bits, charge.length);
	return charge;
}

void charge_question(struct look *look, struct states *states, struct facts *facts, uint32_t needs)
{
	struct client_ledger *client = client_ledger_of(states);
	struct pair_ledger *pair = pair_ledger_of(states);
	bool has_client = needs & FACT_CLIENT && states->client_token;
	struct charge charge = charge_pair(look, pair, facts, has_client && client->mixed >= MIXED_ALWAYS);
	struct told_now charged = { .pair = charge.bits };

	facts->told = charge.bits;
	facts->told_whole = charge.bits + charge.label_bits;
	facts->pair = pair;
	facts->crowd = (struct crowd){ 1, 1 };
	if (has_client) {
		charged.client = charge_client(look, client, &charge, facts->now);
		facts->client = client;
		facts->crowd = client_crowd(look->mapping, client);
	}
	if (needs & FACT_DOMAIN && look->domain_label < look->name.labels) {
		if (facts->unheard && !look->others && states->domain_token) {
			charge_domain(domain_ledger_of(states), &charge, facts->now);
			charged.domain = charge.bits;
		}
		facts->domain = domain_ledger_of(states);
	}
	if (look->config->together_from)
		together_question(look, states, facts, &charged);
	if (!(needs & FACT_DELEGATION) || !look->rare)
		return;
	if (states->delegation_token) {
		charge_delegation(look, delegation_ledger_of(states), charge.bits + charge.label_bits,
		                  charge.length, charge.new_domain, facts->now);
		facts->delegation = delegation_ledger_of(states);
	} else {
		sum_add(&pair->waiting, charge.bits + charge.label_bits);
	}
}

void charge_here(struct look *look, struct states *states, struct facts *facts)
{
	struct pair_ledger *pair = pair_ledger_of(states);

	pair_ledger_move(pair, facts->now);
	facts->pair = pair;
	if (!facts->novel)
		return;
	facts->told_here = new_name_bits(look, 0);
	sum_add(&pair->here, facts->told_here);
}

/* --- answers -------------------------------------------------------------------------------- */

/* Octets of rdata in the records that the door had no room for. Nobody can say whether they have
 * come before, so all of them count.
 */
static double octets_not_shown(const struct warden_observation *obs)
{
	uint64_t shown = MESSAGE_LEN + obs->qname_len + (uint64_t)obs->answer_count * RECORD_LEN;

	if (obs->record_count >= obs->answer_count)
		return 0;
	for (uint32_t i = 0; i < obs->record_count; i++)
		shown += obs->records[i].rdata_len;
	return obs->answer_size > shown ? (double)(obs->answer_size - shown) : 0;
}

/* Pieces of an answer that are looked up together. */
#define BATCH (2 * CONTENT_PIECES_MAX)

struct batch {
	unsigned count;
	uint64_t hash[BATCH];
	double bits[BATCH];
};

/* Bits of the pieces in <batch> that were not in the filter. It is empty then. */
static double new_bits(struct look *look, struct batch *batch)
{
	double bits = 0;

	for (unsigned i = 0; i < batch->count; i++)
		if (!seen_before(look, FILTER_NAMES, batch->hash[i]))
			bits += batch->bits[i];
	batch->count = 0;
	return bits;
}

/* Bits of the records of the answer that the pair has not got before. Each may be anywhere in the filter: so
 * the memory of several is called for before the first is looked up.
 */
static double answer_bits(struct look *look)
{
	const struct warden_observation *obs = look->obs;
	const uint8_t *secret = look->mapping->header->secret;
	const struct filter *filter = &look->mapping->filter[FILTER_NAMES];
	struct batch batch;
	double bits = 0;

	batch.count = 0;
	for (uint32_t i = 0; i < obs->record_count; i++) {
		struct piece piece[CONTENT_PIECES_MAX];
		unsigned count = content_cut(&obs->records[i], piece);

		if (batch.count + count > BATCH)
			bits += new_bits(look, &batch);
		for (unsigned j = 0; j < count; j++, batch.count++) {
			uint64_t hash = hash_octets(secret, HASH_ANSWER, piece[j].octets, piece[j].len);
			uint64_t whose = piece[j].common ? obs->records[i].type : look->pair_hash;

			batch.hash[batch.count] = hash_pair(secret, HASH_ANSWER, whose, hash);
			batch.bits[batch.count] = piece[j].bits;
			filter_prefetch(filter, batch.hash[batch.count]);
		}
	}
	return bits + new_bits(look, &batch) + octets_not_shown(obs) * 8.0;
}

void charge_answer(struct look *look, struct states *states, struct facts *facts, uint32_t needs)
{
	struct pair_ledger *pair = pair_ledger_of(states);

	pair_ledger_move(pair, facts->now);
	facts->pair = pair;
	facts->crowd = (struct crowd){ 1, 1 };
	if (needs & FACT_ANSWERED) {
		facts->answered = answer_bits(look);
		sum_add(&pair->down_fast, facts->answered);
		sum_add(&pair->down, facts->answered);
	}
	if (needs & FACT_CLIENT && states->client_token)
		facts->crowd = client_crowd(look->mapping, client_ledger_of(states));
	if (needs & FACT_DELEGATION && states->delegation_token) {
		/* What was told before anybody knew whom. */
		if (pair->waiting > 0) {
			charge_delegation(look, delegation_ledger_of(states), pair->waiting, facts->text_len,
			                  true, facts->now);
			pair->waiting = 0;
		}
		facts->delegation = delegation_ledger_of(states);
	}
}
