"""The official MCP Inspector in CLI mode, over both transports and eras."""

import json
import os
import subprocess

import pytest
from conftest import BUILD, ROOT, Server

SPEC = ROOT / "examples" / "petstore" / "openapi.yaml"
ERAS = ["legacy", "modern"]


def inspect(*args, expect=0):
    """Runs `mcp-inspector --cli`; gives its JSON result."""
    binaries = BUILD / "npm" / "node_modules" / ".bin"
    done = subprocess.run(
        [str(binaries / "node"), str(binaries / "mcp-inspector"), "--cli", *map(str, args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "MCP_STORAGE_DIR": str(BUILD / "npm" / "inspector")},
        timeout=90,
        text=True,
    )
    assert done.returncode == expect, done.stdout + done.stderr
    return json.loads(done.stdout) if expect == 0 else done.stdout + done.stderr


def listed(answer):
    return [tool["name"] for tool in answer["tools"]]


REX = {"id": 7, "name": "Rex", "photoUrls": []}  # as both documents' schemas ask


def check_call(answer):
    assert not answer.get("isError"), answer
    assert json.loads(answer["content"][0]["text"]) == REX


@pytest.mark.parametrize("era", ERAS)
def test_inspector_over_stdio(era, compile_server, backend):
    backend.answer(200, None, REX)
    program = compile_server(SPEC, "--backend-url", backend.url)
    target = [program, "-e", "BACKEND_API_TOKEN=secret-of-the-backend", "--protocol-era", era]
    assert "getPet" in listed(inspect(*target, "--method", "tools/list", "--strict"))
    call = ["--method", "tools/call", "--tool-name", "getPet", "--tool-arg", "petId=7"]
    check_call(inspect(*target, *call))
    assert [request.path for request in backend.requests] == ["/pets/7"]
    assert backend.requests[0].header("Authorization") == ["Bearer secret-of-the-backend"]


@pytest.mark.parametrize("era", ERAS)
def test_inspector_over_http(era, compile_server, backend, issuer):
    backend.answer(200, None, REX)
    program = compile_server(SPEC)
    token = issuer.token("read:pets")
    with Server(program, "--backend-url", backend.url, *issuer.server_args()) as server:
        target = [server.url, "--transport", "http", "--protocol-era", era]
        target += ["--header", f"Authorization: Bearer {token}"]
        assert "getPet" in listed(inspect(*target, "--method", "tools/list", "--strict"))
        call = ["--method", "tools/call", "--tool-name", "getPet", "--tool-arg", "petId=7"]
        check_call(inspect(*target, *call))
        assert [request.path for request in backend.requests] == ["/pets/7"]


@pytest.mark.parametrize("era", ERAS)
def test_inspector_over_http_forwarding(era, compile_server, backend):
    backend.answer(200, None, REX)
    program = compile_server(SPEC)
    environment = {"BACKEND_API_TOKEN": "secret-of-the-backend"}
    with Server(program, "--backend-url", backend.url, env=environment) as server:
        target = [server.url, "--transport", "http", "--protocol-era", era]
        call = ["--method", "tools/call", "--tool-name", "getPet", "--tool-arg", "petId=7"]
        check_call(inspect(*target, *call))
    assert backend.requests[0].header("Authorization") == ["Bearer secret-of-the-backend"]


# ---- the real petstore document ----


@pytest.fixture(scope="module")
def petstore_3_0(data):
    path = data / "openapi" / "petstore-3.0.json"
    if not path.exists():
        pytest.skip("petstore-3.0.json is not in the shared data")
    return path


def test_petstore_has_19_tools_on_both_transports(petstore_3_0, compile_server, backend):
    backend.answer(200, None, REX)
    program = compile_server(petstore_3_0, "--backend-url", backend.url + "/api/v3")
    call = ["--method", "tools/call", "--tool-name", "getPetById", "--tool-arg", "petId=7"]
    assert len(listed(inspect(program, "--method", "tools/list", "--strict"))) == 19
    check_call(inspect(program, *call))
    with Server(program) as server:
        target = [server.url, "--transport", "http"]
        assert len(listed(inspect(*target, "--method", "tools/list", "--strict"))) == 19
        check_call(inspect(*target, *call))
    assert [request.path for request in backend.requests] == ["/api/v3/pet/7"] * 2


def test_an_edited_policy_bites(petstore_3_0, mcpc, compile_server, backend, issuer, tmp_path):
    """Lowered, a scope changed by hand, compiled again: the old scope is not enough any more."""
    backend.answer(200, None, REX)
    policy = tmp_path / "petstore.mcpp"
    subprocess.run(
        [mcpc, str(petstore_3_0), "-o", str(policy), "--backend-url", backend.url], check=True
    )
    text = policy.read_text()
    line = next(line for line in text.splitlines() if line.split()[:2] == ["tool", "getPetById"])
    edited = line[: line.index("needs")] + 'needs "write:pets"'
    policy.write_text(text.replace(line, edited))
    program = compile_server(policy)
    with Server(program, *issuer.server_args()) as server:
        reader, writer = issuer.token("read:pets"), issuer.token("write:pets")
        status, headers, _ = server.call_tool("getPetById", {"petId": 7}, reader)
        assert status == 403 and 'scope="write:pets"' in headers["WWW-Authenticate"]
        assert not backend.requests
        status, _, answer = server.call_tool("getPetById", {"petId": 7}, writer)
        assert status == 200 and answer["result"]["structuredContent"] == REX
