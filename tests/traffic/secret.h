/* SPDX-License-Identifier: BSD-3-Clause */
/* secret - makes the engine hash alike in every run of the same seed, so that what is on the wrong side
 * of a bound once is so again.
 */
#ifndef TRAFFIC_SECRET_H
#define TRAFFIC_SECRET_H

#include <stdint.h>

#include <warden/warden.h>

/* To be called before anything is observed. */
void secret_fix(struct warden *warden, uint64_t seed);

#endif
