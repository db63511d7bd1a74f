# SPDX-License-Identifier: BSD-3-Clause
# chroot.sh - a clean Debian in a folder, as minimal as debootstrap makes it, without a systemd.
# Sourced by scripts/test-deb, after scripts/resolver.sh and scripts/debian.sh.
#
#   chroot_alone "$@"        first of all: runs the calling script again in namespaces of its own
#   chroot_make FOLDER       makes it; $chroot is FOLDER
#   chroot_network           a network with nobody else in it, for $within (needs scripts/networks.sh)
#   chroot_in COMMAND...     runs in it, in the network of $within: none of its own, or a new one
#   chroot_apt ...           apt-get -y in it, in the host's network, for that is where packages are
#   chroot_unbound_start     Unbound as its unit starts it; its process is $resolver
#   resolver_stop
#   chroot_end               takes it away again
#
# The bootstrapped system is kept as a tarball in build/, and unpacked anew each time.
#
# Invariant: mounts and processes are in namespaces that end with the script, however it ends.

chroot_alone() {
	[ -z "${chroot_is_alone:-}" ] || return 0
	[ "$(id -u)" = 0 ] || die "a chroot is made by root"
	exec unshare --mount --propagation private --pid --fork --kill-child=KILL --mount-proc \
		env chroot_is_alone=yes "$0" "$@"
}

# chroot_base: the tarball's path.
chroot_base() {
	chroot_suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
	chroot_base=$root/build/chroot-$chroot_suite.tar
	[ ! -e "$chroot_base" ] || return 0
	say "bootstrapping a minimal Debian ($chroot_suite)"
	chroot_new=$root/build/chroot-$chroot_suite.new
	rm -rf "$chroot_new"
	debootstrap --variant=minbase --keyring="$debian_keyring" "$chroot_suite" "$chroot_new" "$(debian_mirror)" \
		>"$chroot_new.log" 2>&1 || {
		tail -n 20 "$chroot_new.log" >&2
		die "debootstrap failed"
	}
	rm -rf "$chroot_new"/var/cache/apt/archives/*.deb
	tar -C "$chroot_new" --one-file-system -cf "$chroot_base.new" .
	mv "$chroot_base.new" "$chroot_base"
	rm -rf "$chroot_new" "$chroot_new.log"
}

chroot_make() {
	chroot_base
	chroot=$1
	mkdir -p "$chroot"
	tar -C "$chroot" -xf "$chroot_base"
	mount -t proc proc "$chroot/proc"
	mkdir -p "$chroot/dev/shm"
	mount -t tmpfs -o mode=1777 tmpfs "$chroot/dev/shm"
	rm -f "$chroot/etc/apt/sources.list"
	debian_entries deb "$chroot/etc/apt/sources.list.d/debian.sources"
	# Other than Debian's own entries, what apt needs to get anything here: a proxy, for instance.
	for chroot_option in /etc/apt/apt.conf.d/*proxy*; do
		[ ! -e "$chroot_option" ] || cp "$chroot_option" "$chroot/etc/apt/apt.conf.d/"
	done
	cp /etc/resolv.conf /etc/hosts "$chroot/etc/"
	# No daemon is started by a package, and no disk is waited for.
	printf '#!/bin/sh\nexit 101\n' >"$chroot/usr/sbin/policy-rc.d"
	chmod +x "$chroot/usr/sbin/policy-rc.d"
	echo force-unsafe-io >"$chroot/etc/dpkg/dpkg.cfg.d/unsafe-io"
	chroot_apt update
}

chroot_network() {
	new_network
	within="nsenter -t $network -n"
	$within ip link set lo up
}

# With $chroot_exec = exec in place of the shell that calls it, so that $! is the program itself.
chroot_env() {
	${chroot_exec:-} env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/nonexistent LANG=C.UTF-8 TERM="${TERM:-dumb}" \
		DEBIAN_FRONTEND=noninteractive ${http_proxy:+http_proxy="$http_proxy"} "$@"
}
# Unquoted: words.
chroot_in() { chroot_env $within chroot "$chroot" "$@"; }
chroot_apt() { chroot_env chroot "$chroot" apt-get -y "$@"; }

chroot_unbound_is_up() { chroot_in unbound-control status; }
chroot_unbound_up_or_gone() { chroot_unbound_is_up || gone "$resolver"; }

# What unbound.service does before and at a start. False when Unbound did not come up.
chroot_unbound_start() {
	chroot_in /usr/libexec/unbound-helper chroot_setup || true
	chroot_in /usr/libexec/unbound-helper root_trust_anchor_update || true
	(
		chroot_exec=exec
		chroot_in /usr/sbin/unbound -d -p
	) >"$chroot/unbound.log" 2>&1 &
	resolver=$!
	processes="$resolver $processes"
	wait_for 20 chroot_unbound_up_or_gone && chroot_unbound_is_up >/dev/null 2>&1
}

chroot_end() {
	umount -l "$chroot/dev/shm" "$chroot/proc" 2>/dev/null || true
	rm -rf --one-file-system "$chroot"
}
