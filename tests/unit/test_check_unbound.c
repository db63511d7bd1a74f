/* SPDX-License-Identifier: BSD-3-Clause */
/* test_check_unbound - what check makes of what Unbound's programs say, of a module's mark, and of modes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <warden/built_for.h>

#include "support.h"
#include "check/check_unbound.h"
#include "check/program.h"

#define OTHER "OTHER.so" /* stands for a file that is there, and not Warden */
#define ALL_MODULES "dns64 dynlib subnetcache respip validator iterator"

/* What the first remark that is not fine says, and what to do; empty when all is. */
static void first_fault(const struct remarks *remarks, const struct remark **fault)
{
	static const struct remark none = { .level = REMARK_OK };

	*fault = &none;
	for (size_t i = 0; i < remarks->count && (*fault)->level == REMARK_OK; i++)
		if (remarks->item[i].level != REMARK_OK)
			*fault = &remarks->item[i];
}

static void order(void **state)
{
	static const struct {
		const char *linked, *module_config;
		enum remark_level level;
		const char *text, *remedy;
	} cases[] = {
		{ ALL_MODULES, "dynlib validator iterator", REMARK_OK, "", "" },
		{ ALL_MODULES, "dynlib iterator", REMARK_OK, "", "" },
		{ ALL_MODULES, "dynlib respip validator iterator", REMARK_OK, "", "" },
		{ ALL_MODULES, "dynlib subnetcache validator iterator", REMARK_OK, "", "" },
		{ ALL_MODULES, "dns64 dynlib validator iterator", REMARK_OK, "", "" },
		{ ALL_MODULES, "python dynlib validator iterator", REMARK_OK, "", "" },
		/* Each takes a library, and here is but one at most. */
		{ ALL_MODULES, "dynlib dynlib iterator", REMARK_WRONG, "dynlib stands there 2 times",
		  "module-config: \"dynlib iterator\"" },
		{ ALL_MODULES, "dynlib validator dynlib iterator dynlib", REMARK_WRONG, "3 times",
		  "module-config: \"dynlib validator iterator\"" },
		{ ALL_MODULES, "  dynlib\titerator ", REMARK_OK, "", "" },
		{ ALL_MODULES, "validator dynlib iterator", REMARK_WRONG, "behind validator",
		  "module-config: \"dynlib validator iterator\"" },
		{ ALL_MODULES, "validator iterator dynlib", REMARK_WRONG, "behind validator",
		  "module-config: \"dynlib validator iterator\"" },
		{ ALL_MODULES, "respip dynlib iterator", REMARK_WRONG, "behind respip", "\"dynlib respip iterator\"" },
		{ ALL_MODULES, "subnetcache dynlib validator iterator", REMARK_WRONG, "behind subnetcache",
		  "\"dynlib subnetcache validator iterator\"" },
		{ ALL_MODULES, "dynlib dns64 validator iterator", REMARK_WRONG, "before dns64",
		  "\"dns64 dynlib validator iterator\"" },
		{ ALL_MODULES, "python validator dynlib iterator", REMARK_WRONG, "behind validator",
		  "\"python dynlib validator iterator\"" },
		{ ALL_MODULES, "validator iterator", REMARK_NOTE, "not enabled",
		  "module-config: \"dynlib validator iterator\"" },
		{ ALL_MODULES, "dns64 validator iterator", REMARK_NOTE, "not enabled",
		  "module-config: \"dns64 dynlib validator iterator\"" },
		{ ALL_MODULES, "python iterator", REMARK_NOTE, "not enabled", "\"python dynlib iterator\"" },
		{ ALL_MODULES, "a b c d e f g h i j k l m n o p q r", REMARK_NOTE, "not enabled", "\"dynlib a b" },
		{ ALL_MODULES, "", REMARK_NOTE, "not enabled", "\"dynlib validator iterator\"" },
		{ "dns64 python subnetcache respip validator iterator", "dynlib validator iterator", REMARK_WRONG,
		  "has no dynlib module", "--with-dynlibmodule" },
		{ "", "validator iterator", REMARK_WRONG, "has no dynlib module", "scripts/build-deb" },
		{ "dynlibrary", "dynlib iterator", REMARK_WRONG, "has no dynlib module", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct unbound *unbound = calloc(1, sizeof(*unbound));
		struct remarks remarks = { .item = NULL };
		const struct remark *fault;

		assert_non_null(unbound);
		unbound->conf_good = true;
		strcpy(unbound->linked, cases[i].linked);
		strcpy(unbound->module_config, cases[i].module_config);
		check_modules(&remarks, unbound);
		first_fault(&remarks, &fault);
		if (fault->level != cases[i].level || !strstr(fault->text, cases[i].text) ||
		    !strstr(fault->remedy, cases[i].remedy))
			fail_msg("'%s': %d %s: %s", cases[i].module_config, fault->level, fault->text, fault->remedy);
		remarks_free(&remarks);
		free(unbound);
	}
}

/* Two dynlib modules with a library each are somebody's right. */
static void two_libraries(void **state)
{
	struct unbound *unbound = calloc(1, sizeof(*unbound));
	struct remarks remarks = { .item = NULL };
	const struct remark *fault;

	(void)state;
	assert_non_null(unbound);
	unbound->conf_good = true;
	strcpy(unbound->linked, ALL_MODULES);
	strcpy(unbound->module_config, "dynlib dynlib iterator");
	unbound_read_files(unbound, "/x/other.so\n/x/warden.so\n/x/w.conf\n");
	check_modules(&remarks, unbound);
	first_fault(&remarks, &fault);
	assert_string_equal(fault->text, "");
	strcpy(unbound->module_config, "dynlib dynlib validator dynlib iterator");
	remarks_free(&remarks);
	check_modules(&remarks, unbound);
	first_fault(&remarks, &fault);
	assert_non_null(strstr(fault->remedy, "\"dynlib dynlib validator iterator\""));
	remarks_free(&remarks);
	free(unbound);
}

static void version(void **state)
{
	struct unbound *unbound = calloc(1, sizeof(*unbound));

	(void)state;
	assert_non_null(unbound);
	unbound_read_version(unbound, "Version 1.17.1\n\nConfigure line: --prefix=/usr --a='b c'\nLinked libs: x\n"
	                              "Linked modules: dns64 dynlib iterator\n\nBSD licensed\n");
	assert_string_equal(unbound->version, "1.17.1");
	assert_string_equal(unbound->configure, "--prefix=/usr --a='b c'");
	assert_string_equal(unbound->linked, "dns64 dynlib iterator");
	unbound_read_version(unbound, "sh: unbound: not found\n");
	assert_string_equal(unbound->version, "");
	assert_string_equal(unbound->linked, "");
	free(unbound);
}

static void files(void **state)
{
	static const struct {
		const char *printed;
		int module;
		const char *conf;
	} cases[] = {
		{ "/usr/lib/unbound/warden.so\n/etc/unbound/warden.conf\n", 0, "/etc/unbound/warden.conf" },
		{ "/usr/lib/unbound/warden.so\n", 0, NULL },
		{ "/usr/lib/unbound/warden.so", 0, NULL },
		{ "/x/other.so\n/x/warden.so\n/x/w.conf\n", 1, "/x/w.conf" },
		{ "/x/warden.so\n/x/other.so\n/x/w.conf\n", 0, "/x/w.conf" },
		{ "/etc/unbound/warden.conf\n/x/warden.so\n", 1, NULL },
		{ "/x/wardn.so\n/x/w.conf\n", 0, "/x/w.conf" }, /* mistyped: it is not there */
		{ OTHER "\n/x/w.conf\n", -1, NULL },
		{ OTHER "\n/x/wardn.so\n", 1, NULL },
		{ "", -1, NULL },
		{ "1\n2\n3\n4\n5\n6\n7\n8\n9\nwarden.so\n", -1, NULL },
	};
	struct unbound *unbound = calloc(1, sizeof(*unbound));
	char path[PATH_MAX], lines[512];
	const char *other = temp_file("other.so", "somebody else's");

	(void)state;
	assert_non_null(unbound);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		/* The other's is there. */
		if (!strncmp(cases[i].printed, OTHER, strlen(OTHER)))
			snprintf(lines, sizeof(lines), "%s%s", other, cases[i].printed + strlen(OTHER));
		else
			snprintf(lines, sizeof(lines), "%s", cases[i].printed);
		unbound_read_files(unbound, lines);
		assert_int_equal(unbound->module, cases[i].module);
		assert_int_equal(!unbound->warden_conf, !cases[i].conf);
		if (cases[i].conf)
			assert_string_equal(unbound->warden_conf, cases[i].conf);
	}
	strcpy(unbound->chroot, "/jail");
	strcpy(unbound->directory, "/jail/etc");
	unbound_path(unbound, "/x/y", path, sizeof(path));
	assert_string_equal(path, "/jail/x/y");
	unbound_path(unbound, "y", path, sizeof(path));
	assert_string_equal(path, "/jail/etc/y");
	free(unbound);
}

