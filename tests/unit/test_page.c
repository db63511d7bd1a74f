/* SPDX-License-Identifier: BSD-3-Clause */
/* test_page - pages of hostile names, of nothing, and of too much. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "outcome/html.h"
#include "outcome/page.h"
#include "outcome/page_parts.h"

#include "markup.h"
#include "support.h"

#define PAGE_MAX (5 << 20) /* octets, whatever is found */

static char *no_inputs[] = { NULL };

/* The octets of <path>; the caller frees them. */
static char *read_file(const char *path, size_t *len)
{
	FILE *file = fopen(path, "r");
	char *text = malloc(2 * PAGE_MAX);

	assert_non_null(file);
	assert_non_null(text);
	*len = fread(text, 1, 2 * PAGE_MAX - 1, file);
	text[*len] = '\0';
	assert_int_equal(strlen(text), *len);
	fclose(file);
	return text;
}

static size_t times(const char *text, const char *what)
{
	size_t n = 0;

	while ((text = strstr(text, what))) {
		text += strlen(what);
		n++;
	}
	return n;
}

static void well_formed(const char *page)
{
	const char *fault = markup_fault(page);

	if (fault)
		fail_msg("broken at: %.80s", fault);
}

static void escapes(void **state)
{
	char all[256], *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	for (unsigned c = 1; c < 256; c++)
		all[c - 1] = (char)c;
	all[255] = '\0';
	html_print(out, "<p title=\"%s\">%s %c %u %lu %llu 100%%</p>", all, all, '<', 7u, 8ul, 9ull);
	fclose(out);
	well_formed(text);
	assert_non_null(strstr(text, "&lt; 7 8 9 100%</p>"));
	assert_non_null(strstr(text, " !&quot;#$%&amp;&#39;()*+,-./0123456789:;&lt;=&gt;?@"));
	assert_non_null(strstr(text, "\\001\\002"));
	assert_non_null(strstr(text, "~\\127\\128"));
	assert_non_null(strstr(text, "\\255"));
	free(text);
}

/* What the checker must not let through, or it shows nothing. */
static void checks_markup(void **state)
{
	static const char *const broken[] = {
		"<p>", "</p>", "<p></b>", "<p><b></p></b>", "<p a=b></p>", "<p a=\"<\"></p>", "<p a=\"b\"c=\"d\"></p>",
		"a & b", "&nbsp;", "<>", "<p a></p>", "a > b", "\x7f", "\xc3\xa4", "<script", "<br>",
	};

	(void)state;
	assert_null(markup_fault("<!DOCTYPE html>\n<p a=\"b\" c=\"&lt;\">x &amp; y<br/></p>\n"));
	for (unsigned i = 0; i < sizeof(broken) / sizeof(*broken); i++)
		assert_non_null(markup_fault(broken[i]));
}

/* A record as the engine makes them, of <client> (its last two octets) and <qname>. */
static struct record record_of(unsigned client, const char *qname, unsigned detector, unsigned verdict)
{
	struct record record = {
		.now = NOW, .at_query = 3, .queries = 3, .qtype = 16, .qclass = 1,
		.client = { [10] = 0xff, [11] = 0xff, 198, 51, (uint8_t)(client >> 8), (uint8_t)client },
		.detector = (uint8_t)detector, .verdict = (uint8_t)verdict, .confidence = CONFIDENCE_LOW,
		.score = 10, .dry_run = 1, .what = WARDEN_QUESTION,
		.evidence = { 11, 22, 33, 44, 55, 66, 77, 88, 99, 1010, 1111, 1212 },
	};
	struct name name;

	assert_true(name_from_text(&name, qname));
	memcpy(record.qname, name.wire, name.len);
	record.qname_len = name.len;
	record.payload_labels = name.labels > 2 ? (uint8_t)(name.labels - 2) : 0;
	return record;
}

static void tell(struct page *page, struct warden *warden, const struct record *record)
{
	char client[ADDRESS_TEXT_MAX], qname[NAME_TEXT_MAX];
	struct asked asked;

	question(&asked, address_text(client, record->client), name_text(qname, record->qname, record->qname_len),
	         record->qtype);
	asked.obs.now = record->now;
	page_observe(page, warden, &asked.obs);
	assert_true(page_record(page, warden, record));
}

