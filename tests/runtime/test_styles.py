"""What styles do with the values that test_backend.py's table leaves out: empty ones, absent ones,
values with delimiters in them, the table's n/a cells, defaults, allowReserved, content, and Swagger
2.0's collection formats. Each through a compiled server to a recording backend."""

import json
import subprocess

import pytest
from backend_document import call, text_of
from style_document import OPENAPI, REFUSED, SWAGGER, servers, table  # noqa: F401  (fixture)

ABSENT = object()
ARRAY, OBJECT = ["blue", "black", "brown"], {"R": 100, "G": 200, "B": 150}

# ---- values of the table that test_backend.py does not send ----

# The column "undefined/empty": a path without its segment would be another path, and so would "."
EMPTY = [
    ("path", {"style": "matrix", "explode": False}, "", ";color"),
    ("path", {"style": "matrix", "explode": True}, "", ";color"),
    ("path", {"style": "label", "explode": False}, "", REFUSED),
    ("path", {"style": "label", "explode": True}, "", REFUSED),
    ("path", {"style": "simple", "explode": False}, "", REFUSED),
    ("path", {"style": "simple", "explode": True}, "", REFUSED),
    ("query", {"style": "form", "explode": False}, "", "color="),
    ("query", {"style": "form", "explode": True}, "", "color="),
    ("header", {"style": "simple", "explode": False}, "", ""),
    ("header", {"style": "simple", "explode": True}, "", ""),
    ("cookie", {"style": "form", "explode": False}, "", "color="),
    ("cookie", {"style": "form", "explode": True}, "", "color="),
    ("cookie", {"style": "cookie", "explode": False}, "", "color="),
    ("cookie", {"style": "cookie", "explode": True}, "", "color="),
]

# style: cookie is new in 3.2: as form, with "; " where form has "&". In a Cookie header "&" is part
# of a value, so that the exploded form style ("color=blue&color=black", as RFC 6570 has it) would
# be one cookie; we send what is meant.
COOKIE = [
    ("cookie", {"style": "cookie"}, "blue", "color=blue"),
    ("cookie", {"style": "cookie"}, ARRAY, "color=blue; color=black; color=brown"),
    ("cookie", {"style": "cookie"}, OBJECT, "R=100; G=200; B=150"),
    ("cookie", {"style": "cookie", "explode": False}, ARRAY, "color=blue,black,brown"),
    ("cookie", {"style": "cookie", "explode": False}, OBJECT, "color=R,100,G,200,B,150"),
]

# n/a in the table: what the nearest style that has a meaning does; deepObject has none for less
# than an object
NOT_APPLICABLE = [
    ("query", {"style": "spaceDelimited"}, "blue", "color=blue"),
    ("query", {"style": "spaceDelimited"}, "", "color="),
    ("query", {"style": "pipeDelimited"}, "blue", "color=blue"),
    ("query", {"style": "pipeDelimited"}, "", "color="),
    ("query", {"style": "spaceDelimited", "explode": True}, "blue", "color=blue"),
    (
        "query",
        {"style": "spaceDelimited", "explode": True},
        ARRAY,
        "color=blue&color=black&color=brown",
    ),
    ("query", {"style": "spaceDelimited", "explode": True}, OBJECT, "R=100&G=200&B=150"),
    (
        "query",
        {"style": "pipeDelimited", "explode": True},
        ARRAY,
        "color=blue&color=black&color=brown",
    ),
    ("query", {"style": "pipeDelimited", "explode": True}, OBJECT, "R=100&G=200&B=150"),
    ("query", {"style": "deepObject"}, "", REFUSED),
    ("query", {"style": "deepObject"}, "blue", REFUSED),
    ("query", {"style": "deepObject"}, ARRAY, REFUSED),
    ("query", {"style": "deepObject"}, {"R": 100, "G": 200}, "color%5BR%5D=100&color%5BG%5D=200"),
    ("query", {"style": "deepObject", "explode": True}, "blue", REFUSED),
    ("query", {"style": "deepObject", "explode": True}, ARRAY, REFUSED),
]

