"""The best weights that a run has kept, `checkpoints/best/step-<n>`. TensorFlow is not needed to find them."""

import re
from pathlib import Path

_FILE = re.compile(r"step-(\d+)\.(index|data-\d{5}-of-\d{5})")


def best_weights_in(folder: Path) -> dict[int, Path]:
    """Prefixes of checkpoints by step; files of a user with similar names do not count."""
    found = {int(match[1]): file for file in folder.glob("step-*.index") if (match := _FILE.fullmatch(file.name))}
    return {step: file.with_suffix("") for step, file in sorted(found.items())}


def remove_other_weights(folder: Path, step: int) -> None:
    """Removes the files of all steps but one."""
    for file in folder.glob("step-*"):
        match = _FILE.fullmatch(file.name)
        if match and int(match[1]) != step:
            file.unlink()
