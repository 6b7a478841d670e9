"""Bodies that are forms, through a real server to a real backend: the parts of multipart/form-data
byte for byte, and what the encodings of a document make of them."""

import base64
import json

import pytest
from backend_document import call, operation, sent, text_of
from conftest import Backend, Server

BYTES = bytes(range(256)) + b"\r\n--\r\n"
FILE = {"type": "string", "format": "binary"}
STRING = {"type": "string"}
PROPERTIES = {
    "note": STRING,
    "count": {"type": "integer", "format": "int64"},
    "flag": {"type": "boolean"},
    "owner": {"type": "object"},
    "tags": {"type": "array", "items": STRING},
    "pets": {"type": "array", "items": {"type": "object"}},
    "list": {"type": "array", "items": {"type": "integer"}},
    "csv": STRING,
    "meta": STRING,
    "xml": STRING,
    "photo": FILE,
    "plain": FILE,
    "scan": {"type": "string", "contentMediaType": "application/pdf"},
    "key": {"type": "string", "contentEncoding": "base64"},
    "files": {"type": "array", "items": FILE},
    'odd "name"': STRING,
    "form": {},
    "list1": {},
    "spaces": {},
    "pipes": {},
    "deep": {},
    "reserved": STRING,
}
HEADERS = {
    "X-Size": {"schema": {"type": "integer", "format": "int64"}},
    "X-Tags": {"schema": {"type": "array", "items": STRING}},
    "X-Pairs": {"explode": True, "schema": {"type": "object"}},
    "X-Json": {"content": {"application/json": {"schema": {}}}},
}
ENCODING = {
    "csv": {"contentType": "text/csv; charset=utf-8"},
    "meta": {"contentType": "application/json"},
    "list": {"contentType": "application/json"},
    "pets": {"contentType": "application/vnd.pet+json"},
    "photo": {"contentType": "image/png", "headers": HEADERS},
    "files": {"headers": {"X-Size": {"schema": {"type": "integer"}}}},
    "form": {"explode": True},
    "list1": {"style": "form", "explode": False},
    "spaces": {"style": "spaceDelimited"},
    "pipes": {"style": "pipeDelimited"},
    "deep": {"style": "deepObject", "contentType": "application/json"},
    "reserved": {"allowReserved": True},
    "xml": {"contentType": "application/xml"},
}
FORM = {
    "colors": {"type": "array", "items": STRING},
    "sizes": {"type": "array", "items": STRING},
    "deep": {"type": "object"},
    "json": {"type": "array", "items": {"type": "integer"}},
    "owner": {"type": "object"},
    "url": STRING,
    "spread": {"type": "object"},
}
FORM_ENCODING = {
    "colors": {"style": "pipeDelimited", "explode": False},
    "deep": {"style": "deepObject", "explode": True},
    "json": {"contentType": "application/json"},
    "url": {"allowReserved": True},
    "spread": {"style": "form"},
}


def document(kind, properties, encoding):
    schema = {"type": "object", "properties": properties}
    body = {kind: {"schema": schema, "encoding": encoding}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "forms", "version": "1"},
        "servers": [{"url": "http://127.0.0.1:9"}],
        "paths": {"/form": {"post": operation("send", content=body)}},
    }


def serve(compile_server, path, found):
    path.write_text(json.dumps(found))
    return Server(compile_server(path), env={"BACKEND_API_TOKEN": "tok-1"})


def pair_of(compile_server, folder, found):
    with Backend() as backend:
        found["servers"] = [{"url": backend.url}]
        with serve(compile_server, folder / "spec.json", found) as server:
            yield server, backend


@pytest.fixture(scope="module")
def shared(compile_server, tmp_path_factory):
    found = document("multipart/form-data", PROPERTIES, ENCODING)
    yield from pair_of(compile_server, tmp_path_factory.mktemp("multipart"), found)


@pytest.fixture(scope="module")
def shared_form(compile_server, tmp_path_factory):
    found = document("application/x-www-form-urlencoded", FORM, FORM_ENCODING)
    yield from pair_of(compile_server, tmp_path_factory.mktemp("form"), found)


def fresh(shared):
    shared[1].requests.clear()
    shared[1].answer(200, {"Content-Type": "application/json"}, b'{"ok":true}')
    return shared


@pytest.fixture
def pair(shared):
    return fresh(shared)


@pytest.fixture
def form(shared_form):
    return fresh(shared_form)


