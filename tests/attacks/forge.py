"""Makes tokens that no honest issuer would make, with nothing but the standard library and the
openssl program, so that no token library's own checks are in the way."""

import base64
import hashlib
import hmac
import json
import pathlib
import secrets
import subprocess
import time

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256
SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def number(value):
    return b64(value.to_bytes((value.bit_length() + 7) // 8 or 1, "big"))


def openssl(*args, data=b""):
    done = subprocess.run(
        ["openssl", *map(str, args)],
        input=data,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def raw_ecdsa(der, size=32):
    """R || S out of the DER that openssl writes."""
    at = 2 if der[1] < 0x80 else 3
    values = []
    for _ in range(2):
        length = der[at + 1]
        values.append(int.from_bytes(der[at + 2 : at + 2 + length], "big"))
        at += 2 + length
    return b"".join(value.to_bytes(size, "big") for value in values)


def encode(part):
    """A header or claims as bytes: what is a dict becomes JSON."""
    if isinstance(part, bytes):
        return part
    return (part if isinstance(part, str) else json.dumps(part)).encode()


class Forge:
    """Keys, good and bad, the key set that publishes them, and tokens signed with any of them."""

    def __init__(self, mcpc, folder, issuer, audience, scope):
        self.mcpc, self.folder = mcpc, pathlib.Path(folder)
        self.issuer, self.audience, self.scope = issuer, audience, scope
        self.published = []
        for name, kind in [("rs1", "rsa"), ("es1", "ec"), ("dup1", "rsa"), ("dup2", "rsa")]:
            self.keygen(name, kind, "dup" if name.startswith("dup") else name)
        for name in ("noalg", "enc", "ops", "attacker"):
            self.keygen(name, "rsa", name)
        self.keygen("ps1", "rsa", "ps1", "--alg", "PS256")
        self.keygen("es384", "p384", "es384")
        self.keygen("ed1", "ed25519", "ed1")
        self.keygen("atkec", "ec", "atkec")
        self.make_pem("small", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024")
        self.make_pem("k1", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1")
        self.publish_all()

    # ---- keys ----

    def path(self, name, suffix=".key"):
        return self.folder / (name + suffix)

    def keygen(self, name, kind, kid, *more):
        subprocess.run(
            [self.mcpc, "keygen", "--type", kind, "--kid", kid, *more, str(self.folder / name)],
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=60,
        )

    def make_pem(self, name, *args):
        openssl(*args, "-out", self.path(name))

    def jwk(self, name):
        return json.loads(self.path(name, ".jwks.json").read_text())["keys"][0]

    def rsa_jwk(self, name, **more):
        text = openssl("rsa", "-in", self.path(name), "-noout", "-modulus").decode()
        return {"kty": "RSA", "n": number(int(text.split("=")[1], 16)), "e": "AQAB", **more}

    def k1_jwk(self):
        der = openssl("pkey", "-in", self.path("k1"), "-pubout", "-outform", "DER")
        return {"kty": "EC", "crv": "secp256k1", "kid": "k1", "x": b64(der[-64:-32]),
                "y": b64(der[-32:])}

    def publish_all(self):
        """The key set: good keys of several kinds, one without alg, and every kind that must not be used."""
        noalg = {key: value for key, value in self.jwk("noalg").items() if key not in ("alg", "use")}
        enc = {**self.jwk("enc"), "use": "enc"}
        ops = {**self.jwk("ops"), "key_ops": ["encrypt"]}
        del ops["use"]
        point = self.jwk("es1")
        self.e1_modulus = secrets.randbits(2048) | 1 << 2047 | 1
        rsa = {"kty": "RSA", "e": "AQAB"}
        self.oct_secret = secrets.token_bytes(32)
        self.published = [
            self.jwk("rs1"),
            self.jwk("es1"),
            noalg,
            enc,
            ops,
            self.jwk("ps1"),
            self.jwk("es384"),
            self.jwk("ed1"),
            self.jwk("dup1"),
            self.jwk("dup2"),
            self.rsa_jwk("small", kid="small"),
            {**rsa, "e": "AQ", "n": number(self.e1_modulus), "kid": "e1"},
            {**rsa, "n": number(self.e1_modulus - 1), "kid": "even"},
            {**point, "kid": "off", "y": b64(unb64(point["y"])[:-1] + b"\0")},
            {**point, "kid": "p384", "crv": "P-384", "alg": "ES384"},
            self.k1_jwk(),
            {"kty": "FUTURE", "kid": "future", "q": "AQAB"},
            {"kty": "oct", "kid": "oct", "k": b64(self.oct_secret), "alg": "HS256"},
        ]

    # ---- parts ----

    def header(self, **more):
        found = {"alg": "RS256", "typ": "at+jwt", "kid": "rs1", **more}
        return {name: value for name, value in found.items() if value is not ...}

    def claims(self, **more):
        """`name=...` (the ellipsis) leaves a claim out."""
        now = int(time.time())
        found = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": "alice",
            "client_id": "tests",
            "iat": now,
            "exp": now + 300,
            "jti": secrets.token_hex(8),
            "scope": self.scope,
            **more,
        }
        return {name: value for name, value in found.items() if value is not ...}

    def signature(self, text, key="rs1", digest="sha256", pss=None):
        """Of bytes, by the kind of key; pss: length of the salt."""
        options = []
        if pss is not None:
            options = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", f"rsa_pss_saltlen:{pss}"]
        if key == "ed1":
            return self.edwards(text, key)
        found = openssl("dgst", f"-{digest}", "-sign", self.path(key), *options, data=text)
        sizes = {"es1": 32, "k1": 32, "atkec": 32, "es384": 48}
        return raw_ecdsa(found, sizes[key]) if key in sizes else found

    def edwards(self, text, key):
        """openssl signs with Edwards keys from a file only."""
        path = self.folder / "signed"
        path.write_bytes(text)
        return openssl("pkeyutl", "-sign", "-rawin", "-inkey", self.path(key), "-in", path)

    # ---- tokens ----

    def sign(self, header, claims, **how):
        text = f"{b64(encode(header))}.{b64(encode(claims))}"
        return f"{text}.{b64(self.signature(text.encode(), **how))}"

    def token(self, header=None, **claims):
        """A good token but for what is said."""
        return self.sign(self.header(**(header or {})), self.claims(**claims))

    def ec_token(self, header=None, key="es1", **claims):
        found = self.header(**{"alg": "ES256", "kid": "es1", **(header or {})})
        return self.sign(found, self.claims(**claims), key=key)

    def raw_claims(self, **members):
        """A good token whose claims hold JSON text as it is: raw_claims(exp="1e400")."""
        found = {name: json.dumps(value) for name, value in self.claims().items()}
        found.update(members)
        text = ",".join(f'"{name}":{value}' for name, value in found.items())
        return self.sign(self.header(), "{" + text + "}")

    def unsigned(self, signature=b"", **header):
        return f"{b64(encode(self.header(**header)))}.{b64(encode(self.claims()))}.{b64(signature)}"

    def with_signature(self, signature, **header):
        """A token of es1's or rs1's form with bytes or a function of the good signature."""
        key = "es1" if header.get("alg") == "ES256" else "rs1"
        text = f"{b64(encode(self.header(**{'kid': key, **header})))}.{b64(encode(self.claims()))}"
        if callable(signature):
            signature = signature(self.signature(text.encode(), key=key))
        return f"{text}.{b64(signature)}"

    def hmac_token(self, secret, **header):
        text = f"{b64(encode(self.header(alg='HS256', **header)))}.{b64(encode(self.claims()))}"
        return f"{text}.{b64(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"

    def e1_token(self):
        """With e = 1 the signature is the padded digest itself."""
        text = f"{b64(encode(self.header(kid='e1')))}.{b64(encode(self.claims()))}"
        digest = SHA256_INFO + hashlib.sha256(text.encode()).digest()
        padded = b"\0\1" + b"\xff" * (256 - 3 - len(digest)) + b"\0" + digest
        return f"{text}.{b64(padded)}"

    def der_token(self):
        text = f"{b64(encode(self.header(alg='ES256', kid='es1')))}.{b64(encode(self.claims()))}"
        return f"{text}.{b64(openssl('dgst', '-sha256', '-sign', self.path('es1'), data=text.encode()))}"

    def certificate(self):
        """A self-signed one of the attacker's, as x5c wants it."""
        der = openssl("req", "-x509", "-new", "-key", self.path("attacker"), "-subj", "/CN=x",
                      "-days", "1", "-outform", "DER")
        return base64.b64encode(der).decode()
