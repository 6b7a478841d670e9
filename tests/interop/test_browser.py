"""A page in a real browser that calls the server with fetch: what CORS has to let through."""

import json

import pytest
from chromium import Chromium
from conftest import Backend, Server, wait_until

SPEC = """
openapi: 3.1.0
info: {title: Paged, version: "1"}
servers: [{url: "http://127.0.0.1:9"}]
paths:
  /shops/{region}:
    get:
      operationId: shops
      parameters:
        - {name: region, in: path, required: true, schema: {type: string, x-mcp-header: Region}}
      responses: {"200": {description: ok}}
"""
POLICY = """mcpp 1
api "spec.yaml"
verifier main jwt {
    issuer   "https://issuer.example"
    audience "nobody"
}
accept main
tool shops GET /shops/{region} needs token
limit shops 1 per hour per all
"""
PAGE = """<!doctype html><script>
const found = {}, endpoint = ENDPOINT, token = TOKEN;
async function ask(name, method, headers, message, read) {
  try {
    const body = message && JSON.stringify({jsonrpc: "2.0", id: 1, ...message});
    const aborter = new AbortController();
    const answer = await fetch(endpoint, {method, headers, body, signal: aborter.signal});
    found[name] = {status: answer.status, header: read && answer.headers.get(read)};
    if (headers.Accept === "text/event-stream") aborter.abort();
    else found[name].body = await answer.text();
  } catch (error) { found[name] = {error: String(error)}; }
  return found[name];
}
const json = {"Content-Type": "application/json", Accept: "application/json, text/event-stream"};
const meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": {name: "page", version: "1"},
  "io.modelcontextprotocol/clientCapabilities": {}};
const call = {method: "tools/call",
  params: {name: "shops", arguments: {region: "north"}, _meta: meta}};
const modern = {...json, "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call",
  "Mcp-Name": "shops", "Mcp-Param-Region": "north"};
const known = {Authorization: "Bearer " + token};
(async () => {
  await ask("anonymous", "POST", modern, call, "WWW-Authenticate");
  await ask("called", "POST", {...modern, ...known, DPoP: "x"}, call);
  await ask("limited", "POST", {...modern, ...known}, call, "Retry-After");
  await ask("other header", "POST", {...modern, ...known, "X-Other": "1"}, call);
  const begin = {method: "initialize", params: {protocolVersion: "2025-11-25", capabilities: {},
    clientInfo: {name: "page", version: "1"}}};
  const begun = await ask("initialize", "POST", {...json, ...known}, begin, "Mcp-Session-Id");
  const session = {...known, "Mcp-Session-Id": begun.header || "none",
    "MCP-Protocol-Version": "2025-11-25"};
  await ask("stream", "GET", {...session, Accept: "text/event-stream", "Last-Event-ID": "1"});
  await ask("delete", "DELETE", session);
  await fetch("/report", {method: "POST", body: JSON.stringify(found)});
})();
</script>"""


@pytest.fixture(scope="module")
def program(compile_server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("paged")
    (folder / "spec.yaml").write_text(SPEC)
    (folder / "paged.mcpp").write_text(POLICY)
    return compile_server(folder / "paged.mcpp")


def browse(folder, pages, url):
    """What the page at this URL of `pages` reports; every name resolves to this machine."""
    reports = lambda: [one for one in pages.requests if one.path == "/report"]  # noqa: E731
    with Chromium(folder, "--host-resolver-rules=MAP *.example 127.0.0.1") as chromium:
        chromium.open(url)
        wait_until(reports, "the page's report", 60)
    return json.loads(reports()[0].body)


@pytest.mark.parametrize("name, is_allowed", [("app.example", True), ("evil.example", False)])
def test_a_page_calls(program, issuer, backend, tmp_path, name, is_allowed):
    with Backend() as pages:
        port = pages.url.rsplit(":", 1)[1]
        allowed = ("--allow-origin", f"http://app.example:{port}", "--backend-url", backend.url)
        with Server(program, *issuer.server_args(), *allowed) as server:
            page = PAGE.replace("ENDPOINT", json.dumps(server.url))
            page = page.replace("TOKEN", json.dumps(issuer.token()))
            pages.route("/page", 200, {"Content-Type": "text/html"}, page.encode())
            found = browse(tmp_path, pages, f"http://{name}:{port}/page")
    assert len(found) == 7, found
    if not is_allowed:
        assert all("error" in one for one in found.values()), found
        assert not backend.requests
        return
    assert found["anonymous"]["status"] == 401, found
    assert "resource_metadata=" in found["anonymous"]["header"]
    assert found["called"]["status"] == 200 and '"ok"' in found["called"]["body"]
    assert [one.path for one in backend.requests] == ["/shops/north"]
    assert found["limited"]["status"] == 429 and int(found["limited"]["header"]) > 0
    assert "error" in found["other header"]
    assert found["initialize"]["status"] == 200 and found["initialize"]["header"]
    assert found["stream"]["status"] == 200 and found["delete"]["status"] == 405
