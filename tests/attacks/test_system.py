"""The system attacks S1 to S16 of the shared list against the running server. PLACES says where each
is tested; what is not elsewhere is here. Lifetimes and pauses pass by a clock that the tests set.
"""

import contextlib
import http.client
import json
import pathlib
import re
import time

import pytest
from clock import Clock
from conftest import BUILD, DEADLINE_S, ROOT, Backend, Issuer, Server, wait_until
from forge import b64, encode

COOLDOWN_S, LIFE_S, STALE_S, WORKERS = 30, 600, 24 * 3600, 4
HERE = "attacks/test_system.py"
PLACES = {
    1: [f"{HERE}::test_a_flood_of_unknown_keys", "attacks/test_tokens.py::test_a_flood_of_unknown_keys_costs_one_fetch"],
    2: ["runtime/test_keys.py::test_many_callers_at_start_cause_one_fetch"],
    3: [f"{HERE}::test_an_issuer_that_is_gone", "runtime/test_keys.py::test_no_keys_is_503_until_they_come"],
    4: [f"{HERE}::test_the_old_keys_stay", f"{HERE}::test_bad_keys_beside_a_good_one"],
    5: [f"{HERE}::test_rotation", "runtime/test_keys.py::test_rotation"],
    6: [f"{HERE}::test_metadata_that_is_not_believed", f"{HERE}::test_every_address_is_checked",
        "runtime/test_backend_tokens.py::test_metadata_that_is_not_believed",
        "unit/test_peer.c", "unit/test_identity.c::test_metadata"],
    7: [f"{HERE}::test_a_known_token", f"{HERE}::test_a_flood_of_good_tokens"],
    8: [f"{HERE}::test_what_an_introspection_says", f"{HERE}::test_an_introspection_that_fails",
        f"{HERE}::test_one_question_for_many", f"{HERE}::test_an_answer_is_believed_for_a_time"],
    9: ["attacks/test_system_credentials.py::test_s9_token_answers", "runtime/test_backend_tokens.py::test_broken_token_endpoint", "runtime/test_login.py"],
    10: ["runtime/test_smuggling.py", "runtime/test_http_strict.py"],
    11: ["attacks/test_system_credentials.py::test_s11_log_canary", "attacks/test_logs.py"],
    12: [
        f"{HERE}::test_memory_is_nobody_elses",
        "attacks/test_memory_of_credentials.py::test_s12_backend_credentials",
    ],
    13: [
        "faults/test_faults.py",
        "faults/test_protocol_faults.py",
        "faults/test_identity_faults.py",
        "faults/test_credential_faults.py",
    ],
    14: [f"{HERE}::test_the_calendar_jumps"],
    15: ["attacks/test_possession.py"],
    16: ["attacks/test_possession.py"],
}  # fmt: skip
SCHEME = {
    "type": "oauth2",
    "flows": {"clientCredentials": {"tokenUrl": "https://login.example/token",
                                    "scopes": {"read": "Read", "write": "Write"}}},
}  # fmt: skip
OK = {"200": {"description": "ok"}}
SPEC = {
    "openapi": "3.1.0",
    "info": {"title": "System", "version": "1"},
    "servers": [{"url": "http://127.0.0.1:9"}],
    "paths": {
        "/things": {
            "get": {"operationId": "listThings", "responses": OK},
            "post": {"operationId": "addThing", "responses": OK},
        }
    },
    "components": {"securitySchemes": {"login": SCHEME}},
}
POLICY = """mcpp 1
api "spec.json"
verifier main jwt {
    issuer   "https://issuer.example"
    audience "nobody"
}
accept main
scope "read"
scope "write"
tool listThings GET  /things needs "read"
tool addThing   POST /things needs "write"
"""
ASKING = """mcpp 1
api "spec.json"
verifier asked introspection {
    endpoint "ENDPOINT"
    client   env CANARY_ID secret env CANARY_SECRET
    method   post
    issuer   "https://partner.example"
    audience "us"
    cache    60s
}
accept asked
scope "read"
scope "write"
tool listThings GET  /things needs "read"
tool addThing   POST /things needs "write"
"""
SECRET = "canary-of-a-client-4711"
SECRETS = {"CANARY_ID": "server", "CANARY_SECRET": SECRET}


