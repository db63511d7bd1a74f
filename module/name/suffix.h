/* SPDX-License-Identifier: BSD-3-Clause */
/* suffix - the registrable domain of a name: public suffix and one label more.
 *
 * By the Public Suffix List (https://publicsuffix.org), both sections, through libpsl.
 * The zones that resolvers answer themselves (localhost, home.arpa and so on, RFC 6303,
 * RFC 6761) and `local-domain:` options count as suffixes too.
 *
 * Invariant: a name under a TLD that does not exist has the root as its domain, so
 * that all such names of a client share one pair.
 */
#ifndef NAME_SUFFIX_H
#define NAME_SUFFIX_H

#include "name/name.h"

struct suffixes;

/* Opens the list: the distribution's file (Debian's package publicsuffix), or what libpsl has
 * built in when that cannot be read; then new names take longer to look up.
 * Returns NULL when there is neither or memory is short.
 */
struct suffixes *suffixes_open(void);

/* The same with the file at <path>, which is absolute, in the format of the list. */
struct suffixes *suffixes_open_file(const char *path);

void suffixes_close(struct suffixes *suffixes);

/* Makes <domain> count as a public suffix. Returns 0 or -ENOMEM. Not for use
 * while others look up.
 */
int suffixes_add_local(struct suffixes *suffixes, const struct name *domain);

/* Index of the first label of the registrable domain of <name>; <name>->labels
 * (the root) when the TLD is unknown. A public suffix itself is its own domain.
 * Thread-safe, allocates nothing.
 */
unsigned suffix_domain(const struct suffixes *suffixes, const struct name *name);

/* Whether <name> itself is a public suffix, or a local zone that counts as one. */
bool suffix_is_public(const struct suffixes *suffixes, const struct name *name);

/* Whether <name> is in a local zone, built in or added: it says nothing about the world. Thread-safe,
 * allocates nothing.
 */
bool suffix_is_local(const struct suffixes *suffixes, const struct name *name);

/* Whether <name> itself is a registry's: the root, or a public suffix by the list's ICANN
 * section (com, co.uk), not by its private one (duckdns.org). Thread-safe, allocates nothing;
 * asks libpsl each time.
 */
bool suffix_is_registry(const struct suffixes *suffixes, const struct name *name);

#endif
