/* SPDX-License-Identifier: BSD-3-Clause */
/* fleet_simulation - what a day of a fleet comes to: a discrete-event simulation of verdicts, votes and the zone, and
 * arithmetic for Redis, with what tests/bench/fleet-costs has measured.
 *
 *     fleet_simulation [COSTS [TABLE]]      TABLE: assumptions costs zone network incident flood quorum redis; all
 *
 *     verdict -> waits for fleet-rate -> update (50 changes at most, one under way for each node) -> primary, which takes
 *     all that wait in one go -> publishers see it at their next poll, and add triggers if there are none -> expiry
 *
 * Prints tables in Markdown, which doc/scale.md has; tests/bench/fleet-tables compares. What is assumed is in one
 * place, below, and printed. Two days are simulated and the second is told, so that what stands from the day before is
 * there. The dice are of a seed.
 *
 * Invariant: every number printed follows from COSTS, the assumptions and the seed.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY  86400.0
#define DAYS 2
#define NONE UINT32_MAX

/* ---- assumptions, and the options of a node --------------------------------------------------------- */

#define FALSE_A_DAY   1.0     /* false verdicts for 1000 clients and day: three times what tests/traffic/ordinary shows */
#define FALSE_RARE    0.25    /* of these, about a domain that fewer than three clients ask for: only they get triggers */
#define FALSE_AGAIN   0.5     /* of these, held again when the hold ends: its cause is still there */
#define TUNNELS_A_DAY 2.0     /* real ones that begin at each node in a day */
#define TUNNEL_LASTS  14400.0 /* seconds: the mean of how long somebody tries; it is held again when its hold ends */
#define ELSEWHERE     0.3     /* of all subjects, the part that a second node sees as well, */
#define ELSEWHERE_LAG 1800.0  /* within so many seconds */
#define INCIDENT      1.0     /* clients of 1000 that one change of a well-known service gets held, within ten minutes */

#define HOLD          3600.0
#define HOLD_MAX      DAY     /* hold-max: twice as long each time */
#define POLL          1.0     /* fleet-poll */
#define FLEET_RATE    60.0    /* a minute */
#define FLEET_LIMIT   1000
#define UPDATE_MAX    50      /* changes: UPDATE_CHANGES_MAX of module/fleet/sharing.h */
#define REDIS_EVERY   5.0     /* fleet-redis-interval */
#define REDIS_DAYS    3       /* buckets of days that are there at once, until those of before yesterday expire */
#define SEED          UINT64_C(20261121)

static const double busy[24] = { 0.4, 0.3, 0.2, 0.2, 0.3, 0.5, 0.8, 1.1, 1.4, 1.5, 1.5, 1.4,
	                         1.3, 1.4, 1.5, 1.5, 1.4, 1.4, 1.4, 1.4, 1.3, 1.1, 0.9, 0.6 }; /* their mean is about 1 */

/* ---- costs ------------------------------------------------------------------------------------------ */

struct cost {
	char name[64], what[160];
	double value;
};

static struct cost costs[128];
static unsigned cost_count;

static double cost(const char *name)
{
	for (unsigned i = 0; i < cost_count; i++)
		if (!strcmp(costs[i].name, name))
			return costs[i].value;
	fprintf(stderr, "fleet_simulation: nobody has measured %s\n", name);
	exit(1);
}

static void read_costs(const char *path)
{
	FILE *in = fopen(path, "r");
	char line[512];

	if (!in) {
		perror(path);
		exit(1);
	}
	while (fgets(line, sizeof(line), in)) {
		struct cost *at = &costs[cost_count];

		if (line[0] != '#' && cost_count < sizeof(costs) / sizeof(*costs) &&
		    sscanf(line, "%63[^=]=%lf # %159[^\n]", at->name, &at->value, at->what) == 3)
			cost_count++;
	}
	fclose(in);
}

/* On the line through what was measured at 10,000 and at 100,000 verdicts; below, as at 10,000. */
static double between(const char *name, double verdicts)
{
	char few[64], many[64];

	snprintf(few, sizeof(few), name, "10000");
	snprintf(many, sizeof(many), name, "100000");
	double slope = (cost(many) - cost(few)) / 90000;

	return cost(few) + fmax(slope * (verdicts - 10000), 0);
}

/* What was measured is verdicts of three records each: a vote and two triggers. */
static double verdicts_in(double votes, double triggers)
{
	return (votes + triggers) / 3;
}

/* ---- dice ------------------------------------------------------------------------------------------- */

static uint64_t dice;

