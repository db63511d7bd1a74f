/* SPDX-License-Identifier: BSD-3-Clause */
/* stamp - see stamp.h.
 *
 * A form is a row of characters: those in it are the text's own, but d is a digit, b a digit or a
 * blank, and M a letter of the month.
 */
#define _GNU_SOURCE /* timegm */
#include <string.h>
#include <time.h>

#include "recorded/stamp.h"

#define DAY         UINT64_C(86400)
#define SECONDS_MAX (UINT64_MAX / 10000) /* a thousandfold still fits */
#define ISO         "dddd-dd-ddTdd:dd:dd"
#define PLAIN       "MMM bd dd:dd:dd"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool has_form(const char *text, const char *form)
{
	for (; *form; form++, text++) {
		bool fits = *form == 'd' ? is_digit(*text)
			: *form == 'b' ? is_digit(*text) || *text == ' '
			: *form == 'M' ? (*text | 0x20) >= 'a' && (*text | 0x20) <= 'z'
			: *text == *form;

		if (!fits)
			return false;
	}
	return true;
}

/* The number in the <digits> characters at <text>; a blank is nothing. */
static int number(const char *text, unsigned digits)
{
	int value = 0;

	for (; digits; digits--, text++)
		value = *text == ' ' ? 0 : value * 10 + (*text - '0');
	return value;
}

/* Whether <tm> is a time of a calendar, a leap second included. */
static bool is_possible(const struct tm *tm)
{
	return tm->tm_mon >= 0 && tm->tm_mon < 12 && tm->tm_mday >= 1 && tm->tm_mday <= 31 &&
	       tm->tm_hour < 24 && tm->tm_min < 60 && tm->tm_sec <= 60;
}

/* Seconds since 1970 of <tm>. False before 1970. */
static bool convert(time_t (*by)(struct tm *), struct tm tm, uint64_t *seconds)
{
	time_t when = by(&tm);

	if (when < 0)
		return false;
	*seconds = (uint64_t)when;
	return true;
}

static bool read_iso(const char *text, uint64_t *seconds)
{
	struct tm tm = {
		.tm_year = number(text, 4) - 1900, .tm_mon = number(text + 5, 2) - 1,
		.tm_mday = number(text + 8, 2), .tm_hour = number(text + 11, 2),
		.tm_min = number(text + 14, 2), .tm_sec = number(text + 17, 2),
	};

	return is_possible(&tm) && convert(timegm, tm, seconds);
}

static int month_of(const char *text)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int month = 0; month < 12; month++)
		if (!memcmp(months + 3 * month, text, 3))
			return month;
	return -1;
}

/* A log goes on, over the new year, too; threads may write their lines a little out of order. */
static void choose_year(struct stamp *stamp, struct tm tm)
{
	time_t written = (time_t)(stamp->written / 1000);
	struct tm end;
	uint64_t first;

	if (stamp->year) {
		stamp->year += (tm.tm_mon == 0 && stamp->month == 11) - (tm.tm_mon == 11 && stamp->month == 0);
		return;
	}
	localtime_r(&written, &end);
	stamp->year = end.tm_year + 1900;
	tm.tm_year = end.tm_year;
	if (convert(mktime, tm, &first) && first > stamp->written / 1000 + DAY)
		stamp->year--;
}

static bool read_plain(struct stamp *stamp, const char *text, uint64_t *seconds)
{
	struct tm tm = {
		.tm_mon = month_of(text), .tm_mday = number(text + 4, 2), .tm_hour = number(text + 7, 2),
		.tm_min = number(text + 10, 2), .tm_sec = number(text + 13, 2), .tm_isdst = -1,
	};

	if (!is_possible(&tm))
		return false;
	choose_year(stamp, tm);
	stamp->month = tm.tm_mon;
	tm.tm_year = stamp->year - 1900;
	return convert(mktime, tm, seconds);
}

/* Reads a fraction of a second, if *text begins with one; what is less than a millisecond is dropped. */
static uint64_t take_fraction(const char **text)
{
	uint64_t fraction = 0;

	if (**text != '.' || !is_digit((*text)[1]))
		return 0;
	(*text)++;
	for (unsigned unit = 100; is_digit(**text); (*text)++, unit /= 10)
		fraction += (uint64_t)(**text - '0') * unit;
	return fraction;
}

/* Reads what stands behind a time: Z, +01:00, +0100 or nothing, which is UTC. Returns the seconds by
 * which that zone's clocks are ahead.
 */
static int64_t take_zone(const char **text)
{
	const char *here = *text;
	bool colon = here[0] && has_form(here + 1, "dd:dd");
	int64_t ahead;

	if (*here == 'Z') {
		(*text)++;
		return 0;
	}
	if ((*here != '+' && *here != '-') || (!colon && !has_form(here + 1, "dddd")))
		return 0;
	ahead = number(here + 1, 2) * 3600 + number(here + 3 + colon, 2) * 60;
	*text += 5 + colon;
	return *here == '-' ? -ahead : ahead;
}

static bool read_epoch(const char **text, uint64_t *milliseconds)
{
	const char *digit = *text + 1;
	uint64_t seconds = 0;

	for (; is_digit(*digit) && seconds <= SECONDS_MAX; digit++)
		seconds = seconds * 10 + (uint64_t)(*digit - '0');
	if (digit == *text + 1 || *digit != ']' || seconds > SECONDS_MAX)
		return false;
	*text = digit + 1;
	*milliseconds = seconds * 1000;
	return true;
}

/* Whether the time at <text>, <len> characters without NUL, has the seconds of the one before. */
static bool is_known(const struct stamp *stamp, const char *text, size_t len)
{
	return stamp->text[0] && stamp->text[len] == '\0' && !memcmp(stamp->text, text, len);
}

bool stamp_read(struct stamp *stamp, const char **text, uint64_t *milliseconds)
{
	bool iso = has_form(*text, ISO);
	size_t len = iso ? sizeof(ISO) - 1 : sizeof(PLAIN) - 1;
	const char *here = *text;
	uint64_t seconds = stamp->seconds, fraction;
	int64_t ahead;

	if (*here == '[')
		return read_epoch(text, milliseconds);
	if (!iso && !has_form(here, PLAIN))
		return false;
	if (!is_known(stamp, here, len)) {
		if (!(iso ? read_iso(here, &seconds) : read_plain(stamp, here, &seconds)))
			return false;
		memcpy(stamp->text, here, len);
		stamp->text[len] = '\0';
		stamp->seconds = seconds;
	}
	here += len;
	fraction = take_fraction(&here);
	ahead = iso ? take_zone(&here) : 0;
	if (ahead > 0 && seconds < (uint64_t)ahead)
		return false;
	*milliseconds = (seconds - (uint64_t)ahead) * 1000 + fraction;
	*text = here;
	return true;
}
