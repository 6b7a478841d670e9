"""/healthz, /readyz and /metrics, at the endpoint's address and at one of their own."""

import json
import re
import signal
import threading
import urllib.error
import urllib.request

import pytest
from conftest import Backend, Server, wait_until

DEADLINE_S = 30
SPEC = """
openapi: 3.1.0
info: {title: Probed, version: "1"}
servers: [{url: "http://127.0.0.1:9"}]
paths:
  /thing:
    get:
      operationId: thing
      security: [{auth: ["read:things"]}]
      responses: {"200": {description: ok}}
components:
  securitySchemes:
    auth:
      type: oauth2
      flows:
        clientCredentials:
          tokenUrl: https://id.example/token
          scopes: {"read:things": ""}
"""


@pytest.fixture(scope="module")
def program(compile_server, tmp_path_factory):
    spec = tmp_path_factory.mktemp("probes") / "probes.yaml"
    spec.write_text(SPEC)
    return compile_server(spec)


def watch(server):
    """The base URL of --metrics-address 127.0.0.1:0."""
    wait_until(lambda: "metrics on" in server.log(), "the metrics address")
    return re.sub(r" port ", ":", re.search(r"metrics on (\S+ port \d+)", server.log())[1])


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=DEADLINE_S) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.read().decode()


def values(text):
    """Sample -> value; checks the format on the way."""
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            assert re.fullmatch(r"# (HELP|TYPE) [a-z_]+ .+", line), line
            continue
        sample = re.fullmatch(r'([a-z_]+(?:\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})?) (\S+)', line)
        assert sample, line
        assert sample[1] not in found, line
        found[sample[1]] = float(sample[2])
    return found


def test_health_and_readiness_without_tokens(program):
    with Server(program) as server:
        assert server.request("GET", "/healthz")[::2] == (200, b"ok\n")
        assert server.request("GET", "/readyz")[::2] == (200, b"ready\n")
        assert server.request("POST", "/readyz", b"")[0] == 405
        assert server.request("GET", "/metrics")[0] == 404


def test_not_ready_without_keys(program, issuer):
    with Backend() as keys:
        keys.answer(503)
        options = ("--validate-tokens", "--issuer", issuer.issuer, "--jwks", keys.url + "/keys")
        with Server(program, *options) as server:
            assert server.request("GET", "/readyz")[0] == 503
            assert server.request("GET", "/healthz")[0] == 200
            keys.answer(200, None, issuer.jwks("rsa"))
            wait_until(lambda: server.request("GET", "/readyz")[0] == 200, "the keys")


def test_not_ready_while_stopping(program, backend):
    arrived, go = threading.Event(), threading.Event()

    def answer(_):
        arrived.set()
        go.wait(DEADLINE_S)
        return 200, {"Content-Type": "application/json"}, b"{}"

    backend.answer_with(answer)
    options = ("--backend-url", backend.url, "--metrics-address", "127.0.0.1:0", "--workers", 2)
    with Server(program, *options) as server:
        thread = threading.Thread(target=lambda: server.call_tool("thing"))
        thread.start()
        assert arrived.wait(DEADLINE_S)
        assert get(watch(server) + "/readyz")[0] == 200
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: get(watch(server) + "/readyz") == (503, "stopping\n"), "the signal")
        assert get(watch(server) + "/healthz")[0] == 200
        go.set()
        thread.join(DEADLINE_S)


def test_the_address_of_its_own_answers_nothing_else(program):
    with Server(program, "--metrics-address", "127.0.0.1:0") as server:
        base = watch(server)
        assert get(base + "/metrics")[0] == 200
        assert [get(base + path)[0] for path in ("/mcp", "/", "/.well-known/x")] == [404] * 3
        assert server.request("GET", "/metrics")[0] == 404


def test_counts_what_happened(program, issuer, backend):
    options = (*issuer.server_args(), "--backend-url", backend.url, "--metrics", "--workers", 2)
    with Server(program, *options) as server:
        good, weak = issuer.token("read:things"), issuer.token("other")
        for _ in range(3):
            assert server.call_tool("thing", token=good)[0] == 200
        assert server.call_tool("thing", token=weak)[0] == 403
        assert server.call_tool("thing", token="x.y.z")[0] == 401
        assert "error" in server.call_tool("nothing", token=good)[2]
        found = values(server.request("GET", "/metrics")[2].decode())
    assert found['mcpp_decisions_total{outcome="allowed"}'] == 3
    assert found['mcpp_decisions_total{outcome="insufficient-scope"}'] == 1
    assert found['mcpp_decisions_total{outcome="unknown-tool"}'] == 1
    assert found['mcpp_http_requests_total{status="200"}'] == 4
    assert found['mcpp_http_requests_total{status="401"}'] == 1
    assert found['mcpp_http_requests_total{status="403"}'] == 1
    assert found['mcpp_tokens_total{outcome="valid"}'] == 5
    assert found['mcpp_tokens_total{outcome="invalid"}'] == 1
    assert found['mcpp_keys_fetches_total{outcome="good"}'] == 1, "for both workers"
    assert 0 <= found["mcpp_keys_age_seconds"] < DEADLINE_S
    assert found["mcpp_request_seconds_count"] == 6
    assert found['mcpp_request_seconds_bucket{le="+Inf"}'] == 6
    assert found["mcpp_request_seconds_sum"] > 0
    # three calls, and a fetch of keys
    assert found['mcpp_backend_requests_total{outcome="answered"}'] == 4
    assert found["mcpp_backend_running"] == 0 and found["mcpp_backend_waiting"] == 0
    assert found['mcpp_connections_total{outcome="accepted"}'] == 7
    assert found["mcpp_memory_bytes{kind=\"limit\"}"] == 512 * 1024 * 1024
    assert found["process_resident_memory_bytes"] > 1e6
    buckets = [value for name, value in found.items() if name.startswith("mcpp_request_seconds_b")]
    assert buckets == sorted(buckets)


def test_addresses_that_are_none_are_refused(program, tmp_path):
    config = tmp_path / "config.json"
    for address in ("9000", ":9000", "host:", "::1:9000", "127.0.0.1:99999", "127.0.0.1:9x"):
        config.write_text(json.dumps({"metrics_address": address}))
        with pytest.raises(AssertionError, match="is no HOST:PORT"):
            with Server(program, "--config", config):
                pass
