/* SPDX-License-Identifier: BSD-3-Clause */
/* test_signature - the language of shapes, the index, sightings, and names that are nobody's. */
#include <stdio.h>

#include "detect/shape.h"
#include "name/suffix.h"
#include "signatures.h"

/* signature_row.h has names like TXT that tests want for other things. */
enum { Q_A = 1, Q_CNAME = 5, Q_NULL = 10, Q_TXT = 16, Q_AAAA = 28, Q_HTTPS = 65 };
enum { NONE = CONFIDENCE_NONE, LOW = CONFIDENCE_LOW, MEDIUM = CONFIDENCE_MEDIUM, HIGH = CONFIDENCE_HIGH };

#define UNTOUCHED 12345u
#define FULL63 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff123"

/* ---- shapes -------------------------------------------------------------------- */

static const struct {
	const char *shape, *name;
	unsigned labels;
	bool raw, fits;
	uint32_t value;
} shapes[] = {
	{ "abc", "abc.example.org", 1, false, true, UNTOUCHED },
	{ "abc", "ABC.example.org", 1, false, true, UNTOUCHED },
	{ "abc", "ABC.example.org", 1, true, false, 0 },
	{ "abc", "ab.example.org", 1, false, false, 0 },
	{ "abc", "abcd.example.org", 1, false, false, 0 },
	{ "abc", "x.abc.example.org", 2, false, false, 0 },
	{ "abc", "abc.example.org", 0, false, false, 0 },
	{ "abc.example", "abc.example.org", 1, false, false, 0 }, /* the domain is not payload */
	{ "abc.d", "abc.d.example.org", 2, false, true, UNTOUCHED },
	{ "abc.d", "abcd.example.org", 1, false, false, 0 },
	{ "abc.d", "abc", 1, false, false, 0 },
	{ "abc.d", "abc", 200, false, false, 0 }, /* nor is what is not there */
	{ "a~", "a.example.org", 1, false, true, UNTOUCHED },
	{ "a~", "abcdef.example.org", 1, false, true, UNTOUCHED },
	{ "a~.b", "abcdef.b.example.org", 2, false, true, UNTOUCHED },
	{ "a~.b", "abcdef.c.example.org", 2, false, false, 0 },
	{ "~==", "a==.example.org", 1, false, true, UNTOUCHED },
	{ "~==", "===.example.org", 1, false, true, UNTOUCHED },
	{ "~==", "==.example.org", 1, false, true, UNTOUCHED },
	{ "~==", "=.example.org", 1, false, false, 0 },
	{ "~==", "a=.example.org", 1, false, false, 0 },
	{ "~==", "a==b.example.org", 1, false, false, 0 },
	{ "a~b.c", "aab.c.example.org", 2, false, true, UNTOUCHED },
	{ "a~b.c", "aabc.c.example.org", 2, false, false, 0 },
	{ "**.b", "b.example.org", 1, false, true, UNTOUCHED },
	{ "**.b", "a.a.b.example.org", 3, false, true, UNTOUCHED },
	{ "**.b", "a.a.b.example.org", 2, false, false, 0 },
	{ "**.b.c", "b.b.c.example.org", 3, false, true, UNTOUCHED },
	{ "**.b.c", "b.x.c.example.org", 3, false, false, 0 },
	{ "H{3}", "12f.example.org", 1, false, true, UNTOUCHED },
	{ "H{3}", "12.example.org", 1, false, false, 0 },
	{ "H{3}", "12ff.example.org", 1, false, false, 0 },
	{ "H{3}", "12g.example.org", 1, false, false, 0 },
	{ "H{2,3}z", "12z.example.org", 1, false, true, UNTOUCHED },
	{ "H{2,3}z", "123z.example.org", 1, false, true, UNTOUCHED },
	{ "H{2,3}z", "1z.example.org", 1, false, false, 0 },
	{ "H{2,3}z", "1234z.example.org", 1, false, false, 0 },
	{ "H{0,3}z", "z.example.org", 1, false, true, UNTOUCHED },
	{ "*{63}", FULL63 ".example.org", 1, false, true, UNTOUCHED },
	{ "*{64}", FULL63 ".example.org", 1, false, false, 0 },
	{ "*{62,}", FULL63 ".example.org", 1, false, true, UNTOUCHED },
	{ "*{10}^", "0123456789abc\\188d.example.org", 1, false, true, UNTOUCHED },
	{ "*{10}^", "0123456789abc\\253.example.org", 1, false, true, UNTOUCHED },
	{ "*{10}^", "0123456789abc\\187\\254.example.org", 1, false, false, 0 },
	{ "*{10}^", "0123456789.example.org", 1, false, false, 0 },
	{ "[D{1,9}]-~", "420-x.example.org", 1, false, true, 420 },
	{ "[D{1,9}]-~", "999999999-.example.org", 1, false, true, 999999999 },
	{ "[D{1,9}]-~", "-x.example.org", 1, false, false, 0 },
	{ "<LLL>", "aaa.example.org", 1, false, true, 0 },
	{ "<LLL>", "baa.example.org", 1, false, true, 1 },
	{ "<LLL>", "aba.example.org", 1, false, true, 26 },
	{ "<LLL>", "zzz.example.org", 1, false, true, 17575 },
	{ "X{4}", "a+/=.example.org", 1, false, true, UNTOUCHED },
	{ "X{4}", "_-aZ.example.org", 1, true, true, UNTOUCHED },
	{ "W{4}", "_-aZ.example.org", 1, true, true, UNTOUCHED },
	{ "W{2}", "a+.example.org", 1, false, false, 0 },
	{ "S{4}", "abcz.example.org", 1, false, true, UNTOUCHED },
	{ "S{4}", "abiz.example.org", 1, false, false, 0 },
	{ "\320\321", "\\208\\209.example.org", 1, false, true, UNTOUCHED },
	{ "QJ", "BP.example.org", 1, true, true, UNTOUCHED },
	{ "QJ", "bp.example.org", 1, true, false, 0 },
	{ "a", "\\000.example.org", 1, false, false, 0 },
	{ "E", "\\000.example.org", 1, false, false, 0 }, /* not the end of a list of letters */
};

