"""The protocol's conformance suite against a server compiled from examples/conformance.

What the server does not do is in expected-failures.yaml there, with reasons; the suite fails when
anything else fails, and when something on that list passes.
"""

import re
import subprocess
import sys

import pytest
from conftest import BUILD, DEADLINE_S, ROOT, Server, die_with

EXAMPLE = ROOT / "examples" / "conformance"
BASELINE = EXAMPLE / "expected-failures.yaml"


@pytest.fixture
def api(tmp_path):
    """The example's backend: its URL, and the file for the number of the server's process."""
    number = tmp_path / "number"
    process = subprocess.Popen(
        [sys.executable, str(EXAMPLE / "backend.py"), "0", str(number)],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=die_with(),
    )
    with process:
        yield process.stdout.readline().strip(), number
        process.terminate()
        process.wait(DEADLINE_S)


@pytest.mark.parametrize("revision", ["2026-07-28", "2025-11-25"])
def test_the_suite_passes(revision, api, compile_server, tmp_path):
    binaries = BUILD / "npm" / "node_modules" / ".bin"
    program = compile_server(EXAMPLE / "openapi.yaml", "--resource-base", "test:/")
    with Server(program, "--backend-url", api[0]) as server:
        api[1].write_text(str(server.process.pid))
        done = subprocess.run(
            [str(binaries / "node"), str(binaries / "conformance"), "server"]
            + ["--url", server.url, "--requirements", revision]
            + ["--expected-failures", str(BASELINE), "--output-dir", str(tmp_path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            timeout=180,
            text=True,
        )
    summary = done.stdout[done.stdout.find("=== SUMMARY") :]
    assert done.returncode == 0, done.stdout
    # the suite would say that nothing failed if it had run nothing
    passed = re.findall(r"^✓ (\S+): [1-9]\d* passed, 0 failed$", summary, re.MULTILINE)
    assert "tools-call-simple-text" in passed and len(passed) > 10, done.stdout
