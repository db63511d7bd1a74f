/* SPDX-License-Identifier: BSD-3-Clause */
/* texts - see texts.h. */
#include <jansson.h>

#include "fuzz.h"
#include "report/burn_in.h"
#include "report/event.h"
#include "report/event_read.h"
#include "report/explain.h"
#include "report/ocsf.h"
#include "report/show.h"
#include "report/show_client.h"
#include "report/stats.h"
#include "report/tap.pb-c.h"
#include "report/tap_event.h"
#include "report/top.h"
#include "texts.h"
#include "top/top_state.h"

/* --- events -------------------------------------------------------------------------------- */

/* What is told of <record> comes back as it was. */
static void read_back(const struct record *record, const char *line)
{
	struct told told;
	struct name name;

	must(event_read(&told, line, strlen(line)) == NULL);
	must(told.sequence == (record->sequence < INT64_MAX ? record->sequence : INT64_MAX));
	must(told.suppressed == record->suppressed);
	must(told.verdict == record->verdict);
	must(told.dry_run == (record->dry_run != 0));
	must(!memcmp(told.client, record->client, sizeof(told.client)));
	must(name_parse(&name, record->qname, record->qname_len));
	must(told.name.len == name.len && !memcmp(told.name.wire, name.wire, name.len));
	must(told.domain_label == (record->payload_labels < name.labels ? record->payload_labels : name.labels));
}

/* In the other formats it is whole as well, whatever lies in it. */
static void other_formats(const struct record *record, const struct mapping *mapping)
{
	char *line = ocsf_line(record, "resolver.example", mapping);
	json_t *event = line ? json_loads(line, JSON_REJECT_DUPLICATES, NULL) : NULL;
	uint8_t octets[TAP_EVENT_MAX];
	size_t len = tap_event(octets, record, "resolver.example");
	Tap__Dnstap *tap = tap__dnstap__unpack(NULL, len, octets);

	must(line && is_printable(line) && json_is_object(event));
	must(len > 0 && tap && tap->message && tap->message->policy);
	tap__dnstap__free_unpacked(tap, NULL);
	json_decref(event);
	free(line);
}

void texts_event(const struct record *record, const struct mapping *mapping, bool sound)
{
	char *line = event_line(record, "resolver.example", mapping), reason[REASON_MAX];
	json_t *event;

	must(line != NULL);
	must(is_printable(line)); /* so it is one line */
	event = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
	must(json_is_object(event));
	must(json_string_length(json_object_get(json_object_get(event, "event"), "reason")) > 0);
	must(json_string_length(json_object_get(json_object_get(event, "dns"), "type")) > 0);
	json_decref(event);
	other_formats(record, mapping);
	event_reason(reason, record, mapping);
	must(*reason && strlen(reason) < sizeof(reason) && is_printable(reason));
	if (sound)
		read_back(record, line);
	free(line);
}

unsigned texts_drain(struct warden *warden, uint64_t now, bool sound, bool read)
{
	uint32_t most = 4 * warden->mapping.journal.ring.mask + 4;
	uint64_t skipped = 0;
	struct record record;
	unsigned count = 0;

	for (; count < most && journal_get(&warden->mapping.journal, &record, now, &skipped); count++)
		if (read)
			texts_event(&record, &warden->mapping, sound);
	must(!sound || count < most);
	return count;
}

/* --- reports ------------------------------------------------------------------------------- */

void texts_printable(const char *text, size_t len)
{
	must(!len || text[len - 1] == '\n');
	for (size_t i = 0; i < len; i++)
		must(text[i] == '\n' || (text[i] >= ' ' && text[i] <= '~'));
}

/* Lines that are a JSON object each. */
static void check_json_lines(const char *text, size_t len)
{
	while (len) {
		const char *newline = memchr(text, '\n', len);
		json_t *object;

		must(newline != NULL);
		object = json_loadb(text, (size_t)(newline - text), JSON_REJECT_DUPLICATES, NULL);
		must(json_is_object(object));
		json_decref(object);
		len -= (size_t)(newline - text) + 1;
		text = newline + 1;
	}
}

