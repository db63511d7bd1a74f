/* SPDX-License-Identifier: BSD-3-Clause */
/* metrics_serve - the exporter: an HTTP server for one page, in one thread.
 *
 *     GET /metrics    the numbers, in the dialect that is asked for
 *     GET /           where these are
 *
 * libmicrohttpd speaks HTTP and is driven from here, so that a signal is an event like any other and the end
 * is an orderly one.
 *
 * Invariant: nobody who connects can keep the others out for long: a connection carries one request, and is
 * cut when its time is over, however busy it is. (libmicrohttpd's own limit is one of silence.)
 */
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tool/command.h"
#include "tool/metrics.h"

#define CONNECTIONS_MAX   16
#define CONNECTION_TIME   UINT64_C(10000) /* milliseconds */
#define CONNECTION_MEMORY 16384           /* octets: a request's line and headers must fit */
#define DEFAULT_HOST      "127.0.0.1"

struct connection {
	int socket; /* -1: none */
	uint64_t end;
};

struct server {
	struct metrics *metrics;
	struct MHD_Daemon *daemon;
	bool freed; /* a connection has ended in this round */
	struct connection connection[CONNECTIONS_MAX];
	char said[512]; /* what was last said about the segment */
};

static uint64_t steady_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* --- answers ------------------------------------------------------------------------------- */

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, const char *type, char *text,
                              size_t len, enum MHD_ResponseMemoryMode mode)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(len, text, mode);
	enum MHD_Result result;

	if (!response) {
		if (mode == MHD_RESPMEM_MUST_FREE)
			free(text);
		return MHD_NO;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	if (status == MHD_HTTP_OK)
		MHD_add_response_header(response, MHD_HTTP_HEADER_VARY, MHD_HTTP_HEADER_ACCEPT);
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result answer_words(struct MHD_Connection *connection, unsigned status, const char *type,
                                    const char *words)
{
	return answer(connection, status, type, (char *)(uintptr_t)words, strlen(words), MHD_RESPMEM_PERSISTENT);
}

/* Says it once, not with every scrape. */
static void say_change(struct server *server, const char *sentence)
{
	if (!strcmp(server->said, sentence))
		return;
	fprintf(stderr, "%s\n", *sentence ? sentence : "the segment can be read");
	snprintf(server->said, sizeof(server->said), "%s", sentence);
}

static enum MHD_Result answer_metrics(struct server *server, struct MHD_Connection *connection)
{
	const char *accept = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
	enum exposition_dialect dialect = metrics_negotiate(accept);
	char *text = NULL, error[sizeof(server->said)] = "";
	size_t len = 0;
	FILE *memory = open_memstream(&text, &len);
	int result = -1;

	if (server->metrics->configured.config)
		configured_renew(&server->metrics->configured);
	if (memory)
		result = metrics_print(server->metrics, dialect, memory, error, sizeof(error));
	if (!memory || fclose(memory) || result < 0) {
		free(text);
		return answer_words(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "text/plain", "no memory\n");
	}
	/* A resolver that has not started is no fault of the exporter's: warden_up tells it. */
	say_change(server, result ? error : "");
	return answer(connection, MHD_HTTP_OK, exposition_content_type(dialect), text, len, MHD_RESPMEM_MUST_FREE);
}

static const char page[] =
	"<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>unbound-warden</title>\n"
	"<h1>unbound-warden " WARDEN_VERSION "</h1>\n<p><a href=\"metrics\">Metrics</a></p>\n</html>\n";

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *upload_size, void **request)
{
	static char begun;
	struct server *server = cls;

	(void)version;
	(void)upload;
	/* First come the headers, then what else is sent, of which we want nothing, then it is our turn. */
	if (!*request) {
		*request = &begun;
		return MHD_YES;
	}
	if (*upload_size) {
		*upload_size = 0;
		return MHD_YES;
	}
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return answer_words(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "text/plain", "GET or HEAD\n");
	if (!strcmp(url, "/metrics"))
		return answer_metrics(server, connection);
	if (!strcmp(url, "/"))
		return answer_words(connection, MHD_HTTP_OK, "text/html; charset=utf-8", page);
	return answer_words(connection, MHD_HTTP_NOT_FOUND, "text/plain", "there is only /metrics\n");
}

/* --- connections --------------------------------------------------------------------------- */

static void on_connection(void *cls, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
	struct server *server = cls;
	struct connection *mine = *context;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED && mine) {
		mine->socket = -1;
		server->freed = true;
		return;
	}
	for (unsigned i = 0; code == MHD_CONNECTION_NOTIFY_STARTED && i < CONNECTIONS_MAX; i++)
		if (server->connection[i].socket < 0) {
			const union MHD_ConnectionInfo *info =
				MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

			server->connection[i] = (struct connection){ info->connect_fd, steady_clock() + CONNECTION_TIME };
			*context = &server->connection[i];
			return;
		}
}

