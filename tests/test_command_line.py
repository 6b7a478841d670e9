"""mcpc as people call it: what is written where, what is refused and with which status."""

import json
import os
import shutil
import stat
import subprocess

import pytest
from conftest import ROOT

DOCUMENT = """\
openapi: 3.1.0
info: {title: Small, version: "1"}
servers: [{url: https://api.example}]
security: []
paths:
  /a:
    get: {operationId: a, responses: {"200": {description: ok}}}
"""
REFUSED, USAGE, SYSTEM = 1, 2, 3


@pytest.fixture
def run(mcpc, tmp_path):
    def start(*args, cwd=tmp_path, stdin=None, **environment):
        return subprocess.run(
            [mcpc, *map(str, args)],
            cwd=cwd,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            env={**os.environ, **environment},
            timeout=300,
            text=True,
        )

    (tmp_path / "openapi.yaml").write_text(DOCUMENT)
    return start


@pytest.mark.parametrize(
    "args, says",
    [
        (["openapi.yaml"], "-o OUTPUT is needed"),
        (["-o", "x.c"], "an INPUT is needed"),
        (["a", "b", "-o", "x.c"], "more than one INPUT"),
        (["openapi.yaml", "-o", "-"], "--to"),
        (["openapi.yaml", "-o", "x.txt"], "'.txt'"),
        (["openapi.yaml", "-o", "x", "--to", "go"], "--to go"),
        (["openapi.yaml", "--dump=nothing"], "--dump=nothing"),
        (["openapi.yaml", "--nonsense"], "--nonsense"),
        (["openapi.yaml", "-o"], "-o"),
        (["openapi.yaml", "-o", "folder/"], "folder/"),
        (["openapi.yaml", "-o", "-", "--to", "program"], "program"),
    ],
)
def test_wrong_usage(args, says, run, tmp_path):
    done = run(*args)
    assert done.returncode == USAGE
    assert says in done.stderr
    assert done.stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == ["openapi.yaml"]


def test_help_and_version(run):
    for args in (["--help"], ["help"], ["compile", "--help"], ["keygen", "--help"]):
        done = run(*args)
        assert done.returncode == 0 and done.stderr == "" and "mcpc" in done.stdout
    listed = run("--help").stdout
    for command in ("compile", "check", "test", "explain", "keygen", "token", "fmt"):
        assert f"mcpc {command}" in listed
    assert run("--version").stdout.startswith("mcpc ")
    assert run().returncode == USAGE


def test_the_suffix_says_how_far(run, tmp_path):
    assert run("openapi.yaml", "-o", "small.mcpp").returncode == 0
    assert run("small.mcpp", "-o", "policy.c").returncode == 0
    assert "\nmcpp 1\n" in (tmp_path / "small.mcpp").read_text()
    assert "const struct mcpp_policy mcpp_policy" in (tmp_path / "policy.c").read_text()
    assert run("compile", "openapi.yaml", "-o", "x.txt", "--to", "c").returncode == 0
    assert "mcpp_policy" in (tmp_path / "x.txt").read_text()


def test_program(run, tmp_path):
    done = run("openapi.yaml", "-o", "small")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["openapi.yaml", "small"]
    assert (tmp_path / "small").stat().st_mode & stat.S_IXUSR
    done = subprocess.run(
        [tmp_path / "small", "--version"], capture_output=True, timeout=60, text=True
    )
    assert done.returncode == 0 and "small" in done.stdout.lower()


def test_standard_streams(run):
    done = run("-", "-o", "-", "--to", "mcpp", stdin=DOCUMENT)
    assert done.returncode == 0 and 'api "openapi.yaml"' in done.stdout
    done = run("-", "-o", "-", "--to", "c", stdin=done.stdout)
    assert done.returncode == 0 and "mcpp_policy" in done.stdout


@pytest.mark.parametrize("stage", ["document", "api", "ast", "policy", "logic", "tables", "decisions"])
def test_dumps(stage, run, tmp_path):
    done = run("openapi.yaml", f"--dump={stage}")
    assert done.returncode == 0 and done.stdout
    assert run("openapi.yaml", f"--dump={stage}", "-o", "dump.txt").returncode == 0
    assert (tmp_path / "dump.txt").read_text() == done.stdout


def test_a_refusal_leaves_nothing_and_touches_nothing(run, tmp_path):
    (tmp_path / "bad.yaml").write_text(DOCUMENT.replace("/a:", "/a: {"))
    for output in ("out.mcpp", "out.c", "out"):
        done = run("bad.yaml", "-o", output)
        assert done.returncode == REFUSED and "bad.yaml:" in done.stderr
        assert not (tmp_path / output).exists()
    (tmp_path / "kept.c").write_text("kept")
    assert run("bad.yaml", "-o", "kept.c").returncode == REFUSED
    assert (tmp_path / "kept.c").read_text() == "kept"


def test_files_that_cannot_be_read_or_written(run, tmp_path):
    assert run("nowhere.yaml", "-o", "x.c").returncode == SYSTEM
    assert run("openapi.yaml", "-o", "nowhere/x.c").returncode == SYSTEM
    (tmp_path / "lost.mcpp").write_text('mcpp 1\napi "nowhere.yaml"\n')
    done = run("lost.mcpp", "-o", "x.c")
    assert done.returncode == REFUSED and "lost.mcpp:2:5: error:" in done.stderr
    (tmp_path / "folder").mkdir()
    assert run("openapi.yaml", "-o", "folder").returncode != 0
    assert (tmp_path / "folder").is_dir() and not list((tmp_path / "folder").iterdir())


