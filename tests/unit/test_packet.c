/* SPDX-License-Identifier: BSD-3-Clause */
/* test_packet - frames of every kind, and what is wrong with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/address.h"
#include "recorded/packet.h"

/* Header fields that differ between cases stand between these. */
#define IPV4(length, fragment, protocol) \
	"4500" length "0001" fragment "40" protocol "0000" "c0000207" "c0000235"
#define IPV6(length, next) "60000000" length next "40" \
	"20010db8000000000000000000000007" "20010db8000000000000000000000053"
#define UDP(length) "3039" "0035" length "0000"
#define TCP(flags) "3039" "0035" "00000010" "00000000" "50" flags "ffff" "0000" "0000"
#define TCP_OPTIONS(flags) \
	"3039" "0035" "00000010" "00000000" "60" flags "ffff" "0000" "0000" "01010101"
#define ETHER "020000000001" "020000000002"
#define DATA "414243"

static size_t octets(const char *hex, uint8_t *out)
{
	size_t len = strlen(hex) / 2;

	for (size_t i = 0; i < len; i++)
		assert_int_equal(sscanf(hex + 2 * i, "%2hhx", &out[i]), 1);
	return len;
}

static const struct {
	const char *what;
	int link;
	const char *hex;
	enum packet_kind kind;
	const char *from;
} frames[] = {
	{ "Ethernet", DLT_EN10MB, ETHER "0800" IPV4("001f", "0000", "11") UDP("000b") DATA,
	  PACKET_UDP, "192.0.2.7" },
	{ "padded", DLT_EN10MB, ETHER "0800" IPV4("001f", "0000", "11") UDP("000b") DATA "00000000",
	  PACKET_UDP, "192.0.2.7" },
	{ "VLAN", DLT_EN10MB, ETHER "81000001" "0800" IPV4("001f", "0000", "11") UDP("000b") DATA,
	  PACKET_UDP, "192.0.2.7" },
	{ "two VLANs", DLT_EN10MB, ETHER "88a80001" "81000001" "86dd" IPV6("000b", "11") UDP("000b") DATA,
	  PACKET_UDP, "2001:db8::7" },
	{ "cooked", DLT_LINUX_SLL, "00000001000602000000000100000800" IPV4("001f", "0000", "11")
	  UDP("000b") DATA, PACKET_UDP, "192.0.2.7" },
	{ "cooked v2", DLT_LINUX_SLL2, "08000000000000010001000602000000" "00010000"
	  IPV4("001f", "0000", "11") UDP("000b") DATA, PACKET_UDP, "192.0.2.7" },
	{ "raw IPv4", DLT_RAW, IPV4("001f", "0000", "11") UDP("000b") DATA, PACKET_UDP, "192.0.2.7" },
	{ "raw IPv6", DLT_RAW, IPV6("000b", "11") UDP("000b") DATA, PACKET_UDP, "2001:db8::7" },
	{ "loopback", DLT_NULL, "02000000" IPV4("001f", "0000", "11") UDP("000b") DATA,
	  PACKET_UDP, "192.0.2.7" },
	{ "PPP", DLT_PPP, "ff030021" IPV4("001f", "0000", "11") UDP("000b") DATA,
	  PACKET_UDP, "192.0.2.7" },
	{ "TCP", DLT_RAW, IPV4("002b", "0000", "06") TCP("18") DATA, PACKET_TCP, "192.0.2.7" },
	{ "TCP options", DLT_RAW, IPV4("002f", "0000", "06") TCP_OPTIONS("18") DATA,
	  PACKET_TCP, "192.0.2.7" },
	{ "length left to the network card", DLT_RAW, IPV4("0000", "0000", "06") TCP("18") DATA,
	  PACKET_TCP, "192.0.2.7" },
	{ "IPv6 options", DLT_RAW, IPV6("0013", "00") "1100010400000000" UDP("000b") DATA,
	  PACKET_UDP, "2001:db8::7" },
	{ "a fragment that is all", DLT_RAW, IPV6("0013", "2c") "1100000000000001" UDP("000b") DATA,
	  PACKET_UDP, "2001:db8::7" },

	{ "first fragment", DLT_RAW, IPV4("001f", "2000", "11") UDP("000b") DATA, PACKET_FRAGMENT, NULL },
	{ "last fragment", DLT_RAW, IPV4("001f", "0010", "11") UDP("000b") DATA, PACKET_FRAGMENT, NULL },
	{ "IPv6 fragment", DLT_RAW, IPV6("0013", "2c") "1100000100000001" UDP("000b") DATA,
	  PACKET_FRAGMENT, NULL },
	{ "do not fragment", DLT_RAW, IPV4("001f", "4000", "11") UDP("000b") DATA,
	  PACKET_UDP, "192.0.2.7" },

	{ "less than IP says", DLT_RAW, IPV4("0020", "0000", "11") UDP("000b") DATA, PACKET_CUT, NULL },
	{ "less than IPv6 says", DLT_RAW, IPV6("000c", "11") UDP("000b") DATA, PACKET_CUT, NULL },
	{ "less than UDP says", DLT_RAW, IPV4("001f", "0000", "11") UDP("000c") DATA, PACKET_CUT, NULL },
	{ "UDP shorter than itself", DLT_RAW, IPV4("001f", "0000", "11") UDP("0007") DATA,
	  PACKET_CUT, NULL },
	{ "IP shorter than itself", DLT_RAW, IPV4("0013", "0000", "11") UDP("000b") DATA,
	  PACKET_CUT, NULL },
	{ "nothing", DLT_EN10MB, "", PACKET_CUT, NULL },
	{ "nothing behind the link", DLT_EN10MB, ETHER "0800", PACKET_CUT, NULL },

	{ "ARP", DLT_EN10MB, ETHER "0806" "0001080006040001", PACKET_OTHER, NULL },
	{ "ICMP", DLT_RAW, IPV4("001f", "0000", "01") UDP("000b") DATA, PACKET_OTHER, NULL },
	{ "IP version 5", DLT_RAW, "5500001f", PACKET_OTHER, NULL },
	{ "unknown link", 250, IPV4("001f", "0000", "11") UDP("000b") DATA, PACKET_OTHER, NULL },
};

