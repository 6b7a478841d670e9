"""The token attacks A1 to A200 of the shared list against the running server: what each must get,
with its challenge, and that nothing of a refused call reaches the backend.

Where the list is stricter than the default policy, the case says so and is repeated with a policy
that is as strict (STRICT_CASES); an array of scopes is accepted. Times of answers are not looked at.
"""

import base64
import http.client
import json
import re
import socket
import time

import pytest
from conftest import DEADLINE_S, Backend, Server
from forge import ORDER, Forge, b64, encode, unb64

LEEWAY_S = 60  # of a policy that does not say
COOLDOWN_S = 30  # between fetches because of unknown key IDs
AUDIENCE = "https://mcp.example/api"
SCOPE = "tools:read"
THUMBPRINT = b64(bytes(32))
SPEC = {
    "openapi": "3.1.0",
    "info": {"title": "Attacked", "version": "1"},
    "servers": [{"url": "http://127.0.0.1:9"}],
    "paths": {
        "/things": {
            "get": {
                "operationId": "listThings",
                "security": [{"login": [SCOPE]}],
                "responses": {"200": {"description": "ok"}},
            }
        }
    },
    "components": {
        "securitySchemes": {
            "login": {
                "type": "oauth2",
                "flows": {
                    "clientCredentials": {
                        "tokenUrl": "https://login.example/token",
                        "scopes": {SCOPE: "Read"},
                    }
                },
            }
        }
    },
}


class Arena:
    """The server under attack, its issuer, its backend, and a server of the attacker's."""

    def __init__(self, program, mcpc, folder):
        self.issuer, self.backend, self.attacker = Backend(), Backend(), Backend()
        self.forge = Forge(mcpc, folder, self.issuer.url, AUDIENCE, SCOPE)
        self.issuer.route("/jwks", 200, None, {"keys": self.forge.published})
        self.attacker.route("/jwks", 200, None, {"keys": [self.forge.jwk("attacker")]})
        self.server = Server(
            program,
            *("--validate-tokens", "--issuer", self.issuer.url),
            *("--jwks", self.issuer.url + "/jwks", "--audience", AUDIENCE),
            *("--backend-url", self.backend.url, "--log-level", "debug"),
        )
        self.started = time.monotonic()
        self.server.__enter__()

    def close(self):
        self.server.__exit__(None, None, None)
        for one in (self.issuer, self.backend, self.attacker):
            one.close()

    def body(self):
        return {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": {
                "name": "listThings",
                "arguments": {},
                "_meta": {
                    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                    "io.modelcontextprotocol/clientInfo": {"name": "attacks", "version": "1"},
                    "io.modelcontextprotocol/clientCapabilities": {},
                },
            },
        }

    def send(self, headers, query="", body=None, content_type="application/json"):
        """One call with exactly these further headers (pairs): (status, challenge, body)."""
        text = json.dumps(self.body()).encode() if body is None else body
        path = re.sub(r"^http://[^/]*", "", self.server.url)
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=DEADLINE_S)
        try:
            connection.putrequest("POST", path + query)
            for name, value in [
                ("Content-Type", content_type),
                ("Accept", "application/json, text/event-stream"),
                ("MCP-Protocol-Version", "2026-07-28"),
                ("Mcp-Method", "tools/call"),
                ("Mcp-Name", "listThings"),
                ("Content-Length", str(len(text))),
                *headers,
            ]:
                connection.putheader(name, value)
            connection.endheaders(text)
            answer = connection.getresponse()
            challenge = answer.getheader("WWW-Authenticate") or ""
            return answer.status, challenge, answer.read().decode()
        finally:
            connection.close()

    def send_raw(self, lines):
        """The same with header lines as bytes, line ends included, that no client would write."""
        text = json.dumps(self.body()).encode()
        path = re.sub(r"^http://[^/]*", "", self.server.url)
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\n"
        head += "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
        head += "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\n"
        head += f"Mcp-Name: listThings\r\nConnection: close\r\nContent-Length: {len(text)}\r\n"
        with socket.create_connection(("127.0.0.1", self.server.port), DEADLINE_S) as connection:
            connection.sendall(head.encode() + lines + b"\r\n" + text)
            answer = b""
            while part := connection.recv(65536):
                answer += part
        return int(answer.split(b" ", 2)[1]), "", answer.decode(errors="replace")


