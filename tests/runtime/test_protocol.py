"""The protocol, message by message: everything the server says fits the schema of its revision."""

import base64
import json
import queue
import threading

import pytest
from conftest import Stdio
from protocol_document import LEGACY, MODERN, REVISIONS
from protocol_document import fresh, judge, pets, program, server  # noqa: F401  (fixtures)

CLIENT = {"name": "tests", "version": "1"}


def legacy_request(method, params=None, request_id=1):
    message = {"jsonrpc": "2.0", "id": request_id, "method": method}
    if params is not None:
        message["params"] = params
    return message


def initialize(revision, request_id=1):
    params = {"protocolVersion": revision, "capabilities": {}, "clientInfo": CLIENT}
    return legacy_request("initialize", params, request_id)


def modern_request(method, params=None, request_id=1):
    meta = {
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientInfo": CLIENT,
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    return legacy_request(method, {**(params or {}), "_meta": meta}, request_id)


def ask(server, revision, method, params=None, request_id=1):
    """A request as a client of this revision sends it: (status, headers, message)."""
    if revision == MODERN:
        return server.call_mcp(method, params, request_id=request_id)
    headers = {"MCP-Protocol-Version": revision} if revision != "2025-03-26" else {}
    return server.post(legacy_request(method, params, request_id), headers)


# ---- opening ----


@pytest.mark.parametrize("revision", LEGACY)
def test_initialize_agrees_on_what_the_client_asks_for(server, judge, revision):
    status, headers, message = server.post(initialize(revision))
    assert status == 200 and headers["Content-Type"] == "application/json"
    result = judge.response(revision, "InitializeResult", message)
    assert result["protocolVersion"] == revision
    assert result["serverInfo"] == {
        "name": result["serverInfo"]["name"],
        "title": "Pets & more",
        "version": "1.4",
    }
    session = headers["Mcp-Session-Id"]
    assert session and all(0x21 <= ord(letter) <= 0x7E for letter in session)
    headers = {"Mcp-Session-Id": session, "MCP-Protocol-Version": revision}
    initialized = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    assert server.post(initialized, headers)[0::2] == (202, None)
    status, _, message = server.post(legacy_request("tools/list"), headers)
    assert status == 200
    judge.response(revision, "ListToolsResult", message)


@pytest.mark.parametrize("asked", ["2024-11-05", "2099-01-01", MODERN, ""])
def test_initialize_offers_the_newest_legacy_revision(server, judge, asked):
    _, _, message = server.post(initialize(asked))
    result = judge.response("2025-11-25", "InitializeResult", message)
    assert result["protocolVersion"] == "2025-11-25"


def test_sessions_are_different_and_unknown_ones_are_404(server, judge):
    ids = {server.post(initialize("2025-11-25"))[1]["Mcp-Session-Id"] for _ in range(5)}
    assert len(ids) == 5
    good = ids.pop()
    for bad in ["nonsense", good[:-1], good + "A", good.swapcase()]:
        status, _, message = server.post(legacy_request("ping"), {"Mcp-Session-Id": bad})
        assert status == 404
        judge.error("2025-11-25", message, -32600)


def test_discover(server, judge):
    status, _, message = ask(server, MODERN, "server/discover", request_id="d-1")
    assert status == 200
    result = judge.response(MODERN, "DiscoverResult", message, "d-1")
    judge.check(MODERN, "DiscoverResultResponse", message)
    assert result["supportedVersions"] == REVISIONS
    assert result["capabilities"] == {"completions": {}, "tools": {"listChanged": True}}
    assert result["cacheScope"] == "public" and result["ttlMs"] > 0
    assert result["_meta"]["io.modelcontextprotocol/serverInfo"]["title"] == "Pets & more"


@pytest.mark.parametrize("revision", LEGACY)
def test_ping(server, judge, revision):
    status, _, message = ask(server, revision, "ping")
    assert status == 200
    assert judge.response(revision, "EmptyResult", message) == {}


# ---- tools ----


@pytest.mark.parametrize("revision", REVISIONS)
def test_list(server, judge, revision):
    status, _, message = ask(server, revision, "tools/list")
    assert status == 200
    result = judge.response(revision, "ListToolsResult", message)
    names = [tool["name"] for tool in result["tools"]]
    assert sorted(names) == ["deletePet", "getPet", "health", "listPets"]
    tools = {tool["name"]: tool for tool in result["tools"]}
    assert tools["getPet"]["outputSchema"]["type"] == "object"
    assert 'One "pet"\nby id' in tools["getPet"]["description"]
    assert tools["deletePet"]["annotations"]["destructiveHint"] is True
    assert tools["getPet"]["annotations"]["readOnlyHint"] is True
    if revision == MODERN:
        assert result["cacheScope"] == "public" and result["ttlMs"] >= 0
    else:
        assert not {"resultType", "ttlMs", "cacheScope"} & result.keys()
    again = ask(server, revision, "tools/list")[2]["result"]
    assert again == result


@pytest.mark.parametrize("revision", REVISIONS)
def test_call(server, judge, pets, revision):
    params = {"name": "getPet", "arguments": {"petId": 7}}
    status, _, message = ask(server, revision, "tools/call", params)
    assert status == 200
    result = judge.response(revision, "CallToolResult", message)
    assert result["isError"] is False
    assert json.loads(result["content"][0]["text"])["id"] == 9007199254740993
    if revision == "2025-03-26":
        assert "structuredContent" not in result
    else:
        assert result["structuredContent"] == {"id": 9007199254740993, "name": "Rex"}
    assert [request.path for request in pets.requests] == ["/pets/7"]


@pytest.mark.parametrize("revision", REVISIONS)
def test_structured_lists_only_where_the_revision_has_them(server, judge, pets, revision):
    pets.answer(200, None, b'[{"id":1}]')
    _, _, message = ask(server, revision, "tools/call", {"name": "listPets"})
    result = judge.response(revision, "CallToolResult", message)
    tools = ask(server, revision, "tools/list")[2]["result"]["tools"]
    schema = next(tool for tool in tools if tool["name"] == "listPets").get("outputSchema")
    assert ("structuredContent" in result) <= (schema is not None)
    if revision != MODERN and schema is not None:
        assert schema["type"] == "object"


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize("name", ["nope", "", "getpet", "getPet\0", "é" * 500])
def test_unknown_tool(server, judge, pets, revision, name):
    if revision == MODERN:
        encoded = "=?base64?" + base64.b64encode(name.encode()).decode() + "?="
        status, _, message = server.call_mcp(
            "tools/call", {"name": name}, headers={"Mcp-Name": encoded}
        )
    else:
        status, _, message = ask(server, revision, "tools/call", {"name": name})
    assert status == 200
    error = judge.error(revision, message, -32602)
    assert "unknown tool" in error["message"] and len(error["message"]) < 300
    assert not pets.requests


@pytest.mark.parametrize("params", [{}, {"name": 7}, {"name": "health", "arguments": [1]}, None])
def test_bad_call_params(server, judge, pets, params):
    _, _, message = ask(server, "2025-11-25", "tools/call", params)
    judge.error("2025-11-25", message, -32602)
    assert not pets.requests


@pytest.mark.parametrize("cursor", ["", "nonsense", 7, None, {}, "AAAA" * 100])
def test_bad_cursor(server, judge, cursor):
    for revision in REVISIONS:
        status, _, message = ask(server, revision, "tools/list", {"cursor": cursor})
        assert status == 200
        judge.error(revision, message, -32602)


def test_a_failing_backend_is_a_tool_error(server, judge, pets):
    for answer in [(500, None, b"oops"), (404, None, b'{"message":"no such pet"}')]:
        pets.answer(*answer)
        _, _, message = ask(server, MODERN, "tools/call", {"name": "health"})
        result = judge.response(MODERN, "CallToolResult", message)
        assert result["isError"] is True


# ---- JSON-RPC ----


@pytest.mark.parametrize("request_id", [0, -7, 2**53 + 1, 2**70, "", "x" * 1000, "é\n\"\\"])
def test_ids_come_back_as_they_were(server, judge, request_id):
    for revision in REVISIONS:
        _, _, message = ask(server, revision, "tools/list", request_id=request_id)
        judge.response(revision, "ListToolsResult", message, request_id)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"{}{}", b"\xff", b'{"a":1,"a":2}', b"[" * 100 + b"]" * 100, b"nul", b"\xef\xbb\xbf{}"],
)
def test_what_is_no_strict_json_is_a_parse_error(server, judge, body):
    status, _, message = server.post(body)
    assert status == 400
    judge.error("2025-11-25", message, -32700, None)


