/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_replay - any octets as recorded traffic: skipped or told, never a crash.
 *
 * The first octets choose the format, as in `unbound-warden replay`, and what none claims is
 * read as tsv.
 */
#include "fuzz.h"
#include "recording.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	recording_play(NULL, data, size);
	return 0;
}