POLICY = """mcpp 1
api "spec.json"
verifier main jwt {
    issuer     "https://issuer.example"
    audience   "nobody"
    algorithms RS256 PS256 ES256 ES384 EdDSA
}
accept main
scope "tools:read"
tool listThings GET /things needs "tools:read"
"""
STRICT = POLICY.replace("algorithms", "leeway     30s\n    profile    rfc9068\n    algorithms")


def make_arena(compile_server, mcpc, folder, policy):
    (folder / "spec.json").write_text(json.dumps(SPEC))
    path = folder / "attacked.mcpp"
    path.write_text(policy)
    return Arena(compile_server(path), mcpc, folder)


@pytest.fixture(scope="module")
def arena(compile_server, mcpc, tmp_path_factory):
    found = make_arena(compile_server, mcpc, tmp_path_factory.mktemp("attacks"), POLICY)
    yield found
    found.close()


@pytest.fixture(scope="module")
def strict(compile_server, mcpc, tmp_path_factory):
    """The list's own choices: a leeway of 30 s, and the profile of RFC 9068."""
    found = make_arena(compile_server, mcpc, tmp_path_factory.mktemp("strict"), STRICT)
    yield found
    found.close()


# ---- the cases: number -> (what, function of the forge that gives the token, status) ----

CASES = {}


def case(numbers, what, make, *statuses):
    """One number, or a list of (number, argument) with `make` taking the argument too."""
    for entry in [(numbers,)] if isinstance(numbers, int) else numbers:
        number, *arguments = entry
        label = what.format(*arguments) if arguments else what
        CASES[number] = (label, make, arguments, statuses)


def now(seconds):
    return int(time.time()) + seconds


# accepted
case(1, "valid RS256", lambda f: f.token(), 200)
case(2, "valid PS256",
     lambda f: f.sign(f.header(alg="PS256", kid="ps1"), f.claims(), key="ps1", pss=32), 200)
case(3, "valid ES256", lambda f: f.ec_token(), 200)
case(4, "valid ES384", lambda f: f.sign(
    f.header(alg="ES384", kid="es384"), f.claims(), key="es384", digest="sha384"), 200)
case(5, "valid EdDSA",
     lambda f: f.sign(f.header(alg="EdDSA", kid="ed1"), f.claims(), key="ed1"), 200)
case(6, "JWK without alg",
     lambda f: f.sign(f.header(kid="noalg"), f.claims(), key="noalg"), 200)
case(7, "aud array containing us", lambda f: f.token(aud=["x", AUDIENCE]), 200)
case([(8, "application/at+jwt"), (9, "AT+JWT")], "typ {}", lambda f, t: f.token({"typ": t}), 200)
case(10, "exp within leeway", lambda f: f.token(exp=now(20 - LEEWAY_S)), 200)
case(11, "nbf within leeway", lambda f: f.token(nbf=now(LEEWAY_S - 20)), 200)
case(12, "exp with a fraction", lambda f: f.token(exp=now(300) + 0.5), 200)
case(13, "no nbf, no iat", lambda f: f.token(iat=...), 200)
case(14, "unknown header and claim", lambda f: f.token({"x-y": 1}, z={"a": [1]}), 200)
case(15, "no kid, one usable key",
     lambda f: f.sign(f.header(alg="EdDSA", kid=...), f.claims(), key="ed1"), 200)
case(16, "several spaces in scope", lambda f: f.token(scope=f" a  {SCOPE}   b "), 200)
case(18, "white space in the header",
     lambda f: f.sign(' { "alg" :\t"RS256" ,\n"kid": "rs1" , "typ":"at+jwt" } ', f.claims()), 200)
