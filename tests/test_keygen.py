"""`mcpc keygen` and `mcpc token` as a user meets them; openssl judges what they write."""

import base64
import hashlib
import hmac
import json
import os
import stat
import subprocess
import time

import pytest


def run(mcpc, *args, status=0):
    done = subprocess.run(
        [mcpc, *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60
    )
    assert done.returncode == status, done.stderr.decode()
    assert b"Sanitizer" not in done.stderr, done.stderr.decode()
    return done.stdout.decode(), done.stderr.decode()


def unb64(text):
    assert "=" not in text
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def parts(token):
    header, claims, signature = token.strip().split(".")
    return json.loads(unb64(header)), json.loads(unb64(claims)), unb64(signature)


def thumbprint(jwk):
    """RFC 7638, section 3."""
    members = {"RSA": "e kty n", "EC": "crv kty x y", "OKP": "crv kty x"}[jwk["kty"]].split()
    text = json.dumps({name: jwk[name] for name in members}, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


KINDS = {
    "rsa": ("RSA", "RS256"),
    "ec": ("EC", "ES256"),
    "p384": ("EC", "ES384"),
    "p521": ("EC", "ES512"),
    "ed25519": ("OKP", "EdDSA"),
    "ed448": ("OKP", "EdDSA"),
}
DIGESTS = {"p384": "sha384", "p521": "sha512"}


@pytest.fixture(scope="module", params=KINDS)
def key(request, mcpc, tmp_path_factory):
    path = tmp_path_factory.mktemp("keys") / request.param
    run(mcpc, "keygen", "--type", request.param, path)
    return request.param, path


def test_files(key):
    kind, path = key
    assert stat.S_IMODE(os.stat(f"{path}.key").st_mode) == 0o600
    assert open(f"{path}.key").read().startswith("-----BEGIN PRIVATE KEY-----")  # PKCS#8
    public = subprocess.run(
        ["openssl", "pkey", "-in", f"{path}.key", "-pubout"], check=True, stdout=subprocess.PIPE
    ).stdout
    assert public.decode() == open(f"{path}.pem").read()
    (jwk,) = json.load(open(f"{path}.jwks.json"))["keys"]
    assert (jwk["kty"], jwk["alg"], jwk["use"]) == (*KINDS[kind], "sig")
    assert jwk["kid"] == thumbprint(jwk)
    assert not {"d", "p", "q", "k"} & set(jwk)


def test_the_key_set_is_the_key(key, tmp_path):
    kind, path = key
    (jwk,) = json.load(open(f"{path}.jwks.json"))["keys"]
    der = subprocess.run(
        ["openssl", "pkey", "-in", f"{path}.key", "-pubout", "-outform", "DER"],
        check=True,
        stdout=subprocess.PIPE,
    ).stdout
    assert unb64(jwk.get("n") or jwk["x"]) in der
    if jwk["kty"] == "EC":
        assert der.endswith(unb64(jwk["x"]) + unb64(jwk["y"]))
        assert len(unb64(jwk["y"])) == {"ec": 32, "p384": 48, "p521": 66}[kind]


def der_of(signature):
    """ECDSA's R || S as openssl wants it."""
    integers = b""
    size = len(signature) // 2
    for half in (signature[:size], signature[size:]):
        value = half.lstrip(b"\0")
        value = b"\0" + value if value[:1] >= b"\x80" else value
        integers += bytes([2, len(value)]) + value
    return b"\x30" + (b"\x81" if len(integers) > 127 else b"") + bytes([len(integers)]) + integers


def test_token_is_signed(key, mcpc, tmp_path):
    kind, path = key
    token, _ = run(mcpc, "token", "--key", f"{path}.key", "--iss", "https://i", "--scope", "a b")
    header, claims, signature = parts(token)
    (jwk,) = json.load(open(f"{path}.jwks.json"))["keys"]
    assert header == {"alg": jwk["alg"], "typ": "at+jwt", "kid": jwk["kid"]}
    assert (claims["iss"], claims["aud"], claims["scope"]) == ("https://i", "backend-api", "a b")
    assert claims["exp"] - claims["iat"] == 300 and abs(claims["iat"] - time.time()) < 60
    assert "nbf" not in claims and claims["sub"] and claims["jti"]
    text, sig = tmp_path / "text", tmp_path / "sig"
    text.write_text(token.rsplit(".", 1)[0])
    sig.write_bytes(der_of(signature) if jwk["kty"] == "EC" else signature)
    if jwk["kty"] == "OKP":
        check = ["pkeyutl", "-verify", "-pubin", "-inkey", f"{path}.pem", "-rawin",
                 "-in", text, "-sigfile", sig]
    else:
        digest = DIGESTS.get(kind, "sha256")
        check = ["dgst", f"-{digest}", "-verify", f"{path}.pem", "-signature", sig, text]
    subprocess.run(["openssl", *map(str, check)], check=True, stdout=subprocess.DEVNULL)


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256", "PS384", "PS512"])
def test_other_algorithms_of_a_key(mcpc, tmp_path, algorithm):
    path = tmp_path / "k"
    run(mcpc, "keygen", "--alg", algorithm, path)
    (jwk,) = json.load(open(f"{path}.jwks.json"))["keys"]
    token, _ = run(mcpc, "token", "--key", f"{path}.key", "--iss", "i", "--alg", algorithm)
    header, _, signature = parts(token)
    assert jwk["alg"] == header["alg"] == algorithm
    text, sig = tmp_path / "text", tmp_path / "sig"
    text.write_text(token.rsplit(".", 1)[0])
    sig.write_bytes(signature)
    pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"]
    check = ["dgst", f"-sha{algorithm[2:]}", *(pss if algorithm[0] == "P" else []),
             "-verify", f"{path}.pem", "-signature", sig, text]  # fmt: skip
    subprocess.run(["openssl", *map(str, check)], check=True, stdout=subprocess.DEVNULL)


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_secrets(mcpc, tmp_path, algorithm):
    out, _ = run(mcpc, "keygen", "--type", "secret", tmp_path / "s")
    assert sorted(os.listdir(tmp_path)) == ["s.key"] and "secret" in out
    assert stat.S_IMODE(os.stat(tmp_path / "s.key").st_mode) == 0o600
    secret = (tmp_path / "s.key").read_text().strip().encode()
    assert len(unb64(secret.decode())) == 64
    token, _ = run(
        mcpc, "token", "--secret", tmp_path / "s.key", "--iss", "i", "--alg", algorithm
    )
    header, _, signature = parts(token)
    assert header == {"alg": algorithm, "typ": "at+jwt"}
    digest = f"sha{algorithm[2:]}"
    assert signature == hmac.digest(secret, token.rsplit(".", 1)[0].encode(), digest)


def test_token_options(mcpc, key):
    _, path = key
    token, _ = run(
        mcpc, "token", "--key", f"{path}.key", "--iss", "https://i", "--aud", "ä\"\\", "--sub", "s",
        "--ttl", "-2h", "--not-before", "1d", "--typ", "JWT", "--kid", "k", "--claim",
        "groups=[1, {\"a\": null}]", "--claim", 'sub="t"', "--claim", "big=9007199254740993",
    )  # fmt: skip
    header, claims, _ = parts(token)
    assert (header["typ"], header["kid"]) == ("JWT", "k")
    assert claims["exp"] == claims["iat"] - 7200 and claims["nbf"] == claims["iat"] + 86400
    assert (claims["aud"], claims["sub"]) == ('ä"\\', "t")  # --claim has the last word
    assert claims["groups"] == [1, {"a": None}] and claims["big"] == 9007199254740993
    assert "scope" not in claims


def test_an_existing_key_is_kept(mcpc, tmp_path):
    run(mcpc, "keygen", "--type", "ec", tmp_path / "a")
    before = (tmp_path / "a.key").read_bytes()
    _, errors = run(mcpc, "keygen", "--type", "ec", tmp_path / "a", status=1)
    assert "exists already" in errors and (tmp_path / "a.key").read_bytes() == before


@pytest.mark.parametrize(
    "args, status, message",
    [
        (["keygen"], 2, "one NAME is needed"),
        (["keygen", "a", "b"], 2, "one NAME is needed"),
        (["keygen", "--type", "dsa", "a"], 2, "unknown type 'dsa'"),
        (["keygen", "--bits", "1024", "a"], 2, "1024"),
        (["keygen", "--bits", "4096x", "a"], 2, "4096x"),
        (["keygen", "--type", "ec", "--bits", "2048", "a"], 2, "--bits is for RSA"),
        (["keygen", "--kid", "a\nb", "a"], 2, "printable ASCII"),
        (["keygen", "--frob", "a"], 2, "--frob"),
        (["keygen", "no/such/folder/a"], 3, "No such file"),
        (["token", "--iss", "i"], 2, "--key FILE or --secret FILE is needed"),
        (["token", "--key", "none"], 2, "--iss URL is needed"),
        (["token", "--key", "none", "--iss", "i"], 3, "No such file"),
        (["token", "--key", "KEY", "--iss", "i", "--ttl", "5x"], 2, "no duration"),
        (["token", "--key", "KEY", "--iss", "i", "--ttl", "99999999999999999999"], 2, "no duration"),
        (["token", "--key", "KEY", "--iss", "i", "--claim", "a=b"], 2, "its quotes"),
        (["token", "--key", "KEY", "--iss", "i", "--claim", "a"], 2, "NAME=JSON"),
        (["token", "--key", "KEY", "--iss", "i", "--alg", "ES256"], 1, "signs RS256, not ES256"),
        (["token", "--secret", "KEY", "--iss", "i", "--alg", "RS256"], 1, "HS256, HS384 and HS512"),
        (["token", "--secret", "KEY", "--key", "KEY", "--iss", "i"], 2, "--secret FILE is needed"),
        (["keygen", "--alg", "ES256", "a"], 2, "does not sign 'ES256'"),
        (["keygen", "--type", "secret", "--kid", "x", "a"], 2, "a secret has no key ID"),
        (["token", "--key", "KEY", "--iss", "i", "more"], 2, "unexpected 'more'"),
        (["token", "--key", "/dev/null", "--iss", "i"], 1, "no private key"),
    ],
)
def test_mistakes(mcpc, tmp_path, monkeypatch, args, status, message):
    monkeypatch.chdir(tmp_path)
    if "KEY" in args:
        run(mcpc, "keygen", "k")
        args = ["k.key" if arg == "KEY" else arg for arg in args]
    out, errors = run(mcpc, *args, status=status)
    assert message in errors and not out
    assert not (tmp_path / "a.key").exists()


def test_encrypted_and_foreign_keys(mcpc, tmp_path):
    def make(name, *args):
        path = tmp_path / name
        subprocess.run(["openssl", "genpkey", *args, "-out", path], check=True, capture_output=True)
        return run(mcpc, "token", "--key", path, "--iss", "i", status=1)[1]

    rsa = ["-algorithm", "RSA", "-pkeyopt"]
    ec = ["-algorithm", "EC", "-pkeyopt"]
    assert "encrypted" in make("e", *rsa, "rsa_keygen_bits:2048", "-aes128", "-pass", "pass:x")
    assert "2048 to 8192" in make("s", *rsa, "rsa_keygen_bits:1024")
    assert "P-256" in make("p", *ec, "ec_paramgen_curve:secp256k1")
    assert "Ed25519" in make("x", "-algorithm", "X25519")


def test_a_key_that_is_not_there_is_no_refusal(mcpc, tmp_path):
    lost, wrong = tmp_path / "lost.key", tmp_path / "wrong.key"
    wrong.write_text("no key")
    args = ["--iss", "https://id.example"]
    _, says = run(mcpc, "token", "--key", lost, *args, status=3)
    assert "lost.key: No such file" in says
    _, says = run(mcpc, "token", "--secret", lost, *args, status=3)
    assert "lost.key: No such file" in says
    _, says = run(mcpc, "token", "--key", wrong, *args, status=1)
    assert "no private key" in says
