/* SPDX-License-Identifier: BSD-3-Clause */
/* suffix - walks a name from the right through what is known, and asks about the rest.
 *
 *     com            known, a suffix; no rule is about all its children
 *     example.com    not known: neither it nor anything below it is a suffix
 *
 * That takes two look-ups for nearly every name, whether it was seen before or not. libpsl is
 * asked (a third of a microsecond) only about children of wildcards, names below an
 * internationalised label, and everything when there was no text of the list to
 * collect from: libpsl's built-in copy cannot be listed. Its answers are memorised.
 *
 * Memo: a slot holds the hash of a tail, with the answer in its lowest bit, in one
 * word, so any thread may read and write any slot at any time; the last one wins.
 *
 * Invariant: who asks more often gets the same answers. What is known only saves questions.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <libpsl.h>

#include "base/bulk.h"
#include "base/hash.h"
#include "name/suffix.h"
#include "name/suffix_rules.h"
#include "name/tail_table.h"

#define MEMO_SLOTS 32768 /* a power of two: 256 KiB */

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
	psl_ctx_t *loaded;        /* <list>, when it is ours to free */
	struct tail_table *tails; /* what is known, local zones included */
	_Atomic uint64_t *memo;
	uint8_t secret[HASH_SECRET_LEN];
};

static int add_local_text(struct suffixes *suffixes, const char *text)
{
	struct name name;

	return name_from_text(&name, text) ? suffixes_add_local(suffixes, &name) : -EINVAL;
}

/* Loads the list from <path>. Returns false, with nothing changed, when that is no text of the
 * list or cannot be read: in a chroot or under AppArmor that is no fault.
 */
static bool load_list(struct suffixes *suffixes, const char *path)
{
	/* Not relative to wherever this process is: libpsl may name its own build tree. */
	FILE *file = *path == '/' ? fopen(path, "re") : NULL;
	struct tail_table *tails = tail_table_new();
	psl_ctx_t *list = NULL;

	if (!file || !tails)
		goto fail;
	/* One open file for both: a package may be upgraded meanwhile. */
	list = psl_load_fp(file);
	if (!list || !psl_is_public_suffix2(list, "com", PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE))
		goto fail;
	rewind(file);
	if (suffix_rules_collect(file, list, tails) < 0)
		goto fail;
	fclose(file);
	suffixes->list = suffixes->loaded = list;
	suffixes->tails = tails;
	return true;
fail:
	if (file)
		fclose(file);
	tail_table_free(tails);
	psl_free(list);
	return false;
}

/* The list that libpsl has in itself, with nothing known about it. */
static bool take_built_in(struct suffixes *suffixes)
{
	static const struct name root = { .len = 1 };

	suffixes->list = psl_builtin();
	if (!suffixes->list)
		suffixes->list = suffixes->loaded = psl_latest(NULL);
	suffixes->tails = tail_table_new();
	return suffixes->list && suffixes->tails &&
	       tail_table_add(suffixes->tails, &root, 0, TAIL_ASK_BELOW) == 0;
}

/* Makes <suffixes> answer. Returns false when memory is short. */
static bool prepare(struct suffixes *suffixes)
{
	suffixes->memo = bulk_new(MEMO_SLOTS * sizeof(*suffixes->memo));
	if (!suffixes->memo)
		return false;
	if (getrandom(suffixes->secret, HASH_SECRET_LEN, 0) != HASH_SECRET_LEN)
		return false;
	for (size_t i = 0; i < sizeof(local_domains) / sizeof(*local_domains); i++)
		if (add_local_text(suffixes, local_domains[i]) < 0)
			return false;
	return true;
}

/* Opens the list from the first of <paths> that is one. */
static struct suffixes *open_first(const char *const paths[], size_t count)
{
	struct suffixes *suffixes = calloc(1, sizeof(*suffixes));
	bool found = false;

	if (!suffixes)
		return NULL;
	for (size_t i = 0; i < count && !found; i++)
		found = load_list(suffixes, paths[i]);
	if ((found || take_built_in(suffixes)) && prepare(suffixes))
		return suffixes;
	suffixes_close(suffixes);
	return NULL;
}

