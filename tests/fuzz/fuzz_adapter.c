/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_adapter - any packets through Unbound's own parser, and what the module makes of Unbound's structs.
 *
 *     how | time | question: length, octets | client | delegation | holes | message of a server ...
 *     255 | text for a view ...
 *
 * The message becomes a reply_info with packed record sets, by the code by which it does in the resolver;
 * some of its pointers are then taken away, as Unbound may leave them NULL. The engine gets an observation
 * that is read here octet by octet first: __wrap_warden_observe().
 */
#include "config.h"

#include <netinet/in.h>
#include <stdlib.h>

#include "iterator/iter_delegpt.h"
#include "services/localzone.h"
#include "services/mesh.h"
#include "services/view.h"
#include "sldns/rrdef.h"
#include "sldns/sbuffer.h"
#include "util/alloc.h"
#include "util/config_file.h"
#include "util/data/dname.h"
#include "util/data/msgencode.h"
#include "util/data/msgparse.h"
#include "util/data/msgreply.h"
#include "util/data/packed_rrset.h"
#include "util/log.h"
#include "util/netevent.h"
#include "util/regional.h"

#include "fuzz.h"
#include "fuzz_adapter.h"
#include "unbound/answered.h"
#include "unbound/delegation.h"
#include "unbound/purge.h"
#include "unbound/question.h"
#include "unbound/translate.h"
#include "unbound/view_text.h"
#include "unbound/waiting.h"

#define PACKET_MAX 4096

struct warden_decision __wrap_warden_observe(struct warden *warden, const struct warden_observation *obs);
struct warden_decision __real_warden_observe(struct warden *warden, const struct warden_observation *obs);

static volatile uint8_t sum; /* so that reading is not optimised away */

/* --- the observation ----------------------------------------------------------------------- */

static void look(const uint8_t *octet, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum = (uint8_t)(sum + octet[i]);
}

/* A whole name without compression, and nothing behind it. */
static bool is_name(const uint8_t *wire, size_t len)
{
	return len && len <= LDNS_MAX_DOMAINLEN && dname_valid((uint8_t *)(uintptr_t)wire, len) == len;
}

static void check_observation(const struct warden_observation *obs)
{
	must(obs->what && obs->path < WARDEN_PATH_COUNT && obs->transport < WARDEN_TRANSPORT_COUNT);
	look(obs->qname, obs->qname_len);
	must(is_name(obs->qname, obs->qname_len));
	must(obs->subnet_prefix <= 128);
	if (!(obs->what & WARDEN_ANSWER))
		return;
	must(obs->record_count <= TRANSLATE_RECORDS_MAX && (!obs->record_count || obs->records));
	/* Of a negative answer the start of authority is told, which is none of the answer section. */
	must(obs->record_count <= obs->answer_count || !obs->answer_count);
	for (uint32_t i = 0; i < obs->record_count; i++)
		look(obs->records[i].rdata, obs->records[i].rdata_len);
	must(obs->server_count <= DELEGATION_SERVERS_MAX && (!obs->server_count || obs->zone_len));
	must(!obs->zone_len || is_name(obs->zone, obs->zone_len));
	for (uint8_t i = 0; i < obs->server_count; i++)
		look(obs->servers[i].id, obs->servers[i].id_len);
}

struct warden_decision __wrap_warden_observe(struct warden *warden, const struct warden_observation *obs)
{
	check_observation(obs);
	return __real_warden_observe(warden, obs);
}

/* --- Unbound's structs --------------------------------------------------------------------- */

/* What is there for one input; all of it is in <region>, or on the stack. */
struct scene {
	struct regional *region;
	struct sldns_buffer *question, *message;
	struct comm_point point;
	struct mesh_reply client;
	struct edns_data edns;
	struct alloc_cache alloc;
	struct query_info qinfo, asked;
	struct reply_info *rep; /* in memory of its own, so that a sanitizer sees its ends */
	struct delegpt *delegation;
	struct timeval now;
};

