/* SPDX-License-Identifier: BSD-3-Clause */
/* small - see small.h. */
#include <stdarg.h>

#include "fuzz.h"
#include "small.h"

#define TEXT_MAX 32768

const struct segment_sizes small_sizes = {
	.clients = 16, .pairs = 32, .domains = 32, .delegations = 16, .holds = 16, .journal = 32,
	.outbox = 16, .elsewhere = 16,
	.filter_blocks = { 16, 16, 16, 16 },
};

/* A configuration that is being written. */
struct text {
	char text[TEXT_MAX];
	size_t len;
};

static void add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct text *text, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text->len += (size_t)vsnprintf(text->text + text->len, TEXT_MAX - text->len, format, args);
	va_end(args);
	must(text->len < TEXT_MAX);
}

static void ignore(void *arg, const char *sentence)
{
	(void)arg;
	(void)sentence;
}

static void report(void *arg, const char *sentence)
{
	(void)arg;
	fprintf(stderr, "%s\n", sentence);
}

static bool loads(const char *config, size_t len, config_report *fault)
{
	FILE *file = file_of((const uint8_t *)config, len);
	struct config *loaded;
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fileno(file));
	loaded = config_load(path, fault, ignore, NULL);
	config_free(loaded);
	fclose(file);
	return loaded;
}

static bool is_number(const struct option *row)
{
	return row->type == OPT_COUNT || row->type == OPT_TIME || row->type == OPT_SIZE;
}

/* Every bound of detector <id> as low as it may be: one option after the other, where the others allow it. */
static void add_lowest(struct text *text, unsigned id)
{
	const struct detector *detector = detectors[id];

	for (const struct option *row = detector->options; row && row->key; row++) {
		size_t before = text->len;
		const char *unit = row->type == OPT_TIME ? "ms" : "";

		if (!is_number(row))
			continue;
		add(text, " %s: %llu%s\n", row->key, (unsigned long long)row->min, unit);
		if (!loads(text->text, text->len, ignore))
			text->len = before;
	}
}

static void write_sensitive(struct text *text)
{
	static const char *const actions[] = { "refuse", "drop", "truncate", "nxdomain", "nodata", "refuse", "tag", "log" };
	static const char *const scopes[] = { "pair", "client", "domain" };

	add(text, "warden:\n mode: enforce\n log-period: 1s\n max-held-clients: 3\n trust-udp: yes\n"
	          " warn-score: 10\n refuse-score: 40\n fleet-redis: \"127.0.0.1\"\n fleet-count-from: 1\n");
	for (unsigned id = 0; id < DETECTOR_COUNT; id++) {
		size_t before = text->len;

		add(text, "detector:\n name: \"%s\"\n enable: yes\n action: %s\n scope: %s\n hold: %us\n",
		    detectors[id]->name, actions[id % 8], scopes[id % 3], 1 + id * 7);
		if (!loads(text->text, text->len, ignore)) {
			text->len = before;
			add(text, "detector:\n name: \"%s\"\n enable: yes\n", detectors[id]->name);
			must(loads(text->text, text->len, report));
		}
		add_lowest(text, id);
	}
}

static void write_partial(struct text *text)
{
	static const char domains[] = "canary.example  somebody's canary\nbad.test\nduckdns.org\n";
	FILE *file = file_of((const uint8_t *)domains, sizeof(domains) - 1); /* stays open, likewise */

	add(text, "warden:\n mode: enforce\n allow-client: 192.0.2.200\n allow-domain: \"allowed.example\"\n"
	          " local-domain: \"corp.example\"\n never-hold: 192.0.2.4\n forwarder: 192.0.2.5\n"
	          " forwarder: 2001:db8::/32\n client-prefix-v6: 56\n hold-max: 2h\n ede: no\n fold-case: no\n");
	add(text, "list:\n name: \"feed\"\n file: \"/proc/self/fd/%d\"\n action: refuse\n", fileno(file));
	add(text, "client-profile:\n name: \"guests\"\n client: 192.0.2.2/31\n mode: observe\n"
	          "client-profile:\n name: \"servers\"\n client: 192.0.2.0/29\n mode: enforce\n");
	for (unsigned id = 0; id < DETECTOR_COUNT; id++)
		add(text, "detector:\n name: \"%s\"\n enable: yes\n", detectors[id]->name);
	add(text, "detector:\n name: \"information\"\n profile: \"guests\"\n action: tag\n"
	          "detector:\n name: \"null-rate\"\n profile: \"servers\"\n action: drop\n");
}

struct warden *small_engine(enum small_kind kind)
{
	static struct warden *engine[SMALL_KINDS];
	static struct text text;
	struct warden_setup setup = { .now = SMALL_NOW, .private_memory = 1 };
	char error[512], path[32];
	FILE *file;

	if (engine[kind])
		return engine[kind];
	setenv("WARDEN_ABORT", "1", 0);
	text.len = 0;
	add(&text, "# ...\n");
	if (kind == SMALL_SENSITIVE)
		write_sensitive(&text);
	else if (kind == SMALL_PARTIAL)
		write_partial(&text);
	file = file_of((const uint8_t *)text.text, text.len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fileno(file));
	setup.config_file = path;
	must(loads(text.text, text.len, report));
	engine[kind] = warden_open(&setup, error, sizeof(error));
	must(engine[kind] != NULL); /* the file stays open: it may be read again */
	return engine[kind];
}

void small_secret(struct mapping *mapping)
{
	uint64_t random = UINT64_C(0x9e3779b97f4a7c15);

	for (unsigned i = 0; i < HASH_SECRET_LEN; i++) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		mapping->header->secret[i] = (uint8_t)(random >> 24);
	}
}

void small_use(struct warden *warden, const struct mapping *mapping)
{
	const struct rules *rules = atomic_load(&warden->rules);

	mapping_detach(&warden->mapping);
	warden->mapping = *mapping;
	atomic_store(&warden->mode, (uint32_t)rules->config->settings.mode);
	atomic_store(&warden->stopped, false);
	atomic_store(&warden->tripped, false);
	atomic_store(&warden->accepted, 0);
}

void small_fresh(struct warden *warden)
{
	struct mapping mapping;
	char error[512];

	must(mapping_attach(&mapping, NULL, NULL, &small_sizes, warden->layout.digest, SMALL_NOW, NULL, error,
	                    sizeof(error)) == 0);
	small_secret(&mapping);
	small_use(warden, &mapping);
}
