"""`mcpc explain`: decisions with their reasons, and what would change them."""

import base64
import json
import shutil
import subprocess

import pytest
from conftest import ROOT

POLICY = """\
mcpp 1
api "openapi.yaml"
verifier main jwt {
    issuer   "https://id.example"
    audience "pets"
    scopes   claim "permissions"
    roles    claim "realm.roles"
}
accept main
scope "read"
scope "write" implies "read"
role keeper when scope "write" and claim "groups" contains "keepers"
role vet
tool listPets GET    /pets needs "read"
tool addPet   POST   /pets needs "write"
tool clear    DELETE /pets needs role keeper or role vet
hide clear unless role keeper or role vet
deny addPet when claim "tenant.state" == "suspended"
deny addPet when arg n > 100 unless role keeper "Too many."
"""


@pytest.fixture
def explain(mcpc, tmp_path):
    shutil.copy(ROOT / "tests/golden/test-passes/openapi.yaml", tmp_path)
    (tmp_path / "p.mcpp").write_text(POLICY)

    def ask(*args, status=0):
        done = subprocess.run(
            [mcpc, "explain", "p.mcpp", *map(str, args)],
            cwd=tmp_path, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == status, done.stderr
        return done.stdout + done.stderr

    return ask


def test_a_whole_answer(explain):
    assert explain("--call", "addPet", "--scope", "write", "--arg", "n=1000") == (
        """\
addPet: refused by a rule on arguments
          "Too many."

caller    a token that main accepts, over http
          scope "write"
holds     scope "read", scope "write"

needs
  yes  "write"  # p.mcpp:15

rules
  no   deny addPet when claim "tenant.state" == "suspended"  # p.mcpp:18
       no   claim "tenant.state" == "suspended"
  yes  deny addPet when arg n > 100 unless role keeper "Too many."  # p.mcpp:19, decides
       yes  arg n > 100
       no   role keeper

it would be allowed
  if  this did not:   arg n > 100
"""
    )


@pytest.mark.parametrize(
    "args, first, last",
    [
        (["--call", "addPet"], '401: a token is asked for, with "write"', 'scope "write"'),
        (["--call", "addPet", "--scope", "read"], "403: what the tool needs is not held", "write"),
        (["--call", "clear", "--scope", "read"], "hidden: an unknown tool", "role vet"),
        (["--call", "clear", "--role", "vet"], "allowed", "role vet"),
        (["--call", "addPet", "--transport", "stdio"], "allowed", "whatever else held"),
        (
            ["--call", "addPet", "--scope", "write", "--claim", "tenant.state=suspended"],
            "403: denied by a rule",
            'this did not:   claim "tenant.state" == "suspended"',
        ),
        (
            ["--call", "addPet", "--scope", "write", "--arg", "n=many"],
            "refused: an argument that a rule looks at has a wrong type",
            "",
        ),
    ],
)
def test_decisions_and_what_would_change_them(explain, args, first, last):
    lines = explain(*args).strip().split("\n")
    assert lines[0].split(": ", 1)[1].startswith(first)
    assert last in lines[-1]


def test_a_token(explain, tmp_path):
    claims = {
        "iss": "https://id.example",
        "permissions": "write other",
        "realm": {"roles": ["vet"]},
        "groups": ["keepers"],
    }
    text = json.dumps(claims).encode()
    for content in (
        text.decode(),
        "e30." + base64.urlsafe_b64encode(text).rstrip(b"=").decode() + ".sig\n",
    ):
        (tmp_path / "token").write_text(content)
        says = explain("--call", "clear", "--token", "token")
        assert says.startswith("clear: allowed\n")
        assert 'holds     scope "read", scope "write", role keeper, role vet\n' in says
    (tmp_path / "token").write_text('{"iss": "https://other.example"}')
    assert "[bad-token]" in explain("--call", "clear", "--token", "token", status=1)
    (tmp_path / "token").write_text("nothing")
    assert "no JWT" in explain("--call", "clear", "--token", "token", status=1)


@pytest.mark.parametrize(
    "args, status, says",
    [
        ([], 2, "--call TOOL is needed"),
        (["--call", "clear", "--arg", "n"], 2, "NAME=VALUE"),
        (["--call", "clear", "--transport", "smoke"], 2, "smoke"),
        (["--call", "clear", "--token", "x", "--scope", "read"], 2, "--token FILE"),
        (["--call", "cleer"], 1, "similar name: 'clear'"),
        (["--call", "addPet", "--arg", "n=1", "--arg", "n=2"], 1, "twice"),
    ],
)
def test_wrong_usage(explain, args, status, says):
    assert says in explain(*args, status=status)
