"""Fixtures of all tests: TensorFlow's environment, and train.py started as a user starts it."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from programs import REPOSITORY, Run, Start, TENSORFLOW_VARIABLES, users_environment
from small_runs import SMALL_UNET
from warm_interpreter import is_enough_for, WarmInterpreter

pytest_plugins = ["fault_table"]

os.environ |= TENSORFLOW_VARIABLES


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of a test run share."""
    root = tmp_path_factory.getbasetemp()
    folder = (root.parent if "PYTEST_XDIST_WORKER" in os.environ else root) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def cache_dir(shared_folder: Path) -> Path:
    """One data cache for all trainings of a test run."""
    return shared_folder / "cache"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cold", action="store_true", help="start a new Python for each train.py, as a user does")


@pytest.fixture(scope="session")
def warm_interpreter() -> Iterator[WarmInterpreter]:
    """The interpreter that train.py is forked from."""
    interpreter = WarmInterpreter()
    yield interpreter
    interpreter.close()


@pytest.fixture(scope="session")
def start(request: pytest.FixtureRequest, cache_dir: Path) -> Start:
    """Starts train.py with arguments in a folder, without waiting for it.

    It is forked from an interpreter that has imported TensorFlow, unless `cold=True`, the option `--cold` or a variable
    of the environment asks for a new one.
    """

    def start_train(*arguments: str, cwd: Path, cold: bool = False, **environment: str) -> "subprocess.Popen[str]":
        if any(argument.startswith(("dataset=", "dataset.")) for argument in arguments):
            arguments = (f"dataset.cache_dir={cache_dir}", *arguments)
        options: dict[str, Any] = {
            **{"cwd": cwd, "env": {**users_environment(), **environment}, "text": True},
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE},
        }
        if cold or request.config.getoption("--cold") or not is_enough_for(environment):
            return subprocess.Popen([sys.executable, str(REPOSITORY / "train.py"), *arguments], **options)
        warm: WarmInterpreter = request.getfixturevalue("warm_interpreter")
        return warm.start(list(arguments), **options)

    return start_train


@pytest.fixture(scope="session")
def run(start: Start) -> Run:
    """Runs train.py to its end."""

    def run_train(
        *arguments: str, cwd: Path, cold: bool = False, **environment: str
    ) -> "subprocess.CompletedProcess[str]":
        process = start(*arguments, cwd=cwd, cold=cold, **environment)
        output, errors = process.communicate(timeout=600)
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    return run_train


@pytest.fixture(scope="session")
def two_steps(run: Run, shared_folder: Path) -> Path:
    """A run of two steps of a small U-Net, which one worker trains for all; tests copy it."""
    with open(shared_folder / "two_steps.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared_folder / "trained").exists():
            overrides = ("trainer.train_steps=2", "trainer.validation_interval=2", "run_dir=two_steps")
            done = run(*SMALL_UNET, *overrides, cwd=shared_folder)
            assert done.returncode == 0, done.stderr
            (shared_folder / "trained").touch()
    return shared_folder / "two_steps"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Moves files with slow tests to the front, so that workers, which take whole files, are busy until the end."""
    slow_files = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow_files)
