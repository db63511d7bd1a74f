# SPDX-License-Identifier: BSD-3-Clause
# resolver.sh - one Unbound with Warden in it: its files, start, stop, and questions to it.
# Sourced by scripts/run, scripts/demo and tests/live/lib.sh.
#
#   $state/                everything that this Unbound writes
#     unbound.conf         resolver_conf
#     warden.conf          resolver_warden
#     unbound.log          what it said
#     warden.ctl           Warden's control socket (stock unbound-control)
#     events.json snapshot
#   $segment               the shared memory
#
# The zone example.net is served from a file, and so is a root zone in which nothing else exists:
# no question ever leaves the host. Names under t.example.org all have answers, so that a
# tunnel's questions are plausible without a server.
#
# Invariant: only processes that were started here are ended, by their process ids, and every
# wait has a limit.

# The caller has set $root, the top of the source tree.
version=${UNBOUND_VERSION:-1.17.1}
unbound_tree=${UNBOUND_TREE:-$root/build/unbound-$version}
warden_build=${WARDEN_BUILD:-$root/build/warden-$version}
warden_so=${WARDEN_SO:-$warden_build/.libs/warden.so}

address=127.0.0.1
port=5353
threads=1
# What a process of ours is started through: a network namespace, or nothing.
within=
# What Unbound alone is started through: `env` and settings, or nothing (tests/live/sanitized).
unbound_under=${UNBOUND_UNDER:-}
# Process ids, newest first, ended by resolver_cleanup.
processes=

say() { printf '%s\n' "$*"; }
die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# wait_for SECONDS COMMAND...: true as soon as COMMAND is, false when the time is over; WARDEN_PATIENCE times as long
# where that is set. No promise is checked by it: a test that promises a time measures it.
# COMMAND may wait itself.
wait_for() {
	set -- "$(($(date +%s) + $1 * ${WARDEN_PATIENCE:-1}))" "$@"
	until wait_try "$@"; do
		[ "$(date +%s)" -lt "$1" ] || return 1
		sleep 0.1
	done
}
wait_try() {
	shift 2
	"$@" >/dev/null 2>&1
}

# A process that ended and was not waited for yet is gone, too.
gone() { [ ! -e "/proc/$1" ] || grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null; }

# stop PID [SIGNAL]: ends a process of ours and reaps it.
stop() {
	kill "-${2:-TERM}" "$1" 2>/dev/null || true
	wait_for 10 gone "$1" || kill -KILL "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
	processes=$(for pid in $processes; do [ "$pid" = "$1" ] || printf '%s ' "$pid"; done)
}

resolver_cleanup() {
	for pid in $processes; do stop "$pid"; done
}

# port_taken: somebody listens on $address $port already, or on the same port of all addresses.
port_taken() {
	ss -Hlnut "sport = :$port" | awk '{ print $5 }' |
		grep -Eq "^($(printf '%s' "$address" | sed 's/\./\\./g')|0\.0\.0\.0|\*|\[::\])(%[a-z0-9]+)?:$port\$"
}

# The embedded zones. h1 ... h2000 are plenty of ordinary names to ask for.
resolver_zones() {
	{
		say "example.net. 3600 IN SOA ns.example.net. hostmaster.example.net. 1 3600 600 86400 300"
		say "example.net. 3600 IN NS ns.example.net."
		say "ns.example.net. 3600 IN A 192.0.2.53"
		say "www.example.net. 3600 IN A 192.0.2.80"
		say "www.example.net. 3600 IN AAAA 2001:db8::80"
		say "mail.example.net. 3600 IN A 192.0.2.25"
		say "example.net. 3600 IN MX 10 mail.example.net."
		say "shop.example.net. 3600 IN CNAME www.example.net."
		awk 'BEGIN { for (i = 1; i <= 2000; i++)
			printf "h%d.example.net. 3600 IN A 192.0.2.%d\n", i, i % 250 + 1 }'
	} >"$state/example.net.zone"
	{
		say "t.example.org. 3600 IN SOA t.example.org. hostmaster.t.example.org. 1 3600 600 86400 300"
		say "t.example.org. 3600 IN NS t.example.org."
		say "t.example.org. 3600 IN A 192.0.2.99"
		say "*.t.example.org. 60 IN A 192.0.2.99"
		say "*.t.example.org. 60 IN TXT \"ok\""
		say "*.t.example.org. 60 IN NULL \\# 2 6f6b"
	} >"$state/t.example.org.zone"
	{
		say ". 3600 IN SOA a.root.example. hostmaster.root.example. 1 3600 600 86400 300"
		say ". 3600 IN NS a.root.example."
	} >"$state/root.zone"
}

