"""Programs of other users, run on the launcher."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import mpi_programs  # noqa: F401 - puts the launcher on the path


def sweep(
    folder: Path, *overrides: str, program: tuple[str, ...] = ("app.py",), **environment: str
) -> "subprocess.Popen[str]":
    """Starts a sweep of a program in `folder/sweep`, without waiting for it."""
    command = [sys.executable, *program, "-m", "hydra.sweep.dir=sweep", *overrides]
    if not any(override.startswith("hydra/launcher=") for override in overrides):
        command.append("hydra/launcher=mpi")
    return subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,  # which nobody writes to
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )


def swept(
    folder: Path, *overrides: str, program: tuple[str, ...] = ("app.py",), timeout: float = 120, **environment: str
) -> "subprocess.CompletedProcess[str]":
    """Runs it to its end."""
    process = sweep(folder, *overrides, program=program, **environment)
    try:
        output, errors = _read(process, timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


def _read(process: "subprocess.Popen[str]", timeout: float) -> tuple[str, str]:
    stdin, process.stdin = process.stdin, None
    try:
        return process.communicate(timeout=timeout)
    finally:
        stdin.close()


def jobs(folder: Path) -> dict[int, dict[str, Any]]:
    """What `jobs.json` says of each job."""
    jobs = json.loads((folder / "sweep" / "jobs.json").read_text())["jobs"]
    return {int(number): entry for number, entry in jobs.items()}


def values(folder: Path) -> list[Any]:
    """What the jobs returned, in their order; the error of one that failed."""
    return [entry["value"] if entry["state"] == "done" else entry["error"] for entry in jobs(folder).values()]
