"""COCO's JSON: `images`, `annotations` with a `bbox` of x, y, width and height in pixels, `categories`."""

import dataclasses
from pathlib import Path
from typing import Any

from data.errors import UserError
from data.labels.box_units import are_corners, are_percents, are_shares, around_turned, Four, may_be_percents, UNSURE
from data.labels.coco_boxes import are_meant_as_corners, box_of, CocoBox
from data.labels.coco_files import find_coco_files, load_json
from data.labels.label_sets import Corners, files_read, LabelFormat, LabelSet, Mark, MarkedPage, ReadOptions
from data.labels.label_texts import key_of, number_of
from data.labels.picture_names import PictureNames

CROWD = "a box that is marked iscrowd (dataset.crowds=true takes such boxes)"
IGNORE = "a box that is marked ignore (dataset.crowds=true takes such boxes)"
NO_BOX = "an annotation without a bbox of four numbers"
UNLISTED = "annotations of an image that is not listed"

Content = dict[str, Any]


def read_coco(names: PictureNames, files: list[Path], options: ReadOptions) -> LabelSet:
    """Reads every image that the files list. An image without annotations counts as labelled and empty.

    Args:
      names: of the pictures.
      files: from `find_coco_files`.
      options: whether crowds count.

    Raises:
      UserError: a file is not COCO's format, or an id in it has two meanings.
    """
    pages, dropped, notes = [], [], [("read", files_read("COCO", files, names.root))]
    for file in files:
        reader = _File(file, names, options)
        pages += reader.pages()
        dropped += [(f"{file.name} image {key}", UNLISTED) for key in reader.unlisted]
        notes += [("boxes", f"{file.name}: {note}") for note in reader.notes]
    return LabelSet(pages, dropped, notes=notes)


@dataclasses.dataclass(frozen=True)
class _RawBox:
    """A box of a page, with the numbers of the file, whose meaning depends on all boxes of the file.

    Attributes:
      page: the page that it is on.
      kind: name of its class.
      place: of the annotation, for messages.
      box: its numbers.
    """

    page: MarkedPage
    kind: str
    place: str
    box: CocoBox


