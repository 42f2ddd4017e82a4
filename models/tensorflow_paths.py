"""Paths for TensorFlow, which reads `*`, `?`, `[` and backslashes in the path of a checkpoint as a pattern.

It also reads every path as UTF-8, whatever the encoding of file names is here.
"""

import os
import re
from pathlib import Path

_PATTERN = re.compile(r"[*?\[\]\\]")

_open: dict[str, int] = {}


def tensorflow_path(path: Path | str) -> str:
    """A path to the same place that TensorFlow reads literally.

    Args:
      path: of a folder, or of something in a folder that is there: the prefix of a checkpoint.

    Returns:
      The path itself or, if TensorFlow would read it differently, one through a descriptor of its folder, which
      only this process can use.
    """
    text = os.fspath(path)
    if not _PATTERN.search(text) and os.fsencode(text) == text.encode("utf-8", "replace"):
        return text
    if os.path.isdir(text):
        return _through_descriptor(text)
    folder, name = os.path.split(text)
    return os.path.join(_through_descriptor(folder or "."), name)


def _through_descriptor(folder: str) -> str:
    number = _open.get(folder)
    if number is None or not os.path.samestat(os.fstat(number), os.stat(folder)):
        number = _open[folder] = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    return f"/proc/self/fd/{number}"