/* A buffer in memory of its own size. */
static struct sldns_buffer *buffer_of(struct input *input, size_t most)
{
	const uint8_t *octets;
	size_t len = input_octets(input, most, &octets);
	struct sldns_buffer *buffer = sldns_buffer_new(len + !len);

	must(buffer != NULL);
	if (len)
		sldns_buffer_write(buffer, octets, len);
	sldns_buffer_flip(buffer);
	return buffer;
}

static void client_take(struct scene *scene, struct input *input)
{
	static const enum comm_point_type types[] = { comm_udp, comm_tcp, comm_http, comm_local };
	uint8_t how = input_octet(input);
	struct comm_reply *to = &scene->client.query_reply;
	struct sockaddr_in *in = (struct sockaddr_in *)&to->client_addr;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&to->client_addr;

	scene->point.type = types[how % 4];
	scene->point.ssl = how & 4 ? &scene->point : NULL;
	scene->point.buffer = how & 8 ? NULL : scene->question;
	to->c = &scene->point;
	to->is_proxied = (how & 16) != 0;
	in->sin_family = how & 32 ? AF_INET6 : how & 64 ? AF_UNIX : AF_INET;
	if (how & 32) {
		in6->sin6_port = htons(53);
		in6->sin6_addr.s6_addr[15] = input_octet(input);
	} else {
		in->sin_addr.s_addr = htonl(0xc0000200u + input_octet(input) % 8u);
	}
}

/* The question as Unbound would have parsed it, if it is one. */
static bool question_take(struct scene *scene)
{
	struct sldns_buffer *packet = scene->question;

	if (sldns_buffer_limit(packet) < LDNS_HEADER_SIZE || !query_info_parse(&scene->asked, packet))
		return false;
	scene->asked.qname = regional_alloc_init(scene->region, scene->asked.qname, scene->asked.qname_len);
	must(scene->asked.qname != NULL);
	memset(&scene->edns, 0, sizeof(scene->edns));
	if (parse_edns_from_query_pkt(packet, &scene->edns, NULL, NULL,
#ifdef LDNS_EXT_RCODE_BADCOOKIE
	                              NULL, scene->now.tv_sec, scene->region, NULL
#else
	                              scene->region
#endif
	                              ) != LDNS_RCODE_NOERROR)
		memset(&scene->edns, 0, sizeof(scene->edns));
	return true;
}

/* The reply that Unbound makes of the message, if it is one; else NULL. */
static void message_take(struct scene *scene)
{
	struct msg_parse *message = regional_alloc_zero(scene->region, sizeof(*message));

	must(message != NULL);
	memset(&scene->qinfo, 0, sizeof(scene->qinfo));
	scene->rep = NULL;
	if (sldns_buffer_limit(scene->message) < LDNS_HEADER_SIZE ||
	    parse_packet(scene->message, message, scene->region) != LDNS_RCODE_NOERROR ||
	    !parse_create_msg(scene->message, message, &scene->alloc, &scene->qinfo, &scene->rep, NULL))
		scene->rep = NULL;
}

/* What reply_info_parsedelete() needs to find as it was. */
struct whole {
	struct ub_packed_rrset_key **rrsets;
	struct ub_packed_rrset_key **key;
	void **data;
	size_t count;
};

static void whole_keep(struct whole *whole, const struct scene *scene)
{
	const struct reply_info *rep = scene->rep;

	*whole = (struct whole){ .count = rep ? rep->rrset_count : 0 };
	if (!whole->count)
		return;
	whole->rrsets = scene->rep->rrsets;
	whole->key = regional_alloc(scene->region, whole->count * sizeof(*whole->key));
	whole->data = regional_alloc(scene->region, whole->count * sizeof(*whole->data));
	must(whole->key && whole->data);
	for (size_t i = 0; i < whole->count; i++) {
		whole->key[i] = rep->rrsets[i];
		whole->data[i] = rep->rrsets[i]->entry.data;
	}
}