/* The page of what was told; the caller frees it. */
static char *finish(struct page *page, struct warden *warden, uint64_t observations)
{
	struct summary summary = { .observations = observations, .first = NOW, .last = NOW + 1000 };
	char error[512] = "", *text;
	size_t len;

	assert_int_equal(page_write(page, warden, &summary, error, sizeof(error)), 0);
	assert_string_equal(error, "");
	page_free(page);
	text = read_file(temp("page.html"), &len);
	assert_true(len < PAGE_MAX);
	well_formed(text);
	return text;
}

static struct page *begin(char *const *inputs)
{
	char error[512] = "";
	struct page *page = page_new(temp("page.html"), inputs, error, sizeof(error));

	assert_string_equal(error, "");
	assert_non_null(page);
	return page;
}

/* Nobody who asks can get markup into a page, nor whoever names a file. */
static void hostile(void **state)
{
	static const char *const names[] = {
		"<script>alert(1)</script>.x.example.com", "\\034onload=alert(1)\\032x=\\034.example.com",
		"'onerror='a'.\\060img\\032src=x\\062.example.com", "&lt;b&gt;.&amp;.example.org", "]]>.<!--.example.net",
		"</style></pre></svg>.<svg/onload=x>.example.net", "\\000\\001\\010\\013\\127\\128\\255.example.com",
		"javascript:alert(1).<title>.example", "<img>.<b>", ".",
	};
	char *inputs[] = { "<b>\"'&\n\xc3\xa4\xff.pcap", "-", NULL };
	struct warden *warden = open_engine("", true);
	struct page *page = begin(inputs);
	char *text;

	(void)state;
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct record record = record_of(i, names[i], i % DETECTOR_COUNT, WARDEN_REFUSE);

		record.confidence = (uint8_t)(1 + i % 3);
		tell(page, warden, &record);
	}
	/* Whatever comes out of shared memory. */
	for (unsigned i = 0; i < 256; i++) {
		struct record record = record_of(i, "www.example.com", i, i);

		record.confidence = record.reason = (uint8_t)i;
		record.now = UINT64_MAX >> i % 64;
		memset(record.evidence, (int)i, sizeof(record.evidence));
		tell(page, warden, &record);
	}
	text = finish(page, warden, 10);
	assert_int_equal(times(text, "<script"), 0);
	assert_int_equal(times(text, "<img"), 0);
	assert_int_equal(times(text, "onload=\""), 0);
	assert_int_equal(times(text, "</style>"), 1);
	assert_true(times(text, "&lt;script&gt;alert(1)&lt;/script&gt;.x.example.com") >= 1);
	assert_true(times(text, "&#39;onerror=&#39;a&#39;") >= 1);
	assert_non_null(strstr(text, "&lt;b&gt;&quot;&#39;&amp;\\010\\195\\164\\255.pcap"));
	assert_non_null(strstr(text, "standard input"));
	free(text);
	warden_close(warden);
}

/* What would fetch, run or send something: the policy forbids it, and there is none of it either. */
static void needs_nobody(void **state)
{
	static const char *const none[] = {
		"<script", "<link", "<img", "<iframe", "<form", "<object", "<base", "<a href=\"h", "src=", "url(", "@import",
		"javascript:", "https:", "//", " on",
	};
	struct warden *warden = open_engine("", true);
	struct page *page = begin(no_inputs);
	struct record record = record_of(1, "abc.example.com", DETECTOR_information, WARDEN_REFUSE);
	char *text, *body;

	(void)state;
	tell(page, warden, &record);
	text = finish(page, warden, 1);
	assert_non_null(strstr(text, "content=\"default-src 'none'; style-src 'unsafe-inline';"));
	body = strstr(text, "<meta name=\"viewport\"");
	assert_non_null(body);
	for (unsigned i = 0; i < sizeof(none) / sizeof(*none) - 1; i++)
		if (strstr(body, none[i]))
			fail_msg("there is %s", none[i]);
	free(text);
	warden_close(warden);
}

