"""Fixtures of all tests: the built programs, real servers on free ports, tokens from `mcpc token`.

Everything is a real process or a real socket with a deadline; nothing sleeps and hopes.
"""

import ctypes
import http.client
import http.server
import json
import os
import pathlib
import queue
import re
import select
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = (ROOT / os.environ.get("MCPP_BUILD", "build")).resolve()
DATA = pathlib.Path(os.environ.get("MCPP_DATA", ROOT.parent / "shared" / "data")).resolve()
DEADLINE_S = 30
PIPE_BYTES = 1 << 20  # more than a pipe holds


def pytest_addoption(parser):
    parser.addoption("--bless", action="store_true", help="write the expectations anew")


def pytest_make_parametrize_id(config, val, argname):
    """Long and binary values get a short name: it goes into an environment variable."""
    if isinstance(val, (str, bytes)) and len(val) > 60:
        text = val.decode("latin-1") if isinstance(val, bytes) else val
        return repr(text[:40])[1:-1] + f"…{len(text)}"
    return None


def pytest_terminal_summary(terminalreporter):
    """The last line of CI counts: "N passed, N failed"."""
    stats = terminalreporter.stats
    passed = len(stats.get("passed", []))
    failed = len(stats.get("failed", [])) + len(stats.get("error", []))
    terminalreporter.write_line(f"{passed} passed, {failed} failed")


@pytest.fixture(scope="session")
def mcpc():
    program = BUILD / "mcpc"
    assert program.exists(), f"{program} is not built: run make"
    return str(program)


@pytest.fixture(scope="session")
def data():
    """The folder of third-party test data; tests that need it are skipped without it."""
    if not DATA.is_dir():
        pytest.skip("shared test data is not here")
    return DATA


# ---- servers ----

LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1


def die_with(number=signal.SIGKILL):
    """As Popen's preexec_fn: the process gets this signal when the tests end, however they end."""
    return lambda: LIBC.prctl(PR_SET_PDEATHSIG, number)


class Server:
    """A compiled server on HTTP, on a port that the kernel chose. A context manager."""

    def __init__(self, program, *args, env=None, transport="http"):
        self.program, self.args = str(program), [str(arg) for arg in args]
        self.env = {**os.environ, **{key: str(value) for key, value in (env or {}).items()}}
        self.transport = transport
        self.lines, self.taking = [], threading.Lock()
        self.url = self.host = None
        self.port = 0

    def __enter__(self):
        command = [self.program, "--transport", "http"]
        if "--port" not in self.args:
            command += ["--port", "0"]
        self.process = subprocess.Popen(
            command + self.args,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.env,
            text=True,
            errors="replace",
            preexec_fn=die_with(signal.SIGKILL),
        )
        self.rest, self.ready = b"", queue.Queue()
        os.set_blocking(self.process.stderr.fileno(), False)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        try:
            found = self.ready.get(timeout=DEADLINE_S)
        except queue.Empty:
            found = None
        if not found:
            self.process.kill()
            self.reader.join(5)
            raise AssertionError("the server did not start:\n" + self.log())
        self.url = found.group(1)
        self.host, port = re.match(r"https?://(\[[^]]*\]|[^:/]*):(\d+)", self.url).groups()
        self.port = int(port)
        return self

    def _read(self):
        waiting = select.poll()  # which knows no largest descriptor
        waiting.register(self.process.stderr, select.POLLIN)
        while self._take():
            waiting.poll()
        self.ready.put(None)

    def _take(self):
        """Moves what has been written by now to `lines`. False: there will be no more."""
        with self.taking:
            try:
                data = os.read(self.process.stderr.fileno(), PIPE_BYTES)
            except BlockingIOError:
                return True
            *whole, self.rest = (self.rest + data).split(b"\n")
            if not data and self.rest:
                whole.append(self.rest)
                self.rest = b""
            for line in whole:
                line = line.decode(errors="replace") + "\n"
                self.lines.append(line)
                if found := re.search(r"listening on (https?://\S+)", line):
                    self.ready.put(found)
            return bool(data)

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("the server did not stop:\n" + self.log())
        self.reader.join(5)
        self.process.stdout.close()
        self.process.stderr.close()
        assert "Sanitizer" not in self.log() and "runtime error:" not in self.log(), self.log()

    def log(self):
        """All that was said before this call: what an answer has come after is in it."""
        if not self.process.stderr.closed:
            self._take()
        return "".join(self.lines)

    def request(self, method="POST", path=None, body=None, headers=None):
        """(status, headers, body bytes), whatever the status."""
        url = self.url if path is None else f"http://{self.host}:{self.port}{path}"
        request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.headers, answer.read()

    def post(self, message, headers=None):
        """Sends a JSON message; (status, headers, decoded JSON or None)."""
        text = message if isinstance(message, bytes) else json.dumps(message).encode()
        status, found, body = self.request(
            body=text,
            headers={
                "Content-Type": "application/json",
                "Accept": "application/json, text/event-stream",
                **(headers or {}),
            },
        )
        return status, found, json.loads(body) if body else None

    # requests of the newest revision

    def call_mcp(self, method, params=None, token=None, headers=None, request_id=1):
        """A request of revision 2026-07-28 with all it needs."""
        params = dict(params or {})
        params["_meta"] = {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": {"name": "tests", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {},
            **params.get("_meta", {}),
        }
        found = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": method}
        if "name" in params:
            found["Mcp-Name"] = params["name"]
        if token:
            found["Authorization"] = f"Bearer {token}"
        found.update(headers or {})
        message = {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}
        return self.post(message, found)

    def call_tool(self, name, arguments=None, token=None):
        return self.call_mcp("tools/call", {"name": name, "arguments": arguments or {}}, token)

    def open_events(self, message=None, headers=None, method="POST"):
        """A request whose answer is a stream of events; a context manager (see Events)."""
        return Events(self, method, message, headers)

    def list_tools(self, token=None):
        """All tools of all pages, by name."""
        tools, cursor = {}, None
        while True:
            params = {"cursor": cursor} if cursor else {}
            status, _, answer = self.call_mcp("tools/list", params, token)
            assert status == 200, answer
            tools.update((tool["name"], tool) for tool in answer["result"]["tools"])
            cursor = answer["result"].get("nextCursor")
            if not cursor:
                return tools


