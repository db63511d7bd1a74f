/* SPDX-License-Identifier: BSD-3-Clause */
/* test_no_memory_fleet - memory runs out while a transfer of the zone is told.
 *
 * What is lost so is in no later transfer of what has changed. So nothing is concluded from such a copy, and a whole
 * transfer is asked for, which mends it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fleet_nodes.h"
#include "scarce.h"

#ifndef SANITIZED

static struct member node;

static ldns_rr *trigger_record(void)
{
	ldns_rr *rr;

	assert_int_equal(ldns_rr_new_frm_str(&rr, "example.net." ZONE_NAME ". CNAME .", 60, NULL, NULL), LDNS_STATUS_OK);
	return rr;
}

static void work(void)
{
	for (unsigned i = 0; i < 100 && sharing_work(&node.sharing, NOW + MINUTE); i++)
		;
}

/* Tells <rr> with memory short at the <nth> allocation. Returns how many have failed. */
static long tell_short(const ldns_rr *rr, long nth)
{
	long hit;

	arm(nth, false);
	sharing_record(&node.sharing, true, rr);
	hit = disarm();
	sharing_done(&node.sharing, 2);
	work();
	assert_int_equal(sharing_wants_whole(&node.sharing), hit > 0);
	return hit;
}

static void torn(void **state)
{
	ldns_rr *const records[] = { vote_record("n2", "example.org", NOW, NOW + HOUR), trigger_record() };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		long nth = 1, hit;

		for (; nth < 100; nth++) {
			member_join(&node, "n1", "warden:\n mode: enforce\n");
			member_work(&node, NOW);
			hit = tell_short(records[i], nth);
			if (!hit)
				break;
			assert_int_equal(held_by(&node, NULL, "example.org", NOW + MINUTE), -1);
			assert_int_equal(counted(node.warden, COUNTER_fleet_limited), 0);
			sharing_whole(&node.sharing);
			sharing_record(&node.sharing, true, records[i]);
			sharing_done(&node.sharing, 3);
			work();
			assert_false(sharing_wants_whole(&node.sharing));
			assert_int_equal(held_by(&node, NULL, "example.org", NOW + MINUTE), i ? -1 : HOLD_BY_FLEET);
			assert_int_equal(node.sharing.zone.posting_count, 1);
			member_leave(&node);
		}
		assert_true(nth > 1);
		member_leave(&node);
	}
	for (unsigned i = 0; i < 2; i++)
		ldns_rr_free(records[i]);
}

#endif

int main(void)
{
#ifdef SANITIZED
	return 77; /* skipped */
#else
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(torn, primary_reset, primary_end) };

	return cmocka_run_group_tests(tests, NULL, NULL);
#endif
}
