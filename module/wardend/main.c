/* SPDX-License-Identifier: BSD-3-Clause */
/* wardend - Warden behind a resolver that loads no module: what it is asked and answers comes as
 * dnstap, and what is held is refused by local zones that it is told to set, or by the response
 * policy zone of fleet-zone:.
 *
 *     resolver --dnstap--> tap.c --> engine (its threads: events, control socket, snapshot, fleet)
 *        ^------ keeper.c <------- holds
 *
 * The same warden.conf as the module's, and the same segment, but never both: who comes second
 * finds the control socket taken, and ends.
 *
 * This file is the process: its arguments, its signals, its end. In the foreground always, and as
 * whoever starts it; rights are for the unit to take away.
 *
 * Exit status: 0 it was told to end, 1 it cannot work, 2 usage.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/sentence.h"
#include "base/talk.h"
#include "engine/engine.h"
#include "store/counters.h"
#include "wardend/clocks.h"
#include "wardend/keeper.h"
#include "wardend/notify.h"
#include "wardend/tap.h"

#define TICK        1000  /* milliseconds */
#define STATUS_TIME 5000  /* between two lines of status */
#define RETRY_TIME  200   /* until the next try when descriptors are out */
#define STUCK_TIME  20000 /* without a sign of life of the keeper: the watchdog may bite */
#define RELOAD_TIME 10000

enum status { STATUS_FINE, STATUS_FAULT, STATUS_USAGE };

static const char usage[] =
	"usage: wardend [-c FILE] [-d]\n"
	"  -c FILE  warden.conf; without it " WARDEN_CONF ", where there is one\n"
	"  -d       stay in the foreground, as it always does\n"
	"  -h, -V   print this, or the version\n"
	"Reads dnstap from resolvers at tap-socket:, finds tunnels as the module does, and has Unbound refuse\n"
	"their domains through tap-control:. SIGHUP reads FILE again, SIGTERM ends it.\n";

/* The process. */
struct door {
	struct warden *warden;
	/* Copies: a reload frees the configuration. */
	char *tap_socket, *tap_control, *control_socket, *snapshot_file;
	struct tap tap;
	struct keeper keeper;
	int signals;
	int64_t next_status, next_sign;
};

static void say(int is_error, const char *sentence)
{
	fprintf(stderr, "%swardend: %s\n", notify_is_journal() ? is_error ? "<3>" : "<6>" : "", sentence);
}

/* --- what the threads call ----------------------------------------------------------------- */

static void holds_changed(void *arg)
{
	struct door *door = arg;

	keeper_ring(&door->keeper, false);
}

/* An Unbound that writes anew may be one that was started anew. */
static void resolver_came(void *arg)
{
	struct door *door = arg;

	keeper_ring(&door->keeper, true);
}

/* --- the loop ------------------------------------------------------------------------------ */

/* By the control socket, where commands wait for each other; without one nobody else reloads. */
static void reload(struct door *door)
{
	static const char command[] = TALK_GREETING "reload\n";
	struct talk talk = {
		.socket = -1, .stop = -1, .deadline = clock_steady() + RELOAD_TIME, .now = clock_steady,
	};
	char answer[FAULT_MAX] = "";
	ssize_t n;

	notify_reloading();
	if (!*door->control_socket) {
		if (engine_reload(door->warden, answer, sizeof(answer)))
			say(1, answer);
	} else if (talk_begin(&talk, door->control_socket) || !talk_send(&talk, command, sizeof(command) - 1)) {
		say(1, "the control socket takes no command, so nothing is reloaded");
	} else {
		n = talk_read(&talk, answer, sizeof(answer) - 1);
		answer[n > 0 ? n : 0] = '\0';
		answer[strcspn(answer, "\n")] = '\0';
		if (strcmp(answer, "ok") != 0) /* "ok, but ..." is no fault */
			say(strncmp(answer, "ok", 2) != 0, *answer ? answer : "the control socket does not answer");
	}
	talk_end(&talk);
	notify_ready();
}

static void status(struct door *door, int64_t now)
{
	const struct mapping *mapping = &door->warden->mapping;
	struct hold_counts holds = holds_count(mapping);
	char line[256];

	if (now < door->next_status)
		return;
	door->next_status = now + STATUS_TIME;
	snprintf(line, sizeof(line),
	         "%u resolvers write %" PRIu64 " messages a second; mode %s, %u holds, %" PRIu64 " local zones",
	         tap_count(&door->tap),
	         tap_rate(&door->tap, banks_sum(mapping->banks, COUNTER_tap_frames), now),
	         engine_enforces(door->warden) ? "enforce" : "observe", holds.holds,
	         atomic_load(&mapping->header->gauge[GAUGE_tap_zones]));
	notify_status(line);
}

/* Tells the watchdog that all goes on: this loop, and the keeper's. */
static void sign_of_life(struct door *door, int64_t now)
{
	uint64_t period = notify_watchdog();
	bool stuck = door->keeper.running && now - atomic_load(&door->keeper.beaten) > STUCK_TIME;

	if (!period || stuck || now < door->next_sign)
		return;
	door->next_sign = now + (int64_t)(period / 3);
	notify_alive();
}

