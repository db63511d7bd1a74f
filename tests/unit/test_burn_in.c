/* SPDX-License-Identifier: BSD-3-Clause */
/* test_burn_in - who is counted, what is listed first, and which lines come of it.
 *
 * Events are records as the engine makes them, written by event.c; holds are those of an engine.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report/burn_in.h"
#include "report/event.h"
#include "store/holds.h"
#include "store/snapshot.h"
#include "support.h"

static struct config *config;
static struct burn_in *burn;
static FILE *file;         /* of events */
static uint64_t sequence;  /* of the last one */

static void no_fault(void *arg, const char *sentence)
{
	(void)arg;
	fail_msg("%s", sentence);
}

/* The default list files are not there. */
static void any_warning(void *arg, const char *sentence)
{
	(void)arg, (void)sentence;
}

static void configure(const char *text)
{
	config_free(config);
	config = config_load(temp_file("warden.conf", text), no_fault, any_warning, NULL);
	assert_non_null(config);
}

static int setup(void **state)
{
	(void)state;
	configure("");
	file = tmpfile();
	sequence = 0;
	said[0] = '\0';
	return !file;
}

static int teardown(void **state)
{
	(void)state;
	burn_in_free(burn);
	burn = NULL;
	config_free(config);
	config = NULL;
	fclose(file);
	temp_clean();
	return 0;
}

/* What a test says of an event; the rest is the same in all. */
struct event {
	const char *client, *name;
	unsigned domain_labels;
	uint64_t after; /* milliseconds behind NOW */
	uint64_t bytes; /* first number of the evidence */
	uint32_t suppressed;
	uint8_t detector, verdict;
	bool enforced;
};

static void write_event(const struct event *event)
{
	struct record record = {
		.sequence = ++sequence, .now = NOW + event->after, .suppressed = event->suppressed,
		.evidence = { event->bytes, 20, 3, 31 }, .detector = event->detector,
		.verdict = event->verdict, .confidence = CONFIDENCE_HIGH,
		.dry_run = !event->enforced, .what = WARDEN_QUESTION,
	};
	struct name name;
	char *line;

	assert_true(name_from_text(&name, event->name));
	memcpy(record.qname, name.wire, name.len);
	record.qname_len = name.len;
	record.payload_labels = (uint8_t)(name.labels - event->domain_labels);
	address(record.client, event->client);
	line = event_line(&record, "resolver", NULL);
	fprintf(file, "%s\n", line);
	free(line);
}

/* An event of verdict refuse of the detector information. */
static void refused(const char *client, const char *name, unsigned domain_labels)
{
	write_event(&(struct event){ .client = client, .name = name, .domain_labels = domain_labels,
	                             .bytes = 600, .detector = DETECTOR_information,
	                             .verdict = WARDEN_REFUSE });
}

static void gather(uint64_t since)
{
	rewind(file);
	burn = burn_in_new(config, since);
	assert_non_null(burn);
	assert_int_equal(burn_in_events(burn, file, "events"), 0);
}

static void finish(uint64_t since)
{
	gather(since);
	assert_int_equal(burn_in_finish(burn), 0);
}

/* The name of refusal number <i>. */
static const char *domain_of(size_t i)
{
	static char text[NAME_TEXT_MAX];

	assert_in_range(i, 0, burn->refusal_count - 1);
	return name_text(text, burn->refusal[i]->domain->wire, burn->refusal[i]->domain->len);
}

/* The line for the only domain there is, as one text. */
static const char *line_of_domain(void)
{
	static char text[2048];
	struct allow_line line;

	assert_int_equal(burn->domain_count, 1);
	allow_line_domain(burn, burn->domain[0], &line);
	snprintf(text, sizeof(text), "%s %s # %s", line.option ? line.option : "none", line.value,
	         line.reason);
	return text;
}

