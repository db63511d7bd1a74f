/* SPDX-License-Identifier: BSD-3-Clause */
/* finding - a list of sentences, each with what to type. */
#include "tool/finding.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char *const level_words[] = {
	[FINDING_OK] = "ok", [FINDING_NOTE] = "note", [FINDING_WRONG] = "wrong"
};

void finding_add(struct findings *findings, enum finding_level level, const char *about,
                 const char *format, ...)
{
	struct finding *finding;
	va_list args;

	if (!findings->item)
		findings->item = calloc(FINDINGS_MAX, sizeof(*findings->item));
	if (!findings->item || findings->count == FINDINGS_MAX) {
		findings->lost++;
		return;
	}
	finding = &findings->item[findings->count++];
	finding->level = level;
	finding->about = about;
	va_start(args, format);
	vsnprintf(finding->text, sizeof(finding->text), format, args);
	va_end(args);
}

void finding_do(struct findings *findings, const char *format, ...)
{
	struct finding *last;
	va_list args;
	size_t used;

	if (!findings->count || findings->lost)
		return; /* the one it is about is not there */
	last = &findings->item[findings->count - 1];
	used = strlen(last->remedy);
	if (used && used + 1 < sizeof(last->remedy))
		last->remedy[used++] = '\n';
	va_start(args, format);
	vsnprintf(last->remedy + used, sizeof(last->remedy) - used, format, args);
	va_end(args);
}

void findings_soften(struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		if (findings->item[i].level == FINDING_WRONG)
			findings->item[i].level = FINDING_NOTE;
}

bool findings_wrong(const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		if (findings->item[i].level == FINDING_WRONG)
			return true;
	return findings->lost;
}

static void print_remedy(const char *remedy, FILE *out)
{
	const char *intro = "do:";

	while (*remedy) {
		int len = (int)strcspn(remedy, "\n");

		fprintf(out, "         %-3s %.*s\n", intro, len, remedy);
		remedy += len + (remedy[len] == '\n');
		intro = "";
	}
}

void findings_print(const struct findings *findings, FILE *out)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->item[i];

		fprintf(out, "  %-5s  %s: %s\n", level_words[finding->level], finding->about, finding->text);
		print_remedy(finding->remedy, out);
	}
	if (findings->lost)
		fprintf(out, "  wrong  %zu more findings: mend these first\n", findings->lost);
}

json_t *findings_json(const struct findings *findings)
{
	json_t *list = json_array();

	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->item[i];
		json_t *one = json_pack("{s:s, s:s, s:s}", "level", level_words[finding->level],
		                        "about", finding->about, "text", finding->text);

		if (*finding->remedy)
			json_object_set_new(one, "do", json_string(finding->remedy));
		json_array_append_new(list, one);
	}
	return list;
}

void findings_free(struct findings *findings)
{
	free(findings->item);
	*findings = (struct findings){ .item = NULL };
}
