"""The rules of the house: layers, sizes, words, diagnostics against their documentation.

Run by `make lint`. Prints one line a finding and exits 1 when there is one.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FINDINGS = []

# Which folders a folder may include from, besides itself.
COMPILER = {
    "base": [],
    "openapi": ["base"],
    "policy": ["openapi", "base"],
    "lower": ["policy", "openapi", "base"],
    "tables": ["policy", "openapi", "base"],
    "emit": ["tables", "policy", "openapi", "base"],
    "commands": ["emit", "tables", "lower", "policy", "openapi", "base", ""],
    "": ["commands", "emit", "tables", "lower", "policy", "openapi", "base"],
}
RUNTIME = {
    "memory": [],
    "observe": [""],
    "identity": ["memory", "observe", "backend", "protocol", ""],
    "decide": ["identity", "memory"],
    "oauth2": ["memory", "identity", "protocol", ""],
    "backend": ["memory", "observe", "identity", ""],
    "protocol": ["memory", "observe", "identity", "decide", "backend", "oauth2", ""],
    "transport": ["memory", "observe", "identity", "protocol", ""],
    "": ["memory", "observe", "identity", "decide", "backend", "protocol", "transport"],
}
# What both sides share.
SHARED = re.compile(r"grammar/json\.h|runtime/decide/|runtime/identity/caller\.h|runtime/memory/slice\.h")
BANNED = {
    "principal": "caller",
    "utils": "a name for the concept",
    "permit": "allow",
}
LINES_MAX = 600
FUNCTION_MAX = 60


def find(path, line, text):
    FINDINGS.append(f"{path.relative_to(ROOT)}:{line}: {text}")


def sources(*folders):
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".c", ".h", ".y", ".re"):
                yield path


def folder_of(path):
    parts = path.relative_to(ROOT).parts
    return parts[0], parts[1] if len(parts) > 2 else ""


def check_layers(path, lines):
    side, folder = folder_of(path)
    table = {"compiler": COMPILER, "runtime": RUNTIME}.get(side)
    if table is None or folder == "include":
        return
    if folder not in table:
        find(path, 1, f"the folder {side}/{folder} has no place in the layers")
        return
    for number, line in enumerate(lines, 1):
        found = re.match(r'\s*#include "([^"]+)"', line)
        if not found:
            continue
        target = pathlib.PurePosixPath(found.group(1)).parts
        if target[0] == "grammar":
            continue
        if target[0] != side:
            if not SHARED.match(found.group(1)):
                find(path, number, f"{side}/ may not include {found.group(1)}")
            continue
        other = target[1] if len(target) > 2 else ""
        if other not in (folder, *table[folder]):
            find(path, number, f"{side}/{folder} may not include from {side}/{other}")


def check_size(path, lines):
    if len(lines) > LINES_MAX:
        find(path, 1, f"{len(lines)} lines; more than {LINES_MAX} ask to be split")
    start = None
    for number, line in enumerate(lines, 1):
        if line.startswith("{"):
            start = number
        elif line.startswith("}") and start:
            if number - start > FUNCTION_MAX:
                find(path, start, f"a function of {number - start} lines; at most {FUNCTION_MAX}")
            start = None


def check_head(path, lines):
    text = "\n".join(lines[:40])
    if not text.lstrip().startswith(("/*", "%{", "//")):
        find(path, 1, "a file starts with a comment that says what it is for")
    if "SPDX-License-Identifier: Apache-2.0" not in text:
        find(path, 1, "the SPDX line is missing")


def check_words(path, lines):
    for number, line in enumerate(lines, 1):
        for word, better in BANNED.items():
            if re.search(rf"\b{word}s?\b", line, re.IGNORECASE):
                find(path, number, f"'{word}' is not a word of this project: {better}")
        if re.search(r"/(root|home|work)/|registry\.npmjs", line):
            find(path, number, "a path or host of one machine")


SLUG_CALL = re.compile(r'diag_(?:error|warning|add)\(\s*[^"()]*?"([a-z0-9-]+)"', re.DOTALL)


def check_diagnostics():
    """Each slug in the code has a heading in docs/diagnostics.md, and the reverse."""
    used = {}
    for path in sources("compiler", "grammar"):
        for found in SLUG_CALL.finditer(path.read_text()):
            used.setdefault(found.group(1), path)
    page = ROOT / "docs" / "diagnostics.md"
    described = set(re.findall(r"^### `([a-z0-9-]+)`", page.read_text(), re.MULTILINE))
    for slug in sorted(used.keys() - described):
        find(used[slug], 1, f"the diagnostic '{slug}' is not described in docs/diagnostics.md")
    for slug in sorted(described - used.keys()):
        find(page, 1, f"the diagnostic '{slug}' is described but nothing reports it")


def main():
    figures = []
    for path in sources("compiler", "runtime", "grammar", "examples", "tests/unit", "tests/fuzz"):
        lines = path.read_text().splitlines()
        figures.append(len(lines))
        check_layers(path, lines)
        check_size(path, lines)
        check_head(path, lines)
        check_words(path, lines)
    check_diagnostics()
    figures.sort()
    print(
        f"{len(figures)} files, {sum(figures)} lines, median {figures[len(figures) // 2]}, "
        f"p90 {figures[len(figures) * 9 // 10]}, largest {figures[-1]}"
    )
    print("\n".join(FINDINGS) or "the rules of the house hold")
    return bool(FINDINGS)


if __name__ == "__main__":
    sys.exit(main())
