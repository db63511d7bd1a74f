/* SPDX-License-Identifier: BSD-3-Clause */
/* background - see background.h. */
#include "background.h"
#include "base/clock.h"
#include "lookup.h"
#include "random.h"

#define TYPE_A    1
#define PAUSE     HOUR
#define TTL       300 /* seconds */
#define OWN_NAMES 8   /* of each client */

static const char *const names[BACKGROUND_NAMES] = {
	"www.wikipedia.org", "en.wikipedia.org", "upload.wikimedia.org", "github.com",
	"api.github.com", "deb.debian.org", "security.debian.org", "www.kernel.org",
	"pypi.org", "files.pythonhosted.org", "www.mozilla.org", "detectportal.firefox.com",
	"www.google.com", "mail.google.com", "fonts.gstatic.com", "www.youtube.com",
	"i.ytimg.com", "outlook.office.com", "login.microsoftonline.com", "www.bing.com",
	"www.apple.com", "www.icloud.com", "www.nytimes.com", "www.openstreetmap.org",
};

void background_begin(struct background *background, uint64_t now, uint64_t random)
{
	*background = (struct background){ .random = random };
	for (unsigned i = 0; i < BACKGROUND_CLIENTS; i++)
		background->next[i] = now + random_below(&background->random, PAUSE);
}

static void ask(struct background *background, struct warden *warden, unsigned client)
{
	uint64_t now = background->next[client];
	unsigned which = (client * 5u + (unsigned)random_below(&background->random, OWN_NAMES)) %
	                 BACKGROUND_NAMES;
	struct lookup asked = {
		.client = client,
		.name = names[which],
		.qtype = TYPE_A,
		.ttl = TTL,
		.cached = now < background->cached_until[which],
	};
	struct warden_decision decision;
	bool through = lookup(warden, &asked, now, &decision);

	if (through && !asked.cached)
		background->cached_until[which] = now + TTL * SECOND;
	if (client) {
		background->asked++;
		background->refused += decision.verdict == WARDEN_REFUSE;
	}
	background->next[client] = now + random_about(&background->random, PAUSE);
}

void background_play(struct background *background, struct warden *warden, uint64_t until)
{
	for (;;) {
		unsigned first = 0;

		for (unsigned i = 1; i < BACKGROUND_CLIENTS; i++)
			if (background->next[i] < background->next[first])
				first = i;
		if (background->next[first] >= until)
			return;
		ask(background, warden, first);
	}
}
