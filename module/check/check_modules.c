/* SPDX-License-Identifier: BSD-3-Clause */
/* check_modules - is dynlib compiled in, is it in module-config, and does it stand where it must?
 *
 * Which module must come where is a table, which is the module's own, too. The line to write is the operator's own, with dynlib moved:
 * nothing else of his order is touched.
 *
 *     validator dynlib iterator  ->  dynlib validator iterator
 *     dynlib dns64 iterator      ->  dns64 dynlib iterator
 */
#include <string.h>

#include "check/check_unbound.h"

#define MODULES_MAX 16
#define MODULE_LEN  32

enum place { BEFORE_DYNLIB, BEHIND_DYNLIB, ANYWHERE };

static const struct order_rule {
	const char *module;
	enum place place;
	const char *why;
} order_rules[] = {
#define MODULE_ORDER(module, place, why) { module, place, why },
#include <warden/module_order.def>
#undef MODULE_ORDER
};
#define RULE_COUNT (sizeof(order_rules) / sizeof(*order_rules))

struct modules {
	char name[MODULES_MAX][MODULE_LEN];
	unsigned count;
};

static void modules_split(struct modules *modules, const char *text)
{
	modules->count = 0;
	while (modules->count < MODULES_MAX) {
		size_t len;

		text += strspn(text, " \t\n");
		len = strcspn(text, " \t\n");
		if (!len)
			return;
		snprintf(modules->name[modules->count++], MODULE_LEN, "%.*s", (int)len, text);
		text += len;
	}
}

/* Index of the first <name>; the count when there is none. */
static unsigned modules_find(const struct modules *modules, const char *name)
{
	unsigned i = 0;

	while (i < modules->count && strcmp(modules->name[i], name))
		i++;
	return i;
}

static bool has_module(const char *text, const char *name)
{
	struct modules modules;

	modules_split(&modules, text);
	return modules_find(&modules, name) < modules.count;
}

static enum place place_of(const char *module)
{
	for (size_t i = 0; i < RULE_COUNT; i++)
		if (!strcmp(order_rules[i].module, module))
			return order_rules[i].place;
	return BEHIND_DYNLIB;
}

/* Adds those of <from> that the first dynlib is to have before it, or the others. */
static void add_words(const struct modules *from, bool before, char *line, size_t len)
{
	unsigned at = modules_find(from, "dynlib");

	for (unsigned i = 0; i < from->count; i++) {
		enum place place = place_of(from->name[i]);
		bool is_before = place == BEFORE_DYNLIB || (place == ANYWHERE && i < at);
		size_t used = strlen(line);

		if (i != at && is_before == before)
			snprintf(line + used, len - used, "%s%s", used ? " " : "", from->name[i]);
	}
}

/* How many words dynlib there may be: each takes a dynlib-file line with a library of its own. */
static unsigned dynlibs_allowed(const struct unbound *unbound)
{
	unsigned libraries = unbound_libraries(unbound);

	return libraries ? libraries : 1;
}

/* Removes every <name> behind the first <most>. Returns how many there were. */
static unsigned modules_thin(struct modules *modules, const char *name, unsigned most)
{
	unsigned kept = 0, found = 0;

	for (unsigned i = 0; i < modules->count; i++) {
		if (!strcmp(modules->name[i], name) && ++found > most)
			continue;
		if (kept != i)
			memcpy(modules->name[kept], modules->name[i], MODULE_LEN);
		kept++;
	}
	modules->count = kept;
	return found;
}

/* The operator's module-config with dynlib where it belongs, or added. */
static void right_line(const struct unbound *unbound, char *line, size_t len)
{
	struct modules modules;
	size_t used;

	modules_split(&modules, unbound->module_config);
	modules_thin(&modules, "dynlib", dynlibs_allowed(unbound));
	if (!modules.count)
		modules_split(&modules, "validator iterator"); /* Unbound's default */
	if (modules_find(&modules, "dynlib") == modules.count) {
		bool python = !strcmp(modules.name[0], "python");

		/* Added in front of what is no matter of its place. */
		for (unsigned i = modules.count < MODULES_MAX ? modules.count : MODULES_MAX - 1; i > python; i--)
			memcpy(modules.name[i], modules.name[i - 1], MODULE_LEN);
		strcpy(modules.name[python], "dynlib");
		modules.count += modules.count < MODULES_MAX;
	}
	*line = '\0';
	add_words(&modules, true, line, len);
	used = strlen(line);
	snprintf(line + used, len - used, "%sdynlib", used ? " " : "");
	add_words(&modules, false, line, len);
}

