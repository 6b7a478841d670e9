"""`./server login NAME`: PKCE, state and issuer, the store, and what goes wrong. The browser is
played with plain requests; real ones are in tests/interop."""

import base64
import hashlib
import json
import os
import queue
import re
import stat
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request

import pytest
from conftest import DEADLINE_S, Server, die_with, wait_until
from oauth2_policy import authorization, call, compile_policy  # noqa: F401  (fixtures)
from test_backend_tokens import form_of

ENV = {"ID": "client-1", "SECRET": "canary-secret", "XDG_STATE_HOME": "", "DISPLAY": "",
       "WAYLAND_DISPLAY": ""}


class Login:
    """A login under way; what it says on stderr, and how it ends."""

    def __init__(self, program, *args):
        self.process = subprocess.Popen([program, "login", *map(str, args)], text=True,
                                        stderr=subprocess.PIPE, env={**os.environ, **ENV},
                                        preexec_fn=die_with())
        self.lines, self.said = queue.Queue(), []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stderr:
            self.lines.put(line)
        self.lines.put(None)

    def find(self, pattern):
        while True:
            line = self.lines.get(timeout=DEADLINE_S)
            assert line is not None, "".join(self.said)
            self.said.append(line)
            found = re.search(pattern, line)
            if found:
                return found

    def ask(self):
        """The parameters of the authorization request."""
        url = urllib.parse.urlsplit(self.find(r"(http\S+)")[1])
        return url, dict(urllib.parse.parse_qsl(url.query, strict_parsing=True))

    def end(self):
        status = self.process.wait(DEADLINE_S)
        while (line := self.lines.get(timeout=DEADLINE_S)) is not None:
            self.said.append(line)
        return status, "".join(self.said)


def visit(url, parameters):
    with urllib.request.urlopen(url + "?" + urllib.parse.urlencode(parameters),
                                timeout=DEADLINE_S) as answer:
        return answer.read().decode()


@pytest.fixture
def state_dir(tmp_path):
    return tmp_path / "deep" / "state"


def code_policy(authorization, more="", tool="one", secret=" secret env SECRET"):
    return (f'credential "pets-auth" oauth2 authorization_code {{\n'
            f' authorization_url "{authorization.url}/authorize"\n'
            f' token_url "{authorization.token_url}"\n client env ID{secret}\n'
            f' scopes "read" "write"\n{more}}}\nsend "pets-auth" for {tool}\n')


def test_code(compile_policy, backend, authorization, state_dir):
    program = compile_policy(code_policy(authorization))
    authorization.grant(refresh_token="canary-refresh")
    args = ("--backend-url", backend.url, "--state-dir", state_dir)
    with Server(program, *args, env=ENV) as server:
        result = call(server, "one")
        assert result["isError"] and "`login pets-auth`" in result["content"][0]["text"]
        login = Login(program, "pets-auth", *args)
        url, asked = login.ask()
        assert f"{url.scheme}://{url.netloc}{url.path}" == authorization.url + "/authorize"
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/callback", asked["redirect_uri"])
        assert (asked["response_type"], asked["client_id"], asked["scope"]) == (
            "code", "client-1", "read write")
        assert asked["code_challenge_method"] == "S256" and len(asked["state"]) >= 43
        with pytest.raises(urllib.error.HTTPError):
            visit(asked["redirect_uri"].replace("callback", "favicon.ico"), {"code": "x"})
        visit(asked["redirect_uri"], {"code": "canary-code/+", "state": asked["state"]})
        status, said = login.end()
        assert status == 0, said
        assert not any(word in said for word in ("canary-code", "token-1", "canary-refresh",
                                                 "canary-secret"))
        form = form_of(authorization.requests[0])
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
        assert 43 <= len(form["code_verifier"]) <= 128
        assert form == {"grant_type": "authorization_code", "code": "canary-code/+",
                        "redirect_uri": asked["redirect_uri"],
                        "code_verifier": form["code_verifier"]}
        # the running server takes it without a restart
        assert not call(server, "one")["isError"]
        assert backend.requests[0].header("Authorization") == ["Bearer token-1"]
        assert "canary" not in server.log() and "token-1" not in server.log()
    path = state_dir / "tokens.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(state_dir.stat().st_mode) == 0o700
    assert sorted(os.listdir(state_dir)) == ["tokens.json", "tokens.lock"]
    listed = subprocess.run([program, "--credentials", *map(str, args)], env={**ENV, "PATH": ""},
                            capture_output=True, text=True, timeout=60).stdout
    assert "present      a token from `login`" in listed


