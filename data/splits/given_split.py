"""Reads the split that a user made by folders, label files and lists."""

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from data.errors import UserError
from data.labelled_pages import Dropped, LabelledDataset, LabelledPage
from data.pictures.image_folder import IMAGE_SUFFIXES
from data.splits.document_names import documents_of, only_counts
from data.splits.listed_pictures import parts_by_lists
from data.splits.path_names import PARTS, split_of, unclear_folders
from data.splits.several_parts import check_parts
from data.splits.split_lists import read_split_lists
from data.wording import count_of

WAYS = ("auto", "folders", "lists", "documents")
"""Values of `dataset.split`: what determines the part of a page. `auto`: folders and lists, which must agree."""

_SHOWN = 3
_OTHER_WAYS = ("dataset.split=folders", "dataset.split=documents")

OUTSIDE = "in none of the parts that the split has"
"""The reason why a page outside a split is left out."""


@dataclasses.dataclass(frozen=True)
class GivenSplit:
    """Pages with the parts of a user's split.

    Attributes:
      pages: each with `train`, `validation` or `test`, or all with "" if there is no split.
      dropped: pages outside an existing split, and entries of lists without a picture.
      notes: (label, sentence) lines for people.
    """

    pages: list[LabelledPage]
    dropped: list[Dropped]
    notes: list[tuple[str, str]]


def with_split(
    dataset: LabelledDataset, root: Path, way: str, documents: str, pictures: Sequence[Path] = ()
) -> LabelledDataset:
    """Adds the document and the part of the user's split to each page of a dataset.

    Args:
      dataset: pages with the part that their label file names as `split`.
      root: its folder.
      way: one of `WAYS`.
      documents: see `data.splits.document_names.documents_of`.
      pictures: all pictures in the folder, including those without a page, because lists may name them.

    Raises:
      UserError: see `read_given_split`.
    """
    twice = [] if way in ("documents", "lists") else check_parts(dataset)
    given = read_given_split(root, dataset.pages, way, pictures)
    understood = documents_of([_name_within(root, page) for page in given.pages], documents)
    pages = [
        dataclasses.replace(page, document=document)
        for page, document in zip(given.pages, understood.documents, strict=True)
    ]
    notes = [*twice, *given.notes, ("document", understood.sentence)]
    if understood.doubt:
        notes.append(("document", f"unsure: {understood.doubt}"))
    parts_of = defaultdict(set)
    for page, scan in zip(pages, understood.scans, strict=True):
        parts_of[scan].add(page.split)
    if shared := sorted(scan for scan, parts in parts_of.items() if len(parts) > 1):
        notes.append(("split", f"{len(shared):,} scans have versions in several parts: {_some(shared)}"))
    if recurring := _in_several_folders(pages):
        what = "names recur" if len(recurring) > 1 else "name recurs"
        text = f"{len(recurring):,} {what} in folders of several parts, each a document of its own: {_some(recurring)}"
        notes.append(("split", text))
    return dataclasses.replace(
        dataset,
        pages=pages,
        dropped=[*dataset.dropped, *given.dropped],
        notes=[*dataset.notes, *notes],
    )


