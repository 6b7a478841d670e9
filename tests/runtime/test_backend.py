"""Calls through a real server to a real backend: what arrives there, byte for byte."""

import base64
import email
import json
import re

import pytest
from backend_document import STYLES, call, sent, style_name, text_of
from backend_document import document, pair, program, shared  # noqa: F401  (fixtures)

# ---- paths ----


@pytest.mark.parametrize(
    "value, wanted",
    [
        ("a/b", "a%2Fb"),
        ("a b?c#d", "a%20b%3Fc%23d"),
        ("...", "..."),
        ("..a", "..a"),
        ("%41", "%2541"),
        ("é;x=1", "%C3%A9%3Bx%3D1"),
        ("a\r\nb", "a%0D%0Ab"),
        ("a&b=c", "a%26b%3Dc"),
    ],
)
def test_path_value_is_one_segment(pair, value, wanted):
    request = sent(pair, "getThing", {"id": value})
    assert (request.method, request.path) == ("GET", f"/base/things/{wanted}")


@pytest.mark.parametrize(
    "value",
    ["../admin/stats", "..", ".", "%2e%2e", "%2E%2e/admin", "%252e%252e", "a/../../admin", "..\\x",
     "./x", "..;a", "", "a\0b"],
)
def test_path_value_that_would_leave_is_refused(pair, value):
    server, backend = pair
    for name, arguments in {
        "getThing": {"id": value},
        "getPart": {"id": "x", "part": value},
    }.items():
        result = call(server, name, arguments)
        assert result["isError"] is True
        assert "must not be" in text_of(result)
    assert backend.requests == []


@pytest.mark.parametrize("number", ["9007199254740993", "9223372036854775807", "-9223372036854775808"])
def test_64_bit_integers_keep_their_digits(pair, number):
    request = sent(pair, "getPet", {"petId": int(number)})
    assert request.path == f"/base/pets/{number}"


def test_64_bit_integers_in_bodies_and_answers(pair):
    server, backend = pair
    backend.answer(200, None, b'{"id":18446744073709551615}')
    result = call(server, "postJson", {"id": 9007199254740993})
    assert json.loads(backend.requests[0].body) == {"id": 9007199254740993}
    assert result["structuredContent"] == {"id": 18446744073709551615}


# ---- styles (OpenAPI 3.2, "Style Examples") ----

VALUES = {
    "string": "blue",
    "array": ["blue", "black", "brown"],
    "object": {"R": 100, "G": 200, "B": 150},
}
WANTED = {
    "path_simple_plain": ("blue", "blue,black,brown", "R,100,G,200,B,150"),
    "path_simple_explode": ("blue", "blue,black,brown", "R=100,G=200,B=150"),
    "path_label_plain": (".blue", ".blue,black,brown", ".R,100,G,200,B,150"),
    "path_label_explode": (".blue", ".blue.black.brown", ".R=100.G=200.B=150"),
    "path_matrix_plain": (";color=blue", ";color=blue,black,brown", ";color=R,100,G,200,B,150"),
    "path_matrix_explode": (
        ";color=blue",
        ";color=blue;color=black;color=brown",
        ";R=100;G=200;B=150",
    ),
    "query_form_plain": ("color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"),
    "query_form_explode": (
        "color=blue",
        "color=blue&color=black&color=brown",
        "R=100&G=200&B=150",
    ),
    "query_spaceDelimited_plain": (
        None,
        "color=blue%20black%20brown",
        "color=R%20100%20G%20200%20B%20150",
    ),
    "query_pipeDelimited_plain": (
        None,
        "color=blue%7Cblack%7Cbrown",
        "color=R%7C100%7CG%7C200%7CB%7C150",
    ),
    "query_deepObject_explode": (
        None,
        None,
        "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150",
    ),
    "header_simple_plain": ("blue", "blue,black,brown", "R,100,G,200,B,150"),
    "header_simple_explode": ("blue", "blue,black,brown", "R=100,G=200,B=150"),
    "cookie_form_plain": ("color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"),
    "cookie_form_explode": (
        "color=blue",
        "color=blue; color=black; color=brown",
        "R=100; G=200; B=150",
    ),
}


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style_name(*style))
def test_style(pair, style):
    name = style_name(*style)
    for (kind, value), wanted in zip(VALUES.items(), WANTED[name]):
        if wanted is None:  # "n/a" in the table
            continue
        pair[1].requests.clear()
        request = sent(pair, name, {"color": value})
        place = style[0]
        if place == "path":
            assert request.path == f"/base/{name}/{wanted}", kind
        elif place == "query":
            assert request.path == f"/base/{name}?{wanted}", kind
        else:
            header = "Cookie" if place == "cookie" else "color"
            assert request.header(header) == [wanted], kind


