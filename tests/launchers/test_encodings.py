"""Outputs with a limited encoding, and closed ones."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from strangers import jobs, swept, values

PROGRAM = """\
import sys, hydra

@hydra.main(version_base=None)
def main(config):
    print("grüße ✓ 日本語 → 🙂")
    sys.stdout.buffer.write(b"\\xff\\xfe\\x00 abc\\n")
    sys.stdout.flush()
    if config.x == 2:
        raise ValueError("böse ↑ \\udcff")
    return "größe ✓"

main()
"""

LATIN = {"PYTHONIOENCODING": "latin-1"}
ASCII = {"PYTHONIOENCODING": "ascii"}
C_LOCALE = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}


@pytest.mark.slow
@pytest.mark.parametrize("encoding", [LATIN, ASCII, C_LOCALE], ids=["latin-1", "ascii", "C locale"])
@pytest.mark.fault("the output of a sweep is not UTF-8", "what it cannot show becomes ?; nothing else changes")
def test_a_sweep_survives_the_encoding_of_its_output(tmp_path: Path, encoding: dict[str, str]):
    (tmp_path / "app.py").write_text(PROGRAM)
    done = swept(tmp_path, "+x=1,2,3", **encoding)
    assert "3 jobs in" in done.stdout
    assert "UnicodeEncodeError" not in done.stdout + done.stderr
    assert [values(tmp_path)[0], values(tmp_path)[2]] == ["größe ✓"] * 2
    assert values(tmp_path)[1].startswith("ValueError: böse ↑")
    assert "ValueError: b" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("encoding", [ASCII, C_LOCALE], ids=["ascii", "C locale"])
def test_the_live_table_does_too(tmp_path: Path, encoding: dict[str, str]):
    (tmp_path / "app.py").write_text(PROGRAM)
    command = f"{sys.executable} app.py -m hydra/launcher=mpi hydra.sweep.dir=sweep +x=1,3"
    environment = {**os.environ, **encoding, "TERM": "xterm"}
    done = subprocess.run(["script", "-qec", command, os.devnull], cwd=tmp_path, env=environment, capture_output=True)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    assert values(tmp_path) == ["größe ✓"] * 2


@pytest.mark.slow
@pytest.mark.parametrize("output", [">&-", "| head -1", "> /dev/full", ">&- 2>&- <&-"])
@pytest.mark.fault("the output of a sweep is closed, full or no longer read", "its trials continue to their ends")
def test_a_sweep_survives_the_loss_of_its_output(tmp_path: Path, output: str):
    (tmp_path / "app.py").write_text(PROGRAM)
    command = f"{sys.executable} app.py -m hydra/launcher=mpi hydra.sweep.dir=sweep +x=1,3,4 {output}"
    subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, timeout=60)
    assert {entry["state"] for entry in jobs(tmp_path).values()} == {"done"}
