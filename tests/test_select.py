"""Selecting operations, overlays and reports, as the command line has them."""

import json
import subprocess

import pytest
from conftest import ROOT

PETSTORE = ROOT / "examples" / "petstore" / "openapi.yaml"
OVERLAY = """overlay: 1.0.0
info: {title: For agents, version: "1"}
actions:
  - target: $.paths.*.delete
    remove: true
  - target: $.info
    update: {title: Overlaid}
"""


def run(mcpc, *args, cwd=None, **options):
    return subprocess.run(
        [mcpc, *map(str, args)], cwd=cwd, capture_output=True, text=True, timeout=60, **options
    )


def report(mcpc, *args, **options):
    done = run(mcpc, *args, "--report=json", **options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_report_accounts_for_every_operation(mcpc):
    whole = report(mcpc, PETSTORE)
    assert whole["counts"]["operations"] == len(whole["operations"])
    for operation in whole["operations"]:
        assert bool(operation["tools"]) != (operation["omitted"] is not None)
    some = report(mcpc, PETSTORE, "--include", "tag:pets", "--exclude", "method:delete")
    assert [each["path"] for each in some["operations"]] == [
        each["path"] for each in whole["operations"]
    ]
    for operation in some["operations"]:
        chosen = "pets" in operation["tags"] and operation["method"] != "DELETE"
        assert bool(operation["tools"]) == chosen, operation
        assert chosen or operation["omitted"]


def test_a_report_does_not_depend_on_what_else_is_made(mcpc, tmp_path):
    alone = run(mcpc, PETSTORE, "--report", "text")
    for output in ("policy.c", "policy.mcpp"):
        beside = run(mcpc, PETSTORE, "--report", "text", "-o", tmp_path / output)
        assert beside.returncode == 0, beside.stderr
        assert beside.stdout == alone.stdout
        assert (tmp_path / output).stat().st_size > 0


def test_a_refused_document_has_no_report(mcpc):
    done = run(mcpc, PETSTORE, "--report=json", "--include", "tag:nothing")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "[unmatched-selector]" in done.stderr


@pytest.mark.parametrize(
    "args",
    [
        ["-o", "-", "--to", "c", "--report=text"],
        ["--report=xml"],
        ["-o", "x.c", "--max-name", "7"],
        ["-o", "x.c", "--max-name", "65"],
        ["-o", "x.c", "--max-tools", "0"],
        ["-o", "x.c", "--max-tools", "-1"],
        ["-o", "x.c", "--max-description", "12x"],
        ["-o", "x.c", "--overlay", "-"],
        ["-o", "x.c", "--include"],
    ],
)
def test_wrong_usage(mcpc, tmp_path, args):
    done = run(mcpc, PETSTORE, *args, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert "usage: mcpc" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_policy_finds_its_overlay_from_anywhere(mcpc, tmp_path):
    specs, policies = tmp_path / "specs", tmp_path / "policies"
    specs.mkdir()
    policies.mkdir()
    (specs / "api.yaml").write_bytes(PETSTORE.read_bytes())
    (specs / "agents.yaml").write_text(OVERLAY)
    done = run(
        mcpc, "specs/api.yaml", "--overlay", "specs/agents.yaml", "-o", "policies/api.mcpp",
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    text = (policies / "api.mcpp").read_text()
    assert 'overlay "../specs/agents.yaml"' in text
    assert "DELETE" not in text
    done = run(mcpc, policies / "api.mcpp", "-o", tmp_path / "policy.c", cwd="/")
    assert done.returncode == 0, done.stderr
    code = (tmp_path / "policy.c").read_text()
    assert "agents.yaml  sha256 " in code
    assert '"Overlaid"' in code
    assert str(tmp_path) not in code


def test_an_overlay_that_is_not_there_leaves_nothing(mcpc, tmp_path):
    done = run(mcpc, PETSTORE, "--overlay", "none.yaml", "-o", "policy.c", cwd=tmp_path)
    assert done.returncode == 3
    assert "cannot read 'none.yaml'" in done.stderr
    assert not list(tmp_path.iterdir())


def test_selecting_fewer_renames_nothing(mcpc):
    whole = report(mcpc, PETSTORE, "--max-name", "10")
    names = {
        (each["method"], each["path"]): each["tools"][0]["name"]
        for each in whole["operations"]
        if each["tools"]
    }
    assert all(len(name) <= 10 for name in names.values())
    some = report(mcpc, PETSTORE, "--max-name", "10", "--include", "tag:orders")
    chosen = [each for each in some["operations"] if each["tools"]]
    assert chosen
    for each in chosen:
        assert each["tools"][0]["name"] == names[each["method"], each["path"]]
