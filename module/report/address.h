/* SPDX-License-Identifier: BSD-3-Clause */
/* address - client addresses as text: IPv4 is written as IPv4, however it is kept. */
#ifndef REPORT_ADDRESS_H
#define REPORT_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#define ADDRESS_TEXT_MAX 46 /* INET6_ADDRSTRLEN */

/* Whether <address> is an IPv4 address, mapped into IPv6 (RFC 4291 section 2.5.5.2). */
bool address_is_v4(const uint8_t address[16]);

/* Writes <address> into <text> and returns <text>. */
char *address_text(char text[ADDRESS_TEXT_MAX], const uint8_t address[16]);

/* Reads an IPv4 or IPv6 address. False on anything else. */
bool address_from_text(uint8_t address[16], const char *text);

#endif