static void nothing(void **state)
{
	struct warden *warden = open_engine("", true);
	struct asked asked;
	struct page *page;
	char *text;

	(void)state;
	text = finish(begin(no_inputs), warden, 0);
	assert_non_null(strstr(text, "<h1>Nothing was observed</h1>"));
	assert_int_equal(times(text, "<svg"), 0);
	free(text);

	page = begin(no_inputs);
	question(&asked, "192.0.2.1", "www.example.com", 1);
	page_observe(page, warden, &asked.obs);
	text = finish(page, warden, 1);
	assert_non_null(strstr(text, "<h1>Nothing was found</h1>"));
	assert_int_equal(times(text, "<svg"), 1);
	free(text);
	warden_close(warden);
}

/* <count> findings of different clients, as long as they can be, in a page. */
static char *page_of(unsigned count)
{
	struct warden *warden = open_engine("", true);
	struct page *page = begin(no_inputs);
	char qname[4 * NAME_WIRE_MAX] = "", *to = qname, *text;

	/* Four labels of quotes: the longest that a name can become. */
	for (unsigned i = 0; i < 4; i++)
		to += sprintf(to, "%.*s.", i == 3 ? 57 : 63,
		              "'''''''''''''''''''''''''''''''''''''''''''''''''''''''''''''''");
	for (unsigned i = 0; i < count; i++) {
		struct record record = record_of(i, qname, DETECTOR_information, WARDEN_REFUSE);

		record.now += i * 10; /* so that no bar of the chart is missing */
		record.confidence = i % 3 ? CONFIDENCE_HIGH : CONFIDENCE_LOW;
		tell(page, warden, &record);
	}
	text = finish(page, warden, count);
	warden_close(warden);
	return text;
}

/* Both sides of how many are told in full, and far beyond it. */
static void bounds(void **state)
{
	char *text = page_of(FINDINGS_SHOWN);

	(void)state;
	assert_int_equal(times(text, "<article"), FINDINGS_SHOWN);
	assert_int_equal(times(text, "id=\"rest\""), 0);
	free(text);

	text = page_of(FINDINGS_SHOWN + 1);
	assert_int_equal(times(text, "<article"), FINDINGS_SHOWN);
	assert_non_null(strstr(text, "The strongest 500 findings are told here; 1 weaker ones"));
	free(text);

	text = page_of(10000);
	assert_int_equal(times(text, "<article"), FINDINGS_SHOWN);
	assert_int_equal(times(text, "<article class=\"high\""), FINDINGS_SHOWN);
	assert_non_null(strstr(text, "10,000 findings:"));
	assert_non_null(strstr(text, "9,500 weaker ones"));
	assert_int_equal(times(text, "<tr>"), 1 + ROWS_SHOWN + 2);
	assert_int_equal(times(text, "id=\"dropped\""), 0);
	free(text);

	text = page_of(OFFENCES_MAX + 1);
	assert_non_null(strstr(text, "<h1>At least "));
	assert_non_null(strstr(text, "The strongest 8,193 findings:"));
	assert_non_null(strstr(text, "8,192 of the weakest are in no number here"));
	free(text);
}

/* A full tree lets the weak go, and never one that is stronger than what stays. */
static void keeps_the_strong(void **state)
{
	struct warden *warden = open_engine("", true);
	struct offences findings = { .most = 4 };
	const struct offence *found;
	struct offence **list;

	(void)state;
	for (unsigned i = 0; i < 40; i++) {
		struct record record = record_of(i, "www.example.com", DETECTOR_information, WARDEN_LOG);

		if (i == 7)
			record.confidence = CONFIDENCE_HIGH;
		assert_true(offences_add(&findings, warden, &record, &found));
		assert_non_null(found);
		assert_true(findings.count <= 4);
		assert_int_equal(findings.count + findings.dropped, i + 1);
	}
	list = offences_list(&findings);
	assert_int_equal(list[0]->key.client[15], 7);
	free(list);
	offences_free(&findings);
	warden_close(warden);
}

