"""examples/multi-auth: the policy and the fastmcp.json form, with real tokens of three issuers, decide
alike."""

import contextlib
import json
import shutil
import urllib.parse

import pytest
from conftest import ROOT, Backend, Issuer, Server, wait_until
from test_protocol import initialize, legacy_request

FOLDER = ROOT / "examples" / "multi-auth"
ENV = {"PARTNER_ID": "us", "PARTNER_SECRET": "canary-secret", "BACKEND_API_TOKEN": "b"}
FORMS = {
    "policy": ("shop.mcpp", ()),
    "config": ("openapi.yaml", ("--config", "fastmcp.json")),
}
TOOLS = ("listOrders", "placeOrder")


def introspect(request):
    """What the partner's authorization server says: the token's own words are its scopes."""
    token = urllib.parse.parse_qs(request.body.decode())["token"][0]
    active = token.startswith("opaque-")
    text = {"active": active}
    if active:
        text.update(sub="p", client_id="partner-app", scope=token.split("-")[1])
    return 200, {"Content-Type": "application/json"}, json.dumps(text).encode()


@pytest.fixture(scope="module")
def world(mcpc, compile_server, tmp_path_factory):
    """Both servers, issuers and a backend on loopback."""
    folder = tmp_path_factory.mktemp("multi-auth")
    issuer = Issuer(mcpc, folder)
    issuer.publish("ec")
    issuer.server.route(
        "/realms/main/protocol/openid-connect/certs", 200, None, issuer.jwks("rsa")
    )
    issuer.server.routes["/introspect"] = introspect
    with Backend() as backend, contextlib.ExitStack() as stack:
        for path in FOLDER.iterdir():
            text = path.read_text().replace("https://shop.example/v1", backend.url)
            for host in ("shop", "id", "login.partner"):
                text = text.replace(f"https://{host}.example", issuer.url)
            (folder / path.name).write_text(text)
        servers = {}
        for form, (name, args) in FORMS.items():
            args = [folder / arg if arg.endswith(".json") else arg for arg in args]
            program = compile_server(folder / name, *args)
            copy = shutil.copy(program, folder / form)
            servers[form] = stack.enter_context(Server(copy, "--audit", "all", env=ENV))
        yield servers, issuer, backend
    issuer.close()


def tokens(issuer):
    """Each kind of token, and the status of each tool's call."""
    realm = issuer.url + "/realms/main"
    own = {"iss": issuer.url, "aud": "shop", "key": "ec"}
    staff = {"iss": realm, "aud": "shop", "key": "rsa"}
    return {
        "none": (None, (401, 401)),
        "own read": (issuer.token("read", **own), (200, 403)),
        "own both": (issuer.token("read write", **own), (200, 200)),
        "staff read": (issuer.token("read", **staff), (200, 403)),
        "staff write": (issuer.token("write", **staff), (403, 200)),
        "partner read": ("opaque-read", (200, 403)),
        "partner write": ("opaque-write", (403, 403)),
        "partner, taken back": ("gone", (401, 401)),
        "signed by the other": (issuer.token("read", **{**own, "key": "rsa"}), (401, 401)),
        "of the other": (issuer.token("read", **{**staff, "key": "ec"}), (401, 401)),
        "for others": (issuer.token("read", **{**staff, "aud": "other"}), (401, 401)),
        "nobody's": (issuer.token("read", **{**own, "iss": "https://x.example"}), (401, 401)),
    }


def test_both_forms_decide_alike(world):
    servers, issuer, backend = world
    for kind, (token, expected) in tokens(issuer).items():
        for form, server in servers.items():
            found = tuple(server.call_tool(tool, token=token)[0] for tool in TOOLS)
            assert found == expected, (kind, form, server.log())
    allowed = sum(status == 200 for _, found in tokens(issuer).values() for status in found)
    assert len(backend.requests) == allowed * len(servers)
    for server in servers.values():
        wait_until(lambda: server.log().count('"outcome":"allowed"') == allowed, "the audit lines")
        for name in ("shop", "staff", "partner"):
            assert f'"verifier":"{name}"' in server.log()
        assert "canary-secret" not in server.log() and "opaque-read" not in server.log()


def test_a_session_belongs_to_the_subject_of_one_issuer(world):
    """Two issuers may have the same name for different people."""
    servers, issuer, _ = world
    own = issuer.token("read", iss=issuer.url, aud="shop", key="ec", sub="alice")
    staff = issuer.token("read", iss=issuer.url + "/realms/main", aud="shop", sub="alice")
    server, ping = servers["policy"], legacy_request("ping")
    headers = {"Authorization": f"Bearer {own}", "MCP-Protocol-Version": "2025-11-25"}
    headers["Mcp-Session-Id"] = server.post(initialize("2025-11-25"), headers)[1]["Mcp-Session-Id"]
    assert server.post(ping, headers)[0] == 200
    for token in (staff, "opaque-read"):
        assert server.post(ping, {**headers, "Authorization": f"Bearer {token}"})[0] == 404
    assert server.post(ping, headers)[0] == 200