static void shapes_fit(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		uint32_t value = UNTOUCHED;
		struct name name;
		bool fits;

		assert_true(name_from_text(&name, shapes[i].name));
		fits = shape_fits(shapes[i].shape, &name, shapes[i].labels, shapes[i].raw, &value);
		if (fits != shapes[i].fits)
			fail_msg("%s and %s: %d", shapes[i].shape, shapes[i].name, fits);
		assert_int_equal(value, fits ? shapes[i].value : UNTOUCHED);
	}
}

/* A key is the same whatever stands around it, and in whatever case. */
static void keys_are_of_what_they_mark(void **state)
{
	static const char *const names[] = { "xABCy.org", "zabcq.org", "zabdq.org" };
	uint32_t value[3] = { 0 };
	struct name name;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		assert_true(name_from_text(&name, names[i]));
		assert_true(shape_fits("L(***)L", &name, 1, false, &value[i]));
		assert_int_equal(value[i] & ((1u << SHAPE_KEY) - 1), 0);
	}
	assert_int_equal(value[0], value[1]);
	assert_int_not_equal(value[0], value[2]);
	assert_int_equal(shape_key((const uint8_t *)"ABC", 3), value[0] >> SHAPE_KEY);
}

/* Whatever fits a shape comes through its door. */
static void doors_let_in_what_fits(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		struct shape_door door;
		struct name name;
		bool in = false;

		assert_true(name_from_text(&name, shapes[i].name));
		shape_door(shapes[i].shape, &door);
		for (unsigned j = 0; j < (door.floating ? shapes[i].labels : 1); j++) {
			const uint8_t *label = name.wire + name.label[j];
			uint8_t first = label[1], last = label[label[0]];

			in = in || (door.first[first / 64] >> first % 64 & 1 && door.last[last / 64] >> last % 64 & 1 &&
			            label[0] >= door.min && label[0] <= door.max);
		}
		if (shapes[i].fits && !(in && shapes[i].labels >= door.labels))
			fail_msg("%s does not let %s in", shapes[i].shape, shapes[i].name);
	}
}

