/* SPDX-License-Identifier: BSD-3-Clause */
/* view_text - a text of many lines as TXT records of a view, for unbound-control to list.
 *
 *     view            found by its name, or made
 *       local zones
 *         stats.warden.   always_nxdomain
 *           TXT "line"    a record for each line, in their order
 *           TXT "line"
 *
 * The records are for unbound-control alone: to clients of the view, if it is an operator's and has any,
 * the zone is what the name is everywhere, one that does not exist. A view that we make has no clients.
 *
 * The memory of a zone is never used again before the zone goes. So a page for the longest text is laid
 * out in it once, and from then on written over, under the zone's write lock.
 *
 * All functions are for the thread of a worker that is alive (beat.h). They wait for no lock:
 * unbound-control holds them for as long as somebody takes to read a list. Nothing is remembered from
 * one call to the next, because Unbound makes views anew when it reloads. The page that was laid
 * out is known by the id of its record set, which local data has no other use for.
 */
#ifndef UNBOUND_VIEW_TEXT_H
#define UNBOUND_VIEW_TEXT_H

#include <stddef.h>

struct views;

#define VIEW_TEXT_MAX   4096 /* octets, newlines included */
#define VIEW_TEXT_LINES 192
#define VIEW_TEXT_ZONE  "stats.warden."

enum view_text_result {
	VIEW_TEXT_DONE,
	VIEW_TEXT_BUSY,        /* somebody has a lock: later */
	VIEW_TEXT_NO_MEMORY,
	VIEW_TEXT_VIEW_TAKEN,  /* the view has no local zones, and if it had, its clients would lose the
	                        * global ones */
	VIEW_TEXT_ZONE_TAKEN,  /* the view has such a zone that is not ours */
};

/* Shows <text>, lines that end in a newline, in the view <name>, in place of what was shown there. What is
 * longer than the limits is cut: a line to what one string of a record holds, 255 octets.
 */
enum view_text_result view_text_show(struct views *views, const char *name, const char *text, size_t len);

/* Takes the zone out of the view <name>, which stays. Done as well when there is none. */
enum view_text_result view_text_hide(struct views *views, const char *name);

#endif
