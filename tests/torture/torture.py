"""make torture: what an unfriendly network does to a server, each scene with its figures. Ends with
1 when a promise is broken. A scene by name: torture.py BUILD SCENE...; REQUESTS=10000000 for a day's
worth in the scenes `flat_memory` and `day`.
"""

import collections
import concurrent.futures
import contextlib
import json
import os
import pathlib
import re
import resource
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(sys.argv[1]).resolve()
os.environ["MCPP_BUILD"] = str(BUILD)
sys.path.insert(0, str(HERE.parent))

import conftest  # noqa: E402
import issuer_scenes  # noqa: E402
import issuer_scenes  # noqa: E402
from clock import Clock  # noqa: E402
from conftest import Backend, Issuer, Server, wait_until  # noqa: E402
from kills import kills  # noqa: E402

DEADLINE_S = 30
REQUESTS = int(os.environ.get("REQUESTS", "1000000"))
SECONDS = int(os.environ.get("SECONDS", "3600"))
SPEC = """
openapi: 3.1.0
info: {title: Tortured, version: "1"}
servers: [{url: "http://127.0.0.1:9"}]
paths:
  /thing: {get: {operationId: thing, security: [], responses: {"200": {description: ok}}}}
  /slow: {get: {operationId: slow, security: [], responses: {"200": {description: ok}}}}
"""
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
POST = b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


def resident_mb(server):
    text = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0]) / 1024


def open_files(server):
    return len(list(pathlib.Path(f"/proc/{server.process.pid}/fd").iterdir()))


def connect(server):
    return socket.create_connection(("127.0.0.1", server.port), DEADLINE_S)


def times_ms(function, count):
    found = []
    for _ in range(count):
        start = time.perf_counter()
        function()
        found.append((time.perf_counter() - start) * 1000)
    found.sort()
    return f"median {statistics.median(found):.1f} ms, slowest {found[-1]:.1f} ms"


def is_served(server):
    with connect(server) as stream:
        stream.sendall(HEALTH)
        return stream.recv(4096).startswith(b"HTTP/1.1 200")


def idle_crowd(program):
    """10,000 idle connections."""
    count = 10000
    with Server(program, "--limit-connections", count + 100, "--limit-idle-ms", 600000) as server:
        before, streams = resident_mb(server), []
        try:
            for _ in range(count):
                streams.append(connect(server))
            streams[-1].sendall(HEALTH)
            assert streams[-1].recv(4096)
            after = resident_mb(server)
            figure = times_ms(server.list_tools, 50)
        finally:
            for stream in streams:
                stream.close()
        wait_until(lambda: open_files(server) < 100, "the connections to be closed")
        return (
            f"{before:.1f} MB, with {count} connections {after:.1f} MB "
            f"({(after - before) * 1024 / count:.1f} kB each); tools/list meanwhile: {figure}"
        )


def slowloris(program):
    """1,000 connections that send a byte now and then."""
    options = ("--limit-connections", 5000, "--limit-read-ms", 2000)
    with Server(program, *options) as server, contextlib.ExitStack() as stack:
        streams = [stack.enter_context(connect(server)) for _ in range(1000)]
        stop = threading.Event()

        def trickle():
            while not stop.wait(0.2):
                for stream in streams:
                    with contextlib.suppress(OSError):
                        stream.send(b"X")

        for stream in streams:
            stream.sendall(POST + b"X-Slow: ")
        thread = threading.Thread(target=trickle)
        thread.start()
        figure = times_ms(server.list_tools, 100)
        wait_until(lambda: server.log().count("limit-read-ms") == 1000, "all to be refused")
        stop.set()
        thread.join()
        return f"all 1000 refused with 408; tools/list meanwhile: {figure}"


def large_body(program):
    """1 GB bodies, said and unsaid."""
    with Server(program) as server:
        before = resident_mb(server)
        with connect(server) as stream:
            stream.sendall(POST + b"Content-Length: 1073741824\r\n\r\n")
            assert stream.recv(4096).startswith(b"HTTP/1.1 413")
        sent, piece = 0, b"100000\r\n" + b" " * 0x100000 + b"\r\n"
        with connect(server) as stream:
            stream.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n")
            with contextlib.suppress(OSError):
                while sent < 1 << 30:
                    stream.sendall(piece)
                    sent += 0x100000
        assert sent < 64 << 20, "it was read to its end"
        assert is_served(server)
        return f"413 at once; in chunks given up after {sent >> 20} MB; {before:.1f} to {resident_mb(server):.1f} MB"


