/* SPDX-License-Identifier: BSD-3-Clause */
/* held - the words for a hold. */
#include <string.h>

#include <warden/warden.h>

#include "base/clock.h"
#include "detect/detector.h"
#include "report/held.h"
#include "report/rule_name.h"

void held_describe(struct held *held, const struct hold *hold, uint64_t now)
{
	if (!hold->any_client)
		address_text(held->client, hold->client);
	else
		strcpy(held->client, "any");
	if (hold->name_len)
		name_text(held->domain, hold->name, hold->name_len);
	else
		strcpy(held->domain, "any");
	held->verdict = warden_verdict_name(hold->verdict);
	held->detector = hold->detector < DETECTOR_COUNT ? detectors[hold->detector]->name :
	                                                   rule_holder(hold->detector);
	held->expires = (hold->expires - now + SECOND - 1) / SECOND;

	memcpy(held->comment, hold->comment, sizeof(held->comment));
	held->comment[HOLD_COMMENT_MAX] = '\0';
	if (hold->together && !*held->comment)
		strcpy(held->comment, "together with other nodes");
	for (char *c = held->comment; *c; c++)
		if (*c < ' ' || *c > '~' || *c == '"' || *c == '\\')
			*c = '?';
}
