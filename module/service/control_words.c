/* SPDX-License-Identifier: BSD-3-Clause */
/* control_words - reads a command's line, word by word.
 *
 * The line is whatever a user sent, printable ASCII at least: what cannot be read is named in the
 * complaint, and nothing is done.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/option.h"
#include "report/address.h"
#include "service/control_request.h"

#define DIGITS "0123456789"

void fail(struct request *request, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("error ", request->out);
	vfprintf(request->out, format, args);
	putc('\n', request->out);
	va_end(args);
	request->failed = true;
}

void fail_usage(struct request *request)
{
	fail(request, "usage: %s%s%s", request->name, *request->usage ? " " : "", request->usage);
}

void ok(struct request *request)
{
	fputs("ok\n", request->out);
}

void ok_settled(struct request *request)
{
	request->settles = true;
}

static char *skip_spaces(char *text)
{
	return text + strspn(text, " ");
}

const char *words_left(struct request *request)
{
	return request->rest = skip_spaces(request->rest);
}

bool words_are(struct request *request, unsigned count)
{
	const char *left = words_left(request);
	unsigned words = 0;

	for (; *left; words++) {
		left += strcspn(left, " ");
		left += strspn(left, " ");
	}
	if (words != count)
		fail_usage(request);
	return words == count;
}

char *word_take(struct request *request)
{
	char *word = skip_spaces(request->rest), *end = word + strcspn(word, " ");

	request->rest = end;
	if (*end) {
		*end = '\0';
		request->rest = skip_spaces(end + 1);
	}
	return word;
}

static bool is_number(const char *word)
{
	return *word && strspn(word, DIGITS) == strlen(word);
}

bool number_take(struct request *request, uint64_t max, uint64_t *number)
{
	const char *word = word_take(request);
	uint64_t n = is_number(word) && strlen(word) <= 18 ? strtoull(word, NULL, 10) : UINT64_MAX;

	if (!*word)
		return true;
	if (n > max) {
		fail(request, "'%s' is not a number up to %" PRIu64, word, max);
		return false;
	}
	*number = n;
	return true;
}

bool client_take(struct request *request, uint8_t client[16])
{
	const char *word = word_take(request);

	if (address_from_text(client, word))
		return true;
	fail(request, "'%s' is not an address like 192.0.2.7 or 2001:db8::7", word);
	return false;
}

bool name_take(struct request *request, struct name *name)
{
	const char *word = word_take(request);

	if (*word && name_from_text(name, word))
		return true;
	fail(request, "'%s' is not a domain like www.example.org", word);
	return false;
}

struct duration {
	uint64_t time;
};

/* Read as `hold:` in warden.conf is. */
static const struct option duration_row =
	OPTION_NUMBER(struct duration, time, "SECONDS", OPT_TIME, 0, SECOND, 365 * DAY, "");

bool duration_take(struct request *request, uint64_t *duration)
{
	const char *left = words_left(request);
	struct duration read;
	char error[FAULT_MAX];

	/* What begins with a digit is meant to be the time, or with a sign: a comment that does would hide a slip. */
	if (!*left || !strchr(DIGITS, left[*left == '-' || *left == '+']))
		return true;
	if (!option_set(&duration_row, &read, word_take(request), NULL, 0, error, sizeof(error))) {
		fail(request, "%s", error);
		return false;
	}
	*duration = read.time;
	return true;
}

bool line_ends(struct request *request)
{
	return words_are(request, 0);
}

bool whom_take(struct request *request, struct whom *whom)
{
	const char *client = word_take(request), *domain = word_take(request);

	*whom = (struct whom){ .client = NULL };
	if (!*domain) {
		fail(request, "say whom: CLIENT or any, then DOMAIN or any");
		return false;
	}
	if (strcmp(client, "any")) {
		if (!address_from_text(whom->address, client)) {
			fail(request, "'%s' is neither an address like 192.0.2.7 or 2001:db8::7 nor any", client);
			return false;
		}
		whom->client = whom->address;
	}
	if (strcmp(domain, "any")) {
		if (!name_from_text(&whom->name, domain)) {
			fail(request, "'%s' is neither a domain like example.org nor any", domain);
			return false;
		}
		whom->domain = &whom->name;
	}
	if (!whom->client && !whom->domain) {
		fail(request, "any client and any domain would be everybody: name one of them");
		return false;
	}
	return true;
}
