/* SPDX-License-Identifier: BSD-3-Clause */
/* test_evidence - each kind of evidence in words, and words that nobody put there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/evidence.h"
#include "support.h"

/* One of each kind; what stands where follows from what stands before. */
static const struct detector one_of_each = {
	.name = "one-of-each",
	.evidence = {
		{ "number" },
		{ "text", EVIDENCE_TEXT },
		{ "domain", EVIDENCE_DOMAIN },
		{ "address", EVIDENCE_ADDRESS },
		{ "detectors", EVIDENCE_DETECTORS },
		{ "last" },
	},
};

#define VALUE(i, wanted) \
	do { \
		assert_true(evidence_value(value, &one_of_each, i, word, &warden->mapping)); \
		assert_string_equal(value, wanted); \
	} while (0)

static void places(void **state)
{
	static const unsigned at[] = { 0, 1, 4, 5, 7, 8 };

	(void)state;
	for (unsigned i = 0; i < sizeof(at) / sizeof(*at); i++)
		assert_int_equal(evidence_at(&one_of_each, i), at[i]);
}

static void every_kind(void **state)
{
	struct warden *warden = open_engine("", true);
	uint64_t word[EVIDENCE_MAX] = { 42 };
	char value[EVIDENCE_VALUE_MAX];
	uint8_t octets[16];
	struct name name;

	(void)state;
	decision_on(warden, "192.0.2.7", "www.example.com", 1);
	assert_true(name_from_text(&name, "example.com"));
	evidence_text(word + 1, "DuckDNS");
	word[4] = domain_hash(&warden->mapping, name.wire, name.len);
	address(octets, "198.51.100.9");
	memcpy(word + 5, octets, sizeof(octets));
	word[7] = 1u << DETECTOR_long_names | 1u << DETECTOR_null_rate;
	word[8] = UINT64_MAX;
	VALUE(0, "42");
	VALUE(1, "DuckDNS");
	VALUE(2, "example.com");
	VALUE(3, "198.51.100.9");
	VALUE(4, "long-names null-rate");
	VALUE(5, "18446744073709551615");

	/* Long texts are cut, and nothing that does not print gets through. */
	evidence_text(word + 1, "a provider with a very long name");
	VALUE(1, "a provider with a very l");
	evidence_text(word + 1, "\033[31m\xff");
	VALUE(1, "?[31m?");
	memset(word + 1, 7, 3 * sizeof(*word));
	VALUE(1, "????????????????????????");

	/* What is not there is left out. */
	evidence_text(word + 1, NULL);
	assert_false(evidence_value(value, &one_of_each, 1, word, &warden->mapping));
	word[4]++;
	assert_false(evidence_value(value, &one_of_each, 2, word, &warden->mapping));
	word[4] = 0;
	assert_false(evidence_value(value, &one_of_each, 2, word, NULL));
	word[7] = 0;
	assert_false(evidence_value(value, &one_of_each, 4, word, &warden->mapping));
	warden_close(warden);
}

/* What detectors say they tell fits where it is kept. */
static void fits(void **state)
{
	(void)state;
	for (unsigned id = 0; id < DETECTOR_COUNT; id++) {
		unsigned count = 0;

		while (count < EVIDENCE_MAX && detectors[id]->evidence[count].name)
			count++;
		assert_in_range(evidence_at(detectors[id], count), 0, EVIDENCE_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places),
		cmocka_unit_test(every_kind),
		cmocka_unit_test(fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
