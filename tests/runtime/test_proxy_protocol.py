"""The PROXY protocol, from HAProxy and byte for byte: who is believed, and what is closed."""

import json
import socket
import ssl
import subprocess

import pytest
import services
from certificates import Authority
from conftest import Server, wait_until
from test_forwarded import SPEC

DEADLINE_S = 20
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
V1 = b"PROXY TCP4 192.0.2.7 127.0.0.1 12345 443\r\n"
V2 = SIGNATURE + b"\x21\x11\0\x0c" + bytes([192, 0, 2, 7, 127, 0, 0, 1]) + b"\x30\x39\x01\xbb"
BODY = json.dumps(
    {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {
            "name": "nothing",
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientInfo": {"name": "proxy", "version": "1"},
                "io.modelcontextprotocol/clientCapabilities": {},
            },
        },
    }
).encode()


def request(more=b""):
    return (
        b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: nothing\r\n"
        b"%sContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (more, len(BODY), BODY)
    )


@pytest.fixture(scope="module")
def program(compile_server, tmp_path_factory):
    spec = tmp_path_factory.mktemp("proxied") / "proxied.yaml"
    spec.write_text(SPEC)
    return compile_server(spec)


class Audited(Server):
    """Behind a proxy; peers() are those of the audit log."""

    def __init__(self, program, folder, *args, trusted="127.0.0.1"):
        self.audit = folder / "audit"
        super().__init__(
            program,
            *("--proxy-protocol", "--trusted-proxy", trusted, *args),
            *("--audit", "all", "--audit-file", self.audit),
        )

    def peers(self):
        text = self.audit.read_text() if self.audit.exists() else ""
        return [json.loads(line)["peer"] for line in text.splitlines()]


def exchange(server, *pieces):
    """All that comes back for these bytes; b"" when the connection is just closed."""
    found = b""
    with socket.create_connection(("127.0.0.1", server.port), DEADLINE_S) as stream:
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for piece in pieces:
                stream.sendall(piece)
            while piece := stream.recv(65536):
                found += piece
        except (ConnectionResetError, BrokenPipeError):
            pass
    return found


def pieces_of(data):
    return [data[i : i + 1] for i in range(len(data))]


V6 = SIGNATURE + b"\x21\x21\0\x24" + socket.inet_pton(socket.AF_INET6, "2001:db8::1") * 2 + b"\0\x05\0\x06"


@pytest.mark.parametrize(
    "header, peer",
    [
        (V1, "192.0.2.7:12345"),
        (V2, "192.0.2.7:12345"),
        (V6, "[2001:db8::1]:5"),
        (b"PROXY TCP6 2001:db8::1 ::1 5 6\r\n", "[2001:db8::1]:5"),
        (b"PROXY UNKNOWN\r\n", "127.0.0.1:"),
        (SIGNATURE + b"\x20\0\0\0", "127.0.0.1:"),
    ],
)
def test_the_header_says_from_whom_it_is(program, tmp_path, header, peer):
    with Audited(program, tmp_path) as server:
        assert exchange(server, header + request()).startswith(b"HTTP/1.1 200 ")
        # one byte at a time, and what the caller itself says in X-Forwarded-For is its own affair
        forged = request(b"X-Forwarded-For: 198.51.100.1\r\n")
        assert exchange(server, *pieces_of(header), forged).startswith(b"HTTP/1.1 200 ")
        wait_until(lambda: len(server.peers()) == 2, "the lines")
        assert all(one.startswith(peer) for one in server.peers()), server.peers()


