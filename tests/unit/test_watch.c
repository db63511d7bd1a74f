/* SPDX-License-Identifier: BSD-3-Clause */
/* test_watch - what counting together is made of: where Redis is and its password, commands and replies, HMACs,
 * numbers, the window over midnight, and the table of what waits.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/endpoint.h"
#include "together/count.h"
#include "together/sums.h"
#include "support.h"

static void places(void **state)
{
	static const char *const bad[] = { "", "@", "localhost", "192.0.2.1@", "192.0.2.1@0", "192.0.2.1@65536", "192.0.2.1@1x",
	                                   "192.0.2.1:1", "@1", "2001:db8::1@-1", "run/redis.sock" };
	struct endpoint at;
	char path[ENDPOINT_MAX + 1];

	(void)state;
	assert_true(endpoint_parse(&at, "192.0.2.1", 53) && at.port == 53 && !endpoint_is_path(&at));
	assert_true(endpoint_parse(&at, "2001:db8::1@65535", 53) && at.port == 65535);
	assert_string_equal(at.host, "2001:db8::1");
	assert_true(endpoint_parse(&at, "/run/a@1", 53) && endpoint_is_path(&at) && !at.port);
	assert_string_equal(at.host, "/run/a@1");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(endpoint_parse(&at, bad[i], 53));
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[ENDPOINT_MAX] = '\0';
	assert_false(endpoint_parse(&at, path, 53));
	path[ENDPOINT_MAX - 1] = '\0';
	assert_true(endpoint_parse(&at, path, 53));
}

static void window_over_midnight(void **state)
{
	uint64_t midnight = NOW / DAY * DAY;

	(void)state;
	/* What was today's sum is yesterday's a moment later, and weighs the same. */
	assert_true(fabs(sums_window(800, 0, midnight + DAY - 1) - sums_window(0, 800, midnight + DAY)) < 1e-9);
	assert_true(fabs(sums_window(800, 100, midnight + DAY - 1) - 800) < 0.01);
	assert_true(fabs(sums_window(0, 800, midnight + DAY + 12 * HOUR) - 400) < 1e-9);
	assert_true(sums_window(0, 800, midnight + 2 * DAY - 1) < 0.1);
}

static void numbers(void **state)
{
	static const char *const bad[] = { "", "-1", "+1", " 1", "1 ", "nan", "inf", "1e3", "0x10", "1.5", "1000000000001",
	                                   "99999999999999999999", "999999999999999999999999", "1\n" };
	double bits;

	(void)state;
	assert_true(sums_number((struct resp_text){ "0", 1 }, &bits) && bits == 0);
	assert_true(sums_number((struct resp_text){ "1000000000000", 13 }, &bits) && bits == 1e12);
	assert_true(sums_number((struct resp_text){ "12345", 3 }, &bits) && bits == 123);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(sums_number((struct resp_text){ bad[i], strlen(bad[i]) }, &bits));
	assert_false(sums_number((struct resp_text){ "1\0002", 3 }, &bits));
}

static void blind_names(void **state)
{
	static const uint8_t client[16] = { 1 }, domain[] = "\7example\3org";
	uint8_t a[BLIND_LEN], b[BLIND_LEN];
	struct blind blind, other;

	(void)state;
	assert_true(blind_open(&blind, "secret") && blind_open(&other, "secrets"));
	assert_true(blind_make(&blind, SUBJECT_OF_PAIR, client, domain, sizeof(domain), a));
	assert_true(blind_make(&blind, SUBJECT_OF_PAIR, client, domain, sizeof(domain), b));
	assert_memory_equal(a, b, BLIND_LEN);
	assert_true(blind_make(&other, SUBJECT_OF_PAIR, client, domain, sizeof(domain), b));
	assert_memory_not_equal(a, b, BLIND_LEN);
	assert_true(blind_make(&blind, SUBJECT_OF_DOMAIN, NULL, domain, sizeof(domain), a));
	assert_true(blind_make(&blind, SUBJECT_OF_NAME, NULL, domain, sizeof(domain), b));
	assert_memory_not_equal(a, b, BLIND_LEN);
}

