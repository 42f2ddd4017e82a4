"""Standard output of any encoding, closed, full or interrupted: the run continues."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from programs import REPOSITORY, Run, users_environment
from small_runs import SMALL_UNET

from engine.runs.run_folder import read_metadata

PROGRAM = """
import os, sys
sys.path.insert(0, {repository!r})
from engine.cli.streams import make_lasting
make_lasting()
for _ in range(3):
    print("up ↑ · " + "x" * 100_000, flush=True)
    print("ü", file=sys.stderr)
open(sys.argv[1], "w").write(sys.stdout.encoding)
"""


def started(tmp_path: Path, **options) -> Path:
    (tmp_path / "program.py").write_text(PROGRAM.format(repository=str(REPOSITORY)), encoding="utf-8")
    command = [sys.executable, "program.py", "end"]
    done = subprocess.run(command, cwd=tmp_path, check=False, stdin=subprocess.DEVNULL, timeout=60, **options)
    assert done.returncode == 0, done
    return tmp_path / "end"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8", "cp1252:strict"])
def test_what_the_encoding_lacks_is_replaced(tmp_path: Path, encoding: str):
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    with open(tmp_path / "out", "wb") as out:
        end = started(tmp_path, stdout=out, stderr=subprocess.PIPE, env=environment)
    assert end.is_file()
    expected = "up ↑ · " if encoding == "utf-8" else "up ? · "
    codec = encoding.split(":")[0]
    assert (tmp_path / "out").read_bytes().startswith(expected.encode(codec, "replace"))


def test_a_full_disk(tmp_path: Path):
    with open("/dev/full", "wb") as full:
        assert started(tmp_path, stdout=full, stderr=full).is_file()


def test_closed_streams(tmp_path: Path):
    (tmp_path / "program.py").write_text(PROGRAM.format(repository=str(REPOSITORY)), encoding="utf-8")
    subprocess.run(
        f"{shlex.quote(sys.executable)} program.py end >&- 2>&- <&-", cwd=tmp_path, shell=True, check=True, timeout=60
    )
    assert (tmp_path / "end").is_file()


def test_a_reader_that_is_gone(tmp_path: Path):
    reader, writer = os.pipe()
    os.close(reader)
    try:
        assert started(tmp_path, stdout=writer, stderr=writer).is_file()
    finally:
        os.close(writer)


@pytest.mark.slow
@pytest.mark.fault(
    "a locale that knows ASCII alone, and a folder of another name",
    "trains, exports and is evaluated; characters that it lacks are shown as ?",
)
def test_a_run_in_the_posix_locale(run: Run, tmp_path: Path):
    locale = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    overrides = ("trainer.train_steps=2", "trainer.validation_interval=2", 'run_dir="läuft"')
    trained = run(*SMALL_UNET, *overrides, cwd=tmp_path, **locale)
    assert trained.returncode == 0, trained.stderr
    assert trained.stderr == ""
    assert read_metadata(tmp_path / "läuft")["status"] == "done"
    done = run("mode=eval", 'run_dir="läuft"', cwd=tmp_path)  # in the usual locale
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["läuft"]


@pytest.mark.slow
@pytest.mark.fault("a pipe whose reader ends, as in `train.py | head`", "the run continues to its end")
def test_a_run_into_head(cache_dir: Path, tmp_path: Path):
    overrides = [
        f"dataset.cache_dir={cache_dir}",
        *SMALL_UNET,
        "trainer.train_steps=2",
        "trainer.validation_interval=2",
    ]
    command = shlex.join([sys.executable, str(REPOSITORY / "train.py"), *overrides, "run_dir=cut"])
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{command} | head -n 1"],
        cwd=tmp_path,
        env=users_environment(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert read_metadata(tmp_path / "cut")["status"] == "done"
