"""The files of examples/deploy say only what exists, and do what they say where that can be seen
here: nginx for real, the unit and the manifests by their own checkers, the container by its lines."""

import contextlib
import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess

import pytest
import services
import yaml
from certificates import Authority
from conftest import BUILD, ROOT, Server

FOLDER = ROOT / "examples" / "deploy"
NO_LEAK_SEARCH = {"ASAN_OPTIONS": "detect_leaks=0"}  # it needs what the sandbox takes away
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "deploy", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
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


def test_manifests_are_what_kubernetes_takes():
    validate = pytest.importorskip("kubernetes_validate")
    for one in manifests():
        validate.validate(one, validate.latest_version(), strict=True)


def test_systemd_takes_its_unit(tmp_path):
    """`verify` ends with 0 whatever it says; what it says of the unit names the file."""
    tool = services.program("systemd-analyze")
    unit = tmp_path / "petstore-mcp.service"
    text = (FOLDER / unit.name).read_text()
    for change, complains in (("", False), ("WatchdogSec=never\n[Install]", True)):
        unit.write_text(
            text.replace("/usr/local/bin/petstore", "/bin/true").replace("[Install]", change or "[Install]")
        )
        done = subprocess.run([tool, "verify", unit], stderr=subprocess.PIPE, text=True)
        assert (unit.name in done.stderr) == complains, done.stderr


def containerfile():
    """Its instructions, each in one line."""
    text = (FOLDER / "Containerfile").read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def installed_by(line):
    words = line.split("--no-install-recommends", 1)[1].split("&&")[0].split()
    return set(words)


