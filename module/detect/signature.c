/* SPDX-License-Identifier: BSD-3-Clause */
/* signature - matches names and answers with the patterns of signatures.def. */
#include "detect/facts.h"
#include "detect/signature.h"

struct signature_match signature_match(const struct facts *facts)
{
	(void)facts;
	return (struct signature_match){ .tool = 0 };
}

struct signature signature_confirm(struct sightings *sightings, const struct facts *facts)
{
	(void)sightings, (void)facts;
	return (struct signature){ .tool = 0 };
}
