/*
 * What of JSON-Schema-Test-Suite (draft 2020-12) is not run, by name, and why.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef UNIT_SCHEMA_SUITE_H
#define UNIT_SCHEMA_SUITE_H

/* Files; each name between spaces. */
static const struct unused_files {
    const char *reason, *names;
} unused_files[] = {
    {"$anchor, $dynamicRef, $id, $vocabulary and other documents: mcpc does not lower them",
     " anchor dynamicRef refRemote vocabulary optional/anchor optional/cross-draft "
     "optional/dynamicRef optional/id "},
    {"refers to the metaschema, another document", " defs "},
    {"format as a mere annotation, or chosen by a vocabulary",
     " format optional/format-assertion "},
    {"a keyword of older drafts", " optional/dependencies-compatibility "},
    {"formats that are not looked at",
     " optional/format/duration optional/format/ecmascript-regex optional/format/email "
     "optional/format/hostname optional/format/idn-email optional/format/idn-hostname "
     "optional/format/iri optional/format/iri-reference optional/format/json-pointer "
     "optional/format/regex optional/format/relative-json-pointer optional/format/uri "
     "optional/format/uri-reference optional/format/uri-template "},
};

/* Groups of the files that are run. */
static const struct unused_group {
    const char *file, *description; /* as the suite writes it */
} unused_groups[] = {
    /* $id and other documents: mcpc does not lower them */
    {"ref", "remote ref, containing refs itself"},
    {"ref", "Recursive references between schemas"},
    {"ref", "refs with relative uris and defs"},
    {"ref", "relative refs with absolute uris and defs"},
    {"ref", "$id must be resolved against nearest parent, not just immediate parent"},
    {"ref", "order of evaluation: $id and $ref"},
    {"ref", "order of evaluation: $id and $anchor and $ref"},
    {"ref", "order of evaluation: $id and $ref on nested schema"},
    {"ref", "simple URN base URI with $ref via the URN"},
    {"ref", "simple URN base URI with JSON pointer"},
    {"ref", "URN base URI with NSS"},
    {"ref", "URN base URI with r-component"},
    {"ref", "URN base URI with q-component"},
    {"ref", "URN base URI with URN and JSON pointer ref"},
    {"ref", "URN base URI with URN and anchor ref"},
    {"ref", "URN ref with nested pointer ref"},
    {"ref", "ref to if"},
    {"ref", "ref to then"},
    {"ref", "ref to else"},
    {"ref", "ref with absolute-path-reference"},
    {"ref", "$id with file URI still resolves pointers - *nix"},
    {"ref", "$id with file URI still resolves pointers - windows"},
    {"optional/unknownKeyword", "$id inside an unknown keyword is not a real identifier"},
    /* $dynamicRef: the same */
    {"unevaluatedItems", "unevaluatedItems with $dynamicRef"},
    {"unevaluatedProperties", "unevaluatedProperties with $dynamicRef"},
    /* \p in patterns: not supported, and such a pattern is not looked at */
    {"pattern", "pattern with Unicode property escape requires unicode mode"},
    {"patternProperties", "patternProperties with Unicode property escape"},
    {"optional/ecmascript-regex", "patterns always use unicode semantics with pattern"},
    {"optional/ecmascript-regex", "pattern with non-ASCII digits"},
    {"optional/ecmascript-regex", "patterns always use unicode semantics with patternProperties"},
    {"optional/ecmascript-regex", "patternProperties with non-ASCII digits"},
};

#endif
