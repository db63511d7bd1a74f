/* SPDX-License-Identifier: BSD-3-Clause */
/* test_apparmor - globs, rules and denials as AppArmor has them, and what check makes of Debian's profile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "support.h"
#include "check/apparmor.h"
#include "check/check_unbound.h"

static void globs(void **state)
{
	static const struct {
		const char *glob, *path;
		bool matches;
	} cases[] = {
		{ "/etc/unbound/**", "/etc/unbound/warden.d/a.list", true },
		{ "/etc/unbound/*", "/etc/unbound/warden.d/a.list", false },
		{ "/etc/unbound/*", "/etc/unbound/warden.conf", true },
		{ "/dev/shm/unbound-warden*", "/dev/shm/unbound-warden", true },
		{ "/dev/shm/unbound-warden*", "/dev/shm/unbound-warden.refused", true },
		{ "/dev/shm/unbound-warden", "/dev/shm/unbound-warden.refused", false },
		{ "/{,var/}run/unbound.ctl", "/run/unbound.ctl", true },
		{ "/{,var/}run/unbound.ctl", "/var/run/unbound.ctl", true },
		{ "/{,var/}run/unbound.ctl", "/vrun/unbound.ctl", false },
		{ "/{usr/,}lib{,32,64}/**.so*", "/usr/lib/unbound/warden.so", true },
		{ "/{usr/,}lib{,32,64}/**.so*", "/lib64/x.so.1", true },
		{ "/{usr/,}lib{,32,64}/**.so*", "/opt/lib/x.so", false },
		{ "/{a,{b,c}d}/x", "/cd/x", true },
		{ "/{a,{b,c}d}/x", "/c/x", false },
		{ "/x[0-9]", "/x7", true },
		{ "/x[^0-9]", "/x7", false },
		{ "/x[^0-9]", "/x/", false },
		{ "/x?", "/x", false },
		{ "/x?", "/xy", true },
		{ "/x\\*", "/x*", true },
		{ "/x\\*", "/xy", false },
		{ "", "", true },
		{ "/{a", "/a", false }, /* never closed */
		{ "/[a", "/b", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (apparmor_matches(cases[i].glob, cases[i].path) != cases[i].matches)
			fail_msg("%s and %s", cases[i].glob, cases[i].path);
}

