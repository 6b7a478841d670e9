"""Who may come in and who may call: the answer shapes of RFC 6750 and RFC 9728, on the wire."""

import http.client
import json
import re

import pytest
from conftest import Backend, Server, wait_until
from protocol_document import fresh, judge, pets, private_program, program  # noqa: F401
from protocol_document import MODERN


def serve(program, issuer, backend, *args):
    return Server(program, *issuer.server_args(), "--backend-url", backend.url, *args)


@pytest.fixture(scope="module")
def open_server(program, issuer, pets):
    """Validating, with a public tool."""
    with serve(program, issuer, pets) as found:
        yield found


@pytest.fixture(scope="module")
def closed_server(private_program, issuer, pets):
    """Validating, every tool needs a token."""
    with serve(private_program, issuer, pets) as found:
        yield found


def challenge(headers):
    """The one challenge, as a dict of its parameters."""
    lines = headers.get_all("WWW-Authenticate")
    assert lines and len(lines) == 1, lines
    scheme, _, rest = lines[0].partition(" ")
    assert scheme == "Bearer"
    found = dict(re.findall(r'([a-z_]+)="([^"\\]*)"', rest))
    assert ", ".join(f'{name}="{value}"' for name, value in found.items()) == rest
    for name in ("error", "error_description"):  # RFC 6750, section 3
        assert re.fullmatch(r"[\x20\x21\x23-\x5b\x5d-\x7e]*", found.get(name, ""))
    return found


def metadata_url(server):
    return f"http://{server.host}:{server.port}/.well-known/oauth-protected-resource/mcp"


