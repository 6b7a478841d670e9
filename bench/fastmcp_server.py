"""The same API by FastMCP, for make bench-load: fastmcp_server.py DOCUMENT PUBLIC_KEY PORT BACKEND"""

import json
import pathlib
import sys

import httpx2
from fastmcp import FastMCP
from fastmcp.server.auth.providers.jwt import JWTVerifier

document, key, port, backend = sys.argv[1:]
server = FastMCP.from_openapi(
    json.loads(pathlib.Path(document).read_text()),
    client=httpx2.AsyncClient(base_url=backend),
    auth=JWTVerifier(public_key=pathlib.Path(key).read_text()),
)
server.run(transport="http", host="127.0.0.1", port=int(port), stateless_http=True,
           json_response=True, show_banner=False)
