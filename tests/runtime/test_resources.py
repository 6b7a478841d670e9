"""Resources: operations with an address. Listing, reading, and who may; completing arguments."""

import base64
import json
import subprocess

import pytest
from conftest import Backend, Server, Stdio
from protocol_document import MODERN, REVISIONS, operation
from protocol_document import judge  # noqa: F401  (a fixture)
from test_protocol import ask, initialize, legacy_request

LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer"}}
STATUS = {"name": "status", "in": "query", "schema": {"$ref": "#/components/schemas/Status"}}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
NAME = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "servers": [{"url": "http://127.0.0.1:9"}],
    "paths": {
        "/pets": {"get": operation("listPets", parameters=[STATUS, LIMIT])},
        "/pets/{id}": {
            "parameters": [ID],
            "get": operation("getPet", schema={"type": "object"}),
            "delete": operation("deletePet"),
        },
        "/pets/mine": {"get": operation("myPets", ["read:pets"])},
        "/owners/{name}": {"get": operation("getOwner", ["read:pets"], parameters=[NAME])},
        "/about": {
            "get": {
                **operation("about", description="What this is"),
                "responses": {"200": {"description": "ok", "content": {"text/plain": {}}}},
            }
        },
    },
    "components": {
        "schemas": {"Status": {"type": "string", "enum": [f"s{i:03}" for i in range(120)] + ["Up"]}},
        "securitySchemes": {
            "login": {
                "type": "oauth2",
                "flows": {
                    "clientCredentials": {
                        "tokenUrl": "https://login.example/token",
                        "scopes": {"read:pets": "See pets"},
                    }
                },
            }
        },
    },
}


@pytest.fixture(scope="module")
def program(compile_server, tmp_path_factory):
    path = tmp_path_factory.mktemp("resources") / "spec.json"
    path.write_text(json.dumps(DOCUMENT))
    return compile_server(path, "--resource-base", "pets:/")


@pytest.fixture(scope="module")
def pets():
    with Backend() as found:
        yield found


@pytest.fixture(scope="module")
def server(program, pets):
    with Server(program, "--no-validate-tokens", "--backend-url", pets.url) as found:
        yield found


@pytest.fixture(autouse=True)
def fresh(pets):
    pets.requests.clear()
    pets.answer(200, {"Content-Type": "application/json"}, b'{"id":7}')


def read(server, uri, revision=MODERN, **more):
    if revision == MODERN:
        return server.call_mcp("resources/read", {"uri": uri}, headers={"Mcp-Name": uri}, **more)
    return ask(server, revision, "resources/read", {"uri": uri})


# ---- listing ----


@pytest.mark.parametrize("revision", REVISIONS)
def test_lists(server, judge, revision):
    _, _, message = ask(server, revision, "resources/list")
    result = judge.response(revision, "ListResourcesResult", message)
    resources = {resource["uri"]: resource for resource in result["resources"]}
    assert sorted(resources) == ["pets://about", "pets://pets", "pets://pets/mine"]
    assert resources["pets://about"]["name"] == "about"
    assert resources["pets://about"]["description"] == "What this is"
    assert resources["pets://about"]["mimeType"] == "text/plain"
    _, _, message = ask(server, revision, "resources/templates/list")
    result = judge.response(revision, "ListResourceTemplatesResult", message)
    templates = {one["uriTemplate"]: one for one in result["resourceTemplates"]}
    assert sorted(templates) == [
        "pets://owners/{name}",
        "pets://pets/{id}",
        "pets://pets{?status,limit}",
    ]
    if revision == MODERN:
        assert result["cacheScope"] == "public" and result["ttlMs"] > 0


def test_reading_is_decided_like_calling(program, pets, issuer):
    args = ["--backend-url", pets.url, *issuer.server_args()]
    with Server(program, *args) as server:
        reader = issuer.token("read:pets")
        _, _, message = server.call_mcp("resources/list", token=reader)
        assert message["result"]["cacheScope"] == "private"
        names = {one["name"] for one in message["result"]["resources"]}
        assert names <= set(server.list_tools(reader)) and "myPets" in names
        status, headers, _ = read(server, "pets://pets/mine")
        assert status == 401 and 'scope="read:pets"' in headers["WWW-Authenticate"]
        status, headers, _ = read(server, "pets://owners/joe", token=issuer.token("other"))
        assert status == 403 and "insufficient_scope" in headers["WWW-Authenticate"]
        assert not pets.requests
        assert read(server, "pets://owners/joe", token=reader)[0] == 200
        assert [request.path for request in pets.requests] == ["/owners/joe"]


