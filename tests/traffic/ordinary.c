/* SPDX-License-Identifier: BSD-3-Clause */
/* ordinary - days of ordinary traffic, and whom Warden would have refused.
 *
 *     names ──> people ──> resolver ──> warden_observe() ──> report
 *     chance      |           |                                |
 *               when, what   cache, world                    bound
 *
 *     ordinary [--days N] [--clients N] [--networks N] [--seed N] [--config FILE] [--only ROW]
 *              [--verbose]
 *
 * The names are the half that the model of ordinary names was not made of. Each row of the table
 * below stands for networks of one kind, each watched from its first moment on: everything is new
 * to Warden then, so the first day is the hardest. Which names are popular is drawn for each
 * network anew, as one where an odd domain is popular says little about the next. The
 * configuration is the default in enforce mode, with the allow list that is shipped.
 *
 * The last row is no network: one client asks for every name once. That is more than ordinary and
 * has no bound; it shows which domains are nearest to one.
 *
 * Fails when the networks of a row have more refusals than its bound. The same seed asks the same
 * questions, and the engine hashes them alike.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "name/name.h"

#include "names.h"
#include "people.h"
#include "report.h"
#include "resolver.h"

#define BEGAN    UINT64_C(1700006400000) /* a midnight */
#define SEED     20260724
#define SHOWN    20 /* offences that are listed without --verbose */
#define NO_BOUND -1.0

/* Sanitizers look at memory, not at verdicts, and are slow. */
#ifdef __SANITIZE_ADDRESS__
#define DAYS(n) 1
#else
#define DAYS(n) (n)
#endif

struct row {
	const char *name;
	struct crowd_plan plan;
	unsigned networks, days;
	double bound; /* refused (client, domain, detector) for 1000 clients and day, at most */
};

static const struct row rows[] = {
	{ "office", { 200, 0, 1500, 0.8, rhythm_office }, 3, DAYS(7), 1 },
	{ "home", { 2, 0, 4000, 0, rhythm_home }, 3, DAYS(7), NO_BOUND },
	{ "forwarder", { 520, 500, 1500, 0.8, rhythm_home }, 1, DAYS(2), NO_BOUND },
};

#define EVERYTHING "everything"

struct options {
	unsigned days, clients, networks; /* 0: as in the row */
	uint64_t seed;
	const char *config, *only;
	bool verbose;
};

/* ---- printing -------------------------------------------------------------------- */

static void print_offence(const struct names *names, const struct offence *offence)
{
	const struct domain *domain = &names->domain[offence->domain];
	const struct host *host = &names->host[offence->host];
	char text[NAME_TEXT_MAX];

	printf("    day %" PRIu32 "  client %-4" PRIu32 " %-6s %-20s %s", offence->day + 1,
	       offence->client, warden_verdict_name(offence->verdict), offence->detector,
	       name_text(text, domain->wire, domain->len));
	printf(" (%" PRIu32 " names) at %s type %" PRIu32 ", %" PRIu64 " times\n", domain->count,
	       name_text(text, host->wire, host->len), offence->type, offence->times);
}

/* The first <most> of them, refusals before the rest. */
static void print_offences(const struct report *report, const struct names *names, uint32_t most)
{
	uint32_t count = report_count(report), printed = 0;

	for (int refused = 1; refused >= 0; refused--)
		for (uint32_t i = 0; i < count && printed < most; i++) {
			const struct offence *offence = report_offence(report, i);

			if ((offence->verdict == WARDEN_REFUSE) != refused)
				continue;
			print_offence(names, offence);
			printed++;
		}
	if (count > printed)
		printf("    and %" PRIu32 " more (--verbose)\n", count - printed);
}

static void print_head(void)
{
	printf("%-11s %7s %4s %9s %6s  %-20s %8s %9s %8s %9s\n", "", "", "", "questions", "misses", "",
	       "refused", "refused", "tagged", "tagged");
	printf("%-11s %7s %4s %9s %6s  %-20s %8s %9s %8s %9s\n", "network", "clients", "days", "/client/d",
	       "/quest", "detector", "/day", "/1000/day", "/day", "/1000/day");
}

