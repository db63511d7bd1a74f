/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_report - any octets as a file of events: bad lines, never a crash, and a report that
 * cannot break a terminal.
 */
#include <jansson.h>

#include "fuzz.h"
#include "report/burn_in.h"

static void on_sentence(void *arg, const char *sentence)
{
	(void)arg;
	(void)sentence;
}

/* The whole report as text. The caller frees it. */
static char *printed(const struct burn_in *burn, int (*print)(const struct burn_in *, FILE *))
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	must(out != NULL);
	must(!print(burn, out));
	must(!fclose(out));
	for (size_t i = 0; i < len; i++)
		must(text[i] == '\n' || (text[i] >= ' ' && text[i] <= '~'));
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct config *config;
	FILE *file = size ? fmemopen((void *)(uintptr_t)data, size, "r") : tmpfile();
	struct burn_in *burn;
	json_t *object;
	char *text;

	if (!config)
		config = config_load(NULL, on_sentence, on_sentence, NULL);
	must(config && file);
	burn = burn_in_new(config, 0);
	must(burn != NULL);
	must(!burn_in_events(burn, file, "events"));
	must(!burn_in_finish(burn));
	must(burn->dry_run <= burn->refuse && burn->refuse <= burn->events);
	free(printed(burn, burn_in_print));
	text = printed(burn, burn_in_json);
	object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	must(object != NULL);
	json_decref(object);
	free(text);
	burn_in_free(burn);
	fclose(file);
	return 0;
}
