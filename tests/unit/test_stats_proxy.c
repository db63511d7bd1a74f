/* SPDX-License-Identifier: BSD-3-Clause */
/* test_stats_proxy - Unbound's statistics before Warden's, whatever answers in Unbound's place. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/engine.h"
#include "served.h"
#include "service/stats_proxy.h"

/* --- lines --------------------------------------------------------------------------------- */

static void test_lines(void **state)
{
	static const struct {
		const char *line;
		bool good;
	} cases[] = {
		{ "total.num.queries=12", true },
		{ "thread0.requestlist.avg=0.5", true },
		{ "histogram.000000.000000.to.000000.000001=0", true },
		{ "time.now=1700000000.000001", true },
		{ "num.query.type.TYPE65280=1", true },
		{ "num-rrset_bogus=-1", true },
		{ "a=1.", true },
		{ "", false },
		{ "=1", false },
		{ "a", false },
		{ "a=", false },
		{ "a=-", false },
		{ "a=.", false },
		{ "a=.5", false },
		{ "a=1.2.3", false },
		{ "a=1e5", false },
		{ "a=nan", false },
		{ "a=1 ", false },
		{ "a =1", false },
		{ "a=1\r", false },
		{ "error unknown command", false },
		{ "\033[2J=1", false },
		{ "warden.num.queries=1", false },
		{ "mem.warden.shared=1", false },
		{ "mem.mod.dynlibmod=1", true },
	};
	char text[256], printed[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int len = snprintf(text, sizeof(text), "%s\n", cases[i].line);
		FILE *out = fmemopen(printed, sizeof(printed), "w");
		unsigned lines = stats_proxy_lines(text, (size_t)len, out);

		fclose(out);
		if (lines != cases[i].good)
			fail_msg("'%s': %u lines", cases[i].line, lines);
		if (lines)
			assert_int_equal(strncmp(printed, cases[i].line, strlen(cases[i].line)), 0);
	}
	/* Half a line, and one that hides behind a NUL. */
	assert_int_equal(stats_proxy_lines(text, 0, stderr), 0);
	memcpy(text, "a=1\0\nb=2", 9);
	assert_int_equal(stats_proxy_lines(text, 9, stderr), 0);
}

/* --- somebody in Unbound's place ------------------------------------------------------------ */

struct impostor {
	const char *says;
	unsigned times;       /* how often */
	bool stays, reads;    /* keeps the connection; hears the question first */
	int listener, client;
	char path[128], heard[128];
	pthread_t thread;
};

static void *impostor_main(void *arg)
{
	struct impostor *impostor = arg;
	ssize_t n;

	impostor->client = accept(impostor->listener, NULL, NULL);
	if (impostor->client < 0)
		return NULL;
	if (impostor->reads) {
		n = recv(impostor->client, impostor->heard, sizeof(impostor->heard) - 1, 0);
		impostor->heard[n > 0 ? n : 0] = '\0';
	}
	for (unsigned i = 0; i < impostor->times; i++)
		if (send(impostor->client, impostor->says, strlen(impostor->says), MSG_NOSIGNAL) < 0)
			break;
	if (!impostor->stays)
		close(impostor->client);
	return NULL;
}

static void impostor_start(struct impostor *impostor)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(impostor->path, sizeof(impostor->path), "%s/unbound.ctl", folder);
	strcpy(address.sun_path, impostor->path);
	unlink(impostor->path);
	impostor->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(impostor->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(impostor->listener, 4), 0);
	assert_int_equal(pthread_create(&impostor->thread, NULL, impostor_main, impostor), 0);
}

static void impostor_stop(struct impostor *impostor)
{
	pthread_join(impostor->thread, NULL);
	if (impostor->stays)
		close(impostor->client);
	close(impostor->listener);
	unlink(impostor->path);
}

static struct warden *start_with_proxy(void)
{
	char more[256];