static double uniform(void)
{
	uint64_t z = dice += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return ((double)((z ^ (z >> 31)) >> 11) + 0.5) / 9007199254740992.0;
}

static double after(double mean)
{
	return -log(uniform()) * mean;
}

/* ---- the fleet -------------------------------------------------------------------------------------- */

/* What two nodes would call the same. */
struct subject {
	uint16_t votes;  /* in the zone */
	bool rare, triggers;
};

/* What a node holds and tells. */
struct vote {
	uint32_t subject, node;
	double held, expires, lasts, gives_up; /* <gives_up>: until when it would be held again */
	float again;                           /* chance of that, where nobody gives up */
	bool there, counted, in_force;
};

enum what { VERDICT, SEND, TAKEN, EXPIRE, SEEN, WITHDRAW };

struct event {
	double at;
	uint64_t order; /* of equal ones, the first comes first */
	enum what what;
	uint32_t who, count;
};

/* Changes that a node has to send, oldest first, and those under way. */
struct change {
	uint32_t vote; /* or subject, for triggers */
	uint8_t kind;  /* 0: vote, 1: no vote, 2: triggers, 3: no triggers */
	double since;
};

struct queue {
	struct change *change;
	uint32_t first, count, room, under_way;
};

struct node {
	struct queue votes, rest; /* new votes, which wait for tokens; all else, which goes first */
	double tokens, filled; /* of fleet-rate */
	double phase;          /* of its polls */
	uint32_t admitted;     /* of its votes, those in force at others: fleet-limit */
	struct queue beyond;   /* those that are not, oldest first */
	bool asleep;           /* it waits for tokens */
};

struct setup {
	uint32_t nodes, publishers, quorum;
	double clients;
	bool incident, flood;
};

struct result {
	double updates, changes, commits, busiest, cpu, longest; /* of the second day; <busiest>: updates in the busiest second */
	double votes_mean, votes_most, triggers_mean, triggers_most;
	double delay_mean, delay_99, delay_most, ticks;    /* <ticks>: seconds in which the zone has changed */
	double verdicts, elsewhere, forced, forced_most;   /* <forced>: of one node in force at others, under fleet-limit */
	double shared_true, shared_false, of_true, of_false;
};

static struct {
	struct setup setup;
	struct event *heap;
	uint32_t events, events_room;
	uint64_t order;
	struct vote *vote;
	uint32_t votes, votes_room;
	struct subject *subject;
	uint32_t subjects, subjects_room;
	struct node *node;
	double now;
	uint32_t *waiting, *taken; /* nodes whose updates wait at the primary, and those it is at */
	uint32_t waiting_count, taken_count, waiting_room, taken_room;
	double standing, triggers, changed_at;
	double *delay;
	uint32_t delays, delays_room;
	uint32_t *second; /* updates in each second of the second day */
	uint8_t *tick;
	struct result result;
} fleet;

#define MORE(array, count, room) \
	((count) < (room) ? (void)0 : (void)((array) = more((array), &(room), sizeof(*(array)))))

static void *more(void *array, uint32_t *room, size_t size)
{
	*room = *room ? 2 * *room : 1024;
	array = realloc(array, *room * size);
	if (!array) {
		perror("fleet_simulation");
		exit(1);
	}
	return array;
}

static bool earlier(const struct event *a, const struct event *b)
{
	return a->at < b->at || (a->at <= b->at && a->order < b->order);
}

static void later(double at, enum what what, uint32_t who, uint32_t count)
{
	struct event event = { at, fleet.order++, what, who, count };
	uint32_t i;

	if (at >= DAYS * DAY)
		return;
	MORE(fleet.heap, fleet.events, fleet.events_room);
	for (i = fleet.events++; i && earlier(&event, &fleet.heap[(i - 1) / 2]); i = (i - 1) / 2)
		fleet.heap[i] = fleet.heap[(i - 1) / 2];
	fleet.heap[i] = event;
}

static struct event next_event(void)
{
	struct event first = fleet.heap[0], last = fleet.heap[--fleet.events];
	uint32_t i = 0;

	for (uint32_t child; (child = 2 * i + 1) < fleet.events; i = child) {
		if (child + 1 < fleet.events && earlier(&fleet.heap[child + 1], &fleet.heap[child]))
			child++;
		if (!earlier(&fleet.heap[child], &last))
			break;
		fleet.heap[i] = fleet.heap[child];
	}
	fleet.heap[i] = last;
	return first;
}

static bool told(void)
{
	return fleet.now >= DAY;
}