def test_every_attack_has_its_case(data):
    listed = (data / "attacks.md").read_text().split("## token and transport")[0]
    numbers = {int(number) for number in re.findall(r"(?:^|\. )S(\d+) [A-Za-z]", listed, re.M)}
    assert sorted(PLACES) == sorted(numbers)
    for place in sum(PLACES.values(), []):
        path, _, name = place.partition("::")
        text = (ROOT / "tests" / path).read_text()
        assert not name or re.search(rf"^(def|static void) {name}\(", text, re.M), place


# ---- an issuer whose keys change ----


@pytest.fixture(scope="module")
def program(compile_server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("system")
    (folder / "spec.json").write_text(json.dumps(SPEC))
    (folder / "system.mcpp").write_text(POLICY)
    return compile_server(folder / "system.mcpp")


@pytest.fixture
def clock(tmp_path):
    if BUILD.name in ("san", "tsan"):
        pytest.skip("a sanitizer wants to be loaded first")
    return Clock(tmp_path)


@pytest.fixture
def keys(mcpc, tmp_path):
    with contextlib.closing(Issuer(mcpc, tmp_path)) as found:
        found.publish("rsa")
        yield found


def start(program, keys, backend, *args, env=None):
    return Server(
        program, *keys.server_args(), "--backend-url", backend.url, "--workers", WORKERS,
        "--limit-jwks-ms", 1000, *args, env=env,
    )  # fmt: skip


def call(server, token, tool="listThings"):
    return server.call_tool(tool, token=token)[0]


def fetches(keys):
    return sum(request.path == "/.well-known/jwks.json" for request in keys.server.requests)


class Line:
    """One connection that is kept, for many calls."""

    def __init__(self, server):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE_S)
        self.body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                                "params": {"name": "listThings", "arguments": {}}})  # fmt: skip

    def call(self, token):
        headers = {"Content-Type": "application/json", "Accept": "application/json",
                   "MCP-Protocol-Version": "2025-06-18", "Authorization": f"Bearer {token}"}  # fmt: skip
        self.connection.request("POST", "/mcp", self.body, headers)
        answer = self.connection.getresponse()
        answer.read()
        return answer.status

    def close(self):
        self.connection.close()


def unknown_of(keys, kid):
    header, claims = {"alg": "RS256", "typ": "at+jwt", "kid": kid}, {"iss": keys.issuer}
    return f"{b64(encode(header))}.{b64(encode(claims))}.{b64(bytes(256))}"


def test_a_flood_of_unknown_keys(program, keys, backend, clock):
    """All are refused, no good one is, and the issuer is asked once a cooldown by all workers."""
    good = keys.token("read")
    with start(program, keys, backend, env=clock.env) as server, contextlib.ExitStack() as stack:
        assert call(server, good) == 200
        for wanted in (2, 3):
            clock.move_on(COOLDOWN_S)
            lines = [stack.enter_context(contextlib.closing(Line(server))) for _ in range(8)]
            for number in range(50):
                for index, line in enumerate(lines):
                    assert line.call(unknown_of(keys, f"{wanted}-{number}-{index}")) == 401
                    assert line.call(good) == 200
            assert fetches(keys) == wanted


def test_an_issuer_that_is_gone(program, keys, backend, clock):
    """The keys serve for a day beyond their life, and what cannot be judged then is 503."""
    token = keys.token("read")
    with start(program, keys, backend, env=clock.env) as server:
        assert call(server, token) == 200
        keys.server.route("/.well-known/jwks.json", 500, {}, b"")
        for passed in (LIFE_S + 1, STALE_S - 60):
            clock.move_on(passed)
            assert call(server, token) == 200
            assert call(server, keys.token("read")) == 200
            assert call(server, "not.a.token") == 401
        clock.move_on(120)
        wait_until(lambda: call(server, token) == 503, "the end of the keys")
        keys.publish("rsa")
        clock.move_on(301)
        wait_until(lambda: call(server, token) == 200, "the keys")


def much(_):
    return 200, {"Content-Type": "application/json"}, (b" " * (1 << 20) for _ in range(1024))


def hang(_):
    time.sleep(3)  # three times as long as the server waits
    return 200, {}, b"{}"


def many_keys(jwk):
    return {"keys": [{**jwk, "kid": f"k{number}"} for number in range(10_000)]}


