/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_config - any octets as warden.conf: faults, never a crash, a leak or an exit.
 *
 * Through a file without a name, so that it is config_load() that is tested and nothing beside
 * it. What was loaded can be asked, and does not depend on who loads it: the same octets give the same
 * faults and warnings each time.
 */
#include "engine/config.h"
#include "fuzz.h"

/* What was said of one configuration. */
struct said {
	unsigned faults, warnings;
	size_t len;
};

/* Each sentence is one line of text that no terminal obeys. A path in it may be in UTF-8. */
static void check(struct said *said, const char *sentence)
{
	must(*sentence);
	for (const char *c = sentence; *c; c++) {
		must((unsigned char)*c >= ' ' && *c != 0x7f);
		must(c[0] != '\xc2' || (unsigned char)c[1] < 0x80 || (unsigned char)c[1] > 0x9f);
	}
	said->len += strlen(sentence);
}

static void on_fault(void *arg, const char *sentence)
{
	struct said *said = arg;

	check(said, sentence);
	said->faults++;
}

static void on_warning(void *arg, const char *sentence)
{
	struct said *said = arg;

	check(said, sentence);
	said->warnings++;
}

/* Every value is within the bounds of its row, and prints. */
static void check_options(const struct option *row, const void *config)
{
	char text[1024];

	for (; row && row->key; row++) {
		must(strlen(option_print(row, config, text, sizeof(text))) < sizeof(text));
		if (row->type == OPT_COUNT || row->type == OPT_TIME || row->type == OPT_SIZE) {
			uint64_t value = option_number(row, config);

			must(value == row->preset || (value >= row->min && value <= row->max));
		}
	}
}

/* Asks it what the engine would. */
static void use(const struct config *config)
{
	static const char *const names[] = { "www.example.com", "allowed.example", ".", "a.corp.example" };
	uint8_t client[16] = { [10] = 0xff, 0xff, 192, 0, 2, 7 };
	struct name name;

	check_options(settings_options, &config->settings);
	for (unsigned id = 0; id < DETECTOR_COUNT; id++) {
		check_options(detector_common_options, config->detector[id]);
		check_options(detectors[id]->options, config->detector[id]);
	}
	for (unsigned i = 0; i < 16; i++) {
		client[15] = (uint8_t)(i * 16);
		config_profile(config, client);
		config_never_holds(config, client);
		config_is_forwarder(config, client);
		must(!config_allows_client(config, client) || config->allow_client.count);
	}
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		must(name_from_text(&name, names[i]));
		must(suffix_domain(config->suffixes, &name) <= name.labels);
	}
	must(config_held_limit(config, 1000) <= UINT32_MAX && config_memory(config) > 0);
}

static struct said load(const char *path)
{
	struct said said = { 0 };
	struct config *config = config_load(path, on_fault, on_warning, &said);

	must(!config == (said.faults > 0));
	if (config)
		use(config);
	config_free(config);
	return said;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *file = file_of(data, size);
	struct said first, second;
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fileno(file));
	first = load(path);
	second = load(path);
	must(first.faults == second.faults && first.warnings == second.warnings && first.len == second.len);
	fclose(file);
	return 0;
}
