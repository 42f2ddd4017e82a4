"""`dataset=signatures`: any folder of signature images: who wrote which, and which part each is in."""

import dataclasses
import hashlib
from collections import Counter, defaultdict
from pathlib import Path, PurePosixPath

from data.commands import override
from data.errors import UserError
from data.folders import check_folder
from data.pictures.image_folder import ImageFolder
from data.signatures.cedar import SignatureFile
from data.signatures.writers import find_writers, Writers
from data.splits.path_names import PARTS, split_of

Files = list[SignatureFile]


@dataclasses.dataclass(frozen=True)
class SplitSignatures:
    """Signatures by part.

    Attributes:
      train, validation, test: of different writers, unless the user's own folders have it otherwise.
      notes: (label, sentence) lines for people: how many writers were understood, by which rule, and what was kept.
    """

    train: Files
    validation: Files
    test: Files
    notes: list[tuple[str, str]]


def read_own_signatures(root: Path, writers: str, held_out: float, test: float) -> SplitSignatures:
    """The images below a folder by part.

    Folders called train, validation and test are kept where there is a training part; what is missing is made of whole
    writers of the training part.

    Args:
      root: the folder.
      writers: see `data.signatures.writers.find_writers`.
      held_out: share of the signatures for validation, if there is no such part.
      test: share for the test part, if there is none; 0 for none.

    Raises:
      UserError: there are no images, or not enough writers.
    """
    files, found = _find(root, writers)
    notes = [("writers", found.sentence)]
    if found.doubt:
        example = override("dataset.writers", r"([a-z]+)_\d+")
        ways = f"dataset.writers=folder | name | file, or a regular expression with a group: '{example}'"
        notes.append(("writers", f"unsure: {found.doubt}; {ways}"))
    parts = _given_parts(root, files)
    given = [part for part in PARTS if parts[part]]
    if "train" not in given or len(given) < 2:
        parts, given = {"train": files, "validation": [], "test": []}, []
    else:
        notes.append(("split", f"folders kept as they are: {', '.join(f'{len(parts[p]):,} {p}' for p in given)}"))
    train, total = parts["train"], len(files)
    for part, share in (("test", test), ("validation", held_out)):
        if parts[part] or not share:
            continue
        elsewhere = {file.writer for other in PARTS[1:] for file in parts[other]}
        free = [file for file in train if file.writer not in elsewhere]
        if len({file.writer for file in free}) < 2 and len(set(found.keys)) > 1:
            raise UserError(
                "dataset.writers",
                f"{len(set(found.keys)):,} writers (by {found.rule}) are too few to make a {part} part of",
                ("take every image for a writer's own:  dataset.writers=file",),
            )
        wanted = share * (total if not given else len(train)) / max(1, len(free))
        parts[part] = split_off_writers(free, min(wanted, 0.95))[1]
        moved = set(parts[part])
        train = [file for file in train if file not in moved]
        if given:
            notes.append(("split", f"{part} made of writers of the training part: {len(parts[part]):,} signatures"))
    parts["train"] = train
    if beside := total - sum(map(len, parts.values())):
        notes.append(
            ("split", f"left out, beside the folders of the split: {beside:,} ({_beside(root, files, parts)})")
        )
    notes.append(("shared", _shared(parts, files, found)))
    return SplitSignatures(parts["train"], parts["validation"], parts["test"], notes)


def find_own_signatures(root: Path, writers: str) -> Files:
    """The images below a folder, with writers numbered from 0 on.

    Args:
      root: the folder.
      writers: see `data.signatures.writers.find_writers`.

    Raises:
      UserError: there are no images.
    """
    return _find(root, writers)[0]


def _find(root: Path, writers: str) -> tuple[Files, Writers]:
    """(files in their order, the writer of each)."""
    check_folder(root, "signatures")
    folder = ImageFolder(root)
    if not folder.pictures:
        raise UserError("dataset.root", f"no images in {root}", ("give their folder:  dataset.root=<folder>",))
    found = find_writers([path.relative_to(root).as_posix() for path in folder.pictures], writers)
    number_of = {key: number for number, key in enumerate(sorted(set(found.keys)))}
    pairs = sorted(
        (SignatureFile(number_of[key], path), key) for key, path in zip(found.keys, folder.pictures, strict=True)
    )
    return [file for file, _ in pairs], dataclasses.replace(found, keys=[key for _, key in pairs])


def _given_parts(root: Path, files: Files) -> dict[str, Files]:
    parts: dict[str, Files] = {part: [] for part in PARTS}
    for file in files:
        if part := split_of(PurePosixPath(file.path.relative_to(root).as_posix())):
            parts[part].append(file)
    return parts


def _beside(root: Path, files: Files, parts: dict[str, Files]) -> str:
    used = {file for part in parts.values() for file in part}
    names = [file.path.relative_to(root).as_posix() for file in files if file not in used]
    return ", ".join(names[:3]) + ", ..." * (len(names) > 3)


def _shared(parts: dict[str, Files], files: Files, found: Writers) -> str:
    """How many writers several parts have signatures of."""
    parts_of = defaultdict(set)
    for part, mine in parts.items():
        for file in mine:
            parts_of[file.writer].add(part)
    name_of = {file.writer: key for file, key in zip(files, found.keys, strict=True)}
    shared = [name_of[writer] for writer in sorted(parts_of) if len(parts_of[writer]) > 1]
    if not shared:
        checked = ", as far as the writers are known" if found.doubt else ""
        return f"writers in several splits: 0{checked}"
    return f"writers in several splits: {len(shared):,} ({', '.join(shared[:5])}{', ...' * (len(shared) > 5)})"


def split_off_writers(files: Files, held_out: float) -> tuple[Files, Files]:
    """Splits into (training, held out) by writer.

    Writers are held out in an order that a hash gives, until they have the share of all signatures that is wanted.

    Raises:
      UserError: there are not two writers.
    """
    counts = Counter(file.writer for file in files)
    if len(counts) < 2:
        raise UserError(
            "dataset.writers",
            "the signatures are all of one writer, so that no other is left to measure on",
            ("take every image for a writer's own:  dataset.writers=file",),
        )
    order = sorted(counts, key=lambda writer: hashlib.blake2b(str(writer).encode()).digest())
    out: set[int] = set()
    signatures = 0
    for writer in order[:-1]:
        if out and signatures + counts[writer] / 2 > held_out * len(files):
            break
        out.add(writer)
        signatures += counts[writer]
    return [file for file in files if file.writer not in out], [file for file in files if file.writer in out]
