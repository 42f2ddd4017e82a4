"""Programs of the repository as subprocesses, in the environment of a user."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]

TENSORFLOW_VARIABLES = {"TF_USE_LEGACY_KERAS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
"""Variables that the test process itself needs before it imports TensorFlow."""

Start = Callable[..., "subprocess.Popen[str]"]
"""The fixture `start`."""

Run = Callable[..., "subprocess.CompletedProcess[str]"]
"""The fixture `run`."""


def users_environment() -> dict[str, str]:
    """The environment without TENSORFLOW_VARIABLES: train.py has to set them by itself."""
    return {name: value for name, value in os.environ.items() if name not in TENSORFLOW_VARIABLES}


def printed_by(code: str) -> list[str]:
    """The words that a new Python process prints when it runs some code of the project."""
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
