"""Arguments against a tool's input schema, through a real server: what fits goes out, what does not
is told to the model, and nothing of it reaches the backend."""

import json

import pytest
from backend_document import call, operation, parameter, text_of
from conftest import Backend, Server

STRING = {"type": "string"}
INTEGER = {"type": "integer"}
NODE = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": STRING,
        "children": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}},
    },
    "additionalProperties": False,
}

# name of the argument, schema, values that fit, values that do not with a piece of what is told
CASES = {
    "type": (INTEGER, [1, 1.0, -7], [("7", 'expected an integer, got the string "7"'), (1.5, "1.5")]),
    "types": ({"type": ["string", "boolean"]}, ["", True], [(1, "expected a string or a boolean")]),
    "enum": ({"enum": ["a", "b"]}, ["a"], [("c", 'expected one of "a", "b", got the string "c"')]),
    "const": ({"const": 5}, [5, 5.0], [(6, "expected 5, got the number 6")]),
    "int64": (
        {**INTEGER, "format": "int64"},
        [9223372036854775807, -9223372036854775808],
        [
            (9223372036854775808, "expected a 64-bit integer"),
            (-9223372036854775809, "expected a 64-bit integer"),
        ],
    ),
    "int32": (
        {**INTEGER, "format": "int32"},
        [2147483647],
        [(2147483648, "expected a 32-bit integer"), (-2147483649, "got the number -2147483649")],
    ),
    "minimum": (
        {**INTEGER, "minimum": 9007199254740993},
        [9007199254740993],
        [(9007199254740992, "expected at least 9007199254740993")],
    ),
    "maximum": (
        {**INTEGER, "maximum": 9223372036854775806},
        [9223372036854775806],
        [(9223372036854775807, "expected at most 9223372036854775806")],
    ),
    "exclusiveMinimum": (
        {"type": "number", "exclusiveMinimum": 0},
        [0.1],
        [(0, "expected more than 0")],
    ),
    "exclusiveMaximum": (
        {"type": "number", "exclusiveMaximum": 1},
        [0.99],
        [(1.0, "expected less than 1, got the number 1.0")],
    ),
    "multipleOf": (
        {"type": "number", "multipleOf": 0.01},
        [1.13, 0.07, 2],
        [(1.135, "expected a multiple of 0.01")],
    ),
    "minLength": ({**STRING, "minLength": 2}, ["éé", "😀😀"], [("😀", "at least 2 characters, got 1")]),
    "maxLength": ({**STRING, "maxLength": 2}, ["日本"], [("日本語", "at most 2 characters, got 3")]),
    "pattern": (
        {**STRING, "pattern": "^[A-Z]{2}-\\d+$"},
        ["AB-12"],
        [("ab-12", "matches the pattern ^[A-Z]{2}-\\d+$"), ("AB-12\n", "matches the pattern")],
    ),
    "lookahead": ({**STRING, "pattern": "^(?=a).*$"}, ["a", "not enforced"], []),
    "date": ({**STRING, "format": "date"}, ["2024-02-29"], [("2023-02-29", "a date like")]),
    "datetime": (
        {**STRING, "format": "date-time"},
        ["2024-12-31T23:59:59.5+01:00"],
        [("2024-12-31 23:59", "a date and time like")],
    ),
    "uuid": (
        {**STRING, "format": "uuid"},
        ["123e4567-e89b-12d3-a456-426614174000"],
        [("123e4567", "a UUID")],
    ),
    "items": (
        {"type": "array", "items": INTEGER},
        [[], [1, 2]],
        [([1, "2", "3"], 'items[1]: expected an integer, got the string "2"')],
    ),
    "minItems": ({"type": "array", "minItems": 1}, [[1]], [([], "at least 1 item, got 0")]),
    "maxItems": ({"type": "array", "maxItems": 1}, [[1]], [([1, 2], "at most 1 item, got 2")]),
    "uniqueItems": (
        {"type": "array", "uniqueItems": True},
        [[1, "1", [1]]],
        [([{"a": 1, "b": 2}, {"b": 2, "a": 1.0}], "the same at [0] and [1]")],
    ),
    "object": (
        {
            "type": "object",
            "required": ["street"],
            "properties": {"street": STRING, "zip": INTEGER},
            "additionalProperties": False,
        },
        [{"street": "x", "zip": 1}],
        [
            ({"stret": "x"}, "object: unknown property: stret; the nearest known name is street"),
            ({"zip": "1", "street": 7}, "object.street: expected a string, got the number 7"),
            ({}, "object: missing required property: street (a string)"),
        ],
    ),
    "map": (
        {"type": "object", "additionalProperties": INTEGER, "minProperties": 1, "maxProperties": 2},
        [{"a": 1}],
        [({"a": "1"}, "map.a: expected an integer"), ({}, "at least 1"), (dict(a=1, b=2, c=3), "at most 2")],
    ),
    "anyOf": (
        {"anyOf": [INTEGER, {"type": "string", "maxLength": 1}]},
        [12, "x"],
        [("xy", "anyOf: expected at most 1 character"), (True, "expected a string or an integer")],
    ),
    "oneOf": (
        {"oneOf": [{"multipleOf": 2, "type": "integer"}, {"multipleOf": 3, "type": "integer"}]},
        [2, 3],
        [(6, "fits alternatives 1 and 2")],
    ),
    "allOf": (
        {"allOf": [{"type": "integer"}, {"minimum": 3}]},
        [3],
        [(2, "expected at least 3")],
    ),
    "not": ({"not": {"type": "null"}, "type": ["string", "null"]}, ["x"], []),
    "recursive": (
        {"$ref": "#/components/schemas/Node"},
        [{"name": "a", "children": [{"name": "b", "children": []}]}],
        [
            (
                {"name": "a", "children": [{"name": "b", "children": [{"nam": "c"}]}]},
                "recursive.children[0].children[0]: unknown property: nam",
            )
        ],
    ),
}

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "validation", "version": "1"},
    "servers": [{"url": "http://127.0.0.1:9"}],
    "components": {"schemas": {"Node": NODE}},
    "paths": {
        **{
            f"/one/{name}": {
                "post": operation(
                    f"one_{name}",
                    content={
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "properties": {name: schema},
                                "additionalProperties": False,
                            }
                        }
                    },
                )
            }
            for name, (schema, _, _) in CASES.items()
        },
        "/pets/{petId}": {
            "get": operation(
                "getPet",
                [
                    parameter("petId", "path", schema={**INTEGER, "format": "int64"}),
                    parameter("limit", "query", schema={**INTEGER, "maximum": 100}),
                    parameter("X-Trace", "header", schema={**STRING, "pattern": "^(a+)+$"}),
                    parameter("sort", "query", required=True, schema={"enum": ["up", "down"]}),
                ],
            )
        },
    },
}


