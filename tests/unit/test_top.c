/* SPDX-License-Identifier: BSD-3-Clause */
/* test_top - what `top` shows, without a terminal: rates, rows, screens of text, keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "report/stats.h"
#include "support.h"
#include "top/top_state.h"

static struct canvas canvas;

/* ---- numbers ------------------------------------------------------------------- */

static void figures_fit(void **state)
{
	static const struct {
		uint64_t count;
		int width;
		const char *text;
	} counts[] = {
		{ 0, 7, "0" }, { 9999999, 7, "9999999" }, { 10000000, 7, "10.00M" }, { 1234, 3, "1k" },
		{ 262144, 5, "262k" }, { 12345678901, 7, "12.35G" }, { UINT64_MAX, 7, "18.45E" }, { 99999, 4, "100k" },
	};
	static const struct {
		uint64_t seconds;
		const char *text;
	} times[] = {
		{ 0, "0s" }, { 99, "99s" }, { 100, "1m" }, { 5999, "99m" }, { 6000, "1h" }, { 172799, "47h" },
		{ 172800, "2d" }, { UINT64_MAX, "never" },
	};
	char text[FIGURE_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		assert_string_equal(figure_count(text, counts[i].count, counts[i].width), counts[i].text);
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++)
		assert_string_equal(figure_time(text, times[i].seconds), times[i].text);
	assert_string_equal(figure_rate(text, 0, 6), "0.0");
	assert_string_equal(figure_rate(text, 999949, 6), "999.9");
	assert_string_equal(figure_rate(text, 999950, 6), "1000");
	assert_string_equal(figure_rate(text, UINT64_C(1234567000), 6), "1.23M");
}

static void rates_need_two_looks(void **state)
{
	struct rates rates = { .seen = NULL };
	const uint64_t hash = UINT64_C(7) << 32, other = UINT64_C(8) << 32;
	double rate;

	(void)state;
	rates_reset(&rates, 4);
	rates_begin(&rates, NOW);
	rates_note(&rates, 1, hash, 1000);
	assert_false(rates_of(&rates, 1, hash, &rate));
	rates_begin(&rates, NOW + 500);
	rates_note(&rates, 1, hash, 1010);
	assert_true(rates_of(&rates, 1, hash, &rate));
	assert_true(rate == 20);
	/* Somebody else's, and where nobody is. */
	assert_false(rates_of(&rates, 1, other, &rate));
	assert_false(rates_of(&rates, 2, hash, &rate));
	assert_false(rates_of(&rates, 4, hash, &rate));
	/* Who took the place has grown from nothing, and so has what went back. */
	rates_begin(&rates, NOW + 1500);
	rates_note(&rates, 1, other, 3);
	assert_true(rates_of(&rates, 1, other, &rate) && rate == 3);
	rates_begin(&rates, NOW + 2500);
	rates_note(&rates, 1, other, 2);
	assert_true(rates_of(&rates, 1, other, &rate) && rate == 2);
	/* A clock that steps back. */
	rates_begin(&rates, NOW);
	assert_false(rates_of(&rates, 1, other, &rate));
	/* Counts whose lower half begins anew. */
	rates_note(&rates, 1, other, UINT32_MAX);
	rates_begin(&rates, NOW + 1000);
	rates_note(&rates, 1, other, UINT64_C(1) << 32);
	assert_true(rates_of(&rates, 1, other, &rate) && rate == 1);
	rates_free(&rates);
}

static void count(struct warden *warden, enum counter_id id, uint64_t n)
{
	bank_add(bank_mine(&warden->mapping.counters), id, n);
}

/* `stats` between two looks takes nothing from a rate: it moves what is subtracted, not the sums. */
static void a_reset_is_no_rate(void **state)
{
	struct warden *warden = open_engine("", true);
	FILE *nowhere = fopen("/dev/null", "w");
	struct head head = { .looked = 0 };

	(void)state;
	assert_non_null(nowhere);
	count(warden, COUNTER_misses, 100);
	head_look(&head, &warden->mapping, NOW);
	assert_true(head_questions(&head) == 0);
	count(warden, COUNTER_misses, 6);
	count(warden, COUNTER_cachehits, 2);
	stats_print_and_reset(&warden->mapping, emitter_find("plain"), nowhere);
	head_look(&head, &warden->mapping, NOW + 2000);
	assert_true(head_questions(&head) == 4);
	assert_true(head_rate(&head, COUNTER_misses) == 3);
	assert_int_equal(head.shown[COUNTER_misses], 0);
	/* Another segment. */
	warden->mapping.header->created++;
	head_look(&head, &warden->mapping, NOW + 4000);
	assert_true(head_questions(&head) == 0);
	fclose(nowhere);
	warden_close(warden);
}

