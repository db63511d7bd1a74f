/* SPDX-License-Identifier: BSD-3-Clause */
/* replay_unbound_log - what Unbound logs of its clients' questions, with log-queries and log-replies.
 *
 *     TIME unbound[12:0] info: 192.0.2.7 www.example.com. A IN
 *     TIME unbound[12:0] info: 192.0.2.7 www.example.com. A IN NOERROR 0.012345 0 49 [on udp 192.0.2.1 53]
 *                  |  |  |                                             |        |  size
 *                  |  |  query: or reply: with log-tag-queryreply      |        from the cache
 *                  |  thread                                           time it took
 *                  process
 *
 * TIME is any that stamp.h knows; syslog puts the host and more before the bracket. Lines about
 * anything else are passed over.
 *
 * A question and its reply are found together by client, name, type and class: the log has no ID. A
 * reply without its question (log-replies alone) is both; so is one from the cache, and then its
 * question must not have been told as one that went upstream. What comes from the cache is answered
 * in one go, so the reply is the next line of the same thread: a question is held back until its
 * thread writes another line, or for HELD_MAX.
 *
 * Invariant: memory does not grow with the log. Questions that wait for a reply are a table in which
 * a newcomer displaces what has its place.
 */
#include <stdlib.h>
#include <string.h>

#include "base/dns.h"
#include "base/hash.h"
#include "name/name.h"
#include "report/address.h"
#include "recorded/field.h"
#include "recorded/lines.h"
#include "recorded/format.h"
#include "recorded/stamp.h"

#define THREADS        64    /* places for held questions: a power of two */
#define WAITING        65536 /* places for questions */
#define WAIT_MAX       30000 /* milliseconds: a reply that comes later is another question's */
#define HELD_MAX       2000  /* milliseconds: times are in whole seconds */
#define OPT_LEN        11    /* octets of an OPT record without options (RFC 6891) */

/* client name type class | rcode took cached size | "on" transport address port */
enum word { CLIENT, QNAME, QTYPE, QCLASS, QUERY_WORDS, RCODE = QUERY_WORDS, TOOK, CACHED, SIZE, REPLY_WORDS,
            ON = REPLY_WORDS, TRANSPORT, ADDRESS, PORT, WORDS };

/* A question that no reply has been seen of yet: who asks the same again waits for as many. */
struct waiting {
	uint64_t key;   /* 0: nobody's */
	uint64_t asked; /* milliseconds */
	uint32_t count;
};

/* A line of ours. */
struct entry {
	struct warden_observation obs;
	struct name name;
	uint64_t key; /* of client, name, type and class */
	bool reply;
};

struct reader {
	const struct sink *sink;
	struct stamp stamp;
	struct waiting waiting[WAITING];
	struct entry held[THREADS];
	bool is_held[THREADS];
	unsigned held_count;
};

/* --- a line ---------------------------------------------------------------------------------- */

/* What stands behind "[12:0] info: ", whose thread is <thread>; NULL when there is no such thing. */
static char *behind_head(char *line, unsigned long *thread)
{
	static const char *const words[] = { "info: ", "query: ", "reply: " };

	for (char *close = strchr(line, ']'); close; close = strchr(close + 1, ']')) {
		const char *colon = close;

		if (close[1] != ' ')
			continue;
		while (colon > line && *colon != ':' && *colon != '[')
			colon--;
		for (size_t i = 0; *colon == ':' && i < sizeof(words) / sizeof(*words); i++) {
			if (!strncmp(close + 2, words[i], strlen(words[i]))) {
				*thread = strtoul(colon + 1, NULL, 16);
				return close + 2 + strlen(words[i]);
			}
		}
	}
	return NULL;
}

/* Cuts <text> at its blanks. Returns how many words there are, at most WORDS + 1. */
static unsigned cut(char *text, char *word[WORDS])
{
	unsigned count = 0;

	for (char *next = text; next; ) {
		char *here = strsep(&next, " ");

		if (!*here)
			continue;
		if (count == WORDS)
			return count + 1;
		word[count++] = here;
	}
	return count;
}

