/* SPDX-License-Identifier: BSD-3-Clause */
/* support - what the tests of the store and the engine share.
 *
 * Every test program has a folder of its own below TMPDIR, made at the first use and removed
 * at exit. Time is NOW and what a test adds to it.
 */
#ifndef SUPPORT_H
#define SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"
#include "store/mapping.h"

#define NOW UINT64_C(1700000000000)

/* The smallest segment that has more than one set of everything. */
extern const struct segment_sizes tiny_sizes;

/* A log function that keeps what it is told in <said>, sentence by sentence; and how often <words> are in there, which
 * may be asked while other threads speak.
 */
extern char said[8192];
void say(int is_error, const char *sentence);
unsigned times_said(const char *words);

/* Path of <name> in this program's folder. The result is static, overwritten by the eighth call. */
const char *temp(const char *name);

/* Writes <text> to temp(<name>) and returns that. */
const char *temp_file(const char *name, const char *text);

/* Removes everything in the folder. */
void temp_clean(void);

/* Memory of this process only, with tiny_sizes. */
void open_private(struct mapping *mapping);

/* An observation with the name that it points to. */
struct asked {
	struct warden_observation obs;
	struct name name;
};

/* The question of <client> ("192.0.2.1", "2001:db8::1") for <qname> at NOW, on a miss. */
void question(struct asked *asked, const char *client, const char *qname, uint16_t qtype);

/* The 16 octets of an address. */
void address(uint8_t octets[16], const char *text);

/* Makes the segment's hash secret the one of <seed>, so that what fails once fails again: clients
 * share bits and names share blocks in every run alike. Before anything is observed.
 */
void fix_secret(struct warden *warden, unsigned seed);

#define EVERY_DETECTOR "# every detector\n"

/* What open_engine() makes of <config>, static. */
const char *engine_config(const char *config);

/* Opens an engine with <config> as its warden.conf, with the secret of seed 0. <private>: in
 * memory of its own. Fails the test when it cannot.
 *
 * These tests are about the engine, so of the detectors only a few run, always the same, and those that
 * <config> names; all of them when it contains EVERY_DETECTOR.
 */
struct warden *open_engine(const char *config, bool private);

/* Path of the configuration that open_engine() writes. */
const char *config_path(void);

/* The decision on question() of these. */
struct warden_decision decision_on(struct warden *warden, const char *client, const char *qname,
                                   uint16_t qtype);

/* Three different NULL names below one domain: null-rate refuses at the third, whose decision
 * this is.
 */
struct warden_decision provoke(struct warden *warden, const char *client, const char *domain);

/* Takes all records out of the journal. Returns how many; the first <max> go to <record>. */
unsigned drain(struct warden *warden, struct record *record, unsigned max);

/* Sum of a counter since the segment was made. */
uint64_t counted(const struct warden *warden, enum counter_id id);

/* Counter <word> of a client's slot, UINT64_MAX without one. */
uint64_t client_counted(struct warden *warden, const char *client, unsigned word);

/* Runs <work> in <count> threads, with 0..count-1, and waits for them. */
void in_threads(unsigned count, void (*work)(unsigned thread, void *arg), void *arg);

/* A stream of numbers, the same in every run (xorshift, G. Marsaglia 2003). */
static inline uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

#endif