/* The strongest verdict counts, with the moment at which it was first reached. */
static void strongest_first(void **state)
{
	struct warden *warden = open_engine("", true);
	struct page *page = begin(no_inputs);
	struct record record = record_of(1, "a.t.example.com", DETECTOR_information, WARDEN_LOG);
	char *text;

	(void)state;
	tell(page, warden, &record);
	record = record_of(1, "b.t.example.com", DETECTOR_information, WARDEN_REFUSE);
	record.now += 5000;
	record.at_query = 77;
	record.confidence = CONFIDENCE_HIGH;
	tell(page, warden, &record);
	record.now += 5000;
	record.at_query = 99;
	tell(page, warden, &record);
	record = record_of(2, "c.example.org", DETECTOR_long_names_client, WARDEN_TAG);
	tell(page, warden, &record);
	text = finish(page, warden, 4);
	assert_non_null(strstr(text, "<h1>1 client looks like a tunnel</h1>"));
	assert_int_equal(times(text, "<article"), 2);
	assert_non_null(strstr(text, "<dt>At question</dt><dd>77</dd>"));
	assert_non_null(strstr(text, "would refuse"));
	assert_non_null(strstr(text, "    allow-domain: &quot;t.example.com&quot;  # information: 1 client"));
	assert_non_null(strstr(text, "    allow-client: 198.51.0.2  # long-names-client: about the client"));
	assert_true(strstr(text, "t.example.com") < strstr(text, "c.example.org"));
	free(text);
	warden_close(warden);
}

/* How sure, the score and the reason are those of one record: the first of the strongest. */
static void says_one_thing(void **state)
{
	static const struct { uint8_t verdict, confidence, score, kept; } rows[] = {
		{ WARDEN_LOG, CONFIDENCE_LOW, 10, 0 },     /* the first */
		{ WARDEN_LOG, CONFIDENCE_LOW, 90, 0 },     /* no surer */
		{ WARDEN_LOG, CONFIDENCE_MEDIUM, 5, 2 },   /* surer */
		{ WARDEN_REFUSE, CONFIDENCE_LOW, 20, 3 },  /* more is done */
		{ WARDEN_LOG, CONFIDENCE_HIGH, 99, 3 },    /* surer, but nothing is done */
		{ WARDEN_REFUSE, UINT8_MAX, 99, 3 },       /* out of shared memory */
		{ WARDEN_REFUSE, CONFIDENCE_HIGH, 30, 6 },
		{ WARDEN_REFUSE, CONFIDENCE_HIGH, 40, 6 },
	};
	struct warden *warden = open_engine("", true);
	struct offences findings = { .most = 4 };
	const struct offence *found;

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct record record = record_of(1, "www.example.com", DETECTOR_information, rows[i].verdict);

		record.at_query = i;
		record.confidence = rows[i].confidence;
		record.score = rows[i].score;
		assert_true(offences_add(&findings, warden, &record, &found));
		assert_int_equal(found->record.at_query, rows[i].kept);
		assert_int_equal(found->strongest, rows[rows[i].kept].verdict);
		assert_int_equal(found->confidence, rows[rows[i].kept].confidence);
		assert_int_equal(found->score, rows[rows[i].kept].score);
	}
	offences_free(&findings);
	warden_close(warden);
}

/* The grid grows to both sides, and nothing that was counted is lost by it. */
static void timeline_grows(void **state)
{
	static const uint64_t moments[] = {
		NOW, NOW + TIMELINE_WIDTH * TIMELINE_BUCKETS - 1, NOW + TIMELINE_WIDTH * TIMELINE_BUCKETS, NOW - 1,
		NOW + 86400000, 0, NOW - 86400000, UINT64_MAX, NOW,
	};
	struct timelines lines;
	uint64_t sum = 0;

	(void)state;
	assert_true(timelines_init(&lines));
	for (unsigned i = 0; i < sizeof(moments) / sizeof(*moments); i++) {
		timelines_add(&lines, 5, moments[i]);
		if (i == 1)
			assert_int_equal(lines.width, TIMELINE_WIDTH);
		if (i == 2)
			assert_int_equal(lines.width, 2 * TIMELINE_WIDTH);
		sum = 0;
		for (unsigned b = 0; b < TIMELINE_BUCKETS; b++) {
			assert_int_equal(lines.all.bucket[b], timelines_find(&lines, 5)->bucket[b]);
			sum += lines.all.bucket[b];
		}
		assert_int_equal(sum, i + 1);
	}
	timelines_free(&lines);
}

