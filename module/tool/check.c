/* SPDX-License-Identifier: BSD-3-Clause */
/* check - a configuration, looked at as the module would, and the Unbound that it is for.
 *
 * Warden that unbound.conf does not load is no fault of anybody, so what would be wrong with it is a note
 * then: this may stand before Unbound's start in a service file.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/check.h"
#include "check/check_unbound.h"
#include "tool/command.h"
#include "tool/flag.h"

/* The warden.conf to check: the one that was given, or that unbound.conf names, or the compiled-in one. */
static const char *choose(const struct unbound *unbound, const char *given, char *path, size_t len)
{
	if (given || !unbound->warden_conf)
		return command_config(given);
	unbound_path(unbound, unbound->warden_conf, path, len);
	/* Outside of the chroot, where it was meant to be read from: so that all is said that the chroot hides. */
	if (*unbound->chroot && access(path, F_OK) && !access(unbound->warden_conf, F_OK))
		return unbound->warden_conf;
	return path;
}

static bool is_same(const char *one, const char *other)
{
	char a[PATH_MAX], b[PATH_MAX];

	return realpath(one, a) && realpath(other, b) && !strcmp(a, b);
}

/* A file that is checked, but that Unbound does not read. */
static void compare_files(struct remarks *remarks, const struct unbound *unbound, const char *given)
{
	char path[PATH_MAX];

	if (!given || !unbound->warden_conf)
		return;
	unbound_path(unbound, unbound->warden_conf, path, sizeof(path));
	if (is_same(given, path))
		return;
	remark_add(remarks, REMARK_NOTE, "dynlib-file", "%s is what was checked, but Unbound's Warden reads %s",
	            given, path);
	remark_do(remarks, "unbound-warden check %s", path);
}

static bool print(const struct config *config, json_t *faults, const struct unbound *unbound,
                  const struct remarks *remarks, bool json)
{
	json_t *result;

	if (!json) {
		if (config)
			check_print(config, stdout);
		if (*unbound->program)
			printf("unbound         %s, version %s, %s\n", unbound->program,
			       *unbound->version ? unbound->version : "unknown",
			       *unbound->conf ? unbound->conf : "no unbound.conf");
		else
			puts("unbound         none");
		remarks_print(remarks, stdout);
		return !fflush(stdout) && !ferror(stdout);
	}
	result = config ? check_json(config) : json_pack("{s:b, s:O}", "ok", 0, "faults", faults);
	if (remarks_wrong(remarks))
		json_object_set_new(result, "ok", json_false());
	json_object_set_new(result, "unbound",
	                    json_pack("{s:s, s:s, s:s}", "program", unbound->program, "version",
	                              unbound->version, "conf", unbound->conf));
	json_object_set_new(result, "remarks", remarks_json(remarks));
	json_dumpf(result, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(result);
	return !fflush(stdout) && !ferror(stdout);
}

int command_check(int argc, char **argv)
{
	bool json = false, fine;
	const char *conf = NULL, *program = NULL, *given, *chosen;
	const struct flag flags[] = {
		{ .name = "json", .present = &json },
		{ .name = "unbound", .text = &conf },
		{ .name = "unbound-program", .text = &program },
		FLAG_END
	};
	int first = flags_read(flags, argc, argv);
	struct remarks remarks = { .item = NULL };
	struct unbound *unbound;
	struct config *config;
	char path[PATH_MAX];
	json_t *faults;
	bool asked;

	if (first < 0 || argc - first > 1)
		return command_usage("check");
	given = first < argc ? argv[first] : NULL;
	unbound = calloc(1, sizeof(*unbound));
	if (!unbound)
		return STATUS_FOUND;
	faults = json_array();
	asked = unbound_ask(unbound, program, conf, &remarks);
	chosen = choose(unbound, given, path, sizeof(path));
	config = check_load(chosen, faults);
	if (!config && chosen && access(chosen, F_OK) && errno == ENOENT)
		fprintf(stderr, "this makes one: unbound-warden manual --example >%s\n", chosen);
	if (asked) {
		compare_files(&remarks, unbound, given);
		check_unbound(&remarks, unbound, config);
		if (!unbound_enables(unbound) && !check_means_tap(unbound, config) && (unbound->conf_good || !conf))
			remarks_soften(&remarks);
	}
	fine = print(config, faults, unbound, &remarks, json) && config && !remarks_wrong(&remarks);
	json_decref(faults);
	config_free(config);
	remarks_free(&remarks);
	free(unbound);
	return fine ? STATUS_FINE : STATUS_FOUND;
}