# no style, no explode: simple without explode in paths and headers, form with it elsewhere
DEFAULTS = [
    ("path", {}, ARRAY, "blue,black,brown"),
    ("path", {}, OBJECT, "R,100,G,200,B,150"),
    ("path", {"style": "label"}, ARRAY, ".blue,black,brown"),
    ("path", {"style": "matrix"}, OBJECT, ";color=R,100,G,200,B,150"),
    ("header", {}, ARRAY, "blue,black,brown"),
    ("header", {}, OBJECT, "R,100,G,200,B,150"),
    ("query", {}, ARRAY, "color=blue&color=black&color=brown"),
    ("query", {}, OBJECT, "R=100&G=200&B=150"),
    ("query", {"style": "form"}, ARRAY, "color=blue&color=black&color=brown"),
    ("query", {"style": "spaceDelimited"}, ARRAY, "color=blue%20black%20brown"),
    ("query", {"style": "pipeDelimited"}, ARRAY, "color=blue%7Cblack%7Cbrown"),
    ("cookie", {}, ARRAY, "color=blue; color=black; color=brown"),
    ("cookie", {}, OBJECT, "R=100; G=200; B=150"),
]

# ---- values that the table does not speak of ----

# An absent argument leaves nothing behind. null counts as absent, and inside it is "undefined"
# (RFC 6570, section 2.3: skipped); an empty list or object is undefined too.
NOTHING = [
    (place, {"style": style, "explode": explode}, value, REFUSED if place == "path" else ABSENT)
    for place, style in [
        ("path", "simple"),
        ("path", "label"),
        ("path", "matrix"),
        ("query", "form"),
        ("query", "spaceDelimited"),
        ("query", "pipeDelimited"),
        ("cookie", "form"),
        ("cookie", "cookie"),
    ]
    for explode in (False, True)
    for value in (ABSENT, None, [], {}, [None])
]
NOTHING += [
    ("query", {"style": "deepObject", "explode": True}, value, ABSENT)
    for value in (ABSENT, None, {}, {"a": None}, {"a": {}, "b": []})
]
NOTHING += [("header", {}, value, ABSENT) for value in (ABSENT, None)]
NOTHING += [("header", {}, value, "") for value in ([], {}, [None])]

NULLS = [
    ("path", {"style": "simple"}, [None, 1, None, 2], "1,2"),
    ("path", {"style": "label", "explode": True}, [None, 1, 2, None], ".1.2"),
    ("path", {"style": "matrix", "explode": True}, {"a": None, "b": 1}, ";b=1"),
    ("query", {"explode": False}, {"a": None, "b": 1}, "color=b,1"),
    ("query", {"style": "pipeDelimited"}, [1, None, 2], "color=1%7C2"),
    ("query", {"style": "deepObject"}, {"a": None, "b": 1}, "color%5Bb%5D=1"),
    ("header", {}, [1, None, 2], "1,2"),
    ("cookie", {}, {"a": None, "b": 1}, "b=1"),
]

# an empty string is a value: its name stays, its place stays
EMPTY_INSIDE = [
    ("path", {"style": "simple"}, ["", "a", ""], ",a,"),
    ("path", {"style": "label", "explode": True}, ["a", ""], ".a."),
    ("path", {"style": "matrix", "explode": True}, ["", "a"], ";color;color=a"),
    ("path", {"style": "matrix", "explode": True}, {"a": ""}, ";a="),
    ("query", {}, ["", "a"], "color=&color=a"),
    ("query", {"explode": False}, ["", "a"], "color=,a"),
    ("query", {"style": "deepObject"}, {"a": "", "": "b"}, "color%5Ba%5D=&color%5B%5D=b"),
    ("cookie", {}, ["", "a"], "color=; color=a"),
]