/* A full row forgets who has not asked for longest, and who is wanted last. */
static void timeline_forgets(void **state)
{
	const uint64_t step = TIMELINE_PAIRS / TIMELINE_WAYS;
	struct timelines lines;

	(void)state;
	assert_true(timelines_init(&lines));
	for (uint64_t i = 1; i <= TIMELINE_WAYS; i++)
		timelines_add(&lines, i * step, NOW + i);
	assert_int_equal(lines.forgotten, 0);
	timelines_find(&lines, step)->wanted = true;
	timelines_add(&lines, 100 * step, NOW + 100);
	assert_int_equal(lines.forgotten, 1);
	assert_non_null(timelines_find(&lines, step));
	assert_null(timelines_find(&lines, 2 * step));
	assert_non_null(timelines_find(&lines, 3 * step));
	assert_null(timelines_find(&lines, 0));
	timelines_free(&lines);
}

static void files(void **state)
{
	struct warden *warden = open_engine("", true);
	char error[512], path[512];
	struct page *page;
	struct stat of;
	int nameless;

	(void)state;
	snprintf(path, sizeof(path), "%s/none/page.html", temp(""));
	assert_null(page_new(path, no_inputs, error, sizeof(error)));
	assert_non_null(strstr(error, "page.html: cannot be written: No such file or directory"));
	assert_null(page_new("/dev/null", no_inputs, error, sizeof(error)));
	assert_non_null(strstr(error, "/dev/null: is not a file"));

	/* One that is given up leaves what was there before. */
	temp_file("page.html", "before");
	page = begin(no_inputs);
	snprintf(path, sizeof(path), "%s.%ld", temp("page.html"), (long)getpid());
	/* One that is killed leaves nothing, where the file system has files without names. */
	nameless = open(temp(""), O_WRONLY | O_TMPFILE, 0666);
	assert_int_equal(stat(path, &of), nameless < 0 ? 0 : -1);
	if (nameless >= 0)
		close(nameless);
	page_free(page);
	assert_int_equal(stat(path, &of), -1);
	assert_int_equal(stat(temp("page.html"), &of), 0);
	assert_int_equal(of.st_size, 6);

	/* Nobody wants one. */
	page_observe(NULL, warden, NULL);
	assert_true(page_record(NULL, warden, NULL));
	assert_int_equal(page_write(NULL, warden, NULL, error, sizeof(error)), 0);
	page_free(NULL);
	warden_close(warden);
}

static void numbers_for_people(void **state)
{
	static const struct { uint64_t n; const char *text; } counts[] = {
		{ 0, "0" }, { 999, "999" }, { 1000, "1,000" }, { 123456, "123,456" }, { 1234567, "1,234,567" },
	}, spans[] = {
		{ 0, "0 ms" }, { 999, "999 ms" }, { 1000, "1.0 s" }, { 59999, "59.9 s" }, { 60000, "1 min 0 s" },
		{ 3599999, "59 min 59 s" }, { 3600000, "1 h 0 min" }, { 172799999, "47 h 59 min" }, { 172800000, "2 d 0 h" },
	};
	char text[SHORT_TEXT_MAX];

	(void)state;
	for (unsigned i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		assert_string_equal(count_text(text, counts[i].n), counts[i].text);
	for (unsigned i = 0; i < sizeof(spans) / sizeof(*spans); i++)
		assert_string_equal(span_text(text, spans[i].n), spans[i].text);
	assert_string_equal(moment_text(text, UINT64_C(1795230000123)), "2026-11-21 03:00:00.123");
	assert_string_equal(short_moment_text(text, UINT64_C(1795230000123), 0), "03:00:00.123");
	assert_string_equal(short_moment_text(text, UINT64_C(1795230000123), 3600000), "03:00");
	assert_string_equal(short_moment_text(text, UINT64_C(1795230000123), 86400000), "11-21 03:00");
	assert_string_equal(short_moment_text(text, UINT64_C(1795230000123), 9 * UINT64_C(86400000)), "2026-11-21");
	assert_int_equal(strlen(short_moment_text(text, UINT64_MAX, 0)), strlen(moment_text((char[SHORT_TEXT_MAX]){ 0 }, UINT64_MAX)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes),
		cmocka_unit_test(checks_markup),
		cmocka_unit_test(hostile),
		cmocka_unit_test(needs_nobody),
		cmocka_unit_test(nothing),
		cmocka_unit_test(bounds),
		cmocka_unit_test(keeps_the_strong),
		cmocka_unit_test(strongest_first),
		cmocka_unit_test(says_one_thing),
		cmocka_unit_test(timeline_grows),
		cmocka_unit_test(timeline_forgets),
		cmocka_unit_test(files),
		cmocka_unit_test(numbers_for_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
