/* SPDX-License-Identifier: BSD-3-Clause */
/* ocsf - one record of the journal as one line of JSON in the Open Cybersecurity Schema Framework 1.5.
 *
 * Class 4003, DNS Activity, with the profile security_control and is_alert: what the schema advises for an
 * alert about one activity at one moment. A Detection Finding (2004) would be something with a life of its
 * own, which is updated and closed; a verdict is not.
 *
 * The event in ECS is the source, and a table says what becomes of each field: what is not in it here is
 * below unmapped.warden, so that nothing is lost.
 */
#ifndef REPORT_OCSF_H
#define REPORT_OCSF_H

#include "report/event.h"

/* As event_line(). */
char *ocsf_line(const struct record *record, const char *hostname, const struct mapping *mapping);

#endif
