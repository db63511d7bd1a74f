/* SPDX-License-Identifier: BSD-3-Clause */
/* test_config - warden.conf as text, and what becomes of it: values, or the sentences that
 * the operator reads. Files are made in a folder of the test's own, and @ stands for it.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "engine/config.h"

static char folder[] = "/tmp/warden-test-config-XXXXXX";

/* What config_load() said, one sentence a line, with the folder cut away. */
struct said {
	char fault[65536], warn[4096];
};

static void add_line(char *text, size_t size, const char *sentence)
{
	size_t used = strlen(text);
	const char *at;

	for (; (at = strstr(sentence, folder)); sentence = at + strlen(folder)) {
		snprintf(text + used, size - used, "%.*s@", (int)(at - sentence), sentence);
		used = strlen(text);
	}
	snprintf(text + used, size - used, "%s\n", sentence);
}

static void on_fault(void *arg, const char *sentence)
{
	struct said *said = arg;

	add_line(said->fault, sizeof(said->fault), sentence);
}

static void on_warn(void *arg, const char *sentence)
{
	struct said *said = arg;

	add_line(said->warn, sizeof(said->warn), sentence);
}

static const char *path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void write_octets(const char *name, const char *text, size_t len)
{
	FILE *out = fopen(path_of(name), "w");

	assert_non_null(out);
	assert_int_equal(fwrite(text, 1, len, out), len);
	assert_int_equal(fclose(out), 0);
}

static void write_file(const char *name, const char *text)
{
	write_octets(name, text, strlen(text));
}

static void move_file(const char *from, const char *to)
{
	char path[256];

	snprintf(path, sizeof(path), "%s", path_of(from));
	assert_int_equal(rename(path, path_of(to)), 0);
}

static struct config *load(const char *name, struct said *said)
{
	memset(said, 0, sizeof(*said));
	return config_load(path_of(name), on_fault, on_warn, said);
}

static struct config *load_text(const char *text, struct said *said)
{
	write_file("w.conf", text);
	return load("w.conf", said);
}

static struct config *load_good(const char *text)
{
	struct said said;
	struct config *config = load_text(text, &said);

	assert_string_equal(said.fault, "");
	assert_non_null(config);
	return config;
}

static void test_defaults(void **state)
{
	struct config *config = config_load(NULL, NULL, NULL, NULL), *next;

	(void)state;
	assert_non_null(config);
	assert_null(config->file);
	assert_int_equal(config->generation, 1);
	assert_int_equal(config->settings.mode, MODE_OBSERVE);
	assert_int_equal(config->settings.profile, PROFILE_NORMAL);
	assert_int_equal(config->settings.snapshot_interval, 5 * MINUTE);
	assert_int_equal(config->settings.client_prefix_v4, 32);
	assert_int_equal(config->settings.client_prefix_v6, 64);
	assert_int_equal(config->settings.log_period, 10 * MINUTE);
	assert_int_equal(config->settings.ede, 1);
	assert_string_equal(config->settings.shared_memory, "/dev/shm/unbound-warden");
	assert_string_equal(config->settings.control_socket, "/var/lib/unbound/warden/warden.ctl");
	assert_string_equal(config->settings.event_file, "/var/lib/unbound/warden/events.json");
	assert_int_equal(domain_map_count(config->allowed.map), 0);
	for (unsigned i = 0; i < DETECTOR_COUNT; i++) {
		assert_int_equal(config_detector(config, i)->enable, 1);
		assert_int_equal(config_detector(config, i)->action, detectors[i]->action);
		if (detectors[i]->hold)
			assert_int_equal(config_detector(config, i)->hold, detectors[i]->hold);
	}
	next = load_good("");
	assert_int_equal(next->generation, 2);
	assert_true(config_memory(next) > sizeof(*next));
	config_free(next);
	config_free(config);
	config_free(NULL);
}

