/* SPDX-License-Identifier: BSD-3-Clause */
/* encoders - how much gets out before Warden refuses, whatever the encoding.
 *
 *     encoders [--row PATTERN] [--days N] [--seed N] [--verbose]
 *
 * A client sends random payload through each of many encodings, slowly and fast, to one domain
 * or to many, among the ordinary traffic of a small network. Only the detectors of information
 * run: signatures and rates would hide what those alone can do. Each row is a play of its own
 * (leak.c); rows[] says which there are, and what bound each has to keep.
 *
 * The bound is on payload octets in any 24 hours: before the first refusal where there is one
 * domain, at all where there are several. A flow that is slower than 512 a day need not be
 * refused, whatever it comes to: those rows say "under the floor". Exits with 1 when a bound is broken,
 * or when another client's ordinary question was refused, for who refuses all bounds everything.
 */
#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "detect/detector.h"
#include "encode.h"
#include "leak.h"
#include "table.h"
#include "tool/flag.h"

#define INTERVALS 5

/* Octets in 24 hours. */
#define ONE_DOMAIN      FLOOR
#define TWENTY_DOMAINS  (2 * 1024)
#define HUNDREDS        (8 * 1024)
#define NEAR_FLOOR      810
/* Few names asked again and again look like an ordinary client's; when they have rested they
 * are charged an eighth (engine/charge.c).
 */
#define FEW_NAMES       (8 * FLOOR)

static const unsigned paces[INTERVALS] = { 1, 10, 60, 300, 3600 }; /* seconds */

/* Little more than 512 octets a day with 8 in each question: where a sum that fades takes longest
 * to fill. A code that costs what it carries may tell 512 / (1 - 1/e) = 810 octets in a day.
 */
static const unsigned near_floor[INTERVALS] = { 540, 675, 850, 1000, 1200 };

/* What is played and what it must keep to: the one place for both. */
static const struct row {
	const char *name;
	const char *encoder;
	unsigned domains;
	enum choice choice;
	bool shared_servers;
	uint64_t bound;
	const unsigned *every;
	bool beyond; /* more than was asked of this test: "*" in the table */
} rows[] = {
	{ "hex", "hex", 1, BY_TURNS, false, ONE_DOMAIN, paces, false },
	{ "base32", "base32", 1, BY_TURNS, false, ONE_DOMAIN, paces, false },
	{ "base64url", "base64url", 1, BY_TURNS, false, ONE_DOMAIN, paces, false },
	{ "decimal", "decimal", 1, BY_TURNS, false, ONE_DOMAIN, paces, false },
	{ "word", "word", 1, BY_TURNS, false, ONE_DOMAIN, paces, false },
	{ "three-words", "three-words", 1, BY_TURNS, false, ONE_DOMAIN, paces, false },
	{ "8-bytes", "8-bytes", 1, BY_TURNS, false, ONE_DOMAIN, paces, false },

	{ "8-bytes-near-floor", "8-bytes", 1, BY_TURNS, false, NEAR_FLOOR, near_floor, true },
	{ "2-names", "2-names", 1, BY_TURNS, false, FEW_NAMES, paces, true },
	{ "16-names", "16-names", 1, BY_TURNS, false, FEW_NAMES, paces, true },
	{ "64-names", "64-names", 1, BY_TURNS, false, FEW_NAMES, paces, true },
	{ "256-names", "256-names", 1, BY_TURNS, false, ONE_DOMAIN, paces, true },
	{ "type", "type", 1, BY_TURNS, false, FEW_NAMES, paces, true },
	{ "any-type", "any-type", 1, BY_TURNS, false, NEAR_FLOOR, paces, true },
	{ "case", "case", 1, BY_TURNS, false, ONE_DOMAIN, paces, true },
	{ "counter", "counter", 1, BY_TURNS, false, ONE_DOMAIN, paces, true },
	{ "beacon", "beacon", 1, BY_TURNS, false, ONE_DOMAIN, paces, true },

	{ "8-bytes-20-turns", "8-bytes", 20, BY_TURNS, false, TWENTY_DOMAINS, paces, false },
	{ "8-bytes-20-random", "8-bytes", 20, AT_RANDOM, false, TWENTY_DOMAINS, paces, false },
	{ "8-bytes-20-shared", "8-bytes", 20, BY_TURNS, true, TWENTY_DOMAINS, paces, false },
	{ "hex-20-turns", "hex", 20, BY_TURNS, false, TWENTY_DOMAINS, paces, false },
	{ "hex-20-random", "hex", 20, AT_RANDOM, false, TWENTY_DOMAINS, paces, false },
	{ "word-20-turns", "word", 20, BY_TURNS, false, TWENTY_DOMAINS, paces, false },
	{ "word-20-random", "word", 20, AT_RANDOM, false, TWENTY_DOMAINS, paces, false },

	{ "8-bytes-200-turns", "8-bytes", 200, BY_TURNS, false, HUNDREDS, paces, false },
	{ "8-bytes-200-random", "8-bytes", 200, AT_RANDOM, false, HUNDREDS, paces, false },
	{ "8-bytes-200-shared", "8-bytes", 200, BY_TURNS, true, HUNDREDS, paces, false },
	{ "hex-200-turns", "hex", 200, BY_TURNS, false, HUNDREDS, paces, false },
	{ "hex-200-random", "hex", 200, AT_RANDOM, false, HUNDREDS, paces, false },
	{ "word-200-turns", "word", 200, BY_TURNS, false, HUNDREDS, paces, false },
	{ "word-200-random", "word", 200, AT_RANDOM, false, HUNDREDS, paces, false },

	{ "8-bytes-new-domains", "8-bytes", 1, ALWAYS_NEW, false, HUNDREDS, paces, true },
	{ "8-bytes-new-shared", "8-bytes", 1, ALWAYS_NEW, true, HUNDREDS, paces, true },
	{ "three-words-new-domains", "three-words", 1, ALWAYS_NEW, false, HUNDREDS, paces, true },
	{ "three-words-new-shared", "three-words", 1, ALWAYS_NEW, true, HUNDREDS, paces, true },
};

