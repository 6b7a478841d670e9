"""The files of examples/deploy say only what exists: options, config keys, probes."""

import json
import re
import subprocess

import pytest
import services
import yaml
from conftest import ROOT

FOLDER = ROOT / "examples" / "deploy"
FILES = ["Containerfile", "kubernetes.yaml", "nginx.conf", "envoy.yaml", "petstore-mcp.service"]


@pytest.fixture(scope="module")
def options(compile_server):
    """The options of a compiled server."""
    program = compile_server(ROOT / "examples" / "petstore" / "openapi.yaml")
    text = subprocess.run([program, "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return set(re.findall(r"^  (--[a-z-]+)", text, re.MULTILINE))


def manifests():
    return list(yaml.safe_load_all((FOLDER / "kubernetes.yaml").read_text()))


def test_each_file_is_in_the_table():
    table = (FOLDER / "README.md").read_text()
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted([*FILES, "README.md"])
    assert all(f"`{name}`" in table for name in FILES)


def test_options_exist(options):
    for name in ("Containerfile", "petstore-mcp.service"):
        lines = [line for line in (FOLDER / name).read_text().splitlines() if "apt-get" not in line]
        start = [i for i, line in enumerate(lines) if line.startswith(("ENTRYPOINT", "ExecStart"))]
        used = set(re.findall(r"--[a-z-]+", "\n".join(lines[start[0] : start[0] + 2])))
        assert used and used <= options, used - options


def test_config_keys_exist(options):
    config = next(one for one in manifests() if one["kind"] == "ConfigMap")
    keys = json.loads(config["data"]["config.json"])
    assert {"--" + key.replace("_", "-") for key in keys} <= options


def test_manifests_have_what_the_page_says():
    kinds = {one["kind"]: one for one in manifests()}
    container = kinds["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert {"HorizontalPodAutoscaler", "PodDisruptionBudget", "NetworkPolicy", "Service"} <= set(kinds)
    assert yaml.safe_load((FOLDER / "envoy.yaml").read_text())["static_resources"]["clusters"]


def test_nginx_takes_its_file(tmp_path):
    text = (FOLDER / "nginx.conf").read_text()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        + ["-nodes", "-subj", "/CN=x", "-keyout", tmp_path / "mcp.key", "-out", tmp_path / "mcp.crt"],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    text = text.replace("/etc/nginx/tls", str(tmp_path))
    (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/pid;\n" + text)
    nginx = services.program("nginx")
    done = subprocess.run(
        [nginx, "-t", "-p", tmp_path, "-c", tmp_path / "nginx.conf"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert done.returncode == 0, done.stderr
