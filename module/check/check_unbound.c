/* SPDX-License-Identifier: BSD-3-Clause */
/* check_unbound - asks Unbound's own programs, and has everything about it looked at.
 *
 * `unbound -V` and `unbound-checkconf -o` are what an operator would type; nothing of unbound.conf is parsed
 * here, so includes, quotes and defaults are Unbound's.
 */
#include "check/check_unbound.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check/program.h"

#define PRINTED_MAX (64 << 10)

/* Copies the rest of the line behind <intro> in <text>. */
static void line_behind(const char *text, const char *intro, char *line, size_t len)
{
	const char *at = strstr(text, intro);

	at = at ? at + strlen(intro) : "";
	snprintf(line, len, "%.*s", (int)strcspn(at, "\n"), at);
}

void unbound_read_version(struct unbound *unbound, const char *printed)
{
	line_behind(printed, "Version ", unbound->version, sizeof(unbound->version));
	line_behind(printed, "Configure line: ", unbound->configure, sizeof(unbound->configure));
	line_behind(printed, "Linked modules: ", unbound->linked, sizeof(unbound->linked));
}

/* unbound-checkconf belongs to its Unbound: beside it, where it is. */
static bool find_checkconf(struct unbound *unbound)
{
	const char *slash = strrchr(unbound->program, '/');
	int folder = slash ? (int)(slash - unbound->program) : 0;
	char beside[PATH_MAX + 32];

	snprintf(beside, sizeof(beside), "%.*s/unbound-checkconf", folder, unbound->program);
	return program_find(beside, unbound->checkconf, sizeof(unbound->checkconf)) ||
	       program_find("unbound-checkconf", unbound->checkconf, sizeof(unbound->checkconf));
}

bool unbound_option(const struct unbound *unbound, const char *option, char *value, size_t len)
{
	const char *argv[] = { unbound->checkconf, "-o", option, unbound->conf, NULL };
	bool good = !program_ask(argv, value, len);
	size_t used = strlen(value);

	if (good && used && value[used - 1] == '\n')
		value[used - 1] = '\0';
	return good;
}

/* unbound-checkconf's complaint in one line, its first three; with a hint where it is one of ours. */
static void say_complaint(const struct unbound *unbound, struct remarks *remarks)
{
	char said[REMARK_TEXT_MAX / 2];
	unsigned lines = 0;
	size_t used = 0;

	for (const char *at = unbound->complaint; *at && used + 2 < sizeof(said) && lines < 3; at++) {
		if (*at == '\n') {
			lines++;
			if (at[1] && lines < 3) {
				said[used++] = ';';
				said[used++] = ' ';
			}
		} else {
			said[used++] = *at;
		}
	}
	said[used] = '\0';
	remark_add(remarks, REMARK_WRONG, "unbound.conf", "unbound-checkconf: %s",
	            *said ? said : "it ended without a word");
	if (strstr(said, "warden") || strstr(said, "detector"))
		remark_do(remarks, "clauses of warden.conf (warden:, detector:, list:, client-profile:) belong in a file of "
		           "their own, which a second dynlib-file line names");
	/* It names neither the option nor the folder. */
	if (strstr(said, "chdir"))
		remark_do(remarks, "there must be the folder that directory: names (/etc/unbound by default): make it, or in %s: "
		           "directory: \"\"", unbound->conf);
	if (strstr(said, "user '"))
		remark_do(remarks, "there must be the user that username: names (unbound by default): adduser --system --group "
		           "unbound, or in %s: username: \"\"", unbound->conf);
	remark_do(remarks, "mend it until this is content: unbound-checkconf %s", unbound->conf);
	if (geteuid())
		remark_do(remarks, "if it is about rights, ask as root: sudo unbound-warden check");
}

static void ask_conf(struct unbound *unbound, struct remarks *remarks)
{
	const char *whole[] = { unbound->checkconf, unbound->conf, NULL };
	char files[DYNLIB_FILES_MAX * PATH_MAX];

	if (program_ask(whole, unbound->complaint, sizeof(unbound->complaint)))
		say_complaint(unbound, remarks);
	unbound->conf_good =
		unbound_option(unbound, "module-config", unbound->module_config, sizeof(unbound->module_config)) &&
		unbound_option(unbound, "dynlib-file", files, sizeof(files)) &&
		unbound_option(unbound, "username", unbound->username, sizeof(unbound->username)) &&
		unbound_option(unbound, "chroot", unbound->chroot, sizeof(unbound->chroot)) &&
		unbound_option(unbound, "directory", unbound->directory, sizeof(unbound->directory));
	if (unbound->conf_good)
		unbound_read_files(unbound, files);
	else
		*unbound->module_config = '\0';
}

