/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_dnstap - any octets as a file of dnstap: for libfstrm and protobuf-c as well.
 */
#include "fuzz.h"
#include "recording.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	recording_play(&replay_dnstap, data, size);
	return 0;
}
