"""The result of a reader of labels, before classes are mapped, boxes are checked and pages are split."""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

from data.labelled_pages import Dropped
from data.labels.picture_names import PictureNames

Corners = tuple[float, float, float, float]
"""ymin, xmin, ymax, xmax."""


@dataclasses.dataclass(frozen=True)
class Mark:
    """A box in the labels.

    Attributes:
      kind: name of its class, or the number of a class without a name.
      box: in pixels or shares, see `MarkedPage`; not checked yet.
      place: file and line, or a similar position, for messages.
    """

    kind: str
    box: Corners
    place: str


@dataclasses.dataclass(eq=False)
class MarkedPage:
    """A picture that labels describe.

    Attributes:
      name: path of the picture within the dataset or, if it does not exist, its name in the labels.
      picture: path of the picture; None if it does not exist.
      labels: the file that holds the labels.
      marks: its boxes; none on a page that is labelled as empty.
      lost: (place, reason) of labels that cannot be used.
      size: height and width in pixels that the labels give; None if they give none.
      shares: whether boxes are shares of the page; otherwise pixels of `size` or, without it, of the picture.
      problem: why the page cannot be used; empty if it can.
      part: part of a split that the labels name, as CVAT's do; empty if they name none.
      frame: index of the page in a TIFF or PDF file, from 0; None if the labels mean the whole file.
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
    """All labels of one format.

    Attributes:
      pages: each picture that they describe, in the order of the files.
      dropped: (name, reason) of labels that belong to no page.
      ignored: (name, reason) of what is left out but not bad.
      notes: (label, sentence) lines for people.
    """

    pages: list[MarkedPage]
    dropped: list[Dropped] = dataclasses.field(default_factory=list)
    ignored: list[Dropped] = dataclasses.field(default_factory=list)
    notes: list[tuple[str, str]] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class ReadOptions:
    """The options of a reader.

    Attributes:
      use_crowds: whether boxes that COCO marks `iscrowd` count.
      documents: PDF files beside the pictures.
      scratch: a folder to which pictures inside label files are written.
    """

    use_crowds: bool
    scratch: Path
    documents: Sequence[Path] = ()


@dataclasses.dataclass(frozen=True)
class LabelFormat:
    """A format of labels.

    Attributes:
      title: its name in messages.
      find: finds the label files of a folder, and other files that their meaning depends on.
      read: reads these files. Raises UserError if they contradict each other or do not have the format.
      holds_pictures: whether the label files contain the pictures.
    """

    title: str
    find: Callable[[PictureNames], list[Path]]
    read: Callable[[PictureNames, list[Path], ReadOptions], LabelSet]
    holds_pictures: bool = False


def files_read(title: str, files: Sequence[Path], root: Path) -> str:
    """The number of files of a format, and the names of the first ones, as text."""
    shown = ", ".join(file.relative_to(root).as_posix() for file in files[:5]) + (", ..." if len(files) > 5 else "")
    return f"{len(files):,} {title} file{'s' if len(files) > 1 else ''}: {shown}"
