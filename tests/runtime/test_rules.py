"""Each statement about who may do what, biting and not biting, with real tokens on a real server."""

import itertools
import json
import random

import pytest
from conftest import Backend, Issuer, Server, Stdio

DOCUMENT = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: "http://127.0.0.1:9"}]
paths:
  /orders:
    get: {operationId: listOrders}
    post:
      operationId: placeOrder
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                quantity: {type: [integer, string]}
                product: {type: string}
                tags: {type: array, items: {type: string}}
  /orders/{id}:
    delete: {operationId: deleteOrder, parameters: [{name: id, in: path, required: true, schema: {type: integer}}]}
  /users/{user}/orders:
    get: {operationId: userOrders, parameters: [{name: user, in: path, required: true, schema: {type: string}}]}
  /accounts/{account}:
    get: {operationId: account, parameters: [{name: account, in: path, required: true, schema: {type: integer}}]}
  /mine:
    get: {operationId: mine, parameters: [{name: owner, in: query, required: true, schema: {type: string}}]}
  /reports: {get: {operationId: reports}}
  /partners: {get: {operationId: partners}}
  /console: {get: {operationId: console}}
  /wire: {get: {operationId: wire}}
  /edit: {get: {operationId: edit}}
  /quota: {get: {operationId: quota}}
  /trial: {get: {operationId: trial}}
  /health: {get: {operationId: health}}
"""

POLICY = """
mcpp 1
api "shop.yaml"
verifier staff jwt {
	issuer   "STAFF"
	jwks     "STAFF/.well-known/jwks.json"
	audience "backend-api"
	roles    claim "realm_access.roles"
}
verifier partner jwt {
	issuer   "PARTNER"
	jwks     "PARTNER/.well-known/jwks.json"
	audience "backend-api"
	scopes   claim "permissions"
}
accept staff, partner
validate tokens

scope "read"  "See orders"
scope "write" "Change orders" implies "read"
scope "admin" "Everything" granted when claim "groups" contains "admins"
role editor
role keeper when scope "write" unless claim "suspended" == true
role boss   when role keeper and scope "admin"

tool listOrders  GET    /orders              needs "read"
tool placeOrder  POST   /orders              needs "write"
tool deleteOrder DELETE /orders/{id}         needs role keeper
tool userOrders  GET    /users/{user}/orders needs token
tool account     GET    /accounts/{account}  needs token
tool mine        GET    /mine                needs token
tool reports     GET    /reports             needs token
tool partners    GET    /partners            needs nothing
tool console     GET    /console             needs token
tool wire        GET    /wire                needs nothing
tool edit        GET    /edit                needs role editor
tool quota       GET    /quota               needs token
tool trial       GET    /trial               needs nothing
tool health      GET    /health              needs nothing

