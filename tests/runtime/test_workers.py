"""Several workers, stopping, SIGHUP, and the service manager's protocols."""

import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading

import pytest
from certificates import Authority
from conftest import BUILD, Server, die_with, wait_until

DEADLINE_S = 30
SPEC = """
openapi: 3.1.0
info: {title: Workers, version: "1"}
servers: [{url: "http://127.0.0.1:9"}]
paths:
  /slow:
    get:
      operationId: slow
      security: []
      responses: {"200": {description: ok}}
"""
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.fixture(scope="module")
def program(compile_server, tmp_path_factory):
    spec = tmp_path_factory.mktemp("workers") / "workers.yaml"
    spec.write_text(SPEC)
    return compile_server(spec)


def is_alive(stream):
    stream.sendall(HEALTH)
    found = b""
    while not found.endswith(b"ok\n"):
        piece = stream.recv(4096)
        assert piece, found
        found += piece
    return found.startswith(b"HTTP/1.1 200")


def connect(server):
    return socket.create_connection(("127.0.0.1", server.port), DEADLINE_S)


def threads_of(server):
    return list(pathlib.Path(f"/proc/{server.process.pid}/task").iterdir())


def added_threads(server, alone):
    """How many more there are than with one worker."""
    return len(threads_of(server)) - len(threads_of(alone))


# TSan starts a thread of its own when there is a second one
OWN_THREADS = 1 if BUILD.name == "tsan" else 0


def test_each_worker_is_a_thread_and_serves(program):
    with Server(program) as alone, Server(program, "--workers", 3) as server:
        wait_until(lambda: added_threads(server, alone) == 2 + OWN_THREADS, "the threads")
        with contextlib.ExitStack() as stack:
            streams = [stack.enter_context(connect(server)) for _ in range(60)]
            assert all(is_alive(stream) for stream in streams)
            assert len(server.list_tools()) == 1


def test_one_worker_for_each_processor(program):
    wanted = len(os.sched_getaffinity(0)) - 1 + OWN_THREADS
    with Server(program) as alone, Server(program, "--workers", 0) as server:
        wait_until(lambda: added_threads(server, alone) == wanted, "the threads")


def test_two_servers_do_not_share_a_port_unasked(program):
    with Server(program) as server:
        done = subprocess.run(
            [program, "--transport", "http", "--port", str(server.port)],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=DEADLINE_S,
            text=True,
        )
        assert done.returncode == 1 and "cannot be listened on" in done.stderr


class Held:
    """A backend that answers when it is let go."""

    def __init__(self, backend):
        self.arrived, self.go = threading.Semaphore(0), threading.Event()
        backend.answer_with(self.answer)

    def answer(self, _):
        self.arrived.release()
        self.go.wait(DEADLINE_S)
        return 200, {"Content-Type": "application/json"}, b'{"late":true}'


@pytest.mark.parametrize("workers", [1, 3])
def test_what_is_under_way_is_finished(program, backend, workers):
    held, answers = Held(backend), []
    with Server(program, "--workers", workers, "--backend-url", backend.url) as server:
        threads = [
            threading.Thread(target=lambda: answers.append(server.call_tool("slow")))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for _ in threads:
            assert held.arrived.acquire(timeout=DEADLINE_S)
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: "stopping: SIGTERM" in server.log(), "the signal")
        wait_until(lambda: refuses_connections(server), "the listeners to close")
        held.go.set()
        for thread in threads:
            thread.join(DEADLINE_S)
        assert server.process.wait(DEADLINE_S) == 0
    assert [status for status, _, _ in answers] == [200] * 8


def refuses_connections(server):
    try:
        connect(server).close()
    except ConnectionRefusedError:
        return True
    return False


@pytest.mark.parametrize("workers", [1, 3])
def test_the_second_signal_ends_it_at_once(program, backend, workers):
    held = Held(backend)
    with Server(program, "--workers", workers, "--backend-url", backend.url) as server:
        thread = threading.Thread(target=lambda: suppressed(server.call_tool, "slow"))
        thread.start()
        assert held.arrived.acquire(timeout=DEADLINE_S)
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: "stopping" in server.log(), "the first signal")
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(DEADLINE_S) == 0
        held.go.set()
        thread.join(DEADLINE_S)


def suppressed(function, *args):
    with contextlib.suppress(OSError):
        function(*args)


def test_past_the_deadline_it_ends(program, backend):
    held = Held(backend)
    options = ("--workers", 2, "--backend-url", backend.url, "--limit-drain-ms", 100)
    with Server(program, *options) as server:
        thread = threading.Thread(target=lambda: suppressed(server.call_tool, "slow"))
        thread.start()
        assert held.arrived.acquire(timeout=DEADLINE_S)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(DEADLINE_S) == 0
        held.go.set()
        thread.join(DEADLINE_S)
    assert "limit-drain-ms" in server.log()


# ---- SIGHUP ----


