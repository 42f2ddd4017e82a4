"""CVAT's XML for images: an element `image` for each picture, with its shapes in pixels."""

from pathlib import Path, PurePosixPath
from xml.etree.ElementTree import Element

from data.errors import UserError
from data.labels.box_units import around_turned
from data.labels.label_sets import Corners, files_read, LabelFormat, LabelSet, Mark, MarkedPage, ReadOptions
from data.labels.label_texts import number_of
from data.labels.picture_names import PictureNames
from data.labels.xml_files import find_xml_files, numbers_in, read_xml, size_in
from data.splits.path_names import split_of

_SHAPES = ("box", "polygon", "polyline", "points", "mask", "ellipse", "cuboid", "skeleton")


def find_cvat_files(names: PictureNames) -> list[Path]:
    """XML files whose outermost element is `annotations`."""
    return find_xml_files(names.root, "annotations")


def read_cvat(names: PictureNames, files: list[Path], options: ReadOptions) -> LabelSet:
    """Reads every image that the files list. An image without shapes counts as labelled and empty.

    Args:
      names: of the pictures.
      files: from `find_cvat_files`.
      options: not used.

    Raises:
      UserError: a file is cut, or is CVAT's format for videos.
    """
    pages = []
    for file in files:
        annotations = read_xml(file)
        if annotations is None:
            raise UserError(str(file), "is cut or broken", ("export the labels again",))
        if annotations.find("track") is not None:
            raise UserError(str(file), "is CVAT's form for videos", ("export as `CVAT for images`, COCO or YOLO",))
        of_task = (annotations.findtext("meta/task/subset") or "").strip()  # an export of one task
        pages += [
            _page_of(image, image.get("subset") or of_task, file, names) for image in annotations.findall("image")
        ]
    return LabelSet(pages, notes=[("read", files_read("CVAT", files, names.root))])


def _page_of(image: Element, subset: str, file: Path, names: PictureNames) -> MarkedPage:
    written = image.get("name", "")
    picture, problem = names.find(written, file)
    name = picture.relative_to(names.root).as_posix() if picture else written
    part = split_of(PurePosixPath(subset or ".", "image"))
    page = MarkedPage(name, picture, file, size=size_in(image), problem=problem, part=part)
    shapes = [each for each in image if each.tag in _SHAPES]
    if not shapes and (tag := image.find("tag")) is not None:
        page.lost.append((f"{file.name} {written}", f"a tag, {tag.get('label')}, and no box that says where it is"))
    for number, shape in enumerate(shapes, start=1):
        kind, box = shape.get("label", "").strip(), _box_of(shape)
        place = f"{file.name} {written} {shape.tag} {number}"
        if box and kind:
            page.marks.append(Mark(kind, box, place))
        else:
            page.lost.append((place, f"a {shape.tag} that gives no box"))
    return page


def _box_of(shape: Element) -> Corners | None:
    match shape.tag:
        case "box":
            corners = numbers_in(shape, "xtl", "ytl", "xbr", "ybr")
            return _turned(corners, number_of(shape.get("rotation", 0)) or 0.0) if corners else None
        case "polygon":
            return _bounds(shape.get("points", ""))
        case "mask":
            place = numbers_in(shape, "left", "top", "width", "height")
            return (place[1], place[0], place[1] + place[3], place[0] + place[2]) if place else None
        case "ellipse":
            ellipse = numbers_in(shape, "cx", "cy", "rx", "ry")
            if not ellipse:
                return None
            x, y, wide, high = ellipse
            return _turned([x - wide, y - high, x + wide, y + high], number_of(shape.get("rotation", 0)) or 0.0)
    return None


def _turned(corners: list[float], degrees: float) -> Corners:
    left, top, right, bottom = corners
    centre = ((left + right) / 2, (top + bottom) / 2)
    return around_turned((*centre, abs(right - left) / 2, abs(bottom - top) / 2), degrees)


def _bounds(points: str) -> Corners | None:
    pairs = [[number_of(value) for value in pair.split(",")] for pair in points.split(";") if pair.strip()]
    xs = [pair[0] for pair in pairs if len(pair) == 2 and pair[0] is not None]
    ys = [pair[1] for pair in pairs if len(pair) == 2 and pair[1] is not None]
    return (min(ys), min(xs), max(ys), max(xs)) if len(xs) == len(ys) == len(pairs) > 2 else None


CVAT = LabelFormat("CVAT", find_cvat_files, read_cvat)