@pytest.fixture(scope="module")
def program(tmp_path_factory, compile_server):
    path = tmp_path_factory.mktemp("document") / "openapi.json"
    path.write_text(json.dumps(DOCUMENT))
    return compile_server(path)


@pytest.fixture(scope="module")
def shared(program):
    with Backend() as found:
        with Server(program, "--backend-url", found.url) as server:
            yield server, found


@pytest.fixture
def pair(shared):
    server, found = shared
    found.requests.clear()
    found.answer(200, {"Content-Type": "application/json"}, b'{"ok":true}')
    return server, found


def refused(pair, name, arguments):
    server, backend = pair
    result = call(server, name, arguments)
    assert result["isError"] is True and "structuredContent" not in result
    assert backend.requests == []
    return text_of(result)


FITTING = [(name, value) for name, (_, values, _) in CASES.items() for value in values]
DIFFERING = [(name, *pair) for name, (_, _, pairs) in CASES.items() for pair in pairs]


@pytest.mark.parametrize("name, value", FITTING)
def test_value_that_fits(pair, name, value):
    server, backend = pair
    result = call(server, f"one_{name}", {name: value})
    assert not result.get("isError"), result
    assert json.loads(backend.requests[0].body) == {name: value}


@pytest.mark.parametrize("name, value, wanted", DIFFERING)
def test_value_that_differs(pair, name, value, wanted):
    text = refused(pair, f"one_{name}", {name: value})
    assert text.startswith(f"The arguments do not fit the input schema of one_{name}:\n- {name}")
    assert wanted in text


def test_all_problems_at_once(pair):
    text = refused(pair, "getPet", {"petId": "x", "limit": 101, "srot": "up"})
    assert text == (
        "The arguments do not fit the input schema of getPet:\n"
        '- petId: expected an integer, got the string "x"\n'
        "- limit: expected at most 100, got the number 101\n"
        "- unknown argument: srot; the nearest known name is sort\n"
        "- missing required argument: sort"
    )


def test_at_most_five_problems(pair):
    text = refused(pair, "one_items", {"items": ["a"] * 9})
    assert text.count("\n- items[") == 5 and text.endswith("\n- and more")


def test_no_arguments_at_all(pair):
    for arguments in ({}, None):
        text = refused(pair, "getPet", arguments)
        assert "missing required argument: petId (an integer)" in text
        assert "missing required argument: sort" in text


def test_null_is_absent(pair):
    server, backend = pair
    result = call(server, "getPet", {"petId": 1, "sort": "up", "limit": None, "X-Trace": None})
    assert not result.get("isError"), result
    assert backend.requests[0].path == "/pets/1?sort=up"
    backend.requests.clear()
    assert "missing required argument: petId" in refused(pair, "getPet", {"petId": None, "sort": "up"})


def test_deep_value(pair):
    """As deep as a message may be."""
    server, backend = pair
    value = {"name": "leaf"}
    for _ in range(25):
        value = {"name": "node", "children": [value]}
    assert not call(server, "one_recursive", {"recursive": value}).get("isError")
    assert len(backend.requests) == 1
    backend.requests.clear()
    value["children"][0]["children"][0]["name"] = 7
    assert "recursive.children[0].children[0].name: expected a string" in refused(
        pair, "one_recursive", {"recursive": value}
    )


def test_pattern_that_backtracks_elsewhere(pair):
    arguments = {"petId": 1, "sort": "up", "X-Trace": "a" * 100000 + "!"}
    assert "X-Trace: expected a string that matches the pattern" in refused(pair, "getPet", arguments)


def test_check_that_costs_too_much_is_refused(pair):
    """Nothing was found to be wrong, but nothing is known to be right either."""
    arguments = {"petId": 1, "sort": "up", "X-Trace": "a" * 3500000}
    assert "too large for the tool's input schema" in refused(pair, "getPet", arguments)


def test_long_and_odd_values_are_shown_safely(pair):
    text = refused(pair, "one_enum", {"enum": "x\n\u0007é" * 1000})
    assert "x\\n\\u0007" in text and "…" in text and len(text) < 400
    text = refused(pair, "one_enum", {"en\num": "a"})
    assert text.count("\n") == 1 and '"en\\num"' in text
