/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_zeek - any octets as dns.log of Zeek, in its own format or in JSON.
 */
#include "fuzz.h"
#include "recording.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	recording_play(&replay_zeek, data, size);
	return 0;
}
