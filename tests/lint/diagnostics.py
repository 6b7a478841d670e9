"""Finds the slugs of all diagnostics that the compiler can report, by reading its calls.

A reporter is a function or macro with a parameter `slug`: the base ones and every wrapper around
them. At each call of a reporter the argument in the slug's place must say its words here: a string,
a choice between strings, the `slug` of a wrapper, or an element of a table of strings.
"""

import re

SLUG = re.compile(r'"([a-z][a-z0-9]*(?:-[a-z0-9]+)*)"')
STRING = r'"(?:[^"\\\n]|\\.)*"'
COMMENT = re.compile(rf"/\*.*?\*/|//[^\n]*|({STRING}|'(?:[^'\\\n]|\\.)*')", re.DOTALL)


def without_comments(text):
    """The same text with comments blanked, so that line numbers stay."""
    return COMMENT.sub(
        lambda found: found[0] if found[1] else re.sub(r"[^\n]", " ", found[0]), text
    )


def arguments(text, start):
    """The arguments of a call, `start` being just after its '('. None: the ')' is missing."""
    depth, at, begin, found = 0, start, start, []
    while at < len(text):
        string = re.compile(rf"{STRING}|'(?:[^'\\\n]|\\.)*'").match(text, at)
        if string:
            at = string.end()
            continue
        byte = text[at]
        if byte in "([{":
            depth += 1
        elif byte in ")]}":
            if depth == 0:
                return [*found, text[begin:at].strip()]
            depth -= 1
        elif byte == "," and depth == 0:
            found.append(text[begin:at].strip())
            begin = at + 1
        at += 1
    return None


def slug_place(parameters):
    """Which of the parameters, in a declaration or macro, is the slug; None: none is."""
    for place, parameter in enumerate(parameters or []):
        if re.search(r"(?:^|[\s*])slug$", parameter):
            return place
    return None


def reporters(texts):
    """Name -> place of the slug, of every function or macro that takes one and reports it. Static
    functions count in their own file only: "PATH NAME"."""
    found = {}
    for path, text in texts.items():
        for name in re.finditer(r"\b([a-z_][a-z0-9_]*)\(", text):
            place = slug_place(arguments(text, name.end()))
            if place is not None and is_reporting(text, name):
                found[local_name(path, text, name)] = place
    return found


def line_start(text, name):
    return text[text.rfind("\n", 0, name.start()) + 1 : name.start()]


def local_name(path, text, name):
    return f"{path} {name[1]}" if line_start(text, name).startswith("static ") else name[1]


def is_reporting(text, name):
    """A declaration or definition that gives or takes a diagnostic: not, say, build_is_first."""
    line, listed = line_start(text, name), arguments(text, name.end())
    return "diag" in line or "diag" in name[1] or any("diag" in one for one in listed)


def table_slugs(text, name):
    """The strings of a table in the same file: `NAME[] = { … }`."""
    table = re.search(rf"\b{re.escape(name)}\[[^\]]*\]\s*=\s*\{{(.*?)\}};", text, re.DOTALL)
    return SLUG.findall(table[1]) if table else []


def slugs_of(text, argument):
    """The slugs that an argument may be; empty: it cannot be told."""
    element = re.fullmatch(r"([a-z_]+)\[[^\]]*\]", argument)
    if element:
        return table_slugs(text, element[1])
    return SLUG.findall(argument)


def collect(paths):
    """Slug -> [(path, line, severity)], and [(path, line, text)] of calls that cannot be told."""
    texts = {path: without_comments(path.read_text()) for path in paths}
    known, used, unclear = reporters(texts), {}, []
    for path, text in texts.items():
        for call in re.finditer(r"\b([a-z_][a-z0-9_]*)\(", text):
            place = known.get(f"{path} {call[1]}", known.get(call[1]))
            listed = arguments(text, call.end())
            if place is None or listed is None or len(listed) <= place:
                continue
            argument = listed[place]
            if slug_place([argument]) is not None or argument == "(slug)":
                continue  # a declaration, or a wrapper that passes its own slug on
            line = text.count("\n", 0, call.start()) + 1
            slugs = slugs_of(text, argument)
            if not slugs:
                unclear.append((path, line, f"{call[1]}() is called without a slug: {argument}"))
            for slug in slugs:
                used.setdefault(slug, []).append((path, line, severity(call[1], listed)))
    return used, unclear


def severity(name, listed):
    for word in ("error", "warning", "note"):
        if name.endswith(word) or f"DIAG_{word.upper()}" in listed:
            return word
    return "error"
