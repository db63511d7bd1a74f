/* SPDX-License-Identifier: BSD-3-Clause */
/* check_files - may Unbound's user read what Warden reads and write where it writes, and is there room?
 *
 * Unbound drops its rights before it loads a module, so what root sees here says little: modes are compared
 * with the user that unbound.conf names. Access control lists are not read; who uses them knows.
 */
#define _GNU_SOURCE /* getgrouplist */
#include <errno.h>
#include <grp.h>
#include <libpsl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <unistd.h>

#include "store/parts.h"
#include "check/check_unbound.h"

#define GROUPS_MAX 64

/* Bits of a mode, as for `other`. */
enum { MAY_ENTER = 1, MAY_WRITE = 2, MAY_READ = 4 };

struct person {
	const char *name;
	uid_t uid;
	gid_t own_group, group[GROUPS_MAX];
	int group_count;
	char said[PATH_MAX]; /* the folder that was complained of last: several files lie in one */
};

/* A row for each option that names a file of the module's. */
static const struct {
	const char *option;
	enum want_use use;
	const char *unless_no; /* an option without which it is not used: a switch, or a text; NULL: it always is */
} path_options[] = {
	{ "shared-memory", WANT_SHARE, NULL },
	{ "snapshot-file", WANT_KEEP, NULL },
	{ "event-file", WANT_WRITE, NULL },
	{ "event-syslog-socket", WANT_CONNECT, "event-syslog" },
	{ "event-socket", WANT_CONNECT, NULL },
	{ "event-dnstap", WANT_CONNECT, NULL },
	{ "client-privacy-key-file", WANT_SECRET, NULL },
	{ "fleet-key-file", WANT_SECRET, "fleet-zone" },
	{ "fleet-redis-password-file", WANT_SECRET, NULL },
	{ "control-socket", WANT_WRITE, NULL },
	{ "asn-database", WANT_READ, NULL },
	{ "country-database", WANT_READ, NULL },
	{ "stats-proxy", WANT_CONNECT, NULL },
};

static char *const *text_of(const struct option *row, const struct config *config)
{
	return (char *const *)((const char *)&config->settings + row->offset);
}

static bool is_off(const char *option, const struct config *config)
{
	const struct option *row = option ? option_find(settings_options, option) : NULL;

	if (row && row->type == OPT_TEXT)
		return !**text_of(row, config);
	return row && !option_number(row, &config->settings);
}

static void add_want(struct want *want, unsigned max, unsigned *count, enum want_use use, const char *option,
                     const char *path)
{
	if (*count < max && path && *path == '/')
		want[(*count)++] = (struct want){ use, option, path };
}

unsigned wants_of(struct want *want, unsigned max, const struct unbound *unbound, const struct config *config)
{
	const char *const suffixes[] = { psl_dist_filename(), psl_builtin_filename() };
	unsigned count = 0;

	if (unbound->module >= 0)
		add_want(want, max, &count, WANT_MAP, "dynlib-file", unbound->file[unbound->module]);
	add_want(want, max, &count, WANT_READ, "dynlib-file", unbound->warden_conf);
	for (size_t i = 0; config && i < sizeof(path_options) / sizeof(*path_options); i++) {
		const struct option *row = option_find(settings_options, path_options[i].option);

		if (row && row->type == OPT_TEXT && !is_off(path_options[i].unless_no, config))
			add_want(want, max, &count, path_options[i].use, row->key, *text_of(row, config));
	}
	for (size_t i = 0; config && i < config->settings.allow_list.count; i++)
		add_want(want, max, &count, WANT_READ, "allow-list", config->settings.allow_list.item[i].text);
	for (unsigned i = 0; i < 2; i++)
		if (suffixes[i] && !access(suffixes[i], F_OK))
			add_want(want, max, &count, WANT_READ, WANT_OF_SUFFIXES, suffixes[i]);
	return count;
}

