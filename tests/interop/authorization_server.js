// A real authorization server (oidc-provider) for the tests: prints its port, and lives until its
// standard input ends. Clients: robot (client credentials), person (code, refresh), tv (device),
// exchanger (RFC 8693, as a custom grant), and signers that authenticate with private_key_jwt, one
// for each argument NAME=ALGORITHM=FILE of a key set.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const server = createServer();
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const port = server.address().port;

const secret = "canary-secret";
const signers = process.argv.slice(2).map((argument) => {
  const [name, algorithm, file] = argument.split("=");
  const { keys } = JSON.parse(readFileSync(file, "utf8"));
  for (const key of keys) delete key.alg; // an RSA key set says RS256
  return { client_id: name, token_endpoint_auth_method: "private_key_jwt",
    token_endpoint_auth_signing_alg: algorithm, jwks: { keys },
    grant_types: ["client_credentials"], redirect_uris: [], response_types: [], scope: "read" };
});
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    { client_id: "robot", client_secret: secret, grant_types: ["client_credentials"],
      redirect_uris: [], response_types: [], scope: "read write" },
    { client_id: "person", client_secret: secret, application_type: "native",
      grant_types: ["authorization_code", "refresh_token"],
      redirect_uris: ["http://127.0.0.1/callback", "http://127.0.0.1/mcp/callback"],
      response_types: ["code"] },
    { client_id: "tv", application_type: "native", token_endpoint_auth_method: "none",
      grant_types: ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
      redirect_uris: [], response_types: [] },
    { client_id: "exchanger", client_secret: secret,
      grant_types: ["urn:ietf:params:oauth:grant-type:token-exchange"],
      redirect_uris: [], response_types: [] },
    ...signers,
  ],
  enabledJWA: { clientAuthSigningAlgValues: ["RS256", "PS256", "ES256", "ES384", "EdDSA"] },
  scopes: ["openid", "offline_access", "read", "write"],
  pkce: { required: () => true },
  features: {
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    introspection: { enabled: true },
    devInteractions: { enabled: true },
  },
  ttl: { AccessToken: 3600, ClientCredentials: 3600 },
  rotateRefreshToken: true,
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
});

// the subject token is of the tests' own issuer; its subject becomes the account
provider.registerGrantType(
  "urn:ietf:params:oauth:grant-type:token-exchange",
  async (context) => {
    const { subject_token: token, subject_token_type: type, audience } = context.oidc.params;
    if (type !== "urn:ietf:params:oauth:token-type:access_token") throw new Error("type");
    const { sub } = JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
    const access = new provider.AccessToken({
      accountId: sub, client: context.oidc.client, scope: "read", gty: "token_exchange" });
    access.extra = { audience };
    context.body = {
      access_token: await access.save(), expires_in: access.expiration, token_type: "Bearer",
      issued_token_type: "urn:ietf:params:oauth:token-type:access_token" };
  },
  ["subject_token", "subject_token_type", "requested_token_type", "audience", "scope"],
);

server.on("request", provider.callback());
console.log(port);
process.stdin.resume().on("end", () => process.exit(0));
