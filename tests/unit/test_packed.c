/* SPDX-License-Identifier: BSD-3-Clause */
/* test_packed - packed files, one or several behind each other, damaged and cut off; and long lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "recorded/lines.h"
#include "recorded/packed.h"

#define SIZE 300000 /* more than the buffers within */

struct octets {
	uint8_t *data;
	size_t len;
};

static char text[SIZE];
static unsigned inputs = 1; /* that share memory */

static struct octets pack_nothing(const void *from, size_t len)
{
	struct octets packed = { malloc(len + 1), len };

	assert_non_null(packed.data);
	if (len)
		memcpy(packed.data, from, len);
	return packed;
}

static struct octets pack_gzip(const void *from, size_t len)
{
	struct octets packed = { malloc(len + 1000), 0 };
	z_stream stream = { .next_in = (Bytef *)(uintptr_t)from, .avail_in = (uInt)len };

	assert_non_null(packed.data);
	assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
	stream.next_out = packed.data;
	stream.avail_out = (uInt)len + 1000;
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	packed.len = stream.total_out;
	deflateEnd(&stream);
	return packed;
}

static struct octets pack_xz(const void *from, size_t len)
{
	struct octets packed = { malloc(len + 1000), 0 };

	assert_non_null(packed.data);
	assert_int_equal(lzma_easy_buffer_encode(0, LZMA_CHECK_CRC32, NULL, from, len, packed.data, &packed.len,
	                                         len + 1000), LZMA_OK);
	return packed;
}

static struct octets pack_zstd(const void *from, size_t len)
{
	struct octets packed = { malloc(ZSTD_compressBound(len)), 0 };
	ZSTD_CCtx *context = ZSTD_createCCtx();

	assert_non_null(packed.data);
	ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
	packed.len = ZSTD_compress2(context, packed.data, ZSTD_compressBound(len), from, len);
	ZSTD_freeCCtx(context);
	assert_false(ZSTD_isError(packed.len));
	return packed;
}

static const struct {
	const char *name;
	struct octets (*pack)(const void *from, size_t len);
} ways[] = { { "plain", pack_nothing }, { "gzip", pack_gzip }, { "xz", pack_xz }, { "zstd", pack_zstd } };

#define WAYS (sizeof(ways) / sizeof(*ways))

struct unpacked {
	char data[2 * SIZE + 1];
	size_t len;
	struct packed packed;
};

/* All that comes out of <octets>; through a pipe, when they fit into one. */
static const struct unpacked *unpack(struct octets octets, bool through_pipe)
{
	static struct unpacked unpacked;
	FILE *file = through_pipe ? NULL : tmpfile(), *result;
	int fd[2] = { -1, -1 };

	memset(&unpacked, 0, sizeof(unpacked));
	unpacked.packed.memory = packed_share(inputs);
	if (through_pipe) {
		assert_int_equal(pipe(fd), 0);
		assert_int_equal(write(fd[1], octets.data, octets.len), octets.len);
		close(fd[1]);
	} else {
		assert_non_null(file);
		assert_int_equal(fwrite(octets.data, 1, octets.len, file), octets.len);
		rewind(file);
		fd[0] = dup(fileno(file));
		fclose(file);
	}
	result = packed_open(&unpacked.packed, fd[0]);
	assert_non_null(result);
	unpacked.len = fread(unpacked.data, 1, sizeof(unpacked.data), result);
	assert_int_equal(!ferror(result), !*unpacked.packed.fault);
	fclose(result);
	return &unpacked;
}

static struct octets join(struct octets a, struct octets b)
{
	struct octets both = { malloc(a.len + b.len + 1), a.len + b.len };

	assert_non_null(both.data);
	memcpy(both.data, a.data, a.len);
	memcpy(both.data + a.len, b.data, b.len);
	return both;
}