/* What a report is made of. */
enum format { TEXT, JSON_LINES, JSON };

struct page {
	FILE *out;
	char *text;
	size_t len;
};

static FILE *page_open(struct page *page)
{
	*page = (struct page){ 0 };
	page->out = open_memstream(&page->text, &page->len);
	must(page->out != NULL);
	return page->out;
}

static void page_close(struct page *page, enum format format)
{
	json_t *object;

	must(!fclose(page->out));
	texts_printable(page->text, page->len);
	if (format == JSON_LINES)
		check_json_lines(page->text, page->len);
	if (format == JSON) {
		object = json_loads(page->text, JSON_REJECT_DUPLICATES, NULL);
		must(json_is_object(object));
		json_decref(object);
	}
	free(page->text);
}

static void check_listings(const struct mapping *mapping, uint64_t now)
{
	struct page page;

	for (const struct show_listing *listing = show_listings; listing->name; listing++)
		for (unsigned way = 0; way < 6; way++) {
			struct show show = { .out = page_open(&page), .layout = way % 3, .now = now,
				             .top = way / 3 ? 3 : 0, .dry_run = way < 2 };

			must(!show_print(listing, mapping, &show));
			page_close(&page, show.layout == SHOW_JSON ? JSON_LINES : TEXT);
		}
	must(!show_exemptions(mapping, &(struct show){ .out = page_open(&page), .now = now }));
	page_close(&page, TEXT);
	for (const struct emitter *emitter = emitters; emitter->name; emitter++) {
		stats_print(mapping, emitter, page_open(&page));
		page_close(&page, TEXT);
	}
}

static void check_burn_in(struct warden *warden)
{
	const struct rules *rules = atomic_load(&warden->rules);
	struct burn_in *burn = burn_in_new(rules->config, 0);
	struct page page;

	must(burn != NULL);
	burn_in_holds(burn, &warden->mapping);
	must(!burn_in_finish(burn));
	must(!burn_in_print(burn, page_open(&page)));
	page_close(&page, TEXT);
	page_open(&page);
	must(!burn_in_json(burn, page.out));
	page_close(&page, JSON);
	burn_in_free(burn);
}

/* The live view: each table twice, and what is behind its first row. */
static void check_top(struct warden *warden, uint64_t now)
{
	struct canvas *canvas = malloc(sizeof(*canvas));
	struct top top = { .path = "segment", .interval = 2000 };
	struct page page;

	must(canvas && !rows_open(&top.rows, warden));
	for (unsigned view = 0; view < VIEW_COUNT; view++)
		for (unsigned open = 0; open < 2; open++) {
			top_turn(&top, (enum view_id)view, "", false);
			top_look(&top, now + open, true);
			if (open)
				top_press(&top, PRESS_ENTER);
			canvas_clear(canvas, open ? 60 : 200, 30);
			top_paint(&top, canvas);
			canvas_print(canvas, page_open(&page));
			page_close(&page, TEXT);
			if (top.sheet.kind != SHEET_NONE)
				top_press(&top, PRESS_ESCAPE);
		}
	free(top.sheet.text);
	rows_close(&top.rows);
	free(canvas);
}

void texts_reports(struct warden *warden, const uint8_t client[16], const struct name *name, uint64_t now)
{
	char totals[4096];
	struct page page;
	size_t len;

	check_listings(&warden->mapping, now);
	check_burn_in(warden);
	must(!top_clients(warden, 10, now, page_open(&page)));
	page_close(&page, TEXT);
	must(!top_domains(warden, 10, now, page_open(&page)));
	page_close(&page, TEXT);
	explain_print(warden, client, name, now, page_open(&page));
	page_close(&page, TEXT);
	show_client(warden, client, now, page_open(&page));
	page_close(&page, TEXT);
	check_top(warden, now);
	len = warden_totals(warden, totals, sizeof(totals));
	must(len <= sizeof(totals));
	texts_printable(totals, len);
}
