"""Links to the best of several results."""

import os
from pathlib import Path


def point_link(link: Path, target: Path) -> bool:
    """Makes a link, or points the one that is there at something else, at once and by a relative path.

    Args:
      link: where; its folder is made if missing.
      target: what it leads to; link and target may be moved together.

    Returns:
      Whether it was done; False if something other than a link is there.
    """
    if link.exists() and not link.is_symlink():
        return False
    link.parent.mkdir(parents=True, exist_ok=True)
    scratch = link.with_name(f"{link.name}.{os.getpid()}.partial")
    scratch.unlink(missing_ok=True)
    scratch.symlink_to(os.path.relpath(target, link.parent))
    os.replace(scratch, link)
    return True
