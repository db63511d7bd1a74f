/* SPDX-License-Identifier: BSD-3-Clause */
/* test_dynamic_dns - what adds to the risk of a name below a provider, and for how long. */
#include "base/clock.h"
#include "facts.h"

extern const struct detector detector_dynamic_dns;

enum { A = 1, TXT = 16, AAAA = 28 };
enum {
	REASON_SERVICE, REASON_BELOW, REASON_NEW, REASON_CHANGED, REASON_TEXT, REASON_ENCODED, REASON_FLUX
};
enum { RISK = EVIDENCE_TEXT_WORDS, FIRST_SEEN, COUNT, TTL, ADDRESSES, CHANGES, FLUX, ADDRESS };

#define RECORDS_MAX 200

/* A name, where in it the provider and the domain begin, and what the resolver answered. */
struct scene {
	struct bench bench;
	struct made made;
	struct listing listing;
	struct warden_record record[RECORDS_MAX];
	uint8_t rdata[RECORDS_MAX][16];
	struct location location[LOCATIONS_MAX];
	const char *name;
	uint8_t label, payload, path;
	uint16_t qtype;
	bool known; /* to the client */
};

/* With bounds at which each addition makes a difference. */
static void start(struct scene *scene, const char *name, uint8_t label, uint8_t payload)
{
	memset(scene, 0, sizeof(*scene));
	bench_start(&scene->bench, &detector_dynamic_dns);
	set_option(&detector_dynamic_dns, scene->bench.config, "medium-risk", 56);
	set_option(&detector_dynamic_dns, scene->bench.config, "high-risk", 70);
	scene->name = name;
	scene->label = label;
	scene->payload = payload;
	scene->qtype = A;
	scene->known = true;
}

static struct facts *facts_of(struct scene *scene, uint64_t now, uint8_t what)
{
	struct facts *facts = make_question(&scene->made, now, scene->name, scene->payload, scene->qtype);
	uint64_t hash = 5381;

	for (unsigned i = 0; i < scene->made.name.len; i++)
		hash = hash * 33 + scene->made.name.wire[i];
	facts->name_hash = hash;
	facts->client_hash = 7;
	facts->first_asked = now - 5 * MINUTE;
	facts->queries = 3;
	facts->recalled = scene->known;
	facts->question = what & WARDEN_QUESTION;
	facts->answer = what & WARDEN_ANSWER;
	scene->made.obs.what = what;
	scene->made.obs.path = scene->path;
	scene->listing = (struct listing){
		.list = "dynamic-dns", .note = "DuckDNS", .detector = DETECTOR_dynamic_dns, .label = scene->label,
	};
	facts->listed = &scene->listing;
	facts->listed_count = 1;
	scene->known = true;
	return facts;
}

static struct opinion ask(struct scene *scene, uint64_t now)
{
	return bench_show(&scene->bench, facts_of(scene, now, WARDEN_QUESTION));
}

/* An answer of <count> addresses of <type>, the first ending in <first>, in <systems> systems. */
static struct opinion answer(struct scene *scene, uint64_t now, uint32_t ttl, uint16_t type, unsigned first,
                             unsigned count, unsigned systems)
{
	struct facts *facts = facts_of(scene, now, WARDEN_ANSWER);

	for (unsigned i = 0; i < count; i++) {
		uint8_t *octet = scene->rdata[i];

		memset(octet, 0, 16);
		octet[0] = 203;
		octet[2] = (uint8_t)((first + i) / 256);
		octet[3] = (uint8_t)((first + i) % 256);
		scene->record[i] = (struct warden_record){
			.rdata = octet, .rdata_len = type == AAAA ? 16 : type == A ? 4 : 9, .type = type, .ttl = ttl,
		};
	}
	for (unsigned i = 0; i < systems; i++)
		scene->location[i] = (struct location){ .asn = 64500 + i };
	facts->locations = scene->location;
	facts->location_count = (uint8_t)systems;
	scene->made.obs.records = scene->record;
	scene->made.obs.record_count = count;
	scene->made.obs.answer_count = (uint16_t)count;
	scene->made.obs.ttl = ttl;
	return bench_show(&scene->bench, facts);
}

