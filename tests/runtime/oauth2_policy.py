"""Policies with credentials, compiled and served: what the tests of credentials share."""

import json
import subprocess

import pytest
from conftest import Backend, Server

API = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "paths": {
        "/one": {"get": {"operationId": "one"}, "post": {"operationId": "postOne"}},
        "/two": {"get": {"operationId": "two"}},
        "/open": {"get": {"operationId": "open"}},
        "/moved/{id}": {"get": {"operationId": "moved", "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]}},
    },
}

TOOLS = """mcpp 1
api "api.json"
server "pets"
backend "http://127.0.0.1:1"
tool one     GET  /one         needs token
tool postOne POST /one         needs token
tool two     GET  /two         needs token
tool open    GET  /open        needs nothing
tool moved   GET  /moved/{id}  needs token
"""


class AuthorizationServer(Backend):
    """A token endpoint that records what it is asked and answers as told."""

    def __init__(self):
        super().__init__()
        self.token_url = self.url + "/token"
        self.count = 0
        self.grant()

    def grant(self, **members):
        """From now on each request gets a token of its own."""

        def give(_):
            self.count += 1
            answer = {"access_token": f"token-{self.count}", "token_type": "Bearer",
                      "expires_in": 3600, **members}
            return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()

        self.answer_with(give)

    def refuse(self, status=400, **members):
        self.answer(status, None, members)


@pytest.fixture
def authorization():
    with AuthorizationServer() as found:
        yield found


@pytest.fixture
def compile_policy(mcpc, tmp_path):
    """compile_policy(statements) -> program."""

    def build(statements, tools=TOOLS, warnings=False):
        (tmp_path / "api.json").write_text(json.dumps(API))
        policy = tmp_path / "pets.mcpp"
        policy.write_text(tools + statements)
        done = subprocess.run([mcpc, str(policy), "-o", str(tmp_path / "pets"), "--force"],
                              capture_output=True, timeout=300, text=True)
        assert done.returncode == 0, done.stderr
        assert warnings or done.stderr == ""
        return str(tmp_path / "pets")

    return build


@pytest.fixture
def serve(compile_policy, backend, tmp_path):
    """serve(statements, *args, env={}) -> a server in forwarding mode, not entered yet."""

    def make(statements, *args, env=None, warnings=False):
        program = compile_policy(statements, warnings=warnings)
        return Server(program, "--backend-url", backend.url, "--state-dir", str(tmp_path / "state"),
                      *args, env=env)

    return make


def text_of(answer):
    return answer["result"]["content"][0]["text"]


def call(server, tool, arguments=None, token=None):
    """The result of a call."""
    status, _, answer = server.call_tool(tool, arguments, token)
    assert status == 200, answer
    return answer["result"]
