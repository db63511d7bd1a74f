/* SPDX-License-Identifier: BSD-3-Clause */
/* count - see count.h. A subject's commands, and so their replies, are in the order of enum count_step.
 *
 * Some errors are about a key (WRONGTYPE, ERR): its charge is given up. Any other (OOM, READONLY, NOAUTH, LOADING and
 * what is yet to be invented) is about us: what was not taken waits again, and when all replies of the batch are in,
 * so that we know what was, the connection is dropped and made again later.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/outbox.h"
#include "together/count.h"
#include "together/sums.h"

#define TICK        100     /* milliseconds between two looks into the outbox */
#define PARCELS_MAX 8192    /* taken out at a time */
#define NAMES_MAX   64      /* in a command */
#define KEEP        "172800" /* seconds: two days */
#define KEY_MAX     80

/* --- opening ------------------------------------------------------------------------------- */

static void settings_copy(struct counting *counting)
{
	unsigned cell;
	const struct rules *rules = rules_enter(counting->warden, &cell);
	const struct config *config = rules->config;

	if (config->settings.fleet_redis[0]) {
		counting->wanted = true;
		counting->where = strdup(config->settings.fleet_redis);
		memcpy(counting->password, config->redis_password, sizeof(counting->password));
		memcpy(counting->node, config->fleet_node, sizeof(counting->node));
	}
	rules_leave(counting->warden, cell);
}

bool count_open(struct counting *counting, struct warden *warden, int stop, uint64_t (*clock)(void), char *error,
                size_t error_len)
{
	*counting = (struct counting){ .warden = warden, .stop = stop, .clock = clock };
	pthread_mutex_init(&counting->lock, NULL);
	settings_copy(counting);
	gauge_set(warden->mapping.header, GAUGE_redis_up, 0); /* what is there is of the last process */
	gauge_set(warden->mapping.header, GAUGE_redis_subjects, 0);
	gauge_set(warden->mapping.header, GAUGE_redis_believed, 0);
	if (!counting->wanted)
		return true;
	if (!counting->where || !watch_open(&counting->watch) || !blind_open(&counting->blind, counting->password) ||
	    !redis_open(&counting->redis, counting->where, counting->password, warden->log)) {
		sentence_error(error, error_len, "fleet-redis: out of memory: this node counts for itself");
		counting->wanted = false;
		return false;
	}
	if (!*counting->password)
		sentence_say(warden->log, 0, "fleet-redis: without fleet-redis-password-file, whoever can read '%s' "
		             "can find out names by trying", counting->where);
	return true;
}

void count_close(struct counting *counting)
{
	redis_close(&counting->redis);
	watch_close(&counting->watch);
	blind_close(&counting->blind);
	explicit_bzero(counting->password, sizeof(counting->password));
	free(counting->where);
	counting->where = NULL;
}

static void tally(struct counting *counting, enum counter_id counter, uint64_t n)
{
	if (n)
		bank_add(bank_mine(&counting->warden->mapping.counters), counter, n);
}

static uint64_t interval(struct counting *counting)
{
	unsigned cell;
	uint64_t every = rules_enter(counting->warden, &cell)->config->settings.fleet_redis_interval;

	rules_leave(counting->warden, cell);
	return every;
}

/* --- from the outbox ----------------------------------------------------------------------- */

/* A subject of a parcel. <client> and <domain>: what makes it up. */
static void take_subject(struct counting *counting, const struct parcel *parcel, enum subject_kind kind,
                         uint64_t hash, float bits, const uint8_t *name_id, uint64_t now)
{
	const uint8_t *client = kind == SUBJECT_OF_DOMAIN ? NULL : parcel->client;
	const uint8_t *domain = kind == SUBJECT_OF_CLIENT ? NULL : parcel->qname + parcel->domain_at;
	size_t domain_len = domain ? (size_t)parcel->qname_len - parcel->domain_at : 0;
	struct watched *subject;
	bool is_new;

	if (!(bits > 0) || !isfinite(bits) || !hash)
		return;
	subject = watch_find(&counting->watch, hash, now, &is_new);
	if (subject && is_new && !blind_make(&counting->blind, kind, client, domain, domain_len, subject->id)) {
		subject->hash = 0;
		subject = NULL;
	}
	if (!subject) {
		tally(counting, COUNTER_redis_lost, 1);
		return;
	}
	watch_charge(subject, (double)bits, now);
	if (name_id)
		watch_name(&counting->watch, subject, name_id);
}