/* The zone is as it was until now; then it changes. */
static void zone_changes(double votes, double triggers)
{
	struct result *result = &fleet.result;
	double since = fmax(fleet.changed_at, DAY);

	if (told()) {
		result->votes_mean += fleet.standing * (fleet.now - since) / DAY;
		result->triggers_mean += fleet.triggers * (fleet.now - since) / DAY;
		fleet.tick[(uint32_t)(fleet.now - DAY)] = 1;
	}
	fleet.changed_at = fleet.now;
	fleet.standing += votes;
	fleet.triggers += triggers;
	if (told()) {
		result->votes_most = fmax(result->votes_most, fleet.standing);
		result->triggers_most = fmax(result->triggers_most, fleet.triggers);
	}
}

/* ---- a node and the primary ------------------------------------------------------------------------- */

static void enqueue(uint32_t number, uint32_t which, uint8_t kind)
{
	struct queue *queue = kind ? &fleet.node[number].rest : &fleet.node[number].votes;

	if (queue->first + queue->count == queue->room) {
		if (queue->first)
			memmove(queue->change, queue->change + queue->first, queue->count * sizeof(*queue->change));
		queue->first = 0;
		MORE(queue->change, queue->count, queue->room);
	}
	queue->change[queue->first + queue->count++] = (struct change){ which, kind, fleet.now };
	later(fleet.now, SEND, number, 0);
}

/* The primary takes all that wait, and makes one new zone of it. */
static void commit(void)
{
	uint32_t *list = fleet.taken, room = fleet.taken_room, changes = 0;

	fleet.taken = fleet.waiting;
	fleet.taken_count = fleet.waiting_count;
	fleet.taken_room = fleet.waiting_room;
	fleet.waiting = list;
	fleet.waiting_room = room;
	fleet.waiting_count = 0;
	for (uint32_t i = 0; i < fleet.taken_count; i++)
		changes += fleet.node[fleet.taken[i]].votes.under_way + fleet.node[fleet.taken[i]].rest.under_way;

	double verdicts = verdicts_in(fleet.standing, fleet.triggers);
	double one = between("vote_at_%s_s", verdicts), fifty = between("votes50_at_%s_s", verdicts);
	double one_cpu = between("vote_at_%s_cpu_s", verdicts), fifty_cpu = between("votes50_at_%s_cpu_s", verdicts);
	double service = one + fmax(fifty - one, 0) * (changes - 1) / 49;

	later(fleet.now + service, TAKEN, 0, 0);
	if (told()) {
		fleet.result.commits++;
		fleet.result.cpu += one_cpu + fmax(fifty_cpu - one_cpu, 0) * (changes - 1) / 49;
		fleet.result.longest = fmax(fleet.result.longest, service);
	}
}

/* Takes a message's worth and hands it to the primary. */
static void send(uint32_t number)
{
	struct node *node = &fleet.node[number];
	struct queue *votes = &node->votes, *rest = &node->rest;

	if (votes->under_way || rest->under_way || !(votes->count || rest->count))
		return;
	node->tokens = fmin(FLEET_RATE, node->tokens + (fleet.now - node->filled) * FLEET_RATE / 60);
	node->filled = fleet.now;
	rest->under_way = rest->count < UPDATE_MAX ? rest->count : UPDATE_MAX;
	while (votes->under_way < votes->count && votes->under_way + rest->under_way < UPDATE_MAX && node->tokens >= 1) {
		votes->under_way++;
		node->tokens--;
	}
	uint32_t count = votes->under_way + rest->under_way;

	if (!count) {
		if (!node->asleep)
			later(fleet.now + (1 - node->tokens) * 60 / FLEET_RATE + 0.001, SEND, number, 1);
		node->asleep = true;
		return;
	}
	MORE(fleet.waiting, fleet.waiting_count, fleet.waiting_room);
	fleet.waiting[fleet.waiting_count++] = number;
	if (told()) {
		fleet.result.updates++;
		fleet.result.changes += count;
		fleet.second[(uint32_t)(fleet.now - DAY)]++;
	}
	if (!fleet.taken_count)
		commit();
}

/* When <publisher> polls next. */
static double next_poll(uint32_t publisher)
{
	double phase = fleet.node[publisher].phase;

	return phase + ceil((fleet.now - phase) / POLL) * POLL;
}

