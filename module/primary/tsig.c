/* SPDX-License-Identifier: BSD-3-Clause */
/* tsig - what the MAC is made of (RFC 8945 section 4.3), in this order:
 *
 *     request            the message,            the variables
 *     first answer       the request's MAC, the message, the variables
 *     later answers      the last MAC, messages since then, the message, time and fudge
 *
 * A MAC goes in with its length before it; messages without the TSIG record; the variables are the key's name, class,
 * TTL, algorithm, time, fudge, error and what else there is.
 */
#include "primary/tsig.h"

#include <stdlib.h>
#include <string.h>

#include <ldns/ldns.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

#include "primary/message.h"

#define TYPE_TSIG 250
#define CLASS_ANY 255
#define OTHER_MAX 6 /* octets of a server's time, with BADTIME */

/* What a TSIG record says. */
struct record {
	size_t start;            /* where in the message it begins */
	const uint8_t *data;     /* time, fudge */
	uint64_t time;
	uint16_t fudge, mac_len, id, error, other_len;
	const uint8_t *mac, *other;
};

bool tsig_open(struct tsig *tsig, const struct key *key)
{
	*tsig = (struct tsig){ .key = key };
	tsig->hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	if (tsig->hmac)
		tsig->digest = EVP_MAC_CTX_new(tsig->hmac);
	if (!tsig->digest)
		tsig_close(tsig);
	return tsig->digest;
}

void tsig_close(struct tsig *tsig)
{
	EVP_MAC_CTX_free(tsig->digest); /* wipes the key in it */
	EVP_MAC_free(tsig->hmac);
	*tsig = (struct tsig){ .key = NULL };
}

static bool digest(struct tsig *tsig, const void *octets, size_t len)
{
	return EVP_MAC_update(tsig->digest, octets, len) == 1;
}

/* Begins the digest of the next message, with the last MAC if there is one. */
static bool digest_begin(struct tsig *tsig, bool with_mac)
{
	const struct key *key = tsig->key;
	char name[8];
	uint8_t len[2];
	OSSL_PARAM params[2];

	memcpy(name, key->algorithm->digest, strlen(key->algorithm->digest) + 1);
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0);
	params[1] = OSSL_PARAM_construct_end();
	if (EVP_MAC_init(tsig->digest, key->secret, key->secret_len, params) != 1)
		return false;
	message_put16(len, key->algorithm->mac_len);
	return !with_mac || (digest(tsig, len, 2) && digest(tsig, tsig->mac, key->algorithm->mac_len));
}

/* The algorithm's name in wire format, as it goes into digest and record. Returns its length. */
static size_t algorithm_name(const struct key *key, uint8_t name[16])
{
	size_t len = strlen(key->algorithm->name);

	name[0] = (uint8_t)len;
	memcpy(name + 1, key->algorithm->name, len + 1);
	return len + 2;
}

static uint8_t *put_time(uint8_t *at, uint64_t time, uint16_t fudge)
{
	at = message_put16(at, (uint16_t)(time >> 32));
	at = message_put32(at, (uint32_t)time);
	return message_put16(at, fudge);
}

/* The variables of a record, for the digest. */
static bool digest_variables(struct tsig *tsig, const struct record *record)
{
	static const uint8_t class_and_ttl[] = { 0, CLASS_ANY, 0, 0, 0, 0 };
	uint8_t algorithm[16], end[4];
	size_t algorithm_len = algorithm_name(tsig->key, algorithm);

	message_put16(message_put16(end, record->error), record->other_len);
	return digest(tsig, tsig->key->name, tsig->key->name_len) &&
	       digest(tsig, class_and_ttl, sizeof(class_and_ttl)) && digest(tsig, algorithm, algorithm_len) &&
	       digest(tsig, record->data, 8) && digest(tsig, end, 4) &&
	       digest(tsig, record->other, record->other_len);
}

static bool digest_end(struct tsig *tsig, uint8_t mac[64])
{
	size_t len = 0;

	return EVP_MAC_final(tsig->digest, mac, &len, 64) == 1 && len == tsig->key->algorithm->mac_len;
}

bool tsig_sign(struct tsig *tsig, uint8_t *wire, size_t *len, uint64_t now)
{
	const struct key *key = tsig->key;
	uint8_t time[8], *at = wire + *len, *data;
	const struct record record = { .data = time, .other = time };

	put_time(time, now, TSIG_FUDGE);
	tsig->answered = false;
	tsig->unsigned_run = 0;
	if (!digest_begin(tsig, false) || !digest(tsig, wire, *len) || !digest_variables(tsig, &record) ||
	    !digest_end(tsig, tsig->mac))
		return false;

	at = message_put(at, key->name, key->name_len);
	at = message_put16(message_put16(at, TYPE_TSIG), CLASS_ANY);
	at = message_put32(at, 0);
	data = at + 2;
	at = data + algorithm_name(key, data);
	at = message_put(at, time, 8);
	at = message_put16(at, key->algorithm->mac_len);
	at = message_put(at, tsig->mac, key->algorithm->mac_len);
	at = message_put16(at, message_id(wire));
	at = message_put32(at, 0); /* no error, nothing else */
	message_put16(data - 2, (uint16_t)(at - data));
	*len = (size_t)(at - wire);
	message_set_count(wire, SECTION_ADDITIONAL, (uint16_t)(message_count(wire, SECTION_ADDITIONAL) + 1));
	/* The answers go on from here: the first one's digest begins with our MAC. */
	return digest_begin(tsig, true);
}

