"""Visits a server with the official Python SDK as a plan says, and prints what came of it.

    client.py PLAN      PLAN is JSON: {"mode": "legacy"|"auto"|REVISION, "url": …, "headers": {…}}
                        or {"mode": …, "command": …, "args": […], "env": {…}}, and "steps": [{…}]
"""

import asyncio
import json
import sys

import httpx2
import mcp
from mcp.client.streamable_http import streamable_http_client


def plain(result):
    return result.model_dump(mode="json", by_alias=True, exclude_none=True)


async def take_step(client, step):
    if "list" in step:
        return plain(await client.list_tools())
    if "templates" in step:
        return plain(await client.list_resource_templates())
    if "read" in step:
        return plain(await client.read_resource(step["read"]))
    if "complete" in step:
        reference = mcp.client.client.types.ResourceTemplateReference(uri=step["complete"])
        return plain(await client.complete(reference, step["argument"]))
    told = []

    async def progress(done, total, message):
        told.append([done, total])

    found = await client.call_tool(step["call"], step["arguments"], progress_callback=progress)
    return {"result": plain(found), "progress": told}


async def visit(client, steps):
    report = {"revision": client.protocol_version, "steps": []}
    for step in steps:
        try:
            report["steps"].append(await take_step(client, step))
        except mcp.MCPError as error:
            report["steps"].append({"error": str(error)})
    return report


async def main(plan):
    if "command" in plan:
        target = mcp.StdioServerParameters(
            command=plan["command"], args=plan["args"], env=plan.get("env")
        )
        async with mcp.Client(target, mode=plan["mode"]) as client:
            return await visit(client, plan["steps"])
    async with httpx2.AsyncClient(headers=plan.get("headers")) as http:
        target = streamable_http_client(plan["url"], http_client=http)
        async with mcp.Client(target, mode=plan["mode"]) as client:
            return await visit(client, plan["steps"])


print(json.dumps(asyncio.run(main(json.loads(sys.argv[1])))))