/* One line for <detector>, or for all. */
static void print_counts(const struct report *report, const char *detector, unsigned days,
                         uint32_t clients)
{
	double refused = (double)report_total(report, WARDEN_REFUSE, detector) / days;
	double tagged = (double)report_total(report, WARDEN_TAG, detector) / days;

	printf("%-20s %8.2f %9.2f %8.2f %9.2f\n", detector ? detector : "all", refused,
	       refused * 1000 / clients, tagged, tagged * 1000 / clients);
}

static void print_row(const struct resolver *resolver, const char *name, unsigned days,
                      uint32_t clients)
{
	const char *detector;

	printf("%-11s %7" PRIu32 " %4u %9.0f %6.2f  ", name, clients, days,
	       (double)resolver->questions / clients / days,
	       (double)resolver->misses / (double)resolver->questions);
	print_counts(resolver->report, NULL, days, clients);
	for (unsigned i = 0; (detector = report_detector(resolver->report, i)); i++) {
		printf("%43s", "");
		print_counts(resolver->report, detector, days, clients);
	}
}

/* ---- running --------------------------------------------------------------------- */

/* What the networks of a row sum up to. */
struct sum {
	uint32_t refused;
	double client_days;
};

/* Watches one network and adds it to <sum>. False when it could not. */
static bool run_network(const struct row *row, const struct options *options, uint64_t seed,
                        const char *names_path, const char *config, struct sum *sum)
{
	struct crowd_plan plan = row->plan;
	unsigned days = options->days ? options->days : row->days;
	struct chance chance = { seed };
	struct resolver resolver = { 0 };
	struct crowd *crowd = NULL;
	struct names names;
	uint32_t clients;
	bool fine = false;

	if (options->clients && !plan.behind)
		plan.people = options->clients;
	clients = crowd_clients(&plan);
	if (!names_read(&names, names_path, &chance))
		return false;
	if (!resolver_open(&resolver, config, &names, BEGAN, seed))
		goto out;
	crowd = crowd_new(&plan, &names, BEGAN, &chance);
	if (!crowd) {
		fprintf(stderr, "%s\n", strerror(ENOMEM));
		goto out;
	}
	crowd_run(crowd, &resolver, BEGAN + days * DAY);
	print_row(&resolver, row->name, days, clients);
	print_offences(resolver.report, &names, options->verbose ? UINT32_MAX : SHOWN);
	sum->refused += report_total(resolver.report, WARDEN_REFUSE, NULL);
	sum->client_days += (double)clients * days;
	fine = true;
out:
	crowd_free(crowd);
	resolver_close(&resolver);
	names_free(&names);
	return fine;
}

/* Watches all networks of a row. Whether their refusals are within its bound; too few client days
 * for one refusal may have one.
 */
static bool run_row(const struct row *row, const struct options *options, const char *names_path,
                    const char *config)
{
	unsigned networks = options->networks ? options->networks : row->networks;
	struct sum sum = { 0 };
	double most;
	bool fine;

	for (unsigned i = 0; i < networks; i++)
		if (!run_network(row, options, options->seed + i, names_path, config, &sum))
			return false;
	most = row->bound * sum.client_days / 1000;
	fine = row->bound < 0 || sum.refused <= (most < 1 ? 1 : most);
	printf("%s - %s: %" PRIu32 " refused in %.0f client days, %.2f for 1000", fine ? "ok" : "not ok",
	       row->name, sum.refused, sum.client_days, sum.refused * 1000 / sum.client_days);
	if (row->bound < 0)
		printf("\n\n");
	else
		printf(", at most %.2f\n\n", row->bound);
	return fine;
}

