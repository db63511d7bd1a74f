/* SPDX-License-Identifier: BSD-3-Clause */
/* explain - gathers what the engine would look at, then prints it.
 *
 * The copies of the ledgers are brought up to date by the engine's own functions and budgets
 * are worked out by them, so that a number here is the one that the next question would be judged by.
 */
#include <inttypes.h>
#include <string.h>

#include "base/invariant.h"
#include "detect/budget.h"
#include "engine/look.h" /* where in a slot its ledger lies */
#include "report/address.h"
#include "report/explain.h"
#include "report/explain_holds.h"
#include "report/timestamp.h"
#include "store/counts.h"
#include "store/elsewhere.h"

#define READ_ATTEMPTS 100 /* an edit is over in a microsecond */

/* A budget in the configuration. */
enum limit {
	LIMIT_PAIR,
	LIMIT_PAIR_FAST,
	LIMIT_DOWN,
	LIMIT_DOWN_RARE,
	LIMIT_CLIENT,
	LIMIT_DOMAIN,
	LIMIT_DOMAIN_WEEK,
	LIMIT_DELEGATION,
	LIMIT_COUNT
};

static const struct {
	enum detector_id detector;
	const char *key;
} limits[LIMIT_COUNT] = {
	[LIMIT_PAIR] = { DETECTOR_information, "budget" },
	[LIMIT_PAIR_FAST] = { DETECTOR_information, "fast-budget" },
	[LIMIT_DOWN] = { DETECTOR_download, "budget" },
	[LIMIT_DOWN_RARE] = { DETECTOR_download, "rare-budget" },
	[LIMIT_CLIENT] = { DETECTOR_information_client, "budget" },
	[LIMIT_DOMAIN] = { DETECTOR_information_domain, "budget" },
	[LIMIT_DOMAIN_WEEK] = { DETECTOR_information_domain, "week-budget" },
	[LIMIT_DELEGATION] = { DETECTOR_information_delegation, "budget" },
};

/* What came of looking for a slot. */
enum found { FOUND_NOTHING, FOUND_BUSY, FOUND };

struct gathered {
	uint64_t now;
	bool observes; /* holds are not enforced */

	/* Of the configuration. */
	char profile[CONFIG_NAME_MAX + 1];         /* "": none */
	void *const *options;                      /* of detectors; only as long as the rules are entered */
	struct detector_config detector[DETECTOR_COUNT];
	uint64_t limit[LIMIT_COUNT];               /* octets */
	unsigned needs_of_question, needs_of_answer; /* ledgers that are kept: enum fact */
	bool allows_client;
	int allows_domain; /* label at which the entry of a list begins, or -1 */

	uint8_t masked[16]; /* the client */
	unsigned domain_label;
	uint64_t client_hash;
	bool is_domain;     /* and not all names under TLDs that do not exist */

	struct notes pair_notes, client_notes;
	struct risk risk;

	enum found pair_found, client_found, domain_found, delegation_found;
	uint64_t first_seen, told, queries, refused;
	struct pair_ledger pair;
	struct client_ledger client;
	struct domain_ledger domain;
	struct delegation_ledger delegation;
	struct crowd crowd;
	struct told_elsewhere pair_elsewhere, client_elsewhere, domain_elsewhere;
	unsigned clients; /* that asked for the domain since yesterday, this one included */
	bool rare;
	uint64_t servers;
};

/* --- gathering ------------------------------------------------------------------------------ */

/* Copies the words of the slot of <hash>. */
static enum found slot_copy(const struct table *table, uint64_t hash, uint64_t *word)
{
	struct place place = table_find(table, hash);
	uint64_t whose;

	if (!place.slot)
		return FOUND_NOTHING;
	for (unsigned attempt = 0; attempt < READ_ATTEMPTS; attempt++)
		if (slot_read(place.slot, &whose, 0, table->shape.words, word))
			return whose == hash ? FOUND : FOUND_NOTHING;
	return FOUND_BUSY;
}

static unsigned needs_of(const struct plan *plan, unsigned what)
{
	return plan->row[what][WARDEN_PATH_MISS].needs;
}

