/* SPDX-License-Identifier: BSD-3-Clause */
/* adapter_engine - see fuzz_adapter.h. */
#include "fuzz_adapter.h"
#include "small.h"
#include "texts.h"

struct warden *adapter_engine(unsigned how)
{
	struct warden *warden = small_engine(how % SMALL_KINDS);

	small_fresh(warden);
	return warden;
}

void adapter_check(struct warden *warden)
{
	texts_drain(warden, SMALL_NOW, false, true);
}
