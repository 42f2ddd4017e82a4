"""`sweep.json`: the metadata of a sweep, with which you can repeat it."""

import datetime
import importlib.metadata
import json
import os
import platform
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hydra_plugins.mpi_launcher._whole_file import write_whole
from hydra_plugins.mpi_launcher.provenance import git_state


def write_metadata(sweep_dir: Path, command: str, mpirun: str, places: Mapping[str, int]) -> None:
    """Writes `sweep.json`; the metadata of earlier starts of the sweep move into its list `earlier`.

    Args:
      sweep_dir: folder of the sweep.
      command: as typed.
      mpirun: path and version.
      places: size of each pool.
    """
    path = sweep_dir / "sweep.json"
    metadata: dict[str, Any] = {
        "started": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "command": command,
        "folder": str(Path.cwd()),
        "host": platform.node(),
        "platform": platform.platform(),
        "cores": os.cpu_count(),
        "places": dict(places),
        "mpirun": mpirun,
        "git": git_state(Path(sys.argv[0]).resolve().parent),
        "python": platform.python_version(),
        "packages": {found.metadata["Name"]: found.version for found in importlib.metadata.distributions()},
    }
    try:
        before = json.loads(path.read_text())
        metadata["earlier"] = [*before.pop("earlier", []), before]
    except (OSError, ValueError):  # the first start
        pass
    write_whole(path, json.dumps(metadata, indent=1).encode() + b"\n", mode=0o644)


def typed(program: str, arguments: list[str]) -> str:
    """A command as a user types it."""
    return f"{program} {shlex.join(arguments)}".strip()
