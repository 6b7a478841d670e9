"""Tokens from authorization servers: grants, how they are kept, what goes wrong, and that no secret
is in any log (system attacks S9 and S11)."""

import base64
import concurrent.futures
import json
import re
import socket
import subprocess
import threading
import time
import urllib.parse

import pytest
from conftest import DEADLINE_S, Server, wait_until
from oauth2_policy import authorization, call, compile_policy, serve  # noqa: F401  (fixtures)

SECRETS = {"ID": "client-1", "SECRET": "canary-secret", "USER": "canary-user",
           "PASSWORD": "canary-password"}


def form_of(request):
    pairs = urllib.parse.parse_qsl(request.body.decode(), strict_parsing=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def client_credentials(url, more=""):
    return (f'send oauth2 client_credentials {{\n token_url "{url}"\n'
            f" client env ID secret env SECRET\n{more}}} for one, postOne\n")


def assert_no_secrets(text, *more):
    for secret in (*SECRETS.values(), *more):
        if secret != "client-1":
            assert secret not in text


# ---- grants ----


def test_client_credentials(serve, backend, authorization):
    statements = client_credentials(authorization.token_url,
                                    ' scopes "read:pets" "write:pets"\n audience "pets"\n')
    with serve(statements, env=SECRETS) as server:
        assert not call(server, "one")["isError"]
        call(server, "one")
        assert_no_secrets(server.log(), "token-1")
    assert authorization.count == 1
    request = authorization.requests[0]
    assert (request.method, request.path) == ("POST", "/token")
    assert request.header("Content-Type") == ["application/x-www-form-urlencoded"]
    assert form_of(request) == {"grant_type": "client_credentials", "audience": "pets",
                                "scope": "read:pets write:pets"}
    assert request.header("Authorization") == [
        "Basic " + base64.b64encode(b"client-1:canary-secret").decode()]
    assert [one.header("Authorization") for one in backend.requests] == [["Bearer token-1"]] * 2


def test_a_credential_is_one_token(serve, backend, authorization):
    """Tools of one credential share its token; a tool with less has a credential of its own."""
    statements = "".join(
        f'send oauth2 client_credentials {{\n token_url "{authorization.token_url}"\n'
        f" client env ID secret env SECRET\n scopes {scopes}\n}} for {tools}\n"
        for scopes, tools in (('"read" "write"', "one, postOne"), ('"read"', "two")))
    with serve(statements, env=SECRETS) as server:
        for tool in ("one", "postOne", "two", "two"):
            assert not call(server, tool)["isError"]
    assert [form_of(one)["scope"] for one in authorization.requests] == ["read write", "read"]
    assert [one.header("Authorization")[0] for one in backend.requests] == [
        "Bearer token-1", "Bearer token-1", "Bearer token-2", "Bearer token-2"]


def test_client_and_secret_are_encoded_before_basic(serve, authorization):
    env = {"ID": "https://me:1", "SECRET": "p w%+é"}
    with serve(client_credentials(authorization.token_url), env=env) as server:
        call(server, "one")
    given = base64.b64decode(authorization.requests[0].header("Authorization")[0].split()[1])
    client, secret = given.decode().split(":")
    assert urllib.parse.unquote(client) == env["ID"] and urllib.parse.unquote(secret) == env["SECRET"]


def test_client_post(serve, authorization):
    with serve(client_credentials(authorization.token_url, " client_auth post\n"),
               env=SECRETS) as server:
        call(server, "one")
    assert authorization.requests[0].header("Authorization") == []
    assert form_of(authorization.requests[0]) == {
        "grant_type": "client_credentials", "client_id": "client-1",
        "client_secret": "canary-secret"}


def keygen(mcpc, kind, path):
    subprocess.run([mcpc, "keygen", "--type", kind, str(path)], check=True,
                   stdout=subprocess.DEVNULL, timeout=60)


@pytest.mark.parametrize("kind, named, algorithm", [
    ("rsa", "", "RS256"), ("rsa", " algorithm PS256", "PS256"), ("rsa", " algorithm PS512", "PS512"),
    ("ec", "", "ES256"), ("p384", "", "ES384"), ("p521", "", "ES512"), ("ed25519", "", "EdDSA"),
    ("ed448", "", "EdDSA"), ("ed25519", " algorithm Ed25519", "Ed25519")])
def test_private_key_jwt(serve, authorization, mcpc, tmp_path, kind, named, algorithm):
    keygen(mcpc, kind, tmp_path / "robot")
    statements = (f'send oauth2 client_credentials {{\n token_url "{authorization.token_url}"\n'
                  f' client env ID\n key file "{tmp_path}/robot.key" id "k1"{named}\n}} for one\n')
    with serve(statements, env=SECRETS) as server:
        assert not call(server, "one")["isError"]
    form = form_of(authorization.requests[0])
    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    check_jwt(form["client_assertion"], tmp_path / "robot.pem", algorithm,
              authorization.token_url, "client-1")


def check_jwt(token, public_key, algorithm, audience, subject):
    header, claims, signature = token.split(".")

    def decode(text):
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

    assert json.loads(decode(header)) == {"alg": algorithm, "typ": "JWT", "kid": "k1"}
    found = json.loads(decode(claims))
    assert found["iss"] == "client-1" and found["sub"] == subject and found["aud"] == audience
    assert found["exp"] - found["iat"] == 60 and abs(found["iat"] - time.time()) < 60
    assert len(found["jti"]) >= 20
    key = verify_key(public_key)
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, utils

    raw, text = decode(signature), f"{header}.{claims}".encode()
    if algorithm.startswith("Ed"):
        key.verify(raw, text)
        return
    digest = getattr(hashes, "SHA" + algorithm[2:])()
    if algorithm.startswith("RS"):
        key.verify(raw, text, padding.PKCS1v15(), digest)
    elif algorithm.startswith("PS"):
        key.verify(raw, text, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
    else:
        half = (key.key_size + 7) // 8
        assert len(raw) == 2 * half
        der = utils.encode_dss_signature(int.from_bytes(raw[:half], "big"),
                                         int.from_bytes(raw[half:], "big"))
        key.verify(der, text, ec.ECDSA(digest))


@pytest.mark.parametrize("kind, known, algorithm", [
    ("rsa", ["HS256", "PS256"], "PS256"), ("rsa", ["PS256", "RS256", "ES256"], "RS256"),
    ("rsa", ["XPS256", 7, "PS384"], "PS384"), ("ed25519", ["RS256", "Ed25519"], "Ed25519"),
    ("ec", ["RS256", "ES384"], None), ("ec", [], None), ("ec", None, "ES256")])
def test_algorithm_that_the_server_knows(serve, authorization, mcpc, tmp_path, kind, known,
                                         algorithm):
    """RFC 8414: token_endpoint_auth_signing_alg_values_supported."""
    keygen(mcpc, kind, tmp_path / "robot")
    authorization.route("/.well-known/openid-configuration", 200, None, {
        "issuer": authorization.url, "token_endpoint": authorization.token_url,
        **({} if known is None else {"token_endpoint_auth_signing_alg_values_supported": known})})
    statements = (f'send oauth2 client_credentials {{\n issuer "{authorization.url}"\n'
                  f' client env ID\n key file "{tmp_path}/robot.key" id "k1"\n}} for one\n')
    with serve(statements, env=SECRETS) as server:
        result = call(server, "one")
    assert result["isError"] is (algorithm is None)
    if algorithm:
        check_jwt(form_of(authorization.requests[-1])["client_assertion"], tmp_path / "robot.pem",
                  algorithm, authorization.url, "client-1")
    else:
        assert "takes no signature that our key is for" in result["content"][0]["text"]
        assert authorization.count == 0


def test_key_of_another_algorithm(compile_policy, authorization, mcpc, tmp_path):
    """Known when the server starts."""
    keygen(mcpc, "ec", tmp_path / "robot")
    program = compile_policy(
        f'send oauth2 client_credentials {{\n token_url "{authorization.token_url}"\n'
        f' client env ID\n key file "{tmp_path}/robot.key" algorithm PS256\n}} for one\n')
    done = subprocess.run([program, "--transport", "http", "--port", "0"], timeout=60,
                          stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1 and "no key for the algorithm that the policy names" in done.stderr


def verify_key(path):
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    return serialization.load_pem_public_key(path.read_bytes())


def test_jwt_bearer(serve, authorization, mcpc, tmp_path):
    subprocess.run([mcpc, "keygen", "--type", "ec", str(tmp_path / "robot")], check=True,
                   stdout=subprocess.DEVNULL, timeout=60)
    statements = (f'send oauth2 jwt_bearer {{\n token_url "{authorization.token_url}"\n'
                  f' client env ID\n key file "{tmp_path}/robot.key" id "k1"\n'
                  ' subject "service@example"\n} for one\n')
    with serve(statements, env=SECRETS) as server:
        assert not call(server, "one")["isError"]
    form = form_of(authorization.requests[0])
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    check_jwt(form["assertion"], tmp_path / "robot.pem", "ES256", authorization.token_url,
              "service@example")


def test_password_then_refresh_with_rotation(serve, backend, authorization):
    authorization.grant(expires_in=0, refresh_token="canary-refresh-1")
    statements = (f'send oauth2 password {{\n token_url "{authorization.token_url}"\n'
                  " client env ID secret env SECRET\n user env USER password env PASSWORD\n"
                  ' scopes "a"\n} for one\n')
    with serve(statements, env=SECRETS) as server:
        call(server, "one")
        backend.answer(401)
        authorization.grant(refresh_token="canary-refresh-2")
        call(server, "one")
        assert_no_secrets(server.log(), "canary-refresh", "token-")
    forms = [form_of(one) for one in authorization.requests]
    assert forms[0] == {"grant_type": "password", "username": "canary-user",
                        "password": "canary-password", "scope": "a"}
    assert forms[1] == {"grant_type": "refresh_token", "refresh_token": "canary-refresh-1"}


def test_refused_refresh_token_is_dropped(serve, backend, authorization):
    def answer(request):
        form = form_of(request)
        if form["grant_type"] == "refresh_token":
            return 400, {}, b'{"error":"invalid_grant"}'
        authorization.count += 1
        return 200, {}, json.dumps({"access_token": f"token-{authorization.count}",
                                    "token_type": "bearer", "refresh_token": "r"}).encode()

    authorization.answer_with(answer)
    backend.answer_with(lambda request: (
        (401 if request.header("Authorization") == ["Bearer token-1"] else 200), {}, b""))
    statements = (f'send oauth2 password {{\n token_url "{authorization.token_url}"\n'
                  " client env ID secret env SECRET\n user env USER password env PASSWORD\n} "
                  "for one\n")
    with serve(statements, env=SECRETS) as server:
        assert not call(server, "one")["isError"]
    assert [form_of(one)["grant_type"] for one in authorization.requests] == [
        "password", "refresh_token", "password"]


# ---- exchange, per caller ----


@pytest.fixture
def exchanging(compile_policy, backend, authorization, issuer, tmp_path):
    program = compile_policy(
        f'send exchange {{\n token_url "{authorization.token_url}"\n'
        ' client env ID secret env SECRET\n audience "backend"\n scopes "read"\n} for one\n'
        f'verifier v jwt {{\n audience "{issuer.audience}"\n}}\naccept v\n')

    def give(request):
        form = form_of(request)
        claims = json.loads(base64.urlsafe_b64decode(form["subject_token"].split(".")[1] + "=="))
        return 200, {}, json.dumps({
            "access_token": "for-" + claims["sub"], "token_type": "Bearer", "expires_in": 3600,
            "issued_token_type": "urn:ietf:params:oauth:token-type:access_token"}).encode()

    authorization.answer_with(give)
    with Server(program, "--backend-url", backend.url, *issuer.server_args(), "--state-dir",
                tmp_path, env=SECRETS) as server:
        yield server


def test_exchange_is_per_caller(exchanging, backend, authorization, issuer):
    tokens = {name: issuer.token(sub=name) for name in ("alice", "bob")}
    backend.answer_with(lambda request: (200, {"Content-Type": "text/plain"},
                                         request.header("Authorization")[0].encode()))

    def ask(number):
        name = ("alice", "bob")[number % 2]
        text = call(exchanging, "one", token=tokens[name])["content"][0]["text"]
        return text == f"Bearer for-{name}"

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        assert all(pool.map(ask, range(400))), "two callers' tokens were mixed"
    assert len(authorization.requests) == 2
    form = form_of(authorization.requests[0])
    assert form.pop("subject_token") in tokens.values()
    assert form == {"grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
                    "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
                    "requested_token_type": "urn:ietf:params:oauth:token-type:access_token",
                    "audience": "backend", "scope": "read"}
    everything = str([(one.path, one.headers, one.body) for one in backend.requests])
    assert not any(token in everything for token in tokens.values()), "the caller's token got out"
    assert_no_secrets(exchanging.log(), "for-alice", *tokens.values())


def test_exchange_needs_a_callers_token(exchanging, backend):
    result = exchanging.call_tool("one")
    assert result[0] == 401 and backend.requests == []


# ---- how tokens are kept ----


class Crowd:
    """Calls that are all under way before anybody reads an answer, each on its own connection."""

    def __init__(self, server, tool, count):
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
            "name": tool, "arguments": {}, "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientInfo": {"name": "tests", "version": "1"},
                "io.modelcontextprotocol/clientCapabilities": {}}}}
        body = json.dumps(message)
        self.text = (f"POST /mcp HTTP/1.1\r\nHost: {server.host}\r\nMcp-Method: tools/call\r\n"
                     f"Mcp-Name: {tool}\r\nMCP-Protocol-Version: 2026-07-28\r\n"
                     "Content-Type: application/json\r\nAccept: application/json, "
                     "text/event-stream\r\nConnection: close\r\n"
                     f"Content-Length: {len(body)}\r\n\r\n{body}").encode()
        self.sockets = [socket.create_connection((server.host, server.port), DEADLINE_S)
                        for _ in range(count)]

    def send(self):
        for one in self.sockets:
            one.sendall(self.text)

    def read(self):
        """The results."""
        answers = []
        for one in self.sockets:
            with one, one.makefile("rb") as stream:
                answers.append(json.loads(stream.read().split(b"\r\n\r\n", 1)[1])["result"])
        return answers


