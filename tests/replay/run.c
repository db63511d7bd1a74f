/* SPDX-License-Identifier: BSD-3-Clause */
/* run - plays scenarios against the engine, on a clock of their own.
 *
 *     run FILE.replay...
 *
 * A scenario is one statement a line; what follows a # at the start of a line or after
 * white space is comment, except in config lines. Addresses, names and words stand as in
 * tsv replay. The engine has private memory and the configuration of the config lines.
 *
 *   config TEXT                  one line of warden.conf; before anything else
 *   only DETECTOR...             switches the others off; where config lines stand
 *   file NAME                    the lines from here to a line `end` are the file NAME in the folder
 *                                of warden.conf, or in one below it; also again, before a reload
 *   data NAME                    a file of tests/data, likewise
 *   at TIME                      sets the clock, also back: TIME after the scenario's start
 *   wait TIME                    moves it on; 100ms 60s 5m 24h 2d, or a sum: 24h+1s, 24h-1s
 *   QUERY                        one question, and its answer after `->` or when it
 *                                comes from the cache or a local zone
 *   repeat N [every TIME] QUERY  N of them; the clock moves between them, not after. Also
 *                                `every TIME..TIME`: each time by another while, at random
 *   CLIENT malformed             a question whose name is not one
 *   forget                       verdicts and events seen so far no longer count
 *   reload                       reads the configuration again
 *
 *   expect CLIENT DOMAIN DETECTOR none|log|tag|refuse [low|medium|high]
 *                                the strongest verdict that was told, with its confidence
 *   expect last pass|log|tag|refuse [dry_run]       of the last observation
 *   expect client CLIENT WORD == N                  misses cachehits local answers joined refused
 *   expect counter NAME == N                        as in statistics, without "warden."
 *   expect events|clients|pairs|domains|holds == N  also != < <= > >=
 *
 *   QUERY is CLIENT query NAME TYPE[,TYPE...] [miss|cache|local] [with FLAG[,FLAG...]] [class N]
 *            [subnet PREFIX] [ANSWER]: one question a type, of class 1 (IN) if it is not said; PREFIX
 *            is for whom the client says that it asks (EDNS Client Subnet), like 192.0.2.0/24
 *   FLAG is edns, folded, refresh, odd-header or odd-edns: see enum warden_flag
 *   ANSWER is -> RCODE [ttl SECONDS] [TYPE:DATA...] [from SERVER[,SERVER...] zone ZONE]
 *            RCODE is NOERROR, NXDOMAIN and so on; or NODATA: NOERROR, with nothing in the answer
 *   DATA is an address for A and AAAA, a name for CNAME, NS, PTR and DNAME, and for all other
 *   types the octets of the rdata as they stand, \DDD for any. ZONE is what the SERVERs answered for.
 *
 *   In CLIENT, PREFIX, NAME, DATA, SERVER and ZONE stand for something else each time
 *   {n}          the number of the question in its repeat, from 1; {n:K} goes to K and begins again
 *   {rand:K}     K random characters of base32
 *   {hash:K}     K characters of base32 that look so, but are the same for the same n
 *   {x:K}        K times x; {x:n} as many as the number of the question
 *   {one:a|b}    one of the words, at random
 *   {mix:word}   the word, its letters at random in upper or lower case
 *   Random and the hash secret are the same in every run: the seed is RANDOM_SEED for each scenario.
 *
 * Invariant: a statement that is not understood is a failure, never ignored.
 */
#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <warden/warden.h>

#include "base/clock.h"
#include "report/address.h"

#include "query.h"

#define START       UINT64_C(1700000000000) /* when every scenario begins */
#define RANDOM_SEED UINT64_C(0x9e3779b97f4a7c15)
#define WORDS_MAX   24
#define FILE_NAME_MAX 64 /* octets of the name of a file */
#define CONFIG_NAME "warden.conf"

void scenario_fail(struct scenario *scenario, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s:%u: ", scenario->file, scenario->line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	scenario->failures++;
}

/* ---- words --------------------------------------------------------------------- */

/* Cuts <line> at white space, up to a comment. Returns how many words there are, or
 * WORDS_MAX + 1.
 */
static unsigned cut(char *line, char *word[WORDS_MAX])
{
	unsigned count = 0;

	for (char *next = strtok(line, " \t\r\n"); next && *next != '#'; next = strtok(NULL, " \t\r\n")) {
		if (count == WORDS_MAX)
			return count + 1;
		word[count++] = next;
	}
	return count;
}