BAD = {
    "hang": hang,
    "hang up": lambda _: None,
    "error": (500, {}, b""),
    "html": (200, {"Content-Type": "text/html"}, b"<html>"),
    "1 GB": much,
    "1 MB": (200, {}, b'{"keys":[' + b" " * (1 << 20) + b"]}"),
    "gzip bomb": (200, {"Content-Encoding": "gzip"}, b"\x1f\x8b\x08" + bytes(1000)),
    "redirect": (302, {"Location": "/elsewhere"}, b""),
    "empty": (200, {}, b'{"keys":[]}'),
    "no array": (200, {}, b'{"keys":{}}'),
    "10,000 keys": lambda _: None,  # made in the test, out of a real one
}


@pytest.mark.parametrize("what", BAD)
def test_the_old_keys_stay(program, keys, backend, clock, what):
    good, fetched = keys.token("read"), keys.token("read")
    keys.server.route("/elsewhere", 200, None, keys.jwks("ec"))
    with start(program, keys, backend, env=clock.env) as server:
        assert call(server, good) == 200
        keys.server.routes["/.well-known/jwks.json"] = BAD[what]
        if what == "10,000 keys":
            text = json.dumps(many_keys(keys.jwks("rsa")["keys"][0])).encode()
            keys.server.route("/.well-known/jwks.json", 200, {}, text)
        clock.move_on(COOLDOWN_S)
        assert call(server, keys.token("read", key="ec")) == 401
        assert call(server, good) == 200 and call(server, fetched) == 200
        wait_until(lambda: "keeping the old ones" in server.log(), "the reason in the log")
        status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
        assert int(status.split("VmRSS:")[1].split()[0]) < 64 * 1024
    assert not [request for request in keys.server.requests if request.path == "/elsewhere"]


def test_bad_keys_beside_a_good_one(program, keys, backend):
    """RFC 7517, section 5: what cannot be used is left out, the others serve."""
    for name in ("private", "doubled", "second"):
        keys.keygen(name, "rsa")
    good, private, doubled, second = (
        keys.jwks(name)["keys"][0] for name in ("rsa", "private", "doubled", "second")
    )
    found = [{**private, "d": private["n"]}, doubled, {**second, "kid": doubled["kid"]},
             {"kty": "oct", "kid": "oct", "k": "c2VjcmV0"}, {"kty": "FUTURE"}, {}, good]  # fmt: skip
    keys.server.route("/.well-known/jwks.json", 200, None, {"keys": found})
    with start(program, keys, backend) as server:
        assert call(server, keys.token("read")) == 200
        for name in ("private", "doubled"):
            assert call(server, keys.token("read", key=name)) == 401
        assert "is private or symmetric" in server.log()


def test_rotation(program, keys, backend, clock):
    """The new key is good, and with the old one goes what it has signed, known tokens too."""
    old = keys.token("read")
    keys.keygen("new", "rsa")
    with start(program, keys, backend, env=clock.env) as server, contextlib.ExitStack() as stack:
        lines = [stack.enter_context(contextlib.closing(Line(server))) for _ in range(16)]
        assert [line.call(old) for line in lines] == [200] * 16  # workers that know it
        keys.publish("new")
        clock.move_on(COOLDOWN_S)
        new = keys.token("read", key="new")
        assert call(server, new) == 200
        lines = [stack.enter_context(contextlib.closing(Line(server))) for _ in range(16)]
        wait_until(lambda: {line.call(old) for line in lines} == {401}, "the end of the old key")
        assert {line.call(new) for line in lines} == {200}
    assert fetches(keys) == 2


# ---- discovery ----


def discover(program, keys, backend, metadata):
    keys.server.route("/.well-known/openid-configuration", 200, None, metadata)
    return Server(program, "--validate-tokens", "--issuer", keys.issuer, "--audience", keys.audience,
                  "--backend-url", backend.url)  # fmt: skip


@pytest.mark.parametrize("suffix", ["/", "#", "/x", "%2f", " "])
def test_metadata_that_is_not_believed(program, keys, backend, suffix):
    """RFC 8414, section 3.3: the issuer is exactly ours."""
    metadata = {"issuer": keys.issuer + suffix, "jwks_uri": keys.jwks_url}
    with discover(program, keys, backend, metadata) as server:
        wait_until(lambda: "metadata is of another issuer" in server.log(), "the reason")
        assert call(server, keys.token("read")) == 503
    assert fetches(keys) == 0 and not backend.requests


