/* SPDX-License-Identifier: BSD-3-Clause */
/* test_client - the one key of each who, and the holds that an operator makes by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "support.h"

static const struct {
	unsigned v4, v6;
	const char *address, *masked;
} masks[] = {
	{ 32, 64, "192.0.2.77", "192.0.2.77" },
	{ 24, 64, "192.0.2.77", "192.0.2.0" },
	{ 31, 64, "192.0.2.77", "192.0.2.76" },
	{ 20, 64, "198.51.127.255", "198.51.112.0" },
	{ 8, 64, "203.0.113.1", "203.0.0.0" },
	{ 24, 64, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::" },
	{ 24, 128, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6" },
	{ 24, 127, "2001:db8:1:2:3:4:5:7", "2001:db8:1:2:3:4:5:6" },
	{ 24, 56, "2001:db8:1:2ff:3:4:5:6", "2001:db8:1:200::" },
	{ 24, 57, "2001:db8:1:2ff:3:4:5:6", "2001:db8:1:280::" },
	{ 24, 16, "2001:db8::1", "2001::" },
	{ 32, 16, "::ffff:192.0.2.1", "192.0.2.1" }, /* mapped is IPv4 */
};

static void mask(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(masks) / sizeof(*masks); i++) {
		struct settings settings = {
			.client_prefix_v4 = masks[i].v4,
			.client_prefix_v6 = masks[i].v6,
		};
		uint8_t octets[16], wanted[16];

		address(octets, masks[i].address);
		address(wanted, masks[i].masked);
		client_mask(&settings, octets);
		if (memcmp(octets, wanted, 16) != 0)
			fail_msg("%s with /%u and /%u", masks[i].address, masks[i].v4, masks[i].v6);
	}
}

static void hashes_differ_by_use(void **state)
{
	static const uint8_t octets[16] = { 1, 2, 3 };
	struct mapping one, other;
	uint64_t client, domain;

	(void)state;
	open_private(&one);
	open_private(&other);
	client = client_hash(&one, octets);
	domain = domain_hash(&one, octets, 16);
	assert_true(client == client_hash(&one, octets));
	assert_true(client != domain);
	assert_true(pair_hash(&one, client, domain) != pair_hash(&one, domain, client));
	assert_true(client != client_hash(&other, octets)); /* another segment, another secret */
	mapping_detach(&one);
	mapping_detach(&other);
}

/* ---- holds by hand ------------------------------------------------------------- */

static char error[2048];

static bool hold(struct warden *warden, const char *client, const char *domain, uint64_t expires)
{
	uint8_t octets[16] = { 0 };
	struct name name;

	if (client)
		address(octets, client);
	if (domain)
		assert_true(name_from_text(&name, domain));
	return engine_hold(warden, client ? octets : NULL, domain ? &name : NULL, NOW, expires,
	                   "as agreed", error, sizeof(error));
}

static bool release(struct warden *warden, const char *client, const char *domain)
{
	uint8_t octets[16] = { 0 };
	struct name name;

	if (client)
		address(octets, client);
	if (domain)
		assert_true(name_from_text(&name, domain));
	return engine_release(warden, client ? octets : NULL, domain ? &name : NULL, NOW);
}

static struct warden_decision decision_at(struct warden *warden, const char *client, const char *qname,
                                          uint64_t now)
{
	struct asked asked;

	question(&asked, client, qname, 1);
	asked.obs.now = now;
	return warden_observe(warden, &asked.obs);
}

static bool refused(struct warden *warden, const char *client, const char *qname)
{
	return decision_at(warden, client, qname, NOW).verdict == WARDEN_REFUSE;
}

