// One visit of an official SDK client to a server. Reads a plan as JSON from argv[3], prints what
// came of each step as one JSON line. argv[2] is the folder with node_modules.
//   { sdk: "v1" | "v2", era: "legacy" | "modern", url, headers } or { …, command, args, env }
//   oauth: { clientId, clientSecret }: it gets tokens by itself, with client credentials (v1)
//   steps: [{ list: true }, { call: "name", arguments: {…} }, { ping: true }]
"use strict";
const require_from = require("module").createRequire(process.argv[2] + "/");
const plan = JSON.parse(process.argv[3]);

function modules() {
  if (plan.sdk === "v1")
    return {
      Client: require_from("@modelcontextprotocol/sdk/client/index.js").Client,
      Http: require_from("@modelcontextprotocol/sdk/client/streamableHttp.js")
        .StreamableHTTPClientTransport,
      Stdio: require_from("@modelcontextprotocol/sdk/client/stdio.js").StdioClientTransport,
    };
  const main = require_from("@modelcontextprotocol/client");
  return {
    Client: main.Client,
    Http: main.StreamableHTTPClientTransport,
    Stdio: require_from("@modelcontextprotocol/client/stdio").StdioClientTransport,
  };
}

// The SDK's provider for client credentials asks for the scopes that it was made with; this one asks
// for those that the last challenge named (MCP, "Scope Challenge Handling").
function authorization(oauth) {
  const { ClientCredentialsProvider } = require_from(
    "@modelcontextprotocol/sdk/client/auth-extensions.js",
  );
  const { extractWWWAuthenticateParams } = require_from("@modelcontextprotocol/sdk/client/auth.js");
  const provider = new ClientCredentialsProvider(oauth);
  let wanted;
  provider.prepareTokenRequest = () =>
    new URLSearchParams({ grant_type: "client_credentials", ...(wanted && { scope: wanted }) });
  const fetch_and_note = async (url, init) => {
    const answer = await fetch(url, init);
    if (answer.status === 401 || answer.status === 403)
      wanted = extractWWWAuthenticateParams(answer).scope || wanted;
    return answer;
  };
  return { authProvider: provider, fetch: fetch_and_note };
}

async function attempt(client, step) {
  try {
    if (step.list) return { tools: (await client.listTools()).tools };
    if (step.ping) return { ping: await client.ping() };
    return { result: await client.callTool({ name: step.call, arguments: step.arguments }) };
  } catch (error) {
    return { error: { name: error.constructor.name, code: error.code, message: error.message } };
  }
}

async function main() {
  const { Client, Http, Stdio } = modules();
  const options = plan.era === "modern" ? { versionNegotiation: { mode: { pin: "2026-07-28" } } } : {};
  const client = new Client({ name: "tests", version: "1" }, options);
  const transport = plan.url
    ? new Http(new URL(plan.url), {
        requestInit: { headers: plan.headers || {} },
        ...(plan.oauth ? authorization(plan.oauth) : {}),
      })
    : new Stdio({ command: plan.command, args: plan.args || [], env: plan.env || {}, stderr: "ignore" });
  const report = { steps: [] };
  try {
    await client.connect(transport);
    report.server = client.getServerVersion();
    for (const step of plan.steps) report.steps.push(await attempt(client, step));
  } catch (error) {
    report.failed = { name: error.constructor.name, code: error.code, message: error.message };
  }
  await client.close().catch(() => {});
  console.log(JSON.stringify(report));
}

main().then(() => process.exit(0));
