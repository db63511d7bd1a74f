# SPDX-License-Identifier: BSD-3-Clause
# debian.sh - Debian's packages and sources from where this host gets its own.
# Sourced by scripts/build-unbound, scripts/build-deb and scripts/chroot.sh.
#
#   debian_mirror                prints the mirror's address
#   debian_entries TYPES FILE    writes this host's Debian entries into FILE, for `deb`, `deb-src` or both
#   private_apt FOLDER ...       apt-get with the entries FOLDER/debian.sources and lists of its own
#   private_apt_cache FOLDER ... apt-cache with the same
#
# Invariant: the host's apt settings and package lists are not touched, and no mirror is named
# here: whoever can install packages can get these.

# Both of apt's formats, in the newer one: no entry of anybody but Debian.
debian_stanzas() {
	for sources_file in /etc/apt/sources.list.d/*.sources; do
		[ -e "$sources_file" ] || continue
		cat "$sources_file"
		echo
	done
	for sources_file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ ! -e "$sources_file" ] || awk '
			$1 == "deb" {
				at = 2
				if ($2 ~ /^\[/) { while ($at !~ /\]$/ && at < NF) at++; at++ }
				printf "Types: deb\nURIs: %s\nSuites: %s\nComponents:", $at, $(at + 1)
				for (i = at + 2; i <= NF; i++) printf " %s", $i
				print "\n"
			}' "$sources_file"
	done
}
debian_own() { debian_stanzas | awk 'BEGIN { RS = ""; ORS = "\n\n" } /(^|\n)URIs:[^\n]*\/debian(-security)?\/?(\n|$)/'; }

debian_mirror() {
	debian_mirror=$(debian_own | awk '/^URIs:/ { for (i = 2; i <= NF; i++) if ($i ~ /\/debian\/?$/) print $i }' | head -n 1)
	[ -n "$debian_mirror" ] || {
		echo "${0##*/}: no Debian mirror in this host's apt sources" >&2
		return 1
	}
	printf '%s\n' "$debian_mirror"
}

debian_keyring=/usr/share/keyrings/debian-archive-keyring.gpg
debian_entries() {
	debian_own | sed -e "s/^Types:.*/Types: $1/" -e '/^Signed-By:/d' \
		-e "s|^Components:.*|&\nSigned-By: $debian_keyring|" >"$2"
}

# Unquoted where used: words, in which no path has a space.
private_options() {
	printf '%s ' -o "Dir::Etc::sourcelist=$1/debian.sources" -o Dir::Etc::sourceparts=/dev/null \
		-o "Dir::State::Lists=$1/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
		-o APT::Sandbox::User=root
}
private_apt() {
	private_folder=$1
	shift
	mkdir -p "$private_folder/lists/partial"
	DEBIAN_FRONTEND=noninteractive apt-get -qq $(private_options "$private_folder") "$@" >&2
}
private_apt_cache() {
	private_folder=$1
	shift
	apt-cache $(private_options "$private_folder") "$@"
}
