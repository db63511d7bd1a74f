/* SPDX-License-Identifier: BSD-3-Clause */
/* reveal - pseudonyms of clients turned back into their addresses, for whoever may read the key. */
#include <stdio.h>

#include "base/network.h"
#include "engine/config.h"
#include "report/address.h"
#include "report/privacy.h"
#include "tool/command.h"
#include "tool/flag.h"

static bool reveal(const struct config *config, const char *text)
{
	uint8_t pseudonym[16], client[16];
	char shown[ADDRESS_TEXT_MAX];

	if (!address_from_text(pseudonym, text)) {
		fprintf(stderr, "'%s' is not an address\n", text);
		return false;
	}
	/* What AES makes of an address is none of IPv4, but once in 2^96 times. */
	if (network_is_v4(pseudonym)) {
		fprintf(stderr, "'%s' is no pseudonym: those are IPv6 addresses, whoever they stand for\n", text);
		return false;
	}
	if (!privacy_reveal(config, pseudonym, client)) {
		fputs("memory is short\n", stderr);
		return false;
	}
	printf("%s %s\n", text, address_text(shown, client));
	return true;
}

int command_reveal(int argc, char **argv)
{
	const char *config_file = NULL;
	const struct flag flags[] = { { .letter = 'c', .name = "config", .text = &config_file }, FLAG_END };
	int first = flags_read(flags, argc, argv);
	struct config *config;
	bool fine = true;

	if (first < 0 || first == argc)
		return command_usage("reveal");
	config = command_config_load(config_file);
	if (!config)
		return STATUS_FOUND;
	if (!config->has_privacy_key) {
		fputs("without client-privacy-key-file: in the configuration no pseudonym can be turned back\n", stderr);
		fine = false;
	}
	for (int i = first; i < argc && config->has_privacy_key; i++)
		fine &= reveal(config, argv[i]);
	config_free(config);
	return fine && !fflush(stdout) ? STATUS_FINE : STATUS_FOUND;
}