@pytest.mark.parametrize("request_id", [None, 1.5, [], {}, True])
def test_ids_of_other_kinds_are_refused(server, judge, request_id):
    status, _, message = server.post(legacy_request("ping", request_id=request_id))
    assert status == 400
    judge.error("2025-11-25", message, -32600, None)


@pytest.mark.parametrize("body", [7, "x", None, {}, {"jsonrpc": "2.0"}, {"method": "ping", "id": 1}])
def test_what_is_no_message_is_an_invalid_request(server, body):
    status, _, message = server.post(json.dumps(body).encode())
    assert status == 400
    assert message["error"]["code"] == -32600


def test_notifications_and_responses_are_taken_with_202(server):
    for message in [
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "method": "notifications/whatever", "params": {}},
        {"jsonrpc": "2.0", "id": 4, "result": {}},
        {"jsonrpc": "2.0", "id": 4, "error": {"code": 1, "message": "x"}},
    ]:
        assert server.post(message)[0::2] == (202, None)
    modern = {"jsonrpc": "2.0", "method": "notifications/x"}
    assert server.post(modern, {"MCP-Protocol-Version": MODERN})[0::2] == (202, None)


# ---- unknown methods and versions ----


@pytest.mark.parametrize("method", ["resources/list", "ping", "initialize", "logging/setLevel", "x"])
def test_unknown_methods_of_the_modern_revision_are_404(server, judge, method):
    status, _, message = ask(server, MODERN, method)
    assert status == 404
    judge.error(MODERN, message, -32601)


