"""YOLO's labels: a text file for each picture, with a line for each box (`data.labels.yolo_lines`)."""

from collections import defaultdict
from pathlib import Path

from data.errors import UserError
from data.folders import files_below
from data.labels.box_units import are_corners
from data.labels.document_pages import DocumentPages
from data.labels.label_sets import LabelFormat, LabelSet, Mark, MarkedPage, ReadOptions
from data.labels.picture_names import NO_PICTURE, PictureNames
from data.labels.yolo_lines import BadLine, is_yolo_file, parse_line, YoloLine
from data.labels.yolo_names import find_name_files, NAME_FILES, read_keypoint_shape, read_names
from data.pictures.image_folder import ImageFolder
from data.text_files import read_text
from data.wording import count_of

NO_PICTURE_OF_LABELS = "a label file that matches no picture"
SECOND_LABELS = "a label file of a picture that has one beside it or below labels"


def find_yolo_files(names: PictureNames) -> list[Path]:
    """Text files that belong to a picture by their names, and others with lines like YOLO's."""
    found = []
    documents = DocumentPages(names, ImageFolder(names.root).documents)
    for file in _text_files(names.root):
        belongs = names.at_place_of(file) or names.with_stem(file.stem) or documents.find(file.stem, file)
        if belongs or is_yolo_file(file) or _is_empty_below_labels(file, names.root):
            found.append(file)
    return found


def has_yolo_lines(files: list[Path]) -> bool:
    """Whether any of some text files has lines like YOLO's."""
    return any(is_yolo_file(file) for file in files)


def _find_all(names: PictureNames) -> list[Path]:
    """Label files and, if there are any, files of class names."""
    labels = find_yolo_files(names)
    return [*labels, *find_name_files(names.root)] if labels else []


def read_yolo(names: PictureNames, files: list[Path], options: ReadOptions) -> LabelSet:
    """Reads the pictures that have label files. A picture whose file is empty counts as labelled and empty.

    Args:
      names: of the pictures.
      files: label files, and files of class names.
      options: name the PDF files.

    Raises:
      UserError: a label file may belong to two pictures, or two label files of a picture or two lists of class names
        differ.
    """
    name_files = find_name_files(names.root)
    class_names, keypoints = read_names(name_files), read_keypoint_shape(name_files)
    file_of, loose = _match(names, [file for file in files if file not in name_files])
    pages = [
        MarkedPage(_below(picture, names), picture, file, shares=True) for picture, file in sorted(file_of.items())
    ]
    documents, dropped = DocumentPages(names, options.documents), []
    for file, reason in loose:
        if reason == NO_PICTURE_OF_LABELS and documents.find(file.stem, file):
            pages.append(MarkedPage(_below(file, names), None, file, shares=True, problem=NO_PICTURE))
        else:
            dropped.append((_below(file, names), reason))
    lines_of = [_read_lines(page, keypoints) for page in pages]
    boxed = [line for lines in lines_of for _, line in lines if line.centre]
    corners = are_corners(
        [line.centre for line in boxed if line.centre], [(b[1], b[0], b[3], b[2]) for b in (line.box for line in boxed)]
    )
    notes = [("read", count_of(len(pages), "YOLO label file"))]
    if corners:
        notes.append(("boxes", "their boxes are two corners, not a centre and a size"))
    if more := sum(line.more for line in boxed):
        scores = f"{more:,} of their {len(boxed):,} lines have a sixth number, which is not used"
        notes.append(("boxes", f"{scores}; if it is the score of a model, these are guesses and no labels"))
    for page, lines in zip(pages, lines_of, strict=True):
        for place, line in lines:
            x, y, third, fourth = line.centre or (0.0, 0.0, 0.0, 0.0)
            box = (y, x, fourth, third) if corners and line.centre else line.box
            page.marks.append(Mark(class_names.get(line.kind, line.kind), box, place))
    return LabelSet(pages, dropped, notes=notes)


def _read_lines(page: MarkedPage, keypoints: tuple[int, ...]) -> list[tuple[str, YoloLine]]:
    """(place, line) of each readable line; the others are noted on the page."""
    try:
        text = read_text(page.labels)
    except OSError as error:
        page.problem = f"its label file cannot be read ({error})"
        return []
    lines = []
    for number, line in enumerate(text.splitlines(), start=1):
        place = f"{page.labels.name} line {number}"
        try:
            if line.strip():
                lines.append((place, parse_line(line, keypoints)))
        except BadLine as error:
            page.lost.append((place, str(error)))
    return lines


def _text_files(root: Path) -> list[Path]:
    return [file for file in files_below(root, ".txt") if file.name.lower() not in NAME_FILES or is_yolo_file(file)]


def _is_empty_below_labels(file: Path, root: Path) -> bool:
    """Whether an empty file is below a folder `labels`: only there does it count as labels of a missing picture."""
    parts = file.relative_to(root).parts[:-1]
    return any(part.lower() == "labels" for part in parts) and not read_text(file).strip()


def _below(path: Path, names: PictureNames) -> str:
    return path.relative_to(names.root).as_posix()


def _match(names: PictureNames, files: list[Path]) -> tuple[dict[Path, Path], list[tuple[Path, str]]]:
    """(picture -> its label file, (label file, reason) of those that belong to no picture)."""
    files_of: dict[Path, list[Path]] = defaultdict(list)
    dropped, loose = [], []
    for file in files:
        pictures = names.at_place_of(file)
        _refuse_two_pictures(file, pictures, names.root)
        if pictures:
            files_of[pictures[0]].append(file)
        else:
            loose.append((file, names.with_stem(file.stem)))
    at_their_places = set(files_of)
    for file, pictures in loose:
        if not pictures:
            dropped.append((file, NO_PICTURE_OF_LABELS))
        elif at_their_places.issuperset(pictures):
            dropped.append((file, SECOND_LABELS))
        else:
            nearest = names.nearest(pictures, file)
            _refuse_two_pictures(file, nearest, names.root)
            files_of[nearest[0]].append(file)
    return {picture: _one_of(picture, mine, names.root) for picture, mine in files_of.items()}, dropped


def _refuse_two_pictures(file: Path, pictures: list[Path], root: Path) -> None:
    if len(pictures) > 1:
        shown = " and ".join(path.relative_to(root).as_posix() for path in pictures[:3])
        raise UserError(
            str(file.relative_to(root)),
            f"one label file for {len(pictures)} pictures: {shown}",
            ("put it beside the picture that it belongs to, and give the other one a label file or another folder",),
        )


def _one_of(picture: Path, files: list[Path], root: Path) -> Path:
    contents = {" ".join(read_text(file).split()) for file in files}
    if len(contents) > 1:
        shown = " and ".join(file.relative_to(root).as_posix() for file in files[:3])
        raise UserError(
            str(picture.relative_to(root)),
            f"{len(files)} label files that differ: {shown}",
            ("remove those that are not right",),
        )
    return files[0]


YOLO = LabelFormat("YOLO", _find_all, read_yolo)
