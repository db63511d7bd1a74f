/* SPDX-License-Identifier: BSD-3-Clause */
/* leak - see leak.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <warden/warden.h>

#include "background.h"
#include "base/clock.h"
#include "leak.h"
#include "lookup.h"
#include "random.h"
#include "secret.h"

#define START    UINT64_C(1700000000000)
#define LEAKER   0 /* the client; it is in the background as well */
#define REST     (HOUR + SECOND) /* of a domain that was refused */
#define NEW_LINES 8 /* ALWAYS_NEW: refusals of new domains before the client itself rests */
#define DOMAIN_LEN 32

/* ---- what got out in the last 24 hours ------------------------------------------- */

#define DAY_QUESTIONS (1u << 17) /* more than a day has at a question every 0.8 seconds */

struct day {
	struct {
		uint64_t when;
		unsigned bits;
	} told[DAY_QUESTIONS];
	uint32_t first, end; /* count on for ever; the place is the remainder */
	uint64_t sum, most;
};

static void day_add(struct day *day, uint64_t now, unsigned bits)
{
	while (day->first != day->end && now - day->told[day->first % DAY_QUESTIONS].when >= DAY)
		day->sum -= day->told[day->first++ % DAY_QUESTIONS].bits;
	if (day->end - day->first == DAY_QUESTIONS) {
		fprintf(stderr, "more than %u questions in a day\n", DAY_QUESTIONS);
		exit(2);
	}
	day->told[day->end % DAY_QUESTIONS].when = now;
	day->told[day->end++ % DAY_QUESTIONS].bits = bits;
	day->sum += bits;
	if (day->sum > day->most)
		day->most = day->sum;
}

/* ---- the client ------------------------------------------------------------------ */

struct client {
	const struct plan *plan;
	struct warden *warden;
	uint64_t random, now, began;
	unsigned lines, turn;            /* a line is a domain, or one of NEW_LINES */
	char domain[DOMAINS_MAX][DOMAIN_LEN];
	uint64_t rests_until[DOMAINS_MAX];
	uint64_t asked;                  /* questions, refused ones included */
	uint64_t last_through;
	uint64_t broken;                 /* when the bound was, 0: not yet */
	bool refused;                    /* at least once */
	struct day day;
	struct background background;
	struct leak leak;
};

/* Names as anybody might register. */
static void make_domains(struct client *client)
{
	static const char *const tlds[] = { "com", "net", "org" };
	char first[WORD_MAX], second[WORD_MAX];

	client->lines = client->plan->choice == ALWAYS_NEW ? NEW_LINES : client->plan->domains;
	for (unsigned i = 0; i < client->lines; i++) {
		word_text(first, (unsigned)random_below(&client->random, 1u << WORD_BITS));
		word_text(second, (unsigned)random_below(&client->random, 1u << WORD_BITS));
		snprintf(client->domain[i], DOMAIN_LEN, "%s%s.%s", first, second, tlds[i % 3]);
	}
}

/* Takes a line that does not rest. Returns false when all do; then the time is moved to when
 * the first of them wakes.
 */
static bool take_line(struct client *client, unsigned *line)
{
	unsigned first = client->plan->choice == AT_RANDOM
	                         ? (unsigned)random_below(&client->random, client->lines)
	                         : client->turn;
	uint64_t wakes = UINT64_MAX;

	for (unsigned i = 0; i < client->lines; i++) {
		*line = (first + i) % client->lines;
		if (client->rests_until[*line] <= client->now) {
			client->turn = *line + 1;
			return true;
		}
		if (client->rests_until[*line] < wakes)
			wakes = client->rests_until[*line];
	}
	client->now = wakes;
	return false;
}

