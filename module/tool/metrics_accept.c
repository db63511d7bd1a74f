/* SPDX-License-Identifier: BSD-3-Clause */
/* metrics_accept - what a scraper's header Accept: asks for (RFC 9110, section 12.5.1).
 *
 *     application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5, and anything else with q=0.1
 *
 * Prometheus asks for OpenMetrics by name. A browser, curl and what else takes anything get the older text,
 * which shows as text and which everything can read.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tool/metrics.h"

#define SPACE " \t"

/* A part of the header, <len> octets at <at>, spaces taken off. */
struct part {
	const char *at;
	size_t len;
};

/* Takes the part before the next <separator> off <rest>. Quoted strings are not looked at: no media type or
 * version has a separator in it.
 */
static struct part part_take(struct part *rest, char separator)
{
	const char *end = memchr(rest->at, separator, rest->len);
	struct part part = { rest->at, end ? (size_t)(end - rest->at) : rest->len };

	rest->len -= end ? part.len + 1 : part.len;
	rest->at += end ? part.len + 1 : part.len;
	for (; part.len && strchr(SPACE, *part.at); part.len--)
		part.at++;
	while (part.len && strchr(SPACE, part.at[part.len - 1]))
		part.len--;
	return part;
}

static bool part_is(const struct part *part, const char *text)
{
	return part->len == strlen(text) && !strncasecmp(part->at, text, part->len);
}

/* "0.5" as 500; what is not a number counts as nothing wanted. */
static unsigned quality(const struct part *part)
{
	unsigned value = 0, digits = 0;

	if (!part->len || (part->at[0] != '0' && part->at[0] != '1') || (part->len > 1 && part->at[1] != '.'))
		return 0;
	value = part->at[0] == '1' ? 1 : 0;
	for (size_t i = 2; i < part->len && digits < 3; i++, digits++)
		value = part->at[i] >= '0' && part->at[i] <= '9' ? value * 10 + (unsigned)(part->at[i] - '0') : 0;
	for (; digits < 3; digits++)
		value *= 10;
	return value < 1000 ? value : 1000;
}

enum exposition_dialect metrics_negotiate(const char *accept)
{
	struct part rest = { accept ? accept : "", accept ? strlen(accept) : 0 };
	unsigned open = 0, plain = 0;

	while (rest.len) {
		struct part range = part_take(&rest, ','), type = part_take(&range, ';');
		unsigned wanted = 1000;
		bool ours = true;

		while (range.len) {
			struct part value = part_take(&range, ';'), name = part_take(&value, '=');

			if (part_is(&name, "q"))
				wanted = quality(&value);
			else if (part_is(&name, "version") && part_is(&type, "application/openmetrics-text"))
				ours = part_is(&value, "1.0.0");
		}
		if (part_is(&type, "application/openmetrics-text") && ours && wanted > open)
			open = wanted;
		if (part_is(&type, "text/plain") && wanted > plain)
			plain = wanted;
	}
	return open && open >= plain ? EXPOSITION_OPENMETRICS : EXPOSITION_PROMETHEUS;
}