class Events:
    """An answer as server-sent events: `status`, `headers`, and read() for the next message, None
    at the end. Leaving the context closes the connection."""

    def __init__(self, server, method, message, headers):
        self.connection = http.client.HTTPConnection(server.host, server.port, timeout=DEADLINE_S)
        path = server.url.split(f":{server.port}", 1)[1]
        body = None if message is None else json.dumps(message).encode()
        found = {"Accept": "application/json, text/event-stream", **(headers or {})}
        if body:
            found["Content-Type"] = "application/json"
        self.connection.request(method, path, body, found)
        self.answer = self.connection.getresponse()
        self.status, self.headers = self.answer.status, self.answer.headers

    def read(self):
        data = []
        for line in self.answer:
            line = line.rstrip(b"\r\n")
            if line.startswith(b"data:"):
                data.append(line[5:].lstrip(b" "))
            elif not line and data:
                return json.loads(b"\n".join(data))
            else:
                assert not line or line.startswith(b":"), line
        return None

    def read_all(self):
        return list(iter(self.read, None))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.answer.close()
        self.connection.close()


class Stdio:
    """A compiled server on stdio. A context manager; ask() sends one message and reads one."""

    def __init__(self, program, *args, env=None):
        self.command = [str(program), "--transport", "stdio", *map(str, args)]
        self.env = {**os.environ, **{key: str(value) for key, value in (env or {}).items()}}

    def __enter__(self):
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.env,
            preexec_fn=die_with(signal.SIGKILL),
        )
        self.answers = queue.Queue()
        self.errors = []
        self.threads = [
            threading.Thread(target=self._read, daemon=True),
            threading.Thread(target=lambda: self.errors.extend(self.process.stderr), daemon=True),
        ]
        for thread in self.threads:
            thread.start()
        return self

    def _read(self):
        for line in self.process.stdout:
            self.answers.put(line)

    def send(self, message):
        text = message if isinstance(message, bytes) else json.dumps(message).encode()
        self.process.stdin.write(text + b"\n")
        self.process.stdin.flush()

    def read(self):
        return json.loads(self.answers.get(timeout=DEADLINE_S))

    def ask(self, message):
        self.send(message)
        return self.read()

    def log(self):
        return b"".join(self.errors).decode(errors="replace")

    def __exit__(self, *_):
        if not self.process.stdin.closed:
            self.process.stdin.close()
        try:
            self.process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("the server did not stop at the end of its input:\n" + self.log())
        for thread in self.threads:
            thread.join(5)
        self.process.stdout.close()
        self.process.stderr.close()
        assert "Sanitizer" not in self.log() and "runtime error:" not in self.log(), self.log()


# ---- a recording backend ----


