/* SPDX-License-Identifier: BSD-3-Clause */
/* manual_form - the three forms. */
#include <ctype.h>
#include <string.h>

#include "report/manual_form.h"

#define COLUMNS 78

/* Octets of <text> that a line of <room> takes: whole words, and at least one. */
static size_t line_of(const char *text, size_t room)
{
	size_t len = strlen(text);

	if (len <= room)
		return len;
	for (size_t cut = room; cut; cut--)
		if (text[cut] == ' ')
			return cut;
	return strcspn(text, " ");
}

void print_wrapped(FILE *out, const char *prefix, const char *text)
{
	size_t room = COLUMNS - strlen(prefix);

	while (*text) {
		size_t cut = line_of(text, room);

		fprintf(out, "%s%.*s\n", prefix, (int)cut, text);
		text += cut;
		text += strspn(text, " ");
	}
}

/* --- text ---------------------------------------------------------------------------------- */

static void text_title(struct page *page, const char *title, const char *text)
{
	fprintf(page->out, "%s\n\n", title);
	if (text)
		fprintf(page->out, "%s\n\n", text);
}

static void text_part(struct page *page, const char *title)
{
	if (page->listing && !page->spaced)
		putc('\n', page->out);
	fprintf(page->out, "%s\n\n", title);
}

static void text_about(struct page *page, const char *text)
{
	print_wrapped(page->out, "    ", text);
	putc('\n', page->out);
}

static void text_entry(struct page *page, const struct entry *entry)
{
	fprintf(page->out, "    %s", entry->term);
	if (entry->note)
		fprintf(page->out, " (%s)", entry->note);
	putc('\n', page->out);
	print_wrapped(page->out, "        ", entry->text);
	if (entry->more)
		print_wrapped(page->out, "        ", entry->more);
	if (page->spaced)
		putc('\n', page->out);
	page->listing = true;
}

static void text_end(struct page *page)
{
	(void)page;
}

/* --- mdoc ---------------------------------------------------------------------------------- */

/* A macro is known only at the beginning of a line, but a backslash anywhere. */
static void mdoc_octets(FILE *out, const char *text, size_t len)
{
	if (len && (*text == '.' || *text == '\''))
		fputs("\\&", out);
	for (size_t i = 0; i < len; i++)
		if (text[i] == '\\')
			fputs("\\e", out);
		else
			putc(text[i], out);
}

/* Octets of <text> up to the end of its first sentence: a page begins each on a line of its own. */
static size_t sentence_of(const char *text)
{
	const char *stop = text;

	while ((stop = strstr(stop, ". "))) {
		if (stop > text && (isalnum((unsigned char)stop[-1]) || strchr("\")/:", stop[-1])))
			return (size_t)(stop + 1 - text);
		stop++;
	}
	return strlen(text);
}

static void mdoc_sentences(FILE *out, const char *text)
{
	while (*text) {
		size_t len = sentence_of(text);

		while (len) {
			size_t cut = line_of(text, COLUMNS);

			cut = cut < len ? cut : len;
			mdoc_octets(out, text, cut);
			putc('\n', out);
			text += cut;
			len -= cut;
			while (*text == ' ') {
				text++;
				len -= len > 0;
			}
		}
	}
}

/* Words of a macro: what looks like another macro, and a quote, are only words here. */
static void mdoc_words(FILE *out, const char *text)
{
	bool begins = true;

	for (; *text; text++) {
		if (begins && *text != ' ')
			fputs("\\&", out);
		begins = *text == ' ';
		if (*text == '"')
			fputs("\\(dq", out);
		else if (*text == '\\')
			fputs("\\e", out);
		else
			putc(*text, out);
	}
}

static void mdoc_title(struct page *page, const char *title, const char *text)
{
	(void)title;
	if (text)
		mdoc_sentences(page->out, text);
}

static void mdoc_end(struct page *page)
{
	if (page->listing)
		fputs(".El\n", page->out);
	page->listing = false;
}

static void mdoc_part(struct page *page, const char *title)
{
	mdoc_end(page);
	fputs(".Ss ", page->out);
	mdoc_words(page->out, title);
	fputs(title[strlen(title) - 1] == ':' ? "\\&\n" : "\n", page->out);
}

static void mdoc_about(struct page *page, const char *text)
{
	mdoc_sentences(page->out, text);
}

static void mdoc_entry(struct page *page, const struct entry *entry)
{
	if (!page->listing)
		fputs(".Bl -tag -width Ds\n", page->out);
	page->listing = true;
	fputs(".It Cm ", page->out);
	mdoc_words(page->out, entry->term);
	if (entry->note)
		fprintf(page->out, " Pq %s", entry->note);
	putc('\n', page->out);
	mdoc_sentences(page->out, entry->text);
	if (entry->more)
		mdoc_sentences(page->out, entry->more);
}

/* --- Markdown ------------------------------------------------------------------------------ */

/* As a cell of a table. What is not behind backticks may be a tag or a stress elsewhere. */
static void markdown_cell(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("|<*_\\", *text))
			putc('\\', out);
		putc(*text, out);
	}
}

static void markdown_title(struct page *page, const char *title, const char *text)
{
	(void)title;
	if (text)
		fprintf(page->out, "%s\n\n", text);
}

static void markdown_end(struct page *page)
{
	page->listing = false;
}

static void markdown_part(struct page *page, const char *title)
{
	if (page->listing)
		putc('\n', page->out);
	markdown_end(page);
	fprintf(page->out, "### %s\n\n", title);
}

static void markdown_about(struct page *page, const char *text)
{
	fprintf(page->out, "%s\n\n", text);
}

static void markdown_entry(struct page *page, const struct entry *entry)
{
	FILE *out = page->out;

	if (!page->listing)
		fputs("| | |\n|---|---|\n", out);
	page->listing = true;
	fprintf(out, "| `%s`", entry->term);
	if (entry->note)
		fprintf(out, " (%s)", entry->note);
	fputs(" | ", out);
	markdown_cell(out, entry->text);
	if (entry->more) {
		putc(' ', out);
		markdown_cell(out, entry->more);
	}
	fputs(" |\n", out);
}

const struct manual_style manual_styles[MANUAL_FORM_COUNT] = {
	[MANUAL_TEXT] = { text_title, text_part, text_about, text_entry, text_end, false },
	[MANUAL_MDOC] = { mdoc_title, mdoc_part, mdoc_about, mdoc_entry, mdoc_end, true },
	[MANUAL_MARKDOWN] = { markdown_title, markdown_part, markdown_about, markdown_entry, markdown_end, true },
};
