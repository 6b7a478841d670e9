"""Calls through a real server to a real backend: what becomes of its answers, and which credentials
it gets."""

import base64
import concurrent.futures
import gzip
import socket
import subprocess
import threading

import pytest
from backend_document import call, text_of
from backend_document import document, pair, program, shared  # noqa: F401  (fixtures)
from conftest import Server

# ---- answers ----


def test_error_statuses(pair):
    server, backend = pair
    for status, words in {400: "Bad Request", 404: "Not Found", 500: "Internal Server Error"}.items():
        backend.answer(status, {"Content-Type": "application/json"}, b'{"message":"because"}')
        result = call(server, "adminStats")
        assert result["isError"] is True
        assert f"{status} {words}" in text_of(result) and "because" in text_of(result)
    backend.answer(429, {"Retry-After": "17"}, b"")
    assert "17" in text_of(call(server, "adminStats"))


def test_redirects_are_not_followed(pair):
    server, backend = pair
    backend.answer(302, {"Location": backend.url + "/secret-place"}, b"")
    result = call(server, "adminStats")
    assert result["isError"] is True and "302" in text_of(result)
    assert "secret-place" not in text_of(result)
    assert len(backend.requests) == 1


def test_kinds_of_content(pair):
    server, backend = pair
    png = b"\x89PNG\r\n\x1a\n\0"
    for kind, item in {
        "image/png": {"type": "image", "mimeType": "image/png"},
        "audio/wav": {"type": "audio", "mimeType": "audio/wav"},
    }.items():
        backend.answer(200, {"Content-Type": kind}, png)
        wanted = {**item, "data": base64.b64encode(png).decode()}
        assert call(server, "adminStats")["content"] == [wanted]
    backend.answer(200, {"Content-Type": "application/pdf"}, png)
    resource = call(server, "adminStats")["content"][0]["resource"]
    assert base64.b64decode(resource["blob"]) == png
    backend.answer(200, {"Content-Type": "text/plain; charset=utf-8"}, "é\n".encode())
    assert text_of(call(server, "adminStats")) == "é\n"
    backend.answer(204)
    assert "204" in text_of(call(server, "adminStats"))
    backend.answer(200, {"Content-Type": "application/json"}, b"[1, 2]")
    assert text_of(call(server, "adminStats")) == "[1, 2]"


def test_several_parts(pair):
    server, backend = pair
    parts = [
        (b"Content-Type: text/plain", b"first"),
        (b"Content-Type: image/png", b"\x89PNG\0"),
        (b"Content-Type: application/json\r\nContent-Location: test://of-its-own", b'{"a":1}'),
        (b"Content-Type: application/json\r\nContent-Location: not absolute", b"[]"),
    ]
    body = b"".join(b"--=_x\r\n" + head + b"\r\n\r\n" + text + b"\r\n" for head, text in parts)
    backend.answer(200, {"Content-Type": 'multipart/mixed; boundary="=_x"'}, body + b"--=_x--")
    assert call(server, "adminStats")["content"] == [
        {"type": "text", "text": "first"},
        {"type": "image", "mimeType": "image/png", "data": "iVBORwA="},
        {
            "type": "resource",
            "resource": {
                "uri": "test://of-its-own",
                "mimeType": "application/json",
                "text": '{"a":1}',
            },
        },
        {"type": "text", "text": "[]"},
    ]
    backend.answer(200, {"Content-Type": "multipart/mixed; boundary=y"}, body)
    (block,) = call(server, "adminStats")["content"]
    assert base64.b64decode(block["resource"]["blob"]) == body


def test_gzip(pair):
    server, backend = pair
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    backend.answer(200, headers, gzip.compress(b'{"a":"' + b"x" * 1000 + b'"}'))
    assert call(server, "adminStats")["structuredContent"] == {"a": "x" * 1000}


def test_long_errors_are_cut(pair):
    server, backend = pair
    backend.answer(500, {"Content-Type": "text/plain"}, ("x" + "é" * 100000).encode())
    text = text_of(call(server, "adminStats"))
    assert len(text.encode()) < 4000 and "\ufffd" not in text and "200001 bytes" in text