/* Reads 100ms, 60s, 24h+1s and so on. */
static bool read_time(const char *text, uint64_t *milliseconds)
{
	static const struct {
		const char *unit;
		uint64_t length;
	} units[] = { { "ms", 1 }, { "s", SECOND }, { "m", MINUTE }, { "h", HOUR }, { "d", DAY } };
	uint64_t total = 0;
	char sign = '+';

	while (sign) {
		char *end;
		uint64_t number = strtoull(text, &end, 10), length = 0;
		size_t len = strcspn(end, "+-");

		for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
			if (strlen(units[i].unit) == len && !strncmp(end, units[i].unit, len))
				length = units[i].length;
		if (end == text || !length)
			return false;
		total = sign == '+' ? total + number * length : total - number * length;
		sign = end[len];
		text = end + len + 1;
	}
	*milliseconds = total;
	return true;
}

bool read_number(const char *text, uint64_t *number)
{
	char *end;

	*number = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end;
}

/* ---- files --------------------------------------------------------------------- */

/* Path of <name> in the scenario's folder. Overwritten by the next call. */
static const char *path_of(const struct scenario *scenario, const char *name)
{
	static char path[FOLDER_MAX + FILE_NAME_MAX];

	snprintf(path, sizeof(path), "%s/%s", scenario->folder, name);
	return path;
}

/* Opens the file of a `file` statement. Only names that do not lead out of the folder. */
static FILE *create(struct scenario *scenario, const char *name)
{
	const char *slash = strchr(name, '/');
	char below[FILE_NAME_MAX];
	FILE *out;

	if (strstr(name, "..") || name[0] == '/' || strlen(name) >= sizeof(below)) {
		scenario_fail(scenario, "file: '%s' is not a name of a file in a folder of its own", name);
		return NULL;
	}
	if (slash) {
		snprintf(below, sizeof(below), "%.*s", (int)(slash - name), name);
		mkdir(path_of(scenario, below), 0700);
	}
	out = fopen(path_of(scenario, name), "w");
	if (!out)
		scenario_fail(scenario, "file: '%s': %s", name, strerror(errno));
	return out;
}

/* Copies the file <name> of tests/data, which tests know by WARDEN_SOURCE. */
static void copy_data(struct scenario *scenario, const char *name)
{
	const char *source = getenv("WARDEN_SOURCE");
	char path[4096], octets[4096];
	FILE *in, *out;
	size_t len;

	snprintf(path, sizeof(path), "%s/tests/data/%s", source ? source : ".", name);
	in = fopen(path, "r");
	if (!in) {
		scenario_fail(scenario, "data: '%s': %s", path, strerror(errno));
		return;
	}
	out = create(scenario, name);
	while (out && (len = fread(octets, 1, sizeof(octets), in)) > 0)
		fwrite(octets, 1, len, out);
	if (ferror(in) || (out && fclose(out)))
		scenario_fail(scenario, "data: '%s': cannot copy it", path);
	fclose(in);
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status, (void)type, (void)where;
	return remove(path);
}

static bool make_folder(struct scenario *scenario)
{
	snprintf(scenario->folder, sizeof(scenario->folder), "/tmp/warden-scenario-XXXXXX");
	return mkdtemp(scenario->folder);
}