PRIMITIVES = [
    (place, {}, value, before + wanted)
    for place, before in {"path": "", "query": "color=", "header": "", "cookie": "color="}.items()
    for value, wanted in [
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-7, "-7"),
        (18446744073709551616, "18446744073709551616"),
        (1.5, "1.5"),
    ]
]
PRIMITIVES += [
    ("query", {"explode": False}, [True, 2**53 + 1, -0.5], "color=true,9007199254740993,-0.5"),
    ("path", {"style": "matrix"}, 5, ";color=5"),
    ("path", {"style": "label"}, False, ".false"),
]

# A delimiter is never percent-encoded where it delimits and always where it is data, so that the
# receiver can split first and decode then. For spaceDelimited and pipeDelimited the table itself
# has the delimiters percent-encoded (neither character may stand in a URI), and there data cannot
# be told from delimiters; OpenAPI 3.2 says so and advises against such values.
DATA = "a,b;c=d&e.f|g h/i"
ENCODED = "a%2Cb%3Bc%3Dd%26e.f%7Cg%20h%2Fi"
DELIMITERS = [
    ("path", {"style": "simple"}, [DATA, "x"], ENCODED + ",x"),
    ("path", {"style": "simple", "explode": True}, {DATA: DATA}, f"{ENCODED}={ENCODED}"),
    ("path", {"style": "label"}, [DATA, "x"], f".{ENCODED},x"),
    ("path", {"style": "matrix"}, DATA, f";color={ENCODED}"),
    ("path", {"style": "matrix", "explode": True}, {DATA: "x"}, f";{ENCODED}=x"),
    ("query", {"explode": False}, [DATA, "x"], f"color={ENCODED},x"),
    ("query", {}, {DATA: DATA}, f"{ENCODED}={ENCODED}"),
    ("query", {"style": "spaceDelimited"}, [DATA, "x"], f"color={ENCODED}%20x"),
    ("query", {"style": "pipeDelimited"}, [DATA, "x"], f"color={ENCODED}%7Cx"),
    ("query", {"style": "deepObject"}, {DATA: DATA}, f"color%5B{ENCODED}%5D={ENCODED}"),
    ("query", {"style": "deepObject"}, {"a][b": 1}, "color%5Ba%5D%5Bb%5D=1"),
    # Percent-encoded too, although style: cookie leaves the value as it is: a space, a comma or a
    # semicolon cannot stand in a cookie's value (RFC 6265, section 4.1.1) and "; admin=1" would be
    # another cookie.
    ("cookie", {"style": "cookie"}, DATA, f"color={ENCODED}"),
    ("cookie", {"style": "cookie"}, ["x; admin=1"], "color=x%3B%20admin%3D1"),
    ("cookie", {}, {"a; admin": "1"}, "a%3B%20admin=1"),
    # Headers are not percent-encoded (OpenAPI 3.2, "Parameter Object": simple in headers).
    ("header", {}, DATA, DATA),
    ("header", {}, [DATA, "x"], DATA + ",x"),
    ("header", {"explode": True}, {DATA: "x"}, DATA + "=x"),
    ("header", {}, "é%41", "Ã©%41"),  # bytes as they are; Python's server reads Latin-1
    ("query", {}, "%41+é\0", "color=%2541%2B%C3%A9%00"),
]

# What OpenAPI leaves open: a list or object inside one is its JSON, or goes on in brackets.
NESTED = [
    ("query", {"explode": False}, [[1, 2], {"a": 3}], "color=%5B1%2C2%5D,%7B%22a%22%3A3%7D"),
    ("query", {"style": "deepObject"}, {"a": {"b": {"c": 1}}}, "color%5Ba%5D%5Bb%5D%5Bc%5D=1"),
    ("query", {"style": "deepObject"}, {"a": [1, 2]}, "color%5Ba%5D=1&color%5Ba%5D=2"),
    ("header", {}, [{"a": 1}], '{"a":1}'),
]

# ---- allowReserved ----

