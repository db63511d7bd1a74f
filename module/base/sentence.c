/* SPDX-License-Identifier: BSD-3-Clause */
/* sentence - formatting, into bounded buffers. */
#include <stdarg.h>
#include <stdio.h>

#include "base/sentence.h"

#define SENTENCE_MAX 1024

int sentence_error(char *error, size_t error_len, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, error_len, format, args);
	va_end(args);
	return -1;
}

void sentence_say(sentence_log *log, int is_error, const char *format, ...)
{
	char sentence[SENTENCE_MAX];
	va_list args;

	if (!log)
		return;
	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	log(is_error, sentence);
}