static void remove_folder(const struct scenario *scenario)
{
	nftw(scenario->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- the engine ---------------------------------------------------------------- */

static void log_sentence(int is_error, const char *sentence)
{
	if (is_error)
		fprintf(stderr, "# %s\n", sentence);
}

static bool open_engine(struct scenario *scenario)
{
	struct warden_setup setup = { .private_memory = 1, .now = START, .log = log_sentence };
	char error[512];
	uint64_t seed = RANDOM_SEED;
	uint8_t *secret;

	if (scenario->warden)
		return true;
	if (fflush(scenario->config_out)) {
		scenario_fail(scenario, "warden.conf: %s", strerror(errno));
		return false;
	}
	setup.config_file = path_of(scenario, CONFIG_NAME);
	scenario->warden = warden_open(&setup, error, sizeof(error));
	if (!scenario->warden) {
		scenario_fail(scenario, "%s", error);
		return false;
	}
	secret = scenario->warden->mapping.header->secret;
	for (unsigned i = 0; i < sizeof(scenario->warden->mapping.header->secret); i++)
		secret[i] = (uint8_t)(random_next(&seed) >> 56);
	return true;
}

void scenario_mask(struct scenario *scenario, uint8_t client[16])
{
	unsigned cell;
	const struct rules *rules = rules_enter(scenario->warden, &cell);

	client_mask(&rules->config->settings, client);
	rules_leave(scenario->warden, cell);
}

struct told *scenario_told(struct scenario *scenario, const uint8_t client[16],
                              const uint8_t *domain, size_t len, unsigned detector)
{
	for (unsigned i = 0; i < scenario->told_count; i++) {
		struct told *told = &scenario->told[i];

		if (told->detector == detector && !memcmp(told->client, client, 16) &&
		    told->domain.len == len && !memcmp(told->domain.wire, domain, len))
			return told;
	}
	return NULL;
}

static void listen(struct scenario *scenario, const struct record *record)
{
	struct name name;
	const uint8_t *domain;
	struct told *told;
	uint8_t client[16];
	size_t len;

	scenario->events++;
	if (!name_parse(&name, record->qname, record->qname_len)) {
		scenario_fail(scenario, "a record with a broken name");
		return;
	}
	memcpy(client, record->client, sizeof(client));
	scenario_mask(scenario, client);
	domain = name_tail(&name, record->payload_labels);
	len = name_tail_len(&name, record->payload_labels);
	told = scenario_told(scenario, client, domain, len, record->detector);
	if (!told) {
		if (scenario->told_count == TOLD_MAX) {
			scenario_fail(scenario, "more than %d verdicts", TOLD_MAX);
			return;
		}
		told = &scenario->told[scenario->told_count++];
		*told = (struct told){ .detector = record->detector };
		memcpy(told->client, client, sizeof(client));
		name_parse(&told->domain, domain, len);
	}
	if (record->verdict > told->verdict)
		told->verdict = record->verdict;
	if (record->confidence > told->confidence)
		told->confidence = record->confidence;
}

static void observe(struct scenario *scenario, struct warden_observation *obs, uint8_t what)
{
	struct record record;
	uint64_t skipped;

	obs->what = what;
	obs->now = scenario->now;
	scenario->last = warden_observe(scenario->warden, obs);
	while (journal_get(&scenario->warden->mapping.journal, &record, scenario->now, &skipped))
		listen(scenario, &record);
}

/* ---- statements ---------------------------------------------------------------- */

/* Asks <query> for the <n>th time, for each of its types. */
static void ask(struct scenario *scenario, const struct query *query, uint64_t n)
{
	static struct asked asked; /* large */
	struct warden_observation *obs = &asked.obs;

	if (!query_fill_in(scenario, query, n, &asked))
		return;
	for (unsigned i = 0; i < query->types; i++) {
		struct warden_decision decision;

		obs->qtype = query->type[i];
		if (query->answered && query->path != WARDEN_PATH_MISS) {
			observe(scenario, obs, WARDEN_QUESTION | WARDEN_ANSWER);
			continue;
		}
		observe(scenario, obs, WARDEN_QUESTION);
		decision = scenario->last;
		/* What is refused gets its answer from Warden: the one in the scenario never comes. */
		if (!query->answered || (warden_verdict_denies(decision.verdict) && !decision.dry_run))
			continue;
		observe(scenario, obs, WARDEN_ANSWER);
		if (decision.verdict > scenario->last.verdict)
			scenario->last = decision;
	}
}

/* Reads TIME or TIME..TIME. */
static bool read_times(char *text, uint64_t *least, uint64_t *most)
{
	char *second = strstr(text, "..");

	if (!second)
		return read_time(text, least) && read_time(text, most);
	*second = '\0';
	return read_time(text, least) && read_time(second + 2, most) && *least <= *most;
}

static bool run_repeat(struct scenario *scenario, char **word, unsigned count)
{
	uint64_t times, least = 0, most = 0;
	struct query query;

	if (count < 2 || !read_number(word[1], &times))
		return false;
	word += 2;
	count -= 2;
	if (count > 1 && !strcmp(*word, "every")) {
		if (!read_times(word[1], &least, &most))
			return false;
		word += 2;
		count -= 2;
	}
	if (!query_read(&query, word, count))
		return false;
	for (uint64_t n = 1; n <= times; n++) {
		if (n > 1)
			scenario->now += least < most ? least + random_next(&scenario->random) % (most - least + 1) : least;
		ask(scenario, &query, n);
	}
	return true;
}

static bool run_query(struct scenario *scenario, char **word, unsigned count)
{
	static const uint8_t broken[] = { 9, 'c', 'u', 't' };
	struct query query;

	if (count == 2 && !strcmp(word[1], "malformed")) {
		struct warden_observation obs = {
			.qclass = 1, .qtype = 1, .qname = broken, .qname_len = sizeof(broken),
		};

		if (!address_from_text(obs.client, word[0]))
			return false;
		observe(scenario, &obs, WARDEN_QUESTION);
		return true;
	}
	if (!query_read(&query, word, count))
		return false;
	ask(scenario, &query, 1);
	return true;
}

static bool run_wait(struct scenario *scenario, char **word, unsigned count)
{
	uint64_t time;

	if (count != 2 || !read_time(word[1], &time))
		return false;
	scenario->now = (strcmp(word[0], "at") ? scenario->now : START) + time;
	return true;
}

static bool run_forget(struct scenario *scenario, char **word, unsigned count)
{
	(void)word;
	scenario->told_count = 0;
	scenario->events = 0;
	return count == 1;
}

static bool run_reload(struct scenario *scenario, char **word, unsigned count)
{
	char error[512];

	(void)word;
	if (engine_reload(scenario->warden, error, sizeof(error)))
		scenario_fail(scenario, "%s", error);
	return count == 1;
}

/* ---- the runner ---------------------------------------------------------------- */

static bool run_statement(struct scenario *scenario, char **word, unsigned count)
{
	static const struct {
		const char *word;
		bool (*run)(struct scenario *scenario, char **word, unsigned count);
	} statements[] = {
		{ "at", run_wait },       { "wait", run_wait },     { "repeat", run_repeat },
		{ "forget", run_forget }, { "reload", run_reload }, { "expect", expect },
	};

	for (size_t i = 0; i < sizeof(statements) / sizeof(*statements); i++)
		if (!strcmp(statements[i].word, word[0]))
			return statements[i].run(scenario, word, count);
	return run_query(scenario, word, count);
}

/* Writes what switches all detectors off but those in <word>. */
static bool run_only(struct scenario *scenario, char **word, unsigned count)
{
	bool wanted[DETECTOR_COUNT] = { false };

	for (unsigned i = 1; i < count; i++) {
		int detector = detector_find(word[i]);

		if (detector < 0)
			return false;
		wanted[detector] = true;
	}
	for (unsigned i = 0; i < DETECTOR_COUNT; i++)
		if (!wanted[i])
			fprintf(scenario->config_out, "detector:\n name: \"%s\"\n enable: no\n", detectors[i]->name);
	return count > 1;
}

/* A line of a `file`, up to its `end`. */
static void write_line(struct scenario *scenario, const char *line)
{
	if (strcmp(line, "end\n")) {
		fputs(line, scenario->file_out);
		return;
	}
	if (fclose(scenario->file_out))
		scenario_fail(scenario, "file: %s", strerror(errno));
	scenario->file_out = NULL;
}

static void run_line(struct scenario *scenario, char *line)
{
	char *word[WORDS_MAX], *text = line + strspn(line, " \t");
	unsigned count;

	if (scenario->file_out) {
		write_line(scenario, line);
		return;
	}
	if (!strncmp(text, "config ", 7) && !scenario->warden) {
		fputs(text + 7, scenario->config_out);
		return;
	}
	count = cut(line, word);
	if (!count)
		return;
	if (count <= WORDS_MAX && !strcmp(*word, "only") && !scenario->warden && run_only(scenario, word, count))
		return;
	if (count == 2 && !strcmp(*word, "file")) {
		scenario->file_out = create(scenario, word[1]);
		return;
	}
	if (count == 2 && !strcmp(*word, "data")) {
		copy_data(scenario, word[1]);
		return;
	}
	if (!open_engine(scenario))
		return;
	if (count > WORDS_MAX || !run_statement(scenario, word, count))
		scenario_fail(scenario, "this statement is not understood");
}

/* Plays all of <file>. A broken configuration ends it at once. */
static void run_lines(struct scenario *scenario, FILE *file)
{
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, file) >= 0) {
		scenario->line++;
		run_line(scenario, line);
		if (!scenario->warden && scenario->failures)
			break;
	}
	free(line);
	if (scenario->file_out) {
		scenario_fail(scenario, "a file without an end");
		fclose(scenario->file_out);
	}
	if (!scenario->warden && !scenario->failures)
		scenario_fail(scenario, "there is no statement in it");
}