def test_a_server_without_resources_says_so(compile_server, tmp_path, pets, judge):
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(DOCUMENT))
    with Server(compile_server(path), "--backend-url", pets.url) as server:
        _, _, message = ask(server, MODERN, "server/discover")
        assert "resources" not in message["result"]["capabilities"]
        for method in ["resources/list", "resources/templates/list", "resources/read"]:
            params = {"uri": "pets://about"} if method == "resources/read" else {}
            headers = {"Mcp-Name": "pets://about"} if params else {}
            status, _, message = server.call_mcp(method, params, headers=headers)
            assert status == 404
            judge.error(MODERN, message, -32601)


def test_capabilities(server):
    assert "resources" in ask(server, MODERN, "server/discover")[2]["result"]["capabilities"]
    assert "resources" in server.post(initialize("2025-11-25"))[2]["result"]["capabilities"]


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize("method", ["resources/subscribe", "resources/unsubscribe"])
def test_no_resource_is_watched_and_nobody_is_told_so(server, judge, revision, method):
    """An API that is asked with GET does not say when something changes."""
    if revision == MODERN:
        capabilities = ask(server, MODERN, "server/discover")[2]["result"]["capabilities"]
    else:
        capabilities = server.post(initialize(revision))[2]["result"]["capabilities"]
    assert capabilities["resources"] == {"listChanged": True}
    status, _, message = ask(server, revision, method, {"uri": "pets://pets"})
    assert message["error"]["code"] == -32601 and status == (404 if revision == MODERN else 200)


# ---- reading ----


@pytest.mark.parametrize("revision", REVISIONS)
def test_read(server, judge, pets, revision):
    _, _, message = read(server, "pets://pets/7", revision)
    result = judge.response(revision, "ReadResourceResult", message)
    assert result["contents"] == [
        {"uri": "pets://pets/7", "mimeType": "application/json", "text": '{"id":7}'}
    ]
    png = b"\x89PNG\r\n\x1a\n\0"
    pets.answer(200, {"Content-Type": "image/png", "Cache-Control": "public, max-age=60"}, png)
    _, _, message = read(server, "pets://about", revision)
    result = judge.response(revision, "ReadResourceResult", message)
    (content,) = result["contents"]
    assert base64.b64decode(content["blob"]) == png and content["mimeType"] == "image/png"
    if revision == MODERN:
        assert result["ttlMs"] == 60000
    assert [request.path for request in pets.requests] == ["/pets/7", "/about"]


def test_uris_become_requests(server, pets):
    for uri, path in {
        "pets://pets": "/pets",
        "pets://pets?limit=3": "/pets?limit=3",
        "pets://pets?limit=3&status=s001": "/pets?status=s001&limit=3",
        "pets://pets/mine": "/pets/mine",  # closer than pets/{id}
        "pets://owners/J%C3%B6rg%20%26%2F": "/owners/J%C3%B6rg%20%26%2F",
        "pets://owners/7": "/owners/7",
    }.items():
        pets.requests.clear()
        status, _, message = read(server, uri)
        assert (status, "result" in message) == (200, True), (uri, message)
        assert [request.path for request in pets.requests] == [path]


@pytest.mark.parametrize(
    "uri",
    [
        "pets://nothing",
        "pets://pets/",
        "pets://pets/7/more",
        "pets://pets/7?limit=1",
        "pets://pets?nobody=1",
        "pets://pets?limit=1&limit=2",
        "pets://pets?limit",
        "pets://pets?",
        "pets://owners/%C3",
        "pets://owners/%zz",
        "pets://owners/a%00b",
        "PETS://about",
        "pets:/about",
        "https://example.com/",
        "x" * 5000,
    ],
)
@pytest.mark.parametrize("revision", REVISIONS[:2])
def test_what_is_no_resource(server, judge, pets, revision, uri):
    _, _, message = read(server, uri, revision)
    error = judge.error(revision, message, -32602 if revision == MODERN else -32002)
    assert error["data"] == {"uri": uri}
    assert not pets.requests


@pytest.mark.parametrize("uri", ["pets://owners/..", "pets://owners/%2e%2E", "pets://pets/x"])
def test_arguments_of_a_resource_are_checked_like_a_calls(server, judge, pets, uri):
    _, _, message = read(server, uri)
    judge.error(MODERN, message, -32602)
    assert not pets.requests


def test_a_backend_that_has_no_such_thing(server, judge, pets):
    for revision, code in [(MODERN, -32602), ("2025-11-25", -32002)]:
        pets.answer(404, {"Content-Type": "text/plain"}, b"gone")
        judge.error(revision, read(server, "pets://pets/9", revision)[2], code)
        pets.answer(500, {"Content-Type": "text/plain"}, b"because of that")
        error = judge.error(revision, read(server, "pets://pets/9", revision)[2], -32603)
        assert "500" in error["message"] and "because of that" in error["message"]


