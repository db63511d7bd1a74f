/* SPDX-License-Identifier: BSD-3-Clause */
/* service - starting and stopping the threads, and the upkeep in between. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/invariant.h"
#include "service/service.h"
#include "store/snapshot.h"

#define TICK 100 /* milliseconds between two looks into the journal */

uint64_t service_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec / 1000000;
}

/* --- upkeep -------------------------------------------------------------------------------- */

/* When each chore was last done. */
struct upkeep {
	uint64_t second, snapshot, minute;
	uint64_t broken;        /* invariants that we have told of */
	bool snapshot_faulty;   /* the last one failed, and we have said so */
};

static void snapshot_take(struct service *service, struct upkeep *upkeep, uint64_t now)
{
	char error[FAULT_MAX];

	if (!*service->snapshot_file)
		return;
	if (!snapshot_write(&service->warden->mapping, service->snapshot_file, now, error,
	                    sizeof(error))) {
		atomic_store(&service->snapshot_taken, now);
		upkeep->snapshot_faulty = false;
		return;
	}
	if (!upkeep->snapshot_faulty)
		service->warden->log(1, error);
	upkeep->snapshot_faulty = true;
}

static uint64_t snapshot_interval(struct service *service)
{
	unsigned cell;
	const struct rules *rules = rules_enter(service->warden, &cell);
	uint64_t interval = rules->config->settings.snapshot_interval;

	rules_leave(service->warden, cell);
	return interval;
}

static void tell_broken(struct service *service, struct upkeep *upkeep)
{
	uint64_t broken = invariant_count();
	char sentence[FAULT_MAX];

	if (broken == upkeep->broken)
		return;
	snprintf(sentence, sizeof(sentence), "%" PRIu64 " faults inside warden, the last one at %s",
	         broken - upkeep->broken, invariant_where());
	service->warden->log(1, sentence);
	upkeep->broken = broken;
}

static void upkeep_do(struct service *service, struct upkeep *upkeep, uint64_t now)
{
	if (!clock_due(&upkeep->second, now, SECOND))
		return;
	if (clock_due(&upkeep->minute, now, MINUTE))
		tell_broken(service, upkeep);
	if (clock_due(&upkeep->snapshot, now, snapshot_interval(service)))
		snapshot_take(service, upkeep, now);
}

/* --- threads ------------------------------------------------------------------------------- */

static void *writer_main(void *arg)
{
	struct service *service = arg;
	struct pollfd stop = { .fd = service->stop, .events = POLLIN };
	struct upkeep upkeep = { .snapshot = service->started, .minute = service->started };

	while (poll(&stop, 1, TICK) <= 0) {
		uint64_t now = service_now();

		writer_drain(&service->writer, now);
		upkeep_do(service, &upkeep, now);
	}
	writer_drain(&service->writer, service_now());
	snapshot_take(service, &upkeep, service_now());
	tell_broken(service, &upkeep);
	return NULL;
}

static void *maintenance_main(void *arg)
{
	struct service *service = arg;

	maintenance_run(&service->maintenance);
	return NULL;
}

static void *counting_main(void *arg)
{
	struct service *service = arg;

	count_run(&service->counting);
	return NULL;
}

static void *control_main(void *arg)
{
	control_serve(arg);
	return NULL;
}

static void *fleet_main(void *arg)
{
	struct service *service = arg;

	fleet_run(&service->fleet);
	return NULL;
}

/* Starts a thread that is deaf to signals: those are for Unbound's own threads. */
static int thread_start(pthread_t *thread, void *(*start)(void *), struct service *service)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(thread, NULL, start, service);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

/* Half-built is fine. In a forked worker there are no threads, and the files are not ours. */
static void service_free(struct service *service)
{
	bool ours = service->process == getpid();
	uint64_t one = 1;

	if (ours && service->stop >= 0 && write(service->stop, &one, sizeof(one)) < 0)
		service->warden->log(1, "cannot wake the service threads");
	if (ours && service->maintenance.running)
		pthread_join(service->maintenance.thread, NULL);
	if (ours && service->counting.running)
		pthread_join(service->counting.thread, NULL);
	if (ours && service->writing)
		pthread_join(service->writer_thread, NULL);
	if (ours && service->controlling)
		pthread_join(service->control_thread, NULL);
	if (ours && service->fleet.running) /* behind who looks into it */
		pthread_join(service->fleet.thread, NULL);
	/* In a forked worker these two are as their threads had them in hand at that moment: nothing in them is walked
	 * or freed, and their sockets stay open there until it ends.
	 */
	if (ours) {
		fleet_close(&service->fleet);
		count_close(&service->counting);
	}
	maintenance_close(&service->maintenance);
	control_close(&service->control, ours);
	writer_close(&service->writer, ours);
	if (service->stop >= 0)
		close(service->stop);
	free(service->snapshot_file);
	free(service->control_socket);
	free(service);
}

