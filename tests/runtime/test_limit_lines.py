"""Past each limit on what a call may take: an answer that says so, a line in the log that names the
option, and the next caller served."""

import concurrent.futures
import threading

import pytest
from conftest import Server, wait_until

SPEC = """
openapi: 3.1.0
info: {title: Limited, version: "1"}
servers: [{url: "http://127.0.0.1:9"}]
paths:
  /thing: {get: {operationId: thing, security: [], responses: {"200": {description: ok}}}}
"""


@pytest.fixture(scope="module")
def program(compile_server, tmp_path_factory):
    spec = tmp_path_factory.mktemp("lines") / "spec.yaml"
    spec.write_text(SPEC)
    return compile_server(spec)


def is_logged(server, option):
    wait_until(lambda: option in server.log(), f"a line about {option}")


@pytest.mark.parametrize(
    "option, value, message",
    [
        ("limit-json-depth", 5, {"a": [[[[[1]]]]]}),
        ("limit-json-nodes", 40, {"a": [1] * 40}),
    ],
)
def test_json(program, backend, option, value, message):
    with Server(program, f"--{option}", value, "--backend-url", backend.url) as server:
        status, _, answer = server.call_tool("thing", message)
        assert status == 400 and answer["error"]["code"] == -32700
        is_logged(server, option)
        assert len(server.list_tools()) == 1


def test_a_token(program, issuer):
    with Server(program, *issuer.server_args(), "--limit-token-bytes", 100) as server:
        status, _, answer = server.call_mcp("tools/list", token=issuer.token())
        assert status == 401 and "error" in answer
        is_logged(server, "limit-token-bytes")
        assert server.call_mcp("server/discover")[0] in (200, 401)


def test_an_answer_of_the_backend(program, backend):
    backend.answer(200, None, {"a": "x" * 1000})
    args = ("--backend-url", backend.url, "--limit-backend-bytes", 500)
    with Server(program, *args) as server:
        status, _, answer = server.call_tool("thing")
        assert status == 200 and answer["result"]["isError"]
        is_logged(server, "limit-backend-bytes")


def test_a_slow_backend_and_those_who_wait_for_it(program, backend):
    free = threading.Event()

    def answer(_):
        free.wait(30)
        return 200, {"Content-Type": "application/json"}, b"{}"

    backend.answer_with(answer)
    args = ("--backend-url", backend.url, "--limit-backend-in-flight", 1)
    with Server(program, *args, "--limit-backend-queue", 1) as server:
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            calls = [pool.submit(server.call_tool, "thing") for _ in range(4)]
            done = concurrent.futures.wait(calls, 30, concurrent.futures.FIRST_COMPLETED).done
            assert all(one.result()[2]["result"]["isError"] for one in done)
            is_logged(server, "limit-backend-queue")
            assert len(server.list_tools()) == 1
            free.set()
            found = [one.result()[2]["result"].get("isError", False) for one in calls]
            assert found.count(False) == 2
    free.clear()
    with Server(program, *args, "--limit-backend-ms", 50) as server:
        status, _, found = server.call_tool("thing")
        assert status == 200 and found["result"]["isError"]
        is_logged(server, "limit-backend-ms")
        free.set()