def half_closed(program):
    """1,000 peers that close their half, with a request under way and without."""
    with Server(program) as server:
        files = open_files(server)
        for data in (b"", b"G", HEALTH, POST + b"Content-Length: 5\r\n\r\n1"):
            streams = [connect(server) for _ in range(250)]
            for stream in streams:
                stream.sendall(data)
                stream.shutdown(socket.SHUT_WR)
            for stream in streams:
                while stream.recv(4096):
                    pass
                stream.close()
        wait_until(lambda: open_files(server) <= files + 2, "the descriptors")
        return f"{files} descriptors before, {open_files(server)} after"


class Unkind:
    """A backend that does one thing to each connection."""

    def __init__(self, act):
        self.act, self.listener = act, socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.held = []
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                stream, _ = self.listener.accept()
                threading.Thread(target=self.serve, args=(stream,), daemon=True).start()

    def serve(self, stream):
        with contextlib.suppress(OSError):
            stream.recv(65536)
            self.act(self, stream)

    def stall(self, stream):
        self.held.append(stream)

    def reset(self, stream):
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        stream.close()

    def garbage(self, stream):
        stream.sendall(os.urandom(5000))
        stream.close()

    def cut(self, stream):
        stream.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"half":')
        stream.close()

    def endless(self, stream):
        stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        for _ in range(1024):
            stream.sendall(b"x" * (1 << 20))


def unkind_backend(program):
    """A backend that stalls, resets, answers garbage, half an answer, or 1 GB."""
    found = []
    for act in (Unkind.stall, Unkind.reset, Unkind.garbage, Unkind.cut, Unkind.endless):
        backend = Unkind(act)
        options = ("--backend-url", backend.url, "--limit-backend-ms", 2000)
        with Server(program, *options) as server:
            with concurrent.futures.ThreadPoolExecutor(16) as pool:
                answers = list(pool.map(lambda _: server.call_tool("thing"), range(32)))
            assert all(status == 200 and answer["result"]["isError"] for status, _, answer in answers)
            assert is_served(server)
            assert resident_mb(server) < 400
            found.append(f"{act.__name__} {resident_mb(server):.0f} MB")
        backend.listener.close()
    return "32 calls each, every one an error result: " + ", ".join(found)


def slow_call(program):
    """Calls that take 2 s delay nobody else."""
    with Backend() as backend:
        gone = threading.Event()

        def answer(request):
            if request.path == "/slow":
                gone.wait(2)
            return 200, {"Content-Type": "application/json"}, b"{}"

        backend.answer_with(answer)
        with Server(program, "--backend-url", backend.url) as server:
            alone = times_ms(server.list_tools, 50)
            with concurrent.futures.ThreadPoolExecutor(20) as pool:
                slow = [pool.submit(server.call_tool, "slow") for _ in range(20)]
                beside = times_ms(server.list_tools, 50)
                calls = times_ms(lambda: server.call_tool("thing"), 50)
                assert all(one.result()[0] == 200 for one in slow)
        return f"tools/list alone: {alone}; beside 20 calls of 2 s: {beside}; tools/call: {calls}"


def clock_jumps(program):
    """The calendar's clock jumps an hour forward and back."""
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(
        Issuer(str(BUILD / "mcpc"), folder)
    ) as issuer:
        clock = Clock(folder)
        with Server(program, *issuer.server_args(), env=clock.env) as server:
            token, found = issuer.token(ttl="30m"), []
            for seconds in (0, 3600, 0, -3600, 0, 86400 * 400, 0):
                clock.set_calendar(seconds)
                found.append(server.call_mcp("tools/list", token=token)[0])
            assert found[::2] == [200] * 4 and found[1] == 401 and found[5] == 401, found
            assert is_served(server)
    return f"answers with a token of 30 minutes at 0, +1 h, 0, -1 h, 0, +400 d, 0: {found}"


