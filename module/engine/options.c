/* SPDX-License-Identifier: BSD-3-Clause */
/* options - the rows of the clauses, but for what is a detector's own, and what `profile:` of `warden:` means.
 *
 * Parser, check, example configuration and manual are walks over these rows, in
 * this order. The rows of a detector stand in its own file.
 */
#include "base/clock.h"
#include "engine/config.h"

static const char *const mode_words[] = { "observe", "enforce", NULL };
static const char *const format_words[] = { "ecs", "ocsf", NULL };
/* Their numbers are in service/output_datagram.c. */
static const char *const syslog_words[] = { "no", "user", "daemon", "auth", "authpriv", "local0", "local1", "local2",
                                            "local3", "local4", "local5", "local6", "local7", NULL };
static const char *const privacy_words[] = { "full", "truncate", "pseudonym", NULL };
static const char *const domain_of_pair_words[] = { "no", "rare", "yes", NULL };
static const char *const fleet_confidence_words[] = { "low", "medium", "high", NULL };
static const char *const profile_words[] = { "small", "normal", "large", NULL };
static const char *const profile_mode_words[] = { "observe", "enforce", "inherit", NULL };

/* A table keeps all keys as long as two thirds of its slots are taken; from then on more and more
 * newcomers take another's. So large has 1.4 slots for each of a million clients and four million pairs: one of
 * 100,000 then has none.
 */
const struct segment_sizes profile_sizes[PROFILE_COUNT] = {
	[PROFILE_SMALL] = { .clients = 4096, .pairs = 8192, .domains = 8192, .delegations = 2048,
	                    .holds = 1024, .journal = 1024, .outbox = 256, .elsewhere = 256,
	                    .filter_blocks = { 32768, 4096, 512, 8192 } },
	[PROFILE_NORMAL] = { .clients = 65536, .pairs = 262144, .domains = 262144, .delegations = 65536,
	                     .holds = 16384, .journal = 4096, .outbox = 1024, .elsewhere = 4096,
	                     .filter_blocks = { 262144, 32768, 8192, 131072 } },
	[PROFILE_LARGE] = { .clients = 1400000, .pairs = 5600000, .domains = 4194304,
	                    .delegations = 1048576, .holds = 65536, .journal = 16384, .outbox = 4096,
	                    .elsewhere = 16384,
	                    .filter_blocks = { 2097152, 262144, 65536, 1048576 } },
};

