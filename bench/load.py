"""make bench-load: requests per second and CPU time per request of a compiled server, beside nginx
and a Go reverse proxy in the same run. Each gets one core, the load (wrk) and the backend (nginx)
the others. Prints a table and writes BUILD/bench/load.html with plots.

usage: load.py BUILD [SECONDS]
"""

import html
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(sys.argv[1]).resolve()
SECONDS = sys.argv[2] if len(sys.argv) > 2 else "3"
MCPC = str(BUILD / "mcpc")
TICK = os.sysconf("SC_CLK_TCK")
CORES = sorted(os.sched_getaffinity(0))
CONNECTIONS = (1, 64, 1000)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


def on_core(core, *command, **more):
    return subprocess.Popen(["taskset", "-c", str(core), *map(str, command)], **more)


def wait_for(port):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"nothing listens on port {port}")


def family(pid):
    """A process and its children."""
    found = [pid]
    for line in subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], stdout=subprocess.PIPE, text=True
    ).stdout.split():
        found += family(int(line))
    return found


def cpu_seconds(pid):
    total = 0
    for one in family(pid):
        fields = pathlib.Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def resident_mb(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0]) / 1024


NGINX = """
daemon off; worker_processes 1; pid {folder}/{name}.pid; error_log /dev/null crit;
events {{ worker_connections 8192; multi_accept on; }}
http {{
  access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  keepalive_requests 100000000; default_type application/json;
  upstream backend {{ server 127.0.0.1:{backend}; keepalive 256; keepalive_requests 100000000; }}
  server {{ listen 127.0.0.1:{port} backlog=4096 reuseport; {tls}
    {locations}
  }}
}}
"""


