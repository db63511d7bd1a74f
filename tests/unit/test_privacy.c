/* SPDX-License-Identifier: BSD-3-Clause */
/* test_privacy - what is shown of a client: the vectors of draft-denis-ipcrypt, masks, what a record
 * tells; the key's file; and what the writer shows before and after a reload.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/config.h"
#include "report/address.h"
#include "report/privacy.h"
#include "served.h"

static char said[4096];

static void on_fault(void *arg, const char *sentence)
{
	(void)arg;
	snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s\n", sentence);
}

static void write_text(const char *path, const char *text, size_t len, mode_t mode)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void key_write(const char *text, size_t len, mode_t mode)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/key", folder);
	write_text(path, text, len, mode);
}

/* The configuration with <more> in it; NULL, with the reason in <said>, when it is at fault. */
static struct config *load(const char *more)
{
	said[0] = '\0';
	config_write(more);
	return config_load(served_config, on_fault, NULL, NULL);
}

static struct config *load_key(const char *key)
{
	struct config *config;

	key_write(key, strlen(key), 0600);
	config = load("\tclient-privacy: pseudonym\n\tclient-privacy-key-file: \"key\"\n");
	assert_string_equal(said, "");
	assert_non_null(config);
	return config;
}

static const char *shown(const struct config *config, const char *client)
{
	static char text[ADDRESS_TEXT_MAX];
	struct privacy privacy;
	uint8_t octets[16], out[16];

	assert_true(address_from_text(octets, client));
	assert_true(privacy_open(&privacy, config));
	privacy_client(&privacy, octets, out);
	privacy_client(&privacy, octets, octets); /* in place, and once more the same */
	assert_memory_equal(octets, out, sizeof(out));
	privacy_close(&privacy);
	return address_text(text, out);
}

