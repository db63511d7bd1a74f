/* SPDX-License-Identifier: BSD-3-Clause */
/* fake_redis - RESP read and written, and a list of fields. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_redis.h"

#define WORDS 80

struct word {
	const char *text;
	size_t len;
};

void fake_redis_rise(struct fake_redis *fake)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", fake->path);
	unlink(fake->path);
	fake->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_true(fake->listener >= 0);
	assert_int_equal(bind(fake->listener, (const struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fake->listener, FAKE_CLIENTS), 0);
}

void fake_redis_open(struct fake_redis *fake, const char *path)
{
	*fake = (struct fake_redis){ .path = path, .password = "" };
	for (unsigned i = 0; i < FAKE_CLIENTS; i++) {
		fake->client[i] = -1;
		fake->input[i] = malloc(FAKE_INPUT);
		assert_non_null(fake->input[i]);
	}
	fake_redis_rise(fake);
}

void fake_redis_die(struct fake_redis *fake)
{
	for (unsigned i = 0; i < FAKE_CLIENTS; i++) {
		if (fake->client[i] >= 0)
			close(fake->client[i]);
		fake->client[i] = -1;
		fake->len[i] = 0;
	}
	if (fake->listener >= 0)
		close(fake->listener);
	fake->listener = -1;
	unlink(fake->path);
}

void fake_redis_close(struct fake_redis *fake)
{
	fake_redis_die(fake);
	for (unsigned i = 0; i < FAKE_CLIENTS; i++)
		free(fake->input[i]);
}

/* --- what is stored ------------------------------------------------------------------------ */

static struct fake_field *field_of(struct fake_redis *fake, const char *key, const char *name, bool *is_new)
{
	struct fake_field *field;

	*is_new = false;
	for (unsigned i = 0; i < fake->fields; i++)
		if (!strcmp(fake->field[i].key, key) && !strcmp(fake->field[i].name, name))
			return &fake->field[i];
	assert_true(fake->fields < FAKE_FIELDS);
	field = &fake->field[fake->fields++];
	snprintf(field->key, sizeof(field->key), "%s", key);
	snprintf(field->name, sizeof(field->name), "%s", name);
	strcpy(field->value, "0");
	*is_new = true;
	return field;
}

void fake_redis_set(struct fake_redis *fake, const char *key, const char *name, const char *value)
{
	bool is_new;
	struct fake_field *field = field_of(fake, key, name, &is_new);

	snprintf(field->value, sizeof(field->value), "%s", value);
}

const char *fake_redis_key(const struct fake_redis *fake, const char *part)
{
	for (unsigned i = 0; i < fake->fields; i++)
		if (strstr(fake->field[i].key, part))
			return fake->field[i].key;
	return NULL;
}

/* --- commands ------------------------------------------------------------------------------ */

static bool is(const struct word *word, const char *text)
{
	return word->len == strlen(text) && !memcmp(word->text, text, word->len);
}

static const char *text_of(const struct word *word, char *text, size_t size)
{
	snprintf(text, size, "%.*s", (int)word->len, word->text);
	return text;
}