static void doors_keep_out(void **state)
{
	struct shape_door door;

	(void)state;
	shape_door("vaaaakaVI{3}", &door);
	assert_true(door.first['v' / 64] == UINT64_C(1) << 'v' % 64 && !door.first[0] && !door.first[2]);
	assert_true(door.last[0] == UINT64_C(0x3f) << '0' && door.last[1] == UINT64_C(0x3ffffff) << ('a' - 64));
	assert_int_equal(door.labels, 1);
	assert_false(door.floating);
	assert_int_equal(door.min, 11);
	assert_int_equal(door.max, 11);
	shape_door("D{1,6}-~.x", &door);
	assert_int_equal(door.min, 2);
	assert_int_equal(door.max, 63);
	assert_true(door.first[0] == UINT64_C(0x3ff) << '0' && !door.first[1]);
	assert_int_equal(door.labels, 2);
	assert_true(door.last[0] == UINT64_MAX && door.last[3] == UINT64_MAX);
	shape_door("**.b.~c", &door);
	assert_true(door.floating && door.labels == 2 && door.last[1] == UINT64_C(1) << ('b' - 64));
	shape_door("xD{0,1}", &door);
	assert_true(door.last[1] == UINT64_C(1) << ('x' - 64) && door.last[0] == UINT64_C(0x3ff) << '0');
	shape_door("Q", &door); /* doors see lower case */
	assert_true(door.first[1] == UINT64_C(6) << ('a' - 64) && !door.first[0]);
	shape_door("D{0,1}x", &door);
	assert_true(door.first[1] == UINT64_C(1) << ('x' - 64) && door.first[0] == UINT64_C(0x3ff) << '0');
}

/* ---- the table ----------------------------------------------------------------- */

static uint64_t all_signatures(void)
{
	uint64_t all = 0;

	for (unsigned i = 0; i < DETECTOR_COUNT; i++)
		if (detectors[i]->needs & FACT_SIGNATURE)
			all |= UINT64_C(1) << i;
	return all;
}

/* A pattern that found no bit in the index would never be compared with anything. */
static void every_pattern_has_its_place(void **state)
{
	struct signature_index index;
	uint64_t octets = 0, lengths = 0, types = 0;

	(void)state;
	signature_index_make(&index, all_signatures());
	for (unsigned i = 0; i < 256; i++)
		octets |= index.first[i];
	for (unsigned i = 0; i < 64; i++)
		lengths |= index.length[i];
	for (unsigned i = 0; i < SIGNATURE_TYPES; i++)
		types |= index.type[i];
	assert_true(octets && (octets & (octets + 1)) == 0); /* without a gap */
	assert_true(lengths == octets && types == octets);
	assert_true(index.answered && (index.answered & ~octets) == 0);
	assert_true(index.speakers);
}

static void what_is_off_costs_nothing(void **state)
{
	static const struct signature_index nothing;
	struct signature_index index;
	struct made made;

	(void)state;
	signature_index_make(&index, ~all_signatures());
	assert_memory_equal(index.first, nothing.first, sizeof(index.first));
	assert_memory_equal(index.type, nothing.type, sizeof(index.type));
	assert_true(!index.speakers && !index.answered);

	make_question(&made, START, "vaaaakasvem.t.example.org", 2, Q_TXT);
	assert_int_equal(signature_match(&index, &made.facts).tool, 0);
	signature_index_make(&index, UINT64_C(1) << DETECTOR_signature_iodine);
	assert_int_not_equal(signature_match(&index, &made.facts).tool, 0);
	signature_index_make(&index, all_signatures() & ~(UINT64_C(1) << DETECTOR_signature_iodine));
	assert_int_equal(signature_match(&index, &made.facts).tool, 0);
}

/* ---- sightings ----------------------------------------------------------------- */

static uint8_t ask(struct signature_bench *bench, uint64_t now, const char *name, uint16_t qtype)
{
	struct made made;

	make_question(&made, now, name, 3, qtype);
	return signature_show(bench, &made.facts).confidence;
}