# resolver_conf: writes unbound.conf and the zones. More of it, clauses included, on standard input.
resolver_conf() {
	mkdir -p "$state"
	resolver_zones
	{
		cat <<CONF
server:
	directory: "$state"
	chroot: ""
	username: ""
	pidfile: ""
	use-syslog: no
	logfile: ""
	do-daemonize: no
	verbosity: 1
	num-threads: $threads
	interface: $address
	port: $port
	access-control: 127.0.0.0/8 allow
	access-control: 192.0.2.0/24 allow
	do-not-query-localhost: no
	root-hints: ""
	module-config: "dynlib validator iterator"
dynlib:
	dynlib-file: "$warden_so"
	dynlib-file: "$state/warden.conf"
remote-control:
	control-enable: yes
	control-interface: "$state/unbound.ctl"
auth-zone:
	name: "."
	zonefile: "$state/root.zone"
	for-upstream: yes
	for-downstream: no
	fallback-enabled: no
auth-zone:
	name: "example.net"
	zonefile: "$state/example.net.zone"
	for-upstream: yes
	for-downstream: no
	fallback-enabled: no
CONF
		cat
	} >"$state/unbound.conf"
}

# The tunnel's domain, answered from a file: more for the standard input of resolver_conf.
conf_tunnel_zone() {
	cat <<CONF
auth-zone:
	name: "t.example.org"
	zonefile: "$state/t.example.org.zone"
	for-upstream: yes
	for-downstream: no
	fallback-enabled: no
CONF
}

# resolver_warden MODE: writes warden.conf. More of it on standard input: options of the clause
# `warden:` first, then other clauses.
resolver_warden() {
	{
		cat <<CONF
warden:
	mode: $1
	profile: small
	shared-memory: "$segment"
	snapshot-file: "$state/snapshot"
	control-socket: "$state/warden.ctl"
	event-file: "$state/events.json"
CONF
		cat
	} >"$state/warden.conf"
	# The shipped lists, where the defaults look for them.
	mkdir -p "$state/warden.d"
	cp "$root"/conf/*.list "$state/warden.d/"
}

resolver_is_up() { grep -q 'start of service' "$state/unbound.log" && [ -S "$state/warden.ctl" ]; }
resolver_up_or_gone() { resolver_is_up || gone "$resolver"; }

# Starts Unbound; its process id is $resolver. False when it did not come up.
resolver_start() {
	: >"$state/unbound.log"
	rm -f "$state/warden.ctl"
	# Unquoted: words.
	$within $unbound_under "$unbound_tree/unbound" -d -c "$state/unbound.conf" >>"$state/unbound.log" 2>&1 &
	resolver=$!
	processes="$resolver $processes"
	wait_for 20 resolver_up_or_gone && resolver_is_up
}

resolver_stop() { stop "$resolver" "${1:-TERM}"; }

# Stock unbound-control, to Unbound and to Warden.
unbound_ctl() { "$unbound_tree/unbound-control" -c "$state/unbound.conf" "$@"; }
warden_ctl() { unbound_ctl -s "$state/warden.ctl" "$@"; }

# stat_of KEY: one number of Warden's statistics.
stat_of() { warden_ctl stats_noreset | sed -n "s/^$(printf '%s' "$1" | sed 's/\./\\./g')=//p"; }
