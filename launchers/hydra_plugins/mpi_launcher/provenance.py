"""The commit that a program runs from."""

import subprocess
from pathlib import Path
from typing import Any


def git_state(folder: Path) -> dict[str, Any]:
    """`commit` of a checkout and whether it is `dirty`, its untracked files not counted.

    Args:
      folder: in the checkout.

    Returns:
      An empty dictionary without git or a checkout.
    """

    def ask(*arguments: str) -> str:
        command = ["git", *arguments]
        return subprocess.run(
            command, cwd=folder, capture_output=True, encoding="utf-8", errors="replace", check=True
        ).stdout.strip()

    try:
        return {"commit": ask("rev-parse", "HEAD"), "dirty": bool(ask("status", "--porcelain", "--untracked-files=no"))}
    except (OSError, subprocess.CalledProcessError):  # no git, or not a checkout
        return {}
