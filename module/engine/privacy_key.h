/* SPDX-License-Identifier: BSD-3-Clause */
/* privacy_key - the key that pseudonyms are made and turned back with: client-privacy-key-file:. */
#ifndef ENGINE_PRIVACY_KEY_H
#define ENGINE_PRIVACY_KEY_H

#include "engine/draft.h"

/* Reads the key into the configuration, where one is named or `client-privacy: pseudonym` needs one. */
void privacy_key_read(struct draft *draft);

#endif