static void gather_rules(struct gathered *all, const struct warden *warden, const struct rules *rules,
                         const uint8_t client[16], const struct name *name)
{
	const struct config *config = rules->config;
	const struct client_profile *profile;
	const struct plan *plan;

	memcpy(all->masked, client, sizeof(all->masked));
	client_mask(&config->settings, all->masked);
	profile = config_profile(config, all->masked);
	plan = profile ? &profile->plan : &rules->plan;
	all->observes = engine_mode(warden, profile) != MODE_ENFORCE;
	all->options = profile ? profile->detector : config->detector;
	snprintf(all->profile, sizeof(all->profile), "%s", profile ? profile->name : "");
	for (unsigned id = 0; id < DETECTOR_COUNT; id++)
		all->detector[id] = *(const struct detector_config *)all->options[id];
	for (unsigned i = 0; i < LIMIT_COUNT; i++) {
		unsigned id = limits[i].detector;
		const struct option *row = option_find(detectors[id]->options, limits[i].key);

		if (!BROKEN(row))
			all->limit[i] = option_number(row, all->options[id]);
	}
	all->needs_of_question = needs_of(plan, WARDEN_QUESTION);
	all->needs_of_answer = needs_of(plan, WARDEN_ANSWER);
	all->allows_client = config_allows_client(config, client);
	all->allows_domain = domain_map_next(config->allowed.map, name, 0).label;
	all->domain_label = suffix_domain(config->suffixes, name);
	all->is_domain = all->domain_label < name->labels;
}

static void gather_pair(struct gathered *all, const struct mapping *mapping, uint64_t hash)
{
	uint64_t word[PAIR_WORDS];

	all->pair_found = slot_copy(&mapping->pairs, hash, word);
	if (all->pair_found != FOUND)
		return;
	all->queries = pair_queries(word);
	all->refused = word[PAIR_REFUSED];
	memcpy(&all->pair_notes, word + PAIR_DATA, sizeof(all->pair_notes));
	all->first_seen = all->pair_notes.first_seen;
	memcpy(&all->pair, word + PAIR_DATA + NOTES_WORDS, sizeof(all->pair));
	all->told = all->pair.span.last;
	pair_ledger_move(&all->pair, all->now);
}

static void gather_client(struct gathered *all, const struct mapping *mapping, uint64_t hash)
{
	uint64_t word[CLIENT_WORDS];

	all->client_found = slot_copy(&mapping->clients, hash, word);
	if (all->client_found == FOUND) {
		memcpy(&all->client_notes, word + CLIENT_DATA, sizeof(all->client_notes));
		memcpy(&all->client, word + CLIENT_DATA + NOTES_WORDS, sizeof(all->client));
	}
	client_ledger_move(&all->client, all->now);
	all->crowd = client_crowd(mapping, &all->client);
}

/* The bits of engine/seen.c, as the next question of <client> would find them. */
static void gather_domain(struct gathered *all, const struct mapping *mapping, uint64_t hash,
                          uint64_t client)
{
	uint64_t word[DOMAIN_WORDS], clients = UINT64_C(1) << (client & 63);

	all->domain_found = slot_copy(&mapping->domains, hash, word);
	if (all->domain_found == FOUND) {
		clients |= domain_client_bits(word, all->now / DAY);
		all->servers = word[DOMAIN_DELEGATION];
		memcpy(&all->domain, word + DOMAIN_DATA + DOMAIN_NOTES_WORDS, sizeof(all->domain));
		domain_ledger_move(&all->domain, all->now);
	}
	all->clients = (unsigned)__builtin_popcountll(clients);
	all->rare = all->is_domain && all->clients < RARE_CLIENTS;
}

static void gather_delegation(struct gathered *all, const struct mapping *mapping, uint64_t client)
{
	uint64_t word[DELEGATION_WORDS];

	if (!all->servers)
		return;
	all->delegation_found = slot_copy(&mapping->delegations,
	                                  delegation_hash(mapping, client, all->servers), word);
	if (all->delegation_found != FOUND)
		return;
	memcpy(&all->delegation, word + DELEGATION_DATA, sizeof(all->delegation));
	delegation_ledger_move(&all->delegation, all->now);
}

static void gather_risk(struct gathered *all, const struct config *config)
{
	policy_fade_risk(&all->pair_notes, all->now);
	policy_fade_risk(&all->client_notes, all->now);
	all->risk = (struct risk){
		.warn = (uint16_t)config->settings.warn_score,
		.refuse = (uint16_t)config->settings.refuse_score,
	};
	all->risk.pair = policy_risk(all->options, &all->pair_notes, &all->risk.pair_said);
	all->risk.client = policy_risk(all->options, &all->client_notes, &all->risk.client_said);
}

static struct told_elsewhere elsewhere_of(const struct gathered *all, const struct mapping *mapping, uint64_t hash)
{
	struct elsewhere known;

