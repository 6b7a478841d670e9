"""TLS toward callers, with real clients: versions, ALPN, certificates of both sides, reload."""

import contextlib
import json
import socket
import ssl
import subprocess

import pytest
from certificates import Authority
from conftest import Server, wait_until

DEADLINE_S = 20
SPEC = """
openapi: 3.1.0
info: {title: Secured, version: "1"}
servers: [{url: "http://127.0.0.1:9"}]
paths:
  /thing:
    get:
      operationId: thing
      security: []
      responses: {"200": {description: ok}}
"""
LIST = json.dumps(
    {
        "jsonrpc": "2.0",
        "id": 7,
        "method": "tools/list",
        "params": {
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientInfo": {"name": "tls", "version": "1"},
                "io.modelcontextprotocol/clientCapabilities": {},
            }
        },
    }
).encode()
REQUEST = (
    b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/list\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(LIST), LIST)
)


@pytest.fixture(scope="module")
def program(compile_server, tmp_path_factory):
    spec = tmp_path_factory.mktemp("tls") / "tls.yaml"
    spec.write_text(SPEC)
    return compile_server(spec)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def own(authority):
    return authority.issue("localhost")


def tls_args(own, *more):
    return ("--tls-cert", own[0], "--tls-key", own[1], *more)


@pytest.fixture(scope="module")
def server(program, own):
    with Server(program, *tls_args(own)) as found:
        yield found


def client_context(authority, client=None, version=None, alpn=("http/1.1",)):
    context = ssl.create_default_context(cafile=str(authority.certificate))
    if client:
        context.load_cert_chain(*map(str, client))
    if version:
        context.minimum_version = context.maximum_version = version
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context


def open_stream(server, context, name="localhost", session=None):
    plain = socket.create_connection(("127.0.0.1", server.port), DEADLINE_S)
    try:
        return context.wrap_socket(plain, server_hostname=name, session=session)
    except BaseException:
        plain.close()
        raise


def ask(stream, request=REQUEST):
    """(status, body) of one request on an open connection."""
    stream.sendall(request)
    rest = b""
    while b"\r\n\r\n" not in rest:
        piece = stream.recv(65536)
        assert piece, rest
        rest += piece
    head, body = rest.split(b"\r\n\r\n", 1)
    size = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while len(body) < size:
        body += stream.recv(65536)
    return int(head.split(b" ")[1]), body


def is_answered(stream):
    status, body = ask(stream)
    return status == 200 and json.loads(body)["result"]["tools"][0]["name"] == "thing"


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_speaks_both_versions_with_http_by_alpn(server, authority, version):
    context = client_context(authority, version=ssl.TLSVersion[version])
    with open_stream(server, context) as stream:
        assert stream.version() == version.replace("_", ".")
        assert stream.selected_alpn_protocol() == "http/1.1"
        assert is_answered(stream) and is_answered(stream)


def test_the_log_says_https(server):
    assert server.url.startswith("https://")


def test_without_alpn_it_is_http_and_with_another_protocol_nothing(server, authority):
    with open_stream(server, client_context(authority, alpn=())) as stream:
        assert is_answered(stream)
    with pytest.raises(ssl.SSLError):
        open_stream(server, client_context(authority, alpn=("h2",)))


@pytest.mark.parametrize("old", ["-tls1_1", "-tls1_2 -cipher AES128-SHA:@SECLEVEL=0"])
def test_refuses_old_versions_and_ciphers(server, old):
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", *old.split()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=DEADLINE_S,
        text=True,
    )
    assert done.returncode != 0 and "Cipher is (NONE)" in done.stdout


def test_curl_lists_the_tools(server, authority, tmp_path):
    (tmp_path / "body").write_bytes(LIST)
    done = subprocess.run(
        ["curl", "-sS", "--cacert", authority.certificate, "--data-binary", "@body"]
        + ["-H", "Content-Type: application/json", "-H", "MCP-Protocol-Version: 2026-07-28"]
        + ["-H", "Mcp-Method: tools/list", f"https://localhost:{server.port}/mcp"],
        cwd=tmp_path,
        check=True,
        stdout=subprocess.PIPE,
        timeout=DEADLINE_S,
    )
    assert json.loads(done.stdout)["result"]["tools"][0]["name"] == "thing"


def test_plain_http_gets_no_answer(server):
    with socket.create_connection(("127.0.0.1", server.port), DEADLINE_S) as stream:
        stream.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        with contextlib.suppress(ConnectionResetError):
            assert b"HTTP/1.1" not in stream.recv(65536)
    wait_until(lambda: "TLS handshake failed" in server.log(), "the log")


def test_sessions_are_resumed(server, authority):
    context = client_context(authority, version=ssl.TLSVersion.TLSv1_2)
    with open_stream(server, context) as stream:
        assert is_answered(stream)
        session = stream.session
    with open_stream(server, context, session=session) as stream:
        assert stream.session_reused and is_answered(stream)


