// oauth2-mock-server, with a hook that spoils tokens as their scope says. argv[2] is the folder with
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
  await server.start(0, "127.0.0.1");
  const url = `http://127.0.0.1:${server.address().port}`;
  server.issuer.url = url;
  console.log(url);
}

main();
