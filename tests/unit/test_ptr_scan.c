/* SPDX-License-Identifier: BSD-3-Clause */
/* test_ptr_scan - which names are addresses, and how many of them are too many. */
#include "facts.h"

extern const struct detector detector_ptr_scan;

enum { A = 1, PTR = 12 };

static struct opinion ask(struct bench *bench, uint64_t now, const char *name, uint16_t qtype, bool novel)
{
	struct made made;

	make_question(&made, now, name, 1, qtype);
	made.facts.novel = novel;
	return bench_show(bench, &made.facts);
}

#define IPV6_REST "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"

static void reads_whole_addresses(void **state)
{
	static const struct {
		const char *name;
		uint8_t address[16]; /* all zeros: it is none */
	} cases[] = {
		{ "7.2.0.192.in-addr.arpa", { [10] = 255, 255, 192, 0, 2, 7 } },
		{ "255.254.253.252.IN-ADDR.ARPA", { [10] = 255, 255, 252, 253, 254, 255 } },
		{ "f.1." IPV6_REST, { 0x20, 0x01, 0x0d, 0xb8, [15] = 0x1f } },
		{ "F.1." IPV6_REST, { 0x20, 0x01, 0x0d, 0xb8, [15] = 0x1f } },
		{ "256.2.0.192.in-addr.arpa", { 0 } },
		{ "0007.2.0.192.in-addr.arpa", { 0 } },
		{ "a.2.0.192.in-addr.arpa", { 0 } },
		{ "2.0.192.in-addr.arpa", { 0 } },
		{ "8.7.2.0.192.in-addr.arpa", { 0 } },
		{ "7.2.0.192.in-addr.arpa.example", { 0 } },
		{ "7.2.0.192.in-addx.arpa", { 0 } },
		{ "g.1." IPV6_REST, { 0 } },
		{ "11.1." IPV6_REST, { 0 } },
		{ "1." IPV6_REST, { 0 } },
		{ "1.1.1." IPV6_REST, { 0 } },
		{ "\\000.1." IPV6_REST, { 0 } },
		{ "b._dns-sd._udp.0.2.0.192.in-addr.arpa", { 0 } },
		{ ".", { 0 } },
	};
	static const uint8_t none[16];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct opinion opinion;
		struct bench bench;

		print_message("%s\n", cases[i].name);
		bench_start(&bench, &detector_ptr_scan);
		set_option(&detector_ptr_scan, bench.config, "count", 1);
		opinion = ask(&bench, START, cases[i].name, PTR, true);
		assert_int_equal(opinion.confidence, memcmp(cases[i].address, none, 16) ? CONFIDENCE_HIGH : 0);
		assert_memory_equal(&opinion.evidence[1], cases[i].address, 16);
		assert_int_equal(ask(&bench, START, cases[i].name, A, true).confidence, 0);
	}
}

static void counts_new_ones(void **state)
{
	struct opinion opinion;
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_ptr_scan);
	for (unsigned i = 0; i < 79; i++)
		assert_int_equal(ask(&bench, START, "7.2.0.192.in-addr.arpa", PTR, true).confidence, 0);
	for (unsigned i = 0; i < 79; i++)
		assert_int_equal(ask(&bench, START, "7.2.0.192.in-addr.arpa", PTR, false).confidence, 0);
	opinion = ask(&bench, START + HOUR - 1, "8.2.0.192.in-addr.arpa", PTR, true);
	assert_int_equal(opinion.confidence, CONFIDENCE_HIGH);
	assert_int_equal(opinion.evidence[0], 80);
	opinion = ask(&bench, START + HOUR, "9.2.0.192.in-addr.arpa", PTR, true);
	assert_int_equal(opinion.confidence, CONFIDENCE_NONE);
	assert_int_equal(opinion.evidence[0], 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_whole_addresses),
		cmocka_unit_test(counts_new_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
