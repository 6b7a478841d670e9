"""Streams of notifications: subscriptions/listen, and the GET of a legacy session."""

import json
import queue
import signal
import subprocess

import pytest
from conftest import Server, Stdio
from protocol_document import DOCUMENT, LEGACY, MODERN
from protocol_document import fresh, judge, pets, program, server  # noqa: F401  (fixtures)
from test_protocol import initialize, legacy_request, modern_request

ID_KEY = "io.modelcontextprotocol/subscriptionId"
LISTEN = {"Mcp-Method": "subscriptions/listen", "MCP-Protocol-Version": MODERN}


def listen(filter_, request_id="l-1"):
    return modern_request("subscriptions/listen", {"notifications": filter_}, request_id)


def session_of(server, revision="2025-11-25", token=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    found = server.post(initialize(revision), headers)[1]
    return {
        **headers,
        "Mcp-Session-Id": found["Mcp-Session-Id"],
        "MCP-Protocol-Version": revision,
    }


def reload(server):
    server.process.send_signal(signal.SIGHUP)


@pytest.fixture
def alone(program, pets):
    """A server that may be told to stop or to read its options again."""
    with Server(program, "--no-validate-tokens", "--backend-url", pets.url) as found:
        yield found


@pytest.fixture(scope="module")
def hiding(mcpc, compile_server, tmp_path_factory, issuer, pets):
    """A server that hides a tool from callers without a scope."""
    folder = tmp_path_factory.mktemp("hiding")
    (folder / "spec.json").write_text(json.dumps(DOCUMENT))
    policy = folder / "policy.mcpp"
    subprocess.run([mcpc, str(folder / "spec.json"), "-o", str(policy)], check=True)
    rule = 'hide deletePet unless scope "write:pets"\n'
    policy.write_text(policy.read_text().replace("leeway     60s", "leeway     0s") + rule)
    program = compile_server(policy)
    with Server(program, *issuer.server_args(), "--backend-url", pets.url) as found:
        yield found


# ---- opening ----


@pytest.mark.parametrize("request_id", ["l-1", 7])
def test_the_acknowledgement_comes_first(alone, judge, request_id):
    with alone.open_events(listen({"toolsListChanged": True}, request_id), LISTEN) as events:
        assert events.status == 200 and events.headers["Content-Type"] == "text/event-stream"
        told = events.read()
        judge.check(MODERN, "SubscriptionsAcknowledgedNotification", told)
        assert told["params"] == {
            "_meta": {ID_KEY: request_id},
            "notifications": {"toolsListChanged": True},
        }
        reload(alone)
        told = events.read()
        judge.check(MODERN, "ToolListChangedNotification", told)
        assert told["params"]["_meta"] == {ID_KEY: request_id}


@pytest.mark.parametrize(
    "filter_",
    [
        {},
        {"toolsListChanged": False},
        {"promptsListChanged": True},
        {"resourcesListChanged": True},  # this server has none
        {"resourceSubscriptions": ["pets://pets"]},
    ],
)
def test_nothing_is_sent_that_is_not_asked_for(alone, filter_):
    with alone.open_events(listen(filter_), LISTEN) as events, alone.open_events(
        listen({"toolsListChanged": True}), LISTEN
    ) as witness:
        assert events.read()["params"]["notifications"] == {}
        witness.read()
        reload(alone)
        assert witness.read()["method"] == "notifications/tools/list_changed"
        alone.process.send_signal(signal.SIGTERM)
        assert "result" in events.read()  # and nothing before it


def test_what_is_no_subscription(server, judge):
    for params in [{}, {"notifications": True}, {"notifications": None}]:
        _, _, message = server.post(modern_request("subscriptions/listen", params), LISTEN)
        judge.error(MODERN, message, -32602)
    headers = {**LISTEN, "Accept": "application/json"}
    assert server.post(listen({}), headers)[0] == 406
    for revision in LEGACY:
        message = legacy_request("subscriptions/listen", {"notifications": {}})
        headers = {"MCP-Protocol-Version": revision}
        judge.error(revision, server.post(message, headers)[2], -32601)


def test_a_server_that_stops_says_so(alone, judge):
    with alone.open_events(listen({"toolsListChanged": True}), LISTEN) as events:
        events.read()
        alone.process.send_signal(signal.SIGTERM)
        answer = events.read()
        judge.check(MODERN, "SubscriptionsListenResultResponse", answer)
        assert answer["id"] == "l-1" and answer["result"]["_meta"][ID_KEY] == "l-1"
        assert events.read() is None


def test_closed_streams_are_forgotten(alone):
    for _ in range(20):
        with alone.open_events(listen({"toolsListChanged": True}), LISTEN) as events:
            events.read()
    reload(alone)
    with alone.open_events(listen({"toolsListChanged": True}), LISTEN) as events:
        events.read()


# ---- stdio ----


def test_listening_on_stdio(program, judge):
    with Stdio(program) as stdio:
        told = stdio.ask(listen({"toolsListChanged": True}, 1))
        judge.check(MODERN, "SubscriptionsAcknowledgedNotification", told)
        told = stdio.ask(listen({"toolsListChanged": True}, 2))
        assert told["params"]["_meta"][ID_KEY] == 2
        stdio.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}})
        assert stdio.ask(modern_request("tools/list", request_id=3))["id"] == 3
        stdio.process.send_signal(signal.SIGHUP)
        told = stdio.read()
        judge.check(MODERN, "ToolListChangedNotification", told)
        assert told["params"]["_meta"][ID_KEY] == 2
        stdio.process.stdin.close()
        answer = stdio.read()
        judge.check(MODERN, "SubscriptionsListenResultResponse", answer)
        assert answer["id"] == 2
    with pytest.raises(queue.Empty):
        stdio.answers.get_nowait()


