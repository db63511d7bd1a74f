-- SPDX-License-Identifier: BSD-3-Clause
-- recursor.lua - a PowerDNS Recursor 4 that subscribes: lua-config-file of recursor.conf. See doc/fleet.md.
rpzMaster("192.0.2.1:53", "fleet.example.", {
	tsigname = "n3", tsigalgo = "hmac-sha256", tsigsecret = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=",
	refresh = 60, seedFile = "/var/lib/powerdns/fleet.example.zone", dumpFile = "/var/lib/powerdns/fleet.example.zone"
})
