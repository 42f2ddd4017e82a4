"""The launcher as a package: installed by pip into an empty environment, for another program."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import mpi_programs
import pytest

pytestmark = pytest.mark.slow

PROGRAM = """\
import hydra


@hydra.main(version_base="1.3", config_path=".", config_name="config")
def main(config):
    return (config.x - 0.5) ** 2


main()
"""
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
MPIRUN = next((path for path in (mpi_programs.WHEEL, mpi_programs.DEBIAN) if Path(path).exists()), None)


def ran(*command: str, cwd: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    environment = {**ENVIRONMENT, **variables}
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=600, env=environment)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a checkout's launchers/, a program and an empty environment.

    Skips where PyPI cannot be reached.
    """
    folder = tmp_path_factory.mktemp("stranger")
    shutil.copytree(mpi_programs.LAUNCHERS, folder / "launchers", ignore=shutil.ignore_patterns("__pycache__", "build"))
    (folder / "program.py").write_text(PROGRAM)
    (folder / "config.yaml").write_text("x: 0\n")
    assert ran(sys.executable, "-m", "venv", "v", cwd=folder).returncode == 0
    found = pip(folder, "download", "--no-deps", "--no-cache-dir", "--retries", "0", "-d", "found", "omegaconf>=2.3")
    if found.returncode:
        pytest.skip(f"PyPI cannot be reached: {found.stderr.strip().splitlines()[-1]}")
    return folder


def pip(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return ran("v/bin/python", "-m", "pip", "--disable-pip-version-check", *words, cwd=folder)


def install(folder: Path, *words: str) -> None:
    done = pip(folder, "install", "-q", *words)
    assert done.returncode == 0, done.stderr
    assert pip(folder, "check").returncode == 0


def sweep(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return ran(
        "v/bin/python", "program.py", "-m", "hydra/launcher=mpi", f"hydra.launcher.mpirun={MPIRUN}", *words, cwd=folder
    )


@pytest.mark.skipif(MPIRUN is None, reason="no Open MPI here")
def test_the_launcher_and_its_study_install_as_the_readme_says(folder: Path):
    install(folder, "./launchers")
    done = sweep(folder, "x=1,2", "hydra.sweep.dir=grid")
    assert done.returncode == 0, done.stderr
    assert "2 done" in done.stdout

    search = ("hydra/sweeper=study", "hydra.sweeper.n_trials=2", "x=interval(0,1)")
    without = sweep(folder, *search, "hydra.sweep.dir=without")
    assert without.returncode == 1
    assert 'pip install "optuna>=4,<5"' in without.stderr

    install(folder, "./launchers[optuna]")
    done = sweep(folder, *search, "hydra.sweep.dir=search")
    assert done.returncode == 0, done.stderr
    assert (folder / "search/study.db").exists()
    assert "best_value" in (folder / "search/optimization_results.yaml").read_text()

    # it declares Optuna 2, so pip would not bring both by itself
    assert pip(folder, "install", "-q", "--no-deps", "hydra-optuna-sweeper==1.3.*").returncode == 0
    done = sweep(folder, *search, "hydra.sweep.dir=beside")
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr


@pytest.mark.skipif(MPIRUN is None, reason="no Open MPI here")
def test_make_install_makes_the_launcher_of_the_checkout_the_one_that_runs(folder: Path):
    makefile = (mpi_programs.REPOSITORY / "Makefile").read_text()
    words = re.search(r"\$\(PIP_INSTALL\) (.*--editable \./launchers)", makefile)[1].split()
    assert ran(sys.executable, "-m", "venv", "--clear", "v", cwd=folder).returncode == 0
    install(folder, "hydra-core>=1.3,<1.5", "cloudpickle>=2", "rich>=12", "setuptools>=80,<81")
    install(folder, "--no-deps", *words)
    where = ran("v/bin/python", "-c", "import hydra_plugins.mpi_launcher as m; print(m.__file__)", cwd=folder)
    assert Path(where.stdout.strip()).is_relative_to(folder / "launchers")
    (folder / "mine/hydra_plugins").mkdir(parents=True)  # beside plugins in another folder of the path
    (folder / "mine/hydra_plugins/another.py").touch()
    done = ran(
        "v/bin/python", "program.py", "-m", "hydra/launcher=mpi", f"hydra.launcher.mpirun={MPIRUN}", "x=1,2",
        "hydra.sweep.dir=editable", cwd=folder, PYTHONPATH=str(folder / "mine"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "2 done" in done.stdout
