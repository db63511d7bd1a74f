/* SPDX-License-Identifier: BSD-3-Clause */
/* remark - a list of sentences, each with what to type. */
#include "check/remark.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char *const level_words[] = {
	[REMARK_OK] = "ok", [REMARK_NOTE] = "note", [REMARK_WRONG] = "wrong"
};

void remark_add(struct remarks *remarks, enum remark_level level, const char *about,
                 const char *format, ...)
{
	struct remark *remark;
	va_list args;

	if (!remarks->item)
		remarks->item = calloc(REMARKS_MAX, sizeof(*remarks->item));
	if (!remarks->item || remarks->count == REMARKS_MAX) {
		remarks->lost++;
		return;
	}
	remark = &remarks->item[remarks->count++];
	remark->level = level;
	remark->about = about;
	va_start(args, format);
	vsnprintf(remark->text, sizeof(remark->text), format, args);
	va_end(args);
}

void remark_do(struct remarks *remarks, const char *format, ...)
{
	struct remark *last;
	va_list args;
	size_t used;

	if (!remarks->count || remarks->lost)
		return; /* the one it is about is not there */
	last = &remarks->item[remarks->count - 1];
	used = strlen(last->remedy);
	if (used && used + 1 < sizeof(last->remedy))
		last->remedy[used++] = '\n';
	va_start(args, format);
	vsnprintf(last->remedy + used, sizeof(last->remedy) - used, format, args);
	va_end(args);
}

void remarks_soften(struct remarks *remarks)
{
	for (size_t i = 0; i < remarks->count; i++)
		if (remarks->item[i].level == REMARK_WRONG)
			remarks->item[i].level = REMARK_NOTE;
}

bool remarks_wrong(const struct remarks *remarks)
{
	for (size_t i = 0; i < remarks->count; i++)
		if (remarks->item[i].level == REMARK_WRONG)
			return true;
	return remarks->lost;
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

void remarks_print(const struct remarks *remarks, FILE *out)
{
	for (size_t i = 0; i < remarks->count; i++) {
		const struct remark *remark = &remarks->item[i];

		fprintf(out, "  %-5s  %s: %s\n", level_words[remark->level], remark->about, remark->text);
		print_remedy(remark->remedy, out);
	}
	if (remarks->lost)
		fprintf(out, "  wrong  %zu more remarks: mend these first\n", remarks->lost);
}

json_t *remarks_json(const struct remarks *remarks)
{
	json_t *list = json_array();

	for (size_t i = 0; i < remarks->count; i++) {
		const struct remark *remark = &remarks->item[i];
		json_t *one = json_pack("{s:s, s:s, s:s}", "level", level_words[remark->level],
		                        "about", remark->about, "text", remark->text);

		if (*remark->remedy)
			json_object_set_new(one, "do", json_string(remark->remedy));
		json_array_append_new(list, one);
	}
	return list;
}

void remarks_free(struct remarks *remarks)
{
	free(remarks->item);
	*remarks = (struct remarks){ .item = NULL };
}
