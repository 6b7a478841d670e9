"""The HTTP transport on raw sockets: what is refused and how, limits, pipelining, ends."""

import contextlib
import json
import signal
import socket
import threading

import pytest
from conftest import Backend, Server, wait_until

DEADLINE_S = 20
HOST = b"Host: a.example\r\n"
SPEC = """
openapi: 3.1.0
info: {title: Strict, version: "1"}
servers: [{url: "http://127.0.0.1:9"}]
paths:
  /slow:
    get:
      operationId: slow
      security: []
      responses: {"200": {description: ok}}
"""


@pytest.fixture(scope="module")
def program(compile_server, tmp_path_factory):
    spec = tmp_path_factory.mktemp("strict") / "strict.yaml"
    spec.write_text(SPEC)
    return compile_server(spec)


@pytest.fixture(scope="module")
def server(program):
    with Server(program) as found:
        yield found


@contextlib.contextmanager
def connected(server):
    with socket.create_connection(("127.0.0.1", server.port), DEADLINE_S) as stream:
        yield stream


def read_all(stream):
    """Everything until the server closes; a reset means that an answer could have been lost."""
    found = b""
    while piece := stream.recv(65536):
        found += piece
    return found


def read_answer(stream, rest=b"", is_head=False):
    """(status, headers, body, what came after it)."""
    while b"\r\n\r\n" not in rest:
        piece = stream.recv(65536)
        assert piece, rest
        rest += piece
    head, rest = rest.split(b"\r\n\r\n", 1)
    lines = head.decode("ascii").split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
    size = 0 if is_head else int(headers.get("content-length", 0))
    while len(rest) < size:
        piece = stream.recv(65536)
        assert piece, rest
        rest += piece
    return int(lines[0].split(" ")[1]), headers, rest[:size], rest[size:]


def exchange(server, data):
    """Sends bytes, reads until the server closes: the list of (status, headers, body)."""
    with connected(server) as stream:
        stream.sendall(data)
        rest = read_all(stream)
    answers = []
    while rest:
        head, rest = rest.split(b"\r\n\r\n", 1)
        lines = head.decode("ascii").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:])
        size = int(headers.get("content-length", 0))
        answers.append((int(lines[0].split(" ")[1]), headers, rest[:size]))
        rest = rest[size:]
    return answers


def discover(number):
    """A message that is answered without the backend, with its headers."""
    body = json.dumps(
        {
            "jsonrpc": "2.0",
            "id": number,
            "method": "server/discover",
            "params": {
                "_meta": {
                    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                    "io.modelcontextprotocol/clientInfo": {"name": "raw", "version": "1"},
                    "io.modelcontextprotocol/clientCapabilities": {},
                }
            },
        }
    ).encode()
    headers = (
        b"Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
        b"MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: server/discover\r\n"
    )
    return body, headers


