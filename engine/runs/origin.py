"""The origin of a run, for its record: time, host, versions, git commit."""

import datetime
import importlib.metadata
import os
import platform
import shlex
import sys
from typing import Any

from hydra_plugins.mpi_launcher.provenance import git_state

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
        "git": git_state(REPOSITORY),
        "versions": versions,
    }