/* Places in a table of a tool: no secret is needed. */
static uint64_t key_of(const struct entry *entry)
{
	struct { uint64_t name; uint8_t client[16]; uint32_t qtype, qclass; } all = {
		.name = hash_octets_plain(entry->name.wire, entry->name.len),
		.qtype = entry->obs.qtype, .qclass = entry->obs.qclass, /* without padding: all of it is hashed */
	};

	memcpy(all.client, entry->obs.client, sizeof(all.client));
	return hash_octets_plain(&all, sizeof(all)) | 1; /* never nobody's */
}

/* Unbound's word for its channel; for DNS over HTTPS it is dot (comm_http in its log_reply_info()). */
static uint8_t transport_of(const char *word)
{
	return !strcmp(word, "tcp") ? WARDEN_TRANSPORT_TCP
		: !strcmp(word, "dot") ? WARDEN_TRANSPORT_DOH : WARDEN_TRANSPORT_UDP;
}

static const char *read_reply(struct warden_observation *obs, char *const word[WORDS], unsigned count)
{
	bool from_cache = !strcmp(word[CACHED], "1");
	uint64_t took;

	if (!field_rcode(word[RCODE], &obs->rcode))
		return "the rcode is unknown";
	if (!field_time(word[TOOK], &took))
		return "the time it took is not a number of seconds";
	if (!from_cache && strcmp(word[CACHED], "0") != 0)
		return "whether it was cached is not 0 or 1";
	if (!field_count(word[SIZE], &obs->answer_size))
		return "the size is not a number of octets";
	if (from_cache)
		obs->path = WARDEN_PATH_CACHE;
	if (count == WORDS)
		obs->transport = transport_of(word[TRANSPORT]);
	/* Its records are not told: there are none where there is no room for any. */
	obs->answer_count = obs->rcode == 0 &&
		obs->answer_size > (uint32_t)(DNS_HEADER_LEN + obs->qname_len + DNS_QUESTION_FIXED + OPT_LEN);
	return NULL;
}

/* Reads the <count> words into <entry>. Returns NULL, or what is wrong with them. */
static const char *read_entry(struct entry *entry, char *const word[WORDS], unsigned count)
{
	struct warden_observation *obs = &entry->obs;

	entry->reply = count >= REPLY_WORDS;
	/* "192.0.2.7 - - - FORMERR - - -", and a message without a question */
	if (!strcmp(word[QNAME], "-") || !strcmp(word[QNAME], "null"))
		return "a reply to what is no question";
	if (!name_from_text(&entry->name, word[QNAME]))
		return "the name is not a domain name";
	if (!field_type(word[QTYPE], &obs->qtype))
		return "the type is unknown";
	if (!field_class(word[QCLASS], &obs->qclass))
		return "the class is unknown";
	obs->qname = entry->name.raw;
	obs->qname_len = entry->name.len;
	entry->key = key_of(entry);
	return entry->reply ? read_reply(obs, word, count) : NULL;
}

/* --- a question and its reply ---------------------------------------------------------------- */

static void tell(struct reader *reader, struct entry *entry, uint8_t what)
{
	entry->obs.what = what;
	entry->obs.qname = entry->name.raw;
	reader->sink->observe(reader->sink->arg, &entry->obs);
}

static struct waiting *place(struct reader *reader, uint64_t key)
{
	return &reader->waiting[(key ^ key >> 32) % WAITING];
}

static bool waits(const struct waiting *waiting, uint64_t key, uint64_t now)
{
	return waiting->key == key && waiting->count && now <= waiting->asked + WAIT_MAX;
}

/* The question of this place went upstream. */
static void let_go(struct reader *reader, unsigned at)
{
	struct entry *entry = &reader->held[at];
	struct waiting *waiting = place(reader, entry->key);
	uint32_t before = waits(waiting, entry->key, entry->obs.now) ? waiting->count : 0;

	if (!reader->is_held[at])
		return;
	reader->is_held[at] = false;
	reader->held_count--;
	tell(reader, entry, WARDEN_QUESTION);
	*waiting = (struct waiting){ entry->key, entry->obs.now, before + (before < UINT32_MAX) };
}