/* ---- rows ---------------------------------------------------------------------- */

static void ask(struct warden *warden, const char *client, const char *name, unsigned times)
{
	while (times--)
		decision_on(warden, client, name, 1);
}

/* Three clients, of which the second is refused, and one of IPv6. */
static struct warden *network(void)
{
	struct warden *warden = open_engine("warden:\n mode: enforce\n", true);

	ask(warden, "192.0.2.1", "www.example.net", 9);
	provoke(warden, "192.0.2.12", "tunnel.example.com");
	ask(warden, "192.0.2.13", "www.example.net", 5);
	ask(warden, "2001:db8:1:2:3:4:5:6", "mail.badexample.com", 2);
	return warden;
}

static void open_top(struct top *top, struct warden *warden)
{
	memset(top, 0, sizeof(*top));
	top->path = "/nowhere/segment";
	top->interval = 2000;
	top->page_rows = 3;
	assert_int_equal(rows_open(&top->rows, warden), 0);
	top_look(top, NOW, true);
}

static void close_top(struct top *top)
{
	rows_close(&top->rows);
	free(top->sheet.text);
	warden_close(top->rows.warden);
}

/* The first text of each row, with spaces between. */
static const char *listed(const struct top *top, enum text_id what)
{
	static char text[4096];
	struct entry entry;

	text[0] = '\0';
	for (uint32_t i = 0; rows_entry(&top->rows, i, &entry); i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i ? " " : "", entry.text[what]);
	return text;
}

/* Presses each character of <keys>, and looks as the loop does. */
static void press(struct top *top, const char *keys)
{
	for (; *keys; keys++)
		top_press(top, *keys);
	if (top->look)
		top_look(top, top->rows.now, false);
}

static void rows_are_sorted(void **state)
{
	struct top top;

	(void)state;
	open_top(&top, network());
	assert_string_equal(listed(&top, TEXT_CLIENT), "192.0.2.12 192.0.2.1 192.0.2.13 2001:db8:1:2::");
	press(&top, ">>"); /* from RISK to Q/S and to QUERIES */
	assert_string_equal(listed(&top, TEXT_CLIENT), "192.0.2.1 192.0.2.13 192.0.2.12 2001:db8:1:2::");
	press(&top, "r");
	assert_string_equal(listed(&top, TEXT_CLIENT), "2001:db8:1:2:: 192.0.2.12 192.0.2.13 192.0.2.1");
	press(&top, "r<");
	assert_string_equal(views[VIEW_CLIENTS].column[top.rows.sort[VIEW_CLIENTS]].title, "Q/S");
	press(&top, "<<"); /* round the columns that have no numbers */
	assert_string_equal(views[VIEW_CLIENTS].column[top.rows.sort[VIEW_CLIENTS]].title, "IDLE");
	press(&top, "2");
	assert_string_equal(listed(&top, TEXT_NAME), "example.com example.net example.net badexample.com");
	press(&top, "d");
	assert_string_equal(views[top.rows.view].name, "domains");
	close_top(&top);
}

static void rows_are_filtered(void **state)
{
	static const struct {
		const char *filter, *clients;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "192.0.2.", "192.0.2.12 192.0.2.1 192.0.2.13" },
		{ "192.0.2.12/31", "192.0.2.12 192.0.2.13" },
		{ "::/0", "2001:db8:1:2::" },
		{ "2001:db8:1:2:9:9:9:9", "2001:db8:1:2::" },
		{ "2001:", "2001:db8:1:2::" },
		{ "EXAMPLE.net", "192.0.2.1 192.0.2.13" },
		{ "example.com", "192.0.2.12 2001:db8:1:2::" },
		{ "=example.com", "192.0.2.12" },
		{ "null-rate", "192.0.2.12" },
		{ "nothing", "" },
		{ "", "192.0.2.12 192.0.2.1 192.0.2.13 2001:db8:1:2::" },
	};
	struct top top;

	(void)state;
	open_top(&top, network());
	press(&top, "p");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		press(&top, "/\025"); /* ^U */
		press(&top, rows[i].filter);
		press(&top, "\n");
		assert_string_equal(listed(&top, TEXT_CLIENT), rows[i].clients);
	}
	/* Esc takes back what was typed, then goes back, at last out. */
	press(&top, "/192.0.2.1\n/3\033");
	assert_string_equal(top.filter, "192.0.2.1");
	press(&top, "\033");
	assert_string_equal(top.filter, "");
	assert_false(top.quit);
	press(&top, "\033");
	assert_true(top.quit);
	close_top(&top);
}

