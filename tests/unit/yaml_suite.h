/*
 * Where the YAML reader differs from yaml-test-suite, test by test, and why.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef UNIT_YAML_SUITE_H
#define UNIT_YAML_SUITE_H

enum suite_outcome { SUITE_ACCEPTED, SUITE_REFUSED, SUITE_DIFFERENT, SUITE_UNCOMPARED };

static const struct suite_exemption {
    enum suite_outcome outcome;
    const char *slug; /* of the error, when refused */
    const char *reason;
    const char *tests; /* each between spaces */
} suite_exemptions[] = {
    {SUITE_ACCEPTED, "",
     "libyaml does not look at the indentation of lines inside quotes and brackets",
     " 9C9N QB6E DK95/01 Y79Y/03 "},
    {SUITE_ACCEPTED, "", "libyaml takes a comment that nothing separates from what is before it",
     " 9JBA CVW2 SU5Z X4QW MUS6/00 "},
    {SUITE_ACCEPTED, "", "libyaml takes '-' as a plain scalar inside brackets", " G5U8 "},
    {SUITE_ACCEPTED, "",
     "libyaml lets a block scalar begin with empty lines that are indented deeper", " S98Z "},
    {SUITE_DIFFERENT, "", "libyaml ends an anchor's name at a colon", " Y2GN "},
    {SUITE_DIFFERENT, "", "libyaml does not add the line end that a last line of spaces lacks",
     " JEF9/02 L24T/01 "},
    {SUITE_UNCOMPARED, "", "the suite has no JSON for it", " FH7J UKK6/02 "},
    {SUITE_REFUSED, "yaml-documents", "ours: a description is one document",
     " 35KP 6XDY 6ZKB 9DXL 9KAX JHB9 KSS4 L383 PUW8 RZT7 U9NS "},
    {SUITE_REFUSED, "empty-document", "ours: a description is not empty", " 8G76 98YD AVM7 "},
    {SUITE_REFUSED, "yaml-key",
     "ours: a key is a string as it is written: no collection, alias, or anchor",
     " 26DV 2SXE 4FJ6 6BFJ 6M2F 6PBE 7BMT 9MMW CN3R E76Z HMQ5 KK5P M2N8/00 M2N8/01 M5DY PW8X RZP5 "
     "U3XV V9D5 XW4D ZH7C ZWK4 "},
    {SUITE_REFUSED, "yaml-tag", "ours: tags of the core schema only",
     " 2XXW 565N 5TYM 6CK3 6WLZ 7FWL 9WXW C4HZ CC74 CUP7 J7PZ M5C3 P76L UGM3 Z67P Z9M4 "},
    {SUITE_REFUSED, "json-syntax", "ours: what begins with '{' or '[' is JSON",
     " 4ABK 4MUZ/01 4MUZ/02 54T7 58MP 652Z 8UDB C2DT CT4Q DFF7 DHP8 FRK4 FUP4 HM87/00 HM87/01 LX3P "
     "Q9WF QF4Y SBG9 WZ62 X38W ZK9H "},
    {SUITE_REFUSED, "yaml-syntax", "libyaml reads no empty key that has no '?'",
     " 2JQS CFD4 NHX8 NKF9 S3PD SM9W/01 UKK6/00 "},
    {SUITE_REFUSED, "yaml-syntax", "libyaml refuses directives and versions that it does not know",
     " 2LFX 6LVF BEC7 MUS6/05 MUS6/06 ZYU8/00 ZYU8/01 ZYU8/02 ZYU8/03 "},
    {SUITE_REFUSED, "yaml-syntax",
     "libyaml takes a '%' that begins a line for a directive, in a scalar too", " W4TN "},
    {SUITE_REFUSED, "yaml-syntax",
     "libyaml has no ':' at the beginning of a plain scalar or a line in brackets",
     " 5MUD 5T43 DBG4 K3WX "},
    {SUITE_REFUSED, "yaml-syntax", "libyaml wants a key in brackets to stand on one line",
     " 9SA2 NJ66 UT92 VJP3/01 "},
    {SUITE_REFUSED, "yaml-syntax", "libyaml takes no tab where indentation could be",
     " 6BCT 96NN/00 96NN/01 A2M4 DK95/00 DK95/03 DK95/04 R4YG Y79Y/01 Y79Y/10 "},
    {SUITE_REFUSED, "yaml-syntax", "libyaml wants a '---' after a '...', and a document before it",
     " 7Z25 HWV9 M7A3 QT73 "},
    {SUITE_REFUSED, "yaml-syntax", "libyaml wants a document's block scalar to be indented",
     " DK3J FP8R "},
    {SUITE_REFUSED, "yaml-syntax",
     "libyaml has letters, digits, '-' and '_' in anchors' names only", " 8XYN W5VH "},
};

#endif
