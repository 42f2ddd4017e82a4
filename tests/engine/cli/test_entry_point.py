"""train.py called from unusual folders and in unusual ways."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from programs import REPOSITORY


def called(program: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(program), *arguments]
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("arguments", [["--help"], ["mode=doctor"], ["-m", "seed=1,2"]])
@pytest.mark.parametrize("file", ["hydra_plugins/__init__.py", "hydra_plugins.py"])
@pytest.mark.fault("a package of Hydra's plugins hides the launcher", "one line names its file")
def test_a_package_that_hides_the_launcher_is_named(tmp_path: Path, arguments: list[str], file: str):
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).touch()
    done = called(REPOSITORY / "train.py", *arguments, PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error: hydra_plugins: {tmp_path / file} hides the launcher")
    assert f"take {tmp_path} off the PYTHONPATH" in line


def test_other_plugins_do_not_hide_it(tmp_path: Path):
    (tmp_path / "hydra_plugins/other").mkdir(parents=True)
    (tmp_path / "hydra_plugins/other/__init__.py").touch()
    done = called(REPOSITORY / "train.py", "--help", PYTHONPATH=str(tmp_path))
    assert done.returncode == 0, done.stderr


def test_a_symbolic_link_finds_the_config(tmp_path: Path):
    (tmp_path / "train.py").symlink_to(REPOSITORY / "train.py")
    done = called(tmp_path / "train.py", "--cfg", "job", "experiment=quickstart")
    assert done.returncode == 0, done.stderr
    assert "mode: train" in done.stdout


@pytest.mark.parametrize("argument", ["--help", "trainer.train_stpes=1"])
def test_help_and_a_rejected_override_do_without_slow_imports(argument: str):
    done = called(REPOSITORY / "train.py", argument, PYTHONPROFILEIMPORTTIME="1")
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "hydra" in imported
    assert not {"numpy", "cv2", "PIL", "tensorflow"} & imported


INTERRUPTED_IN_TENSORFLOW = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
sys.argv = ["train.py"]
from engine.cli import command_line


class HalfBuilt:
    def __init__(self):
        os.kill(os.getpid(), signal.SIGINT)

    def __del__(self):
        raise KeyError("it was not registered yet")


sys.exit(command_line.call(HalfBuilt))
"""


def test_an_interruption_shows_no_errors_of_half_built_objects():
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_IN_TENSORFLOW], cwd=REPOSITORY, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 130
    assert done.stderr == ""