static void rates_of_rows(void **state)
{
	struct warden *warden = network();
	struct entry entry;
	struct top top;

	(void)state;
	open_top(&top, warden);
	assert_true(rows_entry(&top.rows, 0, &entry) && !entry.rated);
	ask(warden, "192.0.2.13", "www.example.net", 6);
	top_look(&top, NOW + 2000, true);
	press(&top, ">"); /* by Q/S; and a look in between is no second sample */
	press(&top, "/\n");
	assert_true(rows_entry(&top.rows, 0, &entry) && entry.rated);
	assert_string_equal(entry.text[TEXT_CLIENT], "192.0.2.13");
	assert_int_equal(entry.number[NUMBER_RATE], 3000);
	assert_int_equal(entry.number[NUMBER_QUERIES], 11);
	press(&top, "2"); /* nothing is known of another table's yet */
	assert_true(rows_entry(&top.rows, 0, &entry) && !entry.rated);
	close_top(&top);
}

/* ---- the way to a page and back -------------------------------------------------- */

static void pages_open(void **state)
{
	struct top top;

	(void)state;
	open_top(&top, network());
	press(&top, "\n");
	assert_int_equal(top.sheet.kind, SHEET_CLIENT);
	assert_non_null(strstr(top.sheet.text, "client: 192.0.2.12\n"));
	press(&top, "?");
	assert_non_null(strstr(top.sheet.text, "\nRISK: "));
	press(&top, "q");
	assert_int_equal(top.sheet.kind, SHEET_CLIENT);
	press(&top, "p"); /* its pairs, of which the first has a ledger */
	assert_int_equal(top.sheet.kind, SHEET_NONE);
	assert_string_equal(listed(&top, TEXT_NAME), "example.com");
	press(&top, "\n");
	assert_int_equal(top.sheet.kind, SHEET_PAIR);
	assert_non_null(strstr(top.sheet.text, "pair.up: "));
	press(&top, "q\033");
	assert_int_equal(top.rows.view, VIEW_CLIENTS);
	assert_string_equal(top.filter, "");
	press(&top, "3/badexample\n\n"); /* a domain's pairs */
	assert_int_equal(top.rows.view, VIEW_PAIRS);
	assert_string_equal(listed(&top, TEXT_CLIENT), "2001:db8:1:2::");
	press(&top, "\033");
	assert_int_equal(top.rows.view, VIEW_DOMAINS);
	assert_string_equal(top.filter, "badexample");
	press(&top, "4\n");
	assert_int_equal(top.sheet.kind, SHEET_PAIR);
	press(&top, "q5/num.cachehits\n\n");
	assert_non_null(strstr(top.sheet.text, "meaning: Questions answered from the cache."));
	press(&top, "qq");
	assert_true(top.quit);
	close_top(&top);
}

/* Who is selected stays so when others overtake. */
static void selection_follows(void **state)
{
	struct warden *warden = network();
	struct entry entry;
	struct top top;

	(void)state;
	open_top(&top, warden);
	press(&top, ">>j"); /* 192.0.2.13, second by questions */
	ask(warden, "2001:db8:1:2::1", "www.example.net", 50);
	top_look(&top, NOW + 1, true);
	assert_true(rows_entry(&top.rows, top.selected, &entry));
	assert_string_equal(entry.text[TEXT_CLIENT], "192.0.2.13");
	assert_int_equal(top.selected, 2);
	press(&top, "g"); /* at the top, what comes first is selected */
	ask(warden, "192.0.2.1", "www.example.net", 90);
	top_look(&top, NOW + 2, true);
	assert_int_equal(top.selected, 0);
	press(&top, "G");
	assert_int_equal(top.selected, 3);
	close_top(&top);
}

/* ---- screens --------------------------------------------------------------------- */

static const char *painted(struct top *top, int width, int height)
{
	static char text[CANVAS_HEIGHT_MAX * (CANVAS_WIDTH_MAX + 1)];
	FILE *out = fmemopen(text, sizeof(text), "w");

	assert_non_null(out);
	canvas_clear(&canvas, width, height);
	top_paint(top, &canvas);
	canvas_print(&canvas, out);
	fclose(out);
	return text;
}

/* Line number <y> begins with <start>. */
static void begins(const char *text, int y, const char *start)
{
	const char *line = text;

	for (; y; y--)
		line = strchr(line, '\n') + 1;
	if (strncmp(line, start, strlen(start)))
		fail_msg("line '%s' expected in:\n%s", start, text);
}