	snprintf(more, sizeof(more), " stats-proxy: \"%s/unbound.ctl\"\n", folder);
	config_write(more);
	return engine_start();
}

static void test_in_front(void **state)
{
	struct impostor unbound = { .says = "total.num.queries=7\nthread0.x=1.5\nwarden.num.queries=99\nerror\n",
	                            .times = 1, .reads = true };
	struct warden *warden = start_with_proxy();
	const char *reply;

	(void)state;
	impostor_start(&unbound);
	reply = control("stats_noreset");
	assert_int_equal(strncmp(reply, "total.num.queries=7\nthread0.x=1.5\nwarden.num.queries=0\n", 54), 0);
	impostor_stop(&unbound);
	assert_string_equal(unbound.heard, "UBCT1 stats_noreset\n");

	impostor_start(&unbound);
	expect_in(control("stats"), "total.num.queries=7\n");
	impostor_stop(&unbound);
	assert_string_equal(unbound.heard, "UBCT1 stats\n");
	assert_false(was_logged("stats-proxy"));
	warden_close(warden);
}

/* Warden's own keys come whatever happens, in seconds, and it is said once. */
static void test_no_answer(void **state)
{
	struct impostor silent = { .says = "", .times = 0, .stays = true };
	struct impostor endless = { .says = "total.num.queries=7\n", .times = 20000 };
	struct impostor nonsense = { .says = "error unknown command\n", .times = 1, .reads = true };
	struct impostor good = { .says = "total.num.queries=7\n", .times = 1, .reads = true };
	struct impostor *all[] = { &silent, &endless, &nonsense };
	struct warden *warden = start_with_proxy();
	uint64_t began;

	(void)state;
	assert_int_equal(strncmp(control("stats_noreset"), "warden.num.queries=0\n", 21), 0); /* nobody there */
	assert_true(was_logged("unbound.ctl: No such file or directory; stats prints Warden's own keys"));
	for (unsigned i = 0; i < 3; i++) {
		impostor_start(all[i]);
		began = now_ms();
		assert_int_equal(strncmp(control("stats_noreset"), "warden.num.queries=0\n", 21), 0);
		assert_in_range(now_ms() - began, 0, 6000);
		impostor_stop(all[i]);
	}
	assert_false(was_logged("it does not answer"));
	assert_false(was_logged("answers again"));
	impostor_start(&good);
	expect_in(control("stats_noreset"), "total.num.queries=7\nwarden.");
	impostor_stop(&good);
	assert_true(was_logged("unbound.ctl answers again"));
	warden_close(warden);
}

/* Not even through a name that leads to it. */
static void test_not_itself(void **state)
{
	struct warden *warden;
	char error[512], more[256], alias[128];

	(void)state;
	snprintf(more, sizeof(more), " stats-proxy: \"%s\"\n", socket_path);
	config_write("");
	warden = engine_start();
	config_write(more);
	assert_int_equal(engine_reload(warden, error, sizeof(error)), -1);
	expect_in(error, "stats-proxy");

	snprintf(alias, sizeof(alias), "%s/unbound.ctl", folder);
	assert_int_equal(symlink(socket_path, alias), 0);
	snprintf(more, sizeof(more), " stats-proxy: \"%s\"\n", alias);
	config_write(more);
	assert_int_equal(engine_reload(warden, error, sizeof(error)), -1);
	expect_in(error, "stats-proxy");

	/* The link comes after the reload. */
	unlink(alias);
	assert_int_equal(engine_reload(warden, error, sizeof(error)), 0);
	assert_int_equal(symlink(socket_path, alias), 0);
	assert_int_equal(strncmp(control("stats_noreset"), "warden.num.queries=0\n", 21), 0);
	assert_true(was_logged("it is Warden's own socket"));
	unlink(alias);
	warden_close(warden);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, folder_setup, folder_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		TEST(test_in_front),
		TEST(test_no_answer),
		TEST(test_not_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
