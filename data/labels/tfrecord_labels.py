"""TFRecords with other classes, as Roboflow exports them: records with SignverOD's keys, and a label map."""

import re
from pathlib import Path, PurePosixPath
from typing import Any

from data.commands import command, override
from data.errors import UserError
from data.folders import files_below
from data.labelled_pages import Dropped
from data.labels.label_sets import LabelFormat, LabelSet, Mark, MarkedPage, ReadOptions
from data.labels.picture_names import PictureNames
from data.pages.page_classes import CLASSES
from data.pages.page_records import BadPage, encoded_picture, raw_boxes
from data.pages.tf_examples import BrokenRecord, parse_example, read_record, record_offsets
from data.text_files import read_text
from data.wording import count_of

LABEL_MAP_SUFFIXES = (".pbtxt",)

_ITEM = re.compile(r"item\s*:?\s*\{(.*?)\}", re.DOTALL)
_ID = re.compile(r"\bid\s*:\s*(\d+)")
_NAME = re.compile(r"\b(?:display_name|name)\s*:\s*(?:\"([^\"]*)\"|'([^']*)')")
_SUFFIXES = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg", b"GIF8": ".gif", b"BM": ".bmp", b"RIFF": ".webp"}


def find_tfrecord_files(names: PictureNames) -> list[Path]:
    """Files below the folder that are named like TFRecords and hold records, and label maps."""
    found = [file for file in _all_files(names.root) if _is_record_file(file)]
    return [*found, *files_below(names.root, *LABEL_MAP_SUFFIXES)] if found else []


def _all_files(root: Path) -> list[Path]:
    return files_below(root, ".tfrecord", ".tfrecords", ".record", ".records", *_numbered_shards(root))


def _numbered_shards(root: Path) -> set[str]:
    return {path.suffix.lower() for path in root.rglob("*.*record*-of-*")}


def _is_record_file(file: Path) -> bool:
    return bool(record_offsets(file)[0])


def read_tfrecords(names: PictureNames, files: list[Path], options: ReadOptions) -> LabelSet:
    """Reads every record; its picture is written to `options.scratch`.

    Args:
      names: of the pictures; gives the folder.
      files: from `find_tfrecord_files`.
      options: give the folder of the pictures.

    Raises:
      UserError: the label maps contradict each other or the names in the records.
    """
    maps = [file for file in files if file.suffix.lower() in LABEL_MAP_SUFFIXES]
    shards = [file for file in files if file not in maps]
    class_names = read_label_maps(maps)
    pages: list[MarkedPage] = []
    dropped: list[Dropped] = []
    for shard in shards:
        offsets, cut = record_offsets(shard)
        where = shard.relative_to(names.root)
        if cut:
            dropped.append((f"{where} record {len(offsets)}", f"{cut}; nothing after it can be read"))
        for number, offset in enumerate(offsets):
            place = f"{where.as_posix()} record {number}"
            try:
                features = parse_example(read_record(shard, offset))
                pages.append(_page_of(features, shard, place, class_names, names.root, options.scratch, len(pages)))
            except (BrokenRecord, BadPage, ValueError) as error:
                dropped.append((place, str(error)))
    return LabelSet(
        pages,
        dropped,
        notes=[("read", f"{count_of(len(shards), 'TFRecord file')}, {count_of(len(maps), 'label map')}")],
    )


def _page_of(
    features: dict[str, list[Any]],
    shard: Path,
    place: str,
    class_names: dict[int, str],
    root: Path,
    scratch: Path,
    number: int,
) -> MarkedPage:
    """The page of a record, whose picture is written to `scratch` under a number. Raises BadPage or UserError."""
    name, encoded = encoded_picture(features)
    boxes, labels = raw_boxes(features)
    picture = scratch / f"{number:07}{_suffix_of(encoded)}"
    picture.write_bytes(encoded)
    below = shard.parent.relative_to(root).as_posix()
    called = str(PurePosixPath(below, PurePosixPath(name.replace("\\", "/")).name or f"{shard.stem} record {number}"))
    sides = [(features.get(key) or [0])[0] for key in ("image/height", "image/width")]
    size = (int(sides[0]), int(sides[1])) if all(isinstance(side, int) and side > 0 for side in sides) else None
    page = MarkedPage(called, picture, shard, size=size, shares=True)
    texts = features.get("image/object/class/text", [])
    for index, (box, label) in enumerate(zip(boxes, labels, strict=True)):
        text = texts[index].decode(errors="replace").strip() if index < len(texts) and len(texts) == len(labels) else ""
        mapped = class_names.get(label, "")
        if text and mapped and text.casefold() != mapped.casefold():
            raise UserError(str(shard), f"{place} calls class {label} {text}, the label map {mapped}")
        page.marks.append(Mark(text or mapped or str(label), box, f"{place} box {index + 1}"))
    return page


def read_label_maps(files: list[Path]) -> dict[int, str]:
    """Class names by number.

    Args:
      files: label maps of the TF Object Detection API, with items of an `id` and a `name`.

    Raises:
      UserError: two files name a class differently.
    """
    names: dict[int, str] = {}
    origin: dict[int, Path] = {}
    for file in files:
        for item in _ITEM.findall(read_text(file)):
            number, name = _ID.search(item), _NAME.search(item)
            if not number or not name:
                continue
            key, text = int(number[1]), name[1] or name[2] or ""
            if names.setdefault(key, text) != text:
                raise UserError(
                    "dataset.root",
                    f"two label maps differ: class {key} is {names[key]} in {origin[key]} and {text} in {file}",
                    ("remove the one that is not right",),
                )
            origin.setdefault(key, file)
    return names


def refuse_other_classes(root: Path, is_signverod: bool) -> None:
    """Makes sure that TFRecords with other classes are not read as SignverOD's.

    Args:
      root: the folder.
      is_signverod: whether its files have SignverOD's names.

    Raises:
      UserError: its label maps name other classes, or it holds TFRecords with label maps that are not SignverOD's.
    """
    maps = files_below(root, *LABEL_MAP_SUFFIXES) if root.is_dir() else []
    if not maps:
        return
    ours = dict(enumerate(CLASSES, start=1))
    theirs = {number: name.strip().lower() for number, name in read_label_maps(maps).items()}
    alike = all(ours.get(number, "").rstrip("s") == name.rstrip("s") for number, name in theirs.items())
    if not alike or not is_signverod:
        named = ", ".join(f"{number} {name}" for number, name in sorted(theirs.items()))
        read = command("mode=inspect", "dataset=pages", override("dataset.root", root), "dataset.labels=tfrecord")
        raise UserError(
            "dataset.root",
            f"{root} holds TFRecords with another label map ({maps[0].name}: {named}), not SignverOD",
            (f"read them as pages of your own:  {read}",),
        )


def _suffix_of(encoded: bytes) -> str:
    return next((suffix for start, suffix in _SUFFIXES.items() if encoded.startswith(start)), ".tif")


TFRECORD = LabelFormat("TFRecord", find_tfrecord_files, read_tfrecords, holds_pictures=True)
