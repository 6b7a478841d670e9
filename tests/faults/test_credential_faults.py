"""S13 on the flows that get credentials toward the backend: client credentials, refresh, exchange for
each caller, and consent. A call without its credential does not go out, one caller's is never
another's, and the next call works."""

import base64
import hashlib
import hmac
import json
import secrets
import time
import urllib.parse

import pytest
from conftest import Backend, Server, wait_until
from faults import control, library  # noqa: F401  (fixtures)
from faults import is_refusal, once, preloaded, request, sweep_once

TOOLS = 40
ENV = {"ID": "client-1", "SECRET": "canary-secret", "USER_NAME": "user", "PASSWORD": "canary-password",
       "TOKEN_SECRET": "a secret of more than thirty-two bytes"}
VERIFIER = """verifier main jwt {
    issuer "https://id.example"
    audience "pets"
    secret env TOKEN_SECRET
    algorithms HS256
}
accept main
"""
CALL = {"name": "t0", "arguments": {}}
URL_MODE = {"_meta": {"io.modelcontextprotocol/clientCapabilities": {"elicitation": {"url": {}}}}}


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(subject):
    claims = {"iss": "https://id.example", "aud": "pets", "sub": subject,
              "exp": int(time.time()) + 600}
    text = ".".join(b64(json.dumps(part).encode()) for part in ({"alg": "HS256"}, claims))
    secret = ENV["TOKEN_SECRET"].encode()
    return f"{text}.{b64(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


class Authorization(Backend):
    """Gives a token of its own to each request; in an exchange it names whom it is for."""

    def __init__(self):
        super().__init__()
        self.count = 0
        self.more = {}
        self.answer_with(self.give)

    def give(self, asked):
        form = dict(urllib.parse.parse_qsl(asked.body.decode()))
        self.count += 1
        name = f"token-{self.count}"
        if "subject_token" in form:
            part = form["subject_token"].split(".")[1]
            name = "for-" + json.loads(base64.urlsafe_b64decode(part + "=="))["sub"]
        kind = "urn:ietf:params:oauth:token-type:access_token"
        return 200, {}, json.dumps({"access_token": name, "token_type": "Bearer", "expires_in": 3600,
                                    "issued_token_type": kind, **self.more}).encode()


@pytest.fixture
def authorization():
    with Authorization() as found:
        yield found


@pytest.fixture
def serve(compile_server, tmp_path, library, control, backend):
    def make(statements, tools=1):
        paths = {f"/t{i}": {"get": {"operationId": f"t{i}"}} for i in range(tools)}
        document = {"openapi": "3.1.0", "info": {"title": "Pets", "version": "1"},
                    "servers": [{"url": "http://127.0.0.1:9"}], "paths": paths}
        (tmp_path / "api.json").write_text(json.dumps(document))
        policy = tmp_path / "pets.mcpp"
        policy.write_text('mcpp 1\napi "api.json"\n' + VERIFIER + statements +
                          "".join(f"tool t{i} GET /t{i} needs token\n" for i in range(tools)))
        return Server(compile_server(policy), "--validate-tokens", "--backend-url", backend.url,
                      "--state-dir", tmp_path / "state", env=preloaded(library, control, **ENV))

    return make


def works(found):
    return found is not None and found[0] == 200 and not is_refusal(found)


FLOWS = {
    "client credentials": ("oauth2 client_credentials", ""),
    "client credentials, post": ("oauth2 client_credentials", "client_auth post\n"),
    "password and refresh": ("oauth2 password", "user env USER_NAME password env PASSWORD\n"),
}


@pytest.mark.parametrize("flow", FLOWS)
def test_tokens_of_our_own(serve, control, backend, authorization, flow):
    """A credential for each tool, because one that failed rests before it is tried again. The
    backend takes each token once, so that each call needs a new one."""
    kind, more = FLOWS[flow]
    used, sweeps = set(), True
    if "refresh" in flow:
        authorization.more = {"refresh_token": "canary-refresh"}

    def answer(asked):
        shown = asked.header("Authorization")
        if len(shown) != 1 or not shown[0].startswith("Bearer token-"):
            return 401, {}, b""
        if sweeps and shown[0] in used:
            return 401, {}, b""
        used.add(shown[0])
        return 200, {"Content-Type": "application/json"}, b"{}"

    backend.answer_with(answer)
    statements = "".join(
        f'send oauth2 {kind[7:]} {{\n token_url "{authorization.url}/token/{i}"\n'
        f" client env ID secret env SECRET\n{more}}} for t{i}\n" for i in range(TOOLS))
    with serve(statements, TOOLS) as server:
        data = [request("tools/call", {"name": f"t{i}", "arguments": {}}, token("alice"))
                for i in range(TOOLS)]
        if "refresh" in flow:
            assert all(works(once(server, one)) for one in data)
        failed = 0
        for i in range(TOOLS):
            control.fail(1 + 7 * i, lasts=i % 2 == 1)
            found = once(server, data[i])
            failed += control.stop()
            assert server.process.poll() is None, server.log()
            assert works(found) or is_refusal(found), found
        assert failed > TOOLS / 2
        sweeps = False  # whose new token was refused would wait long for another
        for one in data:
            wait_until(lambda one=one: works(once(server, one)), "a token")
        assert all(len(asked.header("Authorization")) == 1 for asked in backend.requests)
        assert "canary" not in server.log()


@pytest.mark.parametrize("lasts", [False, True])
def test_exchange(serve, control, backend, authorization, lasts):
    """A caller of its own each time; what the backend sees is that caller's token or nothing."""
    statements = (f'send exchange {{\n token_url "{authorization.url}/token"\n'
                  " client env ID secret env SECRET\n} for t0\n")
    backend.answer_with(lambda asked: (200, {"Content-Type": "text/plain"},
                                       " ".join(asked.header("Authorization")).encode()))
    with serve(statements) as server:
        def ask(name):
            found = once(server, request("tools/call", CALL, token(name)))
            assert server.process.poll() is None, server.log()
            if works(found):
                assert found[1]["result"]["content"][0]["text"] == f"Bearer for-{name}"
            else:
                assert is_refusal(found), found
            return works(found)

        assert ask("first")
        def somebody():
            return ask(secrets.token_hex(6))

        def check(worked, _):
            assert worked or somebody(), "another caller waits for nobody's failure"

        sweep_once(control, somebody, check, lasts, step=7 if lasts else 3)
        assert ask("first") and "canary" not in server.log()


@pytest.mark.parametrize("lasts", [False, True])
def test_consent(serve, control, backend, authorization, lasts):
    """A caller who has agreed to nothing gets an address to go to, or an error."""
    statements = (f'credential "pets-auth" oauth2 authorization_code {{\n'
                  f' authorization_url "{authorization.url}/authorize"\n'
                  f' token_url "{authorization.url}/token"\n'
                  ' client env ID secret env SECRET\n}\nsend "pets-auth" for t0\n')
    with serve(statements) as server:
        def ask(name):
            found = once(server, request("tools/call", {**CALL, **URL_MODE}, token(name)))
            assert server.process.poll() is None, server.log()
            if not is_refusal(found):
                assert found[1]["result"]["resultType"] == "input_required", found
            return not is_refusal(found)

        assert ask("first")
        def somebody():
            return ask(secrets.token_hex(6))

        def check(worked, _):
            assert worked or somebody()

        sweep_once(control, somebody, check, lasts)
        assert not backend.requests and not authorization.requests