def under_way(server):
    text = server.request("GET", "/metrics")[2].decode()
    return int(re.search(r"^mcpp_connections (\d+)", text, re.MULTILINE)[1])


@pytest.mark.parametrize("cause", ["none was there", "it ended", "the backend refused it"])
def test_one_request_for_1000_calls(serve, backend, authorization, cause):
    """None of the 1,000 has an answer before all of them are on their way, over four workers."""
    gate, life = threading.Event(), 1 if cause == "it ended" else 3600
    gate.set()

    def slow(_):
        gate.wait(DEADLINE_S)
        authorization.count += 1
        return 200, {}, json.dumps({"access_token": f"token-{authorization.count}",
                                    "token_type": "Bearer", "expires_in": life}).encode()

    authorization.answer_with(slow)
    with serve(client_credentials(authorization.token_url), "--workers", "4", "--metrics",
               env=SECRETS) as server:
        if cause != "none was there":
            assert not call(server, "one")["isError"]
            assert len(authorization.requests) == 1
        if cause == "the backend refused it":
            backend.answer_with(lambda request: (
                (401 if request.header("Authorization") == ["Bearer token-1"] else 200), {}, b""))
        end, life = time.monotonic() + life, 3600
        if cause == "it ended":
            wait_until(lambda: time.monotonic() > end, "the end of the token")
        gate.clear()
        crowd = Crowd(server, "one", 1000)
        crowd.send()
        wait_until(lambda: under_way(server) > 1000, "all calls")
        gate.set()
        assert not any(one["isError"] for one in crowd.read())
    assert len(authorization.requests) == (1 if cause == "none was there" else 2)
    last = f"Bearer token-{authorization.count}"
    assert sum(one.header("Authorization") == [last] for one in backend.requests) == 1000