# RFC 6570, section 3.2.3: reserved characters and percent-encoded triples stay. Those that would
# end the value or the query ("&", ";", "#", "+" for a space) and brackets, which RFC 3986 forbids
# there, do not; nor does a "%" that begins no triple.
RESERVED = ":/?#[]@!$&'()*+,;="
RESERVED_SENT = ":/?%23%5B%5D@!$%26'()*%2B,%3B="
ALLOW_RESERVED = [
    ("query", {"allowReserved": True}, RESERVED, f"color={RESERVED_SENT}"),
    ("query", {"allowReserved": False}, ":/?", "color=%3A%2F%3F"),
    ("query", {"allowReserved": True}, "%41 %zz% é<>", "color=%41%20%25zz%25%20%C3%A9%3C%3E"),
    ("query", {"allowReserved": True}, ["a/b", "c:d"], "color=a/b&color=c:d"),
    ("query", {"allowReserved": True, "explode": False}, ["a/b", "c:d"], "color=a/b,c:d"),
    ("query", {"allowReserved": True}, {"k/=": "v/="}, "k%2F%3D=v/="),
    ("query", {"allowReserved": True, "style": "pipeDelimited"}, ["a/b", "c"], "color=a/b%7Cc"),
    ("query", {"allowReserved": True, "style": "deepObject"}, {"a": "b/c"}, "color%5Ba%5D=b/c"),
    # 3.2 allows it everywhere; in a path it would change which operation is called
    ("path", {"allowReserved": True}, "a/b?c#d", "a%2Fb%3Fc%23d"),
]

# ---- content instead of a schema ----

JSON = {"content": {"application/json": {"schema": {}}}}
CONTENT = [
    ("path", JSON, {"a": 1}, "%7B%22a%22%3A1%7D"),
    ("path", JSON, "x", "%22x%22"),
    ("query", JSON, {"a": [1, "x y"]}, "color=%7B%22a%22%3A%5B1%2C%22x%20y%22%5D%7D"),
    ("query", JSON, [], "color=%5B%5D"),
    ("query", JSON, "", "color=%22%22"),
    ("query", JSON, True, "color=true"),
    ("query", JSON, ABSENT, ABSENT),
    ("header", JSON, {"a": "b\n c"}, '{"a":"b\\n c"}'),
    ("header", JSON, ARRAY, '["blue","black","brown"]'),
    ("cookie", JSON, {"a": 1}, "color=%7B%22a%22%3A1%7D"),
    (
        "query",
        {"content": {"application/vnd.example+json": {"schema": {}}}},
        [9007199254740993],
        "color=%5B9007199254740993%5D",
    ),
]

# ---- Swagger 2.0 ----

LIST = {"type": "array", "items": {"type": "string"}}
COLLECTIONS = [
    ("query", {**LIST, "collectionFormat": "csv"}, ARRAY, "color=blue,black,brown"),
    ("query", {**LIST, "collectionFormat": "ssv"}, ARRAY, "color=blue%20black%20brown"),
    ("query", {**LIST, "collectionFormat": "pipes"}, ARRAY, "color=blue%7Cblack%7Cbrown"),
    ("query", {**LIST, "collectionFormat": "multi"}, ARRAY, "color=blue&color=black&color=brown"),
    ("query", {**LIST, "collectionFormat": "tsv"}, ARRAY, "color=blue%09black%09brown"),
    ("query", {**LIST, "collectionFormat": "tsv"}, ["a\tb"], "color=a%09b"),
    ("query", LIST, ARRAY, "color=blue,black,brown"),
    ("query", LIST, ["a,b", "c"], "color=a%2Cb,c"),
    ("query", {"type": "integer", "format": "int64"}, 9007199254740993, "color=9007199254740993"),
    ("path", LIST, ARRAY, "blue,black,brown"),
    ("path", {**LIST, "collectionFormat": "csv"}, ARRAY, "blue,black,brown"),
    ("path", {**LIST, "collectionFormat": "ssv"}, ARRAY, "blue%20black%20brown"),
    ("path", {**LIST, "collectionFormat": "tsv"}, ARRAY, "blue%09black%09brown"),
    ("path", {**LIST, "collectionFormat": "pipes"}, ARRAY, "blue%7Cblack%7Cbrown"),
    ("header", LIST, ARRAY, "blue,black,brown"),
    ("header", {**LIST, "collectionFormat": "ssv"}, ARRAY, "blue black brown"),
    ("header", {**LIST, "collectionFormat": "tsv"}, ARRAY, "blue\tblack\tbrown"),
    ("header", {**LIST, "collectionFormat": "pipes"}, ARRAY, "blue|black|brown"),
    # repeated parameters are for queries and forms; mcpc warns [collection-format] and takes csv
    ("header", {**LIST, "collectionFormat": "multi"}, ARRAY, "blue,black,brown"),
    ("header", {"type": "boolean"}, True, "true"),
]


