"""Instances with one session key take each other's sessions and cursors; others do not."""

import subprocess

import pytest
from conftest import Server
from protocol_document import fresh, judge, pets, program  # noqa: F401  (fixtures)
from test_protocol import initialize, legacy_request

SECRET = "a secret of at least thirty-two bytes"


def session_of(server):
    return {"Mcp-Session-Id": server.post(initialize("2025-11-25"))[1]["Mcp-Session-Id"]}


def takes(server, session):
    status = server.post(legacy_request("tools/list"), session)[0]
    assert status in (200, 404)
    return status == 200


def test_instances_take_each_others_sessions(program, tmp_path):
    key = tmp_path / "key"
    key.write_text(SECRET + "\n")
    with Server(program, "--session-key", key) as one, Server(
        program, "--session-key", "env:SHARED_KEY", env={"SHARED_KEY": SECRET}
    ) as two, Server(program) as stranger:
        session = session_of(one)
        assert takes(one, session) and takes(two, session) and not takes(stranger, session)
        assert takes(one, session_of(two)) and not takes(one, session_of(stranger))


@pytest.mark.parametrize(
    "content,reason",
    [(b"too short", "fewer than 32 bytes"), (b"", "is empty"), (None, "No such file")],
)
def test_what_is_no_key_is_refused_at_start(program, tmp_path, content, reason):
    key = tmp_path / "key"
    if content is not None:
        key.write_bytes(content)
    done = subprocess.run(
        [program, "--transport", "http", "--port", "0", "--session-key", str(key)],
        capture_output=True,
        timeout=30,
        text=True,
    )
    assert done.returncode == 1 and reason in done.stderr and "too short" not in done.stderr


def test_a_variable_that_is_not_set(program):
    done = subprocess.run(
        [program, "--session-key", "env:NO_SUCH_KEY"], capture_output=True, timeout=30, text=True
    )
    assert done.returncode == 1 and "NO_SUCH_KEY is not set" in done.stderr
