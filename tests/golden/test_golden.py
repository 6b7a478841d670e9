"""Golden cases: a folder holds an input and what mcpc must make of it.

The name of an expectation says what is run, inside the folder, so that all names stay relative:

    expected.mcpp         mcpc INPUT -o - --to mcpp, and compiling that text changes nothing
    expected.c            mcpc INPUT -o - --to c, and C compilers take it under strict flags
    expected.STAGE.txt    mcpc INPUT --dump=STAGE
    expected.decisions    lines "caller | call | outcome", judged by the reference evaluator, the tables
                          and the compiled C (tests/unit/judge.c says how they are written)
    expected.report.FORM  mcpc INPUT --report=FORM (text or json)
    expected.check[.FORM] mcpc check INPUT, as text or in FORM (json or sarif)
    expected.test         mcpc test INPUT [*.mcpp-test], what it prints and then what it says
    expected.test.json    mcpc test INPUT [*.mcpp-test] --format json, what it prints
    expected.diag         mcpc INPUT -o FILE is refused with exactly this, exit 1, and no FILE
    expected.warnings     what the other runs say on stderr; without it they say nothing

INPUT is input.mcpp where there is one, else input.yaml or input.json. `args` holds more options, one
a line. `make golden-update` writes the expectations that exist anew; an empty file asks for one.
"""

import json
import pathlib
import re
import shutil
import subprocess

import pytest
from conftest import BUILD, ROOT

FOLDER = pathlib.Path(__file__).resolve().parent
CASES = sorted(path for path in FOLDER.iterdir() if path.is_dir() and path.name[0] not in "._")
INPUTS = ("input.mcpp", "input.yaml", "input.json")
STAGES = ("document", "api", "ast", "policy", "logic", "tables", "decisions")
STRICT = "-std=c17 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror".split()
# the oldest and the newest that Debian 12 has, and whatever `cc` is
C_COMPILERS = [name for name in ("gcc", "clang-14", "clang-19", "cc") if shutil.which(name)]


class Case:
    def __init__(self, folder, mcpc, bless):
        self.folder, self.mcpc, self.bless = folder, mcpc, bless
        found = [name for name in INPUTS if (folder / name).exists()]
        assert found, f"{folder.name} has no input"
        self.input = found[0]
        args = folder / "args"
        self.args = args.read_text().splitlines() if args.exists() else []

    def run(self, *options, source=None, command="compile"):
        command = [self.mcpc, command, source or self.input, *options]
        command += self.args if source is None else []
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, timeout=60, stdin=subprocess.DEVNULL
        )
        assert done.returncode in (0, 1), (done.returncode, done.stderr.decode(errors="replace"))
        return done

    def compare(self, name, actual):
        expectation = self.folder / name
        if self.bless:
            if expectation.read_bytes() != actual:
                expectation.write_bytes(actual)
            return
        wanted = expectation.read_bytes()
        assert actual.decode(errors="replace") == wanted.decode(errors="replace")
        assert actual == wanted

    def accepted(self, *options):
        """The output of a run that must be accepted; what it says on stderr is compared too."""
        done = self.run(*options)
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        if (self.folder / "expected.warnings").exists():
            self.compare("expected.warnings", done.stderr)
        else:
            assert done.stderr.decode(errors="replace") == ""
        return done.stdout


def check_policy(case, name):
    text = case.accepted("-o", "-", "--to", "mcpp")
    case.compare(name, text)
    again = case.run("-o", "-", "--to", "mcpp", source=name)
    assert again.returncode == 0, again.stderr.decode(errors="replace")
    assert again.stdout == text, "the text changes when it is compiled again"


def check_c(case, name):
    text = case.accepted("-o", "-", "--to", "c")
    case.compare(name, text)
    for compiler in C_COMPILERS:
        subprocess.run(
            [compiler, *STRICT, f"-I{ROOT}/runtime/include", "-xc", "-fsyntax-only", "-"],
            input=text,
            check=True,
            timeout=60,
        )


def check_dump(case, name):
    stage = name.split(".")[1]
    assert stage in STAGES, f"no stage is called {stage}"
    case.compare(name, case.accepted(f"--dump={stage}"))


def check_decisions(case, name, folder):
    source, library = folder / "policy.c", folder / "policy.so"
    source.write_bytes(case.accepted("-o", "-", "--to", "c"))
    command = ["cc", "-std=c17", "-fPIC", "-shared", f"-I{ROOT}/runtime/include", source]
    subprocess.run([*command, "-o", library], check=True, timeout=60)
    done = subprocess.run(
        [(BUILD / "unit" / "judge").resolve(), case.input, library],
        cwd=case.folder,
        input=(case.folder / name).read_bytes(),
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    assert done.stdout.count(b" | ") >= 2, "no line was judged"
    case.compare(name, done.stdout)


def check_report(case, name):
    text = case.accepted(f"--report={name.split('.')[2]}")
    case.compare(name, text)
    if name.endswith(".json"):
        json.loads(text)


def check_findings(case, name):
    """What `mcpc check` prints about a policy that is right; with a form it is JSON."""
    form = name.split(".")[2] if name.count(".") == 2 else "text"
    done = case.run("--format", form, source=case.input, command="check")
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    case.compare(name, done.stderr if form == "text" else done.stdout)
    assert (done.stdout if form == "text" else done.stderr) == b""
    if form != "text":
        json.loads(done.stdout)


def check_tests(case, name, folder):
    more = sorted(path.name for path in folder.glob("*.mcpp-test"))
    done = case.run(*more, source=case.input, command="test")
    case.compare(name, done.stdout + done.stderr)
    assert done.returncode == (b"error:" in done.stderr)


def check_tests_json(case, name, folder):
    more = sorted(path.name for path in folder.glob("*.mcpp-test"))
    done = case.run(*more, "--format", "json", source=case.input, command="test")
    case.compare(name, done.stdout)
    assert done.returncode == (json.loads(done.stdout)["failed"] > 0)


def check_refusal(case, name, folder):
    output = folder / "policy.c"
    done = case.run("-o", str(output))
    case.compare(name, done.stderr)
    assert done.returncode == 1
    assert done.stdout == b""
    assert not list(folder.iterdir()), "a refusal left something behind"


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_case(folder, mcpc, request, tmp_path):
    case = Case(folder, mcpc, request.config.getoption("--bless"))
    names = sorted(path.name for path in folder.glob("expected.*"))
    names = [name for name in names if name != "expected.warnings"]
    assert names, "a case without expectation"
    for name in names:
        if name == "expected.mcpp":
            check_policy(case, name)
        elif name == "expected.c":
            check_c(case, name)
        elif name == "expected.diag":
            check_refusal(case, name, tmp_path)
        elif re.fullmatch(r"expected\.report\.(text|json)", name):
            check_report(case, name)
        elif name == "expected.decisions":
            check_decisions(case, name, tmp_path)
        elif name == "expected.test":
            check_tests(case, name, folder)
        elif name == "expected.test.json":
            check_tests_json(case, name, folder)
        elif re.fullmatch(r"expected\.check(\.(json|sarif))?", name):
            check_findings(case, name)
        elif re.fullmatch(r"expected\.[a-z]+\.txt", name):
            check_dump(case, name)
        else:
            pytest.fail(f"nothing is run for {name}")


def test_there_are_cases():
    assert CASES
