"""System attacks S9 and S11 of the shared list: this server as a client of authorization servers,
and where secrets must never be seen. Each test is named after the attack that it makes.

Parts of S9 that are tested where their feature is, in tests/runtime: `test_code` and
`test_caller_agrees` (state, PKCE S256), `test_answers_that_are_not_believed` (state and issuer at
`login`), `test_issuer_must_be_named_where_that_was_promised`, `test_broken_token_endpoint` (no
storm), `test_refused_refresh_token_is_dropped` and `…_is_forgotten`,
`test_client_and_secret_are_encoded_before_basic`, `test_exchange_is_per_caller`.

SPDX-License-Identifier: Apache-2.0
"""

import base64
import json
import os
import pathlib
import re
import resource
import signal
import subprocess
import sys
import urllib.parse

import pytest
from conftest import DEADLINE_S, ROOT, Issuer, Server, wait_until

sys.path.insert(0, str(ROOT / "tests" / "runtime"))
from oauth2_policy import authorization, compile_policy  # noqa: E402,F401  (fixtures)
from test_consent import URL_MODE, begin, come_back  # noqa: E402

# ---- S11: a distinct secret in every place ----

TOOLS = ("keys", "basic", "digest", "machine", "pass", "mine", "swap", "signed")
API = {
    "openapi": "3.1.0",
    "info": {"title": "Canaries", "version": "1"},
    "paths": {f"/{name}": {"get": {"operationId": name}} for name in TOOLS},
}
POLICY = """mcpp 1
api "api.json"
server "canaries"
backend "http://127.0.0.1:1"
tool keys    GET /keys    needs token
tool basic   GET /basic   needs token
tool digest  GET /digest  needs token
tool machine GET /machine needs token {{
    timeout 1s
}}
tool pass    GET /pass    needs token
tool mine    GET /mine    needs token
tool swap    GET /swap    needs token
tool signed  GET /signed  needs token
verifier v jwt {{
    audience "{audience}"
}}
accept v
send bearer env BEARER and header "X-Key" env HEADER and query "key" env QUERY and cookie "sid" env COOKIE for keys
send basic env BASIC for basic
send digest env DIGEST for digest
credential "machine" oauth2 client_credentials {{
    token_url "{url}/machine"
    client    env ID secret env MACHINE_SECRET
}}
credential "pass" oauth2 password {{
    token_url   "{url}/pass"
    client      env ID secret env PASS_SECRET
    client_auth post
    user        env USER password env PASSWORD
}}
credential "mine" oauth2 authorization_code {{
    issuer            "{url}"
    authorization_url "{url}/authorize"
    token_url         "{url}/mine"
    client            env ID secret env MINE_SECRET
}}
credential "swap" exchange {{
    token_url "{url}/swap"
    client    env ID secret env SWAP_SECRET
}}
credential "signed" oauth2 client_credentials {{
    token_url "{url}/signed"
    client    env ID
    key       env SIGNING_KEY
}}
send "machine" for machine
send "pass" for pass
send "mine" for mine
send "swap" for swap
send "signed" for signed
"""
SECRETS = {
    "BEARER": "canary-bearer", "HEADER": "canary-header", "QUERY": "canary-query/+",
    "COOKIE": "canary-cookie", "BASIC": "me:canary-basic", "DIGEST": "me:canary-digest",
    "MACHINE_SECRET": "canary-machine&secret", "PASS_SECRET": "canary-pass-secret",
    "PASSWORD": "canary password", "MINE_SECRET": "canary-mine-secret",
    "SWAP_SECRET": "canary-swap-secret",
}


def form_of(request):
    return dict(urllib.parse.parse_qsl(request.body.decode(), strict_parsing=True))


class Canaries:
    """Every secret that is anywhere, and every text that anybody may read."""

    def __init__(self):
        self.secrets, self.texts = {}, {}

    def hide(self, name, secret):
        """In each form that it is sent in."""
        user, _, word = secret.rpartition(":")
        coded = urllib.parse.quote(secret, safe="")
        self.secrets[name] = {secret, word, coded,
                              base64.b64encode(secret.encode()).decode().rstrip("=")}

    def hide_basic(self, name, client, secret):
        pair = ":".join(urllib.parse.quote(part, safe="") for part in (client, secret))
        self.secrets[name] = {base64.b64encode(pair.encode()).decode().rstrip("=")}

    def read(self, place, text):
        self.texts[place] = self.texts.get(place, "") + text

    def found(self):
        return [(name, place) for name, forms in self.secrets.items() for one in forms
                for place, text in self.texts.items() if one in text]


@pytest.fixture
def canaries():
    return Canaries()


