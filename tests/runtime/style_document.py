"""The documents that the style tests compile, their servers and one recording backend."""

import contextlib
import json

import pytest
from backend_document import operation, parameter
from conftest import Backend, Server

REFUSED = object()  # the call is a tool error and nothing is sent


class Styles:
    """Collects parameters named `color`, an operation for each."""

    def __init__(self, head, paths=(), defaults=()):
        self.head, self.paths, self.defaults = head, dict(paths), dict(defaults)
        self.tools = {}

    def tool(self, place, rest):
        """The operation with such a parameter."""
        key = f"{place} {json.dumps(rest, sort_keys=True)}"
        if key not in self.tools:
            name = self.tools[key] = f"tool{len(self.tools)}"
            path = f"/{name}/{{color}}/end" if place == "path" else f"/{name}"
            head = {"name": "color", "in": place, "required": place == "path"}
            default = {} if "content" in rest else self.defaults
            self.paths[path] = {"get": operation(name, [{**head, **default, **rest}])}
        return self.tools[key]

    def document(self):
        info = {"title": "styles", "version": "1"}
        return {**self.head, "info": info, "paths": self.paths}


OPENAPI = Styles(
    {"openapi": "3.2.0", "servers": [{"url": "http://127.0.0.1:9"}]},
    {
        "/spread": {
            "get": operation(
                "spread",
                [
                    parameter("filter", "query"),
                    parameter("limit", "query"),
                    parameter("tags", "query", style="pipeDelimited"),
                ],
            )
        },
        "/cookies": {
            "get": operation(
                "cookies", [parameter(name, "cookie") for name in ("one", "two", "three")]
            )
        },
    },
    {"schema": {}},
)
SWAGGER = Styles({"swagger": "2.0", "host": "127.0.0.1:9", "schemes": ["http"]})


def label(value):
    return json.dumps(value) if isinstance(value, (str, int, list, dict)) else "absent"


def table(styles, **rows):
    """The parameters of a test from rows of (place, parameter, value, wanted)."""
    return [
        pytest.param(
            styles,
            styles.tool(place, rest),
            place,
            value,
            wanted,
            id=f"{name}-{place}-{'-'.join(map(str, rest.values()))[:40]}-{label(value)[:40]}",
        )
        for name, group in rows.items()
        for place, rest, value, wanted in group
    ]


@pytest.fixture(scope="module")
def servers(compile_server, tmp_path_factory):
    """{Styles: (server, backend)}; each document is compiled once."""
    folder = tmp_path_factory.mktemp("styles")
    with contextlib.ExitStack() as stack:
        backend = stack.enter_context(Backend())
        found = {}
        for number, styles in enumerate((OPENAPI, SWAGGER)):
            path = folder / f"{number}.json"
            path.write_text(json.dumps(styles.document()))
            server = Server(compile_server(path), "--backend-url", backend.url)
            found[styles] = (stack.enter_context(server), backend)
        yield found
