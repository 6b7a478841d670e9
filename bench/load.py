"""make bench-load: what a request costs a compiled server, beside nginx, a Go reverse proxy and
FastMCP doing the same in the same run. What is measured has one core, the load (wrk) and the backend
(nginx) another. Each figure is the median of ROUNDS windows of SECONDS, and the contenders take turns
window by window, so that what else the machine does falls on all; a ratio is the median of the
ratios within the rounds. A window begins when all connections are up and have been served.
Prints the figures and writes BUILD/bench/load.html.

usage: load.py BUILD [SECONDS [ROUNDS]]
"""

import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import socketserver
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

from load_page import page

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(sys.argv[1]).resolve()
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 0.5
ROUNDS = int(sys.argv[3]) if len(sys.argv) > 3 else 3
MCPC = str(BUILD / "mcpc")
CORES = sorted(os.sched_getaffinity(0))
CONNECTIONS = (1, 64, 1000)
CALL = ("tools/call", {"name": "getPet", "arguments": {"petId": 7}})
LIST = ("tools/list", {})
SLOW_S = 2


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


def wait_for(port):
    end = time.monotonic() + 40
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


def cpu_seconds(pids):
    """To the nanosecond, from the scheduler; /proc/PID/stat counts in steps of 10 ms."""
    total = 0
    for pid in pids:
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def resident_mb(pids):
    total = 0
    for pid in pids:
        text = pathlib.Path(f"/proc/{pid}/status").read_text()
        total += int(text.split("VmRSS:")[1].split()[0])
    return total / 1024


def fetch(url):
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read().decode()


NGINX = """
daemon off; worker_processes 1; pid {folder}/{name}.pid; error_log /dev/null crit;
events {{ worker_connections 8192; multi_accept on; }}
http {{
  access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  keepalive_requests 100000000; default_type application/json;
  ssl_certificate {folder}/tls.crt; ssl_certificate_key {folder}/tls.key;
  upstream backend {{ server 127.0.0.1:{backend}; keepalive 256; keepalive_requests 100000000; }}
  server {{ {listen}
    {locations}
  }}
  server {{ listen 127.0.0.1:{status}; location / {{ stub_status; }} }}
}}
"""


class Contender:
    """A server under load. `counted` gives (connections, requests so far), or is None."""

    def __init__(self, name, process, url, request, counted, connections=CONNECTIONS):
        self.name, self.process, self.url, self.request = name, process, url, request
        self.counted, self.connections = counted, connections
        self.found = {}  # connections: one row a round