static void test_syntax(void **state)
{
	/* Blanks, comments, quotes and the end of the file, as unbound.conf has them. */
	static const char *const texts[] = {
		"warden:\n\tmode: enforce\n",
		"warden:\n  mode: enforce",
		"warden: mode: enforce",
		"warden:mode:enforce",
		"# head\r\n\r\nwarden: # clause\r\n\tmode:  \"enforce\"\t# why\r\n",
		"warden:\nmode: 'enforce'\n\n\n# the end",
		"warden:\nmode: observe\nmode: enforce\n",
		"warden:\nmode: enforce\ndetector:\nname: information\nwarden:\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct config *config = load_good(texts[i]);

		assert_int_equal(config->settings.mode, MODE_ENFORCE);
		config_free(config);
	}
}

static void test_values(void **state)
{
	struct config *config = load_good("warden:\n"
	                                  "  event-file: \"/var/log/a b#c.json\"\n"
	                                  "  snapshot-file: /x#y\n"
	                                  "  snapshot-file: \"\"\n"
	                                  "  snapshot-interval: 1s\n"
	                                  "  profile: small\n"
	                                  "detector:\n"
	                                  "  hold: 2h\n"
	                                  "  name: \"information\" # last, and that is fine\n"
	                                  "detector:\n"
	                                  "  name: information\n"
	                                  "  action: log\n"
	                                  "  enable: no\n");
	const struct detector_config *information = config_detector(config, DETECTOR_information);

	(void)state;
	assert_string_equal(config->settings.event_file, "/var/log/a b#c.json");
	assert_string_equal(config->settings.snapshot_file, "");
	assert_int_equal(config->settings.snapshot_interval, SECOND);
	assert_int_equal(config->settings.profile, PROFILE_SMALL);
	assert_int_equal(information->hold, 2 * HOUR);
	assert_int_equal(information->action, ACTION_LOG);
	assert_int_equal(information->enable, 0);
	config_free(config);
}

struct fault_case {
	const char *text, *faults;
};

