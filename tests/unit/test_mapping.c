/* SPDX-License-Identifier: BSD-3-Clause */
/* test_mapping - a segment made, attached again, refused, moved aside, and shared. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/holds.h"
#include "store/parts.h"
#include "support.h"

#define DETECTORS 77

static char error[1024];

static int setup(void **state)
{
	(void)state;
	said[0] = error[0] = '\0';
	temp_clean();
	return 0;
}

static int attach_sizes(struct mapping *mapping, const struct segment_sizes *sizes)
{
	return mapping_attach(mapping, temp("segment"), NULL, sizes, DETECTORS, NOW, say, error,
	                      sizeof(error));
}

static void attach(struct mapping *mapping)
{
	if (attach_sizes(mapping, &tiny_sizes) < 0)
		fail_msg("%s", error);
}

static struct slot *take(struct table *table, uint64_t hash)
{
	uint64_t key[8] = { hash, ~hash };
	struct place place;

	table_take(table, hash, key, (uint32_t)(NOW / 1000), &place);
	return place.slot;
}

static void fresh(void **state)
{
	struct mapping mapping;
	struct stat st;

	(void)state;
	attach(&mapping);
	assert_string_equal(said, "");
	assert_int_equal(mapping.size, parts_size(&tiny_sizes));
	assert_int_equal(mapping.header->created, NOW);
	assert_int_equal(stat(temp("segment"), &st), 0);
	assert_int_equal(st.st_size, mapping.size);
	assert_int_equal(st.st_mode & 07, 0); /* who asked for what is nobody's business */
	assert_true(st.st_blocks * 512 >= st.st_size); /* not sparse */
	assert_int_equal(table_used(&mapping.clients), 0);
	mapping_detach(&mapping);
	mapping_detach(&mapping); /* twice is fine */
}

static void attach_again(void **state)
{
	struct mapping mapping;
	uint8_t secret[HASH_SECRET_LEN];

	(void)state;
	attach(&mapping);
	memcpy(secret, mapping.header->secret, sizeof(secret));
	slot_add(take(&mapping.clients, 42), CLIENT_MISSES, 7);
	bank_add(mapping.banks, COUNTER_misses, 7);
	mapping_detach(&mapping);

	attach(&mapping);
	assert_memory_equal(secret, mapping.header->secret, sizeof(secret));
	assert_int_equal(slot_get(take(&mapping.clients, 42), CLIENT_MISSES), 7);
	assert_int_equal(banks_sum(mapping.banks, COUNTER_misses), 7);
	mapping_detach(&mapping);
	assert_string_equal(said, "");
}

static void two_secrets(void **state)
{
	struct mapping one, other;

	(void)state;
	open_private(&one);
	open_private(&other);
	assert_memory_not_equal(one.header->secret, other.header->secret, HASH_SECRET_LEN);
	mapping_detach(&one);
	mapping_detach(&other);
}

/* ---- foreign files ------------------------------------------------------------- */

#define AT(member) offsetof(struct segment_header, member)

/* A segment with one octet of its header changed, or cut, and what is said about it. */
static const struct {
	size_t at;      /* SIZE_MAX: cut to <cut> octets */
	long cut;       /* longer by -cut, when negative */
	const char *sentence;
} foreign[] = {
	{ AT(magic), 0, "it is not a Warden segment" },
	{ AT(layout), 0, "it was made by a Warden with another layout" },
	{ AT(header_size), 0, "it was made by a Warden with another layout" },
	{ AT(detectors), 0, "it was made by a Warden with other detectors" },
	{ AT(sizes) + 4, 0, "it was made for another profile" },
	{ AT(sizes) + 20, 0, "it was made for another profile" },
	{ AT(total), 0, "its size is wrong" },
	{ AT(ready), 0, "it was never finished" },
	{ SIZE_MAX, 1, "it is not a Warden segment" },
	{ SIZE_MAX, 100, "it is not a Warden segment" },
	{ SIZE_MAX, 4096, "its size is wrong" },
	{ SIZE_MAX, -1, "its size is wrong" },
};

static void make_foreign(size_t i)
{
	struct mapping mapping;
	int file;

	attach(&mapping);
	slot_add(take(&mapping.clients, 42), CLIENT_MISSES, 7);
	if (foreign[i].at != SIZE_MAX)
		((uint8_t *)mapping.header)[foreign[i].at] ^= 1;
	mapping_detach(&mapping);
	if (foreign[i].at == SIZE_MAX) {
		long size = foreign[i].cut > 0 ? foreign[i].cut : (long)parts_size(&tiny_sizes) - foreign[i].cut;

		file = open(temp("segment"), O_RDWR);
		assert_int_equal(ftruncate(file, size), 0);
		close(file);
	}
}

