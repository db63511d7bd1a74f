/* SPDX-License-Identifier: BSD-3-Clause */
/* support - small helpers of the tests; each ends the test when it cannot do its work. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "support.h"

#define THREADS_MAX 16

const struct segment_sizes tiny_sizes = {
	.clients = 64, .pairs = 64, .domains = 64, .delegations = 64, .holds = 64, .journal = 64,
	.outbox = 64, .elsewhere = 64,
	.filter_blocks = { 64, 64, 64, 64 },
};

char said[8192];
static pthread_mutex_t said_lock = PTHREAD_MUTEX_INITIALIZER;

void say(int is_error, const char *sentence)
{
	size_t len;

	(void)is_error;
	pthread_mutex_lock(&said_lock);
	len = strlen(said);
	snprintf(said + len, sizeof(said) - len, "%s\n", sentence);
	pthread_mutex_unlock(&said_lock);
}

unsigned times_said(const char *words)
{
	unsigned times = 0;

	pthread_mutex_lock(&said_lock);
	for (const char *at = said; (at = strstr(at, words)); at++)
		times++;
	pthread_mutex_unlock(&said_lock);
	return times;
}

/* ---- files --------------------------------------------------------------------- */

static char folder[256];
static pid_t owner; /* a forked child must not remove its parent's folder */

void temp_clean(void)
{
	DIR *dir = folder[0] ? opendir(folder) : NULL;
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			unlink(temp(entry->d_name));
	closedir(dir);
}

static void temp_remove(void)
{
	if (getpid() != owner)
		return;
	temp_clean();
	rmdir(folder);
}

const char *temp(const char *name)
{
	static char path[8][1024];
	static unsigned next;
	const char *base = getenv("TMPDIR");

	if (!folder[0]) {
		snprintf(folder, sizeof(folder), "%s/warden-test-XXXXXX", base ? base : "/tmp");
		if (!mkdtemp(folder)) {
			perror(folder);
			abort();
		}
		owner = getpid();
		atexit(temp_remove);
	}
	next = (next + 1) % 8;
	snprintf(path[next], sizeof(path[next]), "%s/%s", folder, name);
	return path[next];
}

const char *temp_file(const char *name, const char *text)
{
	const char *path = temp(name);
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
	return path;
}

/* ---- store --------------------------------------------------------------------- */

void open_private(struct mapping *mapping)
{
	char error[512] = "";

	if (mapping_attach(mapping, NULL, NULL, &tiny_sizes, 1, NOW, NULL, error, sizeof(error)) != 0)
		fail_msg("%s", error);
}

/* ---- engine -------------------------------------------------------------------- */

void address(uint8_t octets[16], const char *text)
{
	memset(octets, 0, 16);
	if (inet_pton(AF_INET6, text, octets) == 1)
		return;
	memset(octets + 10, 0xff, 2);
	assert_int_equal(inet_pton(AF_INET, text, octets + 12), 1);
}

void question(struct asked *asked, const char *client, const char *qname, uint16_t qtype)
{
	memset(asked, 0, sizeof(*asked));
	assert_true(name_from_text(&asked->name, qname));
	asked->obs.now = NOW;
	address(asked->obs.client, client);
	asked->obs.client_port = 53001;
	asked->obs.what = WARDEN_QUESTION;
	asked->obs.path = WARDEN_PATH_MISS;
	asked->obs.qtype = qtype;
	asked->obs.qclass = 1;
	asked->obs.qname = asked->name.raw;
	asked->obs.qname_len = asked->name.len;
}

const char *config_path(void)
{
	return temp("warden.conf");
}

void fix_secret(struct warden *warden, unsigned seed)
{
	uint64_t random = UINT64_C(0x2545f4914f6cdd1d) + seed;

	for (unsigned i = 0; i < HASH_SECRET_LEN; i++)
		warden->mapping.header->secret[i] = (uint8_t)(random_next(&random) >> 24);
}

/* Those that the engine's tests are written with. */
static bool is_engine_detector(const char *name)
{
	static const char *const names[] = {
		"long-names", "null-rate", "signature-iodine", "information", "information-client",
		"information-domain", "information-delegation", "download", "risk",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

const char *engine_config(const char *config)
{
	static char text[65536];
	size_t len = (size_t)snprintf(text, sizeof(text), "%s\n", config);
	char quoted[64];

	if (strstr(config, EVERY_DETECTOR))
		return text;
	for (unsigned id = 0; id < DETECTOR_COUNT && len < sizeof(text); id++) {
		snprintf(quoted, sizeof(quoted), "\"%s\"", detectors[id]->name);
		if (!is_engine_detector(detectors[id]->name) && !strstr(config, quoted))
			len += (size_t)snprintf(text + len, sizeof(text) - len,
			                        "detector:\n name: %s\n enable: no\n", quoted);
	}
	return text;
}

struct warden *open_engine(const char *config, bool private)
{
	char error[512] = "";
	struct warden_setup setup = {
		.config_file = temp_file("warden.conf", engine_config(config)),
		.now = NOW,
		.private_memory = private,
		.log = say,
	};
	struct warden *warden = warden_open(&setup, error, sizeof(error));

	if (!warden)
		fail_msg("%s", error);
	fix_secret(warden, 0);
	return warden;
}

struct warden_decision decision_on(struct warden *warden, const char *client, const char *qname,
                                   uint16_t qtype)
{
	struct asked asked;

	question(&asked, client, qname, qtype);
	return warden_observe(warden, &asked.obs);
}

struct warden_decision provoke(struct warden *warden, const char *client, const char *domain)
{
	struct warden_decision decision = { .verdict = WARDEN_PASS };
	char name[256];

	for (unsigned i = 1; i <= 3; i++) {
		assert_int_equal(decision.verdict, WARDEN_PASS);
		snprintf(name, sizeof(name), "host%u.%s", i, domain);
		decision = decision_on(warden, client, name, 10);
	}
	return decision;
}

unsigned drain(struct warden *warden, struct record *record, unsigned max)
{
	struct record one;
	uint64_t skipped = 0;
	unsigned count = 0;

	while (journal_get(&warden->mapping.journal, &one, NOW, &skipped)) {
		if (count < max)
			record[count] = one;
		count++;
	}
	return count;
}

uint64_t counted(const struct warden *warden, enum counter_id id)
{
	return banks_sum(warden->mapping.banks, id);
}

uint64_t client_counted(struct warden *warden, const char *client, unsigned word)
{
	uint8_t octets[16];
	struct place place;
	unsigned cell;

	address(octets, client);
	client_mask(&rules_enter(warden, &cell)->config->settings, octets);
	rules_leave(warden, cell);
	place = table_find(&warden->mapping.clients, client_hash(&warden->mapping, octets));
	return place.slot ? slot_get(place.slot, word) : UINT64_MAX;
}

/* ---- threads ------------------------------------------------------------------- */

struct job {
	void (*work)(unsigned thread, void *arg);
	void *arg;
	unsigned thread;
};

static void *run(void *arg)
{
	const struct job *job = arg;

	job->work(job->thread, job->arg);
	return NULL;
}

void in_threads(unsigned count, void (*work)(unsigned thread, void *arg), void *arg)
{
	pthread_t id[THREADS_MAX];
	struct job job[THREADS_MAX];

	assert_true(count <= THREADS_MAX);
	for (unsigned i = 0; i < count; i++) {
		job[i] = (struct job){ work, arg, i };
		assert_int_equal(pthread_create(&id[i], NULL, run, &job[i]), 0);
	}
	for (unsigned i = 0; i < count; i++)
		pthread_join(id[i], NULL);
}