void unbound_path(const struct unbound *unbound, const char *path, char *outside, size_t len)
{
	const char *folder = unbound->directory;
	size_t chroot_len = strlen(unbound->chroot);

	/* Unbound takes a directory with the chroot in front for the one within. */
	if (chroot_len && !strncmp(folder, unbound->chroot, chroot_len))
		folder += chroot_len;
	if (*path == '/' || !*folder)
		snprintf(outside, len, "%s%s", unbound->chroot, path);
	else
		snprintf(outside, len, "%s%s/%s", unbound->chroot, folder, path);
}

/* Who Unbound will be. False when there is no such user, which then is said. */
static bool find_person(struct person *person, const struct unbound *unbound, struct remarks *remarks)
{
	const struct passwd *known = *unbound->username ? getpwnam(unbound->username) : getpwuid(geteuid());

	if (!known) {
		remark_add(remarks, REMARK_WRONG, "username", "there is no user '%s', whom %s names",
		            unbound->username, unbound->conf);
		remark_do(remarks, "adduser --system --group --home /var/lib/unbound %s", unbound->username);
		return false;
	}
	*person = (struct person){ .name = known->pw_name, .uid = known->pw_uid, .own_group = known->pw_gid,
	                           .group_count = GROUPS_MAX };
	if (getgrouplist(known->pw_name, known->pw_gid, person->group, &person->group_count) < 0)
		person->group_count = GROUPS_MAX;
	return true;
}

static bool may(const struct person *person, const struct stat *file, unsigned wanted)
{
	unsigned bits = file->st_mode & 7;

	if (!person->uid)
		return true;
	for (int i = 0; i < person->group_count; i++)
		if (person->group[i] == file->st_gid)
			bits = file->st_mode >> 3 & 7;
	if (person->uid == file->st_uid)
		bits = file->st_mode >> 6 & 7;
	return (bits & wanted) == wanted;
}

