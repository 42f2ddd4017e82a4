"""Files that appear whole or not at all."""

import os
from pathlib import Path


def write_whole(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Writes a file, whole or not at all, in place of the one that is there.

    Args:
      path: of the file, in a folder that exists.
      data: its content.
      mode: its permissions; by default only the user may read it.

    Raises:
      OSError: it cannot be written.
    """
    scratch = path.with_name(f"{path.name}.{os.getpid()}.partial")
    scratch.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        scratch.chmod(mode)
        os.replace(scratch, path)
    finally:
        scratch.unlink(missing_ok=True)
