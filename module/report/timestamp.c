/* SPDX-License-Identifier: BSD-3-Clause */
/* timestamp - the calendar is libc's, the format ours. */
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "report/timestamp.h"

char *timestamp_text(char text[TIMESTAMP_TEXT_MAX], uint64_t when)
{
	char day[TIMESTAMP_TEXT_MAX];
	time_t seconds = (time_t)(when / SECOND);
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) || !strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm) ||
	    snprintf(text, TIMESTAMP_TEXT_MAX, "%s.%03uZ", day, (unsigned)(when % SECOND)) >=
	            TIMESTAMP_TEXT_MAX)
		text[0] = '\0';
	return text;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads exactly <digits> digits and the octet behind them, unless <behind> is NUL. */
static bool take(const char **text, unsigned digits, char behind, int *number)
{
	*number = 0;
	for (; digits; digits--, ++*text) {
		if (!is_digit(**text))
			return false;
		*number = 10 * *number + (**text - '0');
	}
	return !behind || *(*text)++ == behind;
}

/* The fraction of a second behind its point; at least one digit. */
static bool take_fraction(const char **text, unsigned *milliseconds)
{
	const char *first = *text;

	*milliseconds = 0;
	for (unsigned unit = 100; is_digit(**text); ++*text, unit /= 10)
		*milliseconds += (unsigned)(**text - '0') * unit;
	return *text > first;
}

/* Whether libc left <tm> as it was read: it makes the 2nd of March of a 30th of February. */
static bool is_real(const struct tm *tm, const struct tm *read)
{
	return tm->tm_year == read->tm_year && tm->tm_mon == read->tm_mon &&
	       tm->tm_mday == read->tm_mday && tm->tm_hour == read->tm_hour &&
	       tm->tm_min == read->tm_min && tm->tm_sec == read->tm_sec;
}

bool timestamp_read(const char *text, uint64_t *when)
{
	struct tm read = { 0 }, tm;
	unsigned milliseconds = 0;
	time_t seconds;

	if (!take(&text, 4, '-', &read.tm_year) || !take(&text, 2, '-', &read.tm_mon) ||
	    !take(&text, 2, '\0', &read.tm_mday))
		return false;
	if (*text) {
		if (*text++ != 'T' || !take(&text, 2, ':', &read.tm_hour) ||
		    !take(&text, 2, ':', &read.tm_min) || !take(&text, 2, '\0', &read.tm_sec))
			return false;
		if (*text == '.' && (text++, !take_fraction(&text, &milliseconds)))
			return false;
		if (*text++ != 'Z' || *text)
			return false;
	}
	read.tm_year -= 1900;
	read.tm_mon -= 1;
	tm = read;
	seconds = timegm(&tm);
	if (seconds < 0 || !is_real(&tm, &read))
		return false;
	*when = (uint64_t)seconds * SECOND + milliseconds;
	return true;
}
