"""mcpc fmt over every policy of the tests: it settles at once, keeps comments, and changes nothing but
the layout."""

import re
import subprocess

import pytest
from conftest import ROOT

FILES = sorted(
    path
    for folder in ("tests/golden", "examples", "stdlib", "tests/fuzz/corpus/mcpp")
    for path in (ROOT / folder).rglob("*.mcpp")
)


def run(mcpc, folder, *arguments):
    return subprocess.run([mcpc, *arguments], cwd=folder, capture_output=True, timeout=60)


def test_there_are_policies():
    assert len(FILES) > 100


def comments_of(text):
    """What stands behind a '#' that no string holds; in a path it belongs to the path."""
    without_strings = re.sub(r'"(?:[^"\\\n]|\\.)*"', '""', text)
    return sorted(re.findall(r"(?:^|(?<=[ \t\"{,]))#[^\n]*?(?=\s*$)", without_strings, re.M))


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.parts[-2:]))
def test_formatting_settles(path, mcpc, tmp_path):
    text = path.read_bytes()
    file = tmp_path / "policy.mcpp"
    file.write_bytes(text)
    if run(mcpc, tmp_path, "fmt", file.name).returncode != 0:
        assert file.read_bytes() == text, "a text that cannot be read is left alone"
        return
    once = file.read_bytes()
    assert run(mcpc, tmp_path, "fmt", "--check", file.name).returncode == 0
    assert run(mcpc, tmp_path, "fmt", file.name).returncode == 0
    assert file.read_bytes() == once
    assert comments_of(once.decode()) == comments_of(text.decode())
    if path.name.startswith("expected"):
        assert once == text, "what mcpc writes is laid out"


def tree_of(mcpc, folder, name):
    """The AST, with the comments that stand inside of what goes over several lines in their places."""
    lines = run(mcpc, folder, name, "--dump=ast").stdout.decode().splitlines()
    return [line for line in lines if not line.startswith("  comment ")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.parts[-2:]))
def test_formatting_keeps_the_statements(path, mcpc, tmp_path):
    (tmp_path / "before.mcpp").write_bytes(path.read_bytes())
    (tmp_path / "after.mcpp").write_bytes(path.read_bytes())
    if run(mcpc, tmp_path, "fmt", "after.mcpp").returncode == 0:
        assert tree_of(mcpc, tmp_path, "after.mcpp") == tree_of(mcpc, tmp_path, "before.mcpp")
