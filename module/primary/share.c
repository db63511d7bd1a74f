/* SPDX-License-Identifier: BSD-3-Clause */
/* share - a list of writers; whoever wrote last is in front, for a zone is sent in the order of its names. */
#include "primary/share.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "primary/record.h"

#define LABEL_MAX  63
#define ROOM_FIRST 16

struct writer {
	uint64_t octets; /* used up */
	uint8_t len, label[LABEL_MAX];
};

static uint8_t lower(uint8_t octet)
{
	return octet >= 'A' && octet <= 'Z' ? octet | 0x20 : octet;
}

/* Whether the label at <label>, behind its length, is <text>, which is in lower case. */
static bool is_label(const uint8_t *label, const char *text)
{
	size_t len = strlen(text);

	if (label[0] != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (lower(label[1 + i]) != (uint8_t)text[i])
			return false;
	return true;
}

/* The label of who wrote <rr>, behind its length; NULL: nobody with a share. */
static const uint8_t *writer_of(const struct share_rules *rules, size_t zone_len, const ldns_rr *rr)
{
	const uint8_t *label = ldns_rdf_data(ldns_rr_owner(rr)), *writer = NULL;
	size_t left = ldns_rdf_size(ldns_rr_owner(rr));

	while (left > zone_len && left - label[0] - 1 > zone_len) {
		writer = label;
		left -= (size_t)label[0] + 1;
		label += label[0] + 1;
	}
	/* Now <label> is right below the zone, and <writer> below that. */
	if (!rules->below || !writer || !is_label(label, rules->below))
		return NULL;
	return rules->self && is_label(writer, rules->self) ? NULL : writer;
}

/* Makes room for one more. */
static bool grow(struct shares *shares)
{
	size_t room = shares->room ? shares->room * 2 : ROOM_FIRST;
	struct writer *more;

	if (shares->count < shares->room)
		return true;
	more = realloc(shares->writers, room * sizeof(*more));
	if (!more)
		return false;
	shares->writers = more;
	shares->room = room;
	return true;
}

/* Finds the account of the writer, and has it in front; makes it where there was none. */
static enum share account(struct shares *shares, const uint8_t *label)
{
	struct writer writer = { .len = label[0] };
	size_t i = 0;

	for (size_t j = 0; j < writer.len; j++)
		writer.label[j] = lower(label[1 + j]);
	while (i < shares->count && (shares->writers[i].len != writer.len ||
	                             memcmp(shares->writers[i].label, writer.label, writer.len) != 0))
		i++;
	if (i == shares->count) {
		if (i == SHARE_WRITERS_MAX)
			return SHARE_LEAVE;
		if (!grow(shares))
			return SHARE_NO_MEMORY;
		shares->writers[shares->count++] = writer;
	}
	writer = shares->writers[i];
	memmove(shares->writers + 1, shares->writers, i * sizeof(writer));
	shares->writers[0] = writer;
	return SHARE_KEEP;
}

enum share share_take(struct shares *shares, const struct share_rules *rules, size_t zone_len, const ldns_rr *rr,
                      bool metered)
{
	const uint8_t *label = writer_of(rules, zone_len, rr);
	enum share share;

	if (rules->data_max && record_data_size(rr) > rules->data_max)
		return SHARE_LEAVE;
	if (!label || !metered)
		return SHARE_KEEP;
	share = account(shares, label);
	if (share != SHARE_KEEP)
		return share;
	shares->writers[0].octets += record_size(rr);
	return shares->writers[0].octets <= rules->octets ? SHARE_KEEP : SHARE_LEAVE;
}

void shares_free(struct shares *shares)
{
	free(shares->writers);
	*shares = (struct shares){ .writers = NULL };
}
