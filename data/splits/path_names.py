"""What the path of a page says: the split that it belongs to, and its document."""

import re
from pathlib import Path

_SPLITS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "eval", "test"), "eval"),
}
_PAGE_SUFFIX = re.compile(r"(?<=.)[-_. ]+(?:page|pg|p)[-_. ]*\d+$", re.IGNORECASE)


def split_of(path: Path) -> str:
    """The split, `train` or `eval`, that a path within a dataset speaks of; "" if none."""
    for part in reversed(path.parts):
        for word in re.split(r"[^a-z]+", part.lower()):
            if word in _SPLITS:
                return _SPLITS[word]
    return ""


def document_of_file(name: str) -> str:
    """The document that a page belongs to: its path without a page number such as `_page2` or `-p03`."""
    path = Path(name)
    return str(path.with_name(_PAGE_SUFFIX.sub("", path.stem)))