static const struct fault_case fault_cases[] = {
	{ "warden:\n\tmod: enforce\n",
	  "@/w.conf:2: unknown option 'mod' in warden: (did you mean 'mode'?)\n" },
	/* An option of another clause. */
	{ "warden:\n\tbudget: 1\n\tfile: \"x\"\n\tclient: 192.0.2.7\n",
	  "@/w.conf:2: unknown option 'budget' in warden: (it belongs in detector: with name: \"information\")\n"
	  "@/w.conf:3: unknown option 'file' in warden: (it belongs in list:)\n"
	  "@/w.conf:4: unknown option 'client' in warden: (it belongs in client-profile:)\n" },
	{ "detector:\n\tname: \"information\"\n\tallow-domain: \"a.example\"\n",
	  "@/w.conf:3: unknown option 'allow-domain' in detector 'information' (it belongs in warden:)\n" },
	{ "warden:\n\tfrequency: 1\n", "@/w.conf:2: unknown option 'frequency' in warden:\n" },
	{ "detector:\n\tname: information\n\tbudgett: 1\n",
	  "@/w.conf:3: unknown option 'budgett' in detector 'information' (did you mean 'budget'?)\n" },
	{ "\n\ndetector:\n\tname: information\n\tbudget: 9999999999\n",
	  "@/w.conf:5: budget: '9999999999' is not between 16 and 1048576\n" },
	{ "warden:\n\tmode: off\n", "@/w.conf:2: mode: 'off' is not one of observe, enforce\n" },
	{ "warden:\nclient-prefix-v4: 7\nclient-prefix-v4: 33\nclient-prefix-v6: 15\n"
	  "client-prefix-v6: 129\nsnapshot-interval: 999ms\n",
	  "@/w.conf:2: client-prefix-v4: '7' is not between 8 and 32\n"
	  "@/w.conf:3: client-prefix-v4: '33' is not between 8 and 32\n"
	  "@/w.conf:4: client-prefix-v6: '15' is not between 16 and 128\n"
	  "@/w.conf:5: client-prefix-v6: '129' is not between 16 and 128\n"
	  "@/w.conf:6: snapshot-interval: '999ms' is not between 1s and 1d\n" },
	{ "detector:\n\tname: informaton\n\tbudget: x\n",
	  "@/w.conf:2: unknown detector 'informaton' (did you mean 'information'?)\n" },
	{ "\ndetector:\n\thold: 1h\n", "@/w.conf:2: the detector: clause has no name: to say which, as name: \"information\"\n" },
	{ "detector:\nname: information\nname: null-rate\n",
	  "@/w.conf:3: a second name: begin a new clause with 'detector:'\n" },
	{ "server:\n\tverbosity: 1\nwarden:\n\tmode: off\n",
	  "@/w.conf:1: unknown clause 'server' (the clauses are warden:, detector:, client-profile:, list:): "
	  "this looks like unbound.conf, which unbound-warden takes as check --unbound FILE\n"
	  "@/w.conf:4: mode: 'off' is not one of observe, enforce\n" },
	{ "mode: enforce\n", "@/w.conf:1: option 'mode' stands before the first clause: write 'warden:' on a line above\n" },
	{ "warden:\n\tmode:\n\tede: off\n",
	  "@/w.conf:2: option 'mode' has no value: write it behind the colon and a space\n@/w.conf:3: ede: 'off' is not yes or no\n" },
	{ "warden:\n\tmode enforce\n\tede: \"no\n\tprofile: big\n",
	  "@/w.conf:2: expected 'option: value', a value with blanks in quotes, found 'mode'\n"
	  "@/w.conf:3: a quote is not closed, found '\"no'\n"
	  "@/w.conf:4: profile: 'big' is not one of small, normal, large\n" },
	{ "mode enforce\nmode observe\n",
	  "@/w.conf:1: expected 'option: value', a value with blanks in quotes, found 'mode'\n"
	  "@/w.conf:2: expected 'option: value', a value with blanks in quotes, found 'mode'\n" },
	{ "warden:\n\tmode: enforce now\n", "@/w.conf:2: expected 'option: value', a value with blanks in quotes, found 'now'\n" },
	{ "warden:\n\tallow-list: \"/x/y\"\n",
	  "@/w.conf:2: allow-list: cannot read '/x/y': No such file or directory\n" },
	{ "warden:\n\tallow-list: y\n",
	  "@/w.conf:2: allow-list: cannot read '@/y': No such file or directory\n" },
	{ "warden:\n\tallow-list: .\n", "@/w.conf:2: allow-list: cannot read '@/.': Is a directory\n" },
	{ "warden:\n\tallow-list: /dev/zero\n",
	  "@/w.conf:2: allow-list: cannot read '/dev/zero': it is a device, a pipe or a socket, and must be a file\n" },
	{ "warden:\n\tallow-client: 192.0.2.0/33\n\tallow-client: ::/129\n\tallow-client: a.b\n"
	  "\tallow-client: 192.0.2.0/\n\tallow-client: 192.0.2.0/8x\n",
	  "@/w.conf:2: allow-client: '192.0.2.0/33' is not an address or a prefix like 192.0.2.0/24\n"
	  "@/w.conf:3: allow-client: '::/129' is not an address or a prefix like 192.0.2.0/24\n"
	  "@/w.conf:4: allow-client: 'a.b' is not an address or a prefix like 192.0.2.0/24\n"
	  "@/w.conf:5: allow-client: '192.0.2.0/' is not an address or a prefix like 192.0.2.0/24\n"
	  "@/w.conf:6: allow-client: '192.0.2.0/8x' is not an address or a prefix like 192.0.2.0/24\n" },
	{ "warden:\n\tallow-domain: a..b\n\tallow-domain: ..\n\tlocal-domain: 192.0.2.1\n",
	  "@/w.conf:2: allow-domain: 'a..b' is not a domain name like example.org\n"
	  "@/w.conf:3: allow-domain: '..' is not a domain name like example.org\n"
	  "@/w.conf:4: local-domain: '192.0.2.1' is not a domain name like example.org\n" },
	{ "include: none.conf\n",
	  "@/w.conf:1: include: cannot read '@/none.conf': No such file or directory\n" },
	{ "include: w.conf\ninclude: ./w.conf\n",
	  "@/w.conf:1: include: '@/w.conf' includes itself\n"
	  "@/w.conf:2: include: '@/./w.conf' includes itself\n" },
	{ "warden:\n\tshared-memory: \"\"\n", "@/w.conf:2: shared-memory: needs the path of a file, as \"/dev/shm/unbound-warden\"\n" },
};

