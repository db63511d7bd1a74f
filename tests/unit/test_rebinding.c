/* SPDX-License-Identifier: BSD-3-Clause */
/* test_rebinding - what scenarios cannot write: mapped addresses and broken records. The ranges, and
 * what one answer makes of the next, are scenarios.
 */
#include "facts.h"

extern const struct detector detector_rebinding;

enum { A = 1, CNAME = 5, AAAA = 28 };
enum { PRIVATE, PUBLIC = 2 };

static const uint8_t mapped_private[16] = { [10] = 0xff, 0xff, 192, 168, 1, 1 };
static const uint8_t mapped_public[16] = { [10] = 0xff, 0xff, 203, 0, 113, 1 };
static const uint8_t public[16] = { 0x20, 0x01, 0x0d, 0xb8 };

#define RECORD(type_, data, len) { .type = type_, .rdata = data, .rdata_len = len }

static struct facts *answer(struct made *made, const struct warden_record *record, unsigned count)
{
	struct facts *facts = make_question(made, START, "www.example.com", 1, AAAA);

	facts->question = false;
	facts->answer = true;
	made->obs.what = WARDEN_ANSWER;
	made->obs.records = record;
	made->obs.record_count = count;
	made->obs.answer_count = (uint16_t)count;
	return facts;
}

static void mapped_addresses_are_what_they_map(void **state)
{
	const struct warden_record both[] = { RECORD(AAAA, mapped_private, 16), RECORD(AAAA, public, 16) };
	const struct warden_record neither[] = { RECORD(AAAA, mapped_public, 16), RECORD(AAAA, public, 16) };
	struct opinion opinion;
	struct bench bench;
	struct made made;

	(void)state;
	bench_start(&bench, &detector_rebinding);
	opinion = bench_show(&bench, answer(&made, both, 2));
	assert_int_equal(opinion.confidence, CONFIDENCE_HIGH);
	assert_memory_equal(&opinion.evidence[PRIVATE], mapped_private, 16);
	assert_memory_equal(&opinion.evidence[PUBLIC], public, 16);
	assert_int_equal(bench_show(&bench, answer(&made, neither, 2)).confidence, CONFIDENCE_NONE);
	/* Alone it is one kind. */
	assert_int_equal(bench_show(&bench, answer(&made, both, 1)).confidence, CONFIDENCE_NONE);
}

static void broken_records_are_none(void **state)
{
	const struct warden_record cases[] = {
		RECORD(A, mapped_private + 12, 3), RECORD(A, mapped_private, 16), RECORD(AAAA, mapped_private, 15),
		RECORD(AAAA, mapped_private + 12, 4), RECORD(A, NULL, 0), RECORD(CNAME, mapped_private + 12, 4),
	};
	struct bench bench;
	struct made made;

	(void)state;
	bench_start(&bench, &detector_rebinding);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct warden_record two[] = { cases[i], RECORD(AAAA, public, 16) };

		assert_int_equal(bench_show(&bench, answer(&made, two, 2)).confidence, CONFIDENCE_NONE);
		assert_false(detector_rebinding.relevant(bench.config, answer(&made, two, 1)));
	}
}

/* The commonest answer there is, a public address out of the cache, costs nothing more. */
static void cached_public_answers_are_passed_over(void **state)
{
	const struct warden_record record[] = { RECORD(AAAA, public, 16) };
	struct bench bench;
	struct made made;
	struct facts *facts = answer(&made, record, 1);

	(void)state;
	bench_start(&bench, &detector_rebinding);
	assert_true(detector_rebinding.relevant(bench.config, facts));
	made.obs.path = WARDEN_PATH_CACHE;
	assert_false(detector_rebinding.relevant(bench.config, facts));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mapped_addresses_are_what_they_map),
		cmocka_unit_test(broken_records_are_none),
		cmocka_unit_test(cached_public_answers_are_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
