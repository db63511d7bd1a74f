/* SPDX-License-Identifier: BSD-3-Clause */
/* primary - to be filled in: the interface first, so that others can build against it. */
#include "fleet/primary.h"

#include <stdlib.h>

struct primary {
	struct primary_setup setup;
};

struct primary *primary_open(const struct primary_setup *setup, char *error, size_t error_len)
{
	struct primary *primary = malloc(sizeof(*primary));

	if (primary)
		primary->setup = *setup;
	else
		sentence_error(error, error_len, "out of memory");
	return primary;
}

void primary_close(struct primary *primary)
{
	free(primary);
}

enum primary_taken primary_update(struct primary *primary, uint64_t id, const ldns_rr_list *add,
                                  const ldns_rr_list *remove)
{
	(void)primary, (void)id, (void)add, (void)remove;
	return PRIMARY_BUSY;
}

int primary_poll_fds(const struct primary *primary, struct pollfd fds[PRIMARY_FDS_MAX])
{
	(void)primary, (void)fds;
	return 0;
}

uint64_t primary_due(const struct primary *primary, uint64_t now)
{
	return now + primary->setup.poll;
}

void primary_work(struct primary *primary, uint64_t now)
{
	(void)primary, (void)now;
}

bool primary_up(const struct primary *primary)
{
	(void)primary;
	return false;
}

const uint8_t *primary_secret(const struct primary *primary, size_t *len)
{
	(void)primary;
	*len = 0;
	return NULL;
}