/* The octets of a module, and what is said of it beside an Unbound 1.22.0 with "--a --b=1 --c". */
static void fingerprint(void **state)
{
	static const struct {
		const char *octets;
		size_t len;
		enum remark_level level;
		const char *text;
	} cases[] = {
#define MODULE(text) text, sizeof(text)
		{ MODULE("x\0" WARDEN_BUILT_FOR "unbound 1.22.0\n--a --b=1 --c\0y"), REMARK_OK, "" },
		{ MODULE("x\0" WARDEN_BUILT_FOR "unbound 1.17.1\n--a --b=1 --c"), REMARK_WRONG,
		  "for Unbound 1.17.1 with --a --b=1 --c, but this is 1.22.0" },
		{ MODULE(WARDEN_BUILT_FOR "unbound 1.22.0\n--a --b=2 --c"), REMARK_WRONG,
		  "first difference is --b=2 there, --b=1 in" },
		{ MODULE(WARDEN_BUILT_FOR "unbound 1.22.0\n--a --b=1"), REMARK_WRONG,
		  "first difference is nothing there, --c in" },
		{ MODULE(WARDEN_BUILT_FOR "unbound 1.22.0\n--a --b=1 --c --d"), REMARK_WRONG, "--d there, nothing in" },
		{ MODULE(WARDEN_BUILT_FOR "unbound 1.22.0\n"), REMARK_WRONG, "nothing there, --a in" },
		/* The mark alone, as in the program that looks for it, and one that is cut off. */
		{ MODULE(WARDEN_BUILT_FOR "\0" WARDEN_BUILT_FOR "unbound 1.22.0\n--a --b=1 --c"), REMARK_OK, "" },
		{ WARDEN_BUILT_FOR "unbound 1.22.0\n--a", sizeof(WARDEN_BUILT_FOR) + 16, REMARK_WRONG, "is not a Warden" },
		{ MODULE("an other module"), REMARK_WRONG, "is not a Warden" },
	};
	struct unbound *unbound = calloc(1, sizeof(*unbound));

	(void)state;
	assert_non_null(unbound);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *path = temp("warden.so");
		FILE *file = fopen(path, "w");
		struct remarks remarks = { .item = NULL };
		const struct remark *fault;
		char lines[512];

		assert_non_null(file);
		fwrite(cases[i].octets, 1, cases[i].len, file);
		fclose(file);
		snprintf(lines, sizeof(lines), "%s\n/etc/unbound/warden.conf\n", path);
		strcpy(unbound->version, "1.22.0");
		strcpy(unbound->configure, "--a --b=1 --c");
		unbound_read_files(unbound, lines);
		check_built(&remarks, unbound);
		first_fault(&remarks, &fault);
		if (fault->level != cases[i].level || !strstr(fault->text, cases[i].text))
			fail_msg("case %zu: %s", i, fault->text);
		assert_int_equal(!*fault->remedy, fault->level == REMARK_OK);
		remarks_free(&remarks);
	}
	free(unbound);
}