case(19, "escapes in claims", lambda f: f.raw_claims(scope='"tools\\u003aread"', sub='"\\u00e9"'), 200)

# algorithms
case([(20, "none"), (21, "None"), (22, "NONE"), (23, "nOnE"), (24, " none"), (25, "none ")],
     "alg {!r}", lambda f, alg: f.unsigned(alg=alg), 401)
case(26, "alg none with a signature", lambda f: f.unsigned(b"garbage", alg="none"), 401)
case([(27, ...), (28, 7), (29, ""), (30, "rs256"), (31, "RS256\0")], "alg {!r}",
     lambda f, alg: f.token({"alg": alg}), 401)


def public_secret(f, kind):
    pem = f.path("rs1", ".pem").read_bytes()
    der = b"".join(pem.split(b"\n")[1:-2])
    return {
        "PEM": lambda: pem,
        "PEM stripped": lambda: pem.strip(),
        "DER": lambda: base64.b64decode(der),
        "modulus": lambda: unb64(f.jwk("rs1")["n"]),
        "JWK": lambda: json.dumps(f.jwk("rs1")).encode(),
        "empty": lambda: b"",
    }[kind]()


case([(32, "PEM"), (33, "PEM stripped"), (34, "DER"), (35, "modulus"), (36, "JWK"), (37, "empty")],
     "HS256 with the public key as {}", lambda f, kind: f.hmac_token(public_secret(f, kind)), 401)
case(38, "HS256 with a published oct key", lambda f: f.hmac_token(f.oct_secret, kid="oct"), 401)
case(39, "RS256 with a key for PS256",
     lambda f: f.sign(f.header(kid="ps1"), f.claims(), key="ps1"), 401)
case(40, "PS256 with a key for RS256",
     lambda f: f.sign(f.header(alg="PS256"), f.claims(), pss=32), 401)
case(41, "PS256 with an RS256 signature", lambda f: f.token({"alg": "PS256"}), 401)
case(42, "PS256 with a short salt",
     lambda f: f.sign(f.header(alg="PS256", kid="ps1"), f.claims(), key="ps1", pss=20), 401)
case(43, "RS384", lambda f: f.sign(f.header(alg="RS384"), f.claims(), digest="sha384"), 401)
case(44, "SHA-1 under RS256", lambda f: f.sign(f.header(), f.claims(), digest="sha1"), 401)
case(45, "ES256 with an RSA kid", lambda f: f.ec_token({"kid": "rs1"}), 401)
case(46, "RS256 with an EC kid", lambda f: f.token({"kid": "es1"}), 401)
case(47, "EdDSA with an EC kid", lambda f: f.ec_token({"alg": "EdDSA"}), 401)
case(48, "ES256K", lambda f: f.ec_token({"alg": "ES256K", "kid": "k1"}, key="k1"), 401)
case(49, "ES256 with a secp256k1 key", lambda f: f.ec_token({"kid": "k1"}, key="k1"), 401)

# signatures
case(50, "signature of other claims",
     lambda f: f.token().rsplit(".", 1)[0] + "." + f.token().rsplit(".", 1)[1], 401)
case(51, "one bit flipped",
     lambda f: f.with_signature(lambda s: bytes([s[0] ^ 1]) + s[1:]), 401)
case(52, "empty signature", lambda f: f.with_signature(b""), 401)
case(53, "signature cut by 1", lambda f: f.with_signature(lambda s: s[:-1]), 401)
case(54, "leading zero byte", lambda f: f.with_signature(lambda s: b"\0" + s), 401)
case(55, "all zero", lambda f: f.with_signature(bytes(256)), 401)
case(56, "signature 1", lambda f: f.with_signature(bytes(255) + b"\1"), 401)


def pair(r, s, size=32):
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


case([(57, 0), (58, ORDER), (59, 1)], "ES256 r = s = {}",
     lambda f, value: f.with_signature(pair(value, value), alg="ES256"), 401)
