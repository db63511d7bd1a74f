/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_transfer - any octets as the messages of a transfer: nothing is told but a transfer that is whole.
 *
 * The first octet says what was asked for, the rest are messages behind their lengths, as over TCP. Each is also an
 * answer to the question for the serial number, to an update, and one whose signature is checked.
 */
#include "primary/key.h"
#include "primary/message.h"
#include "primary/transfer.h"
#include "primary/tsig.h"
#include "primary/update.h"
#include "fuzz.h"

#define ID 0x1234

static const uint8_t zone[] = "\005fleet\007example";

struct told {
	bool whole, done;
	size_t records;
};

static void whole(void *arg)
{
	struct told *told = arg;

	must(!told->whole && !told->records && !told->done);
	told->whole = true;
}

static void record(void *arg, bool added, const ldns_rr *rr)
{
	struct told *told = arg;
	size_t len = ldns_rdf_size(ldns_rr_owner(rr));

	must(!told->done);
	must(added || !told->whole);
	must(ldns_rr_get_type(rr) != LDNS_RR_TYPE_SOA);
	must(len >= sizeof(zone) && len <= 255);
	told->records++;
}

static void done(void *arg, uint32_t serial)
{
	struct told *told = arg;

	(void)serial;
	must(!told->done);
	told->done = true;
}

/* Nothing that was not made with the key is good. */
static void check_signature(const uint8_t *octets, size_t len)
{
	static struct key key;
	struct tsig tsig;
	uint8_t *request = calloc(1, 64 + TSIG_RECORD_MAX), *message = copy_of(octets, len);
	size_t request_len = transfer_ask_serial(request, ID, zone, sizeof(zone)), left = len;

	key.name_len = 4;
	memcpy(key.name, "\002n1", 4);
	key.algorithm = key_algorithm("hmac-sha256");
	key.secret_len = 32;
	memset(key.secret, 0x5a, key.secret_len);
	must(tsig_open(&tsig, &key));
	must(tsig_sign(&tsig, request, &request_len, 1700000000));
	must(request_len <= 64 + TSIG_RECORD_MAX);
	must(tsig_check(&tsig, message, &left, 1700000000) > TSIG_UNSIGNED);
	tsig_close(&tsig);
	free(request);
	free(message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	uint8_t kind = input_octet(&input), request[TRANSFER_REQUEST_MAX];
	uint32_t have = (uint32_t)(kind >> 1), serial;
	struct told told = { false, false, 0 };
	const struct share_rules rules = { "_warden", "n1", kind & 2 ? 100 : 0, kind & 4 ? 200 : UINT32_MAX };
	const struct transfer_sink sink = { whole, record, done, &told };
	struct transfer transfer;
	enum transfer_result result = TRANSFER_MORE;

	must(transfer_ask(&transfer, request, ID, zone, sizeof(zone), kind & 1 ? &have : NULL, &rules) <=
	     sizeof(request));
	while (input.left && result == TRANSFER_MORE) {
		const uint8_t *octets;
		size_t len = input_octets(&input, (size_t)input_number(&input, 2), &octets);
		uint8_t *message = copy_of(octets, len);

		must(transfer_read_serial(message, len, ID, zone, sizeof(zone), &serial) <= 15);
		must(update_read(message, len, ID) <= 15);
		check_signature(octets, len);
		result = transfer_take(&transfer, message, len);
		free(message);
		must(transfer.kept_len <= TRANSFER_OCTETS_MAX);
	}
	must(result != TRANSFER_SAME || (kind & 1));
	if (result == TRANSFER_WHOLE) {
		while (transfer_tell(&transfer, &sink, 3) == TRANSFER_MORE)
			must(!told.done);
		must(told.done && told.whole == transfer.whole);
		must(told.whole || transfer_is_later(have, transfer.serial));
	}
	transfer_free(&transfer);
	return 0;
}