def test_refresh_token_is_used_once(serve, authorization):
    """Rotation with a server that notices a refresh token's second use, over workers."""
    used, reused = set(), []

    def answer(request):
        form = form_of(request)
        if form["grant_type"] == "refresh_token":
            reused.extend({form["refresh_token"]} & used)
            used.add(form["refresh_token"])
        authorization.count += 1
        return 200, {}, json.dumps({
            "access_token": f"token-{authorization.count}", "token_type": "bearer",
            "expires_in": 1, "refresh_token": f"refresh-{authorization.count}"}).encode()

    authorization.answer_with(answer)
    statements = (f'send oauth2 password {{\n token_url "{authorization.token_url}"\n'
                  " client env ID secret env SECRET\n user env USER password env PASSWORD\n} "
                  "for one\n")

    def work(server):
        while len(used) < 3:
            assert not call(server, "one")["isError"]

    with serve(statements, "--workers", "4", env=SECRETS) as server:
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            for one in [pool.submit(work, server) for _ in range(16)]:
                one.result(DEADLINE_S)
    assert reused == []
    assert [form_of(one)["grant_type"] for one in authorization.requests].count("password") == 1


def test_rejected_token_is_replaced_once(serve, backend, authorization):
    backend.answer(401, None, {"error": "no"})
    with serve(client_credentials(authorization.token_url), env=SECRETS) as server:
        result = call(server, "one")
        assert result["isError"]
        assert "401 Unauthorized; a new token was got and refused as well" in \
            result["content"][0]["text"]
        assert len(backend.requests) == 2 and authorization.count == 2
        call(server, "one")
        call(server, "postOne")
    assert authorization.count == 2, "a backend that likes no token makes no storm of requests"


