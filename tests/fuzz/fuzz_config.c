/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_config - any octets as warden.conf: faults, never a crash, a leak or an exit.
 *
 * Through a file without a name, so that it is config_load() that is tested and nothing beside
 * it. What is found goes into corpus/config/, which main.c plays in `make check`.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each sentence is one line of text, and there is one at least when loading failed. */
static void on_sentence(void *arg, const char *sentence)
{
	unsigned *count = arg;

	if (!*sentence || strpbrk(sentence, "\n\r\x1b"))
		abort();
	(*count)++;
}

static void on_warning(void *arg, const char *sentence)
{
	unsigned ignored = 0;

	(void)arg;
	on_sentence(&ignored, sentence);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *file = tmpfile();
	struct config *config;
	unsigned faults = 0;
	char path[32];

	if (!file || fwrite(data, 1, size, file) != size || fflush(file))
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fileno(file));
	config = config_load(path, on_sentence, on_warning, &faults);
	if (!config != (faults > 0))
		abort();
	config_free(config);
	fclose(file);
	return 0;
}