def test_answers_that_are_none(pair):
    server, backend = pair
    backend.answer_with(lambda request: None)
    result = call(server, "adminStats")
    assert result["isError"] is True and "did not answer properly" in text_of(result)
    backend.answer(200, {"Content-Type": "application/json"}, b'{"ok":true}')
    assert not call(server, "adminStats").get("isError")


def raw_backend(answer):
    """A listener that gives these bytes to every connection and closes it."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            with peer:
                peer.recv(65536)
                try:
                    peer.sendall(answer)
                except OSError:
                    pass

    threading.Thread(target=serve, daemon=True).start()
    return listener


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-nobody\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\n" + b"X-Header: value\r\n" * 10000 + b"\r\n",
        b"",
    ],
)
def test_broken_answers(program, answer):
    with raw_backend(answer) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with Server(program, "--backend-url", url) as server:
            result = call(server, "adminStats")
            assert result["isError"] is True and "did not answer properly" in text_of(result)


def test_unreachable(program):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with Server(program, "--backend-url", f"http://127.0.0.1:{port}/deep/path") as server:
        result = call(server, "adminStats")
        assert result["isError"] is True
        assert f"127.0.0.1:{port}" in text_of(result) and "deep" not in text_of(result)


def test_huge_answers(program, backend):
    with Server(program, "--backend-url", backend.url, "--limit-backend-bytes", 10000) as server:
        headers = {"Content-Type": "application/json"}
        for body, more in {
            b"x" * 10001: {},
            b"x" * 5_000_000: {},
            gzip.compress(b"x" * 5_000_000): {"Content-Encoding": "gzip"},
        }.items():
            backend.answer(200, {**headers, **more}, body)
            result = call(server, "adminStats")
            assert result["isError"] is True and "more than this server takes" in text_of(result)
        backend.answer(200, {"Content-Type": "text/plain"}, b"x" * 10000)
        assert text_of(call(server, "adminStats")) == "x" * 10000


def test_slow_backend(program, backend):
    release = threading.Event()

    def wait(_):
        release.wait(30)
        return 200, {"Content-Type": "application/json"}, b"{}"

    backend.answer_with(wait)
    with Server(program, "--backend-url", backend.url, "--limit-backend-ms", 200) as server:
        result = call(server, "adminStats")
        assert result["isError"] is True and "did not answer within 200 ms" in text_of(result)
        release.set()


def test_too_many_calls(program, backend):
    arrived, release = threading.Event(), threading.Event()

    def wait(_):
        arrived.set()
        release.wait(30)
        return 200, {"Content-Type": "application/json"}, b"{}"

    backend.answer_with(wait)
    limits = ("--limit-backend-in-flight", 1, "--limit-backend-queue", 0)
    with Server(program, "--backend-url", backend.url, *limits) as server:
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            first = pool.submit(call, server, "adminStats")
            assert arrived.wait(30)
            result = call(server, "adminStats")
            assert result["isError"] is True and "too many calls" in text_of(result)
            release.set()
            assert not first.result(30).get("isError")


def test_many_calls_at_once_get_their_own_answers(pair):
    server, backend = pair
    backend.answer_with(
        lambda request: (200, {"Content-Type": "text/plain"}, request.path.encode())
    )
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        results = pool.map(lambda i: call(server, "getThing", {"id": f"n{i}"}), range(300))
        for i, result in enumerate(results):
            assert text_of(result) == f"/base/things/n{i}"


# ---- credentials ----


def test_the_token_goes_out_and_nothing_of_the_client(pair):
    server, backend = pair
    status, _, _ = server.call_mcp(
        "tools/call",
        {"name": "adminStats", "arguments": {}},
        token="client-token",
        headers={"Cookie": "a=b", "X-Other": "y"},
    )
    assert status == 200
    (request,) = backend.requests
    assert request.header("Authorization") == ["Bearer tok-1"]
    assert not request.header("Cookie") and not request.header("X-Other")
    assert "client-token" not in str(request.headers)


SECRETS = {
    "S_BEARER": "bearer-secret-1",
    "S_BASIC": "user:basic secret-2",
    "S_HEADER": "header-secret-3",
    "S_QUERY": "query/secret&4",
    "S_COOKIE": "cookie-secret-5",
}


@pytest.fixture(scope="module")
def sending_program(mcpc, document, compile_server, tmp_path_factory):
    """The document's policy with `send` statements of every kind."""
    policy = document.parent / "sending.mcpp"
    subprocess.run(
        [mcpc, document.name, "-o", policy.name], cwd=document.parent, check=True, timeout=60
    )
    (document.parent / "secret.txt").write_text("file-secret-6\n")
    lines = [
        line for line in policy.read_text().splitlines() if not line.lstrip().startswith("send ")
    ]
    lines += [
        "send bearer env S_BEARER for adminStats",
        "send basic env S_BASIC for postNothing",
        'send header "X-API-Key" env S_HEADER for getThing',
        'send query "api_key" env S_QUERY for search',
        'send cookie "sid" env S_COOKIE for getPet',
        f'send bearer file "{document.parent / "secret.txt"}" for deleteNothing',
        "",
    ]
    policy.write_text("\n".join(lines))
    return compile_server(policy)


