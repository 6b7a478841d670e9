"""Results that are no objects: as they are where the revision lets them, else as the member `result`
of an object; what is listed and what is given fit each other and the schema of the revision."""

import json

import jsonschema
import pytest
from conftest import Backend, Server
from protocol_document import MODERN, REVISIONS, Judge, operation
from test_protocol import ask

PET = {"$ref": "#/components/schemas/Pet"}
TREE = {"$ref": "#/components/schemas/Tree"}
# name -> schema, an answer that fits it, whether it is an object's
TOOLS = {
    "pet": (PET, {"id": 9007199254740993}, True),
    "pets": ({"type": "array", "items": PET}, [{"id": 1}, {"id": 2}], False),
    "named": ({"$ref": "#/components/schemas/Pets"}, [], False),
    "count": ({"type": "integer"}, 18446744073709551615, False),
    "name": ({"type": "string"}, "Rex \u00e9\n", False),
    "flag": ({"type": "boolean"}, False, False),
    "nothing": ({"type": "null"}, None, False),
    "maybe": ({"oneOf": [PET, {"type": "null"}]}, {"id": 1}, False),
    "either": ({"oneOf": [PET, {"type": "array", "items": {}}]}, [1, [2]], False),
    "tree": (TREE, {"kids": [{"kids": []}]}, True),
    "trees": ({"type": "array", "items": TREE}, [{"kids": [{"kids": []}]}], False),
    "result": (
        {"type": "array", "items": {"properties": {"result": False, "$defs": {}}}},
        [{"$defs": 1}],
        False,
    ),
    "never": ({"type": "object", "properties": {"gone": False}}, {}, True),
}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "results", "version": "1"},
    "servers": [{"url": "http://127.0.0.1:9"}],
    "paths": {
        f"/{name}": {"get": operation(name, schema=schema)}
        for name, (schema, _, _) in TOOLS.items()
    },
    "components": {
        "schemas": {
            "Pet": {
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"type": "integer", "format": "int64"}},
            },
            "Pets": {"type": "array", "items": PET},
            "Tree": {"type": "object", "properties": {"kids": {"type": "array", "items": TREE}}},
        }
    },
}


@pytest.fixture(scope="module")
def judge(data):
    return Judge(data)


@pytest.fixture(scope="module")
def pair(compile_server, tmp_path_factory):
    path = tmp_path_factory.mktemp("output") / "spec.json"
    path.write_text(json.dumps(DOCUMENT))
    with Backend() as backend:
        with Server(compile_server(path), "--backend-url", backend.url) as server:
            yield server, backend


def listed(server, judge, revision):
    message = ask(server, revision, "tools/list")[2]
    result = judge.response(revision, "ListToolsResult", message)
    return {tool["name"]: tool["outputSchema"] for tool in result["tools"]}


def called(pair, judge, revision, name, status=200, body=None):
    server, backend = pair
    backend.answer(status, {"Content-Type": "application/json"}, body)
    message = ask(server, revision, "tools/call", {"name": name})[2]
    return judge.response(revision, "CallToolResult", message)


@pytest.mark.parametrize("revision", REVISIONS)
def test_schemas(pair, judge, revision):
    schemas = listed(pair[0], judge, revision)
    assert schemas.keys() == TOOLS.keys()
    for name, (_, _, is_object) in TOOLS.items():
        schema = schemas[name]
        jsonschema.Draft202012Validator.check_schema(schema)
        assert is_object <= (schema.get("type") == "object")
        if revision != MODERN:
            assert schema["type"] == "object"
            wrapped = schema.get("required") == ["result"]
            assert wrapped is not is_object
            if wrapped:
                assert schema.keys() <= {"type", "properties", "required", "$defs"}
                assert schema["properties"].keys() == {"result"}
                assert "$defs" not in schema["properties"]["result"]


def test_a_wrapped_schema_says_the_same(pair, judge):
    modern = listed(pair[0], judge, MODERN)
    legacy = listed(pair[0], judge, "2025-11-25")
    for name, (_, _, is_object) in TOOLS.items():
        if is_object:
            assert legacy[name] == modern[name]
            continue
        again = dict(legacy[name]["properties"]["result"])
        if "$defs" in legacy[name]:
            again["$defs"] = legacy[name]["$defs"]
        assert again == modern[name]


@pytest.mark.parametrize("name", TOOLS)
@pytest.mark.parametrize("revision", REVISIONS)
def test_results(pair, judge, revision, name):
    _, answer, is_object = TOOLS[name]
    result = called(pair, judge, revision, name, body=json.dumps(answer).encode())
    assert result["isError"] is False
    assert json.loads(result["content"][0]["text"]) == answer
    if revision == "2025-03-26":
        assert "structuredContent" not in result
        return
    is_plain = is_object or revision == MODERN
    assert result["structuredContent"] == (answer if is_plain else {"result": answer})
    schema = listed(pair[0], judge, revision)[name]
    jsonschema.Draft202012Validator(schema).validate(result["structuredContent"])


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize("status, body", [(500, b"[]"), (404, b'"gone"'), (200, b"[1,"), (204, b"")])
def test_failures_have_no_structured_content(pair, judge, revision, status, body):
    result = called(pair, judge, revision, "pets", status, body)
    assert result["isError"] is True and "structuredContent" not in result
