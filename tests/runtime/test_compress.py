"""Answers in gzip for those who ask, and for nobody else."""

import gzip
import http.client
import json

import pytest
from conftest import Server
from test_tls import LIST, SPEC

DEADLINE_S = 20


@pytest.fixture(scope="module")
def program(compile_server, tmp_path_factory):
    spec = tmp_path_factory.mktemp("compress") / "compress.yaml"
    spec.write_text(SPEC.replace("operationId: thing", f"operationId: thing\n      description: {'Very long. ' * 300}"))
    return compile_server(spec)


@pytest.fixture(scope="module")
def server(program):
    with Server(program) as found:
        yield found


def ask(server, accepted, path="/mcp", count=1):
    """(headers, bytes) of the last of some answers on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE_S)
    headers = {
        "Content-Type": "application/json",
        "MCP-Protocol-Version": "2026-07-28",
        "Mcp-Method": "tools/list",
    }
    if accepted is not None:
        headers["Accept-Encoding"] = accepted
    for _ in range(count):
        connection.request("POST" if path == "/mcp" else "GET", path, LIST, headers)
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200
    connection.close()
    return answer.headers, body


@pytest.mark.parametrize("accepted", ["gzip", "deflate, GZIP;q=0.5", "br , gzip , *;q=0"])
def test_who_asks_gets_gzip(server, accepted):
    headers, body = ask(server, accepted, count=3)
    assert headers["Content-Encoding"] == "gzip" and headers["Vary"] == "Accept-Encoding"
    assert len(body) < 1000
    text = gzip.decompress(body)
    assert len(text) > 3000 and json.loads(text)["result"]["tools"][0]["name"] == "thing"


@pytest.mark.parametrize("accepted", [None, "", "identity", "gzip;q=0", "gzip;q=0.000", "xgzip", "*", "br"])
def test_nobody_else_does(server, accepted):
    headers, body = ask(server, accepted)
    assert "Content-Encoding" not in headers and json.loads(body)["result"]["tools"]


def test_small_answers_stay_as_they_are(server):
    assert ask(server, "gzip", "/healthz") and "Content-Encoding" not in ask(server, "gzip", "/healthz")[0]


def test_it_can_be_turned_off(program):
    with Server(program, "--no-compress") as server:
        assert "Content-Encoding" not in ask(server, "gzip")[0]