static void test_vectors(void **state)
{
	static const struct {
		const char *key, *client, *pseudonym;
	} vectors[] = {
		{ "0123456789abcdeffedcba9876543210", "0.0.0.0", "bde9:6789:d353:824c:d7c6:f58a:6bd2:26eb" },
		{ "1032547698BADCFEEFCDAB8967452301\n", "255.255.255.255",
		  "aed2:92f6:ea23:58c3:48fd:8b8:74e8:45d8" },
		{ "2b7e151628aed2a6abf7158809cf4f3c\r\n", "192.0.2.1", "1dbd:c1b9:fff1:7586:7d0b:67b4:e76e:4777" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		struct config *config = load_key(vectors[i].key);
		uint8_t pseudonym[16], client[16];
		char text[ADDRESS_TEXT_MAX];

		assert_string_equal(shown(config, vectors[i].client), vectors[i].pseudonym);
		assert_true(address_from_text(pseudonym, vectors[i].pseudonym));
		assert_true(privacy_reveal(config, pseudonym, client));
		assert_string_equal(address_text(text, client), vectors[i].client);
		config_free(config);
	}
}

static void test_truncate(void **state)
{
	struct config *config = load("\tclient-privacy: truncate\n");

	(void)state;
	assert_non_null(config);
	assert_string_equal(shown(config, "192.0.2.7"), "192.0.2.0");
	assert_string_equal(shown(config, "2001:db8:1:2:3:4:5:6"), "2001:db8:1::");
	config_free(config);
	config = load("\tclient-privacy: truncate\n\tclient-privacy-prefix-v4: 0\n\tclient-privacy-prefix-v6: 33\n");
	assert_non_null(config);
	assert_string_equal(shown(config, "192.0.2.7"), "0.0.0.0");
	assert_string_equal(shown(config, "2001:db8:ffff::6"), "2001:db8:8000::");
	config_free(config);
	config = load("");
	assert_string_equal(shown(config, "192.0.2.7"), "192.0.2.7");
	config_free(config);
}

/* What no cipher can be had for is not told at all. */
static void test_no_cipher(void **state)
{
	static const uint8_t nobody[16];
	const struct privacy privacy = { .kind = PRIVACY_PSEUDONYM };
	struct record record = { .client = { [15] = 1 }, .client_port = 53 };

	(void)state;
	privacy_record(&privacy, &record);
	assert_memory_equal(record.client, nobody, sizeof(nobody));
	assert_int_equal(record.client_port, 0);
}

static void expect_fault(const char *more, const char *sentence)
{
	struct config *config = load(more);
	char file_line[200];

	assert_null(config);
	snprintf(file_line, sizeof(file_line), "%s:", served_config);
	expect_in(said, file_line);
	expect_in(said, sentence);
}

static void test_key_file(void **state)
{
	const char *wanted = "\tclient-privacy: pseudonym\n\tclient-privacy-key-file: \"key\"\n";
	struct config *config;

	(void)state;
	expect_fault("\tclient-privacy: pseudonym\n", "client-privacy: pseudonym needs client-privacy-key-file:");
	expect_fault(wanted, "cannot be read: No such file");
	for (mode_t everybody = 1; everybody <= 4; everybody *= 2) {
		key_write("0123456789abcdeffedcba9876543210", 32, 0600 | everybody);
		expect_fault(wanted, "is open to everybody");
	}
	key_write("0123456789abcdeffedcba987654321", 31, 0600);
	expect_fault(wanted, "does not hold 32 hexadecimal digits");
	key_write("0123456789abcdeffedcba98765432100", 33, 0600);
	expect_fault(wanted, "does not hold 32 hexadecimal digits");
	key_write("0123456789abcdeffedcba987654321x", 32, 0600);
	expect_fault(wanted, "does not hold 32 hexadecimal digits");
	key_write("0123456789abcdeffedcba9876543210\nand more", 41, 0600);
	expect_fault(wanted, "does not hold 32 hexadecimal digits");
	key_write("", 0, 0600);
	expect_fault(wanted, "does not hold 32 hexadecimal digits");
	/* sixteen octets as they are; and whoever looks back may show all clients by now */
	key_write("\x01\x23\x45\x67\x89\xab\xcd\xef\xfe\xdc\xba\x98\x76\x54\x32\x10", 16, 0640);
	config = load("\tclient-privacy: full\n\tclient-privacy-key-file: \"key\"\n");
	assert_non_null(config);
	assert_true(config->has_privacy_key);
	assert_int_equal(config->privacy_key[15], 0x10);
	config_free(config);
}

/* Waits until the event file has <part>. */
static void expect_event(const char *part)
{
	static char text[65536];
	uint64_t began = now_ms();

	do {
		FILE *file = fopen(events_path, "r");
		size_t len = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

		text[len] = '\0';
		if (file)
			fclose(file);
		nap();
	} while (!strstr(text, part) && now_ms() - began < PATIENCE);
	expect_in(text, part);
}

static void test_written(void **state)
{
	struct warden *warden = engine_start();

	(void)state;
	control("hold 192.0.2.7 example.com");
	control("hold 192.0.2.7 example.org");
	control("hold 192.0.2.7 example.net");
	meet_hold(warden, "www.example.com");
	expect_event("\"source\":{\"ip\":\"192.0.2.7\",\"port\":");
	key_write("2b7e151628aed2a6abf7158809cf4f3c", 32, 0600);
	config_write("\tclient-privacy: truncate\n");
	assert_string_equal(control("reload"), "ok\n");
	meet_hold(warden, "www.example.org");
	expect_event("\"source\":{\"ip\":\"192.0.2.0\",\"port\":0}");
	expect_event("\"related\":{\"ip\":[\"192.0.2.0\"]");
	config_write("\tclient-privacy: pseudonym\n\tclient-privacy-key-file: \"key\"\n");
	assert_string_equal(control("reload"), "ok\n");
	meet_hold(warden, "www.example.net");
	/* made with openssl enc -aes-128-ecb of the mapped address */
	expect_event("\"source\":{\"ip\":\"3ebf:faa3:5bea:26d1:246c:8e8b:3f84:24e6\",\"port\":0}");
	expect_event("\"related\":{\"ip\":[\"3ebf:faa3:5bea:26d1:246c:8e8b:3f84:24e6\"]");
	expect_event("\"type\":\"ipv6\"");
	/* another key: another pseudonym */
	key_write("0123456789abcdeffedcba9876543210", 32, 0600);
	assert_string_equal(control("reload"), "ok\n");
	control("hold 192.0.2.7 example.edu");
	meet_hold(warden, "www.example.edu");
	expect_event("\"ip\":\"76f3:f4fc:68a3:998f:a528:c13e:d65d:c0d1\"");
	warden_close(warden);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_vectors, folder_setup, folder_teardown),
		cmocka_unit_test_setup_teardown(test_truncate, folder_setup, folder_teardown),
		cmocka_unit_test(test_no_cipher),
		cmocka_unit_test_setup_teardown(test_key_file, folder_setup, folder_teardown),
		cmocka_unit_test_setup_teardown(test_written, folder_setup, folder_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
