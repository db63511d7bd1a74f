/* SPDX-License-Identifier: BSD-3-Clause */
/* control_commands - what can be asked of a running Warden; one command is one row.
 *
 * Whatever changes something is logged with the user who asked for it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/option.h"
#include "report/address.h"
#include "report/explain.h"
#include "report/show.h"
#include "report/stats.h"
#include "service/service.h"

#define CLIENTS_DEFAULT 1000
#define HOLD_DEFAULT    HOUR

struct request {
	struct service *service;
	char *rest; /* of the line */
	FILE *out;
	uint64_t now;
	bool failed;
};

struct command {
	const char *name, *usage, *help;
	bool changes;
	void (*run)(struct request *request);
};

static const struct command commands[];

__attribute__((format(printf, 2, 3))) static void fail(struct request *request, const char *format,
                                                       ...)
{
	va_list args;

	va_start(args, format);
	fputs("error ", request->out);
	vfprintf(request->out, format, args);
	putc('\n', request->out);
	va_end(args);
	request->failed = true;
}

static void ok(struct request *request)
{
	fputs("ok\n", request->out);
}

/* --- words --------------------------------------------------------------------------------- */

static char *skip_spaces(char *text)
{
	return text + strspn(text, " ");
}

/* Cuts the next word off <rest>; "" when there is none. */
static char *word_take(char **rest)
{
	char *word = skip_spaces(*rest), *end = word + strcspn(word, " ");

	*rest = end;
	if (*end) {
		*end = '\0';
		*rest = skip_spaces(end + 1);
	}
	return word;
}

static bool is_number(const char *word)
{
	return *word && strspn(word, "0123456789") == strlen(word);
}

/* Reads a number up to <max>. False, after a complaint, when it is larger. */
static bool number_read(struct request *request, const char *word, uint64_t max, uint64_t *number)
{
	*number = is_number(word) && strlen(word) <= 18 ? strtoull(word, NULL, 10) : UINT64_MAX;
	if (*number <= max)
		return true;
	fail(request, "'%s' is not a number up to %" PRIu64, word, max);
	return false;
}

/* Whom a hold is for; pointers are NULL for any. */
struct whom {
	uint8_t address[16];
	struct name name;
	const uint8_t *client;
	const struct name *domain;
};

static bool whom_read(struct request *request, struct whom *whom)
{
	const char *client = word_take(&request->rest), *domain = word_take(&request->rest);

	*whom = (struct whom){ .client = NULL };
	if (!*domain) {
		fail(request, "say whom: CLIENT or any, then DOMAIN or any");
		return false;
	}
	if (strcmp(client, "any")) {
		if (!address_from_text(whom->address, client)) {
			fail(request, "'%s' is neither an address nor any", client);
			return false;
		}
		whom->client = whom->address;
	}
	if (strcmp(domain, "any")) {
		if (!name_from_text(&whom->name, domain)) {
			fail(request, "'%s' is neither a domain nor any", domain);
			return false;
		}
		whom->domain = &whom->name;
	}
	if (!whom->client && !whom->domain) {
		fail(request, "any client and any domain would be everybody");
		return false;
	}
	return true;
}

/* --- commands ------------------------------------------------------------------------------ */

static void do_help(struct request *request)
{
	for (const struct command *command = commands; command->name; command++)
		fprintf(request->out, "%s%s%s\n  %s\n", command->name, *command->usage ? " " : "",
		        command->usage, command->help);
}

static void do_stats(struct request *request)
{
	stats_print_and_reset(&request->service->warden->mapping, emitter_find("plain"),
	                      request->out);
}

static void do_stats_noreset(struct request *request)
{
	stats_print(&request->service->warden->mapping, emitter_find("plain"), request->out);
}

static void do_status(struct request *request)
{
	const struct service *service = request->service;
	struct warden *warden = service->warden;
	const struct mapping *mapping = &warden->mapping;
	uint64_t taken = atomic_load(&service->snapshot_taken);
	bool enforce = atomic_load(&warden->mode) == MODE_ENFORCE;
	unsigned cell;
	/* What we print meanwhile fits the stream's buffer, so no slow client holds this up. */
	const struct rules *rules = rules_enter(warden, &cell);
	const struct config *config = rules->config;

	fprintf(request->out, "version: %s\n", WARDEN_VERSION);
	fprintf(request->out, "mode: %s\n", enforce ? "enforce" : "observe");
	fprintf(request->out, "uptime: %" PRIu64 " seconds\n",
	        request->now > service->started ? (request->now - service->started) / SECOND : 0);
	fprintf(request->out, "segment: %s (%zu bytes)\n", config->settings.shared_memory,
	        mapping->size);
	fprintf(request->out, "configuration: %s (generation %" PRIu64 ")\n",
	        config->file ? config->file : "defaults", config->generation);
	rules_leave(warden, cell);
	if (atomic_load(&warden->faulty))
		fprintf(request->out, "configuration error: %s\n", warden->fault);
	fprintf(request->out, "events: %" PRIu64 " written, %" PRIu64 " lost\n",
	        banks_sum(mapping->banks, COUNTER_events_written),
	        banks_sum(mapping->banks, COUNTER_events_lost));
	if (!*service->snapshot_file)
		fprintf(request->out, "snapshot: none\n");
	else if (!taken)
		fprintf(request->out, "snapshot: %s (not yet)\n", service->snapshot_file);
	else
		fprintf(request->out, "snapshot: %s (%" PRIu64 " seconds ago)\n",
		        service->snapshot_file,
		        request->now > taken ? (request->now - taken) / SECOND : 0);
}

