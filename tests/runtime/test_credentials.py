"""Each kind of `send` arrives at a real backend byte for byte, and nothing else does."""

import base64
import hashlib
import http.server
import re
import ssl
import subprocess
import threading

import pytest
from conftest import Backend, Server
from oauth2_policy import authorization, call, compile_policy, serve  # noqa: F401  (fixtures)

SENT = {
    "bearer": ("bearer env KEY", "Authorization", "Bearer s3cret"),
    "basic": ("basic env LOGIN", "Authorization",
              "Basic " + base64.b64encode(b"me:pa:ss").decode()),
    "header": ('header "X-Key" env KEY', "X-Key", "s3cret"),
    "cookie": ('cookie "sid" env KEY', "Cookie", "sid=s3cret"),
}
ENV = {"KEY": "s3cret", "LOGIN": "me:pa:ss", "BACKEND_API_TOKEN": "everybodys"}


@pytest.mark.parametrize("kind", SENT)
def test_secret_arrives(serve, backend, kind):
    what, name, wanted = SENT[kind]
    with serve(f"send {what} for one\nsend bearer env BACKEND_API_TOKEN\n", env=ENV) as server:
        assert not call(server, "one")["isError"]
        assert "s3cret" not in server.log() and "me:pa" not in server.log()
    request = backend.requests[0]
    assert request.header(name) == [wanted]
    expected = [wanted] if name == "Authorization" else []
    assert request.header("Authorization") == expected, "an API key alone is sent"


def test_query_key_arrives(serve, backend):
    with serve('send query "api key" env KEY for one\n', env={"KEY": "a&b=c/d"}) as server:
        call(server, "one")
    assert backend.requests[0].path == "/one?api%20key=a%26b%3Dc%2Fd"


def test_default_goes_where_something_is_needed(serve, backend):
    with serve("send bearer env BACKEND_API_TOKEN\n", env=ENV) as server:
        call(server, "one")
        call(server, "open")
    assert backend.requests[0].header("Authorization") == ["Bearer everybodys"]
    assert backend.requests[1].header("Authorization") == []


def test_default_goes_to_no_other_server(mcpc, tmp_path, backend):
    spec = tmp_path / "api.yaml"
    with Backend() as other:
        spec.write_text(f"""
openapi: 3.1.0
info: {{title: Pets, version: "1"}}
servers: [{{url: "{backend.url}"}}]
security: [{{token: []}}]
paths:
  /here: {{get: {{operationId: here}}}}
  /there: {{servers: [{{url: "{other.url}"}}], get: {{operationId: there}}}}
  /back: {{servers: [{{url: "{backend.url}/v2"}}], get: {{operationId: back}}}}
components: {{securitySchemes: {{token: {{type: http, scheme: bearer}}}}}}
""")
        program = tmp_path / "pets"
        subprocess.run([mcpc, str(spec), "-o", str(program)], check=True, timeout=300)
        with Server(program, env=ENV) as server:
            for tool in ("here", "there", "back"):
                call(server, tool)
        assert other.requests[0].header("Authorization") == []
    assert [one.header("Authorization") for one in backend.requests] == [["Bearer everybodys"]] * 2


def test_all_of_an_alternative_are_sent(serve, backend):
    with serve('send bearer env KEY and header "X-App" env APP and query "k" env K for one\n',
               env={"KEY": "s3cret", "APP": "app-7", "K": "q"}) as server:
        call(server, "one")
    request = backend.requests[0]
    assert request.header("Authorization") == ["Bearer s3cret"]
    assert request.header("X-App") == ["app-7"] and request.path == "/one?k=q"


@pytest.mark.parametrize(
    "env, wanted",
    [
        ({"A": "a", "B": "b", "C": "c"}, ("a", None)),
        ({"B": "b", "C": "c"}, (None, "Bearer c")),
        ({"A": "a"}, ("a", None)),
        ({}, (None, None)),
    ],
)
def test_first_alternative_with_its_secrets_is_sent(serve, backend, env, wanted):
    statements = ('credential "key" header "X-Key" env A\n'
                  'send "key" or query "b" env B and header "X-Other" env MISSING '
                  "or bearer env C for one\n")
    with serve(statements, env={"A": "", "B": "", "C": "", **env}) as server:
        call(server, "one")
        log = server.log()
    request = backend.requests[0]
    found = tuple((request.header(name) or [None])[0] for name in ("X-Key", "Authorization"))
    assert found == wanted and request.path == "/one"
    if env:
        taken = "key" if "A" in env else "C"
        assert re.search(rf"pets\.mcpp:\d+: {taken} is sent, the first of 3 alternatives", log)
    else:
        assert "A, or B and MISSING, or C are not set: requests to the backend go without" in log


