"""What all tests share: TensorFlow's environment, and train.py started as a user starts it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytest_plugins = ["fault_table"]

TENSORFLOW_VARIABLES = {"TF_USE_LEGACY_KERAS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
os.environ |= TENSORFLOW_VARIABLES

REPOSITORY = Path(__file__).parents[1]
REAL_CEDAR = REPOSITORY.parent / "shared" / "data" / "cedar"
REAL_SIGNVEROD = REPOSITORY.parent / "shared" / "data" / "signverod"

SMALL = (
    "dataset=synthetic",
    "dataset.writers=6",
    "dataset.held_out_writers=2",
    "dataset.samples_per_writer=3",
    "dataset.variants=2",
    "dataset.noise_layers=16",
    "model.batch_size=2",
    "trainer.image_summaries=2",
)
"""A dataset and batch that take seconds."""

SMALL_UNET = (*SMALL, "model.filters=[8,8,8]", "model.window=64")

Start = Callable[..., "subprocess.Popen[str]"]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def users_environment() -> dict[str, str]:
    """The environment without what this file has set: train.py has to do that by itself."""
    return {name: value for name, value in os.environ.items() if name not in TENSORFLOW_VARIABLES}


def printed_by(code: str) -> list[str]:
    """What a fresh Python prints that runs some code of the project, word by word."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.fixture(scope="session")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data cache for all the runs of a session."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def start(cache_dir: Path) -> Start:
    """Starts train.py with words of the command line in a folder, without waiting for it."""

    def start_train(*words: str, cwd: Path, **environment: str) -> "subprocess.Popen[str]":
        if any(word.startswith(("dataset=", "dataset.")) for word in words):
            words = (f"dataset.cache_dir={cache_dir}", *words)
        return subprocess.Popen(
            [sys.executable, str(REPOSITORY / "train.py"), *words],
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

    def run_train(*words: str, cwd: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
        process = start(*words, cwd=cwd, **environment)
        output, errors = process.communicate(timeout=600)
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    return run_train
