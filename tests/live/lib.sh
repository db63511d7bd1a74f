# SPDX-License-Identifier: BSD-3-Clause
# lib.sh - what the live tests share: a place of their own, questions, and checks.
#
#   . "$(dirname "$0")/lib.sh"
#   live_setup                      $state, $segment, a free port on 127.0.0.1
#   resolver_conf, resolver_warden  see scripts/resolver.sh
#   resolver_start || ...
#   check WHAT EXPECTED SEEN        ...
#   live_end                        exit status: 0 when every check held
#
# Clients are addresses of 127.0.0.0/8. Two threads, so that nothing is true of one thread only.
#
# Invariant: a test leaves nothing behind, processes, files or shared memory, however it ends.
set -eu

root=${root:-$(cd "$(dirname "$0")/../.." && pwd)}
. "$root/scripts/resolver.sh"

threads=2
checks=0
failed=0
# What a test has mounted, in a mount namespace of its own.
mounts=

live_end_any_way() {
	live_status=$?
	resolver_cleanup
	[ "$live_status" -eq 0 ] || [ ! -s "$state/unbound.log" ] || {
		say "--- what Unbound said:"
		tail -n 60 "$state/unbound.log"
	}
	for mount in $mounts; do umount -l "$mount" 2>/dev/null || true; done
	rm -rf "$state" "$segment" "$segment".*
}

# What whoever links the engine by hand names besides: words of the link editor's.
engine_libraries() { sed -n "s/^dependency_libs='\(.*\)'/\1/p" "$warden_build/libwarden.la"; }

# A test wants a few ports in a row, and they must be its own for as long as it lives: two Unbounds on one port do not
# fail, for it asks for SO_REUSEPORT, but share what comes there. So there are blocks of 16, with a lock each, which ends
# with the last process that has inherited it.
port_reserve() {
	port_locks=/tmp/warden-ports-$(id -u)
	mkdir -p -m 700 "$port_locks"
	port_block=$(($$ % 1250))
	for port_try in $(seq 1250); do
		port_block=$(((port_block + 1) % 1250))
		port=$((10000 + port_block * 16))
		exec 7>"$port_locks/$port_block"
		! flock -n 7 || port_taken || return 0
	done
	die "no free ports (tried $port_try blocks)"
}

# One folder and one port for this test.
live_setup() {
	state=$(mktemp -d)
	segment=$state/segment
	[ ! -w /dev/shm ] || segment=/dev/shm/${state##*/}
	trap live_end_any_way EXIT
	trap 'exit 1' INT TERM HUP
	port_reserve
}

live_end() {
	say "${0##*/}: $checks checks, $failed failed"
	[ "$checks" -gt 0 ] && [ "$failed" -eq 0 ] || exit 1
}

live_start() { resolver_start || die "Unbound did not start"; }

verdict() {
	checks=$((checks + 1))
	if [ "$1" = ok ]; then
		say "ok    $2"
	else
		failed=$((failed + 1))
		say "WRONG $2"
	fi
}

# check WHAT EXPECTED SEEN: equal.
check() {
	if [ "$2" = "$3" ]; then
		verdict ok "$1: $3"
	else
		verdict wrong "$1"
		say "      expected: $2"
		say "      seen:     $3"
	fi
}

# check_match WHAT PATTERN SEEN: some line of SEEN matches the extended regular expression.
check_match() {
	if printf '%s\n' "$3" | grep -Eq -- "$2"; then
		verdict ok "$1"
	else
		verdict wrong "$1"
		say "      expected: a line like $2"
		say "      seen:     $3"
	fi
}

# check_no_match WHAT PATTERN SEEN
check_no_match() {
	if printf '%s\n' "$3" | grep -Eq -- "$2"; then
		verdict wrong "$1"
		say "      expected: no line like $2"
		say "      seen:     $3"
	else
		verdict ok "$1"
	fi
}

# check_that WHAT COMMAND...: COMMAND succeeds.
check_that() {
	check_what=$1
	shift
	if "$@"; then verdict ok "$check_what"; else verdict wrong "$check_what ($*)"; fi
}

# check_range WHAT LOW HIGH SEEN: a number between the two, both included.
check_range() {
	if [ "${4:-x}" -ge "$2" ] 2>/dev/null && [ "$4" -le "$3" ]; then
		verdict ok "$1: $4 (from $2 to $3)"
	else
		verdict wrong "$1"
		say "      expected: from $2 to $3"
		say "      seen:     ${4:-nothing}"
	fi
}

# ask CLIENT NAME [TYPE [KDIG OPTIONS...]]: the whole answer as kdig prints it.
ask() {
	ask_client=$1
	ask_name=$2
	ask_type=${3:-A}
	shift "$(($# < 3 ? 2 : 3))"
	kdig "@$address" -p "$port" -b "$ask_client" +retry=0 +timeout=5 "$@" "$ask_name" "$ask_type" 2>&1 || true
}

# rcode_of ANSWER: NOERROR, REFUSED, ...; nothing without an answer.
rcode_of() { printf '%s\n' "$1" | sed -n 's/.*status: \([A-Z]*\);.*/\1/p' | head -n 1; }
ask_rcode() { rcode_of "$(ask "$@")"; }
# denied CLIENT NAME [TYPE]: "yes" when the answer has no records and says so, as REFUSED or truncated; else its
# response code. A cached answer is emptied as long as Unbound has not been told to refuse it.
denied() {
	denied_answer=$(ask "$1" "$2" "${3:-A}" +ignore)
	if printf "%s\n" "$denied_answer" | grep -q "ANSWER: 0;" &&
		printf "%s\n" "$denied_answer" | grep -Eq "status: REFUSED;|Flags:.* tc"; then
		say yes
	else
		rcode_of "$denied_answer"
	fi
}

# gist ANSWER: what matters of it in one line: response code, TC, how many records are in answer and
# authority, Extended DNS Error. "nothing" when none came.
gist() {
	printf '%s\n' "$1" | awk '
		match($0, /status: [A-Z]+;/) { code = substr($0, RSTART + 8, RLENGTH - 9) }
		/^;; Flags: / { if (/[ ]tc[ ;]/) tc = " TC" }
		match($0, /ANSWER: [0-9]+; AUTHORITY: [0-9]+/) {
			split(substr($0, RSTART, RLENGTH), part, /[:;] /)
			records = part[2] + part[4]
		}
		match($0, /EDE: [0-9]+ .*/) {
			ede = ede " " substr($0, RSTART, RLENGTH)
			sub(/ \([^)]*\)/, "", ede)
			gsub(/[:\047]/, "", ede)
		}
		END {
			if (code == "") print "nothing"
			else printf "%s%s %d records%s\n", code, tc, records, ede
		}'
}

