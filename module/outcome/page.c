/* SPDX-License-Identifier: BSD-3-Clause */
/* page - gathers while the replay runs, and is written at its end. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "outcome/html.h"
#include "outcome/page_parts.h"

#define DESCRIPTORS "/proc/self/fd"

struct page {
	char *path, *beside; /* what it will be, and what it is called until then */
	bool nameless;       /* it is called nothing: who is killed leaves nothing behind */
	FILE *out;           /* NULL once it is closed */
	char *const *inputs;
	struct timelines lines;
	struct offences findings;
};

/* Made of page.css. */
static const char *const style[] = {
#include "outcome/page_css.inc"
};

/* --- the file -------------------------------------------------------------------------------- */

/* What stands at <path> and is no file is somebody's device or folder. */
static bool is_in_the_way(const char *path)
{
	struct stat stat_of;

	return !stat(path, &stat_of) && !S_ISREG(stat_of.st_mode);
}

/* Removes what is called something. */
static void discard(const struct page *page)
{
	if (!page->nameless)
		unlink(page->beside);
}

/* A file without a name in the folder of <path>; -1 where that, or naming it later, cannot be had. */
static int open_nameless(const char *path)
{
	char *copy = strdup(path);
	int fd = -1;

	if (copy && !access(DESCRIPTORS, X_OK))
		fd = open(dirname(copy), O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666);
	free(copy);
	return fd;
}

/* Makes what was written the page. */
static bool take_place(struct page *page, int fd)
{
	char descriptor[sizeof(DESCRIPTORS) + 16];

	snprintf(descriptor, sizeof(descriptor), DESCRIPTORS "/%d", fd);
	/* A link never replaces what is there, so it takes two steps. */
	if (page->nameless && linkat(AT_FDCWD, descriptor, AT_FDCWD, page->beside, AT_SYMLINK_FOLLOW))
		return false;
	page->nameless = false;
	return !rename(page->beside, page->path);
}

