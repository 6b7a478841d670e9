// A real authorization server (oidc-provider) for tests. argv[2] is the folder with node_modules,
// argv[3] the configuration as JSON: { port, keys: [private JWKs] }. Prints its URL when it listens.
//   clients: "machine" (client_credentials), "server" (introspection), "desktop" (code, no secret), and those that
//   register; people sign in at its own pages with any name and password
//   resources: one that ends in /opaque gets opaque tokens, any other one JWTs of the audience "mcp",
//   or of the resource itself when it is on loopback
"use strict";
const path = require("path");
const { pathToFileURL } = require("url");
const config = JSON.parse(process.argv[3]);

async function main() {
  const entry = path.join(process.argv[2], "node_modules/oidc-provider/lib/index.js");
  const { default: Provider } = await import(pathToFileURL(entry).href);
  const url = `http://127.0.0.1:${config.port}`;
  const client = {
    redirect_uris: [],
    response_types: [],
    grant_types: [],
    id_token_signed_response_alg: config.keys[0].alg, // there are no ID tokens; it must have a key
  };
  const provider = new Provider(url, {
    clients: [
      { ...client, client_id: "machine", client_secret: "machine-secret", scope: "read write",
        grant_types: ["client_credentials"] },
      { ...client, client_id: "server", client_secret: "server-secret" },
      { ...client, client_id: "desktop", token_endpoint_auth_method: "none", scope: "read write",
        application_type: "native", redirect_uris: ["http://127.0.0.1/callback"],
        grant_types: ["authorization_code"], response_types: ["code"] },
    ],
    clientDefaults: { id_token_signed_response_alg: config.keys[0].alg },
    jwks: { keys: config.keys },
    pkce: { required: () => true },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    scopes: ["read", "write"],
    features: {
      devInteractions: { enabled: true },
      registration: { enabled: true },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource) => ({
          scope: "read write",
          audience: resource.startsWith("http://127.0.0.1:") ? resource : "mcp",
          accessTokenTTL: 600,
          accessTokenFormat: resource.endsWith("/opaque") ? "opaque" : "jwt",
          jwt: { sign: { alg: config.keys[0].alg } },
        }),
      },
    },
  });
  provider.listen(config.port, "127.0.0.1", () => console.log(url));
}

main();