def flat_memory(program):
    """Many requests, flat memory (REQUESTS)."""
    wrk = shutil.which("wrk")
    if not wrk:
        return "skipped: wrk is not installed"
    with tempfile.TemporaryDirectory() as folder, Backend() as backend:
        script = pathlib.Path(folder) / "load.lua"
        body = json.dumps({"jsonrpc": "2.0", "id": 7, "method": "tools/list", "params": {"_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": {"name": "t", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {}}}})
        script.write_text(
            f'wrk.method = "POST"\nwrk.body = [==[{body}]==]\n'
            'wrk.headers["Content-Type"] = "application/json"\n'
            'wrk.headers["MCP-Protocol-Version"] = "2026-07-28"\n'
            'wrk.headers["Mcp-Method"] = "tools/list"\n'
        )
        options = ("--metrics", "--backend-url", backend.url, "--limit-connections", 8192)
        with Server(program, *options) as server:
            done, first = 0, None
            while done < REQUESTS:
                subprocess.run(
                    [wrk, "-t1", "-c64", "-d5s", "-s", script, server.url],
                    check=True, stdout=subprocess.DEVNULL,
                )
                text = server.request("GET", "/metrics")[2].decode()
                done = int(text.split('mcpp_http_requests_total{status="200"} ')[1].split("\n")[0])
                first = first or (done, resident_mb(server))
            last = resident_mb(server)
            growth = (last / first[1] - 1) * 100
            assert growth < 5, f"{first[1]:.1f} to {last:.1f} MB"
            return (
                f"{first[1]:.1f} MB after {first[0]} requests, "
                f"{last:.1f} MB after {done} ({growth:+.1f} %)"
            )

DAY_SPEC = """
openapi: 3.1.0
info: {title: Day, version: "1"}
servers: [{url: "http://127.0.0.1:9"}]
paths:
  /pets: {get: {operationId: listPets, security: [{login: [read]}], responses: {"200": {description: ok}}}}
  /pets/{id}:
    get:
      operationId: getPet
      security: [{login: [read]}]
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses: {"200": {description: ok}}
    delete:
      operationId: deletePet
      security: [{login: [write]}]
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses: {"200": {description: ok}}
components:
  securitySchemes:
    login:
      type: oauth2
      flows: {clientCredentials: {tokenUrl: "https://login.example/token", scopes: {read: "", write: ""}}}
"""
# of 100 requests: 40 lists, 20 calls with wrong arguments, 15 denials, 5 bad tokens, 5 tokens that
# are new to the server, 5 new sessions, 5 lists in a session, 5 calls of the backend
DAY_LOAD = """
local tokens, fresh, session = {}, {}, nil
for line in io.lines("%(folder)s/known") do tokens[#tokens + 1] = line end
for line in io.lines("%(folder)s/fresh") do fresh[#fresh + 1] = line end
local meta = '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",' ..
  '"io.modelcontextprotocol/clientInfo":{"name":"t","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}'
local count = 0
local function modern(method, token, name, arguments)
  local params = meta
  local headers = {["Content-Type"] = "application/json", ["MCP-Protocol-Version"] = "2026-07-28",
    ["Mcp-Method"] = method, ["Authorization"] = "Bearer " .. token}
  if name then
    params = '"name":"' .. name .. '","arguments":' .. arguments .. ',' .. meta
    headers["Mcp-Name"] = name
  end
  return wrk.format("POST", nil, headers,
    '{"jsonrpc":"2.0","id":' .. count .. ',"method":"' .. method .. '","params":{' .. params .. '}}')
end
local function legacy(method, params, id)
  return wrk.format("POST", nil, {["Content-Type"] = "application/json", ["Mcp-Session-Id"] = id,
    ["MCP-Protocol-Version"] = "2025-06-18", ["Authorization"] = "Bearer " .. tokens[1]},
    '{"jsonrpc":"2.0","id":' .. count .. ',"method":"' .. method .. '","params":' .. params .. '}')
end
local warms = os.getenv("WARM")
function request()
  count = count + 1
  local dice, token = warms and 99 or math.random(100), tokens[math.random(#tokens)]
  if dice <= 40 then return modern("tools/list", token) end
  if dice <= 60 then return modern("tools/call", token, "getPet", '{"id":"x' .. count .. '"}') end
  if dice <= 75 then return modern("tools/call", token, "deletePet", '{"id":1}') end
  if dice <= 80 then return modern("tools/list", token:sub(1, -20) .. string.format("%%019d", count)) end
  if dice <= 85 then return modern("tools/list", fresh[count %% #fresh + 1]) end
  if dice <= 90 or (dice <= 95 and not session) then
    return legacy("initialize", '{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}')
  end
  if dice <= 95 then return legacy("tools/list", "{}", session) end
  return modern("tools/call", token, "getPet", '{"id":' .. math.random(9) .. '}')
end
function response(status, headers, body)
  session = headers["Mcp-Session-Id"] or session
end
"""


