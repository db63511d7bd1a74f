/* SPDX-License-Identifier: BSD-3-Clause */
/* check_apparmor - does the profile that confines Unbound let Warden use its files, and was it denied some?
 *
 * Debian's profile knows nothing of a segment in /dev/shm or of databases. What is missing is said as the
 * lines to add to local/usr.sbin.unbound, where a package upgrade leaves them alone.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check/apparmor.h"
#include "check/check_unbound.h"

#define PACKAGE_RULES "abstractions/unbound-warden"
#define LOG_TAIL     (256 << 10) /* octets of a log that are looked at, its newest */
#define DENIALS_MAX  5
#define SYSLOG_READ_ALL 3 /* of klogctl(2) */

static const char *const kernel_logs[] = { "/var/log/kern.log", "/var/log/audit/audit.log", NULL };
const struct apparmor_places apparmor_places = {
	.loaded = "/sys/kernel/security/apparmor/profiles",
	.folder = "/etc/apparmor.d",
	.profile = "usr.sbin.unbound",
	.logs = kernel_logs,
	.ring = true,
};

/* What a use needs, of the file and of one beside it; and the line that gives it. */
static const struct {
	unsigned permissions;
	const char *beside; /* NULL: none */
	const char *rule;
} uses[] = {
	[WANT_MAP] = { APPARMOR_R | APPARMOR_M, NULL, "%s mr," },
	[WANT_READ] = { APPARMOR_R, NULL, "%s r," },
	[WANT_SECRET] = { APPARMOR_R, NULL, "%s r," },
	[WANT_WRITE] = { APPARMOR_R | APPARMOR_W, NULL, "%s rw," },
	[WANT_KEEP] = { APPARMOR_R | APPARMOR_W, ".new", "owner %s* rw," },
	[WANT_SHARE] = { APPARMOR_R | APPARMOR_W | APPARMOR_K, ".refused", "owner %s* rwk," },
	[WANT_CONNECT] = { APPARMOR_W, NULL, "%s rw," },
};

enum state { NOT_LOADED, LOADED, LOADED_TO_COMPLAIN, NOBODY_KNOWS };

/* Lines are "unbound (enforce)" or "/usr/sbin/unbound (complain)". */
static enum state state_of(const char *path)
{
	FILE *file = fopen(path, "re");
	enum state state = NOT_LOADED;
	char line[1024];

	if (!file)
		return access(path, F_OK) ? NOT_LOADED : NOBODY_KNOWS;
	for (unsigned i = 0; i < 10000 && fgets(line, sizeof(line), file); i++)
		if (!strncmp(line, "unbound (", 9) || strstr(line, "/unbound ("))
			state = strstr(line, "(complain)") ? LOADED_TO_COMPLAIN : LOADED;
	fclose(file);
	return state;
}

/* What is missing for <want>, and what nobody can tell. */
static void look(const char *text, const struct want *want, unsigned *missing, unsigned *unsure)
{
	unsigned needed = uses[want->use].permissions, allowed, maybe;
	char beside[PATH_MAX + 16];

	apparmor_permits(text, want->path, &allowed, &maybe);
	*missing = needed & ~allowed & ~maybe;
	*unsure = needed & maybe;
	if (!uses[want->use].beside)
		return;
	snprintf(beside, sizeof(beside), "%s%s", want->path, uses[want->use].beside);
	apparmor_permits(text, beside, &allowed, &maybe);
	*missing |= (APPARMOR_R | APPARMOR_W) & ~allowed & ~maybe;
	*unsure |= (APPARMOR_R | APPARMOR_W) & maybe & ~*missing;
}

static void say_rules(struct remarks *remarks, enum remark_level level, const struct apparmor_places *places,
                      const char *lacks, const char *rules)
{
	remark_add(remarks, level, "apparmor", "the profile of Unbound does not let it use %s", lacks);
	remark_do(remarks, "add to %s/local/%s:", places->folder, places->profile);
	remark_do(remarks, "%s", rules);
	remark_do(remarks, "then: apparmor_parser -r %s/%s, and restart Unbound", places->folder, places->profile);
}

/* Adds the line that gives <want>, or the package's own rules where those do. */
static void add_rule(char *rules, size_t len, const char *package, const struct want *want)
{
	unsigned missing = 1, unsure = 0;
	size_t used = strlen(rules);

	if (package)
		look(package, want, &missing, &unsure);
	if (!missing && !unsure && strstr(rules, PACKAGE_RULES))
		return;
	if (used + strlen(want->path) + sizeof(PACKAGE_RULES) + 32 >= len)
		return; /* those first */
	used += (size_t)snprintf(rules + used, len - used, used ? "\n  " : "  ");
	if (!missing && !unsure)
		snprintf(rules + used, len - used, "include if exists <" PACKAGE_RULES ">");
	else
		snprintf(rules + used, len - used, uses[want->use].rule, want->path);
}

