# SPDX-License-Identifier: BSD-3-Clause
# networks.sh - two networks and a wire, for real tunnel tools; and iodine's server in one of them.
# Sourced by scripts/demo and tests/live/tools, after scripts/resolver.sh.
#
#   +- clients' network ------+            +- servers' network ---------------+
#   | the tool    $client     | -- veth -- | Unbound + Warden   192.0.2.1 :53 |
#   | drill                   |            | the tool's server  192.0.2.2 :53 |
#   +-------------------------+            |   (knows t.example.org)          |
#                                          +----------------------------------+
#
#   networks                 makes both; then $within, $address and $port say where Unbound is
#   networks_here            the same where our own network is new (unshare --net) and is the servers'
#   client_is 192.0.2.101    gives the clients' network its address
#   start_iodined            says $state/iodined.log
#   conf_tunnel_server | resolver_conf
#   resolver_start
#   on_clients COMMAND...    on_servers COMMAND...
#
# Invariant: both networks are held by processes of ours and by nothing else: they are gone
# when resolver_cleanup has ended everything that runs in them.

own_network() { [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }

# new_network: a process that holds a new namespace; its id is $network.
new_network() {
	unshare --net sleep "${network_seconds:-600}" &
	network=$!
	processes="$network $processes"
	wait_for 5 own_network "$network" || die "no network namespace can be made here"
}

on_servers() { nsenter -t "$servers" -n "$@"; }
on_clients() { nsenter -t "$clients" -n "$@"; }

networks() {
	new_network
	servers=$network
	connect_networks
	within="nsenter -t $servers -n"
}

networks_here() {
	servers=$$
	connect_networks
}

connect_networks() {
	new_network
	clients=$network
	[ -c /dev/net/tun ] || { mkdir -p /dev/net && mknod /dev/net/tun c 10 200; }
	on_servers ip link add wire type veth peer name wire netns "$clients"
	on_servers ip link set lo up
	on_clients ip link set lo up
	on_servers ip address add 192.0.2.1/24 dev wire
	on_servers ip address add 192.0.2.2/24 dev wire
	on_servers ip link set wire up
	on_clients ip link set wire up
	address=192.0.2.1
	port=53
}

# client_is ADDRESS: from now on the clients' network has this address.
client_is() {
	on_clients ip address flush dev wire
	on_clients ip address add "$1/24" dev wire
}

# Unbound asks the tool's server for the tunnel's domain, with the question's own type and name at
# once: iodined does not understand the shorter questions of QNAME minimisation.
conf_tunnel_server() {
	cat <<-CONF
	server:
		qname-minimisation: no
	stub-zone:
		name: "t.example.org"
		stub-addr: 192.0.2.2
	CONF
}

# Its end of the tunnel is 198.51.100.1.
start_iodined() {
	# Unquoted: nsenter and its arguments.
	$within iodined -f -c -P secret -l 192.0.2.2 -d tunnel-server 198.51.100.1/28 t.example.org \
		>"$state/iodined.log" 2>&1 &
	processes="$! $processes"
	wait_for 5 grep -q 'Listening to dns' "$state/iodined.log" ||
		die "iodined did not start: $(cat "$state/iodined.log")"
}
