/* SPDX-License-Identifier: BSD-3-Clause */
/* list_files - the files of allow-list:, of list: clauses and of detectors, read into a configuration. */
#ifndef ENGINE_LIST_FILES_H
#define ENGINE_LIST_FILES_H

#include "engine/draft.h"

#define LISTS_MAX 255 /* opinion.list is an octet, and 0 is none */

/* Reads all of them into draft->config. A file that cannot be read is a fault where it is named; the
 * default file of a detector that is enabled, a warning.
 */
void list_files_read(struct draft *draft);

#endif