static void test_faults(void **state)
{
	struct said said;

	(void)state;
	for (size_t i = 0; i < sizeof(fault_cases) / sizeof(*fault_cases); i++) {
		assert_null(load_text(fault_cases[i].text, &said));
		assert_string_equal(said.fault, fault_cases[i].faults);
	}
	assert_null(load("missing.conf", &said));
	assert_string_equal(said.fault, "cannot read '@/missing.conf': No such file or directory\n");
	write_octets("w.conf", "warden:\n\0mode: enforce\n", 24);
	assert_null(load("w.conf", &said));
	assert_string_equal(said.fault, "@/w.conf:2: an octet 0: this is not a text file\n");
}

static void test_socket_path(void **state)
{
	static const char *const keys[] = { "control-socket", "event-syslog-socket", "event-socket", "event-dnstap" };
	char text[256];
	struct said said;
	struct config *config;

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		snprintf(text, sizeof(text), "warden:\n%s: /%0106d\n", keys[i], 0);
		config = load_good(text);
		config_free(config);
		snprintf(text, sizeof(text), "warden:\n%s: /%0107d\n", keys[i], 0);
		assert_null(load_text(text, &said));
		assert_non_null(strstr(said.fault, "is longer than 107 octets"));
	}
}

static void test_include(void **state)
{
	struct config *config;
	struct said said;
	char name[32], text[64];

	(void)state;
	mkdir(path_of("d"), 0700);
	/* A clause goes on in an included file, and behind it. */
	write_file("d/10-a.conf", "mode: enforce\nprofile: small\n");
	write_file("d/20-b.conf", "profile: large\ndetector:\nname: information\n");
	config = load_good("warden:\ninclude: \"d/*.conf\"\nhold: 3h\n");
	assert_int_equal(config->settings.mode, MODE_ENFORCE);
	assert_int_equal(config->settings.profile, PROFILE_LARGE);
	assert_int_equal(config_detector(config, DETECTOR_information)->hold, 3 * HOUR);
	config_free(config);

	/* Relative to the including file, faults with its name; nothing to match is fine. */
	write_file("d/inner", "include: 30-c\ninclude: nothing*\n");
	write_file("d/30-c", "\nmode: off\n");
	assert_null(load_text("warden:\ninclude: d/inner\n", &said));
	assert_string_equal(said.fault,
	                    "@/d/30-c:2: mode: 'off' is not one of observe, enforce\n");

	/* A chain of sixteen is read to its end, one of seventeen is not. */
	for (int i = 1; i <= 17; i++) {
		snprintf(name, sizeof(name), "chain-%d", i);
		snprintf(text, sizeof(text), "include: chain-%d\n", i + 1);
		write_file(name, i == 16 ? "mode: enforce\n" : text);
	}
	config = load_good("warden:\ninclude: chain-1\n");
	assert_int_equal(config->settings.mode, MODE_ENFORCE);
	config_free(config);
	write_file("chain-16", "include: chain-17\n");
	assert_null(load_text("warden:\ninclude: chain-1\n", &said));
	assert_string_equal(said.fault, "@/chain-16:1: include: more than 16 files deep\n");
}

static int matches(const struct config *config, const char *text)
{
	struct name name;

	assert_true(name_from_text(&name, text));
	return domain_map_next(config->allowed.map, &name, 0).label;
}

