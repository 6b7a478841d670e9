"""Headers that repeat arguments (x-mcp-header): a proxy that routes by the header and a server that
acts on the body must not see two requests."""

import base64
import http.client
import json

import pytest
from conftest import Backend, Server, Stdio
from protocol_document import LEGACY, MODERN, operation
from protocol_document import judge  # noqa: F401  (a fixture)
from test_protocol import ask, modern_request


def argument(name, kind, header, place="query"):
    schema = {"type": kind, "x-mcp-header": header}
    return {"name": name, "in": place, "required": place == "path", "schema": schema}


DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Shops", "version": "1"},
    "servers": [{"url": "http://127.0.0.1:9"}],
    "paths": {
        "/shops/{region}": {
            "get": operation(
                "shops",
                parameters=[
                    argument("region", "string", "Region", "path"),
                    argument("page", "integer", "Page"),
                    argument("open", "boolean", "Open"),
                    {"name": "plain", "in": "query", "schema": {"type": "string"}},
                ],
            )
        }
    },
}


@pytest.fixture(scope="module")
def program(compile_server, tmp_path_factory):
    path = tmp_path_factory.mktemp("headers") / "spec.json"
    path.write_text(json.dumps(DOCUMENT))
    return compile_server(path)


@pytest.fixture(scope="module")
def shops():
    with Backend() as found:
        yield found


@pytest.fixture(scope="module")
def server(program, shops):
    with Server(program, "--backend-url", shops.url) as found:
        yield found


def call(server, arguments, **headers):
    found = {f"Mcp-Param-{name}": value for name, value in headers.items()}
    params = {"name": "shops", "arguments": arguments}
    return server.call_mcp("tools/call", params, headers=found)


def encoded(text):
    return "=?base64?" + base64.b64encode(text.encode()).decode() + "?="


def test_the_list_says_so(server):
    properties = server.list_tools()["shops"]["inputSchema"]["properties"]
    assert [one.get("x-mcp-header") for one in properties.values()] == [
        "Region",
        "Page",
        "Open",
        None,
    ]


@pytest.mark.parametrize(
    "arguments,headers",
    [
        ({"region": "eu"}, {"Region": "eu"}),
        ({"region": "eu"}, {"rEgIoN": " eu "}),
        ({"region": "eu"}, {"Region": encoded("eu")}),
        ({"region": "Übersee, 7"}, {"Region": encoded("Übersee, 7")}),
        ({"region": " eu"}, {"Region": encoded(" eu")}),
        ({"region": "=?base64?x?="}, {"Region": encoded("=?base64?x?=")}),
        ({"region": "eu", "page": 42}, {"Region": "eu", "Page": "42"}),
        ({"region": "eu", "page": 42}, {"Region": "eu", "Page": "42.0"}),
        ({"region": "eu", "page": -7}, {"Region": "eu", "Page": "-7"}),
        ({"region": "eu", "open": True}, {"Region": "eu", "Open": "true"}),
        ({"region": "eu", "open": None}, {"Region": "eu"}),
        ({"region": "eu", "plain": "x"}, {"Region": "eu", "Plain": "another", "Other": "y"}),
    ],
)
def test_headers_that_agree(server, arguments, headers):
    status, _, message = call(server, arguments, **headers)
    assert status == 200 and not message["result"].get("isError"), message


@pytest.mark.parametrize(
    "arguments,headers",
    [
        ({"region": "eu"}, {}),
        ({"region": "eu"}, {"Region": "us"}),
        ({"region": "eu"}, {"Region": "EU"}),
        ({"region": "eu"}, {"Region": ""}),
        ({"region": "eu"}, {"Region": "=?base64?ZXU?="}),
        ({"region": "eu"}, {"Region": "=?base64?Z*U=?="}),
        ({"region": "eu"}, {"Region": "=?BASE64?ZXU=?="}),
        ({"region": "eu"}, {"Region": encoded("us")}),
        ({"region": "Ü"}, {"Region": "Ü".encode().decode("latin-1")}),
        ({}, {"Region": "eu"}),
        ({"region": None}, {"Region": "null"}),
        ({"region": 7}, {"Region": "eu"}),
        ({"region": ["eu"]}, {"Region": "eu"}),
        ({"region": "eu", "page": 42}, {"Region": "eu"}),
        ({"region": "eu", "page": 42}, {"Region": "eu", "Page": "43"}),
        ({"region": "eu", "page": 42}, {"Region": "eu", "Page": "042"}),
        ({"region": "eu", "page": 42}, {"Region": "eu", "Page": "+42"}),
        ({"region": "eu", "page": "42"}, {"Region": "eu", "Page": "42.0"}),
        ({"region": "eu", "page": 9007199254740993}, {"Region": "eu", "Page": "9007199254740992"}),
        ({"region": "eu", "open": True}, {"Region": "eu", "Open": "True"}),
        ({"region": "eu"}, {"Region": "eu", "Open": "false"}),
    ],
)
def test_headers_that_do_not(server, judge, shops, arguments, headers):
    shops.requests.clear()
    status, _, message = call(server, arguments, **headers)
    assert status == 400
    judge.error(MODERN, message, -32020)
    assert not shops.requests


def test_a_header_twice(server, shops):
    shops.requests.clear()
    connection = http.client.HTTPConnection(server.host, server.port, timeout=30)
    body = json.dumps(
        modern_request("tools/call", {"name": "shops", "arguments": {"region": "eu"}})
    ).encode()
    connection.putrequest("POST", "/mcp")
    for name, value in {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "MCP-Protocol-Version": MODERN,
        "Mcp-Method": "tools/call",
        "Mcp-Name": "shops",
    }.items():
        connection.putheader(name, value)
    connection.putheader("Mcp-Param-Region", "eu")
    connection.putheader("Mcp-Param-Region", "eu")
    connection.endheaders(body)
    answer = connection.getresponse()
    assert answer.status == 400 and json.loads(answer.read())["error"]["code"] == -32020
    connection.close()
    assert not shops.requests


@pytest.mark.parametrize("revision", LEGACY)
def test_older_revisions_have_no_such_headers(server, revision):
    params = {"name": "shops", "arguments": {"region": "eu"}}
    status, _, message = ask(server, revision, "tools/call", params)
    assert status == 200 and not message["result"].get("isError"), message


def test_stdio_has_no_headers(program, shops):
    with Stdio(program, "--backend-url", shops.url) as stdio:
        params = {"name": "shops", "arguments": {"region": "eu"}}
        message = stdio.ask(modern_request("tools/call", params))
        assert not message["result"].get("isError"), message
