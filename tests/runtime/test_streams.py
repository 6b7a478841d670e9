"""What a client hears while a call is under way, and how it ends one: progress, log messages,
cancellation; and the trace that goes on to the backend."""

import http.client
import json
import threading

import pytest
from conftest import Stdio
from protocol_document import LEGACY, MODERN, REVISIONS
from protocol_document import fresh, judge, pets, program, server  # noqa: F401  (fixtures)
from test_protocol import initialize, legacy_request, modern_request

PIECES = [b'{"ok":', b'"abc",', b'"x":1}']


def call(revision, name="health", meta=None, request_id=1):
    """(message, headers) of a call as a client of the revision sends it."""
    params = {"name": name, "arguments": {}}
    if revision == MODERN:
        message = modern_request("tools/call", params, request_id)
        message["params"]["_meta"].update(meta or {})
        headers = {"Mcp-Method": "tools/call", "Mcp-Name": name}
    else:
        message = legacy_request("tools/call", {**params, "_meta": meta or {}}, request_id)
        headers = {}
    return message, {**headers, "MCP-Protocol-Version": revision}


def open_session(server, revision):
    """Headers of a new session."""
    _, headers, _ = server.post(initialize(revision))
    return {"Mcp-Session-Id": headers["Mcp-Session-Id"], "MCP-Protocol-Version": revision}


def in_pieces(gate=None):
    """A backend that sends each piece when the last one has been heard of."""

    def answer(_):
        def pieces():
            for piece in PIECES:
                if gate:
                    assert gate.acquire(timeout=30)
                yield piece

        length = str(sum(map(len, PIECES)))
        return 200, {"Content-Type": "application/json", "Content-Length": length}, pieces()

    return answer


# ---- progress ----


@pytest.mark.parametrize("token", ["p-1", 7])
@pytest.mark.parametrize("revision", REVISIONS)
def test_progress_is_told_while_the_answer_comes(server, judge, pets, revision, token):
    gate = threading.Semaphore(0)
    pets.answer_with(in_pieces(gate))
    message, headers = call(revision, meta={"progressToken": token})
    with server.open_events(message, headers) as events:
        assert events.status == 200
        assert events.headers["Content-Type"] == "text/event-stream"
        assert events.headers["X-Accel-Buffering"] == "no"
        told = [events.read()]
        for _ in PIECES:
            gate.release()
            told.append(events.read())
        answer = events.read()
        assert events.read() is None
    for notification in told:
        judge.check(revision, "ProgressNotification", notification)
        assert notification["params"]["progressToken"] == token
    assert [one["params"]["progress"] for one in told] == [0, 6, 12, 18]
    assert [one["params"].get("total") for one in told] == [None, 18, 18, 18]
    result = judge.response(revision, "CallToolResult", answer)
    assert not result.get("isError")


def test_progress_on_stdio(program, judge, pets):
    pets.answer_with(in_pieces())
    with Stdio(program, "--backend-url", pets.url) as stdio:
        message, _ = call(MODERN, meta={"progressToken": "p"}, request_id=3)
        told = [stdio.ask(message)]
        while "id" not in told[-1]:
            told.append(stdio.read())
        judge.response(MODERN, "CallToolResult", told.pop(), 3)
    progress = [one["params"]["progress"] for one in told]
    assert progress[0] == 0 and progress[-1] == 18 and sorted(set(progress)) == progress


def test_a_client_without_a_token_or_without_events_gets_plain_json(server, pets):
    pets.answer_with(in_pieces())
    for meta, accept in [({}, "application/json, text/event-stream")] + [
        ({"progressToken": 1}, accept)
        for accept in ["application/json", "application/json, text/event-stream;q=0"]
    ]:
        message, headers = call(MODERN, meta=meta)
        status, found, answer = server.post(message, {**headers, "Accept": accept})
        assert (status, found["Content-Type"]) == (200, "application/json")
        assert not answer["result"].get("isError"), answer


def test_a_refused_call_is_no_stream(server, judge):
    message, headers = call(MODERN, name="noSuchTool", meta={"progressToken": 1})
    _, found, answer = server.post(message, headers)
    assert found["Content-Type"] == "application/json"
    judge.error(MODERN, answer, -32602)
    message, headers = call(MODERN, name="getPet", meta={"progressToken": 1})
    _, found, answer = server.post(message, headers)  # without its argument
    assert found["Content-Type"] == "application/json" and answer["result"]["isError"]


# ---- log messages ----


@pytest.mark.parametrize("revision", LEGACY)
def test_log_messages_for_who_asked(server, judge, pets, revision):
    session, other = open_session(server, revision), open_session(server, revision)
    message, _ = call(revision)
    set_level = legacy_request("logging/setLevel", {"level": "debug"})
    assert judge.response(revision, "EmptyResult", server.post(set_level, session)[2]) == {}
    with server.open_events(message, session) as events:
        *told, answer = events.read_all()
    judge.response(revision, "CallToolResult", answer)
    for notification in told:
        judge.check(revision, "LoggingMessageNotification", notification)
    assert [one["params"]["level"] for one in told] == ["debug", "debug", "info"]
    assert all(one["params"]["data"]["tool"] == "health" for one in told)
    assert server.post(message, other)[1]["Content-Type"] == "application/json"
    set_level = legacy_request("logging/setLevel", {"level": "error"})
    server.post(set_level, session)
    assert server.post(message, session)[1]["Content-Type"] == "application/json"


