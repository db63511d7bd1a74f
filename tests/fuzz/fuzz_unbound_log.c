/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_unbound_log - any octets as Unbound's log.
 */
#include "fuzz.h"
#include "recording.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	recording_play(&replay_unbound_log, data, size);
	return 0;
}