	elsewhere_get(mapping, hash, all->now, &known);
	return (struct told_elsewhere){ known.bits, known.nodes, known.names };
}

static void gather_elsewhere(struct gathered *all, const struct mapping *mapping, uint64_t domain)
{
	all->pair_elsewhere = elsewhere_of(all, mapping, pair_hash(mapping, all->client_hash, domain));
	all->client_elsewhere = elsewhere_of(all, mapping, all->client_hash);
	all->domain_elsewhere = elsewhere_of(all, mapping, domain);
}

static void gather(struct gathered *all, struct warden *warden, const uint8_t client[16],
                   const struct name *name)
{
	const struct mapping *mapping = &warden->mapping;
	uint64_t of_client, of_domain;
	const struct rules *rules;
	unsigned cell;

	rules = rules_enter(warden, &cell);
	gather_rules(all, warden, rules, client, name);
	of_client = all->client_hash = client_hash(mapping, all->masked);
	of_domain = domain_hash(mapping, name_tail(name, all->domain_label),
	                        name_tail_len(name, all->domain_label));
	gather_pair(all, mapping, pair_hash(mapping, of_client, of_domain));
	gather_client(all, mapping, of_client);
	gather_risk(all, rules->config);
	if (rules->config->together_from)
		gather_elsewhere(all, mapping, of_domain);
	rules_leave(warden, cell);
	gather_domain(all, mapping, of_domain, of_client);
	gather_delegation(all, mapping, of_client);
}

/* --- words ---------------------------------------------------------------------------------- */

/* Begins a line, and ends it where <found> has nothing to tell of <whom>. */
static bool begin(FILE *out, const char *key, enum found found, const char *whom)
{
	fprintf(out, "%s: ", key);
	if (found == FOUND)
		return true;
	if (found == FOUND_BUSY)
		fputs("busy, ask again\n", out);
	else
		fprintf(out, "nothing is known of %s\n", whom);
	return false;
}

/* The same for a sum that is kept only where some detector <needs> it. */
static bool begin_kept(FILE *out, const char *key, bool kept, unsigned id, enum found found,
                       const char *whom)
{
	if (kept)
		return begin(out, key, found, whom);
	fprintf(out, "%s: not kept: detector %s is disabled\n", key, detectors[id]->name);
	return false;
}

/* Budget <limit> in octets; 0 where nobody goes by it. */
static double budget_of(const struct gathered *all, enum limit limit)
{
	return all->detector[limits[limit].detector].enable ? (double)all->limit[limit] : 0;
}

/* "498 of 512 bytes in a day (97 %)"; without <budget> "498 bytes in a day". */
static void print_sum(FILE *out, double bits, double budget, const char *where)
{
	if (budget > 0)
		fprintf(out, "%" PRIu64 " of %.0f bytes %s (%" PRIu64 " %%)", octets(bits), budget, where,
		        (uint64_t)(100 * bits / (budget * 8)));
	else
		fprintf(out, "%" PRIu64 " bytes %s", octets(bits), where);
}

/* Ends a line with who goes by it. */
static void end(FILE *out, const struct gathered *all, unsigned id)
{
	if (all->detector[id].enable)
		fprintf(out, ", detector %s, action %s\n", detectors[id]->name,
		        action_words[all->detector[id].action]);
	else
		fprintf(out, ", no budget: detector %s is disabled\n", detectors[id]->name);
}

/* A line of what was told through other nodes, where anything was. It counts once enough was told here. */
static void print_elsewhere(FILE *out, const char *key, const struct told_elsewhere *elsewhere, bool counts,
                            double bits, double budget)
{
	if (!(elsewhere->bits > 0))
		return;
	fprintf(out, "%s: %" PRIu64 " bytes in a day through %" PRIu32 " other nodes, ", key, octets(elsewhere->bits),
	        elsewhere->nodes);
	if (elsewhere->names)
		fprintf(out, "%" PRIu64 " distinct names through all, ", elsewhere->names);
	if (counts)
		print_sum(out, bits + elsewhere->bits, budget, "together");
	else
		fputs("not counted: too little was told here", out);
	putc('\n', out);
}

static const char *time_or(char text[TIMESTAMP_TEXT_MAX], uint64_t when, const char *otherwise)
{
	return when && *timestamp_text(text, when) ? text : otherwise;
}

/* --- lines ---------------------------------------------------------------------------------- */