static void a_screen(void **state)
{
	const char *text;
	struct top top;

	(void)state;
	open_top(&top, network());
	text = painted(&top, 80, 24);
	begins(text, 0, "Warden  mode enforce");
	begins(text, 1, "questions 0.0/s  resolved 0.0 (0%)  cache 0.0 (0%)  local 0.0 (0%)");
	begins(text, 3, "clients 4/65536 0%  pairs 4/262k 0%  domains 3/262k 0%");
	begins(text, 4, "holds 1  clients held 0  exemptions 0");
	begins(text, 6, "[1 Clients]  2 Pairs  3 Domains  4 Holds  5 Counters  4 by RISK\n");
	begins(text, 7, "CLIENT         RISK    Q/S QUERIES  MISSES   CACHE REFUSED IDLE SAID BY\n");
	begins(text, 8, "192.0.2.12       50      -       3       3       0       1   0s null-rate\n");
	begins(text, 11, "2001:db8:1:2::    0      -       2       2       0       0   0s\n");
	begins(text, 23, "q quit  ? help");
	/* With more room there is more. */
	assert_null(strstr(text, "ANSWERS"));
	assert_non_null(strstr(painted(&top, 160, 50), "ANSWERS"));
	press(&top, "2");
	begins(painted(&top, 80, 24), 7,
	       "CLIENT         DOMAIN         RISK    Q/S QUERIES REFUSED   TOLD IDLE\n");
	press(&top, "/nothing\n");
	begins(painted(&top, 80, 24), 8, "  nothing passes the filter");
	close_top(&top);
}

/* At each size up to the limits and a little beyond, nothing is written where it must not be, and rows line up. */
static void every_size(void **state)
{
	static const char *const places[] = { "1", "2", "3", "4", "5", "?", "q1\n", "q2\n" };
	struct top top;

	(void)state;
	for (unsigned view = 0; view < VIEW_COUNT; view++) {
		unsigned width = 0;

		for (unsigned c = 0; c < views[view].count; c++)
			width += views[view].column[c].order ? 0 : views[view].column[c].width + 1;
		assert_true(width <= TOP_WIDTH_MIN + 1);
	}
	open_top(&top, network());
	assert_non_null(strstr(painted(&top, TOP_WIDTH_MIN - 1, 24), "needs 40 x 10"));
	assert_non_null(strstr(painted(&top, 80, TOP_HEIGHT_MIN - 1), "needs 40 x 10"));
	assert_non_null(strstr(painted(&top, TOP_WIDTH_MIN, TOP_HEIGHT_MIN), "192.0.2.12"));
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		press(&top, places[i]);
		for (int width = 0; width <= CANVAS_WIDTH_MAX + 9; width += width < 170 ? 1 : 69)
			for (int height = 0; height <= CANVAS_HEIGHT_MAX + 9; height += height < 30 ? 3 : 47) {
				canvas_clear(&canvas, width, height);
				top_paint(&top, &canvas);
				for (int y = 0; y < canvas.height; y++)
					assert_int_equal(strlen(canvas.text[y]), canvas.width);
			}
	}
	close_top(&top);
}

/* What somebody put into a name or a comment cannot reach a terminal; texts that are cut say so. */
static void texts_are_safe(void **state)
{
	struct warden *warden = open_engine("", true);
	char error[FAULT_MAX];
	struct name name;
	struct top top;

	(void)state;
	assert_true(name_from_text(&name, "\\027[2J\\010" "a-very-long-label-that-does-not-fit-anywhere.example"));
	assert_true(engine_hold(warden, NULL, &name, NOW, NOW + HOUR, "\033[31mred\n", error, sizeof(error)));
	open_top(&top, warden);
	press(&top, "4");
	assert_non_null(strstr(painted(&top, 160, 24), "?[31mred?"));
	assert_non_null(strstr(painted(&top, 160, 24), "\\027[2j\\010a-very-long"));
	assert_non_null(strstr(painted(&top, 40, 24), " \\027[2j\\010a+ "));
	assert_non_null(strstr(painted(&top, 40, 24), "+"));
	assert_null(strchr(painted(&top, 80, 24), '\033'));
	canvas_clear(&canvas, 10, 1);
	canvas_put(&canvas, 0, 8, 9, LOOK_PLAIN, "\033\377end");
	assert_string_equal(canvas.text[0], "        ??");
	close_top(&top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_fit),
		cmocka_unit_test(rates_need_two_looks),
		cmocka_unit_test(a_reset_is_no_rate),
		cmocka_unit_test(rows_are_sorted),
		cmocka_unit_test(rows_are_filtered),
		cmocka_unit_test(rates_of_rows),
		cmocka_unit_test(pages_open),
		cmocka_unit_test(selection_follows),
		cmocka_unit_test(a_screen),
		cmocka_unit_test(every_size),
		cmocka_unit_test(texts_are_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
