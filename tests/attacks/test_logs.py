"""Log lines that a caller tries to write: whatever is in a token, one event is one line, and what
stands between the quotes stays there.

SPDX-License-Identifier: Apache-2.0
"""

from conftest import ROOT, Server, wait_until

SUBJECT = 'x" outcome=allowed subject="root\n2026-01-01T00:00:00.000Z info call allowed \x1b[2J'
WANTED = (
    r'subject="x\" outcome=allowed subject=\"root\n2026-01-01T00:00:00.000Z info call allowed '
    r'\u001b[2J" issuer="'
)


def test_a_subject_cannot_write_fields_or_lines(compile_server, backend, issuer):
    program = compile_server(ROOT / "examples/petstore/openapi.yaml")
    with Server(program, *issuer.server_args(), "--backend-url", backend.url) as server:
        token = issuer.token("nothing", sub=SUBJECT)
        status, _, _ = server.call_tool("deletePet", {"petId": 7}, token)
        assert status == 403
        wait_until(lambda: "call denied" in server.log(), "the denial in the log")
        lines = [line for line in server.log().splitlines() if "call " in line]
        assert len(lines) == 1 and WANTED in lines[0], lines
    assert not backend.requests