# is_under_way NAME: Unbound works on it, in the one thread that `threads=1` leaves it.
is_under_way() { unbound_ctl dump_requestlist | grep -Fq " $1. "; }

# upstream PORT MILLISECONDS [SERVFAIL | TEXT-FILE]: a name server that is slow, or that fails.
upstream() {
	"$warden_build/tests/live/slow_upstream" "$address" "$@" >"$state/upstream.$1" 2>&1 &
	processes="$! $processes"
	wait_for 5 grep -q ready "$state/upstream.$1" || die "slow_upstream did not start"
}

# flood CLIENT FILE [DNSPERF OPTIONS...]: asks FILE once. Lines "sent N" and "completed N".
flood() {
	flood_client=$1
	flood_file=$2
	shift 2
	dnsperf -s "$address" -p "$port" -a "$flood_client" -d "$flood_file" -n 1 -t 5 "$@" 2>&1 |
		sed -n 's/.*Queries sent:[[:space:]]*\([0-9]*\).*/sent \1/p
			s/.*Queries completed:[[:space:]]*\([0-9]*\).*/completed \1/p'
}

# count_of CLIENT KEY: a number of that client from list_clients; 0 when it is not listed.
count_of() {
	warden_ctl list_clients | awk -v client="$1" -v key="$2=" '
		$1 == client { for (i = 2; i <= NF; i++) if (index($i, key) == 1) n = substr($i, length(key) + 1) }
		END { print n + 0 }'
}

# unbound_reload [COMMAND]: Unbound's own reload, or another such command. True once it serves again, and
# Warden's socket is the new one's: the old one's may answer for a while.
starts() { grep -c 'start of service' "$state/unbound.log" || true; }
has_restarted() { [ "$(starts)" -gt "$starts_before" ] && warden_ctl status; }
unbound_reload() {
	starts_before=$(starts)
	unbound_ctl "${1:-reload}" >/dev/null || true
	wait_for 20 has_restarted
}

has_hold() { warden_ctl list_holds | grep -Eq "^$1 $2 "; }

# settle: waits until Unbound's local zones have what was held and released so far. They take it in
# batches, one after the other: when a second hold is there, all of the first one's batch is.
settled=0
zone_is_there() { unbound_ctl list_local_zones | grep -q "^$1\. "; }
settle() {
	for settle_try in 1 2; do
		settled=$((settled + 1))
		warden_ctl hold 127.0.0.9 "settled-$settled.example" >/dev/null
		wait_for 5 zone_is_there "settled-$settled.example" || return 1
	done
}

# A name that nobody could have known: 48 hexadecimal digits below the tunnel's domain.
random_name() { printf '%s.t.example.org' "$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')"; }

# provoke CLIENT [KDIG OPTIONS...]: questions of a tunnel until Warden refuses one, or a limit.
# The name that was refused is $provoked; empty when none was.
provoke() {
	provoked=
	provoke_client=$1
	shift
	for provoke_try in $(seq 100); do
		provoke_name=$(random_name)
		if [ "$(ask_rcode "$provoke_client" "$provoke_name" TXT "$@")" = REFUSED ]; then
			provoked=$provoke_name
			return 0
		fi
	done
}