@pytest.mark.parametrize(
    "url, reason",
    [
        ("http://keys.example/jwks", "jwks_uri is no https URL"),
        ("http://169.254.169.254/latest/meta-data", "jwks_uri is no https URL"),
        ("https://169.254.169.254/latest/meta-data", "address"),
        ("https://10.0.0.1/jwks", "address"),
        ("https://[::ffff:192.168.0.1]/jwks", "address"),
        ("https://[fe80::1]/jwks", "address"),
        ("file:///etc/passwd", "jwks_uri is no https URL"),
        ("https://user@keys.example/jwks", "jwks_uri is no https URL"),
    ],
)
def test_every_address_is_checked(program, keys, backend, url, reason):
    """Also what metadata names; the address that is connected to counts, not the name."""
    with discover(program, keys, backend, {"issuer": keys.issuer, "jwks_uri": url}) as server:
        wait_until(lambda: "cannot be fetched" in server.log(), "the refusal")
        line = next(line for line in server.log().splitlines() if "cannot be fetched" in line)
        assert reason in line, line
        assert call(server, keys.token("read")) == 503
    assert not backend.requests


# ---- tokens that are known ----


def spoilt(token):
    """Another payload under the same signature."""
    header, claims, signature = token.split(".")
    at = len(claims) // 2
    return f"{header}.{claims[:at]}{'A' if claims[at] != 'A' else 'B'}{claims[at + 1:]}.{signature}"


def hits(server):
    metrics = server.request("GET", "/metrics")[2].decode()
    return int(re.search(r'token_cache_total\{outcome="hit"\} (\d+)', metrics)[1])


def test_a_known_token(program, keys, backend, clock):
    """What is known is who calls, until the token's end; what it may do is decided each time."""
    token = keys.token("read", ttl="10m")
    with start(program, keys, backend, "--metrics", env=clock.env) as server, contextlib.closing(
        Line(server)
    ) as line:
        assert [line.call(token) for _ in range(5)] == [200] * 5
        assert hits(server) == 4
        assert line.call(spoilt(token)) == 401
        assert call(server, token, "addThing") == 403
        assert line.call(token) == 200
        clock.set_calendar(600 + 61)  # the leeway is 60 s
        assert line.call(token) == 401
        clock.set_calendar(0)
    assert len(backend.requests) == 6


def test_a_flood_of_good_tokens(program, keys, backend):
    """The table is bounded, and the token in use stays in it."""
    good = keys.token("read")
    args = ("--metrics", "--limit-token-cache-bytes", 65536, "--workers", 1)
    with Server(
        program, *keys.server_args(), "--backend-url", backend.url, *args
    ) as server, contextlib.closing(Line(server)) as line:
        for _ in range(3):
            assert line.call(good) == 200
        for _ in range(300):
            assert line.call(keys.token("read")) == 200
            assert line.call(good) == 200
        assert hits(server) >= 302


# ---- introspection ----


class Asked:
    """An authorization server that is asked, and the server that asks it."""

    def __init__(self, compile_server, folder):
        self.authorization, self.backend = Backend(), Backend()
        (folder / "spec.json").write_text(json.dumps(SPEC))
        (folder / "asking.mcpp").write_text(
            ASKING.replace("ENDPOINT", self.authorization.url + "/ask")
        )
        self.program = compile_server(folder / "asking.mcpp")

    def start(self, *args, env=None):
        return Server(self.program, "--validate-tokens", "--backend-url", self.backend.url,
                      *args, env={**SECRETS, **(env or {})})  # fmt: skip

    def say(self, **claims):
        found = {"active": True, "iss": "https://partner.example", "aud": "us", "sub": "alice",
                 "exp": int(time.time()) + 300, "scope": "read", **claims}  # fmt: skip
        found = {name: value for name, value in found.items() if value is not ...}
        self.authorization.answer(200, None, found)

    def close(self):
        self.authorization.close()
        self.backend.close()


@pytest.fixture
def asked(compile_server, tmp_path):
    with contextlib.closing(Asked(compile_server, tmp_path)) as found:
        yield found


SAID = {
    "active": ({}, 200),
    "not active": ({"active": False}, 401),
    "active is missing": ({"active": ...}, 401),
    "a string": ({"active": "true"}, 401),
    "a number": ({"active": 1}, 401),
    "over": ({"exp": 1}, 401),
    "another audience": ({"aud": "them"}, 401),
    "another issuer": ({"iss": "https://other.example"}, 401),
    "without the scope": ({"scope": "write"}, 403),
}