static void test_lists(void **state)
{
	struct config *config;
	struct said said;

	(void)state;
	write_file("allow.list", "# head\n\n"
	                         "Spamhaus.ORG   # why\n"
	                         "*.surbl.org\n.uribl.com.\n"
	                         "two words\n"
	                         "<html>\x1b[2J\n"
	                         "192.0.2.1\n"
	                         "_tcp.example\r\n"
	                         ".\n"
	                         "last.example");
	write_file("hosts", "127.0.0.1 localhost localhost.localdomain\n"
	                    "fe80::1%lo0 localhost\n"
	                    "0.0.0.0 ads.example tracker.example # both\n"
	                    "::1\tip6-localhost\n"
	                    "0.0.0.0 a_b.example a/b.example never.example\n");
	config = load_text("warden:\nallow-list: allow.list\nallow-list: hosts\n"
	                   "allow-domain: \"*.example.net\"\n", &said);
	assert_string_equal(said.fault, "");
	assert_string_equal(said.warn,
	                    "@/allow.list:6: 'two' has no dot in it, and something stands behind it\n"
	                    "@/allow.list:7: '<html>?[2J' is not a domain name\n"
	                    "@/allow.list:8: '192.0.2.1' is an address, not a domain name\n"
	                    "@/allow.list:10: '.' is not a domain name\n"
	                    "@/hosts:5: 'a/b.example' is not a domain name\n");
	assert_non_null(config);
	assert_int_equal(config->skipped, 5);
	assert_int_equal(domain_map_count(config->allowed.map), 10);
	assert_int_equal(matches(config, "x.y.spamhaus.org"), 2);
	assert_int_equal(matches(config, "spamhaus.org"), 0);
	assert_int_equal(matches(config, "multi.surbl.org"), 1);
	assert_int_equal(matches(config, "uribl.com"), 0);
	assert_int_equal(matches(config, "last.example"), 0);
	assert_int_equal(matches(config, "tracker.example"), 0);
	assert_int_equal(matches(config, "example.net"), 0);
	assert_int_equal(matches(config, "notspamhaus.org"), -1);
	assert_int_equal(matches(config, "localhost"), -1);
	assert_int_equal(matches(config, "never.example"), -1);
	config_free(config);
}

static void test_list_lines(void **state)
{
	static char text[3 * 2048];
	struct config *config;
	struct said said;

	(void)state;
	/* Too long a line, an octet 0: neither swallows its neighbour. */
	memset(text, 'a', 2200);
	strcpy(text + 2200, "\nb.example\n");
	memcpy(text + strlen(text), "c\0d\ne.example\n", 14);
	write_octets("allow.list", text, 2211 + 14);
	config = load_text("warden:\nallow-list: allow.list\n", &said);
	assert_non_null(config);
	assert_string_equal(said.warn,
	                    "@/allow.list:1: the line is too long, or holds an octet 0\n"
	                    "@/allow.list:3: the line is too long, or holds an octet 0\n");
	assert_int_equal(domain_map_count(config->allowed.map), 2);
	assert_int_equal(matches(config, "b.example"), 0);
	assert_int_equal(matches(config, "e.example"), 0);
	config_free(config);
}

