/* SPDX-License-Identifier: BSD-3-Clause */
/* burn_in_allow - the narrowest line that silences a domain, or a client.
 *
 * A line of an allow list is a hole, so it should be as small as what was seen: several names of
 * a domain that end in more labels than the domain are silenced by those. One name alone says
 * nothing of which of its labels will come again, so then it is the domain.
 *
 * A client that alone asks for many domains is the cause itself (a mail server, a scanner): one
 * line for it instead of one for each domain, all of which others may abuse later.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "engine/lists.h"
#include "report/address.h"
#include "report/burn_in.h"

#define MANY_DOMAINS 5 /* from here on a client gets a line of its own */

/* --- clients --------------------------------------------------------------------------------- */

static bool has_one_client(const struct burn_in_domain *domain)
{
	static const uint8_t any[16];

	return domain->clients == 1 && memcmp(domain->client, any, sizeof(any));
}

static int compare_client(const void *a, const void *b)
{
	const struct burn_in_domain *x = *(struct burn_in_domain *const *)a;
	const struct burn_in_domain *y = *(struct burn_in_domain *const *)b;

	return memcmp(x->client, y->client, sizeof(x->client));
}

/* Most domains first. */
static int compare_lines(const void *a, const void *b)
{
	const struct burn_in_client *x = a, *y = b;

	if (x->domains != y->domains)
		return x->domains > y->domains ? -1 : 1;
	return memcmp(x->address, y->address, sizeof(x->address));
}

/* Makes a client of those of the sorted <domain> that have the first one's, if they are many.
 * Returns how many have it.
 */
static size_t client_add(struct burn_in *burn, struct burn_in_domain **domain, size_t count)
{
	struct burn_in_client *client = &burn->client[burn->client_count];
	size_t same = 1;

	while (same < count && !compare_client(&domain[0], &domain[same]))
		same++;
	if (same < MANY_DOMAINS)
		return same;
	*client = (struct burn_in_client){ .domains = (uint32_t)same, .example = domain[0] };
	memcpy(client->address, domain[0]->client, sizeof(client->address));
	for (size_t i = 0; i < same; i++)
		domain[i]->by_client = true;
	burn->client_count++;
	return same;
}

bool allow_clients(struct burn_in *burn)
{
	struct burn_in_domain **alone = calloc(burn->domain_count + 1, sizeof(*alone));
	size_t count = 0;

	burn->client = calloc(burn->domain_count / MANY_DOMAINS + 1, sizeof(*burn->client));
	if (!alone || !burn->client) {
		free(alone);
		return false;
	}
	for (size_t i = 0; i < burn->domain_count; i++)
		if (has_one_client(burn->domain[i]))
			alone[count++] = burn->domain[i];
	qsort(alone, count, sizeof(*alone), compare_client);
	for (size_t i = 0; i < count;)
		i += client_add(burn, alone + i, count - i);
	qsort(burn->client, burn->client_count, sizeof(*burn->client), compare_lines);
	free(alone);
	return true;
}

void allow_line_client(const struct burn_in *burn, const struct burn_in_client *client,
                       struct allow_line *line)
{
	const struct settings *settings = &burn->config->settings;
	bool v4 = address_is_v4(client->address);
	uint64_t bits = v4 ? settings->client_prefix_v4 : settings->client_prefix_v6;
	char address[ADDRESS_TEXT_MAX], domain[NAME_TEXT_MAX];

	address_text(address, client->address);
	if (settings->client_privacy != PRIVACY_FULL) {
		/* Who it is by its own address only a hold would tell, and it need not be the same one. */
		line->option = NULL;
		snprintf(line->value, sizeof(line->value), "%s", address);
		snprintf(line->reason, sizeof(line->reason), "events tell of clients as client-privacy says%s",
		         settings->client_privacy == PRIVACY_PSEUDONYM ? "; unbound-warden reveal tells who it is" : "");
		return;
	}
	line->option = "allow-client";
	if (bits == (v4 ? 32 : 128))
		snprintf(line->value, sizeof(line->value), "%s", address);
	else
		snprintf(line->value, sizeof(line->value), "%s/%" PRIu64, address, bits);
	name_text(domain, client->example->wire, client->example->len);
	snprintf(line->reason, sizeof(line->reason),
	         "the only client of %" PRIu32 " domains (as a mail server or a scanner is), like %.120s",
	         client->domains, domain);
}

/* --- domains --------------------------------------------------------------------------------- */

/* Adds to <reason> who objected, to how many, and the number it went by. */
static void reason_add(char reason[ALLOW_REASON_MAX], const struct burn_in_refusal *refusal)
{
	size_t len = strlen(reason);

	len += (size_t)snprintf(reason + len, ALLOW_REASON_MAX - len, "%s%s: %" PRIu32 " client%s",
	                        len ? "; " : "", refusal->detector, refusal->clients,
	                        refusal->clients == 1 ? "" : "s");
	if (!refusal->evidence.count || len >= ALLOW_REASON_MAX)
		return;
	snprintf(reason + len, ALLOW_REASON_MAX - len, ", %s %" PRIu64,
	         refusal->evidence.number[0].name, refusal->evidence.number[0].value);
	for (char *c = reason + len; *c; c++)
		if (*c == '_') /* a name becomes words, as in events */
			*c = ' ';
}

/* The last <labels> labels of <name> as an allow list has them. False when it cannot: of some
 * octets, and of a label "*", which it would take for all names of the domain.
 */
static bool can_be_written(const struct name *name, unsigned labels, char text[NAME_TEXT_MAX])
{
	unsigned first = name->labels - labels;
	struct name checked;

	name_text(text, name_tail(name, first), name_tail_len(name, first));
	return list_domain(&checked, text) && checked.labels == labels;
}

/* Why no line can stand for <domain>; NULL when one can. */
static const char *unwritable(const struct burn_in *burn, const struct name *domain)
{
	if (!domain->labels)
		return "names under top-level domains that do not exist, with nothing in common: "
		       "allow each of yours (allow-domain: \"lan\")";
	if (suffix_is_public(burn->config->suffixes, domain))
		return "a public suffix: a line would allow all that anybody has below it";
	return "an allow list has letters, digits, hyphen and underscore only";
}

void allow_line_domain(const struct burn_in *burn, const struct burn_in_domain *domain,
                       struct allow_line *line)
{
	struct name self, sample;
	const struct name *name = &self;
	unsigned labels = domain->labels;
	char text[NAME_TEXT_MAX];
	bool found;

	line->option = NULL;
	line->value[0] = line->reason[0] = '\0';
	if (!name_parse(&self, domain->wire, domain->len))
		return; /* cannot be: it was one when it was taken */
	if (domain->several && domain->common > labels &&
	    name_parse(&sample, domain->sample, domain->sample_len)) {
		name = &sample;
		labels = domain->common;
	}
	found = can_be_written(name, labels, text);
	while (!found && labels > domain->labels)
		found = can_be_written(name, --labels, text);
	if (labels == domain->labels && found && suffix_is_public(burn->config->suffixes, &self))
		found = false;
	if (!found) {
		name_text(line->value, domain->wire, domain->len);
		snprintf(line->reason, sizeof(line->reason), "%s", unwritable(burn, &self));
		return;
	}
	line->option = "allow-domain";
	snprintf(line->value, sizeof(line->value), "\"%s\"", text);
	for (const struct burn_in_refusal *r = domain->refusals; r; r = r->next)
		reason_add(line->reason, r);
}