/* As the package has it: no line names a warden.conf. <there>: the module's default is in the chroot. */
static enum remark_level level_without_conf(bool there)
{
	struct unbound *unbound = calloc(1, sizeof(*unbound));
	struct remarks remarks = { .item = NULL };
	const struct remark *said_of_it = NULL;
	enum remark_level level;
	char path[PATH_MAX + sizeof(WARDEN_CONF)];
	FILE *file;

	assert_non_null(unbound);
	strcpy(unbound->chroot, temp("jail"));
	snprintf(path, sizeof(path), "%s%s", unbound->chroot, WARDEN_CONF);
	for (char *slash = path + strlen(unbound->chroot); there && slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	file = there ? fopen(path, "w") : NULL;
	assert_int_equal(!file, !there);
	if (file)
		fclose(file);
	unbound_read_files(unbound, "/usr/lib/unbound/warden.so\n");
	check_built(&remarks, unbound);
	for (size_t i = 0; i < remarks.count && !said_of_it; i++)
		if (strstr(remarks.item[i].text, WARDEN_CONF))
			said_of_it = &remarks.item[i];
	assert_non_null(said_of_it);
	level = said_of_it->level;
	remarks_free(&remarks);
	free(unbound);
	return level;
}

static void default_conf(void **state)
{
	(void)state;
	assert_int_equal(level_without_conf(false), REMARK_NOTE);
	assert_int_equal(level_without_conf(true), REMARK_OK);
}

static const struct remark *look(struct unbound *unbound, enum want_use use, const char *path, struct remarks *remarks)
{
	const struct want want = { use, "event-file", path };
	const struct remark *fault;

	remarks_free(remarks);
	check_files(remarks, unbound, NULL, &want, 1);
	first_fault(remarks, &fault);
	return fault;
}

/* What Unbound's user may do, which is not what root may. */
static void rights(void **state)
{
	struct unbound *unbound = calloc(1, sizeof(*unbound));
	struct remarks remarks = { .item = NULL };
	const char *file = temp_file("file", "x");

	(void)state;
	assert_non_null(unbound);
	if (geteuid())
		skip();
	strcpy(unbound->username, "nobody");
	assert_int_equal(chmod(temp("."), 0755), 0);
	assert_int_equal(chmod(file, 0644), 0);
	assert_int_equal(look(unbound, WANT_READ, file, &remarks)->level, REMARK_OK);
	assert_int_equal(chmod(file, 0600), 0);
	assert_non_null(strstr(look(unbound, WANT_READ, file, &remarks)->remedy, "chmod a+r"));
	assert_non_null(strstr(look(unbound, WANT_WRITE, file, &remarks)->text, "nobody may not write to"));
	assert_int_equal(chown(file, 65534, 65534), 0);
	assert_int_equal(chmod(temp("."), 0777), 0);
	assert_int_equal(look(unbound, WANT_WRITE, file, &remarks)->level, REMARK_OK);
	/* A folder in the way of a file that may be read. */
	assert_int_equal(chmod(temp("."), 0700), 0);
	assert_non_null(strstr(look(unbound, WANT_READ, file, &remarks)->remedy, "put it where nobody may read it"));
	/* Nobody is told to give away a folder that is not Unbound's. */
	assert_int_equal(chmod(temp("."), 0755), 0);
	assert_int_equal(mkdir(temp("others"), 0755), 0);
	assert_non_null(strstr(look(unbound, WANT_WRITE, temp("new"), &remarks)->remedy, "chown nobody "));
	assert_string_equal(look(unbound, WANT_WRITE, temp("others/file"), &remarks)->remedy,
	                    "in warden.conf: event-file: \"/var/lib/unbound/warden/file\"");
	assert_non_null(strstr(look(unbound, WANT_READ, "/no/such/file", &remarks)->text, "is not there"));
	assert_non_null(strstr(look(unbound, WANT_WRITE, "/no/such/file", &remarks)->remedy, "install -d -o nobody"));
	/* Warden makes one level itself. */
	assert_int_equal(chmod(temp("."), 0777), 0);
	assert_int_equal(look(unbound, WANT_WRITE, temp("new/file"), &remarks)->level, REMARK_OK);
	strcpy(unbound->username, "no-such-user");
	assert_non_null(strstr(look(unbound, WANT_READ, file, &remarks)->text, "there is no user 'no-such-user'"));
	strcpy(unbound->username, "");
	strcpy(unbound->chroot, temp("."));
	assert_non_null(strstr(look(unbound, WANT_READ, file, &remarks)->remedy, "chroot: \"\""));
	assert_int_equal(look(unbound, WANT_READ, "/file", &remarks)->level, REMARK_OK);
	remarks_free(&remarks);
	free(unbound);
}

/* A key that Unbound may not read is told of, and is not to be published for that. <lines>: what it is the key of. */
static void secret(const char *option, const char *content, const char *lines)
{
	static const mode_t modes[] = { 0, 0400, 0440, 0600, 0640, 0644, 0660, 0700 };
	struct unbound *unbound = calloc(1, sizeof(*unbound));
	struct remarks remarks = { .item = NULL };
	const char *key = temp_file("key", content);
	char text[PATH_MAX + 256];
	struct config *config;
	struct want want[WANTS_MAX];
	unsigned count, advised = 0;

	assert_non_null(unbound);
	assert_int_equal(chown(key, 0, 0), 0);
	assert_int_equal(chmod(key, 0600), 0);
	snprintf(text, sizeof(text), "warden:\n\t%s: \"%s\"\n\tallow-list: \"\"\n%s", option, key, lines);
	config = config_load(temp_file("secret.conf", text), NULL, NULL, NULL);
	assert_non_null(config);
	unbound->module = -1;
	strcpy(unbound->username, "nobody");
	assert_int_equal(chmod(temp("."), 0755), 0);
	count = wants_of(want, WANTS_MAX, unbound, config);
	for (size_t mode = 0; mode < sizeof(modes) / sizeof(*modes); mode++) {
		assert_int_equal(chmod(key, modes[mode]), 0);
		remarks_free(&remarks);
		check_files(&remarks, unbound, config, want, count);
		for (size_t i = 0; i < remarks.count; i++) {
			if (strcmp(remarks.item[i].about, option) != 0)
				continue;
			advised++;
			assert_null(strstr(remarks.item[i].remedy, "a+r"));
			assert_non_null(strstr(remarks.item[i].remedy, "chown root:nogroup "));
			assert_non_null(strstr(remarks.item[i].remedy, "; chmod 640 "));
		}
	}
	assert_int_equal(advised, 7); /* all but 0644, which the configuration complains of */
	/* What is said helps. */
	assert_int_equal(chown(key, 0, 65534), 0);
	assert_int_equal(chmod(key, 0640), 0);
	assert_int_equal(look(unbound, WANT_SECRET, key, &remarks)->level, REMARK_OK);
	remarks_free(&remarks);
	config_free(config);
	free(unbound);
}

static void secrets(void **state)
{
	(void)state;
	if (geteuid())
		skip();
	secret("client-privacy-key-file", "00112233445566778899aabbccddeeff\n", "");
	secret("fleet-key-file", "hmac-sha256:n1:c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0\n",
	       "\tfleet-node: n1\n\tfleet-zone: fleet.example\n\tfleet-primary: 127.0.0.1\n");
	secret("fleet-redis-password-file", "password\n", "\tfleet-node: n1\n\tfleet-redis: 127.0.0.1\n");
}

static void programs(void **state)
{
	const char *const says[] = { "/bin/sh", "-c", "printf 'a\\033b\\n'; echo c >&2; exit 3", NULL };
	const char *const much[] = { "/bin/sh", "-c", "for i in 1 2 3 4; do printf '%65536s' x; done", NULL };
	const char *const dies[] = { "/bin/sh", "-c", "kill -9 $$", NULL };
	const char *const none[] = { "/no/such/program", NULL };
	char output[64], path[PATH_MAX];

	(void)state;
	assert_int_equal(program_ask(says, output, sizeof(output)), 3);
	assert_string_equal(output, "a?b\nc\n");
	assert_int_equal(program_ask(much, output, sizeof(output)), 0);
	assert_int_equal(strlen(output), sizeof(output) - 1);
	assert_int_equal(program_ask(dies, output, sizeof(output)), -1);
	assert_int_equal(program_ask(none, output, sizeof(output)), -1);
	assert_true(program_find("sh", path, sizeof(path)));
	assert_true(program_find("/bin/sh", path, sizeof(path)));
	assert_false(program_find("no-such-program", path, sizeof(path)));
	assert_false(program_find("/etc/passwd", path, sizeof(path)));
}

static void list(void **state)
{
	struct remarks remarks = { .item = NULL };
	char *printed = NULL;
	size_t len;
	FILE *out = open_memstream(&printed, &len);
	json_t *json;

	(void)state;
	remark_add(&remarks, REMARK_OK, "one", "fine");
	remark_add(&remarks, REMARK_WRONG, "two", "%s", "not fine");
	remark_do(&remarks, "this");
	remark_do(&remarks, "then that");
	assert_true(remarks_wrong(&remarks));
	remarks_print(&remarks, out);
	fclose(out);
	assert_string_equal(printed, "  ok     one: fine\n  wrong  two: not fine\n         do: this\n             then that\n");
	free(printed);
	json = remarks_json(&remarks);
	assert_int_equal(json_array_size(json), 2);
	assert_string_equal(json_string_value(json_object_get(json_array_get(json, 1), "do")), "this\nthen that");
	json_decref(json);
	remarks_soften(&remarks);
	assert_false(remarks_wrong(&remarks));
	for (unsigned i = 0; i < REMARKS_MAX; i++)
		remark_add(&remarks, REMARK_NOTE, "more", "%u", i);
	remark_do(&remarks, "nothing that belongs to another");
	assert_string_equal(remarks.item[REMARKS_MAX - 1].remedy, "");
	assert_int_equal(remarks.lost, 2);
	assert_true(remarks_wrong(&remarks));
	remarks_free(&remarks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order),
		cmocka_unit_test(two_libraries),
		cmocka_unit_test(default_conf),
		cmocka_unit_test(version),
		cmocka_unit_test(files),
		cmocka_unit_test(fingerprint),
		cmocka_unit_test(rights),
		cmocka_unit_test(secrets),
		cmocka_unit_test(programs),
		cmocka_unit_test(list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
