/* SPDX-License-Identifier: BSD-3-Clause */
/* test_signature_iodine - names and answers as iodine 0.7.0 sent them, and what is not its. */
#include "facts.h"

extern const struct detector detector_signature_iodine;

enum { A = 1, NS = 2, CNAME = 5, NULL_ = 10, MX = 15, TXT = 16, AAAA = 28, SRV = 33 };
enum { PRIVATE = 65399 };
enum { NONE = CONFIDENCE_NONE, MEDIUM = CONFIDENCE_MEDIUM, HIGH = CONFIDENCE_HIGH };
enum { REASON_NAMES, REASON_ANSWER };

#define MINUTE UINT64_C(60000)

#define PING_1 "paiaflki.t.example.org"
#define PING_2 "paiaflkq.t.example.org"
#define PING_3 "paiaflky.t.example.org"

static struct opinion ask(struct bench *bench, uint64_t now, const char *name, uint16_t qtype)
{
	struct made made;

	make_question(&made, now, name, 2, qtype);
	return bench_show(bench, &made.facts);
}

static void knows_names(void **state)
{
	static const struct {
		const char *name;
		uint16_t qtype;
		uint8_t confidence; /* of one question */
	} cases[] = {
		{ "vaaaakaqo4m.t.example.org", NULL_, HIGH },
		{ "vaaaakatrli.t.example.org", PRIVATE, HIGH },
		{ "vaaaakasvem.t.example.org", TXT, HIGH },
		{ "vaaaakarewq.t.example.org", SRV, HIGH },
		{ "vaaaakaq4zu.t.example.org", MX, HIGH },
		{ "vaaaakasvse.t.example.org", CNAME, HIGH },
		{ "vaaaakasgpy.t.example.org", A, HIGH },
		{ "VAaAaKAsGpY.t.example.org", A, HIGH }, /* 0x20 */
		{ "vaaaakasgpy.example.org", A, HIGH },
		{ "zdxwaA-Aaahhh-Drink-mal-ein-J\\228germeister-.t.example.org", TXT, HIGH },
		{ "zdxxaA-La-fl\\251te-na\\239ve-fran\\231aise-est-retir.t.example.org", NULL_,
		  HIGH },
		{ "zdxyaAbBcCdDeEfFgGhHiIjJkKlLmMnNoOpPqQrRsStTuUvVwWxXyYzZ.t.example.org", MX,
		  HIGH },
		{ "zdxzaA0123456789\\188\\189\\190.t.example.org", CNAME, HIGH },
		{ "zdx0aA\\208\\209\\210\\211\\212\\213\\214.t.example.org", CNAME, HIGH },
		{ "yrbdxs.t.example.org", NULL_, MEDIUM },
		{ "ytbvjf.t.example.org", NULL_, MEDIUM },
		{ "ysbhww.t.example.org", NULL_, MEDIUM },
		{ "laadmcmqzenivzqdme550suuyxdoa33a.t.example.org", NULL_, MEDIUM },
		{ "lajqcnvyb0ge3f0e3v3h1gaz40vlvleq.t.example.org", NULL_, MEDIUM },
		{ PING_1, PRIVATE, MEDIUM },
		{ PING_1, TXT, NONE }, /* one point is none */
		{ "2eaba82aaaaaaaaaaaaaaaaa\\202.t.example.org", NULL_, MEDIUM },

		/* one off */
		{ "vaaaakapo4m.t.example.org", NULL_, NONE }, /* not two bits of the version */
		{ "vaaaakayo4m.t.example.org", NULL_, NONE },
		{ "vaaaakaqo4.t.example.org", NULL_, NONE },   /* too short */
		{ "vaaaakaqo4mm.t.example.org", NULL_, NONE }, /* too long */
		{ "vaaaakaqo6m.t.example.org", NULL_, NONE },  /* not base32 */
		{ "x.vaaaakaqo4m.example.org", NULL_, NONE },  /* not the first label */
		{ "vaaaakaqo4m.t.example.org", AAAA, NONE },   /* iodine asks no such type */
		{ "ytcvjf.t.example.org", NULL_, NONE },
		{ "yxbvjf.t.example.org", NULL_, NONE },
		{ "ytbvj.t.example.org", NULL_, NONE },
		{ "paiaflkb.t.example.org", NULL_, NONE }, /* not padding */
		{ "pciaflki.t.example.org", NULL_, NONE }, /* no such user */
		{ "laadmcmqzenivzqdme550suuyxdoa3a.t.example.org", NULL_, NONE },
		{ "2eaba82222222222222222222222.t.example.org", NULL_, NONE },
		{ "2eaba8\\202.t.example.org", NULL_, NONE }, /* too short for data */
		{ "www.example.org", A, NONE },
		{ "vaaaakaqo4m", TXT, HIGH },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct opinion opinion;
		struct bench bench;

		bench_start(&bench, &detector_signature_iodine);
		opinion = ask(&bench, START, cases[i].name, cases[i].qtype);
		if (opinion.confidence != cases[i].confidence)
			fail_msg("%s: confidence %d", cases[i].name, opinion.confidence);
	}
}