static void hold_by_hand(void **state)
{
	struct warden *warden = open_engine("warden:\n mode: enforce\n", true);
	struct warden_decision decision;

	(void)state;
	assert_true(hold(warden, "192.0.2.1", "example.com", NOW + HOUR));
	decision = decision_at(warden, "192.0.2.1", "a.b.Example.COM", NOW);
	assert_int_equal(decision.verdict, WARDEN_REFUSE);
	assert_int_equal(decision.ede, 18);
	assert_string_equal(decision.detector, "operator");
	assert_false(decision.dry_run);
	assert_false(refused(warden, "192.0.2.2", "www.example.com"));
	assert_false(refused(warden, "192.0.2.1", "www.example.org"));
	assert_int_equal(decision_at(warden, "192.0.2.1", "example.com", NOW + HOUR).verdict, WARDEN_PASS);
	assert_true(release(warden, "192.0.2.1", "example.com"));
	assert_false(release(warden, "192.0.2.1", "example.com"));
	assert_false(refused(warden, "192.0.2.1", "www.example.com"));

	assert_true(hold(warden, NULL, "example.net", NOW + HOUR));
	assert_true(refused(warden, "2001:db8::1", "example.net"));
	assert_true(release(warden, NULL, "example.net"));

	/* A /64 is one client, whichever of its addresses is named. */
	assert_true(hold(warden, "2001:db8::1", NULL, NOW + HOUR));
	assert_true(refused(warden, "2001:db8::2", "example.net"));
	assert_true(release(warden, "2001:db8::3", NULL));
	assert_false(refused(warden, "2001:db8::2", "example.net"));
	warden_close(warden);
}

/* Whoever releases a hold that a detector made does not see it made again by the next name. */
static void release_forgives(void **state)
{
	struct warden *warden = open_engine("warden:\n mode: enforce\ndetector:\n name: information\n"
	                                    " budget: 32\n", true);

	(void)state;
	assert_false(refused(warden, "192.0.2.1", "hq3x7k2v.example.com"));
	for (unsigned i = 0; i < 40; i++) {
		char name[64];

		snprintf(name, sizeof(name), "k%uqz%ux7v.example.com", i * 7919, i * 104729);
		refused(warden, "192.0.2.1", name);
	}
	assert_true(refused(warden, "192.0.2.1", "www.example.com"));
	assert_true(release(warden, "192.0.2.1", "example.com"));
	assert_false(refused(warden, "192.0.2.1", "hq3x7k2w.example.com"));
	assert_false(refused(warden, "192.0.2.1", "www.example.com"));
	warden_close(warden);
}

/* Names without a public suffix share a pair, which is no reason to refuse all for one. */
static void no_hold_without_a_domain(void **state)
{
	struct warden *warden = open_engine("warden:\n mode: enforce\ndetector:\n name: information\n"
	                                    " budget: 16\n", true);
	unsigned count = 0;

	(void)state;
	refused(warden, "192.0.2.1", "known.no-such-tld");
	for (unsigned i = 0; i < 40; i++) {
		char name[64];

		snprintf(name, sizeof(name), "k%uqz%ux7v.no-such-tld", i * 7919, i * 104729);
		count += refused(warden, "192.0.2.1", name);
	}
	assert_in_range(count, 38, 40); /* each new name by itself */
	assert_int_equal(decision_at(warden, "192.0.2.1", "known.no-such-tld", NOW + MINUTE).verdict,
	                 WARDEN_PASS);
	assert_int_equal(atomic_load(&warden->mapping.header->holds), 0);
	warden_close(warden);
}

static void what_cannot_be_held(void **state)
{
	struct warden *warden = open_engine("", true);

	(void)state;
	assert_false(hold(warden, NULL, NULL, NOW + HOUR));
	assert_non_null(strstr(error, "name one of them"));
	assert_false(hold(warden, "192.0.2.1", ".", NOW + HOUR));
	assert_string_equal(error, "'.' is every name: say any");
	assert_int_equal(atomic_load(&warden->mapping.header->holds), 0);
	warden_close(warden);
}

static void no_room(void **state)
{
	struct warden *warden = open_engine("warden:\n profile: small\n", true);
	unsigned made = 0;

	(void)state;
	for (unsigned i = 0; i < 3000; i++) {
		char client[32];

		snprintf(client, sizeof(client), "10.0.%u.%u", i / 250, i % 250);
		made += hold(warden, client, NULL, NOW + HOUR);
	}
	assert_in_range(made, 512, 1024);
	assert_string_equal(error, "no room for another hold");
	warden_close(warden);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mask),
		cmocka_unit_test(hashes_differ_by_use),
		cmocka_unit_test(hold_by_hand),
		cmocka_unit_test(release_forgives),
		cmocka_unit_test(no_hold_without_a_domain),
		cmocka_unit_test(what_cannot_be_held),
		cmocka_unit_test(no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