def test_what_an_introspection_says(asked):
    with asked.start() as server:
        for number, (what, (claims, wanted)) in enumerate(SAID.items()):
            asked.say(**claims)
            assert call(server, f"opaque-{number}") == wanted, what
    assert len(asked.backend.requests) == 1
    for request in asked.authorization.requests:  # the token is in the body and nowhere else
        assert b"token=opaque-" in request.body
        assert "opaque" not in request.path + json.dumps(request.headers)


@pytest.mark.parametrize(
    "answer",
    [
        (401, {}, b'{"error":"invalid_client"}'),
        (403, {}, b""),
        (500, {}, b""),
        (302, {"Location": "/yes"}, b""),
        (200, {}, b"<html>"),
        (200, {}, b"[true]"),
        (200, {}, b'{"active":true,"active":true}'),
        lambda _: None,
        much,
        hang,
    ],
    ids=["401", "403", "500", "redirect", "html", "array", "doubled", "hang up", "1 GB", "timeout"],
)
def test_an_introspection_that_fails(asked, answer):
    """503 and never a yes, whoever it is that failed."""
    asked.authorization.routes["/ask"] = answer
    with asked.start("--limit-jwks-ms", 1000) as server:
        status, headers, _ = server.call_tool("listThings", token="opaque")
        assert status == 503 and headers["Retry-After"] and "WWW-Authenticate" not in headers
    assert not asked.backend.requests
    assert {request.path for request in asked.authorization.requests} == {"/ask"}


def test_one_question_for_many(asked):
    """Those who come with the same token while it is asked about wait for the one answer."""
    with asked.start("--workers", 1) as server, contextlib.ExitStack() as stack:
        lines = [stack.enter_context(contextlib.closing(Line(server))) for _ in range(50)]
        asked.say()
        reply = asked.authorization.reply

        def slow(_):
            wait_until(lambda: len(sent) == len(lines), "all callers")
            return reply

        sent = []
        asked.authorization.answer_with(slow)
        for line in lines:
            headers = {"Content-Type": "application/json", "Accept": "application/json",
                       "MCP-Protocol-Version": "2025-06-18", "Authorization": "Bearer opaque"}  # fmt: skip
            line.connection.request("POST", "/mcp", line.body, headers)
            sent.append(line)
        assert [line.connection.getresponse().status for line in lines] == [200] * len(lines)
    assert len(asked.authorization.requests) == 1


def test_an_answer_is_believed_for_a_time(asked, clock):
    """No longer than the policy says, and no longer than the token's own end."""
    with asked.start("--workers", 1, env=clock.env) as server:
        for token, ends_in, asked_before in (("long", 300, 0), ("short", 10, 1)):
            asked.say(exp=int(time.time()) + ends_in)
            assert [call(server, token) for _ in range(3)] == [200] * 3
            assert len(asked.authorization.requests) == asked_before + 1
        asked.say(active=False)
        clock.set_calendar(50)
        assert call(server, "long") == 200
        clock.set_calendar(10 + 61 + 60)
        assert call(server, "short") == 401 and call(server, "long") == 401
        for _ in range(3):
            assert call(server, "long") == 401  # a no is believed too
    assert len(asked.authorization.requests) == 4


# ---- memory ----


def test_memory_is_nobody_elses(program, keys, backend):
    """Not dumpable: the files of the process belong to root, whoever runs it, and no core is written."""
    with start(program, keys, backend) as server:
        limits = pathlib.Path(f"/proc/{server.process.pid}/limits").read_text()
        assert re.search(r"Max core file size +0 +0", limits)
        assert pathlib.Path(f"/proc/{server.process.pid}/environ").stat().st_uid == 0


# ---- the calendar ----


def test_the_calendar_jumps(program, keys, backend, clock):
    """Claims go by the calendar, lifetimes do not: a jump ends no key set and asks for none."""
    token = keys.token("read", ttl="30m")
    with start(program, keys, backend, env=clock.env) as server, contextlib.closing(
        Line(server)
    ) as line:
        # an hour back it is from the future: one worker knows it, to another it is not valid yet
        for seconds, wanted in [(0, 200), (3600, 401), (0, 200), (-3600, 200), (0, 200),
                                (400 * 86400, 401), (0, 200)]:  # fmt: skip
            clock.set_calendar(seconds)
            assert line.call(token) == wanted, seconds
        clock.set_calendar(-3600)
        assert line.call(keys.token("read")) == 401
        assert fetches(keys) == 1
