"""Tokens that are bound to something: S15, to a key that the caller proves to have with each request
(DPoP, RFC 9449); S16, to the certificate that it shows over TLS (RFC 8705)."""

import base64
import hashlib
import http.client
import json
import re
import secrets
import ssl
import time
import urllib.parse
import urllib.request

import pytest
import services
from certificates import Authority
from conftest import DEADLINE_S, Backend, Server
from forge import Forge, b64, encode

AUDIENCE = "https://mcp.example/api"
PUBLIC_URL = "https://mcp.example/mcp"
SPEC = {
    "openapi": "3.1.0",
    "info": {"title": "Bound", "version": "1"},
    "servers": [{"url": "http://127.0.0.1:9"}],
    "paths": {
        "/things": {
            "get": {"operationId": "listThings", "responses": {"200": {"description": "ok"}}}
        }
    },
}
POLICY = """mcpp 1
api "spec.json"
verifier main jwt {{
    issuer   "https://issuer.example"
    audience "nobody"
    bound    {bound}
}}
accept main
tool listThings GET /things needs token
"""
BODY = json.dumps(
    {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {
            "name": "listThings",
            "arguments": {},
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientInfo": {"name": "bound", "version": "1"},
                "io.modelcontextprotocol/clientCapabilities": {},
            },
        },
    }
).encode()
HEADERS = {
    "Content-Type": "application/json",
    "Accept": "application/json",
    "MCP-Protocol-Version": "2026-07-28",
    "Mcp-Method": "tools/call",
    "Mcp-Name": "listThings",
}


def thumbprint(jwk):
    members = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    text = json.dumps(members, separators=(",", ":"), sort_keys=True)
    return b64(hashlib.sha256(text.encode()).digest())


class Bound:
    """A server whose policy wants bound tokens, and the keys that they are bound to."""

    def __init__(self, compile_server, mcpc, folder, bound, *args):
        self.issuer, self.backend = Backend(), Backend()
        self.forge = Forge(mcpc, folder, self.issuer.url, AUDIENCE, "")
        self.issuer.route("/jwks", 200, None, {"keys": self.forge.published})
        (folder / "spec.json").write_text(json.dumps(SPEC))
        (folder / "bound.mcpp").write_text(POLICY.format(bound=bound))
        self.key = {n: v for n, v in self.forge.jwk("atkec").items() if n in "crv kty x y"}
        self.server = Server(
            compile_server(folder / "bound.mcpp"), "--validate-tokens", "--issuer", self.issuer.url,
            "--jwks", self.issuer.url + "/jwks", "--audience", AUDIENCE,
            "--backend-url", self.backend.url, *args,
        )  # fmt: skip
        self.server.__enter__()

    def close(self):
        self.server.__exit__(None, None, None)
        self.issuer.close()
        self.backend.close()

    def token(self, **more):
        return self.forge.token(**{"cnf": {"jkt": thumbprint(self.key)}, **more})

    def proof(self, token, header=None, key="atkec", **claims):
        found = {"alg": "ES256", "typ": "dpop+jwt", "jwk": self.key, **(header or {})}
        ath = b64(hashlib.sha256(token.encode()).digest())
        payload = {"htm": "POST", "htu": PUBLIC_URL, "iat": int(time.time()), "ath": ath,
                   "jti": secrets.token_hex(8), **claims}  # fmt: skip
        found = {name: value for name, value in found.items() if value is not ...}
        payload = {name: value for name, value in payload.items() if value is not ...}
        return self.forge.sign(found, payload, key=key)

    def send(self, *headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=DEADLINE_S)
        try:
            connection.putrequest("POST", "/mcp")
            for name, value in [*HEADERS.items(), ("Content-Length", str(len(BODY))), *headers]:
                connection.putheader(name, value)
            connection.endheaders(BODY)
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer.getheader("WWW-Authenticate") or "", answer
        finally:
            connection.close()

    def show(self, token, proof, scheme="DPoP"):
        headers = [("Authorization", f"{scheme} {token}")]
        return self.send(*headers, *([("DPoP", proof)] if proof is not None else []))


