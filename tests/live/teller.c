/* SPDX-License-Identifier: BSD-3-Clause */
/* teller - an engine that does nothing but say which delegation it was told.
 *
 * Linked with module/unbound/ in place of the real one, it shows what the door tells. One line
 * for each answer, on standard error, names in lower case:
 *
 *     told NAME PATH RCODE ZONE SERVER...        "-" for a zone that is not known
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <warden/warden.h>

#define LINE_MAX_LEN 4096

struct warden {
	char nothing;
};

static struct warden warden;

/* Appends <text>, as far as there is room. */
static void add(char line[LINE_MAX_LEN], const char *text)
{
	size_t len = strlen(line);

	snprintf(line + len, LINE_MAX_LEN - len, "%s", text);
}

static void add_name(char line[LINE_MAX_LEN], const uint8_t *name)
{
	for (; *name; name += *name + 1) {
		for (unsigned i = 1; i <= *name; i++) {
			const char letter[2] = { (char)tolower(name[i]), '\0' };

			add(line, letter);
		}
		add(line, ".");
	}
}

/* An address, or a name: no name here has the length of an address. */
static void add_server(char line[LINE_MAX_LEN], const struct warden_server *server)
{
	char text[64];

	if (server->id_len == 4)
		snprintf(text, sizeof(text), "%u.%u.%u.%u", server->id[0], server->id[1], server->id[2],
		         server->id[3]);
	else if (server->id_len == 16)
		snprintf(text, sizeof(text), "ipv6-%02x", server->id[15]);
	else
		text[0] = '\0';
	add(line, text);
	if (!text[0])
		add_name(line, server->id);
}

struct warden_decision warden_observe(struct warden *self, const struct warden_observation *obs)
{
	static const char *const paths[WARDEN_PATH_COUNT] = { "miss", "joined", "cache", "local" };
	struct warden_decision pass = { .verdict = WARDEN_PASS, .ede = WARDEN_NO_EDE };
	char line[LINE_MAX_LEN] = "told ";
	char text[64];

	(void)self;
	if (!(obs->what & WARDEN_ANSWER))
		return pass;
	add_name(line, obs->qname);
	snprintf(text, sizeof(text), " %s %u ", paths[obs->path], obs->rcode);
	add(line, text);
	if (obs->zone && obs->zone_len == 1)
		add(line, ".");
	else if (obs->zone)
		add_name(line, obs->zone);
	else
		add(line, "-");
	for (unsigned i = 0; i < obs->server_count; i++) {
		add(line, " ");
		add_server(line, &obs->servers[i]);
	}
	add(line, "\n");
	fputs(line, stderr); /* at once: several threads come here */
	return pass;
}

struct warden *warden_open(const struct warden_setup *setup, char *error, size_t error_len)
{
	(void)setup, (void)error, (void)error_len;
	return &warden;
}

void warden_close(struct warden *self)
{
	(void)self;
}

int warden_start(struct warden *self, char *error, size_t error_len)
{
	(void)self, (void)error, (void)error_len;
	return 0;
}

int warden_wants_records(const struct warden *self)
{
	(void)self;
	return 0;
}

int warden_inspects_every_client(const struct warden *self)
{
	(void)self;
	return 0;
}

void warden_observe_took(struct warden *self, uint64_t nanoseconds)
{
	(void)self, (void)nanoseconds;
}

size_t warden_memory(const struct warden *self)
{
	(void)self;
	return 0;
}