bool service_settled(struct service *service, uint64_t version)
{
	return maintenance_settled(&service->maintenance, version);
}

static void service_stop(struct warden *warden)
{
	service_free(warden->service);
	warden->service = NULL;
	warden->stop_service = NULL;
}

/* Makes the folder that <path> lies in, one level: the state folder on a fresh host. What
 * goes wrong shows when <path> is opened.
 */
static void folder_make(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder;

	if (!slash || slash == path)
		return;
	folder = strndup(path, (size_t)(slash - path));
	if (folder)
		mkdir(folder, 0750);
	free(folder);
}

static bool paths_copy(struct service *service)
{
	unsigned cell;
	const struct rules *rules = rules_enter(service->warden, &cell);
	const struct settings *settings = &rules->config->settings;

	service->snapshot_file = strdup(settings->snapshot_file);
	service->control_socket = strdup(settings->control_socket);
	rules_leave(service->warden, cell);
	return service->snapshot_file && service->control_socket;
}

/* When the snapshot that is there was taken; 0 when there is none. */
static uint64_t snapshot_age(const char *path)
{
	struct stat file;

	return *path && !stat(path, &file) ? (uint64_t)file.st_mtime * SECOND : 0;
}

static struct service *service_new(struct warden *warden)
{
	struct service *service = calloc(1, sizeof(*service));

	if (!service)
		return NULL;
	service->warden = warden;
	service->process = getpid();
	service->started = service_now();
	service->control.listener = -1;
	service->stop = eventfd(0, EFD_CLOEXEC);
	if (!maintenance_open(&service->maintenance, warden, service->stop, service->started) ||
	    service->stop < 0 || !paths_copy(service) || !writer_init(&service->writer, warden)) {
		service_free(service);
		return NULL;
	}
	folder_make(service->writer.output[0].path);
	folder_make(service->snapshot_file);
	folder_make(service->control_socket);
	atomic_store(&service->snapshot_taken, snapshot_age(service->snapshot_file));
	return service;
}

int warden_start(struct warden *warden, char *error, size_t error_len)
{
	struct service *service;
	int status;

	if (warden->private_memory || warden->service) {
		snprintf(error, error_len, "there is nothing to serve for %s",
		         warden->service ? "a second time" : "private memory");
		return -1;
	}
	service = service_new(warden);
	if (!service) {
		snprintf(error, error_len, "cannot start the service: %s", strerror(errno));
		return -1;
	}
	status = control_open(&service->control, service->control_socket, error, error_len);
	if (status == -EADDRINUSE) {
		/* Another resolver's, and so is the journal, which has room for one reader. */
		service_free(service);
		return -1;
	}
	if (status)
		warden->log(1, error); /* events are worth having all the same */

	if (!count_open(&service->counting, warden, service->stop, service_now, error, error_len))
		warden->log(1, error); /* as if alone */
	if (!fleet_open(&service->fleet, warden, service->stop, service_now, error, error_len))
		warden->log(1, error); /* alone it is as good as it was */

	writer_open(&service->writer, service->started);
	status = thread_start(&service->writer_thread, writer_main, service);
	service->writing = !status;
	if (!status) {
		status = thread_start(&service->maintenance.thread, maintenance_main, service);
		service->maintenance.running = !status;
	}
	if (!status && service->counting.wanted) {
		status = thread_start(&service->counting.thread, counting_main, service);
		service->counting.running = !status;
	}
	if (!status && service->control.listener >= 0) {
		status = thread_start(&service->control_thread, control_main, service);
		service->controlling = !status;
	}
	if (!status && fleet_is_wanted(&service->fleet)) {
		status = thread_start(&service->fleet.thread, fleet_main, service);
		service->fleet.running = !status;
	}
	if (status) {
		snprintf(error, error_len, "cannot start a thread: %s", strerror(status));
		service_free(service);
		return -1;
	}
	warden->service = service;
	warden->stop_service = service_stop;
	return 0;
}