def test_a_proxy_behind_the_proxy_is_believed_if_it_is_trusted(program, tmp_path):
    more = ("--trusted-proxy", "192.0.2.0/24")
    with Audited(program, tmp_path, *more) as server:
        exchange(server, V1 + request(b"X-Forwarded-For: 198.51.100.1\r\n"))
        wait_until(lambda: server.peers() == ["198.51.100.1"], "the line")


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"PROXY TCP4 192.0.2.7 127.0.0.1 12345 443\n",
        b"PROXY TCP4 192.0.2.7 127.0.0.1 12345\r\n",
        SIGNATURE + b"\x21\x12" + V2[14:],
        V2[:15] + b"\x13" + V2[16:] + b"\x03\0\x04\0\0\0\0",
        b"\x16\x03\x01",
    ],
)
def test_what_is_malformed_is_closed_without_an_answer(program, tmp_path, start):
    with Audited(program, tmp_path) as server:
        assert exchange(server, start + request()) == b""
        wait_until(lambda: "begins with no right PROXY header" in server.log(), "the log line")
        assert exchange(server, V1 + request()).startswith(b"HTTP/1.1 200 ")
        assert server.peers() == ["192.0.2.7:12345"]


def test_a_second_header_is_no_request(program, tmp_path):
    with Audited(program, tmp_path) as server:
        assert exchange(server, V1 + V2 + request()).startswith(b"HTTP/1.1 400 ")
        assert exchange(server, V2 + V1 + request()).startswith(b"HTTP/1.1 400 ")
        assert not server.peers()


def test_nobody_else_is_listened_to(program, tmp_path):
    with Audited(program, tmp_path, trusted="10.0.0.0/8") as server:
        assert exchange(server, V1 + request()) == b"" and exchange(server, request()) == b""
        wait_until(lambda: server.log().count("no trusted proxy") == 2, "the log lines")
        assert not server.peers()


def test_the_header_has_its_time_and_a_stop_does_not_wait_for_it(program, tmp_path):
    with Audited(program, tmp_path, "--limit-read-ms", 50) as server:
        assert exchange(server, V2[:20]) == b""
        wait_until(lambda: "no PROXY header within" in server.log(), "the log line")
    with Audited(program, tmp_path) as server:
        with socket.create_connection(("127.0.0.1", server.port), DEADLINE_S) as stream:
            stream.sendall(V2[:20])
            server.process.terminate()
            assert stream.recv(1) == b"" and server.process.wait(DEADLINE_S) == 0


def test_without_the_option_a_header_is_no_request(program, tmp_path):
    with Server(program, "--trusted-proxy", "127.0.0.1") as server:
        assert exchange(server, V1 + request()).startswith(b"HTTP/1.1 400 ")
        assert exchange(server, V2 + request()).startswith(b"HTTP/1.1 400 ")


def test_the_option_needs_proxies_to_trust(program):
    done = subprocess.run(
        [program, "--transport", "http", "--proxy-protocol"], stderr=subprocess.PIPE, text=True,
        timeout=DEADLINE_S,
    )  # fmt: skip
    assert done.returncode == 2 and "'--trusted-proxy'" in done.stderr


HAPROXY = """
defaults
    mode tcp
    timeout connect 10s
    timeout client 30s
    timeout server 30s
listen mcp
    bind 127.0.0.1:{port}
    server one 127.0.0.1:{server} {how}
"""


@pytest.mark.parametrize("how", ["send-proxy", "send-proxy-v2 proxy-v2-options crc32c,unique-id"])
@pytest.mark.parametrize("is_secure", [False, True])
def test_behind_haproxy(program, tmp_path, how, is_secure):
    haproxy = services.program("haproxy")
    authority = Authority(tmp_path)
    own = authority.issue("localhost") if is_secure else ()
    args = ("--tls-cert", own[0], "--tls-key", own[1]) if is_secure else ()
    with Audited(program, tmp_path, *args) as server:
        port = services.free_port()
        config = tmp_path / "haproxy.cfg"
        config.write_text(HAPROXY.format(port=port, server=server.port, how=how))
        with services.Service([haproxy, "-db", "-q", "-f", config], port):
            with socket.create_connection(("127.0.0.1", port), DEADLINE_S) as stream:
                mine = "{}:{}".format(*stream.getsockname())
                if is_secure:
                    context = ssl.create_default_context(cafile=str(authority.certificate))
                    stream = context.wrap_socket(stream, server_hostname="localhost")
                stream.sendall(request())
                assert stream.recv(15).startswith(b"HTTP/1.1 200 ")
                stream.close()
            wait_until(lambda: mine in server.peers(), "the line")
            assert set(server.peers()) == {mine}