/* Whether <person> gets to <path> and may do <wanted> there. Else <culprit> is what is in the way. */
static bool reaches(const struct person *person, const char *path, unsigned wanted, char culprit[PATH_MAX])
{
	char real[PATH_MAX];
	struct stat file;

	if (!realpath(path, real)) {
		snprintf(culprit, PATH_MAX, "%s", path);
		return false;
	}
	for (char *slash = strchr(real + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		snprintf(culprit, PATH_MAX, "%s", real);
		*slash = '/';
		if (stat(culprit, &file) || !may(person, &file, MAY_ENTER))
			return false;
	}
	snprintf(culprit, PATH_MAX, "%s", real);
	return !stat(real, &file) && may(person, &file, wanted);
}

/* Whether we may not even look at <path>, which then is said: only root sees everything. */
static bool is_hidden(struct remarks *remarks, const struct want *want, const char *path)
{
	if (!geteuid() || !access(path, F_OK) || errno != EACCES)
		return false;
	remark_add(remarks, REMARK_NOTE, want->option, "could not tell: you may not look at %s", path);
	remark_do(remarks, "sudo unbound-warden check");
	return true;
}

/* Nobody is told to publish a key: Unbound's group reads it, and root alone changes it. */
static void do_shared_secret(struct remarks *remarks, const struct person *person, const char *path)
{
	const struct group *group = getgrgid(person->own_group);

	if (group)
		remark_do(remarks, "chown root:%s %s; chmod 640 %s", group->gr_name, path, path);
	else
		remark_do(remarks, "chown root:%u %s; chmod 640 %s", (unsigned)person->own_group, path, path);
}

static void check_readable(struct remarks *remarks, const struct person *person, const struct want *want,
                           const char *path)
{
	char culprit[PATH_MAX];

	if (access(path, F_OK) && errno == ENOENT) {
		remark_add(remarks, REMARK_WRONG, want->option, "%s is not there", path);
		remark_do(remarks, "put it there, or name the file where it is");
	} else if (!reaches(person, path, MAY_READ, culprit)) {
		remark_add(remarks, REMARK_WRONG, want->option, "%s cannot read %s: it has no right to %s",
		            person->name, path, culprit);
		if (!strcmp(culprit, path) && want->use == WANT_SECRET)
			do_shared_secret(remarks, person, path);
		else if (!strcmp(culprit, path))
			remark_do(remarks, "chmod a+r %s", path);
		else
			remark_do(remarks, "put it where %s may read it, in /etc/unbound say", person->name);
	}
}

/* Warden makes a folder of its own, one level. */
static bool may_make(const struct person *person, const char *folder)
{
	char parent[PATH_MAX], culprit[PATH_MAX];

	snprintf(parent, sizeof(parent), "%s", folder);
	*strrchr(parent, '/') = '\0';
	return reaches(person, *parent ? parent : "/", MAY_WRITE | MAY_ENTER, culprit);
}

/* Whether <folder> is there for Unbound alone, by its name. */
static bool is_its_own(const char *folder)
{
	const char *name = strrchr(folder, '/') + 1;

	return strstr(name, "unbound") || strstr(name, "warden");
}

static void check_writable(struct remarks *remarks, struct person *person, const struct want *want,
                           const char *path)
{
	char folder[PATH_MAX], culprit[PATH_MAX];
	struct stat file;

	snprintf(folder, sizeof(folder), "%s", path);
	*strrchr(folder, '/') = '\0';
	if (!*folder)
		strcpy(folder, "/");
	if (!strcmp(folder, person->said))
		return;
	if (stat(folder, &file) && errno == ENOENT && want->use != WANT_SHARE && may_make(person, folder)) {
		;
	} else if (stat(folder, &file)) {
		remark_add(remarks, REMARK_WRONG, want->option, "the folder of %s: %s", path, strerror(errno));
		remark_do(remarks, "install -d -o %s -m 750 %s", person->name, folder);
		strcpy(person->said, folder);
	} else if (!reaches(person, folder, MAY_WRITE | MAY_ENTER, culprit)) {
		remark_add(remarks, REMARK_WRONG, want->option, "%s may not write to %s: it has no right to %s",
		            person->name, folder, culprit);
		if (!strcmp(culprit, folder) && is_its_own(folder))
			remark_do(remarks, "chown %s %s", person->name, folder);
		else /* somebody else's folder: nobody is told to give it away */
			remark_do(remarks, "in warden.conf: %s: \"/var/lib/unbound/warden%s\"", want->option,
			           strrchr(path, '/'));
		strcpy(person->said, folder);
	} else if (!stat(path, &file) && !reaches(person, path, MAY_READ | MAY_WRITE, culprit)) {
		remark_add(remarks, REMARK_WRONG, want->option, "%s may not write to %s, which is uid %u's",
		            person->name, path, (unsigned)file.st_uid);
		remark_do(remarks, "chown %s %s", person->name, path);
	}
}

/* The segment and its snapshot are of one size, known before they are made. */
static void check_room(struct remarks *remarks, const struct want *want, const char *path,
                       const struct config *config)
{
	uint64_t needed = parts_size(&profile_sizes[config->settings.profile]), room;
	char folder[PATH_MAX];
	struct statvfs disk;
	struct stat file;

	snprintf(folder, sizeof(folder), "%s", path);
	strrchr(folder, '/')[1] = '\0';
	if (statvfs(folder, &disk))
		return; /* has been said */
	room = (uint64_t)disk.f_bavail * disk.f_frsize;
	if (!stat(path, &file))
		room += (uint64_t)file.st_blocks * 512;
	if (room >= needed)
		return;
	remark_add(remarks, REMARK_WRONG, want->option, "no room in %s for the %.1f MiB of %s: %.1f MiB are free",
	            folder, (double)needed / (1 << 20), path, (double)room / (1 << 20));
	remark_do(remarks, "in warden.conf: profile: small");
	if (want->use == WANT_SHARE)
		remark_do(remarks, "or more of it: mount -o remount,size=%lluM %s",
		           (unsigned long long)((disk.f_blocks * disk.f_frsize + needed) >> 20) + 1, folder);
}

/* Is somebody there? */
static void check_running(struct remarks *remarks, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int asker = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), status = -1;

	errno = ENAMETOOLONG;
	if (asker >= 0 && strlen(path) < sizeof(address.sun_path)) {
		strcpy(address.sun_path, path);
		status = connect(asker, (struct sockaddr *)&address, sizeof(address));
	}
	if (!status || errno == EAGAIN) {
		remark_add(remarks, REMARK_NOTE, "running", "a Warden answers at %s", path);
		remark_do(remarks, "unbound-control -s %s status", path);
	} else if (errno == EACCES) {
		remark_add(remarks, REMARK_NOTE, "running", "you may not ask %s", path);
		remark_do(remarks, "ask as root, or as a member of Unbound's group");
	} else {
		remark_add(remarks, REMARK_NOTE, "running", "no Warden answers at %s: Unbound does not run, or not "
		            "with it", path);
		remark_do(remarks, "start or restart Unbound, and see its log: systemctl restart unbound; "
		           "journalctl -u unbound | grep -e warden -e dynlib");
	}
	if (asker >= 0)
		close(asker);
}