def raw(server, headers, path="/mcp", body=b'{"jsonrpc":"2.0","id":1,"method":"ping"}'):
    """A POST with header lines exactly as given, repeated ones too."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=30)
    connection.putrequest("POST", path)
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", str(len(body)))
    for name, value in headers:
        connection.putheader(name, value)
    connection.endheaders(body)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, answer.headers, text


# ---- (a) no credentials ----


@pytest.mark.parametrize("method", ["tools/list", "server/discover", "nope"])
def test_a_without_public_tools_everything_needs_a_token(closed_server, method):
    status, headers, message = closed_server.call_mcp(method)
    assert status == 401
    assert challenge(headers) == {
        "resource_metadata": metadata_url(closed_server),
        "scope": "read:pets",
    }
    assert "result" not in message


def test_a_initialize_and_garbage_too(closed_server):
    for body in [b"{", b"", b'{"jsonrpc":"2.0","method":"notifications/initialized"}']:
        status, headers, _ = raw(closed_server, [], body=body)
        assert status == 401 and "error" not in challenge(headers)


def test_a_the_challenge_names_what_the_tool_needs(closed_server, open_server, pets):
    for server in (closed_server, open_server):
        status, headers, message = server.call_tool("deletePet", {"petId": 1})
        assert status == 401
        assert challenge(headers) == {
            "resource_metadata": metadata_url(server),
            "scope": "read:pets write:pets",
        }
        assert message["error"]["code"] == 401
    assert not pets.requests


def test_a_public_tools_and_lists_are_for_anybody(open_server, judge, pets):
    status, _, message = open_server.call_mcp("tools/list")
    assert status == 200
    result = judge.response(MODERN, "ListToolsResult", message)
    assert result["cacheScope"] == "private"
    assert len(result["tools"]) == 4
    assert open_server.call_tool("health")[0] == 200
    assert [request.path for request in pets.requests] == ["/health"]
    assert pets.requests[0].header("Authorization") == []


@pytest.mark.parametrize("value", ["Basic YTpi", "Bearerx", "Negotiate abc", "Digest x=1"])
def test_a_other_schemes_are_no_token(open_server, value):
    status, headers, _ = raw(open_server, [("Authorization", value)])
    assert status == 401 and "error" not in challenge(headers)


def test_a_a_token_in_the_query_is_none(open_server, closed_server, issuer):
    for server in (open_server, closed_server):
        status, headers, _ = raw(server, [], f"/mcp?access_token={issuer.token('read:pets')}")
        assert status == 401 and "error" not in challenge(headers)


# ---- (b) a bad token ----


def bad_tokens(issuer):
    good = issuer.token("read:pets write:pets")
    head, claims, signature = good.split(".")
    middle = signature[:20] + ("A" if signature[20] != "A" else "B") + signature[21:]
    return {
        "expired": issuer.token("read:pets", ttl=-3600),
        "audience": issuer.token("read:pets", aud="another"),
        "issuer": issuer.token("read:pets", iss="https://evil.example"),
        "signature": f"{head}.{claims}.{middle}",
        "no signature": f"{head}.{claims}.",
        "alg none": f"eyJhbGciOiJub25lIn0.{claims}.",
        "two parts": f"{head}.{claims}",
        "opaque": "2YotnFZFEjr1zCsicMWpAA",
        "dots": "." * 3000,
        "comma": good + ",",
        "two spaces": " " + good,
        "long": "A" * 9000,
    }


def test_b_every_bad_token_gets_the_same_answer(open_server, closed_server, issuer, pets):
    for server in (open_server, closed_server):
        answers = set()
        for cause, token in bad_tokens(issuer).items():
            status, headers, text = raw(server, [("Authorization", f"Bearer {token}")])
            assert status == 401, cause
            assert challenge(headers)["error"] == "invalid_token", cause
            assert challenge(headers)["resource_metadata"] == metadata_url(server)
            answers.add((headers["WWW-Authenticate"], text))
        assert len(answers) == 1
        assert all(token[:60] not in server.log() for token in bad_tokens(issuer).values()
                   if token.startswith("ey"))  # fmt: skip
        wait_until(lambda: "token refused" in server.log(), "the cause in the log")
    assert not pets.requests


def test_b_a_bad_token_is_worse_than_none(open_server):
    status, headers, _ = open_server.call_mcp("tools/list", token="x.y.z")
    assert status == 401 and challenge(headers)["error"] == "invalid_token"
    status, _, _ = open_server.call_mcp("tools/call", {"name": "health"}, token="x.y.z")
    assert status == 401


# ---- (c) not enough ----


@pytest.mark.parametrize(
    "scope", [None, "", "read:pets", "write:pets", "READ:PETS WRITE:PETS", "read:pets,write:pets",
              "read:pets\twrite:pets", "read:pets2 write:pets2", "read: pets write: pets"]
)  # fmt: skip
def test_c_insufficient_scope_names_all_and_nothing_goes_out(open_server, issuer, pets, scope):
    token = issuer.token(scope)
    status, headers, message = open_server.call_tool("deletePet", {"petId": 1}, token)
    assert status == 403
    found = challenge(headers)
    assert found.pop("error_description")
    assert found == {
        "error": "insufficient_scope",
        "scope": "read:pets write:pets",
        "resource_metadata": metadata_url(open_server),
    }
    assert message["id"] == 1 and message["error"]["code"] == 403
    assert not pets.requests


@pytest.mark.parametrize("scope", ["read:pets write:pets", "other write:pets  read:pets"])
@pytest.mark.parametrize("key", ["rsa", "ec"])
def test_c_enough(open_server, issuer, judge, pets, scope, key):
    token = issuer.token(scope, key=key)
    status, headers, message = open_server.call_tool("deletePet", {"petId": 1}, token)
    assert status == 200 and "WWW-Authenticate" not in headers
    judge.response(MODERN, "CallToolResult", message)
    (request,) = pets.requests
    assert (request.method, request.path) == ("DELETE", "/pets/1")
    assert token not in str(request.headers)  # MCP forbids passing it on


def test_c_list_and_call_agree(open_server, issuer):
    """Who may call may see, and who sees and may not call learns what is missing."""
    for scope in [None, "read:pets", "read:pets write:pets"]:
        token = issuer.token(scope)
        for name in open_server.list_tools(token):
            status, headers, _ = open_server.call_tool(name, {"petId": 1}, token)
            assert status in (200, 403)
            assert status == 200 or "scope" in challenge(headers)


def test_c_unknown_tools_are_unknown_to_all(open_server, issuer):
    for token in [None, issuer.token("read:pets")]:
        status, _, message = open_server.call_tool("nope", {}, token)
        assert (status, message["error"]["code"]) == (200, -32602)


def test_scheme_is_case_insensitive(open_server, issuer):
    token = issuer.token("read:pets")
    for scheme in ["bearer", "BEARER", "BeArEr"]:
        status, _, _ = raw(open_server, [("Authorization", f"{scheme} {token}")])
        assert status == 200


# ---- (d) malformed ----


def test_d_malformed_is_400(open_server, closed_server, issuer):
    token = issuer.token("read:pets")
    one = ("Authorization", f"Bearer {token}")
    for server in (open_server, closed_server):
        for headers, path in [
            ([("Authorization", "Bearer")], "/mcp"),
            ([one, one], "/mcp"),
            ([one, ("Authorization", "Basic YTpi")], "/mcp"),
            ([one], f"/mcp?access_token={token}"),
        ]:
            status, found, text = raw(server, headers, path)
            assert status == 400
            assert challenge(found)["error"] == "invalid_request"
            assert token.encode() not in text


# ---- (e) our own dependency is down ----


def test_e_without_keys_503_and_never_401(program, issuer, pets, mcpc):
    with Backend() as broken:
        broken.answer(500, None, b"")
        args = ["--validate-tokens", "--issuer", issuer.issuer, "--audience", issuer.audience]
        with Server(
            program, *args, "--jwks", broken.url + "/jwks", "--backend-url", pets.url
        ) as server:
            status, headers, message = server.call_tool("health", {}, issuer.token("read:pets"))
            assert status == 503
            assert int(headers["Retry-After"]) > 0
            assert "WWW-Authenticate" not in headers
            assert message["error"]["code"] == -32603
            assert server.call_tool("health")[0] == 200  # nobody's token is needed here
    assert [request.path for request in pets.requests] == ["/health"]


def test_e_who_comes_while_keys_are_fetched_waits(program, issuer, pets):
    """Cold start: a slow key set delays the first caller, and is asked once."""
    with Backend() as slow:
        import threading

        release = threading.Event()

        def wait(_):
            release.wait(30)
            return 200, {"Content-Type": "application/json"}, json.dumps(
                issuer.jwks("rsa", "ec")
            ).encode()

        slow.answer_with(wait)
        args = ["--validate-tokens", "--issuer", issuer.issuer, "--audience", issuer.audience]
        with Server(
            program, *args, "--jwks", slow.url + "/jwks", "--backend-url", pets.url
        ) as server:
            token = issuer.token("read:pets")
            found = []
            threads = [
                threading.Thread(target=lambda: found.append(server.call_mcp("tools/list", token=token)[0]))
                for _ in range(8)
            ]
            for thread in threads:
                thread.start()
            wait_until(lambda: slow.requests, "the fetch of keys")
            release.set()
            for thread in threads:
                thread.join(30)
            assert found == [200] * 8
            assert len(slow.requests) == 1


# ---- sessions ----


def test_a_session_belongs_to_who_opened_it(open_server, issuer):
    params = {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "t", "version": "1"},
    }
    message = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
    ping = {"jsonrpc": "2.0", "id": 2, "method": "ping"}

    def headers(subject, session=None):
        found = {"Authorization": f"Bearer {issuer.token('read:pets', sub=subject)}"}
        return {**found, **({"Mcp-Session-Id": session} if session else {})}

    session = open_server.post(message, headers("alice"))[1]["Mcp-Session-Id"]
    assert open_server.post(ping, headers("alice", session))[0] == 200
    assert open_server.post(ping, headers("bob", session))[0] == 404
    assert open_server.post(ping, {"Mcp-Session-Id": session})[0] == 404
    # opened by nobody, then used with the token that a challenge led to
    session = open_server.post(message)[1]["Mcp-Session-Id"]
    assert open_server.post(ping, headers("alice", session))[0] == 200


# ---- metadata ----


def test_metadata_says_where_tokens_come_from(open_server, closed_server, issuer):
    for server in (open_server, closed_server):
        for path in ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"]:
            status, headers, body = server.request("GET", path)
            assert status == 200 and headers["Content-Type"] == "application/json"
            assert json.loads(body) == {
                "resource": server.url,
                "authorization_servers": [issuer.issuer],
                "scopes_supported": ["read:pets", "write:pets"],
                "bearer_methods_supported": ["header"],
                "dpop_signing_alg_values_supported": (
                    "RS256 ES256 RS384 RS512 PS256 PS384 PS512 ES384 ES512 EdDSA Ed25519 Ed448"
                ).split(),
                "resource_name": "Pets & more",
            }
            assert server.request("HEAD", path)[0] == 200
            assert server.request("POST", path, b"{}")[0] == 405
    assert open_server.request("GET", "/.well-known/oauth-protected-resource/x")[0] == 404
    assert open_server.request("GET", "/.well-known/oauth-protected-resourcex")[0] == 404


def test_metadata_behind_a_proxy(program, issuer, pets):
    public = "https://pets.example/api/mcp"
    with serve(program, issuer, pets, "--public-url", public) as server:
        status, headers, _ = server.call_tool("deletePet", {"petId": 1})
        assert status == 401
        where = challenge(headers)["resource_metadata"]
        assert where == "https://pets.example/.well-known/oauth-protected-resource/api/mcp"
        path = where.removeprefix("https://pets.example")
        status, _, body = server.request("GET", path, headers={"Host": "pets.example"})
        assert status == 200 and json.loads(body)["resource"] == public


def call_message(name, arguments, request_id):
    params = {"name": name, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": request_id, "method": "tools/call", "params": params}


def test_a_denied_call_in_a_batch_is_its_own_error(open_server, issuer, pets):
    """The others did what they did: their results must reach the client, which throws the body of a
    401 or 403 away. The challenge comes along all the same."""
    token = issuer.token("read:pets")
    allowed = call_message("getPet", {"petId": 7}, 1)
    denied = call_message("deletePet", {"petId": 7}, 2)
    headers = {"Authorization": f"Bearer {token}"}
    status, found, answers = open_server.post([allowed, denied], headers)
    assert status == 200
    by_id = {answer["id"]: answer for answer in answers}
    assert not by_id[1]["result"].get("isError") and by_id[2]["error"]["code"] == 403
    assert challenge(found)["scope"] == "read:pets write:pets"
    assert [request.method for request in pets.requests] == ["GET"]
    status, found, answers = open_server.post([denied, {**denied, "id": 3}], headers)
    assert status == 403 and [answer["error"]["code"] for answer in answers] == [403, 403]
    assert challenge(found)["error"] == "insufficient_scope"
    status, found, answers = open_server.post([denied, call_message("health", {}, 1)])
    assert status == 200 and "error" in answers[0] and "result" in answers[1]
    assert "error" not in challenge(found)
    assert open_server.post([denied])[0] == 401
