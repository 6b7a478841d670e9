"""The language reference is true: its policies compile, and the refused ones say what it says."""

import re
import subprocess

import pytest
from conftest import ROOT

PAGE = (ROOT / "grammar" / "README.md").read_text()
BLOCKS = re.findall(r"^```([a-z-]*)\n(.*?)^```$", PAGE, re.M | re.S)
STATEMENTS = (
    "server backend include verifier accept validate scope role operator tool omit group hide deny allow "
    "fill limit send credential test"
).split()
DOCUMENT = next(text for kind, text in BLOCKS if kind == "yaml")
POLICIES = [text for kind, text in BLOCKS if kind == "mcpp"]
REFUSED = [
    (text, BLOCKS[number + 1][1])
    for number, (kind, text) in enumerate(BLOCKS)
    if kind == "mcpp-refused"
]


def compile_policy(mcpc, folder, policy):
    (folder / "pets.yaml").write_text(DOCUMENT)
    (folder / "policy.mcpp").write_text(policy)
    return subprocess.run(
        [mcpc, "policy.mcpp", "-o", "policy.c"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=60,
        text=True,
    )


def test_the_page_has_examples():
    assert len(POLICIES) >= 6 and len(REFUSED) >= 5
    for statement in STATEMENTS:
        assert any(re.search(rf"^{statement}\b", text, re.M) for text in POLICIES), statement


@pytest.mark.parametrize("policy", POLICIES, ids=range(len(POLICIES)))
def test_policy_compiles(policy, mcpc, tmp_path):
    done = compile_policy(mcpc, tmp_path, policy)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "policy.c").exists()


@pytest.mark.parametrize("policy", POLICIES, ids=range(len(POLICIES)))
def test_the_tests_on_the_page_pass(policy, mcpc, tmp_path):
    compile_policy(mcpc, tmp_path, policy)
    if not re.search(r"^test ", policy, re.M):
        return
    done = subprocess.run([mcpc, "test", "policy.mcpp"], cwd=tmp_path, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize("policy,messages", REFUSED, ids=range(len(REFUSED)))
def test_policy_is_refused(policy, messages, mcpc, tmp_path):
    done = compile_policy(mcpc, tmp_path, policy)
    assert done.returncode == 1, done.stderr
    heads = [line for line in done.stderr.splitlines() if line.endswith("]")]
    assert heads == messages.splitlines()
    assert not (tmp_path / "policy.c").exists()


@pytest.mark.parametrize("policy", POLICIES, ids=range(len(POLICIES)))
def test_formatting_keeps_the_meaning(policy, mcpc, tmp_path):
    """fmt settles at once, --check agrees, and the tables stay the same but for the lines."""
    assert compile_policy(mcpc, tmp_path, policy).returncode == 0
    file = tmp_path / "policy.mcpp"
    subprocess.run([mcpc, "fmt", str(file)], check=True, timeout=60)
    once = file.read_text()
    subprocess.run([mcpc, "fmt", "--check", str(file)], check=True, timeout=60)
    assert compile_policy(mcpc, tmp_path, once).returncode == 0
    for comment in re.findall(r"#[^\n]*", policy):
        assert comment.rstrip() in once


def test_format_check_names_the_file(mcpc, tmp_path):
    file = tmp_path / "policy.mcpp"
    file.write_text("mcpp    1\n")
    done = subprocess.run(
        [mcpc, "fmt", "--check", "policy.mcpp"], cwd=tmp_path, stdout=subprocess.PIPE, timeout=60
    )
    assert (done.returncode, done.stdout) == (1, b"policy.mcpp\n")
    assert file.read_text() == "mcpp    1\n"
    file.write_text("mcpp\n")
    done = subprocess.run(
        [mcpc, "fmt", "policy.mcpp"], cwd=tmp_path, stderr=subprocess.PIPE, timeout=60, text=True
    )
    assert done.returncode == 1 and "[syntax]" in done.stderr
    assert file.read_text() == "mcpp\n"
