/* SPDX-License-Identifier: BSD-3-Clause */
/* secret - see secret.h. Read by read(2): a stream would leave a copy in the heap. */
#include "engine/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sentence.h"
#include "engine/include.h"

/* Up to <room> octets. Returns how many, or -1 and sets errno. */
static ssize_t read_all(int fd, char *text, size_t room)
{
	size_t len = 0;

	while (len < room) {
		ssize_t got = read(fd, text + len, room - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (!got)
			break;
		len += (size_t)got;
	}
	return (ssize_t)len;
}

static ssize_t read_open(int fd, char text[SECRET_MAX + 1], const char *path, char *error, size_t error_len)
{
	struct stat about;
	ssize_t len = -1;

	if (fd >= 0 && !fstat(fd, &about)) {
		if (!S_ISREG(about.st_mode))
			errno = S_ISDIR(about.st_mode) ? EISDIR : ENOTSUP;
		else if (about.st_mode & S_IRWXO)
			return sentence_error(error, error_len, "'%s' is open to everybody: chmod o= '%s'", path, path);
		else
			len = read_all(fd, text, SECRET_MAX + 1);
	}
	if (len < 0)
		return sentence_error(error, error_len, "'%s' cannot be read: %s", path, include_why(errno));
	if (len > SECRET_MAX)
		return sentence_error(error, error_len, "'%s' is longer than %d octets: that is no key", path, SECRET_MAX);
	text[len] = '\0';
	return len;
}

ssize_t secret_read(char text[SECRET_MAX + 1], const char *path, char *error, size_t error_len)
{
	/* A pipe without a writer would have us wait. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t len = read_open(fd, text, path, error, error_len);

	if (fd >= 0)
		close(fd);
	if (len < 0)
		explicit_bzero(text, SECRET_MAX + 1);
	return len;
}
