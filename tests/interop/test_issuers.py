"""Real authorization servers: oidc-provider issues JWTs and opaque tokens, introspects and rotates
its keys; the official SDK client gets a token by itself, and steps up when it needs more."""

import base64
import contextlib
import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import pytest
from browser import Browser
from conftest import BUILD, ROOT, Backend, Server, die_with, wait_until
from services import free_port
from test_sdk import visit

COOLDOWN_S = 30
NODE = BUILD / "npm" / "node_modules" / ".bin" / "node"
SPEC = {
    "openapi": "3.1.0",
    "info": {"title": "Issued", "version": "1"},
    "servers": [{"url": "http://127.0.0.1:9"}],
    "paths": {
        "/things": {
            "get": {"operationId": "listThings", "responses": {"200": {"description": "ok"}}},
            "post": {"operationId": "addThing", "responses": {"200": {"description": "ok"}}},
        },
    },
}
TOOLS = """accept {accepted}
validate tokens
scope "read"
scope "write"
tool listThings GET  /things needs "read"
tool addThing   POST /things needs "read" and "write"
"""
JWT = """verifier own jwt {{
    issuer     "{issuer}"
    audience   "mcp"
    algorithms ES256 PS256
    profile    rfc9068
}}
"""
MOCKED = JWT.replace("ES256 PS256", "RS256").replace("    profile    rfc9068\n", "")
ASKED = """verifier asked introspection {{
    issuer   "{issuer}"
    endpoint "{issuer}/token/introspection"
    client   env ISSUER_ID secret env ISSUER_SECRET
    audience "mcp"
    cache    {cache}
}}
"""
CREDENTIAL = """credential "theirs" oauth2 client_credentials {{
    token_url "{token_url}"
    client    env BACKEND_ID secret env BACKEND_SECRET
    scopes    "read" "{how}"
}}
send "theirs" for *
"""
SECRETS = {"ISSUER_ID": "server", "ISSUER_SECRET": "server-secret"}


def own_audience():
    """A server whose audience is its URL: what a client names as the resource (RFC 8707)."""
    port = free_port()
    return "--port", port, "--audience", f"http://127.0.0.1:{port}/mcp"


def private_jwk(path, kid, alg):
    """Node exports what openssl made."""
    script = (
        "const k=require('crypto').createPrivateKey(require('fs').readFileSync(process.argv[1]));"
        "console.log(JSON.stringify(k.export({format:'jwk'})))"
    )
    done = subprocess.run(
        [str(NODE), "-e", script, str(path)], check=True, stdout=subprocess.PIPE, timeout=60
    )
    return {**json.loads(done.stdout), "kid": kid, "alg": alg, "use": "sig"}


class Keys:
    def __init__(self, mcpc, folder):
        self.found = {}
        for kid, kind, alg in [("e1", "ec", "ES256"), ("p1", "rsa", "PS256"), ("e2", "ec", "ES256")]:
            subprocess.run([mcpc, "keygen", "--type", kind, str(folder / kid)], check=True,
                           stdout=subprocess.DEVNULL, timeout=60)  # fmt: skip
            self.found[kid] = private_jwk(folder / f"{kid}.key", kid, alg)

    def of(self, *kids):
        return [self.found[kid] for kid in kids]


@pytest.fixture(scope="module")
def keys(mcpc, tmp_path_factory):
    return Keys(mcpc, tmp_path_factory.mktemp("issuer-keys"))


@contextlib.contextmanager
def provider(port, keys):
    if not (BUILD / "npm/node_modules/oidc-provider").is_dir():
        pytest.skip("oidc-provider is not installed")
    process = subprocess.Popen(
        [str(NODE), str(ROOT / "tests/interop/issuer.js"), str(BUILD / "npm"),
         json.dumps({"port": port, "keys": keys})],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=die_with(),
        text=True,
    )  # fmt: skip
    try:
        url = process.stdout.readline().strip()
        assert url, process.stderr.read()
        yield url
    finally:
        process.kill()
        process.communicate()