static void reply_free(struct scene *scene, const struct whole *whole)
{
	struct reply_info *rep = scene->rep;

	for (size_t i = 0; i < whole->count; i++) {
		rep->rrsets = whole->rrsets;
		rep->rrsets[i] = whole->key[i];
		rep->rrsets[i]->entry.data = whole->data[i];
	}
	if (rep)
		rep->rrset_count = whole->count;
	reply_info_parsedelete(rep, &scene->alloc);
	query_info_clear(&scene->qinfo);
}

/* Takes some of it away, or puts something there that Unbound itself would not. */
static void holes(struct reply_info *rep, uint8_t how)
{
	size_t which;

	if (!rep || !rep->rrset_count || !(how & 128))
		return;
	which = how / 32 % rep->rrset_count;
	if (how & 1)
		rep->an_numrrsets = how;
	else if (how & 2)
		rep->rrsets[which] = NULL;
	else if (how & 4)
		rep->rrsets[which]->entry.data = NULL;
	else if (how & 8)
		((struct packed_rrset_data *)rep->rrsets[which]->entry.data)->rr_len[0] = how % 3;
	else if (how & 16)
		((struct packed_rrset_data *)rep->rrsets[which]->entry.data)->ttl_add = how;
	else
		rep->rrsets = NULL;
}

static void delegation_take(struct scene *scene, struct input *input)
{
	uint8_t how = input_octet(input);
	struct sockaddr_storage address = { .ss_family = how & 1 ? AF_INET : AF_INET6 };
	const uint8_t *octets;

	scene->delegation = NULL;
	if (!(how & 128))
		return;
	scene->delegation = delegpt_create(scene->region);
	must(scene->delegation && delegpt_set_name(scene->delegation, scene->region, scene->asked.qname));
	for (unsigned i = 0; i < how % 32u; i++) {
		uint8_t name[LDNS_MAX_DOMAINLEN + 1] = { 0 };
		size_t len = input_octets(input, how / 32 + 2u, &octets);

		if (len < 2)
			break;
		memcpy(name, octets, len);
		if (dname_valid(name, sizeof(name)))
			must(delegpt_add_ns(scene->delegation, scene->region, name, octets[0] & 1, NULL, 53));
		memcpy((uint8_t *)&address + 4, octets, len);
		must(delegpt_add_addr(scene->delegation, scene->region, &address,
		                      how & 1 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6), 0,
		                      octets[1] & 1, NULL, 53, NULL));
	}
}

/* --- what the module does with them --------------------------------------------------------- */

static void answer(struct scene *scene, struct warden *warden, uint8_t how)
{
	static const enum inplace_cb_list_type types[] = { inplace_cb_reply, inplace_cb_reply_cache,
		                                           inplace_cb_reply_local, inplace_cb_reply_servfail };
	static struct purge purge;
	struct config_file configuration = { .prefetch = 1, .serve_expired = how & 1 };
	struct module_env env = { .cfg = &configuration, .now_tv = &scene->now };
	struct hook hook = { .warden = warden, .env = &env, .purge = &purge, .type = types[how / 4 % 4] };
	struct mesh_state mesh = { .reply_list = &scene->client };
	struct module_qstate qstate = { .env = &env, .region = scene->region, .qinfo = scene->asked, .mesh_info = &mesh };
	struct edns_option *options = NULL;
	struct question *question;
	bool waited = hook.type == inplace_cb_reply;

	memset(&purge, 0, sizeof(purge));
	if (waited) {
		question = waiting_of(&qstate, 0);
		must(question != NULL);
		question->delegation = scene->delegation;
		question->told = how & 16 ? &scene->client : NULL;
		question->judged = how & 32;
		question->joined = how & 64 ? &scene->client : NULL;
	}
	must(answered_call(how & 2 && !waited ? NULL : &scene->asked, waited ? &qstate : NULL, scene->rep,
	                   how & 128 ? LDNS_RCODE_SERVFAIL : 0, &scene->edns, &options,
	                   &scene->client.query_reply, scene->region, &scene->now, 0, &hook) == 1);
	for (; options; options = options->next)
		look(options->opt_data, options->opt_len);
}