/* Cuts the connections whose time is over. Returns in how many milliseconds the next one's is; -1: never. */
static int cut_overdue(struct server *server)
{
	uint64_t now = steady_clock(), next = UINT64_MAX;

	for (unsigned i = 0; i < CONNECTIONS_MAX; i++) {
		struct connection *connection = &server->connection[i];

		if (connection->socket < 0)
			continue;
		if (connection->end <= now) {
			/* libmicrohttpd sees its end, and closes it. */
			shutdown(connection->socket, SHUT_RDWR);
			connection->end = now + CONNECTION_TIME;
		}
		if (connection->end < next)
			next = connection->end;
	}
	return next == UINT64_MAX ? -1 : (int)(next - now);
}

/* --- the socket ---------------------------------------------------------------------------- */

/* Splits "ADDRESS:PORT", "[ADDRESS]:PORT" or "PORT" in place. False when it is none of these. */
static bool split(char *text, const char **host, const char **port)
{
	char *colon = strrchr(text, ':');

	*host = DEFAULT_HOST;
	*port = text;
	if (colon) {
		*colon = '\0';
		*port = colon + 1;
		*host = text;
		if (*text == '[' && colon > text && colon[-1] == ']') {
			colon[-1] = '\0';
			*host = text + 1;
		} else if (strchr(text, ':')) {
			return false;
		}
	}
	return **host && **port && strspn(*port, "0123456789") == strlen(*port) && strlen(*port) <= 5 &&
	       atoi(*port) <= 65535;
}

static int listen_at(const char *address)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE, .ai_socktype = SOCK_STREAM,
	};
	const char *host, *port;
	char text[128];
	struct addrinfo *found = NULL;
	const int yes = 1;
	int listener;

	if (snprintf(text, sizeof(text), "%s", address) >= (int)sizeof(text) || !split(text, &host, &port) ||
	    getaddrinfo(host, port, &hints, &found)) {
		fprintf(stderr, "--listen: '%s' is not ADDRESS:PORT, like 127.0.0.1:9953 or [::1]:9953\n", address);
		return -1;
	}
	listener = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener >= 0) {
		setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
		if (found->ai_family == AF_INET6)
			setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes));
	}
	if (listener < 0 || bind(listener, found->ai_addr, found->ai_addrlen) || listen(listener, CONNECTIONS_MAX)) {
		fprintf(stderr, "cannot listen at %s: %s\n", address, strerror(errno));
		if (listener >= 0)
			close(listener);
		listener = -1;
	}
	freeaddrinfo(found);
	return listener;
}

static bool is_loopback(const struct sockaddr_storage *bound)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)bound;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)bound;

	if (bound->ss_family == AF_INET)
		return ntohl(v4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return bound->ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

static void say_where(int listener)
{
	struct sockaddr_storage bound = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(bound);
	char host[64], port[8];

	if (!getsockname(listener, (struct sockaddr *)&bound, &len) &&
	    !getnameinfo((struct sockaddr *)&bound, len, host, sizeof(host), port, sizeof(port),
	                 NI_NUMERICHOST | NI_NUMERICSERV))
		fprintf(stderr, strchr(host, ':') ? "listening: http://[%s]:%s/metrics\n" :
		                                    "listening: http://%s:%s/metrics\n", host, port);
	if (!is_loopback(&bound))
		fputs("there is no access control: whoever reaches this address may read what is told here\n", stderr);
}

/* --- the loop ------------------------------------------------------------------------------ */

/* A descriptor that can be read when we are told to end. */
static int signals_open(void)
{
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	return signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void serve(struct server *server, int signals)
{
	struct pollfd ready[] = {
		{ .fd = signals, .events = POLLIN },
		{ .fd = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd, .events = POLLIN },
	};

	while (!(ready[0].revents & POLLIN)) {
		int wait = cut_overdue(server);
		MHD_UNSIGNED_LONG_LONG wanted;

		if (MHD_get_timeout(server->daemon, &wanted) == MHD_YES && (wait < 0 || wanted < (unsigned)wait))
			wait = (int)wanted;
		if (poll(ready, 2, wait) < 0 && errno != EINTR)
			break;
		/* Once more after one has ended: only then the listener that was full is looked at again, and when all
		 * of them end in the same round there is nothing else left that would wake us.
		 */
		do {
			server->freed = false;
			MHD_run(server->daemon);
		} while (server->freed);
	}
}

int metrics_serve(struct metrics *metrics, const char *address)
{
	struct server server = { .metrics = metrics };
	int listener = listen_at(address), signals = listener < 0 ? -1 : signals_open();

	if (signals < 0)
		return listener < 0 ? STATUS_USAGE : STATUS_FOUND;
	for (unsigned i = 0; i < CONNECTIONS_MAX; i++)
		server.connection[i].socket = -1;
	server.daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, on_request, &server,
	                                 MHD_OPTION_LISTEN_SOCKET, listener,
	                                 MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
	                                 MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(CONNECTION_TIME / 1000),
	                                 MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
	                                 MHD_OPTION_NOTIFY_CONNECTION, on_connection, &server, MHD_OPTION_END);
	if (!server.daemon) {
		fputs("the HTTP server did not start\n", stderr);
		close(listener);
		close(signals);
		return STATUS_FOUND;
	}
	say_where(listener);
	serve(&server, signals);
	MHD_stop_daemon(server.daemon); /* and closes the listener */
	close(signals);
	return STATUS_FINE;
}
