"""What the tests of the protocol share: a document with public and scoped operations, servers for
it, and a judge of messages by the schema of their revision."""

import json

import jsonschema
import pytest
from conftest import Backend, Server

REVISIONS = ["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26"]
MODERN, *LEGACY = REVISIONS


def operation(name, scopes=None, schema=None, **members):
    found = {"operationId": name, "responses": {"200": {"description": "ok"}}, **members}
    if schema:
        found["responses"]["200"]["content"] = {"application/json": {"schema": schema}}
    found["security"] = [{"login": scopes}] if scopes else []
    return found


PET = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "integer", "format": "int64"}, "name": {"type": "string"}},
}
PET_ID = {"name": "petId", "in": "path", "required": True, "schema": {"type": "integer"}}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Pets & more", "version": "1.4"},
    "servers": [{"url": "http://127.0.0.1:9"}],
    "paths": {
        "/pets": {
            "get": operation(
                "listPets", ["read:pets"], {"type": "array", "items": PET}, summary="All pets"
            )
        },
        "/pets/{petId}": {
            "parameters": [PET_ID],
            "get": operation("getPet", ["read:pets"], PET, description='One "pet"\nby id'),
            "delete": operation("deletePet", ["read:pets", "write:pets"]),
        },
        "/health": {"get": operation("health")},
    },
    "components": {
        "securitySchemes": {
            "login": {
                "type": "oauth2",
                "flows": {
                    "clientCredentials": {
                        "tokenUrl": "https://login.example/token",
                        "scopes": {"read:pets": "See pets", "write:pets": "Change pets"},
                    }
                },
            }
        }
    },
}


def private_document():
    """The same without its public operation."""
    found = json.loads(json.dumps(DOCUMENT))
    del found["paths"]["/health"]
    return found


class Judge:
    """Validates what a server sends against the schemas of the protocol."""

    def __init__(self, folder):
        self.schemas = {
            name: json.loads((folder / "mcp" / f"schema-{name}.json").read_text())
            for name in REVISIONS
        }

    def check(self, revision, kind, value):
        schema = dict(self.schemas[revision])
        part = "$defs" if "$defs" in schema else "definitions"
        assert kind in schema[part], f"{revision} has no {kind}"
        schema["$ref"] = f"#/{part}/{kind}"
        jsonschema.validators.validator_for(schema)(schema).validate(value)

    def response(self, revision, kind, message, request_id=1):
        """A result response whose result is of this kind; gives the result."""
        result_kind = {
            MODERN: "JSONRPCResultResponse",
            "2025-11-25": "JSONRPCResultResponse",
        }.get(revision, "JSONRPCResponse")
        self.check(revision, result_kind, message)
        self.check(revision, kind, message["result"])
        assert message["id"] == request_id and type(message["id"]) is type(request_id)
        return message["result"]

    def error(self, revision, message, code, request_id=1):
        """An error response; gives the error."""
        has_new_name = revision in (MODERN, "2025-11-25")
        if "id" in message or has_new_name:  # older schemas cannot say "no id"
            kind = "JSONRPCErrorResponse" if has_new_name else "JSONRPCError"
            self.check(revision, kind, message)
        assert message.get("id") == request_id
        assert message["error"]["code"] == code, message
        return message["error"]


@pytest.fixture(scope="module")
def judge(request):
    return Judge(request.getfixturevalue("data"))


@pytest.fixture(scope="module")
def program(compile_server, tmp_path_factory):
    path = tmp_path_factory.mktemp("protocol") / "spec.json"
    path.write_text(json.dumps(DOCUMENT))
    return compile_server(path)


@pytest.fixture(scope="module")
def private_program(compile_server, tmp_path_factory):
    path = tmp_path_factory.mktemp("protocol") / "private.json"
    path.write_text(json.dumps(private_document()))
    return compile_server(path)


@pytest.fixture(scope="module")
def pets():
    """The backend."""
    with Backend() as found:
        yield found


@pytest.fixture(scope="module")
def server(program, pets):
    """Forwarding, on HTTP."""
    with Server(program, "--no-validate-tokens", "--backend-url", pets.url) as found:
        yield found


@pytest.fixture(autouse=True)
def fresh(pets):
    pets.requests.clear()
    pets.routes.clear()
    pets.answer(200, None, b'{"id":9007199254740993,"name":"Rex"}')
