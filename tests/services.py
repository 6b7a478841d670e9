"""Redis and nginx as tests start them: on free ports, with everything in one folder."""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess

import pytest
from conftest import DEADLINE_S, die_with, wait_until


def program(name):
    """Its path, or the test is skipped."""
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin")
    if not found:
        pytest.skip(f"{name} is not installed")
    return found


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


def is_listening(port):
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), DEADLINE_S).close()
        return True
    return False


class Service:
    """A process that listens on a port, or on none (None). A context manager; may be stopped and
    started again. It has a process group of its own: workers whose master was killed are ended with
    the rest."""

    def __init__(self, command, port):
        self.command, self.port, self.process = list(map(str, command)), port, None

    def start(self):
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with(signal.SIGTERM),  # nginx's master ends its workers then
        )
        try:
            wait_until(lambda: not self.port or is_listening(self.port), self.command[0])
        except BaseException:
            self.stop()
            raise

    def stop(self):
        """Politely; what has not gone at the deadline, or whose master is dead, is killed."""
        try:
            self.process.terminate()
            self.process.wait(DEADLINE_S)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(DEADLINE_S)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()


def redis(folder, *more):
    port = free_port()
    command = [program("redis-server"), "--port", port, "--bind", "127.0.0.1", "--save", ""]
    return Service([*command, "--dir", folder, "--appendonly", "no", *more], port)


# workers of root's nginx would be somebody else, who may not write into the tests' folders
NGINX_USER = "user root;\n" if os.geteuid() == 0 else ""
NGINX_FOLDERS = """http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
"""
NGINX = (
    NGINX_USER
    + """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
"""
    + NGINX_FOLDERS
    + """
  {text}
}}
"""
)


def nginx(folder, text, port):
    """nginx with this inside its http block."""
    path = pathlib.Path(folder) / "nginx.conf"
    path.write_text(NGINX.format(folder=folder, text=text))
    return Service([program("nginx"), "-p", folder, "-c", path], port)
