"""The rules of the house: layers, sizes, words, diagnostics against their documentation.

Run by `make lint`. Prints one line a finding and exits 1 when there is one.
"""

import pathlib
import re
import sys

import diagnostics

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FINDINGS = []

# Which folders a folder may include from, besides itself.
COMPILER = {
    "base": [],
    "openapi": ["base"],
    "policy": ["openapi", "base"],
    "lower": ["policy", "openapi", "base"],
    "logic": ["policy", "openapi", "base"],
    "analysis": ["logic", "policy", "openapi", "base"],
    "tables": ["logic", "policy", "openapi", "base"],
    "scene": ["analysis", "tables", "logic", "policy", "openapi", "base"],
    "emit": ["tables", "logic", "policy", "openapi", "base"],
    "commands": ["scene", "analysis", "emit", "tables", "logic", "lower", "policy", "openapi", "base", ""],
    "": ["commands", "scene", "analysis", "emit", "tables", "logic", "lower", "policy", "openapi", "base"],
}
RUNTIME = {
    "memory": [],
    "observe": ["memory", ""],
    "upstream": ["memory", "observe", ""],
    "identity": ["memory", "observe", "decide", "upstream", "oauth2", "protocol", ""],
    "decide": ["identity", "memory", "validate"],
    "oauth2": ["memory", "observe", "upstream", "identity", "protocol", ""],
    "validate": ["memory", "observe"],
    "backend": ["memory", "observe", "upstream", "oauth2", "identity", "validate", ""],
    "protocol": ["quota", "memory", "observe", "identity", "decide", "validate", "backend", "oauth2", ""],
    "quota": ["memory", "observe", "identity", ""],
    "transport": ["memory", "observe", "identity", "protocol", ""],
    "": ["quota", "memory", "observe", "identity", "decide", "upstream", "oauth2", "backend", "protocol", "transport", "validate"],
}
# What both sides share.
SHARED = re.compile(r"grammar/json\.h|runtime/decide/|runtime/validate/validate\.h|runtime/identity/caller\.h|runtime/memory/(slice|pool)\.h")
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
    start, is_table = None, False
    for number, line in enumerate(lines, 1):
        # the rules of a scanner are a table, whichever function they stand in
        is_table = "/*!re2c" in line or (is_table and "*/" not in line)
        if is_table and start:
            start += 1
        if line.startswith("{"):
            start = number
        elif line.startswith("}") and start:
            if number - start > FUNCTION_MAX:
                find(path, number, f"a function of {number - start} lines; at most {FUNCTION_MAX}")
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


# Reported only when mcpc itself is wrong: no input can show it.
UNREACHABLE = {"internal-error"}
SEVERITIES = re.compile(r"^### `([a-z0-9-]+)`\n\n\*([a-z, ]+)\*$", re.MULTILINE)


def check_diagnostics():
    """Each slug in the code is described in docs/diagnostics.md, with its severities, and shown by a
    test; and the reverse."""
    used, unclear = diagnostics.collect(list(sources("compiler", "grammar")))
    for path, line, text in unclear:
        find(path, line, text)
    page = ROOT / "docs" / "diagnostics.md"
    text = page.read_text()
    described = set(re.findall(r"^### `([a-z0-9-]+)`", text, re.MULTILINE))
    said = dict(SEVERITIES.findall(text))
    for slug, calls in sorted(used.items()):
        path, line, _ = calls[0]
        severities = ", ".join(
            one for one in ("error", "warning", "note") if any(call[2] == one for call in calls)
        )
        if slug not in described:
            find(path, line, f"the diagnostic '{slug}' is not described in docs/diagnostics.md")
        elif said.get(slug) != severities:
            find(page, 1, f"the diagnostic '{slug}' is to be called *{severities}* under its heading")
    for slug in sorted(described - used.keys()):
        find(page, 1, f"the diagnostic '{slug}' is described but nothing reports it")
    check_diagnostics_are_tested(used)


def check_diagnostics_are_tested(used):
    tests = [*(ROOT / "tests" / "golden").glob("*/expected.*"), ROOT / "tests/test_diagnostics.py"]
    shown = set()
    for path in tests:
        shown |= set(re.findall(r"\[([a-z0-9-]+)\]", path.read_text(errors="replace")))
    for slug in sorted(used.keys() - shown - UNREACHABLE):
        path, line, _ = used[slug][0]
        find(path, line, f"the diagnostic '{slug}' is in no golden case nor tests/test_diagnostics.py")
    page = ROOT / "docs" / "diagnostics.md"
    for slug in sorted(UNREACHABLE - used.keys()):
        find(page, 1, f"lint.py lists '{slug}' as unreachable, but nothing reports it")


