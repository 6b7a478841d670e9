"""mcpc sync: a policy follows its document, and what a person wrote stays byte by byte."""

import subprocess

import pytest

DOCUMENT = """openapi: 3.1.0
info: {title: Pets, version: "1"}
servers: [{url: https://pets.example}]
components:
  securitySchemes:
    login:
      type: oauth2
      flows: {clientCredentials: {tokenUrl: https://id.example/token, scopes: {read: Read, write: Write}}}
    key: {type: apiKey, in: header, name: X-Key}
paths:
"""
PETS = """  /pets:
    get: {operationId: listPets, tags: [pets], security: [{login: [read]}]}
    post: {operationId: addPet, tags: [pets], security: [{login: [write]}]}
"""
ORDERS = """  /orders:
    get: {operationId: listOrders, tags: [orders], security: [{login: [read]}]}
"""
POLICY = """# my own words
mcpp 1
api "pets.yaml"

scope "read"    # odd   spacing
tool listPets   GET /pets needs "read" {
    title "All of them"
}
tool addPet POST /pets needs token   # changed on purpose
# orders
tool listOrders GET /orders needs "read"
deny addPet unless token "Who are you?"
"""


@pytest.fixture
def sync(mcpc, tmp_path):
    def run(document, policy, *options):
        (tmp_path / "pets.yaml").write_text(DOCUMENT + document)
        if policy is not None:
            (tmp_path / "pets.mcpp").write_text(policy)
        done = subprocess.run(
            [mcpc, "sync", *options, "pets.mcpp"],
            cwd=tmp_path,
            capture_output=True,
            timeout=60,
            text=True,
        )
        return done.returncode, done.stdout, (tmp_path / "pets.mcpp").read_text(), done.stderr

    return run


def test_a_policy_that_is_up_to_date_stays(sync):
    for options in ([], ["--check"]):
        assert sync(PETS + ORDERS, POLICY, *options)[:3] == (0, "", POLICY)


def test_what_is_new_stands_with_its_kind(sync, mcpc, tmp_path):
    new = """  /pets/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {operationId: getPet, tags: [pets], security: [{login: [read, write]}]}
  /health: {get: {operationId: health, security: []}}
  /keyed: {get: {operationId: keyed, security: [{key: []}]}}
"""
    status, summary, text, _ = sync(PETS + ORDERS + new, POLICY)
    assert status == 0
    assert summary == "new: GET /pets/{id}\nnew: GET /health\nnew: GET /keyed\n"
    sends = text[text.index('credential "login"') :]
    lines, before = text.removesuffix(sends).splitlines(), POLICY.splitlines()
    added = [line for line in lines if line not in before]
    assert [line for line in lines if line in before] == before
    assert added[0].startswith('scope "write"') and lines.index(added[0]) == 5
    assert added[1] == 'tool getPet GET /pets/{id} needs "read" and "write"'
    assert lines.index(added[1]) == lines.index(before[8]) + 1, "behind the last one of its tag"
    assert added[2] == "tool health GET /health needs nothing"
    assert added[3].startswith("tool keyed GET /keyed needs token")
    assert sends == """credential "login" oauth2 client_credentials {
    token_url "https://id.example/token"
    client    env LOGIN_CLIENT_ID secret env LOGIN_CLIENT_SECRET
    scopes    "read" "write"
}
send "login" or bearer env BACKEND_API_TOKEN for getPet
credential "key" header "X-Key" env KEY_KEY
send "key" for keyed
"""
    assert sync(PETS + ORDERS + new, None)[:3] == (0, "", text), "nothing is left to do"
    done = subprocess.run([mcpc, "pets.mcpp", "--dump=policy"], cwd=tmp_path, capture_output=True)
    assert done.returncode == 0, done.stderr


def test_what_is_gone_becomes_a_comment(sync):
    status, summary, text, _ = sync(PETS, POLICY)
    assert (status, summary) == (0, "gone: GET /orders\n")
    line = 'tool listOrders GET /orders needs "read"\n'
    assert text == POLICY.replace(line, "# gone from the document:\n# " + line)


def test_a_block_is_commented_out_as_a_whole(sync):
    _, _, text, _ = sync(ORDERS, POLICY)
    assert '# tool listPets   GET /pets needs "read" {\n#     title "All of them"\n# }\n' in text


def test_what_has_moved_is_written_anew_in_its_place(sync):
    moved = PETS.replace("/pets:", "/animals:")
    status, summary, text, _ = sync(moved + ORDERS, POLICY)
    assert status == 0
    assert summary == (
        "moved: GET /pets to GET /animals\nmoved: POST /pets to POST /animals\n"
    )
    assert (
        "# now POST /animals in the document:\n"
        "# tool addPet POST /pets needs token   # changed on purpose\n"
        'tool addPet POST /animals needs "write"\n'
        "# orders\n"
    ) in text
    assert text.count("_2") == 0, "the names are free again"


def test_check_changes_nothing(sync):
    status, summary, text, says = sync(PETS, POLICY, "--check")
    assert (status, summary, text) == (1, "gone: GET /orders\n", POLICY)
    assert "[out-of-date]" in says and "help: run: mcpc sync pets.mcpp" in says


def test_a_policy_that_is_laid_out_stays_so(sync, mcpc, tmp_path):
    (tmp_path / "pets.mcpp").write_text(POLICY)
    subprocess.run([mcpc, "fmt", "pets.mcpp"], cwd=tmp_path, check=True)
    sync(PETS + "  /a/very/long/path: {delete: {operationId: x, tags: [pets]}}\n", None)
    subprocess.run([mcpc, "fmt", "--check", "pets.mcpp"], cwd=tmp_path, check=True)


def test_a_name_that_is_taken(sync):
    policy = POLICY.replace("tool listOrders", "tool getPet")
    new = "  /pet: {get: {operationId: getPet, tags: [pets]}}\n"
    assert "tool getPet_2 GET /pet needs nothing\n" in sync(PETS + ORDERS + new, policy)[2]


def test_included_files_count(sync, tmp_path):
    (tmp_path / "orders.mcpp").write_text('mcpp 1\ntool orders GET /orders needs token\n')
    policy = POLICY.replace('tool listOrders GET /orders needs "read"', 'include "orders.mcpp"')
    assert sync(PETS + ORDERS, policy)[:3] == (0, "", policy)
    status, _, text, says = sync(PETS, policy)
    assert status == 1 and text == policy, "other files are left to people"
    assert "orders.mcpp:2:1: error: the document has no operation GET /orders" in says
