"""Diagnostics about inputs that no golden case can hold: hostile, large, or about the machine.

The golden cases have every other diagnostic; tests/lint counts both.
"""

import http.server
import json
import os
import random
import resource
import subprocess
import threading

import pytest

REFUSED, SYSTEM = 1, 3
HEAD = 'openapi: 3.1.0\ninfo: {title: Pets, version: "1"}\nservers: [{url: https://api.example}]\n'
MEMORY_MAX = 1 << 30  # bytes; enough for any of these


def limit():
    if "san" not in os.environ.get("MCPP_BUILD", ""):  # the sanitizers reserve terabytes
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))


@pytest.fixture
def run(mcpc, tmp_path):
    def start(*args, **environment):
        done = subprocess.run(
            [mcpc, *map(str, args)],
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env={**os.environ, **environment},
            timeout=120,
        )
        return done.returncode, done.stderr.decode(errors="replace")

    return start


ODD = {
    "empty": b"",
    "mark": b"\xef\xbb\xbf",
    "nul": b"\0",
    "nuls": b"\0" * 100_000,
    "nul-inside": b"openapi: 3.1.0\nmcpp 1\n\0\n",
    "brackets": b"[" * 1_048_576,
    "braces": b"{" * 1_048_576,
    "parentheses": b"mcpp 1\ntool a GET /a needs " + b"(" * 1_048_576,
    "quotes": b'"' * 300_001,
    "dashes": b"- " * 100_000,
    "colons": b"a: " * 100_000,
    "long-word": b"a" * 1_048_576,
    "not-utf8": b"\xff\xfe\xfd" * 1000,
    "cut-utf8": b"openapi: \xe2\x82",
    "utf16": "openapi: 3.1.0\n".encode("utf-16"),
    "carriage-returns": b"a\rb\rc\r",
    "crlf": b"openapi: 3.1.0\r\ninfo: *x\r\nmcpp 1\r\n",
    "no-newline": b"openapi: *x",
    "comment": b"#",
    "string": b'"openapi',
    "anchors": b"&a " * 1000,
    "random": random.Random(3).randbytes(100_000),
    "random-text": bytes(random.Random(4).choices(b'{}[]()":, \n\t#&*!|>-a1\\', k=100_000)),
}


@pytest.mark.parametrize("suffix", ["yaml", "json", "mcpp"])
@pytest.mark.parametrize("name", ODD)
def test_an_odd_input_is_refused_with_a_place(name, suffix, mcpc, tmp_path):
    source, output = tmp_path / f"input.{suffix}", tmp_path / "policy.c"
    source.write_bytes(ODD[name])
    done = subprocess.run(
        [mcpc, source.name, "-o", output.name],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        preexec_fn=limit,
    )
    assert done.returncode == REFUSED, done.stderr[-2000:]
    assert done.stderr.startswith(source.name.encode() + b":1:") or b"input." in done.stderr
    assert b": error: " in done.stderr and done.stdout == b""
    assert len(done.stderr) < 100_000, "no flood, however many errors there are"
    assert not output.exists()


def test_files_that_are_none(run, tmp_path):
    (tmp_path / "folder.yaml").mkdir()
    for name in ("folder.yaml", "missing.yaml", "missing.mcpp", "folder.yaml/inside.yaml"):
        status, says = run(name, "-o", "policy.c")
        assert status == SYSTEM and says.startswith(f"mcpc: error: cannot read '{name}': ")
        assert says.endswith("[cannot-read]\n") and says.count("\n") == 1
    (tmp_path / "api.mcpp").write_text('mcpp 1\napi "folder.yaml"\n')
    status, says = run("api.mcpp", "-o", "policy.c")
    assert status == REFUSED and says.startswith("api.mcpp:2:5: error: ") and "[cannot-read]" in says


def test_output_that_cannot_be_written(run, tmp_path):
    (tmp_path / "api.yaml").write_text(HEAD + "paths: {}\n")
    (tmp_path / "folder").mkdir()
    for output in ("missing/policy.c", "missing/program", "folder"):
        status, says = run("api.yaml", "-o", output)
        assert status != 0 and "[cannot-write]" in says


def test_tools_that_a_program_needs(run, tmp_path):
    (tmp_path / "api.yaml").write_text(HEAD + "paths: {}\n")
    for slug, environment in {
        "[no-c-compiler]": {"CC": "missing-compiler"},
        "[c-compiler-failed]": {"CC": "false"},
        "[no-pkg-config]": {"PKG_CONFIG": "missing-program"},
        "[no-runtime]": {"PKG_CONFIG": "false"},
    }.items():
        status, says = run("api.yaml", "-o", "program", **environment)
        assert status == REFUSED and slug in says
    assert [path.name for path in tmp_path.iterdir()] == ["api.yaml"]


