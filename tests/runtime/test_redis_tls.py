"""Limits in a Redis that is reached over TLS, with users and client certificates: what is accepted,
and that nothing else is."""

import subprocess

import pytest
import services
from certificates import Authority
from conftest import Server, wait_until
from test_sandbox import NO_LEAK_SEARCH
from test_shared_limits import is_counting, program, status  # noqa: F401  (a fixture)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def own(authority):
    return authority.issue("localhost")


def secure_redis(folder, authority, own, *more):
    port = services.free_port()
    command = [services.program("redis-server"), "--port", 0, "--tls-port", port, "--save", ""]
    command += ["--bind", "127.0.0.1", "--appendonly", "no", "--dir", folder]
    command += ["--tls-cert-file", own[0], "--tls-key-file", own[1]]
    command += ["--tls-ca-cert-file", authority.certificate]
    return services.Service([*command, *(more or ("--tls-auth-clients", "no"))], port)


@pytest.fixture
def redis(tmp_path, authority, own):
    with secure_redis(tmp_path, authority, own) as found:
        yield found


def options(backend, url, *more):
    return ("--backend-url", backend.url, "--limits-redis", url, *more)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_calls_are_counted_over_tls(program, backend, redis, authority, host):
    args = options(backend, f"rediss://{host}:{redis.port}", "--limits-redis-ca",
                   authority.certificate, "--workers", 2, "--sandbox")  # fmt: skip
    with Server(program, *args, env=NO_LEAK_SEARCH) as one, Server(
        program, *args, env=NO_LEAK_SEARCH
    ) as two:
        wait_until(lambda: is_counting(one) and is_counting(two), "Redis")
        found = [status((one, two)[i % 2]) for i in range(20)]
        assert found.count(200) == 7 and found.count(429) == 13
        assert "is away" not in one.log()


def test_the_authorities_of_other_servers_count_where_no_own_are_given(
    program, backend, redis, authority
):
    args = options(backend, f"rediss://localhost:{redis.port}", "--ca-file", authority.certificate)
    with Server(program, *args) as server:
        wait_until(lambda: is_counting(server), "Redis")


def is_refused(server, words):
    wait_until(lambda: "is away" in server.log(), "the refusal")
    assert words in server.log(), server.log()
    assert status(server) == 503


def test_only_the_right_server_is_told_anything(program, backend, redis, authority, tmp_path):
    """Another authority, another name, plain TCP: calls are refused, and no password is sent."""
    url = f"rediss://localhost:{redis.port}"
    other = Authority(tmp_path, "other")
    password = {"MCPP_REDIS_PASSWORD": "secret word"}
    for more in ((), ("--limits-redis-ca", other.certificate)):
        with Server(program, *options(backend, url, *more), env=password) as server:
            is_refused(server, "certificate")
    alien = authority.issue("redis.example")
    with secure_redis(tmp_path, authority, alien) as misnamed:
        args = options(backend, f"rediss://localhost:{misnamed.port}", "--limits-redis-ca",
                       authority.certificate)  # fmt: skip
        with Server(program, *args, env=password) as server:
            is_refused(server, "hostname mismatch")
    with Server(program, *options(backend, f"redis://localhost:{redis.port}")) as server:
        wait_until(lambda: "is away" in server.log(), "the refusal")
        assert status(server) == 503
    with services.redis(tmp_path) as plain:
        args = options(backend, f"rediss://localhost:{plain.port}", "--limits-redis-ca",
                       authority.certificate)  # fmt: skip
        with Server(program, *args, env=password) as server:
            wait_until(lambda: "is away" in server.log(), "the refusal")
            assert status(server) == 503 and "secret" not in server.log()


def test_redis_goes_away_and_comes_back(program, backend, redis, authority):
    args = options(backend, f"rediss://localhost:{redis.port}", "--limits-redis-ca",
                   authority.certificate)  # fmt: skip
    with Server(program, *args) as server:
        wait_until(lambda: is_counting(server), "Redis")
        redis.stop()
        wait_until(lambda: status(server) == 503, "the loss")
        redis.start()
        wait_until(lambda: status(server) == 200, "Redis again")


