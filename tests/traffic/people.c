/* SPDX-License-Identifier: BSD-3-Clause */
/* people - a queue of agents by when they act next; a browser and some pollers for each person. */
#include <stdlib.h>

#include "base/clock.h"

#include "people.h"

#define QUESTIONS_LEAST 100.0 /* a day */
#define QUESTIONS_MOST  10000.0

#define FAVOURITES_LEAST 50
#define FAVOURITES_MOST  200
#define SEARCHES_MAX     2000 /* for a favourite that is none yet */
#define EXPLORES         0.1  /* share of the names of pages that are no favourites */
#define BECOMES_ONE      0.02 /* share of these that will be, for the least used one */

#define PAGE_LEAST 5 /* names */
#define PAGE_MOST  20
#define PAGE_STEP  250.0 /* milliseconds from name to name */

#define POLLERS_MAX  6
#define POLLED_SHARE 0.4 /* of a person's questions, at most */
#define POLL_LEAST   (60.0 * SECOND)
#define POLL_MOST    (3600.0 * SECOND)

#define CACHES     0.5   /* share of people whose devices keep answers */
#define DUAL_STACK 0.75  /* share who ask for IPv6 addresses as well */
#define MODERN     0.4   /* share whose browsers ask for HTTPS records */
#define ODD        0.004 /* share of names asked for something else */
#define STUB_LINES 512   /* answers that a device keeps; a power of two */

struct stub_line {
	uint32_t what; /* 1 + host * KIND_COUNT + kind; 0: nothing */
	uint32_t until; /* second */
};

struct person {
	uint32_t client;
	uint32_t favourites, favourite[FAVOURITES_MOST]; /* most used first */
	double pause;    /* milliseconds in a busyness of 1, for each question of a page */
	uint64_t early;  /* milliseconds by which their day begins before others' */
	bool dual_stack, modern;
	struct stub_line *stub; /* STUB_LINES of them; NULL: keeps nothing */
};

/* What acts by itself: a browser, or what polls a name. */
struct agent {
	uint64_t next;
	struct person *person;
	double period;  /* of a poller; 0: a browser */
	uint32_t host;  /* that is polled */
	uint32_t names; /* of the page, still to come */
	uint32_t asked; /* questions of the page so far */
};

struct crowd {
	const struct names *names;
	const double *rhythm;
	struct chance chance;
	uint32_t agents;
	struct person *person;
	struct stub_line *stub;
	struct agent *agent; /* a heap: none acts before its parent, at half of its index */
};

const double rhythm_office[24] = {
	0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.3, 1.0, 2.2, 2.6, 2.5, 2.3,
	1.6, 2.3, 2.5, 2.4, 1.9, 0.8, 0.3, 0.2, 0.2, 0.1, 0.1, 0.1,
};

const double rhythm_home[24] = {
	0.4, 0.2, 0.1, 0.1, 0.1, 0.2, 0.8, 1.2, 0.9, 0.7, 0.7, 0.8,
	1.0, 1.0, 0.9, 1.0, 1.3, 1.6, 2.0, 2.3, 2.4, 2.1, 1.4, 0.8,
};

/* ---- asking ---------------------------------------------------------------------- */

/* Asks for one name and type, unless the device knows. Returns how many questions that is. */
static uint32_t ask(struct person *person, struct resolver *resolver, uint32_t host, enum kind kind,
                    uint64_t now)
{
	uint32_t what = host * KIND_COUNT + kind + 1;
	struct stub_line *line = NULL;
	uint64_t until;

	if (person->stub) {
		line = &person->stub[chance_of(what) % STUB_LINES];
		if (line->what == what && line->until > now / SECOND)
			return 0;
	}
	until = resolver_ask(resolver, person->client, host, kind, now);
	if (line)
		*line = (struct stub_line){ what, (uint32_t)(until / SECOND) };
	return 1;
}

