"""Every allocation of a flow fails once, and every one from it on: nothing crashes, nobody gets in,
nothing stays behind. The flows run in one server, which must serve on after each."""

import json
import os
import ssl
import subprocess

import pytest
from certificates import Authority
from conftest import Server
from faults import DEADLINE_S, once, preloaded, request, sweep
from faults import control, library  # noqa: F401  (fixtures)

SPEC = """
openapi: 3.1.0
info: {title: Faults, version: "1"}
servers: [{url: "http://127.0.0.1:9"}]
paths:
  /things/{id}:
    post:
      operationId: changeThing
      security: [{auth: ["write:things"]}]
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {name: {type: string}}}
      responses: {"200": {description: ok}}
  /open:
    get:
      operationId: open
      security: []
      responses: {"200": {description: ok}}
components:
  securitySchemes:
    auth:
      type: oauth2
      flows:
        clientCredentials:
          tokenUrl: https://id.example/token
          scopes: {"write:things": ""}
"""


@pytest.fixture(scope="module")
def program(compile_server, tmp_path_factory):
    spec = tmp_path_factory.mktemp("faults") / "faults.yaml"
    spec.write_text(SPEC)
    return compile_server(spec)


CALL = {"name": "changeThing", "arguments": {"id": 7, "name": "x" * 5000}}
FLOWS = {
    "discover": lambda token: request("server/discover", None, token),
    "list": lambda token: request("tools/list", None, token),
    "call": lambda token: request("tools/call", CALL, token),
    "bad arguments": lambda token: request(
        "tools/call", {"name": "changeThing", "arguments": {"id": "x"}}, token
    ),
    "unknown tool": lambda token: request("tools/call", {"name": "nothing"}, token),
    "no JSON": lambda token: request("server/discover", None, token)[:-1] + b"x",
    "malformed": lambda token: b"GET / HTTP/1.1\nHost: x\r\n\r\n",
    "health": lambda token: b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
}


@pytest.mark.parametrize("flow", FLOWS)
def test_nothing_crashes_and_the_next_is_served(
    program, library, control, issuer, backend, flow
):
    token = issuer.token("write:things")
    data = FLOWS[flow](token)
    options = (*issuer.server_args(), "--backend-url", backend.url)
    with Server(program, *options, env=preloaded(library, control)) as server:
        assert once(server, request("tools/call", CALL, token))[0] == 200  # the keys are there
        plain = [once(server, data) for _ in range(3)][-1]
        live = control.live()

        def check(found, failed):
            assert server.process.poll() is None, server.log()
            assert failed or found == plain
            if found and found != plain and isinstance(found[1], dict):
                result = found[1].get("result", {})
                assert found[0] >= 400 or "error" in found[1] or result.get("isError"), found
            assert once(server, data) == plain

        sweep(control, lambda: once(server, data), check)
        assert control.live() < live + 100, "memory stays behind"


BAD = {
    "no token": (None, 401),
    "another scope": ("other", 403),
    "a changed token": ("changed", 401),
}


@pytest.mark.parametrize("form", BAD)
def test_nobody_gets_in(program, library, control, issuer, backend, form):
    kind, status = BAD[form]
    token = issuer.token("other" if kind == "other" else "write:things") if kind else None
    if kind == "changed":
        head, payload, signature = token.split(".")
        token = f"{head}.{payload}.{signature[::-1]}"
    data = request("tools/call", CALL, token)
    options = (*issuer.server_args(), "--backend-url", backend.url)
    with Server(program, *options, env=preloaded(library, control)) as server:
        assert once(server, data)[0] == status

        def check(found, failed):
            assert server.process.poll() is None, server.log()
            assert found is None or found[0] in (status, 503) or "error" in found[1], found
            assert not backend.requests

        sweep(control, lambda: once(server, data), check)


def test_tls_fails_closed(program, library, control, tmp_path):
    authority = Authority(tmp_path)
    certificate, key = authority.issue("localhost")
    context = ssl.create_default_context(cafile=str(authority.certificate))
    # without memory to read into, a connection is closed when its time is up
    options = ("--tls-cert", certificate, "--tls-key", key)
    options += ("--limit-idle-ms", 300, "--limit-read-ms", 300)
    data = request("tools/list")
    with Server(program, *options, env=preloaded(library, control)) as server:
        plain = once(server, data, context)

        def check(found, failed):
            assert server.process.poll() is None, server.log()
            assert failed or found == plain
            assert once(server, data, context) == plain

        sweep(control, lambda: once(server, data, context), check)


def test_a_start_without_memory_ends_with_a_reason(program, library, control):
    """Every 7th allocation: a start has thousands, most of them of the libraries'."""
    message = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"}).encode() + b"\n"
    for number in range(1, 100000, 7):
        control.fail(number)
        done = subprocess.run(
            [program],
            input=message,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **{k: str(v) for k, v in preloaded(library, control).items()}},
            timeout=DEADLINE_S,
        )
        failed = control.stop()
        assert done.returncode >= 0 and done.returncode < 128, (number, done)
        assert done.returncode == 0 or done.stderr, number
        if not failed:
            break
    assert number > 50 and done.returncode == 0
