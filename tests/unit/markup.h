/* SPDX-License-Identifier: BSD-3-Clause */
/* markup - whether a page is well-formed: every element is closed, every attribute quoted. */
#ifndef MARKUP_H
#define MARKUP_H

/* NULL, or where <page> (a text) breaks the rules of XML. Knows elements, attributes, the references of
 * XML and of numbers, a document type and nothing else, which is all that a page may have.
 */
const char *markup_fault(const char *page);

#endif
