/* SPDX-License-Identifier: BSD-3-Clause */
/* page_text - numbers as people read them. */
#include <inttypes.h>
#include <string.h>

#include "outcome/page_parts.h"

char *count_text(char text[SHORT_TEXT_MAX], uint64_t n)
{
	char digits[24], *to = text;
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, n);

	for (size_t i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = '\0';
	return text;
}

char *moment_text(char text[SHORT_TEXT_MAX], uint64_t when)
{
	char stamp[TIMESTAMP_TEXT_MAX], *letter;

	snprintf(text, SHORT_TEXT_MAX, "%s", timestamp_text(stamp, when));
	letter = strchr(text, 'T');
	if (letter)
		*letter = ' ';
	letter = strchr(text, 'Z');
	if (letter)
		*letter = '\0';
	return text;
}

char *short_moment_text(char text[SHORT_TEXT_MAX], uint64_t when, uint64_t span)
{
	char whole[SHORT_TEXT_MAX];
	/*                   2026-11-21 03:00:00.123 */
	static const struct { uint64_t above; unsigned from, len; } parts[] = {
		{ 2 * 86400000, 0, 10 }, { 43200000, 5, 11 }, { 600000, 11, 5 }, { 10000, 11, 8 }, { 0, 11, 12 },
	};
	unsigned i = 0;

	while (span < parts[i].above)
		i++;
	moment_text(whole, when);
	if (strlen(whole) != strlen("2026-11-21 03:00:00.123")) /* a year of more than four digits */
		return strcpy(text, whole);
	memcpy(text, whole + parts[i].from, parts[i].len);
	text[parts[i].len] = '\0';
	return text;
}

char *span_text(char text[SHORT_TEXT_MAX], uint64_t milliseconds)
{
	uint64_t seconds = milliseconds / 1000, minutes = seconds / 60, hours = minutes / 60;

	if (milliseconds < 1000)
		snprintf(text, SHORT_TEXT_MAX, "%" PRIu64 " ms", milliseconds);
	else if (seconds < 60)
		snprintf(text, SHORT_TEXT_MAX, "%" PRIu64 ".%" PRIu64 " s", seconds, milliseconds % 1000 / 100);
	else if (minutes < 60)
		snprintf(text, SHORT_TEXT_MAX, "%" PRIu64 " min %" PRIu64 " s", minutes, seconds % 60);
	else if (hours < 48)
		snprintf(text, SHORT_TEXT_MAX, "%" PRIu64 " h %" PRIu64 " min", hours, minutes % 60);
	else
		snprintf(text, SHORT_TEXT_MAX, "%" PRIu64 " d %" PRIu64 " h", hours / 24, hours % 24);
	return text;
}

char *client_text(char text[ADDRESS_TEXT_MAX], const uint8_t client[16])
{
	return address_text(text, client);
}

const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

const char *severity_word(unsigned confidence)
{
	static const char *const words[] = { "low", "low", "medium", "high" };

	return words[confidence <= CONFIDENCE_HIGH ? confidence : CONFIDENCE_NONE];
}

const char *severity_title(unsigned confidence)
{
	static const char *const words[] = { "Low", "Low", "Medium", "High" };

	return words[confidence <= CONFIDENCE_HIGH ? confidence : CONFIDENCE_NONE];
}