def test_linking_without_tools(run, tmp_path):
    done = run("openapi.yaml", "-o", "small", CC="no-such-compiler")
    assert done.returncode == REFUSED and "no-such-compiler" in done.stderr
    done = run("openapi.yaml", "-o", "small", PKG_CONFIG="no-such-pkg-config")
    assert done.returncode == REFUSED and "no-such-pkg-config" in done.stderr
    done = run("openapi.yaml", "-o", "small", CC="false")
    assert done.returncode == REFUSED and "'false' ended with status 1" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["openapi.yaml"]


def test_the_policy_finds_its_document(run, tmp_path):
    """The api statement is relative to the policy, wherever mcpc was called from."""
    (tmp_path / "specs").mkdir()
    (tmp_path / "build").mkdir()
    shutil.move(tmp_path / "openapi.yaml", tmp_path / "specs" / "openapi.yaml")
    document = tmp_path / "specs" / "openapi.yaml"
    for source, output, named in [
        ("specs/openapi.yaml", "specs/a.mcpp", "openapi.yaml"),
        ("specs/openapi.yaml", "b.mcpp", "specs/openapi.yaml"),
        ("specs/openapi.yaml", "build/c.mcpp", "../specs/openapi.yaml"),
        (document, "build/d.mcpp", "../specs/openapi.yaml"),
        (document, tmp_path / "e.mcpp", "specs/openapi.yaml"),
    ]:
        assert run(source, "-o", output).returncode == 0
        assert f'api "{named}"\n' in (tmp_path / output).read_text()
        done = run(tmp_path / output, "-o", "policy.c", cwd=tmp_path / "build")
        assert done.returncode == 0, done.stderr


def test_no_absolute_path_reaches_the_output(run, tmp_path):
    relative = run("openapi.yaml", "-o", "-", "--to", "c").stdout
    absolute = run(tmp_path / "openapi.yaml", "-o", "-", "--to", "c").stdout
    assert relative == absolute and str(tmp_path) not in absolute
    assert run("openapi.yaml", "-o", "small.mcpp").returncode == 0
    relative = run("small.mcpp", "-o", "-", "--to", "c").stdout
    absolute = run(tmp_path / "small.mcpp", "-o", "-", "--to", "c").stdout
    assert relative == absolute and str(tmp_path) not in absolute


def test_options_override_either_input(run):
    options = ["--name", "other", "--backend-url", "https://b.example/v2", "--validate-tokens"]
    assert run("openapi.yaml", "-o", "plain.mcpp").returncode == 0
    for source in ("openapi.yaml", "plain.mcpp"):
        text = run(source, "-o", "-", "--to", "mcpp", *options).stdout
        assert 'server "other"\n' in text
        assert 'backend "https://b.example/v2"\n' in text
        assert "validate tokens\n" in text
        text = run(source, "-o", "-", "--to", "c", *options).stdout
        assert '.name = "other"' in text
        assert '.backend = "https://b.example/v2"' in text
        assert ".validate_tokens = true" in text
        bad = run(source, "-o", "x.c", "--backend-url", "ftp://b.example")
        assert bad.returncode == REFUSED


def test_unchanged_output_keeps_its_time(run, tmp_path):
    assert run("openapi.yaml", "-o", "policy.c").returncode == 0
    os.utime(tmp_path / "policy.c", (1, 1))
    assert run("openapi.yaml", "-o", "policy.c").returncode == 0
    assert (tmp_path / "policy.c").stat().st_mtime == 1


def test_another_abi_is_refused_by_the_c_compiler(run, tmp_path):
    assert run("openapi.yaml", "-o", "policy.c").returncode == 0
    shutil.copytree(ROOT / "runtime" / "include", tmp_path / "include")
    header = tmp_path / "include" / "mcpp" / "policy.h"
    text = header.read_text()
    assert text.count("#define MCPP_POLICY_ABI ") == 1
    header.write_text(text.replace("#define MCPP_POLICY_ABI ", "#define MCPP_POLICY_ABI 1000 + "))
    done = subprocess.run(
        ["cc", "-Iinclude", "-fsyntax-only", "policy.c"],
        cwd=tmp_path,
        capture_output=True,
        timeout=60,
        text=True,
    )
    assert done.returncode != 0 and "run mcpc again" in done.stderr


def test_check(run):
    assert run("check", "openapi.yaml").returncode == 0
    assert run("check").returncode == USAGE
    assert run("check", "a", "b").returncode == USAGE
    assert run("check", "openapi.yaml", "--format", "xml").returncode == USAGE
    assert "mcpc check" in run("check", "--help").stdout
    done = run("check", "lost.mcpp", "--format", "json")
    assert done.returncode == SYSTEM and done.stderr == ""
    assert json.loads(done.stdout)["diagnostics"][0]["slug"] == "cannot-read"


def test_check_can_deny_warnings(run, tmp_path):
    (tmp_path / "openapi.yaml").write_text(DOCUMENT.replace("get:", "post:"))
    assert run("check", "openapi.yaml").returncode == 0
    done = run("check", "openapi.yaml", "--deny-warnings")
    assert done.returncode == REFUSED and "[public-change]" in done.stderr


def test_check_can_be_told_what_is_meant(run, tmp_path):
    (tmp_path / "openapi.yaml").write_text(DOCUMENT.replace("get:", "post:"))
    done = run("check", "openapi.yaml", "--deny-warnings", "--allow", "public-change")
    assert (done.returncode, done.stderr) == (0, "")
    done = run("check", "openapi.yaml", "--deny-warnings", "--allow", "unused-role")
    assert done.returncode == REFUSED and "[public-change]" in done.stderr
    assert run("check", "openapi.yaml", "--allow").returncode == USAGE
    (tmp_path / "bad.mcpp").write_text("mcpp 1\n")
    done = run("check", "bad.mcpp", "--allow", "missing-api")
    assert done.returncode == REFUSED and "[missing-api]" in done.stderr, "errors stay"
