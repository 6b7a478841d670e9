"""Operations that share a path and differ in its fragment or its fixed query."""

import pytest
from conftest import Server

DOCUMENT = """openapi: 3.0.3
info: {title: Folders, version: "1"}
servers: [{url: https://folders.example}]
paths:
  /folders/{id}:
    parameters: &id [{name: id, in: path, required: true, schema: {type: string}}]
    get: {operationId: whole, responses: {"200": {description: ok}}}
  /folders/{id}#link:
    parameters: *id
    get:
      operationId: link
      parameters: [{name: fields, in: query, schema: {type: string}}]
      responses: {"200": {description: ok}}
  /folders?action=list:
    get:
      operationId: list
      parameters:
        - {name: action, in: query, schema: {type: string}}
        - {name: filter, in: query, style: form, explode: true, schema: {type: object}}
      responses: {"200": {description: ok}}
"""


@pytest.fixture
def server(compile_server, spec, backend):
    with Server(compile_server(spec(DOCUMENT)), "--backend-url", backend.url) as found:
        yield found


@pytest.mark.parametrize(
    ("tool", "arguments", "path"),
    [
        ("whole", {"id": "7"}, "/folders/7"),
        ("link", {"id": "7"}, "/folders/7"),
        ("link", {"id": "#7"}, "/folders/%237"),
        ("link", {"id": "7", "fields": "a#b"}, "/folders/7?fields=a%23b"),
        ("list", {}, "/folders?action=list"),
        ("list", {"filter": {"owner": "me"}}, "/folders?action=list&owner=me"),
    ],
)
def test_fragment_is_not_sent_and_query_is(server, backend, tool, arguments, path):
    status, _, answer = server.call_tool(tool, arguments)
    assert status == 200 and not answer["result"].get("isError"), answer
    assert backend.requests[-1].path == path


def test_argument_cannot_call_another_operation(server, backend):
    for arguments in ({"action": "delete"}, {"filter": {"action": "delete"}}):
        _, _, answer = server.call_tool("list", arguments)
        assert "error" in answer or answer["result"]["isError"], answer
    assert "action" not in server.list_tools()["list"]["inputSchema"]["properties"]
    assert backend.requests == []