static void take_parcel(struct counting *counting, const struct parcel *parcel, uint64_t now)
{
	uint8_t id[BLIND_LEN];
	const uint8_t *name = NULL;

	if (parcel->domain_at >= parcel->qname_len)
		return;
	if (parcel->is_new &&
	    blind_make(&counting->blind, SUBJECT_OF_NAME, NULL, parcel->qname, parcel->qname_len, id))
		name = id;
	take_subject(counting, parcel, SUBJECT_OF_PAIR, parcel->pair, parcel->pair_bits, name, now);
	take_subject(counting, parcel, SUBJECT_OF_CLIENT, parcel->client_key, parcel->client_bits, name, now);
	take_subject(counting, parcel, SUBJECT_OF_DOMAIN, parcel->domain, parcel->domain_bits, name, now);
}

static void drain(struct counting *counting, uint64_t now)
{
	struct mapping *mapping = &counting->warden->mapping;
	struct parcel parcel;
	uint64_t skipped = 0;

	for (unsigned i = 0; i < PARCELS_MAX && outbox_get(mapping, &parcel, now, &skipped); i++)
		take_parcel(counting, &parcel, now);
	tally(counting, COUNTER_redis_lost, skipped);
}

/* --- to Redis ------------------------------------------------------------------------------ */

static void key_make(char key[KEY_MAX], char what, const struct watched *subject, uint64_t day)
{
	char id[2 * BLIND_LEN + 1];

	for (unsigned i = 0; i < 2 * BLIND_LEN; i++)
		id[i] = "0123456789abcdef"[subject->id[i / 2] >> (i % 2 ? 0 : 4) & 15];
	id[2 * BLIND_LEN] = '\0';
	snprintf(key, KEY_MAX, "warden:1:%c:%s:%" PRIu64, what, id, day);
}

/* Puts a command about <subject> into the batch. False when the connection is gone. */
static bool ask(struct counting *counting, const struct watched *subject, enum count_step step, int argc,
                const char *const *argv, const size_t *len, uint64_t now)
{
	if (!redis_command(&counting->redis, now, argc, argv, len))
		return false;
	counting->command[counting->commands++] = (struct count_command){
		.hash = subject->hash, .subject = (uint32_t)(subject - counting->watch.subject), .step = step,
	};
	return true;
}

static bool tell_bits(struct counting *counting, struct watched *subject, const char *key, uint64_t now)
{
	int64_t bits = watch_hand(subject);
	char number[24];
	const char *add[] = { "HINCRBY", key, counting->node, number };
	const char *keep[] = { "EXPIRE", key, KEEP };

	snprintf(number, sizeof(number), "%" PRId64, bits);
	return !bits || (ask(counting, subject, COUNT_TOLD, 4, add, NULL, now) &&
	                 ask(counting, subject, COUNT_NOTHING, 3, keep, NULL, now));
}

/* What is left for another time when there are many stays. */
static bool tell_names(struct counting *counting, struct watched *subject, const char *key, uint64_t now)
{
	uint8_t id[NAMES_MAX][BLIND_LEN];
	const char *add[2 + NAMES_MAX] = { "PFADD", key }, *keep[] = { "EXPIRE", key, KEEP };
	size_t len[2 + NAMES_MAX] = { 5, strlen(key) };
	int count = 0;

	while (count < NAMES_MAX && watch_take_name(&counting->watch, subject, id[count])) {
		add[2 + count] = (const char *)id[count];
		len[2 + count++] = BLIND_LEN;
	}
	return !count || (ask(counting, subject, COUNT_NOTHING, 2 + count, add, len, now) &&
	                  ask(counting, subject, COUNT_NOTHING, 3, keep, NULL, now));
}

static bool tell_and_ask(struct counting *counting, struct watched *subject, uint64_t now)
{
	char bits[KEY_MAX], bits_before[KEY_MAX], names[KEY_MAX], names_before[KEY_MAX];
	const char *today[] = { "HGETALL", bits }, *yesterday[] = { "HGETALL", bits_before };
	const char *distinct[] = { "PFCOUNT", names, names_before };

	key_make(bits, 'b', subject, now / DAY);
	key_make(bits_before, 'b', subject, now / DAY - 1);
	key_make(names, 'n', subject, now / DAY);
	key_make(names_before, 'n', subject, now / DAY - 1);
	return tell_bits(counting, subject, bits, now) &&
	       tell_names(counting, subject, names, now) &&
	       ask(counting, subject, COUNT_TODAY, 2, today, NULL, now) &&
	       ask(counting, subject, COUNT_YESTERDAY, 2, yesterday, NULL, now) &&
	       ask(counting, subject, COUNT_NAMES, 3, distinct, NULL, now);
}

