/* SPDX-License-Identifier: BSD-3-Clause */
/* traffic - see traffic.h.
 *
 * What a door can be told to do about an observation is checked after each: check_decision().
 */
#include "base/clock.h"
#include "base/dns.h"
#include "texts.h"
#include "traffic.h"

#define RECORDS_MAX 8
#define SERVERS_MAX 8
#define RDATA_MAX   64
#define EVENTS_READ 4 /* of one input; then one of sixteen: reading takes longer than all the rest */

/* An observation, and what it points to. */
struct asked {
	struct warden_observation obs;
	struct name name;
	struct warden_record record[RECORDS_MAX];
	uint8_t rdata[RECORDS_MAX][RDATA_MAX];
	struct warden_server server[SERVERS_MAX];
	uint8_t id[SERVERS_MAX][16];
	uint8_t *raw; /* a name of any octets, in memory of its own */
	uint64_t random;
};

static const char *const bases[] = {
	"example.com", "www.example.com", "a.b.c.example.net", "test", "x.corp.example", "allowed.example",
	"canary.example", "host.duckdns.org", "7.2.0.192.in-addr.arpa", "8.b.d.0.1.0.0.2.ip6.arpa", "localhost",
	"no.such.tld", "www.ck", "d1.cloudfront.net", ".", "resolver.arpa", "t.co.uk", "com",
	"xn--bcher-kva.example", "_ldap._tcp.example.org", "bad.test", "dns.google.test", "wpad.example.com",
};

static const uint16_t types[] = {
	DNS_TYPE_A, DNS_TYPE_AAAA, DNS_TYPE_TXT, DNS_TYPE_NULL, DNS_TYPE_CNAME, DNS_TYPE_MX, DNS_TYPE_SRV,
	DNS_TYPE_PTR, DNS_TYPE_HTTPS, 255 /* ANY */, DNS_TYPE_KEY, DNS_TYPE_NS, DNS_TYPE_SOA, 65399,
};

static uint64_t random_of(struct asked *asked)
{
	asked->random = asked->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return asked->random >> 33;
}

/* --- names --------------------------------------------------------------------------------- */

/* Writes a label of <len> octets, base32, hexadecimal or digits, to <text>. Returns behind it. */
static char *label_random(struct asked *asked, char *text, unsigned len, unsigned alphabet)
{
	static const char *const alphabets[] = { "abcdefghijklmnopqrstuvwxyz234567", "0123456789abcdef",
		                                 "0123456789", "abcdefgh-" };
	const char *from = alphabets[alphabet % 4];
	size_t count = strlen(from);

	while (len--)
		*text++ = from[random_of(asked) % count];
	*text++ = '.';
	return text;
}

/* The name that the input tells: labels in front of one of <bases>. */
static void name_take(struct asked *asked, struct input *input)
{
	uint8_t base = input_octet(input), labels = input_octet(input);
	char text[1024], *at = text;

	asked->random = input_octet(input);
	for (unsigned i = 0; i < labels % 8 && at < text + 250; i++) {
		uint8_t kind = input_octet(input);
		const uint8_t *octets;
		size_t count;

		if (kind & 128) {
			at = label_random(asked, at, 1 + kind % 63, labels >> 4);
			continue;
		}
		count = input_octets(input, kind % 24 + 1u, &octets);
		for (size_t n = 0; n < count; n++)
			at += sprintf(at, octets[n] >= '0' && octets[n] <= 'z' && octets[n] != '\\' ? "%c" : "\\%03u",
			              octets[n]);
		if (count)
			*at++ = '.';
	}
	strcpy(at, bases[base % (sizeof(bases) / sizeof(*bases))]);
	if (at > text && !strcmp(at, "."))
		*at = '\0';
	if (!name_from_text(&asked->name, text))
		must(name_from_text(&asked->name, "too.long.example"));
	asked->obs.qname = asked->name.raw;
	asked->obs.qname_len = asked->name.len;
}