# ---- legacy ----


@pytest.mark.parametrize("revision", LEGACY)
def test_a_session_hears_of_changes(alone, judge, revision):
    session = session_of(alone, revision)
    with alone.open_events(headers=session, method="GET") as events:
        assert events.status == 200 and events.headers["Content-Type"] == "text/event-stream"
        reload(alone)
        told = events.read()
        judge.check(revision, "ToolListChangedNotification", told)
        assert told == {"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}
        alone.process.send_signal(signal.SIGTERM)
        assert events.read() is None


def test_a_get_that_has_nothing_to_listen_to(server):
    session = session_of(server)
    accept = {"Accept": "text/event-stream"}
    for headers, status in [
        (accept, 405),
        ({**accept, "MCP-Protocol-Version": MODERN, **{"Mcp-Session-Id": "x"}}, 405),
        ({**accept, "Mcp-Session-Id": "nonsense"}, 404),
        ({**session, "Accept": "application/json"}, 406),
        (session, 406),
    ]:
        found, headers, _ = server.request("GET", headers=headers)
        assert found == status
        assert found != 405 or headers["Allow"] == "GET, POST, OPTIONS"
    assert server.request("DELETE", headers=session)[0] == 405


# ---- callers ----


def test_a_caller_whose_token_allows_more_is_told(hiding, issuer):
    reader = issuer.token("read:pets", sub="alice")
    writer = issuer.token("read:pets write:pets", sub="alice")
    other = issuer.token("read:pets write:pets", sub="bob")
    assert "deletePet" not in hiding.list_tools(reader)
    headers = {**LISTEN, "Authorization": f"Bearer {reader}"}
    with hiding.open_events(listen({"toolsListChanged": True}), headers) as events:
        events.read()
        hiding.list_tools(reader)
        hiding.list_tools(other)
        assert "deletePet" in hiding.list_tools(writer)
        assert events.read()["method"] == "notifications/tools/list_changed"
        hiding.list_tools(writer)
        hiding.list_tools(reader)  # and back again: told once more
        assert events.read()["method"] == "notifications/tools/list_changed"


@pytest.mark.parametrize("revision", LEGACY)
def test_a_session_whose_token_allows_more_is_told(hiding, issuer, revision):
    session = session_of(hiding, revision, issuer.token("read:pets", sub="carol"))
    stepped_up = issuer.token("read:pets write:pets", sub="carol")
    with hiding.open_events(headers={**session, "Accept": "text/event-stream"}, method="GET") as events:
        message = legacy_request("tools/list")
        hiding.post(message, {**session, "Authorization": f"Bearer {stepped_up}"})
        assert events.read()["method"] == "notifications/tools/list_changed"


@pytest.mark.parametrize("revision", LEGACY)
def test_a_stream_belongs_to_its_caller(hiding, issuer, revision):
    session = session_of(hiding, revision, issuer.token("read:pets", sub="carol"))
    headers = {"Accept": "text/event-stream"}
    stranger = {**session, "Authorization": f"Bearer {issuer.token('read:pets', sub='dave')}"}
    assert hiding.request("GET", headers={**stranger, **headers})[0] == 404
    del stranger["Authorization"]
    assert hiding.request("GET", headers={**stranger, **headers})[0] in (401, 404)


@pytest.mark.parametrize("is_known", [False, True])
def test_a_stream_ends_with_its_token(hiding, issuer, is_known):
    token = issuer.token("read:pets", sub="eve", ttl="2s")
    if is_known:
        hiding.list_tools(token)
    headers = {**LISTEN, "Authorization": f"Bearer {token}"}
    with hiding.open_events(listen({"toolsListChanged": True}), headers) as events:
        assert events.read()["method"] == "notifications/subscriptions/acknowledged"
        assert events.read()["result"]["resultType"] == "complete"
        assert events.read() is None
