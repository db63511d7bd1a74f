/* SPDX-License-Identifier: BSD-3-Clause */
/* explain_holds - looks where the engine would look: at every label of the name, for the client and for
 * any.
 */
#include <inttypes.h>
#include <string.h>

#include "engine/engine.h"
#include "report/event.h"
#include "report/explain_holds.h"
#include "report/held.h"
#include "report/timestamp.h"

/* hold_find() or exemption_find(). */
typedef bool finder(const struct mapping *mapping, uint64_t client, uint64_t domain, uint64_t now,
                    struct hold *hold);
typedef void printer(const struct mapping *mapping, const struct explained *whom, const struct hold *hold,
                     const char *for_whom, FILE *out);

static const char *until(char text[TIMESTAMP_TEXT_MAX], uint64_t when)
{
	return *timestamp_text(text, when) ? text : "for ever";
}

static void print_hold(const struct mapping *mapping, const struct explained *whom,
                       const struct hold *hold, const char *for_whom, FILE *out)
{
	struct record record = { .detector = hold->detector, .reason = hold->reason };
	char reason[REASON_MAX], end[TIMESTAMP_TEXT_MAX];
	struct held held;

	memcpy(record.evidence, hold->evidence, sizeof(record.evidence));
	event_reason(reason, &record, mapping);
	held_describe(&held, hold, whom->now);
	fprintf(out, "hold: %s for %s until %s, %" PRIu64 " seconds left, by %s, hits %" PRIu64 "%s: %s",
	        held.verdict, for_whom, until(end, hold->expires), held.expires, held.detector, hold->hits,
	        whom->observes ? ", not enforced in mode observe" : "", reason);
	if (hold->strikes)
		fprintf(out, ", held %u times before", hold->strikes);
	if (*held.comment)
		fprintf(out, ", comment \"%s\"", held.comment);
	putc('\n', out);
}

static void print_exemption(const struct mapping *mapping, const struct explained *whom,
                            const struct hold *hold, const char *for_whom, FILE *out)
{
	char end[TIMESTAMP_TEXT_MAX];
	struct held held;

	(void)mapping;
	held_describe(&held, hold, whom->now);
	fprintf(out, "allowed: by hand, %s, until %s", for_whom,
	        hold->expires == UINT64_MAX ? "taken back" : until(end, hold->expires));
	if (*held.comment)
		fprintf(out, ", comment \"%s\"", held.comment);
	putc('\n', out);
}

/* What begins at <label>, for the client and for any. */
static unsigned at_label(const struct mapping *mapping, const struct explained *whom, unsigned label,
                         finder *find, printer *print, FILE *out)
{
	uint64_t domain = domain_hash(mapping, name_tail(whom->name, label), name_tail_len(whom->name, label));
	char for_whom[NAME_TEXT_MAX + 32], text[NAME_TEXT_MAX] = "the domain";
	unsigned printed = 0;
	struct hold hold;

	if (label != whom->domain_label)
		name_text(text, name_tail(whom->name, label), name_tail_len(whom->name, label));
	if (find(mapping, whom->client, domain, whom->now, &hold)) {
		snprintf(for_whom, sizeof(for_whom), "the client and %s", text);
		print(mapping, whom, &hold, for_whom, out);
		printed++;
	}
	if (find(mapping, 0, domain, whom->now, &hold)) {
		print(mapping, whom, &hold, text, out);
		printed++;
	}
	return printed;
}

static unsigned find_all(const struct mapping *mapping, const struct explained *whom, finder *find,
                         printer *print, FILE *out)
{
	unsigned printed = 0;
	struct hold hold;

	for (unsigned label = 0; label < whom->name->labels; label++)
		printed += at_label(mapping, whom, label, find, print, out);
	if (find(mapping, whom->client, 0, whom->now, &hold)) {
		print(mapping, whom, &hold, "the client", out);
		printed++;
	}
	return printed;
}

bool explain_allowed(const struct mapping *mapping, const struct explained *whom, FILE *out)
{
	unsigned by_hand = find_all(mapping, whom, exemption_find, print_exemption, out);
	unsigned label = (unsigned)whom->allows_domain;
	char text[NAME_TEXT_MAX];

	if (whom->allows_client)
		fputs("allowed: by allow-client\n", out);
	else if (whom->allows_domain >= 0)
		fprintf(out, "allowed: by allow-domain or allow-list, %s\n",
		        name_text(text, name_tail(whom->name, label), name_tail_len(whom->name, label)));
	else if (!by_hand)
		fputs("allowed: no\n", out);
	return by_hand || whom->allows_client || whom->allows_domain >= 0;
}

bool explain_holds(const struct mapping *mapping, const struct explained *whom, FILE *out)
{
	bool held = find_all(mapping, whom, hold_find, print_hold, out);

	if (!held)
		fputs("hold: none\n", out);
	return held;
}
