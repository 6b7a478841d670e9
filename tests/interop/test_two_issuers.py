"""MultiAuth with two products: oidc-provider's JWTs are verified with its keys, and Debian's glewlwyd
is asked about its own, which are JWTs as well (whose audience is the list of their scopes)."""

import json

import pytest
from conftest import Server, wait_until
from glewlwyd import Glewlwyd
from services import free_port
from test_issuers import (  # noqa: F401  (fixtures)
    JWT,
    compile_policy,
    keys,
    provider,
    token,
)

ASKED = """verifier second introspection {{
    issuer   "{second}"
    endpoint "{second}/introspect"
    client   env ASK_ID secret env ASK_SECRET
    audience "read" "read write"
    cache    1s
}}
"""
ENV = {"ASK_ID": Glewlwyd.CLIENT, "ASK_SECRET": Glewlwyd.SECRET}


@pytest.fixture
def second(tmp_path):
    folder = tmp_path / "glewlwyd"
    folder.mkdir()
    with Glewlwyd(folder) as found:
        yield found


@pytest.fixture
def first(keys):  # noqa: F811
    with provider(free_port(), keys.of("e1")) as url:
        yield url


@pytest.fixture
def serve(compile_policy, first, second, backend):  # noqa: F811
    program = compile_policy(JWT + ASKED, "own, second", issuer=first, second=second.url)
    return lambda **env: Server(program, "--backend-url", backend.url, "--audit", "all",
                                env={**ENV, **env})


def call(server, name, bearer):
    return server.call_tool(name, token=bearer)[0]


def audited(server, outcome):
    lines = [json.loads(line) for line in server.lines if line[0] == "{"]
    return [line for line in lines if line["outcome"] == outcome]


def test_each_is_judged_by_its_own(serve, first, second, backend):
    theirs = second.token("read")
    assert theirs.count(".") == 2, "a JWT, for which its issuer is asked all the same"
    with serve() as server:
        assert call(server, "listThings", token(first, "read")) == 200
        assert call(server, "listThings", theirs) == 200
        assert call(server, "addThing", theirs) == 403
        assert call(server, "addThing", second.token("read write")) == 200
        wait_until(lambda: len(audited(server, "allowed")) == 3, "the audit lines")
        told = [(line["verifier"], line["issuer"]) for line in audited(server, "allowed")]
        assert told == [("own", first), ("second", second.url), ("second", second.url)]
        assert theirs not in server.log() and Glewlwyd.SECRET not in server.log()
    assert [request.method for request in backend.requests] == ["GET", "GET", "POST"]


def test_a_token_that_is_taken_back(serve, second):
    with serve() as server:
        theirs, other = second.token("read"), second.token("read")
        assert call(server, "listThings", theirs) == 200
        second.revoke(theirs)
        wait_until(lambda: call(server, "listThings", theirs) == 401, "the end of what is known")
        assert call(server, "listThings", other) == 200


def test_a_changed_token_is_not_theirs(serve, second, backend):
    """What it says of its issuer chooses whom to ask; it is not believed."""
    head, payload, signature = second.token("read").split(".")
    with serve() as server:
        assert call(server, "listThings", f"{head}.{payload}.{signature[:-8]}AAAAAAAA") == 401
        assert call(server, "listThings", f"{head}.{payload}.") == 401
    assert not backend.requests


def test_one_of_them_is_gone(serve, first, second, backend):
    theirs = second.token("read")
    with serve() as server:
        second.stop()
        assert call(server, "listThings", theirs) == 503
        assert call(server, "listThings", token(first, "read")) == 200, "the other one goes on"
        second.start()
        wait_until(lambda: call(server, "listThings", theirs) == 200, "the second issuer")
    assert len(backend.requests) == 2


def test_our_own_secret_is_wrong(serve, second, backend):
    """Our fault, and not the caller's."""
    with serve(ASK_SECRET="canary-wrong") as server:
        assert call(server, "listThings", second.token("read")) == 503
        assert "canary-wrong" not in server.log()
    assert not backend.requests