@pytest.fixture
def canary_policy(mcpc, tmp_path, authorization, issuer):  # noqa: F811
    (tmp_path / "api.json").write_text(json.dumps(API))
    policy = tmp_path / "canaries.mcpp"
    policy.write_text(POLICY.format(url=authorization.url, audience=issuer.audience))
    return policy


def compile_with(mcpc, policy, out, env):
    done = subprocess.run([mcpc, policy, "-o", out, "--force"], capture_output=True, text=True,
                          env={**os.environ, **env}, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def read_state(server, canaries, tmp_path):
    """What a curious reader of this machine can look at, while the server runs."""
    process = pathlib.Path("/proc") / str(server.process.pid)
    canaries.read("argv", (process / "cmdline").read_text(errors="replace"))
    canaries.read("environment", (process / "environ").read_text(errors="replace"))
    canaries.read("metrics", server.request("GET", "/metrics")[2].decode())
    canaries.read("log", server.log())
    canaries.read("audit", (tmp_path / "audit").read_text())


class CanaryRun:
    """A server with every secret at its most talkative; call() keeps what clients are told."""

    def __init__(self, server, canaries, issuer):
        self.server, self.canaries = server, canaries
        self.token = issuer.token(sub="alice")
        self.issuer = issuer
        canaries.hide("inbound token", self.token)

    def call(self, tool, meta=None):
        params = {"name": tool, "arguments": {}, "_meta": meta or {}}
        status, headers, answer = self.server.call_mcp("tools/call", params, self.token)
        self.canaries.read("answers", json.dumps(answer) + str(headers))
        return answer["result"]

    def fail(self, tool, *words):
        """One clear error that names the credential and the cause."""
        result = self.call(tool)
        assert result["isError"], result
        text = result["content"][0]["text"]
        assert all(word in text for word in (tool, *words)), text
        return text


@pytest.fixture
def canary_run(mcpc, canary_policy, canaries, backend, issuer, tmp_path):
    subprocess.run([mcpc, "keygen", "--type", "ec", tmp_path / "signing"], check=True, timeout=60,
                   stdout=subprocess.DEVNULL)
    env = {**SECRETS, "ID": "the-client", "USER": "a-user",
           "SIGNING_KEY": (tmp_path / "signing.key").read_text()}
    for name, secret in SECRETS.items():
        canaries.hide(name, secret)
    for name in ("MACHINE_SECRET", "MINE_SECRET", "SWAP_SECRET"):
        canaries.hide_basic(name + " in Basic", "the-client", SECRETS[name])
    canaries.hide("signing key", env["SIGNING_KEY"].splitlines()[1])
    canaries.read("compiling", compile_with(mcpc, canary_policy, tmp_path / "canaries.c", env))
    compile_with(mcpc, canary_policy, tmp_path / "canaries", env)
    canaries.read("policy.c", (tmp_path / "canaries.c").read_text())
    args = ("--backend-url", backend.url, *issuer.server_args(), "--state-dir", tmp_path / "state",
            "--log-level", "debug", "--metrics", "--audit", "all", "--audit-file",
            tmp_path / "audit")
    with Server(tmp_path / "canaries", *args, env=env) as server:
        yield CanaryRun(server, canaries, issuer)


def grant(canaries, authorization, path, **members):  # noqa: F811
    """The next answers of one token endpoint."""
    for name in ("access_token", "refresh_token", "id_token"):
        if name in members:
            canaries.hide(f"{name} {path} {members[name]}", members[name])
    authorization.route(path, 200, None, {"token_type": "Bearer", **members})


def agree(run, authorization, **answer):  # noqa: F811
    """The browser's part of the authorization code flow; (status, page)."""
    request = run.call("mine", URL_MODE)["inputRequests"]["connect"]
    asked, cookie = begin(request["params"]["url"])
    run.canaries.hide("state", asked["state"])
    run.canaries.hide("consent cookie", cookie.split("=", 1)[1])
    run.canaries.hide("code", "canary-code+/")
    status, headers, page = come_back(asked, cookie, **{"code": "canary-code+/", **answer})
    run.canaries.read("pages", page + str(headers))
    return status, page


def quoting(is_decoded, **more):
    """An endpoint that says no and quotes what it was sent, as it came or as it understood it."""

    def answer(request):
        said = [*request.header("Authorization"), request.body.decode()]
        plain = [value for name, value in form_of(request).items() if name != "grant_type"]
        body = {"error": "invalid_grant", "canary": "canary-error-body",
                "error_description": " ".join(plain if is_decoded else said), **more}
        return 400, {"Content-Type": "application/json"}, json.dumps(body).encode()

    return answer


def test_s11_log_canary(canary_run, canaries, backend, authorization, tmp_path):  # noqa: F811
    """Everything works once, then everything fails once; nobody reads a secret anywhere."""
    run = canary_run
    canaries.hide("error body", "canary-error-body")
    for tool in ("keys", "basic"):
        assert not run.call(tool)["isError"]
    backend.route("/digest", 401, {"WWW-Authenticate": 'Digest realm="r", nonce="n", qop="auth"'})
    assert run.call("digest")["isError"], "the backend knows no user"
    grant(canaries, authorization, "/pass", access_token="canary-access-1",
          refresh_token="canary-refresh-1", expires_in=3600)
    grant(canaries, authorization, "/swap", access_token="canary-access-2", expires_in=0)
    grant(canaries, authorization, "/signed", access_token="canary-access-3", expires_in=0)
    grant(canaries, authorization, "/mine", access_token="canary-access-4",
          refresh_token="canary-refresh-4", expires_in=3600)
    for tool in ("pass", "swap", "signed"):
        assert not run.call(tool)["isError"]

    # a code that the endpoint does not take, an answer of another state, a mix-up, then a login
    authorization.routes["/mine"] = quoting(is_decoded=False)
    status, page = agree(run, authorization, iss=authorization.url)
    assert status == 502
    assert agree(run, authorization, state="canary-other-state")[0] == 400
    assert agree(run, authorization, iss="https://evil.example")[0] == 400
    grant(canaries, authorization, "/mine", access_token="canary-access-4",
          refresh_token="canary-refresh-4", expires_in=3600)
    assert agree(run, authorization, iss=authorization.url)[0] == 200
    assert not run.call("mine")["isError"]
    stored = (tmp_path / "state" / "tokens.json").read_text()
    assert "canary-access-4" in stored and "canary-refresh-4" in stored, "the one home of these"

    # the backend refuses the tokens, and the endpoints refuse what is asked with
    backend.answer(401, None, {"error": "no"})
    for tool in ("pass", "swap", "signed"):
        authorization.routes[f"/{tool}"] = quoting(tool != "swap", error="invalid_client")
        run.fail(tool, "invalid_client")
    authorization.routes["/mine"] = quoting(is_decoded=True)
    assert "connect/" in json.dumps(run.call("mine", URL_MODE)), "the refresh token has expired"
    wait_until(lambda: "the refresh token of mine is refused" in run.server.log(), "the log line")

    # an endpoint that is slow, then one that answers HTML
    gate = []
    authorization.routes["/machine"] = lambda _: gate.append(1) or wait_until(
        lambda: len(gate) > 1, "the end of the test") or (
            200, {"Content-Type": "text/html"}, b"<html>canary-error-body</html>")
    run.fail("machine", "no token for machine within 1000 ms")
    gate.append(1)
    wait_until(lambda: "its answer is no JSON object" in run.server.log(), "the late answer")
    run.fail("machine", "its answer is no JSON object")

    read_state(run.server, canaries, tmp_path)
    assert "call" in canaries.texts["log"] and "mcpp_" in canaries.texts["metrics"]
    assert canaries.texts["audit"].count("alice") >= 10
    assert canaries.found() == []


def test_s11_endpoint_down(canary_run, canaries, authorization, tmp_path):  # noqa: F811
    authorization.close()
    for tool in ("machine", "pass", "swap", "signed"):
        run_text = canary_run.fail(tool, "connection refused")
        assert "tried again in" in run_text
    read_state(canary_run.server, canaries, tmp_path)
    assert canaries.found() == []


def test_s11_crash_leaves_nothing(canary_run, canaries, authorization, tmp_path):  # noqa: F811
    """A crash with core dumps allowed: no core, and nothing on the way out."""
    grant(canaries, authorization, "/pass", access_token="canary-access", expires_in=3600)
    assert not canary_run.call("pass")["isError"]
    process = canary_run.server.process
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    if hard == 0:
        pytest.skip("core dumps are forbidden to this test too")
    limits = pathlib.Path(f"/proc/{process.pid}/limits").read_text()
    assert re.search(r"Max core file size +0 +0 ", limits)
    read_state(canary_run.server, canaries, tmp_path)
    process.send_signal(signal.SIGABRT)
    ended = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert (ended.si_code, ended.si_status) == (os.CLD_KILLED, signal.SIGABRT), "no core"
    assert process.wait(DEADLINE_S) == -signal.SIGABRT
    canary_run.server.reader.join(DEADLINE_S)
    canaries.read("log", canary_run.server.log())
    canaries.read("stdout", process.stdout.read())
    assert canaries.found() == []


# ---- S9: what comes back from an authorization server ----


@pytest.fixture
def s9(canary_run, authorization):  # noqa: F811
    """answer(member text or bytes, …) -> the result of a call that gets this for its token; each
    time for another caller, so that no attempt before it counts."""
    run, callers = canary_run, iter(range(1000))

    def ask(answer, status=200):
        text = answer if isinstance(answer, bytes) else answer.encode()
        authorization.routes["/swap"] = lambda _: (status, {"Content-Type": "a/b"}, text)
        caller = run.issuer.token(sub=f"caller-{next(callers)}")
        _, _, found = run.server.call_tool("swap", None, caller)
        result = found["result"]
        return result["content"][0]["text"] if result["isError"] else None

    run.ask = ask
    return run


GOOD = '"access_token":"good-token"'
TYPES = ("bearer", "Bearer", "BEARER", "bEaReR")
LIVES = ("60", "-1", "0", "1e400", "-1e400", "1e-400", "1E2", "99999999999999999999", "0.5", "null",
         "true", "[1]", "{}", '"60"', '"-1"', '"1e400"', '"soon"', '""', '"60 "')
BAD = {
    "line end": ('{"access_token":"a\\r\\nX-Evil: 1","token_type":"bearer"}', "cannot be sent"),
    "line feed": ('{"access_token":"a\\nb","token_type":"bearer"}', "cannot be sent"),
    "NUL": ('{"access_token":"a\\u0000b","token_type":"bearer"}', "cannot be sent"),
    "space": ('{"access_token":"a b","token_type":"bearer"}', "cannot be sent"),
    "not ASCII": ('{"access_token":"\u00e9","token_type":"bearer"}', "cannot be sent"),
    "no text": ('{"access_token":7,"token_type":"bearer"}', "no access_token"),
    "refresh token": ('{"access_token":"a","refresh_token":"r\\r\\nX: 1","token_type":"bearer"}',
                      "one of its tokens"),
    "no type": ('{"access_token":"a"}', "token_type is not bearer"),
    "N_A": ('{"access_token":"a","token_type":"N_A"}', "token_type is not bearer"),
    "DPoP": ('{"access_token":"a","token_type":"DPoP"}', "token_type is not bearer"),
    "longer type": ('{"access_token":"a","token_type":"bearerx"}', "token_type is not bearer"),
    "case of a name": ('{"Access_Token":"a","token_type":"bearer"}', "no access_token"),
    "two tokens": ('{"access_token":"a","access_token":"b","token_type":"bearer"}', "no JSON"),
    "an array": ("[]", "no JSON object"),
    "empty": ("", "no JSON object"),
    "cut off": ('{"access_token":"a","token_type":"bearer"', "no JSON object"),
    "more behind": ('{"access_token":"a","token_type":"bearer"}{}', "no JSON object"),
    "not UTF-8": (b'{"access_token":"a","token_type":"bearer","x":"\xff"}', "no JSON object"),
}
ERRORS = {
    (400, ""): "it answered 400 without saying why",
    (400, "<html>"): "it answered 400 without saying why",
    (400, '{"error":7}'): "it answered 400 without saying why",
    (401, "[]"): "it answered 401 without saying why",
    (403, ""): "it answered 403 without saying why",
    (500, "{"): "it answered 500",
    (200, '{"error":"invalid_scope"}'): "it says invalid_scope",
    (400, '{"error":"x\\r\\ny","error_description":"\\u001b[2J\\n2026 error"}'): "it says",
    (302, ""): "it answered 302",
}


def test_s9_token_answers(s9, backend):
    for kind in TYPES:
        assert s9.ask(f'{{{GOOD},"token_type":"{kind}"}}') is None, kind
    for life in LIVES:
        assert s9.ask(f'{{{GOOD},"token_type":"bearer","expires_in":{life}}}') is None, life
    assert {one.header("Authorization")[0] for one in backend.requests} == {"Bearer good-token"}
    count = len(backend.requests)
    for name, (answer, reason) in BAD.items():
        text = s9.ask(answer)
        assert text and reason in text and "swap" in text, name
    for (status, answer), reason in ERRORS.items():
        text = s9.ask(answer, status)
        assert text and reason in text and "swap" in text, answer
        assert text.isascii() and text.isprintable()
    assert len(backend.requests) == count, "no call without its token"
    wait_until(lambda: s9.server.log().count("no token for swap") == len(BAD) + len(ERRORS), "log")
    assert "\x1b" not in s9.server.log() and "X-Evil" not in s9.server.log()


def test_s9_authorization_answers(canary_run, authorization):  # noqa: F811
    """The callback: state, issuer to the letter, one answer to an asking, no code used twice."""
    url = authorization.url
    for issuer in (url + "/", url.upper(), url.replace("127.0.0.1", "localhost"), "x"):
        for more in ({}, {"error": "access_denied"}):
            status, page = agree(canary_run, authorization, iss=issuer, **more)
            assert status == 400 and "another authorization server" in page, issuer
    for state in ("", "x"):
        assert agree(canary_run, authorization, iss=url, state=state)[0] == 400
    assert not [one for one in authorization.requests if one.path == "/mine"]
    grant(canary_run.canaries, authorization, "/mine", access_token="canary-access")
    page_url = canary_run.call("mine", URL_MODE)["inputRequests"]["connect"]["params"]["url"]
    older, _ = begin(page_url)
    asked, cookie = begin(page_url)
    assert asked["code_challenge_method"] == "S256" and len(asked["code_challenge"]) == 43
    assert len({older["state"], older["code_challenge"], asked["state"],
                asked["code_challenge"]}) == 4, "drawn anew each time"
    assert len(asked["state"]) >= 43 and come_back(asked, cookie, iss=url)[0] == 200
    assert come_back(asked, cookie, iss=url)[0] == 400, "a code comes once"
    assert len([one for one in authorization.requests if one.path == "/mine"]) == 1


def test_s9_inbound_token_goes_nowhere(canary_run, authorization, backend):  # noqa: F811
    """It is the subject of an exchange, there and only there."""
    for tool in ("machine", "pass", "swap", "signed"):
        grant(canary_run.canaries, authorization, "/" + tool, access_token=f"of-{tool}")
    for tool in TOOLS:
        canary_run.call(tool, URL_MODE)
    assert len(backend.requests) >= len(TOOLS) - 1
    for request in backend.requests + authorization.requests:
        text = str((request.path, request.headers, request.body))
        wanted = request.path == "/swap" and request.method == "POST"
        assert (canary_run.token in text) is wanted, text
        assert wanted or canary_run.token.split(".")[1] not in text


SHARED = """
credential "mine" oauth2 authorization_code {{
    authorization_url "{url}/authorize"
    token_url         "{url}/token"
    client            env ID
}}
credential "swap" exchange {{
    token_url "{url}/token"
    client    env ID secret env SECRET
    audience  "orders"
    scopes    "read" "list"
}}
credential "swap-2" exchange {{
    token_url "{url}/token"
    client    env ID secret env SECRET
    audience  "stock"
    scopes    "read"
}}
send "mine" for one
send "swap" for two
send "swap-2" for postOne
verifier a jwt {{
    issuer   "{first.issuer}"
    jwks     "{first.jwks_url}"
    audience "api"
}}
verifier b jwt {{
    issuer   "{second.issuer}"
    jwks     "{second.jwks_url}"
    audience "api"
}}
accept a, b
"""


def test_s9_never_a_token_of_another(compile_policy, backend, authorization, issuer, mcpc,  # noqa: F811
                                     tmp_path):
    """Two people of one name at two issuers, two audiences and scopes: each has its own token,
    and an exchange asks for what the policy says, whatever the caller's token could do."""
    second = Issuer(mcpc, tmp_path)
    program = compile_policy(SHARED.format(url=authorization.url, first=issuer, second=second))
    callers = [one.token(sub="alice", aud="api", scope="read list admin", claim=['team="x"'])
               for one in (issuer, second)]
    env = {"ID": "the-client", "SECRET": "s"}
    with Server(program, "--backend-url", backend.url, "--state-dir", tmp_path / "state",
                "--validate-tokens", env=env) as server:
        for tool in ("two", "postOne"):
            for _ in range(2):
                for token in callers:
                    assert not server.call_tool(tool, None, token)[2]["result"]["isError"]
        sent = [(one.method, one.header("Authorization")[0]) for one in backend.requests]
        assert len(set(sent)) == 4 and len(authorization.requests) == 4
        for request in authorization.requests:
            form = form_of(request)
            assert (form["audience"], form["scope"]) in (("orders", "read list"),
                                                         ("stock", "read"))
        url = server.call_mcp("tools/call", {"name": "one", "arguments": {}, "_meta": URL_MODE},
                              callers[0])[2]["result"]["inputRequests"]["connect"]["params"]["url"]
        assert come_back(*begin(url))[0] == 200
        results = [server.call_mcp("tools/call", {"name": "one", "arguments": {},
                                                  "_meta": URL_MODE}, token)[2]["result"]
                   for token in callers]
        assert [one["resultType"] for one in results] == ["complete", "input_required"]
    second.close()