def body_of(pair, arguments):
    """The body with B for its boundary."""
    request = sent(pair, "send", arguments)
    (kind,) = request.header("Content-Type")
    name, boundary = kind.split("; boundary=")
    assert name == "multipart/form-data" and len(boundary) >= 32
    assert b"B" not in request.body.replace(boundary.encode(), b"")
    return request.body.replace(boundary.encode(), b"B")


def part(name, content, type_=None, file=False, headers=()):
    disposition = f'Content-Disposition: form-data; name="{name}"'
    disposition += f'; filename="{name}"' if file else ""
    head = disposition + (f"\r\nContent-Type: {type_}" if type_ else "")
    head += "".join(f"\r\n{name}: {value}" for name, value in headers)
    return b"--B\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n"


BINARY = "application/octet-stream"
PARTS = [
    ("note", "two\r\nlines \u00e9", [("two\r\nlines \u00e9".encode(), None)]),
    ("note", "", [(b"", None)]),
    ("count", 9007199254740993, [(b"9007199254740993", None)]),
    ("flag", False, [(b"false", None)]),
    ("owner", {"name": "a", "n": [1, None]}, [(b'{"name":"a","n":[1,null]}', "application/json")]),
    ("tags", ["x", "y,z"], [(b"x", None), (b"y,z", None)]),
    ("tags", [], []),
    ("pets", [{"id": 1}, {}], [(b'[{"id":1},{}]', "application/vnd.pet+json")]),
    ("list", [1, 2], [(b"[1,2]", "application/json")]),
    ("csv", "a,c", [(b"a,c", "text/csv; charset=utf-8")]),
    ("meta", 'a "c"', [(b'"a \\"c\\""', "application/json")]),
    ("xml", "<a/>", [(b"<a/>", "application/xml")]),
]
FILES = [("photo", "image/png"), ("plain", BINARY), ("scan", "application/pdf"), ("key", BINARY)]


@pytest.mark.parametrize("name, value, wanted", PARTS)
def test_parts(pair, name, value, wanted):
    parts = b"".join(part(name, content, type_) for content, type_ in wanted)
    assert body_of(pair, {name: value}) == parts + b"--B--\r\n"


@pytest.mark.parametrize("name, type_", FILES)
def test_files(pair, name, type_):
    content = BYTES.replace(b"B", b"b")
    body = body_of(pair, {name: base64.b64encode(content).decode()})
    assert body == part(name, content, type_, file=True) + b"--B--\r\n"


def test_several_files(pair):
    files = [b"one", b"", b"\0two"]
    body = body_of(pair, {"files": [base64.b64encode(file).decode() for file in files]})
    wanted = b"".join(part("files", file, BINARY, file=True) for file in files)
    assert body == wanted + b"--B--\r\n"


@pytest.mark.parametrize(
    "name, value, wanted",
    [
        ("X-Size", 9007199254740993, "9007199254740993"),
        ("X-Tags", ["a b", "c,d"], "a b,c,d"),
        ("X-Tags", [], ""),
        ("X-Pairs", {"a": 1, "b": "x=y"}, "a=1,b=x=y"),
        ("X-Json", {"a": "b\n c"}, '{"a":"b\\n c"}'),
    ],
)
def test_part_headers(pair, name, value, wanted):
    body = body_of(pair, {"photo": "/w==", f"photo_{name}": value})
    head = [(name, wanted)]
    assert body == part("photo", b"\xff", "image/png", True, head) + b"--B--\r\n"


def test_part_headers_go_with_each_part_and_no_other(pair):
    arguments = {"files": ["/w==", "AA=="], "files_X-Size": 1, "photo": "/w==", "note": "n"}
    assert body_of(pair, arguments) == (
        part("note", b"n")
        + part("photo", b"\xff", "image/png", True)
        + part("files", b"\xff", BINARY, True, [("X-Size", 1)])
        + part("files", b"\0", BINARY, True, [("X-Size", 1)])
        + b"--B--\r\n"
    )


@pytest.mark.parametrize(
    "arguments, named",
    [
        ({"photo_X-Size": 1}, "photo_X-Size"),
        ({"photo": "/w==", "photo_X-Tags": ["a\r\nX-Other: b"]}, "photo_X-Tags"),
        ({"photo": "/w==", "photo_X-Size": "x"}, "photo_X-Size"),
        ({"form": {"note": "y"}}, "form"),
        ({"deep": [1]}, "deep"),
    ],
)
def test_refused(pair, arguments, named):
    result = call(pair[0], "send", arguments)
    assert result["isError"] is True and named in text_of(result)
    assert pair[1].requests == []


