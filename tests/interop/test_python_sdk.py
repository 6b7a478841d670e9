"""The official Python SDK's client, over both transports, in each era that it speaks."""

import json
import subprocess

import pytest
from conftest import BUILD, ROOT, Server
from test_conformance import EXAMPLE
from test_conformance import api  # noqa: F401  (a fixture)

PYTHON = BUILD / "python" / "bin" / "python"
MODES = {"legacy": "2025-11-25", "auto": "2026-07-28", "2026-07-28": "2026-07-28"}
STEPS = [
    {"list": True},
    {"call": "test_tool_with_progress", "arguments": {}},
    {"call": "test_region", "arguments": {"region": "north west", "shard": 7}},
    {"call": "no_such_tool", "arguments": {}},
    {"templates": True},
    {"read": "test://template/123/data"},
    {"complete": "test://template/{id}/data{?unit}", "argument": {"name": "unit", "value": "m"}},
]


@pytest.fixture(scope="module", autouse=True)
def sdk():
    if not (BUILD / "python" / "installed").exists():
        pytest.skip("the Python SDK is not installed (make build/python/stamp says why)")


@pytest.fixture(scope="module")
def program(compile_server):
    return compile_server(EXAMPLE / "openapi.yaml", "--resource-base", "test:/")


def visit(mode, **where):
    plan = {"mode": mode, "steps": STEPS, **where}
    done = subprocess.run(
        [str(PYTHON), str(ROOT / "tests/interop/client.py"), json.dumps(plan)],
        capture_output=True,
        timeout=60,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def check(report, mode):
    assert report["revision"] == MODES[mode]
    listed, slow, regional, unknown, templates, read, completed = report["steps"]
    assert "test_region" in [tool["name"] for tool in listed["tools"]]
    progress = [done for done, _ in slow["progress"]]
    assert progress[0] == 0 and progress[-1] == 20 and progress == sorted(set(progress))
    assert slow["result"]["content"][0]["text"] == "first, second, third"
    assert "north" in regional["result"]["content"][0]["text"]
    assert "error" in unknown
    assert "test://template/{id}/data{?unit}" in [
        one["uriTemplate"] for one in templates["resourceTemplates"]
    ]
    assert json.loads(read["contents"][0]["text"])["id"] == "123"
    assert completed["completion"]["values"] == ["metre", "mile"]


@pytest.mark.parametrize("mode", MODES)
def test_python_sdk_over_stdio(mode, program, api):
    check(visit(mode, command=program, args=["--backend-url", api[0]]), mode)


@pytest.mark.parametrize("mode", MODES)
def test_python_sdk_over_http(mode, program, api):
    with Server(program, "--backend-url", api[0]) as server:
        check(visit(mode, url=server.url), mode)


def test_python_sdk_over_http_with_a_token(program, api, issuer):
    token = issuer.token("any")
    with Server(program, "--backend-url", api[0], *issuer.server_args()) as server:
        headers = {"Authorization": f"Bearer {token}"}
        check(visit("auto", url=server.url, headers=headers), "auto")
