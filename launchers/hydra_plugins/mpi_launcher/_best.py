"""`<sweep>/best`: a link to what the best job left."""

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def link_best(sweep_dir: Path, best: Mapping[str, Any], part: str) -> Path | None:
    """Points `<sweep>/best` at the best job's folder, or a part of it.

    Args:
      sweep_dir: folder of the sweep.
      best: facts of the job.
      part: path in the job's folder; empty for the folder itself.

    Returns:
      The link; None if the job left no such part, or `best` is something else than a link.
    """
    target = Path(best["folder"]) / part
    link = sweep_dir / "best"
    if not target.exists() or (link.exists() and not link.is_symlink()):
        return None
    scratch = link.with_name(f"best.{os.getpid()}.partial")
    with contextlib.suppress(FileNotFoundError):
        scratch.unlink()
    scratch.symlink_to(os.path.relpath(target, sweep_dir))  # relative: the sweep may be moved
    os.replace(scratch, link)
    return link
