// oauth2-mock-server, with hooks that spoil tokens, and answers of its token endpoint and of its
// introspection, as the scope or the client's name says. argv[2] is the folder with
// node_modules. Prints its URL when it listens.
"use strict";
const path = require("path");
const { pathToFileURL } = require("url");

const spoil = {
  expired: (token) => (token.payload.exp = 1000000000),
  future: (token) => (token.payload.nbf = 9999999999),
  audience: (token) => (token.payload.aud = "other"),
  issuer: (token) => (token.payload.iss += "/"),
  forever: (token) => delete token.payload.exp,
  id_token: (token) => (token.header.typ = "logout+jwt"),
};

const answers = {
  "wrong-secret": [401, { error: "invalid_client", error_description: "canary-secret is wrong" }],
  ended: [400, { error: "invalid_grant" }],
  broken: [500, "oops"],
  empty: [200, {}],
  text: [200, "canary-text"],
  typeless: [200, { access_token: "canary-token" }],
  injected: [200, { access_token: "canary\r\nX: y", token_type: "Bearer" }],
  list: [200, [{ access_token: "canary-token", token_type: "Bearer" }]],
};
const verdicts = {
  "says-yes": [200, { active: "true" }],
  "says-nothing": [200, {}],
  broken: [500, { active: true }],
  refuses: [401, { active: true }],
  text: [200, "active"],
};

function spoil_answer(answer, found) {
  if (found) [answer.statusCode, answer.body] = found;
}

// It reads no body there: whoever asks says how by their name.
function client_of(request) {
  const basic = String(request.headers.authorization).split(" ")[1];
  return Buffer.from(basic, "base64").toString().split(":")[0];
}

async function main() {
  const folder = path.join(process.argv[2], "node_modules/oauth2-mock-server/dist/index.mjs");
  const { OAuth2Server } = await import(pathToFileURL(folder).href);
  const server = new OAuth2Server();
  await server.issuer.keys.generate("RS256");
  server.service.on("beforeTokenSigning", (token) => {
    token.payload.aud = "mcp";
    const how = String(token.payload.scope || "").split(/[ ,]/)[1];
    token.payload.scope = "read";
    if (spoil[how]) spoil[how](token);
  });
  server.service.on("beforeResponse", (answer, request) =>
    spoil_answer(answer, answers[String(request.body.scope).split(" ")[1]]));
  server.service.on("beforeIntrospect", (answer, request) =>
    spoil_answer(answer, verdicts[client_of(request)]));
  await server.start(0, "127.0.0.1");
  const url = `http://127.0.0.1:${server.address().port}`;
  server.issuer.url = url;
  console.log(url);
}

main();