const struct option settings_options[] = {
	OPTION_CHOICE(struct settings, mode, "mode", mode_words, MODE_OBSERVE,
	              "observe counts, judges and reports, but refuses nothing: events say dry_run. "
	              "enforce refuses. A client-profile: may have a mode of its own."),
	OPTION_TEXT(struct settings, shared_memory, "shared-memory", "/dev/shm/unbound-warden",
	            "File of the shared memory segment, on a tmpfs. It survives reload, restart and "
	            "kill -9; tools read it without asking the resolver."),
	OPTION_TEXT(struct settings, snapshot_file, "snapshot-file", "/var/lib/unbound/warden/snapshot",
	            "Copy of the segment on disk, read when the segment is gone (after a reboot). "
	            "\"\" writes none."),
	OPTION_NUMBER(struct settings, snapshot_interval, "snapshot-interval", OPT_TIME, 5 * MINUTE,
	              SECOND, DAY, "How often the snapshot is written; also at stop."),
	OPTION_CHOICE(struct settings, profile, "profile", profile_words, PROFILE_NORMAL,
	              "Size of the tables in the segment: small for an office, normal for a company, "
	              "large for a provider. unbound-warden check prints the memory."),
	OPTION_NUMBER(struct settings, client_prefix_v4, "client-prefix-v4", OPT_COUNT, 32, 8, 32,
	              "Leading bits of an IPv4 address that make a client."),
	OPTION_NUMBER(struct settings, client_prefix_v6, "client-prefix-v6", OPT_COUNT, 64, 16, 128,
	              "Leading bits of an IPv6 address that make a client."),
	OPTION_LIST(struct settings, allow_client, "allow-client", "192.0.2.0/24",
	            "Address or prefix whose questions no detector looks at. May be repeated."),
	OPTION_LIST(struct settings, allow_domain, "allow-domain", "\"example.org\"",
	            "Domain that no detector looks at, with all names below it. May be repeated."),
	OPTION_LIST(struct settings, allow_list, "allow-list", "\"/etc/unbound/warden.d/allow.list\"",
	            "File of such domains, in any of the formats of list: below. A bad line is named, "
	            "skipped and counted. A relative path begins at the folder of this file. May be "
	            "repeated."),
	OPTION_LIST(struct settings, local_domain, "local-domain", "\"corp.example\"",
	            "Domain that counts as a public suffix: each name directly below it is a domain "
	            "of its own. May be repeated."),
	OPTION_TEXT(struct settings, event_file, "event-file", "/var/lib/unbound/warden/events.json",
	            "Events, one JSON object a line (Elastic Common Schema). Reopened when it is moved "
	            "away. \"\" writes none."),
	OPTION_CHOICE(struct settings, event_format, "event-format", format_words, FORMAT_ECS,
	              "What the JSON of event-file, event-syslog and event-socket is in: Elastic Common Schema, or "
	              "ocsf, the Open Cybersecurity Schema Framework, as DNS Activity. unbound-warden report reads "
	              "ecs only."),
	OPTION_CHOICE(struct settings, event_syslog, "event-syslog", syslog_words, SYSLOG_NO,
	              "Facility of syslog that events go to as well, as JSON behind @cee:; no: none go there."),
	OPTION_TEXT(struct settings, event_syslog_socket, "event-syslog-socket", "/dev/log",
	            "Socket of the local syslog, as Unbound sees it where it has a chroot."),
	OPTION_TEXT(struct settings, event_socket, "event-socket", "",
	            "Unix datagram socket of a collector that gets each event as a datagram of JSON, without a "
	            "newline. What it cannot take waits, up to 256 kilobytes, and is lost beyond. \"\": none."),
	OPTION_TEXT(struct settings, event_dnstap, "event-dnstap", "",
	            "Unix stream socket of a reader of dnstap, as fstrm_capture has it. It gets each event as a "
	            "message with the question and a policy: type warden, rule the detector, and what was done. "
	            "What it cannot take waits likewise. \"\": none."),
	OPTION_CHOICE(struct settings, client_privacy, "client-privacy", privacy_words, PRIVACY_FULL,
	              "What events and metrics tell of a client's address: all of it (full); the network it is in, "
	              "as long as the two options below say (truncate); or another address in its place, always the "
	              "same one, which unbound-warden reveal turns back with the key (pseudonym). The control socket, "
	              "show and top tell the address itself, and so does a name that has it in it."),
	OPTION_NUMBER(struct settings, client_privacy_prefix_v4, "client-privacy-prefix-v4", OPT_COUNT, 24, 0, 32,
	              "Leading bits that truncate leaves of an IPv4 address."),
	OPTION_NUMBER(struct settings, client_privacy_prefix_v6, "client-privacy-prefix-v6", OPT_COUNT, 48, 0, 128,
	              "Leading bits that truncate leaves of an IPv6 address."),
	OPTION_TEXT(struct settings, client_privacy_key_file, "client-privacy-key-file", "",
	            "Key of pseudonym: 32 hexadecimal digits in a file that nobody else may read, as openssl rand "
	            "-hex 16 makes them. Who has it knows every client; with another one, every client has another "
	            "pseudonym."),
	OPTION_NUMBER(struct settings, log_period, "log-period", OPT_TIME, 10 * MINUTE, SECOND, DAY,
	              "At most one event in this time for the same detector, subject and verdict."),
	OPTION_TEXT(struct settings, control_socket, "control-socket",
	            "/var/lib/unbound/warden/warden.ctl",
	            "Unix socket for unbound-control -s. \"\" opens none."),
	OPTION_NUMBER(struct settings, warn_score, "warn-score", OPT_COUNT, 70, 0, 100,
	              "Risk score of a pair or a client, the sum of what the detectors' opinions add, from "
	              "which it is tagged. 0: never."),
	OPTION_NUMBER(struct settings, refuse_score, "refuse-score", OPT_COUNT, 100, 0, 100,
	              "Risk score of a pair from which it is refused. 0: never."),
	OPTION_TEXT(struct settings, asn_database, "asn-database", "",
	            "MaxMind database (.mmdb) of autonomous systems, for the places of answers. \"\": none. "
	            "A file that is not there is said once and done without. To replace it, rename the new one "
	            "over it, as geoipupdate does: it is mapped, and one that is cut short under a process ends it."),
	OPTION_TEXT(struct settings, country_database, "country-database", "",
	            "MaxMind database (.mmdb) of countries, likewise."),
	OPTION_SWITCH(struct settings, ede, "ede", 1,
	              "Whether refusals carry an Extended DNS Error (RFC 8914) that names the detector, "
	              "for clients that sent EDNS."),
	OPTION_SWITCH(struct settings, tag_ede, "tag-ede", 1,
	              "In mode enforce, whether answers whose verdict is tag carry an Extended DNS Error, too: "
	              "0, Other, with the detector's name."),
	OPTION_NUMBER(struct settings, hold_max, "hold-max", OPT_TIME, DAY, SECOND, 30 * DAY,
	              "Who is held again within a day after a hold's end is held twice as long as before, "
	              "up to this. A detector's own hold: that is longer stays as it is."),
	OPTION_LIST(struct settings, never_hold, "never-hold", "192.0.2.0/24",
	            "Address or prefix of clients that no detector denies anything: their verdicts are at most "
	            "tag. What an operator holds by hand is held. May be repeated."),
	OPTION_TEXT(struct settings, max_held_clients, "max-held-clients", "10%",
	            "How many clients detectors may hold at once, a number, or a share of those that are known "
	            "but never less than 10. When it is more, something else is wrong: Warden goes to mode observe "
	            "and says so, until set_mode or reload. 0: no limit, as where forged packets can come in: "
	            "they could bring that about."),
	OPTION_SWITCH(struct settings, trust_udp, "trust-udp", 0,
	              "Whether an address is believed to be a client's because a UDP packet says so: yes where "
	              "no forged packet can come in. A detector holds a client as a whole (scope: client) only "
	              "when all it asked in the last day proved its address: by TCP, TLS, HTTPS, a DNS cookie or "
	              "PROXYv2. Otherwise the pair is held."),
	OPTION_LIST(struct settings, forwarder, "forwarder", "192.0.2.53",
	            "Address or prefix of forwarders whose EDNS Client Subnet (RFC 7871) is believed: the subnet "
	            "is the client then, as far as it is told. May be repeated."),
	OPTION_TEXT(struct settings, stats_view, "stats-view", "",
	            "View of Unbound in which the totals stand as TXT records, renewed every 10 seconds: "
	            "unbound-control view_list_local_data NAME. Made when there is none. \"\": none."),
	OPTION_TEXT(struct settings, stats_proxy, "stats-proxy", "",
	            "Unbound's own control socket (a path). stats and stats_noreset on Warden's socket then "
	            "print Unbound's keys first, so that a collector of these sees both. \"\": none."),
	OPTION_TEXT(struct settings, fleet_node, "fleet-node", "",
	            "Name of this node among those that share verdicts: letters, digits and hyphens, at most 32. "
	            "\"\": the host's name up to its first dot."),
	OPTION_TEXT(struct settings, fleet_zone, "fleet-zone", "",
	            "Response policy zone in which the nodes share what they hold. \"\": nothing is shared."),
	OPTION_TEXT(struct settings, fleet_primary, "fleet-primary", "",
	            "Address of the zone's primary, with @port where that is not 53. It must take dynamic updates "
	            "(RFC 2136) and give transfers with the key of fleet-key-file."),
	OPTION_TEXT(struct settings, fleet_key_file, "fleet-key-file", "",
	            "TSIG key of this node (RFC 8945) in a file that nobody else may read, as keymgr -t and "
	            "tsig-keygen write it, or as algorithm:name:secret. Each node should have its own."),
	OPTION_NUMBER(struct settings, fleet_poll, "fleet-poll", OPT_TIME, SECOND, 100, HOUR,
	              "How often the primary is asked whether the zone has changed."),
	OPTION_CHOICE(struct settings, fleet_confidence, "fleet-confidence", fleet_confidence_words, FLEET_HIGH,
	              "Weakest confidence of a verdict that is shared. What operators hold by hand always is."),
	OPTION_NUMBER(struct settings, fleet_min_nodes, "fleet-min-nodes", OPT_COUNT, 1, 1, 1000,
	              "So many nodes must hold the same for this one to do so as well, and to publish it. With "
	              "2 or more, one node alone can deny nobody anything anywhere else."),
	OPTION_SWITCH(struct settings, fleet_publish, "fleet-publish", 1,
	              "Whether this node writes into the zone what plain subscribers act upon, also for other nodes "
	              "where fleet-min-nodes agree. No: it only votes, and its key needs no more than its own names."),
	OPTION_SWITCH(struct settings, fleet_clients, "fleet-clients", 0,
	              "Whether clients that are held as a whole are published, too: every subscriber then denies them "
	              "everything."),
	OPTION_NUMBER(struct settings, fleet_rate, "fleet-rate", OPT_COUNT, 60, 1, 100000,
	              "How many new verdicts a minute are shared, and taken from each other node. More wait."),
	OPTION_NUMBER(struct settings, fleet_limit, "fleet-limit", OPT_COUNT, 1000, 1, 65536,
	              "How many verdicts of one node may be in force here at a time. More are not taken."),
	OPTION_NUMBER(struct settings, fleet_hold_max, "fleet-hold-max", OPT_TIME, DAY, SECOND, 30 * DAY,
	              "For how long at most a verdict of another node is taken over, whatever it says."),
	OPTION_LIST(struct settings, fleet_never, "fleet-never", "\"example.org\"",
	            "Domain, with all names below it, or address or prefix of clients, that other nodes can deny nothing; "
	            "nor is it published. What allow-client, allow-domain, allow-list and never-hold say holds anyway. "
	            "May be repeated."),
	OPTION_TEXT(struct settings, fleet_redis, "fleet-redis", "",
	            "Redis in which the nodes add up what clients tell domains through any of them: an address, with "
	            "@port where that is not 6379, or the path of a socket. \"\": each counts for itself."),
	OPTION_TEXT(struct settings, fleet_redis_password_file, "fleet-redis-password-file", "",
	            "File with the password of fleet-redis, which nobody else may read. It is also the key under "
	            "which names and clients stand there. \"\": none."),
	OPTION_NUMBER(struct settings, fleet_redis_interval, "fleet-redis-interval", OPT_TIME, 5 * SECOND, 100, MINUTE,
	              "How often that is done."),
	OPTION_NUMBER(struct settings, fleet_count_from, "fleet-count-from", OPT_SIZE, 32, 1, 1048576,
	              "Octets of information that a client must have told a domain, or rare domains together, through "
	              "this node before that is added up; of all clients together and a domain, eight times as many."),
	OPTION_TEXT(struct settings, tap_socket, "tap-socket", "/var/lib/unbound/warden/dnstap.sock",
	            "Of wardend alone: Unix stream socket on which it waits for resolvers that write dnstap."),
	OPTION_TEXT(struct settings, tap_control, "tap-control", "",
	            "Of wardend alone: Unbound's own control socket (a path), through which domains are refused by "
	            "local_zone. \"\": only what fleet-zone publishes is denied."),
	OPTION_CHOICE(struct settings, domain_of_pair, "domain-of-pair", domain_of_pair_words, DOMAIN_OF_PAIR_RARE,
	              "Whether a verdict about a client and a domain becomes one about the domain where nothing else "
	              "can be said: in the response policy zone of fleet-zone, and behind a resolver that has no module "
	              "(wardend). rare: when fewer than three clients ask for the domain, as for a tunnel's own."),
	OPTION_SWITCH(struct settings, inspect_every_client, "inspect-every-client", 0,
	              "Whether every client's question gets a look-up of its own inside Unbound, so that "
	              "one who is refused cannot wait for another's answer to the same question. Costs "
	              "a place in Unbound's request list per waiting client; upstream packets stay the "
	              "same."),
	OPTION_SWITCH(struct settings, fold_case, "fold-case", 1,
	              "In mode enforce, names go upstream in lower case: how a client spells a name tells "
	              "nothing then. Each client gets its own spelling back, and what is allowed keeps its "
	              "case: few protocols need theirs, and those have to be allowed. Without it, mixed "
	              "case is charged as information, except to clients that always use it (0x20)."),
	OPTION_END
};

