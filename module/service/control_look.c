/* SPDX-License-Identifier: BSD-3-Clause */
/* control_look - what is known of clients and domains, and what would come of a question. */
#include <errno.h>
#include <string.h>

#include "report/explain.h"
#include "report/rehearsed.h"
#include "report/rrtype.h"
#include "report/show.h"
#include "report/show_client.h"
#include "report/top.h"
#include "service/control_request.h"

#define CLIENTS_DEFAULT 1000
#define TOP_DEFAULT     10

void do_list_clients(struct request *request)
{
	struct show show = { .out = request->out, .now = request->now };
	uint64_t top = CLIENTS_DEFAULT;

	if (!number_take(request, UINT32_MAX, &top) || !line_ends(request))
		return;
	show.top = (uint32_t)top;
	if (show_clients(&request->service->warden->mapping, &show) == -ENOMEM)
		fail(request, "out of memory");
}

void do_top(struct request *request)
{
	const char *what = word_take(request);
	uint64_t count = TOP_DEFAULT;
	int status;

	if (strcmp(what, "clients") && strcmp(what, "domains")) {
		fail_usage(request);
		return;
	}
	if (!number_take(request, TOP_MAX, &count) || !line_ends(request))
		return;
	status = (*what == 'c' ? top_clients : top_domains)(request->service->warden, (uint32_t)count,
	                                                     request->now, request->out);
	if (status == -ENOMEM)
		fail(request, "out of memory");
}

void do_show(struct request *request)
{
	uint8_t client[16];

	if (client_take(request, client) && line_ends(request))
		show_client(request->service->warden, client, request->now, request->out);
}

void do_explain(struct request *request)
{
	uint8_t client[16];
	struct name name;

	if (words_are(request, 2) && client_take(request, client) && name_take(request, &name))
		explain_print(request->service->warden, client, &name, request->now, request->out);
}

void do_test(struct request *request)
{
	char error[FAULT_MAX];
	uint8_t client[16];
	struct name name;
	const char *word;
	uint16_t type;

	if (!words_are(request, 3) || !client_take(request, client) || !name_take(request, &name))
		return;
	word = word_take(request);
	if (!rrtype_from_text(&type, word))
		fail(request, "'%s' is not a type", word);
	else if (!rehearsed_print(request->service->warden, client, &name, type, request->now,
	                          request->out, error, sizeof(error)))
		fail(request, "%s", error);
}
