"""Every real document's server, listed by the MCP Inspector with --strict: it exits with 6 when a
schema has what some clients refuse. The Inspector does not look whether a schema is a schema at
all, so that is looked at here, against the metaschema of 2020-12 and with its references followed.
"""

import concurrent.futures
import json
import os
import subprocess

import jsonschema
import pytest
from conftest import BUILD
from test_documents import documents

BACKEND = "http://127.0.0.1:9"  # for the documents whose server is relative; nothing is called
NO_TOOLS = {"v3.1-webhook-example.yaml"}  # webhooks only


def list_strictly(program):
    binaries = BUILD / "npm" / "node_modules" / ".bin"
    return subprocess.run(
        [str(binaries / "node"), str(binaries / "mcp-inspector"), "--cli", program]
        + ["--method", "tools/list", "--strict"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "MCP_STORAGE_DIR": str(BUILD / "npm" / "inspector")},
        timeout=120,
        text=True,
    )


@pytest.fixture(scope="module")
def runs(compile_server):
    """A run for each document. The Inspector takes a second to start, so two run at a time."""

    def run(path):
        return list_strictly(compile_server(path, "--backend-url", BACKEND))

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return {path: pool.submit(run, path) for path in documents()}


def schemas_in(node):
    """All objects inside a schema; more than the schemas, which does no harm here."""
    nodes = [node]
    while nodes:
        node = nodes.pop()
        if isinstance(node, dict):
            yield node
            nodes += node.values()
        elif isinstance(node, list):
            nodes += node


def check_references(schema):
    for node in schemas_in(schema):
        reference = node.get("$ref")
        if isinstance(reference, str):
            assert reference == "#" or reference.startswith("#/$defs/"), reference
            name = reference.replace("#/$defs/", "").replace("~1", "/").replace("~0", "~")
            assert reference == "#" or name in schema["$defs"], reference


@pytest.mark.parametrize(
    "document", documents() or [None], ids=lambda path: path.name if path else "shared data"
)
def test_no_schema_has_an_error(document, runs):
    if document is None:
        pytest.skip("shared test data is not here")
    done = runs[document].result()
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    tools = json.loads(done.stdout)["tools"]
    assert bool(tools) == (document.name not in NO_TOOLS)
    kinds = [(tool, kind) for tool in tools for kind in ("inputSchema", "outputSchema")]
    checked = set()
    for tool, kind in kinds:
        text = json.dumps(tool.get(kind))
        if kind in tool and text not in checked:
            checked.add(text)
            assert tool[kind]["type"] == "object", tool["name"]
            jsonschema.Draft202012Validator.check_schema(tool[kind])
            check_references(tool[kind])


def test_the_inspector_does_find_errors(tmp_path):
    """A server that lists a schema of that kind: the test above would notice."""
    script = tmp_path / "server.py"
    script.write_text(BROKEN_SERVER)
    script.chmod(0o700)
    done = list_strictly(str(script))
    assert done.returncode == 6, done.stdout + done.stderr


BROKEN_SERVER = r"""#!/usr/bin/python3
import json
import sys

TOOL = {"name": "bad", "inputSchema": {"type": "object", "properties": {"a": True}}}
for line in sys.stdin:
    message = json.loads(line)
    answers = {
        "initialize": {
            "protocolVersion": message.get("params", {}).get("protocolVersion"),
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "broken", "version": "1"},
        },
        "tools/list": {"tools": [TOOL]},
    }
    if "id" in message:
        answer = {"jsonrpc": "2.0", "id": message["id"]}
        result = answers.get(message["method"])
        answer.update({"result": result} if result else {"error": {"code": -32601, "message": ""}})
        print(json.dumps(answer), flush=True)
"""
