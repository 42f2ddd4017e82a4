"""`sweep.json`: what a sweep was started with, for whoever wants to repeat it."""

import datetime
import importlib.metadata
import json
import os
import platform
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from hydra_plugins.mpi_launcher._whole_file import write_whole
from hydra_plugins.mpi_launcher.provenance import git_state


def write_record(sweep_dir: Path, command: str, mpirun: str, places: Mapping[str, int]) -> None:
    """Writes `sweep.json`; that of an earlier start of the sweep moves into its list `earlier`.

    Args:
      sweep_dir: folder of the sweep.
      command: as typed.
      mpirun: path and version.
      places: size of each pool.
    """
    path = sweep_dir / "sweep.json"
    record = {
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
        record["earlier"] = [*before.pop("earlier", []), before]
    except (OSError, ValueError):  # the first start
        pass
    write_whole(path, json.dumps(record, indent=1).encode() + b"\n", mode=0o644)


def typed(program: str, words: list[str]) -> str:
    """A command as one would type it."""
    return f"{program} {shlex.join(words)}".strip()