class _File:
    """A reader of one file of labels.

    Attributes:
      unlisted: ids of images that have annotations and are not listed.
      notes: sentences on how the boxes were read.
    """

    def __init__(self, file: Path, names: PictureNames, options: ReadOptions) -> None:
        self._file, self._names, self._options = file, names, options
        content = load_json(file)
        self._images = self._list_of(content, "images")
        self._annotations = self._list_of(content, "annotations")
        self._categories = self._read_categories(content)
        self.unlisted: list[str] = []
        self.notes: list[str] = []

    def pages(self) -> list[MarkedPage]:
        """Returns the pages that the file lists, with boxes in pixels or shares. Raises UserError as `read_coco`."""
        pages: dict[str, MarkedPage] = {}
        named: dict[str, Content] = {}
        for number, image in enumerate(self._images):
            if "id" not in image or not isinstance(image.get("file_name"), str):
                raise self._not_coco(f"images[{number}] has no id or no file_name")
            key = key_of(image["id"])
            if key in named and named[key] != image:
                raise UserError(
                    str(self._file),
                    f"the image id {key} stands for {named[key]['file_name']} and for {image['file_name']}",
                    ("export the labels again, or give each image an id of its own",),
                )
            if key not in named:
                named[key] = image
                pages[key] = self._page(image)
        raw = self._raw_boxes(pages)
        self._place(pages, raw)
        return list(pages.values())

    def _page(self, image: Content) -> MarkedPage:
        picture, problem = self._names.find(image["file_name"], self._file)
        height, width = number_of(image.get("height")), number_of(image.get("width"))
        size = (int(height), int(width)) if height and width and min(height, width) >= 1 else None
        name = picture.relative_to(self._names.root).as_posix() if picture else image["file_name"]
        return MarkedPage(name, picture, self._file, size=size, problem=problem)

    def _raw_boxes(self, pages: dict[str, MarkedPage]) -> list[_RawBox]:
        """The boxes of all annotations that can be used; notes the others on their pages."""
        raw, unlisted = [], dict[str, None]()
        for number, note in enumerate(self._annotations):
            key, place = key_of(note.get("image_id")), f"{self._file.name} annotation {note.get('id', number)}"
            if key not in pages:
                unlisted[key] = None
                continue
            category = key_of(note.get("category_id"))
            box = box_of(note)
            if note.get("category_id") is None:
                pages[key].lost.append((place, "an annotation without a category"))
            elif _is_true(note.get("iscrowd")) and not self._options.use_crowds:
                pages[key].lost.append((place, CROWD))
            elif _is_true(note.get("ignore")) and not self._options.use_crowds:
                pages[key].lost.append((place, IGNORE))
            elif box is None:
                pages[key].lost.append((place, NO_BOX))
            else:
                if not box.corners and (degrees := _rotation_of(note)):
                    x, y, wide, high = box.numbers
                    top, left, bottom, right = around_turned((x + wide / 2, y + high / 2, wide / 2, high / 2), degrees)
                    box = CocoBox((left, top, right, bottom), True)
                raw.append(_RawBox(pages[key], self._categories.get(category, category), place, box))
        self.unlisted = list(unlisted)
        return raw

    def _place(self, pages: dict[str, MarkedPage], raw: list[_RawBox]) -> None:
        """Decides what the numbers of all boxes mean, and adds the boxes to their pages."""
        numbers, sizes = [each.box.numbers for each in raw], [each.page.size for each in raw]
        shares, unit = are_shares(numbers), 1.0
        if shares:
            self.notes.append("its boxes are shares of the page, not pixels")
        elif are_percents(numbers, sizes):
            self.notes.append("its boxes are per cent of the page, not pixels")
            shares, unit = True, 100.0
        elif may_be_percents(numbers, sizes):
            self.notes.append(UNSURE)
        for page in pages.values():
            page.shares = shares
        boxes = [each.box for each in raw if not each.box.corners]
        page_sizes = [(unit, unit) if shares else each.page.size for each in raw if not each.box.corners]
        scaled = [_scaled(box.numbers, size[1], size[0]) for box, size in zip(boxes, page_sizes, strict=True) if size]
        read = [(x, y, x + width, y + height) for x, y, width, height in scaled]
        all_corners = (len(scaled) == len(boxes) and are_corners(scaled, read)) or are_meant_as_corners(boxes)
        if all_corners:
            self.notes.append("its boxes are two corners, not a corner and a size")
        for each in raw:
            box = _scaled(each.box.numbers, unit, unit)
            each.page.marks.append(Mark(each.kind, _ordered(box, each.box.corners or all_corners), each.place))

    def _list_of(self, content: Any, key: str) -> list[Content]:
        items = content.get(key) if isinstance(content, dict) else None
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise self._not_coco(f"{key} is not a list of objects")
        return items

    def _read_categories(self, content: Content) -> dict[str, str]:
        """Names by id. Some tools write `{id: name}` or `{name: id}` instead of the list of objects."""
        categories = content.get("categories", [])
        if isinstance(categories, dict):
            categories = [_category_of(key, value) for key, value in categories.items()]
        if not isinstance(categories, list) or not all(isinstance(each, dict) and "id" in each for each in categories):
            raise self._not_coco("categories is not a list of objects with an id and a name")
        names: dict[str, str] = {}
        for category in categories:
            key, name = key_of(category["id"]), str(category.get("name") or category["id"]).strip()
            if names.setdefault(key, name) != name:
                raise UserError(
                    str(self._file),
                    f"the category id {key} stands for {names[key]} and for {name}",
                    ("export the labels again, or give each category an id of its own",),
                )
        return names

    def _not_coco(self, why: str) -> UserError:
        return UserError(str(self._file), f"not COCO's form ({why})", ("export the labels again",))


def _category_of(key: str, value: object) -> Content:
    if isinstance(value, dict):
        return {"id": value.get("id", key), "name": value.get("name")}
    return {"id": value, "name": key} if isinstance(value, int) else {"id": key, "name": value}


def _rotation_of(note: Content) -> float:
    """Degrees by which CVAT turns a box; `bbox` is the box before the turn. 0 without a rotation."""
    attributes = note.get("attributes")
    return (number_of(attributes.get("rotation")) or 0.0) % 360 if isinstance(attributes, dict) else 0.0


def _is_true(value: object) -> bool:
    if isinstance(value, str):
        return value.strip().lower() not in ("", "0", "false", "no", "none")
    return bool(value)


def _scaled(box: Four, width: float, height: float) -> Four:
    """The four numbers of a box, divided by a width and a height."""
    x, y, third, fourth = box
    return x / width, y / height, third / width, fourth / height


def _ordered(box: Four, corners: bool) -> Corners:
    """A box of two corners, or of a corner and a size, as ymin, xmin, ymax, xmax."""
    x, y, third, fourth = box
    return (y, x, fourth, third) if corners else (y, x, y + fourth, x + third)


COCO = LabelFormat("COCO", lambda names: find_coco_files(names.root), read_coco)
