/* SPDX-License-Identifier: BSD-3-Clause */
/* test_signature_iodine - names and answers as iodine 0.7.0 sent them, and what is not its. */
#include <stdio.h>

#include "signatures.h"

enum { A = 1, NS = 2, CNAME = 5, NULL_ = 10, MX = 15, TXT = 16, AAAA = 28, SRV = 33 };
enum { PRIVATE = 65399 };
enum { NONE = CONFIDENCE_NONE, MEDIUM = CONFIDENCE_MEDIUM, HIGH = CONFIDENCE_HIGH };
enum { REASON_NAMES, REASON_ANSWER };


#define PING_1 "paiaflki.t.example.org"
#define PING_2 "paiaflkq.t.example.org"
#define PING_3 "paiaflky.t.example.org"

static struct opinion ask(struct signature_bench *bench, uint64_t now, const char *name, uint16_t qtype)
{
	struct made made;

	make_question(&made, now, name, 2, qtype);
	return signature_show(bench, &made.facts);
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
		{ "vaaaakasgpy.t.example.org", A, MEDIUM }, /* a web page could have asked */
		{ "VAaAaKAsGpY.t.example.org", A, MEDIUM },
		{ "VAaAaKAsGpY.t.example.org", CNAME, HIGH }, /* 0x20 */
		{ "vaaaakasgpy.example.org", CNAME, HIGH },
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
		struct signature_bench bench;

		signature_start(&bench, DETECTOR_signature_iodine);
		opinion = ask(&bench, START, cases[i].name, cases[i].qtype);
		if (opinion.confidence != cases[i].confidence)
			fail_msg("%s: confidence %d", cases[i].name, opinion.confidence);
	}
}

static void nothing_without_payload(void **state)
{
	struct signature_bench bench;
	struct made made;

	(void)state;
	signature_start(&bench, DETECTOR_signature_iodine);
	make_question(&made, START, "vaaaakaqo4m.org", 0, TXT);
	assert_int_equal(signature_show(&bench, &made.facts).confidence, CONFIDENCE_NONE);
	make_question(&made, START, ".", 0, TXT);
	assert_int_equal(signature_show(&bench, &made.facts).confidence, CONFIDENCE_NONE);
}

static void is_certain_of_three(void **state)
{
	struct opinion opinion;
	struct signature_bench bench;

	(void)state;
	signature_start(&bench, DETECTOR_signature_iodine);
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
	struct signature_bench bench;

	(void)state;
	signature_start(&bench, DETECTOR_signature_iodine);
	ask(&bench, START, PING_1, TXT);
	ask(&bench, START + 10 * MINUTE, PING_2, TXT);
	assert_int_equal(ask(&bench, START + 20 * MINUTE, PING_3, TXT).confidence, CONFIDENCE_HIGH);

	signature_start(&bench, DETECTOR_signature_iodine);
	ask(&bench, START, PING_1, TXT);
	ask(&bench, START + 10 * MINUTE, PING_2, TXT);
	assert_int_equal(ask(&bench, START + 20 * MINUTE + 1, PING_3, TXT).confidence,
	                 CONFIDENCE_NONE);

	/* A clock that steps back starts anew. */
	signature_start(&bench, DETECTOR_signature_iodine);
	ask(&bench, START, PING_1, TXT);
	ask(&bench, START, PING_2, TXT);
	assert_int_equal(ask(&bench, START - MINUTE, PING_3, TXT).confidence, CONFIDENCE_NONE);
}

static void the_same_name_counts_once(void **state)
{
	struct signature_bench bench;
	struct made made;

	(void)state;
	signature_start(&bench, DETECTOR_signature_iodine);
	ask(&bench, START, "ytbank.example.org", A);
	for (unsigned i = 0; i < 10; i++) {
		make_question(&made, START, "ytbank.example.org", 1, A);
		made.facts.novel = false;
		assert_int_equal(signature_show(&bench, &made.facts).confidence, CONFIDENCE_NONE);
	}
	make_question(&made, START, "vaaaakaqo4m.t.example.org", 2, TXT);
	made.facts.novel = false;
	assert_int_equal(signature_show(&bench, &made.facts).confidence, CONFIDENCE_HIGH);
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

/* Shows the answer to a question that was told before. */
static struct opinion answer(struct signature_bench *bench, uint64_t now, const char *name, uint16_t qtype,
                             const struct warden_record *records, unsigned count)
{
	struct made made;

	make_question(&made, now, name, 2, qtype);
	made.obs.what = WARDEN_ANSWER;
	made.facts.question = false;
	made.facts.answer = true;
	made.obs.records = records;
	made.obs.answer_count = (uint16_t)count;
	made.obs.record_count = count;
	return signature_show(bench, &made.facts);
}

static void knows_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		/* A copy without slack, so that reading beyond it is seen. */
		uint8_t *rdata = malloc(answers[i].len ? answers[i].len : 1);
		struct warden_record record = { rdata, 0, answers[i].type, answers[i].len };
		struct opinion opinion;
		struct signature_bench bench;

		memcpy(rdata, answers[i].rdata, answers[i].len);
		signature_start(&bench, DETECTOR_signature_iodine);
		opinion = answer(&bench, START, "oclvm3.t.example.org",
		                 answers[i].type == NS ? A : answers[i].type, &record, 1);
		if ((opinion.confidence == CONFIDENCE_HIGH) != answers[i].reply)
			fail_msg("answer %zu: confidence %d", i, opinion.confidence);
		assert_true(!opinion.confidence || opinion.reason == REASON_ANSWER);
		free(rdata);
	}
}

