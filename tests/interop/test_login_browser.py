"""People who sign in with a real Chromium: the login page of oidc-provider, glewlwyd's fragment, the
consent of a caller on HTTP; and how the pages of ours look that they see on their way."""

import os
import stat
import sys
import urllib.parse

import pytest
from chromium import Chromium
from conftest import ROOT, Server
from glewlwyd import Glewlwyd
from test_authorization_server import (  # noqa: F401  (fixtures)
    introspect,
    oauth2,
    provider,
    sent_token,
    serve,
    signing_keys,
)

sys.path.insert(0, str(ROOT / "tests" / "runtime"))
import test_login  # noqa: E402
from oauth2_policy import call, compile_policy  # noqa: E402,F401  (fixtures)
from test_consent import ask  # noqa: E402


@pytest.fixture
def chromium(tmp_path):
    with Chromium(tmp_path) as found:
        yield found


@pytest.fixture
def look(chromium):
    """look(name): our page is shown with its style; a picture is kept where MCPP_PICTURES says."""

    def check(name):
        color = chromium.run("return getComputedStyle(document.querySelector('main')).backgroundColor")
        assert color == "rgb(255, 255, 255)", "the policy of the page lets its style through"
        if folder := os.environ.get("MCPP_PICTURES"):
            import pathlib

            chromium.screenshot(pathlib.Path(folder) / f"{name}.png")

    return check


def sign_in(chromium, name):
    """oidc-provider's own pages: name and password, then the agreement."""
    chromium.type("input[name=login]", name)
    chromium.type("input[name=password]", "canary-password")
    chromium.click("button[type=submit]")
    chromium.wait_for("Authorize")
    chromium.click("button[type=submit]")


def asked_to_open(result):
    assert result["resultType"] == "input_required", result
    return result["inputRequests"]["connect"]["params"]["url"]


def test_login_page(provider, compile_policy, backend, tmp_path, monkeypatch, chromium, look):  # noqa: F811
    monkeypatch.setitem(test_login.ENV, "ID", "person")
    program = compile_policy(oauth2(provider, "oauth2 authorization_code", "person",
                                    '"openid" "offline_access" "read"'))
    state = tmp_path / "state"
    login = test_login.Login(program, "real", "--backend-url", backend.url, "--state-dir", state)
    url, _ = login.ask()
    chromium.open(url.geturl())
    sign_in(chromium, "alice")
    status, said = login.end()
    assert status == 0 and "canary" not in said, said
    chromium.wait_for("You can close this window")
    look("login")
    assert stat.S_IMODE((state / "tokens.json").stat().st_mode) == 0o600
    with serve(program, backend, state, "person") as server:
        assert not call(server, "one")["isError"]
        assert introspect(provider, sent_token(backend))["sub"] == "alice"
        assert "canary" not in server.log() and sent_token(backend) not in server.log()


def test_consent(provider, compile_policy, backend, issuer, tmp_path, chromium, look):  # noqa: F811
    """A caller on HTTP is asked to open a URL; afterwards the same call works, and for them alone."""
    program = compile_policy(
        oauth2(provider, "oauth2 authorization_code", "person", '"openid" "offline_access" "read"') +
        f'verifier v jwt {{\n audience "{issuer.audience}"\n}}\naccept v\n')
    alice, bob = issuer.token(sub="alice"), issuer.token(sub="bob")
    with serve(program, backend, tmp_path / "state", "person", *issuer.server_args()) as server:
        chromium.open(asked_to_open(ask(server, alice)))
        chromium.wait_for("for the caller alice")
        look("consent")
        chromium.click("button")
        sign_in(chromium, "alice")
        chromium.wait_for("Done")
        look("done")
        assert urllib.parse.urlsplit(chromium.url).netloc == urllib.parse.urlsplit(server.url).netloc
        result = ask(server, alice)
        assert result["resultType"] == "complete" and not result["isError"]
        assert introspect(provider, sent_token(backend))["sub"] == "alice"
        asked_to_open(ask(server, bob))
        assert "canary" not in server.log() and sent_token(backend) not in server.log()
    assert len(backend.requests) == 1


def test_fragment(compile_policy, backend, tmp_path, monkeypatch, chromium, look):  # noqa: F811
    """The implicit flow: glewlwyd puts the token behind a "#", which only a browser sees; the page
    on loopback hands it over."""
    folder = tmp_path / "glewlwyd"
    folder.mkdir()
    monkeypatch.setitem(test_login.ENV, "ID", Glewlwyd.CLIENT)
    with Glewlwyd(folder) as glewlwyd:
        program = compile_policy(f"""credential "pets" oauth2 implicit {{
 authorization_url "{glewlwyd.url}/auth"
 client env ID
 scopes "read"
 redirect_port {glewlwyd.redirect_port}
}}
send "pets" for one
""", warnings=True)
        args = ("--backend-url", backend.url, "--state-dir", tmp_path / "state")
        login = test_login.Login(program, "pets", *args)
        url, _ = login.ask()
        chromium.open(url.geturl())
        chromium.type("#username", Glewlwyd.USER)
        chromium.type("#password", Glewlwyd.PASSWORD)
        chromium.click("#loginbut")
        chromium.click("#grant-read")
        chromium.click("button.btn-primary:not([type=submit])")
        chromium.click("button.btn-success")
        status, said = login.end()
        assert status == 0 and "canary" not in said, said
        chromium.wait_for("You can close this window")
        assert "access_token" not in chromium.url, "it does not stay in the address"
        look("fragment")
        with Server(program, *args, env={"ID": Glewlwyd.CLIENT}) as server:
            assert not call(server, "one")["isError"]
            told = glewlwyd.introspect(sent_token(backend))
            assert told["active"] and told["username"] == Glewlwyd.USER and told["scope"] == "read"
            assert sent_token(backend) not in server.log() + said
