"""The example files of docs/extending.md, written to a folder."""

import re
from pathlib import Path

from programs import REPOSITORY

_BLOCK = re.compile(r"^```(?:python|yaml)\n# (\S+\.(?:py|yaml))\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def example_files() -> dict[str, str]:
    """Path -> content of each file that the page shows."""
    return dict(_BLOCK.findall((REPOSITORY / "docs" / "extending.md").read_text(encoding="utf-8")))


def write_examples(folder: Path) -> Path:
    """Writes all of them below a folder, and returns it."""
    for path, content in example_files().items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return folder
