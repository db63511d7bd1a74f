/* SPDX-License-Identifier: BSD-3-Clause */
/* registry - the array made from detectors.def, and what is the same for every row. */
#include <string.h>

#include "detect/detector.h"

#define DETECTOR(id) extern const struct detector detector_##id;
#include "detect/detectors.def"
#undef DETECTOR

const struct detector *const detectors[DETECTOR_COUNT] = {
#define DETECTOR(id) [DETECTOR_##id] = &detector_##id,
#include "detect/detectors.def"
#undef DETECTOR
};

const char *const action_words[] = {
	"log", "tag", "truncate", "nodata", "nxdomain", "refuse", "drop", NULL
};
const char *const confidence_words[] = { "none", "low", "medium", "high", NULL };
const char *const scope_words[] = { "pair", "domain", "client", NULL };

/* `action:`, `hold:` and `score:` have the detector's own default: config.c puts it in. */
const struct option detector_common_options[] = {
	OPTION_SWITCH(struct detector_config, enable, "enable", 1, "Whether this detector runs."),
	OPTION_CHOICE(struct detector_config, action, "action", action_words, ACTION_LOG,
	              "What happens at high confidence; medium is at most a tag, low at most a log line. refuse, "
	              "nxdomain and nodata answer at once; truncate makes a client come again over TCP and tags "
	              "it there; drop answers nothing over UDP, and refuses elsewhere."),
	OPTION_CHOICE(struct detector_config, scope, "scope", scope_words, SCOPE_PAIR,
	              "What is held: pair is this client's questions below this domain, domain is everybody's "
	              "questions below it, be it for what a single client did, client is all of this client's (see "
	              "trust-udp:)."),
	OPTION_NUMBER(struct detector_config, hold, "hold", OPT_TIME, 3600000, 1000, 2592000000,
	              "How long a refusal lasts before the detector is asked again."),
	OPTION_NUMBER(struct detector_config, score, "score", OPT_COUNT, 50, 0, 100,
	              "What high confidence adds to the risk score of the pair and the client; medium "
	              "adds two thirds of it, low one third."),
	OPTION_NUMBER(struct detector_config, ede, "ede", OPT_COUNT, 15, 0, 65534,
	              "Info code of the Extended DNS Error of a refusal (RFC 8914): 15 Blocked, 17 Filtered, "
	              "18 Prohibited, 0 Other. A client that is held as a whole gets 18 instead of 15."),
	OPTION_END
};

/* FNV-1a: names and sizes are ours, so nothing needs a key here. */
static uint64_t digest_add(uint64_t digest, const void *data, size_t len)
{
	const uint8_t *octet = data;

	for (size_t i = 0; i < len; i++)
		digest = (digest ^ octet[i]) * UINT64_C(1099511628211);
	return digest;
}

static uint16_t take(uint16_t *total, uint16_t size)
{
	uint16_t offset = *total;

	*total = (uint16_t)(offset + ((size + 7u) & ~7u));
	return offset;
}

#define RANKS 3

/* Where in a slot the state of <detector> is: those that look at everything come first, then those that
 * look now and then whatever it is, as all others have nothing to say about most of it.
 */
static unsigned rank_of(const struct detector *detector)
{
	if (!detector->relevant)
		return 0;
	return detector->signs & SIGN_DUE ? 1 : 2;
}

void detector_layout(struct detector_layout *layout)
{
	uint64_t digest = UINT64_C(14695981039346656037);

	*layout = (struct detector_layout){ 0 };
	/* A slot is copied as far as it is needed. */
	for (unsigned rank = 0; rank < RANKS; rank++)
		for (unsigned i = 0; i < DETECTOR_COUNT; i++) {
			const struct detector *d = detectors[i];

			if (rank_of(d) != rank)
				continue;
			layout->client[i] = take(&layout->client_size, d->client_size);
			layout->pair[i] = take(&layout->pair_size, d->pair_size);
			layout->domain[i] = take(&layout->domain_size, d->domain_size);
		}
	for (unsigned i = 0; i < DETECTOR_COUNT; i++) {
		const struct detector *d = detectors[i];
		uint16_t sizes[3] = { d->client_size, d->pair_size, d->domain_size };

		digest = digest_add(digest, d->name, strlen(d->name) + 1);
		digest = digest_add(digest, sizes, sizeof(sizes));
	}
	layout->digest = digest;
}

unsigned evidence_words(uint8_t kind)
{
	switch (kind) {
	case EVIDENCE_TEXT:
		return EVIDENCE_TEXT_WORDS;
	case EVIDENCE_ADDRESS:
		return 2;
	default:
		return 1;
	}
}

void evidence_text(uint64_t *word, const char *text)
{
	char packed[EVIDENCE_TEXT_WORDS * sizeof(*word)] = "";

	for (size_t i = 0; text && i < sizeof(packed) && text[i]; i++)
		packed[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
	memcpy(word, packed, sizeof(packed));
}

int detector_find(const char *name)
{
	for (int i = 0; i < DETECTOR_COUNT; i++)
		if (!strcmp(detectors[i]->name, name))
			return i;
	return -1;
}
