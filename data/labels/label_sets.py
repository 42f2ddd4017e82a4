"""What a reader of labels returns, before classes are mapped, boxes checked and pages split."""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

from data.labelled_pages import Dropped
from data.labels.picture_names import PictureNames

Corners = tuple[float, float, float, float]
"""ymin, xmin, ymax, xmax."""


@dataclasses.dataclass(frozen=True)
class Mark:
    """A box as the labels have it.

    Attributes:
      kind: name of its class, or the number where nothing names it.
      box: in pixels or shares, see `MarkedPage`; its corners are in order, but it is not checked yet.
      place: where it stands, for messages.
    """

    kind: str
    box: Corners
    place: str


@dataclasses.dataclass(eq=False)
class MarkedPage:
    """A picture that labels speak of.

    Attributes:
      name: path of the picture within the dataset, or, if it is not there, what the labels call it.
      picture: None if it is not there.
      labels: the file that the labels stand in.
      marks: none on a page that is labelled as empty.
      lost: (place, reason) of labels that cannot be used.
      size: height and width in pixels that the labels speak of; None if they do not say.
      shares: whether boxes are shares of the page; otherwise pixels of `size` or, without it, of the picture.
      problem: why the page cannot be used; empty if it can.
      frame: which page of a TIFF or PDF file, from 0, if its labels say so; None if they mean the whole file.
      part: part of a split that the labels themselves name, as CVAT's do; empty if they name none.
    """

    name: str
    picture: Path | None
    labels: Path
    marks: list[Mark] = dataclasses.field(default_factory=list)
    lost: list[Dropped] = dataclasses.field(default_factory=list)
    size: tuple[int, int] | None = None
    shares: bool = False
    problem: str = ""
    part: str = ""
    frame: int | None = None


@dataclasses.dataclass(frozen=True)
class LabelSet:
    """All that labels of one format say.

    Attributes:
      pages: each picture that they speak of, in the order of the files.
      dropped: (name, reason) of labels that belong to no page.
      ignored: (name, reason) of what is left out and no fault of the labels.
      notes: (label, sentence) lines for people.
    """

    pages: list[MarkedPage]
    dropped: list[Dropped] = dataclasses.field(default_factory=list)
    ignored: list[Dropped] = dataclasses.field(default_factory=list)
    notes: list[tuple[str, str]] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class ReadOptions:
    """What a reader needs besides its files.

    Attributes:
      use_crowds: whether boxes that COCO marks `iscrowd` count.
      documents: PDF files beside the pictures.
      scratch: a folder for pictures that lie within label files.
    """

    use_crowds: bool
    scratch: Path
    documents: Sequence[Path] = ()


@dataclasses.dataclass(frozen=True)
class LabelFormat:
    """A format of labels.

    Attributes:
      title: what people call it.
      find: the label files of a folder, and any other file that their meaning depends on.
      read: reads them. Raises UserError if they contradict each other or are not of the format.
      holds_pictures: whether the pictures are within the label files.
    """

    title: str
    find: Callable[[PictureNames], list[Path]]
    read: Callable[[PictureNames, list[Path], ReadOptions], LabelSet]
    holds_pictures: bool = False


def files_read(title: str, files: Sequence[Path], root: Path) -> str:
    """How many files of a format were read, and the first ones."""
    shown = ", ".join(file.relative_to(root).as_posix() for file in files[:5]) + (", ..." if len(files) > 5 else "")
    return f"{len(files):,} {title} file{'s' if len(files) > 1 else ''}: {shown}"
