/* SPDX-License-Identifier: BSD-3-Clause */
/* packed - see packed.h.
 *
 * The three libraries work alike: some octets in, some octets out, and a word on how it went. A
 * method is that, once for each.
 */
#define _GNU_SOURCE /* fopencookie */
#include <errno.h>
#include <inttypes.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "recorded/packed.h"

#define CHUNK       65536
#define MAGIC_MAX   6
#define GZIP_WINDOW (15 + 16) /* of zlib: the largest, behind a header of gzip */

struct unpacker;

/* How a step of unpacking went. */
enum outcome {
	WENT_ON,
	ENDED,   /* one packed file is complete: another one may follow */
	DAMAGED,
	TOO_LARGE,
};

struct method {
	const char *name, *ending;
	const char *tool; /* that unpacks it, however much memory that takes */
	uint8_t magic[MAGIC_MAX], magic_len;
	bool (*start)(struct unpacker *unpacker);
	/* Unpacks from <in> into the <size> octets at <out>; both move on. */
	enum outcome (*step)(struct unpacker *unpacker, uint8_t **out, size_t *size);
	void (*stop)(struct unpacker *unpacker);
};

struct unpacker {
	struct packed *packed;
	int fd;
	const struct method *method;  /* NULL: not packed */
	uint8_t chunk[CHUNK];
	const uint8_t *in;            /* the <left> octets of <chunk> that were not used yet */
	size_t left;
	bool over;                    /* there is nothing behind <chunk> */
	bool within;                  /* a packed file has begun and not ended */
	bool damaged;                 /* nothing more comes out of it */
	union {
		z_stream gzip;
		lzma_stream xz;
		ZSTD_DStream *zstd;
	} state;
};

/* --- gzip ------------------------------------------------------------------------------------ */

static bool gzip_start(struct unpacker *unpacker)
{
	unpacker->state.gzip = (z_stream){ 0 };
	return inflateInit2(&unpacker->state.gzip, GZIP_WINDOW) == Z_OK;
}

static enum outcome gzip_step(struct unpacker *unpacker, uint8_t **out, size_t *size)
{
	z_stream *stream = &unpacker->state.gzip;
	int status;

	/* Behind a file there may be another one, or zeros that fill a block of a tape up. */
	while (!unpacker->within && unpacker->left && !*unpacker->in) {
		unpacker->in++;
		unpacker->left--;
	}
	if (!unpacker->within && !unpacker->left)
		return ENDED;
	if (!unpacker->within && inflateReset(stream) != Z_OK)
		return DAMAGED;
	stream->next_in = (Bytef *)(uintptr_t)unpacker->in; /* zlib's word for const */
	stream->avail_in = (uInt)unpacker->left;
	stream->next_out = *out;
	stream->avail_out = (uInt)*size;
	status = inflate(stream, Z_NO_FLUSH);
	unpacker->in = stream->next_in;
	unpacker->left = stream->avail_in;
	*out = stream->next_out;
	*size = stream->avail_out;
	return status == Z_STREAM_END ? ENDED
		: status == Z_OK || status == Z_BUF_ERROR ? WENT_ON : DAMAGED;
}

static void gzip_stop(struct unpacker *unpacker)
{
	inflateEnd(&unpacker->state.gzip);
}

/* --- xz -------------------------------------------------------------------------------------- */

static bool xz_start(struct unpacker *unpacker)
{
	unpacker->state.xz = (lzma_stream)LZMA_STREAM_INIT;
	return lzma_stream_decoder(&unpacker->state.xz, unpacker->packed->memory, LZMA_CONCATENATED) == LZMA_OK;
}

static void xz_stop(struct unpacker *unpacker)
{
	lzma_end(&unpacker->state.xz);
}

/* The library knows of files behind each other, and of the zeros between them: one that has ended is
 * the last.
 */
static enum outcome xz_step(struct unpacker *unpacker, uint8_t **out, size_t *size)
{
	lzma_stream *stream = &unpacker->state.xz;
	lzma_ret status;