case(60, "ES256 in DER", lambda f: f.der_token(), 401)
case(61, "ES256 with padded halves", lambda f: f.with_signature(
    lambda s: bytes(32) + s[:32] + bytes(32) + s[32:], alg="ES256"), 401)
case(62, "ES256 s + n", lambda f: f.with_signature(
    lambda s: s[:32] + (int.from_bytes(s[32:], "big") + ORDER).to_bytes(33, "big"), alg="ES256"), 401)


# keys that the token brings or names
def attacker_token(f, **header):
    return f.sign(f.header(**header), f.claims(), key="attacker")


case(63, "embedded jwk", lambda f: attacker_token(f, kid=..., jwk=f.jwk("attacker")), 401)
case(64, "embedded jwk, known kid", lambda f: attacker_token(f, jwk=f.jwk("attacker")), 401)
case([(65, "jku"), (66, "x5u")], "{} of the attacker",
     lambda f, name: attacker_token(f, kid="attacker", **{name: f.attacker_url + "/jwks"}), 401)
case(67, "x5c of the attacker", lambda f: attacker_token(f, kid=..., x5c=[f.certificate()]), 401)
case([(68, "../../../../dev/null"), (69, "x' OR '1'='1"), (70, "/proc/self/environ"), (71, "|id"),
      (72, "%00rs1"), (73, "rs1\0"), (74, "RS1"), (75, "rs1 "), (76, " rs1"), (77, "A" * 2000),
      (78, "")], "kid {!r:.30}", lambda f, kid: attacker_token(f, kid=kid), 401)
case(79, "kid no string", lambda f: f.token({"kid": 1}), 401)
case(80, "kid with a NUL, well signed", lambda f: f.token({"kid": "rs1\0"}), 401)
case(81, "unknown kid", lambda f: f.token({"kid": "nobody"}), 401)
case([(82, "enc"), (83, "ops"), (84, "small"), (90, "dup")], "key {!r}", lambda f, kid: f.sign(
    f.header(kid=kid), f.claims(), key="dup1" if kid == "dup" else kid), 401)
case(85, "key with e = 1", lambda f: f.e1_token(), 401)
case(86, "even modulus", lambda f: f.with_signature(lambda s: s, kid="even"), 401)
case([(87, "off"), (88, "p384")], "EC key {!r}", lambda f, kid: f.ec_token({"kid": kid}), 401)
case(89, "key type from the future", lambda f: f.token({"kid": "future"}), 401)

# header
case([(91, ["exp"]), (92, []), (93, "exp"), (94, ["alg"])], "crit {!r}",
     lambda f, crit: f.token({"crit": crit}), 401)
case(95, "crit b64", lambda f: f.token({"crit": ["b64"], "b64": False}), 401)
case(96, "alg twice, last none", lambda f: f.sign(
    '{"alg":"RS256","kid":"rs1","typ":"at+jwt","alg":"none"}', f.claims()), 401)
case(97, "kid twice", lambda f: f.sign(
    '{"alg":"RS256","kid":"rs1","typ":"at+jwt","kid":"rs1"}', f.claims()), 401)
case(100, "header is an array", lambda f: f.sign("[]", f.claims()), 401)
case(101, "garbage after the header",
     lambda f: f.sign(encode(f.header()) + b"x", f.claims()), 401)
case(102, "header with a BOM",
     lambda f: f.sign(b"\xef\xbb\xbf" + encode(f.header()), f.claims()), 401)
case(112, "typ JWT (the profile of RFC 9068 is not asked for)",
     lambda f: f.token({"typ": "JWT"}), 200)
case(113, "no typ (likewise)", lambda f: f.token({"typ": ...}), 200)
case([(114, "dpop+jwt"), (115, "logout+jwt")], "typ {}", lambda f, t: f.token({"typ": t}), 401)
case(116, "ID token", lambda f: f.token({"typ": "JWT"}, aud="client", nonce="n", scope=...), 401)
case(117, "nested", lambda f: f.sign(f.header(cty="JWT"), f.token().encode()), 401)

