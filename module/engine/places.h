/* SPDX-License-Identifier: BSD-3-Clause */
/* places - databases of where addresses are (MaxMind's format, read by libmaxminddb).
 *
 * They belong to one configuration and go with it; a reload opens them again. The files are mapped:
 * a new one must take the old one's name, as geoipupdate does it, and not be written over it.
 */
#ifndef ENGINE_PLACES_H
#define ENGINE_PLACES_H

struct draft;
struct database; /* an open one */

/* Opens what asn-database: and country-database: name into draft->config. One that cannot be
 * used is a warning: answers have no place then.
 */
void places_open(struct draft *draft);

/* <database> may be NULL. */
void database_close(struct database *database);

#endif
