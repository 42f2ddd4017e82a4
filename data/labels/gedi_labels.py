"""GEDI's XML, the ground truth of Tobacco800: a `DL_PAGE` for each page, with a `DL_ZONE` for each box, in pixels."""

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from data.labels.document_pages import DocumentPages
from data.labels.label_sets import LabelFormat, LabelSet, Mark, MarkedPage, ReadOptions
from data.labels.picture_names import NO_PICTURE, PictureNames
from data.labels.xml_files import BROKEN, find_xml_files, numbers_in, picture_of, read_xml, size_in
from data.wording import count_of


def find_gedi_files(names: PictureNames) -> list[Path]:
    """XML files whose outermost element is `GEDI`."""
    return find_xml_files(names.root, "gedi")


def read_gedi(names: PictureNames, files: list[Path], options: ReadOptions) -> LabelSet:
    """Reads every page of the files. A page without zones counts as labelled and empty.

    Args:
      names: of the pictures.
      files: from `find_gedi_files`.
      options: name the PDF files.
    """
    documents = DocumentPages(names, options.documents)
    pages = [page for file in files for page in _pages_of(file, names, documents)]
    return LabelSet(pages, notes=[("read", count_of(len(files), "GEDI file"))])


def _pages_of(file: Path, names: PictureNames, documents: DocumentPages) -> Iterator[MarkedPage]:
    written = read_xml(file)
    pages = [] if written is None else list(written.iter("dl_page"))
    if not pages:
        yield _page(file, None, "", names, BROKEN if written is None else "its label file holds no page")
    elements = [] if written is None else written.findall("dl_document")
    of_document = elements[0].get("src", "") if len(elements) == 1 else ""
    sources = [page.get("src") or of_document for page in pages]
    for page, source in zip(pages, sources, strict=True):
        whole = documents.find(source, file) if source else None
        if sources.count(source) > 1 or (whole and whole.frame is None and page.get("pageID", "").isdecimal()):
            source = f"{source}#page={page.get('pageID', '')}"
        yield _page(file, page, source, names, "")


def _page(file: Path, element: Element | None, source: str, names: PictureNames, problem: str) -> MarkedPage:
    """One page; `source` is the name of its picture."""
    if "#page=" in source:
        picture, missing = None, NO_PICTURE
    else:
        picture, missing = picture_of(file, source, names)
        missing = "" if picture else missing or NO_PICTURE
    called = source or file.relative_to(names.root).as_posix()
    name = picture.relative_to(names.root).as_posix() if picture else called
    page = MarkedPage(name, picture, file, size=size_in(element), problem=problem or missing)
    for number, zone in enumerate([] if element is None else element.iter("dl_zone"), start=1):
        kind, place = zone.get("gedi_type", "").strip(), f"{file.name} DL_ZONE {number}"
        box = numbers_in(zone, "row", "col", "height", "width")
        if box and kind:
            top, left, height, width = box
            page.marks.append(Mark(kind, (top, left, top + height, left + width), place))
        else:
            page.lost.append((place, f"a zone without {'row, col, height and width' if kind else 'gedi_type'}"))
    return page


GEDI = LabelFormat("GEDI", find_gedi_files, read_gedi)