def test_stored_refresh_token_rotates(compile_policy, backend, authorization, state_dir):
    program = compile_policy(code_policy(authorization))
    state_dir.mkdir(parents=True, mode=0o700)
    path = state_dir / "tokens.json"
    entry = {"credential": "pets-auth", "client": "client-1", "issuer": "", "subject": "",
             "access_token": "old", "refresh_token": "canary-1", "ends_at": 1}
    other = {**entry, "subject": "somebody", "refresh_token": "theirs"}
    path.write_text(json.dumps({"version": 1, "tokens": [other, entry]}))
    path.chmod(0o600)
    authorization.grant(refresh_token="canary-2")
    with Server(program, "--backend-url", backend.url, "--state-dir", state_dir,
                env=ENV) as server:
        assert not call(server, "one")["isError"]
        assert "canary" not in server.log()
    assert form_of(authorization.requests[0]) == {"grant_type": "refresh_token",
                                                  "refresh_token": "canary-1"}
    stored = json.loads(path.read_text())["tokens"]
    assert stored[0] == other
    assert (stored[1]["access_token"], stored[1]["refresh_token"]) == ("token-1", "canary-2")


@pytest.mark.parametrize("has_reason", [True, False])
def test_refused_refresh_token_is_not_used_again(compile_policy, backend, authorization, state_dir,
                                                 has_reason):
    """It is forgotten when the server says why; a 400 alone might mean something else."""
    program = compile_policy(code_policy(authorization))
    state_dir.mkdir(parents=True, mode=0o700)
    path = state_dir / "tokens.json"
    entry = {"credential": "pets-auth", "client": "client-1", "issuer": "", "subject": "",
             "access_token": "old", "refresh_token": "canary-1", "ends_at": 1}
    path.write_text(json.dumps({"version": 1, "tokens": [entry]}))
    path.chmod(0o600)
    if has_reason:
        authorization.refuse(400, error="invalid_grant", error_description="expired canary-1")
    else:
        authorization.answer(400)
    with Server(program, "--backend-url", backend.url, "--state-dir", state_dir,
                env=ENV) as server:
        for _ in range(3):
            result = call(server, "one")
            assert "`login pets-auth`" in result["content"][0]["text"]
        assert "canary" not in server.log()
    assert len(authorization.requests) == 1
    assert json.loads(path.read_text())["tokens"] == ([] if has_reason else [entry])


def test_open_store_is_not_used(compile_policy, backend, authorization, state_dir):
    program = compile_policy(code_policy(authorization))
    state_dir.mkdir(parents=True)
    path = state_dir / "tokens.json"
    path.write_text("{}")
    path.chmod(0o644)
    with Server(program, "--backend-url", backend.url, "--state-dir", state_dir,
                env=ENV) as server:
        assert call(server, "one")["isError"]
        wait_until(lambda: "open to others; it is not used before chmod 600" in server.log(),
                   "the reason")


WRONG = {
    "other state": ({"code": "canary-code", "state": "x"}, "its state is another"),
    "no state": ({"code": "canary-code"}, "its state is another"),
    "no code": ({"state": None}, "has no code"),
    "two states": ([("state", None), ("state", None), ("code", "c")], "its state is another"),
    "error": ({"state": None, "error": "access_denied", "error_description": "not you"},
              "the authorization server says access_denied: not you"),
    "other issuer": ({"state": None, "code": "canary-code", "iss": "https://evil.example"},
                     "from another authorization server"),
    "error of another issuer": ({"state": None, "error": "x", "iss": "https://evil.example"},
                                "from another authorization server"),
}


@pytest.mark.parametrize("case", WRONG)
def test_answers_that_are_not_believed(compile_policy, authorization, state_dir, case):
    parameters, reason = WRONG[case]
    program = compile_policy(code_policy(authorization, f' issuer "{authorization.url}"\n'))
    login = Login(program, "pets-auth", "--backend-url", "http://127.0.0.1:1", "--state-dir",
                  state_dir)
    _, asked = login.ask()
    pairs = parameters if isinstance(parameters, list) else list(parameters.items())
    visit(asked["redirect_uri"],
          [(name, asked["state"] if value is None else value) for name, value in pairs])
    status, said = login.end()
    assert status == 1 and reason in said and "canary-code" not in said
    assert authorization.requests == [] and not state_dir.exists()


