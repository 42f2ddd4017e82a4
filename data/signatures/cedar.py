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
    """One scan.

    Attributes:
      writer: number of the writer, for a forgery that of the imitated writer.
      path: of the file.
    """

    writer: int
    path: Path


def find_signatures(root: Path | str) -> list[SignatureFile]:
    """Lists CEDAR's scans without opening them.

    Args:
      root: the folder that holds `signatures/`, or `signatures/` itself.

    Returns:
      Files ordered by writer and name; empty if the folder does not hold CEDAR.
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
    """Splits files into (training, validation); signatures of a writer and their forgeries are in the same part."""
    held_out = set(held_out_writers)
    return [f for f in files if f.writer not in held_out], [f for f in files if f.writer in held_out]