/* Fills the pipeline with the next subjects of the pass. Each pass asks for something, so that a server that hangs is
 * found out.
 */
static void batch_fill(struct counting *counting, uint64_t now)
{
	const char *ping[] = { "PING" };

	counting->commands = 0;
	counting->replies = 0;
	counting->asked = now;
	if (!counting->next && !ask(counting, counting->watch.subject, COUNT_NOTHING, 1, ping, NULL, now))
		return;
	for (; counting->next < WATCH_SUBJECTS; counting->next++) {
		struct watched *subject = &counting->watch.subject[counting->next];

		if (counting->commands >= COUNT_COMMANDS || !redis_has_room(&counting->redis))
			return;
		if (!watch_is_due(subject, now))
			continue;
		counting->watched++;
		if (!tell_and_ask(counting, subject, now))
			return;
	}
}

/* --- what it answers ----------------------------------------------------------------------- */

/* Whether an error is about a key only. */
static bool is_of_a_key(const char *error)
{
	return !strncmp(error, "WRONGTYPE ", 10) || !strncmp(error, "ERR ", 4);
}

static void take_refusal(struct counting *counting, struct watched *subject, enum count_step step, const char *error)
{
	counting->whole = false;
	if (!is_of_a_key(error)) {
		snprintf(counting->refusal, sizeof(counting->refusal), "%s", error);
		if (step == COUNT_TOLD)
			watch_refused(subject);
	}
}

/* What is known of a subject now. */
static void settle(struct counting *counting, struct watched *subject, uint64_t hash, uint64_t now)
{
	counting->sum.bits = fmin(counting->sum.bits, SUMS_BITS_MAX);
	if (subject->hash != hash)
		return; /* not heard of for too long */
	if (counting->whole && (counting->sum.nodes || subject->heard) &&
	    !elsewhere_put(&counting->warden->mapping, subject->hash, &counting->sum, now) && !counting->said_full) {
		sentence_say(counting->warden->log, 1, "fleet-redis: more is told through other nodes than there is "
		             "room for in the segment: of some clients and domains this node counts what it sees "
		             "itself, until a larger profile: is set");
		counting->said_full = true;
	}
	subject->heard = counting->sum.nodes;
}

/* The day may have changed since the question: yesterday's whole sum would then count as today's. */
static void take_reply(struct counting *counting, const struct resp *reply, uint64_t now)
{
	const struct count_command *command = &counting->command[counting->replies++];
	struct watched *subject = &counting->watch.subject[command->subject];
	struct elsewhere *sum = &counting->sum;
	bool number = reply->type == RESP_NUMBER && reply->number >= 0;
	char error[64] = "no number of bits";
	double bits;
	uint32_t nodes;
	bool good = true;

	if (counting->replies == 1 || command[-1].subject != command->subject) { /* those of another begin */
		*sum = (struct elsewhere){ 0 };
		counting->whole = true;
	}
	if (reply->type == RESP_ERROR) {
		resp_printable(error, sizeof(error), reply->text);
		take_refusal(counting, subject, command->step, error);
	}
	switch (command->step) {
	case COUNT_TOLD:
		good = number;
		if (!good)
			tally(counting, COUNTER_redis_lost, subject->charges_handed);
		else if (subject->charges_handed)
			tally(counting, COUNTER_redis_sent, 1);
		watch_taken(subject);
		break;
	case COUNT_TODAY:
		good = sums_of_others(counting->node, reply, &bits, &nodes);
		sum->bits = bits;
		sum->nodes = nodes;
		break;
	case COUNT_YESTERDAY:
		good = sums_of_others(counting->node, reply, &bits, &nodes);
		sum->bits = sums_window(sum->bits, bits, counting->asked);
		sum->nodes = nodes > sum->nodes ? nodes : sum->nodes;
		break;
	case COUNT_NAMES:
		good = number;
		sum->names = number ? (uint64_t)reply->number : 0;
		break;
	default:
		break;
	}
	counting->whole &= good;
	if (!good && !*counting->refusal && !counting->said_nonsense) {
		sentence_say(counting->warden->log, 1, "fleet-redis: '%s' has under a key of ours what is none: %s; "
		             "that is left out, and not told again", counting->where, error);
		counting->said_nonsense = true;
	}
	if (command->step == COUNT_NAMES)
		settle(counting, subject, command->hash, now);
}