/* However many come, the table stays as large as it is, and none is displaced that has something to say. */
static void watch_is_bounded(void **state)
{
	struct watch watch;
	uint64_t seed = 7, hash;
	uint8_t id[BLIND_LEN] = { 0 };
	unsigned placed = 0, named = 0;
	double waiting = 0;
	bool is_new;

	(void)state;
	assert_true(watch_open(&watch));
	for (unsigned i = 0; i < 4 * WATCH_SUBJECTS; i++) {
		struct watched *subject = watch_find(&watch, (hash = random_next(&seed)) ? hash : 1, NOW, &is_new);

		if (!subject)
			continue;
		assert_true(is_new);
		placed++;
		watch_charge(subject, 2, NOW);
		watch_name(&watch, subject, id);
		watch_name(&watch, subject, id);
		watch_name(&watch, subject, id);
	}
	assert_in_range(placed, WATCH_SUBJECTS * 9 / 10, WATCH_SUBJECTS);
	for (unsigned i = 0; i < WATCH_SUBJECTS; i++) {
		waiting += watch.subject[i].waiting;
		while (watch.subject[i].hash && watch_take_name(&watch, &watch.subject[i], id))
			named++;
	}
	assert_true(waiting == 2.0 * placed);
	assert_int_equal(named, WATCH_NAMES);
	/* A day later there is room for another, but not where something waits, or is under way. */
	assert_int_equal(watch_hand(&watch.subject[0]), 2);
	assert_null(watch_find(&watch, (UINT64_C(1) << 40) + 1, NOW + DAY, &is_new));
	watch_taken(&watch.subject[0]);
	assert_ptr_equal(watch_find(&watch, (UINT64_C(1) << 40) + 1, NOW + DAY, &is_new), &watch.subject[0]);
	assert_null(watch_find(&watch, (UINT64_C(1) << 40) + 8, NOW + DAY, &is_new));
	watch_close(&watch);
}

static void parts_of_bits_wait(void **state)
{
	struct watched subject = { .hash = 1 };

	(void)state;
	watch_charge(&subject, 0.75, NOW);
	assert_int_equal(watch_hand(&subject), 0);
	watch_charge(&subject, 1.5, NOW);
	watch_charge(&subject, NAN, NOW);
	watch_charge(&subject, -5, NOW);
	assert_int_equal(watch_hand(&subject), 2);
	assert_true(subject.waiting == 0.25);
	watch_refused(&subject);
	assert_true(subject.waiting == 2.25 && subject.charges == 2);
	watch_charge(&subject, 1e300, NOW);
	assert_int_equal(watch_hand(&subject), 1000000000000);
}

/* What is wrong with the configuration is found when it is read: by unbound-warden check, too. */
static void on_fault(void *arg, const char *sentence)
{
	(void)arg;
	snprintf(said, sizeof(said), "%s", sentence);
}

static void load(const char *redis, const char *password, mode_t mode, const char *fault)
{
	char text[256], path[160];
	struct config *config;

	said[0] = '\0';
	if (password)
		assert_int_equal(chmod(temp_file("password", password), mode), 0);
	snprintf(path, sizeof(path), "%s", temp("password"));
	snprintf(text, sizeof(text), "warden:\n fleet-node: one\n fleet-redis: \"%s\"\n fleet-redis-password-file: \"%s\"\n",
	         redis, path);
	config = config_load(temp_file("warden.conf", text), on_fault, NULL, NULL);
	if (!strstr(said, fault))
		fail_msg("%s", said);
	assert_true(!config == (*fault != '\0'));
	if (config)
		assert_string_equal(config->redis_password, "sesame");
	if (config)
		config_free(config);
	unlink(path);
}

static void passwords(void **state)
{
	char longest[REDIS_PASSWORD_MAX + 3], long_file[4098];

	(void)state;
	memset(long_file, 'a', sizeof(long_file));
	long_file[4097] = '\0';
	load("/run/redis.sock", "sesame\n", 0640, "");
	load("192.0.2.1@6380", "sesame", 0600, "");
	load("2001:db8::1", "sesame\r\n", 0600, "");
	load("192.0.2.1", NULL, 0, "fleet-redis-password-file: '");
	load("192.0.2.1", NULL, 0, "cannot be read: No such file");
	load("192.0.2.1", "sesame\n", 0644, "is open to everybody: chmod o= '");
	load("192.0.2.1", "", 0600, "does not hold one line of 1 to 128 printable characters");
	load("192.0.2.1", "\n", 0600, "does not hold one line");
	load("192.0.2.1", long_file, 0600, "is longer than 4096 octets");
	long_file[4096] = '\0';
	load("192.0.2.1", long_file, 0600, "does not hold one line of");
	load("192.0.2.1", "open sesame\n", 0600, "does not hold one line");
	load("192.0.2.1", "sesame\nbarley\n", 0600, "does not hold one line");
	memset(longest, 'a', sizeof(longest));
	longest[REDIS_PASSWORD_MAX + 1] = '\0';
	load("192.0.2.1", longest, 0600, "does not hold one line");
	load("redis.example", "sesame\n", 0600, "fleet-redis: 'redis.example' is neither an address, with @port perhaps, nor");
}