/* Plays the scenario in <path>. True when all is as expected. */
static bool run(const char *path)
{
	struct scenario *scenario = calloc(1, sizeof(*scenario));
	FILE *file = fopen(path, "r");
	bool fine = false;

	if (!file || !scenario) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		goto out;
	}
	scenario->file = path;
	scenario->now = START;
	scenario->random = RANDOM_SEED;
	if (!make_folder(scenario) || !(scenario->config_out = fopen(path_of(scenario, CONFIG_NAME), "w"))) {
		fprintf(stderr, "%s: %s\n", scenario->folder, strerror(errno));
		goto out;
	}
	run_lines(scenario, file);
	fine = !scenario->failures;
	warden_close(scenario->warden);
	fclose(scenario->config_out);
	remove_folder(scenario);
out:
	if (file)
		fclose(file);
	free(scenario);
	printf("%s - %s\n", fine ? "ok" : "not ok", path);
	return fine;
}

int main(int argc, char **argv)
{
	bool fine = argc > 1;

	setvbuf(stdout, NULL, _IOLBF, 0); /* or sentences on stderr stand in the middle of lines */
	for (int i = 1; i < argc; i++)
		fine &= run(argv[i]);
	if (argc < 2)
		fputs("usage: run FILE.replay...\n", stderr);
	return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
