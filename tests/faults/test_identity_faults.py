"""S13 on the flows that find out who calls: new tokens, introspection, proofs of possession, key sets
and metadata. Whoever may call is served or refused, and served the next time; whoever may not is
never let in."""

import base64
import hashlib
import hmac
import json
import secrets
import subprocess
import threading
import time

import pytest
from conftest import Backend, Server, wait_until
from faults import control, library  # noqa: F401  (fixtures)
from faults import is_refusal, once, preloaded, request, sweep, sweep_once

SPEC = {
    "openapi": "3.1.0",
    "info": {"title": "Who", "version": "1"},
    "servers": [{"url": "http://127.0.0.1:9"}],
    "paths": {"/things": {"get": {"operationId": "listThings"}}},
}
TOOL = "tool listThings GET /things needs token\n"
CALL = {"name": "listThings", "arguments": {}}
SECRET = "a secret of more than thirty-two bytes"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def encode(value):
    return b64(json.dumps(value).encode())


def hmac_token(subject, secret=SECRET, **more):
    """Of a verifier with a secret: made in no time, so that each call can bring a new one."""
    claims = {"iss": "https://id.example", "aud": "things", "sub": subject,
              "exp": int(time.time()) + 600, **more}
    text = f"{encode({'alg': 'HS256', 'typ': 'JWT'})}.{encode(claims)}"
    return f"{text}.{b64(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest())}"


@pytest.fixture
def serve(compile_server, tmp_path, library, control, backend):
    """serve(verifiers, *args) -> a server, not entered yet."""

    def make(verifiers, *args, **env):
        (tmp_path / "spec.json").write_text(json.dumps(SPEC))
        policy = tmp_path / "who.mcpp"
        policy.write_text('mcpp 1\napi "spec.json"\n' + verifiers + TOOL)
        return Server(compile_server(policy), "--validate-tokens", "--backend-url", backend.url,
                      "--public-url", "http://127.0.0.1/mcp", *args,
                      env=preloaded(library, control, **env))

    return make


def checker(server, backend, good=None, status=200, refusals=(401, 503)):
    """A check of what comes for a caller who may call (status 200) or may not."""

    def check(found, failed):
        assert server.process.poll() is None, server.log()
        if status == 200:
            assert found is None or found[0] == 200 or (failed and is_refusal(found)), found
        else:
            assert found is None or found[0] in (status, 500, 503), found
            assert not backend.requests, "somebody got in"
        if good:
            assert once(server, good())[0] == 200
            backend.requests.clear()

    return check


SHARED = f"""verifier main jwt {{
    issuer "https://id.example"
    audience "things"
    secret env TOKEN_SECRET
    algorithms HS256
}}
accept main
"""


@pytest.mark.parametrize("form", ["new", "changed", "another secret"])
def test_tokens(serve, control, backend, form):
    """A new one each time, so that none is known already."""
    with serve(SHARED, TOKEN_SECRET=SECRET) as server:
        def good():
            return request("tools/call", CALL, hmac_token(secrets.token_hex(8)))

        def bad():
            secret = SECRET if form == "changed" else SECRET + "!"
            token = hmac_token(secrets.token_hex(8), secret)
            end = "A" if token[-2] != "A" else "B"
            return request("tools/call", CALL,
                           token[:-2] + end + token[-1] if form == "changed" else token)

        make, status = (good, 200) if form == "new" else (bad, 401)
        assert [once(server, make())[0] for _ in range(3)] == [status] * 3
        backend.requests.clear()
        sweep(control, lambda: once(server, make()), checker(server, backend, good, status))


BOUND = SHARED.replace("}\n", "    bound dpop\n}\n", 1)


class Holder:
    """Who holds a key, and proves it."""

    def __init__(self, mcpc, folder):
        subprocess.run([mcpc, "keygen", "--type", "ec", folder / "holder"], check=True,
                       stdout=subprocess.DEVNULL, timeout=60)
        self.path = folder / "holder.key"
        key = json.loads((folder / "holder.jwks.json").read_text())["keys"][0]
        self.key = {name: key[name] for name in ("crv", "kty", "x", "y")}
        text = json.dumps(self.key, separators=(",", ":"), sort_keys=True)
        self.thumbprint = b64(hashlib.sha256(text.encode()).digest())

    def proof(self, token):
        claims = {"htm": "POST", "htu": "http://127.0.0.1/mcp", "iat": int(time.time()),
                  "jti": secrets.token_hex(8), "ath": b64(hashlib.sha256(token.encode()).digest())}
        head = encode({"alg": "ES256", "typ": "dpop+jwt", "jwk": self.key})
        text = f"{head}.{encode(claims)}"
        der = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.path], check=True,
                             input=text.encode(), stdout=subprocess.PIPE, timeout=60).stdout
        first = 4 + der[3]
        r, s = der[4:first], der[first + 2:]
        raw = b"".join(int.from_bytes(part, "big").to_bytes(32, "big") for part in (r, s))
        return f"{text}.{b64(raw)}"


