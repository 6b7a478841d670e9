"""The stdio transport: JSON lines on standard output and nothing else, whatever comes in."""

import json
import os
import signal
import subprocess

import pytest
from conftest import Stdio, wait_until

DEADLINE_S = 20
SPEC = """
openapi: 3.1.0
info: {title: Lines, version: "1"}
servers: [{url: "http://127.0.0.1:9"}]
paths:
  /thing:
    get:
      operationId: getThing
      security: []
      responses: {"200": {description: ok}}
"""


@pytest.fixture(scope="module")
def program(compile_server, tmp_path_factory):
    spec = tmp_path_factory.mktemp("lines") / "lines.yaml"
    spec.write_text(SPEC)
    return compile_server(spec)


def message(number, method="server/discover", **params):
    params["_meta"] = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "lines", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


def line(number):
    return json.dumps(message(number)).encode()


def run(program, data, *args, stdin=None):
    """(exit status, decoded lines of stdout, stderr)."""
    done = subprocess.run(
        [program, *map(str, args)],
        input=None if stdin else data,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=DEADLINE_S,
    )
    assert not done.stdout or done.stdout.endswith(b"\n")
    answers = [json.loads(text) for text in done.stdout.splitlines()]
    assert all(answer["jsonrpc"] == "2.0" for answer in answers)
    return done.returncode, answers, done.stderr.decode(errors="replace")


def test_stdio_is_the_default_and_ends_with_its_input(program):
    status, answers, _ = run(program, line(1) + b"\n" + line(2) + b"\n")
    assert status == 0
    assert [answer["id"] for answer in answers] == [1, 2]
    assert run(program, b"")[:2] == (0, [])


def test_lines_of_every_kind(program):
    """CR LF, empty lines, and a last line without its end."""
    status, answers, _ = run(program, b"\n\r\n" + line(1) + b"\r\n\n\n" + line(2))
    assert status == 0
    assert [answer["id"] for answer in answers] == [1, 2]


def test_a_bad_line_is_answered_and_the_next_is_read(program):
    data = b"\n".join([b"no json", b"{", b"\xff\xfe", b"a\0b", b"[" * 5000, line(9), b""])
    status, answers, _ = run(program, data)
    assert status == 0
    assert [answer.get("error", {}).get("code") for answer in answers[:-1]] == [-32700] * 5
    assert [answer.get("id") for answer in answers] == [None] * 5 + [9]


def test_a_line_that_is_too_large_is_skipped(program):
    for size in [4001, 100_000, 5_000_000]:
        data = line(1) + b"\n" + b"x" * size + b"\n" + line(2) + b"\n"
        status, answers, log = run(program, data, "--limit-body-bytes", 4000)
        assert status == 0
        assert [answer.get("id") for answer in answers] == [1, None, 2]
        assert answers[1]["error"]["code"] == -32700
        assert "limit-body-bytes" in log
    # at the end of the input too
    _, answers, _ = run(program, b"x" * 5000, "--limit-body-bytes", 4000)
    assert [answer["error"]["code"] for answer in answers] == [-32700]


def test_messages_may_come_in_pieces(program):
    with Stdio(program) as server:
        for byte in line(1):
            server.process.stdin.write(bytes([byte]))
            server.process.stdin.flush()
        server.process.stdin.write(b"\n" + line(2) + b"\n" + line(3)[:10])
        server.process.stdin.flush()
        assert server.read()["id"] == 1
        assert server.read()["id"] == 2
        server.process.stdin.write(line(3)[10:] + b"\n")
        server.process.stdin.flush()
        assert server.read()["id"] == 3


def test_input_from_a_file_and_from_nothing(program, tmp_path):
    path = tmp_path / "messages"
    path.write_bytes(b"".join(line(number) + b"\n" for number in range(500)))
    with open(path, "rb") as stdin:
        status, answers, log = run(program, None, stdin=stdin)
    assert status == 0 and [answer["id"] for answer in answers] == list(range(500))
    assert "Epoll" not in log
    assert run(program, None, stdin=subprocess.DEVNULL)[:2] == (0, [])


