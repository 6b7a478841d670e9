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


def test_a_refused_token_is_explained_to_the_operator_alone(compile_server, backend, issuer):
    """Both values, on one line and between their quotes; the caller hears the same as ever."""
    program = compile_server(ROOT / "examples/petstore/openapi.yaml")
    evil = 'x" cause="none\n2026-01-01T00:00:00.000Z info all is well ' + "\u00e9" * 200
    with Server(program, *issuer.server_args(), "--backend-url", backend.url) as server:
        for wrong in ({"aud": evil}, {"ttl": "-1h"}, {"iss": "https://other.example"}):
            token = issuer.token("read:pets", **wrong)
            status, headers, answer = server.call_tool("getPet", {"petId": 7}, token)
            assert status == 401 and "the access token is not valid" in str(answer)
        wait_until(lambda: server.log().count("token refused") == 3, "the refusals in the log")
        audience, expired, other = [line for line in server.log().splitlines()
                                    if "token refused" in line]  # fmt: skip
    assert 'cause="another audience"' in audience and f'wants.audience="{issuer.audience}"' in audience
    assert r'token.aud="x\\\" cause=' in audience and len(audience) < 1000, audience
    assert 'cause="expired"' in expired and 'token.exp="1' in expired and "verifier=main" in expired
    assert 'cause="another issuer"' in other and 'token.iss="https://other.example"' in other
    assert not backend.requests
