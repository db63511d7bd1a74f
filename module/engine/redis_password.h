/* SPDX-License-Identifier: BSD-3-Clause */
/* redis_password - where the nodes count together, and what lets them in: fleet-redis:, fleet-redis-password-file:. */
#ifndef ENGINE_REDIS_PASSWORD_H
#define ENGINE_REDIS_PASSWORD_H

#include "engine/draft.h"

/* Checks fleet-redis and reads the password into the configuration, where a file is named. */
void redis_password_read(struct draft *draft);

#endif