static void numbers(void **state)
{
	const struct event events[] = {
		{ "192.0.2.1", "a.example.com", 2, 5000, 700, 3, DETECTOR_information, WARDEN_REFUSE, false },
		{ "192.0.2.1", "b.example.com", 2, 9000, 650, 4, DETECTOR_information, WARDEN_REFUSE, false },
		{ "192.0.2.2", "c.example.com", 2, 1000, 640, 0, DETECTOR_information, WARDEN_REFUSE, true },
		{ "192.0.2.3", "c.example.com", 2, 2000, 3, 0, DETECTOR_null_rate, WARDEN_REFUSE, false },
		{ "192.0.2.3", "c.example.com", 2, 3000, 3, 7, DETECTOR_long_names, WARDEN_TAG, false },
		{ "192.0.2.3", "c.example.com", 2, 3000, 3, 0, HOLD_BY_OPERATOR, WARDEN_REFUSE, false },
	};
	const struct burn_in_refusal *refusal;

	(void)state;
	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++)
		write_event(&events[i]);
	finish(0);
	assert_true(burn_in_sound(burn));
	assert_int_equal(burn->events, 6);
	assert_int_equal(burn->refuse, 4);
	assert_int_equal(burn->dry_run, 3);
	assert_int_equal(burn->first, NOW + 1000);
	assert_int_equal(burn->last, NOW + 9000);

	assert_int_equal(burn->refusal_count, 2);
	refusal = burn->refusal[0];
	assert_string_equal(refusal->detector, "information");
	assert_int_equal(refusal->clients, 2);
	assert_int_equal(refusal->events, 3);
	assert_int_equal(refusal->dry_run, 2);
	assert_int_equal(refusal->suppressed, 7);
	assert_int_equal(burn_in_verdicts(refusal), 10);
	assert_int_equal(refusal->first, NOW + 1000);
	assert_int_equal(refusal->last, NOW + 9000);
	assert_int_equal(refusal->evidence.number[0].value, 700);
	assert_memory_equal(refusal->example, "\1b\7example\3com", 15);
	assert_int_equal(refusal->domain->clients, 3);

	/* Tags and what was held by hand are told, and refused by no detector. */
	assert_int_equal(burn->detector_count, 4);
	assert_string_equal(burn->detector[1]->name, "long-names");
	assert_int_equal(burn->detector[1]->events[WARDEN_TAG], 1);
	assert_int_equal(burn->detector[1]->suppressed, 7);
	assert_int_equal(burn->detector[1]->domains, 0);
	assert_string_equal(burn->detector[3]->name, "operator");
	assert_int_equal(burn->detector[3]->domains, 0);
	assert_string_equal(line_of_domain(), "allow-domain \"example.com\" # information: 2 clients, "
	                                      "bytes up 700; null-rate: 1 client, client null queries 3");
}