/* Replies in pieces, and what is none. */
static void replies(void **state)
{
	static const char *const good[] = { "+OK\r\n", "-ERR x\r\n", ":-12\r\n", "$0\r\n\r\n", "$3\r\na\r\n\r\n", "$-1\r\n", "*-1\r\n",
	                                    "*0\r\n", "*2\r\n$3\r\ntwo\r\n$2\r\n12\r\n", ":9223372036854775807\r\n" };
	static const char *const bad[] = { "\r\n", "OK\r\n", "+OK\n", ":\r\n", ":-\r\n", ":1a\r\n", ":9223372036854775808\r\n", "$-2\r\n",
	                                   "$129\r\n", "$1\r\nab\r\n", "*1025\r\n", "*1\r\n:1\r\n", "*1\r\n*0\r\n", "*1\r\n$-1\r\n" };
	static struct resp reply;
	char text[RESP_LINE_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		size_t len = strlen(good[i]);

		for (size_t part = 0; part < len; part++)
			assert_int_equal(resp_read(&reply, good[i], part), 0);
		assert_int_equal(resp_read(&reply, good[i], len), len);
	}
	assert_int_equal(reply.number, INT64_MAX);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(resp_read(&reply, bad[i], strlen(bad[i])), -1);
	memset(text, '+', sizeof(text));
	assert_int_equal(resp_read(&reply, text, RESP_LINE_MAX - 1), 0);
	assert_int_equal(resp_read(&reply, text, RESP_LINE_MAX), -1);
}

/* The longest that is taken fits into what is kept for it: lengths may be written with zeros before them. */
static void longest_reply(void **state)
{
	static char text[2 * RESP_MAX];
	static struct resp reply;
	char body[RESP_TEXT_MAX + 2];
	size_t len = (size_t)sprintf(text, "*%019d\r\n", RESP_ELEMENTS_MAX);

	(void)state;
	memset(body, 'a', sizeof(body));
	for (unsigned i = 0; i < RESP_ELEMENTS_MAX && len < RESP_MAX; i++)
		len += (size_t)sprintf(text + len, "$%019d\r\n%.*s\r\n", RESP_TEXT_MAX, RESP_TEXT_MAX, body);
	assert_int_equal(len, RESP_MAX);
	assert_int_equal(resp_read(&reply, text, len - 1), 0);
	assert_int_equal(resp_read(&reply, text, len), len);
	assert_int_equal(reply.elements, RESP_ELEMENTS_MAX);
	assert_int_equal(reply.element[RESP_ELEMENTS_MAX - 1].len, RESP_TEXT_MAX);
	/* One octet more, or one element, is refused before it comes. */
	sprintf(text, "$%d\r\n", RESP_TEXT_MAX + 1);
	assert_int_equal(resp_read(&reply, text, strlen(text)), -1);
	sprintf(text, "$%d\r\n%.*s\r\n", RESP_TEXT_MAX + 1, RESP_TEXT_MAX + 1, body);
	assert_int_equal(resp_read(&reply, text, strlen(text)), -1);
	sprintf(text, "*1\r\n$129\r\n%.*s\r\n", 129, body);
	assert_int_equal(resp_read(&reply, text, strlen(text)), -1);
	sprintf(text, "*%d\r\n", RESP_ELEMENTS_MAX + 1);
	assert_int_equal(resp_read(&reply, text, strlen(text)), -1);
}

static void commands(void **state)
{
	static const char wanted[] = "*2\r\n$3\r\nGET\r\n$2\r\nab\r\n";
	static const char *const words[] = { "GET", "ab" };
	static const size_t len[] = { 3, 1 };
	char text[64];

	(void)state;
	assert_int_equal(resp_write(text, sizeof(text), 2, words, NULL), strlen(wanted));
	assert_memory_equal(text, wanted, strlen(wanted));
	assert_int_equal(resp_write(text, sizeof(text), 2, words, len), strlen(wanted) - 1);
	for (size_t room = 1; room < strlen(wanted); room++)
		assert_int_equal(resp_write(text, room, 2, words, NULL), 0);
	resp_printable(text, 6, (struct resp_text){ "a\nb\xff" "cdef", 8 });
	assert_string_equal(text, "a?b?c");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places),
		cmocka_unit_test(passwords),
		cmocka_unit_test(replies),
		cmocka_unit_test(longest_reply),
		cmocka_unit_test(commands),
		cmocka_unit_test(window_over_midnight),
		cmocka_unit_test(numbers),
		cmocka_unit_test(blind_names),
		cmocka_unit_test(watch_is_bounded),
		cmocka_unit_test(parts_of_bits_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
