/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_statistics - any octets as what Unbound's control socket answers: of its lines those are passed on that
 * are key=number, by a regular expression as well, and each as it came.
 */
#include <regex.h>

#include "fuzz.h"
#include "service/stats_proxy.h"
#include "texts.h"

static bool is_statistic(const char *line)
{
	static regex_t statistic, ours;
	static bool ready;

	if (!ready)
		must(!regcomp(&statistic, "^[A-Za-z0-9._-]+=-?[0-9]+([.][0-9]*)?$", REG_EXTENDED | REG_NOSUB) &&
		     !regcomp(&ours, "^(mem[.])?warden[.]", REG_EXTENDED | REG_NOSUB));
	ready = true;
	return !regexec(&statistic, line, 0, NULL, 0) && regexec(&ours, line, 0, NULL, 0);
}

/* The same by the expression. Returns how many lines. */
static unsigned expected(const uint8_t *data, size_t size, FILE *out)
{
	char *line = (char *)copy_of(data, size);
	unsigned lines = 0;
	size_t begin = 0;

	for (size_t end = 0; end < size; end++) {
		if (line[end] != '\n')
			continue;
		line[end] = '\0';
		if (strlen(line + begin) == end - begin && is_statistic(line + begin)) {
			fprintf(out, "%s\n", line + begin);
			lines++;
		}
		begin = end + 1;
	}
	free(line);
	return lines;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = NULL, *wanted = NULL, *copy = (char *)copy_of(data, size);
	size_t len, wanted_len;
	FILE *out = open_memstream(&text, &len), *want = open_memstream(&wanted, &wanted_len);

	must(out && want);
	must(stats_proxy_lines(copy, size, out) == expected(data, size, want));
	must(!fclose(out) && !fclose(want));
	texts_printable(text, len);
	must(len == wanted_len && !memcmp(text, wanted, len));
	free(copy);
	free(text);
	free(wanted);
	return 0;
}
