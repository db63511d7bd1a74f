/* SPDX-License-Identifier: BSD-3-Clause */
/* copier - keeps a copy of a zone through module/primary/primary.h, and sends updates: what a test of it does by hand.
 *
 *     copier ZONE ADDRESS@PORT KEY-FILE POLL-MS
 *
 * On standard input, one command a line:
 *
 *     add RECORD      remove RECORD      into the next update
 *     clear NAME TYPE                    all of that name and type
 *     send                               sends it; the next are numbered from 1
 *     skew SECONDS                       our clock, from now on
 *     dump FILE                          the copy, a line each
 *
 * On standard output, one line each:
 *
 *     whole | done SERIAL RECORDS ADDED REMOVED | answered ID RCODE | error SENTENCE | note SENTENCE | up | down
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "primary/primary.h"

#define LINE_MAX_LEN 8192

static struct {
	char **text;
	size_t count, size, added, removed;
} copy;

static ldns_rr_list *adds, *removes;
static uint64_t skew, sent;

static void must(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "copier: %s\n", what);
	exit(1);
}

static void hear(int is_error, const char *sentence)
{
	printf("%s %s\n", is_error ? "error" : "note", sentence);
}

static void whole(void *arg)
{
	(void)arg;
	while (copy.count)
		free(copy.text[--copy.count]);
	puts("whole");
}

static void record(void *arg, bool added, const ldns_rr *rr)
{
	char *text = ldns_rr2str(rr);

	(void)arg;
	must(text != NULL, "out of memory");
	text[strcspn(text, "\n")] = '\0';
	if (added) {
		if (copy.count == copy.size) {
			copy.size = copy.size ? 2 * copy.size : 1024;
			copy.text = realloc(copy.text, copy.size * sizeof(*copy.text));
			must(copy.text != NULL, "out of memory");
		}
		copy.text[copy.count++] = text;
		copy.added++;
		return;
	}
	for (size_t i = copy.count; i--;) {
		if (strcasecmp(copy.text[i], text))
			continue;
		free(copy.text[i]);
		copy.text[i] = copy.text[--copy.count];
		copy.removed++;
		free(text);
		return;
	}
	printf("lacking %s\n", text);
	free(text);
}

static void done(void *arg, uint32_t serial)
{
	(void)arg;
	printf("done %" PRIu32 " %zu %zu %zu\n", serial, copy.count, copy.added, copy.removed);
	copy.added = copy.removed = 0;
}

static void answered(void *arg, uint64_t id, int rcode)
{
	(void)arg;
	printf("answered %" PRIu64 " %d\n", id, rcode);
}

static ldns_rr *read_record(const char *text)
{
	ldns_rr *rr = NULL;

	must(ldns_rr_new_frm_str(&rr, text, 60, NULL, NULL) == LDNS_STATUS_OK, text);
	return rr;
}

static void clear(char *text)
{
	char *type = strchr(text, ' ');
	ldns_rr *rr = ldns_rr_new();

	must(rr && type, text);
	*type++ = '\0';
	ldns_rr_set_owner(rr, ldns_dname_new_frm_str(text));
	ldns_rr_set_type(rr, ldns_get_rr_type_by_name(type));
	ldns_rr_set_class(rr, LDNS_RR_CLASS_IN);
	ldns_rr_list_push_rr(removes, rr);
}

static void dump(const char *path)
{
	char part[LINE_MAX_LEN + 8];
	FILE *file;

	snprintf(part, sizeof(part), "%s.part", path);
	file = fopen(part, "w");
	must(file != NULL, path);
	for (size_t i = 0; i < copy.count; i++)
		fprintf(file, "%s\n", copy.text[i]);
	must(!fclose(file) && !rename(part, path), path);
}

/* What a test says is tried until it is taken: one update is under way at a time. */
static bool wants_to_send;

static void send_update(struct primary *primary)
{
	enum primary_taken taken = primary_update(primary, sent + 1, adds, removes);

	wants_to_send = taken == PRIMARY_BUSY;
	if (wants_to_send)
		return;
	sent++;
	if (taken != PRIMARY_TAKEN)
		printf("answered %" PRIu64 " too-large\n", sent);
	ldns_rr_list_deep_free(adds);
	ldns_rr_list_deep_free(removes);
	adds = ldns_rr_list_new();
	removes = ldns_rr_list_new();
}

static void obey(struct primary *primary, char *line)
{
	if (!strncmp(line, "add ", 4))
		ldns_rr_list_push_rr(adds, read_record(line + 4));
	else if (!strncmp(line, "remove ", 7))
		ldns_rr_list_push_rr(removes, read_record(line + 7));
	else if (!strncmp(line, "clear ", 6))
		clear(line + 6);
	else if (!strcmp(line, "send"))
		send_update(primary);
	else if (!strncmp(line, "skew ", 5))
		skew = (uint64_t)strtoll(line + 5, NULL, 10) * 1000;
	else if (!strncmp(line, "dump ", 5))
		dump(line + 5);
	else
		must(false, line);
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 + skew;
}

/* Takes whole lines of standard input, as long as no update waits to be taken. False at its end. */
static bool commands(struct primary *primary, bool readable)
{
	static char text[LINE_MAX_LEN];
	static size_t len;
	char *end;

	if (readable && len < sizeof(text)) {
		ssize_t got = read(STDIN_FILENO, text + len, sizeof(text) - len);

		if (!got || (got < 0 && errno != EINTR && errno != EAGAIN))
			return false;
		len += got > 0 ? (size_t)got : 0;
	}
	if (wants_to_send)
		send_update(primary);
	while (!wants_to_send && (end = memchr(text, '\n', len))) {
		size_t line = (size_t)(end - text) + 1;

		*end = '\0';
		obey(primary, text);
		memmove(text, text + line, len - line);
		len -= line;
	}
	must(wants_to_send || len < sizeof(text), "a line is too long");
	return true;
}

int main(int argc, char **argv)
{
	struct primary_setup setup = { .log = hear, .whole = whole, .record = record, .done = done,
	                               .answered = answered };
	struct primary *primary;
	char error[512];
	bool up = false, goes_on = true;

	must(argc == 5, "usage: copier ZONE ADDRESS@PORT KEY-FILE POLL-MS");
	setvbuf(stdout, NULL, _IOLBF, 0);
	setup.zone = argv[1];
	setup.address = argv[2];
	setup.key_file = argv[3];
	setup.poll = strtoull(argv[4], NULL, 10);
	adds = ldns_rr_list_new();
	removes = ldns_rr_list_new();
	primary = primary_open(&setup, error, sizeof(error));
	must(primary != NULL, error);
	while (goes_on) {
		struct pollfd fds[PRIMARY_FDS_MAX + 1];
		int count = primary_poll_fds(primary, fds);
		uint64_t now = now_ms(), due = primary_due(primary, now);

		/* Standard input behind them, unless the next update waits for the last. */
		fds[count] = (struct pollfd){ .fd = wants_to_send ? -1 : STDIN_FILENO, .events = POLLIN };
		poll(fds, (nfds_t)count + 1, (int)(due - now));
		primary_work(primary, now_ms());
		if (primary_up(primary) != up) {
			up = !up;
			puts(up ? "up" : "down");
		}
		goes_on = commands(primary, fds[count].revents);
	}
	primary_close(primary);
	while (copy.count)
		free(copy.text[--copy.count]);
	free(copy.text);
	ldns_rr_list_deep_free(adds);
	ldns_rr_list_deep_free(removes);
	return 0;
}