static void test_clients(void **state)
{
	struct config *config = load_good("warden:\nallow-client: 192.0.2.0/25\n"
	                                  "allow-client: 2001:db8::/33\nallow-client: 198.51.100.7\n"
	                                  "allow-client: 2001:db8:ffff::1\n");
	static const struct { uint8_t address[16]; bool allowed; } cases[] = {
		{ { [10] = 0xff, 0xff, 192, 0, 2, 0 }, true },
		{ { [10] = 0xff, 0xff, 192, 0, 2, 127 }, true },
		{ { [10] = 0xff, 0xff, 192, 0, 2, 128 }, false },
		{ { [10] = 0xff, 0xff, 198, 51, 100, 7 }, true },
		{ { [10] = 0xff, 0xff, 198, 51, 100, 6 }, false },
		{ { 0x20, 0x01, 0x0d, 0xb8, 0x7f, 0xff, [15] = 9 }, true },
		{ { 0x20, 0x01, 0x0d, 0xb8, 0x80, 0x00 }, false },
		{ { 0x20, 0x01, 0x0d, 0xb8, 0xff, 0xff, [15] = 1 }, true },
		{ { 0x20, 0x01, 0x0d, 0xb8, 0xff, 0xff, [15] = 2 }, false },
		{ { 0 }, false },
	};

	(void)state;
	assert_int_equal(config->allow_client.count, 4);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(config_allows_client(config, cases[i].address), cases[i].allowed);
	config_free(config);

	config = load_good("warden:\nallow-client: 0.0.0.0/0\n");
	assert_true(config_allows_client(config, cases[4].address));
	assert_false(config_allows_client(config, cases[6].address));
	config_free(config);
}

static void test_local_domain(void **state)
{
	struct config *config = load_good("warden:\nlocal-domain: corp.example\n");
	struct name name;

	(void)state;
	assert_true(name_from_text(&name, "a.b.corp.example"));
	assert_int_equal(suffix_domain(config->suffixes, &name), 1);
	config_free(config);
}

static int make_folder(void **state)
{
	char path[64];

	(void)state;
	if (!mkdtemp(folder))
		return -1;
	/* Empty, but there: the default files of detectors. */
	snprintf(path, sizeof(path), "%s/warden.d", folder);
	if (mkdir(path, 0700))
		return -1;
	write_file("warden.d/dynamic-dns.list", "");
	write_file("warden.d/resolvers.list", "");
	return 0;
}

/* Of the devices there is one that everybody uses for a file. */
static void test_nothing(void **state)
{
	struct config *config = config_load("/dev/null", NULL, NULL, NULL);

	(void)state;
	assert_non_null(config);
	config_free(config);
	assert_null(config_load("/dev/zero", NULL, NULL, NULL));
}

static void test_default_files(void **state)
{
	struct said said;

	(void)state;
	write_file("warden.d/dynamic-dns.list", "bad/line\nexample.org Example\n");
	config_free(load_text("", &said));
	assert_string_equal(said.warn, "@/warden.d/dynamic-dns.list:1: 'bad/line' is not a domain name\n");
	write_file("warden.d/dynamic-dns.list", "");
	move_file("warden.d/dynamic-dns.list", "away");
	config_free(load_text("", &said));
	assert_string_equal(said.fault, "");
	assert_string_equal(said.warn, "Warden does without the default lists that are not there: @/warden.d/dynamic-dns.list\n");
	/* One sentence for all. */
	move_file("warden.d/resolvers.list", "away.too");
	config_free(load_text("", &said));
	assert_string_equal(said.warn, "Warden does without the default lists that are not there: @/warden.d/dynamic-dns.list, "
	                               "@/warden.d/resolvers.list\n");
	move_file("away.too", "warden.d/resolvers.list");
	/* Nobody misses what is switched off, or said to be none. */
	config_free(load_text("detector:\n name: dynamic-dns\n enable: no\n", &said));
	assert_string_equal(said.warn, "");
	config_free(load_text("detector:\n name: dynamic-dns\n file: \"\"\n", &said));
	assert_string_equal(said.warn, "");
	/* What the operator names has to be there. */
	assert_null(load_text("detector:\n name: dynamic-dns\n file: none\n", &said));
	assert_string_equal(said.fault, "@/w.conf:3: dynamic-dns: file: cannot read '@/none': "
	                                "No such file or directory\n");
	move_file("away", "warden.d/dynamic-dns.list");
}

static int remove_folder(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults), /* first: it looks at the generation */
		cmocka_unit_test(test_syntax),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_socket_path),
		cmocka_unit_test(test_include),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_list_lines),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_default_files),
		cmocka_unit_test(test_clients),
		cmocka_unit_test(test_local_domain),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
