/* SPDX-License-Identifier: BSD-3-Clause */
/* questions - see questions.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "name/name.h"

#include "questions.h"

const char *const kind_names[KIND_COUNT] = {
	[CACHE_HIT] = "cache hit",
	[ORDINARY] = "miss, ordinary",
	[KNOWN_PAIR] = "miss, known name",
	[NEW_NAME] = "miss, new name",
	[NEW_PAIR] = "miss, new domain",
	[NEW_CLIENT] = "miss, new client",
	[ANSWER] = "answer",
};

void question_make(struct question *question, enum kind kind, unsigned thread, unsigned n,
                   unsigned serial, uint64_t at)
{
	/* Four clients ask for each domain, and each of them again and again. */
	unsigned domain = n % 1000, host = n % 100, client = (n % 1000 + n / 1000 % 4 * 37) % 500;
	struct name name;
	char text[64];

	if (kind == ORDINARY && n % NEW_EVERY == 0) {
		host = serial;
		client = n / 1000 % 50;
	}
	/* A few new names for each of many pairs: more of them would be a tunnel, and looked at longer. */
	if (kind == NEW_NAME) {
		host = serial;
		client = n / 1000 % 50;
	}
	if (kind == NEW_PAIR)
		domain = 1000 + serial;
	if (kind == NEW_CLIENT)
		client = 1000 + serial;
	snprintf(text, sizeof(text), "host%u.some-domain%u.com", host, domain);
	if (!name_from_text(&name, text))
		abort();
	memset(question, 0, sizeof(*question));
	memcpy(question->qname, name.raw, name.len);
	question->obs = (struct warden_observation){
		.now = at,
		.what = WARDEN_QUESTION,
		.path = WARDEN_PATH_MISS,
		.qtype = n % 3 ? 1 : 28,
		.qclass = 1,
		.qname_len = name.len,
		.qname = question->qname,
		.answer_count = 1,
		.answer_size = 80,
		.ttl = 300,
	};
	memcpy(question->obs.client, "\x20\x01\x0d\xb8", 4);
	memcpy(question->obs.client + 4, &client, 3);
	question->obs.client[7] = (uint8_t)thread;
	if (kind == CACHE_HIT) {
		question->obs.what = WARDEN_QUESTION | WARDEN_ANSWER;
		question->obs.path = WARDEN_PATH_CACHE;
	}
	if (kind == ANSWER) {
		static const struct warden_server servers[] = {
			{ (const uint8_t *)"\3ns1\4host\3net", 14 }, { (const uint8_t *)"\3ns2\4host\3net", 14 },
		};
		static const struct warden_record records[] = {
			{ (const uint8_t *)"\300\0\2\1", 300, 1, 4 }, { (const uint8_t *)"\300\0\2\2", 300, 1, 4 },
		};

		question->obs.what = WARDEN_ANSWER;
		question->obs.records = records;
		question->obs.record_count = question->obs.answer_count = 2;
		question->obs.servers = servers;
		question->obs.server_count = 2;
		question->obs.zone = question->qname + 1 + question->qname[0];
		question->obs.zone_len = (uint8_t)(name.len - 1 - name.raw[0]);
	}
}
