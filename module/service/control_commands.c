/* SPDX-License-Identifier: BSD-3-Clause */
/* control_commands - what can be asked of a running Warden; one command is one row.
 *
 * Whatever changes something is logged with the user who asked for it, also when it failed.
 */
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "service/control_request.h"

struct command {
	const char *name, *usage, *help;
	bool changes;
	void (*run)(struct request *request);
};

static const struct command commands[];

static void do_help(struct request *request)
{
	for (const struct command *command = commands; command->name; command++)
		fprintf(request->out, "%s%s%s\n  %s\n", command->name, *command->usage ? " " : "",
		        command->usage, command->help);
}

static const struct command commands[] = {
	{ "help", "", "Prints this.", false, do_help },
	{ "status", "", "How this Warden is doing.", false, do_status },
	{ "stats", "", "Prints what was counted since the last reset, and resets.", false,
	  do_stats },
	{ "stats_noreset", "", "The same without reset.", false, do_stats_noreset },
	{ "top", "clients|domains [N]", "The N (10) that need a look first, the worst before the others.",
	  false, do_top },
	{ "list_clients", "[N]", "The N clients with most questions (1000; 0: all).", false,
	  do_list_clients },
	{ "show", "CLIENT", "What is known of a client: counts, risk, holds, and its busiest domains.",
	  false, do_show },
	{ "explain", "CLIENT DOMAIN", "What is known of the two, and how far it is from each budget.",
	  false, do_explain },
	{ "test", "CLIENT QNAME QTYPE", "What would become of this question now; nothing is changed.",
	  false, do_test },
	{ "list_holds", "", "The holds in force.", false, do_list_holds },
	{ "hold", "CLIENT|any DOMAIN|any [SECONDS] [COMMENT]",
	  "Refuses a client, a domain or both, for an hour by default.", true, do_hold },
	{ "release", "CLIENT|any DOMAIN|any", "Ends a hold.", true, do_release },
	{ "list_allow", "", "The exemptions in force, and how many there are by the configuration.", false,
	  do_list_allow },
	{ "allow_add", "CLIENT|any DOMAIN|any [SECONDS] [COMMENT]",
	  "Lets a client, a domain or both pass, whatever is held; for good by default.", true,
	  do_allow_add },
	{ "allow_remove", "CLIENT|any DOMAIN|any", "Ends an exemption.", true, do_allow_remove },
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

/* Scripts know it by how it begins. */
static void fail_unknown(struct request *request, const char *name)
{
	struct nearest nearest;

	nearest_begin(&nearest, name);
	for (const struct command *command = commands; command->name; command++)
		nearest_consider(&nearest, command->name);
	if (nearest.best)
		fail(request, "unknown command '%s' (did you mean '%s'?)", name, nearest.best);
	else
		fail(request, "unknown command '%s'; help lists them", name);
}

bool control_do(struct service *service, char *line, uid_t user, FILE *out)
{
	struct request request = { .service = service, .out = out, .now = service_now() };
	char *name, whole[FAULT_MAX];

	request.rest = line;
	snprintf(whole, sizeof(whole), "%s", words_left(&request));
	name = word_take(&request);
	for (const struct command *command = commands; command->name; command++) {
		if (strcmp(command->name, name))
			continue;
		request.name = command->name;
		request.usage = command->usage;
		if (!*command->usage && *request.rest)
			fail_usage(&request);
		else
			command->run(&request);
		if (command->changes)
			audit(&request, whole, user);
		return request.settles;
	}
	fail_unknown(&request, name);
	return false;
}