@pytest.mark.parametrize("revision", LEGACY)
@pytest.mark.parametrize("method", ["resources/list", "server/discover"])
def test_unknown_methods_of_legacy_revisions(server, judge, revision, method):
    status, _, message = ask(server, revision, method)
    assert status == 200
    judge.error(revision, message, -32601)


def test_unsupported_version(server, judge):
    message = modern_request("tools/list")
    message["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = "1900-01-01"
    headers = {"MCP-Protocol-Version": "1900-01-01", "Mcp-Method": "tools/list"}
    status, _, answer = server.post(message, headers)
    assert status == 400
    judge.check(MODERN, "UnsupportedProtocolVersionError", answer)
    error = judge.error(MODERN, answer, -32022)
    assert error["data"] == {"supported": REVISIONS, "requested": "1900-01-01"}
    status, _, answer = server.post(legacy_request("ping"), {"MCP-Protocol-Version": "2020-01-01"})
    assert (status, answer["error"]["code"]) == (400, -32022)


@pytest.mark.parametrize(
    "headers",
    [
        {"MCP-Protocol-Version": None},
        {"MCP-Protocol-Version": "2025-11-25"},
        {"Mcp-Method": None},
        {"Mcp-Method": "tools/list"},
        {"Mcp-Name": None},
        {"Mcp-Name": "deletePet"},
        {"Mcp-Name": "=?base64?ZGVsZXRlUGV0?="},
        {"Mcp-Name": "=?base64?bad?="},
    ],
)
def test_headers_must_say_what_the_body_says(server, judge, pets, headers):
    found = {"MCP-Protocol-Version": MODERN, "Mcp-Method": "tools/call", "Mcp-Name": "health"}
    found = {name: value for name, value in {**found, **headers}.items() if value is not None}
    status, _, message = server.post(modern_request("tools/call", {"name": "health"}), found)
    assert status == 400
    judge.check(MODERN, "HeaderMismatchError", message)
    judge.error(MODERN, message, -32020)
    assert not pets.requests


def test_encoded_name_is_decoded(server, judge):
    found = {
        "MCP-Protocol-Version": MODERN,
        "Mcp-Method": "tools/call",
        "Mcp-Name": "=?base64?aGVhbHRo?=",
    }
    status, _, message = server.post(modern_request("tools/call", {"name": "health"}), found)
    assert status == 200
    judge.response(MODERN, "CallToolResult", message)


@pytest.mark.parametrize("missing", ["protocolVersion", "clientCapabilities", "_meta"])
def test_modern_requests_carry_their_meta(server, judge, missing):
    message = modern_request("tools/list")
    if missing == "_meta":
        del message["params"]["_meta"]
    else:
        del message["params"]["_meta"][f"io.modelcontextprotocol/{missing}"]
    headers = {"MCP-Protocol-Version": MODERN, "Mcp-Method": "tools/list"}
    status, _, answer = server.post(message, headers)
    assert status == 400
    judge.error(MODERN, answer, -32602)


# ---- HTTP ----


def test_methods_and_paths(server):
    for method in ["GET", "DELETE", "PUT", "PATCH"]:
        status, headers, _ = server.request(method)
        assert status == 405 and "POST" in headers["Allow"]
    assert server.request("GET", "/")[0] == 404
    assert server.request("POST", "/other", b"{}")[0] == 404
    assert server.request("GET", "/.well-known/oauth-protected-resource")[0] == 404


def test_media_types(server):
    body = json.dumps(legacy_request("ping")).encode()
    for wanted, headers in [
        (415, {"Content-Type": "text/plain"}),
        (415, {"Content-Type": "application/x-www-form-urlencoded"}),
        (200, {"Content-Type": "application/json; charset=utf-8"}),
        (406, {"Content-Type": "application/json", "Accept": "text/html"}),
        (200, {"Content-Type": "application/json", "Accept": "*/*"}),
    ]:
        assert server.request(body=body, headers=headers)[0] == wanted, headers


def test_foreign_origins_and_hosts_are_refused(server):
    ping = legacy_request("ping")
    for wanted, headers in [
        (200, {"Origin": "http://localhost:6274"}),
        (200, {"Origin": f"http://127.0.0.1:{server.port}"}),
        (403, {"Origin": "http://evil.example"}),
        (403, {"Origin": "null"}),
        (403, {"Host": "evil.example"}),
        (403, {"Host": "evil.example", "Origin": "http://evil.example"}),
        (200, {"Host": "localhost"}),
    ]:
        status, found, message = server.post(ping, headers)
        assert status == wanted, headers
        if wanted == 403:
            assert "id" not in message and "Access-Control-Allow-Origin" not in found
    status, headers, _ = server.request("OPTIONS", headers={"Origin": "http://localhost:6274"})
    assert status == 204
    assert headers["Access-Control-Allow-Origin"] == "http://localhost:6274"
    assert "authorization" in headers["Access-Control-Allow-Headers"].lower()
    asked = "x-other, mcp-param-region,Mcp-Param-, mcp-param-\tx, mcp-param-a b, Mcp-Param-Page"
    _, headers, _ = server.request(
        "OPTIONS",
        headers={"Origin": "http://localhost:6274", "Access-Control-Request-Headers": asked},
    )
    allowed = [name for name in headers["Access-Control-Allow-Headers"].split(", ") if "aram" in name]
    assert allowed == ["mcp-param-region", "Mcp-Param-Page"]
    assert "id" not in server.request("OPTIONS", headers={"Origin": "http://evil.example"})[1]


# ---- batches ----


def test_batches_belong_to_2025_03_26(server, judge):
    batch = [
        legacy_request("ping", request_id=1),
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        legacy_request("tools/call", {"name": "health"}, request_id="two"),
        legacy_request("nope", request_id=3),
        legacy_request("tools/call", {"name": "getPet", "arguments": {"petId": 1}}, request_id=4),
    ]
    status, _, answers = server.post(batch)
    assert status == 200
    judge.check("2025-03-26", "JSONRPCBatchResponse", answers)
    assert [answer["id"] for answer in answers] == [1, "two", 3, 4]
    judge.check("2025-03-26", "CallToolResult", answers[1]["result"])
    assert server.post([batch[1]])[0::2] == (202, None)
    for revision in REVISIONS[:3]:
        status, _, answer = server.post(batch, {"MCP-Protocol-Version": revision})
        assert status == 400
        judge.error(revision, answer, -32600, None)
    assert server.post([])[0] == 400


# ---- stdio ----


def test_stdio_serves_both_eras(program, judge, pets):
    with Stdio(program, "--backend-url", pets.url) as stdio:
        result = stdio.ask(modern_request("server/discover"))
        judge.response(MODERN, "DiscoverResult", result)
        judge.response("2025-06-18", "InitializeResult", stdio.ask(initialize("2025-06-18")))
        stdio.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        message = stdio.ask(legacy_request("tools/list", request_id=2))
        judge.response("2025-06-18", "ListToolsResult", message, 2)
        message = stdio.ask(modern_request("tools/list", request_id=3))
        judge.response(MODERN, "ListToolsResult", message, 3)
        message = stdio.ask(modern_request("tools/call", {"name": "health"}, 4))
        judge.response(MODERN, "CallToolResult", message, 4)
        judge.error(MODERN, stdio.ask(modern_request("nope", request_id=5)), -32601, 5)
        judge.error(MODERN, stdio.ask(b"{"), -32700, None)


def test_stdio_remembers_what_initialize_agreed_on(program, judge):
    ping = [legacy_request("ping", request_id=9)]
    with Stdio(program) as stdio:
        stdio.ask(initialize("2025-03-26"))
        judge.check("2025-03-26", "JSONRPCBatchResponse", stdio.ask(ping))
        stdio.ask(initialize("2025-11-25"))
        judge.error("2025-11-25", stdio.ask(ping), -32600, None)


def test_stdio_cancels_a_call(program, pets):
    arrived, release = threading.Event(), threading.Event()

    def wait(_):
        arrived.set()
        release.wait(30)
        return 200, {"Content-Type": "application/json"}, b"{}"

    pets.answer_with(wait)
    with Stdio(program, "--backend-url", pets.url) as stdio:
        stdio.send(modern_request("tools/call", {"name": "health"}, "slow"))
        assert arrived.wait(30)
        params = {"requestId": "slow", "reason": "never mind"}
        stdio.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params})
        assert stdio.ask(legacy_request("ping", request_id=2))["id"] == 2
        release.set()
        pets.answer(200, None, b"{}")
        message = stdio.ask(modern_request("tools/call", {"name": "health"}, 3))
        assert message["id"] == 3
    with pytest.raises(queue.Empty):
        stdio.answers.get_nowait()
