"""The policy of examples/ledger, with real tokens of two issuers, a compiled server and a backend."""

import json
import pathlib
import shutil
import subprocess

import pytest
from conftest import ROOT, Backend, Issuer, Server, wait_until

FOLDER = ROOT / "examples" / "ledger"
TRANSFER = {"tenant": "north", "from": "7", "to": "8", "amount": 100}


class Ledger:
    """A server for the example whose issuers and backend are on loopback."""

    def __init__(self, mcpc, compile_server, folder):
        self.issuer, self.backend = Issuer(mcpc, folder), Backend()
        realm = self.issuer.url + "/realms/ledger"
        certs = "/realms/ledger/protocol/openid-connect/certs"
        self.issuer.server.route(certs, 200, None, self.issuer.jwks("rsa"))
        metadata = {"issuer": self.issuer.url, "jwks_uri": self.issuer.jwks_url}
        self.issuer.server.route("/.well-known/openid-configuration", 200, body=metadata)
        text = (FOLDER / "ledger.mcpp").read_text()
        for old, new in (
            ("https://id.example/realms/ledger", realm),
            ("https://bank.example", self.issuer.url),
            ("https://ledger.example/v1", self.backend.url),
        ):
            assert old in text
            text = text.replace(old, new)
        shutil.copy(FOLDER / "openapi.yaml", folder)
        (folder / "ledger.mcpp").write_text(text)
        self.realm = realm
        program = compile_server(folder / "ledger.mcpp")
        self.server = Server(program, env={"LEDGER_TOKEN": "books"})

    def staff(self, scope="ledger.write", **claims):
        listed = [f"{name}={json.dumps(value)}" for name, value in claims.items()]
        return self.issuer.token(scope, iss=self.realm, aud="ledger-mcp", claim=listed)

    def partner(self, scope="ledger.write", **claims):
        listed = [f"{name}={json.dumps(value)}" for name, value in claims.items()]
        return self.issuer.token(scope, iss=self.issuer.url, aud="ledger-mcp", claim=listed)

    def call(self, tool, arguments, token):
        """The HTTP status, and what the tool says when it refuses."""
        self.backend.requests.clear()
        status, _, answer = self.server.call_tool(tool, arguments, token=token)
        result = answer.get("result", {}) if isinstance(answer, dict) else {}
        refusal = result["content"][0]["text"] if result.get("isError") else None
        return status, refusal


@pytest.fixture(scope="module")
def ledger(mcpc, compile_server, tmp_path_factory):
    found = Ledger(mcpc, compile_server, tmp_path_factory.mktemp("ledger"))
    with found.server:
        for token in (found.staff(tenant="north"), found.partner(tenant="north")):
            wait_until(
                lambda: found.call("getAccount", {"tenant": "north", "account": "7"}, token)[0]
                == 200,
                "the keys",
            )
        yield found
        found.issuer.close()
        found.backend.close()


def names(ledger, token):
    return set(ledger.server.list_tools(token=token))


def test_the_example_is_flawless(mcpc):
    def run(*args):
        done = subprocess.run(
            [mcpc, *args], cwd=FOLDER, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    assert run("check", "ledger.mcpp", "--deny-warnings") == ""
    assert run("fmt", "--check", "ledger.mcpp", "ledger.mcpp-test") == ""
    says = run("test", "ledger.mcpp", "ledger.mcpp-test")
    assert " 0 failed" in says and "rule coverage: 5 of 5" in says


def test_the_script(mcpc):
    build = pathlib.Path(mcpc).parent
    done = subprocess.run(
        [FOLDER / "run.sh", build], capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "rule coverage: 5 of 5" in done.stdout and "arg amount > 10000" in done.stdout


def test_public_and_not(ledger):
    assert ledger.call("getRates", {}, None) == (200, None)
    assert ledger.call("getAccount", {"tenant": "north", "account": "7"}, None)[0] == 401


def test_a_tenant_reads_its_own_books(ledger):
    token = ledger.partner("ledger.read", tenant="north")
    assert ledger.call("getAccount", {"tenant": "north", "account": "7"}, token) == (200, None)
    assert ledger.backend.requests[0].path == "/tenants/north/accounts/7"
    assert ledger.backend.requests[0].header("Authorization") == ["Bearer books"]
    status, refusal = ledger.call("getAccount", {"tenant": "south", "account": "7"}, token)
    assert status == 200 and refusal == "This belongs to another tenant."
    assert ledger.backend.requests == []


def test_an_argument_comes_from_the_token(ledger):
    token = ledger.partner("ledger.read", tenant="north")
    assert ledger.call("listAccounts", {}, token) == (200, None)
    assert ledger.backend.requests[0].path == "/tenants/north/accounts"
    schema = ledger.server.list_tools(token=token)["listAccounts"]["inputSchema"]
    assert "tenant" not in schema["properties"]
    status, refusal = ledger.call("listAccounts", {"tenant": "south"}, token)
    assert refusal and ledger.backend.requests == []
    assert ledger.call("listAccounts", {}, ledger.partner("ledger.read"))[0] == 403


def test_amounts(ledger):
    large = {**TRANSFER, "amount": 10000.01}
    token = ledger.partner(tenant="north", sub="bank-1")
    assert ledger.call("transfer", {**TRANSFER, "amount": 10000}, token) == (200, None)
    assert ledger.call("transfer", large, token)[1] == "More than 10000 is for a teller."
    assert ledger.backend.requests == []
    assert ledger.call("transfer", large, ledger.staff(tenant="north", sub="t-1")) == (200, None)
    suspended = ledger.partner(tenant="north", status="suspended")
    assert ledger.call("transfer", TRANSFER, suspended)[0] == 403


def test_supervision_is_hidden(ledger):
    supervision = {"closeAccount", "readAudit"}
    auditor = ledger.staff(tenant="north", groups=["auditors"])
    supervisor = ledger.staff(tenant="north", realm_access={"roles": ["supervisor"]})
    assert not names(ledger, ledger.partner(tenant="north")) & supervision
    assert not names(ledger, ledger.partner(tenant="north", groups=["auditors"])) & supervision
    assert names(ledger, auditor) >= supervision
    account = {"tenant": "north", "account": "7"}
    status, _, answer = ledger.server.call_tool("closeAccount", account, token=auditor)
    assert status == 403 and "Only a supervisor closes accounts." in json.dumps(answer)
    assert ledger.call("closeAccount", account, supervisor) == (200, None)
    assert ledger.backend.requests[0].method == "DELETE"


def test_transfers_are_limited_for_each_subject(ledger):
    token = ledger.partner(tenant="north", sub="busy")
    statuses = []
    while len(statuses) < 50 and 429 not in statuses:  # the bucket also fills, slowly
        statuses.append(ledger.call("transfer", TRANSFER, token)[0])
    assert statuses[:3] == [200] * 3 and statuses[-1] == 429
    other = ledger.partner(tenant="north", sub="calm")
    assert ledger.call("transfer", TRANSFER, other)[0] == 200