# claims as JSON
case(98, "aud twice", lambda f: f.sign(
    f.header(), encode(f.claims())[:-1] + b',"aud":"x"}'), 401)
case(99, "aud twice by an escape", lambda f: f.sign(
    f.header(), encode(f.claims())[:-1] + b',"\\u0061ud":"x"}'), 401)
case([(103, b"hello"), (104, b"[]"), (105, b"null"), (106, b""), (109, b"{}/* */"),
      (111, b"{'iss':'x'}")], "claims {!r}", lambda f, claims: f.sign(f.header(), claims), 401)
case(107, "claims not UTF-8", lambda f: f.sign(
    f.header(), encode(f.claims())[:-1] + b',"x":"\xff"}'), 401)
case(108, "claims nested 2,000 deep",
     lambda f: f.raw_claims(x="[" * 2000 + "]" * 2000), 401)
case(110, "NUL and more after the claims",
     lambda f: f.sign(f.header(), encode(f.claims()) + b"\0junk"), 401)

# the form
case(118, "two parts", lambda f: f.token().rsplit(".", 1)[0], 401)
case(119, "four parts", lambda f: f.token() + ".", 401)
case(120, "four parts with a tail", lambda f: f.token() + ".AAAA", 401)


def jwe(f, **header):
    return ".".join([b64(encode({"enc": "A256GCM", **header})), "AAAA", "AAAA", "AAAA", "AAAA"])


case(121, "JWE", lambda f: jwe(f, alg="RSA-OAEP"), 401)
case(122, "JWE with endless PBES2", lambda f: jwe(f, alg="PBES2-HS256+A128KW", p2c=2**31 - 1), 401)
case(123, "JWE with compression", lambda f: jwe(f, alg="dir", zip="DEF"), 401)
case([(124, ".."), (125, "." * 60000)], "only dots: {!r:.10}", lambda f, dots: dots, 400, 401, 431)


def padded(f):
    header = encode(f.header())
    header += b" " * ((1 - len(header)) % 3)  # so that its text would end in "=="
    text = f"{b64(header)}==.{b64(encode(f.claims()))}"
    return f"{text}.{b64(f.signature(text.encode()))}"


def standard(f):
    claims = encode(f.claims())[:-1] + b',"x":"'
    claims += b"\xc3\xbf?>~" * 8 + b'"}'
    parts = f"{b64(encode(f.header()))}.{b64(claims)}"
    text = parts.replace("-", "+").replace("_", "/")
    assert text != parts
    return f"{text}.{b64(f.signature(text.encode()))}"


def stray_bits(f):
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    token = f.token()
    return token[:-1] + alphabet[alphabet.index(token[-1]) | 1]


case(126, "padding kept", padded, 401)
case(127, "standard alphabet", standard, 401)
case(129, "percent", lambda f: f.token().replace(".", "%2E", 1), 401)
case(130, "stray bits", stray_bits, 401)
case(131, "length 1 mod 4", lambda f: f.token() + "AAA", 401)
case(132, "flattened JSON", lambda f: json.dumps(
    dict(zip(("protected", "payload", "signature"), f.token().split(".")))), 400, 401)

# times
case(133, "expired", lambda f: f.token(exp=now(-3600)), 401)
case(134, "expired just past the leeway", lambda f: f.token(exp=now(-LEEWAY_S - 1)), 401)
case(135, "exp missing", lambda f: f.token(exp=...), 401)
case(136, "nbf in the future", lambda f: f.token(nbf=now(3600)), 401)
case(137, "iat in the future", lambda f: f.token(iat=now(3600)), 401)
case([(138, '"9999999999"'), (139, "null"), (140, "true"), (141, "[9999999999]"), (142, "{}"),
      (143, "NaN"), (144, "Infinity"), (145, "1e400"), (146, "-1"), (147, "0"),
      (148, "0x7fffffff"), (149, "+9999999999"), (150, "09999999999"), (151, "1e308"),
      (152, "9223372036854775808"), (153, "18446744083709551616")], "exp {}",
     lambda f, value: f.raw_claims(exp=value), 401)
