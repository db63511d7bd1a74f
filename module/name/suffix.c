/* SPDX-License-Identifier: BSD-3-Clause */
/* suffix - asks libpsl about the tails of a name, longest first.
 *
 *     a.b.example.com   b.example.com   example.com   com
 *     no                no              no            a public suffix
 *
 * Rules of the list have few labels, of letters, digits and hyphens, so only as much
 * of a name is turned to text, on the stack. The built-in list is a table of constants:
 * a look-up in it allocates nothing, but takes a third of a microsecond. Most
 * questions are about the same few thousand tails, so the answers are memorised.
 *
 * Memo: a slot holds the hash of a tail, with the answer in its lowest bit, in one
 * word, so any thread may read and write any slot at any time; the last one wins.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <libpsl.h>

#include "base/hash.h"
#include "name/domain_set.h"
#include "name/suffix.h"

#define SUFFIX_LABELS 7     /* the longest rules have six */
#define MEMO_SLOTS    32768 /* a power of two: 256 KiB */

/* RFC 2606, 6761, 6762, 7686, 8375 and .internal: resolvers answer these themselves, or pass
 * them to somebody near. The list has some of them, depending on its age. The second row
 * is what networks call themselves although nobody gave them the name: RFC 6762 appendix G.
 */
static const char *const local_domains[] = {
	"localhost", "test", "example", "invalid", "onion", "local", "internal", "home.arpa",
	"intranet", "private", "corp", "home", "lan", "localdomain",
};

struct suffixes {
	const psl_ctx_t *list;
	psl_ctx_t *loaded; /* <list>, when it is ours to free */
	struct domain_set *local;
	_Atomic uint64_t *memo;
	uint8_t secret[HASH_SECRET_LEN];
};

static int add_local_text(struct suffixes *suffixes, const char *text)
{
	struct name name;

	return name_from_text(&name, text) ? suffixes_add_local(suffixes, &name) : -EINVAL;
}

struct suffixes *suffixes_open(void)
{
	struct suffixes *suffixes = calloc(1, sizeof(*suffixes));

	if (!suffixes)
		return NULL;
	suffixes->list = psl_builtin();
	if (!suffixes->list)
		suffixes->list = suffixes->loaded = psl_latest(NULL);
	suffixes->local = domain_set_new();
	suffixes->memo = calloc(MEMO_SLOTS, sizeof(*suffixes->memo));
	if (!suffixes->list || !suffixes->local || !suffixes->memo)
		goto fail;
	if (getrandom(suffixes->secret, HASH_SECRET_LEN, 0) != HASH_SECRET_LEN)
		goto fail;
	for (size_t i = 0; i < sizeof(local_domains) / sizeof(*local_domains); i++)
		if (add_local_text(suffixes, local_domains[i]) < 0)
			goto fail;
	return suffixes;
fail:
	suffixes_close(suffixes);
	return NULL;
}

void suffixes_close(struct suffixes *suffixes)
{
	if (!suffixes)
		return;
	domain_set_free(suffixes->local);
	psl_free(suffixes->loaded);
	free(suffixes->memo);
	free(suffixes);
}

int suffixes_add_local(struct suffixes *suffixes, const struct name *domain)
{
	return domain_set_add(suffixes->local, domain);
}

static bool is_host_octet(uint8_t octet)
{
	return (octet >= 'a' && octet <= 'z') || (octet >= '0' && octet <= '9') || octet == '-';
}

static bool is_host_label(const uint8_t *label)
{
	for (unsigned i = 1; i <= label[0]; i++)
		if (!is_host_octet(label[i]))
			return false;
	return true;
}

/* The first label of the longest tail of <name> that could be a rule of the list. */
static unsigned first_candidate(const struct name *name)
{
	unsigned first = name->labels;

	while (first > 0 && name->labels - first < SUFFIX_LABELS &&
	       is_host_label(name_tail(name, first - 1)))
		first--;
	return first;
}

/* Whether <text>, the tail of <name> from label <first> on, is a public suffix. */
static bool is_listed(const struct suffixes *suffixes, const struct name *name, unsigned first,
                      const char *text)
{
	uint64_t hash = hash_octets(suffixes->secret, HASH_SUFFIX, name_tail(name, first),
	                            name_tail_len(name, first));
	_Atomic uint64_t *slot = &suffixes->memo[(hash >> 1) % MEMO_SLOTS];
	uint64_t known = atomic_load_explicit(slot, memory_order_relaxed);
	bool listed;

	if (known >> 1 == hash >> 1)
		return known & 1;
	listed = psl_is_public_suffix2(suffixes->list, text, PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE);
	atomic_store_explicit(slot, (hash & ~UINT64_C(1)) | listed, memory_order_relaxed);
	return listed;
}

/* Index of the first label of the public suffix by the list; labels when there is none. */
static unsigned listed_suffix(const struct suffixes *suffixes, const struct name *name)
{
	unsigned first = first_candidate(name);
	size_t len = name_tail_len(name, first);
	char text[NAME_WIRE_MAX];

	/* "3www7example0" becomes "www.example": the first length octet goes, the others
	 * become dots, and the root label ends the text.
	 */
	memcpy(text, name_tail(name, first) + 1, len - 1);
	for (unsigned i = first + 1; i < name->labels; i++)
		text[name->label[i] - name->label[first] - 1] = '.';

	while (first < name->labels &&
	       !is_listed(suffixes, name, first, text + (len - name_tail_len(name, first))))
		first++;
	return first;
}

unsigned suffix_domain(const struct suffixes *suffixes, const struct name *name)
{
	unsigned listed = listed_suffix(suffixes, name);
	int local = domain_set_match(suffixes->local, name);
	unsigned first = listed;

	if (local >= 0 && (unsigned)local < listed)
		first = (unsigned)local;
	if (first == name->labels)
		return first;
	return first > 0 ? first - 1 : 0;
}

bool suffix_is_public(const struct suffixes *suffixes, const struct name *name)
{
	return name->labels > 0 &&
	       (listed_suffix(suffixes, name) == 0 || domain_set_match(suffixes->local, name) == 0);
}
