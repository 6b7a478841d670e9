"""A caller who has to agree to the use of an account of theirs, on HTTP: the URL that the client is
asked to open, the browser's way, and that it ends with the caller who was asked."""

import json
import re
import urllib.parse

import pytest
from conftest import Server, wait_until
from oauth2_policy import authorization, compile_policy  # noqa: F401  (fixtures)
from test_login import code_policy
from test_backend_tokens import form_of

ENV = {"ID": "client-1", "SECRET": "canary-secret"}
URL_MODE = {"io.modelcontextprotocol/clientCapabilities": {"elicitation": {"url": {}}}}


@pytest.fixture
def asking(compile_policy, backend, authorization, issuer, tmp_path):
    program = compile_policy(code_policy(authorization) +
                             f'verifier v jwt {{\n audience "{issuer.audience}"\n}}\naccept v\n')
    with Server(program, "--backend-url", backend.url, *issuer.server_args(), "--state-dir",
                tmp_path / "state", env=ENV) as server:
        yield server


def ask(server, token, meta=URL_MODE):
    status, _, answer = server.call_mcp(
        "tools/call", {"name": "one", "arguments": {}, "_meta": meta}, token)
    assert status == 200, answer
    return answer["result"]


def url_of(result):
    assert result["resultType"] == "input_required" and "content" not in result
    request = result["inputRequests"]["connect"]
    assert request["method"] == "elicitation/create"
    assert request["params"]["mode"] == "url" and "pets-auth" in request["params"]["message"]
    return request["params"]["url"]


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def visit(url, method="GET", cookie=None):
    """(status, headers, text) of what a browser would get, without following it."""
    request = urllib.request.Request(url, method=method, data=b"" if method == "POST" else None)
    if cookie:
        request.add_header("Cookie", "a=b; " + cookie)
    if method == "POST":
        parts = urllib.parse.urlsplit(url)
        request.add_header("Origin", f"{parts.scheme}://{parts.netloc}")
    try:
        with urllib.request.build_opener(NoRedirect).open(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.headers, answer.read().decode()


def begin(url):
    """Goes on from the first page: (the parameters of the authorization request, the cookie)."""
    status, headers, _ = visit(url, "POST")
    assert status == 303
    cookie = headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    query = urllib.parse.urlsplit(headers["Location"]).query
    return dict(urllib.parse.parse_qsl(query, strict_parsing=True)), cookie.split(";")[0]


def come_back(asked, cookie, **more):
    query = urllib.parse.urlencode({"state": asked["state"], "code": "canary-code", **more})
    return visit(f"{asked['redirect_uri']}?{query}", cookie=cookie)


def test_caller_agrees(asking, backend, authorization, issuer, tmp_path):
    alice, bob = issuer.token(sub="<alice>"), issuer.token(sub="bob")
    url = url_of(ask(asking, alice))
    assert url.startswith(asking.url + "/connect/") and "alice" not in url
    assert url_of(ask(asking, alice)) == url, "one asking at a time"
    assert url_of(ask(asking, bob)) != url
    status, headers, page = visit(url)
    assert status == 200 and "&#60;alice&#62;" in page and "<alice>" not in page
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    asked, cookie = begin(url)
    assert asked["redirect_uri"] == asking.url + "/callback"
    assert asked["code_challenge_method"] == "S256"
    status, _, page = come_back(asked, cookie)
    assert status == 200 and "Done" in page
    assert form_of(authorization.requests[0])["code"] == "canary-code"
    result = ask(asking, alice)
    assert result["resultType"] == "complete" and not result["isError"]
    assert backend.requests[0].header("Authorization") == ["Bearer token-1"]
    url_of(ask(asking, bob))  # it is alice's alone
    assert len(backend.requests) == 1
    stored = json.loads((tmp_path / "state" / "tokens.json").read_text())["tokens"]
    assert [(one["issuer"], one["subject"]) for one in stored] == [(issuer.issuer, "<alice>")]
    assert "canary" not in asking.log() and "token-1" not in asking.log()
    assert "canary" not in page and "token-1" not in page


def test_answers_that_are_not_taken(asking, backend, authorization, issuer):
    alice = issuer.token(sub="alice")
    url = url_of(ask(asking, alice))
    asked, cookie = begin(url)
    assert come_back(asked, None)[0] == 400, "another browser"
    assert come_back(asked, "mcpp_connect=x")[0] == 400
    assert come_back({**asked, "state": "x"}, cookie)[0] == 400
    again, newer = begin(url)
    assert come_back(asked, cookie)[0] == 400, "the older asking is over"
    status, _, page = come_back(again, newer, error="access_denied")
    assert status == 400 and "access_denied" in page
    assert come_back(again, newer)[0] == 400, "one answer to an asking"
    assert visit(url)[0] == 404
    assert authorization.requests == []
    url_of(ask(asking, alice))


def test_somebody_else_agrees(asking, authorization, issuer):
    """An ID token of the caller's own issuer says who it was."""
    url = url_of(ask(asking, issuer.token(sub="alice")))
    authorization.grant(id_token=issuer.token(sub="mallory"))
    status, _, page = come_back(*begin(url))
    assert status == 403 and "Somebody else" in page
    url = url_of(ask(asking, issuer.token(sub="alice")))
    authorization.grant(id_token=issuer.token(sub="alice"))
    assert come_back(*begin(url))[0] == 200


def test_code_that_is_not_taken(asking, authorization, issuer):
    url = url_of(ask(asking, issuer.token(sub="alice")))
    authorization.refuse(400, error="invalid_grant", error_description="canary-code is old")
    status, _, page = come_back(*begin(url))
    assert status == 502 and "canary" not in page
    wait_until(lambda: "invalid_grant: [secret] is old" in asking.log(), "the log line")


def test_clients_without_url_mode(asking, issuer):
    result = ask(asking, issuer.token(sub="alice"), {})
    assert result["isError"]
    url = re.search(r"http\S+", result["content"][0]["text"])[0]
    assert visit(url)[0] == 200


@pytest.mark.parametrize("version", ["2025-11-25", "2025-06-18"])
def test_legacy_revisions(asking, issuer, version):
    token = {"Authorization": "Bearer " + issuer.token(sub="alice")}
    _, headers, _ = asking.post({
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {"protocolVersion": version, "capabilities": {"elicitation": {"url": {}}},
                   "clientInfo": {"name": "t", "version": "1"}}}, token)
    session = {"Mcp-Session-Id": headers["Mcp-Session-Id"], "MCP-Protocol-Version": version}
    _, _, answer = asking.post({"jsonrpc": "2.0", "id": 2, "method": "tools/call",
                                "params": {"name": "one", "arguments": {}}}, {**token, **session})
    if version == "2025-11-25":
        assert answer["error"]["code"] == -32042
        (elicitation,) = answer["error"]["data"]["elicitations"]
        assert elicitation["mode"] == "url"
        assert elicitation["url"].endswith("/connect/" + elicitation["elicitationId"])
        assert visit(elicitation["url"])[0] == 200
    else:
        assert answer["result"]["isError"]