case(154, "nbf string", lambda f: f.token(nbf=str(now(-10))), 401)
case(155, 'claim "exp "', lambda f: f.token(exp=..., **{"exp ": now(300)}), 401)
case(156, "claim Exp", lambda f: f.token(exp=..., Exp=now(300)), 401)

# audience and issuer
case(157, "claim AUD", lambda f: f.token(aud=..., AUD=AUDIENCE), 401)
case([(158, ...), (159, "other"), (160, []), (161, AUDIENCE[:-1]), (162, AUDIENCE + "x"),
      (163, AUDIENCE + "\0"), (164, AUDIENCE.replace("mcp.example", "MCP.EXAMPLE")), (165, [1, 2]),
      (166, [AUDIENCE, 1]), (167, {AUDIENCE: 1}), (168, f"x,{AUDIENCE}")], "aud {!r}",
     lambda f, aud: f.token(aud=aud), 401)
case(169, "iss missing", lambda f: f.token(iss=...), 401)
case([(170, lambda iss: "https://other"), (171, lambda iss: iss + "/"), (172, lambda iss: [iss]),
      (173, lambda iss: iss[:-1]), (174, lambda iss: iss + "\0")], "iss changed",
     lambda f, change: f.token(iss=change(f.issuer)), 401)
case(175, "sub no string", lambda f: f.token(sub=7), 401)
case(176, "sub missing (the profile of RFC 9068 is not asked for)", lambda f: f.token(sub=...), 200)
case([(177, {"jkt": THUMBPRINT}), (178, {"x5t#S256": THUMBPRINT}),
      (179, {"jkt": THUMBPRINT, "new": 1})], "cnf {!r}",
     lambda f, cnf: f.token(cnf=cnf), 401)

# scopes
case([(180, ...), (181, "tools:write"), (182, "tools:rea"), (183, "tools:read2"),
      (184, "TOOLS:READ"), (185, "tools:read,x"), (186, "x\ttools:read"), (187, 7),
      (189, "tools:read\0"), (190, "")], "scope {!r}", lambda f, scope: f.token(scope=scope), 403)
case(188, "scope is an array (accepted)", lambda f: f.token(scope=["x", SCOPE]), 200)

# the header field: number -> (what, function of the arena that sends, statuses, error)
FIELDS = {
    17: ("scheme in lower case",
         lambda a: a.send([("Authorization", "bearer " + a.forge.token())]), (200,)),
    128: ("line end inside the signature",
          lambda a: a.send_raw(b"Authorization: Bearer "
                               + a.forge.token().encode()[:-4] + b"\nAAAA\r\n"), (400, 401)),
    191: ("no Authorization", lambda a: a.send([]), (401,)),
    192: ("scheme Basic", lambda a: a.send([("Authorization", "Basic YTpi")]), (400, 401)),
    193: ("Bearer without a token", lambda a: a.send([("Authorization", "Bearer")]), (400, 401)),
    194: ("token and a second word",
          lambda a: a.send([("Authorization", f"Bearer {a.forge.token()} x")]), (400, 401)),
    195: ("two Authorization fields",
          lambda a: a.send([("Authorization", "Bearer " + a.forge.token())] * 2), (400, 401)),
    196: ("token and a comma",
          lambda a: a.send([("Authorization", f"Bearer {a.forge.token()},")]), (400, 401)),
    197: ("folded field",
          lambda a: a.send_raw(b"Authorization: Bearer\r\n " + a.forge.token().encode() + b"\r\n"),
          (400, 401)),
    198: ("token in the query only",
          lambda a: a.send([], query="?access_token=" + a.forge.token()), (400, 401)),
    199: ("token in a form only",
          lambda a: a.send([], body=b"access_token=" + a.forge.token().encode(),
                           content_type="application/x-www-form-urlencoded"), (400, 401, 415)),
    200: ("a bad token in the field, a good one in the query",
          lambda a: a.send([("Authorization", "Bearer x.y.z")],
                           query="?access_token=" + a.forge.token()), (400, 401)),
}