/* --- the thread ---------------------------------------------------------------------------- */

/* The connection went: what is not confirmed is given up. */
static void batch_lost(struct counting *counting)
{
	for (uint32_t i = counting->replies; i < counting->commands; i++) {
		const struct count_command *command = &counting->command[i];

		if (command->step == COUNT_TOLD)
			tally(counting, COUNTER_redis_lost, watch_taken(&counting->watch.subject[command->subject]));
	}
	counting->commands = 0;
	counting->replies = 0;
	counting->passing = false;
	counting->refusal[0] = '\0';
}

static void pass_begin(struct counting *counting, uint64_t now)
{
	counting->passing = true;
	counting->began = now;
	counting->next = 0;
	counting->watched = 0;
}

static void pass_end(struct counting *counting)
{
	counting->passing = false;
	gauge_set(counting->warden->mapping.header, GAUGE_redis_subjects, counting->watched);
	redis_worked(&counting->redis);
}

/* Goes on with the pass, or begins one, as far as nobody has to be waited for. */
static void pass_on(struct counting *counting, uint64_t now)
{
	if (!counting->passing && clock_since(now, counting->began) >= interval(counting))
		pass_begin(counting, now);
	if (!counting->passing || counting->replies < counting->commands)
		return;
	if (*counting->refusal) {
		redis_drop(&counting->redis, now, "refuses", counting->refusal);
		return;
	}
	if (counting->next == WATCH_SUBJECTS)
		pass_end(counting);
	else
		batch_fill(counting, now);
}

static void tell_state(struct counting *counting, uint64_t now)
{
	const struct redis *redis = &counting->redis;

	pthread_mutex_lock(&counting->lock);
	if (counting->works != redis->works || !counting->since)
		counting->since = now;
	counting->works = redis->works;
	memcpy(counting->trouble, redis->trouble, sizeof(counting->trouble));
	pthread_mutex_unlock(&counting->lock);
}

void count_print_state(struct counting *counting, FILE *out)
{
	uint64_t now;

	if (!counting->wanted)
		return;
	pthread_mutex_lock(&counting->lock);
	now = counting->clock();
	fprintf(out, "redis: %s %s", counting->where, counting->works       ? "answers"
	                                              : *counting->trouble ? counting->trouble
	                                                                   : "has not answered yet");
	if (!counting->works && counting->since)
		fprintf(out, " (away for %" PRIu64 " seconds)", now > counting->since ? (now - counting->since) / SECOND : 0);
	putc('\n', out);
	pthread_mutex_unlock(&counting->lock);
}

void count_round(struct counting *counting, uint64_t now)
{
	struct redis *redis = &counting->redis;
	const struct resp *reply;

	drain(counting, now);
	redis_work(redis, now);
	while (redis->state == REDIS_READY && (reply = redis_reply(redis, now)))
		take_reply(counting, reply, now);
	if (redis->state == REDIS_READY)
		pass_on(counting, now);
	if (redis->state != REDIS_READY)
		batch_lost(counting);
	gauge_set(counting->warden->mapping.header, GAUGE_redis_up, redis->works);
	tell_state(counting, now);
}

/* Before the thread ends: what waits is sent, as far as the socket takes it, and no answer is waited for. What it
 * does not take is lost: the ledgers have it, but the other nodes will not hear of it.
 */
static void farewell(struct counting *counting, uint64_t now)
{
	char key[KEY_MAX];
	bool can = counting->redis.state == REDIS_READY && counting->replies == counting->commands;

	batch_lost(counting);
	for (uint32_t i = 0; i < WATCH_SUBJECTS; i++) {
		struct watched *subject = &counting->watch.subject[i];

		if (subject->waiting < 1)
			continue;
		key_make(key, 'b', subject, now / DAY);
		if (can && counting->commands < COUNT_COMMANDS && redis_has_room(&counting->redis) &&
		    tell_bits(counting, subject, key, now))
			tally(counting, COUNTER_redis_sent, 1);
		else
			tally(counting, COUNTER_redis_lost, subject->charges + watch_taken(subject));
	}
	redis_work(&counting->redis, now);
}

void count_run(struct counting *counting)
{
	struct pollfd wait[2] = { { .fd = counting->stop, .events = POLLIN } };

	do {
		count_round(counting, counting->clock());
		wait[1] = redis_wait(&counting->redis);
		poll(wait, 2, TICK);
	} while (!wait[0].revents);
	farewell(counting, counting->clock());
	gauge_set(counting->warden->mapping.header, GAUGE_redis_up, 0);
}
