/* SPDX-License-Identifier: BSD-3-Clause */
/* metrics - the command: what to read, and where to. */
#include <stdlib.h>
#include <string.h>

#include "detect/detector.h"
#include "engine/config.h"
#include "report/openmetrics.h"
#include "tool/command.h"
#include "tool/flag.h"
#include "tool/metrics.h"
#include "tool/segment.h"

int metrics_print(const struct metrics *metrics, enum exposition_dialect dialect, FILE *out, char *error,
                  size_t error_len)
{
	const struct config *config = metrics->configured.config;
	const char *segment = metrics->file ? metrics->file : config->settings.shared_memory;
	const struct openmetrics how = {
		.dialect = dialect, .clients = metrics->clients, .config = config, .now = segment_clock(),
	};
	struct detector_layout layout;
	struct mapping mapping = { 0 };
	bool there;
	int failed;

	detector_layout(&layout);
	there = !mapping_read(&mapping, segment, layout.digest, error, error_len);
	failed = openmetrics_print(there ? &mapping : NULL, &how, out);
	if (there)
		mapping_detach(&mapping);
	if (failed) {
		snprintf(error, error_len, "%s: could not be printed: %s", segment, strerror(-failed));
		return -1;
	}
	return !there;
}

/* Nothing is said to a collector of numbers by half: what is there is whole, or it is not printed. */
static int print_once(const struct metrics *metrics, enum exposition_dialect dialect)
{
	char error[512], *text = NULL;
	size_t len;
	FILE *memory = open_memstream(&text, &len);
	int result = memory ? metrics_print(metrics, dialect, memory, error, sizeof(error)) : -1;

	if (!memory || fclose(memory)) {
		fputs("no memory\n", stderr);
		result = -1;
	} else if (result) {
		fprintf(stderr, "%s\n", error);
	} else if (fwrite(text, 1, len, stdout) != len || fflush(stdout)) {
		fputs("stdout could not be written\n", stderr);
		result = -1;
	}
	free(text);
	return result ? STATUS_FOUND : STATUS_FINE;
}

static bool read_clients(const char *text, uint32_t *clients)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || number > OPENMETRICS_CLIENTS_MAX) {
		fprintf(stderr, "--clients: '%s' is not a number from 0 to %d\n", text, OPENMETRICS_CLIENTS_MAX);
		return false;
	}
	*clients = (uint32_t)number;
	return true;
}

static bool read_format(const char *text, enum exposition_dialect *dialect)
{
	*dialect = !strcmp(text, "prometheus") ? EXPOSITION_PROMETHEUS : EXPOSITION_OPENMETRICS;
	if (*dialect == EXPOSITION_PROMETHEUS || !strcmp(text, "openmetrics"))
		return true;
	fprintf(stderr, "--format: '%s' is not openmetrics or prometheus\n", text);
	return false;
}

int command_metrics(int argc, char **argv)
{
	const char *file = NULL, *path = NULL, *clients = "0", *address = NULL, *format = "openmetrics";
	const struct flag flags[] = {
		{ .letter = 'c', .name = "config", .text = &path },
		{ .letter = 'f', .name = "format", .text = &format },
		{ .name = "file", .text = &file },
		{ .name = "clients", .text = &clients },
		{ .name = "listen", .text = &address },
		FLAG_END
	};
	enum exposition_dialect dialect = EXPOSITION_OPENMETRICS;
	struct metrics metrics = { NULL };
	int status;

	if (flags_read(flags, argc, argv) != argc || !read_clients(clients, &metrics.clients) ||
	    !read_format(format, &dialect))
		return command_usage("metrics");
	metrics.file = file;
	/* Who names the file and no clients needs no configuration, so none has to be right. */
	if ((!file || metrics.clients) && !configured_open(&metrics.configured, path))
		return STATUS_FOUND;
	status = address ? metrics_serve(&metrics, address) : print_once(&metrics, dialect);
	configured_close(&metrics.configured);
	return status;
}
