/* SPDX-License-Identifier: BSD-3-Clause */
/* fake_redis - as much of Redis as Warden asks for, on a Unix socket, in the test's own thread; and worse than Redis.
 *
 * Nothing happens but in fake_redis_work(): so a test decides what comes first.
 */
#ifndef FAKE_REDIS_H
#define FAKE_REDIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAKE_CLIENTS 4
#define FAKE_FIELDS  2048
#define FAKE_INPUT   (1 << 20)

struct fake_field {
	char key[96], name[40], value[40];
};

struct fake_redis {
	const char *path;
	int listener, client[FAKE_CLIENTS];
	uint8_t *input[FAKE_CLIENTS];
	size_t len[FAKE_CLIENTS];
	struct fake_field field[FAKE_FIELDS]; /* of all hashes; of a HyperLogLog the elements, in hexadecimal */
	unsigned fields;
	unsigned commands;       /* that came, but for AUTH and PING */

	const char *password;    /* "": none */
	bool silent;             /* reads and does not answer */
	const char *instead;     /* answers commands named <of> (NULL: all but AUTH and PING) with these <instead_len> octets */
	size_t instead_len;
	const char *of;
};

void fake_redis_open(struct fake_redis *fake, const char *path);
void fake_redis_close(struct fake_redis *fake);

/* Ends all connections, and takes no more until fake_redis_open(); what it has stored stays. */
void fake_redis_die(struct fake_redis *fake);
void fake_redis_rise(struct fake_redis *fake);

/* Accepts, reads and answers what is there. */
void fake_redis_work(struct fake_redis *fake);

/* Sets a field of a hash whatever it was. */
void fake_redis_set(struct fake_redis *fake, const char *key, const char *name, const char *value);

/* The first key that has <part> in it; NULL. */
const char *fake_redis_key(const struct fake_redis *fake, const char *part);

#endif