@pytest.mark.parametrize("expires_in", ["60", -1, None, "soon", 0, 3600.5])
def test_odd_lives(serve, backend, authorization, expires_in):
    authorization.grant(expires_in=expires_in)
    with serve(client_credentials(authorization.token_url), env=SECRETS) as server:
        assert not call(server, "one")["isError"]
    assert backend.requests[0].header("Authorization") == ["Bearer token-1"]


# ---- what goes wrong ----

BROKEN = {
    "wrong secret": ((401, {}, b'{"error":"invalid_client","error_description":"bad canary-secret"}'),
                     "it says invalid_client: bad [secret]"),
    "no reason": ((403, {}, b""), "it answered 403 without saying why"),
    "html": ((200, {"Content-Type": "text/html"}, b"<html>hello canary</html>"),
             "its answer is no JSON object"),
    "server error": ((500, {}, b"oops"), "it answered 500"),
    "redirect": ((302, {"Location": "http://127.0.0.1:1/"}, b""), "it answered 302"),
    "header injection": ((200, {}, b'{"access_token":"a\\r\\nX: canary","token_type":"bearer"}'),
                         "its access_token cannot be sent in a header"),
    "no token": ((200, {}, b'{"token_type":"bearer"}'), "its answer has no access_token"),
    "other type": ((200, {}, b'{"access_token":"a","token_type":"mac"}'),
                   "its token_type is not bearer"),
    "duplicate": ((200, {}, b'{"access_token":"a","access_token":"b","token_type":"bearer"}'),
                  "its answer is no JSON object"),
    "huge": ((200, {}, b'{"access_token":"' + b"a" * 200000 + b'","token_type":"bearer"}'),
             "answer too large"),
    "hangs up": (None, "connection closed without an answer"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_token_endpoint(serve, backend, authorization, case):
    answer, reason = BROKEN[case]
    authorization.answer_with(lambda _: answer)
    with serve(client_credentials(authorization.token_url), env=SECRETS) as server:
        result = call(server, "one")
        assert result["isError"] and reason in result["content"][0]["text"]
        again = call(server, "one")
        assert again["content"] == result["content"] or "tried again" in again["content"][0]["text"]
        assert_no_secrets(server.log() + json.dumps([result, again]), "X: canary")
    assert len(authorization.requests) == 1, "no storm of attempts"
    assert backend.requests == []


def test_token_endpoint_that_is_down(serve, backend):
    with serve(client_credentials("http://127.0.0.1:1/token"), env=SECRETS) as server:
        text = call(server, "one")["content"][0]["text"]
    assert "connection refused" in text and backend.requests == []


def test_it_is_tried_again_later(serve, backend, authorization):
    authorization.refuse(503)
    with serve(client_credentials(authorization.token_url), env=SECRETS) as server:
        assert call(server, "one")["isError"]
        authorization.grant()
        wait_until(lambda: not call(server, "one")["isError"], "another attempt")
    assert authorization.count == 1


# ---- metadata ----


def discovering(url):
    return (f'send oauth2 client_credentials {{\n issuer "{url}"\n'
            " client env ID secret env SECRET\n} for one\n")


@pytest.mark.parametrize("place", ["/.well-known/openid-configuration",
                                   "/.well-known/oauth-authorization-server"])
def test_discovery(serve, backend, authorization, place):
    authorization.route("/.well-known/openid-configuration", 404)
    authorization.route(place, 200, None, {"issuer": authorization.url,
                                           "token_endpoint": authorization.token_url})
    with serve(discovering(authorization.url), env=SECRETS) as server:
        assert not call(server, "one")["isError"]


@pytest.mark.parametrize(
    "metadata, reason",
    [
        ({"issuer": "https://evil.example"}, "of another issuer"),
        ({"issuer": "{url}/"}, "of another issuer"),
        ({}, "names no issuer"),
        ({"issuer": "{url}", "token_endpoint": "http://evil.example/token"}, "not https"),
        ({"issuer": "{url}", "token_endpoint": "file:///etc/passwd"}, "not https"),
        ({"issuer": "{url}"}, "has no URL"),
        ([], "no JSON object"),
    ],
)
def test_metadata_that_is_not_believed(serve, authorization, metadata, reason):
    text = json.dumps(metadata).replace("{url}", authorization.url)
    authorization.route("/.well-known/openid-configuration", 200, None, text.encode())
    with serve(discovering(authorization.url), env=SECRETS) as server:
        assert reason in call(server, "one")["content"][0]["text"]
    assert authorization.count == 0


def test_metadata_is_fetched_once(serve, authorization):
    authorization.route("/.well-known/openid-configuration", 200, None, {
        "issuer": authorization.url, "token_endpoint": authorization.token_url})
    with serve(discovering(authorization.url), env=SECRETS) as server:
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda _: call(server, "one"), range(50)))
    paths = [one.path for one in authorization.requests]
    assert paths == ["/.well-known/openid-configuration", "/token"]




def test_secret_is_not_given_to_children_or_proc(serve, authorization):
    with serve(client_credentials(authorization.token_url), env=SECRETS) as server:
        call(server, "one")
        with open(f"/proc/{server.process.pid}/environ", "rb") as environment:
            text = environment.read()
    assert b"canary-secret" not in text
