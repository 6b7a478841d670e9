"""Every kind of security scheme of a document, and each way of combining them: what is lowered from
it arrives at a real backend byte for byte, with the secrets under the names that were derived."""

import base64
import json
import re
import subprocess

import pytest
from conftest import Server
from oauth2_policy import authorization, call  # noqa: F401  (fixtures)

SPEC = """
openapi: 3.1.0
info: {{title: Kinds, version: "1"}}
servers: [{{url: "{backend}"}}]
paths:
  /bearer: {{get: {{operationId: bearer, security: [{{b-1: []}}]}}}}
  /basic: {{get: {{operationId: basic, security: [{{basic: []}}]}}}}
  /digest: {{get: {{operationId: digest, security: [{{digest: []}}]}}}}
  /header: {{get: {{operationId: header, security: [{{header: []}}]}}}}
  /query: {{get: {{operationId: query, security: [{{query: []}}]}}}}
  /cookie: {{get: {{operationId: cookie, security: [{{cookie: []}}]}}}}
  /machine: {{get: {{operationId: machine, security: [{{machine: [read]}}]}}}}
  /oidc: {{get: {{operationId: oidc, security: [{{oidc: [read]}}]}}}}
  /both: {{get: {{operationId: both, security: [{{header: [], query: [], cookie: []}}]}}}}
  /either: {{get: {{operationId: either, security: [{{unset: []}}, {{header: []}}]}}}}
  /open: {{get: {{operationId: open, security: []}}}}
components:
  securitySchemes:
    b-1: {{type: http, scheme: bearer}}
    basic: {{type: http, scheme: basic}}
    digest: {{type: http, scheme: digest}}
    header: {{type: apiKey, in: header, name: X-Key}}
    query: {{type: apiKey, in: query, name: "api key"}}
    cookie: {{type: apiKey, in: cookie, name: sid}}
    unset: {{type: apiKey, in: header, name: X-Unset}}
    machine:
      type: oauth2
      flows: {{clientCredentials: {{tokenUrl: "{issuer}/token", scopes: {{read: Read}}}}}}
    oidc:
      type: openIdConnect
      openIdConnectUrl: "{issuer}/.well-known/openid-configuration"
"""
ENV = {
    "B_1_TOKEN": "canary-bearer", "BASIC_USER_PASSWORD": "me:canary:basic",
    "DIGEST_USER_PASSWORD": "me:canary-digest", "HEADER_KEY": "canary-header",
    "QUERY_KEY": "canary&query=/+", "COOKIE_KEY": "canary-cookie",
    "MACHINE_CLIENT_ID": "robot", "MACHINE_CLIENT_SECRET": "canary-machine",
    "OIDC_CLIENT_ID": "person", "OIDC_CLIENT_SECRET": "canary-oidc",
    "BACKEND_API_TOKEN": "canary-everybody",
}
BASIC = "Basic " + base64.b64encode(ENV["BASIC_USER_PASSWORD"].encode()).decode()
QUERY = "?api%20key=canary%26query%3D%2F%2B"
# tool: what is behind its path, and all headers that carry something of ours
ARRIVES = {
    "bearer": ("", {"Authorization": "Bearer canary-bearer"}),
    "basic": ("", {"Authorization": BASIC}),
    "header": ("", {"X-Key": "canary-header"}),
    "query": (QUERY, {}),
    "cookie": ("", {"Cookie": "sid=canary-cookie"}),
    "machine": ("", {"Authorization": "Bearer token-1"}),
    "oidc": ("", {"Authorization": "Bearer canary-agreed"}),
    "both": (QUERY, {"X-Key": "canary-header", "Cookie": "sid=canary-cookie"}),
    "either": ("", {"X-Key": "canary-header"}),
    "open": ("", {}),
}


@pytest.fixture
def server(mcpc, backend, authorization, tmp_path):  # noqa: F811
    (tmp_path / "kinds.yaml").write_text(
        SPEC.format(backend=backend.url, issuer=authorization.url))
    program = tmp_path / "kinds"
    subprocess.run([mcpc, "kinds.yaml", "-o", program], check=True, timeout=300, cwd=tmp_path)
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    token = {"credential": "oidc", "client": "person", "issuer": "", "subject": "",
             "access_token": "canary-agreed", "refresh_token": "", "ends_at": 0}
    (state / "tokens.json").touch(mode=0o600)
    (state / "tokens.json").write_text(json.dumps({"version": 1, "tokens": [token]}))
    with Server(program, "--state-dir", state, env=ENV) as found:
        yield found
        assert "canary" not in found.log() and "token-1" not in found.log(), found.log()


def ours(request):
    names = ("Authorization", "Cookie", "X-Key", "X-Unset")
    return {name: value for name, value in request.headers
            if name in names or any(secret in value for secret in ENV.values())}


def test_each_scheme_arrives(server, backend):
    for tool, (query, headers) in ARRIVES.items():
        assert not call(server, tool)["isError"], tool
        request = backend.requests[-1]
        assert request.path == f"/{tool}{query}", tool
        assert ours(request) == headers, tool
        assert len(request.headers) == len({name.lower() for name, _ in request.headers}), tool
    assert len(backend.requests) == len(ARRIVES)


def test_digest_arrives(server, backend):
    """Only after the challenge, and never the password itself."""
    def answer(request):
        if request.header("Authorization"):
            return 200, {}, b""
        return 401, {"WWW-Authenticate": 'Digest realm="r", nonce="n1", qop="auth"'}, b""

    backend.answer_with(answer)
    assert not call(server, "digest")["isError"]
    first, second = backend.requests
    assert first.header("Authorization") == []
    (given,) = second.header("Authorization")
    assert given.startswith("Digest ") and 'username="me"' in given and 'nonce="n1"' in given
    assert re.search(r'response="[0-9a-f]{32}"', given) and "canary" not in given
