/* SPDX-License-Identifier: BSD-3-Clause */
/* html - markup with text in it, escaped in this one place.
 *
 * Names are chosen by whoever asks for them, so by attackers. Markup stands in formats, all else
 * comes through %s and is escaped there, as fits text and attributes in double quotes alike.
 *
 * Invariant: nothing that is not in a format reaches the page as markup, and every octet that is
 * written is printable ASCII or a newline, so the page is well-formed whatever is told.
 */
#ifndef OUTCOME_HTML_H
#define OUTCOME_HTML_H

#include <stdio.h>

/* Prints <format>, in which %s is a text, %c a character of ours, %u, %lu and %llu are numbers and
 * %% is a per cent sign: no other is known, nor any width.
 */
void html_print(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints <text>, escaped: & < > " and ' as references, what is not printable ASCII as \DDD. */
void html_text(FILE *out, const char *text);

#endif