# ---- options against their pages ----


def options_of_mcpc():
    """Command -> its options, from the tables that --help prints."""
    found = {}
    for path in sources("compiler/commands"):
        text = diagnostics.without_comments(path.read_text())
        command = re.search(r"const struct command command_\w+ = \{(.*?)\};", text, re.DOTALL)
        name = re.search(r'\.name = "([a-z]+)"', command[1]) if command else None
        table = re.search(r"struct option_help \w+\[\] = \{(.*?)\{0\}", text, re.DOTALL)
        if command and not (name and table):
            find(path, 1, "the command's name or its table of options cannot be read")
        elif command:
            entries = re.findall(r'\{\s*"((?:[^"\\]|\\.)*)"', table[1])
            found[name[1]] = {word for entry in entries for word in option_words(entry)}
    return found


def option_words(text):
    return set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", text))


def sections(page, heading):
    """Title -> text of the page's sections with such headings."""
    parts = re.split(rf"^{heading} (.*)$", page.read_text(), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2]))


def rows(text):
    """The options that the first cells of a section's tables name."""
    cells = re.findall(r"^\| (`[^|]*?) \|", text.replace("\\|", "/"), re.MULTILINE)
    return {word for cell in cells for word in option_words(cell)}


def compare_options(page, where, wanted, described):
    for option in sorted(wanted - described):
        find(page, 1, f"{where}: {option} is not described")
    for option in sorted(described - wanted):
        find(page, 1, f"{where}: {option} is described but does not exist")


def check_cli_page():
    page = ROOT / "docs" / "cli.md"
    described = {
        re.sub(r"^`mcpc |`$", "", title): text for title, text in sections(page, "##").items()
    }
    commands = options_of_mcpc()
    for name, options in commands.items():
        if name not in described:
            find(page, 1, f"the command '{name}' has no section")
        else:
            compare_options(page, f"mcpc {name}", options, rows(described[name]))
    for name in described.keys() - commands.keys():
        if rows(described[name]):
            find(page, 1, f"'{name}' describes options of no command")


def options_of_servers():
    """Name -> whether it is a flag, from the table of runtime/options_table.c."""
    text = diagnostics.without_comments((ROOT / "runtime" / "options_table.c").read_text())
    table = re.search(r"option_entry entries\[\] = \{(.*?)\n\};", text, re.DOTALL)[1]
    found = {name: kind == "FLAG" for name, kind in re.findall(
        r'\{"([a-z-]+)",[^{}]*?OPTION_([A-Z_]+)', table)}
    found |= {f"limit-{name}-bytes": False for name in re.findall(r"BYTES\((\w+)", table)}
    found |= {f"limit-{name}-ms": False for name in re.findall(r"MILLISECONDS\((\w+)", table)}
    return found


def check_runtime_page():
    page, options = ROOT / "docs" / "runtime.md", options_of_servers()
    wanted = {f"--{name}" for name in options}
    wanted |= {f"--no-{name}" for name, is_flag in options.items() if is_flag}
    compare_options(page, "a server", wanted, rows(page.read_text()))
    without_key = {"config", "credentials", "help", "version"}
    keys = {name.replace("-", "_") for name in options if name not in without_key}
    for line in page.read_text().splitlines():
        for name in re.findall(r"^\| `--([a-z-]+)", line):
            key = name.replace("-", "_")
            if name not in without_key and f"`{key}`" not in line:
                find(page, 1, f"the row of --{name} does not name its key `{key}`")
            keys.discard(key)
    for key in sorted(keys):
        find(page, 1, f"the key {key} is in no row")


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
    check_cli_page()
    check_runtime_page()
    figures.sort()
    print(
        f"{len(figures)} files, {sum(figures)} lines, median {figures[len(figures) // 2]}, "
        f"p90 {figures[len(figures) * 9 // 10]}, largest {figures[-1]}"
    )
    print("\n".join(FINDINGS) or "the rules of the house hold")
    return bool(FINDINGS)


if __name__ == "__main__":
    sys.exit(main())