static void whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct octets once = ways[i].pack(text, SIZE), small = ways[i].pack("small\n", 6);
		struct octets both = join(once, small), nothing = ways[i].pack(NULL, 0), ended = join(small, nothing);
		const struct unpacked *unpacked = unpack(both, false);

		print_message("%s: %zu octets\n", ways[i].name, both.len);
		assert_int_equal(unpacked->len, SIZE + 6);
		assert_memory_equal(unpacked->data, text, SIZE);
		assert_memory_equal(unpacked->data + SIZE, "small\n", 6);
		assert_int_equal(unpacked->packed.taken, both.len);
		assert_string_equal(unpack(small, true)->data, "small\n");
		assert_string_equal(unpack(ended, true)->data, "small\n");
		assert_int_equal(unpack(nothing, true)->len, 0);
		assert_string_equal(unpack(nothing, true)->packed.fault, "");
		free(once.data), free(small.data), free(both.data), free(nothing.data), free(ended.data);
	}
}

/* Zeros behind a file fill something up, and may have another file behind them: xz counts them in fours. */
static void padded(void **state)
{
	static const struct octets zeros = { (uint8_t *)(uintptr_t)"\0\0\0\0\0\0\0", 8 };

	(void)state;
	for (size_t i = 1; i <= 2; i++) {
		struct octets small = ways[i].pack("small\n", 6), filled = join(small, zeros), more = join(filled, small);

		assert_string_equal(unpack(filled, true)->data, "small\n");
		assert_string_equal(unpack(filled, true)->packed.fault, "");
		assert_string_equal(unpack(more, true)->data, "small\nsmall\n");
		assert_string_equal(unpack(more, true)->packed.fault, "");
		filled.len--;
		assert_string_equal(unpack(filled, true)->data, "small\n");
		assert_int_equal(*unpack(filled, true)->packed.fault != '\0', ways[i].pack == pack_xz);
		free(small.data), free(filled.data), free(more.data);
	}
}

/* Wherever it is cut, what comes before it is there, and the place is said. */
static void cut_off(void **state)
{
	(void)state;
	for (size_t i = 1; i < WAYS; i++) {
		struct octets once = ways[i].pack(text, SIZE), small = ways[i].pack("small\n", 6), cut = once;
		char place[64];

		for (cut.len = once.len - 1; cut.len > once.len / 2; cut.len -= 997) {
			const struct unpacked *unpacked = unpack(cut, false);

			assert_true(unpacked->len > SIZE / 8 && unpacked->len <= SIZE);
			assert_memory_equal(unpacked->data, text, unpacked->len);
			snprintf(place, sizeof(place), "is cut off at octet %zu", cut.len);
			assert_non_null(strstr(unpacked->packed.fault, place));
			assert_non_null(strstr(unpacked->packed.fault, ways[i].name));
		}
		for (cut = small, cut.len--; cut.len >= 6; cut.len--)
			assert_non_null(strstr(unpack(cut, true)->packed.fault, "is cut off at octet"));
		free(once.data), free(small.data);
	}
}

static void damaged(void **state)
{
	static const struct octets garbage = { (uint8_t *)(uintptr_t)"garbage garbage", 15 };

	(void)state;
	for (size_t i = 1; i < WAYS; i++) {
		struct octets once = ways[i].pack(text, SIZE), behind = join(once, garbage);
		const struct unpacked *unpacked = unpack(behind, false);

		assert_int_equal(unpacked->len, SIZE);
		assert_non_null(strstr(unpacked->packed.fault, "is damaged at octet"));
		for (size_t at = 10; at < once.len; at += once.len / 50) {
			once.data[at] ^= 0x55;
			unpacked = unpack(once, false);
			once.data[at] ^= 0x55;
			/* Not every bit matters; but what comes out unmarked is what went in. */
			assert_true(*unpacked->packed.fault ||
			            (unpacked->len == SIZE && !memcmp(unpacked->data, text, SIZE)));
		}
		free(once.data), free(behind.data);
	}
}

/* A window as large as a file's share is taken, one of twice that is not: it is in the head of a frame
 * of zstd (RFC 8878), and xz -9 wants 65 MiB.
 */
