/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_event - any octets as a record of the journal: one line of valid JSON, and a reason in words.
 *
 *     the observer's name (length, octets) | a record as it lies in the segment
 *
 * A record whose fields could be true is read back as it was.
 */
#include <jansson.h>

#include "fuzz.h"
#include "report/event.h"
#include "small.h"
#include "texts.h"
#include "traffic.h"

/* A segment with domains for records to tell of, and a hash of one. */
static struct warden *prepared(uint64_t *hash)
{
	static struct warden *warden;
	static uint64_t known;
	static const uint8_t questions[] = { 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 13, 0, 0 };
	struct input input = { questions, sizeof(questions) };
	struct traffic traffic;

	if (!warden) {
		warden = small_engine(SMALL_WATCHFUL);
		small_fresh(warden);
		traffic_play(&traffic, warden, &input, true);
		for (uint32_t i = 0; i < table_capacity(&warden->mapping.domains); i++)
			if (table_at(&warden->mapping.domains, i).slot)
				known = table_at(&warden->mapping.domains, i).hash;
		must(known != 0);
	}
	*hash = known;
	return warden;
}

/* Whether the fields that come back are what they can be in an event of the engine. */
static bool is_sound(const struct record *record)
{
	struct name name;

	return record->now < UINT64_C(253402300800000) && record->detector < DETECTOR_COUNT &&
	       record->verdict < WARDEN_VERDICT_COUNT && name_parse(&name, record->qname, record->qname_len);
}

static void check_observer(const struct record *record, const uint8_t *octets, size_t count)
{
	char observer[256];
	char *line;
	json_t *event;

	memcpy(observer, octets ? (const void *)octets : "", octets ? count : 0);
	observer[count] = '\0';
	line = event_line(record, observer, NULL);
	must(line != NULL && is_printable(line));
	event = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
	must(json_is_object(event));
	json_decref(event);
	free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	struct record record = { 0 };
	struct warden *warden;
	const uint8_t *observer, *octets;
	size_t observer_len = input_octets(&input, input_octet(&input) % 64u, &observer), count;
	uint64_t hash;

	warden = prepared(&hash);
	count = input_octets(&input, sizeof(record), &octets);
	if (count)
		memcpy(&record, octets, count);
	for (unsigned i = 0; i < JOURNAL_EVIDENCE; i++)
		if (record.evidence[i] == 1)
			record.evidence[i] = hash;
	texts_event(&record, &warden->mapping, is_sound(&record));
	texts_event(&record, NULL, is_sound(&record));
	check_observer(&record, observer, observer_len);
	return 0;
}