static void print_who(FILE *out, const struct gathered *all, const uint8_t client[16],
                      const struct name *name)
{
	char text[NAME_TEXT_MAX], given[ADDRESS_TEXT_MAX];

	fprintf(out, "client: %s", address_text(text, all->masked));
	if (memcmp(client, all->masked, sizeof(all->masked)))
		fprintf(out, " (network of %s)", address_text(given, client));
	fprintf(out, "\ndomain: %s", name_text(text, name_tail(name, all->domain_label),
	                                       name_tail_len(name, all->domain_label)));
	if (!all->is_domain)
		fputs(" (all names under top-level domains that do not exist)", out);
	else if (all->domain_label)
		fprintf(out, " (of %s)", name_text(text, name->wire, name->len));
	putc('\n', out);
	if (all->profile[0])
		fprintf(out, "profile: %s, mode %s\n", all->profile, all->observes ? "observe" : "enforce");
}

static void print_score(FILE *out, const char *key, unsigned score, uint64_t said, const struct risk *risk)
{
	fprintf(out, "%s: %u of 100", key, score);
	for (unsigned id = 0, first = 1; id < DETECTOR_COUNT; id++)
		if (said >> id & 1) {
			fprintf(out, "%s%s", first ? ": " : ", ", detectors[id]->name);
			first = 0;
		}
	fprintf(out, " (warn-score %u, refuse-score %u)\n", risk->warn, risk->refuse);
}

static void print_pair(FILE *out, const struct gathered *all)
{
	static const char whom[] = "this client with this domain";
	bool up = all->needs_of_question & FACT_PAIR, down = all->needs_of_answer & FACT_ANSWERED;
	const struct repeats *repeats = &all->pair.repeats;
	char first[TIMESTAMP_TEXT_MAX], last[TIMESTAMP_TEXT_MAX];
	uint64_t evidence[EVIDENCE_MAX];

	pair_evidence(&all->pair, evidence);
	if (begin(out, "pair", all->pair_found, whom))
		fprintf(out, "first seen %s, last told %s, questions %" PRIu64 ", refused %" PRIu64 ", "
		        "%.0f distinct names in a day, mean length %" PRIu64 ", types address %" PRIu64
		        " %% text %" PRIu64 " %% name %" PRIu64 " %%\n",
		        time_or(first, all->first_seen, "unknown"), time_or(last, all->told, "never"),
		        all->queries, all->refused, (double)all->pair.up.names, evidence[4], evidence[5],
		        evidence[6], evidence[7]);
	if (begin_kept(out, "pair.up", up, DETECTOR_information, all->pair_found, whom)) {
		print_sum(out, (double)all->pair.up.day, budget_of(all, LIMIT_PAIR), "in a day");
		fputs(", ", out);
		print_sum(out, (double)all->pair.up.fast, budget_of(all, LIMIT_PAIR_FAST), "in ten minutes");
		end(out, all, DETECTOR_information);
	}
	print_elsewhere(out, "pair.elsewhere", &all->pair_elsewhere, all->pair.together, (double)all->pair.up.day,
	                budget_of(all, LIMIT_PAIR));
	if (begin_kept(out, "pair.repeats", up, DETECTOR_information, all->pair_found, whom))
		fprintf(out, "of %u questions asked once more of late, %u in the order as before, %u the "
		        "last one again, %u others\n",
		        (unsigned)repeats->asbefore + repeats->again + repeats->others, repeats->asbefore,
		        repeats->again, repeats->others);
	if (begin_kept(out, "pair.down", down, DETECTOR_download, all->pair_found, whom)) {
		print_sum(out, (double)all->pair.down,
		          budget_of(all, all->rare ? LIMIT_DOWN_RARE : LIMIT_DOWN), "in a day");
		fputs(all->rare ? ", rare domain" : ", not a rare domain", out);
		end(out, all, DETECTOR_download);
	}
}

static void print_client(FILE *out, const struct gathered *all)
{
	bool kept = all->needs_of_question & FACT_CLIENT;
	const struct client_ledger *client = &all->client;

	if (begin_kept(out, "client.rare", kept, DETECTOR_information_client, all->client_found, "this client")) {
		print_sum(out, (double)client->up.day, budget_of(all, LIMIT_CLIENT) * all->crowd.budgets,
		          "in a day to all rare domains");
		end(out, all, DETECTOR_information_client);
	}
	print_elsewhere(out, "client.elsewhere", &all->client_elsewhere, client->together, (double)client->up.day,
	                budget_of(all, LIMIT_CLIENT) * budgets_everywhere(all->crowd.budgets, &all->client_elsewhere));
	if (begin_kept(out, "client.crowd", kept, DETECTOR_information_client, all->client_found, "this client"))
		fprintf(out, "counts as %.1f clients, has %.1f budgets for rare domains, %.0f ordinary new "
		        "domains in a day, %.1f %% of all questions, mixed case %.0f %%\n",
		        all->crowd.clients, all->crowd.budgets, (double)client->domains,
		        client->share * 100.0 / UINT16_MAX, client->mixed * 100.0 / UINT8_MAX);
}