def test_schemas_without_measure(run, tmp_path):
    """A schema that would be endless is left out, and the tool stays."""
    value = {"type": "string", "enum": ["x" * 1000 + str(i) for i in range(3000)]}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Pets", "version": "1"},
        "paths": {
            "/pets": {
                "get": {
                    "operationId": "listPets",
                    "parameters": [{"name": "kind", "in": "query", "schema": value}],
                }
            }
        },
    }
    (tmp_path / "api.json").write_text(json.dumps(document))
    status, says = run("api.json", "-o", "policy.c")
    assert status == 0 and "warning: " in says and "[schema-too-large]" in says


def test_more_credentials_than_the_tables_can_count(run, tmp_path):
    names = [f"t{number}" for number in range(256)]
    operations = "".join(f"  /{name}: {{get: {{operationId: {name}}}}}\n" for name in names)
    (tmp_path / "api.yaml").write_text(HEAD + "paths:\n" + operations)
    lines = ["mcpp 1", 'api "api.yaml"', *(f"tool {name} GET /{name} needs nothing" for name in names)]
    lines += [f'send query "k{i}" env KEY for {name}' for name in names for i in range(257)]
    (tmp_path / "api.mcpp").write_text("\n".join(lines) + "\n")
    status, says = run("api.mcpp", "-o", "policy.c")
    assert status == REFUSED and "[too-many-credentials]" in says and "api.mcpp:259:1:" in says


def test_remote_policy(run, tmp_path):
    """A policy at a URL: a server on loopback, asked once."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'mcpp 1\napi "openapi.yaml"\n')

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.handle_request, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.server_address[1]}/pets.mcpp"
        status, says = run(url, "-o", "policy.c", http_proxy="")
        thread.join(30)
    assert status == REFUSED and f"'{url}' is a policy" in says and "[remote-policy]" in says
    assert not (tmp_path / "policy.c").exists()


def test_an_edited_policy_is_not_overwritten(run, tmp_path):
    (tmp_path / "openapi.yaml").write_text(HEAD + "paths: {/a: {get: {operationId: a}}}\n")
    policy = tmp_path / "api.mcpp"
    assert run("openapi.yaml", "-o", policy.name) == (0, "")
    lowered = policy.read_text()
    assert run("openapi.yaml", "-o", policy.name) == (0, "")
    edited = lowered.replace("needs nothing", "needs token")
    assert edited != lowered
    policy.write_text(edited)
    status, says = run("openapi.yaml", "-o", policy.name)
    assert status == REFUSED and policy.read_text() == edited
    assert "'api.mcpp' is there already and says something else [would-overwrite]" in says
    assert "--force" in says
    assert run(policy.name, "-o", policy.name) == (0, "")
    assert run("openapi.yaml", "-o", policy.name, "--force") == (0, "")
    assert policy.read_text() == lowered


def test_an_unused_role_is_found(run, tmp_path):
    (tmp_path / "openapi.yaml").write_text(HEAD + "paths: {/a: {get: {operationId: a}}}\n")
    policy = 'mcpp 1\napi "openapi.yaml"\nrole idle when token\ntool a GET /a needs nothing\n'
    (tmp_path / "api.mcpp").write_text(policy)
    _, says = run("check", "api.mcpp")
    assert "api.mcpp:3:6: warning: the role 'idle' is never used [unused-role]" in says


def test_a_token_that_is_none(run, tmp_path):
    """More about `mcpc explain` is in test_explain.py."""
    (tmp_path / "openapi.yaml").write_text(HEAD + "paths: {/a: {get: {operationId: a}}}\n")
    policy = 'mcpp 1\napi "openapi.yaml"\ntool a GET /a needs nothing\n'
    (tmp_path / "api.mcpp").write_text(policy)
    (tmp_path / "token").write_text("a.b")
    status, says = run("explain", "api.mcpp", "--call", "a", "--token", "token")
    assert status == REFUSED and "[bad-token]" in says


def test_sync_of_what_cannot_be_brought_up_to_date(run, tmp_path):
    paths = {"/pets": {"get": {"operationId": "listPets"}}}
    head = {"openapi": "3.1.0", "info": {"title": "Pets", "version": "1"}}
    (tmp_path / "api.mcpp").write_text('mcpp 1\napi "api.json"\n')
    (tmp_path / "fine.json").write_text(json.dumps({**head, "paths": {}}))
    status, says = run("sync", "fine.json")
    assert status == REFUSED and "'fine.json' is no policy [no-policy]" in says
    (tmp_path / "api.json").write_text(json.dumps({**head, "paths": paths}))
    status, says = run("sync", "--check", "api.mcpp")
    assert status == REFUSED and "[out-of-date]" in says
