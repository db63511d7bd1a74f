/* SPDX-License-Identifier: BSD-3-Clause */
/* replay_dnstap - a file of dnstap: dnstap.h, read by libfstrm.
 *
 * It reads from us, and so from a pipe or a packed file as well. Files behind each other are one.
 */
#include <fstrm.h>
#include <inttypes.h>
#include <string.h>

#include "base/sentence.h"
#include "recorded/dnstap.h"

struct reader {
	const struct sink *sink;
	struct dnstap dnstap;
	FILE *file;
	uint64_t number; /* of the frame, from 1 */
	bool ended;      /* the file is at its end */
};

static void take_frame(struct reader *reader, const uint8_t *frame, size_t len)
{
	const char *fault = dnstap_take(&reader->dnstap, frame, len);

	if (fault)
		reader->sink->skip(reader->sink->arg, reader->number, fault);
}

/* --- the file, for libfstrm ------------------------------------------------------------------ */

static fstrm_res file_open(void *arg)
{
	(void)arg;
	return fstrm_res_success;
}

static fstrm_res file_read(void *arg, void *data, size_t count)
{
	struct reader *reader = arg;
	size_t len = fread(data, 1, count, reader->file);

	reader->ended = !len && feof(reader->file) && !ferror(reader->file);
	return len == count ? fstrm_res_success : reader->ended ? fstrm_res_stop : fstrm_res_failure;
}

static struct fstrm_reader *open_stream(struct reader *reader)
{
	struct fstrm_rdwr *rdwr = fstrm_rdwr_init(reader);

	fstrm_rdwr_set_open(rdwr, file_open);
	fstrm_rdwr_set_close(rdwr, file_open);
	fstrm_rdwr_set_read(rdwr, file_read);
	return dnstap_reader(&rdwr);
}

/* A resolver that was killed leaves a file without its last word, and perhaps half a frame: the
 * former is an end, the latter is said. libfstrm calls a frame that is too long a success, and leaves
 * <frame> as it was.
 */
static int read_frames(struct reader *reader, struct fstrm_reader *stream, char *error,
                       size_t error_len)
{
	fstrm_res status;

	if (fstrm_reader_open(stream) != fstrm_res_success)
		return sentence_error(error, error_len, "has no dnstap messages behind frame %" PRIu64,
		                      reader->number);
	for (;;) {
		const uint8_t *frame = NULL;
		size_t len = 0;

		status = fstrm_reader_read(stream, &frame, &len);
		if (status != fstrm_res_success || !frame)
			break;
		reader->number++;
		take_frame(reader, frame, len);
	}
	if (status == fstrm_res_stop || reader->ended)
		return 0;
	return sentence_error(error, error_len, status == fstrm_res_success
	                      ? "has a frame behind frame %" PRIu64 " that is too long"
	                      : "is damaged or cut off after frame %" PRIu64, reader->number);
}

static int read_stream(struct reader *reader, char *error, size_t error_len)
{
	struct fstrm_reader *stream = open_stream(reader);
	int status = -1;

	if (stream)
		status = read_frames(reader, stream, error, error_len);
	else
		sentence_error(error, error_len, "cannot be read: memory is short");
	fstrm_reader_destroy(&stream);
	return status;
}

static bool has_more(FILE *file)
{
	int octet = getc(file);

	return octet != EOF && ungetc(octet, file) == octet;
}

static int dnstap_read(FILE *file, const struct sink *sink, char *error, size_t error_len)
{
	struct reader reader = { .sink = sink, .file = file };
	int status = 0;

	if (!dnstap_open(&reader.dnstap, sink))
		status = sentence_error(error, error_len, "cannot be read: memory is short");
	while (!status && has_more(file))
		status = read_stream(&reader, error, error_len);
	if (!status && ferror(file))
		status = sentence_error(error, error_len, "cannot be read after frame %" PRIu64, reader.number);
	if (!status)
		dnstap_tell_others(&reader.dnstap, error, error_len);
	dnstap_close(&reader.dnstap);
	fclose(file);
	return status;
}

/* A control frame stands first: an escape, its length, and that the stream starts. */
static bool dnstap_recognise(const uint8_t *head, size_t len)
{
	static const uint8_t start[] = { 0, 0, 0, 2 };

	return len >= 12 && !memcmp(head, "\0\0\0\0\0", 5) && !memcmp(head + 8, start, sizeof(start));
}

const struct format replay_dnstap = {
	.name = "dnstap",
	.extension = ".fstrm",
	.recognise = dnstap_recognise,
	.read = dnstap_read,
};
