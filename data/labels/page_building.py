"""Turns labels into pages: maps classes, checks boxes, and leaves out pages whose labels cannot be used."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from data.errors import UserError
from data.folders import name_below
from data.labelled_pages import box_arrays, Dropped, LabelledDataset, LabelledPage
from data.labels.box_units import in_order
from data.labels.class_names import labels_of_names, NONE, unused_names
from data.labels.document_pages import DocumentPages, page_count_of, which_of_several
from data.labels.label_parts import part_of
from data.labels.label_sets import LabelSet, MarkedPage
from data.labels.marked_pages import find_document_pages, unlabelled_pages, without_duplicates
from data.labels.picture_names import NO_PICTURE, PictureNames
from data.labels.turned_pictures import TurnedPictures
from data.pictures.reading import BadScan

EMPTY = "empty"

UNREAD = "a picture whose boxes are in a file of another format than the one that is read"

UNLABELLED = "a picture without a label (dataset.unlabelled=empty takes such pictures for pages with nothing on them)"

_CUT_OVER = 0.05
"""Share of the page by which a box may exceed the edge, where it is cut off."""

_NO_SHARE = 1.5
"""Above this, a number is in pixels or per cent."""


@dataclasses.dataclass(frozen=True)
class BuildOptions:
    """The user's options for labels.

    Attributes:
      classes: see `data.labels.class_names`.
      unlabelled: `skip` to leave pictures without a label out, `empty` to take them for pages without objects.
      exif: see `data.labels.turned_pictures`.
    """

    classes: Sequence[str]
    unlabelled: str
    exif: str


def build_pages(
    names: PictureNames,
    label_set: LabelSet,
    options: BuildOptions,
    documents: Sequence[Path] = (),
    unread: Mapping[Path, Path] | None = None,
) -> LabelledDataset:
    """Builds the pages of a folder.

    A page is left out if it had labels and none can be used. It is kept as a page without objects if its labels say
    that it is empty, or if the user maps the classes of its boxes to `none`.

    Args:
      names: of all pictures.
      label_set: the labels.
      options: the user's options.
      documents: PDF files beside the pictures.
      unread: see `data.labels.unread_labels`.

    Raises:
      UserError: a class is unknown, a picture has two sets of boxes, or no box is left.
    """
    find_document_pages(label_set.pages, DocumentPages(names, documents), names.root)
    marked, twice, parts_of = without_duplicates(label_set.pages, names.root)
    used = {mark.kind for page in marked for mark in page.marks}
    labels = labels_of_names(used, options.classes) if used else {}
    builder = _Builder(names, labels, TurnedPictures(options.exif, marked))
    pages = [page for page in map(builder.page, marked) if page]
    bare, lost = [], unread or {}
    for page in unlabelled_pages([*names.pictures, *documents], marked, names.root):
        if file := lost.get(page.labels):
            builder.leave_out(page, UNREAD, name_below(file, names.root))
        else:
            bare.append(page)
    dropped, ignored = [*label_set.dropped, *builder.dropped], [*label_set.ignored, *twice, *builder.ignored]
    if not any(len(page.labels) for page in pages):
        raise _no_boxes(names.root, pages, dropped, builder.ignored)
    if options.unlabelled == EMPTY:
        pages += [builder.empty_page(page) for page in bare]
    else:
        ignored += [(page.name, UNLABELLED) for page in bare]
    unused = unused_names(used, options.classes)
    notes = [("classes", f"no box is of class {name}, which dataset.classes maps") for name in unused]
    notes = [*label_set.notes, *notes, *builder.notes()]
    return LabelledDataset(pages, dropped, notes, ignored=ignored, page_of=builder.page_of, parts_of=parts_of)


class _Builder:
    """Builds pages one by one, and notes what is left out.

    Attributes:
      page_of: see `LabelledDataset`.
      dropped, ignored: see `LabelledDataset`.
    """

    def __init__(self, names: PictureNames, labels: dict[str, int | None], turned: TurnedPictures) -> None:
        self._names, self._labels, self._turned = names, labels, turned
        self._cut = self._swapped = 0
        self.page_of: dict[str, str] = {}
        self.dropped: list[Dropped] = []
        self.ignored: list[Dropped] = []

    def page(self, marked: MarkedPage) -> LabelledPage | None:
        """Builds a page; None if it is left out."""
        problem = marked.problem or (NO_PICTURE if not marked.picture else "")
        if marked.picture and not problem and marked.frame is None and (count := page_count_of(marked.picture)) > 1:
            problem = which_of_several(marked.picture, count)
        if problem or not marked.picture:
            self.leave_out(marked, problem)
            return None
        try:
            boxes, size = self._turned.boxes(marked)
        except BadScan as error:
            self.leave_out(marked, str(error))
            return None
        kept: dict[tuple[float, ...], None] = {}
        lost, by_choice = list(marked.lost), 0
        for mark, written in zip(marked.marks, boxes.tolist(), strict=True):
            label, box = self._labels[mark.kind], in_order(written)
            reason = _reason_against(in_order(mark.box), box, marked.shares)
            if label is None:
                by_choice += 1
                self.ignored.append((mark.place, f"a box of class {mark.kind}, which dataset.classes maps to none"))
            elif reason.startswith("a box outside"):
                self.leave_out(marked, reason)
                return None
            elif reason:
                lost.append((mark.place, reason))
            else:
                self._cut += min(box) < 0 or max(box) > 1
                self._swapped += list(box) != written
                kept[(*(min(max(value, 0.0), 1.0) for value in box), label)] = None
        if lost and not kept:
            self.leave_out(marked, f"its labels are lost: {lost[0][1]}", lost[0][0])
            return None
        self.dropped += lost
        self.page_of |= {place: marked.name for place, _ in lost}
        twice = len(marked.marks) - len(kept) - by_choice - (len(lost) - len(marked.lost))
        if twice:
            self.ignored += [(marked.name, "a box that is listed twice on its page")] * twice
        return self._labelled(marked, [box[:4] for box in kept], [int(box[4]) for box in kept], size)

    def empty_page(self, page: MarkedPage) -> LabelledPage:
        """Builds a page without labels, which counts as a page without objects."""
        return self._labelled(page, [], [], None)

    def notes(self) -> list[tuple[str, str]]:
        """(label, sentence) lines about all pages."""
        reach = "box reaches" if self._cut == 1 else "boxes reach"
        notes = self._turned.notes()
        if self._cut:
            notes.append(("boxes", f"{self._cut:,} {reach} a little over the edge of the page, cut off there"))
        if self._swapped:
            written = "box is" if self._swapped == 1 else "boxes are"
            notes.append(
                ("boxes", f"{self._swapped:,} {written} written from the lower or right corner, and turned round")
            )
        return notes

    def _labelled(
        self, marked: MarkedPage, boxes: list[tuple[float, ...]], kinds: list[int], size: tuple[int, int] | None
    ) -> LabelledPage:
        root = self._names.root
        split = part_of(marked, root)
        arrays = box_arrays(boxes, kinds)
        frame = marked.frame or 0
        return LabelledPage(marked.name, marked.picture, *arrays, marked.name, root.name, size, split, frame)

    def leave_out(self, marked: MarkedPage, reason: str, place: str = "") -> None:
        """Notes why a page is left out; `place` is the place of its labels."""
        shown = f"{marked.name}, {place}" if place else marked.name
        self.dropped.append((shown, reason))
        self.page_of[shown] = marked.name


def _reason_against(written: Sequence[float], box: Sequence[float], shares: bool) -> str:
    """Why a box cannot be used; empty if it can.

    Args:
      written: the box as the labels have it, ymin, xmin, ymax, xmax in pixels or shares.
      box: the same as shares of the page.
      shares: whether `written` is in shares.
    """
    ymin, xmin, ymax, xmax = box
    shown = f"(ymin {ymin:.4g}, xmin {xmin:.4g}, ymax {ymax:.4g}, xmax {xmax:.4g})"
    if not np.isfinite(box).all():
        return f"a box that is no box {shown}"
    if not (ymax > ymin and xmax > xmin):
        return f"an empty box {shown}"
    if not shares and written[2] - written[0] < 1 and written[3] - written[1] < 1:
        return f"a box smaller than a pixel {shown}"
    inside = (min(ymax, 1) - max(ymin, 0)) * (min(xmax, 1) - max(xmin, 0))
    over = max(-min(box), max(box) - 1)
    centred = 0 <= (ymin + ymax) / 2 <= 1 and 0 <= (xmin + xmax) / 2 <= 1
    if over > _CUT_OVER or not centred or inside <= 0:
        hint = ", its numbers are no shares of the page" if shares and max(written) > _NO_SHARE else ""
        return f"a box outside the page{hint} {shown}"
    return ""


def _no_boxes(root: Path, pages: list[LabelledPage], dropped: list[Dropped], by_choice: list[Dropped]) -> UserError:
    if dropped:
        (place, reason), count = dropped[0], len(dropped)
        more = f" (and {count - 1:,} more)" if count > 1 else ""
        return UserError("dataset.root", f"no box in {root} can be used; {place}: {reason}{more}")
    if by_choice:
        why = f"the labels in {root} hold no box of a class that is kept: all are mapped to {NONE}"
        return UserError("dataset.classes", why)
    why = f"the labels in {root} hold no boxes: all {len(pages):,} pages are labelled as empty"
    return UserError("dataset.root", why)
