"""No operation of a real document vanishes: an independent count, made here in Python, against what
`mcpc --report json` says of each operation, and against the policy that is written."""

import json
import re
import subprocess

import pytest
from conftest import BUILD, ROOT
from test_documents import documents

yaml = pytest.importorskip("yaml", reason="python3-yaml is not installed")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

METHODS = {
    "2": ["get", "put", "post", "delete", "options", "head", "patch"],
    "3": ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"],
}
# npm's @octokit/openapi, which `make bench` installs
GITHUB_PATH = "node_modules/@octokit/openapi/generated/api.github.com.json"
GITHUB = [
    path
    for path in (folder / "npm-bench" / GITHUB_PATH for folder in (BUILD, ROOT / "build"))
    if path.exists()
]
GITHUB_OPERATIONS = 1223


class Loader(LOADER):
    """Plain scalars as text: a path's or a method's name is its source text (`on`, `200`)."""


Loader.yaml_implicit_resolvers = {}


def load(path):
    text = path.read_bytes()
    return json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader)


class Reader:
    """Follows references between files; every file is read once."""

    def __init__(self):
        self.files = {}

    def file(self, path):
        if path not in self.files:
            self.files[path] = load(path)
        return self.files[path]

    def follow(self, node, path):
        """The node that a $ref leads to in the end, with what stands beside it on the way."""
        beside = {}
        while isinstance(node, dict) and "$ref" in node:
            beside = {**node, **beside}
            name, _, pointer = node["$ref"].partition("#")
            path = (path.parent / name).resolve() if name else path
            node = self.file(path)
            for part in pointer.split("/")[1:]:
                part = part.replace("~1", "/").replace("~0", "~")
                node = node[int(part)] if isinstance(node, list) else node[part]
        return {**node, **beside}, path


def operations_of(path):
    """Every (METHOD, path) that the document has."""
    reader = Reader()
    root = reader.file(path.resolve())
    version = str(root.get("openapi") or root.get("swagger"))
    found = []
    paths, paths_file = reader.follow(root.get("paths") or {}, path.resolve())
    for name, item in paths.items():
        if name.startswith("x-"):
            continue
        item, _ = reader.follow(item, paths_file)
        found += [(method.upper(), name) for method in METHODS[version[0]] if method in item]
        found += [(method, name) for method in item.get("additionalOperations", {})]
    return sorted(found)


def report_of(mcpc, path, *args):
    done = subprocess.run(
        [mcpc, str(path), "--report", "json", *map(str, args)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def written_in(policy):
    """(tools, omits) of a .mcpp text, as (METHOD, path)."""
    tools = re.findall(r'^\s*tool\s+\S+\s+(\S+)\s+("[^"\n]*"|\S+)', policy, re.MULTILINE)
    omits = re.findall(r'^\s*omit\s+(\S+)\s+("[^"\n]*"|\S+)', policy, re.MULTILINE)

    def clean(pairs):
        return sorted((method, path.strip('"')) for method, path in pairs)

    return clean(tools), clean(omits)


def check(mcpc, document, policy):
    report = report_of(mcpc, document, "-o", policy)
    operations = operations_of(document)
    found = [(each["method"], each["path"]) for each in report["operations"]]
    missing = sorted(set(operations) - set(found))
    assert sorted(found + missing) == operations
    lines = [each["message"] for each in report["diagnostics"]]
    for method, path in missing:
        named = [f"'{method}'", f"'{method.lower()}'", f"'{path}'"]
        assert any(name in line for name in named for line in lines), (method, path)
    for each in report["operations"]:  # a tool or a reason, never neither
        assert bool(each["tools"]) != bool(each["omitted"]), each
    with_tool = sorted(
        (each["method"], each["path"]) for each in report["operations"] if each["tools"]
    )
    left_out = sorted(set(found) - set(with_tool))
    names = [tool["name"] for each in report["operations"] for tool in each["tools"]]
    assert len(names) == len(set(names))
    assert report["counts"]["operations"] == len(found)
    assert report["counts"]["tools"] == len(names)
    assert report["counts"]["omitted"] == len(left_out)
    tools, omits = written_in(policy.read_text())
    assert tools == with_tool
    assert omits == left_out
    return report, missing


@pytest.mark.parametrize(
    "document", documents() or [None], ids=lambda path: path.name if path else "shared data"
)
def test_every_operation_is_accounted_for(document, mcpc, tmp_path):
    if document is None:
        pytest.skip("shared test data is not here")
    _, missing = check(mcpc, document, tmp_path / "policy.mcpp")
    assert not missing


# Beside a $ref (the specification leaves open what happens to a member that both have, and
# promises a change); a method that looks like an extension; a path that is none.
LINE_ONLY = [("GET", "no/slash"), ("POST", "/escaped"), ("PUT", "/chain"), ("x-lock", "/odd")]


def test_operations_that_are_easily_lost(mcpc, tmp_path):
    """References between files, references with siblings, 3.2's methods, odd names, x-mcp."""
    fine = {"responses": {"200": {"description": "fine"}}}
    other = {"item": {"get": fine, "head": fine}, "a/b~c": {"patch": fine}}
    document = {
        "openapi": "3.2.0",
        "info": {"title": "easily lost", "version": "1"},
        "servers": [{"url": "https://api.example"}],
        "paths": {
            "/there": {"$ref": "other.json#/item"},
            "/escaped": {"$ref": "other.json#/a~1b~0c", "post": fine},
            "/component": {"$ref": "#/components/pathItems/one"},
            "/chain": {"$ref": "#/components/pathItems/two"},
            "/odd": {
                "query": fine,
                "trace": fine,
                "options": fine,
                "additionalOperations": {"COPY": fine, "x-lock": fine},
            },
            "/with space": {"get": fine},
            "/off": {"get": {**fine, "x-mcp": False}, "put": fine},
            "no/slash": {"get": fine},
            "x-internal": {"get": fine},
        },
        "components": {
            "pathItems": {
                "one": {"delete": fine},
                "two": {"$ref": "#/components/pathItems/one", "put": fine},
            }
        },
    }
    (tmp_path / "other.json").write_text(json.dumps(other))
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(document))
    report, missing = check(mcpc, path, tmp_path / "policy.mcpp")
    assert missing == LINE_ONLY
    assert [each["path"] for each in report["operations"] if each["omitted"]] == ["/off"]


@pytest.mark.skipif(not GITHUB, reason="@octokit/openapi is not installed")
def test_the_github_description(mcpc, tmp_path):
    report, missing = check(mcpc, GITHUB[0], tmp_path / "policy.mcpp")
    assert not missing
    assert report["counts"]["tools"] == GITHUB_OPERATIONS
