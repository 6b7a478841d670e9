"""Each preset and pattern of the standard library on a real server, with tokens as the provider makes
them. A preset's key set is one of ours; for keycloak, whose URL is a parameter, even that is the preset's."""

import json
import re
import subprocess

import pytest
from conftest import Backend, Issuer, Server

DOCUMENT = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: "http://127.0.0.1:9"}]
paths:
  /any: {get: {operationId: any}}
  /read: {get: {operationId: read}}
  /edit: {get: {operationId: edit}}
"""
PRESETS = """
mcpp 1
api "shop.yaml"
verifier keycloak from keycloak {
    realm    "URL/realms/main"
    audience "shop"
}
verifier auth0 from auth0 {
    domain   "example.eu.auth0.com"
    audience "https://shop.example"
    jwks     "JWKS"
}
verifier entra from entra {
    tenant   "00000000-0000-0000-0000-000000000001"
    audience "11111111-0000-0000-0000-000000000000"
    jwks     "JWKS"
}
verifier okta from okta {
    domain   "example.okta.com"
    audience "api://default"
    jwks     "JWKS"
}
verifier cognito from cognito {
    region   "eu-central-1"
    pool     "eu-central-1_abc"
    audience "https://shop.example"
    jwks     "JWKS"
}
verifier google from google {
    client "123.apps.googleusercontent.com"
    jwks   "JWKS"
}
verifier github from github {
    audience "https://shop.example"
    jwks     "JWKS"
}
verifier oidc from oidc {
    issuer   "https://login.example"
    audience "shop"
    jwks     "JWKS"
}
accept keycloak, auth0, entra, okta, cognito, google, github, oidc
validate tokens
scope "read"
role editor
tool any  GET /any  needs token
tool read GET /read needs "read"
tool edit GET /edit needs role editor
"""
# name: issuer, audience, claims that give the scope, claims that give the role
PROVIDERS = {
    "keycloak": ("URL/realms/main", "shop", {"scope": "profile read"}, {"realm_access": {"roles": ["editor"]}}),
    "auth0": ("https://example.eu.auth0.com/", "https://shop.example", {"scope": "read"}, None),
    "entra": (
        "https://login.microsoftonline.com/00000000-0000-0000-0000-000000000001/v2.0",
        "11111111-0000-0000-0000-000000000000",
        {"scp": "read"},
        {"roles": ["editor"]},
    ),
    "okta": ("https://example.okta.com/oauth2/default", "api://default", {"scp": ["read"]}, {"groups": ["editor"]}),
    "cognito": (
        "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_abc",
        "https://shop.example",
        {"scope": "read"},
        {"cognito:groups": ["editor"]},
    ),
    "google": ("https://accounts.google.com", "123.apps.googleusercontent.com", None, None),
    "github": ("https://token.actions.githubusercontent.com", "https://shop.example", None, None),
    "oidc": ("https://login.example", "shop", {"scope": "read"}, None),
}


@pytest.fixture(scope="module")
def issuer(mcpc, tmp_path_factory):
    found = Issuer(mcpc, tmp_path_factory.mktemp("issuer"))
    found.server.route("/realms/main/protocol/openid-connect/certs", 200, None, found.jwks("rsa", "ec"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def shop():
    backend = Backend()
    backend.answer(200, None, {"ok": True})
    yield backend
    backend.close()


@pytest.fixture(scope="module")
def build(compile_server, issuer, tmp_path_factory):
    def compile_text(document, policy):
        folder = tmp_path_factory.mktemp("shop")
        (folder / "shop.yaml").write_text(document)
        text = policy.replace("URL", issuer.url).replace("JWKS", issuer.jwks_url)
        (folder / "shop.mcpp").write_text(text.lstrip())
        return compile_server(folder / "shop.mcpp")

    return compile_text


@pytest.fixture(scope="module")
def presets(build, shop):
    with Server(build(DOCUMENT, PRESETS), "--backend-url", shop.url) as server:
        yield server


def token(issuer, iss, aud, values):
    claim = [f"{name}={json.dumps(value)}" for name, value in values.items()]
    return issuer.token(iss=iss.replace("URL", issuer.url), aud=aud, claim=claim)


def status_of(server, tool, shown=None, arguments=None):
    status, _, answer = server.call_tool(tool, arguments, shown)
    if status == 200 and "result" in answer and answer["result"]["isError"]:
        return "refused"
    return status if "result" in answer else answer["error"]["code"]


def test_every_preset_is_here(mcpc):
    listed = subprocess.run([mcpc, "doc"], capture_output=True, text=True, check=True).stdout
    names = re.findall(r"^<([a-z0-9]+)>", listed, re.M)
    patterns = {"readonly", "rbac", "tenancy", "destructive"}
    assert set(names) == set(PROVIDERS) | patterns


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_preset_knows_its_provider(name, presets, issuer):
    iss, aud, scope, role = PROVIDERS[name]
    plain = token(issuer, iss, aud, {})
    assert status_of(presets, "any", plain) == 200
    assert status_of(presets, "read", plain) == 403
    assert status_of(presets, "edit", plain) == 403
    if scope:
        assert status_of(presets, "read", token(issuer, iss, aud, scope)) == 200
    if role:
        assert status_of(presets, "edit", token(issuer, iss, aud, role)) == 200


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_preset_takes_no_other_tokens(name, presets, issuer):
    iss, aud, _, _ = PROVIDERS[name]
    assert status_of(presets, "any") == 401
    assert status_of(presets, "any", token(issuer, iss, "another", {})) == 401
    assert status_of(presets, "any", token(issuer, iss.rstrip("/") + "x", aud, {})) == 401


# ---- patterns ----

PETS = """
openapi: 3.1.0
info: {title: Pets, version: "1"}
servers: [{url: "http://127.0.0.1:9"}]
paths:
  /pets:
    get: {operationId: list, parameters: [{name: shop, in: query, schema: {type: string}}]}
    post: {operationId: add}
  /pets/{id}:
    delete: {operationId: remove, parameters: [{name: id, in: path, required: true, schema: {type: integer}}]}
