"""What the sweeps share: the preloaded library, requests as bytes, answers as they come, and the
loop that fails one allocation of a flow after the other."""

import contextlib
import json
import mmap
import pathlib
import socket
import ssl
import struct
import subprocess

import pytest
from conftest import BUILD

DEADLINE_S = 30
STEPS_MAX = 3000
MODERN = "2026-07-28"
META = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientInfo": {"name": "faults", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


class Control:
    """The preloaded library's four numbers."""

    def __init__(self, path):
        path.write_bytes(bytes(32))
        self.path = path
        with open(path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 32)

    def fail(self, number, lasts=False):
        struct.pack_into("qqq", self.map, 0, 0, int(lasts), 0)
        struct.pack_into("q", self.map, 0, number)

    def stop(self):
        """How many failed."""
        failed = struct.unpack_from("q", self.map, 16)[0]
        struct.pack_into("qq", self.map, 0, 0, 0)
        return failed

    def live(self):
        return struct.unpack_from("q", self.map, 24)[0]


def preloaded(library, control, **more):
    return {"LD_PRELOAD": library, "FAILMALLOC_CONTROL": control.path, **more}


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    if BUILD.name in ("san", "tsan"):
        pytest.skip("the sanitizer has an allocator of its own")
    path = tmp_path_factory.mktemp("failmalloc") / "failmalloc.so"
    source = pathlib.Path(__file__).parent / "failmalloc.c"
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", source, "-o", path], check=True, timeout=60)
    return path


@pytest.fixture
def control(library, tmp_path):
    return Control(tmp_path / "control")


# ---- requests and answers ----


def raw(method, body=b"", headers=()):
    """An HTTP request; `headers` are pairs."""
    lines = [f"{method} /mcp HTTP/1.1", "Host: 127.0.0.1"]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    given = {name for name, _ in headers}
    if "Accept" not in given:
        lines.append("Accept: application/json, text/event-stream")
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def request(method, params=None, token=None, headers=()):
    """A request of the newest revision."""
    params = params or {}
    message = {"jsonrpc": "2.0", "id": 5, "method": method,
               "params": {**params, "_meta": {**META, **params.get("_meta", {})}}}
    found = [("MCP-Protocol-Version", MODERN), ("Mcp-Method", method), *headers]
    if "name" in params or "uri" in params:
        found.append(("Mcp-Name", params.get("name") or params["uri"]))
    if token:
        found.append(("Authorization", f"Bearer {token}"))
    return raw("POST", json.dumps(message).encode(), found)


def legacy(method, params=None, session=None, revision="2025-11-25", token=None):
    """A request of an older one."""
    message = {"jsonrpc": "2.0", "id": 5, "method": method, "params": params or {}}
    found = [("MCP-Protocol-Version", revision)]
    if session:
        found.append(("Mcp-Session-Id", session))
    if token:
        found.append(("Authorization", f"Bearer {token}"))
    return raw("POST", json.dumps(message).encode(), found)


class Cut(Exception):
    """The connection ended before the answer did."""


class Reader:
    def __init__(self, stream):
        self.stream, self.kept = stream, b""

    def more(self):
        try:
            piece = self.stream.recv(65536)
        except (ConnectionResetError, ssl.SSLError):
            piece = b""
        if not piece:
            raise Cut
        self.kept += piece

    def until(self, end):
        while end not in self.kept:
            self.more()
        found, self.kept = self.kept.split(end, 1)
        return found

    def take(self, size):
        while len(self.kept) < size:
            self.more()
        found, self.kept = self.kept[:size], self.kept[size:]
        return found

    def chunks(self):
        while size := int(self.until(b"\r\n"), 16):
            yield self.take(size)
            self.until(b"\r\n")

    def first_event(self):
        """Of a stream that goes on; with the stream's end when it is a short one."""
        text = b""
        for piece in self.chunks():
            text += piece
            if b"\n\n" in text:
                break
        lines = [line[6:] for line in text.decode().split("\n") if line.startswith("data: ")]
        return json.loads("\n".join(lines)) if lines else None


def read_answer(stream):
    """(status, JSON or text, headers in lower case), or None when the connection ends before the
    answer does. Of a stream of events the first is the answer."""
    reader = Reader(stream)
    try:
        head = reader.until(b"\r\n\r\n").decode()
        headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:])
        status = int(head.split(" ")[1])
        if headers.get("content-type") == "text/event-stream":
            return status, reader.first_event(), headers
        text = reader.take(int(headers.get("content-length", "0"))).decode()
    except Cut:
        return None
    return status, json.loads(text) if text[:1] in ("{", "[") else text, headers


def ask(server, data, context=None):
    """One request on a connection of its own, and read_answer's."""
    with contextlib.ExitStack() as stack:
        stream = stack.enter_context(
            socket.create_connection(("127.0.0.1", server.port), DEADLINE_S)
        )
        with contextlib.suppress(ConnectionResetError, BrokenPipeError, ssl.SSLError):
            if context:
                stream = stack.enter_context(
                    context.wrap_socket(stream, server_hostname="localhost")
                )
            stream.sendall(data)
            return read_answer(stream)
    return None


def once(server, data, context=None):
    """(status, JSON or text) or None."""
    found = ask(server, data, context)
    return found and found[:2]


def is_refusal(found):
    """Whether an answer says that something did not work, and nothing else."""
    if found is None or found[0] >= 400:
        return True
    return isinstance(found[1], dict) and (
        "error" in found[1] or found[1].get("result", {}).get("isError") is True)


# ---- the sweep ----


def sweep_once(control, play, check, lasts, least=3, step=1):
    """Plays a flow until none of its allocations is left to fail: each one, or with `lasts` each and
    all after it. `step`: every how many-th, for flows that are mostly a library's."""
    for number in range(1, STEPS_MAX, step):
        control.fail(number, lasts)
        found = play()
        failed = control.stop()
        check(found, failed)
        if not failed:
            break
    else:
        raise AssertionError("the flow never ends")
    assert number > least, "no allocation of the flow was met"


def sweep(control, play, check, least=3, step=1):
    for lasts in (False, True):
        sweep_once(control, play, check, lasts, least, step)