class Bench:
    def __init__(self, folder):
        self.folder, self.processes, self.rows = folder, [], []
        self.backend = free_port()
        self.token = self.keys = None

    def start(self, core, *command, **more):
        process = on_core(core, *command, stdout=subprocess.DEVNULL, **more)
        self.processes.append(process)
        return process

    def nginx(self, name, core, port, locations, tls=""):
        path = self.folder / f"{name}.conf"
        path.write_text(
            NGINX.format(
                folder=self.folder, name=name, backend=self.backend, port=port,
                locations=locations, tls=tls,
            )
        )
        return self.start(core, "nginx", "-p", self.folder, "-c", path)

    def close(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait()

    # ---- what is measured ----

    def prepare(self):
        subprocess.run([MCPC, "keygen", "--type", "rsa", self.folder / "key"], check=True,
                       stdout=subprocess.DEVNULL)
        self.token = subprocess.run(
            [MCPC, "token", "--key", self.folder / "key.key", "--iss", "https://id.example"]
            + ["--aud", "backend-api", "--scope", "read:pets write:pets", "--ttl", "10h"],
            check=True, stdout=subprocess.PIPE, text=True,
        ).stdout.strip()
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
            + ["-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", self.folder / "tls.key"]
            + ["-out", self.folder / "tls.crt"],
            check=True, stderr=subprocess.DEVNULL,
        )
        (self.folder / "pet.json").write_text(json.dumps({"id": 7, "name": "Rex", "tag": "dog"}))
        self.nginx(
            "backend", CORES[-1], self.backend,
            f"location = /keys {{ alias {self.folder}/key.jwks.json; }}\n"
            """location / { return 200 '{"id":7,"name":"Rex","tag":"dog"}'; }""",
        )
        wait_for(self.backend)
        document = json.loads(json.dumps(DOCUMENT))
        for number in range(17):
            document["paths"][f"/things{number}"] = OPERATION(f"getThing{number}")
        (self.folder / "pets.json").write_text(json.dumps(document))
        subprocess.run([MCPC, self.folder / "pets.json", "-o", self.folder / "server"], check=True)

    def server(self, *more):
        port = free_port()
        process = self.start(
            CORES[0], self.folder / "server", "--transport", "http", "--port", port,
            "--validate-tokens", "--issuer", "https://id.example",
            "--jwks", f"http://127.0.0.1:{self.backend}/keys", "--audience", "backend-api",
            "--backend-url", f"http://127.0.0.1:{self.backend}", "--log-level", "error", *more,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "BACKEND_API_TOKEN": "x"},
        )
        wait_for(port)
        return process, port

    def message(self, method, params):
        meta = {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {},
        }
        return json.dumps(
            {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": meta}}
        )

    def load(self, url, connections, method=None, params=None):
        """wrk's requests per second and count of answers that are no 2xx."""
        script = self.folder / "load.lua"
        lines = []
        if method:
            body = self.message(method, params or {})
            headers = {
                "Content-Type": "application/json", "Accept": "application/json",
                "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": method,
                "Authorization": f"Bearer {self.token}",
            }
            if params:
                headers["Mcp-Name"] = params["name"]
            lines = ['wrk.method = "POST"', f"wrk.body = [==[{body}]==]"]
            lines += [f'wrk.headers["{name}"] = [==[{value}]==]' for name, value in headers.items()]
        script.write_text("\n".join(lines))
        text = subprocess.run(
            ["taskset", "-c", str(CORES[-1]), "wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s"]
            + ["--timeout", "20s", "-s", script, url],
            check=True, stdout=subprocess.PIPE, text=True,
        ).stdout
        count = int(re.search(r"(\d+) requests in", text)[1])
        bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
        errors = re.search(r"Socket errors: (.*)", text)
        latency = re.search(r"Latency +(\S+)", text)[1]
        return count, int(bad[1]) if bad else 0, errors[1] if errors else "", latency

    def measure(self, name, process, url, method=None, params=None):
        self.load(url, 4, method, params)  # warm
        for connections in CONNECTIONS:
            before, start = cpu_seconds(process.pid), time.monotonic()
            count, bad, errors, latency = self.load(url, connections, method, params)
            took, spent = time.monotonic() - start, cpu_seconds(process.pid) - before
            row = {
                "name": name, "connections": connections, "rate": count / took,
                "cpu_us": spent / max(count, 1) * 1e6, "latency": latency, "bad": bad,
                "errors": errors, "memory": resident_mb(process.pid),
            }
            self.rows.append(row)
            print(
                f"  {name:34} c={connections:<5} {row['rate']:8.0f}/s {row['cpu_us']:7.1f} µs CPU"
                f"  {latency:>9}  {row['memory']:6.1f} MB"
                + (f"  {bad} refused" if bad else "") + (f"  {errors}" if errors else ""),
                flush=True,
            )

    def run(self):
        self.prepare()
        call = ("tools/call", {"name": "getPet", "arguments": {"petId": 7}})
        both = "location / { proxy_pass http://backend; proxy_http_version 1.1;" \
               " proxy_set_header Connection ''; }"
        process, port = self.server()
        url = f"http://127.0.0.1:{port}/mcp"
        self.measure("tools/call, JWT", process, url, *call)
        self.measure("tools/list, JWT", process, url, "tools/list")
        process.terminate()
        tls = ("--tls-cert", self.folder / "tls.crt", "--tls-key", self.folder / "tls.key")
        process, port = self.server(*tls)
        url = f"https://127.0.0.1:{port}/mcp"
        self.measure("tools/call, JWT, TLS", process, url, *call)
        self.measure("tools/list, JWT, TLS", process, url, "tools/list")
        process.terminate()
        port = free_port()
        process = self.nginx("proxy", CORES[0], port, both)
        wait_for(port)
        self.measure("nginx proxy_pass", process, f"http://127.0.0.1:{port}/pets/7", *call)
        process.terminate()
        port = free_port()
        text = (self.folder / "list.json")
        text.write_text("x" * 9000)
        process = self.nginx(
            "static", CORES[0], port,
            f"location / {{ return 200 '{'x' * 4000}'; }}",
        )
        wait_for(port)
        self.measure("nginx return, 4 kB", process, f"http://127.0.0.1:{port}/")
        process.terminate()
        if shutil.which("go") or pathlib.Path("/usr/local/go/bin/go").exists():
            go = shutil.which("go") or "/usr/local/go/bin/go"
            subprocess.run([go, "build", "-o", self.folder / "proxy", ROOT / "bench/proxy.go"],
                           check=True, env={**os.environ, "GOCACHE": str(self.folder / "go"),
                                            "GO111MODULE": "off"})
            port = free_port()
            process = self.start(
                CORES[0], self.folder / "proxy", f"127.0.0.1:{port}",
                f"http://127.0.0.1:{self.backend}", stderr=subprocess.DEVNULL,
                env={**os.environ, "GOMAXPROCS": "1"},
            )
            wait_for(port)
            self.measure("Go reverse proxy", process, f"http://127.0.0.1:{port}/pets/7", *call)
        else:
            print("  Go reverse proxy: go is not installed")


def OPERATION(name):
    return {
        "get": {
            "operationId": name, "summary": f"Gives {name}",
            "security": [{"auth": ["read:pets"]}],
            "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer"}}],
            "responses": {"200": {"description": "fine"}},
        }
    }


DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "servers": [{"url": "https://pets.example"}],
    "paths": {
        "/pets/{petId}": {
            "get": {
                "operationId": "getPet", "summary": "One pet",
                "security": [{"auth": ["read:pets"]}],
                "parameters": [
                    {"name": "petId", "in": "path", "required": True, "schema": {"type": "integer"}}
                ],
                "responses": {"200": {"description": "a pet"}},
            }
        },
        "/pets": {
            "post": {
                "operationId": "addPet", "security": [{"auth": ["write:pets"]}],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "properties": {"name": {"type": "string"}},
                                "required": ["name"],
                            }
                        }
                    }
                },
                "responses": {"200": {"description": "added"}},
            }
        },
        "/health": {
            "get": {
                "operationId": "health", "security": [],
                "responses": {"200": {"description": "fine"}},
            }
        },
    },
    "components": {
        "securitySchemes": {
            "auth": {
                "type": "oauth2",
                "flows": {
                    "clientCredentials": {
                        "tokenUrl": "https://id.example/token",
                        "scopes": {"read:pets": "", "write:pets": ""},
                    }
                },
            }
        }
    },
}


# ---- the page ----


def bars(rows, field, unit):
    """One bar a row, grouped by connections."""
    most = max(row[field] for row in rows) or 1
    lines, y = [], 0
    for connections in CONNECTIONS:
        lines.append(f'<text x="0" y="{y + 14}" class="g">{connections} connections</text>')
        y += 20
        for row in (row for row in rows if row["connections"] == connections):
            width = 480 * row[field] / most
            own = "own" if row["name"].startswith("tools") else "other"
            lines.append(
                f'<text x="0" y="{y + 12}">{html.escape(row["name"])}</text>'
                f'<rect x="200" y="{y}" width="{width:.1f}" height="14" class="{own}"/>'
                f'<text x="{205 + width:.1f}" y="{y + 12}">{row[field]:,.0f} {unit}</text>'
            )
            y += 18
        y += 8
    return f'<svg width="820" height="{y}" role="img">{"".join(lines)}</svg>'


def page(rows):
    cells = "".join(
        f"<tr><td>{html.escape(row['name'])}<td>{row['connections']}<td>{row['rate']:,.0f}"
        f"<td>{row['cpu_us']:.1f}<td>{row['latency']}<td>{row['memory']:.1f}<td>{row['bad']}"
        for row in rows
    )
    return f"""<!doctype html><meta charset="utf-8"><title>mcpc under load</title>
<style>body {{ font: 14px sans-serif; max-width: 60em; margin: 2em auto; color: #222 }}
svg text {{ font: 12px sans-serif }} svg .g {{ font-weight: bold }}
.own {{ fill: #2a6fb0 }} .other {{ fill: #aaa }}
td, th {{ padding: .2em .8em; text-align: right }} td:first-child {{ text-align: left }}</style>
<h1>A compiled server under load</h1>
<p>20 tools, each request with a JWT (RS256) that is checked. One core for what is measured;
the load and the backend have another. CPU time is the process's own, from /proc.</p>
<h2>CPU time per request</h2>{bars(rows, "cpu_us", "µs")}
<h2>Requests per second on one core</h2>{bars(rows, "rate", "/s")}
<h2>All figures</h2><table><tr><th>what<th>connections<th>requests/s<th>CPU µs<th>mean latency
<th>memory, MB<th>refused</tr>{cells}</table>
"""


def main():
    for tool in ("wrk", "nginx", "openssl", "taskset"):
        if not shutil.which(tool) and not pathlib.Path(f"/usr/sbin/{tool}").exists():
            raise SystemExit(f"bench-load needs {tool}")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        bench = Bench(folder)
        try:
            bench.run()
        finally:
            bench.close()
    out = BUILD / "bench" / "load.html"
    out.parent.mkdir(exist_ok=True)
    out.write_text(page(bench.rows))
    print(f"written: {out}")


main()