/* --- the view ------------------------------------------------------------------------------ */

/* Every line of the text is there as a record of one string. */
static void check_page(struct views *views, size_t lines)
{
	static uint8_t zone_name[] = "\5stats\6warden";
	struct view *view = views_find_view(views, "warden", 0);
	struct local_zone *zone;
	struct local_data *apex;
	const struct packed_rrset_data *data;

	must(view && view->local_zones);
	zone = local_zones_find(view->local_zones, zone_name, sizeof(zone_name), 3, LDNS_RR_CLASS_IN);
	must(zone != NULL);
	apex = local_zone_find_data(zone, zone->name, zone->namelen, zone->namelabs);
	must(apex && apex->rrsets);
	data = apex->rrsets->rrset->entry.data;
	must(data->count == (lines < VIEW_TEXT_LINES ? lines : VIEW_TEXT_LINES));
	for (size_t i = 0; i < data->count; i++) {
		must(data->rr_len[i] >= 3 && data->rr_len[i] <= 3 + 255);
		must(sldns_read_uint16(data->rr_data[i]) == data->rr_len[i] - 2);
		must(data->rr_data[i][2] == data->rr_len[i] - 3);
		look(data->rr_data[i], data->rr_len[i]);
	}
	lock_rw_unlock(&view->lock);
}

static size_t lines_of(const char *text, size_t len)
{
	size_t lines = 0;

	len = len < VIEW_TEXT_MAX ? len : VIEW_TEXT_MAX;
	for (size_t i = 0; i < len; i++)
		lines += text[i] == '\n' || i + 1 == len;
	return lines;
}

static void show(struct input *input)
{
	struct views *views = views_create();
	const uint8_t *octets;
	size_t len = input_octets(input, PACKET_MAX, &octets);
	char *text = (char *)copy_of(octets, len);

	must(views != NULL);
	for (unsigned i = 0; i < 2; i++) {
		must(view_text_show(views, "warden", text, len / (i + 1)) == VIEW_TEXT_DONE);
		check_page(views, lines_of(text, len / (i + 1)));
	}
	must(view_text_hide(views, "warden") == VIEW_TEXT_DONE);
	must(view_text_show(views, "warden", text, len) == VIEW_TEXT_DONE);
	free(text);
	views_delete(views);
}

/* ------------------------------------------------------------------------------------------- */

static void act(struct input *input, uint8_t how)
{
	struct scene scene = { .now = { .tv_sec = 1790000000 } };
	struct warden *warden = adapter_engine(how);
	struct whole whole;
	uint8_t hole;

	alloc_init(&scene.alloc, NULL, 0);
	scene.region = regional_create();
	must(scene.region != NULL);
	scene.now.tv_sec += (int16_t)input_number(input, 2);
	scene.question = buffer_of(input, input_octet(input));
	client_take(&scene, input);
	if (question_take(&scene)) {
		delegation_take(&scene, input);
		hole = input_octet(input);
		scene.message = buffer_of(input, PACKET_MAX);
		message_take(&scene);
		whole_keep(&whole, &scene);
		holes(scene.rep, hole);
		for (unsigned i = 0; i < 3; i++)
			answer(&scene, warden, (uint8_t)(how ^ i * 4));
		adapter_check(warden);
		reply_free(&scene, &whole);
		sldns_buffer_free(scene.message);
	}
	sldns_buffer_free(scene.question);
	alloc_clear(&scene.alloc);
	regional_destroy(scene.region);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	uint8_t how = input_octet(&input);

	log_init(NULL, 0, NULL);
	verbosity = 0;
	if (how == 255)
		show(&input);
	else
		act(&input, how);
	return 0;
}
