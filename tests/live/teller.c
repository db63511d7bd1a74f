/* SPDX-License-Identifier: BSD-3-Clause */
/* teller - an engine that does nothing but say what it was told.
 *
 * Linked with module/unbound/ in place of the real one, it shows what the door tells. On standard
 * error, names in lower case, one line for each question with EDNS:
 *
 *     asked NAME PATH SUBNET/PREFIX [cookie]     "-" without EDNS Client Subnet
 *
 * and one for each answer, with its delegation and the servers of that, which come in any order, in
 * that of their text:
 *
 *     told NAME PATH RCODE ZONE SERVER...        "-" for a zone that is not known
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <warden/warden.h>

#define LINE_MAX_LEN 4096
#define TEXT_MAX_LEN 256
#define SERVERS_MAX  8

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
static void write_server(char text[TEXT_MAX_LEN], const struct warden_server *server)
{
	char name[LINE_MAX_LEN] = "";

	if (server->id_len == 4)
		snprintf(name, sizeof(name), "%u.%u.%u.%u", server->id[0], server->id[1], server->id[2],
		         server->id[3]);
	else if (server->id_len == 16)
		snprintf(name, sizeof(name), "ipv6-%02x", server->id[15]);
	else
		add_name(name, server->id);
	snprintf(text, TEXT_MAX_LEN, "%.*s", TEXT_MAX_LEN - 1, name);
}

static int order(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void add_servers(char line[LINE_MAX_LEN], const struct warden_observation *obs)
{
	char text[SERVERS_MAX][TEXT_MAX_LEN];
	unsigned count = obs->server_count;

	if (count > SERVERS_MAX) {
		add(line, " more than there may be");
		return;
	}
	for (unsigned i = 0; i < count; i++)
		write_server(text[i], &obs->servers[i]);
	qsort(text, count, sizeof(*text), order);
	for (unsigned i = 0; i < count; i++) {
		add(line, " ");
		add(line, text[i]);
	}
}

static const char *const paths[WARDEN_PATH_COUNT] = { "miss", "joined", "cache", "local" };

/* All of a line is written at once: several threads come here. */
static void say_asked(const struct warden_observation *obs)
{
	char line[LINE_MAX_LEN] = "asked ", text[TEXT_MAX_LEN] = "-", subnet[INET6_ADDRSTRLEN];

	if (obs->subnet_prefix && inet_ntop(AF_INET6, obs->subnet, subnet, sizeof(subnet)))
		snprintf(text, sizeof(text), "%s/%u", subnet, obs->subnet_prefix);
	add_name(line, obs->qname);
	add(line, " ");
	add(line, paths[obs->path]);
	add(line, " ");
	add(line, text);
	add(line, obs->flags & WARDEN_FLAG_COOKIE ? " cookie\n" : "\n");
	fputs(line, stderr);
}

struct warden_decision warden_observe(struct warden *self, const struct warden_observation *obs)
{
	struct warden_decision pass = { .verdict = WARDEN_PASS, .ede = WARDEN_NO_EDE };
	char line[LINE_MAX_LEN] = "told ";
	char text[64];

	(void)self;
	if (obs->what & WARDEN_QUESTION && obs->flags & WARDEN_FLAG_EDNS)
		say_asked(obs);
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
	add_servers(line, obs);
	add(line, "\n");
	fputs(line, stderr);
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

uint8_t warden_odd_flags(const uint8_t *message, size_t len)
{
	(void)message, (void)len;
	return 0;
}

int warden_folds_case(const struct warden *self)
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

struct warden_decision warden_still_held(struct warden *self, const struct warden_observation *obs)
{
	(void)self, (void)obs;
	return (struct warden_decision){ .verdict = WARDEN_PASS, .ede = WARDEN_NO_EDE };
}

void warden_holds(struct warden *self, uint64_t now,
                  void (*each)(void *arg, const struct warden_hold *hold), void *arg)
{
	(void)self, (void)now, (void)each, (void)arg;
}

uint64_t warden_holds_version(const struct warden *self)
{
	(void)self;
	return 0;
}

size_t warden_totals(struct warden *self, char *text, size_t len)
{
	(void)self, (void)text, (void)len;
	return 0;
}

void warden_stats_view(struct warden *self, char *name, size_t len)
{
	(void)self, (void)len;
	name[0] = '\0';
}