static_assert(sizeof(settings_options) / sizeof(*settings_options) <= SETTINGS_MAX, "raise SETTINGS_MAX");

const struct option detector_clause_options[] = {
	{ .key = "name", .type = OPT_TEXT, .offset = offsetof(struct detector_settings, name),
	  .preset_text = "", .example = "\"information\"",
	  .help = "The detector. Several clauses may be about the same one." },
	{ .key = "profile", .type = OPT_TEXT, .offset = offsetof(struct detector_settings, profile),
	  .preset_text = "", .example = "\"guests\"",
	  .help = "A client-profile: the options of this clause then hold for its clients only. What the clause does "
	          "not say is as for everybody, wherever in the file that stands. A list in it takes the place of "
	          "the one for everybody." },
	OPTION_END
};

const struct option profile_options[] = {
	{ .key = "name", .type = OPT_TEXT, .offset = offsetof(struct profile_settings, name),
	  .preset_text = "", .example = "\"guests\"",
	  .help = "What profile: in a detector: clause calls it: letters, digits, dots, hyphens and underscores, at "
	          "most 24." },
	OPTION_LIST(struct profile_settings, clients, "client", "198.51.100.0/24",
	            "Address or prefix of clients that have this profile. Of several, also of other profiles, the "
	            "most specific holds. None may be narrower than what client-prefix-v4 and client-prefix-v6 make "
	            "a client. May be repeated."),
	{ .key = "mode", .type = OPT_CHOICE, .offset = offsetof(struct profile_settings, mode),
	  .choices = profile_mode_words, .preset = PROFILE_MODE_INHERIT, .example = "enforce",
	  .help = "The mode for these clients, so that one network can be enforced first. inherit, the default, is "
	          "the mode of warden:." },
	OPTION_END
};

const struct option list_options[] = {
	{ .key = "name", .type = OPT_TEXT, .offset = offsetof(struct list_settings, name),
	  .preset_text = "", .example = "\"oast\"",
	  .help = "What events call the list: letters, digits, dots, hyphens and underscores, at most 24." },
	OPTION_LIST(struct list_settings, files, "file", "\"/etc/unbound/warden.d/oast.list\"",
	            "File of domains, each with all names below it: one a line and a note behind it, a "
	            "hosts file, an RPZ zone, a MISP warning list (JSON) or a Splunk look-up (CSV); which, "
	            "its content tells. A bad line is named, skipped and counted. A relative path begins at "
	            "the folder of this file. May be repeated."),
	OPTION_CHOICE(struct list_settings, action, "action", action_words, ACTION_LOG,
	              "What happens to questions for these names: log also for canaries that nobody should "
	              "ask for. Of several lists with the same name, the strongest action holds."),
	OPTION_END
};
