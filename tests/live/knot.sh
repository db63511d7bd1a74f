# SPDX-License-Identifier: BSD-3-Clause
# knot.sh - Debian's Knot DNS as the primary of a zone that nodes share. Sourced by tests/live/primary and
# tests/live/fleet, after lib.sh; the caller has set $zone, $knot_address and $knot_port.
#
#   knot_key NAME [ALGORITHM]   a key in $state/NAME.key, as Knot's own tool writes it
#   knot_conf <<... ; knot_start ; knot_kill ; knot_start ...
#
# Nodes may write below their own name only; publishers into all of the zone. Answers of kdig and knsupdate are those
# of another implementation, so what they say of the zone is not ours.
#
# Invariant: Knot is ended by its process id, with everything else, by resolver_cleanup.

# A test of several resolvers changes $state.
knot_state=$state
servers_folder=$("$root/scripts/servers")
knotd=$servers_folder/usr/sbin/knotd
knotc=$servers_folder/usr/sbin/knotc
keymgr=$servers_folder/usr/sbin/keymgr

knot_key() {
	(umask 077 && "$keymgr" -t "$1" "${2:-hmac-sha256}" >"$knot_state/$1.key")
}

# The line for kdig -y and knsupdate.
key_line() { sed -n 's/^# //p' "$knot_state/$1.key"; }

# acl_node NAME: may have the zone, and write what is below NAME._warden.
acl_node() {
	cat <<-CONF
	  - id: $1-reads
	    key: $1
	    action: transfer
	  - id: $1-votes
	    key: $1
	    action: update
	    update-owner: name
	    update-owner-match: sub
	    update-owner-name: [ $1._warden ]
	CONF
}

# acl_publisher NAME: may write everything but the votes of others... which Knot cannot say, so everything.
acl_publisher() {
	cat <<-CONF
	  - id: $1-publishes
	    key: $1
	    action: [ transfer, update ]
	CONF
}

# acl_triggers NAME: besides what acl_node lets it, may write triggers, as publishers in contrib/fleet/knot.conf.
acl_triggers() {
	cat <<-CONF
	  - id: $1-triggers
	    key: $1
	    action: update
	    update-type: CNAME
	CONF
}

# knot_conf KEYS ACLS [ZONE OPTIONS]: writes knot.conf. ACLs themselves on standard input.
knot_conf() {
	mkdir -p "$knot_state/knot"
	{
		cat <<-CONF
		server:
		    rundir: "$knot_state/knot"
		    listen: [ $knot_address@$knot_port ]
		    background-workers: 1
		    udp-workers: 1
		    tcp-workers: 2
		    tcp-io-timeout: 5000
		log:
		  - target: stderr
		    any: info
		database:
		    storage: "$knot_state/knot"
		CONF
		echo "key:"
		for key in $1; do sed -n '/^  - id/,$p' "$knot_state/$key.key"; done
		echo "acl:"
		cat
		cat <<-CONF
		zone:
		  - domain: $zone
		    storage: "$knot_state/knot"
		    file: "zone"
		    zonefile-sync: 1h
		    acl: [ $2 ]
		CONF
		[ -z "${3:-}" ] || printf '    %s\n' "$3"
	} >"$knot_state/knot/knot.conf"
	[ -e "$knot_state/knot/zone" ] || cat >"$knot_state/knot/zone" <<-ZONE
	$zone. 60 IN SOA localhost. nobody.invalid. 1 3600 600 86400 60
	$zone. 60 IN NS localhost.
	ZONE
}

knot_is_up() { grep -q 'server started' "$knot_state/knot/log" && $within kdig "@$knot_address" -p "$knot_port" +tcp +retry=0 +timeout=1 "$zone" SOA >/dev/null 2>&1; }

knot_start() {
	: >"$knot_state/knot/log"
	# Unquoted: nsenter and its arguments.
	$within "$knotd" -c "$knot_state/knot/knot.conf" >"$knot_state/knot/log" 2>&1 &
	knot=$!
	processes="$knot $processes"
	wait_for 30 knot_is_up || die "Knot did not start: $(cat "$knot_state/knot/log")"
}

knot_kill() { stop "$knot" "${1:-KILL}"; }

# knot_zone KEY: the zone as Knot gives it to KEY, sorted, without its SOA records.
knot_zone() {
	$within kdig "@$knot_address" -p "$knot_port" -y "$(key_line "$1")" +noall +answer "$zone" AXFR |
		awk '$4 != "SOA" && NF && !/^;/ { $1 = tolower($1); print }' | LC_ALL=C sort
}
