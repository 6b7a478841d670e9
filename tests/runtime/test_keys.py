"""The issuer's keys over time: found, rotated, gone, slow. Real servers of four workers, who share
what is fetched; the only waiting is for the cooldown between fetches."""

import contextlib
import http.client
import json
import threading

import pytest
from conftest import DEADLINE_S, Backend, Issuer, Server, wait_until

COOLDOWN_S, WORKERS, CALLERS = 30, 4, 1000
SPEC = {
    "openapi": "3.1.0",
    "info": {"title": "Keys", "version": "1"},
    "servers": [{"url": "http://127.0.0.1:9"}],
    "paths": {
        "/things": {
            "get": {
                "operationId": "listThings",
                "security": [{"login": ["read"]}],
                "responses": {"200": {"description": "ok"}},
            }
        }
    },
    "components": {
        "securitySchemes": {
            "login": {
                "type": "oauth2",
                "flows": {
                    "clientCredentials": {
                        "tokenUrl": "https://login.example/token",
                        "scopes": {"read": "Read"},
                    }
                },
            }
        }
    },
}


@pytest.fixture(scope="module")
def program(compile_server, tmp_path_factory):
    path = tmp_path_factory.mktemp("keys") / "spec.json"
    path.write_text(json.dumps(SPEC))
    return compile_server(path)


@pytest.fixture
def keys(mcpc, tmp_path):
    found = Issuer(mcpc, tmp_path)
    yield found
    found.close()


def start(program, keys, backend, jwks=None):
    return Server(
        program, "--validate-tokens", "--issuer", keys.issuer, "--jwks", jwks or keys.jwks_url,
        "--audience", keys.audience, "--backend-url", backend.url, "--workers", WORKERS,
        "--limit-connections", 2 * CALLERS,
    )  # fmt: skip


def call(server, token):
    return server.call_tool("listThings", token=token)[0]


def fetches(keys):
    return sum(request.path == "/.well-known/jwks.json" for request in keys.server.requests)


def test_rotation(program, keys, backend):
    """A new key is good within one cooldown, the old one no longer."""
    keys.publish("rsa")
    with start(program, keys, backend) as server:
        old = keys.token("read", key="rsa")
        assert call(server, old) == 200
        keys.keygen("new", "rsa")
        keys.publish("new")
        new = keys.token("read", key="new", ttl="10m")
        wait_until(lambda: call(server, new) == 200, "the new key", COOLDOWN_S + 15)
        assert call(server, old) == 401
        assert fetches(keys) == 2


def ask(server, token):
    """A call whose answer is not waited for yet."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE_S)
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
               "params": {"name": "listThings", "arguments": {}}}  # fmt: skip
    headers = {"Content-Type": "application/json", "Accept": "application/json",
               "MCP-Protocol-Version": "2025-06-18", "Authorization": f"Bearer {token}"}  # fmt: skip
    connection.request("POST", "/mcp", json.dumps(message), headers)
    return connection


def take(connection):
    with contextlib.closing(connection):
        answer = connection.getresponse()
        answer.read()
        return answer.status


def test_many_callers_at_start_cause_one_fetch(program, keys, backend):
    release = threading.Event()
    text = json.dumps(keys.jwks("rsa")).encode()

    def slow(_):
        release.wait(20)
        return 200, {"Content-Type": "application/json"}, text

    keys.server.routes["/.well-known/jwks.json"] = slow
    token = keys.token("read")
    with start(program, keys, backend) as server:
        asked = [ask(server, token) for _ in range(CALLERS)]
        wait_until(lambda: fetches(keys) == 1, "the fetch")
        release.set()
        statuses = [take(connection) for connection in asked]
    assert statuses == [200] * CALLERS
    assert fetches(keys) == 1


@pytest.mark.parametrize(
    "status, headers, body",
    [
        (500, {}, b""),
        (302, {"Location": "/elsewhere"}, b""),
        (200, {"Content-Type": "text/html"}, b"<html>"),
        (200, {}, b'{"keys":[]}'),
        (200, {}, b'{"keys":[' + b" " * 300_000 + b"]}"),
    ],
    ids=["error", "redirect", "html", "empty", "large"],
)
def test_no_keys_is_503_until_they_come(program, keys, backend, status, headers, body):
    keys.server.route("/.well-known/jwks.json", status, headers, body)
    with start(program, keys, backend) as server:
        token = keys.token("read")
        wait_until(lambda: call(server, token) == 503, "the failure")
        found, answer_headers, _ = server.call_tool("listThings", token=token)
        assert found == 503 and "WWW-Authenticate" not in answer_headers
        assert not backend.requests
        assert call(server, "not.a.token") == 401
        keys.publish("rsa")
        wait_until(lambda: call(server, token) == 200, "the keys")
    assert not [request for request in keys.server.requests if request.path == "/elsewhere"]


def test_another_issuer_has_keys_of_its_own(program, keys, backend):
    """The policy names a key set; that of --issuer is found through its metadata."""
    keys.publish("rsa")
    metadata = {"issuer": keys.issuer, "jwks_uri": keys.jwks_url}
    keys.server.route("/.well-known/openid-configuration", 200, body=metadata)
    args = ["--validate-tokens", "--issuer", keys.issuer, "--audience", keys.audience]
    with Server(program, *args, "--backend-url", backend.url) as server:
        token = keys.token("read")
        wait_until(lambda: call(server, token) == 200, "the keys")


def test_unreachable_issuer(program, keys, backend):
    with Backend() as gone:
        url = gone.url + "/jwks"
    with start(program, keys, backend, jwks=url) as server:
        token = keys.token("read")
        wait_until(lambda: call(server, token) == 503, "the failure")
        assert not backend.requests


def test_keys_over_plain_http_are_refused(program, keys, backend):
    with pytest.raises(AssertionError, match="is not https"):
        with start(program, keys, backend, jwks="http://keys.example/jwks"):
            pass
