/* SPDX-License-Identifier: BSD-3-Clause */
/* facts - makes observations and facts for the unit tests of detectors.
 *
 * What the engine would work out (novelty, cost) is said by the test, so that a
 * detector is tested alone.
 */
#ifndef TESTS_UNIT_FACTS_H
#define TESTS_UNIT_FACTS_H

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "detect/detector.h"

#define START UINT64_C(1790000000000) /* some moment, in milliseconds */

/* Facts and all they point to. */
struct made {
	struct warden_observation obs;
	struct name name;
	struct facts facts;
};

/* A question for <text>, new to the client, of which <payload> labels are payload. */
static inline struct facts *make_question(struct made *made, uint64_t now, const char *text,
                                          unsigned payload, uint16_t qtype)
{
	memset(made, 0, sizeof(*made));
	assert_true(name_from_text(&made->name, text));
	made->obs = (struct warden_observation){
		.now = now,
		.what = WARDEN_QUESTION,
		.qtype = qtype,
		.qclass = 1,
		.qname = made->name.raw,
		.qname_len = made->name.len,
	};
	made->facts = (struct facts){
		.obs = &made->obs,
		.now = now,
		.name = &made->name,
		.payload_labels = (uint8_t)payload,
		.text_len = (uint8_t)name_text_len(&made->name),
		.question = true,
		.novel = true,
	};
	return &made->facts;
}

/* The answer to a question for <text>, from upstream. */
static inline struct facts *make_answer(struct made *made, uint64_t now, const char *text, unsigned payload,
                                        uint16_t qtype, uint8_t rcode)
{
	make_question(made, now, text, payload, qtype);
	made->obs.what = WARDEN_ANSWER;
	made->obs.rcode = rcode;
	made->obs.answer_size = made->name.len + 16u;
	made->facts.question = made->facts.novel = false;
	made->facts.answer = true;
	return &made->facts;
}

/* The defaults of <rows> in <config>, for detectors whose options are all numbers. */
static inline void set_defaults(const struct option *rows, void *config)
{
	for (; rows->key; rows++)
		memcpy((char *)config + rows->offset, &rows->preset, sizeof(rows->preset));
}

static inline void set_option(const struct detector *detector, void *config, const char *key,
                              uint64_t value)
{
	for (const struct option *row = detector->options; row->key; row++)
		if (!strcmp(row->key, key)) {
			memcpy((char *)config + row->offset, &value, sizeof(value));
			return;
		}
	fail_msg("no option '%s'", key);
}

/* Room for the configuration and the states of any detector. */
struct bench {
	const struct detector *detector;
	uint64_t config[256];
	uint64_t client[32], pair[32], domain[32];
};

static inline void bench_start(struct bench *bench, const struct detector *detector)
{
	memset(bench, 0, sizeof(*bench));
	bench->detector = detector;
	assert_true(detector->config_size <= sizeof(bench->config));
	assert_true(detector->client_size <= sizeof(bench->client));
	assert_true(detector->pair_size <= sizeof(bench->pair));
	assert_true(detector->domain_size <= sizeof(bench->domain));
	set_defaults(detector->options, bench->config);
}

/* Shows <facts> as the engine would: only what is relevant. */
static inline struct opinion bench_show(struct bench *bench, const struct facts *facts)
{
	const struct detector *d = bench->detector;

	if (d->relevant && !d->relevant(bench->config, facts))
		return NO_OPINION;
	return d->observe(bench->config, d->client_size ? bench->client : NULL,
	                  d->pair_size ? bench->pair : NULL, d->domain_size ? bench->domain : NULL, facts);
}

/* Calls <show> on a bench of <detector> whose states are of one octet throughout, once for each octet. */
static inline void bench_any_octets(const struct detector *detector, void (*show)(struct bench *bench))
{
	for (unsigned octet = 0; octet < 256; octet++) {
		struct bench bench;

		bench_start(&bench, detector);
		memset(bench.client, (int)octet, sizeof(bench.client));
		memset(bench.pair, (int)octet, sizeof(bench.pair));
		memset(bench.domain, (int)octet, sizeof(bench.domain));
		show(&bench);
	}
}

#endif
