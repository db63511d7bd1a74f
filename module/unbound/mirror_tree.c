/* SPDX-License-Identifier: BSD-3-Clause */
/* mirror_tree - entries of the mirror as the override trees that local zones point to. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "util/net_help.h"
#include "util/storage/dnstree.h"

#include "unbound/mirror_tree.h"

#define FIELD_SIZE (MIRROR_TREES_MAX * sizeof(struct mirror_tree))

/* Types that answer by themselves, whatever data a zone has; but TRUNCATE, which gives the zone's data.
 * Unset is passed over: the zone's own type is in force.
 */
static enum localzone_type type_of(enum warden_verdict verdict)
{
	switch (verdict) {
	case WARDEN_TRUNCATE:
		return local_zone_truncate;
	case WARDEN_NODATA:
		return local_zone_always_nodata;
	case WARDEN_NXDOMAIN:
		return local_zone_always_nxdomain;
	case WARDEN_REFUSE:
	case WARDEN_DROP:
		return local_zone_always_refuse;
	default:
		return local_zone_unset;
	}
}

static socklen_t socket_address(struct sockaddr_storage *address, const struct mirror_entry *entry)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

	if (entry->is_v6) {
		memcpy(&v6.sin6_addr, entry->address, sizeof(v6.sin6_addr));
		memcpy(address, &v6, sizeof(v6));
		return sizeof(v6);
	}
	memcpy(&v4.sin_addr, entry->address, sizeof(v4.sin_addr));
	memcpy(address, &v4, sizeof(v4));
	return sizeof(v4);
}

static struct mirror_content *empty(size_t room)
{
	struct mirror_content *content =
		calloc(1, sizeof(*content) + room * sizeof(struct local_zone_override));

	if (content)
		content->root = RBTREE_NULL;
	return content;
}

static void add(rbtree_type *tree, struct local_zone_override *node, struct sockaddr_storage *address,
                socklen_t len, int prefix, enum localzone_type type)
{
	node->type = type;
	addr_tree_insert(tree, &node->node, address, len, prefix);
}

static struct mirror_content *finish(struct mirror_content *content, rbtree_type *tree)
{
	addr_tree_init_parents(tree);
	content->root = tree->root;
	content->count = tree->count;
	return content;
}

struct mirror_content *mirror_content_make(const struct mirror_entry *entries, size_t count)
{
	struct mirror_content *content = empty(count);
	struct sockaddr_storage address;
	rbtree_type tree;

	if (!content)
		return NULL;
	addr_tree_init(&tree);
	for (size_t i = 0; i < count; i++) {
		socklen_t len = socket_address(&address, &entries[i]);

		add(&tree, &content->nodes[i], &address, len, entries[i].prefix, type_of(entries[i].verdict));
	}
	return finish(content, &tree);
}

/* The entry of <tree> that has the longest prefix around <node>, the node itself included. */
static struct local_zone_override *around(rbtree_type *tree, struct addr_tree_node *node)
{
	rbnode_type *found = NULL;
	struct addr_tree_node *at;

	if (rbtree_find_less_equal(tree, node, &found))
		return (struct local_zone_override *)found;
	at = (struct addr_tree_node *)found;
	if (!at || at->addrlen != node->addrlen)
		return NULL;
	/* As addr_tree_lookup(), which looks for whole addresses only. */
	for (; at; at = at->parent)
		if (at->net <= addr_in_common(&at->addr, at->net, &node->addr, node->net, node->addrlen))
			return (struct local_zone_override *)at;
	return NULL;
}

struct mirror_content *mirror_content_merge(const struct mirror_content *content, rbtree_type *operators)
{
	struct mirror_content *merged = empty(content->count + operators->count);
	struct local_zone_override *theirs, *hold, *next;
	rbtree_type tree, ours;

	if (!merged)
		return NULL;
	addr_tree_init(&tree);
	addr_tree_init(&ours);
	ours.root = content->root;
	ours.count = content->count;
	next = merged->nodes;
	for (size_t i = 0; i < content->count; i++) {
		struct addr_tree_node node = content->nodes[i].node;
		enum localzone_type type = content->nodes[i].type;

		/* Who is exempt has what the operator gave him. */
		theirs = type ? NULL : around(operators, &node);
		add(&tree, next++, &node.addr, node.addrlen, node.net, theirs ? theirs->type : type);
	}
	RBTREE_FOR(theirs, struct local_zone_override *, operators) {
		struct addr_tree_node *node = &theirs->node;

		hold = around(&ours, node);
		if (hold && hold->type)
			continue;
		/* When there is one for the very prefix, it has this type already: see above. */
		add(&tree, next++, &node->addr, node->addrlen, node->net, theirs->type);
	}
	return finish(merged, &tree);
}

bool mirror_field_open(struct mirror_field *field)
{
	/* Not calloc(): when glibc has seen such a piece freed, at a reload, it takes the next from the heap, and clears
	 * all ten megabytes of it.
	 */
	void *pages = mmap(NULL, FIELD_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	*field = (struct mirror_field){ .trees = pages == MAP_FAILED ? NULL : pages };
	return field->trees;
}

void mirror_field_close(struct mirror_field *field)
{
	if (field->trees)
		munmap(field->trees, FIELD_SIZE);
	*field = (struct mirror_field){ 0 };
}

struct mirror_tree *mirror_field_take(struct mirror_field *field)
{
	struct mirror_tree *tree = field->freed;

	if (tree)
		field->freed = tree->next;
	else if (field->used < MIRROR_TREES_MAX)
		tree = &field->trees[field->used++];
	else
		return NULL;
	*tree = (struct mirror_tree){ 0 };
	addr_tree_init(&tree->head);
	return tree;
}

void mirror_field_give(struct mirror_field *field, struct mirror_tree *tree)
{
	tree->next = field->freed;
	field->freed = tree;
}

struct mirror_tree *mirror_field_find(const struct mirror_field *field, rbtree_type *head)
{
	uintptr_t at = (uintptr_t)head, first = (uintptr_t)field->trees;

	/* By number: pointers to different things must not be compared. */
	return at >= first && at - first < (uintptr_t)field->used * sizeof(*field->trees)
	       ? (struct mirror_tree *)head : NULL;
}

struct mirror_content *mirror_tree_swap(struct mirror_tree *tree, struct mirror_content *content)
{
	struct mirror_content *old = tree->content;

	tree->content = content;
	tree->head.root = content ? content->root : RBTREE_NULL;
	tree->head.count = content ? content->count : 0;
	return old;
}