/* Until a signal says that it is over. */
static void serve(struct door *door)
{
	struct pollfd wait[2] = {
		{ .fd = door->signals, .events = POLLIN },
		{ .events = POLLIN },
	};
	struct signalfd_siginfo got;
	bool open = true;

	for (;;) {
		int64_t now = clock_steady();

		status(door, now);
		sign_of_life(door, now);
		/* Who cannot be let in keeps the listener readable: not to be looked at for a while. */
		wait[1].fd = open ? door->tap.listener : -1;
		if (poll(wait, 2, open ? TICK : RETRY_TIME) < 0)
			continue;
		open = !wait[1].revents || tap_accept(&door->tap);
		if (!wait[0].revents || read(door->signals, &got, sizeof(got)) != (ssize_t)sizeof(got))
			continue;
		if (got.ssi_signo != SIGHUP)
			return;
		reload(door);
	}
}

/* --- beginning and end --------------------------------------------------------------------- */

/* Signals are read, by the loop alone; threads inherit that they are blocked. */
static int signals_open(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	signal(SIGPIPE, SIG_IGN);
	return sigprocmask(SIG_BLOCK, &set, NULL) ? -1 : signalfd(-1, &set, SFD_CLOEXEC);
}

static bool copy_settings(struct door *door)
{
	unsigned cell;
	const struct settings *settings = &rules_enter(door->warden, &cell)->config->settings;

	door->tap_socket = strdup(settings->tap_socket);
	door->tap_control = strdup(settings->tap_control);
	door->control_socket = strdup(settings->control_socket);
	door->snapshot_file = strdup(settings->snapshot_file);
	rules_leave(door->warden, cell);
	return door->tap_socket && door->tap_control && door->control_socket && door->snapshot_file;
}

/* What is kept lies beside the snapshot; without one beside the socket. */
static const char *beside(const struct door *door)
{
	return *door->snapshot_file ? door->snapshot_file : door->tap_socket;
}

/* Returns 0, or -1 with a sentence in <error>; door_close() is due either way. */
static int door_open(struct door *door, const char *file, char *error, size_t error_len)
{
	const struct warden_setup setup = {
		.config_file = file, .now = clock_now(), .log = say, .mirror = keeper_mirror(&door->keeper),
	};

	door->keeper.bell = door->keeper.control.stop = door->signals = -1;
	door->warden = warden_open(&setup, error, error_len);
	if (!door->warden)
		return -1;
	if (!copy_settings(door))
		return sentence_error(error, error_len, "out of memory");
	door->signals = signals_open();
	if (door->signals < 0)
		return sentence_error(error, error_len, "signals: %m");
	/* Takes the control socket, by which a second door on this segment is known. */
	if (warden_start(door->warden, error, error_len))
		return -1;
	door->tap.spared = &door->keeper.spared_names;
	door->tap.changed = holds_changed;
	door->tap.came = resolver_came;
	door->tap.arg = door;
	/* Before the keeper: where another wardend listens, its zones are not ours to remove. */
	if (tap_open(&door->tap, door->warden, door->tap_socket, error, error_len))
		return -1;
	return keeper_start(&door->keeper, door->warden, door->tap_control, beside(door), error, error_len);
}

/* Half-open is fine. */
static void door_close(struct door *door)
{
	if (door->tap.warden)
		tap_close(&door->tap);
	if (door->keeper.warden)
		keeper_stop(&door->keeper);
	warden_close(door->warden); /* its threads ring the keeper */
	keeper_free(&door->keeper);
	if (door->signals >= 0)
		close(door->signals);
	free(door->tap_socket);
	free(door->tap_control);
	free(door->control_socket);
	free(door->snapshot_file);
}

static enum status run(const char *file)
{
	static struct door door;
	char error[FAULT_MAX] = "";

	if (door_open(&door, file, error, sizeof(error))) {
		say(1, error);
		door_close(&door);
		return STATUS_FAULT;
	}
	sentence_say(say, 0, "listens for dnstap at %s; domains are refused %s%s", door.tap_socket,
	             *door.tap_control ? "through " : "by nobody here (tap-control: \"\")", door.tap_control);
	notify_ready();
	serve(&door);
	notify_stopping();
	door_close(&door);
	return STATUS_FINE;
}

int main(int argc, char **argv)
{
	const char *file = access(WARDEN_CONF, F_OK) ? NULL : WARDEN_CONF;
	int letter;

	while ((letter = getopt(argc, argv, "c:dhV")) != -1)
		switch (letter) {
		case 'c':
			file = optarg;
			break;
		case 'd':
			break;
		case 'h':
			fputs(usage, stdout);
			return fflush(stdout) ? STATUS_FAULT : STATUS_FINE;
		case 'V':
			puts("wardend " WARDEN_VERSION);
			return fflush(stdout) ? STATUS_FAULT : STATUS_FINE;
		default:
			fputs(usage, stderr);
			return STATUS_USAGE;
		}
	if (optind != argc) {
		fprintf(stderr, "wardend: '%s' is no option\n%s", argv[optind], usage);
		return STATUS_USAGE;
	}
	return (int)run(file);
}