static void say_not_enabled(struct remarks *remarks, const struct unbound *unbound, bool dynlib)
{
	char line[WORDS_MAX];

	right_line(unbound, line, sizeof(line));
	remark_add(remarks, REMARK_NOTE, "enabled", "Warden is not enabled in %s: %s", unbound->conf,
	            dynlib ? "no dynlib-file line names a warden.so" : "module-config has no dynlib");
	remark_do(remarks, "these lines in %s, then restart Unbound:", unbound->conf);
	remark_do(remarks, "server:");
	remark_do(remarks, "    module-config: \"%s\"", line);
	remark_do(remarks, "dynlib:");
	remark_do(remarks, "    dynlib-file: \"/usr/lib/unbound/warden.so\"");
	remark_do(remarks, "    dynlib-file: \"/etc/unbound/warden.conf\"");
}

/* Each module that stands on the wrong side of the first dynlib. */
static void check_order(struct remarks *remarks, const struct unbound *unbound)
{
	struct modules modules;
	unsigned at, found, allowed = dynlibs_allowed(unbound);
	char line[WORDS_MAX];
	bool wrong = false;

	modules_split(&modules, unbound->module_config);
	right_line(unbound, line, sizeof(line));
	at = modules_find(&modules, "dynlib");
	found = modules_thin(&modules, "dynlib", allowed);
	if (found > allowed) {
		remark_add(remarks, REMARK_WRONG, "order", "module-config: \"%s\": dynlib stands there %u times, but each "
		            "needs a library of its own, of which dynlib-file lines name %u", unbound->module_config, found,
		            unbound_libraries(unbound));
		remark_do(remarks, "in %s: module-config: \"%s\"", unbound->conf, line);
		wrong = true;
	}
	for (size_t i = 0; i < RULE_COUNT; i++) {
		const struct order_rule *rule = &order_rules[i];
		unsigned there = modules_find(&modules, rule->module);

		if (there == modules.count || rule->place == ANYWHERE ||
		    (there < at) == (rule->place == BEFORE_DYNLIB))
			continue;
		remark_add(remarks, REMARK_WRONG, "order", "module-config: \"%s\": dynlib stands %s %s: %s",
		            unbound->module_config, there < at ? "behind" : "before", rule->module, rule->why);
		remark_do(remarks, "in %s: module-config: \"%s\"", unbound->conf, line);
		remark_do(remarks, "then restart Unbound: a reload does not take it");
		wrong = true;
	}
	if (!wrong)
		remark_add(remarks, REMARK_OK, "order", "module-config: \"%s\"", unbound->module_config);
}

void check_modules(struct remarks *remarks, const struct unbound *unbound)
{
	bool dynlib = has_module(unbound->module_config, "dynlib");

	if (has_module(unbound->linked, "dynlib")) {
		remark_add(remarks, REMARK_OK, "dynlib", "Unbound %s has the dynlib module", unbound->version);
	} else {
		remark_add(remarks, REMARK_WRONG, "dynlib",
		            "Unbound %s (%s) has no dynlib module, which loads Warden: it was built without",
		            unbound->version, unbound->program);
		remark_do(remarks, "install an Unbound with it: scripts/build-deb makes Debian's own package "
		           "with dynlib and Warden (doc/packages.md),");
		remark_do(remarks, "or build Unbound with: ./configure --with-dynlibmodule");
	}
	if (!unbound->conf_good)
		return;
	if (!dynlib || unbound->module < 0)
		say_not_enabled(remarks, unbound, dynlib);
	if (dynlib)
		check_order(remarks, unbound);
}

bool unbound_enables(const struct unbound *unbound)
{
	return has_module(unbound->module_config, "dynlib") && unbound->module >= 0;
}
