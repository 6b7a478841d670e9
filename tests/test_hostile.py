"""Whatever a document says stays text: it reaches the C program byte by byte and never as code."""

import json
import random
import shutil
import subprocess

import pytest
from conftest import ROOT

STRICT = "-std=c17 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror".split()
C_COMPILERS = [name for name in ("gcc", "clang-14", "clang-19") if shutil.which(name)]

# prints every text of a policy in hexadecimal, so that nothing can hide
PRINTER = r"""
#include <mcpp/policy.h>
#include <stdio.h>
static void text(const char *name, const char *at)
{
    printf("%s ", name);
    for (; *at; at++)
        printf("%02x", (unsigned)(unsigned char)*at);
    printf("\n");
}
int main(void)
{
    const struct mcpp_policy *policy = &mcpp_policy;
    text("api.title", policy->title);
    text("api.version", policy->version);
    for (uint32_t i = 0; i < policy->fact_count; i++) {
        text("scope", policy->facts[i].name);
        text("scope.description", policy->facts[i].description);
    }
    for (uint32_t i = 0; i < policy->tool_count; i++) {
        text("title", policy->tools[i].title);
        text("description", policy->tools[i].description);
        text("input_schema", policy->tools[i].input_schema);
        for (uint32_t j = 0; j < policy->tools[i].parameter_count; j++)
            text("parameter", policy->tools[i].parameters[j].name);
    }
    return 0;
}
"""

ALPHABET = [
    *'"\\/*?<>=!\'()%&#\n\t\r -x1',
    "*/", "/*", "//", "??/", "??=", "\\\n", "\\u0041", "%s", "%n", '"); system("id"); //',
    "\u0001", "\u007f", "\u00e9", "\u2028", "\u202e", "\U0001f415", "#include ", "0", "7",
]  # fmt: skip


def hostile(source):
    return "".join(source.choice(ALPHABET) for _ in range(source.randint(1, 40))) + "z"


def document(source):
    operations = {}
    for number in range(12):
        operations[f"/p{number}"] = {
            "get": {
                "operationId": f"t{number}",
                "summary": hostile(source),
                "description": hostile(source),
                "security": [{"auth": ["read"]}],
                "parameters": [
                    {
                        "name": "q",
                        "in": "query",
                        "description": hostile(source),
                        "schema": {"type": "string", "enum": [hostile(source)]},
                    }
                ],
                "responses": {"200": {"description": hostile(source)}},
            }
        }
    flow = {"tokenUrl": "https://login.example/t", "scopes": {"read": hostile(source)}}
    return {
        "openapi": "3.1.0",
        "info": {"title": hostile(source), "version": hostile(source)},
        "servers": [{"url": "https://api.example"}],
        "paths": operations,
        "components": {
            "securitySchemes": {"auth": {"type": "oauth2", "flows": {"clientCredentials": flow}}}
        },
    }


def compile_and_print(mcpc, spec, folder, compiler):
    source = folder / "policy.c"
    subprocess.run(
        [mcpc, spec.name, "-o", str(source)],
        cwd=spec.parent,
        check=True,
        stderr=subprocess.DEVNULL,
        timeout=60,
    )
    printer = folder / "printer.c"
    printer.write_text(PRINTER)
    program = folder / "printer"
    subprocess.run(
        [compiler, *STRICT, f"-I{ROOT}/runtime/include", "-o", program, source, printer],
        check=True,
        timeout=60,
    )
    done = subprocess.run([program], check=True, stdout=subprocess.PIPE, timeout=60, text=True)
    texts = {}
    for line in done.stdout.splitlines():
        name, _, digits = line.partition(" ")
        texts.setdefault(name, []).append(bytes.fromhex(digits).decode())
    return texts


@pytest.mark.parametrize("compiler", C_COMPILERS)
@pytest.mark.parametrize("seed", range(4))
def test_texts_arrive_as_they_are(seed, compiler, mcpc, spec, tmp_path):
    content = document(random.Random(seed))
    texts = compile_and_print(mcpc, spec(content), tmp_path, compiler)
    operations = [path["get"] for path in content["paths"].values()]
    scopes = content["components"]["securitySchemes"]["auth"]["flows"]["clientCredentials"]
    assert texts["api.title"] == [content["info"]["title"]]
    assert texts["api.version"] == [content["info"]["version"]]
    assert texts["scope.description"][1:] == list(scopes["scopes"].values())
    for operation, description, schema in zip(
        operations, texts["description"], texts["input_schema"], strict=True
    ):
        assert operation["description"].strip() in description
        wanted = operation["parameters"][0]["schema"]["enum"]
        assert json.loads(schema)["properties"]["q"]["enum"] == wanted


def test_long_texts_compile(mcpc, spec, tmp_path):
    """Longer than the 4,095 bytes that C17 promises for a literal."""
    content = document(random.Random(0))
    operation = content["paths"]["/p0"]["get"]
    operation["description"] = "words and more " * 1000
    operation["parameters"][0]["schema"]["enum"] = ["?" * 20000]
    for compiler in C_COMPILERS:
        texts = compile_and_print(mcpc, spec(content), tmp_path, compiler)
        assert json.loads(texts["input_schema"][0])["properties"]["q"]["enum"] == ["?" * 20000]


def test_file_names_are_text_too(mcpc, spec, tmp_path):
    """The names of the inputs stand in comments and strings."""
    name = 'a*\\"?#\u00e9.json'
    path = spec(document(random.Random(1)), name)
    for compiler in C_COMPILERS:
        assert compile_and_print(mcpc, path, tmp_path, compiler)["scope"] == ["token", "read"]