static void kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(frames) / sizeof(*frames); i++) {
		uint8_t frame[256];
		size_t len = octets(frames[i].hex, frame);
		char from[ADDRESS_TEXT_MAX];
		struct packet packet;

		print_message("%s\n", frames[i].what);
		assert_int_equal(packet_read(&packet, frames[i].link, frame, len), frames[i].kind);
		if (!frames[i].from)
			continue;
		assert_string_equal(address_text(from, packet.from.address), frames[i].from);
		assert_int_equal(packet.from.port, 12345);
		assert_int_equal(packet.to.port, 53);
		assert_int_equal(packet.payload_len, 3);
		assert_memory_equal(packet.payload, "ABC", 3);
	}
}

/* Cut anywhere, no frame is read behind its end, and none but a whole one has a payload. */
static void cut_short(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(frames) / sizeof(*frames); i++) {
		uint8_t frame[256];
		size_t whole = octets(frames[i].hex, frame);

		for (size_t len = 0; len < whole; len++) {
			uint8_t *copy = malloc(len ? len : 1);
			struct packet packet;
			enum packet_kind kind;

			assert_non_null(copy);
			memcpy(copy, frame, len);
			kind = packet_read(&packet, frames[i].link, copy, len);
			if (kind == PACKET_UDP || kind == PACKET_TCP)
				assert_true(packet.payload_len == 0 || packet.payload + packet.payload_len <= copy + len);
			free(copy);
		}
	}
}

static void tcp_flags(void **state)
{
	static const struct {
		const char *hex;
		bool syn, end;
	} rows[] = {
		{ IPV4("0028", "0000", "06") TCP("02"), true, false },
		{ IPV4("0028", "0000", "06") TCP("11"), false, true },
		{ IPV4("0028", "0000", "06") TCP("04"), false, true },
		{ IPV4("0028", "0000", "06") TCP("18"), false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint8_t frame[256];
		size_t len = octets(rows[i].hex, frame);
		struct packet packet;

		assert_int_equal(packet_read(&packet, DLT_RAW, frame, len), PACKET_TCP);
		assert_int_equal(packet.sequence, 16);
		assert_int_equal(packet.syn, rows[i].syn);
		assert_int_equal(packet.end, rows[i].end);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),
		cmocka_unit_test(cut_short),
		cmocka_unit_test(tcp_flags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