def _in_several_folders(pages: Sequence[LabelledPage]) -> list[str]:
    """Names that several documents in different folders and parts have."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for page in pages:
        if not only_counts(name := PurePosixPath(page.document).name):
            found[name][page.document].add(page.split)
    return sorted(name for name, of in found.items() if len(of) > 1 and len(set().union(*of.values())) > 1)


def read_given_split(root: Path, pages: Sequence[LabelledPage], way: str, pictures: Sequence[Path] = ()) -> GivenSplit:
    """Finds the part of each page.

    If the split has a training part, pages outside the split are left out and reported. Otherwise these pages are the
    training part. A single part is no split.

    Args:
      root: the dataset.
      pages: with the part that their label file names as `split`.
      way: one of `WAYS`.
      pictures: all pictures in the folder.

    Raises:
      UserError: folders, label files and lists contradict each other, a picture is in two lists, or nothing is left to
        train on.
    """
    if way == "documents":
        return GivenSplit([dataclasses.replace(page, split="") for page in pages], [], [])
    names = [_name_within(root, page) for page in pages]
    notes = [] if way == "lists" else unclear_notes(names)
    by_folder = ["" if way == "lists" else _part_by_folder(page, name) for page, name in zip(pages, names, strict=True)]
    by_list: dict[str, str] = {}
    dropped: list[Dropped] = []
    if way != "folders":
        others = [path.relative_to(root).as_posix() for path in pictures if path.is_relative_to(root)]
        by_list, dropped, read = parts_in_lists(root, sorted({*names, *others}), _OTHER_WAYS)
        notes += read
    if way == "lists" and not by_list:
        raise UserError("dataset.split", f"there are no lists of a split in {root}", ("dataset.split=auto",))
    parts = agreed_parts(names, by_folder, by_list, ("dataset.split=lists", "dataset.split=folders"))
    split = _settle(root, pages, names, parts)
    return GivenSplit(split.pages, [*dropped, *split.dropped], [*notes, *split.notes])


def unclear_notes(names: Sequence[str]) -> list[tuple[str, str]]:
    """A (label, sentence) line on folders that may be meant as parts but do not count; empty if there are none.

    Args:
      names: paths of pictures within the dataset.
    """
    folders = unclear_folders(map(PurePosixPath, names))
    if not folders:
        return []
    what = "a folder that says" if len(folders) == 1 else "folders that say"
    return [
        ("split", f"not read: {what} more than train, validation or test, and so may mean no part: {_some(folders)}")
    ]


def agreed_parts(
    names: Sequence[str], by_folder: Sequence[str], by_list: Mapping[str, str], remedies: tuple[str, ...]
) -> list[str]:
    """The part of each picture by its folder and by lists; "" if neither names one.

    Args:
      names: paths within the dataset.
      by_folder: the part of each; "" for none.
      by_list: name -> part.
      remedies: what to do if folders and lists contradict each other.

    Raises:
      UserError: folders and lists contradict each other.
    """
    both = zip(names, by_folder, [by_list.get(name, "") for name in names], strict=True)
    clashes = [f"{name} (list: {two}, folder: {one})" for name, one, two in both if one and two and one != two]
    if clashes:
        raise UserError(
            "dataset.split" if "dataset.split=lists" in remedies else "dataset.root",
            f"lists and folders contradict each other on {count_of(len(clashes), 'picture')}: {_some(clashes)}",
            remedies,
        )
    return [by_list.get(name, "") or one for name, one in zip(names, by_folder, strict=True)]


def _settle(root: Path, pages: Sequence[LabelledPage], names: Sequence[str], parts: list[str]) -> GivenSplit:
    """Decides about pages without a part.

    Raises:
      UserError: no page is left to train on.
    """
    counts = Counter(parts)
    given = [part for part in PARTS if counts[part]]
    kept, dropped = [], []
    if not given:
        return GivenSplit(list(pages), [], [])
    shown = ", ".join(f"{counts[part]:,} {part}" for part in given)
    if given == ["train"] or (len(given) == 1 and not counts[""]):
        note = ("split", f"the only part that folders or lists name is {given[0]}: split here, by document")
        return GivenSplit([dataclasses.replace(page, split="") for page in pages], [], [note])
    if "train" not in given and not counts[""]:
        raise UserError(
            "dataset.root",
            f"{root} has no training part ({shown})",
            ("call the folder of the pages to train on train", "dataset.split=documents"),
        )
    for page, name, part in zip(pages, names, parts, strict=True):
        if not part and "train" in given and page.path is not None:
            dropped.append((name, f"{OUTSIDE} ({', '.join(given)})"))
            continue
        kept.append(dataclasses.replace(page, split=part or "train"))
    notes = [("split", f"kept as it is: {shown} pages")]
    if counts[""] and "train" not in given:
        notes = [("split", f"kept as it is: {shown} pages; the other {counts['']:,} are the training part")]
    return GivenSplit(kept, dropped, notes)


def _part_by_folder(page: LabelledPage, name: str) -> str:
    of_picture = split_of(PurePosixPath(name))
    if page.split and of_picture and page.split != of_picture:
        raise UserError(
            "dataset.split",
            f"the labels of {name} are those of the {page.split} part, and it lies in a folder of the {of_picture} "
            "part",
            ("move the picture or the labels", "dataset.split=documents"),
        )
    return page.split or of_picture


def parts_in_lists(
    root: Path, names: Sequence[str], remedies: tuple[str, ...] = ()
) -> tuple[dict[str, str], list[Dropped], list[tuple[str, str]]]:
    """Reads the lists below a folder.

    Args:
      root: the dataset.
      names: paths of all pictures within it.
      remedies: further remedies for wrong lists.

    Returns:
      (name -> part, entries without a picture, (label, sentence) lines for people).

    Raises:
      UserError: none of the pictures of a list exists, or a picture is in the lists of two parts.
    """
    lists, absent = read_split_lists(root)
    notes = [("split", sentence) for sentence in absent]
    named: dict[str, dict[str, str]] = defaultdict(dict)  # part -> name -> source
    dropped: list[Dropped] = []
    read = []
    for each, found, missing in parts_by_lists(root, names, lists):
        if not found:
            if any(entry.lower().endswith((*IMAGE_SUFFIXES, ".pdf")) for entry in each.entries):
                raise UserError(
                    str(root / each.source.partition(" (")[0]),
                    f"none of the {len(each.entries):,} pictures that it lists for {each.part} is in {root} "
                    f"({_some(each.entries)})",
                    ("correct or remove it", *remedies),
                )
            notes.append(("split", f"{each.source} names no picture that is there, and is not read"))
            continue
        read.append(f"{each.source}: {len(found):,} {each.part}")
        dropped += [(entry, f"{each.source} lists it, and there is no such picture") for entry in missing]
        named[each.part] |= dict.fromkeys(found, each.source)
    if read:
        notes.append(("split", f"read from {', '.join(read)}"))
    notes += _drop_equal_parts(named)
    return _single_parts(named, remedies), dropped, notes


def _drop_equal_parts(named: dict[str, dict[str, str]]) -> list[tuple[str, str]]:
    """Removes parts whose pictures are those of another part, in place; returns (label, sentence) lines on them."""
    notes = []
    for part in [part for part in PARTS[1:] if part in named]:
        same = next(
            (other for other in PARTS if other != part and named.get(other, {}).keys() == named[part].keys()), ""
        )
        if same:
            notes.append(("split", f"{part} and {same} are the same {len(named[part]):,} pictures, which is no split"))
            del named[part]
    return notes


def _single_parts(named: Mapping[str, Mapping[str, str]], remedies: tuple[str, ...]) -> dict[str, str]:
    """Name of each picture -> its part.

    Args:
      named: part -> name -> list that names the picture.
      remedies: further remedies for wrong lists.

    Raises:
      UserError: a picture is in the lists of two parts.
    """
    part_of: dict[str, str] = {}
    twice = []
    for part, sources in named.items():
        for name, source in sources.items():
            if name in part_of:
                twice.append(f"{name} ({named[part_of[name]][name]} and {source})")
            part_of[name] = part
    if twice:
        raise UserError(
            "dataset.split" if remedies else "dataset.root",
            f"{len(twice):,} pictures are in the lists of two parts: {_some(twice)}",
            ("take each out of one of them", *remedies),
        )
    return part_of


def _name_within(root: Path, page: LabelledPage) -> str:
    if page.path is not None and page.path.is_relative_to(root):
        return page.path.relative_to(root).as_posix()
    return page.name.replace("\\", "/")


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
