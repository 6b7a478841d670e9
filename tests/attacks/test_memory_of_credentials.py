"""System attack S12 for what goes to backends: in the memory of a server that has done its work a
secret is where it must live, and a token that is over is nowhere.

SPDX-License-Identifier: Apache-2.0
"""

import base64
import json
import pathlib
import re
import ssl
import subprocess
import sys

import pytest
from conftest import BUILD, ROOT, Server

sys.path.insert(0, str(ROOT / "tests" / "runtime"))
from oauth2_policy import authorization, call, compile_policy, serve  # noqa: E402,F401  (fixtures)

if BUILD.name in ("san", "tsan"):
    pytest.skip("the sanitizers keep what is freed, and more of it", allow_module_level=True)

HEAD = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)$")


def mappings(pid):
    """(first, last, is protected: out of core dumps, name) of all memory that can be read."""
    found = []
    for line in pathlib.Path(f"/proc/{pid}/smaps").read_text().splitlines():
        head = HEAD.match(line)
        if head and "r" in head[3]:
            found.append([int(head[1], 16), int(head[2], 16), False, head[4]])
        elif head:
            found.append(None)
        elif line.startswith("VmFlags:") and found[-1]:
            found[-1][2] = "dd" in line.split()
    return [one for one in found if one and one[3] not in ("[vvar]", "[vsyscall]")]


def places(server, secret):
    """The names of the mappings that have the secret, and whether each is protected."""
    found, wanted = [], secret.encode()
    try:
        memory = open(f"/proc/{server.process.pid}/mem", "rb")
    except PermissionError:
        pytest.skip("another process's memory may not be read here")
    with memory:
        for first, last, is_protected, name in mappings(server.process.pid):
            try:
                memory.seek(first)
                text = memory.read(last - first)
            except OSError:
                continue
            found += [(name or "anonymous", is_protected)] * text.count(wanted)
    return found


def only_at_home(server, secret):
    found = places(server, secret)
    return len(found) == 1 and found[0][1]


def test_s12_backend_credentials(serve, backend, authorization):  # noqa: F811
    """After a client credentials flow and a password flow whose tokens are over: the secrets are in
    the protected pages that they were read into, and in no buffer of ours or of libcurl's."""
    env = {"ID": "client-1", "SECRET": "canary-secret-4711", "PASS_SECRET": "canary-pass-4712",
           "USER": "me", "PASSWORD": "canary-password-4713", "KEY": "canary-key-4714",
           "BASIC": "me:canary-basic-4715", "DIGEST": "me:canary-digest-4716"}
    tokens = iter(f"canary-token-{number}" for number in range(4720, 4730))
    given, accepted = [], []

    def grant(request):
        given.append(next(tokens))
        return 200, {}, json.dumps({"access_token": given[-1], "token_type": "bearer",
                                    "refresh_token": "canary-refresh-" + given[-1][-4:]}).encode()

    authorization.answer_with(grant)
    backend.answer_with(lambda request: (
        (401 if request.header("Authorization")[0].split()[1] in set(given) - set(accepted) else 200),
        {}, b""))
    statements = (
        f'send oauth2 client_credentials {{\n token_url "{authorization.token_url}"\n'
        ' client env ID secret env SECRET\n} for one, postOne\n'
        f'send oauth2 password {{\n token_url "{authorization.token_url}"\n'
        ' client env ID secret env PASS_SECRET\n client_auth post\n'
        ' user env USER password env PASSWORD\n} for two\n'
        'send header "X-Key" env KEY and query "k" env KEY for one, two\n'
        'send cookie "c" env KEY for one\n'
        "send basic env BASIC for moved\nsend digest env DIGEST for open\n")
    with serve(statements, env=env) as server:
        for tool in ("one", "two"):  # a token, and another because the first is not liked
            assert call(server, tool)["isError"]
        assert len(given) == 4
        accepted += given
        for tool in ("one", "two"):
            assert not call(server, tool)["isError"]
        assert len(given) == 4
        assert not call(server, "moved", {"id": "1"})["isError"]
        challenge = {"WWW-Authenticate": 'Digest realm="r", nonce="n", qop="auth"'}
        backend.answer_with(lambda request: (
            200 if request.header("Authorization") else 401, challenge, b""))
        assert not call(server, "open")["isError"]
        assert "response=" in backend.requests[-1].header("Authorization")[0]
        for secret in ("canary-secret-4711", "canary-pass-4712", "canary-password-4713"):
            assert only_at_home(server, secret), (secret, places(server, secret))
        basic = base64.b64encode(b"client-1:canary-secret-4711").decode()
        assert places(server, basic) == []
        sent = base64.b64encode(b"me:canary-basic-4715").decode()
        for secret in ("canary-key-4714", sent):
            found = places(server, secret)
            assert found and all(is_protected for _, is_protected in found), (secret, found)
        found = places(server, "canary-digest-4716")
        assert [is_protected for _, is_protected in found].count(False) == 1, "libcurl's connection"
        for old in (given[0], given[2], "canary-refresh-" + given[0][-4:],
                    "canary-refresh-" + given[2][-4:]):
            assert places(server, old) == [], old
        assert len(places(server, given[1])) >= 1, "the scan finds what is there"


@pytest.fixture
def tls(tmp_path):
    """(what makes a server speak TLS, the file that says so)."""
    run = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
           "-nodes", "-keyout", tmp_path / "tls.key", "-out", tmp_path / "tls.pem", "-subj",
           "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    subprocess.run(run, check=True, capture_output=True, timeout=60)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "tls.pem", tmp_path / "tls.key")

    def secure(server):
        server.listener.socket = context.wrap_socket(server.listener.socket, server_side=True,
                                                     do_handshake_on_connect=False)
        return server.url.replace("http:", "https:")

    return secure, tmp_path / "tls.pem"


def test_s12_backend_credentials_over_tls(compile_policy, backend, authorization, tls,  # noqa: F811
                                          tmp_path):
    """The same with OpenSSL between: its records hold what was sent and what came."""
    secure, certificate = tls
    tokens = iter(("canary-token-1111", "canary-token-2222"))
    padding = iter(("x" * 9000, ""))  # what comes later is shorter, and writes over less
    authorization.answer_with(lambda _: (200, {}, json.dumps(
        {"more": next(padding), "access_token": next(tokens), "token_type": "bearer"}).encode()))
    backend.answer_with(lambda request: (
        (401 if "1111" in str(request.headers) else 200), {}, b""))
    program = compile_policy(
        f'send oauth2 client_credentials {{\n token_url "{secure(authorization)}/token"\n'
        " client env ID secret env SECRET\n} for one\n")
    env = {"ID": "client-1", "SECRET": "canary-secret-3333"}
    with Server(program, "--backend-url", secure(backend), "--ca-file", certificate, "--state-dir",
                tmp_path, env=env) as server:
        assert not call(server, "one")["isError"]
        assert len(backend.requests) == 2 and len(authorization.requests) == 2
        basic = base64.b64encode(b"client-1:canary-secret-3333").decode()
        assert only_at_home(server, "canary-secret-3333")
        assert places(server, basic) == [] and places(server, "canary-token-1111") == []
        assert len(places(server, "canary-token-2222")) == 1
