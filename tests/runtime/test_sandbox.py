"""A server in its sandbox serves as ever: calls, names, certificates and logs that are read again."""

import os
import pathlib
import signal
import ssl

import pytest
from certificates import Authority
from conftest import Server, wait_until
from test_tls import client_context, is_answered, open_stream
from test_workers import SPEC, shown_certificate


# in a build with sanitizers: the search for leaks needs what the sandbox forbids
NO_LEAK_SEARCH = {"ASAN_OPTIONS": "detect_leaks=0"}


@pytest.fixture(scope="module")
def program(compile_server, tmp_path_factory):
    spec = tmp_path_factory.mktemp("sandbox") / "sandbox.yaml"
    spec.write_text(SPEC.replace("operationId: slow", "operationId: thing"))
    return compile_server(spec)


def test_calls_by_name_and_by_all_workers(program, backend):
    url = backend.url.replace("127.0.0.1", "localhost")
    with Server(program, "--sandbox", "--workers", 2, "--backend-url", url,
                env=NO_LEAK_SEARCH) as server:  # fmt: skip
        assert server.call_tool("thing")[2]["result"]["structuredContent"] == {"ok": True}
        for thread in pathlib.Path(f"/proc/{server.process.pid}/task").iterdir():
            status = (thread / "status").read_text()
            assert "Seccomp:\t2\n" in status and "NoNewPrivs:\t1\n" in status


def test_certificates_and_logs_are_read_again(program, tmp_path):
    (tmp_path / "tls").mkdir()
    (tmp_path / "log").mkdir()
    authority = Authority(tmp_path / "tls")
    first, second = authority.issue("localhost"), authority.issue("localhost", "second")
    der = ssl.PEM_cert_to_DER_cert(second[0].read_text())
    audit = tmp_path / "log" / "audit"
    options = ("--tls-cert", first[0], "--tls-key", first[1], "--audit-file", audit)
    with Server(program, "--sandbox", "--audit", "all", *options, env=NO_LEAK_SEARCH) as server:
        with open_stream(server, client_context(authority)) as stream:
            assert is_answered(stream)
        os.replace(second[0], first[0])
        os.replace(second[1], first[1])
        audit.rename(tmp_path / "log" / "old")
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: shown_certificate(server) == der, "the new certificate")
        wait_until(audit.exists, "the new file")


def test_the_authority_of_a_backend_is_found(program, backend, tmp_path):
    """libcurl reads the file for each connection, long after the doors are closed."""
    authority = Authority(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.issue("localhost"))
    backend.listener.socket = context.wrap_socket(backend.listener.socket, server_side=True)
    options = ("--backend-url", backend.url.replace("http://127.0.0.1", "https://localhost"),
               "--ca-file", authority.certificate)  # fmt: skip
    with Server(program, "--sandbox", *options, env=NO_LEAK_SEARCH) as server:
        result = server.call_tool("thing")[2]["result"]
        assert result.get("structuredContent") == {"ok": True}, result
