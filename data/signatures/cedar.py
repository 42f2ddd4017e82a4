"""CEDAR: 55 writers, 24 genuine and 24 forged signatures each (Kalera, Srihari and Xu 2004), in Kaggle's layout.

signatures/full_org/original_<writer>_<n>.png
signatures/full_forg/forgeries_<writer>_<n>.png
"""

import dataclasses
import re
from pathlib import Path

_FILE_NAME = re.compile(r"(?:original|forgeries)_(\d+)_(\d+)\.png$")


@dataclasses.dataclass(frozen=True, order=True)
class SignatureFile:
    """One scan: who wrote it (or whose hand is forged) and where it lies."""

    writer: int
    path: Path


def find_signatures(root: Path | str) -> list[SignatureFile]:
    """Lists CEDAR's scans under `root`, which is the folder holding `signatures/` or `signatures/` itself.

    Returns:
      Files ordered by writer and name; empty if there is no CEDAR here. Nothing is opened.
    """
    root = Path(root)
    for base in (root / "signatures", root):
        files = [*base.glob("full_org/original_*.png"), *base.glob("full_forg/forgeries_*.png")]
        if files:
            matches = ((_FILE_NAME.match(path.name), path) for path in files)
            return sorted(SignatureFile(int(match[1]), path) for match, path in matches if match)
    return []


def split_by_writer(
    files: list[SignatureFile], held_out_writers: list[int]
) -> tuple[list[SignatureFile], list[SignatureFile]]:
    """Splits into (training, validation) so that no writer, and no forgery of a writer, stands on both sides."""
    held_out = set(held_out_writers)
    return [f for f in files if f.writer not in held_out], [f for f in files if f.writer in held_out]
