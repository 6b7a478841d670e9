/*
 * Diagnostics for other programs: JSON, and SARIF 2.1.0 for code hosts and editors. For people
 * there is base/diag_print.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MCPC_DIAG_FORM_H
#define MCPC_DIAG_FORM_H

#include "compiler/base/diag.h"

enum diag_form { DIAG_FORM_TEXT, DIAG_FORM_JSON, DIAG_FORM_SARIF };

/* One diagnostic as a JSON object on one line. */
void diag_form_object(const struct diag *diag, struct str_builder *out);

/* All of them, sorted: {"input": …, "counts": {…}, "diagnostics": […]}. */
void diag_form_json(const struct diag_list *diags, struct str input, struct str_builder *out);

/* A log with one run (OASIS SARIF 2.1.0). */
void diag_form_sarif(const struct diag_list *diags, struct str_builder *out);

#endif
