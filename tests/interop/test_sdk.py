"""The official TypeScript SDK clients, of both generations, over both transports and eras."""

import json
import subprocess

import pytest
from conftest import BUILD, ROOT, Server

CLIENTS = [("v1", "legacy"), ("v2", "legacy"), ("v2", "modern")]
SPEC = ROOT / "examples" / "petstore" / "openapi.yaml"


def visit(sdk, era, steps, **where):
    """Runs one SDK client; gives its report."""
    node = BUILD / "npm" / "node_modules" / ".bin" / "node"
    plan = {"sdk": sdk, "era": era, "steps": steps, **where}
    done = subprocess.run(
        [str(node), str(ROOT / "tests/interop/client.js"), str(BUILD / "npm"), json.dumps(plan)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=60,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert "failed" not in report or not steps, report
    return report


STEPS = [
    {"list": True},
    {"call": "getPet", "arguments": {"petId": 7}},
    {"call": "noSuchTool", "arguments": {}},
]


def check_visit(report, backend, credential):
    listed, called, unknown = report["steps"]
    assert "getPet" in [tool["name"] for tool in listed["tools"]]
    assert not called["result"].get("isError"), called
    assert json.loads(called["result"]["content"][0]["text"]) == {"id": 7, "name": "Rex"}
    assert "error" in unknown
    assert [request.path for request in backend.requests] == ["/pets/7"]
    assert backend.requests[0].header("Authorization") == credential


@pytest.mark.parametrize("sdk,era", CLIENTS)
def test_sdk_over_stdio(sdk, era, compile_server, backend):
    backend.answer(200, None, {"id": 7, "name": "Rex"})
    program = compile_server(SPEC)
    report = visit(
        sdk,
        era,
        STEPS,
        command=program,
        args=["--backend-url", backend.url],
        env={"BACKEND_API_TOKEN": "secret-of-the-backend"},
    )
    check_visit(report, backend, ["Bearer secret-of-the-backend"])


@pytest.mark.parametrize("sdk,era", CLIENTS)
def test_sdk_over_http_with_a_token(sdk, era, compile_server, backend, issuer):
    backend.answer(200, None, {"id": 7, "name": "Rex"})
    program = compile_server(SPEC)
    token = issuer.token("read:pets")
    with Server(program, "--backend-url", backend.url, *issuer.server_args()) as server:
        headers = {"Authorization": f"Bearer {token}"}
        report = visit(sdk, era, STEPS, url=server.url, headers=headers)
        check_visit(report, backend, [])
        steps = [{"call": "deletePet", "arguments": {"petId": 7}}]
        report = visit(sdk, era, steps, url=server.url, headers=headers)
        assert "error" in report["steps"][0], report
    assert len(backend.requests) == 1, "a call without the scope reached the backend"
