"""kill -9 and start again, again and again, while callers call: what they get, what is on the disk,
and how long it takes."""

import http.client
import json
import pathlib
import random
import signal
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.parse

from conftest import BUILD, Backend, Server, wait_until

DEADLINE_S = 30
KILLS, CALLERS = 50, 6
SPEC = """
openapi: 3.1.0
info: {title: Killed, version: "1"}
servers: [{url: "http://127.0.0.1:9"}]
paths:
  /echo/{word}:
    get:
      operationId: echo
      security: []
      parameters: [{name: word, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: ok}}
"""
POLICY = """mcpp 1
api "spec.yaml"
server "killed"
backend "http://127.0.0.1:9"
tool echo GET /echo/{word} needs nothing
credential "person" oauth2 authorization_code {
    authorization_url "AUTHORIZATION/authorize"
    token_url         "AUTHORIZATION/token"
    client            env ID
    scopes            "read"
}
send "person" for echo
"""
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "killer", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
MODERN = {"Content-Type": "application/json", "MCP-Protocol-Version": "2026-07-28",
          "Mcp-Method": "tools/call", "Mcp-Name": "echo"}  # fmt: skip
JSON = {"Content-Type": "application/json"}


class Authorization:
    """Tokens of a second each, with a new refresh token every time. An older one is still good: it
    may be that the newer never reached the disk."""

    def __init__(self):
        self.backend, self.given, self.bad = Backend(), {"r0": "a0"}, []
        self.spent = set()  # access tokens: each instance has to begin with a new one
        self.backend.answer_with(self.answer)

    def answer(self, request):
        form = dict(urllib.parse.parse_qsl(request.body.decode()))
        if form.get("refresh_token") not in self.given:
            self.bad.append(form)
            return 400, {"Content-Type": "application/json"}, b'{"error":"invalid_grant"}'
        number = len(self.given)
        self.given[f"r{number}"] = f"a{number}"
        answer = {"access_token": f"a{number}", "refresh_token": f"r{number}",
                  "token_type": "Bearer", "expires_in": 1}  # fmt: skip
        return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()


class Callers:
    """Each sends one call at a time and looks at what comes back."""

    def __init__(self, port):
        self.port, self.stop, self.gone = port, threading.Event(), threading.Event()
        self.right, self.lost, self.refused, self.wrong = [0] * CALLERS, [0] * CALLERS, 0, []
        self.threads = [threading.Thread(target=self.run, args=(i,)) for i in range(CALLERS)]

    def run(self, index):
        number = 0
        while not self.stop.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)
            try:
                connection.connect()
            except OSError:
                self.refused += 1
                self.stop.wait(0.002)  # nobody listens: the next instance is on its way
                continue
            try:
                while not self.stop.is_set():
                    number += 1
                    self.call(connection, index, f"w-{index}-{number}", number)
            except (OSError, http.client.HTTPException):
                self.lost[index] += 1
                self.gone.wait(DEADLINE_S)  # while it dies, its socket still takes connections
            connection.close()

    def call(self, connection, index, word, number):
        params = {"name": "echo", "arguments": {"word": word}, "_meta": META}
        message = {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}
        connection.request("POST", "/mcp", json.dumps(message), MODERN)
        answer = connection.getresponse()
        found = json.loads(answer.read())
        result = found.get("result", {})
        if (answer.status, found.get("id"), result.get("structuredContent")) != (
            200, number, {"word": word},
        ):  # fmt: skip
            self.wrong.append((answer.status, found))
        self.right[index] += 1

    def answers(self):
        return sum(self.right)


def check_state(folder, authorization):
    """The store is whole, whatever was being written."""
    names = {one.name for one in folder.iterdir()}
    assert names <= {"tokens.json", "tokens.json.new", "tokens.lock"}, names
    theirs, ours = json.loads((folder / "tokens.json").read_text())["tokens"]
    assert theirs["subject"] == "somebody" and theirs["refresh_token"] == "theirs", theirs
    assert authorization.given[ours["refresh_token"]] == ours["access_token"], ours


def begin_state(folder):
    folder.mkdir(mode=0o700)
    entry = {"credential": "person", "client": "client-1", "issuer": "", "subject": "",
             "access_token": "a0", "refresh_token": "r0", "ends_at": 1}  # fmt: skip
    other = {**entry, "subject": "somebody", "refresh_token": "theirs"}
    path = folder / "tokens.json"
    path.write_text(json.dumps({"version": 1, "tokens": [other, entry]}))
    path.chmod(0o600)


