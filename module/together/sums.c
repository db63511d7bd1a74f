/* SPDX-License-Identifier: BSD-3-Clause */
/* sums - see sums.h. */
#include "together/sums.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "engine/config.h"

#define NODE_BITS_MAX (8.0 * 1024 * 1024) /* believed of one: what the budget of a pair or client can be at most */

double sums_window(double today, double yesterday, uint64_t now)
{
	return today + yesterday * (1 - (double)(now % DAY) / (double)DAY);
}

bool sums_number(struct resp_text text, double *bits)
{
	double number = 0;

	if (!text.len || text.len > 20)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		number = number * 10 + (text.at[i] - '0');
	}
	*bits = number;
	return number <= SUMS_BITS_MAX;
}

/* Whether a field is what fleet-node: may be: whoever else writes there, no node does. */
static bool is_node(struct resp_text name)
{
	if (!name.len || name.len > FLEET_NODE_LEN || name.at[0] == '-' || name.at[name.len - 1] == '-')
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!(name.at[i] >= 'a' && name.at[i] <= 'z') && !(name.at[i] >= '0' && name.at[i] <= '9') && name.at[i] != '-')
			return false;
	return true;
}

bool sums_of_others(const char *self, const struct resp *reply, double *bits, uint32_t *nodes)
{
	size_t own = strlen(self);

	*bits = 0;
	*nodes = 0;
	if (reply->type != RESP_ARRAY || reply->elements % 2)
		return false;
	for (unsigned i = 0; i < reply->elements; i += 2) {
		struct resp_text node = reply->element[i];
		double number;

		if (!is_node(node))
			continue;
		if (!sums_number(reply->element[i + 1], &number))
			return false;
		if (node.len == own && !memcmp(node.at, self, own))
			continue;
		*bits += fmin(number, NODE_BITS_MAX);
		++*nodes;
	}
	return true;
}
