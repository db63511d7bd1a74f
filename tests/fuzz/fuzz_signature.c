/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_signature - any octets as a name, an answer, and what is kept with a pair.
 *
 *     kind of question, payload, length of the name | name | sightings | rdata of one record
 *
 * Whatever fits a pattern must be found by way of the index as well, and what is said must be
 * something that can be said.
 */
#include "base/dns.h"
#include "detect/detector.h"
#include "detect/shape.h"
#include "detect/signature_row.h"
#include "fuzz.h"
#include "name/name.h"

static bool fits(const struct pattern *pattern, const struct facts *facts)
{
	uint32_t value = 0;

	return shape_fits(pattern->shape, facts->name, facts->payload_labels, pattern->raw, &value) &&
	       (!pattern->fits || pattern->fits(facts, &value));
}

/* One tool alone: the first of its patterns that fits is the one that is found. */
static void check_tool(unsigned id, struct facts *facts, const uint8_t *kept)
{
	const struct tool *tool = &tools[id];
	struct signature_index index;
	struct signature signature;
	struct sightings sightings;
	unsigned first = 0;

	signature_index_make(&index, UINT64_C(1) << tool_detector[id]);
	facts->match = signature_match(&index, facts);
	for (unsigned i = PATTERNS_MAX; i-- > 0;)
		if (tool->pattern[i].points && facts->question && facts->payload_labels &&
		    facts->obs->qtype == DNS_TYPE_TXT && tool->pattern[i].types & TXT &&
		    fits(&tool->pattern[i], facts))
			first = i + 1;
	must(!first || facts->match.pattern == first || facts->match.answer);
	if (!facts->match.tool)
		return;
	must(facts->match.tool == id + 1);
	memcpy(&sightings, kept, sizeof(sightings));
	signature = signature_confirm(&sightings, facts);
	must(signature.tool == 0 || signature.tool == id + 1);
	must(signature.confidence <= CONFIDENCE_HIGH);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t types[] = { DNS_TYPE_TXT, DNS_TYPE_A, DNS_TYPE_AAAA, DNS_TYPE_CNAME,
		                          DNS_TYPE_MX, DNS_TYPE_SRV, DNS_TYPE_NULL, DNS_TYPE_KEY };
	struct warden_record record = { .ttl = 0 };
	struct warden_observation obs = { .qclass = 1, .records = &record };
	struct facts facts = { .obs = &obs, .now = UINT64_C(1790000000000), .novel = true };
	uint8_t kept[sizeof(struct sightings)] = { 0 }, *copy;
	struct name name;
	size_t rest;

	if (size < 3 || size < 3u + data[2] || !name_parse(&name, data + 3, data[2]))
		return 0;
	obs.qtype = types[data[0] % 8];
	record.type = types[data[0] / 8 % 8];
	facts.question = !(data[0] & 64);
	facts.answer = data[0] & 128;
	facts.payload_labels = data[1] < name.labels ? data[1] : name.labels;
	facts.name = &name;
	rest = size - 3 - data[2];
	memcpy(kept, data + 3 + data[2], rest < sizeof(kept) ? rest : sizeof(kept));
	rest = rest < sizeof(kept) ? 0 : rest - sizeof(kept);

	/* Of its own size, so that reading beyond it is seen. */
	copy = malloc(rest + !rest);
	must(copy != NULL);
	memcpy(copy, data + size - rest, rest);
	record.rdata = copy;
	record.rdata_len = (uint16_t)rest;
	obs.record_count = facts.answer;
	for (unsigned i = 0; i < TOOL_COUNT; i++)
		check_tool(i, &facts, kept);
	free(copy);
	return 0;
}