def legacy(server, method, params, headers):
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return server.post(message, headers)


def open_session(server):
    params = {"protocolVersion": "2025-11-25", "capabilities": {},
              "clientInfo": {"name": "killer", "version": "1"}}  # fmt: skip
    return {"Mcp-Session-Id": legacy(server, "initialize", params, {})[1]["Mcp-Session-Id"],
            "MCP-Protocol-Version": "2025-11-25"}  # fmt: skip


def compile_policy(folder, authorization):
    (folder / "spec.yaml").write_text(SPEC)
    text = POLICY.replace("AUTHORIZATION", authorization.backend.url)
    (folder / "killed.mcpp").write_text(text)
    subprocess.run([BUILD / "mcpc", folder / "killed.mcpp", "-o", folder / "server"], check=True)
    return folder / "server"


def work_for_a_while(server, callers, session, start, before):
    """Seconds from the start to the first right answer."""
    wait_until(lambda: callers.answers() > before, "the first answer")
    found = time.perf_counter() - start
    assert legacy(server, "ping", {}, session)[0] == 200, "a session is lost"
    wanted = callers.answers() + random.randrange(200)
    wait_until(lambda: callers.answers() >= wanted, "answers")
    return found


def kill(server, callers):
    lost = sum(callers.lost)
    callers.gone.clear()
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    callers.gone.set()
    assert sum(callers.lost) - lost <= CALLERS, "more than what was in flight"


def kill_again_and_again(server_of, callers, authorization, check):
    """Seconds from each start to the first right answer. Every other instance dies while it begins,
    with a token that is being got and stored."""
    times, session = [], None
    for number in range(KILLS):
        authorization.spent.update(authorization.given.values())
        start, before = time.perf_counter(), callers.answers()
        with server_of() as server:
            session = session or open_session(server)
            if number % 2:
                time.sleep(random.random() * 0.03)
            else:
                times.append(work_for_a_while(server, callers, session, start, before))
            kill(server, callers)
            check()
    return times


def kills(_program):
    """kill -9 and start again, 50 times, while 6 callers call and tokens are written to the disk."""
    authorization = Authorization()
    with tempfile.TemporaryDirectory() as name, Backend() as backend, authorization.backend:
        folder, bad_tokens = pathlib.Path(name), []

        def echo(request):
            token = request.header("Authorization")[0].removeprefix("Bearer ")
            if token not in authorization.given.values():
                bad_tokens.append(token)
            if token in authorization.spent:
                return 401, JSON, b"{}"
            word = request.path.rsplit("/", 1)[1]
            return 200, JSON, json.dumps({"word": word}).encode()

        backend.answer_with(echo)
        begin_state(folder / "state")
        program = compile_policy(folder, authorization)
        (folder / "key").write_text("a secret of more than 32 bytes, for sessions")
        with Server(program) as first:  # a port that is free
            port = first.port
        args = ("--port", port, "--backend-url", backend.url, "--workers", 2, "--audit", "all",
                "--audit-file", folder / "audit", "--state-dir", folder / "state",
                "--session-key", folder / "key")  # fmt: skip
        callers = Callers(port)
        for thread in callers.threads:
            thread.start()
        try:
            times = kill_again_and_again(
                lambda: Server(program, *args, env={"ID": "client-1"}),
                callers,
                authorization,
                lambda: check_state(folder / "state", authorization),
            )
        finally:
            callers.stop.set()
            for thread in callers.threads:
                thread.join()
        assert not callers.wrong, callers.wrong[:3]
        assert sum(callers.lost) <= KILLS * CALLERS, "more than what was in flight"
        assert not authorization.bad and not bad_tokens, "a token that nobody gave"
        audited = [json.loads(line) for line in (folder / "audit").read_text().splitlines()]
        assert len(audited) >= callers.answers(), (len(audited), callers.answers())
    milliseconds = sorted(one * 1000 for one in times)
    return (
        f"{callers.answers()} right answers, none wrong; {sum(callers.lost)} lost, at most "
        f"{CALLERS} a kill, each in flight; the store written {len(authorization.given) - 1} times, "
        f"always whole; from start to an answer median {statistics.median(milliseconds):.0f} ms, "
        f"slowest {milliseconds[-1]:.0f} ms"
    )