def hang_up(server):
    """Sends SIGHUP and waits until it was acted on."""
    before = server.log().count("SIGHUP: reading")
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: server.log().count("SIGHUP: reading") > before, "the signal")


def shown_certificate(server):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with context.wrap_socket(connect(server)) as stream:
        return stream.getpeercert(binary_form=True)


def test_certificates_are_read_again(program, tmp_path):
    authority = Authority(tmp_path)
    first = authority.issue("localhost")
    second = authority.issue("localhost", "second")
    der = ssl.PEM_cert_to_DER_cert(second[0].read_text())
    with Server(program, "--workers", 2, "--tls-cert", first[0], "--tls-key", first[1]) as server:
        context = ssl.create_default_context(cafile=str(authority.certificate))
        with context.wrap_socket(connect(server), server_hostname="localhost") as old:
            assert is_alive(old) and shown_certificate(server) != der
            os.replace(second[0], first[0])
            os.replace(second[1], first[1])
            hang_up(server)
            for _ in range(10):  # whichever worker has it
                wait_until(lambda: shown_certificate(server) == der, "the new certificate")
            assert is_alive(old)
            first[0].write_text("nothing")
            hang_up(server)
            wait_until(lambda: server.log().count("certificates stay") == 2, "the refusal")
            assert shown_certificate(server) == der and is_alive(old)


def test_the_config_file_is_read_again(program, tmp_path):
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"limit_body_bytes": 1000000, "log_level": "info"}))
    body = b" " * 2000
    with Server(program, "--config", config, "--workers", 2) as server:
        assert server.request(body=body)[0] == 415
        config.write_text(json.dumps({"limit_body_bytes": 1000, "path": "/x", "log_level": "debug"}))
        hang_up(server)
        wait_until(lambda: "path: the other value" in server.log(), "the warning")
        for _ in range(10):
            wait_until(lambda: server.request(body=body)[0] == 413, "the new limit")
        assert " debug " in server.log()
        config.write_text("{")
        hang_up(server)
        wait_until(lambda: "the options stay" in server.log(), "the refusal")
        assert server.request(body=body)[0] == 413


def test_the_log_file_is_opened_again(program, tmp_path):
    log = tmp_path / "log"
    with logging_to(program, log) as process:
        wait_until(lambda: log.exists() and "listening on" in log.read_text(), "the server")
        log.rename(tmp_path / "old")
        process.send_signal(signal.SIGHUP)
        wait_until(log.exists, "the new log")
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE_S) == 0
    assert "stopping: SIGTERM" in log.read_text()
    assert "listening on" in (tmp_path / "old").read_text()


@contextlib.contextmanager
def logging_to(program, log):
    process = subprocess.Popen(
        [program, "--transport", "http", "--port", "0", "--log-file", log],
        stdin=subprocess.DEVNULL,
        preexec_fn=die_with(),
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


# ---- the service manager ----


@contextlib.contextmanager
def activated(program, listener, *args):
    """The server with a socket from outside, as systemd starts it."""
    script = (
        f"import os, sys; os.dup2({listener.fileno()}, 3); os.environ['LISTEN_FDS'] = '1'; "
        "os.environ['LISTEN_PID'] = str(os.getpid()); os.execv(sys.argv[1], sys.argv[1:])"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, program, "--transport", "http", *args],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        pass_fds=[listener.fileno()],
        preexec_fn=die_with(),
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


@pytest.mark.parametrize("workers", ["1", "3"])
def test_listens_on_a_socket_that_is_handed_over(program, workers):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        # a connection from before the start is served as well
        with socket.create_connection(("127.0.0.1", port), DEADLINE_S) as early:
            with activated(program, listener, "--workers", workers) as process:
                assert is_alive(early)
                assert any(f":{port}/mcp" in line for line in process.stderr)
                with socket.create_connection(("127.0.0.1", port), DEADLINE_S) as stream:
                    assert is_alive(stream)
                process.send_signal(signal.SIGTERM)
                assert process.wait(DEADLINE_S) == 0


def test_a_socket_for_everybody_is_refused_without_tokens(program):
    with socket.create_server(("0.0.0.0", 0)) as listener:
        with activated(program, listener) as process:
            assert process.wait(DEADLINE_S) == 1
            assert "only a loopback address" in process.stderr.read()


def test_tells_the_service_manager(program, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(DEADLINE_S)
        env = {"NOTIFY_SOCKET": tmp_path / "notify", "WATCHDOG_USEC": "20000"}

        def told(wanted):
            while not re.match(wanted, manager.recv(4096)):
                pass
            return True

        with Server(program, env=env) as server:
            assert told(rb"READY=1$") and told(rb"WATCHDOG=1$")
            server.process.send_signal(signal.SIGHUP)
            assert told(rb"RELOADING=1\nMONOTONIC_USEC=\d+$") and told(rb"READY=1$")
            server.process.send_signal(signal.SIGTERM)
            assert told(rb"STOPPING=1$")
