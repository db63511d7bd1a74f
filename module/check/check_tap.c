/* SPDX-License-Identifier: BSD-3-Clause */
/* check_tap - does an Unbound that loads no module write what wardend reads, and take what it says?
 *
 * Who sets tap-control: means wardend. Then nobody misses the module, but both at once would be two doors on one
 * segment, of which the second ends.
 */
#include <string.h>

#include "check/check_unbound.h"

#define VALUE_MAX 4096

bool check_means_tap(const struct unbound *unbound, const struct config *config)
{
	return config && *config->settings.tap_control && !unbound_enables(unbound);
}

/* Whether <line> is one of <lines>. */
static bool has_line(const char *lines, const char *line)
{
	size_t len = strlen(line);

	for (; lines; lines = strchr(lines, '\n'), lines += lines != NULL)
		if (!strncmp(lines, line, len) && (!lines[len] || lines[len] == '\n'))
			return true;
	return false;
}

static void want_yes(struct remarks *remarks, const struct unbound *unbound, const char *option)
{
	char value[VALUE_MAX] = "";

	if (unbound_option(unbound, option, value, sizeof(value)) && !strcmp(value, "yes"))
		return;
	remark_add(remarks, REMARK_WRONG, "dnstap", "%s is not yes in %s: wardend does not learn what clients ask and get",
	           option, unbound->conf);
	remark_do(remarks, "in unbound.conf, in its clause dnstap: %s: yes", option);
}

static void check_dnstap(struct remarks *remarks, const struct unbound *unbound, const struct settings *settings)
{
	char path[VALUE_MAX] = "", outside[PATH_MAX + VALUE_MAX];

	if (!strstr(unbound->configure, "--enable-dnstap")) {
		remark_add(remarks, REMARK_WRONG, "dnstap", "%s is built without dnstap", unbound->program);
		remark_do(remarks, "use one that is built with --enable-dnstap, as Debian's");
		return;
	}
	want_yes(remarks, unbound, "dnstap-enable");
	want_yes(remarks, unbound, "dnstap-log-client-query-messages");
	want_yes(remarks, unbound, "dnstap-log-client-response-messages");
	unbound_option(unbound, "dnstap-socket-path", path, sizeof(path));
	unbound_path(unbound, path, outside, sizeof(outside));
	if (*path && !strcmp(outside, settings->tap_socket))
		return;
	remark_add(remarks, REMARK_WRONG, "tap-socket", "Unbound writes to '%s', and wardend reads at '%s'", *path ? outside : "",
	           settings->tap_socket);
	remark_do(remarks, "in unbound.conf, in its clause dnstap: dnstap-socket-path: \"%s\"", settings->tap_socket);
}

static void check_control(struct remarks *remarks, const struct unbound *unbound, const struct settings *settings)
{
	char enabled[VALUE_MAX] = "", at[VALUE_MAX] = "";

	unbound_option(unbound, "control-enable", enabled, sizeof(enabled));
	unbound_option(unbound, "control-interface", at, sizeof(at));
	if (!strcmp(enabled, "yes") && has_line(at, settings->tap_control))
		return;
	remark_add(remarks, REMARK_WRONG, "tap-control", "Unbound does not take commands at '%s'", settings->tap_control);
	remark_do(remarks, "in unbound.conf, in its clause remote-control: control-enable: yes");
	remark_do(remarks, "and there: control-interface: \"%s\"", settings->tap_control);
}

void check_tap(struct remarks *remarks, const struct unbound *unbound, const struct config *config)
{
	size_t before = remarks->count;

	if (unbound_enables(unbound)) {
		if (*config->settings.tap_control) {
			remark_add(remarks, REMARK_NOTE, "tap-control", "is wardend's, and this Unbound loads the module: of the two the "
			           "one that comes second ends");
			remark_do(remarks, "in warden.conf: tap-control: \"\", or no dynlib-file in unbound.conf");
		}
		return;
	}
	check_dnstap(remarks, unbound, &config->settings);
	check_control(remarks, unbound, &config->settings);
	if (remarks->count == before)
		remark_add(remarks, REMARK_OK, "wardend", "Unbound writes dnstap to tap-socket, and takes commands at tap-control");
}