static void refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++) {
		struct mapping mapping;
		char wanted[1024];
		struct stat before, aside;

		setup(NULL);
		make_foreign(i);
		assert_int_equal(stat(temp("segment"), &before), 0);
		assert_int_equal(mapping_read(&mapping, temp("segment"), DETECTORS, error, sizeof(error)), -1);
		/* Whoever looks is told what to do about two versions. */
		assert_int_equal(strstr(foreign[i].sentence, "by a Warden with") != NULL,
		                 strstr(error, "warden.so and unbound-warden of the same version") != NULL);

		attach(&mapping);
		snprintf(wanted, sizeof(wanted), "cannot use %s: %s; it is now %s and a fresh segment "
		         "takes its place\n", temp("segment"), foreign[i].sentence, temp("segment.refused"));
		assert_string_equal(said, wanted);
		assert_int_equal(table_used(&mapping.clients), 0);
		assert_int_equal(stat(temp("segment.refused"), &aside), 0);
		assert_int_equal(aside.st_ino, before.st_ino); /* never destroyed */
		assert_int_equal(aside.st_size, before.st_size);
		mapping_detach(&mapping);
	}
}

/* An empty file is nobody's: mktemp, or a maker that died at once. */
static void empty_file(void **state)
{
	struct mapping mapping;

	(void)state;
	temp_file("segment", "");
	attach(&mapping);
	assert_string_equal(said, "");
	mapping_detach(&mapping);
}

static void impossible_paths(void **state)
{
	struct mapping mapping;

	(void)state;
	assert_int_equal(mapping_attach(&mapping, temp("no/such/folder"), NULL, &tiny_sizes, 1, NOW, say,
	                                error, sizeof(error)), -1);
	assert_non_null(strstr(error, "cannot open"));
	assert_non_null(strstr(error, "No such file"));

	/* Somebody else's link in a folder that all may write: not followed. */
	temp_file("target", "precious");
	assert_int_equal(symlink(temp("target"), temp("segment")), 0);
	assert_int_equal(attach_sizes(&mapping, &tiny_sizes), -1);
	assert_non_null(strstr(error, "cannot open"));
	temp_clean();
	assert_int_equal(mkfifo(temp("segment"), 0600), 0);
	assert_int_equal(attach_sizes(&mapping, &tiny_sizes), -1);
	mapping_detach(&mapping);
}

/* ---- other processes ----------------------------------------------------------- */

/* Runs <work> in a child. Returns its exit status, 255 for a signal. */
static int in_child(int (*work)(void))
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		signal(SIGSEGV, SIG_DFL); /* cmocka catches it */
		_exit(work());
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static int attach_other_profile(void)
{
	struct segment_sizes sizes = tiny_sizes;
	struct mapping mapping;

	sizes.pairs *= 2;
	if (attach_sizes(&mapping, &sizes) == 0)
		return 1;
	if (!strstr(error, "is in use by another resolver, and it was made for another profile"))
		return 2;
	return access(temp("segment.refused"), F_OK) == 0 ? 3 : 0;
}

static int attach_same(void)
{
	struct mapping mapping;

	if (attach_sizes(&mapping, &tiny_sizes) < 0)
		return 1;
	slot_add(take(&mapping.clients, 42), CLIENT_MISSES, 1);
	return 0;
}

static void used_by_another(void **state)
{
	struct mapping mapping;

	(void)state;
	attach(&mapping);
	assert_int_equal(in_child(attach_other_profile), 0);
	assert_int_equal(in_child(attach_same), 0);
	assert_int_equal(slot_get(take(&mapping.clients, 42), CLIENT_MISSES), 1);
	mapping_detach(&mapping);
	assert_int_equal(in_child(attach_other_profile), 1); /* nobody uses it now: moved aside */
	assert_int_equal(access(temp("segment.refused"), F_OK), 0);
}

static int read_only_as_nobody(void)
{
	struct mapping mapping;

	if (chmod(temp("."), 0755) != 0 || setgid(65534) != 0 || setuid(65534) != 0)
		return 10;
	if (mapping_attach(&mapping, temp("segment"), NULL, &tiny_sizes, DETECTORS, NOW, NULL, error,
	                   sizeof(error)) == 0)
		return 1;
	return strstr(error, "AppArmor") ? 0 : 2;
}

static void no_permission(void **state)
{
	struct mapping mapping;

	(void)state;
	if (geteuid() != 0)
		skip();
	attach(&mapping);
	mapping_detach(&mapping);
	assert_int_equal(in_child(read_only_as_nobody), 0);
}

/* Who was here first, in a folder that is open to everybody, does not get to own our memory: neither as
 * another user, full or empty, nor as one whom everybody is.
 */