/* The same name with another first label, as tunnels ask. */
static void name_next(struct asked *asked, unsigned len, unsigned alphabet)
{
	char text[NAME_TEXT_MAX + 80], *behind = label_random(asked, text, len, alphabet);
	unsigned first = asked->name.labels > 2 ? 1 : 0;

	name_text(behind, name_tail(&asked->name, first), name_tail_len(&asked->name, first));
	if (!strcmp(behind, "."))
		*behind = '\0';
	if (!name_from_text(&asked->name, text))
		return;
	asked->obs.qname = asked->name.raw;
	asked->obs.qname_len = asked->name.len;
}

static void name_raw(struct asked *asked, struct input *input)
{
	const uint8_t *octets;
	size_t count = input_octets(input, input_octet(input) + 1u, &octets);

	free(asked->raw);
	asked->raw = copy_of(octets, count);
	asked->obs.qname = asked->raw;
	asked->obs.qname_len = (uint16_t)count;
}

/* --- observations -------------------------------------------------------------------------- */

static void client_take(struct asked *asked, struct input *input)
{
	uint8_t who = input_octet(input);
	const uint8_t *octets;

	memset(asked->obs.client, 0, 16);
	if (who < 128) { /* 192.0.2.0 to .7, and the one who is allowed */
		memcpy(asked->obs.client, (uint8_t[]){ [10] = 0xff, 0xff, 192, 0, 2, 0 }, 16);
		asked->obs.client[15] = who == 127 ? 200 : who % 8;
	} else if (who < 250) { /* a /64 each */
		memcpy(asked->obs.client, (uint8_t[8]){ 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, who }, 8);
		asked->obs.client[15] = 1;
	} else {
		size_t count = input_octets(input, 16, &octets);

		if (count)
			memcpy(asked->obs.client, octets, count);
	}
}

static void records_take(struct asked *asked, struct input *input)
{
	uint8_t count = input_octet(input);

	asked->obs.records = asked->record;
	asked->obs.record_count = count % (RECORDS_MAX + 1);
	asked->obs.answer_count = count & 128 ? (uint16_t)input_number(input, 2) : (uint16_t)asked->obs.record_count;
	for (unsigned i = 0; i < asked->obs.record_count; i++) {
		uint8_t type = input_octet(input), len = input_octet(input);
		struct warden_record *record = &asked->record[i];
		const uint8_t *octets;
		size_t taken;

		record->type = type < 200 ? types[type % (sizeof(types) / sizeof(*types))] : asked->obs.qtype;
		record->ttl = type & 1 ? (uint32_t)input_number(input, 4) : type;
		record->rdata_len = len % RDATA_MAX;
		record->rdata = asked->rdata[i];
		taken = len & 128 ? 0 : input_octets(input, record->rdata_len, &octets);
		if (taken)
			memcpy(asked->rdata[i], octets, taken);
		for (size_t n = taken; n < record->rdata_len; n++)
			asked->rdata[i][n] = (uint8_t)random_of(asked);
	}
	asked->obs.answer_size = count & 64 ? (uint32_t)input_number(input, 4) : 60u + 20u * count;
	asked->obs.ttl = count & 32 ? (uint32_t)input_number(input, 4) : 300;
}

static void delegation_take(struct asked *asked, struct input *input)
{
	uint8_t how = input_octet(input);
	unsigned first = how % 8;

	asked->obs.zone = NULL;
	asked->obs.zone_len = asked->obs.server_count = 0;
	if (how < 64)
		return;
	asked->obs.zone = name_tail(&asked->name, first);
	asked->obs.zone_len = (uint8_t)name_tail_len(&asked->name, first);
	asked->obs.server_count = how / 8 % (SERVERS_MAX + 1);
	asked->obs.servers = asked->server;
	for (unsigned i = 0; i < asked->obs.server_count; i++) {
		const uint8_t *octets;
		size_t count = input_octets(input, how & 64 ? 4 : 16, &octets);

		if (count)
			memcpy(asked->id[i], octets, count);
		asked->server[i] = (struct warden_server){ asked->id[i], (uint8_t)count };
	}
}

