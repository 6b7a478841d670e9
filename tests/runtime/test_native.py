"""examples/native-tool: a program that answers tools of its policy itself; all that the policy says of
them holds."""

import json
import shutil
import signal
import subprocess

import pytest
from conftest import BUILD, ROOT, Issuer, Server, Stdio, wait_until

FOLDER = ROOT / "examples" / "native-tool"
DESK = BUILD / "examples" / "native-tool" / "desk"
SMALL = """#include <mcpp/server.h>
#include <stdio.h>
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


ASKED = """
    char told[200];
    struct mcpp_text team = {0};
    bool has = mcpp_caller_claim(caller, "team", &team);
    int len = snprintf(told, sizeof told, "%%s %%s %%d%%d%%d %%d%%d %%d%%.*s %%d", caller->verifier,
                       caller->client.len ? caller->client.at : "",
                       mcpp_caller_has_scope(caller, "read"), mcpp_caller_has_scope(caller, "zzz"),
                       mcpp_caller_has_role(caller, "zzz"), mcpp_caller_has_role(caller, "editor"),
                       caller->is_verified && !caller->is_operator, has, (int)team.len,
                       team.len ? team.at : "", mcpp_caller_claim(caller, "zzz", &found));
    mcpp_call_answer_text(call, told, (size_t)len);
"""


def build(folder, body, tools):
    """The line of the README, with the library that is not installed."""
    if not (folder / "policy.c").exists():
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


def test_every_worker_and_every_reading_of_the_options_has_them(issuer):
    with Server(DESK, *issuer.server_args(), "--workers", "2") as server:
        token = issuer.token("write", sub="bob")
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "SIGHUP: reading" in server.log(), "the signal")
        told = [text_of(server.call_tool("addNote", {"text": "a"}, token)[2]) for _ in range(16)]
        assert told == [f'Note {i} is on the pile of "bob".' for i in range(1, 17)]


def test_an_operator_is_no_subject():
    """On stdio nobody shows a token: who runs the program holds every scope."""
    call = {"name": "whoAmI", "arguments": {}, "_meta": {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    }}  # fmt: skip
    with Stdio(DESK) as stdio:
        answer = stdio.ask({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call})
        assert answer["result"]["structuredContent"] == {"subject": "", "writes": True}, answer


def test_what_a_handler_may_ask_of_the_caller(mcpc, tmp_path, issuer):
    policy = (FOLDER / "desk.mcpp").read_text()
    policy += 'role editor when claim "team" == "books"\n'
    policy += 'deny addNote when arg pages > 8 unless role editor\n'
    (tmp_path / "desk.mcpp").write_text(policy)
    shutil.copy(FOLDER / "openapi.yaml", tmp_path)
    command = [mcpc, tmp_path / "desk.mcpp", "-o", tmp_path / "policy.c"]
    subprocess.run(command, check=True, timeout=60)
    program = build(tmp_path, ASKED.replace("%%", "%"), '{"addNote", handle, NULL}')
    with Server(program, *issuer.server_args()) as server:
        for claims, told in (
            (['team="books"'], "staff  100 11 1books 0"),
            (['team="other"'], "staff  100 01 1other 0"),
            ([], "staff  100 01 0 0"),
        ):
            token = issuer.token("write", claim=claims)
            answer = server.call_tool("addNote", {"text": "a"}, token)[2]
            assert text_of(answer) == told


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