static void check_rules(struct remarks *remarks, const struct apparmor_places *places, const char *text,
                        bool complete, bool enforced, const struct want *want, unsigned count)
{
	char rules[REMARK_TEXT_MAX / 2] = "", lacks[REMARK_TEXT_MAX / 2] = "";
	bool needed = false, package_complete;
	/* Debian's package of Warden brings rules that the operator's local file has but to include. */
	char *package = apparmor_load(places->folder, PACKAGE_RULES, &package_complete);
	unsigned doubts = 0;

	for (unsigned i = 0; i < count; i++) {
		size_t lacks_used = strlen(lacks);
		unsigned missing, unsure;

		look(text, &want[i], &missing, &unsure);
		doubts += unsure && !missing;
		if (!missing)
			continue;
		needed |= strcmp(want[i].option, WANT_OF_SUFFIXES) != 0;
		add_rule(rules, sizeof(rules), package, &want[i]);
		snprintf(lacks + lacks_used, sizeof(lacks) - lacks_used, "%s%s (%s)", lacks_used ? ", " : "",
		         want[i].path, want[i].option);
	}
	if (*rules)
		say_rules(remarks, needed && enforced && complete ? REMARK_WRONG : REMARK_NOTE, places, lacks, rules);
	if (!complete || doubts)
		remark_add(remarks, REMARK_NOTE, "apparmor", "could not tell all of it: %s/%s has rules or includes "
		            "that are not understood here", places->folder, places->profile);
	else if (!*rules)
		remark_add(remarks, REMARK_OK, "apparmor", "the profile of Unbound lets Warden use its files");
	free(package);
}

/* --- denials ------------------------------------------------------------------------------- */

struct denials {
	struct remarks *remarks;
	const struct want *want;
	unsigned count, said;
	char last[DENIALS_MAX][PATH_MAX];
};

static bool is_ours(const struct denials *denials, const char *path)
{
	for (unsigned i = 0; i < denials->count; i++)
		if (!strncmp(path, denials->want[i].path, strlen(denials->want[i].path)))
			return true;
	return strstr(path, "warden") != NULL;
}

static void see_denials(struct denials *denials, char *text)
{
	char path[PATH_MAX], mask[16];

	for (char *line = text, *end; line && *line && denials->said < DENIALS_MAX; line = end) {
		bool known = false;

		end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		if (!apparmor_denial(line, path, sizeof(path), mask, sizeof(mask)) || !is_ours(denials, path))
			continue;
		for (unsigned i = 0; i < denials->said; i++)
			known |= !strcmp(denials->last[i], path);
		if (known)
			continue;
		snprintf(denials->last[denials->said++], PATH_MAX, "%s", path);
		remark_add(denials->remarks, REMARK_NOTE, "apparmor", "the kernel's log has a denial: Unbound was not "
		            "let use %s (%s); it may be an old one", path, mask);
	}
}

static void see_log(struct denials *denials, const char *path, char *text)
{
	FILE *file = fopen(path, "re");
	size_t got;

	if (!file)
		return;
	if (!fseek(file, 0, SEEK_END) && ftell(file) > LOG_TAIL)
		fseek(file, -LOG_TAIL, SEEK_END);
	else
		rewind(file);
	got = fread(text, 1, LOG_TAIL, file);
	text[got] = '\0';
	fclose(file);
	see_denials(denials, text);
}

static void check_denials(struct remarks *remarks, const struct apparmor_places *places, const struct want *want,
                          unsigned count)
{
	struct denials *denials = calloc(1, sizeof(*denials));
	char *text = malloc(LOG_TAIL + 1);
	int got;

	if (denials && text) {
		*denials = (struct denials){ .remarks = remarks, .want = want, .count = count };
		for (const char *const *log = places->logs; *log; log++)
			see_log(denials, *log, text);
		got = places->ring ? klogctl(SYSLOG_READ_ALL, text, LOG_TAIL) : -1;
		if (got > 0) {
			text[got] = '\0';
			see_denials(denials, text);
		}
	}
	free(text);
	free(denials);
}

void check_apparmor(struct remarks *remarks, const struct apparmor_places *places, const struct want *want,
                    unsigned count)
{
	enum state state = state_of(places->loaded);
	bool complete;
	char *text = apparmor_load(places->folder, places->profile, &complete);

	if (state == NOT_LOADED)
		remark_add(remarks, REMARK_OK, "apparmor", "no profile confines Unbound");
	else if (!text)
		remark_add(remarks, REMARK_NOTE, "apparmor", "could not tell: a profile of Unbound %s, but %s/%s "
		            "cannot be read", state == NOBODY_KNOWS ? "may be loaded" : "is loaded", places->folder,
		            places->profile);
	else
		check_rules(remarks, places, text, complete, state == LOADED, want, count);
	if (state != NOT_LOADED)
		check_denials(remarks, places, want, count);
	free(text);
}