/* The vote counts at others, as far as its node may have another one in force. */
static void admit(struct vote *vote)
{
	struct subject *subject = &fleet.subject[vote->subject];
	struct node *node = &fleet.node[vote->node];

	vote->counted = true;
	subject->votes++;
	if (subject->votes < fleet.setup.quorum)
		return; /* it makes no difference, and costs its node nothing */
	vote->in_force = true;
	node->admitted++;
	if (told())
		fleet.result.forced_most = fmax(fleet.result.forced_most, node->admitted);
	if (subject->votes > fleet.setup.quorum)
		return;
	if (told())
		*(vote->again < 1 ? &fleet.result.shared_false : &fleet.result.shared_true) += 1;
	if (subject->rare && !subject->triggers)
		for (uint32_t i = 0; i < fleet.setup.publishers; i++)
			later(next_poll(i), SEEN, vote->subject, i);
}

static void add_vote(uint32_t number)
{
	struct vote *vote = &fleet.vote[number];
	struct node *node = &fleet.node[vote->node];

	if (vote->expires <= fleet.now)
		return;
	vote->there = true;
	zone_changes(1, 0);
	if (node->admitted < FLEET_LIMIT) {
		admit(vote);
		return;
	}
	MORE(node->beyond.change, node->beyond.first + node->beyond.count, node->beyond.room);
	node->beyond.change[node->beyond.first + node->beyond.count++].vote = number;
	if (told())
		fleet.result.forced++;
}

static void remove_vote(struct vote *vote)
{
	struct subject *subject = &fleet.subject[vote->subject];
	struct node *node = &fleet.node[vote->node];

	if (!vote->there)
		return;
	vote->there = false;
	zone_changes(-1, 0);
	if (!vote->counted)
		return;
	vote->counted = false;
	node->admitted -= vote->in_force;
	vote->in_force = false;
	if (subject->votes-- == fleet.setup.quorum && subject->triggers)
		for (uint32_t i = 0; i < fleet.setup.publishers; i++)
			later(next_poll(i), WITHDRAW, vote->subject, i);
	while (node->beyond.count && node->admitted < FLEET_LIMIT) {
		struct vote *next = &fleet.vote[node->beyond.change[node->beyond.first++].vote];

		node->beyond.count--;
		if (next->there)
			admit(next);
	}
}

static void apply(const struct change *change)
{
	struct subject *subject;
	bool wanted = change->kind == 2;

	switch (change->kind) {
	case 0:
		if (told()) {
			MORE(fleet.delay, fleet.delays, fleet.delays_room);
			fleet.delay[fleet.delays++] = fleet.now - change->since;
		}
		add_vote(change->vote);
		break;
	case 1:
		remove_vote(&fleet.vote[change->vote]);
		break;
	default:
		subject = &fleet.subject[change->vote];
		if (subject->triggers != wanted)
			zone_changes(0, wanted ? 2 : -2);
		subject->triggers = wanted;
	}
}

static void answered(uint32_t number)
{
	struct queue *queues[] = { &fleet.node[number].rest, &fleet.node[number].votes };

	for (unsigned i = 0; i < 2; i++)
		for (; queues[i]->under_way; queues[i]->under_way--) {
			queues[i]->count--;
			apply(&queues[i]->change[queues[i]->first++]);
		}
	later(fleet.now, SEND, number, 0);
}

static void taken(void)
{
	for (uint32_t i = 0; i < fleet.taken_count; i++)
		answered(fleet.taken[i]);
	fleet.taken_count = 0;
	if (fleet.waiting_count)
		commit();
}

/* ---- verdicts --------------------------------------------------------------------------------------- */

static uint32_t new_subject(bool rare)
{
	MORE(fleet.subject, fleet.subjects, fleet.subjects_room);
	fleet.subject[fleet.subjects] = (struct subject){ .rare = rare };
	return fleet.subjects++;
}

/* A verdict at <at>; <again> 1 is a tunnel, which goes on until <gives_up>. */
static void expect(double at, uint32_t subject, uint32_t node, float again, double gives_up, double hold)
{
	MORE(fleet.vote, fleet.votes, fleet.votes_room);
	fleet.vote[fleet.votes] = (struct vote){ subject, node, 0, 0, hold, gives_up, again, false, false, false };
	later(at, VERDICT, fleet.votes++, 0);
}

static uint32_t some_node(void)
{
	return (uint32_t)(uniform() * fleet.setup.nodes);
}