def test_nothing_of_the_caller_is_passed_on(serve, backend):
    with serve("send bearer env KEY for one\n", env=ENV) as server:
        server.call_mcp("tools/call", {"name": "one", "arguments": {}}, "callers-token",
                        {"X-Canary": "canary", "Cookie": "canary=1", "Forwarded": "for=canary"})
    text = str(backend.requests[0].headers)
    assert "canary" not in text and "callers-token" not in text


def test_caller_token(serve, backend):
    with serve("send caller token for one\n", warnings=True) as server:
        call(server, "one", token="callers-token")
        assert call(server, "one")["isError"], "there is no token to pass on"
        assert "callers-token" not in server.log()
    assert [one.header("Authorization") for one in backend.requests] == [["Bearer callers-token"]]


def test_claim(compile_policy, backend, issuer):
    program = compile_policy('send header "X-User" claim "sub" and header "X-Org" claim "org.id" '
                             "for one\n"
                             f'verifier v jwt {{\n audience "{issuer.audience}"\n}}\naccept v\n')
    with Server(program, "--backend-url", backend.url, *issuer.server_args()) as server:
        call(server, "one", token=issuer.token(sub="alice", claim=['org={"id":7}']))
        assert call(server, "one", token=issuer.token(sub="bob"))["isError"], "no org"
        assert call(server, "one", token=issuer.token(sub="a\\r\\nX: y",
                                                      claim=['org={"id":7}']))["isError"] is False
    assert [one.header("X-User") for one in backend.requests][0] == ["alice"]
    assert backend.requests[0].header("X-Org") == ["7"]


# ---- digest ----


def test_digest(serve, backend):
    """RFC 7616, with a nonce of the server and its own calculation of the response."""
    nonce, bodies = "abcdef0123456789", []

    def answer(request):
        given = request.header("Authorization")
        bodies.append(request.body)
        if not given:
            return 401, {"WWW-Authenticate":
                         f'Digest realm="r", nonce="{nonce}", qop="auth", algorithm=SHA-256'}, b""
        parts = dict(re.findall(r'(\w+)="?([^",]*)"?', given[0]))

        def digest(text):
            return hashlib.sha256(text.encode()).hexdigest()

        wanted = digest(":".join([digest("me:r:pa:ss"), nonce, parts["nc"], parts["cnonce"],
                                  parts["qop"], digest(f"{request.method}:{request.path}")]))
        good = parts["response"] == wanted
        return (200 if good else 401), {"Content-Type": "text/plain"}, b"fine"

    backend.answer_with(answer)
    with serve("send digest env LOGIN for one, postOne\n", env=ENV) as server:
        assert call(server, "one")["content"][0]["text"] == "fine"
        assert call(server, "postOne")["content"][0]["text"] == "fine"
        assert "pa:ss" not in server.log()
    assert len(backend.requests) == 4


# ---- mutual TLS ----


@pytest.fixture
def tls_files(tmp_path):
    """A CA, a server's and a client's certificate."""

    def run(*args):
        subprocess.run(["openssl", *args], check=True, cwd=tmp_path, capture_output=True,
                       timeout=60)

    run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
        "ca.key", "-out", "ca.pem", "-subj", "/CN=ca", "-days", "2")
    for name in ("server", "client"):
        run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
            f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        (tmp_path / "ext").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        run("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-out",
            f"{name}.pem", "-days", "2", "-extfile", "ext")
    return tmp_path