	stream->next_in = unpacker->in;
	stream->avail_in = unpacker->left;
	stream->next_out = *out;
	stream->avail_out = *size;
	status = lzma_code(stream, unpacker->over ? LZMA_FINISH : LZMA_RUN);
	unpacker->in = stream->next_in;
	unpacker->left = stream->avail_in;
	*out = stream->next_out;
	*size = stream->avail_out;
	return status == LZMA_STREAM_END ? ENDED
		: status == LZMA_OK || status == LZMA_BUF_ERROR ? WENT_ON
		: status == LZMA_MEMLIMIT_ERROR || status == LZMA_MEM_ERROR ? TOO_LARGE : DAMAGED;
}

/* --- zstd ------------------------------------------------------------------------------------ */

static bool zstd_start(struct unpacker *unpacker)
{
	int log = 0;

	while (unpacker->packed->memory >> (log + 1))
		log++;
	unpacker->state.zstd = ZSTD_createDStream();
	if (!unpacker->state.zstd)
		return false;
	ZSTD_DCtx_setParameter(unpacker->state.zstd, ZSTD_d_windowLogMax, log);
	return true;
}

static enum outcome zstd_step(struct unpacker *unpacker, uint8_t **out, size_t *size)
{
	ZSTD_inBuffer from = { unpacker->in, unpacker->left, 0 };
	ZSTD_outBuffer to = { *out, *size, 0 };
	size_t status = ZSTD_decompressStream(unpacker->state.zstd, &to, &from);

	unpacker->in += from.pos;
	unpacker->left -= from.pos;
	*out += to.pos;
	*size -= to.pos;
	if (!ZSTD_isError(status))
		return status ? WENT_ON : ENDED;
	return ZSTD_getErrorCode(status) == ZSTD_error_frameParameter_windowTooLarge ? TOO_LARGE : DAMAGED;
}

static void zstd_stop(struct unpacker *unpacker)
{
	ZSTD_freeDStream(unpacker->state.zstd);
}

