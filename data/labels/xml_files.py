"""Reads XML files of labels without entities and namespaces."""

import functools
import re
from pathlib import Path
from xml.etree import ElementTree

from data.folders import files_below
from data.labels.label_texts import number_of
from data.labels.picture_names import PictureNames
from data.text_files import file_version, read_text

BROKEN = "its label file is cut or broken"
OTHER_PICTURE = "its name and the file name within it mean two pictures"

_FIRST_ELEMENT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")

_BARE_AMPERSAND = re.compile(r"&(?!#?\w{1,8};)")
"""An ampersand that some tools do not escape in names of files and classes."""


def find_xml_files(root: Path, element: str) -> list[Path]:
    """XML files below a folder whose outermost element has this name, including files that are cut or broken."""
    return [file for file in files_below(root, ".xml") if outermost_element(file) == element]


def outermost_element(file: Path) -> str:
    """The name of the outermost element of an XML file, even if it is cut or broken; empty if it has none."""
    return _outermost(file, *file_version(file))


@functools.lru_cache(maxsize=1 << 17)
def _outermost(file: Path, changed: int, size: int) -> str:
    element = read_xml(file)
    if element is not None:
        return element.tag
    try:
        first = _FIRST_ELEMENT.search(read_text(file))
    except OSError:
        return ""
    return first[1].lower() if first else ""


def read_xml(file: Path) -> ElementTree.Element | None:
    """The outermost element of a file; None if it is no XML, or declares entities, which labels do not need.

    Names of elements are converted to lower case without namespaces.
    """
    try:
        text = read_text(file)
        if "<!ENTITY" in text:
            return None
        outermost = _parsed(text.strip())
    except (OSError, ValueError, RecursionError, ElementTree.ParseError):
        return None
    for element in outermost.iter():
        element.tag = element.tag.rpartition("}")[2].lower()
    return outermost


def _parsed(text: str) -> ElementTree.Element:
    """The outermost element of a text; escapes bare ampersands if it is no XML otherwise."""
    try:
        return ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return ElementTree.fromstring(_BARE_AMPERSAND.sub("&amp;", text))


def numbers_in(element: ElementTree.Element | None, *names: str) -> list[float] | None:
    """Numbers in the attributes or children of an element; None unless all exist."""
    if element is None:
        return None
    values = [number_of(element.get(name) or element.findtext(name)) for name in names]
    return [value for value in values if value is not None] if None not in values else None


def size_in(element: ElementTree.Element | None) -> tuple[int, int] | None:
    """(height, width) in pixels in an element; None if one is missing or below 1."""
    size = numbers_in(element, "height", "width")
    return (int(size[0]), int(size[1])) if size and min(size) >= 1 else None


def picture_of(file: Path, written: str, names: PictureNames) -> tuple[Path | None, str]:
    """The picture that a label file of one picture belongs to, by its own name and by the file name in it.

    Args:
      file: the label file.
      written: the file name in it; may be empty.
      names: of the pictures.

    Returns:
      (picture, "") or (None, why there is none; empty if neither name means a picture).
    """
    written = written.strip()
    called = names.at_place_of(file) or names.nearest(names.with_stem(file.stem), file)
    found, problem = names.find(written, file) if written else (None, "")
    if not found and written:
        alike = names.with_stem(written)  # some tools leave the suffix out
        found = alike[0] if len(alike) == 1 else None
    if found and len(called) == 1 and called[0] != found and called[0].stem != found.stem:
        return None, OTHER_PICTURE
    if found or len(called) == 1:
        return found or called[0], ""
    return None, problem