/* Asks for a name as programs do. Returns how many questions that is. */
static uint32_t look_up(struct crowd *crowd, struct person *person, struct resolver *resolver,
                        uint32_t host, uint64_t now)
{
	static const enum kind odd[] = { KIND_TXT, KIND_MX, KIND_SRV };
	uint32_t asked;

	if (crowd->names->host[host].is_reverse)
		return ask(person, resolver, host, KIND_PTR, now);
	if (chance_hits(&crowd->chance, ODD))
		return ask(person, resolver, host, odd[chance_below(&crowd->chance, 3)], now);
	asked = ask(person, resolver, host, KIND_A, now);
	if (person->dual_stack)
		asked += ask(person, resolver, host, KIND_AAAA, now);
	if (person->modern)
		asked += ask(person, resolver, host, KIND_HTTPS, now);
	return asked;
}

static uint32_t name_of_page(struct crowd *crowd, struct person *person)
{
	uint32_t host;

	if (!chance_hits(&crowd->chance, EXPLORES))
		return person->favourite[names_rank(crowd->names, person->favourites, &crowd->chance)];
	host = names_popular(crowd->names, &crowd->chance);
	if (chance_hits(&crowd->chance, BECOMES_ONE))
		person->favourite[person->favourites - 1] = host;
	return host;
}

/* When <work> milliseconds of a busyness of 1 have gone by since <now>. */
static uint64_t later(const double rhythm[24], uint64_t now, double work)
{
	for (;;) {
		double busyness = rhythm[now / HOUR % 24];
		uint64_t end = (now / HOUR + 1) * HOUR;
		double room = (double)(end - now) * busyness;

		if (work < room)
			return now + 1 + (uint64_t)(work / busyness);
		work -= room;
		now = end;
	}
}

/* Does what <agent> does now, and says when it acts next. */
static void act(struct crowd *crowd, struct agent *agent, struct resolver *resolver)
{
	struct person *person = agent->person;
	struct chance *chance = &crowd->chance;
	uint64_t now = agent->next;
	double work;

	if (agent->period > 0) {
		look_up(crowd, person, resolver, agent->host, now);
		agent->next += (uint64_t)(agent->period * (0.95 + 0.1 * chance_unit(chance)));
		return;
	}
	if (!agent->names) {
		agent->names = PAGE_LEAST + chance_below(chance, PAGE_MOST - PAGE_LEAST + 1);
		agent->asked = 0;
	}
	agent->asked += look_up(crowd, person, resolver, name_of_page(crowd, person), now);
	if (--agent->names) {
		agent->next += 1 + (uint64_t)chance_wait(chance, PAGE_STEP);
		return;
	}
	/* Who has asked nothing looks at the next page as if it had been one question. */
	work = chance_wait(chance, person->pause * (agent->asked ? agent->asked : 1));
	agent->next = later(crowd->rhythm, now + person->early, work) - person->early;
}

/* ---- the queue ------------------------------------------------------------------- */

/* Lets the agent at <at> sink to where it belongs. The first is 1. */
static void sink(struct crowd *crowd, uint32_t at)
{
	struct agent *heap = crowd->agent - 1;
	struct agent agent = heap[at];

	for (uint32_t child; (child = 2 * at) <= crowd->agents; at = child) {
		if (child < crowd->agents && heap[child + 1].next < heap[child].next)
			child++;
		if (agent.next <= heap[child].next)
			break;
		heap[at] = heap[child];
	}
	heap[at] = agent;
}

void crowd_run(struct crowd *crowd, struct resolver *resolver, uint64_t end)
{
	for (uint32_t at = crowd->agents / 2; at > 0; at--)
		sink(crowd, at);
	while (crowd->agent[0].next < end) {
		act(crowd, &crowd->agent[0], resolver);
		sink(crowd, 1);
	}
}

/* ---- making them ----------------------------------------------------------------- */

static bool is_favourite(const struct person *person, uint32_t host)
{
	for (uint32_t i = 0; i < person->favourites; i++)
		if (person->favourite[i] == host)
			return true;
	return false;
}