@pytest.fixture(scope="module")
def dpop(compile_server, mcpc, tmp_path_factory):
    found = Bound(compile_server, mcpc, tmp_path_factory.mktemp("dpop"), "dpop",
                  "--public-url", PUBLIC_URL)  # fmt: skip
    yield found
    found.close()


def expect_bad_proof(answer):
    status, challenge, _ = answer
    assert status == 401
    assert challenge.startswith("DPoP ") and 'error="invalid_dpop_proof"' in challenge
    assert re.search(r'algs="[^"]*ES256', challenge)


def test_a_good_proof(dpop):
    token = dpop.token()
    for _ in range(3):  # the token is known the second time, the proof is looked at each time
        assert dpop.show(token, dpop.proof(token))[0] == 200
    assert dpop.show(token, dpop.proof(token), scheme="dpop")[0] == 200


def test_no_token_is_asked_for_with_the_scheme(dpop):
    status, challenge, _ = dpop.send()
    assert status == 401 and challenge.startswith("DPoP ") and "error=" not in challenge
    status, _, body = dpop.server.request("GET", "/.well-known/oauth-protected-resource")
    metadata = json.loads(body)
    assert status == 200 and metadata["dpop_bound_access_tokens_required"] is True
    assert "ES256" in metadata["dpop_signing_alg_values_supported"]


def test_a_replayed_proof(dpop):
    token = dpop.token()
    proof = dpop.proof(token)
    assert dpop.show(token, proof)[0] == 200
    expect_bad_proof(dpop.show(token, proof))
    jti = secrets.token_hex(8)
    assert dpop.show(token, dpop.proof(token, jti=jti))[0] == 200
    expect_bad_proof(dpop.show(token, dpop.proof(token, jti=jti)))


@pytest.mark.parametrize(
    "claims",
    [
        {"htm": "GET"}, {"htm": ...}, {"htu": "https://mcp.example/other"}, {"htu": ...},
        {"htu": "https://evil.example/mcp"}, {"ath": b64(bytes(32))}, {"ath": ...},
        {"iat": 1000000000}, {"iat": 9999999999}, {"iat": ...}, {"jti": ...}, {"jti": ""},
    ],
    ids=str,
)  # fmt: skip
def test_a_proof_for_something_else(dpop, claims):
    token = dpop.token()
    expect_bad_proof(dpop.show(token, dpop.proof(token, **claims)))


def test_a_proof_of_another_token(dpop):
    mine, stolen = dpop.token(), dpop.token(sub="bob")
    expect_bad_proof(dpop.show(stolen, dpop.proof(mine)))


def test_keys_that_do_not_do(dpop):
    token = dpop.token()
    other = {n: v for n, v in dpop.forge.jwk("es1").items() if n in "crv kty x y"}
    expect_bad_proof(dpop.show(token, dpop.proof(token, {"jwk": other}, key="es1")))
    expect_bad_proof(dpop.show(token, dpop.proof(token, key="es1")))
    expect_bad_proof(dpop.show(token, dpop.proof(token, {"jwk": {**dpop.key, "d": b64(bytes(32))}})))
    expect_bad_proof(dpop.show(token, dpop.proof(token, {"typ": "JWT"})))
    expect_bad_proof(dpop.show(token, dpop.proof(token, {"jwk": ...})))
    expect_bad_proof(dpop.show(token, dpop.proof(token)[:-4]))
    unsigned = f"{b64(encode({'alg': 'none', 'typ': 'dpop+jwt', 'jwk': dpop.key}))}.e30."
    expect_bad_proof(dpop.show(token, unsigned))
    expect_bad_proof(dpop.show(token, None))
    expect_bad_proof(dpop.show(token, "x"))
    two = [("DPoP", dpop.proof(token)), ("DPoP", dpop.proof(token))]
    expect_bad_proof(dpop.send(("Authorization", f"DPoP {token}"), *two))


def test_a_bound_token_is_no_bearer_token(dpop):
    token = dpop.token()
    for proof in (None, dpop.proof(token)):
        status, challenge, _ = dpop.show(token, proof, scheme="Bearer")
        assert status == 401 and 'error="invalid_token"' in challenge
    bearer = dpop.forge.token()
    for scheme in ("Bearer", "DPoP"):
        status, challenge, _ = dpop.show(bearer, dpop.proof(bearer), scheme=scheme)
        assert status == 401 and 'error="invalid_token"' in challenge


