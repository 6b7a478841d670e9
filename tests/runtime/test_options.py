"""Options of a compiled server, as a user meets them."""

import json
import subprocess

import pytest
from conftest import Server

DEADLINE_S = 20
SPEC = """
openapi: 3.1.0
info: {title: Options, version: "1.2"}
servers: [{url: "http://127.0.0.1:9"}]
paths:
  /thing:
    get:
      operationId: getThing
      responses: {"200": {description: ok}}
"""


@pytest.fixture(scope="module")
def program(compile_server, tmp_path_factory):
    spec = tmp_path_factory.mktemp("options") / "options.yaml"
    spec.write_text(SPEC)
    return compile_server(spec)


def run(program, *args):
    done = subprocess.run(
        [program, *map(str, args)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=DEADLINE_S,
        text=True,
    )
    return done.returncode, done.stdout, done.stderr


def refuses(program, *args):
    """The one line that says why."""
    status, out, err = run(program, *args)
    assert status == 2 and out == "" and err.count("\n") == 1 and err.startswith("server: "), err
    return err


def test_help_and_version(program):
    status, out, err = run(program, "--help")
    assert status == 0 and err == ""
    for name in ["transport", "host", "port", "path", "validate-tokens", "issuer", "jwks"]:
        assert f"  --{name}" in out
    for name in ["audience", "backend-url", "public-url", "allow-unauthenticated", "allow-origin"]:
        assert f"  --{name}" in out
    for name in ["config", "log-level", "help", "version", "limit-body-bytes", "limit-drain-ms"]:
        assert f"  --{name}" in out
    assert all(len(line) <= 100 for line in out.splitlines())
    status, out, err = run(program, "--version", "--bogus")
    assert status == 0 and err == "" and out.count("\n") == 1 and "mcpc" in out


def test_wrong_usage_is_one_line(program, tmp_path):
    assert "unknown option '--prot'" in refuses(program, "--prot", "1")
    assert "no number from 0 to 65535" in refuses(program, "--port", "x")
    assert "'--allow-unauthenticated'" in refuses(
        program, "--transport", "http", "--host", "0.0.0.0"
    )
    assert "'--transport http'" in refuses(program, "--validate-tokens")
    config = tmp_path / "config.json"
    config.write_text('{"transport": "http",\n "limit_boddy_bytes": 5}')
    assert ":2: unknown key 'limit_boddy_bytes'" in refuses(program, "--config", config)
    config.write_text('{"port": 1, "port": 2}')
    assert "duplicate" in refuses(program, "--config", config)


def test_the_config_file_is_used_and_arguments_win(program, tmp_path):
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"path": "/from-config", "host": "localhost", "port": 1}))
    with Server(program, "--config", config, "--port", 0) as server:
        assert server.url.endswith("/from-config") and "//localhost:" in server.url
        assert server.port > 1
        status, _, _ = server.request("GET", "/healthz")
        assert status == 200
    with Server(program, "--config", config, "--port", 0, "--path", "/x") as server:
        assert server.url.endswith("/x")


def test_the_place_is_logged_once(program):
    with Server(program, "--host", "::1") as server:
        assert server.url.startswith("http://[::1]:")
        assert server.log().count("listening on") == 1
        assert " (forwarding: callers need no token)" in server.log()
        assert server.request("GET", "/healthz")[0] == 200


def test_a_port_in_use_is_an_error(program):
    with Server(program) as server:
        status, out, err = run(program, "--transport", "http", "--port", server.port)
        assert status == 1 and out == "" and "cannot be listened on" in err


def test_validation_opens_other_addresses(program, issuer):
    with Server(program, "--host", "0.0.0.0", *issuer.server_args()) as server:
        assert server.url.startswith("http://0.0.0.0:")
        assert " (tokens are validated)" in server.log()


def test_allow_unauthenticated_opens_other_addresses(program):
    with Server(program, "--host", "0.0.0.0", "--allow-unauthenticated") as server:
        assert server.url.startswith("http://0.0.0.0:")