class Recorded:
    """One request as it arrived."""

    def __init__(self, method, path, headers, body, connection=None):
        self.method, self.path, self.headers, self.body = method, path, headers, body
        self.connection = connection

    def wait_for_end(self):
        """Returns when the other side has closed the connection, or fails at the deadline."""
        self.connection.settimeout(DEADLINE_S)
        assert self.connection.recv(1) == b""

    def header(self, name):
        """All values of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


class Backend:
    """A real HTTP server on loopback that records what arrives and answers as told."""

    def __init__(self):
        backend = self
        self.requests = []
        self.routes = {}
        self.answer(200, {"Content-Type": "application/json"}, b'{"ok":true}')

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def handle_any(self):
                size = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(size) if size else b""
                if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
                    while True:
                        size = int(self.rfile.readline().strip(), 16)
                        body += self.rfile.read(size)
                        self.rfile.readline()
                        if not size:
                            break
                request = Recorded(
                    self.command, self.path, list(self.headers.items()), body, self.connection
                )
                backend.requests.append(request)
                reply = backend.routes.get(self.path.split("?")[0], backend.reply)
                if callable(reply):
                    reply = reply(request)
                if reply is None:  # hang up without an answer
                    self.close_connection = True
                    return
                status, headers, text = reply
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if isinstance(text, bytes):
                    self.send_header("Content-Length", str(len(text)))
                    text = [text]
                else:  # in pieces, until the connection ends if the headers say no length
                    self.close_connection = True
                self.end_headers()
                for piece in text if self.command != "HEAD" else []:
                    self.wfile.write(piece)
                    self.wfile.flush()

            def do_GET(self):
                self.handle_any()

            do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = do_TRACE = do_GET

            def log_message(self, *_):
                pass

        class Listener(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, *_):
                pass

        self.listener = Listener(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.listener.server_address[1]}"
        self.thread = threading.Thread(target=self.listener.serve_forever, daemon=True)
        self.thread.start()

    def answer(self, status, headers=None, body=b""):
        """What every request gets from now on, unless route() says otherwise."""
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.reply = (status, headers or {"Content-Type": "application/json"}, text)

    def answer_with(self, function):
        """function(request) gives (status, headers, body or pieces), or None to hang up."""
        self.reply = function

    def route(self, path, status, headers=None, body=b""):
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.routes[path] = (status, headers or {"Content-Type": "application/json"}, text)

    def close(self):
        self.listener.shutdown()
        self.listener.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


@pytest.fixture
def backend():
    with Backend() as found:
        yield found


# ---- compiling ----


@pytest.fixture(scope="session")
def compile_server(mcpc, tmp_path_factory):
    """compile_server(spec_path, *mcpc_args) -> program; each combination once a session."""
    done = {}

    def compile_one(spec, *args):
        key = (str(spec), pathlib.Path(spec).read_bytes(), args)
        if key not in done:
            program = tmp_path_factory.mktemp("server") / "server"
            subprocess.run(
                [mcpc, str(spec), "-o", str(program), *map(str, args)],
                check=True,
                timeout=300,
            )
            done[key] = str(program)
        return done[key]

    return compile_one


@pytest.fixture
def spec(tmp_path):
    """spec(text or dict) -> path of a document in a fresh folder."""

    def write(content, name=None):
        is_text = isinstance(content, str)
        path = tmp_path / (name or ("spec.yaml" if is_text else "spec.json"))
        path.write_text(content if is_text else json.dumps(content))
        return path

    return write


# ---- tokens ----


class Issuer:
    """Keys from `mcpc keygen`, tokens from `mcpc token`, and a key set served on loopback."""

    def __init__(self, mcpc, folder):
        self.mcpc, self.key_folder = mcpc, pathlib.Path(folder)
        self.server = Backend()
        self.url = self.issuer = self.server.url
        self.audience = "backend-api"
        self.jwks_url = self.url + "/.well-known/jwks.json"
        self.keygen("rsa", "rsa")
        self.keygen("ec", "ec")
        self.publish("rsa", "ec")

    def keygen(self, name, kind):
        subprocess.run(
            [self.mcpc, "keygen", "--type", kind, str(self.key_folder / name)],
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=60,
        )

    def jwks(self, *names):
        keys = []
        for name in names:
            text = (self.key_folder / f"{name}.jwks.json").read_text()
            keys += json.loads(text)["keys"]
        return {"keys": keys}

    def publish(self, *names):
        self.server.route("/.well-known/jwks.json", 200, None, self.jwks(*names))

    def token(self, scope=None, key="rsa", **options):
        """Options are those of `mcpc token`: iss=, aud=, sub=, ttl=, claim=['a="b"', …]."""
        command = [self.mcpc, "token", "--key", str(self.key_folder / f"{key}.key")]
        options = {"iss": self.issuer, "aud": self.audience, "sub": "alice", **options}
        if scope is not None:
            options["scope"] = scope
        for name, value in options.items():
            for one in value if isinstance(value, list) else [value]:
                command += [f"--{name.replace('_', '-')}", str(one)]
        done = subprocess.run(
            command, check=True, stdout=subprocess.PIPE, timeout=60, text=True
        )
        return done.stdout.strip()

    def server_args(self):
        """Options that make a server trust this issuer."""
        return (
            "--validate-tokens",
            "--issuer",
            self.issuer,
            "--jwks",
            self.jwks_url,
            "--audience",
            self.audience,
        )

    def close(self):
        self.server.close()


@pytest.fixture(scope="session")
def issuer(mcpc, tmp_path_factory):
    found = Issuer(mcpc, tmp_path_factory.mktemp("keys"))
    yield found
    found.close()


def wait_until(condition, what, deadline_s=DEADLINE_S):
    """Polls for something that another process does."""
    end = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.01)
