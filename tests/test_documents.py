"""Every real document becomes C that compiles, or is refused with a right message."""

import re
import shutil
import subprocess

import pytest
from conftest import DATA, ROOT

STRICT = "-std=c17 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror".split()
COMPILERS = [name for name in ("gcc", "clang") if shutil.which(name)]

# documents that are right to be refused: file name -> what the message must say
REFUSED = {}


def documents():
    """The main document of each description in the shared data."""
    folder = DATA / "openapi"
    found = []
    for path in sorted(folder.rglob("*")):
        if path.suffix not in (".json", ".yaml", ".yml") or not path.is_file():
            continue
        head = path.read_text(errors="replace")[:20000]
        if re.search(r'["\']?\b(openapi|swagger)["\']?\s*:\s*["\']?[23]\.\d', head):
            found.append(path)
    return found


@pytest.mark.parametrize(
    "document", documents() or [None], ids=lambda path: path.name if path else "shared data"
)
def test_document(document, mcpc, tmp_path):
    if document is None:
        pytest.skip("shared test data is not here")
    output = tmp_path / "policy.c"
    done = subprocess.run(
        [mcpc, str(document), "-o", str(output)], stderr=subprocess.PIPE, timeout=120, text=True
    )
    if document.name in REFUSED:
        assert done.returncode == 1 and REFUSED[document.name] in done.stderr, done.stderr
        assert not output.exists()
        return
    assert done.returncode == 0, done.stderr[-3000:]
    for compiler in COMPILERS:
        subprocess.run(
            [compiler, *STRICT, f"-I{ROOT}/runtime/include", "-fsyntax-only", str(output)],
            check=True,
            timeout=300,
        )


def test_output_does_not_depend_on_the_surroundings(mcpc, tmp_path):
    """The same bytes from another folder, locale, time zone and umask."""
    spec = ROOT / "examples" / "petstore" / "openapi.yaml"
    results = set()
    for number, environment in enumerate(
        [{"LC_ALL": "C", "TZ": "UTC"}, {"LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Kolkata"}]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        shutil.copy(spec, folder)
        subprocess.run(
            ["sh", "-c", f'umask 0{number}7; exec "$0" openapi.yaml -o policy.c', mcpc],
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", **environment},
            check=True,
            timeout=60,
        )
        results.add((folder / "policy.c").read_bytes())
    assert len(results) == 1
