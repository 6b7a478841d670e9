"""The document that the backend tests compile, its server and its recording backend."""

import json

import pytest
from conftest import Backend, Server

STRING = {"type": "string"}
JSON_ANSWER = {"200": {"description": "fine", "content": {"application/json": {}}}}


def parameter(name, place, **rest):
    return {"name": name, "in": place, "required": place == "path", "schema": {}, **rest}


def operation(name, parameters=(), content=None, **rest):
    found = {"operationId": name, "responses": JSON_ANSWER, **rest}
    if parameters:
        found["parameters"] = list(parameters)
    if content:
        found["requestBody"] = {"required": True, "content": content}
    return found


STYLES = [
    (place, style, explode)
    for place, styles in {
        "path": ["simple", "label", "matrix"],
        "query": ["form", "spaceDelimited", "pipeDelimited", "deepObject"],
        "header": ["simple"],
        "cookie": ["form"],
    }.items()
    for style in styles
    for explode in (False, True)
    if (style, explode)
    not in (
        ("spaceDelimited", True),
        ("pipeDelimited", True),
        ("deepObject", False),
    )
]


def style_name(place, style, explode):
    return f"{place}_{style}_{'explode' if explode else 'plain'}"


def style_paths():
    paths = {}
    for place, style, explode in STYLES:
        name = style_name(place, style, explode)
        path = f"/{name}/{{color}}" if place == "path" else f"/{name}"
        color = parameter("color", place, style=style, explode=explode)
        paths[path] = {"get": operation(name, [color])}
    return paths


PROPERTIES = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer", "format": "int64"},
        "name": {"type": "string"},
        "tags": {"type": "array", "items": STRING},
        "note": {"type": ["string", "null"]},
    },
}
UPLOAD = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png"},
        "caption": {"type": "string"},
    },
}

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "backend tests", "version": "1"},
    "servers": [{"url": "http://127.0.0.1:9"}],
    "paths": {
        "/things/{id}": {"get": operation("getThing", [parameter("id", "path", schema=STRING)])},
        "/things/{id}/parts/{part}": {
            "get": operation(
                "getPart",
                [parameter("id", "path", schema=STRING), parameter("part", "path", schema=STRING)],
            )
        },
        "/admin/stats": {"get": operation("adminStats")},
        "/pets/{petId}": {
            "get": operation(
                "getPet",
                [parameter("petId", "path", schema={"type": "integer", "format": "int64"})],
            )
        },
        "/search": {
            "get": operation(
                "search",
                [
                    parameter("q", "query", schema=STRING),
                    parameter("url", "query", schema=STRING, allowReserved=True),
                    parameter(
                        "filter",
                        "query",
                        content={"application/json": {"schema": {"type": "object"}}},
                    ),
                    parameter("X-Trace", "header", schema=STRING),
                ],
            )
        },
        "/json": {"post": operation("postJson", content={"application/json": {"schema": PROPERTIES}})},
        "/list": {
            "post": operation(
                "postList",
                content={"application/json": {"schema": {"type": "array", "items": {}}}},
            )
        },
        "/form": {
            "post": operation(
                "postForm", content={"application/x-www-form-urlencoded": {"schema": PROPERTIES}}
            )
        },
        "/upload": {
            "post": operation("upload", content={"multipart/form-data": {"schema": UPLOAD}})
        },
        "/text": {"post": operation("postText", content={"text/plain": {"schema": STRING}})},
        "/bytes": {
            "put": operation("putBytes", content={"application/octet-stream": {"schema": {}}})
        },
        "/empty": {"post": operation("postNothing"), "delete": operation("deleteNothing")},
        **style_paths(),
    },
}


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    path = tmp_path_factory.mktemp("document") / "openapi.json"
    path.write_text(json.dumps(DOCUMENT))
    return path


@pytest.fixture(scope="module")
def program(document, compile_server):
    return compile_server(document)


@pytest.fixture(scope="module")
def shared(program):
    with Backend() as found:
        with Server(
            program, "--backend-url", found.url + "/base/", env={"BACKEND_API_TOKEN": "tok-1"}
        ) as server:
            yield server, found


@pytest.fixture
def pair(shared):
    server, found = shared
    found.requests.clear()
    found.answer(200, {"Content-Type": "application/json"}, b'{"ok":true}')
    return server, found


def call(server, name, arguments=None):
    status, _, answer = server.call_tool(name, arguments)
    assert status == 200 and "result" in answer, answer
    return answer["result"]


def text_of(result):
    assert result["content"][0]["type"] == "text"
    return result["content"][0]["text"]


def sent(pair, name, arguments):
    """The one request that a call makes."""
    server, backend = pair
    result = call(server, name, arguments)
    assert not result.get("isError"), result
    assert len(backend.requests) == 1
    return backend.requests[0]