static void nothing_without_payload(void **state)
{
	struct bench bench;
	struct made made;

	(void)state;
	bench_start(&bench, &detector_signature_iodine);
	make_question(&made, START, "vaaaakaqo4m.org", 0, TXT);
	assert_int_equal(bench_show(&bench, &made.facts).confidence, CONFIDENCE_NONE);
	make_question(&made, START, ".", 0, TXT);
	assert_int_equal(bench_show(&bench, &made.facts).confidence, CONFIDENCE_NONE);
}

static void is_certain_of_three(void **state)
{
	struct opinion opinion;
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_signature_iodine);
	assert_int_equal(ask(&bench, START, PING_1, TXT).confidence, CONFIDENCE_NONE);
	assert_int_equal(ask(&bench, START + 4000, PING_2, TXT).confidence, CONFIDENCE_MEDIUM);
	assert_int_equal(ask(&bench, START + 6000, "www.example.org", A).confidence,
	                 CONFIDENCE_NONE);
	opinion = ask(&bench, START + 8000, PING_3, TXT);
	assert_int_equal(opinion.confidence, CONFIDENCE_HIGH);
	assert_int_equal(opinion.reason, REASON_NAMES);
	assert_int_equal(opinion.evidence[0], 3);
	for (unsigned i = 0; i < 1000; i++)
		opinion = ask(&bench, START + 8000, PING_3, TXT);
	assert_int_equal(opinion.confidence, CONFIDENCE_HIGH);
}

/* Ten minutes from one to the next, not from the first. */
static void forgets_after_ten_minutes(void **state)
{
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_signature_iodine);
	ask(&bench, START, PING_1, TXT);
	ask(&bench, START + 10 * MINUTE, PING_2, TXT);
	assert_int_equal(ask(&bench, START + 20 * MINUTE, PING_3, TXT).confidence, CONFIDENCE_HIGH);

	bench_start(&bench, &detector_signature_iodine);
	ask(&bench, START, PING_1, TXT);
	ask(&bench, START + 10 * MINUTE, PING_2, TXT);
	assert_int_equal(ask(&bench, START + 20 * MINUTE + 1, PING_3, TXT).confidence,
	                 CONFIDENCE_NONE);

	/* A clock that steps back starts anew. */
	bench_start(&bench, &detector_signature_iodine);
	ask(&bench, START, PING_1, TXT);
	ask(&bench, START, PING_2, TXT);
	assert_int_equal(ask(&bench, START - MINUTE, PING_3, TXT).confidence, CONFIDENCE_NONE);
}

static void the_same_name_counts_once(void **state)
{
	struct bench bench;
	struct made made;

	(void)state;
	bench_start(&bench, &detector_signature_iodine);
	ask(&bench, START, "ytbank.example.org", A);
	for (unsigned i = 0; i < 10; i++) {
		make_question(&made, START, "ytbank.example.org", 1, A);
		made.facts.novel = false;
		assert_int_equal(bench_show(&bench, &made.facts).confidence, CONFIDENCE_NONE);
	}
	make_question(&made, START, "vaaaakaqo4m.t.example.org", 2, A);
	made.facts.novel = false;
	assert_int_equal(bench_show(&bench, &made.facts).confidence, CONFIDENCE_HIGH);
}

#define DATA(text) (const uint8_t *)(text), sizeof(text) - 1

