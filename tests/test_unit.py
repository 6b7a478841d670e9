"""Runs each C unit test program; `make unit` builds them."""

import os
import pathlib
import subprocess

import pytest
from conftest import BUILD, DATA, ROOT

SOURCES = sorted((ROOT / "tests" / "unit").glob("test_*.c"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_unit(source, tmp_path):
    program = BUILD / "unit" / source.stem
    environment = {**os.environ, "TZ": "UTC", "MCPP_INCLUDE": f"-I{ROOT}/runtime/include"}
    if DATA.is_dir():
        environment["MCPP_DATA"] = str(DATA)
    done = subprocess.run(
        [str(program)],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
        text=True,
        errors="replace",
    )
    assert done.returncode == 0, f"{pathlib.Path(program).name}:\n{done.stdout[-4000:]}"
