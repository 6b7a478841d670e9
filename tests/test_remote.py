"""Documents and references over http and https: real servers on loopback, real TLS."""

import gzip
import hashlib
import http.server
import json
import os
import re
import socket
import ssl
import subprocess
import threading

import pytest

OK, REFUSED, SYSTEM = 0, 1, 3
DOCUMENT = """openapi: 3.1.0
info: {title: Pets, version: "1"}
servers: [{url: https://pets.example}]
paths:
  /pets: {get: {operationId: listPets, responses: {"200": {description: ok}}}}
"""
MIB = 1024 * 1024
PROXIES = ("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy")


def document(reference):
    return f"""openapi: 3.1.0
info: {{title: Pets, version: "1"}}
servers: [{{url: https://pets.example}}]
paths:
  /pets: {{$ref: "{reference}"}}
"""


ITEM = 'get: {operationId: listPets, responses: {"200": {description: ok}}}\n'


class Site:
    """A web server: `pages` is path -> (status, headers, bytes) or a function of the handler."""

    def __init__(self, tls=None, host="127.0.0.1"):
        site = self
        self.pages, self.asked = {}, []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                site.asked.append(self.path)
                page = site.pages.get(self.path, (404, {}, b"none"))
                if callable(page):
                    page(self)
                    return
                status, headers, body = page
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in headers:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Listener(http.server.ThreadingHTTPServer):
            daemon_threads = True
            address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

            def handle_error(self, *_):
                pass

        self.listener = Listener((host, 0), Handler)
        self.port = self.listener.server_address[1]
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.listener.socket = context.wrap_socket(self.listener.socket, server_side=True)
        self.url = f"{'https' if tls else 'http'}://localhost:{self.port}"
        threading.Thread(target=self.listener.serve_forever, daemon=True).start()

    def put(self, path, text, **headers):
        body = text if isinstance(text, bytes) else text.encode()
        self.pages[path] = (200, headers, body)

    def redirect(self, path, target, status=302):
        self.pages[path] = (status, {"Location": target}, b"elsewhere")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown()
        self.listener.server_close()


@pytest.fixture
def site():
    with Site() as found:
        yield found


@pytest.fixture
def other():
    with Site() as found:
        yield found


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """A certificate authority of our own and a certificate of it for localhost."""
    folder = tmp_path_factory.mktemp("tls")
    (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")

    def openssl(*args):
        subprocess.run(["openssl", *args], cwd=folder, check=True, capture_output=True, timeout=60)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
            "-subj", "/CN=Test CA")  # fmt: skip
    openssl("req", *key, "-keyout", "site.key", "-out", "site.csr", "-subj", "/CN=localhost")
    openssl("x509", "-req", "-in", "site.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-out", "site.pem", "-days", "2", "-extfile", "names")  # fmt: skip
    return folder


@pytest.fixture
def secure(authority):
    with Site(tls=(authority / "site.pem", authority / "site.key")) as found:
        yield found