/* Threads write when they get to it, so a line may be a little older than the one before. */
static void let_go_of_old(struct reader *reader, uint64_t now)
{
	for (unsigned i = 0; reader->held_count && i < THREADS; i++)
		if (reader->is_held[i] && now >= reader->held[i].obs.now + HELD_MAX)
			let_go(reader, i);
}

static void let_go_of_all(struct reader *reader)
{
	for (unsigned i = 0; i < THREADS; i++)
		let_go(reader, i);
}

static void take_reply(struct reader *reader, struct entry *entry, unsigned at)
{
	struct waiting *waiting = place(reader, entry->key);

	if (reader->is_held[at] && entry->obs.path == WARDEN_PATH_CACHE &&
	    reader->held[at].key == entry->key) {
		reader->is_held[at] = false;
		reader->held_count--;
		entry->obs.now = reader->held[at].obs.now;
		tell(reader, entry, WARDEN_QUESTION | WARDEN_ANSWER);
		return;
	}
	let_go(reader, at);
	if (!waits(waiting, entry->key, entry->obs.now)) {
		tell(reader, entry, WARDEN_QUESTION | WARDEN_ANSWER);
		return;
	}
	waiting->count--;
	entry->obs.path = WARDEN_PATH_MISS; /* as its question was told */
	tell(reader, entry, WARDEN_ANSWER);
}

static void take_query(struct reader *reader, const struct entry *entry, unsigned at)
{
	let_go(reader, at);
	reader->held[at] = *entry;
	reader->is_held[at] = true;
	reader->held_count++;
}

/* Takes <line>. Returns NULL, or what is wrong with it. */
static const char *take_line(struct reader *reader, char *line)
{
	struct entry entry = { .obs = { .path = WARDEN_PATH_MISS } };
	const char *here = line, *fault;
	unsigned long thread;
	char *text, *word[WORDS];
	unsigned count;

	if (!stamp_read(&reader->stamp, &here, &entry.obs.now))
		return "it does not begin with a time";
	text = behind_head(line + (here - line), &thread);
	if (!text)
		return NULL;
	count = cut(text, word);
	if ((count != QUERY_WORDS && count != REPLY_WORDS && count != WORDS) ||
	    !address_from_text(entry.obs.client, word[CLIENT]))
		return NULL;
	fault = read_entry(&entry, word, count);
	if (fault)
		return fault;
	let_go_of_old(reader, entry.obs.now);
	if (entry.reply)
		take_reply(reader, &entry, thread % THREADS);
	else
		take_query(reader, &entry, thread % THREADS);
	return NULL;
}

static int unbound_log_read(FILE *file, const struct sink *sink, char *error, size_t error_len)
{
	struct reader *reader = calloc(1, sizeof(*reader));
	struct lines lines = { .file = file };

	if (!reader) {
		fclose(file);
		snprintf(error, error_len, "cannot be read: memory is short");
		return -1;
	}
	reader->sink = sink;
	reader->stamp.written = sink->written;
	while (lines_next(&lines)) {
		const char *fault = lines.fault;

		if (!fault && lines.len)
			fault = take_line(reader, lines.text);
		if (fault)
			sink->skip(sink->arg, lines.number, fault);
	}
	let_go_of_all(reader);
	free(reader);
	return lines_end(&lines, error, error_len);
}

/* "[1700000", "2026-11-" or "Nov 21 0" */
static bool unbound_log_recognise(const uint8_t *head, size_t len)
{
	char text[REPLAY_HEAD + 1];
	unsigned digits = 0;

	if (len < 8)
		return false;
	memcpy(text, head, len);
	text[len] = '\0';
	for (const char *c = text; *c >= '0' && *c <= '9'; c++)
		digits++;
	return (text[0] == '[' && text[1] >= '0' && text[1] <= '9') ||
	       (digits == 4 && text[4] == '-' && text[7] == '-') ||
	       (text[3] == ' ' && text[6] == ' ' && text[0] >= 'A' && text[0] <= 'Z');
}

const struct format replay_unbound_log = {
	.name = "unbound-log",
	.extension = ".log",
	.recognise = unbound_log_recognise,
	.read = unbound_log_read,
};
