"""What becomes of callers with good tokens while their issuer rotates its keys, is gone, slow, or answers
nonsense, and while others send what it never signed.
"""

import base64
import contextlib
import http.client
import json
import tempfile
import threading
import time

from clock import Clock
from conftest import BUILD, Backend, Issuer, Server, wait_until

COOLDOWN_S, WORKERS, CALLERS = 30, 4, 4
SET = "/.well-known/jwks.json"


class Callers:
    """A few who list tools as fast as they are answered, each with `token` at that moment."""

    def __init__(self, server, token):
        self.server, self.token = server, token
        self.times, self.statuses, self.stop = [], [], threading.Event()
        self.counts = [0] * CALLERS
        self.threads = [threading.Thread(target=self.call, args=(n,)) for n in range(CALLERS)]

    def call(self, index):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
        while not self.stop.is_set():
            headers = {"Content-Type": "application/json", "Accept": "application/json",
                       "MCP-Protocol-Version": "2025-06-18",
                       "Authorization": f"Bearer {self.token}"}  # fmt: skip
            start = time.perf_counter()
            connection.request("POST", "/mcp", body, headers)
            answer = connection.getresponse()
            answer.read()
            self.times.append((time.perf_counter() - start) * 1000)
            self.statuses.append(answer.status)
            self.counts[index] += 1
        connection.close()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        self.more(500)
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def more(self, count):
        """Waits until each caller has had its part of so many answers more."""
        wanted = [before + count // CALLERS for before in self.counts]
        wait_until(lambda: all(map(int.__ge__, self.counts, wanted)), "answers", 120)

    def figures(self):
        found = sorted(self.times)
        lost = len(self.statuses) - self.statuses.count(200)
        assert not lost, f"{lost} of {len(self.statuses)} requests lost: {set(self.statuses)}"
        p50, p99 = (found[int(len(found) * part)] for part in (0.5, 0.99))
        return f"{len(found)} good requests, none lost, p50 {p50:.2f} ms, p99 {p99:.2f} ms"


@contextlib.contextmanager
def scene(program):
    """(issuer, server, clock): the server knows the key "rsa"."""
    with tempfile.TemporaryDirectory() as folder, Backend() as backend:
        with contextlib.closing(Issuer(str(BUILD / "mcpc"), folder)) as issuer:
            issuer.publish("rsa")
            clock = Clock(folder)
            args = (*issuer.server_args(), "--backend-url", backend.url, "--workers", WORKERS,
                    "--limit-jwks-ms", 15000, "--limit-idle-ms", 3600000,
                    "--limit-read-ms", 3600000)  # fmt: skip
            with Server(program, *args, env=clock.env) as server:
                wait_until(lambda: "usable keys" in server.log(), "the keys")
                yield issuer, server, clock


def fetches(issuer):
    return sum(request.path == SET for request in issuer.server.requests)


def unknown(issuer, count):
    """Tokens with key IDs that nobody has; one signature does for all, it is never looked at."""

    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    claims, signature = part({"iss": issuer.issuer}), "A" * 342
    for number in range(count):
        yield f'{part({"alg": "RS256", "kid": f"unknown-{number}"})}.{claims}.{signature}'


def rotation(program):
    """The issuer rotates its key ten times under load."""
    with scene(program) as (issuer, server, clock):
        names = [f"key{number}" for number in range(10)]
        for name in names:
            issuer.keygen(name, "ec")
        with Callers(server, issuer.token()) as callers:
            old = "rsa"
            for name in names:
                issuer.publish(old, name)  # both for a while, as issuers do
                clock.move_on(COOLDOWN_S)
                callers.token = issuer.token(key=name)
                callers.more(200)
                issuer.publish(name)
                read = server.log().count("usable keys")
                clock.move_on(601)
                callers.more(200)
                wait_until(lambda: server.log().count("usable keys") > read, "the old key's end")
                old = name
        return f"{callers.figures()}; {fetches(issuer)} fetches by {WORKERS} workers"


def bad_issuer(program, answer):
    with scene(program) as (issuer, server, clock):
        with Callers(server, issuer.token()) as callers:
            issuer.server.routes[SET] = answer
            clock.move_on(601)
            wait_until(lambda: "keeping the old ones" in server.log(), "the failure", 60)
            callers.more(2000)
            callers.token = issuer.token()
            callers.more(2000)
        return f"{callers.figures()}; {fetches(issuer) - 1} fetches that failed"


def outage(program):
    """The issuer hangs up, and its keys' time is over."""
    return bad_issuer(program, lambda _: None)


def garbage(program):
    """The issuer answers garbage for keys."""
    return bad_issuer(program, (200, {}, bytes(range(256)) * 100))


def large_set(program):
    """The issuer answers 1 MB for keys."""
    return bad_issuer(program, (200, {}, b'{"keys":[' + b" " * (1 << 20) + b"]}"))


def slow_issuer(program):
    """The issuer takes 10 s for its keys."""
    with scene(program) as (issuer, server, clock):
        text, gone = json.dumps(issuer.jwks("rsa", "ec")).encode(), threading.Event()

        def slow(_):
            gone.wait(10)
            return 200, {"Content-Type": "application/json"}, text

        issuer.server.routes[SET] = slow
        new = issuer.token(key="ec")
        with Callers(server, issuer.token()) as callers:
            clock.move_on(COOLDOWN_S)
            start = time.monotonic()
            status = server.call_mcp("tools/list", token=new)[0]
            waited = time.monotonic() - start
        assert status == 200, status
        return (
            f"{callers.figures()}; the first with the new key waited {waited:.1f} s for its answer; "
            f"{fetches(issuer) - 1} fetch"
        )


def unknown_keys(program):
    """10,000 tokens with unknown key IDs in a burst."""
    with scene(program) as (issuer, server, clock):
        tokens = iter(unknown(issuer, 10_000))
        with Callers(server, issuer.token()) as callers:
            callers.more(2000)
            alone = callers.figures()
            callers.times.clear()
            clock.move_on(COOLDOWN_S)
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
            start, refused = time.monotonic(), 0
            for token in tokens:
                connection.request("POST", "/mcp", '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
                                   {"Content-Type": "application/json",
                                    "Authorization": f"Bearer {token}"})  # fmt: skip
                answer = connection.getresponse()
                answer.read()
                refused += answer.status == 401
            passed = time.monotonic() - start
            connection.close()
        assert refused == 10_000, refused
        assert fetches(issuer) <= 2 + passed // COOLDOWN_S, fetches(issuer)
        return (
            f"all refused with 401 in {passed:.1f} s; alone: {alone}; beside them: {callers.figures()}; "
            f"{fetches(issuer) - 1} fetch"
        )


SCENES = [rotation, outage, slow_issuer, garbage, large_set, unknown_keys]
