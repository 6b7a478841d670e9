"""examples/native-tool: a program that answers tools of its policy itself; all that the policy says of
them holds."""

import json
import shutil
import subprocess

import pytest
from conftest import BUILD, ROOT, Issuer, Server

FOLDER = ROOT / "examples" / "native-tool"
DESK = BUILD / "examples" / "native-tool" / "desk"
SMALL = """#include <mcpp/server.h>
static void handle(void *context, const struct mcpp_caller *caller, struct mcpp_call *call)
{
    struct mcpp_text found = {0};
    (void)context;
    %s
}
int main(int argc, char **argv)
{
    static const struct mcpp_native_tool tools[] = {%s};
    return mcpp_main_native(&mcpp_policy, argc, argv, tools, sizeof tools / sizeof tools[0]);
}
"""
USE = "(void)caller; (void)call; (void)found;"


@pytest.fixture(scope="module")
def issuer(mcpc, tmp_path_factory):
    found = Issuer(mcpc, tmp_path_factory.mktemp("keys"))
    found.audience = "desk"
    yield found
    found.close()


@pytest.fixture(scope="module")
def desk(issuer):
    assert DESK.exists(), "run make examples"
    with Server(DESK, *issuer.server_args(), "--audit", "all") as server:
        yield server


def text_of(answer):
    return answer["result"]["content"][0]["text"]


def build(folder, body, tools):
    """The line of the README, with the library that is not installed."""
    shutil.copy(BUILD / "examples" / "native-tool" / "policy.c", folder)
    (folder / "small.c").write_text(SMALL % (body, tools))
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", BUILD / "mcpp-uninstalled.pc"],
        check=True, stdout=subprocess.PIPE, text=True, timeout=60,
    ).stdout.split()  # fmt: skip
    program = folder / "small"
    command = ["cc", "-std=c17", "-Wall", folder / "small.c", folder / "policy.c", *flags]
    subprocess.run([*command, "-o", program], check=True, timeout=120)
    return program


def test_a_handler_knows_the_caller(desk, issuer):
    status, _, answer = desk.call_tool("whoAmI", token=issuer.token("read"))
    assert status == 200 and not answer["result"]["isError"], answer
    assert answer["result"]["structuredContent"] == {"subject": "alice", "writes": False}
    token = issuer.token("write", sub="bob")  # implies read
    _, _, answer = desk.call_tool("whoAmI", token=token)
    assert answer["result"]["structuredContent"] == {"subject": "bob", "writes": True}
    assert set(desk.list_tools(token)) == {"whoAmI", "addNote"}


def test_the_policy_stands_before_the_handler(desk, issuer):
    read, write = issuer.token("read"), issuer.token("write", sub="bob")
    assert desk.call_tool("addNote", {"text": "a"})[0] == 401
    status, headers, _ = desk.call_tool("addNote", {"text": "a"}, token=read)
    assert status == 403 and 'scope="write"' in headers["WWW-Authenticate"]
    for arguments, reason in (
        ({}, "input schema"),
        ({"text": "a" * 201}, "input schema"),
        ({"text": "a", "pages": 10}, "at most 9 pages"),
    ):
        status, _, answer = desk.call_tool("addNote", arguments, token=write)
        assert status == 200 and answer["result"]["isError"], answer
        assert reason in text_of(answer)
    status, _, answer = desk.call_tool("addNote", {"text": "a", "owner": "alice"}, token=write)
    assert status != 200 or answer["result"]["isError"], "who owns a note is not the model's to say"
    _, _, answer = desk.call_tool("addNote", {"text": "a", "pages": 9}, token=write)
    assert text_of(answer) == 'Note 1 is on the pile of "bob".', "and no refused call was counted"
    outcomes = [json.loads(line)["outcome"] for line in desk.lines if line[0] == "{"]
    assert "insufficient-scope" in outcomes and "allowed" in outcomes


@pytest.mark.parametrize(
    "tools,reason",
    [
        ('{"whoAmI", handle, NULL}, {"noSuch", handle, NULL}', "noSuch: the policy has no such tool"),
        ('{"whoAmI", handle, NULL}, {"whoAmI", handle, NULL}', "whoAmI: it is named twice"),
        ('{"whoAmI", NULL, NULL}', "whoAmI: it has no handler"),
        ("{NULL, handle, NULL}", "without a name: the policy has no such tool"),
    ],
    ids=["unknown", "twice", "no handler", "no name"],
)
def test_tools_that_do_not_fit(tmp_path, tools, reason):
    program = build(tmp_path, USE + "(void)handle;", tools)
    done = subprocess.run(
        [program, "--transport", "stdio"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1 and not done.stdout and f"native tool {reason}" in done.stderr


@pytest.mark.parametrize(
    "body,told",
    [
        (USE, "it gave no answer"),
        ('mcpp_call_answer_json(call, "{\\"a\\":}", 6);' + USE, "it gave no answer"),
        ('mcpp_call_answer_error(call, "Not now.", 8);' + USE, "Not now."),
        ('mcpp_call_answer_text(call, mcpp_call_argument(call, "zzz", &found) ? "y" : "n", 1);'
         "(void)caller;", None),
    ],
    ids=["nothing", "no JSON", "error", "other"],
)  # fmt: skip
def test_answers(tmp_path, issuer, backend, body, told):
    """And a tool without a function is the backend's, as ever."""
    program = build(tmp_path, body, '{"addNote", handle, NULL}')
    args = [*issuer.server_args(), "--backend-url", backend.url]
    with Server(program, *args, env={"BACKEND_API_TOKEN": "b"}) as server:
        token = issuer.token("write")
        _, _, answer = server.call_tool("addNote", {"text": "a"}, token=token)
        assert answer["result"]["isError"] == (told is not None), answer
        assert (told or "n") in text_of(answer)
        backend.answer(200, None, {"subject": "of the backend", "writes": False})
        _, _, answer = server.call_tool("whoAmI", token=token)
        assert answer["result"]["structuredContent"]["subject"] == "of the backend"
    assert [request.path for request in backend.requests] == ["/who"]
