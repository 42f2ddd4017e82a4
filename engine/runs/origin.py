"""The origin of a run, for its record: time, host, versions, git commit."""

import datetime
import importlib.metadata
import os
import platform
import shlex
import subprocess
import sys
from typing import Any

from data.commands import REPOSITORY

PACKAGES = (
    "tensorflow",
    "tensorflow-cpu",
    "tf-models-official",
    "tf-keras",
    "habana-tensorflow",
    "hydra-core",
    "numpy",
)


def origin() -> dict[str, Any]:
    """When, where and with which versions a run starts."""
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "started": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "host": platform.node(),
        "platform": platform.platform(),
        "cores": os.cpu_count(),
        "command": shlex.join(["python", *sys.argv]),
        "git": _git(),
        "versions": versions,
    }


def _git() -> dict[str, Any]:
    def ask(*arguments: str) -> str:
        return subprocess.run(
            ["git", *arguments], cwd=REPOSITORY, capture_output=True, encoding="utf-8", errors="replace", check=True
        ).stdout.strip()

    try:
        return {"commit": ask("rev-parse", "HEAD"), "dirty": bool(ask("status", "--porcelain", "--untracked-files=no"))}
    except (OSError, subprocess.CalledProcessError):  # no git, or not a checkout
        return {}