@pytest.mark.parametrize("form", ["good", "another key", "the same again"])
def test_proofs(serve, control, backend, mcpc, tmp_path, form):
    holder = Holder(mcpc, tmp_path)
    thumbprint = "x" * 43 if form == "another key" else holder.thumbprint
    token = hmac_token("alice", cnf={"jkt": thumbprint})
    honest = hmac_token("alice", cnf={"jkt": holder.thumbprint})

    def show(shown, proof):
        return request("tools/call", CALL, headers=[("Authorization", f"DPoP {shown}"),
                                                    ("DPoP", proof)])

    with serve(BOUND, TOKEN_SECRET=SECRET) as server:
        def good():
            return show(honest, holder.proof(honest))

        used = good()
        assert once(server, used)[0] == 200
        make = good if form == "good" else (lambda: used) if form == "the same again" else (
            lambda: show(token, holder.proof(token)))
        status = 200 if form == "good" else 401
        assert [once(server, make())[0] for _ in range(3)] == [status] * 3
        backend.requests.clear()
        check = checker(server, backend, None, status)
        sweep(control, lambda: once(server, make()), check, step=1 if form != "good" else 2)
        assert once(server, good())[0] == 200


class Introspection(Backend):
    def __init__(self):
        super().__init__()
        self.answer_with(self.tell)

    @staticmethod
    def tell(asked):
        form = dict(part.split("=") for part in asked.body.decode().split("&"))
        active = form["token"].startswith("good")
        answer = {"active": True, "sub": form["token"], "exp": int(time.time()) + 600}
        return (200, {"Content-Type": "application/json"},
                json.dumps(answer if active else {"active": False}).encode())


@pytest.mark.parametrize("form", ["good", "bad"])
@pytest.mark.parametrize("lasts", [False, True])
def test_introspection(serve, control, backend, form, lasts):
    with Introspection() as authority:
        policy = f"""verifier asked introspection {{
    endpoint "{authority.url}/introspect"
    client env ID secret env SECRET
}}
accept asked
"""
        with serve(policy, ID="me", SECRET="hidden") as server:
            def make(kind):
                return request("tools/call", CALL, kind + secrets.token_hex(16))

            status = 200 if form == "good" else 401
            assert [once(server, make(form))[0] for _ in range(3)] == [status] * 3
            backend.requests.clear()

            def good():
                # after a failure it rests a while before it asks again
                wait_until(lambda: once(server, make("good"))[0] == 200, "the next question")
                return make("good")

            def check(found, failed):
                assert server.process.poll() is None, server.log()
                if form == "good":
                    assert found is None or found[0] in (200, 500, 503), found
                else:
                    assert found is None or found[0] in (401, 500, 503), found
                    assert not backend.requests, "somebody got in"
                assert once(server, good())[0] == 200
                backend.requests.clear()

            sweep_once(control, lambda: once(server, make(form)), check, lasts,
                       step=11 if lasts else 3)
            assert "hidden" not in server.log()


# ---- keys: each of many issuers is asked once, when nothing of it is known yet ----

ISSUERS = 40


class Issuers(Backend):
    """Key sets and metadata of many issuers; each answers once it is let."""

    def __init__(self, keys, discovered):
        super().__init__()
        self.gates = [threading.Event() for _ in range(ISSUERS)]
        for number in range(ISSUERS):
            path = f"/{number}/keys"
            if discovered:
                metadata = {"issuer": f"{self.url}/{number}", "jwks_uri": self.url + path}
                place = f"/.well-known/oauth-authorization-server/{number}"
                self.routes[place] = self.gated(number, metadata)
                self.routes[path] = (200, {}, json.dumps(keys).encode())
            else:
                self.routes[path] = self.gated(number, keys)
        self.answer(404)

    def gated(self, number, answer):
        def give(_):
            self.gates[number].wait(30)
            return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()

        return give


@pytest.mark.parametrize("discovered", [False, True], ids=["keys", "metadata"])
def test_keys(serve, control, backend, issuer, discovered):
    with Issuers(issuer.jwks("rsa", "ec"), discovered) as issuers:
        policy = ""
        for number in range(ISSUERS):
            keys = "" if discovered else f'jwks "{issuers.url}/{number}/keys"\n'
            policy += (f'verifier v{number} jwt {{\nissuer "{issuers.url}/{number}"\n{keys}'
                       'audience "things"\n}\n')
        policy += "accept " + ", ".join(f"v{number}" for number in range(ISSUERS)) + "\n"
        tokens = [issuer.token(key="ec", iss=f"{issuers.url}/{number}", aud="things")
                  for number in range(ISSUERS)]
        with serve(policy) as server:
            def settled(number):
                """Its keys came, or the fetch failed for want of memory."""
                name = f"issuer {issuers.url}/{number} "
                return any(name in line and ("usable keys" in line or "cannot be fetched" in line)
                           for line in server.lines)

            for number in range(ISSUERS):
                control.fail(1 + number * 3 % 97, lasts=number % 2 == 1)
                issuers.gates[number].set()
                wait_until(lambda n=number: settled(n) or server.process.poll() is not None,
                           "an answer to be read")
                control.stop()
                assert server.process.poll() is None, server.log()
            for token in tokens:
                data = request("tools/call", CALL, token)
                # never 401: a key that had no memory is not a key that is not there
                wait_until(lambda d=data: status_of(server, d) == 200, "the keys")


def status_of(server, data):
    status = once(server, data)[0]
    assert status in (200, 503), status
    return status
