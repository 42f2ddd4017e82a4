"""Fixtures of all tests: TensorFlow's environment, and train.py started as a user starts it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from programs import REPOSITORY, Run, Start, TENSORFLOW_VARIABLES, users_environment

pytest_plugins = ["fault_table"]

os.environ |= TENSORFLOW_VARIABLES


@pytest.fixture(scope="session")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data cache for all the runs of a session."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def start(cache_dir: Path) -> Start:
    """Starts train.py with arguments in a folder, without waiting for it."""

    def start_train(*arguments: str, cwd: Path, **environment: str) -> "subprocess.Popen[str]":
        if any(argument.startswith(("dataset=", "dataset.")) for argument in arguments):
            arguments = (f"dataset.cache_dir={cache_dir}", *arguments)
        return subprocess.Popen(
            [sys.executable, str(REPOSITORY / "train.py"), *arguments],
            cwd=cwd,
            env={**users_environment(), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start_train


@pytest.fixture(scope="session")
def run(start: Start) -> Run:
    """Runs train.py to its end."""

    def run_train(*arguments: str, cwd: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
        process = start(*arguments, cwd=cwd, **environment)
        output, errors = process.communicate(timeout=600)
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    return run_train


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first: workers that take a file each are then busy until the end."""
    slow_files = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow_files)