static void windows(void **state)
{
	static const struct { unsigned inputs; uint8_t log; const char *share; } rows[] = {
		{ 1, 27, "128 MiB" }, { 4, 27, "128 MiB" }, { 5, 26, "102 MiB" }, { 8, 26, "64 MiB" }, { 9, 25, "56 MiB" },
		{ 32, 24, "16 MiB" }, { 1000, 24, "16 MiB" },
	};
	uint8_t frame[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x00, 0, 0x09, 0, 0, 'x' }, xz[1000];
	const struct octets octets = { frame, sizeof(frame) };
	struct octets best = { xz, 0 };

	(void)state;
	assert_int_equal(lzma_easy_buffer_encode(9, LZMA_CHECK_CRC32, NULL, (const uint8_t *)"x", 1, xz, &best.len,
	                                         sizeof(xz)), LZMA_OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		inputs = rows[i].inputs;
		frame[5] = (uint8_t)((rows[i].log - 10) << 3);
		assert_string_equal(unpack(octets, true)->data, "x");
		assert_string_equal(unpack(octets, true)->packed.fault, "");
		frame[5] = (uint8_t)((rows[i].log - 9) << 3);
		assert_non_null(strstr(unpack(octets, true)->packed.fault, "its zstd data wants more than the "));
		assert_non_null(strstr(unpack(octets, true)->packed.fault, rows[i].share));
		assert_non_null(strstr(unpack(octets, true)->packed.fault, "'zstd -d --long=31'"));
		assert_string_equal(unpack(best, true)->data, inputs <= 7 ? "x" : "");
		assert_int_equal(*unpack(best, true)->packed.fault != '\0', inputs > 7);
	}
	inputs = 1;
}

/* Said, rather than taken for a text. */
static void bzip2(void **state)
{
	static const char packed[] = "BZh91AY&SY";
	const struct octets octets = { (uint8_t *)(uintptr_t)packed, sizeof(packed) - 1 };

	(void)state;
	assert_int_equal(unpack(octets, true)->len, 0);
	assert_non_null(strstr(unpack(octets, true)->packed.fault, "bunzip2 -c FILE | unbound-warden replay -f FORMAT -"));
	assert_int_equal(unpack((struct octets){ (uint8_t *)(uintptr_t)"BZh9 text", 9 }, true)->len, 9);
}

static void names(void **state)
{
	(void)state;
	assert_int_equal(packed_name_len("a.tsv"), 5);
	assert_int_equal(packed_name_len("a.tsv.gz"), 5);
	assert_int_equal(packed_name_len("a.tsv.xz"), 5);
	assert_int_equal(packed_name_len("a.tsv.zst"), 5);
	assert_int_equal(packed_name_len(".gz"), 3);
	assert_int_equal(packed_name_len(""), 0);
}

/* A line of the greatest length is one, a longer one is named and passed over. */
static void long_lines(void **state)
{
	(void)state;
	for (size_t more = 0; more <= 1; more++) {
		FILE *file = tmpfile();
		struct lines lines = { .file = file };
		char error[128];

		for (size_t i = 0; i < LINE_MAX_OCTETS + more; i++)
			putc('a', file);
		fputs("\nb\r\n\nlast", file);
		rewind(file);
		assert_true(lines_next(&lines));
		assert_int_equal(lines.len, LINE_MAX_OCTETS);
		assert_int_equal(lines.fault != NULL, more);
		assert_true(lines_next(&lines));
		assert_string_equal(lines.text, "b");
		assert_null(lines.fault);
		assert_true(lines_next(&lines));
		assert_int_equal(lines.len, 0);
		assert_true(lines_next(&lines));
		assert_string_equal(lines.text, "last");
		assert_int_equal(lines.number, 4);
		assert_false(lines_next(&lines));
		assert_int_equal(lines_end(&lines, error, sizeof(error)), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(padded),
		cmocka_unit_test(cut_off),
		cmocka_unit_test(damaged),
		cmocka_unit_test(windows),
		cmocka_unit_test(bzip2),
		cmocka_unit_test(names),
		cmocka_unit_test(long_lines),
	};
	uint32_t random = 1;

	for (size_t i = 0; i < SIZE; i++) {
		random = random * 1664525 + 1013904223;
		text[i] = (char)('a' + (random >> 24) % 24);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