static void choose_favourites(struct crowd *crowd, struct person *person)
{
	uint32_t wanted = (uint32_t)chance_octave(&crowd->chance, FAVOURITES_LEAST, FAVOURITES_MOST);

	if (wanted > crowd->names->host_count)
		wanted = crowd->names->host_count;
	for (unsigned i = 0; i < SEARCHES_MAX && person->favourites < wanted; i++) {
		uint32_t host = names_popular(crowd->names, &crowd->chance);

		if (!is_favourite(person, host))
			person->favourite[person->favourites++] = host;
	}
}

/* Questions a day of <person>, by <plan>. */
static double level(const struct crowd_plan *plan, struct chance *chance)
{
	double questions = plan->questions * exp(plan->spread * chance_normal(chance));

	if (questions < QUESTIONS_LEAST)
		return QUESTIONS_LEAST;
	return questions > QUESTIONS_MOST ? QUESTIONS_MOST : questions;
}

static void add_agents(struct crowd *crowd, struct person *person, double questions, uint64_t began)
{
	unsigned pollers = 1 + chance_below(&crowd->chance, POLLERS_MAX);
	unsigned types = 1u + person->dual_stack + person->modern;
	double polled = 0;

	for (unsigned i = 0; i < pollers; i++) {
		double period = chance_octave(&crowd->chance, POLL_LEAST, POLL_MOST);
		double cost = (double)DAY / period * types;
		double first = chance_unit(&crowd->chance) * period;

		if (polled + cost > POLLED_SHARE * questions)
			continue;
		polled += cost;
		crowd->agent[crowd->agents++] = (struct agent){
			.next = began + (uint64_t)first,
			.person = person,
			.period = period,
			.host = person->favourite[chance_below(&crowd->chance, person->favourites)],
		};
	}
	person->pause = (double)DAY / (questions - polled);
	crowd->agent[crowd->agents++] = (struct agent){
		.next = later(crowd->rhythm, began, chance_wait(&crowd->chance, 10 * person->pause)),
		.person = person,
	};
}

struct crowd *crowd_new(const struct crowd_plan *plan, const struct names *names, uint64_t began,
                        struct chance *chance)
{
	struct crowd *crowd = calloc(1, sizeof(*crowd));

	if (!crowd)
		return NULL;
	crowd->names = names;
	crowd->rhythm = plan->rhythm;
	crowd->chance.state = chance_next(chance);
	crowd->person = calloc(plan->people, sizeof(*crowd->person));
	crowd->stub = calloc((size_t)plan->people * STUB_LINES, sizeof(*crowd->stub));
	crowd->agent = calloc((size_t)plan->people * (1 + POLLERS_MAX), sizeof(*crowd->agent));
	if (!crowd->person || !crowd->stub || !crowd->agent) {
		crowd_free(crowd);
		return NULL;
	}
	for (uint32_t i = 0; i < plan->people; i++) {
		struct person *person = &crowd->person[i];

		person->client = i < plan->behind ? 0 : i - plan->behind + (plan->behind > 0);
		person->early = (uint64_t)(chance_unit(&crowd->chance) * 3 * HOUR);
		person->dual_stack = chance_hits(&crowd->chance, DUAL_STACK);
		person->modern = chance_hits(&crowd->chance, MODERN);
		if (chance_hits(&crowd->chance, CACHES))
			person->stub = crowd->stub + (size_t)i * STUB_LINES;
		choose_favourites(crowd, person);
		add_agents(crowd, person, level(plan, &crowd->chance), began);
	}
	return crowd;
}

void crowd_free(struct crowd *crowd)
{
	if (!crowd)
		return;
	free(crowd->person);
	free(crowd->stub);
	free(crowd->agent);
	free(crowd);
}

uint32_t crowd_clients(const struct crowd_plan *plan)
{
	return plan->people - plan->behind + (plan->behind > 0);
}
