/* SPDX-License-Identifier: BSD-3-Clause */
/* sentence - what is said to the operator: complete sentences, without newline.
 *
 * Errors go into a buffer of the caller, who knows who must hear of them; notes go to
 * the log function that the engine was opened with.
 */
#ifndef BASE_SENTENCE_H
#define BASE_SENTENCE_H

#include <stddef.h>

/* Where notes go. <is_error> tells log_err() from log_info(). */
typedef void sentence_log(int is_error, const char *sentence);

/* Writes a sentence into <error>, cut where it is too long. Returns -1, for `return`. */
int sentence_error(char *error, size_t error_len, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Gives a sentence to <log>; NULL hears nothing. */
void sentence_say(sentence_log *log, int is_error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