static const struct method methods[] = {
	{ "gzip", ".gz", "gzip -d", { 0x1f, 0x8b }, 2, gzip_start, gzip_step, gzip_stop },
	{ "xz", ".xz", "xz -d", { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6, xz_start, xz_step, xz_stop },
	{ "zstd", ".zst", "zstd -d --long=31", { 0x28, 0xb5, 0x2f, 0xfd }, 4, zstd_start, zstd_step, zstd_stop },
};

#define METHODS (sizeof(methods) / sizeof(*methods))

/* --- the file -------------------------------------------------------------------------------- */

/* Reads behind what is in <chunk>, of which <from> octets are there. False, with errno, when it
 * cannot.
 */
static bool fill(struct unpacker *unpacker, size_t from)
{
	ssize_t len;

	do
		len = read(unpacker->fd, unpacker->chunk + from, CHUNK - from);
	while (len < 0 && errno == EINTR);
	if (len < 0)
		return false;
	unpacker->over = !len;
	unpacker->in = unpacker->chunk;
	unpacker->left = from + (size_t)len;
	atomic_fetch_add_explicit(&unpacker->packed->taken, (uint64_t)len, memory_order_relaxed);
	return true;
}

static ssize_t fail_for_memory(struct unpacker *unpacker)
{
	snprintf(unpacker->packed->fault, sizeof(unpacker->packed->fault), "its %s data wants more than the %" PRIu64
	         " MiB of memory that it may have here: give fewer inputs at once, or unpack it first, as with '%s'",
	         unpacker->method->name, unpacker->packed->memory >> 20, unpacker->method->tool);
	errno = EIO;
	return -1;
}

static ssize_t fail(struct unpacker *unpacker, const char *what)
{
	uint64_t place = atomic_load_explicit(&unpacker->packed->taken, memory_order_relaxed) - unpacker->left;

	snprintf(unpacker->packed->fault, sizeof(unpacker->packed->fault), "its %s data %s at octet %" PRIu64,
	         unpacker->method->name, what, place);
	errno = EIO;
	return -1;
}

/* Unpacks until there is something, or an end. */
static ssize_t unpack(struct unpacker *unpacker, uint8_t *buffer, size_t size)
{
	uint8_t *out = buffer;

	while (size && out == buffer) {
		enum outcome outcome;

		if (!unpacker->left && !unpacker->over && !fill(unpacker, 0))
			return -1;
		if (!unpacker->left && !unpacker->within)
			return 0;
		outcome = unpacker->damaged ? DAMAGED : unpacker->method->step(unpacker, &out, &size);
		unpacker->damaged = outcome == DAMAGED;
		if (unpacker->damaged && out == buffer)
			return fail(unpacker, "is damaged");
		if (outcome == TOO_LARGE)
			return fail_for_memory(unpacker);
		unpacker->within = outcome == WENT_ON;
		if (unpacker->within && unpacker->over && !unpacker->left && out == buffer)
			return fail(unpacker, "is cut off");
	}
	return out - buffer;
}

static ssize_t plain(struct unpacker *unpacker, uint8_t *buffer, size_t size)
{
	if (*unpacker->packed->fault) {
		errno = EIO;
		return -1;
	}
	if (!unpacker->left && !unpacker->over && !fill(unpacker, 0))
		return -1;
	if (size > unpacker->left)
		size = unpacker->left;
	if (size)
		memcpy(buffer, unpacker->in, size);
	unpacker->in += size;
	unpacker->left -= size;
	return (ssize_t)size;
}

static ssize_t unpacker_read(void *cookie, char *buffer, size_t size)
{
	struct unpacker *unpacker = cookie;

	return (unpacker->method ? unpack : plain)(unpacker, (uint8_t *)buffer, size);
}

static int unpacker_close(void *cookie)
{
	struct unpacker *unpacker = cookie;

	if (unpacker->method)
		unpacker->method->stop(unpacker);
	close(unpacker->fd);
	free(unpacker);
	return 0;
}

/* The method that the first octets of <unpacker> tell of, or NULL. An error waits for its reader. */
static const struct method *method_of(struct unpacker *unpacker)
{
	while (unpacker->left < MAGIC_MAX && !unpacker->over && fill(unpacker, unpacker->left))
		;
	for (size_t i = 0; i < METHODS; i++)
		if (unpacker->left >= methods[i].magic_len &&
		    !memcmp(unpacker->in, methods[i].magic, methods[i].magic_len))
			return &methods[i];
	return NULL;
}

/* What is packed in a way that is not known here says so itself. A text may begin with BZh, too, but
 * hardly with the digits of pi behind that.
 */
static bool is_bzip2(const struct unpacker *unpacker)
{
	return unpacker->left >= MAGIC_MAX && !memcmp(unpacker->in, "BZh", 3) && !memcmp(unpacker->in + 4, "1A", 2);
}

FILE *packed_open(struct packed *packed, int fd)
{
	const cookie_io_functions_t functions = { .read = unpacker_read, .close = unpacker_close };
	struct unpacker *unpacker = calloc(1, sizeof(*unpacker));
	const struct method *method;
	FILE *file = NULL;

	if (!unpacker)
		return NULL;
	unpacker->packed = packed;
	unpacker->fd = fd;
	unpacker->in = unpacker->chunk;
	method = method_of(unpacker);
	if (is_bzip2(unpacker))
		snprintf(packed->fault, sizeof(packed->fault), "is packed with bzip2, which is not read here: unpack it on "
		         "the way, as in 'bunzip2 -c FILE | unbound-warden replay -f FORMAT -'");
	if (!method || method->start(unpacker)) {
		unpacker->method = method;
		file = fopencookie(unpacker, "r", functions);
		if (!file && method)
			method->stop(unpacker);
	}
	if (!file) {
		free(unpacker);
		errno = ENOMEM;
		return NULL;
	}
	setvbuf(file, NULL, _IOFBF, CHUNK);
	return file;
}

uint64_t packed_share(unsigned count)
{
	uint64_t share = PACKED_MEMORY / (count ? count : 1);

	return share > PACKED_SHARE_MAX ? PACKED_SHARE_MAX : share < PACKED_SHARE_MIN ? PACKED_SHARE_MIN : share;
}

size_t packed_name_len(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < METHODS; i++) {
		size_t ending = strlen(methods[i].ending);

		if (len > ending && !strcmp(name + len - ending, methods[i].ending))
			return len - ending;
	}
	return len;
}