def test_nothing_refused_reaches_the_backend(dpop):
    calls = len(dpop.backend.requests)
    token = dpop.token()
    dpop.show(token, dpop.proof(token, htm="GET"))
    assert len(dpop.backend.requests) == calls


def test_a_nonce_of_the_server(compile_server, mcpc, tmp_path):
    server = Bound(compile_server, mcpc, tmp_path, "dpop nonce", "--public-url", PUBLIC_URL)
    try:
        token = server.token()
        status, challenge, answer = server.show(token, server.proof(token))
        nonce = answer.getheader("DPoP-Nonce")
        assert status == 401 and 'error="use_dpop_nonce"' in challenge and nonce
        assert server.show(token, server.proof(token, nonce=nonce))[0] == 200
        made_up = server.show(token, server.proof(token, nonce=nonce[:-4] + "AAAA"))
        assert made_up[0] == 401 and 'error="use_dpop_nonce"' in made_up[1]
    finally:
        server.close()


# ---- S16 ----


def certificate_digest(path):
    der = ssl.PEM_cert_to_DER_cert(open(path).read())
    return b64(hashlib.sha256(der).digest())


def test_a_token_of_a_certificate(compile_server, mcpc, tmp_path):
    authority = Authority(tmp_path)
    own, alice, eve = (authority.issue(name) for name in ("localhost", "alice", "eve"))
    server = Bound(compile_server, mcpc, tmp_path, "mtls", "--tls-cert", own[0], "--tls-key", own[1],
                   "--client-certificates", "any")  # fmt: skip

    def call(token, client, **more):
        context = ssl.create_default_context(cafile=str(authority.certificate))
        if client:
            context.load_cert_chain(*map(str, client))
        connection = http.client.HTTPSConnection(
            "localhost", server.server.port, timeout=DEADLINE_S, context=context
        )
        try:
            headers = {**HEADERS, "Authorization": f"Bearer {token}", **more}
            connection.request("POST", "/mcp", BODY, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheader("WWW-Authenticate") or ""
        finally:
            connection.close()

    try:
        bound = server.forge.token(cnf={"x5t#S256": certificate_digest(alice[0])})
        assert call(bound, alice)[0] == 200
        assert call(bound, alice)[0] == 200
        address = f"https://localhost:{server.server.port}/.well-known/oauth-protected-resource"
        context = ssl.create_default_context(cafile=str(authority.certificate))
        with urllib.request.urlopen(address, timeout=DEADLINE_S, context=context) as answer:
            assert json.load(answer)["tls_client_certificate_bound_access_tokens"] is True
        forged = {"X-Client-Cert": open(alice[0]).read().replace("\n", ""),
                  "X-SSL-Client-SHA256": certificate_digest(alice[0])}  # fmt: skip
        for client, more in [(eve, {}), (None, {}), (eve, forged), (None, forged)]:
            status, challenge = call(bound, client, **more)
            assert status == 401 and 'error="invalid_token"' in challenge
        assert call(server.forge.token(), alice)[0] == 401  # not bound at all
    finally:
        server.close()


NGINX = """
server {{
  listen 127.0.0.1:{port} ssl; ssl_certificate {own[0]}; ssl_certificate_key {own[1]};
  ssl_client_certificate {ca}; ssl_verify_client optional_no_ca;
  location / {{
    proxy_pass http://127.0.0.1:{server}; proxy_http_version 1.1; proxy_set_header Connection "";
    proxy_set_header Host localhost; proxy_set_header X-Cert $ssl_client_escaped_cert;
  }}
}}
"""
HAPROXY = """
defaults
    mode http
    timeout connect 10s
    timeout client 30s
    timeout server 30s
listen mcp
    bind 127.0.0.1:{port} ssl crt {pem} ca-file {ca} verify optional
    http-request del-header X-Cert
    http-request set-header X-Cert ":%[ssl_c_der,base64]:" if {{ ssl_c_used }}
    http-request set-header Host localhost
    server one 127.0.0.1:{server}
"""


def front(kind, folder, authority, own, server):
    """A real proxy that ends TLS and tells the certificate: nginx in PEM, HAProxy as RFC 9440 has it."""
    port = services.free_port()
    known = {"port": port, "own": own, "ca": authority.certificate, "server": server.server.port}
    if kind == "nginx":
        return services.nginx(folder, NGINX.format(**known), port)
    pem = folder / "own.pem"
    pem.write_text(own[0].read_text() + own[1].read_text())
    (folder / "haproxy.cfg").write_text(HAPROXY.format(pem=pem, **known))
    command = [services.program("haproxy"), "-db", "-q", "-f", folder / "haproxy.cfg"]
    return services.Service(command, port)


@pytest.mark.parametrize("kind", ["nginx", "haproxy"])
def test_a_token_of_a_certificate_that_a_trusted_proxy_saw(compile_server, mcpc, tmp_path, kind):
    authority = Authority(tmp_path)
    own, alice, eve = (authority.issue(name) for name in ("localhost", "alice", "eve"))
    server = Bound(compile_server, mcpc, tmp_path, "mtls", "--trusted-proxy", "127.0.0.1",
                   "--client-certificate-header", "X-Cert")  # fmt: skip
    try:
        token = server.forge.token(cnf={"x5t#S256": certificate_digest(alice[0])})
        forged = {"X-Cert": urllib.parse.quote(alice[0].read_text(), safe="")}
        with front(kind, tmp_path, authority, own, server) as proxy:
            for client, more, wanted in [(alice, {}, 200), (eve, {}, 401), (None, {}, 401),
                                         (eve, forged, 401), (None, forged, 401)]:  # fmt: skip
                context = ssl.create_default_context(cafile=str(authority.certificate))
                if client:
                    context.load_cert_chain(*map(str, client))
                connection = http.client.HTTPSConnection(
                    "localhost", proxy.port, timeout=DEADLINE_S, context=context
                )
                headers = {**HEADERS, "Authorization": f"Bearer {token}", **more}
                connection.request("POST", "/mcp", BODY, headers)
                assert connection.getresponse().status == wanted, (client, more)
                connection.close()
        assert len(server.backend.requests) == 1
    finally:
        server.close()


def test_a_forged_certificate_header(compile_server, mcpc, tmp_path):
    """From who is no trusted proxy it means nothing; from one it must be exactly one certificate."""
    authority = Authority(tmp_path)
    alice, eve = authority.issue("alice"), authority.issue("eve")
    der = ssl.PEM_cert_to_DER_cert(alice[0].read_text())
    plain = base64.b64encode(der).decode()
    pem = urllib.parse.quote(alice[0].read_text(), safe="")
    for trusted, wanted in [("10.0.0.0/8", 401), ("127.0.0.1", 200)]:
        folder = tmp_path / str(wanted)
        folder.mkdir()
        server = Bound(compile_server, mcpc, folder, "mtls", "--trusted-proxy", trusted,
                       "--client-certificate-header", "Client-Cert")  # fmt: skip
        try:
            token = server.forge.token(cnf={"x5t#S256": certificate_digest(alice[0])})
            bearer = ("Authorization", f"Bearer {token}")
            for value in (f":{plain}:", pem):
                assert server.send(bearer, ("Client-Cert", value))[0] == wanted
            twice = [("Client-Cert", f":{plain}:")] * 2
            assert server.send(bearer, *twice)[0] == 401
            for value in ("", plain, f":{plain}", f":{plain}:;a=1", f":{plain[:-4]}:", f": {plain}:",
                          pem + pem, pem[:-30], certificate_digest(alice[0]), "%", "::"):  # fmt: skip
                assert server.send(bearer, ("Client-Cert", value))[0] == 401, value
            other = urllib.parse.quote(eve[0].read_text(), safe="")
            assert server.send(bearer, ("Client-Cert", other))[0] == 401
            assert server.send(bearer, ("X-Client-Cert", pem))[0] == 401
        finally:
            server.close()