/* One sentence for all that a chroot hides. */
static void check_chroot(struct remarks *remarks, const struct unbound *unbound, const struct want *want,
                         unsigned count)
{
	char hidden[REMARK_TEXT_MAX / 2] = "", outside[PATH_MAX], folder[PATH_MAX];

	for (unsigned i = 0; i < count; i++) {
		size_t used = strlen(hidden);

		unbound_path(unbound, want[i].path, outside, sizeof(outside));
		snprintf(folder, sizeof(folder), "%s", outside);
		if (want[i].use >= WANT_WRITE)
			*strrchr(folder, '/') = '\0';
		/* libpsl has a copy within itself. */
		if (!strcmp(want[i].option, WANT_OF_SUFFIXES))
			continue;
		if (access(folder, F_OK))
			snprintf(hidden + used, sizeof(hidden) - used, "%s%s", used ? ", " : "", want[i].path);
	}
	if (!*hidden)
		return;
	remark_add(remarks, REMARK_WRONG, "chroot", "Unbound sees only what is in %s, which does not have: %s",
	            unbound->chroot, hidden);
	remark_do(remarks, "in %s: chroot: \"\"", unbound->conf);
}

void check_files(struct remarks *remarks, const struct unbound *unbound, const struct config *config,
                 const struct want *want, unsigned count)
{
	size_t before = remarks->count;
	struct person person;
	char path[PATH_MAX];

	if (*unbound->chroot)
		check_chroot(remarks, unbound, want, count);
	if (!find_person(&person, unbound, remarks) || remarks->count > before)
		return; /* the rest would be the same faults in other words */
	for (unsigned i = 0; i < count; i++) {
		unbound_path(unbound, want[i].path, path, sizeof(path));
		if (!strcmp(want[i].option, WANT_OF_SUFFIXES) || is_hidden(remarks, &want[i], path))
			continue;
		if (want[i].use < WANT_WRITE)
			check_readable(remarks, &person, &want[i], path);
		else if (want[i].use != WANT_CONNECT)
			check_writable(remarks, &person, &want[i], path);
		if (config && (want[i].use == WANT_SHARE || want[i].use == WANT_KEEP))
			check_room(remarks, &want[i], path, config);
	}
	if (remarks->count == before)
		remark_add(remarks, REMARK_OK, "files", "%s can read and write all that Warden needs%s", person.name,
		            config ? "" : ", as far as is known without a right warden.conf");
	for (unsigned i = 0; i < count; i++) {
		unbound_path(unbound, want[i].path, path, sizeof(path));
		if (!strcmp(want[i].option, "control-socket"))
			check_running(remarks, path);
	}
}
