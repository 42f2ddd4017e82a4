"""`dataset=signatures`: any folder of signature images; who wrote which is read from folders or names."""

import hashlib
import re
from collections import Counter
from pathlib import Path

from data.errors import UserError
from data.pictures.image_folder import ImageFolder
from data.signatures.cedar import SignatureFile

_LAST_NUMBER = re.compile(r"[-_. ()]*\d+[)]?$")


def find_own_signatures(root: Path, writers: str) -> list[SignatureFile]:
    """The images below a folder, with writers numbered from 0 on.

    Args:
      root: the folder.
      writers: how they are told apart: `folder`, the folder that an image lies in; `name`, the file's name without
        its last number; `file`, every image is by a writer of its own; `auto`: by folder if there are three or more,
        else by name if that gives two or more, else by file.

    Raises:
      UserError: there are no images.
    """
    folder = ImageFolder(root)
    if not folder.pictures:
        raise UserError("dataset.root", f"no images in {root}", ("give their folder:  dataset.root=<folder>",))
    keys = {
        "folder": [str(path.parent.relative_to(root)) for path in folder.pictures],
        "name": [_LAST_NUMBER.sub("", str(path.relative_to(root).with_suffix(""))) for path in folder.pictures],
        "file": [str(path.relative_to(root)) for path in folder.pictures],
    }
    if writers == "auto":
        enough = {"folder": 3, "name": 2}  # two folders are often sides or kinds, not writers
        writers = next((way for way, count in enough.items() if len(set(keys[way])) >= count), "file")
    number_of = {key: number for number, key in enumerate(sorted(set(keys[writers])))}
    return sorted(SignatureFile(number_of[key], path) for key, path in zip(keys[writers], folder.pictures, strict=True))


def split_off_writers(files: list[SignatureFile], held_out: float) -> tuple[list[SignatureFile], list[SignatureFile]]:
    """Splits into (training, validation) by writer.

    Writers are held out in an order that a hash gives, until they have the share of all signatures that is wanted.

    Raises:
      UserError: there are not two writers.
    """
    counts = Counter(file.writer for file in files)
    if len(counts) < 2:
        raise UserError(
            "dataset.writers",
            "the signatures are all of one writer, so that no other is left to judge by",
            ("take every image for a writer's own:  dataset.writers=file",),
        )
    order = sorted(counts, key=lambda writer: hashlib.blake2b(str(writer).encode()).digest())
    out, signatures = set(), 0
    for writer in order[:-1]:
        if out and signatures + counts[writer] / 2 > held_out * len(files):
            break
        out.add(writer)
        signatures += counts[writer]
    return [file for file in files if file.writer not in out], [file for file in files if file.writer in out]
