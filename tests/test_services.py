"""What the tests start ends with them: nothing is left behind by a kill, of a service or of pytest."""

import os
import pathlib
import signal
import subprocess
import sys

import pytest
import services
from conftest import ROOT, wait_until

HOLDER = """
import sys
sys.path.insert(0, {tests!r})
import services
with services.nginx({folder!r}, "server {{ listen 127.0.0.1:{port}; }}", {port}) as nginx:
    print(nginx.process.pid, flush=True)
    sys.stdin.read()
"""


def children_of(pid):
    return [int(one) for one in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def workers_of(master):
    """nginx listens before it has made them."""
    wait_until(lambda: children_of(master), "the workers")
    return children_of(master)


def is_running(pid):
    """Zombies are gone as far as ports and files go."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_workers_of_a_dead_master_are_ended(tmp_path, number):
    port = services.free_port()
    with services.nginx(tmp_path, f"server {{ listen 127.0.0.1:{port}; }}", port) as nginx:
        workers = workers_of(nginx.process.pid)
        nginx.process.send_signal(number)
        nginx.process.wait(30)
    wait_until(lambda: not any(map(is_running, workers)), "the workers' end")


def test_services_end_with_a_killed_test_run(tmp_path):
    services.program("nginx")
    text = HOLDER.format(tests=str(ROOT / "tests"), folder=str(tmp_path), port=services.free_port())
    with subprocess.Popen(
        [sys.executable, "-c", text], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        master = int(holder.stdout.readline())
        everything = [master, *workers_of(master)]
        assert all(map(is_running, everything))
        os.kill(holder.pid, signal.SIGKILL)
    wait_until(lambda: not any(map(is_running, everything)), "the end of nginx")