def test_redis_asks_for_a_certificate(program, backend, authority, own, tmp_path):
    mine = authority.issue("mine")
    with secure_redis(tmp_path, authority, own, "--tls-auth-clients", "yes") as redis:
        args = options(backend, f"rediss://localhost:{redis.port}", "--limits-redis-ca",
                       authority.certificate)  # fmt: skip
        with Server(program, *args) as server:
            wait_until(lambda: "is away" in server.log(), "the refusal")
            assert status(server) == 503
        args = (*args, "--limits-redis-cert", mine[0], "--limits-redis-key", mine[1])
        with Server(program, *args) as server:
            wait_until(lambda: is_counting(server), "Redis")


def test_a_user_with_few_rights(program, backend, redis, authority, tmp_path):
    """The commands that docs/runtime.md names are enough; the password may be in a file."""
    cli = [services.program("redis-cli"), "--tls", "--cacert", authority.certificate,
           "-h", "localhost", "-p", redis.port]  # fmt: skip
    rule = ["on", ">secret word", "~{mcpp:*", "+eval", "+time", "+hmget", "+hmset", "+pexpire"]
    subprocess.run(
        [*map(str, cli), "acl", "setuser", "mcpp", *rule], check=True, stdout=subprocess.DEVNULL
    )
    args = options(backend, f"rediss://mcpp@localhost:{redis.port}", "--limits-redis-ca",
                   authority.certificate)  # fmt: skip
    file = tmp_path / "password"
    file.write_text("secret word\n")
    for env in ({"MCPP_REDIS_PASSWORD": "secret word"}, {"MCPP_REDIS_PASSWORD_FILE": file}):
        with Server(program, *args, env=env) as server:
            wait_until(lambda: is_counting(server), "Redis")
            assert status(server) in (200, 429) and "secret" not in server.log()
    with Server(program, *args, env={"MCPP_REDIS_PASSWORD": "other word"}) as server:
        wait_until(lambda: "is away" in server.log(), "the refusal")
        assert status(server) == 503 and "other" not in server.log()


@pytest.mark.parametrize(
    "args, words",
    [
        (["rediss://user:word@localhost:6379"], "a password belongs into MCPP_REDIS_PASSWORD"),
        (["rediss://localhost"], "it is no HOST:PORT"),
        (["rediss://localhost:6379/0"], "it is no HOST:PORT"),
        (["http://localhost:6379"], "it is no HOST:PORT"),
        (["rediss://@localhost:6379"], "the user's name"),
        (["localhost:6379", "--limits-redis-ca", "x"], "need '--limits-redis rediss://"),
        (["rediss://localhost:6379", "--limits-redis-cert", "x"], "need each other"),
    ],
)
def test_what_is_no_place(program, args, words):
    done = subprocess.run(
        [program, "--transport", "http", "--limits-redis", *args], stderr=subprocess.PIPE,
        text=True, timeout=20,
    )  # fmt: skip
    assert done.returncode == 2 and words in done.stderr, done.stderr
    assert "word@" not in done.stderr


@pytest.mark.parametrize(
    "more, env, words",
    [
        (["--limits-redis-ca", "/nowhere"], {}, "limits-redis: authorities /nowhere"),
        (["--limits-redis-cert", "/nowhere", "--limits-redis-key", "/nowhere"], {}, "/nowhere"),
        ([], {"MCPP_REDIS_PASSWORD_FILE": "/nowhere"}, "MCPP_REDIS_PASSWORD_FILE /nowhere"),
    ],
)
def test_what_cannot_be_read_is_no_start(program, more, env, words):
    done = subprocess.run(
        [program, "--transport", "http", "--port", "0", "--limits-redis", "rediss://localhost:1", *more],
        stderr=subprocess.PIPE, text=True, timeout=20, env=env,
    )  # fmt: skip
    assert done.returncode == 1 and words in done.stderr, done.stderr