hide deleteOrder, console unless role boss
deny * when claim "org.state" == "suspended" "Your organisation is suspended."
deny placeOrder when arg quantity > 100 unless role boss "Orders above 100 need a boss."
deny placeOrder when arg product matches "secret*" or arg tags contains "secret"
allow only userOrders when claim "sub" == arg user "Only your own orders."
allow only userOrders when role boss
allow only account when claim "account" == arg account
deny reports unless claim "level" >= 3 or claim "https://shop.example/tier" in { "gold", "platinum" }
allow only partners when verifier partner
deny wire when transport http
fill mine.owner from claim "sub"
limit quota 2 per hour burst 2
"""


@pytest.fixture(scope="module")
def shop():
    with Backend() as found:
        yield found


@pytest.fixture(scope="module")
def partner(mcpc, tmp_path_factory):
    found = Issuer(mcpc, tmp_path_factory.mktemp("partner-keys"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def program(compile_server, issuer, partner, tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    (folder / "shop.yaml").write_text(DOCUMENT)
    text = POLICY.replace("STAFF", issuer.url).replace("PARTNER", partner.url)
    (folder / "shop.mcpp").write_text(text)
    return compile_server(folder / "shop.mcpp")


@pytest.fixture(scope="module")
def server(program, shop):
    with Server(program, "--backend-url", shop.url) as found:
        yield found


@pytest.fixture(autouse=True)
def ordinary(shop):
    shop.answer(200, None, {"ok": True})
    shop.requests.clear()


def claims(**values):
    """`--claim` options of mcpc token."""
    return {"claim": [f"{name}={json.dumps(value)}" for name, value in values.items()]}


def text_of(answer):
    return answer["result"]["content"][0]["text"]


def check_allowed(server, shop, name, arguments, token):
    before = len(shop.requests)
    status, _, answer = server.call_tool(name, arguments, token)
    assert status == 200 and not answer["result"]["isError"], answer
    assert len(shop.requests) == before + 1
    return shop.requests[-1]


def check_denied(server, shop, name, arguments, token, status=403):
    """An error with this status; nothing goes to the backend. (headers, message)"""
    before = len(shop.requests)
    found, headers, answer = server.call_tool(name, arguments, token)
    assert found == status, answer
    assert answer["error"]["code"] == status
    assert len(shop.requests) == before
    return headers, answer["error"]["message"]


def check_refused(server, shop, name, arguments, token, part):
    """A tool result that says why, for a model to read; nothing goes to the backend."""
    before = len(shop.requests)
    status, headers, answer = server.call_tool(name, arguments, token)
    assert status == 200 and answer["result"]["isError"], answer
    assert part in text_of(answer)
    assert "WWW-Authenticate" not in headers
    assert len(shop.requests) == before


def check_unknown(server, name, token):
    """Exactly what a name that never was gets."""
    status, headers, answer = server.call_tool(name, {}, token)
    other_status, other_headers, other = server.call_tool("never" + name, {}, token)
    assert status == other_status == 200
    assert answer["error"]["code"] == other["error"]["code"] == -32602
    assert answer["error"]["message"] == other["error"]["message"].replace("never", "")
    assert headers.keys() == other_headers.keys()


# ---- scopes and roles ----


def test_a_scope_implies_others(server, shop, issuer):
    check_allowed(server, shop, "listOrders", {}, issuer.token("write"))
    headers, _ = check_denied(server, shop, "placeOrder", {}, issuer.token("read"))
    assert 'scope="write"' in headers["WWW-Authenticate"]


def test_a_scope_is_granted_by_a_claim(server, shop, issuer):
    boss = issuer.token("write", **claims(groups=["users", "admins"]))
    check_allowed(server, shop, "placeOrder", {"quantity": 1000}, boss)
    for groups in (["users"], "admin", ["admins "], {"admins": True}):
        other = issuer.token("write", **claims(groups=groups))
        check_refused(server, shop, "placeOrder", {"quantity": 1000}, other, "need a boss")
    # one value is a list of one
    check_allowed(
        server,
        shop,
        "placeOrder",
        {"quantity": 1000},
        issuer.token("write", **claims(groups="admins")),
    )


def test_a_role_with_a_condition(server, shop, issuer):
    keeper = issuer.token("write", **claims(groups=["admins"]))
    check_allowed(server, shop, "deleteOrder", {"id": 1}, keeper)
    suspended = issuer.token("write", **claims(groups=["admins"], suspended=True))
    check_unknown(server, "deleteOrder", suspended)  # no keeper, so no boss
    text = issuer.token("write", **claims(groups=["admins"], suspended="true"))
    check_allowed(server, shop, "deleteOrder", {"id": 1}, text)  # a text is not true


def test_a_role_that_the_issuer_lists(server, shop, issuer, partner):
    editor = issuer.token(**claims(realm_access={"roles": ["editor", "x"]}))
    check_allowed(server, shop, "edit", {}, editor)
    headers, _ = check_denied(server, shop, "edit", {}, issuer.token("write"))
    assert "scope=" not in headers["WWW-Authenticate"]  # no scope would help
    # the other verifier has no roles claim, and a scope of that name is no role
    other = partner.token(**claims(realm_access={"roles": ["editor"]}, permissions=["editor"]))
    check_denied(server, shop, "edit", {}, other)
    # nobody becomes a keeper by a list
    listed = issuer.token(**claims(realm_access={"roles": ["keeper", "boss"]}))
    check_unknown(server, "deleteOrder", listed)


# ---- hide ----


def test_hidden_tools_are_not_listed_and_unknown(server, shop, issuer):
    boss = issuer.token("write", **claims(groups=["admins"]))
    assert {"deleteOrder", "console"} <= set(server.list_tools(boss))
    check_allowed(server, shop, "console", {}, boss)
    for token in (None, issuer.token("write"), issuer.token("admin read")):
        assert not {"deleteOrder", "console"} & set(server.list_tools(token))
        check_unknown(server, "console", token)
        check_unknown(server, "deleteOrder", token)
    _, _, answer = server.call_mcp("tools/list", {}, boss)
    assert answer["result"]["cacheScope"] == "private"


# ---- deny ----


def test_deny_by_a_claim(server, shop, issuer):
    suspended = issuer.token("write", **claims(org={"state": "suspended"}))
    for name in ("listOrders", "health", "reports"):
        headers, message = check_denied(server, shop, name, {}, suspended)
        assert "Your organisation is suspended." in message
        assert "WWW-Authenticate" not in headers  # no other scope would help
    check_allowed(
        server, shop, "health", {}, issuer.token(**claims(org={"state": "active"}))
    )
    flat = issuer.token(**claims(**{"org.state": "suspended"}))  # another claim
    check_allowed(server, shop, "health", {}, flat)
    check_allowed(server, shop, "health", {}, None)


def test_deny_by_an_argument(server, shop, issuer):
    token = issuer.token("write")
    for quantity in (1, 100, 100.0, 1e2):
        check_allowed(server, shop, "placeOrder", {"quantity": quantity}, token)
    for quantity in (101, 10**30):
        check_refused(
            server, shop, "placeOrder", {"quantity": quantity}, token, "Orders above 100"
        )
    check_allowed(server, shop, "placeOrder", {}, token)  # absent


def test_no_type_leads_past_a_rule(server, shop, issuer):
    """The schema takes a text here; the rule does not."""
    token = issuer.token("write")
    check_refused(
        server,
        shop,
        "placeOrder",
        {"quantity": "101"},
        token,
        'The argument "quantity" must be a number',
    )
    check_refused(server, shop, "placeOrder", {"quantity": None}, token, "must be a number")
    check_refused(server, shop, "placeOrder", {"tags": ["a", 7]}, token, "must be a string")
    boss = issuer.token("write", **claims(groups=["admins"]))
    check_refused(server, shop, "placeOrder", {"quantity": "101"}, boss, "must be a number")


def test_deny_by_text(server, shop, issuer):
    token = issuer.token("write")
    for arguments in ({"product": "secret"}, {"product": "secrets"}, {"tags": ["a", "secret"]}):
        check_refused(server, shop, "placeOrder", arguments, token, "A rule of this server")
    for arguments in ({"product": "Secret"}, {"product": "a secret"}, {"tags": ["secrets"]}):
        check_allowed(server, shop, "placeOrder", arguments, token)
    before = len(shop.requests)
    escaped = b'{"product":"\\u0073ecret"}'
    status, _, answer = server.post(
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"placeOrder",'
        b'"arguments":' + escaped + b"}}",
        {"MCP-Protocol-Version": "2025-11-25", "Authorization": f"Bearer {token}"},
    )
    assert status == 200 and answer["result"]["isError"]
    assert len(shop.requests) == before


def test_deny_unless_a_number_or_one_of(server, shop, issuer):
    allowed = [{"level": 3}, {"level": 10.5}, {"https://shop.example/tier": "gold"}]
    denied = [{}, {"level": 2}, {"level": "3"}, {"https://shop.example/tier": "silver"}]
    for values in allowed:
        check_allowed(server, shop, "reports", {}, issuer.token(**claims(**values)))
    for values in denied:
        check_denied(server, shop, "reports", {}, issuer.token(**claims(**values)))


def test_deny_by_transport(server, shop, program):
    check_denied(server, shop, "wire", {}, None)
    with Stdio(program, "--backend-url", shop.url) as stdio:
        answer = stdio.ask(call("wire"))
        assert not answer["result"]["isError"], answer


# ---- allow only ----


def test_only_ones_own(server, shop, issuer):
    alice = issuer.token(sub="alice")
    check_allowed(server, shop, "userOrders", {"user": "alice"}, alice)
    for user in ("bob", "Alice", "alice ", ""):
        status, _, answer = server.call_tool("userOrders", {"user": user}, alice)
        assert status == 200 and answer["result"]["isError"], answer
    check_refused(server, shop, "userOrders", {"user": "bob"}, alice, "Only your own orders.")
    boss = issuer.token("write", sub="carol", **claims(groups=["admins"]))
    check_allowed(server, shop, "userOrders", {"user": "bob"}, boss)


def test_a_claim_against_a_number(server, shop, issuer):
    for value in (42, "42"):
        token = issuer.token(**claims(account=value))
        check_allowed(server, shop, "account", {"account": 42}, token)
        check_refused(server, shop, "account", {"account": 43}, token, "A rule of this server")
    check_refused(
        server,
        shop,
        "account",
        {"account": 42},
        issuer.token(**claims(account=[42])),
        "must be of the type of the caller's claim",
    )
    check_refused(server, shop, "account", {"account": 42}, issuer.token(), "A rule of this")


def test_only_one_verifiers_callers(server, shop, issuer, partner):
    check_allowed(server, shop, "partners", {}, partner.token())
    check_denied(server, shop, "partners", {}, issuer.token("write"))
    check_denied(server, shop, "partners", {}, None, status=401)  # a token might help


def test_scopes_of_the_second_verifier(server, shop, partner):
    check_allowed(server, shop, "listOrders", {}, partner.token(**claims(permissions=["read"])))
    check_denied(server, shop, "listOrders", {}, partner.token("read"))


# ---- fill ----


def test_an_argument_from_a_claim(server, shop, issuer):
    schema = server.list_tools(issuer.token())["mine"]["inputSchema"]
    assert "owner" not in schema.get("properties", {}) and not schema.get("required")
    sub = 'al&ice"/ü'
    request = check_allowed(server, shop, "mine", {}, issuer.token(sub=sub))
    assert request.path == "/mine?owner=al%26ice%22%2F%C3%BC"
    check_refused(
        server, shop, "mine", {"owner": "bob"}, issuer.token(), 'Unknown argument "owner"'
    )
    check_denied(server, shop, "mine", {}, None, status=401)


# ---- limit ----


def test_calls_are_counted_for_each_subject(server, shop, issuer):
    alice, bob = issuer.token(sub="limited-alice"), issuer.token(sub="limited-bob")
    for _ in range(2):
        check_allowed(server, shop, "quota", {}, alice)
    headers, message = check_denied(server, shop, "quota", {}, alice, status=429)
    assert 1 <= int(headers["Retry-After"]) <= 1800 and "again in" in message
    check_allowed(server, shop, "quota", {}, bob)
    check_allowed(server, shop, "quota", {}, issuer.token(sub="limited-carol"))


# ---- the operator ----


def call(name, arguments=None):
    return {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": name, "arguments": arguments or {}},
    }


def start(stdio):
    stdio.ask(
        {
            "jsonrpc": "2.0",
            "id": 0,
            "method": "initialize",
            "params": {
                "protocolVersion": "2025-11-25",
                "capabilities": {},
                "clientInfo": {"name": "t", "version": "1"},
            },
        }
    )
    stdio.send({"jsonrpc": "2.0", "method": "notifications/initialized"})


def names(stdio):
    answer = stdio.ask({"jsonrpc": "2.0", "id": 2, "method": "tools/list"})
    return {tool["name"] for tool in answer["result"]["tools"]}


def test_the_operator_holds_everything(program, shop):
    with Stdio(program, "--backend-url", shop.url) as stdio:
        start(stdio)
        assert {"deleteOrder", "console", "edit"} <= names(stdio)
        allowed = [
            ("deleteOrder", {"id": 1}),
            ("placeOrder", {"quantity": 1000}),  # a boss
            ("reports", {}),
            ("partners", {}),
            ("userOrders", {"user": "anybody"}),
            ("edit", {}),
        ]
        for name, arguments in allowed:
            answer = stdio.ask(call(name, arguments))
            assert not answer["result"]["isError"], answer
        for arguments in ({"product": "secret"}, {"quantity": "1"}):  # rules on arguments bite
            assert stdio.ask(call("placeOrder", arguments))["result"]["isError"]
        answer = stdio.ask(call("mine"))
        assert answer["result"]["isError"] and "--as-claim sub=VALUE" in text_of(answer)


def test_the_operator_with_a_claim(program, shop):
    args = ("--backend-url", shop.url, "--as-claim", "sub=me", "--as-claim", "level=2")
    with Stdio(program, *args) as stdio:
        start(stdio)
        assert not stdio.ask(call("mine"))["result"]["isError"]
        assert shop.requests[-1].path == "/mine?owner=me"
        assert not stdio.ask(call("deleteOrder", {"id": 1}))["result"]["isError"]
        assert stdio.ask(call("reports"))["error"]["code"] == 403
        assert not stdio.ask(call("userOrders", {"user": "me"}))["result"]["isError"]


def test_the_operator_with_scopes(program, shop):
    with Stdio(program, "--backend-url", shop.url, "--as-scopes", "read") as stdio:
        start(stdio)
        assert "console" not in names(stdio)
        assert not stdio.ask(call("listOrders"))["result"]["isError"]
        assert stdio.ask(call("placeOrder"))["error"]["code"] == 403
        assert stdio.ask(call("console"))["error"]["code"] == -32602
    with Stdio(program, "--backend-url", shop.url, "--as-roles", "editor") as stdio:
        start(stdio)
        assert not stdio.ask(call("edit"))["result"]["isError"]
        assert stdio.ask(call("listOrders"))["error"]["code"] == 403


@pytest.mark.parametrize(
    "option, value, part",
    [
        ("--as-scopes", "nothing", "no scope 'nothing'"),
        ("--as-roles", "keeper,king", "no role 'king'"),
        ("--as-claim", "shoe=44", "no claim 'shoe'"),
        ("--as-claim", "sub", "is not NAME=VALUE"),
    ],
)
def test_what_the_policy_does_not_know(program, option, value, part):
    with Stdio(program, option, value) as stdio:
        assert stdio.process.wait(20) == 2
    assert part in stdio.log()


def test_an_operator_statement(compile_server, spec, shop, tmp_path):
    spec(DOCUMENT, "shop.yaml")
    lines = POLICY[POLICY.index('scope "read"') :]
    lines = lines.replace("allow only partners when verifier partner\n", "")
    text = 'mcpp 1\napi "shop.yaml"\noperator scopes "read" claim "sub" "me"\n' + lines
    path = tmp_path / "local.mcpp"
    path.write_text(text)
    program = compile_server(path)
    with Stdio(program, "--backend-url", shop.url) as stdio:
        start(stdio)
        assert not stdio.ask(call("listOrders"))["result"]["isError"]
        assert stdio.ask(call("placeOrder"))["error"]["code"] == 403
        assert not stdio.ask(call("mine"))["result"]["isError"]
        assert shop.requests[-1].path == "/mine?owner=me"
    with Stdio(program, "--backend-url", shop.url, "--as-scopes", "write") as stdio:
        assert not stdio.ask(call("placeOrder"))["result"]["isError"]  # the option says it anew


# ---- lists and calls ----


def test_what_is_listed_is_what_can_be_called(server, issuer, partner):
    """For callers of many kinds: a tool is listed exactly when its name is known in a call."""
    random.seed(5)
    scopes, groups = ["read", "write", "admin"], [None, ["users"], ["admins"], "admins"]
    tokens = [None]
    for held, group in itertools.product(range(8), groups):
        values = {} if group is None else {"groups": group}
        if random.random() < 0.3:
            values["suspended"] = random.choice([True, False])
        if random.random() < 0.3:
            values["realm_access"] = {"roles": ["editor"]}
        some = " ".join(name for i, name in enumerate(scopes) if held >> i & 1)
        tokens.append(issuer.token(some, **claims(**values)))
    every = set(server.list_tools(issuer.token("write", **claims(groups=["admins"]))))
    for token in tokens:
        listed = set(server.list_tools(token))
        for name in every - {"quota"}:
            _, _, answer = server.call_tool(name, {}, token)
            is_unknown = answer.get("error", {}).get("code") == -32602
            assert is_unknown == (name not in listed), (name, answer)