/* A glob that could be tried in very many ways ends. */
static void bounded(void **state)
{
	(void)state;
	assert_false(apparmor_matches("**a**a**a**a**a**a**a**a**b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

static void rules(void **state)
{
	static const struct {
		const char *text, *path;
		unsigned allowed, unsure;
	} cases[] = {
		{ "  /a/** r,\n", "/a/b", APPARMOR_R, 0 },
		{ "  owner /a/* rwk, # ours\n", "/a/b", APPARMOR_R | APPARMOR_W | APPARMOR_K, 0 },
		{ "rw /a/b,\n", "/a/b", APPARMOR_R | APPARMOR_W, 0 },
		{ "/a/b r,\n/a/* w,\n", "/a/b", APPARMOR_R | APPARMOR_W, 0 },
		{ "/a/** rw,\naudit deny /a/{b,c} w,\n", "/a/b", APPARMOR_R, 0 },
		{ "\"/a/b c\" rm,\n", "/a/b c", APPARMOR_R | APPARMOR_M, 0 },
		{ "file,\n", "/a/b", APPARMOR_ALL, 0 },
		{ "@{run}/x rw,\n", "/run/x", APPARMOR_R | APPARMOR_W, 0 },
		{ "@{HOME}/x rw,\n", "/srv/x", 0, APPARMOR_R | APPARMOR_W },
		{ "@{HOME}/x rw,\n/srv/x r,\n", "/srv/x", APPARMOR_R, APPARMOR_W },
		{ "@{HOME}/x rw,\n", "/srv/y", 0, 0 },
		{ "# /a/b rw,\ncapability setuid,\nnetwork inet,\nsignal (receive) peer=unconfined,\n", "/a/b", 0, 0 },
		{ "/usr/sbin/unbound mr,\n/bin/x Px -> y,\n/a/b rz,\n", "/a/b", 0, 0 },
		{ "/a/b", "/a/b", 0, 0 },
		{ "", "/a/b", 0, 0 },
		/* A quote without its end is no rule, and what is behind the text is none of it. */
		{ "\"/a/b\0rw,\n", "/a/b", 0, 0 },
		{ "\"/a/b rw,\n/a/c r,\n", "/a/b", 0, 0 },
		{ "\"\0/a/b rw,\n", "/a/b", 0, 0 },
		{ "\"\" rw,\n", "/a/b", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		unsigned allowed, unsure;

		apparmor_permits(cases[i].text, cases[i].path, &allowed, &unsure);
		if (allowed != cases[i].allowed || unsure != cases[i].unsure)
			fail_msg("%s: %s: allowed %u, unsure %u", cases[i].text, cases[i].path, allowed, unsure);
	}
}

static void denials(void **state)
{
	static const char line[] = "audit: type=1400 audit(1700000000.1:9): apparmor=\"DENIED\" operation=\"open\" "
	                           "profile=\"unbound\" name=\"/dev/shm/unbound-warden\" pid=7 comm=\"unbound\" "
	                           "requested_mask=\"wrc\" denied_mask=\"wrc\" fsuid=105 ouid=105\n";
	char path[64], mask[8], other[sizeof(line)];

	(void)state;
	assert_true(apparmor_denial(line, path, sizeof(path), mask, sizeof(mask)));
	assert_string_equal(path, "/dev/shm/unbound-warden");
	assert_string_equal(mask, "wrc");
	assert_false(apparmor_denial(line, path, 8, mask, sizeof(mask)));
	memcpy(other, line, sizeof(line));
	memcpy(strstr(other, "profile=\"unb"), "profile=\"xxx", 12);
	assert_false(apparmor_denial(other, path, sizeof(path), mask, sizeof(mask)));
	memcpy(other, line, sizeof(line));
	memcpy(strstr(other, "DENIED"), "ALLOWE", 6);
	assert_false(apparmor_denial(other, path, sizeof(path), mask, sizeof(mask)));
	assert_false(apparmor_denial("", path, sizeof(path), mask, sizeof(mask)));
}

/* As Debian has it, shortened. */
#define PROFILE "#include <tunables/global>\n" \
	"profile unbound /usr/sbin/unbound flags=(attach_disconnected) {\n" \
	"  #include <abstractions/base>\n" \
	"  /etc/unbound/** r,\n" \
	"  /{,etc/unbound/}var/lib/unbound/** r,\n" \
	"  owner /{,etc/unbound/}var/lib/unbound/** rw,\n" \
	"  #include <local/usr.sbin.unbound>\n" \
	"}\n"

static const struct want wants[] = {
	{ WANT_MAP, "dynlib-file", "/usr/lib/unbound/warden.so" },
	{ WANT_READ, "dynlib-file", "/etc/unbound/warden.conf" },
	{ WANT_SHARE, "shared-memory", "/dev/shm/unbound-warden" },
	{ WANT_KEEP, "snapshot-file", "/var/lib/unbound/warden/snapshot" },
	{ WANT_READ, "asn-database", "/usr/share/GeoIP/asn.mmdb" },
};

static void folder(const char *name)
{
	assert_int_equal(mkdir(temp(name), 0755), 0);
}

/* Checks with <loaded> and <local>; the one remark that counts is the first. */
static void expect(const char *loaded, const char *local, enum remark_level level, const char *text, const char *remedy)
{
	const char *const no_logs[] = { NULL };
	const struct apparmor_places places = { .loaded = temp_file("loaded", loaded), .folder = temp("apparmor.d"),
	                                        .profile = "usr.sbin.unbound", .logs = no_logs };
	struct remarks remarks = { .item = NULL };

	if (local)
		temp_file("apparmor.d/local/usr.sbin.unbound", local);
	check_apparmor(&remarks, &places, wants, sizeof(wants) / sizeof(*wants));
	assert_int_equal(remarks.count, 1);
	if (remarks.item->level != level || !strstr(remarks.item->text, text) || !strstr(remarks.item->remedy, remedy))
		fail_msg("%d: %s: %s", remarks.item->level, remarks.item->text, remarks.item->remedy);
	remarks_free(&remarks);
}

static void profile(void **state)
{
	(void)state;
	folder("apparmor.d");
	folder("apparmor.d/local");
	folder("apparmor.d/tunables");
	folder("apparmor.d/abstractions");
	temp_file("apparmor.d/tunables/global", "@{PROC}=/proc/\n");
	temp_file("apparmor.d/usr.sbin.unbound", PROFILE);
	temp_file("apparmor.d/abstractions/base", "  /{usr/,}lib{,32,64}/**.so*       mr,\n");

	expect("man (enforce)\n", "", REMARK_OK, "no profile confines Unbound", "");
	expect("unbound (enforce)\n", "", REMARK_WRONG, "/dev/shm/unbound-warden (shared-memory), /usr/share/GeoIP",
	       "  owner /dev/shm/unbound-warden* rwk,\n  /usr/share/GeoIP/asn.mmdb r,\nthen: apparmor_parser -r ");
	expect("/usr/sbin/unbound (complain)\n", "", REMARK_NOTE, "/dev/shm/unbound-warden", "add to ");
	/* Locking alone is missing. */
	expect("unbound (enforce)\n", "/dev/shm/unbound-warden* rw,\n/usr/share/GeoIP/* r,\n", REMARK_WRONG,
	       "use /dev/shm/unbound-warden (shared-memory)", "rwk,");
	/* What is written is taken. */
	expect("unbound (enforce)\n", "owner /dev/shm/unbound-warden* rwk,\n/usr/share/GeoIP/asn.mmdb r,\n", REMARK_OK,
	       "lets Warden use its files", "");
	expect("unbound (enforce)\n", "include if exists <local/none>\nfile,\n", REMARK_OK, "lets Warden", "");
	expect("unbound (enforce)\n", "include <local/none>\nfile,\n", REMARK_NOTE, "could not tell", "");
	expect("unbound (enforce)\n", "@{WHERE}/** rwk,\n", REMARK_NOTE, "could not tell", "");
	temp_file("apparmor.d/abstractions/unbound-warden", "owner /dev/shm/unbound-warden* rwk,\n");
	expect("unbound (enforce)\n", "", REMARK_WRONG, "/dev/shm/unbound-warden (shared-memory), /usr/share/GeoIP",
	       "  include if exists <abstractions/unbound-warden>\n  /usr/share/GeoIP/asn.mmdb r,\nthen");
	folder("apparmor.d/more");
	temp_file("apparmor.d/more/a", "file,\n");
	expect("unbound (enforce)\n", "include <more>\n", REMARK_OK, "lets Warden", "");
	/* It includes itself, for ever. */
	expect("unbound (enforce)\n", "include <local/usr.sbin.unbound>\nfile,\n", REMARK_NOTE, "could not tell", "");
}

/* The text of PROFILE's folder with <lines> times <line> in its own file. Without a bound it would not end before
 * the tests' time is over.
 */
static void expect_end(const char *line, unsigned lines)
{
	char *text, *whole = calloc(lines + 1, strlen(line)), *end = whole;
	bool complete;

	assert_non_null(whole);
	for (unsigned i = 0; i < lines; i++)
		end = stpcpy(end, line);
	temp_file("apparmor.d/local/usr.sbin.unbound", whole);
	text = apparmor_load(temp("apparmor.d"), "usr.sbin.unbound", &complete);
	assert_non_null(text);
	assert_false(complete);
	free(text);
	free(whole);
}

/* Includes leave nothing in the text, so they are bounded by themselves. */
static void includes(void **state)
{
	(void)state;
	expect_end("include <local/usr.sbin.unbound>\n", 40);
	expect_end("include <local>\n", 40);
	expect_end("include <usr.sbin.unbound>\n", 1000);
	expect_end("include if exists <local/none>\n", 60000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(globs),
		cmocka_unit_test(bounded),
		cmocka_unit_test(rules),
		cmocka_unit_test(denials),
		cmocka_unit_test(profile),
		cmocka_unit_test(includes), /* in the folder of the one before */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
