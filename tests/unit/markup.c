/* SPDX-License-Identifier: BSD-3-Clause */
/* markup - a reader of the part of XML that a page is written in. */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "markup.h"

#define DEPTH_MAX 64

struct open {
	const char *name;
	size_t len;
};

static size_t name_len(const char *at)
{
	return strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
}

/* Behind the reference at <at>, or NULL. */
static const char *reference(const char *at)
{
	static const char *const known[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&#39;" };

	for (unsigned i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strncmp(at, known[i], strlen(known[i])))
			return at + strlen(known[i]);
	return NULL;
}

/* Behind the attributes at <at>, at the end of the tag; NULL when they are broken. */
static const char *attributes(const char *at)
{
	while (*at == ' ') {
		size_t len = name_len(++at);

		if (!len || strncmp(at + len, "=\"", 2))
			return NULL;
		for (at += len + 2; *at && *at != '"'; at++) {
			if (*at == '<' || *at == '>' || (*at == '&' && !reference(at)))
				return NULL;
		}
		if (*at++ != '"')
			return NULL;
	}
	return at;
}

/* Behind the tag at <at>; NULL when it is broken or closes what is not open. */
static const char *tag(const char *at, struct open *open, unsigned *depth)
{
	bool closing = at[1] == '/';
	const char *name = at + 1 + closing;
	size_t len = name_len(name);

	if (!len)
		return NULL;
	if (closing) {
		if (!*depth || open[*depth - 1].len != len || memcmp(open[*depth - 1].name, name, len) ||
		    name[len] != '>')
			return NULL;
		--*depth;
		return name + len + 1;
	}
	at = attributes(name + len);
	if (!at || *depth == DEPTH_MAX)
		return NULL;
	if (!strncmp(at, "/>", 2))
		return at + 2;
	open[(*depth)++] = (struct open){ name, len };
	return *at == '>' ? at + 1 : NULL;
}

const char *markup_fault(const char *page)
{
	static const char type[] = "<!DOCTYPE html>\n";
	struct open open[DEPTH_MAX];
	unsigned depth = 0;
	const char *next;

	if (!strncmp(page, type, sizeof(type) - 1))
		page += sizeof(type) - 1;
	for (; *page; page = next) {
		next = page + 1;
		if (*page == '<')
			next = tag(page, open, &depth);
		else if (*page == '&')
			next = reference(page);
		else if (*page == '>' && !(depth && open[depth - 1].len == 5 && !memcmp(open[depth - 1].name, "style", 5)))
			next = NULL; /* XML lets it stand, we never write it but in a style sheet */
		else if (*page != '\n' && *page != '\t' && (*page < ' ' || *page > '~'))
			next = NULL;
		if (!next)
			return page;
	}
	return depth ? open[depth - 1].name : NULL;
}
