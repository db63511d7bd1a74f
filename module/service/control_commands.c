/* SPDX-License-Identifier: BSD-3-Clause */
/* control_commands - what can be asked of a running Warden; one command is one row of <warden/control.def>.
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
#define CONTROL(name, usage, help, changes, run) { name, usage, help, changes, run },
#include <warden/control.def>
#undef CONTROL
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
