"""`limit` statements over several instances, counted in Redis; and without it."""

import concurrent.futures
import signal
import socket

import pytest
import services
from conftest import Server, wait_until

POLICY = """
mcpp 1
api "spec.yaml"
server "counted"
backend "http://127.0.0.1:9"
tool thing GET /thing needs nothing
tool other GET /other needs nothing
limit thing 3 per hour per all burst 7
limit other 1 per hour per tool
"""
SPEC = """
openapi: 3.1.0
info: {title: Counted, version: "1"}
servers: [{url: "http://127.0.0.1:9"}]
paths:
  /thing: {get: {operationId: thing, security: [], responses: {"200": {description: ok}}}}
  /other: {get: {operationId: other, security: [], responses: {"200": {description: ok}}}}
"""


@pytest.fixture(scope="module")
def program(compile_server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("counted")
    (folder / "spec.yaml").write_text(SPEC)
    (folder / "counted.mcpp").write_text(POLICY.lstrip())
    return compile_server(folder / "counted.mcpp")


@pytest.fixture
def redis(tmp_path):
    with services.redis(tmp_path) as found:
        yield found


def options(backend, redis, *more):
    return ("--backend-url", backend.url, "--limits-redis", f"127.0.0.1:{redis.port}", *more)


def status(server, tool="thing"):
    return server.call_tool(tool)[0]


def is_counting(server):
    """Redis answers: a call is not refused with 503."""
    return status(server, "other") != 503


def test_all_instances_and_workers_count_together(program, backend, redis):
    args = options(backend, redis, "--workers", 2)
    with Server(program, *args) as one, Server(program, *args) as two:
        wait_until(lambda: is_counting(one) and is_counting(two), "Redis")
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda i: status((one, two)[i % 2]), range(60)))
        assert found.count(200) == 7 and found.count(429) == 53
        _, headers, answer = one.call_tool("thing")
        assert 0 < int(headers["Retry-After"]) <= 1200 and "error" in answer
        assert status(two, "other") == 429


def test_the_count_outlives_an_instance(program, backend, redis):
    args = options(backend, redis)
    with Server(program, *args) as server:
        wait_until(lambda: is_counting(server), "Redis")
    with Server(program, *args) as server:
        wait_until(lambda: status(server, "other") == 429, "Redis")


def test_without_redis_no_call_goes_on_and_others_are_served(program, backend, redis):
    with Server(program, *options(backend, redis)) as server:
        wait_until(lambda: is_counting(server), "Redis")
        redis.stop()
        wait_until(lambda: status(server) == 503, "the loss")
        backend.requests.clear()
        code, headers, answer = server.call_tool("thing")
        assert code == 503 and headers["Retry-After"] and "error" in answer
        assert len(server.list_tools()) == 2 and not backend.requests
        wait_until(lambda: "is away" in server.log(), "the log line")
        redis.start()
        wait_until(lambda: status(server) == 200, "Redis again")
        wait_until(lambda: "is back" in server.log(), "the log line")


def test_without_redis_each_worker_counts_when_told_so(program, backend, redis):
    with Server(program, *options(backend, redis, "--limits-open")) as server:
        redis.stop()
        wait_until(lambda: "is away" in server.log() or status(server, "other") == 0, "the loss")
        found = [status(server) for _ in range(12)]
        assert found.count(429) >= 5 and set(found) == {200, 429}


def test_a_redis_that_hangs_holds_nobody_up(program, backend, redis):
    with Server(program, *options(backend, redis)) as server:
        wait_until(lambda: is_counting(server), "Redis")
        redis.process.send_signal(signal.SIGSTOP)
        assert status(server) == 503
        wait_until(lambda: "no answer in time" in server.log(), "the log line")
        redis.process.send_signal(signal.SIGCONT)
        wait_until(lambda: status(server) == 200, "Redis again")


def test_a_caller_that_leaves_while_it_waits(program, backend, redis):
    with Server(program, *options(backend, redis)) as server:
        wait_until(lambda: is_counting(server), "Redis")
        redis.process.send_signal(signal.SIGSTOP)
        body = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"thing"}}'
        with socket.create_connection(("127.0.0.1", server.port), 20) as stream:
            stream.sendall(
                b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                b"MCP-Protocol-Version: 2025-06-18\r\nContent-Length: %d\r\n\r\n%s"
                % (len(body), body)
            )
        redis.process.send_signal(signal.SIGCONT)
        wait_until(lambda: status(server, "other") == 429, "Redis again")


def test_the_password_is_needed_and_taken_from_the_environment(program, backend, tmp_path):
    with services.redis(tmp_path, "--requirepass", "secret word") as redis:
        args = options(backend, redis)
        with Server(program, *args, env={"MCPP_REDIS_PASSWORD": "secret word"}) as server:
            wait_until(lambda: is_counting(server), "Redis")
            assert "secret" not in server.log()
        with Server(program, *args, env={"MCPP_REDIS_PASSWORD": "another"}) as server:
            wait_until(lambda: "is away" in server.log(), "the refusal")
            assert status(server) == 503 and "another" not in server.log()