struct suffixes *suffixes_open(void)
{
	/* On Debian the first is no text, and libpsl's own copy was made from the second, which the
	 * package publicsuffix keeps up to date.
	 */
	const char *const paths[] = { psl_dist_filename(), psl_builtin_filename() };

	return open_first(paths, sizeof(paths) / sizeof(*paths));
}

struct suffixes *suffixes_open_file(const char *path)
{
	return open_first(&path, 1);
}

void suffixes_close(struct suffixes *suffixes)
{
	if (!suffixes)
		return;
	tail_table_free(suffixes->tails);
	psl_free(suffixes->loaded);
	bulk_free(suffixes->memo, MEMO_SLOTS * sizeof(*suffixes->memo));
	free(suffixes);
}

int suffixes_add_local(struct suffixes *suffixes, const struct name *domain)
{
	for (unsigned first = domain->labels; first > 0; first--)
		if (tail_table_add(suffixes->tails, domain, first, 0) < 0)
			return -ENOMEM;
	return tail_table_add(suffixes->tails, domain, 0, TAIL_SUFFIX | TAIL_LOCAL);
}

/* Whether the tail of <name> from label <first> on is in the list. */
static bool is_listed(const struct suffixes *suffixes, const struct name *name, unsigned first)
{
	uint64_t hash = hash_octets(suffixes->secret, HASH_SUFFIX, name_tail(name, first),
	                            name_tail_len(name, first));
	_Atomic uint64_t *slot = &suffixes->memo[(hash >> 1) % MEMO_SLOTS];
	uint64_t known = atomic_load_explicit(slot, memory_order_relaxed);
	bool listed;

	if (known >> 1 == hash >> 1)
		return known & 1;
	listed = suffix_rules_have(suffixes->list, name, first, PSL_TYPE_ANY);
	atomic_store_explicit(slot, (hash & ~UINT64_C(1)) | listed, memory_order_relaxed);
	return listed;
}

static bool is_idn_label(const uint8_t *label)
{
	return label[0] > 4 && !memcmp(label + 1, "xn--", 4);
}

/* Index of the first label of the longest public suffix or local zone that <name> is or is
 * below; labels when there is none.
 */
static unsigned longest_suffix(const struct suffixes *suffixes, const struct name *name)
{
	unsigned longest = name->labels;      /* of those known */
	unsigned from = name->labels, to = 0; /* the tails to ask about */
	unsigned flags = tail_table_find(suffixes->tails, name, name->labels);

	for (unsigned first = name->labels; flags && first-- > 0;) {
		bool below = flags & TAIL_ASK_BELOW ||
		             (flags & TAIL_ASK_IDN && is_idn_label(name_tail(name, first)));

		if (below || flags & TAIL_ASK_CHILDREN) {
			if (to == 0)
				to = first + 1;
			from = below || from == 0 ? 0 : first;
		}
		flags = tail_table_find(suffixes->tails, name, first);
		if (flags & TAIL_SUFFIX)
			longest = first;
	}
	if (to > longest)
		to = longest;
	for (unsigned first = suffix_rules_reach(name, from); first < to; first++)
		if (is_listed(suffixes, name, first))
			return first;
	return longest;
}

unsigned suffix_domain(const struct suffixes *suffixes, const struct name *name)
{
	unsigned first = longest_suffix(suffixes, name);

	if (first == name->labels)
		return first;
	return first > 0 ? first - 1 : 0;
}

bool suffix_is_public(const struct suffixes *suffixes, const struct name *name)
{
	return name->labels > 0 && longest_suffix(suffixes, name) == 0;
}

bool suffix_is_local(const struct suffixes *suffixes, const struct name *name)
{
	unsigned flags = TAIL_KNOWN;

	for (unsigned first = name->labels; flags && first-- > 0;) {
		flags = tail_table_find(suffixes->tails, name, first);
		if (flags & TAIL_LOCAL)
			return true;
	}
	return false;
}

bool suffix_is_registry(const struct suffixes *suffixes, const struct name *name)
{
	return name->labels == 0 || (suffix_rules_reach(name, 0) == 0 &&
	                             suffix_rules_have(suffixes->list, name, 0, PSL_TYPE_ICANN));
}