class Bench:
    def __init__(self, folder):
        self.folder, self.processes, self.contenders, self.skipped = folder, [], [], []
        self.backend, self.slow_port = free_port(), free_port()
        self.token = None
        self.slow_rows = []

    def start(self, core, *command, **more):
        more.setdefault("stderr", subprocess.DEVNULL)
        process = subprocess.Popen(
            ["taskset", "-c", str(core), *map(str, command)], stdout=subprocess.DEVNULL, **more
        )
        self.processes.append(process)
        return process

    def nginx(self, name, core, locations, plain=None):
        """(process, plain port, TLS port, how to count)"""
        plain, tls, status = plain or free_port(), free_port(), free_port()
        path = self.folder / f"{name}.conf"
        listen = f"listen 127.0.0.1:{plain} backlog=4096; listen 127.0.0.1:{tls} ssl backlog=4096;"
        path.write_text(
            NGINX.format(
                folder=self.folder, name=name, backend=self.backend, status=status,
                locations=locations, listen=listen,
            )
        )
        process = self.start(core, "nginx", "-p", self.folder, "-c", path)
        wait_for(plain)

        def counted():
            numbers = re.findall(r"\d+", fetch(f"http://127.0.0.1:{status}/"))
            return int(numbers[0]), int(numbers[3])

        return process, plain, tls, counted

    def close(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait()

    # ---- who takes part ----

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
        self.nginx(
            "backend", CORES[-1],
            f"location = /keys {{ alias {self.folder}/key.jwks.json; }}\n"
            f"location /slow {{ proxy_pass http://127.0.0.1:{self.slow_port}; }}\n"
            """location / { return 200 '{"id":7,"name":"Rex","tag":"dog"}'; }""",
            self.backend,
        )
        document = json.loads(json.dumps(DOCUMENT))
        document["paths"]["/slow"] = OPERATION("slow")
        for number in range(16):
            document["paths"][f"/things{number}"] = OPERATION(f"getThing{number}")
        (self.folder / "pets.json").write_text(json.dumps(document))
        subprocess.run([MCPC, self.folder / "pets.json", "-o", self.folder / "server"], check=True,
                       stderr=subprocess.DEVNULL)

    def server(self, *more):
        """(process, port, how to count)"""
        port, metrics = free_port(), free_port()
        process = self.start(
            CORES[0], self.folder / "server", "--transport", "http", "--port", port,
            "--validate-tokens", "--issuer", "https://id.example",
            "--jwks", f"http://127.0.0.1:{self.backend}/keys", "--audience", "backend-api",
            "--backend-url", f"http://127.0.0.1:{self.backend}", "--log-level", "error",
            "--metrics-address", f"127.0.0.1:{metrics}", *more,
            env={**os.environ, "BACKEND_API_TOKEN": "x"},
        )
        wait_for(port)

        def counted():
            text = fetch(f"http://127.0.0.1:{metrics}/metrics")
            requests = re.findall(r"^mcpp_http_requests_total\S* (\d+)", text, re.M)
            return (int(re.search(r"^mcpp_connections (\d+)", text, re.M)[1]),
                    sum(map(int, requests)))

        return process, port, counted

    def add(self, *facts):
        self.contenders.append(Contender(*facts))

    def add_servers(self):
        process, port, counted = self.server()
        url = f"http://127.0.0.1:{port}/mcp"
        self.add("tools/call", process, url, CALL, counted)
        self.add("tools/list", process, url, LIST, counted)
        tls = ("--tls-cert", self.folder / "tls.crt", "--tls-key", self.folder / "tls.key")
        process, tls_port, counted = self.server(*tls)
        url = f"https://127.0.0.1:{tls_port}/mcp"
        self.add("tools/call, TLS", process, url, CALL, counted)
        self.add("tools/list, TLS", process, url, LIST, counted)
        return port

    def add_nginx(self, list_size):
        """The same requests, and an answer of the same size as the list."""
        both = "location / { proxy_pass http://backend; proxy_http_version 1.1;" \
               " proxy_set_header Connection ''; }"
        process, port, tls, counted = self.nginx("proxy", CORES[0], both)
        self.add("nginx proxy_pass", process, f"http://127.0.0.1:{port}/pets/7", CALL, counted)
        self.add("nginx proxy_pass, TLS", process, f"https://127.0.0.1:{tls}/pets/7", CALL, counted)
        pieces = [min(2000, list_size - at) for at in range(0, list_size, 2000)]
        sets = "".join(f"set $p{i} '{'x' * size}';\n" for i, size in enumerate(pieces))
        text = "".join(f"$p{i}" for i in range(len(pieces)))
        process, port, tls, counted = self.nginx(
            "return", CORES[0], f"location / {{ {sets} return 200 '{text}'; }}")
        self.add("nginx return", process, f"http://127.0.0.1:{port}/", LIST, counted)
        self.add("nginx return, TLS", process, f"https://127.0.0.1:{tls}/", LIST, counted)

    def add_go(self):
        go = shutil.which("go") or "/usr/local/go/bin/go"
        if not pathlib.Path(go).exists():
            self.skipped.append("Go reverse proxy: go is not installed")
            return
        subprocess.run([go, "build", "-o", self.folder / "proxy", ROOT / "bench/proxy.go"],
                       check=True, env={**os.environ, "GOCACHE": str(BUILD / "bench/go"),
                                        "GO111MODULE": "off"})
        port = free_port()
        process = self.start(
            CORES[0], self.folder / "proxy", f"127.0.0.1:{port}",
            f"http://127.0.0.1:{self.backend}", env={**os.environ, "GOMAXPROCS": "1"},
        )
        wait_for(port)
        self.add("Go reverse proxy", process, f"http://127.0.0.1:{port}/pets/7", CALL, None)

    def add_fastmcp(self):
        python = BUILD / "fastmcp/bin/python"
        if not (BUILD / "fastmcp/installed").exists():
            self.skipped.append("FastMCP: not installed (make bench-fastmcp does it)")
            return
        port = free_port()
        process = self.start(
            CORES[0], python, ROOT / "bench/fastmcp_server.py", self.folder / "pets.json",
            self.folder / "key.pem", port, f"http://127.0.0.1:{self.backend}",
        )
        wait_for(port)
        url = f"http://127.0.0.1:{port}/mcp"
        self.add("FastMCP call", process, url, CALL, None, (1, 64))
        self.add("FastMCP list", process, url, LIST, None, (1, 64))

    # ---- load ----

    def headers(self, method, params):
        version = "2026-07-28"
        return {
            "Content-Type": "application/json", "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": version, "Mcp-Method": method,
            "Authorization": f"Bearer {self.token}",
            **({"Mcp-Name": params["name"]} if params else {}),
        }

    def message(self, method, params):
        meta = {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {},
        }
        return json.dumps(
            {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": meta}}
        )

    def script(self, request):
        path = self.folder / (request[0].replace("/", "-") + ".lua")
        lines = ['wrk.method = "POST"', f"wrk.body = [==[{self.message(*request)}]==]"]
        lines += [f'wrk.headers["{name}"] = [==[{value}]==]'
                  for name, value in self.headers(*request).items()]
        path.write_text("\n".join(lines))
        return path

    def wrk(self, contender, connections, seconds):
        return subprocess.Popen(
            ["taskset", "-c", str(CORES[-1]), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s"]
            + ["--timeout", "20s", "-s", self.script(contender.request), contender.url],
            stdout=subprocess.PIPE, text=True,
        )

    @staticmethod
    def settle(contender, connections):
        """Waits until all connections are up and two requests for each were served."""
        end, base = time.monotonic() + 20, None
        while time.monotonic() < end:
            up, requests = contender.counted()
            if up >= connections and base is None:
                base = requests
            if base is not None and requests >= base + 2 * connections:
                return
            time.sleep(0.02)

    def window(self, contender, connections):
        pids = family(contender.process.pid)
        whole = contender.counted is None
        load = self.wrk(contender, connections, max(1, round(SECONDS)) if whole else 60)
        if not whole:
            self.settle(contender, connections)
        spent, start = cpu_seconds(pids), time.monotonic()
        if whole:
            text = load.communicate()[0]
            count = int(re.search(r"(\d+) requests in", text)[1])
        else:
            before = contender.counted()[1]
            time.sleep(SECONDS)
            count = contender.counted()[1] - before
        took, spent = time.monotonic() - start, cpu_seconds(pids) - spent
        if not whole:
            load.send_signal(signal.SIGINT)
            text = load.communicate()[0]
        bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
        errors = re.search(r"Socket errors: (.*)", text)
        contender.found.setdefault(connections, []).append({
            "rate": count / took, "cpu_us": spent / max(count, 1) * 1e6,
            "latency": re.search(r"Latency +(\S+)", text)[1], "memory": resident_mb(pids),
            "bad": int(bad[1]) if bad else 0, "errors": errors[1] if errors else "",
        })

    def report(self, contender, connections):
        rows = contender.found[connections]
        cpu = sorted(row["cpu_us"] for row in rows)
        bad, errors = sum(row["bad"] for row in rows), rows[-1]["errors"]
        print(
            f"  {contender.name:24} c={connections:<5}"
            f" {statistics.median(row['rate'] for row in rows):8.0f}/s"
            f" {statistics.median(cpu):8.1f} µs CPU ({cpu[0]:.1f}–{cpu[-1]:.1f})"
            f" {rows[-1]['latency']:>9} {rows[-1]['memory']:6.1f} MB"
            + (f"  {bad} refused" if bad else "") + (f"  {errors}" if errors else ""),
            flush=True,
        )

    def ratio(self, ours, theirs, connections, of=None):
        """The median of what ours costs in each round, beside theirs in the same round."""
        by_name = {one.name: one for one in self.contenders}
        if ours not in by_name or theirs not in by_name:
            return None
        mine = by_name[ours].found.get(connections, [])
        other = by_name[theirs].found.get(of or connections, [])
        pairs = [a["cpu_us"] / b["cpu_us"] for a, b in zip(mine, other) if b["cpu_us"]]
        return statistics.median(pairs) if pairs else None

    def ratios(self):
        found = []
        for ours, theirs, bar in (
            ("tools/call", "nginx proxy_pass", 1.5), ("tools/call", "Go reverse proxy", 0.35),
            ("tools/list", "nginx return", 1.3), ("tools/call, TLS", "nginx proxy_pass, TLS", None),
            ("tools/list, TLS", "nginx return, TLS", None), ("tools/call", "FastMCP call", None),
            ("tools/list", "FastMCP list", None),
        ):
            for connections in CONNECTIONS:
                value = self.ratio(ours, theirs, connections)
                if value is not None:
                    found.append((f"{ours} / {theirs}", f"c={connections}", value,
                                  bar if connections == 64 else None))
        for name in ("tools/call", "tools/call, TLS"):
            value = self.ratio(name, name, 1000, 64)
            if value is not None:
                found.append((name, "c=1000 / c=64", value, 1.6))
        return found

    # ---- a slow call, and everybody else ----

    def slow_backend(self):
        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                self.request.recv(65536)
                time.sleep(SLOW_S)
                self.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                     b"Content-Length: 2\r\nConnection: close\r\n\r\n{}")

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address, daemon_threads = True, True

        server = Server(("127.0.0.1", self.slow_port), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def times(self, port, request, until):
        """Latencies in ms, one request after the other on one connection."""
        connection = http.client.HTTPConnection("127.0.0.1", port)
        body, headers, found = self.message(*request), self.headers(*request), []
        while time.monotonic() < until:
            start = time.monotonic()
            connection.request("POST", "/mcp", body, headers)
            answer = connection.getresponse()
            answer.read()
            found.append((time.monotonic() - start) * 1000)
            assert answer.status == 200
        connection.close()
        return sorted(found)

    def measure_slow(self, port):
        self.slow_backend()
        print(f"others' latency while calls of {SLOW_S} s are in flight on the same worker")
        for count in (0, 1, 20):
            for request in (CALL, LIST):
                slow, begun = [], time.monotonic()
                body = self.message("tools/call", {"name": "slow", "arguments": {}})
                for _ in range(count):
                    one = http.client.HTTPConnection("127.0.0.1", port)
                    one.request("POST", "/mcp", body, self.headers("tools/call", {"name": "slow"}))
                    slow.append(one)
                found = self.times(port, request, begun + SLOW_S * 0.8)
                took = [one.getresponse().status == 200 and time.monotonic() - begun
                        for one in slow]
                assert all(one >= SLOW_S for one in took), took  # they were in flight all the time
                row = (count, request[0], statistics.median(found),
                       found[int(len(found) * 0.99)], found[-1], len(found))
                self.slow_rows.append(row)
                print("  {:2} slow calls: {}  p50 {:.2f} ms  p99 {:.2f} ms  slowest {:.2f} ms"
                      " ({} requests)".format(*row), flush=True)

    # ---- all of it ----

    def run(self):
        self.prepare()
        port = self.add_servers()
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("POST", "/mcp", self.message(*LIST), self.headers(*LIST))
        self.add_nginx(len(connection.getresponse().read()))
        connection.close()
        self.add_go()
        self.add_fastmcp()
        for connections in CONNECTIONS:
            for _ in range(ROUNDS):
                for contender in self.contenders:
                    if connections in contender.connections:
                        self.window(contender, connections)
            for contender in self.contenders:
                if connections in contender.connections:
                    self.report(contender, connections)
        print("CPU time per request, pair by pair (median of the rounds)")
        for name, where, value, bar in self.ratios():
            print(f"  {name:46} {where:14} {value:6.3f}" + (f"  (bar {bar})" if bar else ""))
        self.measure_slow(port)
        for line in self.skipped:
            print(f"  skipped: {line}")

    def rows(self):
        """The medians, for the page."""
        return [
            {"name": one.name, "connections": connections, "rounds": len(found),
             "latency": found[-1]["latency"], "bad": sum(row["bad"] for row in found),
             **{field: statistics.median(row[field] for row in found)
                for field in ("rate", "cpu_us", "memory")}}
            for connections in CONNECTIONS for one in self.contenders
            for found in [one.found.get(connections)] if found
        ]


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


def main():
    for tool in ("wrk", "nginx", "openssl", "taskset"):
        if not shutil.which(tool):
            print(f"requests under load: skipped, {tool} is not installed")
            return
    out = BUILD / "bench" / "load.html"
    out.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        print(f"requests under load: {ROUNDS} rounds of {SECONDS:g} s, load average "
              f"{os.getloadavg()[0]:.1f} on {len(CORES)} cores")
        bench = Bench(folder)
        try:
            bench.run()
        finally:
            bench.close()
    out.write_text(page(bench.rows(), bench.ratios(), bench.slow_rows, bench.skipped, CONNECTIONS,
                        os.getloadavg()[0]))
    print(f"written: {out}")


main()