def test_a_stalled_handshake_holds_nobody_up_and_ends(program, own, authority):
    with Server(program, *tls_args(own, "--limit-read-ms", "200")) as server:
        with socket.create_connection(("127.0.0.1", server.port), DEADLINE_S) as stalled:
            stalled.sendall(b"\x16\x03\x01")
            with open_stream(server, client_context(authority)) as stream:
                assert is_answered(stream)
            assert stalled.recv(1) == b""
        wait_until(lambda: "limit-read-ms" in server.log(), "the log")


def test_many_bytes_both_ways(program, own, authority):
    """Records are smaller than messages, and the read limit is smaller than the body."""
    with Server(program, *tls_args(own)) as server:
        with open_stream(server, client_context(authority)) as stream:
            padded = REQUEST.split(b"\r\n\r\n", 1)[1] + b" " * 3_000_000
            head = REQUEST.split(b"\r\n\r\n", 1)[0].rsplit(b"Content-Length", 1)[0]
            request = head + b"Content-Length: %d\r\n\r\n%s" % (len(padded), padded)
            status, body = ask(stream, request)
            assert status == 200 and b"thing" in body
            stream.sendall(REQUEST * 50)
            found = b""
            while found.count(b'"name":"thing"') < 50:
                piece = stream.recv(65536)
                assert piece
                found += piece


def test_the_end_is_said(server, authority):
    """close_notify, so that a client can tell an end from a cut (ragged EOF raises)."""
    context = client_context(authority)
    with socket.create_connection(("127.0.0.1", server.port), DEADLINE_S) as plain:
        with context.wrap_socket(
            plain, server_hostname="localhost", suppress_ragged_eofs=False
        ) as stream:
            stream.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            found = b""
            while piece := stream.recv(65536):
                found += piece
            assert found.endswith(b"ok\n")


# ---- certificates of clients ----


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_required_certificate_must_be_there_and_signed(
    program, own, authority, tmp_path, version
):
    client, stranger = authority.issue("client"), Authority(tmp_path, "other").issue("stranger")
    options = ("--client-certificates", "required", "--tls-client-ca", authority.certificate)
    with Server(program, *tls_args(own, *options)) as server:
        with open_stream(server, client_context(authority, client, version)) as stream:
            assert is_answered(stream)
        for shown in (None, stranger):
            with pytest.raises((ssl.SSLError, ConnectionResetError)):
                with open_stream(server, client_context(authority, shown, version)) as stream:
                    ask(stream)


def test_a_verified_certificate_may_be_missing_but_not_wrong(program, own, authority, tmp_path):
    client, stranger = authority.issue("client"), Authority(tmp_path, "other").issue("stranger")
    options = ("--client-certificates", "verified", "--tls-client-ca", authority.certificate)
    with Server(program, *tls_args(own, *options)) as server:
        for shown in (None, client):
            with open_stream(server, client_context(authority, shown)) as stream:
                assert is_answered(stream)
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            with open_stream(server, client_context(authority, stranger)) as stream:
                ask(stream)


def test_any_certificate_will_do_where_only_the_binding_counts(program, own, authority, tmp_path):
    stranger = Authority(tmp_path, "other").issue("stranger")
    with Server(program, *tls_args(own, "--client-certificates", "any")) as server:
        for shown in (None, stranger):
            with open_stream(server, client_context(authority, shown)) as stream:
                assert is_answered(stream)


# ---- options ----


def refusal(program, *args):
    done = subprocess.run(
        [program, "--transport", "http", *map(str, args)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=DEADLINE_S,
        text=True,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    "args, reason",
    [
        (("--tls-cert", "x"), "need each other"),
        (("--client-certificates", "any"), "needs '--tls-cert'"),
        (("--tls-cert", "x", "--tls-key", "x", "--client-certificates", "required"), "client-ca"),
        (("--tls-cert", "x", "--tls-key", "x", "--tls-client-ca", "x"), "'--client-certificates"),
        (("--client-certificates", "maybe"), "none of none|any|verified|required"),
    ],
)
def test_options_that_do_not_fit_are_refused(program, args, reason):
    status, text = refusal(program, *args)
    assert status == 2 and reason in text


def test_files_that_are_no_certificates_end_the_start(program, own, authority, tmp_path):
    other = authority.issue("other")
    (tmp_path / "empty").touch()
    for certificate, key in [
        (tmp_path / "missing", own[1]),
        (tmp_path / "empty", own[1]),
        (own[0], tmp_path / "empty"),
        (own[0], other[1]),
    ]:
        status, text = refusal(program, "--port", 0, "--tls-cert", certificate, "--tls-key", key)
        assert status == 1 and "tls-" in text and "listening" not in text