/* A subject that shows at one node, and perhaps at a second. */
static void appear(double at, bool rare, float again, double gives_up)
{
	uint32_t subject = new_subject(rare), node = some_node(), nodes = fleet.setup.nodes;

	expect(at, subject, node, again, gives_up, HOLD);
	if (nodes > 1 && uniform() < ELSEWHERE) {
		/* One after the other: compilers differ in which argument they work out first. */
		double lag = uniform() * ELSEWHERE_LAG;
		uint32_t second = (node + 1 + (uint32_t)(uniform() * (nodes - 1))) % nodes;

		expect(at + lag, subject, second, again, gives_up, HOLD);
	}
}

static void held(uint32_t number)
{
	struct vote *vote = &fleet.vote[number];

	vote->held = fleet.now;
	vote->expires = fleet.now + vote->lasts;
	if (told()) {
		fleet.result.verdicts++;
		*(vote->again < 1 ? &fleet.result.of_false : &fleet.result.of_true) += 1;
	}
	enqueue(vote->node, number, 0);
	later(vote->expires, EXPIRE, number, 0);
}

/* Whoever is held again is held for twice as long, some minutes later. */
static void expired(uint32_t number)
{
	struct vote vote = fleet.vote[number];
	double at = fleet.now + after(600);

	enqueue(vote.node, number, 1);
	if (vote.again < 1 ? uniform() < vote.again : at < vote.gives_up)
		expect(at, vote.subject, vote.node, vote.again, vote.gives_up, fmin(2 * vote.lasts, HOLD_MAX));
}

static void publish(uint32_t publisher, uint32_t number, bool wanted)
{
	struct subject *subject = &fleet.subject[number];
	bool agreed = subject->votes >= fleet.setup.quorum;

	if (agreed == wanted && subject->triggers != wanted)
		enqueue(publisher, number, wanted ? 2 : 3);
}