/* Keeps <decision> if no other was like it. */
static void note(struct client *client, const struct warden_decision *decision)
{
	struct leak *leak = &client->leak;

	if (decision->verdict < WARDEN_TAG)
		return;
	for (unsigned i = 0; i < leak->spoken_count; i++)
		if (leak->spoken[i].verdict == (int)decision->verdict &&
		    !strcmp(leak->spoken[i].detector, decision->detector))
			return;
	if (leak->spoken_count < SPOKEN_MAX)
		leak->spoken[leak->spoken_count++] = (struct spoken){
			.detector = decision->detector,
			.verdict = (int)decision->verdict,
			.when = client->now - client->began,
		};
}

/* Asks one question of <line>. */
static void tell(struct client *client, unsigned line)
{
	const struct plan *plan = client->plan;
	char name[LEFT_MAX + DOMAIN_LEN];
	struct warden_decision decision;
	struct telling telling;
	unsigned bits = encode(plan->encoder, &client->random, ++client->asked, &telling);
	struct lookup asked = {
		.client = LEAKER,
		.name = name,
		.qtype = telling.qtype,
		.shared_servers = plan->shared_servers,
	};
	bool through;

	snprintf(name, sizeof(name), "%s.%s", telling.left,
	         plan->choice == ALWAYS_NEW ? "com" : client->domain[line]);
	through = lookup(client->warden, &asked, client->now, &decision);
	note(client, &decision);
	if (!through)
		client->rests_until[line] = client->now + REST;
	if (through) {
		day_add(&client->day, client->now, bits);
		client->last_through = client->now;
		if (client->now - client->began < DAY)
			client->leak.first_day += bits;
		if (!client->broken && client->day.most > plan->bound * 8)
			client->broken = client->now;
		if (!client->refused) {
			client->leak.questions++;
			client->leak.before += bits;
		}
	}
	client->refused |= decision.verdict == WARDEN_REFUSE;
}

/* Whether there is nothing more to see. */
static bool is_over(const struct client *client)
{
	const struct plan *plan = client->plan;
	bool one_domain = plan->domains == 1 && plan->choice != ALWAYS_NEW;

	return (one_domain && client->refused) ||
	       client->now - client->last_through >= DAY ||
	       (client->broken && client->now - client->broken >= DAY) ||
	       client->now - client->began >= plan->days * DAY;
}

/* ---- the play -------------------------------------------------------------------- */

static struct warden *open_engine(const char *config, uint64_t seed)
{
	struct warden_setup setup = { .config_file = config, .now = START, .private_memory = 1 };
	char error[512];
	struct warden *warden = warden_open(&setup, error, sizeof(error));

	if (!warden) {
		fprintf(stderr, "%s\n", error);
		exit(2);
	}
	secret_fix(warden, seed);
	return warden;
}

struct leak leak_play(const struct plan *plan, const char *config)
{
	struct client *client = calloc(1, sizeof(*client));
	struct leak leak;
	unsigned line;

	if (!client || plan->domains > DOMAINS_MAX) {
		fputs("no room for a client\n", stderr);
		exit(2);
	}
	client->plan = plan;
	client->random = plan->seed;
	client->warden = open_engine(config, plan->seed);
	client->now = client->began = client->last_through = START + DAY;
	make_domains(client);
	background_begin(&client->background, START, plan->seed);
	while (!is_over(client)) {
		background_play(&client->background, client->warden, client->now);
		if (!take_line(client, &line))
			continue;
		tell(client, line);
		client->now += random_about(&client->random, plan->interval);
	}
	leak = client->leak;
	leak.most = client->day.most;
	leak.ordinary = client->background.asked;
	leak.ordinary_refused = client->background.refused;
	warden_close(client->warden);
	free(client);
	return leak;
}

bool leak_breaks(const struct leak *leak, const struct plan *plan)
{
	return leak->most > plan->bound * 8;
}

const struct spoken *leak_first(const struct leak *leak, int verdict)
{
	for (unsigned i = 0; i < leak->spoken_count; i++)
		if (leak->spoken[i].verdict == verdict)
			return &leak->spoken[i];
	return NULL;
}
