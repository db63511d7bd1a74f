/* SPDX-License-Identifier: BSD-3-Clause */
/* built_for - the mark in warden.so that says for which Unbound it was built.
 *
 * Behind it stand the package ("unbound 1.22.0"), a newline, the configure line, and a NUL. It is for those
 * who have the file only: `unbound-warden check` compares it with `unbound -V`, as the module itself does with
 * the program that loads it.
 */
#ifndef WARDEN_BUILT_FOR_H
#define WARDEN_BUILT_FOR_H

#define WARDEN_BUILT_FOR "\n@ Warden, built for: "

#endif