def test_query_values_cannot_add_parameters(pair):
    request = sent(pair, "search", {"q": "x&admin=true#y", "url": "http://h/?a=b&c#d"})
    assert request.path == "/base/search?q=x%26admin%3Dtrue%23y&url=http://h/?a=b%26c%23d"


def test_json_in_a_parameter(pair):
    request = sent(pair, "search", {"filter": {"a": [1, "é & b"]}})
    query = request.path.split("?filter=")[1]
    assert re.fullmatch(r"[A-Za-z0-9%._~-]+", query)
    assert json.loads(bytes.fromhex(re.sub(r"%(..)|(.)", hex_of, query))) == {"a": [1, "é & b"]}


def hex_of(match):
    return match.group(1) or match.group(2).encode().hex()


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\rb", "a\0b", "\x7f"])
def test_headers_cannot_be_split(pair, value):
    server, backend = pair
    result = call(server, "search", {"X-Trace": value})
    assert result["isError"] is True and "header" in text_of(result)
    assert backend.requests == []
    assert sent(pair, "search", {"X-Trace": "fine \t é"}).header("X-Trace")


# ---- bodies ----


def test_json_body(pair):
    request = sent(pair, "postJson", {"id": 7, "name": "a\"b\né", "tags": [], "note": None})
    assert request.header("Content-Type") == ["application/json"]
    assert request.header("Content-Length") == [str(len(request.body))]
    assert json.loads(request.body) == {"id": 7, "name": "a\"b\né", "tags": [], "note": None}


def test_null_for_an_optional_argument_is_nothing(pair):
    request = sent(pair, "postJson", {"id": 7, "name": None})
    assert json.loads(request.body) == {"id": 7}


def test_whole_json_body(pair):
    tool = pair[0].list_tools()["postList"]
    (name,) = tool["inputSchema"]["properties"]
    request = sent(pair, "postList", {name: [1, {"a": 2}]})
    assert json.loads(request.body) == [1, {"a": 2}]


def test_form_body(pair):
    request = sent(pair, "postForm", {"id": 9007199254740993, "name": "a b&c=d", "tags": ["x", "y"]})
    assert request.header("Content-Type") == ["application/x-www-form-urlencoded"]
    assert request.body == b"id=9007199254740993&name=a+b%26c%3Dd&tags=x&tags=y"


def test_multipart_body(pair):
    data = bytes(range(256))
    arguments = {"file": base64.b64encode(data).decode(), "caption": "two\r\nlines"}
    request = sent(pair, "upload", arguments)
    (kind,) = request.header("Content-Type")
    head = b"Content-Type: " + kind.encode() + b"\r\n\r\n"
    parts = {
        part.get_param("name", header="content-disposition"): part
        for part in email.message_from_bytes(head + request.body).get_payload()
    }
    assert parts["file"].get_content_type() == "image/png"
    assert parts["file"].get_filename() == "file"
    assert b"\r\n\r\n" + data + b"\r\n" in request.body
    assert b"\r\n\r\ntwo\r\nlines\r\n" in request.body
    pair[1].requests.clear()
    assert sent(pair, "upload", arguments).header("Content-Type") != [kind]


def test_text_and_byte_bodies(pair):
    def whole(tool, value):
        (name,) = pair[0].list_tools()[tool]["inputSchema"]["properties"]
        pair[1].requests.clear()
        return sent(pair, tool, {name: value})

    request = whole("postText", "zwei\nZeilen é")
    assert request.header("Content-Type")[0].startswith("text/plain")
    assert request.body == "zwei\nZeilen é".encode()
    request = whole("putBytes", base64.b64encode(b"\0\xff").decode())
    assert request.method == "PUT"
    assert request.header("Content-Type") == ["application/octet-stream"]
    assert request.body == b"\0\xff"


def test_no_body(pair):
    request = sent(pair, "postNothing", {})
    assert request.header("Content-Length") == ["0"] and not request.header("Content-Type")
    pair[1].requests.clear()
    request = sent(pair, "deleteNothing", {})
    assert request.method == "DELETE" and not request.header("Content-Type")


# ---- arguments ----


def test_missing_and_unknown_arguments(pair):
    server, backend = pair
    result = call(server, "getThing", {})
    assert result["isError"] is True and "id" in text_of(result)
    result = call(server, "getThing", {"id": None})
    assert result["isError"] is True and "id" in text_of(result)
    schema = server.list_tools()["getThing"]["inputSchema"]
    result = call(server, "getThing", {"id": "x", "idd": "y"})
    if schema.get("additionalProperties") is False:
        assert result["isError"] is True and "idd" in text_of(result)
        assert backend.requests == []