/* The start of the message's last record. False when the message has none, or is malformed. */
static bool last_record(const uint8_t *wire, size_t len, size_t *last)
{
	size_t at = MESSAGE_HEADER;
	unsigned records = 0;

	if (!message_count(wire, SECTION_ADDITIONAL))
		return false;
	for (unsigned i = message_count(wire, SECTION_QUESTION); i; i--)
		if (!message_skip_question(wire, len, &at))
			return false;
	for (unsigned section = SECTION_ANSWER; section <= SECTION_ADDITIONAL; section++)
		records += message_count(wire, section);
	for (; records; records--) {
		*last = at;
		if (!message_skip_record(wire, len, &at))
			return false;
	}
	return at == len;
}

/* Whether the name at *<at> is <name>, in any case; steps over it. */
static bool is_name(const uint8_t *wire, size_t len, size_t *at, const uint8_t *name, size_t name_len)
{
	ldns_rdf *found = NULL;
	bool same = ldns_wire2dname(&found, wire, len, at) == LDNS_STATUS_OK && ldns_rdf_size(found) == name_len;

	if (same) {
		ldns_dname2canonical(found);
		same = !memcmp(ldns_rdf_data(found), name, name_len);
	}
	ldns_rdf_deep_free(found);
	return same;
}

/* Reads the TSIG record at the end of a message. Returns 1; 0: there is none; -1: it is none of our key, or
 * malformed.
 */
static int read_record(const struct tsig *tsig, const uint8_t *wire, size_t len, struct record *record)
{
	uint8_t algorithm[16];
	size_t algorithm_len = algorithm_name(tsig->key, algorithm), at, end;

	if (!last_record(wire, len, &record->start))
		return 0;
	at = end = record->start;
	if (!message_skip_name(wire, len, &end) || message_u16(wire + end) != TYPE_TSIG)
		return 0;
	if (!is_name(wire, len, &at, tsig->key->name, tsig->key->name_len))
		return -1;
	at += 10;
	if (!is_name(wire, len, &at, algorithm, algorithm_len) || len - at < 10)
		return -1;
	record->data = wire + at;
	record->time = (uint64_t)message_u16(wire + at) << 32 | message_u32(wire + at + 2);
	record->fudge = message_u16(wire + at + 6);
	record->mac_len = message_u16(wire + at + 8);
	record->mac = wire + at + 10;
	at += 10;
	if (len - at < (size_t)record->mac_len + 6)
		return -1;
	at += record->mac_len;
	record->id = message_u16(wire + at);
	record->error = message_u16(wire + at + 2);
	record->other_len = message_u16(wire + at + 4);
	record->other = wire + at + 6;
	return len - at - 6 == record->other_len ? 1 : -1;
}

/* Whether the clocks fit, of a record whose MAC is good. With BADTIME the server says what its own is. */
static bool in_time(struct tsig *tsig, const struct record *record, uint64_t now)
{
	uint64_t time = record->time;

	if (record->error == TSIG_BADTIME && record->other_len == OTHER_MAX)
		time = (uint64_t)message_u16(record->other) << 32 | message_u32(record->other + 2);
	tsig->skew = (int64_t)(time - now);
	return record->error != TSIG_BADTIME && time - now + TSIG_FUDGE <= 2 * TSIG_FUDGE;
}

static enum tsig_result check_signed(struct tsig *tsig, uint8_t *wire, size_t *len, const struct record *record,
                                     uint64_t now)
{
	uint8_t mac[64], id[2] = { wire[0], wire[1] };
	size_t mac_len = tsig->key->algorithm->mac_len;
	bool made;

	message_set_count(wire, SECTION_ADDITIONAL, (uint16_t)(message_count(wire, SECTION_ADDITIONAL) - 1));
	message_put16(wire, record->id);
	made = digest(tsig, wire, record->start) &&
	       (tsig->answered ? digest(tsig, record->data, 8) : digest_variables(tsig, record)) &&
	       digest_end(tsig, mac);
	memcpy(wire, id, 2);
	if (!made || record->mac_len != mac_len || CRYPTO_memcmp(mac, record->mac, mac_len))
		return TSIG_FALSE;
	if (!in_time(tsig, record, now))
		return TSIG_LATE;
	if (record->error)
		return TSIG_FALSE; /* no error that could be signed */
	*len = record->start;
	memcpy(tsig->mac, mac, mac_len);
	tsig->answered = true;
	tsig->unsigned_run = 0;
	return digest_begin(tsig, true) ? TSIG_GOOD : TSIG_FALSE;
}

enum tsig_result tsig_check(struct tsig *tsig, uint8_t *wire, size_t *len, uint64_t now)
{
	struct record record = { .start = 0 };
	int found = *len < MESSAGE_HEADER ? -1 : read_record(tsig, wire, *len, &record);

	tsig->error = found > 0 ? record.error : 0;
	if (found < 0)
		return TSIG_FALSE;
	if (found)
		return !record.mac_len && (record.error == TSIG_BADKEY || record.error == TSIG_BADSIG)
		               ? TSIG_REFUSED
		               : check_signed(tsig, wire, len, &record, now);
	if (!tsig->answered || tsig->unsigned_run++ == TSIG_UNSIGNED_MAX || !digest(tsig, wire, *len))
		return TSIG_NONE;
	return TSIG_UNSIGNED;
}