static void schedule(void)
{
	double thousands = fleet.setup.clients / 1000;

	for (unsigned hour = 0; hour < DAYS * 24; hour++) {
		double begins = hour * 3600.0, factor = busy[hour % 24] / 24;

		for (double at = begins, mean = 3600 / (thousands * FALSE_A_DAY * factor); (at += after(mean)) < begins + 3600;)
			appear(at, uniform() < FALSE_RARE, FALSE_AGAIN, 0);
		for (double at = begins, mean = 3600 / (fleet.setup.nodes * TUNNELS_A_DAY * factor);
		     (at += after(mean)) < begins + 3600;)
			appear(at, true, 1, at + after(TUNNEL_LASTS));
	}
	/* At 14:00 of the second day: many clients, one domain that all ask for. */
	for (double i = 0; fleet.setup.incident && i < thousands * INCIDENT; i++)
		appear(DAY + 14 * 3600 + uniform() * 600, false, FALSE_AGAIN, 0);
	/* One node that holds what it likes, as often as it may, for as long as it may. */
	for (double at = 0; fleet.setup.flood && at < DAYS * DAY; at += 60 / FLEET_RATE)
		expect(at, new_subject(true), 0, 0, 0, HOLD_MAX);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static struct result simulate(const struct setup *setup)
{
	struct result *result = &fleet.result;

	memset(&fleet, 0, sizeof(fleet));
	dice = SEED;
	fleet.setup = *setup;
	fleet.node = calloc(setup->nodes, sizeof(*fleet.node));
	fleet.second = calloc((size_t)DAY + 1, sizeof(*fleet.second));
	fleet.tick = calloc((size_t)DAY + 1, 1);
	if (!fleet.node || !fleet.second || !fleet.tick)
		exit(1);
	for (uint32_t i = 0; i < setup->nodes; i++) {
		fleet.node[i].phase = uniform() * POLL;
		fleet.node[i].tokens = FLEET_RATE;
	}
	schedule();
	while (fleet.events) {
		struct event event = next_event();

		fleet.now = event.at;
		switch (event.what) {
		case VERDICT: held(event.who); break;
		case SEND:
			if (event.count)
				fleet.node[event.who].asleep = false;
			send(event.who);
			break;
		case TAKEN: taken(); break;
		case EXPIRE: expired(event.who); break;
		case SEEN: publish(event.count, event.who, true); break;
		case WITHDRAW: publish(event.count, event.who, false); break;
		}
	}
	fleet.now = DAYS * DAY - 1e-6;
	zone_changes(0, 0);
	for (uint32_t i = 0; i < (uint32_t)DAY; i++) {
		result->busiest = fmax(result->busiest, fleet.second[i]);
		result->ticks += fleet.tick[i];
	}
	if (fleet.delays) {
		qsort(fleet.delay, fleet.delays, sizeof(*fleet.delay), compare);
		for (uint32_t i = 0; i < fleet.delays; i++)
			result->delay_mean += fleet.delay[i] / fleet.delays;
		result->delay_99 = fleet.delay[(uint32_t)(0.99 * fleet.delays)];
		result->delay_most = fleet.delay[fleet.delays - 1];
	}
	for (uint32_t i = 0; i < setup->nodes; i++) {
		free(fleet.node[i].votes.change);
		free(fleet.node[i].rest.change);
		free(fleet.node[i].beyond.change);
	}
	free(fleet.node);
	free(fleet.second);
	free(fleet.tick);
	free(fleet.heap);
	free(fleet.vote);
	free(fleet.subject);
	free(fleet.delay);
	free(fleet.waiting);
	free(fleet.taken);
	return *result;
}

/* ---- tables ----------------------------------------------------------------------------------------- */

static const double sizes[] = { 1e4, 1e6, 1e7 };
static const uint32_t fleets[] = { 1, 10, 100 };

#define FOR_EACH_SETUP(nodes, clients) \
	for (unsigned f_ = 0; f_ < 3; f_++) \
		for (unsigned s_ = 0, once_ = 1; s_ < 3; s_++, once_ = 1) \
			for (uint32_t nodes = fleets[f_]; once_;) \
				for (double clients = sizes[s_]; once_; once_ = 0)

/* A number as people write it: three digits count. */
static const char *amount(double number)
{
	static char text[8][32];
	static unsigned turn;
	char *at = text[turn++ % 8];

	if (number >= 1e12)
		snprintf(at, sizeof(text[0]), "%.3g T", number / 1e12);
	else if (number >= 999.5e6)
		snprintf(at, sizeof(text[0]), "%.3g G", number / 1e9);
	else if (number >= 999.5e3)
		snprintf(at, sizeof(text[0]), "%.3g M", number / 1e6);
	else if (number >= 9999.5)
		snprintf(at, sizeof(text[0]), "%.3g k", number / 1e3);
	else if (number >= 99.5)
		snprintf(at, sizeof(text[0]), "%.0f", number);
	else
		snprintf(at, sizeof(text[0]), "%.2g", number);
	return at;
}

static const char *size_of(double clients)
{
	return clients >= 1e7 ? "10 M" : clients >= 1e6 ? "1 M" : "10 k";
}

/* Two nodes publish, which is enough (doc/fleet.md). */
static struct setup plain(uint32_t nodes, double clients)
{
	return (struct setup){ .nodes = nodes, .publishers = nodes < 2 ? nodes : 2, .quorum = 1, .clients = clients };
}

static void print_assumptions(void)
{
	printf("| assumed | |\n|---|---|\n");
	printf("| false verdicts, for 1000 clients and day | %g |\n", FALSE_A_DAY);
	printf("| of these about a domain that fewer than three clients ask for | %g |\n", FALSE_RARE);
	printf("| of these held again when the hold ends | %g |\n", FALSE_AGAIN);
	printf("| real tunnels that begin, for a node and day | %g |\n", TUNNELS_A_DAY);
	printf("| how long each is tried | %g hours in the mean |\n", TUNNEL_LASTS / 3600);
	printf("| seen by a second node as well, within half an hour | %g |\n", ELSEWHERE);
	printf("| a hold | %g hour, then twice as long each time, up to a day |\n", HOLD / 3600);
	printf("| clients of 1000 that an incident gets held within ten minutes | %g |\n", INCIDENT);
	printf("| nodes with `fleet-publish: yes` | 2 |\n");
	printf("| `fleet-poll`, `fleet-rate`, `fleet-limit`, `fleet-redis-interval`, `fleet-count-from` | the defaults |\n");
}

static void print_costs(void)
{
	printf("| measured | |\n|---|---|\n");
	for (unsigned i = 0; i < cost_count; i++)
		printf("| %s | %.3g |\n", costs[i].what, costs[i].value);
}

static void print_zone(void)
{
	printf("| nodes | clients | verdicts a day | updates a day | in the busiest second | votes standing, most | triggers, most "
	       "| zone in a transfer | in Knot | journal a day | from verdict to zone: mean, 99 %%, most |\n");
	printf("|---|---|---|---|---|---|---|---|---|---|---|\n");
	FOR_EACH_SETUP(nodes, clients)
	{
		struct setup setup = plain(nodes, clients);
		struct result r = simulate(&setup);
		double verdicts = verdicts_in(r.votes_most, r.triggers_most);

		printf("| %u | %s | %s | %s | %s | %s | %s | %s | %s | %s | %.2f s, %.2f s, %.2f s |\n", nodes, size_of(clients),
		       amount(r.verdicts), amount(r.updates), amount(r.busiest), amount(r.votes_most), amount(r.triggers_most),
		       amount(verdicts * cost("axfr_octets")), amount(verdicts * cost("knot_memory")),
		       amount(r.updates * cost("journal_octets")), r.delay_mean, r.delay_99, r.delay_most);
	}
}

static void print_network(void)
{
	printf("| nodes | clients | octets a day for each Warden: polls | changes | without IXFR | of a plain subscriber: changes "
	       "| without IXFR | memory of a plain subscriber | its processor, without IXFR | processor of Knot: updates | polls "
	       "and transfers | without IXFR |\n");
	printf("|---|---|---|---|---|---|---|---|---|---|---|---|\n");
	FOR_EACH_SETUP(nodes, clients)
	{
		struct setup setup = plain(nodes, clients);
		struct result r = simulate(&setup);
		double verdicts = verdicts_in(r.votes_mean, r.triggers_mean);
		/* What one verdict's transfer is more than nothing, it is by its records; a removal is as long. */
		double octets = r.changes * cost("ixfr_octets") / 2, polls = DAY / POLL;
		double whole = r.ticks * verdicts * cost("axfr_octets");

		printf("| %u | %s | %s | %s | %s | %s | %s | %s | %.2g %% | %.2g %% | %.2g %% | %.2g %% |\n", nodes, size_of(clients),
		       amount(2 * polls * cost("poll_octets")), amount(octets), amount(whole), amount(octets), amount(whole),
		       amount(verdicts_in(r.votes_most, r.triggers_most) * cost("rpz_memory")),
		       100 * r.ticks * verdicts / 100000 * cost("rpz_again_cpu_s") / DAY, 100 * r.cpu / DAY,
		       100 * nodes * (polls * cost("poll_tcp_cpu_s") + r.ticks * cost("ixfr_cpu_s")) / DAY,
		       100 * nodes * r.ticks * verdicts / 100000 * cost("axfr_100000_cpu_s") / DAY);
	}
}

static void print_incident(void)
{
	printf("| nodes | clients | verdicts that day | updates in the busiest second | votes standing, most | longest change of the "
	       "zone | from verdict to zone: mean, 99 %%, most |\n|---|---|---|---|---|---|---|\n");
	FOR_EACH_SETUP(nodes, clients)
	{
		struct setup setup = plain(nodes, clients);

		setup.incident = true;
		struct result r = simulate(&setup);

		printf("| %u | %s | %s | %s | %s | %.2f s | %.1f s, %.0f s, %.0f s |\n", nodes, size_of(clients), amount(r.verdicts),
		       amount(r.busiest), amount(r.votes_most), r.longest, r.delay_mean, r.delay_99, r.delay_most);
	}
}

static void print_flood(void)
{
	printf("| nodes | one floods | `fleet-min-nodes` | votes standing, most | of one node in force at others, most | beyond `fleet-limit`, "
	       "of that day | triggers, most | zone in a transfer | processor of Knot: updates |\n|---|---|---|---|---|---|---|---|---|\n");
	for (unsigned i = 0; i < 6; i++) {
		struct setup setup = plain(i < 3 ? 10 : 100, 1e6);

		setup.flood = i % 3;
		setup.quorum = i % 3 == 2 ? 2 : 1;
		struct result r = simulate(&setup);

		printf("| %u | %s | %u | %s | %s | %s | %s | %s | %.2g %% |\n", setup.nodes, setup.flood ? "yes" : "no", setup.quorum,
		       amount(r.votes_most), amount(r.forced_most), amount(r.forced), amount(r.triggers_most),
		       amount(verdicts_in(r.votes_most, r.triggers_most) * cost("axfr_octets")), 100 * r.cpu / DAY);
	}
}

static void print_quorum(void)
{
	printf("| nodes | `fleet-min-nodes` | verdicts about tunnels, of a day | subjects shared | false verdicts | subjects shared | triggers, "
	       "most |\n|---|---|---|---|---|---|---|\n");
	for (unsigned i = 0; i < 4; i++) {
		struct setup setup = plain(i < 2 ? 10 : 100, 1e6);

		setup.quorum = i % 2 + 1;
		struct result r = simulate(&setup);

		printf("| %u | %u | %s | %s | %s | %s | %s |\n", setup.nodes, setup.quorum, amount(r.of_true), amount(r.shared_true),
		       amount(r.of_false), amount(r.shared_false), amount(r.triggers_most));
	}
}

/* A cost that grows with the nodes whose sums a subject has, on the line through what was measured around <nodes>. */
static double by_nodes(const char *name, double nodes)
{
	char text[64];
	double from = nodes <= 10 ? 1 : 10, a, b;

	snprintf(text, sizeof(text), name, nodes <= 10 ? "1" : "10");
	a = cost(text);
	snprintf(text, sizeof(text), name, nodes <= 10 ? "10" : "100");
	b = cost(text);
	return a + (b - a) * (nodes - from) / (from * 9);
}

/* What a client's ordinary traffic comes to at a node with so many clients: fewer have more, for less of what they ask
 * is asked by others. Measured at 200 and at 1000; between them on a line over the logarithm, beyond them as there.
 */
static double of_client(const char *kind, const char *what, double clients)
{
	char few[64], many[64];

	snprintf(few, sizeof(few), "%s_%s_200", kind, what);
	snprintf(many, sizeof(many), "%s_%s_1000", kind, what);
	double part = fmin(fmax(log(clients / 200) / log(5), 0), 1);

	return cost(few) + (cost(many) - cost(few)) * part;
}

/* A client is at one node, or at two; a domain is at all. */
static void print_redis(void)
{
	static const char *const kinds[] = { "pair", "client", "domain" };

	printf("| nodes | clients | subjects of each node, mean | most | keys | memory | commands/s, mean | most | processor of Redis, mean "
	       "| most | octets/s to it | from it |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n");
	FOR_EACH_SETUP(nodes, clients)
	{
		double watched = 0, most = 0, keys = 0, memory = 0, commands = 0, commands_most = 0, cpu = 0, cpu_most = 0, in = 0,
		       out = 0;

		for (unsigned kind = 0; kind < 3; kind++) {
			double at = kind == 2 ? nodes : fmin(nodes, 1 + ELSEWHERE);
			double told_now, watched_now, most_now, day;

#define OF(what) (of_client(kinds[kind], what, clients / nodes) * clients)
			told_now = OF("told");
			watched_now = OF("watched");
			most_now = OF("watched_most");
			day = OF("a_day");
			watched += watched_now / nodes;
			most += most_now / nodes;
			keys += 2 * REDIS_DAYS * day;
			/* Of each subject a hash and the names; what nodes more add to the hash is by the hashes alone. */
			memory += REDIS_DAYS * day * (cost("redis_memory_100") + fmax(at - 1, 0) * (cost("redis_hash_100") -
			          cost("redis_hash_10")) / 90);
			/* Three questions for what is watched, four commands more for what has told something. */
			commands += (3 * watched_now + 4 * told_now) / REDIS_EVERY;
			commands_most += 7 * most_now / REDIS_EVERY;
			cpu += watched_now / REDIS_EVERY * by_nodes("redis_subject_%s_cpu_s", at);
			cpu_most += most_now / REDIS_EVERY * by_nodes("redis_subject_%s_cpu_s", at);
			in += watched_now / REDIS_EVERY * cost("redis_subject_in");
			out += watched_now / REDIS_EVERY * by_nodes("redis_subject_%s_out", at);
#undef OF
		}
		printf("| %u | %s | %s | %s%s | %s | %s | %s | %s | %.2g %% | %.2g %% | %s | %s |\n", nodes, size_of(clients),
		       amount(watched), amount(most), most > 16384 ? " (!)" : "", amount(keys), amount(memory), amount(commands),
		       amount(commands_most), 100 * cpu, 100 * cpu_most, amount(in), amount(out));
	}
}

static const struct {
	const char *name;
	void (*print)(void);
} tables[] = {
	{ "assumptions", print_assumptions }, { "costs", print_costs }, { "zone", print_zone }, { "network", print_network },
	{ "incident", print_incident }, { "flood", print_flood }, { "quorum", print_quorum }, { "redis", print_redis },
};

int main(int argc, char **argv)
{
	const char *wanted = argc > 2 ? argv[2] : NULL;
	bool found = false;

	read_costs(argc > 1 ? argv[1] : "tests/bench/fleet-costs.txt");
	for (unsigned i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		if (!wanted || !strcmp(wanted, tables[i].name)) {
			printf("<!-- begin: %s -->\n", tables[i].name);
			tables[i].print();
			printf("<!-- end -->\n");
			found = true;
		}
	if (!found)
		fputs("usage: fleet_simulation [COSTS [assumptions|costs|zone|network|incident|flood|quorum|redis]]\n", stderr);
	return found ? EXIT_SUCCESS : 2;
}