static const struct {
	uint16_t type;
	const uint8_t *rdata;
	uint16_t len;
	bool reply;
} answers[] = {
	{ NULL_, DATA("VACKqa#\346\0"), true },
	{ PRIVATE, DATA("VACK@\305\262\360\2"), true },
	{ PRIVATE, DATA("BADCODEC"), true },
	{ NULL_, DATA("BADIP"), true },
	{ NULL_, DATA("BADLEN"), true },
	{ NULL_, DATA("BADFRAG"), true },
	{ NULL_, DATA("LNAK"), true },
	{ NULL_, DATA("VNAK\0\0\5\2\0"), true },
	{ NULL_, DATA("VFUL\0\0\0\20\0"), true },
	{ NULL_, DATA("\0\0\0\0\377\377\377\377UUUU\252\252\252\252\201c\310\322"), true },
	{ TXT, DATA("\20tkzaugs0y1lyhuay"), true },                         /* VACK */
	{ TXT, DATA("NtaaaaaaH555554vkvkvk0vkvkvkawhsgsy34lef05j5hmss"), true },
	{ TXT, DATA("AsaaaaaP++++8vvvvvQQQQQOfJYnlhFlixx-+oYuKTuIfHQx"), false }, /* case counts */
	{ TXT, DATA("Asaaaaap++++8vvvvvQQQQQOfJYnlhFlixx-+oYuKTuIfHQx"), true },
	{ TXT, DATA("\6rBADIP"), true },
	{ CNAME, DATA("\20hkzaugs1sbflaqaq\2ze\0"), true },
	{ CNAME, DATA("\20HKZAUGS1SBFLAQAQ\2ze\0"), true }, /* by a server of 0x20 names */
	{ CNAME, DATA("\20hKzAuGs1sbflaqaq\2ze\0"), true },
	{ MX, DATA("\0\12\20hkzaugszzxntnwai\2os\0"), true },
	{ SRV, DATA("\0\12\0\12\23\304\20hkzaugsyigcqgoaa\2dh\0"), true },

	{ NULL_, DATA("VAC"), false },
	{ NULL_, DATA("XVACK"), false },
	{ NULL_, DATA(""), false },
	{ TXT, DATA("\4VACK"), false },        /* no codec */
	{ TXT, DATA("\20v=spf1 -all and so"), false },
	{ TXT, DATA("\3tkzaugs0y"), false },   /* the string ends before the word */
	{ TXT, DATA("\20tkza"), false },       /* the record does */
	{ TXT, DATA("\0"), false },
	{ TXT, DATA("\1t"), false },
	{ TXT, DATA(""), false },
	{ CNAME, DATA("\0"), false },
	{ MX, DATA("\0\12"), false },
	{ MX, DATA(""), false },
	{ SRV, DATA("\0\12\0\12\23\304\0"), false },
	{ A, DATA("\177\0\0\1"), false },
	{ NS, DATA("\20hkzaugs1sbflaqaq\2ze\0"), false },
};

static void knows_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		/* A copy without slack, so that reading beyond it is seen. */
		uint8_t *rdata = malloc(answers[i].len ? answers[i].len : 1);
		struct warden_record record = { rdata, 0, answers[i].type, answers[i].len };
		struct opinion opinion;
		struct bench bench;
		struct made made;

		memcpy(rdata, answers[i].rdata, answers[i].len);
		bench_start(&bench, &detector_signature_iodine);
		make_question(&made, START, "oclvm3.t.example.org", 2,
		              answers[i].type == NS ? A : answers[i].type);
		made.obs.what = WARDEN_ANSWER;
		made.facts.question = false;
		made.facts.answer = true;
		made.obs.records = &record;
		made.obs.answer_count = made.obs.record_count = 1;
		opinion = bench_show(&bench, &made.facts);
		if ((opinion.confidence == CONFIDENCE_HIGH) != answers[i].reply)
			fail_msg("answer %zu: confidence %d", i, opinion.confidence);
		assert_true(!opinion.confidence || opinion.reason == REASON_ANSWER);
		free(rdata);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_names),
		cmocka_unit_test(nothing_without_payload),
		cmocka_unit_test(is_certain_of_three),
		cmocka_unit_test(forgets_after_ten_minutes),
		cmocka_unit_test(the_same_name_counts_once),
		cmocka_unit_test(knows_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