def post(number, framing="length", more=b""):
    body, headers = discover(number)
    if framing == "chunked":
        pieces = [body[i : i + 9] for i in range(0, len(body), 9)]
        body = b"".join(b"%x;x=y\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
        body += b"0\r\nTrailer: x\r\n\r\n"
        length = b"Transfer-Encoding: chunked\r\n"
    else:
        length = b"Content-Length: %d\r\n" % len(body)
    # forwarding mode may look at Host: this is the address that it listens on
    return b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers + length + more + b"\r\n" + body


def is_alive(server):
    with connected(server) as stream:
        stream.sendall(GET + b"\r\n")
        return read_answer(stream)[0] == 200


POST = b"POST /mcp HTTP/1.1\r\n" + HOST
GET = b"GET /healthz HTTP/1.1\r\n" + HOST
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
SMUGGLED = GET + b"\r\n"
LAST = GET + b"Connection: close\r\n\r\n"
REFUSED = {
    "length and coding": (
        POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
    ),
    "coding and length": (
        POST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        400,
    ),
    "two lengths": (POST + b"Content-Length: 0\r\nContent-Length: 5\r\n\r\n", 400),
    "the same length twice": (POST + b"Content-Length: 0\r\nContent-Length: 0\r\n\r\n", 400),
    "list of lengths": (POST + b"Content-Length: 0, 0\r\n\r\n", 400),
    "signed length": (POST + b"Content-Length: +0\r\n\r\n", 400),
    "hexadecimal length": (POST + b"Content-Length: 0x0\r\n\r\n", 400),
    "space before colon": (POST + b"Content-Length : 0\r\n\r\n", 400),
    "coding with a tab": (POST + b"Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n", 400),
    "coding with vertical tab": (POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", 400),
    "folded coding": (POST + b"X: y\r\n Transfer-Encoding: chunked\r\n\r\n", 400),
    "coding twice": (POST + b"Transfer-Encoding: chunked\r\n" * 2 + b"\r\n", 400),
    "other coding": (POST + b"Transfer-Encoding: gzip\r\n\r\n", 501),
    "almost chunked": (POST + b"Transfer-Encoding: xchunked\r\n\r\n", 501),
    "coding list": (POST + b"Transfer-Encoding: chunked, identity\r\n\r\n", 501),
    "bare LF": (b"GET /healthz HTTP/1.1\nHost: a\n\n", 400),
    "bare LF in a header": (GET + b"X: y\n\r\n", 400),
    "bare LF at the end": (GET + b"\n", 400),
    "bare CR": (GET + b"X: y\rZ: 1\r\n\r\n", 400),
    "NUL in a value": (GET + b"X: a\0b\r\n\r\n", 400),
    "NUL in a name": (GET + b"X\0: a\r\n\r\n", 400),
    "NUL in the target": (b"GET /healthz\0 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "no Host": (b"GET /healthz HTTP/1.1\r\n\r\n", 400),
    "two Hosts": (GET + HOST + b"\r\n", 400),
    "bad Host": (b"GET /healthz HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
    "other Host in target": (b"GET http://b.example/healthz HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "HTTP/1.0": (b"GET /healthz HTTP/1.0\r\n" + HOST + b"\r\n", 505),
    "HTTP/2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    "HTTP/0.9": (b"GET /healthz\r\n\r\n", 400),
    "TLS hello": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    "unknown expectation": (GET + b"Expect: x\r\n\r\n", 417),
    "too many headers": (GET + b"".join(b"X%d: y\r\n" % i for i in range(200)) + b"\r\n", 431),
    "bad chunk size": (CHUNKED + b"+1\r\nx\r\n0\r\n\r\n", 400),
    "bare LF after chunk size": (CHUNKED + b"1\nx\r\n0\r\n\r\n", 400),
    "chunk longer than said": (CHUNKED + b"1\r\nxy\r\n0\r\n\r\n", 400),
    "bare LF after chunk": (CHUNKED + b"1\r\nx\n0\r\n\r\n", 400),
    "bare LF in chunk extension": (CHUNKED + b"1;a\nb\r\nx\r\n0\r\n\r\n", 400),
    "framing in the trailer": (CHUNKED + b"0\r\nContent-Length: 5\r\n\r\n", 400),
    "chunk size beyond all": (CHUNKED + b"ffffffffffffffffff\r\n", 413),
}


@pytest.mark.parametrize("form", REFUSED)
def test_malformed_requests_get_one_refusal_and_no_more(server, form):
    """Refused, closed, and what follows in the same bytes is never read as a request."""
    data, status = REFUSED[form]
    answers = exchange(server, data + SMUGGLED)
    assert [answer[0] for answer in answers] == [status]
    assert answers[0][1]["connection"] == "close"
    wait_until(lambda: f"refused with {status}: " in server.log(), "the log line")
    assert is_alive(server)


def test_answers_in_the_order_of_the_requests(server):
    framings = ["length", "chunked"] * 15
    data = b"".join(post(number, framing) for number, framing in enumerate(framings))
    answers = exchange(server, data + LAST)
    assert [answer[0] for answer in answers] == [200] * 31
    assert [json.loads(answer[2])["id"] for answer in answers[:-1]] == list(range(30))
    assert answers[-1][2] == b"ok\n"


def test_bytes_may_come_one_by_one(server):
    with connected(server) as stream:
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for framing in ["length", "chunked"]:
            for byte in post(7, framing):
                stream.sendall(bytes([byte]))
            status, _, body, rest = read_answer(stream)
            assert status == 200 and json.loads(body)["id"] == 7 and not rest


def test_a_body_is_asked_for(server):
    body, _ = discover(1)
    request = post(1, more=b"Expect: 100-continue\r\n")
    with connected(server) as stream:
        stream.sendall(request[: -len(body)])
        status, headers, _, rest = read_answer(stream)
        assert status == 100 and not headers and not rest
        stream.sendall(body)
        assert read_answer(stream)[0] == 200
        # one that is too large is not asked for
        stream.sendall(
            b"POST /mcp HTTP/1.1\r\n" + HOST
            + b"Expect: 100-continue\r\nContent-Length: 99999999999999999999\r\n\r\n"
        )
        assert read_answer(stream)[0] == 413


def test_keep_alive_and_close(server):
    with connected(server) as stream:
        for number in range(3):
            stream.sendall(post(number))
            status, headers, body, rest = read_answer(stream)
            assert status == 200 and "connection" not in headers and not rest
        # one empty line before a request is forgiven (RFC 9112, section 2.2)
        stream.sendall(b"\r\n" + post(3, more=b"Connection: x, Close\r\n"))
        status, headers, _, _ = read_answer(stream)
        assert status == 200 and headers["connection"] == "close"
        assert stream.recv(1) == b""


def test_head_and_options(server):
    with connected(server) as stream:
        stream.sendall(b"HEAD /healthz HTTP/1.1\r\n" + HOST + b"\r\n" + SMUGGLED)
        status, headers, _, rest = read_answer(stream, is_head=True)
        assert status == 200 and headers["content-length"] == "3"
        status, _, body, rest = read_answer(stream, rest)
        assert status == 200 and body == b"ok\n" and not rest
        stream.sendall(b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n")
        status, headers, _, _ = read_answer(stream)
        assert status == 204 and "content-length" not in headers


def test_the_input_may_end_after_a_request(server):
    with connected(server) as stream:
        stream.sendall(SMUGGLED)
        stream.shutdown(socket.SHUT_WR)
        assert read_all(stream).endswith(b"\r\n\r\nok\n")


def test_limits_on_size(program):
    with Server(program, "--limit-head-bytes", 1000, "--limit-body-bytes", 2000) as server:
        for data, status in [
            (POST + b"X: " + b"y" * 2000 + b"\r\n\r\n", 431),
            (b"".join([POST] + [b"X%d: y\r\n" % i for i in range(2000)]), 431),
            (b"GET /" + b"y" * 2000 + b" HTTP/1.1\r\n\r\n", 414),
            (b"y" * 5000, 414),
            (POST + b"Content-Length: 2001\r\n\r\n" + b"x" * 2001, 413),
            (CHUNKED + b"7d1\r\n", 413),
            (CHUNKED + b"190\r\n%s\r\n" % (b"x" * 400) * 6, 413),
            (CHUNKED + b"1;" + b"x" * 300, 400),
            (CHUNKED + b"1;%s\r\nx\r\n" % (b"y" * 200) * 9, 400),
            (CHUNKED + b"0\r\n" + b"X: y\r\n" * 500, 400),
        ]:
            assert [answer[0] for answer in exchange(server, data)] == [status], data[:60]
            assert is_alive(server)
        wait_until(lambda: server.log().count("limit-head-bytes") == 4, "4 log lines")


def test_a_slow_request_times_out_and_holds_nobody_up(program):
    with Server(program, "--limit-read-ms", 300) as server:
        for start in [
            b"G",
            b"POST /mcp HTTP/1.1\r\n" + HOST,
            POST + b"Content-Length: 5\r\n\r\nab",
            CHUNKED + b"5\r\nab",
        ]:
            with connected(server) as stream:
                stream.sendall(start)
                assert is_alive(server)
                assert read_answer(stream)[0] == 408
                assert stream.recv(1) == b""
        wait_until(lambda: server.log().count("refused with 408") == 4, "4 log lines")


def test_a_trickle_is_no_progress(program):
    """Each byte resets no clock: the time of the whole request is limited."""
    with Server(program, "--limit-read-ms", 500) as server, connected(server) as stream:
        stop = threading.Event()

        def trickle():
            stream.sendall(POST + b"X: ")
            while not stop.wait(0.05):
                with contextlib.suppress(OSError):
                    stream.sendall(b"y")

        thread = threading.Thread(target=trickle)
        thread.start()
        try:
            assert read_answer(stream)[0] == 408
        finally:
            stop.set()
            thread.join()


def test_idle_connections_are_closed(program):
    with Server(program, "--limit-idle-ms", 200) as server:
        with connected(server) as stream:
            assert stream.recv(1) == b""
        with connected(server) as stream:
            stream.sendall(SMUGGLED)
            assert read_answer(stream)[0] == 200
            assert stream.recv(1) == b""


def test_connections_beyond_the_limit_get_503(program):
    with Server(program, "--limit-connections", 5) as server, contextlib.ExitStack() as stack:
        streams = [stack.enter_context(connected(server)) for _ in range(5)]
        for stream in streams:
            stream.sendall(SMUGGLED)
            assert read_answer(stream)[0] == 200
        for _ in range(3):
            assert [answer[0] for answer in exchange(server, SMUGGLED)] == [503]
        wait_until(lambda: server.log().count("limit-connections 5 reached") == 1, "1 log lines")
        # those that are there are served, and room is found again
        streams[0].sendall(SMUGGLED)
        assert read_answer(streams[0])[0] == 200
        streams[0].close()
        wait_until(lambda: exchange(server, LAST)[0][0] == 200, "room for a connection")


def test_answers_that_nobody_takes_do_not_pile_up(program):
    """Whoever sends and does not read is paused, then cut off; memory stays flat."""
    with Server(program, "--limit-write-ms", 1000) as server, connected(server) as stream:
        stream.setblocking(False)
        sent = 0
        with contextlib.suppress(BlockingIOError, ConnectionError):
            while sent < 64 * 1024 * 1024:
                sent += stream.send(SMUGGLED * 100)
        assert sent < 64 * 1024 * 1024
        assert is_alive(server)
        wait_until(lambda: "limit-write-ms" in server.log(), "the write limit")
        status = open(f"/proc/{server.process.pid}/status").read()
        rss = int(status.split("VmRSS:")[1].split()[0])
        assert rss < (200 if "San" in server.log() else 100) * 1024


def call_slow():
    body = json.dumps(
        {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": {
                "name": "slow",
                "arguments": {},
                "_meta": {
                    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                    "io.modelcontextprotocol/clientInfo": {"name": "raw", "version": "1"},
                    "io.modelcontextprotocol/clientCapabilities": {},
                },
            },
        }
    ).encode()
    return (
        b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n"
        b"Mcp-Method: tools/call\r\nMcp-Name: slow\r\nContent-Length: %d\r\n\r\n" % len(body)
    ) + body


@pytest.fixture
def held_backend():
    """A backend whose answers wait for `release`."""
    release = threading.Event()

    def answer(_):
        release.wait(DEADLINE_S)
        return 200, {"Content-Type": "application/json"}, b'{"slow":true}'

    with Backend() as found:
        found.answer_with(answer)
        found.release = release
        yield found
        release.set()


def test_a_slow_call_delays_nobody(program, held_backend):
    with Server(program, "--backend-url", held_backend.url) as server:
        with connected(server) as waiting:
            waiting.sendall(call_slow())
            wait_until(lambda: held_backend.requests, "the backend to be called")
            assert is_alive(server)
            assert exchange(server, post(5, more=b"Connection: close\r\n"))[0][0] == 200
            held_backend.release.set()
            status, _, body, _ = read_answer(waiting)
            assert status == 200 and json.loads(body)["id"] == 1


def test_a_client_that_goes_away_is_forgotten(program, held_backend):
    with Server(program, "--backend-url", held_backend.url) as server:
        for number in range(5):
            with connected(server) as gone:
                gone.sendall(call_slow() * 2)
                wait_until(lambda: len(held_backend.requests) > number, "the backend's call")
        assert is_alive(server)
        held_backend.release.set()
        assert is_alive(server)
        with connected(server) as stream:
            stream.sendall(call_slow())
            assert read_answer(stream)[0] == 200


def test_stopping_lets_calls_finish(program, held_backend):
    with Server(program, "--backend-url", held_backend.url) as server:
        with connected(server) as waiting, connected(server) as idle:
            waiting.sendall(call_slow())
            wait_until(lambda: held_backend.requests, "the backend to be called")
            server.process.send_signal(signal.SIGTERM)
            assert idle.recv(1) == b""
            with pytest.raises(OSError):
                socket.create_connection(("127.0.0.1", server.port), DEADLINE_S)
            assert server.process.poll() is None
            held_backend.release.set()
            status, headers, _, _ = read_answer(waiting)
            assert status == 200 and headers["connection"] == "close"
        assert server.process.wait(DEADLINE_S) == 0


def test_stopping_has_a_deadline(program, held_backend):
    args = ["--backend-url", held_backend.url, "--limit-drain-ms", 200]
    with Server(program, *args) as server, connected(server) as waiting:
        waiting.sendall(call_slow())
        wait_until(lambda: held_backend.requests, "the backend to be called")
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(DEADLINE_S) == 0
        wait_until(lambda: "limit-drain-ms" in server.log(), "the log line")


def test_idle_memory(server):
    """DESIGN: at most 12 MB when idle (a build with sanitizers is another matter)."""
    assert is_alive(server)
    maps = open(f"/proc/{server.process.pid}/status").read()
    rss_kb = int(maps.split("VmRSS:")[1].split()[0])
    with open(server.program, "rb") as program:
        is_sanitized = b"__asan_init" in program.read()
    assert rss_kb <= (60 if is_sanitized else 12) * 1024


def test_core_dumps_are_off(server):
    limits = open(f"/proc/{server.process.pid}/limits").read()
    line = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
    assert line.split()[4:6] == ["0", "0"]
