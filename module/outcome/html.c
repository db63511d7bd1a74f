/* SPDX-License-Identifier: BSD-3-Clause */
/* html - a printf() of its own, small enough to be sure of. */
#include <inttypes.h>
#include <stdarg.h>

#include "base/invariant.h"
#include "outcome/html.h"

static void print_character(FILE *out, unsigned char c)
{
	switch (c) {
	case '&':
		fputs("&amp;", out);
		break;
	case '<':
		fputs("&lt;", out);
		break;
	case '>':
		fputs("&gt;", out);
		break;
	case '"':
		fputs("&quot;", out);
		break;
	case '\'':
		fputs("&#39;", out);
		break;
	default:
		/* As in names: a path may hold octets that are no UTF-8, and then there would be no page. */
		if (c < ' ' || c > '~')
			fprintf(out, "\\%03u", c);
		else
			putc(c, out);
	}
}

void html_text(FILE *out, const char *text)
{
	for (; *text; text++)
		print_character(out, (unsigned char)*text);
}

void html_print(FILE *out, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	for (; *format; format++) {
		unsigned longs = 0;

		if (*format != '%') {
			putc(*format, out);
			continue;
		}
		while (*++format == 'l')
			longs++;
		if (*format == 's')
			html_text(out, va_arg(list, const char *));
		else if (*format == 'c')
			print_character(out, (unsigned char)va_arg(list, int));
		else if (*format == 'u' && !longs)
			fprintf(out, "%u", va_arg(list, unsigned));
		else if (*format == 'u' && longs == 1)
			fprintf(out, "%lu", va_arg(list, unsigned long));
		else if (*format == 'u')
			fprintf(out, "%llu", va_arg(list, unsigned long long));
		else if (BROKEN(*format == '%'))
			break;
		else
			putc('%', out);
	}
	va_end(list);
}
