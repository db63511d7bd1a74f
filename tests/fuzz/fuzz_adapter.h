/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_adapter - an engine for a file that sees Unbound's headers, and so nothing of ours but <warden/...>. */
#ifndef FUZZ_ADAPTER_H
#define FUZZ_ADAPTER_H

struct warden;

/* An engine, of a kind that <how> says, on a segment in which nothing has happened. */
struct warden *adapter_engine(unsigned how);

/* Checks the events that it has made. */
void adapter_check(struct warden *warden);

#endif