def test_credentials_of_every_kind(sending_program, backend):
    arguments = ("--backend-url", backend.url, "--log-level", "debug")
    with Server(sending_program, *arguments, env=SECRETS) as server:
        call(server, "adminStats")
        call(server, "postNothing")
        call(server, "getThing", {"id": "x"})
        call(server, "search", {"q": "x"})
        call(server, "getPet", {"petId": 1})
        call(server, "deleteNothing")
        bearer, basic, header, query, cookie, from_file = backend.requests
        assert bearer.header("Authorization") == ["Bearer bearer-secret-1"]
        encoded = base64.b64encode(SECRETS["S_BASIC"].encode()).decode()
        assert basic.header("Authorization") == [f"Basic {encoded}"]
        assert header.header("X-API-Key") == ["header-secret-3"]
        assert query.path == "/search?q=x&api_key=query%2Fsecret%264"
        assert cookie.header("Cookie") == ["sid=cookie-secret-5"]
        assert from_file.header("Authorization") == ["Bearer file-secret-6"]
        for request in (header, query, cookie):
            assert not request.header("Authorization")
        # failures are logged and told, secrets are not
        backend.answer_with(lambda request: None)
        told = [
            text_of(call(server, name, found))
            for name, found in {"search": {"q": "x"}, "adminStats": {}, "getPet": {"petId": 1}}.items()
        ]
        with open(f"/proc/{server.process.pid}/environ", "rb") as file:
            environment = file.read().decode(errors="replace")
        for secret in [*SECRETS.values(), encoded, "query%2Fsecret%264", "file-secret-6"]:
            assert secret not in server.log()
            assert secret not in environment
            assert not any(secret in text for text in told)


def test_absent_credentials_are_one_warning(program, backend, monkeypatch):
    monkeypatch.delenv("BACKEND_API_TOKEN", raising=False)
    with Server(program, "--backend-url", backend.url) as server:
        call(server, "adminStats")
        warnings = [line for line in server.lines if "BACKEND_API_TOKEN" in line]
        assert len(warnings) == 1 and "warning" in warnings[0]
    assert not backend.requests[0].header("Authorization")


@pytest.mark.parametrize("secret", ["two\nlines", "carriage\rreturn", "bell\x07"])
def test_secrets_that_cannot_be_sent_stop_the_start(program, secret):
    done = subprocess.run(
        [program, "--transport", "http", "--port", "0"],
        env={"BACKEND_API_TOKEN": secret},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=30,
    )
    assert done.returncode != 0
    assert b"BACKEND_API_TOKEN" in done.stderr and secret.encode() not in done.stderr