static void types_of_pages_are_likely(void **state)
{
	static const struct {
		uint16_t qtype;
		uint8_t confidence;
	} cases[] = {
		{ Q_TXT, HIGH }, { Q_CNAME, HIGH }, { Q_NULL, HIGH }, { 250, HIGH },
		{ Q_A, MEDIUM }, { Q_AAAA, MEDIUM }, { Q_HTTPS, MEDIUM },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct signature_bench bench;

		signature_start(&bench, DETECTOR_signature_ozymandns);
		assert_int_equal(ask(&bench, START, "1-2.id-3.down.example.org", cases[i].qtype),
		                 cases[i].confidence);
	}
}

/* The tool with less to lose makes room, and comes back with nothing. */
static void two_tools_have_room(void **state)
{
	struct signature_index index;
	struct sightings sightings = { 0 };
	static const char *const names[] = {
		"yrbdxs.a.b.example.org", "yrbdxt.a.b.example.org", /* iodine: two points */
		"babkbzzz12345.a.b.example.org",                    /* Sliver: one */
		"41.abcdefghijklmnopq.b.example.org",               /* DNSExfiltrator: one */
		"babkbzzz12346.a.b.example.org",
		"yrbdxu.a.b.example.org",
	};
	static const uint8_t confidence[] = { NONE, MEDIUM, NONE, NONE, NONE, HIGH };

	(void)state;
	signature_index_make(&index, all_signatures());
	for (unsigned i = 0; i < 6; i++) {
		struct made made;

		make_question(&made, START + i, names[i], 3, Q_TXT);
		made.facts.rare = true;
		made.facts.match = signature_match(&index, &made.facts);
		assert_int_equal(signature_confirm(&sightings, &made.facts).confidence, confidence[i]);
	}
}

static void steps_wrap(void **state)
{
	struct signature_bench bench;

	(void)state;
	signature_start(&bench, DETECTOR_signature_dnsexfiltrator);
	assert_int_equal(ask(&bench, START, "init.abcdefgh.base64.org", Q_TXT), HIGH);
	assert_int_equal(ask(&bench, START, "0.abcdefghijklmnop.x.org", Q_TXT), HIGH);
	assert_int_equal(ask(&bench, START, "2.abcdefghijklmnop.x.org", Q_TXT), NONE);
}

static uint8_t answer(struct signature_bench *bench, const char *name, uint16_t qtype,
                      const struct warden_record *record)
{
	struct made made;

	make_question(&made, START, name, 3, qtype);
	made.obs.what = WARDEN_ANSWER;
	made.facts.question = made.facts.novel = false;
	made.facts.answer = true;
	made.obs.records = record;
	made.obs.record_count = 1;
	return signature_show(bench, &made.facts).confidence;
}

