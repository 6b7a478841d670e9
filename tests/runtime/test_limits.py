"""Past a limit there is a status and a log line, and everybody else is served."""

import contextlib
import json
import socket

import pytest
from conftest import Server, wait_until

DEADLINE_S = 30
SPEC = """
openapi: 3.1.0
info: {title: Limited, version: "1"}
servers: [{url: "http://127.0.0.1:9"}]
paths:
  /thing:
    get:
      operationId: thing
      security: []
      responses: {"200": {description: ok}}
"""
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.fixture(scope="module")
def program(compile_server, tmp_path_factory):
    spec = tmp_path_factory.mktemp("limits") / "limits.yaml"
    spec.write_text(SPEC)
    return compile_server(spec)


def connect(server):
    return socket.create_connection(("127.0.0.1", server.port), DEADLINE_S)


def status_of(stream):
    found = b""
    while b"\r\n\r\n" not in found:
        piece = stream.recv(4096)
        assert piece, found
        found += piece
    return int(found.split(b" ")[1])


def test_connections_are_counted_over_all_workers(program):
    options = ("--workers", 3, "--limit-connections", 10)
    with Server(program, *options) as server, contextlib.ExitStack() as stack:
        streams = [stack.enter_context(connect(server)) for _ in range(10)]
        for stream in streams:
            stream.sendall(HEALTH)
            assert status_of(stream) == 200
        with connect(server) as late:
            assert status_of(late) == 503
        wait_until(lambda: "limit-connections 10 reached" in server.log(), "the log line")
        streams[0].close()

        def is_served():
            with connect(server) as stream:
                stream.sendall(HEALTH)
                return status_of(stream) == 200

        wait_until(is_served, "the place")


def test_bodies_take_half_of_the_memory_and_small_requests_get_through(program):
    """Many large bodies, each short of its last byte."""
    options = ("--limit-memory-bytes", 4 << 20, "--metrics")
    head = b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    head += b"Content-Length: 1000001\r\n\r\n"
    with Server(program, *options) as server, contextlib.ExitStack() as stack:
        streams = [stack.enter_context(connect(server)) for _ in range(8)]
        for stream in streams:
            with contextlib.suppress(OSError):
                stream.sendall(head + b" " * 1000000)
        wait_until(lambda: "limit-memory-bytes" in server.log(), "the log line")
        assert len(server.list_tools()) == 1
        metrics = server.request("GET", "/metrics")[2].decode()
        refused = int(metrics.split('requests_refused_total{reason="memory"} ')[1].split("\n")[0])
        assert 1 <= refused < 8
        used = int(metrics.split('mcpp_memory_bytes{kind="used"} ')[1].split("\n")[0])
        assert used <= 4 << 20
    # whoever goes gives back what was taken


def test_memory_is_given_back(program):
    options = ("--limit-memory-bytes", 4 << 20, "--metrics")
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "nothing", "pad": "x" * 900000})
    with Server(program, *options) as server:
        for _ in range(20):
            assert server.post(body.encode())[0] in (200, 400, 404)

        def used():
            metrics = server.request("GET", "/metrics")[2].decode()
            return int(metrics.split('mcpp_memory_bytes{kind="used"} ')[1].split("\n")[0])

        wait_until(lambda: used() < 100000, "the memory")


def test_an_answer_beyond_the_memory_is_refused_and_the_next_is_served(program, backend):
    options = ("--limit-memory-bytes", 1 << 20, "--backend-url", backend.url)
    with Server(program, *options) as server:
        backend.answer(200, None, b'"' + b"x" * 900000 + b'"')
        status, _, answer = server.call_tool("thing")
        assert status == 503 or answer["result"]["isError"] or "error" in answer
        backend.answer(200, None, b'{"small":true}')
        status, _, answer = server.call_tool("thing")
        assert status == 200 and not answer["result"]["isError"]