"""
HEAD = """
mcpp 1
api "shop.yaml"
verifier main from oidc {
    issuer   "URL"
    audience "backend-api"
    jwks     "JWKS"
    roles    claim "roles"
}
accept main
validate tokens
tool list   GET    /pets      needs nothing
tool add    POST   /pets      needs token
tool remove DELETE /pets/{id} needs token
"""


@pytest.fixture
def serve(build, shop):
    servers = []

    def start(lines):
        server = Server(build(PETS, HEAD + lines + "\n"), "--backend-url", shop.url)
        servers.append(server.__enter__())
        return servers[-1]

    yield start
    for server in servers:
        server.__exit__(None, None, None)


def with_claims(issuer, **values):
    return token(issuer, issuer.url, "backend-api", values)


def test_rbac(serve, issuer):
    server = serve('include <rbac> { editor "shop-editor" }')
    calls = {"list": None, "add": None, "remove": {"id": 1}}
    for roles, allowed in [
        ([], ""),
        (["viewer"], "list"),
        (["editor"], ""),
        (["shop-editor"], "list add"),
        (["admin"], "list add remove"),
    ]:
        shown = with_claims(issuer, roles=roles)
        for tool, arguments in calls.items():
            wanted = 200 if tool in allowed.split() else 403
            assert status_of(server, tool, shown, arguments) == wanted, (roles, tool)
    assert status_of(server, "list") == 401


def test_rbac_with_a_role_of_the_policy(serve, issuer):
    server = serve('include <rbac>\nrole admin when claim "groups" contains "bosses"')
    listed, held = with_claims(issuer, roles=["admin"]), with_claims(issuer, groups=["bosses"])
    assert status_of(server, "remove", listed, {"id": 1}) == 403
    assert status_of(server, "remove", held, {"id": 1}) == 200


def test_tenancy(serve, issuer):
    server = serve('include <tenancy> { claim "org" argument shop }')
    shown = with_claims(issuer, org="a")
    assert status_of(server, "list", shown, {"shop": "a"}) == 200
    assert status_of(server, "list", shown, {}) == 200
    assert status_of(server, "list", shown, {"shop": "b"}) == "refused"
    assert status_of(server, "list", with_claims(issuer), {"shop": "a"}) == "refused"


def test_destructive(serve, issuer):
    server = serve('role keeper when claim "keeper" == true\ninclude <destructive> { role keeper }')
    assert status_of(server, "remove", with_claims(issuer), {"id": 1}) == 403
    assert status_of(server, "remove", with_claims(issuer, keeper=True), {"id": 1}) == 200
    assert status_of(server, "add", with_claims(issuer)) == 200


def test_readonly(serve, issuer):
    server = serve("include <readonly>")
    shown = with_claims(issuer, roles=["admin"])
    assert set(server.list_tools(shown)) == {"list"}
    assert status_of(server, "list", shown) == 200
    assert status_of(server, "add", shown) == -32602
    assert status_of(server, "remove", shown, {"id": 1}) == -32602