/* Of what very many clients ask for through all nodes, nobody goes by the sum. */
static void print_domain_elsewhere(FILE *out, const struct gathered *all)
{
	const struct told_elsewhere *elsewhere = &all->domain_elsewhere;
	unsigned clients = clients_everywhere(all->clients, elsewhere);

	print_elsewhere(out, "domain.elsewhere", elsewhere, all->domain.together, (double)all->domain.up.day,
	                clients < CLIENTS_COUNTED
	                ? budget_of_clients((uint64_t)budget_of(all, LIMIT_DOMAIN), clients) : 0);
}

static void print_domain(FILE *out, const struct gathered *all)
{
	static const char whom[] = "this domain";
	bool kept = all->needs_of_question & FACT_DOMAIN, counted = all->clients < CLIENTS_COUNTED;
	double budget = budget_of_clients((uint64_t)budget_of(all, LIMIT_DOMAIN), all->clients);

	if (begin(out, "domain.clients", all->domain_found, whom))
		fprintf(out, "%u since yesterday, this one included (%s: %s than %u)\n", all->clients,
		        all->rare ? "rare" : "not rare", all->clients < RARE_CLIENTS ? "fewer" : "not fewer",
		        RARE_CLIENTS);
	if (!begin_kept(out, "domain.up", kept, DETECTOR_information_domain, all->domain_found, whom))
		return;
	print_sum(out, (double)all->domain.up.day, counted ? budget : 0, "in a day by all clients");
	fputs(", ", out);
	print_sum(out, (double)all->domain.week,
	          counted && all->rare ? budget_of(all, LIMIT_DOMAIN_WEEK) : 0, "in a week for a tag");
	if (counted)
		end(out, all, DETECTOR_information_domain);
	else
		fprintf(out, ", no budget: %u clients or more\n", CLIENTS_COUNTED);
	print_domain_elsewhere(out, all);
}

static void print_delegation(FILE *out, const struct gathered *all)
{
	static const char key[] = "delegation";

	if (!begin_kept(out, key, all->needs_of_question & FACT_DELEGATION, DETECTOR_information_delegation,
	                all->domain_found == FOUND_BUSY ? FOUND_BUSY : FOUND, ""))
		return;
	if (!all->is_domain) {
		fputs("none: no servers answer for top-level domains that do not exist\n", out);
		return;
	}
	if (!all->servers) {
		fprintf(out, "servers not known yet, %" PRIu64 " bytes wait for them\n",
		        octets((double)all->pair.waiting));
		return;
	}
	fputs("servers known, ", out);
	if (!all->rare) {
		fputs("nothing is charged to them: the domain is not rare\n", out);
	} else if (all->delegation_found != FOUND) {
		fputs(all->delegation_found == FOUND_BUSY ? "busy, ask again\n"
		                                          : "nothing is known of this client with them\n",
		      out);
	} else {
		print_sum(out, (double)all->delegation.up.day,
		          budget_of(all, LIMIT_DELEGATION) * all->crowd.clients, "in a day");
		fprintf(out, " over %.0f domains behind them", (double)all->delegation.domains);
		end(out, all, DETECTOR_information_delegation);
	}
}

void explain_print(struct warden *warden, const uint8_t client[16], const struct name *name,
                   uint64_t now, FILE *out)
{
	struct gathered all = { .now = now };
	struct explained whom;

	gather(&all, warden, client, name);
	whom = (struct explained){
		.client = all.client_hash,
		.name = name,
		.domain_label = all.domain_label,
		.allows_client = all.allows_client,
		.allows_domain = all.allows_domain,
		.now = now,
		.observes = all.observes,
	};
	print_who(out, &all, client, name);
	explain_allowed(&warden->mapping, &whom, out);
	explain_holds(&warden->mapping, &whom, out);
	print_score(out, "risk.pair", all.risk.pair, all.risk.pair_said, &all.risk);
	print_score(out, "risk.client", all.risk.client, all.risk.client_said, &all.risk);
	print_pair(out, &all);
	print_client(out, &all);
	print_domain(out, &all);
	print_delegation(out, &all);
}