static void expect(struct opinion opinion, uint8_t confidence, uint64_t risk, uint8_t reason)
{
	assert_int_equal(opinion.confidence, confidence);
	assert_int_equal(opinion.evidence[RISK], risk);
	assert_int_equal(opinion.reason, reason);
}

static void tells_provider_and_answer(void **state)
{
	struct opinion opinion;
	struct scene scene;
	uint8_t address[16];

	(void)state;
	start(&scene, "x.duckdns.org", 1, 0);
	opinion = answer(&scene, START, 60, A, 9, 1, 0);
	assert_string_equal((const char *)opinion.evidence, "DuckDNS");
	assert_int_equal(opinion.evidence[FIRST_SEEN], 5);
	assert_int_equal(opinion.evidence[COUNT], 3);
	assert_int_equal(opinion.evidence[TTL], 60);
	assert_int_equal(opinion.evidence[ADDRESSES], 1);
	assert_int_equal(opinion.evidence[CHANGES], 0);
	memcpy(address, &opinion.evidence[ADDRESS], sizeof(address));
	assert_memory_equal(address, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xcb\0\0\x09", 16);
}

static void only_below_providers(void **state)
{
	struct scene scene;
	struct facts *facts;

	(void)state;
	start(&scene, "evilduckdns.org", 0, 0);
	facts = facts_of(&scene, START, WARDEN_QUESTION);
	facts->listed_count = 0;
	assert_int_equal(bench_show(&scene.bench, facts).confidence, CONFIDENCE_NONE);
	facts = facts_of(&scene, START, WARDEN_QUESTION);
	scene.listing.detector = DETECTOR_list;
	assert_int_equal(bench_show(&scene.bench, facts).confidence, CONFIDENCE_NONE);
}

static void own_names_are_low(void **state)
{
	static const struct {
		const char *name;
		uint8_t label, reason;
		uint64_t risk;
	} cases[] = {
		{ "duckdns.org", 0, REASON_SERVICE, 17 },
		{ "www.duckdns.org", 1, REASON_SERVICE, 17 },
		{ "checkip.dyndns.org", 1, REASON_SERVICE, 17 },
		{ "www.x.duckdns.org", 2, REASON_NEW, 49 },
		{ "wwww.duckdns.org", 1, REASON_NEW, 49 },
		{ "ww.duckdns.org", 1, REASON_NEW, 49 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct scene scene;

		start(&scene, cases[i].name, cases[i].label, 0);
		scene.known = false;
		expect(ask(&scene, START), CONFIDENCE_LOW, cases[i].risk, cases[i].reason);
		/* Nothing makes the provider itself more than that. */
		scene.qtype = TXT;
		if (cases[i].reason == REASON_SERVICE)
			expect(answer(&scene, START, 60, TXT, 1, 1, 0), CONFIDENCE_LOW, 17, REASON_SERVICE);
	}
}

static void asks_to_recall_the_name_of_the_client(void **state)
{
	uint64_t key[RECALL_MAX], other[RECALL_MAX];
	struct scene scene;
	struct facts *facts;

	(void)state;
	start(&scene, "x.duckdns.org", 1, 0);
	facts = facts_of(&scene, START, WARDEN_QUESTION);
	assert_int_equal(detector_dynamic_dns.recall(scene.bench.config, facts, key), 1);
	facts->client_hash++;
	assert_int_equal(detector_dynamic_dns.recall(scene.bench.config, facts, other), 1);
	assert_true(key[0] != other[0]);
	facts->client_hash--;
	facts->name_hash++;
	assert_int_equal(detector_dynamic_dns.recall(scene.bench.config, facts, other), 1);
	assert_true(key[0] != other[0]);
	start(&scene, "www.duckdns.org", 1, 0);
	facts = facts_of(&scene, START, WARDEN_QUESTION);
	assert_int_equal(detector_dynamic_dns.recall(scene.bench.config, facts, key), 0);
}

static void adds_up(void **state)
{
	struct scene scene;

	(void)state;
	start(&scene, "x.duckdns.org", 1, 0);
	expect(ask(&scene, START), CONFIDENCE_LOW, 35, REASON_BELOW);
	scene.known = false;
	expect(ask(&scene, START), CONFIDENCE_LOW, 49, REASON_NEW);
	expect(answer(&scene, START, 301, A, 1, 1, 0), CONFIDENCE_LOW, 49, REASON_NEW);
	expect(answer(&scene, START, 300, A, 1, 1, 0), CONFIDENCE_MEDIUM, 56, REASON_NEW);
	scene.qtype = TXT;
	expect(ask(&scene, START), CONFIDENCE_HIGH, 70, REASON_TEXT);
	/* More than certain is certain. */
	expect(answer(&scene, START, 0, A, 2, 90, 8), CONFIDENCE_HIGH, 70, REASON_FLUX);
}

static void as_the_rule_is_written(void **state)
{
	static const char *const zero[] = {
		"add-new", "add-ttl", "add-changed", "add-flux", "add-text", "add-encoded"
	};
	struct scene scene;

	(void)state;
	start(&scene, "x.duckdns.org", 1, 0);
	set_option(&detector_dynamic_dns, scene.bench.config, "confidence", 80);
	for (size_t i = 0; i < sizeof(zero) / sizeof(*zero); i++)
		set_option(&detector_dynamic_dns, scene.bench.config, zero[i], 0);
	expect(ask(&scene, START), CONFIDENCE_MEDIUM, 56, REASON_BELOW);
	scene.known = false;
	scene.qtype = TXT;
	expect(answer(&scene, START, 1, A, 2, 90, 8), CONFIDENCE_MEDIUM, 56, REASON_BELOW);
	set_option(&detector_dynamic_dns, scene.bench.config, "confidence", 79);
	expect(ask(&scene, START), CONFIDENCE_LOW, 55, REASON_BELOW);
	set_option(&detector_dynamic_dns, scene.bench.config, "impact", 100);
	expect(ask(&scene, START), CONFIDENCE_HIGH, 79, REASON_BELOW);
}

/* Every name below a provider is tagged, and one at the risk of the written rule is sure. */
static void by_default(void **state)
{
	struct scene scene;

	(void)state;
	start(&scene, "x.duckdns.org", 1, 0);
	bench_start(&scene.bench, &detector_dynamic_dns);
	scene.known = true;
	expect(ask(&scene, START + DAY), CONFIDENCE_MEDIUM, 35, REASON_BELOW);
	set_option(&detector_dynamic_dns, scene.bench.config, "confidence", 49);
	expect(ask(&scene, START + DAY), CONFIDENCE_LOW, 34, REASON_BELOW);
	set_option(&detector_dynamic_dns, scene.bench.config, "confidence", 79);
	expect(ask(&scene, START + DAY), CONFIDENCE_MEDIUM, 55, REASON_BELOW);
	set_option(&detector_dynamic_dns, scene.bench.config, "confidence", 80);
	expect(ask(&scene, START + DAY), CONFIDENCE_HIGH, 56, REASON_BELOW);
}

static void is_new_for_an_hour(void **state)
{
	struct scene scene;

	(void)state;
	start(&scene, "x.duckdns.org", 1, 0);
	scene.known = false;
	ask(&scene, START);
	expect(ask(&scene, START + HOUR - SECOND), CONFIDENCE_LOW, 49, REASON_NEW);
	expect(ask(&scene, START + HOUR), CONFIDENCE_LOW, 35, REASON_BELOW);
	/* Another name of the pair is not. */
	scene.known = false;
	ask(&scene, START);
	scene.name = "y.x.duckdns.org";
	scene.label = 2;
	expect(ask(&scene, START + SECOND), CONFIDENCE_LOW, 35, REASON_BELOW);
	/* After a step back of the clock it is an old one. */
	scene.name = "x.duckdns.org";
	scene.label = 1;
	expect(ask(&scene, START - HOUR), CONFIDENCE_LOW, 35, REASON_BELOW);
}

static void changes_count_for_a_day(void **state)
{
	struct scene scene;

	(void)state;
	start(&scene, "x.duckdns.org", 1, 0);
	expect(answer(&scene, START, 3600, A, 1, 2, 0), CONFIDENCE_LOW, 35, REASON_BELOW);
	/* IPv6 is another set; nothing is no address. */
	expect(answer(&scene, START, 3600, AAAA, 1, 1, 0), CONFIDENCE_LOW, 35, REASON_BELOW);
	expect(answer(&scene, START, 3600, A, 1, 0, 0), CONFIDENCE_LOW, 35, REASON_BELOW);
	expect(answer(&scene, START, 3600, A, 1, 2, 0), CONFIDENCE_LOW, 35, REASON_BELOW);
	expect(answer(&scene, START, 3600, A, 2, 1, 0), CONFIDENCE_LOW, 42, REASON_CHANGED);
	assert_int_equal(ask(&scene, START).evidence[CHANGES], 1);
	expect(ask(&scene, START + DAY - SECOND), CONFIDENCE_LOW, 42, REASON_CHANGED);
	expect(ask(&scene, START + DAY), CONFIDENCE_LOW, 35, REASON_BELOW);
	expect(answer(&scene, START + DAY, 3600, AAAA, 2, 1, 0), CONFIDENCE_LOW, 42, REASON_CHANGED);
	/* Nobody looked for ten days. */
	expect(answer(&scene, START + 11 * DAY, 3600, A, 3, 1, 0), CONFIDENCE_LOW, 42, REASON_CHANGED);
	/* A clock that steps back. */
	expect(ask(&scene, START), CONFIDENCE_LOW, 35, REASON_BELOW);
	/* Known, with a short TTL and an address that changes: somebody's own machine. */
	expect(answer(&scene, START + 11 * DAY, 60, A, 4, 1, 0), CONFIDENCE_LOW, 49, REASON_CHANGED);
	/* New as well. */
	scene.known = false;
	expect(ask(&scene, START + 11 * DAY), CONFIDENCE_MEDIUM, 63, REASON_CHANGED);
}

static void order_is_no_change(void **state)
{
	struct scene scene;
	struct warden_record first;
	struct facts *facts;

	(void)state;
	start(&scene, "x.duckdns.org", 1, 0);
	answer(&scene, START, 3600, A, 1, 2, 0);
	first = scene.record[0];
	scene.record[0] = scene.record[1];
	scene.record[1] = first;
	facts = facts_of(&scene, START, WARDEN_ANSWER);
	scene.made.obs.records = scene.record;
	scene.made.obs.record_count = 2;
	scene.made.obs.answer_count = 2;
	scene.made.obs.ttl = 3600;
	expect(bench_show(&scene.bench, facts), CONFIDENCE_LOW, 35, REASON_BELOW);
	/* Nor is a part of them, when the door has not shown all. */
	scene.made.obs.record_count = 1;
	expect(bench_show(&scene.bench, facts), CONFIDENCE_LOW, 35, REASON_BELOW);
	scene.made.obs.answer_count = 1;
	expect(bench_show(&scene.bench, facts), CONFIDENCE_LOW, 42, REASON_CHANGED);
}

/* 1.32 * 9 + 18.54 * 7 = 141.66, and 142.98 with 10. */
static void flux_has_a_bound(void **state)
{
	struct scene scene;
	struct opinion opinion;

	(void)state;
	start(&scene, "x.duckdns.org", 1, 0);
	opinion = answer(&scene, START, 3600, A, 1, 9, 7);
	assert_int_equal(opinion.evidence[ADDRESSES], 9);
	assert_int_equal(opinion.evidence[FLUX], 141);
	expect(opinion, CONFIDENCE_LOW, 35, REASON_BELOW);
	start(&scene, "x.duckdns.org", 1, 0);
	opinion = answer(&scene, START, 3600, A, 1, 10, 7);
	assert_int_equal(opinion.evidence[ADDRESSES], 10);
	assert_int_equal(opinion.evidence[FLUX], 142);
	expect(opinion, CONFIDENCE_LOW, 49, REASON_FLUX);
	expect(ask(&scene, START + DAY - SECOND), CONFIDENCE_LOW, 49, REASON_FLUX);
	expect(ask(&scene, START + DAY), CONFIDENCE_LOW, 35, REASON_BELOW);
	expect(ask(&scene, START - HOUR), CONFIDENCE_LOW, 35, REASON_BELOW);
	/* With one that changes, a short TTL, and new: certain. */
	scene.known = false;
	expect(answer(&scene, START, 60, A, 1, 10, 7), CONFIDENCE_HIGH, 70, REASON_FLUX);
}

static void addresses_alone_are_estimated(void **state)
{
	struct scene scene;

	(void)state;
	start(&scene, "x.duckdns.org", 1, 0);
	/* In many answers: 108 are the bound. */
	for (unsigned i = 0; i < 90; i++)
		assert_int_not_equal(answer(&scene, START, 3600, A, i, 1, 0).reason, REASON_FLUX);
	for (unsigned i = 90; i < 130; i++)
		answer(&scene, START, 3600, A, i, 1, 0);
	assert_int_equal(ask(&scene, START).reason, REASON_FLUX);
	assert_int_equal(ask(&scene, START).evidence[CHANGES], 129);
	for (unsigned i = 130; i < 2000; i++)
		answer(&scene, START, 3600, A, i, 1, 0);
	assert_int_equal(ask(&scene, START).evidence[CHANGES], 255);
	assert_in_range(ask(&scene, START).evidence[ADDRESSES], 500, 620); /* all it can tell */
}

static void believes_no_ttl_out_of_a_cache(void **state)
{
	static const uint8_t paths[] = { WARDEN_PATH_CACHE, WARDEN_PATH_LOCAL };
	struct scene scene;

	(void)state;
	for (size_t i = 0; i < sizeof(paths); i++) {
		start(&scene, "x.duckdns.org", 1, 0);
		scene.path = paths[i];
		expect(answer(&scene, START, 60, A, 1, 1, 0), CONFIDENCE_LOW, 35, REASON_BELOW);
		/* Somebody had it from the servers; then all know. */
		scene.path = WARDEN_PATH_MISS;
		expect(answer(&scene, START, 60, A, 1, 1, 0), CONFIDENCE_LOW, 42, REASON_BELOW);
		scene.path = paths[i];
		expect(answer(&scene, START, 299, A, 1, 1, 0), CONFIDENCE_LOW, 42, REASON_BELOW);
	}
	/* No answer, no TTL. */
	start(&scene, "x.duckdns.org", 1, 0);
	expect(answer(&scene, START, 0, A, 1, 0, 0), CONFIDENCE_LOW, 35, REASON_BELOW);
}

static void customers_have_names_of_their_own(void **state)
{
	struct scene scene;

	(void)state;
	/* The domain is the customer's: the first name stands for all. */
	start(&scene, "x.duckdns.org", 1, 0);
	answer(&scene, START, 60, A, 1, 1, 0);
	scene.name = "www.x.duckdns.org";
	scene.label = 2;
	scene.payload = 1;
	expect(answer(&scene, START, 60, A, 2, 1, 0), CONFIDENCE_LOW, 42, REASON_BELOW);
	scene.name = "x.duckdns.org";
	scene.label = 1;
	scene.payload = 0;
	answer(&scene, START, 60, A, 3, 1, 0);
	scene.name = "www.x.duckdns.org";
	scene.label = 2;
	scene.payload = 1;
	expect(ask(&scene, START), CONFIDENCE_LOW, 49, REASON_CHANGED);
	/* The next day belongs to who comes first. */
	expect(answer(&scene, START + DAY, 3600, A, 2, 1, 0), CONFIDENCE_LOW, 35, REASON_BELOW);

	/* The domain is the provider's: no name says anything of another. */
	start(&scene, "x.mooo.com", 1, 1);
	answer(&scene, START, 60, A, 1, 1, 0);
	answer(&scene, START, 60, A, 2, 1, 0);
	expect(ask(&scene, START), CONFIDENCE_LOW, 49, REASON_CHANGED);
	scene.name = "y.mooo.com";
	expect(ask(&scene, START), CONFIDENCE_LOW, 35, REASON_BELOW);
	expect(answer(&scene, START, 3600, A, 3, 1, 0), CONFIDENCE_LOW, 35, REASON_BELOW);
	scene.name = "x.mooo.com";
	expect(ask(&scene, START), CONFIDENCE_LOW, 35, REASON_BELOW);
}

static void codes_are_long_and_no_words(void **state)
{
	static const struct {
		const char *name;
		uint8_t label, reason;
	} cases[] = {
		{ "k3q9z7x1j5w2v8f4h6b0.duckdns.org", 1, REASON_ENCODED },  /* 20 characters */
		{ "k3q9z7x1j5w2v8f4h6b.duckdns.org", 1, REASON_BELOW },     /* 19 */
		{ "www.k3q9z7x1j5w2v8f4h6b0.duckdns.org", 2, REASON_ENCODED },
		{ "tentative-bluetooth-laughing-ears.trycloudflare.com", 1, REASON_BELOW },
		{ "my-home-in-the-countryside.duckdns.org", 1, REASON_BELOW },
		/* Right of where the provider begins nothing is the customer's. */
		{ "home.k3q9z7x1j5w2v8f4h6b0.duckdns.org", 1, REASON_BELOW },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct scene scene;

		start(&scene, cases[i].name, cases[i].label, 0);
		expect(ask(&scene, START), CONFIDENCE_LOW, cases[i].reason == REASON_ENCODED ? 49 : 35,
		       cases[i].reason);
	}
}

static void survives_any_octets(void **state)
{
	uint64_t x = 88172645463325252u;
	struct scene scene;

	(void)state;
	start(&scene, "x.duckdns.org", 1, 0);
	for (unsigned i = 0; i < 2000; i++) {
		struct opinion opinion;

		for (unsigned j = 0; j < 8; j++) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			scene.bench.pair[j] = i == 0 ? UINT64_MAX : x;
			scene.bench.domain[j] = i == 0 ? UINT64_MAX : x * 3;
		}
		scene.known = i % 2;
		opinion = i % 3 ? answer(&scene, START, 60, i % 5 ? A : AAAA, i % 100, i % 8, i % 10) : ask(&scene, START);
		assert_in_range(opinion.confidence, CONFIDENCE_LOW, CONFIDENCE_HIGH);
		assert_in_range(opinion.reason, REASON_BELOW, REASON_FLUX);
	}
}

static void checks_its_options(void **state)
{
	struct scene scene;
	char error[256];

	(void)state;
	start(&scene, "x.duckdns.org", 1, 0);
	assert_true(detector_dynamic_dns.check(scene.bench.config, error, sizeof(error)));
	set_option(&detector_dynamic_dns, scene.bench.config, "medium-risk", 70);
	assert_true(detector_dynamic_dns.check(scene.bench.config, error, sizeof(error)));
	set_option(&detector_dynamic_dns, scene.bench.config, "medium-risk", 71);
	assert_false(detector_dynamic_dns.check(scene.bench.config, error, sizeof(error)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_provider_and_answer),
		cmocka_unit_test(only_below_providers),
		cmocka_unit_test(own_names_are_low),
		cmocka_unit_test(asks_to_recall_the_name_of_the_client),
		cmocka_unit_test(adds_up),
		cmocka_unit_test(as_the_rule_is_written),
		cmocka_unit_test(by_default),
		cmocka_unit_test(is_new_for_an_hour),
		cmocka_unit_test(changes_count_for_a_day),
		cmocka_unit_test(order_is_no_change),
		cmocka_unit_test(flux_has_a_bound),
		cmocka_unit_test(addresses_alone_are_estimated),
		cmocka_unit_test(believes_no_ttl_out_of_a_cache),
		cmocka_unit_test(customers_have_names_of_their_own),
		cmocka_unit_test(codes_are_long_and_no_words),
		cmocka_unit_test(survives_any_octets),
		cmocka_unit_test(checks_its_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