def test_the_container_is_built_from_what_is_needed(tmp_path):
    """No image is made here. Each RUN line of ours is run, and the packages are those that the
    build's own list and the program's libraries ask for."""
    stages = [installed_by(line) for line in containerfile() if "apt-get install" in line]
    wanted = (ROOT / "tests" / "deps.sh").read_text()
    wanted = re.search(r'build\) echo (.*?);;', wanted, re.DOTALL).group(1)
    assert stages[0] == set(re.findall(r"[a-z0-9.+-]+", wanted))
    (build,) = [line for line in containerfile() if line.startswith("RUN make")]
    command = build.removeprefix("RUN make && ")
    assert command.endswith(" -o /petstore")
    command = command.replace("=build ", f"={BUILD} ").replace(" build/mcpc", f" {BUILD}/mcpc")
    command = command.replace("/petstore", f"{tmp_path}/petstore").replace(
        f"examples{tmp_path}", "examples"
    )
    subprocess.run(["sh", "-ec", command], cwd=ROOT, check=True, timeout=300)
    if not shutil.which("dpkg"):
        pytest.skip("dpkg is not installed")
    listed = subprocess.run(
        ["ldd", tmp_path / "petstore"], stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    needed = subprocess.run(
        ["objdump", "-p", tmp_path / "petstore"], stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    for library in re.findall(r"NEEDED\s+(\S+)", needed):
        path = re.search(rf"{re.escape(library)} => (\S+)", listed)
        name = path.group(1).rsplit("/", 1)[1]
        found = subprocess.run(["dpkg", "-S", f"*/{name}"], stdout=subprocess.PIPE, text=True).stdout
        owners = {line.split(":")[0] for line in found.splitlines()}
        assert owners & (stages[1] | {"libc6"}) or "Sanitizer" in library or "san" in library, library


# ---- the proxy, for real ----


class Deployed:
    """Three instances, started as the container starts them with the config of the manifests, and
    nginx with the example's file in front. Only addresses and files are other ones."""

    def __init__(self, folder, program, backend, issuer, redis):
        self.folder, self.authority = folder, Authority(folder)
        certificate, key = self.authority.issue("mcp.petstore.example", folder / "mcp")
        entry = next(line for line in containerfile() if line.startswith("ENTRYPOINT"))
        args = json.loads(entry.removeprefix("ENTRYPOINT "))[1:]
        args = ["127.0.0.1" if one == "0.0.0.0" else one for one in args]
        args = ["127.0.0.1:0" if one == "0.0.0.0:9000" else one for one in args]
        assert args[:2] == ["--transport", "http"]
        config = next(one for one in manifests() if one["kind"] == "ConfigMap")
        config = json.loads(config["data"]["config.json"])
        (folder / "session-key").write_text("thirty-two bytes or more, not for anybody else")
        config["limits_redis"] = f"127.0.0.1:{redis.port}"
        config["session_key"] = str(folder / "session-key")
        config["trusted_proxy"] = ["127.0.0.1"]
        (folder / "config.json").write_text(json.dumps(config))
        args += ["--config", folder / "config.json", "--backend-url", backend.url, "--audit", "all"]
        args += ["--port", "0", *issuer.server_args()[1:]]
        self.servers = [
            Server(program, *args[2:], "--audit-file", folder / f"audit{i}", env=NO_LEAK_SEARCH)
            for i in range(3)
        ]

    def front(self):
        port = services.free_port()
        text = (FOLDER / "nginx.conf").read_text()
        for number, server in enumerate(self.servers):
            text = text.replace(f"10.0.0.1{number + 1}:8000", f"127.0.0.1:{server.port}")
        text = text.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
        text = text.replace("/etc/nginx/tls", str(self.folder))
        text = text.replace("http {", services.NGINX_FOLDERS.format(folder=self.folder), 1)
        path = self.folder / "nginx.conf"
        path.write_text(services.NGINX_USER + f"daemon off; pid {self.folder}/pid; error_log {self.folder}/log;\n" + text)
        return services.Service(
            [services.program("nginx"), "-p", self.folder, "-c", path], port
        )

    def connect(self, port):
        context = ssl.create_default_context(cafile=str(self.authority.certificate))
        connection = http.client.HTTPSConnection("mcp.petstore.example", timeout=30)
        connection.sock = context.wrap_socket(
            socket.create_connection(("127.0.0.1", port), 30), server_hostname="mcp.petstore.example"
        )
        return connection


def request(connection, method, params=None, token=None, **more):
    """(status, headers, message) of a request of the newest revision."""
    params = {**(params or {}), "_meta": META}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream",
               "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": method, **more}  # fmt: skip
    if "name" in params:
        headers["Mcp-Name"] = params["name"]
    if token:
        headers["Authorization"] = f"Bearer {token}"
    connection.request("POST", "/mcp", body, headers)
    return connection.getresponse()


def test_nginx_in_front_of_three_instances(tmp_path, backend, issuer, compile_server):
    program = compile_server(ROOT / "examples" / "petstore" / "openapi.yaml")
    with contextlib.ExitStack() as stack:
        redis = stack.enter_context(services.redis(tmp_path))
        deployed = Deployed(tmp_path, program, backend, issuer, redis)
        for server in deployed.servers:
            stack.enter_context(server)
        port = stack.enter_context(deployed.front()).port
        connection = deployed.connect(port)

        # who is nobody learns where to get a token, by the public name
        answer = request(connection, "tools/call", {"name": "listPets", "arguments": {}})
        assert answer.status == 401
        metadata = "https://mcp.petstore.example/.well-known/oauth-protected-resource/mcp"
        assert f'resource_metadata="{metadata}"' in answer.headers["WWW-Authenticate"]
        answer.read()

        # a call of 3 MB, and each answer, is the caller's own
        token = issuer.token("read:pets write:pets")
        backend.answer_with(lambda one: (200, {"Content-Type": "application/json"}, b'{"id":7}'))
        pet = {"name": "Rex", "photoUrls": ["x" * (3 << 20)], "id": 7}
        answer = request(connection, "tools/call", {"name": "addPet", "arguments": pet}, token)
        assert answer.status == 200
        answer.read()

        # events come when they are sent, through the proxy
        events = deployed.connect(port)
        listening = request(events, "subscriptions/listen",
                            {"notifications": {"toolsListChanged": True}}, token)  # fmt: skip
        assert listening.status == 200
        line = listening.readline()
        while not line.startswith(b"data:"):
            line = listening.readline()
        assert b"notifications/subscriptions/acknowledged" in line
        events.close()

        # one instance dies: nobody who asks after that notices
        deployed.servers[1].process.kill()
        deployed.servers[1].process.wait()
        for _ in range(12):
            answer = request(connection, "tools/call", {"name": "getPet", "arguments": {"petId": 7}},
                             token)  # fmt: skip
            result = json.loads(answer.read())["result"]
            assert answer.status == 200 and result["structuredContent"] == {"id": 7}
        connection.close()

        # callers' addresses are told, and a caller cannot tell another
        connection = deployed.connect(port)
        request(connection, "tools/list", token=token, **{"X-Forwarded-For": "192.0.2.7"}).read()
        audit = "".join((tmp_path / f"audit{i}").read_text() for i in range(3))
        assert {json.loads(line)["peer"] for line in audit.splitlines()} == {"127.0.0.1"}