static void do_reload(struct request *request)
{
	char error[FAULT_MAX];

	if (engine_reload(request->service->warden, error, sizeof(error)))
		fail(request, "%s", error);
	else
		ok(request);
}

static void do_list_clients(struct request *request)
{
	const char *word = word_take(&request->rest);
	uint64_t top = CLIENTS_DEFAULT;
	struct show show = { .out = request->out, .now = request->now };

	if (*word && !number_read(request, word, UINT32_MAX, &top))
		return;
	show.top = (uint32_t)top;
	if (show_clients(&request->service->warden->mapping, &show) == -ENOMEM)
		fail(request, "out of memory");
}

static void do_list_holds(struct request *request)
{
	struct warden *warden = request->service->warden;
	struct show show = {
		.out = request->out,
		.now = request->now,
		.dry_run = atomic_load(&warden->mode) == MODE_OBSERVE,
	};

	if (show_holds(&warden->mapping, &show) == -ENOMEM)
		fail(request, "out of memory");
}

static void do_explain(struct request *request)
{
	const char *client = word_take(&request->rest), *domain = word_take(&request->rest);
	uint8_t address[16];
	struct name name;

	if (!*domain || *request->rest)
		fail(request, "usage: explain CLIENT DOMAIN");
	else if (!address_from_text(address, client))
		fail(request, "'%s' is not an address", client);
	else if (!name_from_text(&name, domain))
		fail(request, "'%s' is not a domain", domain);
	else
		explain_print(request->service->warden, address, &name, request->now, request->out);
}

/* How long a hold lasts, read like `hold:` in warden.conf: seconds, or with a unit. */
struct duration {
	uint64_t hold;
};

static const struct option duration_row =
	OPTION_NUMBER(struct duration, hold, "hold", OPT_TIME, 0, SECOND, 365 * DAY, "");

static void do_hold(struct request *request)
{
	struct duration duration = { HOLD_DEFAULT };
	char error[FAULT_MAX];
	struct whom whom;

	if (!whom_read(request, &whom))
		return;
	request->rest = skip_spaces(request->rest);
	/* What begins with a digit is meant to be the time: a comment that does would hide a slip. */
	if (*request->rest >= '0' && *request->rest <= '9' &&
	    !option_set(&duration_row, &duration, word_take(&request->rest), NULL, 0, error,
	                sizeof(error))) {
		fail(request, "%s", error);
		return;
	}
	if (engine_hold(request->service->warden, whom.client, whom.domain, request->now,
	                request->now + duration.hold, skip_spaces(request->rest), error,
	                sizeof(error)))
		ok(request);
	else
		fail(request, "%s", error);
}

static void do_release(struct request *request)
{
	struct whom whom;

	if (!whom_read(request, &whom))
		return;
	if (engine_release(request->service->warden, whom.client, whom.domain, request->now))
		ok(request);
	else
		fail(request, "there is no such hold");
}

static void do_set_mode(struct request *request)
{
	const char *word = word_take(&request->rest);
	struct warden *warden = request->service->warden;

	if (!strcmp(word, "observe"))
		atomic_store(&warden->mode, MODE_OBSERVE);
	else if (!strcmp(word, "enforce"))
		atomic_store(&warden->mode, MODE_ENFORCE);
	else {
		fail(request, "mode is observe or enforce, not '%s'", word);
		return;
	}
	ok(request);
}

static void do_log_reopen(struct request *request)
{
	atomic_store(&request->service->writer.reopen, true);
	ok(request);
}

static const struct command commands[] = {
	{ "help", "", "Prints this.", false, do_help },
	{ "status", "", "How this Warden is doing.", false, do_status },
	{ "stats", "", "Prints what was counted since the last reset, and resets.", false,
	  do_stats },
	{ "stats_noreset", "", "The same without reset.", false, do_stats_noreset },
	{ "list_clients", "[N]", "The N clients with most questions (1000; 0: all).", false,
	  do_list_clients },
	{ "list_holds", "", "The holds in force.", false, do_list_holds },
	{ "explain", "CLIENT DOMAIN", "What is known of the two, and how far it is from each budget.",
	  false, do_explain },
	{ "hold", "CLIENT|any DOMAIN|any [SECONDS] [COMMENT]",
	  "Refuses a client, a domain or both, for an hour by default.", true, do_hold },
	{ "release", "CLIENT|any DOMAIN|any", "Ends a hold.", true, do_release },
	{ "set_mode", "observe|enforce", "Until the next reload.", true, do_set_mode },
	{ "reload", "", "Reads the configuration again; a faulty one changes nothing.", true,
	  do_reload },
	{ "log_reopen", "", "Opens the event file anew.", true, do_log_reopen },
	{ NULL, NULL, NULL, false, NULL }
};

static void audit(const struct request *request, const char *line, uid_t user)
{
	char sentence[FAULT_MAX + 64];

	snprintf(sentence, sizeof(sentence), "control: uid %ld: %s: %s",
	         user == (uid_t)-1 ? -1L : (long)user, request->failed ? "failed" : "done", line);
	request->service->warden->log(0, sentence);
}

void control_do(struct service *service, char *line, uid_t user, FILE *out)
{
	struct request request = { .service = service, .out = out, .now = service_now() };
	char *name, whole[FAULT_MAX];

	request.rest = skip_spaces(line);
	snprintf(whole, sizeof(whole), "%s", request.rest);
	name = word_take(&request.rest);
	for (const struct command *command = commands; command->name; command++) {
		if (strcmp(command->name, name))
			continue;
		if (!*command->usage && *request.rest)
			fail(&request, "usage: %s", name);
		else
			command->run(&request);
		if (command->changes)
			audit(&request, whole, user);
		return;
	}
	fail(&request, "unknown command '%s'", name);
}
