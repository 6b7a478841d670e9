"""The audit log: one line of JSON for each decision, with what was decided and why, and no token."""

import json

import pytest
from conftest import Server, wait_until

SPEC = {
    "openapi": "3.1.0",
    "info": {"title": "Audited", "version": "1"},
    "servers": [{"url": "http://127.0.0.1:9"}],
    "paths": {
        "/things": {
            "get": {"operationId": "listThings", "responses": {"200": {"description": "ok"}}},
            "delete": {"operationId": "dropThings", "responses": {"200": {"description": "ok"}}},
        },
    },
}
POLICY = """mcpp 1
api "spec.json"
verifier main jwt {
    issuer   "https://issuer.example"
    audience "nobody"
}
accept main
scope "read"
scope "write"
tool listThings GET    /things needs "read"
tool dropThings DELETE /things needs "read" and "write"
deny listThings when claim "tenant" == "gone" "This tenant is gone."
"""


@pytest.fixture(scope="module")
def program(compile_server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("audit")
    (folder / "spec.json").write_text(json.dumps(SPEC))
    (folder / "audited.mcpp").write_text(POLICY)
    return compile_server(folder / "audited.mcpp")


def run(program, issuer, backend, tmp_path, level):
    """All kinds of decisions; the lines that came of them."""
    path = tmp_path / f"audit-{level}"
    tokens = [
        issuer.token("read"),
        issuer.token("read", claim=['tenant="gone"']),
        issuer.token("read", aud="other"),
    ]
    with Server(program, *issuer.server_args(), "--backend-url", backend.url,
                "--audit", level, "--audit-file", path) as server:  # fmt: skip
        for name, token, wanted in [
            ("listThings", tokens[0], 200),
            ("dropThings", tokens[0], 403),
            ("listThings", tokens[1], 403),
            ("noSuchTool", tokens[0], 200),
            ("listThings", None, 401),
            ("listThings", tokens[2], 401),
        ]:
            status, _, answer = server.call_tool(name, token=token)
            assert status == wanted, (name, status, answer)
        assert not [line for line in server.lines if line.startswith("{")]
    text = path.read_text() if path.exists() else ""
    for token in tokens:
        assert token not in text and token.rsplit(".", 1)[1] not in text
    return [json.loads(line) for line in text.splitlines()]


def test_everything(program, issuer, backend, tmp_path):
    lines = run(program, issuer, backend, tmp_path, "all")
    for line in lines:
        assert line.pop("time").endswith("Z")
        assert line.pop("peer").startswith("127.0.0.1:"), line
    who = {"subject": "alice", "issuer": issuer.issuer, "verifier": "main", "id": 1}
    assert [line.pop("id", 1) for line in lines]  # whatever the client counts
    who.pop("id")
    assert lines == [
        {"outcome": "allowed", "tool": "listThings", **who},
        {"outcome": "insufficient-scope", "tool": "dropThings", **who, "missing": ["write"]},
        {"outcome": "denied", "tool": "listThings", **who, "rule": "audited.mcpp:12"},
        {"outcome": "unknown-tool", "tool": "noSuchTool", **who},
        {"outcome": "no-token"},
        {"outcome": "invalid-token", "cause": "another audience"},
    ]


def test_denials(program, issuer, backend, tmp_path):
    lines = run(program, issuer, backend, tmp_path, "denials")
    assert len(lines) == 5 and "allowed" not in {line["outcome"] for line in lines}


def test_off(program, issuer, backend, tmp_path):
    assert run(program, issuer, backend, tmp_path, "off") == []


def test_a_file_that_cannot_be_opened(program, issuer, tmp_path):
    with pytest.raises(AssertionError, match="audit-file"):
        with Server(program, *issuer.server_args(), "--backend-url", "http://127.0.0.1:9",
                    "--audit", "all", "--audit-file", tmp_path / "no" / "such"):  # fmt: skip
            pass


def test_standard_error(program, issuer, backend):
    with Server(program, *issuer.server_args(), "--backend-url", backend.url,
                "--audit", "all") as server:  # fmt: skip
        assert server.call_tool("listThings", token=issuer.token("read"))[0] == 200
        wait_until(lambda: [line for line in server.lines if line.startswith('{"time"')], "a line")
