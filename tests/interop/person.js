// An official SDK client that signs a person in by itself: metadata, registration, authorization
// code with PKCE, and again when a call needs more scopes. argv[2] is the folder with node_modules,
// argv[3] a plan: { sdk: "v1" | "v2", url, redirect, calls: [names],
// client: one that is registered already, or nothing }. Prints "open URL" when the
// person has to go there and then reads the URL that their browser ended at; at last one JSON line.
"use strict";
const require_from = require("module").createRequire(process.argv[2] + "/");
const plan = JSON.parse(process.argv[3]);
const is_v1 = plan.sdk === "v1";
const { Client } = require_from(
  is_v1 ? "@modelcontextprotocol/sdk/client/index.js" : "@modelcontextprotocol/client",
);
const { StreamableHTTPClientTransport: Http } = require_from(
  is_v1 ? "@modelcontextprotocol/sdk/client/streamableHttp.js" : "@modelcontextprotocol/client",
);
const answers = require("readline").createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const report = { authorizations: [], results: [] };

class Person {
  get redirectUrl() { return plan.redirect; }
  get clientMetadata() {
    return { client_name: "tests", redirect_uris: [plan.redirect], application_type: "native",
      grant_types: ["authorization_code"], response_types: ["code"],
      token_endpoint_auth_method: "none" };
  }
  state() { return (this.sent = require("crypto").randomBytes(16).toString("hex")); }
  clientInformation() { return this.client || plan.client; }
  saveClientInformation(client) { this.client = client; }
  tokens() { return this.kept; }
  saveTokens(tokens) { this.kept = tokens; }
  codeVerifier() { return this.verifier; }
  saveCodeVerifier(verifier) { this.verifier = verifier; }
  async redirectToAuthorization(url) {
    report.authorizations.push(Object.fromEntries(url.searchParams));
    console.log(`open ${url}`);
    this.landed = new URL((await answers.next()).value).searchParams;
    if (this.landed.has("error")) throw new Error(`${this.landed}`);
    if (this.landed.get("state") !== this.sent) throw new Error("the state is another one");
  }
}

const person = new Person();
let client, transport;

async function connect() {
  client = new Client({ name: "tests", version: "1" },
    is_v1 ? {} : { versionNegotiation: { mode: { pin: "2026-07-28" } } });
  transport = new Http(new URL(plan.url), { authProvider: person });
  await client.connect(transport);
}

// What the person has agreed to meanwhile is fetched, and the same thing tried again.
async function attempt(what) {
  try {
    return await what();
  } catch (error) {
    if (!person.landed) throw error;
    await transport.finishAuth(is_v1 ? person.landed.get("code") : person.landed);
    person.landed = undefined;
    return await what();
  }
}

async function main() {
  try {
    await attempt(connect);
    for (const name of plan.calls)
      report.results.push(await attempt(() => client.callTool({ name, arguments: {} })));
    await client.close();
  } catch (error) {
    report.failed = `${error.constructor.name}: ${error.message}`;
  }
  console.log(JSON.stringify(report));
}

main().then(() => process.exit(0));
