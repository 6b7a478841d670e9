"""Tokens that people agreed to are read and replaced in the sandbox too."""

import json

import pytest
from conftest import Server
from oauth2_policy import authorization, call, compile_policy  # noqa: F401  (fixtures)
from test_login import ENV, code_policy
from test_sandbox import NO_LEAK_SEARCH


@pytest.mark.parametrize("is_usual", [False, True])
def test_a_token_is_replaced(compile_policy, backend, authorization, tmp_path, is_usual):
    program = compile_policy(code_policy(authorization))
    state = tmp_path / "mcpp" / "tokens" if is_usual else tmp_path / "state"
    with Server(program, "--backend-url", backend.url, env=ENV) as server:
        name = server.call_mcp("server/discover")[2]["result"]["_meta"]
        name = name["io.modelcontextprotocol/serverInfo"]["name"]
    if is_usual:
        state = tmp_path / "mcpp" / name
    state.mkdir(parents=True, mode=0o700)
    path = state / "tokens.json"
    entry = {"credential": "pets-auth", "client": "client-1", "issuer": "", "subject": "",
             "access_token": "old", "refresh_token": "canary-1", "ends_at": 1}  # fmt: skip
    path.write_text(json.dumps({"version": 1, "tokens": [entry]}))
    path.chmod(0o600)
    authorization.grant(refresh_token="canary-2")
    env = {**ENV, **NO_LEAK_SEARCH, "XDG_STATE_HOME": tmp_path if is_usual else ""}
    more = () if is_usual else ("--state-dir", state)
    with Server(program, "--sandbox", "--backend-url", backend.url, *more, env=env) as server:
        assert not call(server, "one")["isError"], server.log()
    stored = json.loads(path.read_text())["tokens"][0]
    assert (stored["access_token"], stored["refresh_token"]) == ("token-1", "canary-2")
