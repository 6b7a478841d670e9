"""S13 on the protocol's flows: resources, completion, streams, older sessions, batches, stdio. Each
allocation fails once, and each with all after it; what comes is the right answer or says that
something did not work, and the next request is served."""

import gzip
import http.client
import json
import socket

import pytest
from conftest import Server, Stdio
from faults import META, ask, is_refusal, legacy, once, preloaded, raw, request, sweep
from faults import control, library  # noqa: F401  (fixtures)

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "servers": [{"url": "http://127.0.0.1:9"}],
    "paths": {
        "/pets": {"get": {"operationId": "listPets", "parameters": [
            {"name": "status", "in": "query", "schema": {"enum": ["up", "down"]}}]}},
        "/pets/{id}": {"get": {"operationId": "getPet", "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]}},
    },
}
LISTEN = {"notifications": {"toolsListChanged": True}}
ARGUMENT = {"argument": {"name": "status", "value": "u"}}
COMPLETE = {"ref": {"type": "ref/resource", "uri": "pets://pets{?status}"}, **ARGUMENT}
INITIALIZE = {"protocolVersion": "2025-11-25", "capabilities": {},
              "clientInfo": {"name": "faults", "version": "1"}}
BATCH = [
    {"jsonrpc": "2.0", "id": 1, "method": "tools/list"},
    {"jsonrpc": "2.0", "id": 2, "method": "tools/call",
     "params": {"name": "getPet", "arguments": {"id": 1}}},
    {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 9}},
]


@pytest.fixture(scope="module")
def program(compile_server, tmp_path_factory):
    path = tmp_path_factory.mktemp("faults") / "spec.json"
    path.write_text(json.dumps(DOCUMENT))
    return compile_server(path, "--resource-base", "pets:/")


def stream(session):
    return raw("GET", headers=[("Mcp-Session-Id", session), ("Accept", "text/event-stream"),
                               ("MCP-Protocol-Version", "2025-11-25")])


FLOWS = {
    "resources": lambda _: request("resources/list"),
    "templates": lambda _: request("resources/templates/list"),
    "read": lambda _: request("resources/read", {"uri": "pets://pets/7"}),
    "read nothing": lambda _: request("resources/read", {"uri": "pets://nothing"}),
    "completion": lambda _: request("completion/complete", COMPLETE),
    "subscription": lambda _: request("subscriptions/listen", LISTEN),
    "progress": lambda _: request("tools/call", {
        "name": "getPet", "arguments": {"id": 7}, "_meta": {"progressToken": "p"}}),
    "list in gzip": lambda _: request("tools/list", headers=[("Accept-Encoding", "gzip")]),
    "session": lambda _: legacy("initialize", INITIALIZE),
    "in a session": lambda session: legacy("tools/list", None, session),
    "call in a session": lambda session: legacy(
        "tools/call", {"name": "getPet", "arguments": {"id": 7}}, session),
    "stream of a session": stream,
    "batch": lambda _: raw("POST", json.dumps(BATCH).encode(),
                           [("MCP-Protocol-Version", "2025-03-26")]),
}


def kind_of(found):
    """An answer without what differs each time."""
    if found is None:
        return None
    text = found[1]
    if isinstance(text, dict):
        text = {name: value for name, value in text.items() if name != "id"}
        for name in ("cursor", "nextCursor"):
            text.pop(name, None)
    return found[0], text


def is_partly_refused(found):
    return is_refusal(found) or (isinstance(found[1], list) and any(
        is_refusal((200, one)) for one in found[1]))


@pytest.mark.parametrize("flow", FLOWS)
def test_nothing_crashes_and_the_next_is_served(program, library, control, backend, flow):
    options = ("--no-validate-tokens", "--backend-url", backend.url)
    with Server(program, *options, env=preloaded(library, control)) as server:
        session = ask(server, legacy("initialize", INITIALIZE))[2]["mcp-session-id"]
        data = FLOWS[flow](session)

        def play():
            if flow == "list in gzip":
                return None if ask_bytes(server, data) is None else (200, "")
            return once(server, data)

        plain = kind_of([play() for _ in range(3)][-1])
        assert plain and plain[0] < 500
        live = control.live()

        def check(found, failed):
            assert server.process.poll() is None, server.log()
            found = kind_of(found)
            assert found == plain or (failed and is_partly_refused(found)), found
            assert kind_of(play()) == plain

        sweep(control, play, check)
        assert control.live() < live + 100, "memory stays behind"


def ask_bytes(server, data):
    """A packed answer: that it is whole is enough."""
    with socket.create_connection(("127.0.0.1", server.port), 30) as stream_:
        stream_.sendall(data)
        answer = http.client.HTTPResponse(stream_)
        try:
            answer.begin()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            return None
        if answer.getheader("Content-Encoding") == "gzip":
            text = gzip.decompress(text)
        return json.loads(text)


STDIO = {
    "list": {"method": "tools/list", "params": {"_meta": META}},
    "call": {"method": "tools/call",
             "params": {"name": "getPet", "arguments": {"id": 7}, "_meta": META}},
    "read": {"method": "resources/read", "params": {"uri": "pets://pets/7", "_meta": META}},
    "older": {"method": "ping"},
}


@pytest.mark.parametrize("flow", STDIO)
def test_stdio(program, library, control, backend, flow):
    """Here nothing may be lost: whoever asked waits for the answer."""
    message = {"jsonrpc": "2.0", "id": 5, **STDIO[flow]}
    with Stdio(program, "--backend-url", backend.url, env=preloaded(library, control)) as server:
        plain = [server.ask(message) for _ in range(3)][-1]
        assert "result" in plain

        def check(found, failed):
            assert server.process.poll() is None, server.log()
            assert found == plain or (failed and is_refusal((200, found))), found
            assert server.ask(message) == plain

        sweep(control, lambda: server.ask(message), check, least=1)
