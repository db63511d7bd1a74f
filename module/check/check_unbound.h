/* SPDX-License-Identifier: BSD-3-Clause */
/* check_unbound - the Unbound that Warden is to run in: what it says of itself, and what is wrong with it.
 *
 * unbound_ask() asks the programs of Unbound; the rest looks at what they said, at files and at AppArmor's
 * rules, and fills a list of remarks. Nothing is changed, and nobody is asked over a network.
 *
 *     unbound_ask(&unbound, program, conf);
 *     check_modules(remarks, &unbound);  dynlib is compiled in and stands where it must
 *     check_built(remarks, &unbound);    the module was built for this Unbound
 *     check_tap(remarks, &unbound, config); or what wardend needs of one without
 *     check_files(remarks, &unbound, config);
 *     check_apparmor(remarks, &apparmor_places, wants, count);
 */
#ifndef CHECK_CHECK_UNBOUND_H
#define CHECK_CHECK_UNBOUND_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "engine/config.h"
#include "check/remark.h"

#define DYNLIB_FILES_MAX 8
#define WORDS_MAX 256 /* octets of module-config and the like */

struct unbound {
	char program[PATH_MAX], checkconf[PATH_MAX]; /* empty: there is none */
	char conf[PATH_MAX];      /* as its unbound-checkconf names it */
	bool conf_given, conf_good;
	char version[64], linked[WORDS_MAX], configure[8192]; /* of `unbound -V` */
	char complaint[REMARK_TEXT_MAX]; /* what unbound-checkconf said of conf; empty: nothing */
	char module_config[WORDS_MAX], username[64], chroot[PATH_MAX], directory[PATH_MAX];
	char file[DYNLIB_FILES_MAX][PATH_MAX]; /* dynlib-file lines */
	unsigned file_count;
	/* What check_built() makes of them: */
	int module;               /* index of Warden's in <file>, or -1 */
	const char *warden_conf;  /* what it reads; NULL: no line names it */
};

/* Asks <program> (NULL: the one that is found) about itself and about <conf> (NULL: its own). False when
 * there is no Unbound, which then is said.
 */
bool unbound_ask(struct unbound *unbound, const char *program, const char *conf,
                 struct remarks *remarks);

/* Takes version, configure line and linked modules out of what `unbound -V` printed. */
void unbound_read_version(struct unbound *unbound, const char *printed);

/* Takes the lines that unbound-checkconf -o dynlib-file printed, and finds Warden among them. */
void unbound_read_files(struct unbound *unbound, const char *printed);

/* How many dynlib-file lines name a library. */
unsigned unbound_libraries(const struct unbound *unbound);

/* Where Unbound, within its chroot, finds what it calls <path>, seen from outside. */
void unbound_path(const struct unbound *unbound, const char *path, char *outside, size_t len);

/* Whether unbound.conf loads Warden. */
bool unbound_enables(const struct unbound *unbound);

/* The value of <option> in its configuration, values of their own lines, without the last newline. */
bool unbound_option(const struct unbound *unbound, const char *option, char *value, size_t len);

/* Whether wardend is meant, and no module: then check_tap() looks at what it needs. <config> may be NULL for the
 * former only.
 */
bool check_means_tap(const struct unbound *unbound, const struct config *config);
void check_tap(struct remarks *remarks, const struct unbound *unbound, const struct config *config);

void check_modules(struct remarks *remarks, const struct unbound *unbound);
void check_built(struct remarks *remarks, const struct unbound *unbound);

/* Of the octets of a warden.so: what is behind the mark. False when it is none. */
bool built_for(const char *octets, size_t len, char *package, size_t package_len, char *configure,
               size_t configure_len);

/* A file that Warden uses: who it is for, and what is done with it. */
enum want_use {
	WANT_MAP,    /* loaded as a library */
	WANT_READ,
	WANT_SECRET, /* read, and nobody else may: the module refuses a key that is open to everybody */
	/* From here on it is made where there is none, so its folder counts. */
	WANT_WRITE,  /* made and written */
	WANT_KEEP,   /* replaced by one that is written beside it */
	WANT_SHARE,  /* made, locked, and moved aside when it is of no use */
	WANT_CONNECT /* a socket of somebody else's */
};

struct want {
	enum want_use use;
	const char *option; /* "event-file" */
	const char *path;
};
#define WANTS_MAX 64
#define WANT_OF_SUFFIXES "public suffix list" /* an option's name in its place: Warden does without, too */

/* What a Warden with <config> uses. Returns how many of the <max> elements it filled. */
unsigned wants_of(struct want *want, unsigned max, const struct unbound *unbound,
                  const struct config *config);

/* <config> may be NULL: it is wrong. */
void check_files(struct remarks *remarks, const struct unbound *unbound, const struct config *config,
                 const struct want *want, unsigned count);

/* Where AppArmor keeps things. */
struct apparmor_places {
	const char *loaded;     /* /sys/kernel/security/apparmor/profiles */
	const char *folder;     /* /etc/apparmor.d */
	const char *profile;    /* usr.sbin.unbound, below it */
	const char *const *logs; /* files with the kernel's denials; NULL at the end */
	bool ring;               /* ask the kernel's own buffer as well */
};
extern const struct apparmor_places apparmor_places;

void check_apparmor(struct remarks *remarks, const struct apparmor_places *places,
                    const struct want *want, unsigned count);

/* All of the above. <program>, <conf> as in unbound_ask(), which has been called. */
void check_unbound(struct remarks *remarks, struct unbound *unbound, const struct config *config);

#endif