static bool file_open(struct page *page, const char *path)
{
	int fd;

	page->path = strdup(path);
	if (asprintf(&page->beside, "%s.%ld", path, (long)getpid()) < 0)
		page->beside = NULL;
	if (!page->path || !page->beside) {
		errno = ENOMEM;
		return false;
	}
	fd = open_nameless(path);
	page->nameless = fd >= 0;
	if (fd < 0)
		fd = open(page->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		return false;
	page->out = fdopen(fd, "w");
	if (!page->out) {
		close(fd);
		discard(page);
	}
	return page->out;
}

/* Closes what was written; it becomes the page when nothing went wrong. */
static bool file_close(struct page *page)
{
	bool written = !fflush(page->out) && !ferror(page->out) && take_place(page, fileno(page->out));
	int reason = errno ? errno : EIO;

	fclose(page->out);
	page->out = NULL;
	if (written)
		return true;
	discard(page);
	errno = reason;
	return false;
}

struct page *page_new(const char *path, char *const *inputs, char *error, size_t error_len)
{
	struct page *page;

	if (is_in_the_way(path)) {
		snprintf(error, error_len, "%s: is not a file, and a page replaces what it finds", path);
		return NULL;
	}
	page = calloc(1, sizeof(*page));
	if (page && timelines_init(&page->lines) && file_open(page, path)) {
		page->inputs = inputs;
		return page;
	}
	snprintf(error, error_len, "%s: cannot be written: %s", path, strerror(errno));
	page_free(page);
	return NULL;
}

void page_free(struct page *page)
{
	if (!page)
		return;
	if (page->out) {
		fclose(page->out);
		discard(page);
	}
	timelines_free(&page->lines);
	offences_free(&page->findings);
	free(page->beside);
	free(page->path);
	free(page);
}

/* --- while it runs --------------------------------------------------------------------------- */

void page_observe(struct page *page, struct warden *warden, const struct warden_observation *obs)
{
	const struct mapping *mapping = &warden->mapping;
	const struct rules *rules;
	uint8_t client[16];
	struct name name;
	unsigned cell, label;
	uint64_t domain;

	if (!page || !(obs->what & WARDEN_QUESTION) || !name_parse(&name, obs->qname, obs->qname_len))
		return;
	rules = rules_enter(warden, &cell);
	client_of(rules->config, obs, client);
	label = suffix_domain(rules->config->suffixes, &name);
	rules_leave(warden, cell);
	domain = domain_hash(mapping, name_tail(&name, label), name_tail_len(&name, label));
	timelines_add(&page->lines, pair_hash(mapping, client_hash(mapping, client), domain), obs->now);
}

bool page_record(struct page *page, struct warden *warden, const struct record *record)
{
	const struct offence *finding;
	struct timeline *line;

	if (!page)
		return true;
	if (!offences_add(&page->findings, warden, record, &finding))
		return false;
	line = finding ? page_timeline(&page->lines, &warden->mapping, finding) : NULL;
	if (line)
		line->wanted = true;
	return true;
}

/* --- at its end ------------------------------------------------------------------------------ */

/* A page that has no script may not load one either, nor anything else. */
static void print_top(FILE *out)
{
	html_print(out, "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n"
	           "<meta charset=\"utf-8\"/>\n"
	           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	           "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\"/>\n"
	           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
	           "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
	           "<meta name=\"referrer\" content=\"no-referrer\"/>\n"
	           "<title>Warden: what a recording holds</title>\n<style>\n");
	for (size_t i = 0; i < sizeof(style) / sizeof(*style); i++)
		fputs(style[i], out);
	html_print(out, "</style>\n</head>\n<body>\n<main>\n");
}

static void print_all_over_time(const struct sheet *sheet)
{
	if (!sheet->lines->width)
		return;
	html_print(sheet->out, "<section id=\"time\">\n<h2>Questions over time</h2>\n");
	chart_all(sheet);
	html_print(sheet->out, "</section>\n");
}

static void print_foot(const struct sheet *sheet)
{
	char forgotten[SHORT_TEXT_MAX];

	html_print(sheet->out, "<footer>\n<p>A finding is the strongest verdict for a client, a domain and a "
	           "detector, and the moment when it was first reached by a detector so sure. Severity is how sure the detector is; the "
	           "verdict is what the configuration makes of it. Times are UTC.</p>\n");
	if (sheet->lines->forgotten)
		html_print(sheet->out, "<p>There were more pairs than a page keeps over time: %s were forgotten, so "
		           "some pictures begin late.</p>\n", count_text(forgotten, sheet->lines->forgotten));
	html_print(sheet->out, "<p>unbound-warden %s</p>\n</footer>\n</main>\n</body>\n</html>\n", WARDEN_VERSION);
}

static bool print_page(struct sheet *sheet)
{
	bool enough = sheet->finding && allow_gather(sheet);

	if (enough) {
		print_top(sheet->out);
		page_head(sheet);
		print_all_over_time(sheet);
		page_findings(sheet);
		page_clients(sheet);
		page_detectors(sheet);
		page_allow(sheet);
		print_foot(sheet);
	}
	allow_free(sheet);
	free(sheet->finding);
	return enough;
}

int page_write(struct page *page, struct warden *warden, const struct summary *summary, char *error,
               size_t error_len)
{
	struct sheet sheet;
	unsigned cell;

	if (!page)
		return 0;
	sheet = (struct sheet){ .out = page->out, .lines = &page->lines, .summary = summary,
		.warden = warden, .inputs = page->inputs, .findings = &page->findings,
		.finding = offences_list(&page->findings), .count = page->findings.count };
	errno = 0;
	sheet.config = rules_enter(warden, &cell)->config;
	if (!print_page(&sheet)) {
		rules_leave(warden, cell);
		snprintf(error, error_len, "%s: cannot be written: memory is short", page->path);
		return -1;
	}
	rules_leave(warden, cell);
	if (file_close(page))
		return 0;
	snprintf(error, error_len, "%s: cannot be written: %s", page->path, strerror(errno));
	return -1;
}
