/* SPDX-License-Identifier: BSD-3-Clause */
/* norms - how long the network's names are, and how large its answers, by type. */
#include "engine/look.h"

void norms_fill(struct look *look, struct facts *facts)
{
	(void)look;
	facts->length_tail = facts->bulk_tail = TAIL_UNKNOWN;
}