static void exfiltrator_is_answered(void **state)
{
	static const struct {
		const char *name, *rdata;
		uint16_t type;
		uint8_t confidence;
	} cases[] = {
		{ "init.abcdefgh.base64.org", "\2OK", Q_TXT, HIGH },
		{ "init.abcdefgh.base64.org", "\2NO", Q_TXT, NONE },
		{ "42.abcdefghijklmnop.x.org", "\00242", Q_TXT, HIGH },
		{ "42.abcdefghijklmnop.x.org", "\00241", Q_TXT, NONE },
		{ "42.abcdefghijklmnop.x.org", "\003421", Q_TXT, NONE },
		{ "42.abcdefghijklmnop.x.org", "\0024", Q_TXT, NONE },
		{ "42.abcdefghijklmnop.x.org", "\00242", Q_NULL, NONE },
		{ "x42.abcdefghijklmnop.x.org", "\00242", Q_TXT, NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		size_t len = strlen(cases[i].rdata);
		struct warden_record record = { .type = cases[i].type, .rdata_len = (uint16_t)len };
		uint8_t *rdata = malloc(len);
		struct signature_bench bench;

		memcpy(rdata, cases[i].rdata, len);
		record.rdata = rdata;
		signature_start(&bench, DETECTOR_signature_dnsexfiltrator);
		assert_int_equal(answer(&bench, cases[i].name, Q_TXT, &record), cases[i].confidence);
		free(rdata);
	}
}

/* A domain that blocks names says 0.0.0.0 as well, for longer. */
static void beacons_are_told_to_wait(void **state)
{
	static const struct {
		const char *rdata;
		size_t len;
		uint32_t ttl;
		uint16_t type;
		uint8_t confidence;
	} cases[] = {
		{ "\0\0\0\0", 4, 0, Q_A, HIGH },
		{ "\0\0\0\0", 4, 1, Q_A, HIGH },
		{ "\0\0\0\0", 4, 2, Q_A, NONE },
		{ "\0\0\0\1", 4, 1, Q_A, NONE },
		{ "\0\0\0\0", 3, 1, Q_A, NONE },
		{ "\0\0\0\0", 4, 1, Q_TXT, NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct warden_record record = { (const uint8_t *)cases[i].rdata, cases[i].ttl, cases[i].type,
			                        (uint16_t)cases[i].len };
		struct signature_bench bench;

		signature_start(&bench, DETECTOR_signature_cobalt_strike);
		assert_int_equal(answer(&bench, "api.07311917.19997cf2.org", Q_A, &record), cases[i].confidence);
	}
}

/* Cut anywhere, an answer is read no further than it goes. */
static void answers_may_be_cut(void **state)
{
	static const struct {
		uint16_t type;
		const char *rdata;
		size_t len;
	} answers[] = {
		{ Q_TXT, "\0220102010304aabbccdd", 19 },
		{ Q_CNAME, "\6dnscat\0220102010304aabbccdd\0", 27 },
		{ 15, "\0\12\0220102010304aabbccdd\0", 22 },
		{ Q_AAAA, "\1\11\1\2\1\3\4\5\6\7\10\11\12\13\14\15", 16 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++)
		for (size_t len = 0; len <= answers[i].len; len++) {
			struct warden_record record = { .type = answers[i].type, .rdata_len = (uint16_t)len };
			uint8_t *rdata = malloc(len + !len);
			struct signature_bench bench;
			uint8_t confidence;

			memcpy(rdata, answers[i].rdata, len);
			record.rdata = rdata;
			signature_start(&bench, DETECTOR_signature_dnscat2);
			confidence = answer(&bench, "aaaa010304bbbbbbbb.x.y.org", Q_TXT, &record);
			if (len == answers[i].len)
				assert_int_equal(confidence, HIGH);
			if (len < 11)
				assert_int_equal(confidence, NONE);
			free(rdata);
		}
}

/* ---- names that are nobody's ---------------------------------------------------- */

static void ordinary_names_are_silent(void **state)
{
	const char *build = getenv("WARDEN_BUILD");
	struct suffixes *suffixes = suffixes_open();
	struct signature_index index;
	char path[1024], line[512];
	unsigned names = 0;
	FILE *file;

	(void)state;
	signature_index_make(&index, all_signatures());
	(void)snprintf(path, sizeof(path), "%s/tests/data/ordinary-names.txt", build ? build : ".");
	file = fopen(path, "r");
	assert_non_null(file);
	assert_non_null(suffixes);
	while (fgets(line, sizeof(line), file)) {
		static const uint16_t types[] = { Q_A, Q_AAAA, Q_TXT };

		line[strcspn(line, "\n")] = '\0';
		for (unsigned i = 0; i < 3; i++) {
			struct sightings sightings = { 0 };
			struct made made;

			make_question(&made, START, line, 0, types[i]);
			made.facts.payload_labels = (uint8_t)suffix_domain(suffixes, &made.name);
			made.facts.match = signature_match(&index, &made.facts);
			if (made.facts.match.tool && signature_confirm(&sightings, &made.facts).confidence)
				fail_msg("%s is of tool %u", line, made.facts.match.tool);
		}
		names++;
	}
	assert_true(names > 20000);
	(void)fclose(file);
	suffixes_close(suffixes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shapes_fit),
		cmocka_unit_test(keys_are_of_what_they_mark),
		cmocka_unit_test(doors_let_in_what_fits),
		cmocka_unit_test(doors_keep_out),
		cmocka_unit_test(every_pattern_has_its_place),
		cmocka_unit_test(what_is_off_costs_nothing),
		cmocka_unit_test(types_of_pages_are_likely),
		cmocka_unit_test(two_tools_have_room),
		cmocka_unit_test(steps_wrap),
		cmocka_unit_test(exfiltrator_is_answered),
		cmocka_unit_test(beacons_are_told_to_wait),
		cmocka_unit_test(answers_may_be_cut),
		cmocka_unit_test(ordinary_names_are_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