#define ROWS (sizeof(rows) / sizeof(*rows))

/* ---- the configuration ----------------------------------------------------------- */

static char config[256];

static void remove_config(void)
{
	unlink(config);
}

static bool is_of_information(const struct detector *detector)
{
	return !strncmp(detector->name, "information", strlen("information")) ||
	       !strcmp(detector->name, "download");
}

static void write_config(void)
{
	const char *folder = getenv("TMPDIR");
	FILE *out;
	int file;

	snprintf(config, sizeof(config), "%s/warden-encoders-XXXXXX", folder ? folder : "/tmp");
	file = mkstemp(config);
	out = file < 0 ? NULL : fdopen(file, "w");
	if (!out) {
		perror(config);
		exit(2);
	}
	atexit(remove_config);
	fputs("warden:\n    mode: enforce\n", out);
	for (unsigned i = 0; i < DETECTOR_COUNT; i++)
		if (!is_of_information(detectors[i]))
			fprintf(out, "detector:\n    name: \"%s\"\n    enable: no\n", detectors[i]->name);
	if (fclose(out)) {
		perror(config);
		exit(2);
	}
}

/* ---- main ------------------------------------------------------------------------ */

struct wish {
	const char *row;
	uint64_t days, seed;
	bool verbose;
};

struct result {
	unsigned played, broken;
	uint64_t ordinary, ordinary_refused;
};

static void play(const struct row *row, unsigned pace, const struct wish *wish, struct result *result)
{
	struct plan plan = {
		.encoder = encoder_find(row->encoder),
		.interval = row->every[pace] * SECOND,
		.domains = row->domains,
		.choice = row->choice,
		.shared_servers = row->shared_servers,
		.days = wish->days,
		.bound = row->bound,
		/* A row is the same whether it is played alone or among all. */
		.seed = wish->seed * 1000003 + (uint64_t)(row - rows) * INTERVALS + pace,
	};
	struct leak leak = leak_play(&plan, config);

	if (!result->played++)
		table_head();
	table_row(row->name, row->beyond, &plan, &leak, wish->verbose);
	result->broken += leak_breaks(&leak, &plan);
	result->ordinary += leak.ordinary;
	result->ordinary_refused += leak.ordinary_refused;
}

static bool read_number(const char *text, uint64_t *number)
{
	char *end;

	if (!text)
		return true;
	*number = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end;
}

static bool read_flags(struct wish *wish, int argc, char **argv)
{
	const char *days = NULL, *seed = NULL;
	const struct flag flags[] = {
		{ .name = "row", .text = &wish->row },
		{ .name = "days", .text = &days },
		{ .name = "seed", .text = &seed },
		{ .name = "verbose", .present = &wish->verbose },
		FLAG_END,
	};

	return flags_read(flags, argc, argv) == argc && read_number(days, &wish->days) &&
	       read_number(seed, &wish->seed);
}

int main(int argc, char **argv)
{
	struct wish wish = { .row = "*", .days = 14, .seed = 1 };
	struct result result = { 0 };

	if (!read_flags(&wish, argc, argv)) {
		fputs("usage: encoders [--row PATTERN] [--days N] [--seed N] [--verbose]\n", stderr);
		return 2;
	}
	for (const struct encoder *encoder = encoders; encoder->name; encoder++)
		if (!encoder_is_honest(encoder)) {
			fprintf(stderr, "%s counts payload that it does not tell\n", encoder->name);
			return 2;
		}
	write_config();
	for (size_t i = 0; i < ROWS; i++)
		for (unsigned pace = 0; pace < INTERVALS; pace++)
			if (!fnmatch(wish.row, rows[i].name, 0))
				play(&rows[i], pace, &wish, &result);
	if (result.played)
		table_foot();
	printf("%u rows, %u with a broken bound; %" PRIu64 " of %" PRIu64
	       " ordinary questions of other clients refused\n",
	       result.played, result.broken, result.ordinary_refused, result.ordinary);
	return result.played && !result.broken && !result.ordinary_refused ? EXIT_SUCCESS : EXIT_FAILURE;
}
