"""Results against the schemas that the document promises: told or not, looked at or not."""

import json

import pytest
from conftest import Server
from protocol_document import operation

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "servers": [{"url": "http://127.0.0.1:9"}],
    "paths": {
        "/pet": {
            "get": operation(
                "getPet",
                schema={
                    "type": "object",
                    "required": ["id"],
                    "properties": {"id": {"type": "integer"}, "tag": {"$ref": "#/components/schemas/Tag"}},
                },
            )
        },
        "/count": {"get": operation("count", schema={"type": "integer", "minimum": 0})},
        "/free": {"get": operation("free")},
    },
    "components": {"schemas": {"Tag": {"type": "string", "maxLength": 3}}},
}


@pytest.fixture
def serve(compile_server, tmp_path, backend):
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(DOCUMENT))

    def start(*options):
        return Server(compile_server(path, *options), "--backend-url", backend.url)

    return start


def result(server, name):
    return server.call_tool(name)[2]["result"]


def test_validated_results(serve, backend):
    with serve("--validate-output") as server:
        for body in [{"id": 1}, {"id": 1, "tag": "abc", "more": []}]:
            backend.answer(200, None, body)
            found = result(server, "getPet")
            assert not found["isError"] and found["structuredContent"] == body
        for body, words in [
            ({"id": "1"}, "id: expected an integer"),
            ({}, "id"),
            ({"id": 1, "tag": "abcd"}, "tag"),
        ]:
            backend.answer(200, None, body)
            found = result(server, "getPet")
            assert found["isError"] and "structuredContent" not in found
            assert words in found["content"][0]["text"]
            assert json.loads(found["content"][1]["text"]) == body
        backend.answer(200, None, b"-1")
        assert result(server, "count")["isError"]
        backend.answer(200, None, b"7")
        assert result(server, "count")["structuredContent"] == 7
        backend.answer(200, None, {"any": "thing"})
        assert not result(server, "free")["isError"]


def test_results_are_not_looked_at_unless_asked(serve, backend):
    with serve() as server:
        assert "outputSchema" in server.list_tools()["getPet"]
        backend.answer(200, None, {"id": "1"})
        assert result(server, "getPet")["structuredContent"] == {"id": "1"}


def test_no_output_schema(serve, backend):
    """For an API whose answers differ from its document: strict clients have nothing to refuse."""
    with serve("--no-output-schema") as server:
        assert not any("outputSchema" in tool for tool in server.list_tools().values())
        for body in [b'{"id":"1"}', b"7", b"no json"]:
            backend.answer(200, None, body)
            found = result(server, "getPet")
            assert not found["isError"] and found["content"][0]["text"] == body.decode()