def test_output_to_a_file(program, tmp_path):
    path = tmp_path / "answers"
    with open(path, "wb") as stdout:
        subprocess.run(
            [program], input=line(1) + b"\n", stdout=stdout, check=True, timeout=DEADLINE_S
        )
    assert json.loads(path.read_bytes())["id"] == 1


def test_a_client_that_does_not_read_is_waited_for(program):
    """More answers than any pipe holds: none is lost, and reading goes on once they are taken."""
    count = 20_000
    with subprocess.Popen(
        [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        pid = os.fork()
        if pid == 0:  # the writing half: blocks until the server reads on
            process.stdout.close()
            with os.fdopen(process.stdin.fileno(), "wb", closefd=False) as stream:
                for number in range(count):
                    stream.write(line(number) + b"\n")
            os._exit(0)
        process.stdin.close()
        seen = [json.loads(text)["id"] for text in process.stdout]
        os.waitpid(pid, 0)
        assert process.wait(DEADLINE_S) == 0
    assert seen == list(range(count))


def test_nobody_reads_any_more(program):
    process = subprocess.Popen(
        [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.close()
    process.stdin.write(line(1) + b"\n")
    process.stdin.flush()
    assert process.wait(DEADLINE_S) == 0
    assert b"standard output is closed" in process.stderr.read()
    process.stdin.close()
    process.stderr.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it(program, number):
    with Stdio(program) as server:
        assert server.ask(message(1))["id"] == 1
        server.process.send_signal(number)
        assert server.process.wait(DEADLINE_S) == 0


def test_calls_under_way_are_finished_at_the_end_of_input(program, backend):
    backend.answer(200, {"Content-Type": "application/json"}, b'{"thing":1}')
    data = b"".join(
        json.dumps(message(number, "tools/call", name="getThing", arguments={})).encode() + b"\n"
        for number in range(20)
    )
    status, answers, _ = run(program, data, "--backend-url", backend.url)
    assert status == 0
    assert sorted(answer["id"] for answer in answers) == list(range(20))
    assert all("error" not in answer for answer in answers)
    assert len(backend.requests) == 20


def test_answers_are_one_line_each(program, backend):
    """A backend's pretty-printed JSON must not break the framing."""
    backend.answer(200, {"Content-Type": "application/json"}, b'{\r\n  "thing":\n 1\r\n}\n')
    with Stdio(program, "--backend-url", backend.url) as server:
        answer = server.ask(message(1, "tools/call", name="getThing", arguments={}))
        assert answer["id"] == 1 and "result" in answer
        assert server.ask(message(2))["id"] == 2


def test_standard_output_is_for_messages_only(program):
    """At the most talkative log level, with descriptor 2 as it is: logs are not on stdout."""
    with Stdio(program, "--log-level", "debug") as server:
        assert server.ask(message(1))["id"] == 1
        target = f"/proc/{server.process.pid}/fd/"
        if os.access(target, os.R_OK):
            assert os.readlink(target + "1") == os.readlink(target + "2")


def test_closed_descriptors_do_no_harm(program):
    done = subprocess.run(
        ["sh", "-c", 'exec "$0" 2>&-', program],
        input=line(1) + b"\n",
        stdout=subprocess.PIPE,
        timeout=DEADLINE_S,
    )
    assert done.returncode == 0
    assert [json.loads(text)["id"] for text in done.stdout.splitlines()] == [1]


def test_the_flags_of_a_shared_output_are_put_back(program):
    """The pipe's other users must not find it non-blocking afterwards."""
    reader, writer = os.pipe()
    try:
        done = subprocess.run([program], input=b"", stdout=writer, timeout=DEADLINE_S)
        assert done.returncode == 0
        wait_until(lambda: os.get_blocking(writer), "the flag", 1)
    finally:
        os.close(reader)
        os.close(writer)