/* What comes beside the name: who, when, how. */
static void frame_take(struct asked *asked, struct input *input)
{
	uint8_t what = input_octet(input), how = input_octet(input), type = input_octet(input);
	struct warden_observation *obs = &asked->obs;

	client_take(asked, input);
	obs->what = what & 3 ? what & 3 : WARDEN_QUESTION;
	obs->path = what / 4 % WARDEN_PATH_COUNT;
	obs->transport = what / 16 % WARDEN_TRANSPORT_COUNT;
	obs->flags = how & 1 ? (uint16_t)input_number(input, 2) : how & 2 ? WARDEN_FLAG_EDNS : 0;
	obs->subnet_prefix = 0;
	if (how & 4) {
		obs->subnet_prefix = input_octet(input);
		memcpy(obs->subnet, (uint8_t[]){ [10] = 0xff, 0xff, 198, 51, 100, 0 }, 16);
		obs->subnet[14] = obs->subnet_prefix;
	}
	obs->client_port = 1024 + how;
	obs->qtype = type < 200 ? types[type % (sizeof(types) / sizeof(*types))] : (uint16_t)input_number(input, 2);
	obs->qclass = how & 8 ? (uint16_t)input_number(input, 2) : DNS_CLASS_IN;
	obs->rcode = how & 16 ? input_octet(input) : how & 32 ? DNS_RCODE_NXDOMAIN : DNS_RCODE_NOERROR;
	if (obs->what & WARDEN_ANSWER) {
		records_take(asked, input);
		delegation_take(asked, input);
	}
}

/* --- what comes of them -------------------------------------------------------------------- */

static bool is_detector(const char *name)
{
	return !strcmp(name, "operator") || detector_find(name) >= 0;
}

static void check_decision(const struct warden_decision *decision, const struct warden_observation *obs)
{
	must(decision->verdict < WARDEN_VERDICT_COUNT);
	must((decision->verdict == WARDEN_PASS) == (decision->detector == NULL));
	must(!decision->detector || is_detector(decision->detector));
	must(decision->ede == WARDEN_NO_EDE || decision->ede <= 49151); /* RFC 8914 section 5.2 */
	must(!decision->dry_run || decision->ede == WARDEN_NO_EDE);
	must(!decision->exempt || obs->what == WARDEN_QUESTION);
	must(!decision->keep_out || (decision->verdict == WARDEN_PASS && obs->what == WARDEN_QUESTION));
	/* Silence and truncation would be felt by others on a connection. */
	if (obs->transport != WARDEN_TRANSPORT_UDP)
		must(decision->verdict != WARDEN_DROP && decision->verdict != WARDEN_TRUNCATE);
	if (obs->what & WARDEN_ANSWER)
		must(decision->verdict != WARDEN_DROP);
}

static void observe(struct traffic *traffic, struct warden *warden, const struct asked *asked, bool sound)
{
	struct warden_observation obs = asked->obs;
	struct warden_decision decision, still;

	if (!traffic->left)
		return;
	traffic->left--;
	obs.now = traffic->now;
	decision = warden_observe(warden, &obs);
	check_decision(&decision, &obs);
	still = warden_still_held(warden, &obs);
	check_decision(&still, &obs);
	must(still.verdict == WARDEN_PASS || warden_verdict_denies(still.verdict));
	if (!(obs.flags & WARDEN_FLAG_NOBODY)) {
		traffic->questions += obs.what & WARDEN_QUESTION;
		traffic->answers += (obs.what & WARDEN_ANSWER) != 0;
	}
	traffic->digest = (traffic->digest ^ (uint64_t)(decision.verdict | still.verdict << 4 | decision.dry_run << 8 |
	                   decision.keep_out << 9 | decision.content << 10) ^ (uint64_t)decision.ede << 16) *
	                  UINT64_C(0x9e3779b97f4a7c15);
	traffic->events += texts_drain(warden, traffic->now, sound, traffic->events < EVENTS_READ || traffic->events % 16 == 0);
	memcpy(traffic->client, obs.client, sizeof(obs.client));
	traffic->name = asked->name;
}

/* --- time and the operator ----------------------------------------------------------------- */

