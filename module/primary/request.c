/* SPDX-License-Identifier: BSD-3-Clause */
/* request - sent once, and once more where the primary closed an idle connection just then.
 *
 * A primary may end a connection that nothing goes over at any time, and the request that crosses this on the wire is
 * lost (RFC 7766 section 6.2.4). That is no fault: all that is asked here may be asked twice.
 */
#include "primary/request.h"

#include <errno.h>
#include <sys/random.h>

uint32_t request_chance(void)
{
	uint32_t number = 0;

	/* Nothing depends on it that has no signature. */
	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) != (ssize_t)sizeof(number))
		number = 0;
	return number;
}

bool request_open(struct request *request, const struct key *key)
{
	connection_init(&request->line);
	request->under_way = false;
	return tsig_open(&request->tsig, key);
}

void request_close(struct request *request)
{
	connection_close(&request->line);
	tsig_close(&request->tsig);
}

void request_done(struct request *request)
{
	connection_rest(&request->line);
	request->under_way = false;
}

void request_abandon(struct request *request)
{
	connection_close(&request->line);
	request->under_way = false;
}

static enum fault away(struct request *request, int error)
{
	request_abandon(request);
	request->error = error;
	return FAULT_AWAY;
}

enum fault request_send(struct request *request, const struct sockaddr *to, socklen_t to_len, size_t len, uint64_t now)
{
	request->len = len;
	request->reused = request->line.fd >= 0;
	request->asked = request->heard = now;
	request->error = 0;
	if (!tsig_sign(&request->tsig, connection_message(&request->line), &request->len, now / SECOND)) {
		request_abandon(request);
		return FAULT_MEMORY;
	}
	if (!connection_send(&request->line, to, to_len, request->len))
		return away(request, errno);
	request->under_way = true;
	return FAULT_NONE;
}

/* The connection has ended. */
static enum fault lost(struct request *request, const struct sockaddr *to, socklen_t to_len)
{
	int why = errno;

	if (!request->under_way)
		return FAULT_NONE; /* nobody was waiting */
	if (!request->reused || request->line.answered)
		return away(request, why);
	request->reused = false;
	return connection_send(&request->line, to, to_len, request->len) ? FAULT_NONE : away(request, errno);
}

static enum fault fault_of(enum tsig_result result)
{
	switch (result) {
	case TSIG_GOOD:
	case TSIG_UNSIGNED: return FAULT_NONE;
	case TSIG_NONE:     return FAULT_UNSIGNED;
	case TSIG_REFUSED:  return FAULT_KEY;
	case TSIG_LATE:     return FAULT_CLOCK;
	case TSIG_FALSE:    break;
	}
	return FAULT_FALSE;
}

enum fault request_work(struct request *request, const struct sockaddr *to, socklen_t to_len, uint64_t now,
                        uint8_t **message, size_t *len, bool *is_signed)
{
	enum tsig_result result;
	enum fault fault;

	*message = NULL;
	if (request->line.fd < 0)
		return FAULT_NONE;
	switch (connection_work(&request->line, message, len)) {
	case CONNECTION_BROKEN:
		*message = NULL;
		return lost(request, to, to_len);
	case CONNECTION_WAIT:
		*message = NULL;
		if (!request->under_way || (clock_since(now, request->heard) < REQUEST_SILENCE &&
		                            clock_since(now, request->asked) < REQUEST_LIMIT))
			return FAULT_NONE;
		request_abandon(request);
		return FAULT_SILENT;
	case CONNECTION_MESSAGE:
		break;
	}
	if (clock_since(now, request->asked) >= REQUEST_LIMIT) {
		*message = NULL;
		request_abandon(request);
		return FAULT_SILENT;
	}
	request->heard = now;
	result = tsig_check(&request->tsig, *message, len, now / SECOND);
	*is_signed = result == TSIG_GOOD;
	fault = fault_of(result);
	if (fault) {
		*message = NULL;
		request_abandon(request);
	}
	return fault;
}