@pytest.fixture
def run(mcpc, tmp_path):
    def start(*args, status=OK, **environment):
        clean = {key: value for key, value in os.environ.items() if key not in PROXIES}
        for name in ("CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
            clean.pop(name, None)
        done = subprocess.run(
            [mcpc, *map(str, args)],
            cwd=tmp_path,
            env={**clean, **{key: str(value) for key, value in environment.items()}},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == status, (done.returncode, done.stderr)
        return done

    return start


def names(policy, keyword):
    """The string of the statement."""
    return re.search(rf'^{keyword} +"(.*)"$', policy, re.MULTILINE)[1]


def to_policy(run, url, *args, **others):
    return run(url, "-o", "-", "--to", "mcpp", *args, **others)


# ---- documents ----


def test_document_becomes_a_policy_that_names_its_url(run, site):
    site.put("/v1/openapi.yaml", DOCUMENT)
    url = site.url + "/v1/openapi.yaml"
    done = to_policy(run, url)
    assert names(done.stdout, "api") == url
    assert "tool listPets GET /pets" in done.stdout
    assert done.stderr == ""  # plain http on this machine needs no warning


def test_policy_fetches_its_document_again(run, site, tmp_path):
    site.put("/openapi.yaml", DOCUMENT)
    url = site.url + "/openapi.yaml"
    run(url, "-o", "pets.mcpp")
    run("pets.mcpp", "-o", "policy.c")
    assert site.asked == ["/openapi.yaml"] * 2
    text = (tmp_path / "policy.c").read_text()
    digest = hashlib.sha256(DOCUMENT.encode()).hexdigest()
    assert f"{url}  sha256 {digest}" in text
    site.put("/openapi.yaml", DOCUMENT.replace("/pets", "/dogs"))
    done = run("pets.mcpp", "-o", "policy.c", status=REFUSED)
    assert "[unknown-operation]" in done.stderr


def test_policy_offline_is_a_clear_error(run, site, tmp_path):
    site.put("/openapi.yaml", DOCUMENT)
    run(site.url + "/openapi.yaml", "-o", "pets.mcpp")
    site.__exit__()
    done = run("pets.mcpp", "-o", "policy.c", status=REFUSED)
    assert "pets.mcpp:" in done.stderr and "[cannot-fetch]" in done.stderr
    assert f"cannot fetch '{site.url}/openapi.yaml': " in done.stderr
    assert not (tmp_path / "policy.c").exists()


def test_json_and_overlay_by_url(run, site):
    site.put("/openapi.json", json.dumps({
        "openapi": "3.0.0", "info": {"title": "Pets", "version": "1"},
        "servers": [{"url": "https://pets.example"}],
        "paths": {"/pets": {"get": {"responses": {"200": {"description": "ok"}}}}}}))  # fmt: skip
    site.put("/overlay.yaml", 'overlay: 1.0.0\ninfo: {title: T, version: "1"}\nactions:\n'
             "  - {target: $.paths.*.get, update: {operationId: allPets}}\n")  # fmt: skip
    done = to_policy(run, site.url + "/openapi.json", "--overlay", site.url + "/overlay.yaml")
    assert "tool allPets GET /pets" in done.stdout
    assert names(done.stdout, "overlay") == site.url + "/overlay.yaml"


def test_query_of_the_url_is_sent(run, site):
    site.put("/o?v=1&x=a/b", DOCUMENT)
    done = to_policy(run, site.url + "/o?v=1&x=a/b")
    assert "tool listPets" in done.stdout


def test_relative_server_is_relative_to_the_document(run, site):
    text = DOCUMENT.replace("https://pets.example", "../api")
    site.put("/v1/docs/openapi.yaml", text)
    done = to_policy(run, site.url + "/v1/docs/openapi.yaml")
    assert names(done.stdout, "backend") == site.url + "/v1/api"
    site.put("/none.yaml", DOCUMENT.replace("servers: [{url: https://pets.example}]\n", ""))
    done = to_policy(run, site.url + "/none.yaml")
    assert names(done.stdout, "backend") == site.url


def test_policy_is_not_fetched(run, site):
    site.put("/pets.mcpp", 'mcpp 1\napi "openapi.yaml"\n')
    done = run(site.url + "/pets.mcpp", "-o", "policy.c", status=REFUSED)
    assert "[remote-policy]" in done.stderr


# ---- what goes wrong ----


def check_failure(run, url, words, *args, **others):
    done = run(url, "-o", "policy.c", *args, status=SYSTEM, **others)
    assert f"cannot fetch '{url}': {words}" in done.stderr, done.stderr
    assert "[cannot-fetch]" in done.stderr
    return done


@pytest.mark.parametrize("status", [204, 206, 304, 401, 404, 500, 503])
def test_status_other_than_200(run, site, status):
    site.pages["/o"] = (status, {}, b"")
    check_failure(run, site.url + "/o", f"the server answers with status {status}")


def test_web_page(run, site):
    site.put("/o", "\ufeff\n <!DOCTYPE html><html><body>Please log in</body></html>")
    check_failure(run, site.url + "/o", "the answer is a web page, not a document")


def test_announced_size(run, site):
    site.put("/o", b"x", **{"Content-Length": str(64 * MIB + 1)})
    check_failure(run, site.url + "/o", "it is larger than 64 MiB")


def test_unannounced_size(run, site):
    def endless(handler):
        handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
        while True:
            handler.wfile.write(b"#" * MIB)

    site.pages["/o"] = endless
    check_failure(run, site.url + "/o", "it is larger than 64 MiB")


def test_large_document_within_the_limit(run, site):
    site.put("/o", DOCUMENT + ("# " + "x" * 1021 + "\n") * (20 * 1024))
    assert "tool listPets" in to_policy(run, site.url + "/o").stdout


def test_slow(run, site):
    gone = threading.Event()

    def slow(handler):
        handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\nopenapi: ")
        gone.wait(60)

    site.pages["/o"] = slow
    check_failure(run, site.url + "/o", "no whole answer came in time", "--fetch-timeout", "1")
    gone.set()


def test_hang_up_and_short_answer(run, site):
    site.pages["/none"] = lambda handler: None
    check_failure(run, site.url + "/none", "")
    site.put("/short", DOCUMENT, **{"Content-Length": str(len(DOCUMENT) + 1)})
    check_failure(run, site.url + "/short", "")


def test_no_listener_and_bad_urls(run):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        check_failure(run, f"http://127.0.0.1:{free.getsockname()[1]}/o", "")
    for url, words in [
        ("http://me:secret@localhost/o", "the URL holds a name or password"),
        ("https://", "the URL has no host"),
        ("https://a.example/a b", "the URL has a character that no URL has"),
        ("https://a.example/o#x", "the URL has a fragment"),
    ]:
        check_failure(run, url, words)


def test_encoded_answer_is_no_document(run, site):
    """None was asked for, so none is decoded: no small answer becomes a huge one."""
    site.put("/o", gzip.compress(DOCUMENT.encode()), **{"Content-Encoding": "gzip"})
    run(site.url + "/o", "-o", "policy.c", status=REFUSED)


# ---- TLS ----


@pytest.mark.parametrize("name", ["CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_tls_with_an_authority_of_our_own(run, secure, authority, name):
    secure.put("/o", DOCUMENT)
    done = to_policy(run, secure.url + "/o", **{name: authority / "ca.pem"})
    assert "tool listPets" in done.stdout


def test_tls_is_verified(run, secure):
    secure.put("/o", DOCUMENT)
    check_failure(run, secure.url + "/o", "SSL certificate problem")
    assert secure.asked == []


def test_tls_name_is_verified(run, secure, authority):
    secure.put("/o", DOCUMENT)
    url = secure.url.replace("localhost", "[::ffff:127.0.0.1]") + "/o"
    done = run(url, "-o", "policy.c", status=SYSTEM, CURL_CA_BUNDLE=authority / "ca.pem")
    assert "[cannot-fetch]" in done.stderr
    assert secure.asked == []


# ---- redirects ----


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect(run, site, status):
    site.redirect("/old/o", "../new/o#part", status)
    site.put("/new/o", document("item.yaml"))
    site.put("/new/item.yaml", ITEM)
    done = to_policy(run, site.url + "/old/o", "--allow-remote-refs")
    assert names(done.stdout, "api") == site.url + "/old/o"  # as it was named
    assert site.asked == ["/old/o", "/new/o", "/new/item.yaml"]  # relative to what answered


def test_five_redirects_and_six(run, site):
    for i in range(6):
        site.redirect(f"/{i}", f"/{i + 1}")
    site.put("/6", DOCUMENT)
    assert "tool listPets" in to_policy(run, site.url + "/1").stdout
    check_failure(run, site.url + "/0", "there are more than 5 redirects")


def test_redirect_to_https_but_not_back(run, site, secure, authority):
    trust = {"CURL_CA_BUNDLE": authority / "ca.pem"}
    site.redirect("/up", secure.url + "/o")
    secure.put("/o", DOCUMENT)
    assert "tool listPets" in to_policy(run, site.url + "/up", **trust).stdout
    secure.redirect("/down", site.url + "/o")
    site.put("/o", DOCUMENT)
    check_failure(run, secure.url + "/down", "a redirect leads from https to http", **trust)
    assert "/o" not in site.asked


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://localhost/o", "gopher://x/"])
def test_redirect_to_another_scheme(run, site, target):
    site.redirect("/o", target)
    words = "a redirect leads to something that is no http or https URL"
    check_failure(run, site.url + "/o", words)


def test_redirect_with_a_password_or_without_a_target(run, site):
    site.redirect("/o", f"http://me:secret@localhost:{site.port}/p")
    done = check_failure(run, site.url + "/o", "a redirect leads to a URL that is not to be used")
    assert "secret" not in done.stderr
    site.pages["/none"] = (302, {}, b"")
    check_failure(run, site.url + "/none", "a redirect leads nowhere")


# ---- references ----


def test_references_need_the_option(run, site, other, tmp_path):
    other.put("/item.yaml", ITEM)
    site.put("/o", document(other.url + "/item.yaml"))
    (tmp_path / "local.yaml").write_text(document(other.url + "/item.yaml"))
    for name in (site.url + "/o", "local.yaml"):
        done = run(name, "-o", "policy.c", status=REFUSED)
        assert "[remote-reference]" in done.stderr and "--allow-remote-refs" in done.stderr
        assert other.asked == []
    for name in (site.url + "/o", "local.yaml"):
        assert "tool listPets" in to_policy(run, name, "--allow-remote-refs").stdout
    assert other.asked == ["/item.yaml"] * 2


def test_relative_references_need_the_option_too(run, site):
    site.put("/v1/o", document("../shared/item.yaml"))
    site.put("/shared/item.yaml", ITEM)
    done = run(site.url + "/v1/o", "-o", "policy.c", status=REFUSED)
    assert f"'{site.url}/shared/item.yaml' is remote" in done.stderr
    assert "tool listPets" in to_policy(run, site.url + "/v1/o", "--allow-remote-refs").stdout
    assert site.asked == ["/v1/o", "/v1/o", "/shared/item.yaml"]


def test_reference_never_leads_to_a_file(run, site, tmp_path):
    (tmp_path / "item.yaml").write_text(ITEM)
    for reference in (f"file://{tmp_path}/item.yaml", "file:item.yaml"):
        site.put("/o", document(reference))
        done = run(site.url + "/o", "-o", "policy.c", "--allow-remote-refs", status=REFUSED)
        assert "[remote-reference]" in done.stderr


def test_each_document_is_fetched_once_and_circles_end(run, site):
    text = document("item.yaml#/pets").replace("paths:", "paths:\n  /dogs: {$ref: 'item.yaml#/pets'}")
    site.put("/o", text.replace("operationId: listPets, ", ""))
    site.put("/item.yaml", """
pets: {get: {responses: {"200": {description: ok, content:
  {application/json: {schema: {$ref: "schema.yaml#/Pet"}}}}}}}
Name: {type: string}
""")  # fmt: skip
    site.put("/schema.yaml", """
Pet: {type: object, properties: {name: {$ref: "item.yaml#/Name"}, mother: {$ref: "#/Pet"},
                                 owner: {$ref: "/schema.yaml#/Owner"}}}
Owner: {type: object, properties: {pets: {type: array, items: {$ref: "./schema.yaml#/Pet"}}}}
""")  # fmt: skip
    done = run(site.url + "/o", "-o", "-", "--to", "c", "--allow-remote-refs")
    assert site.asked == ["/o", "/item.yaml", "/schema.yaml"]
    assert "$defs" in done.stdout and done.stdout.count("sha256") == 3


def test_references_in_a_circle_across_documents(run, site):
    site.put("/o", document("a.yaml#/x"))
    site.put("/a.yaml", 'x: {$ref: "b.yaml#/x"}\n')
    site.put("/b.yaml", 'x: {$ref: "a.yaml#/x"}\n')
    done = run(site.url + "/o", "-o", "policy.c", "--allow-remote-refs", status=REFUSED)
    assert "[circular-reference]" in done.stderr
    assert site.asked == ["/o", "/a.yaml", "/b.yaml"]


def test_a_reference_that_cannot_be_fetched(run, site):
    site.put("/o", document("none.yaml"))
    done = run(site.url + "/o", "-o", "policy.c", "--allow-remote-refs", status=REFUSED)
    assert f"{site.url}/o:5:17: error: cannot fetch '{site.url}/none.yaml'" in done.stderr
    assert "the server answers with status 404 [cannot-fetch]" in done.stderr


def test_self_names_the_document(run, site):
    text = document("item.yaml").replace("3.1.0", "3.2.0")
    site.put("/o", f"$self: {site.url}/v2/openapi.yaml\n" + text)
    site.put("/v2/item.yaml", ITEM)
    assert "tool listPets" in to_policy(run, site.url + "/o", "--allow-remote-refs").stdout
    assert site.asked == ["/o", "/v2/item.yaml"]


# ---- the guard ----


def through_proxy(proxy):
    """A document that counts as public: it comes through a proxy, which is on this machine."""
    return {"http_proxy": proxy.url, "no_proxy": ""}


def test_document_from_elsewhere_cannot_reach_this_machine(run, site, other):
    """The proxy plays a public site; what it names by reference is not looked for on loopback."""
    secret = f"http://127.0.0.1:{other.port}/secret"
    other.put("/secret", ITEM)
    site.pages["http://public.example/o"] = (200, {}, document(secret).encode())
    done = run("http://public.example/o", "-o", "policy.c", "--allow-remote-refs", status=REFUSED,
               **through_proxy(site))  # fmt: skip
    assert "[insecure-url]" in done.stderr
    assert "it has a loopback address, and what names it comes from elsewhere" in done.stderr
    assert other.asked == [] and site.asked == ["http://public.example/o"]


def test_redirect_from_elsewhere_cannot_reach_this_machine(run, site, other):
    other.put("/secret", DOCUMENT)
    target = f"http://localhost:{other.port}/secret"
    site.pages["http://public.example/o"] = (302, {"Location": target}, b"")
    done = run("http://public.example/o", "-o", "policy.c", status=SYSTEM, **through_proxy(site))
    assert "it has a loopback address, and what names it comes from elsewhere" in done.stderr
    assert other.asked == []


@pytest.mark.parametrize("host", ["169.254.169.254", "10.0.0.1", "[fe80::1]", "192.168.1.1"])
def test_document_on_this_machine_cannot_reach_other_networks(run, site, host):
    site.put("/o", document(f"http://{host}/latest/meta-data"))
    done = run(site.url + "/o", "-o", "policy.c", "--allow-remote-refs", status=REFUSED)
    assert "and what names it comes from elsewhere [cannot-fetch]" in done.stderr


def test_same_site_through_a_proxy(run, site):
    site.pages["http://public.example/o"] = (200, {}, document("item.yaml").encode())
    site.pages["http://public.example/item.yaml"] = (200, {}, ITEM.encode())
    done = to_policy(run, "http://public.example/o", "--allow-remote-refs", **through_proxy(site))
    assert "tool listPets" in done.stdout


def test_proxy_of_the_environment_only(run, site, tmp_path):
    """A .netrc or .curlrc of somebody's home changes nothing."""
    (tmp_path / ".curlrc").write_text("proxy = http://127.0.0.1:9\n")
    (tmp_path / ".netrc").write_text("machine localhost login me password secret\n")
    site.put("/o", DOCUMENT)
    to_policy(run, site.url + "/o", HOME=tmp_path)