static void time_step(struct traffic *traffic, struct input *input)
{
	static const int64_t steps[] = {
		1, 20, 999, SECOND, 5 * SECOND, MINUTE, 10 * MINUTE, HOUR, DAY, 31 * DAY, -1, -(int64_t)SECOND,
		-(int64_t)HOUR, -(int64_t)DAY, -(int64_t)(400 * DAY),
	};
	uint8_t step = input_octet(input);

	if (step == 255)
		traffic->now = input_number(input, 8);
	else
		traffic->now += (uint64_t)steps[step % (sizeof(steps) / sizeof(*steps))];
}

static void by_hand(struct traffic *traffic, struct warden *warden, struct input *input, const struct asked *asked)
{
	uint8_t what = input_octet(input), whom = input_octet(input);
	const uint8_t *client = whom & 1 ? NULL : asked->obs.client;
	const struct name *domain = whom & 2 ? NULL : &asked->name;
	uint64_t until = whom & 4 ? UINT64_MAX : traffic->now + whom * SECOND;
	char error[FAULT_MAX] = "?";
	bool done = true;

	switch (what % 8) {
	case 0:
		done = engine_hold(warden, client, domain, traffic->now, until, "ticket \"\\\n\xff", error, sizeof(error));
		break;
	case 1:
		engine_release(warden, client, domain, traffic->now);
		break;
	case 2:
		done = engine_allow(warden, client, domain, traffic->now, until, "", error, sizeof(error));
		break;
	case 3:
		engine_disallow(warden, client, domain, traffic->now);
		break;
	case 4:
		holds_expire(&warden->mapping, traffic->now);
		break;
	case 5:
		engine_guard(warden, traffic->now);
		break;
	case 6:
		engine_set_mode(warden, whom & 1 ? MODE_ENFORCE : MODE_OBSERVE);
		break;
	default:
		holds_recount(&warden->mapping);
	}
	must(done || (*error && is_printable(error)));
}

void traffic_play(struct traffic *traffic, struct warden *warden, struct input *input, bool sound)
{
	struct asked asked = { .obs = { .qclass = DNS_CLASS_IN, .what = WARDEN_QUESTION } };

	*traffic = (struct traffic){ .now = SMALL_NOW, .left = TRAFFIC_MAX };
	must(name_from_text(&asked.name, "example.com"));
	asked.obs.qname = asked.name.raw;
	asked.obs.qname_len = asked.name.len;
	traffic->name = asked.name;
	while (input->left && traffic->left) {
		uint8_t what = input_octet(input), count;

		switch (what % 8) {
		case 0:
		case 1: /* a question, or an answer */
			frame_take(&asked, input);
			name_take(&asked, input);
			observe(traffic, warden, &asked, sound);
			break;
		case 2: /* many like the last, with names of their own */
			count = input_octet(input);
			for (unsigned n = 0; n <= count % 64u; n++) {
				name_next(&asked, 1 + what / 8, count >> 6);
				traffic->now += count & 1 ? SECOND : 7;
				observe(traffic, warden, &asked, sound);
			}
			break;
		case 3: /* the same again */
			count = input_octet(input);
			for (unsigned n = 0; n <= count % 16u; n++) {
				traffic->now += (uint64_t)(what / 8) * SECOND;
				observe(traffic, warden, &asked, sound);
			}
			break;
		case 4: /* what came of it */
			asked.obs.what = WARDEN_ANSWER;
			asked.obs.rcode = what & 8 ? DNS_RCODE_NXDOMAIN : DNS_RCODE_NOERROR;
			records_take(&asked, input);
			delegation_take(&asked, input);
			observe(traffic, warden, &asked, sound);
			asked.obs.what = WARDEN_QUESTION;
			break;
		case 5:
			time_step(traffic, input);
			break;
		case 6:
			by_hand(traffic, warden, input, &asked);
			break;
		default: /* a name of any octets; the last good one stays what is reported on */
			name_raw(&asked, input);
			observe(traffic, warden, &asked, sound);
			asked.obs.qname = asked.name.raw;
			asked.obs.qname_len = asked.name.len;
		}
	}
	free(asked.raw);
}
