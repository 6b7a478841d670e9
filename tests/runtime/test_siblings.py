"""An argument in a path cannot make one operation another: what the other one needs would be got
round. Nor does a document decide where credentials go: the policy says it."""

import subprocess

import pytest
from conftest import Server

DOCUMENT = """\
openapi: 3.1.0
info: {title: Siblings, version: "1"}
servers: [{url: "https://api.example"}]
paths:
  /pets/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {operationId: getPet, security: [], responses: {"200": {description: ok}}}
    delete: {operationId: deletePet, security: [], responses: {"200": {description: ok}}}
  /pets/secret:
    get:
      operationId: getSecret
      security: [{auth: [admin]}]
      responses: {"200": {description: ok}}
  /pets/{id}/{part}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
      - {name: part, in: path, required: true, schema: {type: string}}
    get: {operationId: getPart, security: [], responses: {"200": {description: ok}}}
  /pets/{id}/keys-{kind}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
      - {name: kind, in: path, required: true, schema: {type: string}}
    get:
      operationId: getKeys
      security: [{auth: [admin]}]
      responses: {"200": {description: ok}}
components:
  securitySchemes:
    auth:
      type: oauth2
      flows: {clientCredentials: {tokenUrl: "https://id.example/t", scopes: {admin: all}}}
"""


@pytest.fixture(scope="module")
def program(compile_server, tmp_path_factory):
    path = tmp_path_factory.mktemp("siblings") / "openapi.yaml"
    path.write_text(DOCUMENT)
    return compile_server(path)


@pytest.mark.parametrize(
    "tool,arguments",
    [
        ("getPet", {"id": "secret"}),
        ("getPet", {"id": "SECRET"}),
        ("getPart", {"id": "7", "part": "keys-ssh"}),
        ("getPart", {"id": "secret", "part": "Keys-"}),
    ],
)
def test_arguments_that_name_another_operation(program, backend, issuer, tool, arguments):
    with Server(program, "--backend-url", backend.url, *issuer.server_args()) as server:
        status, _, answer = server.call_tool(tool, arguments)
        assert status == 200 and answer["result"]["isError"] is True
        assert "another operation" in answer["result"]["content"][0]["text"]
    assert not backend.requests


@pytest.mark.parametrize(
    "tool,arguments,path",
    [
        ("getPet", {"id": "secrets"}, "/pets/secrets"),
        ("getPet", {"id": "secre"}, "/pets/secre"),
        ("deletePet", {"id": "secret"}, "/pets/secret"),  # no other DELETE has this path
        ("getPart", {"id": "7", "part": "key-ssh"}, "/pets/7/key-ssh"),
    ],
)
def test_other_arguments_are_fine(program, backend, issuer, tool, arguments, path):
    with Server(program, "--backend-url", backend.url, *issuer.server_args()) as server:
        status, _, answer = server.call_tool(tool, arguments)
        assert status == 200 and answer["result"]["isError"] is False
    assert [request.path for request in backend.requests] == [path]


def test_the_policy_says_where_a_tool_goes(mcpc, compile_server, backend, tmp_path):
    """A document whose server changes after the policy was made moves nothing."""
    document = tmp_path / "openapi.yaml"
    policy = tmp_path / "api.mcpp"
    text = """\
openapi: 3.1.0
info: {title: Moved, version: "1"}
servers: [{url: "https://api.example"}]
paths:
  /a:
    get:
      operationId: getA
      servers: [{url: "URL/own"}]
      responses: {"200": {description: ok}}
"""
    document.write_text(text.replace("URL", backend.url))
    subprocess.run([mcpc, str(document), "-o", str(policy)], check=True, timeout=60)
    assert f'server "{backend.url}/own"' in policy.read_text()
    document.write_text(text.replace("URL", "https://elsewhere.example"))
    program = compile_server(policy)
    with Server(program) as server:
        status, _, answer = server.call_tool("getA")
        assert status == 200 and answer["result"]["isError"] is False, answer
    assert [request.path for request in backend.requests] == ["/own/a"]
    backend.requests.clear()
    with Server(program, "--backend-url", backend.url + "/all") as server:
        assert server.call_tool("getA")[0] == 200
    assert [request.path for request in backend.requests] == ["/all/a"]