@pytest.mark.parametrize("nonce, is_good", [("its own", True), ("another", False), (None, False)])
def test_nonce_of_the_id_token(compile_policy, authorization, state_dir, issuer, nonce, is_good):
    """OpenID Connect Core 3.1.3.7: the ID token answers the question that was asked."""
    program = compile_policy(code_policy(authorization).replace('"read"', '"openid" "read"'))
    login = Login(program, "pets-auth", "--backend-url", "http://127.0.0.1:1", "--state-dir",
                  state_dir)
    _, asked = login.ask()
    claims = [] if nonce is None else [
        f'nonce="{asked["nonce"] if is_good else "x" + asked["nonce"]}"']
    authorization.grant(id_token=issuer.token(claim=claims))
    visit(asked["redirect_uri"], {"code": "c", "state": asked["state"]})
    status, said = login.end()
    assert status == (0 if is_good else 1), said
    assert is_good or "the nonce is another" in said
    assert state_dir.exists() is is_good


def test_issuer_must_be_named_where_that_was_promised(compile_policy, authorization, state_dir):
    metadata = {"issuer": authorization.url, "token_endpoint": authorization.token_url,
                "authorization_endpoint": authorization.url + "/authorize",
                "authorization_response_iss_parameter_supported": True}
    authorization.route("/.well-known/openid-configuration", 200, None, metadata)
    program = compile_policy(f"""credential "pets-auth" oauth2 authorization_code {{
 metadata "{authorization.url}/.well-known/openid-configuration"
 client env ID
}}
send "pets-auth" for one
""")
    for issuer in (None, authorization.url):
        login = Login(program, "pets-auth", "--backend-url", "http://127.0.0.1:1", "--state-dir",
                      state_dir)
        _, asked = login.ask()
        visit(asked["redirect_uri"], {"state": asked["state"], "code": "c",
                                      **({"iss": issuer} if issuer else {})})
        status, said = login.end()
        assert status == (0 if issuer else 1), said
        assert issuer or "does not say which authorization server" in said
    assert form_of(authorization.requests[-1])["client_id"] == "client-1", "a public client"


def test_implicit(compile_policy, backend, authorization, state_dir):
    program = compile_policy(f"""credential "imp" oauth2 implicit {{
 authorization_url "{authorization.url}/authorize?tenant=1"
 client env ID
}}
send "imp" for one
""", warnings=True)
    args = ("--backend-url", backend.url, "--state-dir", state_dir)
    login = Login(program, "imp", *args)
    url, asked = login.ask()
    assert asked["response_type"] == "token" and asked["tenant"] == "1"
    page = visit(asked["redirect_uri"], {})
    assert "location.hash" in page, "the page hands the fragment over"
    visit(asked["redirect_uri"].replace("callback", "fragment"),
          {"access_token": "canary-token", "token_type": "bearer", "expires_in": "600",
           "state": asked["state"]})
    status, said = login.end()
    assert status == 0 and "canary-token" not in said
    with Server(program, *args, env=ENV) as server:
        assert not call(server, "one")["isError"]
        assert "canary" not in server.log()
    assert backend.requests[0].header("Authorization") == ["Bearer canary-token"]


def test_device(compile_policy, backend, authorization, state_dir):
    answers = iter([(400, {}, b'{"error":"authorization_pending"}'),
                    (200, {}, b'{"access_token":"canary-token","token_type":"Bearer"}')])
    authorization.route("/device", 200, None, {
        "device_code": "canary-device", "user_code": "ABCD-1234", "interval": 0,
        "verification_uri": "https://id.example/device", "expires_in": 600})
    authorization.answer_with(lambda _: next(answers))
    program = compile_policy(f"""credential "tv" oauth2 device {{
 device_url "{authorization.url}/device"
 token_url "{authorization.token_url}"
 client env ID
 scopes "read"
}}
send "tv" for one
""")
    args = ("--backend-url", backend.url, "--state-dir", state_dir)
    login = Login(program, "tv", *args)
    login.find(r"Open https://id\.example/device and enter the code ABCD-1234")
    status, said = login.end()
    assert status == 0 and "canary" not in said
    forms = [form_of(one) for one in authorization.requests]
    assert forms[0] == {"client_id": "client-1", "scope": "read"}
    assert forms[1] == {"grant_type": "urn:ietf:params:oauth:grant-type:device_code",
                        "device_code": "canary-device", "client_id": "client-1"}
    assert len(forms) == 3


@pytest.mark.parametrize("label, status", [("nobody", 2), ("pets-auth", 1)])
def test_login_that_cannot_be(compile_policy, authorization, label, status):
    program = compile_policy(code_policy(authorization))
    done = subprocess.run([program, "login", label, "--backend-url", "http://127.0.0.1:1"],
                          env={"PATH": ""}, capture_output=True, text=True, timeout=60)
    assert done.returncode == status and done.stderr