def token(issuer, scope, resource="https://mcp.example/mcp"):
    """By client credentials with a resource indicator (RFC 8707)."""
    form = {"grant_type": "client_credentials", "scope": scope, "resource": resource}
    basic = base64.b64encode(b"machine:machine-secret").decode()
    request = urllib.request.Request(
        issuer + "/token",
        data=urllib.parse.urlencode(form).encode(),
        headers={"Authorization": f"Basic {basic}"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["access_token"]


@pytest.fixture
def compile_policy(compile_server, tmp_path):
    def compile_one(verifiers, accepted, **values):
        (tmp_path / "spec.json").write_text(json.dumps(SPEC))
        path = tmp_path / "issued.mcpp"
        text = 'mcpp 1\napi "spec.json"\n' + verifiers.format(**values)
        path.write_text(text + TOOLS.format(accepted=accepted))
        return compile_server(path)

    return compile_one


def call(server, name, token):
    return server.call_tool(name, token=token)[0]


def test_signed_tokens(compile_policy, keys, backend):
    """Keys found through the issuer's metadata, scopes granted and not."""
    with provider(free_port(), keys.of("e1", "p1")) as issuer:
        program = compile_policy(JWT, "own", issuer=issuer)
        with Server(program, "--backend-url", backend.url) as server:
            both, read = token(issuer, "read write"), token(issuer, "read")
            assert both.count(".") == 2
            assert call(server, "listThings", both) == 200
            assert call(server, "addThing", both) == 200
            assert call(server, "listThings", read) == 200
            assert call(server, "addThing", read) == 403
            opaque = token(issuer, "read", "https://mcp.example/opaque")
            assert call(server, "listThings", opaque) == 401
            assert [tool for tool in server.list_tools(read)] == ["listThings", "addThing"]


def test_introspection(compile_policy, keys, backend):
    with provider(free_port(), keys.of("e1")) as issuer:
        program = compile_policy(ASKED, "asked", issuer=issuer, cache="1s")
        with Server(program, "--backend-url", backend.url, env=SECRETS) as server:
            opaque = token(issuer, "read", "https://mcp.example/opaque")
            assert opaque.count(".") < 2
            assert call(server, "listThings", opaque) == 200
            assert call(server, "addThing", opaque) == 403
            assert call(server, "listThings", "made-up-token") == 401
            assert opaque not in server.log() and "server-secret" not in server.log()
    assert issuer  # it is gone now


def test_an_introspection_endpoint_that_is_gone(compile_policy, keys, backend):
    with provider(free_port(), keys.of("e1")) as issuer:
        program = compile_policy(ASKED, "asked", issuer=issuer, cache="1s")
        opaque = token(issuer, "read", "https://mcp.example/opaque")
    with Server(program, "--backend-url", backend.url, env=SECRETS) as server:
        assert call(server, "listThings", opaque) == 503
        assert not backend.requests
    with provider(free_port(), keys.of("e1")) as issuer:
        program = compile_policy(ASKED, "asked", issuer=issuer, cache="1s")
        opaque = token(issuer, "read", "https://mcp.example/opaque")
        wrong = {**SECRETS, "ISSUER_SECRET": "wrong"}  # our own fault: not the caller's
        with Server(program, "--backend-url", backend.url, env=wrong) as server:
            assert call(server, "listThings", opaque) == 503


def test_several_verifiers(compile_policy, keys, backend):
    """MultiAuth: JWTs by their issuer, opaque tokens to the one who can be asked."""
    with provider(free_port(), keys.of("e1")) as one, provider(free_port(), keys.of("e2")) as two:
        program = compile_policy(
            JWT + ASKED.replace("{issuer}", "{other}"), "own, asked",
            issuer=one, other=two, cache="10s",
        )  # fmt: skip
        with Server(program, "--backend-url", backend.url, "--audit", "all", env=SECRETS) as server:
            assert call(server, "listThings", token(one, "read")) == 200
            opaque = token(two, "read", "https://mcp.example/opaque")
            assert call(server, "listThings", opaque) == 200
            foreign = token(one, "read", "https://mcp.example/opaque")
            assert call(server, "listThings", foreign) == 401
            wait_until(lambda: server.log().count('"outcome":"allowed"') == 2, "the audit lines")
            assert '"verifier":"own"' in server.log() and '"verifier":"asked"' in server.log()


def test_rotation(compile_policy, keys, backend):
    port = free_port()
    with provider(port, keys.of("e1")) as issuer:
        program = compile_policy(JWT, "own", issuer=issuer)
        server = Server(program, "--backend-url", backend.url)
        server.__enter__()
        old = token(issuer, "read")
        assert call(server, "listThings", old) == 200
    try:
        assert call(server, "listThings", old) == 200  # the issuer is away
        with provider(port, keys.of("e2")) as issuer:
            new = token(issuer, "read")
            wait_until(lambda: call(server, "listThings", new) == 200, "the new key", COOLDOWN_S + 15)
            assert call(server, "listThings", old) == 401
    finally:
        server.__exit__(None, None, None)


def test_a_client_that_steps_up(compile_policy, keys, backend):
    """The SDK client starts with nothing, finds the issuer through our metadata, gets a token for
    what the list needs, and a larger one when a call is refused for want of a scope."""
    with provider(free_port(), keys.of("e1")) as issuer:
        program = compile_policy(JWT, "own", issuer=issuer)
        with Server(program, "--backend-url", backend.url, "--audit", "all", *own_audience()) as server:
            steps = [{"call": "listThings", "arguments": {}}, {"call": "addThing", "arguments": {}}]
            report = visit(
                "v1", "legacy", steps, url=server.url,
                oauth={"clientId": "machine", "clientSecret": "machine-secret"},
            )  # fmt: skip
            assert all("result" in step for step in report["steps"]), f"{report} {server.log()}"
            outcomes = [json.loads(line)["outcome"] for line in server.lines if line[0] == "{"]
            assert "no-token" in outcomes and "insufficient-scope" in outcomes, outcomes
            assert outcomes.index("insufficient-scope") < len(outcomes) - 1
            assert outcomes[-1] == "allowed"
    assert [request.method for request in backend.requests] == ["GET", "POST"]


@contextlib.contextmanager
def person(sdk, server, pages, calls, **more):
    """Signs one in; gives what the client reports when it is done."""
    plan = {"sdk": sdk, "url": server.url, "redirect": f"{pages.url}/callback", "calls": calls, **more}
    process = subprocess.Popen(
        [str(NODE), str(ROOT / "tests/interop/person.js"), str(BUILD / "npm"), json.dumps(plan)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    browser = Browser()
    try:
        while (line := process.stdout.readline()).startswith("open "):
            place, page = browser.open(line.removeprefix("open ").strip())
            while "<form" in page:
                known = {"login": "alice", "password": "p"} if 'name="login"' in page else {}
                place, page = browser.submit(place, page, **known)
            assert place.startswith(f"{pages.url}/callback?"), (place, page)
            process.stdin.write(place + "\n")
            process.stdin.flush()
        assert line, process.stderr.read()
        yield json.loads(line)
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("sdk", ["v1", "v2"])
def test_a_person_signs_in(compile_policy, keys, backend, sdk):
    """The SDK client knows our URL and nothing else: it finds the issuer, registers there, and sends
    the person there with PKCE and our URL as the resource."""
    with provider(free_port(), keys.of("e1")) as issuer, Backend() as pages:
        program = compile_policy(JWT, "own", issuer=issuer)
        with Server(program, "--backend-url", backend.url, *own_audience()) as server:
            with person(sdk, server, pages, ["listThings"]) as report:
                assert "failed" not in report, f"{report} {server.log()}"
            (asked,) = report["authorizations"]
            assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
            assert (asked["resource"], asked["scope"]) == (server.url, "read")
    assert [request.method for request in backend.requests] == ["GET"]


@pytest.mark.parametrize("sdk", ["v1", "v2"])
def test_a_person_agrees_to_more(compile_policy, keys, backend, sdk):
    """Step-up by the SDK client: the call that is refused for want of a scope sends the person back
    with the scopes of the challenge, and then succeeds. (A client that registers itself names the
    scopes of its first challenge, and this issuer holds it to them: it has to be known before.)"""
    with provider(free_port(), keys.of("e1")) as issuer, Backend() as pages:
        program = compile_policy(JWT, "own", issuer=issuer)
        with Server(program, "--backend-url", backend.url, "--audit", "all", *own_audience()) as server:
            calls = ["listThings", "addThing"]
            with person(sdk, server, pages, calls, client={"client_id": "desktop"}) as report:
                assert "failed" not in report, f"{report} {server.log()}"
            scopes = [set(asked["scope"].split()) for asked in report["authorizations"]]
            assert scopes == [{"read"}, {"read", "write"}]
            wait_until(lambda: server.log().count('"outcome":"allowed"') == 2, "the audit lines")
            lines = [json.loads(line) for line in server.lines if line[0] == "{"]
            assert [line["outcome"] for line in lines[-2:]] == ["insufficient-scope", "allowed"]
            assert (lines[-1]["subject"], lines[-1]["client"]) == ("alice", "desktop")
    assert [request.method for request in backend.requests] == ["GET", "POST"]


@pytest.fixture(scope="module")
def mock_issuer():
    if not (BUILD / "npm/node_modules/oauth2-mock-server").is_dir():
        pytest.skip("oauth2-mock-server is not installed")
    process = subprocess.Popen(
        [str(NODE), str(ROOT / "tests/interop/mock_issuer.js"), str(BUILD / "npm")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=die_with(),
        text=True,
    )
    url = process.stdout.readline().strip()
    assert url, process.stderr.read()
    yield url
    process.kill()
    process.communicate()


def mock_token(issuer, how):
    form = urllib.parse.urlencode({"grant_type": "client_credentials", "scope": f"read {how}"})
    with urllib.request.urlopen(issuer + "/token", form.encode(), timeout=30) as answer:
        return json.load(answer)["access_token"]


def test_spoilt_tokens(compile_policy, mock_issuer, backend):
    """Well signed by a real issuer, and wrong in one thing."""
    program = compile_policy(MOCKED, "own", issuer=mock_issuer)
    with Server(program, "--backend-url", backend.url) as server:
        assert call(server, "listThings", mock_token(mock_issuer, "plain")) == 200
        for how in ("expired", "future", "audience", "issuer", "forever", "id_token"):
            assert call(server, "listThings", mock_token(mock_issuer, how)) == 401, how
    assert len(backend.requests) == 1


BROKEN = {
    "wrong-secret": "invalid_client: [secret] is wrong",
    "ended": "invalid_grant",
    "broken": "it answered 500",
    "empty": "its answer has no access_token",
    "text": "its answer is no JSON object",
    "typeless": "its token_type is not bearer",
    "injected": "its access_token cannot be sent in a header",
    "list": "its answer is no JSON object",
}


@pytest.mark.parametrize("how", BROKEN)
def test_spoilt_token_endpoint(compile_policy, mock_issuer, backend, how):
    """One clear error for the caller and in the log, no secret in either, and nothing is sent."""
    program = compile_policy(
        MOCKED + CREDENTIAL, "own", issuer=mock_issuer, token_url=mock_issuer + "/token", how=how
    )
    env = {"BACKEND_ID": "id", "BACKEND_SECRET": "canary-secret"}
    with Server(program, "--backend-url", backend.url, env=env) as server:
        token = mock_token(mock_issuer, "plain")
        result = server.call_tool("listThings", None, token)[2]["result"]
        text = result["content"][0]["text"]
        assert result["isError"] and BROKEN[how] in text, text
        wait_until(lambda: BROKEN[how] in server.log(), "the log line")
        assert "canary" not in server.log() + text
    assert not backend.requests


@pytest.mark.parametrize("how, status", [
    ("says-yes", 401), ("says-nothing", 401), ("broken", 503), ("refuses", 503), ("text", 503),
])  # fmt: skip
def test_spoilt_introspection(compile_policy, mock_issuer, backend, how, status):
    verifier = ASKED.replace("{issuer}/token/introspection", "{issuer}/introspect")
    program = compile_policy(verifier, "asked", issuer=mock_issuer, cache="1s")
    env = {**SECRETS, "ISSUER_ID": how}
    with Server(program, "--backend-url", backend.url, env=env) as server:
        assert call(server, "listThings", "opaque") == status, server.log()
        assert SECRETS["ISSUER_SECRET"] not in server.log()
    assert not backend.requests