static void of_another_user(void **state)
{
	static const struct {
		uid_t owner;
		mode_t mode;
		bool empty;
		const char *sentence;
	} cases[] = {
		{ 65534, 0640, false, "it belongs to another user" },
		{ 65534, 0666, true, "it belongs to another user" },
		{ 0, 0642, false, "everybody may write to it" },
	};

	struct mapping mapping;

	(void)state;
	if (geteuid() != 0)
		skip();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		setup(NULL);
		attach(&mapping);
		mapping_detach(&mapping);
		if (cases[i].empty)
			assert_int_equal(truncate(temp("segment"), 0), 0);
		assert_int_equal(chmod(temp("segment"), cases[i].mode), 0);
		assert_int_equal(chown(temp("segment"), cases[i].owner, (gid_t)-1), 0);
		said[0] = '\0';
		attach(&mapping);
		assert_non_null(strstr(said, cases[i].sentence));
		assert_int_equal(access(temp("segment.refused"), F_OK), 0);
		mapping_detach(&mapping);
	}
	/* A group may be let in by hand. */
	setup(NULL);
	attach(&mapping);
	mapping_detach(&mapping);
	assert_int_equal(chmod(temp("segment"), 0660), 0);
	attach(&mapping);
	assert_string_equal(said, "");
	mapping_detach(&mapping);
}

/* A view that tools have: the same, and writing to it is fatal to the tool alone. */
static int write_to_view(void)
{
	struct mapping mapping;

	if (mapping_read(&mapping, temp("segment"), DETECTORS, error, sizeof(error)) < 0)
		return 1;
	mapping.header->created = 1;
	return 0;
}

static void read_view(void **state)
{
	struct mapping mapping, view;

	(void)state;
	attach(&mapping);
	slot_add(take(&mapping.pairs, 42), PAIR_QUERIES, 7);
	if (mapping_read(&view, temp("segment"), DETECTORS, error, sizeof(error)) < 0)
		fail_msg("%s", error);
	assert_int_equal(slot_get(table_find(&view.pairs, 42).slot, PAIR_QUERIES), 7);
	slot_add(take(&mapping.pairs, 42), PAIR_QUERIES, 1); /* live */
	assert_int_equal(slot_get(table_find(&view.pairs, 42).slot, PAIR_QUERIES), 8);
	mapping_detach(&view);
	mapping_detach(&mapping);
	assert_int_not_equal(in_child(write_to_view), 0);
	assert_int_equal(mapping_read(&view, temp("nothing"), DETECTORS, error, sizeof(error)), -1);
	assert_non_null(strstr(error, "No such file"));
}

/* Capacities in a file that no segment has: refused before anything is computed of them. */
static void wild_sizes(void **state)
{
	static const uint32_t wild[] = { 0, 1, 7, 4, 63, 65, UINT32_C(1) << 29, UINT32_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(wild) / sizeof(*wild); i++) {
		struct mapping mapping;

		setup(NULL);
		attach(&mapping);
		mapping.header->sizes.holds = wild[i];
		mapping_detach(&mapping);
		assert_int_equal(mapping_read(&mapping, temp("segment"), DETECTORS, error, sizeof(error)), -1);
		assert_non_null(strstr(error, "it is not a Warden segment"));
	}
}

static void full_tmpfs(void **state)
{
	struct mapping mapping;
	char path[1024];
	int result;

	(void)state;
	snprintf(path, sizeof(path), "%s", temp("mount"));
	if (geteuid() != 0 || mkdir(path, 0700) != 0)
		skip();
	if (mount("tmpfs", path, "tmpfs", 0, "size=64k") != 0) {
		rmdir(path);
		skip();
	}
	result = mapping_attach(&mapping, temp("mount/segment"), NULL, &tiny_sizes, DETECTORS, NOW, say,
	                        error, sizeof(error));
	umount2(path, MNT_DETACH);
	rmdir(path);
	assert_int_equal(result, -1);
	assert_non_null(strstr(error, "no room for"));
	assert_non_null(strstr(error, "No space left"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(fresh, setup),
		cmocka_unit_test_setup(attach_again, setup),
		cmocka_unit_test_setup(two_secrets, setup),
		cmocka_unit_test_setup(refused, setup),
		cmocka_unit_test_setup(empty_file, setup),
		cmocka_unit_test_setup(impossible_paths, setup),
		cmocka_unit_test_setup(used_by_another, setup),
		cmocka_unit_test_setup(no_permission, setup),
		cmocka_unit_test_setup(of_another_user, setup),
		cmocka_unit_test_setup(read_view, setup),
		cmocka_unit_test_setup(wild_sizes, setup),
		cmocka_unit_test_setup(full_tmpfs, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