def test_client_certificate(compile_policy, tls_files):
    seen = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(dict(x[0] for x in self.connection.getpeercert()["subject"])["commonName"])
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls_files / "server.pem", tls_files / "server.key")
    context.load_verify_locations(tls_files / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.socket = context.wrap_socket(listener.socket, server_side=True)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    url = f"https://127.0.0.1:{listener.server_address[1]}"
    program = compile_policy("send certificate env CERT key env CERT_KEY for one\n")
    env = {"CERT": (tls_files / "client.pem").read_text(),
           "CERT_KEY": (tls_files / "client.key").read_text()}
    trust = ("--ca-file", tls_files / "ca.pem")
    with Server(program, "--backend-url", url, *trust, env=env) as server:
        assert not call(server, "one")["isError"]
        assert call(server, "two")["isError"], "this tool shows none"
    with Server(program, "--backend-url", url, env=env) as server:
        result = call(server, "one")
        assert "TLS certificate is not accepted" in result["content"][0]["text"]
    listener.shutdown()
    assert seen == ["client"]


def test_client_certificate_at_the_token_endpoint(serve, backend, authorization, tls_files):  # noqa: F811
    """RFC 8705, section 2: the certificate says who the client is, and no secret goes out."""
    seen = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls_files / "server.pem", tls_files / "server.key")
    context.load_verify_locations(tls_files / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    authorization.listener.socket = context.wrap_socket(
        authorization.listener.socket, server_side=True, do_handshake_on_connect=False)

    def give(request):
        (name,) = (value for part in request.connection.getpeercert()["subject"]
                   for key, value in part if key == "commonName")
        seen.append(name)
        return 200, {}, b'{"access_token":"of-the-certificate","token_type":"Bearer"}'

    authorization.answer_with(give)
    env = {"ID": "robot", "CERT": (tls_files / "client.pem").read_text(),
           "CERT_KEY": (tls_files / "client.key").read_text()}
    url = authorization.token_url.replace("http:", "https:")
    statements = (f'send oauth2 client_credentials {{\n token_url "{url}"\n client env ID\n'
                  " certificate env CERT key env CERT_KEY\n} for one\n")
    with serve(statements, "--ca-file", tls_files / "ca.pem", env=env) as server:
        assert not call(server, "one")["isError"]
        assert "PRIVATE KEY" not in server.log()
    assert seen == ["client"]
    (request,) = authorization.requests
    assert request.header("Authorization") == []
    assert sorted(request.body.decode().split("&")) == [
        "client_id=robot", "grant_type=client_credentials"]
    assert backend.requests[0].header("Authorization") == ["Bearer of-the-certificate"]


# ---- what is missing or wrong ----


def test_list_of_credentials(compile_policy, tmp_path):
    program = compile_policy("""
credential "pets-auth" oauth2 password {
    token_url "https://id.example/token"
    client    env PETS_AUTH_CLIENT_ID secret env PETS_AUTH_CLIENT_SECRET
    user      env PETS_AUTH_USERNAME password file "no-such-file"
}
send "pets-auth" or bearer env BACKEND_API_TOKEN for one
""")
    done = subprocess.run([program, "--credentials", "--state-dir", str(tmp_path)], timeout=60,
                          capture_output=True, text=True,
                          env={"PETS_AUTH_CLIENT_ID": "s3cret", "BACKEND_API_TOKEN": "t0ken"})
    assert done.returncode == 0 and done.stderr == ""
    assert re.search(r"^pets-auth: OAuth 2.0, password", done.stdout, re.MULTILINE)
    for line in ("present      env PETS_AUTH_CLIENT_ID (client id)",
                 "missing      env PETS_AUTH_CLIENT_SECRET (client secret, optional)",
                 "missing      env PETS_AUTH_USERNAME (user name)",
                 "missing      file no-such-file (password)",
                 "present      env BACKEND_API_TOKEN (secret)"):
        assert f"    {line}\n" in done.stdout
    assert "s3cret" not in done.stdout and "t0ken" not in done.stdout


# ---- attempts and redirects ----


def test_request_that_may_be_done_twice_is_sent_again(serve, backend):
    failures = iter([None, None])
    backend.answer_with(lambda _: next(failures, (200, {"Content-Type": "text/plain"}, b"fine")))
    with serve("") as server:
        assert call(server, "one")["content"][0]["text"] == "fine"
        assert len(backend.requests) == 3
        backend.answer_with(lambda _: None)
        assert "connection closed" in call(server, "postOne")["content"][0]["text"]
        assert len(backend.requests) == 4, "what may have been done is not done again"
        assert "connection closed" in call(server, "one")["content"][0]["text"]
        assert len(backend.requests) == 7, "three attempts and no more"


@pytest.mark.parametrize(
    "location, is_followed",
    [
        ("/moved/2", True),
        ("{backend}/moved/2", True),
        ("/moved/2/", True),
        ("/moved/2?x=1", True),
        ("/moved/2#part", True),
        ("{other}/moved/2", False),
        ("//127.0.0.1:1/moved/2", False),
        ("/one", False),
        ("/moved/2/3", False),
        ("/moved/../one", False),
        ("/moved/%2e%2e", False),
        ("", False),
    ],
)
def test_redirects(serve, backend, location, is_followed):
    with Backend() as other:
        target = location.format(backend=backend.url, other=other.url)
        backend.route("/moved/1", 302, {"Location": target}, b"")
        with serve("send bearer env KEY for moved\n", env=ENV) as server:
            result = call(server, "moved", {"id": "1"})
        assert other.requests == []
    assert result["isError"] is not is_followed
    assert len(backend.requests) == (2 if is_followed else 1)
    if is_followed:
        assert backend.requests[1].header("Authorization") == ["Bearer s3cret"]
    else:
        assert "redirects elsewhere" in result["content"][0]["text"]


def test_redirects_end(serve, backend):
    backend.route("/moved/1", 307, {"Location": "/moved/1"}, b"")
    with serve("") as server:
        assert call(server, "moved", {"id": "1"})["isError"]
    assert len(backend.requests) == 4