@pytest.mark.parametrize(
    "styles, tool, place, value, wanted",
    table(
        OPENAPI,
        EMPTY=EMPTY,
        COOKIE=COOKIE,
        NOT_APPLICABLE=NOT_APPLICABLE,
        DEFAULTS=DEFAULTS,
        NOTHING=NOTHING,
        NULLS=NULLS,
        EMPTY_INSIDE=EMPTY_INSIDE,
        PRIMITIVES=PRIMITIVES,
        DELIMITERS=DELIMITERS,
        NESTED=NESTED,
        ALLOW_RESERVED=ALLOW_RESERVED,
        CONTENT=CONTENT,
    )
    + table(SWAGGER, COLLECTIONS=COLLECTIONS),
)
def test_value(servers, styles, tool, place, value, wanted):
    server, backend = servers[styles]
    backend.requests.clear()
    result = call(server, tool, {} if value is ABSENT else {"color": value})
    if wanted is REFUSED:
        assert result["isError"] is True and "color" in text_of(result), result
        assert backend.requests == []
        return
    assert not result.get("isError"), result
    (request,) = backend.requests
    target = f"/{tool}"
    if place == "path":
        target += f"/{wanted}/end"
    elif place == "query" and wanted is not ABSENT:
        target += f"?{wanted}"
    assert request.path == target
    for header, of in (("color", "header"), ("Cookie", "cookie")):
        is_there = place == of and wanted is not ABSENT
        assert request.header(header) == ([wanted] if is_there else [])


def test_each_collection_format_that_is_changed_has_a_line(mcpc, spec):
    paths = {
        f"/{name}": {
            "get": {
                "parameters": [{"name": "a", "in": "query", **LIST, "collectionFormat": name}],
                "responses": {"200": {"description": "fine"}},
            }
        }
        for name in ("csv", "ssv", "pipes", "multi", "tsv", "odd")
    }
    document = SWAGGER.document() | {"paths": paths}
    done = subprocess.run(
        [mcpc, str(spec(document)), "--report", "json"], capture_output=True, text=True, timeout=60
    )
    lines = [
        each["message"]
        for each in json.loads(done.stdout)["diagnostics"]
        if each["slug"] == "collection-format"
    ]
    assert [line.split("'")[1] for line in lines] == ["odd"]


# ---- several parameters ----


def test_members_cannot_set_another_parameter(servers):
    """An exploded object names its own parameters; not those that are declared beside it."""
    server, backend = servers[OPENAPI]
    backend.requests.clear()
    result = call(server, "spread", {"filter": {"limit": 5}, "limit": 1})
    assert result["isError"] is True and "filter" in text_of(result)
    assert backend.requests == []
    result = call(server, "spread", {"filter": {"b": 2, "a b": 1}, "limit": 1, "tags": [1, 2]})
    assert not result.get("isError"), result
    assert backend.requests[0].path == "/spread?b=2&a%20b=1&limit=1&tags=1%7C2"


def test_all_of_a_cookie_header_is_one_line(servers):
    server, backend = servers[OPENAPI]
    backend.requests.clear()
    result = call(server, "cookies", {"one": [1, 2], "two": "x;y", "three": {"a": 1}})
    assert not result.get("isError"), result
    assert backend.requests[0].header("Cookie") == ["one=1; one=2; two=x%3By; a=1"]