/* Most clients first, then most verdicts, then by name. */
static void order(void **state)
{
	static const char *const expected[] = { "two.com", "loud.com", "a.com", "b.com" };

	(void)state;
	refused("192.0.2.1", "x.b.com", 2);
	refused("192.0.2.1", "x.a.com", 2);
	for (unsigned i = 0; i < 3; i++)
		refused("192.0.2.1", "x.loud.com", 2);
	refused("192.0.2.1", "x.two.com", 2);
	refused("192.0.2.2", "x.two.com", 2);
	finish(0);
	assert_int_equal(burn->refusal_count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(domain_of(i), expected[i]);
}

/* Clients are counted as the configuration cuts them. */
static void prefixes(void **state)
{
	struct allow_line line;

	(void)state;
	configure("warden:\n client-prefix-v4: 24\n client-prefix-v6: 48\n");
	refused("192.0.2.1", "x.example.com", 2);
	refused("192.0.2.99", "x.example.com", 2);
	refused("2001:db8:1:2::1", "x.example.com", 2);
	refused("2001:db8:1:3::1", "x.example.com", 2);
	for (char name[] = "x.a.com"; name[2] < 'f'; name[2]++)
		refused("2001:db8:2:3::1", name, 2);
	for (char name[] = "x.a.net"; name[2] < 'g'; name[2]++)
		refused("198.51.100.7", name, 2);
	finish(0);
	assert_string_equal(domain_of(0), "example.com");
	assert_int_equal(burn->refusal[0]->clients, 2);
	assert_int_equal(burn->client_count, 2);
	allow_line_client(burn, &burn->client[0], &line);
	assert_string_equal(line.value, "198.51.100.0/24");
	allow_line_client(burn, &burn->client[1], &line);
	assert_string_equal(line.value, "2001:db8:2::/48");
}

/* The narrowest line that silences what was seen. */
static void suffixes(void **state)
{
	static const struct {
		const char *first, *second;
		unsigned labels;
		const char *line;
	} cases[] = {
		{ "a.metrics.example.com", "b.metrics.example.com", 2, "allow-domain \"metrics.example.com\"" },
		{ "a.b.x.y.example.com", "c.d.x.y.example.com", 2, "allow-domain \"x.y.example.com\"" },
		{ "metrics.example.com", "b.metrics.example.com", 2, "allow-domain \"metrics.example.com\"" },
		{ "a.metrics.example.com", "www.example.com", 2, "allow-domain \"example.com\"" },
		{ "a.metrics.example.com", "example.com", 2, "allow-domain \"example.com\"" },
		{ "a.xmetrics.example.com", "a.metrics.example.com", 2, "allow-domain \"example.com\"" },
		{ "A.Metrics.example.com", "b.mETRICS.example.com", 2, "allow-domain \"metrics.example.com\"" },
		/* One name does not say which of its labels will come again. */
		{ "a.metrics.example.com", "a.metrics.example.com", 2, "allow-domain \"example.com\"" },
		/* Octets that an allow list has not are left of what it can have. */
		{ "a.\\255.x.example.com", "b.\\255.x.example.com", 2, "allow-domain \"x.example.com\"" },
		{ "a.\\*.example.com", "b.\\*.example.com", 2, "allow-domain \"example.com\"" },
		{ "a.ex\\032ample.com", "b.ex\\032ample.com", 2, "none ex\\032ample.com # an allow list" },
		/* A public suffix is everybody's. */
		{ "co.uk", "co.uk", 2, "none co.uk # a public suffix" },
		/* Under a TLD that does not exist, the domain is the root. */
		{ "a.b.nosuchtld", "c.nosuchtld", 0, "allow-domain \"nosuchtld\"" },
		{ "a.b.nosuchtld", "a.othertld", 0, "none . # names under top-level domains" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *line;

		teardown(NULL);
		assert_int_equal(setup(NULL), 0);
		refused("192.0.2.1", cases[i].first, cases[i].labels);
		refused("192.0.2.1", cases[i].second, cases[i].labels);
		finish(0);
		line = line_of_domain();
		if (strncmp(line, cases[i].line, strlen(cases[i].line)))
			fail_msg("%s and %s: %s", cases[i].first, cases[i].second, line);
		assert_int_equal(line[strlen(cases[i].line)] == '.', 0);
	}
}

/* Five domains of one client are one line, four are four; shared ones have their own. */
static void many_domains(void **state)
{
	struct allow_line line;

	(void)state;
	for (char name[] = "x.a.com"; name[2] < 'f'; name[2]++)
		refused("192.0.2.25", name, 2);
	for (char name[] = "x.a.net"; name[2] < 'e'; name[2]++)
		refused("192.0.2.26", name, 2);
	refused("192.0.2.25", "x.shared.org", 2);
	refused("192.0.2.26", "x.shared.org", 2);
	finish(0);
	assert_int_equal(burn->client_count, 1);
	assert_int_equal(burn->client[0].domains, 5);
	allow_line_client(burn, &burn->client[0], &line);
	assert_string_equal(line.option, "allow-client");
	assert_string_equal(line.value, "192.0.2.25");
	assert_non_null(strstr(line.reason, "only client of 5 domains"));
	for (size_t i = 0; i < burn->domain_count; i++)
		assert_int_equal(burn->domain[i]->by_client,
		                 !memcmp(burn->domain[i]->wire + 2, "\3com", 4));
}

/* Of clients that events tell of by other addresses there is no line: it would be a hole for somebody else. */
static void hidden_client(void **state)
{
	struct allow_line line;

	(void)state;
	configure("warden:\n client-privacy: truncate\n");
	for (char name[] = "x.a.com"; name[2] < 'f'; name[2]++)
		refused("192.0.2.0", name, 2);
	finish(0);
	assert_int_equal(burn->client_count, 1);
	allow_line_client(burn, &burn->client[0], &line);
	assert_null(line.option);
	assert_string_equal(line.value, "192.0.2.0");
	assert_non_null(strstr(line.reason, "client-privacy"));
}

/* What the configuration allows by now is not listed again. */
static void allowed_by_now(void **state)
{
	(void)state;
	configure("warden:\n allow-domain: \"metrics.example.com\"\n allow-client: 192.0.2.25\n");
	refused("192.0.2.1", "a.metrics.example.com", 2);
	refused("192.0.2.25", "a.example.net", 2);
	refused("192.0.2.1", "a.example.com", 2);
	finish(0);
	assert_int_equal(burn->events, 3);
	assert_int_equal(burn->allowed, 2);
	assert_int_equal(burn->refuse, 1);
	assert_int_equal(burn->refusal_count, 1);
}

static void since(void **state)
{
	(void)state;
	write_event(&(struct event){ .client = "192.0.2.1", .name = "a.old.com", .domain_labels = 2,
	                             .after = 999, .verdict = WARDEN_REFUSE });
	sequence += 5; /* what was lost then does not matter now */
	write_event(&(struct event){ .client = "192.0.2.1", .name = "a.new.com", .domain_labels = 2,
	                             .after = 1000, .verdict = WARDEN_REFUSE });
	finish(NOW + 1000);
	assert_int_equal(burn->before, 1);
	assert_int_equal(burn->events, 1);
	assert_int_equal(burn->refusal_count, 1);
	assert_string_equal(domain_of(0), "new.com");
	assert_true(burn_in_sound(burn));
}

static void not_sound(void **state)
{
	(void)state;
	refused("192.0.2.1", "a.example.com", 2);
	sequence += 2;
	refused("192.0.2.1", "a.example.com", 2);
	finish(0);
	assert_int_equal(burn->missing, 2);
	assert_false(burn_in_sound(burn));
	burn_in_free(burn);

	for (unsigned i = 0; i < 7; i++)
		fputs("nonsense\n", file);
	rewind(file);
	burn = burn_in_new(config, 0);
	assert_int_equal(burn_in_events(burn, file, "bad\033[31m name"), 0);
	assert_int_equal(burn_in_finish(burn), 0);
	assert_int_equal(burn->bad, 7);
	assert_string_equal(burn->fault[0].file, "bad?[31m name");
	assert_int_equal(burn->fault[0].line, 3);
	assert_int_equal(burn->fault[4].line, 7);
	assert_false(burn_in_sound(burn));
}

/* An engine makes holds and events; holds that the events tell too are counted once. */
static void holds(void **state)
{
	struct warden *warden = open_engine("detector:\n name: \"information\"\n enable: no\n", true);
	struct hold by_hand = { .domain_hash = 5, .name = "\7example\3net", .name_len = 13,
		                .verdict = WARDEN_REFUSE, .detector = HOLD_BY_OPERATOR,
		                .made = NOW, .expires = NOW + 1000 };
	struct record record[8];
	unsigned count;

	(void)state;
	assert_true(hold_set(&warden->mapping, 0, &by_hand, NOW));
	provoke(warden, "192.0.2.1", "example.com");
	assert_int_equal(drain(warden, record, 8), 1); /* this event is lost */
	decision_on(warden, "192.0.2.1", "www.example.com", 1);
	provoke(warden, "192.0.2.2", "example.com");
	provoke(warden, "192.0.2.1", "example.org");
	count = drain(warden, record, 8);
	assert_in_range(count, 2, 8);
	for (unsigned i = 0; i < count; i++) {
		char *line = event_line(&record[i], NULL, NULL);

		if (memcmp(record[i].client + 12, "\300\0\2\1", 4) || record[i].qname[0] == 5)
			fprintf(file, "%s\n", line);
		free(line);
	}

	gather(0);
	burn_in_holds(burn, &warden->mapping);
	assert_int_equal(burn_in_finish(burn), 0);
	assert_int_equal(burn->holds, 3);
	assert_int_equal(burn->refusal_count, 2);
	assert_int_equal(burn->refusal[0]->clients, 2);
	assert_int_equal(burn->holds_told, 2);
	assert_int_equal(burn->refusal[0]->events, 1);
	assert_int_equal(burn->refusal[0]->holds, 1);
	assert_int_equal(burn_in_verdicts(burn->refusal[0]), 3);
	assert_string_equal(domain_of(1), "example.org");
	assert_int_equal(burn->refusal[1]->events, 1);
	assert_int_equal(burn->refusal[1]->holds, 0);
	burn_in_free(burn);

	/* Without events the holds say it all, but for the names. */
	burn = burn_in_new(config, 0);
	burn_in_holds(burn, &warden->mapping);
	assert_int_equal(burn_in_finish(burn), 0);
	assert_int_equal(burn->holds_told, 0);
	assert_int_equal(burn->refusal_count, 2);
	assert_string_equal(domain_of(0), "example.com");
	assert_int_equal(burn->refusal[0]->clients, 2);
	assert_int_equal(burn->refusal[0]->holds, 2);
	assert_int_equal(burn->refusal[0]->met, 1);
	assert_int_equal(burn_in_verdicts(burn->refusal[0]), 3);
	assert_int_equal(burn->refusal[0]->first, NOW);
	assert_string_equal(burn->refusal[0]->evidence.number[1].name, "distinct_names");
	assert_int_equal(burn->refusal[0]->evidence.number[1].value, 3);
	assert_int_equal(burn->refusal[0]->example_len, 0);
	burn_in_free(burn);

	/* Ended before the time asked for. */
	burn = burn_in_new(config, NOW + 3600 * 1000 + 1);
	burn_in_holds(burn, &warden->mapping);
	assert_int_equal(burn->holds, 0);
	warden_close(warden);
}

/* --- the command ------------------------------------------------------------------------------ */

/* Runs `unbound-warden report` with these arguments; <out> gets what it printed and said. */
static int run(char *out, size_t out_len, const char *const *argument)
{
	const char *build = getenv("WARDEN_BUILD");
	char command[4096];
	size_t len, at = (size_t)snprintf(command, sizeof(command), "'%s/unbound-warden' report",
	                                  build ? build : ".");
	FILE *pipe;

	for (; *argument; argument++)
		at += (size_t)snprintf(command + at, sizeof(command) - at, " '%s'", *argument);
	assert_in_range(at + 6, 0, sizeof(command));
	strcat(command, " 2>&1");
	pipe = popen(command, "r");
	assert_non_null(pipe);
	len = fread(out, 1, out_len - 1, pipe);
	out[len] = '\0';
	return WEXITSTATUS(pclose(pipe));
}

#define RUN(...) run(out, sizeof(out), (const char *const[]){ __VA_ARGS__, NULL })

static const char *events_file(void)
{
	char *text = calloc(1, 65536);
	const char *path;

	assert_non_null(text);
	rewind(file);
	text[fread(text, 1, 65535, file)] = '\0';
	path = temp_file("events", text);
	free(text);
	return path;
}

static void command(void **state)
{
	char out[65536], text[512], error[512];
	struct warden *warden;
	const char *segment, *conf, *events;

	(void)state;
	segment = strdup(temp("segment"));
	snprintf(text, sizeof(text),
	         "warden:\n shared-memory: \"%s\"\n event-file: \"%s\"\n profile: small\n", segment,
	         temp("events"));
	warden = open_engine(text, false);
	conf = strdup(temp_file("report.conf", text));
	provoke(warden, "192.0.2.1", "example.org");
	assert_int_equal(snapshot_write(&warden->mapping, temp("copy"), NOW, error, sizeof(error)), 0);
	refused("192.0.2.1", "a.example.com", 2);
	events = strdup(events_file());

	/* What the configuration names is read, both of it. */
	assert_int_equal(RUN("-c", conf), 0);
	assert_non_null(strstr(out, "allow-domain: \"example.com\""));
	assert_non_null(strstr(out, "allow-domain: \"example.org\""));
	/* What is named is read alone: events of another host do not mix with our holds. */
	assert_int_equal(RUN("-c", conf, "--events", events), 0);
	assert_null(strstr(out, "example.org"));
	assert_int_equal(RUN("-c", conf, "--file", temp("copy")), 0);
	assert_null(strstr(out, "example.com"));
	assert_non_null(strstr(out, "example.org"));
	/* Rotated files, as a shell names them: the second has the same event again. */
	assert_int_equal(RUN("-c", conf, "--events", events, events), 0);
	assert_non_null(strstr(out, "events: 2,"));
	assert_int_equal(RUN("-c", conf, "--events", events, "--events", events, "--since", "2100-01-01"), 0);
	assert_non_null(strstr(out, "left out: 2 before 2100-01-01T00:00:00.000Z"));
	assert_non_null(strstr(out, "Nothing would have been refused"));
	/* One of the two may be missing; what was named may not. */
	unlink(events);
	assert_int_equal(RUN("-c", conf), 0);
	assert_non_null(strstr(out, "example.org"));
	assert_int_equal(RUN("-c", conf, "--events", events, "--file", segment), 1);
	assert_non_null(strstr(out, "example.org"));
	unlink(segment);
	assert_int_equal(RUN("-c", conf), 1);
	assert_int_equal(RUN("-c", conf, "--since", "tomorrow"), 2);
	assert_int_equal(RUN("-c", conf, "--nonsense"), 2);

	warden_close(warden);
	free((void *)(uintptr_t)segment);
	free((void *)(uintptr_t)conf);
	free((void *)(uintptr_t)events);
}

/* The object tells what the text tells. */
static void json(void **state)
{
	char out[65536];
	const char *events;
	json_t *report, *refusal, *allow;

	(void)state;
	refused("192.0.2.1", "a.\\027[31m.example.com", 2);
	refused("192.0.2.2", "b.\\027[31m.example.com", 2);
	refused("192.0.2.2", "co.uk", 2);
	fputs("nonsense\n", file);
	events = strdup(events_file());
	configure("");
	assert_int_equal(RUN("-c", temp("warden.conf"), "--json", "--events", events), 1);
	report = json_loads(out, 0, NULL);
	assert_non_null(report);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(report, "events"), "refuse")), 3);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(report, "events"), "bad")), 1);
	assert_int_equal(json_array_size(json_object_get(report, "bad_lines")), 1);
	assert_int_equal(json_array_size(json_object_get(report, "refusals")), 2);
	refusal = json_array_get(json_object_get(report, "refusals"), 0);
	assert_int_equal(json_integer_value(json_object_get(refusal, "clients")), 2);
	assert_string_equal(json_string_value(json_object_get(refusal, "example")),
	                    "b.\\027[31m.example.com");
	allow = json_array_get(json_object_get(report, "allow"), 0);
	assert_string_equal(json_string_value(json_object_get(allow, "value")), "\"example.com\"");
	assert_int_equal(json_array_size(json_object_get(report, "no_line")), 1);
	json_decref(report);

	assert_int_equal(RUN("-c", temp("warden.conf"), "--events", events), 1);
	for (const char *c = out; *c; c++)
		assert_true(*c == '\n' || (*c >= ' ' && *c <= '~'));
	assert_non_null(strstr(out, "/events:4: not a JSON object"));
	free((void *)(uintptr_t)events);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(numbers),      TEST(order), TEST(prefixes),  TEST(suffixes), TEST(many_domains),
		TEST(hidden_client),
		TEST(allowed_by_now), TEST(since), TEST(not_sound), TEST(holds),  TEST(command),
		TEST(json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