/* One client asks for each name of the list once, one a second. */
static bool run_everything(const struct options *options, const char *names_path, const char *config)
{
	struct chance chance = { options->seed };
	struct resolver resolver = { 0 };
	struct names names;
	bool fine = false;

	if (!names_read(&names, names_path, &chance))
		return false;
	if (resolver_open(&resolver, config, &names, BEGAN, options->seed)) {
		for (uint32_t i = 0; i < names.host_count; i++)
			resolver_ask(&resolver, 0, i, names.host[i].is_reverse ? KIND_PTR : KIND_A,
			             BEGAN + i * SECOND);
		print_row(&resolver, EVERYTHING, 1, 1);
		print_offences(resolver.report, &names, options->verbose ? UINT32_MAX : SHOWN);
		fine = true;
	}
	resolver_close(&resolver);
	names_free(&names);
	return fine;
}

static bool is_wanted(const struct options *options, const char *row)
{
	return !options->only || !strcmp(options->only, row);
}

static bool run(const struct options *options, const char *names_path, const char *config)
{
	bool fine = true;

	print_head();
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (is_wanted(options, rows[i].name))
			fine &= run_row(&rows[i], options, names_path, config);
	if (is_wanted(options, EVERYTHING))
		fine &= run_everything(options, names_path, config);
	return fine;
}

/* ---- the command line ------------------------------------------------------------ */

static const char *folder(const char *variable)
{
	const char *path = getenv(variable);

	return path ? path : ".";
}

/* Writes the configuration to a new file whose path goes to <path>. */
static bool write_config(char *path, size_t size)
{
	const char *temporary = getenv("TMPDIR");
	char list[4096];
	FILE *out;
	int file;

	/* To the engine, a list that is not there is a sentence in the log. */
	snprintf(list, sizeof(list), "%s/conf/allow.list", folder("WARDEN_SOURCE"));
	if (access(list, R_OK) != 0) {
		fprintf(stderr, "%s: %s\n", list, strerror(errno));
		return false;
	}
	snprintf(path, size, "%s/warden-ordinary-XXXXXX", temporary ? temporary : "/tmp");
	file = mkstemp(path);
	out = file < 0 ? NULL : fdopen(file, "w");
	if (!out) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return false;
	}
	fprintf(out, "warden:\n\tmode: enforce\n\tallow-list: \"%s\"\n", list);
	return fclose(out) == 0;
}

static bool read_options(struct options *options, int argc, char **argv)
{
	static const struct option known[] = {
		{ "days", required_argument, NULL, 'd' },
		{ "clients", required_argument, NULL, 'c' },
		{ "networks", required_argument, NULL, 'n' },
		{ "seed", required_argument, NULL, 's' },
		{ "config", required_argument, NULL, 'f' },
		{ "only", required_argument, NULL, 'o' },
		{ "verbose", no_argument, NULL, 'v' },
		{ 0 },
	};

	for (int letter; (letter = getopt_long(argc, argv, "", known, NULL)) >= 0;) {
		switch (letter) {
		case 'd':
			options->days = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'c':
			options->clients = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'n':
			options->networks = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 's':
			options->seed = strtoull(optarg, NULL, 10);
			break;
		case 'f':
			options->config = optarg;
			break;
		case 'o':
			options->only = optarg;
			break;
		case 'v':
			options->verbose = true;
			break;
		default:
			return false;
		}
	}
	return optind == argc && options->days <= 366 && options->clients <= 100000 &&
	       options->networks <= 1000;
}

int main(int argc, char **argv)
{
	struct options options = { .seed = SEED };
	char names_path[4096], config[4096];
	bool fine;

	if (!read_options(&options, argc, argv)) {
		fputs("usage: ordinary [--days N] [--clients N] [--networks N] [--seed N] [--config FILE]\n"
		      "                [--only ROW] [--verbose]\n",
		      stderr);
		return 2;
	}
	snprintf(names_path, sizeof(names_path), "%s/tests/data/ordinary-names.txt",
	         folder("WARDEN_BUILD"));
	if (options.config)
		return run(&options, names_path, options.config) ? EXIT_SUCCESS : EXIT_FAILURE;
	if (!write_config(config, sizeof(config)))
		return EXIT_FAILURE;
	fine = run(&options, names_path, config);
	unlink(config);
	return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
