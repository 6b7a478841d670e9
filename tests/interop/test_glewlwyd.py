"""Debian's glewlwyd as the authorization server of a backend: the password flow and its refresh."""

import json
import subprocess
import sys

import pytest
from conftest import ROOT, Server
from glewlwyd import Glewlwyd

sys.path.insert(0, str(ROOT / "tests" / "runtime"))
from oauth2_policy import call, compile_policy  # noqa: E402,F401  (fixtures)

ENV = {"ID": Glewlwyd.CLIENT, "SECRET": Glewlwyd.SECRET,
       "USER_NAME": Glewlwyd.USER, "PASSWORD": Glewlwyd.PASSWORD}


@pytest.fixture(scope="module")
def glewlwyd(tmp_path_factory):
    with Glewlwyd(tmp_path_factory.mktemp("glewlwyd")) as found:
        yield found


@pytest.fixture
def serve(glewlwyd, compile_policy, backend, tmp_path):
    """serve(**environment) -> a server whose backend wants tokens by the password flow."""
    program = compile_policy(f"""credential "pets" oauth2 password {{
 issuer "{glewlwyd.url}"
 client env ID secret env SECRET
 user   env USER_NAME password env PASSWORD
 scopes "read"
}}
send "pets" for one
""")

    def make(**env):
        return Server(program, "--backend-url", backend.url, "--state-dir", tmp_path / "state",
                      env={**ENV, **env})

    return make


def sent(backend):
    """The tokens that have arrived."""
    return [request.header("Authorization")[0].removeprefix("Bearer ")
            for request in backend.requests]


def assert_quiet(log, *more):
    for secret in (Glewlwyd.SECRET, Glewlwyd.PASSWORD, "canary", *more):
        assert secret not in log


def test_password(glewlwyd, serve, backend):
    """The token endpoint is found through the metadata; the token is one of the user's."""
    with serve() as server:
        assert not call(server, "one")["isError"]
        assert not call(server, "one")["isError"]
        token = sent(backend)[0]
        assert_quiet(server.log(), token)
    assert sent(backend) == [token, token], "kept until it ends"
    assert backend.requests[0].header("Authorization") == [f"Bearer {token}"]
    said = glewlwyd.introspect(token)
    assert said["active"] and said["username"] == Glewlwyd.USER and said["scope"] == "read"
    assert glewlwyd.log().count("Access token generated for client 'pets'") == 1


@pytest.mark.parametrize("wrong, status", [("PASSWORD", 403), ("SECRET", 400)])
def test_password_that_is_wrong(serve, backend, wrong, status):
    """glewlwyd says no with an empty body: one clear error, and no storm of attempts."""
    with serve(**{wrong: "canary-wrong"}) as server:
        results = [call(server, "one") for _ in range(3)]
        texts = {result["content"][0]["text"] for result in results}
        assert all(result["isError"] for result in results)
        assert f"it answered {status} without saying why" in results[0]["content"][0]["text"]
        assert_quiet(server.log() + json.dumps(results))
        assert server.log().count("no token for pets") == 1, server.log()
    assert backend.requests == [] and len(texts) <= 2


def refuse_first(backend):
    """The backend takes back the first token that it sees."""
    backend.answer_with(lambda request: (
        (401 if request.header("Authorization")[0].endswith(sent(backend)[0]) else 200), {}, b""))


def test_refresh(glewlwyd, serve, backend):
    with serve() as server:
        assert not call(server, "one")["isError"]
        refuse_first(backend)
        assert not call(server, "one")["isError"]
        tokens = list(dict.fromkeys(sent(backend)))
        assert_quiet(server.log(), *tokens)
    assert glewlwyd.refresh_tokens()[-2:] == [False, True], "the old one was used, once"
    assert len(tokens) == 2 and all(glewlwyd.introspect(one)["active"] for one in tokens)


def test_refresh_token_that_is_over(glewlwyd, serve, backend):
    """glewlwyd says so with a 400 and nothing in it: then the password is used again."""
    with serve() as server:
        assert not call(server, "one")["isError"]
        glewlwyd.end_refresh_tokens()
        refuse_first(backend)
        before = len(glewlwyd.log())
        assert not call(server, "one")["isError"]
        assert "Token invalid" in glewlwyd.log()[before:]
        assert_quiet(server.log(), *sent(backend))
    assert len(set(sent(backend))) == 2