static void find_conf(struct unbound *unbound, const char *conf)
{
	const char *help[] = { unbound->checkconf, "-h", NULL };
	char printed[4096];

	unbound->conf_given = conf != NULL;
	if (conf) {
		snprintf(unbound->conf, sizeof(unbound->conf), "%s", conf);
		return;
	}
	/* "file	if omitted /etc/unbound/unbound.conf is used." */
	program_ask(help, printed, sizeof(printed));
	line_behind(printed, "if omitted ", unbound->conf, sizeof(unbound->conf));
	unbound->conf[strcspn(unbound->conf, " ")] = '\0';
	if (!*unbound->conf)
		snprintf(unbound->conf, sizeof(unbound->conf), "/etc/unbound/unbound.conf");
}

bool unbound_ask(struct unbound *unbound, const char *program, const char *conf, struct remarks *remarks)
{
	const char *version[] = { unbound->program, "-V", NULL };
	char printed[PRINTED_MAX];

	*unbound = (struct unbound){ .module = -1 };
	if (!program_find(program ? program : "unbound", unbound->program, sizeof(unbound->program))) {
		*unbound->program = '\0';
		remark_add(remarks, program || conf ? REMARK_WRONG : REMARK_NOTE, "unbound",
		            "%s: there is none, so it is not looked at", program ? program : "no program unbound in PATH "
		            "or /usr/sbin");
		remark_do(remarks, "unbound-warden check --unbound-program PATH --unbound UNBOUND.CONF");
		return false;
	}
	program_ask(version, printed, sizeof(printed));
	unbound_read_version(unbound, printed);
	if (!*unbound->version) {
		remark_add(remarks, REMARK_WRONG, "unbound", "%s -V does not say its version: is it Unbound?",
		            unbound->program);
		remark_do(remarks, "unbound-warden check --unbound-program PATH");
		return false;
	}
	if (!find_checkconf(unbound)) {
		remark_add(remarks, REMARK_NOTE, "unbound.conf", "there is no unbound-checkconf beside %s, so it is not "
		            "looked at", unbound->program);
		remark_do(remarks, "apt install unbound");
		return true;
	}
	find_conf(unbound, conf);
	ask_conf(unbound, remarks);
	return true;
}

/* What AppArmor calls <path>: seen from outside of a chroot, without symbolic links. */
static void true_path(const struct unbound *unbound, const char *path, char true_one[PATH_MAX])
{
	char outside[PATH_MAX], folder[PATH_MAX], real[PATH_MAX];
	const char *name;

	unbound_path(unbound, path, outside, sizeof(outside));
	if (realpath(outside, true_one))
		return;
	name = strrchr(outside, '/');
	snprintf(folder, sizeof(folder), "%.*s", name ? (int)(name - outside) : 0, outside);
	if (!name || !realpath(folder, real) || (size_t)snprintf(true_one, PATH_MAX, "%s%s", real, name) >= PATH_MAX)
		snprintf(true_one, PATH_MAX, "%s", outside);
}

static void check_rules(struct remarks *remarks, const struct unbound *unbound, const struct want *want,
                        unsigned count)
{
	char (*path)[PATH_MAX] = calloc(WANTS_MAX, sizeof(*path));
	struct want outside[WANTS_MAX];

	for (unsigned i = 0; path && i < count; i++) {
		true_path(unbound, want[i].path, path[i]);
		outside[i] = (struct want){ want[i].use, want[i].option, path[i] };
	}
	if (path)
		check_apparmor(remarks, &apparmor_places, outside, count);
	free(path);
}

void check_unbound(struct remarks *remarks, struct unbound *unbound, const struct config *config)
{
	struct want want[WANTS_MAX];
	bool tap = check_means_tap(unbound, config);
	unsigned count;

	if (!tap)
		check_modules(remarks, unbound);
	if (!unbound->conf_good)
		return;
	if (!tap)
		check_built(remarks, unbound);
	if (tap || (config && *config->settings.tap_control))
		check_tap(remarks, unbound, config);
	count = wants_of(want, WANTS_MAX, unbound, config);
	check_files(remarks, unbound, config, want, count);
	check_rules(remarks, unbound, want, count);
}
