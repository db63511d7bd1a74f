/* SPDX-License-Identifier: BSD-3-Clause */
/* warden - the engine, as its doors see it.
 *
 *     Unbound ----> module/unbound/ --+
 *                                     +--> warden_observe() --> what to do
 *     pcap, logs -> module/tool/    --+
 *
 * The engine never reads a clock, allocates after warden_open(), blocks, or ends
 * the process. Any number of threads may call warden_observe() at once, also in
 * several processes on one segment. All other functions here are for one thread
 * at a time unless they say otherwise.
 */
#ifndef WARDEN_H
#define WARDEN_H

#include <stddef.h>
#include <stdint.h>

#include <warden/observation.h>

#ifdef __cplusplus
extern "C" {
#endif

struct warden;

/* What policy makes of the opinions of the detectors, weakest first. Those behind TAG deny. */
enum warden_verdict {
	WARDEN_PASS,
	WARDEN_LOG,
	WARDEN_TAG,
	WARDEN_TRUNCATE, /* over UDP: come again over TCP, which proves the address (RFC 7766); else a TAG */
	WARDEN_NODATA,   /* NOERROR without records */
	WARDEN_NXDOMAIN,
	WARDEN_REFUSE,
	WARDEN_DROP,     /* over UDP: no answer at all; REFUSE where that would end a connection */
	WARDEN_VERDICT_COUNT
};

/* Whether <verdict> keeps something from a client. */
static inline int warden_verdict_denies(enum warden_verdict verdict)
{
	return verdict > WARDEN_TAG;
}

/* WARDEN_DECISION.ede when no Extended DNS Error is to be sent. */
#define WARDEN_NO_EDE UINT16_MAX

/* The engine's answer to one observation. */
struct warden_decision {
	enum warden_verdict verdict; /* what enforce mode does: one that denies an answer keeps it back */
	int content;                 /* non-zero: for what the answer carries, whoever asked for it */
	int dry_run;                 /* non-zero: observe mode, so do nothing of it */
	int keep_out;                /* non-zero: the question passes although others' are denied: its answer
	                              * must not come into a cache that they are answered from */
	int exempt;                  /* non-zero: a question of who may ask what they like, or for what anybody may:
	                              * it may go upstream in its client's own mix of cases */
	uint16_t ede;                /* RFC 8914 info code for the answer, or WARDEN_NO_EDE; a TAG may have one */
	const char *detector;        /* who said so: static, NULL with WARDEN_PASS */
};

/* Lower-case name of <verdict>, as in configuration, events and summaries. */
const char *warden_verdict_name(enum warden_verdict verdict);

/* A resolver answers from its cache and its local data without asking anybody. What a door keeps there
 * for the engine, so that a hold is in force for these too: a mirror of the holds. All may be NULL.
 */
struct warden_mirror {
	void *arg;

	/* Called by the maintenance thread, ten times a second and when something waits for it. Brings the
	 * mirror nearer to what warden_holds() tells; cheap when nothing has changed. */
	void (*keep)(void *arg, uint64_t now);

	/* The last warden_holds_version() that is in force everywhere. Thread-safe. */
	uint64_t (*version)(void *arg);

	int drops; /* non-zero: it can leave questions unanswered, so that holds of WARDEN_DROP are told, too */
};

/* How to open an engine. */
struct warden_setup {
	const char *config_file; /* warden.conf; NULL: every option at its default */
	uint64_t now;            /* milliseconds since 1970: the age of what is made at opening */
	int private_memory;      /* non-zero: state in memory of this process only, no files
	                          * of any kind: for replay and tests */

	/* Called with complete sentences for the operator, without newline. May be NULL.
	 * <is_error> tells log_err() from log_info(). Called by any thread of the engine. */
	void (*log)(int is_error, const char *sentence);

	struct warden_mirror mirror; /* kept by the threads of warden_start() */
};

/* Opens an engine: reads the configuration, attaches the shared segment, or
 * makes it, from the snapshot where there is one. Returns NULL, with a sentence in
 * <error>, when the configuration is wrong or memory cannot be had; the caller
 * owns the result and gives it back with warden_close().
 *
 * When the configuration is wrong and this very process has run an engine with a
 * good one before (Unbound's `reload` opens anew), the good one is used again, the
 * fault is logged, and `status` on the control socket reports it.
 */
struct warden *warden_open(const struct warden_setup *setup, char *error, size_t error_len);

/* Stops the threads of warden_start() and gives everything back. The shared
 * segment stays. NULL is fine. No warden_observe() may be running.
 */
void warden_close(struct warden *warden);

/* Starts what works beside the resolver: event writer, snapshots, control
 * socket. Returns 0, or -1 with a sentence in <error>; the engine then works
 * without them. Not for private memory. The threads block all signals.
 */
int warden_start(struct warden *warden, char *error, size_t error_len);

/* Looks at one query or response and says what to do with it. Cannot fail: what
 * goes wrong inside is counted and answered with WARDEN_PASS. Thread-safe, never
 * blocks. <obs> is only borrowed.
 */
struct warden_decision warden_observe(struct warden *warden, const struct warden_observation *obs);

/* Whether a hold, made since its question was told, keeps the answer <obs> from its client. Counts
 * nothing but that. Thread-safe, never blocks.
 */
struct warden_decision warden_still_held(struct warden *warden, const struct warden_observation *obs);

/* A hold, or with WARDEN_PASS an exemption from all others: the pair's own goes before the client's,
 * that before the domain's, and an exemption before all of them.
 */
struct warden_hold {
	uint8_t client[16];          /* masked */
	unsigned prefix;             /* leading bits of <client> that count, of 128; 0: any client */
	const uint8_t *domain;       /* wire format, lower case, with all below it; NULL: any */
	size_t domain_len;
	enum warden_verdict verdict; /* PASS, or one that denies; DROP, which goes by the transport, where the mirror drops */
};

/* Calls <each> for every hold that is acted upon at <now> (milliseconds since 1970) and for the
 * exemptions that matter to them; for none in observe mode. What it is given is only borrowed. A hold
 * whose exemptions are too many to tell is left out. For a slow thread; thread-safe.
 */
void warden_holds(struct warden *warden, uint64_t now,
                  void (*each)(void *arg, const struct warden_hold *hold), void *arg);

/* A number that grows whenever warden_holds() begins to tell something else, but for holds that end by
 * themselves: those are noticed within a second. Thread-safe.
 */
uint64_t warden_holds_version(const struct warden *warden);

/* The totals that `stats_noreset` prints, "key=value" and a newline each, as many whole lines as fit
 * <len>: the most important first, and of detectors and the histogram only those that are not 0. Returns
 * how many octets. For a slow thread; thread-safe.
 */
size_t warden_totals(struct warden *warden, char *text, size_t len);

/* `stats-view`: the name of the view that the totals are shown in, "" for none, into <name>. Thread-safe. */
void warden_stats_view(struct warden *warden, char *name, size_t len);

/* Whether any enabled detector reads answer records, so that a door need not
 * collect them for nothing. Thread-safe.
 */
int warden_wants_records(const struct warden *warden);

/* Whether the door shall take the case out of names that go upstream, and say so by
 * WARDEN_FLAG_FOLDED. Never when all clients are in observe mode, which changes nothing. Thread-safe,
 * never blocks.
 */
int warden_folds_case(const struct warden *warden);

/* Whether the configuration asks for every client's question by itself, so that a door
 * must not let clients share one that is under way (`inspect-every-client`). Stays the
 * same while <warden> is open. Thread-safe.
 */
int warden_inspects_every_client(const struct warden *warden);

/* Tells how long one observation took, for `warden.time.observe.avg` and the
 * histogram. The door decides how often it looks. Thread-safe.
 */
void warden_observe_took(struct warden *warden, uint64_t nanoseconds);

/* Octets of memory mapped and allocated by <warden>. Thread-safe. */
size_t warden_memory(const struct warden *warden);

#ifdef __cplusplus
}
#endif
#endif