#define RECORD(type, text) { (const uint8_t *)(text), 0, type, sizeof(text) - 1 }

/* What iodined says to vaaaakasgpy.t.example.org A, and what anybody may. */
static const struct warden_record version_ack = RECORD(CNAME, "\20hkzaugs1vgoouyay\2dg\0");
static const struct warden_record ordinary[] = {
	RECORD(CNAME, "\3www\7example\3net\0"),
	RECORD(A, "\300\0\2\120"),
};

static void addresses_alone_are_likely(void **state)
{
	struct opinion opinion;
	struct signature_bench bench;
	char name[64];

	(void)state;
	signature_start(&bench, DETECTOR_signature_iodine);
	for (unsigned i = 0; i < 300; i++) {
		(void)snprintf(name, sizeof(name), "vaaaakar%c%ca.t.example.org", 'a' + i / 26 % 26,
		               'a' + i % 26);
		opinion = ask(&bench, START + i, name, A);
		assert_int_equal(opinion.confidence, MEDIUM);
		assert_int_equal(opinion.reason, REASON_NAMES);
		assert_int_equal(answer(&bench, START + i, name, A, ordinary, 2).confidence, NONE);
	}
	assert_int_equal(ask(&bench, START + 400, PING_1, A).confidence, MEDIUM);

	/* They do not help what others ask for by chance, nor stand in its way. */
	assert_int_equal(ask(&bench, START + 500, PING_1, TXT).confidence, MEDIUM);
	assert_int_equal(ask(&bench, START + 600, PING_2, TXT).confidence, MEDIUM);
	assert_int_equal(ask(&bench, START + 700, "vaaaakasgpy.t.example.org", A).confidence, MEDIUM);
	assert_int_equal(ask(&bench, START + 800, PING_3, TXT).confidence, HIGH);
	/* They are forgotten like the others. */
	assert_int_equal(ask(&bench, START + 800 + 10 * MINUTE + 1, PING_1, A).confidence, NONE);
}

static void addresses_and_an_answer_are_certain(void **state)
{
	const struct warden_record behind[] = { ordinary[0], version_ack };
	uint64_t later = START + 60 * MINUTE;
	struct opinion opinion;
	struct signature_bench bench;

	(void)state;
	signature_start(&bench, DETECTOR_signature_iodine);
	assert_int_equal(ask(&bench, START, "vaaaakasgpy.t.example.org", A).confidence, MEDIUM);
	opinion = answer(&bench, START + 1, "vaaaakasgpy.t.example.org", A, &version_ack, 1);
	assert_int_equal(opinion.confidence, HIGH);
	assert_int_equal(opinion.reason, REASON_ANSWER);
	opinion = ask(&bench, START + 2, PING_1, A);
	assert_int_equal(opinion.confidence, HIGH);
	assert_int_equal(opinion.reason, REASON_NAMES);

	/* The points go, the knowledge stays: a tunnel that goes on after a hold. */
	assert_int_equal(ask(&bench, later, PING_1, A).confidence, NONE);
	assert_int_equal(ask(&bench, later, PING_2, A).confidence, MEDIUM);
	assert_int_equal(ask(&bench, later, PING_3, A).confidence, HIGH);
	assert_int_equal(ask(&bench, 2 * later, "vaaaakasgpy.t.example.org", A).confidence, HIGH);

	/* Not only as the first record, and of whatever type the answer was. */
	signature_start(&bench, DETECTOR_signature_iodine);
	assert_int_equal(answer(&bench, START, "oclvm3.t.example.org", A, behind, 2).confidence, HIGH);
	signature_start(&bench, DETECTOR_signature_iodine);
	assert_int_equal(answer(&bench, START, "oclvm3.t.example.org", CNAME, &version_ack, 1).confidence,
	                 HIGH);
	assert_int_equal(ask(&bench, later, "vaaaakasgpy.t.example.org", A).confidence, HIGH);
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
		cmocka_unit_test(addresses_alone_are_likely),
		cmocka_unit_test(addresses_and_an_answer_are_certain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
