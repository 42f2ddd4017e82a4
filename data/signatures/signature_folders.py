"""`dataset=signatures`: finds the writer and the part of the split of each image in a folder of signatures."""

import dataclasses
import hashlib
from collections import Counter, defaultdict
from pathlib import Path

from data.commands import override
from data.errors import UserError
from data.folders import check_folder
from data.pictures.image_folder import ImageFolder
from data.signatures.cedar import SignatureFile
from data.signatures.writers import find_writers, Writers
from data.splits.given_split import agreed_parts, parts_in_lists, unclear_notes
from data.splits.path_names import PARTS, parts_by_folders
from data.wording import count_of

Files = list[SignatureFile]

_LISTS_ARE_WRONG = ("correct or remove the lists",)


@dataclasses.dataclass(frozen=True)
class SplitSignatures:
    """Signatures by part.

    Attributes:
      train, validation, test: signatures of different writers, unless the user's own split mixes writers.
      notes: (label, sentence) lines for people: the number of writers, the rule that found them, and the split.
    """

    train: Files
    validation: Files
    test: Files
    notes: list[tuple[str, str]]


def read_own_signatures(root: Path, writers: str, held_out: float, test: float) -> SplitSignatures:
    """Reads the images below a folder by part.

    A split by folders called train, validation and test, or by lists such as train.txt, is kept if it has a training
    part. Missing parts are made of whole writers of the training part.

    Args:
      root: the folder.
      writers: see `data.signatures.writers.find_writers`.
      held_out: share of the signatures for validation, if there is no such part.
      test: share for the test part, if there is no such part; 0 for none.

    Raises:
      UserError: there are no images, not enough writers, or lists and folders contradict each other.
    """
    files, found = _find(root, writers)
    notes = [("writers", found.sentence)]
    if found.doubt:
        example = override("dataset.writers", r"([a-z]+)_\d+")
        ways = f"dataset.writers=folder | name | file, or a regular expression with a group: '{example}'"
        notes.append(("writers", f"unsure: {found.doubt}; {ways}"))
    parts, read = _given_parts(root, files)
    notes += read
    given, settled = _settle(root, files, parts)
    notes += settled
    train, total = parts["train"], len(files)
    for part, share in (("test", test), ("validation", held_out)):
        if parts[part] or not share:
            continue
        elsewhere = {file.writer for other in PARTS[1:] for file in parts[other]}
        free = [file for file in train if file.writer not in elsewhere]
        if len({file.writer for file in free}) < 2 and len(set(found.keys)) > 1:
            taken = f": all but {len({file.writer for file in free})} are in another part too" if elsewhere else ""
            raise UserError(
                "dataset.writers",
                f"{len(set(found.keys)):,} writers (by {found.rule}) are too few to make a {part} part of{taken}",
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
        notes.append(("split", f"left out, in none of the parts: {beside:,} ({_beside(root, files, parts)})"))
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
    """(files in order, the writer of each). Raises UserError without images."""
    check_folder(root, "signatures")
    folder = ImageFolder(root)
    if not folder.pictures:
        others = folder.left_out()
        why = f"no images in {root}{f', but {others}' if others else ''}"
        raise UserError("dataset.root", why, ("give their folder:  dataset.root=<folder>",))
    found = find_writers([path.relative_to(root).as_posix() for path in folder.pictures], writers)
    number_of = {key: number for number, key in enumerate(sorted(set(found.keys)))}
    pairs = sorted(
        (SignatureFile(number_of[key], path), key) for key, path in zip(found.keys, folder.pictures, strict=True)
    )
    return [file for file, _ in pairs], dataclasses.replace(found, keys=[key for _, key in pairs])


def _given_parts(root: Path, files: Files) -> tuple[dict[str, Files], list[tuple[str, str]]]:
    """(files of each part that folders or lists name, (label, sentence) lines on the lists)."""
    names = [file.path.relative_to(root).as_posix() for file in files]
    by_folder = parts_by_folders(names)
    by_list, absent, read = parts_in_lists(root, names)
    notes = [*unclear_notes(names), *read]
    if absent:
        notes.append(("split", f"{count_of(len(absent), 'entry')} without a picture: {absent[0][0]} ({absent[0][1]})"))
    parts: dict[str, Files] = {part: [] for part in PARTS}
    for file, part in zip(files, agreed_parts(names, by_folder, by_list, _LISTS_ARE_WRONG), strict=True):
        if part:
            parts[part].append(file)
    return parts, notes


def _settle(root: Path, files: Files, parts: dict[str, Files]) -> tuple[list[str], list[tuple[str, str]]]:
    """(the parts that are kept, (label, sentence) lines on them); fills the training part if nothing names one.

    Raises:
      UserError: nothing is left to train on.
    """
    given = [part for part in PARTS if parts[part]]
    used = {file for part in given for file in parts[part]}
    others = [file for file in files if file not in used]
    if given == ["train"] or (len(given) == 1 and not others):
        parts |= {"train": files, "validation": [], "test": []}
        return [], [("split", f"the only part that folders or lists name is {given[0]}: split here, by writer")]
    shown = ", ".join(f"{len(parts[part]):,} {part}" for part in given)
    if not given:
        parts["train"] = files
        return [], []
    if "train" in given:
        return given, [("split", f"kept as it is: {shown}")]
    if not others:
        raise UserError(
            "dataset.root",
            f"{root} has no training part ({shown})",
            ("call the folder of the signatures to train on train",),
        )
    parts["train"] = others
    return ["train", *given], [("split", f"kept as it is: {shown}; the other {len(others):,} are the training part")]


def _beside(root: Path, files: Files, parts: dict[str, Files]) -> str:
    used = {file for part in parts.values() for file in part}
    names = [file.path.relative_to(root).as_posix() for file in files if file not in used]
    return ", ".join(names[:3]) + ", ..." * (len(names) > 3)


def _shared(parts: dict[str, Files], files: Files, found: Writers) -> str:
    """The number of writers with signatures in several parts, as text."""
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
    """Splits files into (training, held out) by writer.

    Writers are held out in the order of a hash, until their signatures are about the share `held_out` of all.

    Raises:
      UserError: there are fewer than two writers.
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