static void answer(int client, const char *format, ...)
{
	char text[256];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (send(client, text, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return; /* gone, or full */
}

static void all_fields(const struct fake_redis *fake, int client, const char *key)
{
	unsigned count = 0;

	for (unsigned i = 0; i < fake->fields; i++)
		count += !strcmp(fake->field[i].key, key);
	answer(client, "*%u\r\n", 2 * count);
	for (unsigned i = 0; i < fake->fields; i++)
		if (!strcmp(fake->field[i].key, key))
			answer(client, "$%zu\r\n%s\r\n$%zu\r\n%s\r\n", strlen(fake->field[i].name), fake->field[i].name,
			       strlen(fake->field[i].value), fake->field[i].value);
}

static unsigned add_elements(struct fake_redis *fake, const char *key, const struct word *word, unsigned count)
{
	unsigned added = 0;

	for (unsigned i = 0; i < count; i++) {
		char element[33];
		bool is_new;

		assert_int_equal(word[i].len, 16);
		for (unsigned j = 0; j < 16; j++)
			snprintf(element + 2 * j, 3, "%02x", (uint8_t)word[i].text[j]);
		field_of(fake, key, element, &is_new);
		added += is_new;
	}
	return added;
}

static unsigned count_elements(const struct fake_redis *fake, const struct word *word, unsigned keys)
{
	char key[96];
	unsigned count = 0;

	for (unsigned k = 0; k < keys; k++)
		for (unsigned i = 0; i < fake->fields; i++)
			count += !strcmp(fake->field[i].key, text_of(&word[k], key, sizeof(key)));
	return count;
}

static void send_instead(const struct fake_redis *fake, int client)
{
	if (send(client, fake->instead, fake->instead_len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return; /* gone, or full */
}

static void obey(struct fake_redis *fake, int client, const struct word *word, unsigned words)
{
	char key[96], name[40], number[24];
	bool greeting = is(word, "AUTH") || is(word, "PING"), is_new;

	fake->commands += !greeting;
	if (fake->silent)
		return;
	if (fake->instead && (fake->of ? is(word, fake->of) : !greeting)) {
		send_instead(fake, client);
		return;
	}
	text_of(&word[words > 1], key, sizeof(key));
	if (is(word, "AUTH")) {
		answer(client, !strcmp(key, fake->password) ? "+OK\r\n" :
		       "-WRONGPASS invalid username-password pair or user is disabled.\r\n");
	} else if (is(word, "PING")) {
		answer(client, "+PONG\r\n");
	} else if (is(word, "HINCRBY")) {
		struct fake_field *field = field_of(fake, key, text_of(&word[2], name, sizeof(name)), &is_new);
		int64_t sum = atoll(field->value) + atoll(text_of(&word[3], number, sizeof(number)));

		snprintf(field->value, sizeof(field->value), "%" PRId64, sum);
		answer(client, ":%" PRId64 "\r\n", sum);
	} else if (is(word, "HGETALL")) {
		all_fields(fake, client, key);
	} else if (is(word, "PFADD")) {
		answer(client, ":%u\r\n", add_elements(fake, key, word + 2, words - 2) > 0);
	} else if (is(word, "PFCOUNT")) {
		answer(client, ":%u\r\n", count_elements(fake, word + 1, words - 1));
	} else if (is(word, "EXPIRE")) {
		answer(client, ":1\r\n");
	} else {
		fail_msg("Redis was asked to %.*s", (int)word->len, word->text);
	}
}

/* A number behind <mark>. Octets it takes; 0: not all there. */
static size_t head(const uint8_t *text, size_t len, char mark, size_t *number)
{
	const uint8_t *end = memchr(text, '\n', len);

	if (!end)
		return 0;
	assert_int_equal(text[0], mark);
	*number = (size_t)strtoul((const char *)text + 1, NULL, 10);
	return (size_t)(end + 1 - text);
}

/* One command. Octets it takes; 0: not all there. */
static size_t take(struct fake_redis *fake, int client, const uint8_t *text, size_t len)
{
	struct word word[WORDS];
	size_t words, at = head(text, len, '*', &words);

	if (!at)
		return 0;
	assert_in_range(words, 1, WORDS);
	for (size_t i = 0; i < words; i++) {
		size_t step = at < len ? head(text + at, len - at, '$', &word[i].len) : 0;

		if (!step || at + step + word[i].len + 2 > len)
			return 0;
		word[i].text = (const char *)text + at + step;
		at += step + word[i].len + 2;
	}
	obey(fake, client, word, (unsigned)words);
	return at;
}

static void serve(struct fake_redis *fake, unsigned i)
{
	ssize_t got = recv(fake->client[i], fake->input[i] + fake->len[i], FAKE_INPUT - fake->len[i], MSG_DONTWAIT);
	size_t at = 0, step;

	if (got == 0) {
		close(fake->client[i]);
		fake->client[i] = -1;
		fake->len[i] = 0;
		return;
	}
	fake->len[i] += got > 0 ? (size_t)got : 0;
	while (at < fake->len[i] && (step = take(fake, fake->client[i], fake->input[i] + at, fake->len[i] - at)))
		at += step;
	memmove(fake->input[i], fake->input[i] + at, fake->len[i] - at);
	fake->len[i] -= at;
}

void fake_redis_work(struct fake_redis *fake)
{
	for (unsigned i = 0; i < FAKE_CLIENTS; i++) {
		if (fake->client[i] < 0 && fake->listener >= 0) {
			fake->client[i] = accept4(fake->listener, NULL, NULL, SOCK_CLOEXEC);
			fake->len[i] = 0;
		}
		if (fake->client[i] >= 0)
			serve(fake, i);
	}
}
