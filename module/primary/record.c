/* SPDX-License-Identifier: BSD-3-Clause */
/* record - by hand, and not by ldns_rr2wire(): that compresses, allocates, and does not say how much room it needs. */
#include "primary/record.h"

#include "primary/message.h"

size_t record_data_size(const ldns_rr *rr)
{
	size_t size = 0;

	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++)
		size += ldns_rdf_size(ldns_rr_rdf(rr, i));
	return size;
}

size_t record_size(const ldns_rr *rr)
{
	return ldns_rdf_size(ldns_rr_owner(rr)) + RECORD_FIXED + record_data_size(rr);
}

uint8_t *record_write(uint8_t *at, const ldns_rr *rr, uint16_t rr_class, uint32_t ttl)
{
	at = message_put(at, ldns_rdf_data(ldns_rr_owner(rr)), ldns_rdf_size(ldns_rr_owner(rr)));
	at = message_put16(message_put16(at, (uint16_t)ldns_rr_get_type(rr)), rr_class);
	at = message_put16(message_put32(at, ttl), (uint16_t)record_data_size(rr));
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++)
		at = message_put(at, ldns_rdf_data(ldns_rr_rdf(rr, i)), ldns_rdf_size(ldns_rr_rdf(rr, i)));
	return at;
}