def test_every_attack_has_its_case():
    assert sorted([*CASES, *FIELDS]) == list(range(1, 201))


# what the list says of a strict server, where the default policy takes more
STRICT_CASES = {
    1: ("valid RS256", lambda f: f.token(), 200),
    8: ("typ application/at+jwt", lambda f: f.token({"typ": "application/at+jwt"}), 200),
    10: ("exp within leeway", lambda f: f.token(exp=now(-20)), 200),
    11: ("nbf within leeway", lambda f: f.token(nbf=now(20)), 200),
    112: ("typ JWT", lambda f: f.token({"typ": "JWT"}), 401),
    113: ("no typ", lambda f: f.token({"typ": ...}), 401),
    134: ("expired just past the leeway", lambda f: f.token(exp=now(-31)), 401),
    176: ("sub missing", lambda f: f.token(sub=...), 401),
}


@pytest.mark.parametrize("number", sorted(STRICT_CASES))
def test_strict(strict, number):
    what, make, wanted = STRICT_CASES[number]
    status, challenge, body = strict.send(
        [("Authorization", f"Bearer {make(strict.forge)}")]
    )
    assert status == wanted, f"A{number} {what}: {challenge} {body[:300]}"
    check_challenge(strict, status, challenge, body)


def check_challenge(arena, status, challenge, body):
    if status == 401:
        _, wanted, _ = arena.send([("Authorization", "Bearer x")])
        assert challenge == wanted  # one text for every bad token
        assert challenge.startswith("Bearer ") and 'error="invalid_token"' in challenge
        assert "resource_metadata=" in challenge
    elif status == 403:
        assert challenge.startswith("Bearer ") and 'error="insufficient_scope"' in challenge
        assert f'scope="{SCOPE}"' in challenge and "resource_metadata=" in challenge
    description = re.search(r'error_description="([^"]*)"', challenge)
    if description:  # RFC 6750, section 3
        assert re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*", description.group(1))


@pytest.mark.parametrize("number", sorted(CASES))
def test_token(arena, number):
    what, make, arguments, statuses = CASES[number]
    arena.forge.attacker_url = arena.attacker.url
    token = make(arena.forge, *arguments)
    calls = len(arena.backend.requests)
    status, challenge, body = arena.send([("Authorization", f"Bearer {token}")])
    assert status in statuses, f"A{number} {what}: {status} {challenge} {body[:300]}"
    assert len(arena.backend.requests) == calls + (status == 200), f"A{number} {what}"
    assert not arena.attacker.requests, f"A{number} {what}: the attacker was asked"
    check_challenge(arena, status, challenge, body)
    if len(token) > 40:
        signature = token.rsplit(".", 1)[-1]
        for text in (challenge, body, arena.server.log()):
            assert token not in text and not (len(signature) > 20 and signature in text)


@pytest.mark.parametrize("number", sorted(FIELDS))
def test_field(arena, number):
    what, send, statuses = FIELDS[number]
    calls = len(arena.backend.requests)
    status, challenge, body = send(arena)
    assert status in statuses, f"A{number} {what}: {status} {challenge} {body[:300]}"
    assert len(arena.backend.requests) == calls + (status == 200), f"A{number} {what}"
    if number in (191, 192, 198) and status == 401:
        assert challenge.startswith("Bearer ") and "error=" not in challenge, what


def test_a_flood_of_unknown_keys_costs_one_fetch(arena):
    """At start, and then once a cooldown for unknown key IDs, however many they are."""
    for i in range(200):
        arena.send([("Authorization", "Bearer " + arena.forge.unsigned(b"x" * 256, kid=f"k{i}"))])
    status, _, _ = arena.send([("Authorization", "Bearer " + arena.forge.token())])
    assert status == 200
    fetches = [request for request in arena.issuer.requests if request.path == "/jwks"]
    assert 1 <= len(fetches) <= 2 + (time.monotonic() - arena.started) // COOLDOWN_S
