"""`make demo`: the script as a user runs it, twice, and what it leaves behind."""

import os
import re
import signal
import subprocess
import urllib.request

import pytest
from conftest import BUILD, ROOT, wait_until

SCRIPT = ROOT / "examples" / "petstore" / "run.sh"


def run(*args):
    return subprocess.run(
        [str(SCRIPT), str(BUILD), *args],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=180,
        text=True,
    )


def is_up(url):
    try:
        urllib.request.urlopen(url + "/health", timeout=5)
        return True
    except OSError:
        return False


@pytest.mark.parametrize("time", ["first", "second"])
def test_demo(time):
    before = set(BUILD.glob("demo.*"))
    done = run()
    assert done.returncode == 0, done.stdout[-4000:]
    for words in (
        "-> HTTP 401",
        "resource_metadata=",
        "Rex",
        "-> HTTP 403",
        "insufficient_scope",
        'scope="write:pets"',
        "9007199254740993",
        "Methuselah",
        "npx @modelcontextprotocol/inspector --cli",
        '"mcpServers"',
    ):
        assert words in done.stdout, words
    backend, issuer = re.findall(r"(http://127\.0\.0\.1:\d+)", done.stdout)[:2]
    assert not is_up(backend) and not is_up(issuer)
    assert set(BUILD.glob("demo.*")) == before


def test_demo_kept():
    done = run("1")
    assert done.returncode == 0, done.stdout[-4000:]
    pids, folder = re.search(r"stop them with: kill([ \d]+); rm -r (\S+)", done.stdout).groups()
    backend = re.search(r"backend (http://127\.0\.0\.1:\d+)", done.stdout).group(1)
    try:
        assert is_up(backend)
    finally:
        for pid in pids.split():
            os.kill(int(pid), signal.SIGTERM)
        subprocess.run(["rm", "-r", folder], check=True)
    wait_until(lambda: not is_up(backend), "the backend's end")


def test_demo_fails_when_something_is_wrong(tmp_path):
    """A build folder without programs: an error, and a status that says so."""
    done = subprocess.run(
        [str(SCRIPT), str(tmp_path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
    )
    assert done.returncode != 0
    assert list(tmp_path.iterdir()) == []