def test_no_such_log_level(server, judge):
    session = open_session(server, "2025-11-25")
    for params in [{"level": "loud"}, {"level": 1}, {}, None]:
        message = legacy_request("logging/setLevel", params)
        judge.error("2025-11-25", server.post(message, session)[2], -32602)


def test_log_messages_on_stdio(program, judge, pets):
    with Stdio(program, "--backend-url", pets.url) as stdio:
        stdio.ask(initialize("2025-06-18"))
        stdio.ask(legacy_request("logging/setLevel", {"level": "info"}, 2))
        told = stdio.ask(call("2025-06-18", request_id=3)[0])
        judge.check("2025-06-18", "LoggingMessageNotification", told)
        assert stdio.read()["id"] == 3
        # modern requests ask for themselves, and none is sent
        assert stdio.ask(call(MODERN, request_id=4)[0])["id"] == 4


# ---- ending a call ----


def waiting_backend(pets):
    """Two events: a request has arrived; its connection has ended."""
    arrived, ended = threading.Event(), threading.Event()

    def wait(request):
        arrived.set()
        request.wait_for_end()
        ended.set()

    pets.answer_with(wait)
    return arrived, ended


@pytest.mark.parametrize("meta", [{}, {"progressToken": 1}], ids=["plain", "stream"])
def test_closing_the_request_aborts_the_backends(server, pets, meta):
    arrived, ended = waiting_backend(pets)
    message, headers = call(MODERN, meta=meta)
    if meta:
        with server.open_events(message, headers) as events:
            assert events.read()["params"]["progress"] == 0
            assert arrived.wait(30)
    else:
        thread = threading.Thread(target=give_up_after, args=(server, message, headers, arrived))
        thread.start()
        thread.join(30)
    assert ended.wait(30)


def give_up_after(server, message, headers, arrived):
    connection = http.client.HTTPConnection(server.host, server.port, timeout=30)
    headers = {**headers, "Content-Type": "application/json"}
    connection.request("POST", "/mcp", json.dumps(message).encode(), headers)
    assert arrived.wait(30)
    connection.close()


@pytest.mark.parametrize("revision", LEGACY)
def test_a_legacy_session_cancels_its_own_calls_only(server, pets, revision):
    arrived, ended = waiting_backend(pets)
    session, other = open_session(server, revision), open_session(server, revision)
    message, _ = call(revision, request_id="slow", meta={"progressToken": 1})
    params = {"requestId": "slow", "reason": "never mind"}
    cancelled = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params}
    with server.open_events(message, session) as events:
        assert arrived.wait(30)
        assert events.read()["params"]["progress"] == 0
        for headers in [other, {"MCP-Protocol-Version": revision}]:
            assert server.post(cancelled, headers)[0] == 202
        for bad in [{"requestId": 7}, {}, {"requestId": None}]:
            assert server.post({**cancelled, "params": bad}, session)[0] == 202
        assert not ended.is_set()
        assert server.post(cancelled, session)[0] == 202
        assert ended.wait(30)
        assert events.read() is None  # no response for it


# ---- trace context ----

PARENT = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01"


@pytest.mark.parametrize("revision", REVISIONS)
def test_trace_context_goes_on_to_the_backend(server, pets, revision):
    meta = {"traceparent": PARENT, "tracestate": "a=1,b=2", "baggage": "who=me"}
    message, headers = call(revision, meta=meta)
    assert server.post(message, headers)[0] == 200
    (request,) = pets.requests
    assert request.header("traceparent") == [PARENT]
    assert request.header("tracestate") == ["a=1,b=2"]
    assert request.header("baggage") == []


@pytest.mark.parametrize(
    "parent",
    [
        PARENT[:-1],
        PARENT + "-more",
        PARENT.upper(),
        PARENT.replace("0af7651916cd43dd8448eb211c80319c", "0" * 32),
        PARENT.replace("00f067aa0ba902b7", "0" * 16),
        "ff" + PARENT[2:],
        PARENT + "\r\nX-Admin: 1",
        7,
    ],
)
def test_what_is_no_trace_context_stays_here(server, pets, parent):
    message, headers = call(MODERN, meta={"traceparent": parent, "tracestate": "a=1"})
    headers["traceparent"] = PARENT  # nor does a header of the client's go anywhere
    assert server.post(message, headers)[0] == 200
    (request,) = pets.requests
    assert request.header("traceparent") == request.header("tracestate") == []


def test_a_tracestate_that_could_be_a_header_line_stays_here(server, pets):
    message, headers = call(MODERN, meta={"traceparent": PARENT, "tracestate": "a=1\r\nX-A: 1"})
    assert server.post(message, headers)[0] == 200
    (request,) = pets.requests
    assert request.header("traceparent") == [PARENT] and request.header("tracestate") == []
