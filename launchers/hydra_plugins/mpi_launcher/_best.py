"""`<sweep>/best`: a link to the folder of the best job."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hydra_plugins.mpi_launcher.links import point_link


def link_best(sweep_dir: Path, best: Mapping[str, Any], part: str) -> Path | None:
    """Points `<sweep>/best` at the best job's folder, or a part of it.

    Args:
      sweep_dir: folder of the sweep.
      best: record of the job, as in `jobs.json`.
      part: path in the job's folder; empty for the folder itself.

    Returns:
      The link; None if the job has no such part, or if `best` is not a link. A link to an earlier best job is removed.
    """
    target, link = Path(best["folder"]) / part, sweep_dir / "best"
    if target.exists():
        return link if point_link(link, target) else None
    if link.is_symlink() and link.resolve().is_relative_to(sweep_dir.resolve()):
        link.unlink()
    return None