def test_read_without_uri(server, judge):
    for params in [{}, {"uri": 7}, {"uri": ""}]:
        message = ask(server, "2025-11-25", "resources/read", params)[2]
        judge.error("2025-11-25", message, -32602)


def test_the_header_must_name_what_is_read(server, judge):
    for headers in [{"Mcp-Name": "pets://pets"}, {}]:
        params = {"uri": "pets://about"}
        status, _, message = server.call_mcp("resources/read", params, headers=headers)
        assert status == 400
        judge.error(MODERN, message, -32020)


def test_resources_on_stdio(program, judge, pets):
    with Stdio(program, "--backend-url", pets.url) as stdio:
        stdio.ask(initialize("2025-06-18"))
        message = stdio.ask(legacy_request("resources/read", {"uri": "pets://pets/7"}, 2))
        judge.response("2025-06-18", "ReadResourceResult", message, 2)


# ---- completing ----


def complete(server, revision, ref, name, value):
    params = {"ref": ref, "argument": {"name": name, "value": value}}
    return ask(server, revision, "completion/complete", params)[2]


TEMPLATE = {"type": "ref/resource", "uri": "pets://pets{?status,limit}"}


@pytest.mark.parametrize("revision", REVISIONS)
def test_complete(server, judge, revision):
    message = complete(server, revision, TEMPLATE, "status", "s01")
    found = judge.response(revision, "CompleteResult", message)["completion"]
    assert found == {"values": [f"s01{i}" for i in range(10)], "total": 10, "hasMore": False}
    found = complete(server, revision, TEMPLATE, "status", "")["result"]["completion"]
    assert (len(found["values"]), found["total"], found["hasMore"]) == (100, 121, True)
    found = complete(server, revision, TEMPLATE, "limit", "1")["result"]["completion"]
    assert found == {"values": [], "total": 0, "hasMore": False}
    tool = {"type": "ref/prompt", "name": "listPets"}
    found = complete(server, revision, tool, "status", "uP")["result"]["completion"]
    assert found["values"] == ["Up"]


@pytest.mark.parametrize(
    "ref,name,value",
    [
        ({"type": "ref/resource", "uri": "pets://nothing"}, "status", ""),
        ({"type": "ref/prompt", "name": "nothing"}, "status", ""),
        ({"type": "ref/other", "uri": "pets://pets"}, "status", ""),
        ({"uri": "pets://pets"}, "status", ""),
        (TEMPLATE, "nobody", ""),
        (TEMPLATE, 7, ""),
        (TEMPLATE, "status", None),
        ("pets://pets", "status", ""),
    ],
)
def test_completing_nothing(server, judge, ref, name, value):
    judge.error(MODERN, complete(server, MODERN, ref, name, value), -32602)


def test_what_is_hidden_is_neither_listed_nor_read_nor_completed(
    mcpc, compile_server, tmp_path, pets, issuer
):
    (tmp_path / "spec.json").write_text(json.dumps(DOCUMENT))
    policy = tmp_path / "policy.mcpp"
    command = [mcpc, str(tmp_path / "spec.json"), "-o", str(policy), "--resource-base", "pets:/"]
    subprocess.run(command, check=True)
    policy.write_text(policy.read_text() + 'hide getOwner unless scope "read:pets"\n')
    args = ["--backend-url", pets.url, *issuer.server_args()]
    with Server(compile_server(policy), *args) as server:

        def look(token):
            _, _, listed = server.call_mcp("resources/templates/list", token=token)
            uris = [one["uriTemplate"] for one in listed["result"]["resourceTemplates"]]
            _, _, found = read(server, "pets://owners/joe", token=token)
            ref = {"type": "ref/resource", "uri": "pets://owners/{name}"}
            params = {"ref": ref, "argument": {"name": "name", "value": ""}}
            _, _, completed = server.call_mcp("completion/complete", params, token)
            return "pets://owners/{name}" in uris, "result" in found, "result" in completed

        assert look(issuer.token("read:pets")) == (True, True, True)
        pets.requests.clear()
        assert look(issuer.token("other")) == (False, False, False)
        assert not pets.requests
        _, _, hidden = read(server, "pets://owners/joe", token=issuer.token("other"))
        _, _, absent = read(server, "pets://nobody/joe", token=issuer.token("other"))
        assert hidden["error"]["code"] == absent["error"]["code"] == -32602
        assert hidden["error"]["message"] == absent["error"]["message"]