def answered(server):
    """How many answers of each status."""
    text = server.request("GET", "/metrics")[2].decode()
    found = re.findall(r'mcpp_http_requests_total{status="(\d+)"} (\d+)', text)
    return {status: int(count) for status, count in found if int(count)}


def day(_):
    """A day's worth of mixed requests, flat memory (REQUESTS, at most SECONDS)."""
    wrk = shutil.which("wrk")
    if not wrk:
        return "skipped: wrk is not installed"
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        issuer = stack.enter_context(contextlib.closing(Issuer(str(BUILD / "mcpc"), folder)))
        (folder / "spec.yaml").write_text(DAY_SPEC)
        subprocess.run([BUILD / "mcpc", folder / "spec.yaml", "-o", folder / "day"], check=True)
        for name, count in (("known", 8), ("fresh", 500)):
            tokens = [issuer.token("read", key="ec", sub=f"{name}{i}", ttl="24h") for i in range(count)]
            (folder / name).write_text("\n".join(tokens) + "\n")
        (folder / "load.lua").write_text(DAY_LOAD % {"folder": folder})
        pets = subprocess.Popen([BUILD / "examples/petstore/backend", "--port", "0"],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        stack.callback(pets.wait)
        stack.callback(pets.terminate)
        url = re.search(r"http://\S+", pets.stdout.readline())[0]
        options = (*issuer.server_args(), "--metrics", "--backend-url", url,
                   "--limit-token-cache-bytes", 1 << 18)
        server = stack.enter_context(Server(folder / "day", *options))
        server.lines = collections.deque(maxlen=100)
        load = [wrk, "-t1", "-c64", "-d10s", "-s", folder / "load.lua", server.url]
        # as many calls in flight at once as there are connections, or the first time that the
        # backend is slow would look like growth
        subprocess.run(load, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "WARM": "1"})
        end, samples, done = time.monotonic() + SECONDS, {}, 0
        while done < REQUESTS and time.monotonic() < end:
            subprocess.run(load, check=True, stdout=subprocess.DEVNULL)
            statuses = answered(server)
            done = sum(statuses.values())
            for part in (1, 10, 100):
                if done * 100 >= REQUESTS * part:
                    samples.setdefault(part, resident_mb(server))
            print(f"    {done} requests, {resident_mb(server):.1f} MB", flush=True)
        last = resident_mb(server)
        assert set(statuses) <= {"200", "401", "403"}, statuses
        assert samples and last / min(samples.values()) < 1.05, f"{samples} to {last:.1f} MB"
        found = ", ".join(f"{mb:.1f} MB after {part} %" for part, mb in samples.items())
        return f"{done} of {REQUESTS} requests ({statuses}): {found}; {last:.1f} MB at the end"



SCENES = [
    idle_crowd, slowloris, large_body, half_closed, unkind_backend, slow_call, clock_jumps, kills,
    *issuer_scenes.SCENES, flat_memory, day,
]


def main():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    wanted, bad = set(sys.argv[2:]), 0
    with tempfile.TemporaryDirectory() as name:
        spec, program = pathlib.Path(name) / "spec.yaml", pathlib.Path(name) / "server"
        spec.write_text(SPEC)
        subprocess.run([BUILD / "mcpc", spec, "-o", program], check=True)
        for scene in SCENES:
            if wanted and scene.__name__ not in wanted:
                continue
            start = time.monotonic()
            try:
                figure = scene(program)
            except (AssertionError, OSError) as error:
                figure, bad = f"BROKEN: {error}", bad + 1
            print(f"{scene.__doc__}\n    {figure}  [{time.monotonic() - start:.0f} s]", flush=True)
    sys.exit(bad != 0)


assert conftest.BUILD == BUILD
main()
