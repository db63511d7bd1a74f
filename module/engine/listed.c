/* SPDX-License-Identifier: BSD-3-Clause */
/* listed - which of the configured lists a name is in. */
#include "engine/look.h"

void listed_fill(const struct look *look, struct facts *facts, struct listing listing[LISTED_MAX])
{
	(void)look;
	facts->listed = listing;
	facts->listed_count = 0;
}
