"""What a proxy says about the caller counts when the proxy is trusted, and only then."""

import json
import subprocess

import pytest
from conftest import Server, wait_until

DEADLINE_S = 20
SPEC = """
openapi: 3.1.0
info: {title: Forwarded, version: "1"}
servers: [{url: "http://127.0.0.1:9"}]
paths:
  /thing:
    get:
      operationId: thing
      security: [{auth: ["read:things"]}]
      responses: {"200": {description: ok}}
components:
  securitySchemes:
    auth:
      type: oauth2
      flows:
        clientCredentials:
          tokenUrl: https://id.example/token
          scopes: {"read:things": ""}
"""


@pytest.fixture(scope="module")
def program(compile_server, tmp_path_factory):
    spec = tmp_path_factory.mktemp("forwarded") / "forwarded.yaml"
    spec.write_text(SPEC)
    return compile_server(spec)


def audited(server, audit, headers):
    """The peer in the audit line of one call."""
    before = audit.read_text().count("\n") if audit.exists() else 0
    server.call_mcp("tools/call", {"name": "nothing"}, headers=headers)
    wait_until(lambda: audit.exists() and audit.read_text().count("\n") > before, "the line")
    return json.loads(audit.read_text().splitlines()[-1])["peer"]


@pytest.mark.parametrize(
    "told, peer",
    [
        ("192.0.2.7", "192.0.2.7"),
        ("198.51.100.1, 192.0.2.7", "192.0.2.7"),  # what the caller itself wrote is on the left
        ("192.0.2.7, 10.1.2.3,127.0.0.9", "192.0.2.7"),
        ("10.1.2.3, 10.9.9.9", "10.1.2.3"),
        ("2001:db8::1", "2001:db8::1"),
    ],
)
def test_a_trusted_proxy_tells_the_address(program, tmp_path, told, peer):
    audit = tmp_path / "audit"
    options = ("--trusted-proxy", "127.0.0.0/8", "--trusted-proxy", "10.0.0.0/8")
    with Server(program, *options, "--audit", "all", "--audit-file", audit) as server:
        assert audited(server, audit, {"X-Forwarded-For": told}) == peer


@pytest.mark.parametrize("told", ["", "x", "192.0.2.7, x", "192.0.2.7,", "unknown", "1.2.3.4:80"])
def test_nonsense_is_no_address(program, tmp_path, told):
    audit = tmp_path / "audit"
    options = ("--trusted-proxy", "127.0.0.1", "--audit", "all", "--audit-file", audit)
    with Server(program, *options) as server:
        assert audited(server, audit, {"X-Forwarded-For": told}).startswith("127.0.0.1:")


@pytest.mark.parametrize("trusted", [(), ("--trusted-proxy", "10.0.0.0/8")])
def test_nobody_else_is_believed(program, tmp_path, trusted):
    audit = tmp_path / "audit"
    with Server(program, *trusted, "--audit", "all", "--audit-file", audit) as server:
        found = audited(server, audit, {"X-Forwarded-For": "192.0.2.7"})
        assert found.startswith("127.0.0.1:")


def challenge(server):
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "mcp.example"}
    return server.call_mcp("tools/call", {"name": "thing"}, headers=headers)[1]["WWW-Authenticate"]


def test_the_name_of_the_server_comes_from_a_trusted_proxy_only(program, issuer):
    args = issuer.server_args()
    with Server(program, *args, "--trusted-proxy", "127.0.0.1") as server:
        assert '"https://mcp.example/.well-known/oauth-protected-resource/mcp"' in challenge(server)
    with Server(program, *args) as server:
        assert "mcp.example" not in challenge(server)


@pytest.mark.parametrize("network", ["x", "10.0.0.0/33", "10.0.0/8", "::1/129", "10.0.0.0/", "/8"])
def test_what_is_no_network_is_refused(program, network):
    done = subprocess.run(
        [program, "--trusted-proxy", network], stderr=subprocess.PIPE, text=True, timeout=DEADLINE_S
    )
    assert done.returncode == 2 and "no address or network" in done.stderr
