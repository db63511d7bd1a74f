/* SPDX-License-Identifier: BSD-3-Clause */
/* signature_row - what a row of signatures.def is made of. */
#ifndef DETECT_SIGNATURE_ROW_H
#define DETECT_SIGNATURE_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "detect/facts.h"
#include "detect/signature.h"

/* Bits of pattern.types. */
enum signature_types {
	A = 1, AAAA = 2, HTTPS = 4, CNAME = 8, UNUSUAL = 16, /* NULL and PRIVATE: nothing else uses them */
	MX = 32, TXT = 64, SRV = 128, OTHER = 256,           /* KEY among them */
	ANY = 511,
	MAIL = TXT | MX,         /* what a mail can make the server ask that takes it; A by SPF, too */
	PAGE = A | AAAA | HTTPS, /* what a web page can make its visitor ask */
	IODINE = A | CNAME | UNUSUAL | MX | TXT | SRV,
	CATS = A | AAAA | CNAME | MX | TXT,
	SLIVER = A | AAAA | TXT,
	COBALT = A | AAAA | TXT,
};

/* What must be so for a pattern's points to count, besides that the name is new to the client.
 * What does not belong to the sighting so far begins another one.
 */
enum signature_confirm {
	NEW,      /* nothing */
	SAME,     /* the key is that of the last match */
	STEP,     /* the number is one more than that of the last match, or there is none */
	EACH,     /* the number is another one than that of the last match */
};

/* What names of a tool look like. A name that fits is worth <points>, and twice that with types
 * that nothing else uses. What is worth POINTS_CERTAIN counts also when the name is not new.
 */
struct pattern {
	const char *shape;  /* see shape.h */
	uint16_t types;     /* of the question */
	uint8_t points;
	uint8_t confirm;
	bool raw;           /* letter case counts, and the first label has a letter in upper case */

	/* What a shape cannot say. Fills <value>, if it finds one. NULL: nothing. */
	bool (*fits)(const struct facts *facts, uint32_t *value);
};

#define PATTERNS_MAX 12
#define POINTS_LIKELY  2
#define POINTS_CERTAIN 3

struct tool {
	uint64_t window;   /* points are forgotten when none was made for longer; of a tally: its length */
	uint8_t possible, likely, certain; /* points for low, medium and high confidence; 0: POINTS_*, and never low */
	bool tally;        /* the window slides over the points themselves */
	uint16_t forgeable; /* types of which names alone are never certain, see signature.h */

	/* Whether the answer is the tool's server's. <match> is what the name gave; with
	 * <any_name> it need not have fitted, and says nothing of answers that are addresses
	 * alone. NULL: answers say nothing.
	 */
	bool (*answered)(const struct facts *facts, const struct signature_match *match);
	bool any_name;

	struct pattern pattern[PATTERNS_MAX]; /* surest first; points 0 after the last */
};

enum signature_tool {
#define SIGNATURE(id, ...) TOOL_##id,
#include "detect/signatures.def"
#undef SIGNATURE
	TOOL_COUNT
};

extern const struct tool tools[TOOL_COUNT];
extern const uint8_t tool_detector[TOOL_COUNT]; /* enum detector_id */

/* What rows name, because a table cannot say it: answer_iodine.c, packets.c, labels.c. */
bool iodine_answered(const struct facts *facts, const struct signature_match *match);
bool dnscat2_fits(const struct facts *facts, uint32_t *value);
bool dnscat2_answered(const struct facts *facts, const struct signature_match *match);
bool exfiltrator_answered(const struct facts *facts, const struct signature_match *match);
bool cobalt_strike_fits(const struct facts *facts, uint32_t *value);
bool cobalt_strike_answered(const struct facts *facts, const struct signature_match *match);
bool kerberos_target_fits(const struct facts *facts, uint32_t *value);
bool packed_label_fits(const struct facts *facts, uint32_t *value);
bool base64_label_fits(const struct facts *facts, uint32_t *value);

#endif