# the style table's rows, with a part for each pair and nothing percent-encoded
ARRAY, OBJECT = ["blue", "a b", "c,d"], {"R": 100, "G": "a&b"}
STYLED = [
    ("form", "blue", [("form", b"blue")]),
    ("form", "", [("form", b"")]),
    ("form", ARRAY, [("form", b"blue"), ("form", b"a b"), ("form", b"c,d")]),
    ("form", [], []),
    ("form", [None, [1, 2]], [("form", b"[1,2]")]),
    ("form", OBJECT, [("R", b"100"), ("G", b"a&b")]),
    ("form", {'a"\r\n': None, "b": {"c": 1}}, [("b", b'{"c":1}')]),
    ("list1", 7, [("list1", b"7")]),
    ("list1", ARRAY, [("list1", b"blue,a b,c,d")]),
    ("list1", OBJECT, [("list1", b"R,100,G,a&b")]),
    ("list1", [], []),
    ("list1", "", [("list1", b"")]),
    ("spaces", ARRAY, [("spaces", b"blue a b c,d")]),
    ("spaces", OBJECT, [("spaces", b"R 100 G a&b")]),
    ("pipes", ARRAY, [("pipes", b"blue|a b|c,d")]),
    ("pipes", "x", [("pipes", b"x")]),
    ("deep", OBJECT, [("deep[R]", b"100"), ("deep[G]", b"a&b")]),
    ("deep", {"a": {"b": [1, 2]}}, [("deep[a][b]", b"1"), ("deep[a][b]", b"2")]),
    ("deep", {'"': 1, "n": None}, [("deep[%22]", b"1")]),
    ("reserved", "a/b?c&d%41", [("reserved", b"a/b?c&d%41")]),
]


@pytest.mark.parametrize("name, value, wanted", STYLED)
def test_styles_of_parts(pair, name, value, wanted):
    parts = b"".join(part(name, content) for name, content in wanted)
    assert body_of(pair, {name: value}) == parts + b"--B--\r\n"


def test_names_are_quoted(pair):
    (argument,) = (
        name
        for name in pair[0].list_tools()["send"]["inputSchema"]["properties"]
        if name.startswith("odd")
    )
    assert body_of(pair, {argument: "x"}) == part("odd %22name%22", b"x") + b"--B--\r\n"


def test_all_at_once_in_the_order_of_the_document(pair):
    arguments = {"xml": "<a/>", "note": "n", "photo": "/w==", "count": 1}
    assert body_of(pair, arguments) == (
        part("note", b"n")
        + part("count", b"1")
        + part("xml", b"<a/>", "application/xml")
        + part("photo", b"\xff", "image/png", file=True)
        + b"--B--\r\n"
    )


def test_the_model_is_told_how_files_are_sent(pair):
    properties = pair[0].list_tools()["send"]["inputSchema"]["properties"]
    for name, type_ in FILES:
        assert properties[name]["contentEncoding"] == "base64"
        assert properties[name].get("contentMediaType", BINARY) == type_
        assert f"a file named {name}" in properties[name]["description"]
    assert properties["files"]["items"]["contentEncoding"] == "base64"


@pytest.mark.parametrize("value", ["!", "/w", "/w= =", "_-==", "data:;base64,/w=="])
def test_what_is_not_base64_is_refused(pair, value):
    result = call(pair[0], "send", {"photo": value})
    assert result["isError"] is True and "photo" in text_of(result)
    assert pair[1].requests == []


@pytest.mark.parametrize(
    "arguments, wanted",
    [
        ({"colors": ["a", "b c"]}, b"colors=a%7Cb+c"),
        ({"sizes": ["s", "m"]}, b"sizes=s&sizes=m"),
        ({"deep": {"a": 1, "b": "x&y"}}, b"deep%5Ba%5D=1&deep%5Bb%5D=x%26y"),
        ({"json": [1, 2]}, b"json=%5B1%2C2%5D"),
        ({"spread": {"a": 1, "b": "c d"}}, b"a=1&b=c+d"),
        ({"owner": {"a": 1}}, b"owner=%7B%22a%22%3A1%7D"),
        ({"url": "http://h/a?b=c&d=e+f#g h"}, b"url=http://h/a?b=c%26d=e%2Bf%23g%20h"),
    ],
)
def test_form_encodings(form, arguments, wanted):
    request = sent(form, "send", arguments)
    assert request.header("Content-Type") == ["application/x-www-form-urlencoded"]
    assert request.body == wanted


def test_members_cannot_set_another_property_of_a_form(form):
    result = call(form[0], "send", {"spread": {"url": "x"}})
    assert result["isError"] is True and "spread" in text_of(result)
    assert form[1].requests == []
