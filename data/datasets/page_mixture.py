"""`task=detector dataset=mixture`: several datasets of pages at once."""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from data.datasets.detector_dataset import DetectorDataset
from data.datasets.mixture import errors_of, Mixture
from data.errors import UserError
from data.options import option
from data.parallel import Progress
from data.wording import count_of

if TYPE_CHECKING:
    from data.pages.canvas import Canvas
    from data.pages.page_data import PageData, PagePart
    from data.pages.page_pools import PageSet


KEEP, LEAVE_OUT = "keep", "leave_out"


@dataclasses.dataclass
class PageMixture(Mixture, DetectorDataset):
    """Datasets of pages, each with its own augmentation."""

    boxes_from: list[str] = option(former=[])
    shared: str = option(choices=(LEAVE_OUT, KEEP))

    def check(self) -> None:
        super().check()
        key, weights = "dataset.boxes_from", self.weight_of_each()
        for name in self.boxes_from:
            if name not in weights:
                raise UserError(key, f"{name} is not a part of the mixture (parts: {', '.join(weights)})")
        if self.boxes_from and not any(weights[name] for name in self.boxes_from):
            raise UserError(key, f"the training has no pages of {', '.join(self.boxes_from)}, which have weight 0")

    def load(self, canvas: "Canvas", progress: Callable[[str], Progress] | None = None) -> "PageData":
        from data.pages.page_data import PageData

        self.obtain(progress)
        weights, parts = self.weight_of_each(), []
        for name, dataset in self.resolved_parts().items():
            with errors_of(name):
                (part,) = dataset.load(canvas, self.progress_of(name, progress)).parts
            learns_boxes = not self.boxes_from or name in self.boxes_from
            parts.append(dataclasses.replace(part, name=name, weight=weights[name], learns_boxes=learns_boxes))
        settled = [_without_shared(part, parts, self.shared) for part in parts]
        notes = [note for _, notes in settled for note in notes]
        if self.boxes_from:
            notes.append(("boxes", f"learned from {', '.join(self.boxes_from)}; of others, only place and class"))
        data = PageData(tuple(part for part, _ in settled), notes=tuple(notes))
        if self.part == "test" and data.test is None:
            raise self.no_test_part()
        return data

    def overrides_without(self, name: str) -> list[str]:
        if name not in self.boxes_from:
            return []
        return [f"'dataset.boxes_from=[{','.join(other for other in self.boxes_from if other != name)}]'"]

    def preparation_report(self) -> list[tuple[str, str]]:
        return [
            (name, f"{label}: {text}" if label else text)
            for name, part in self.resolved_parts().items()
            for label, text in part.preparation_report()
        ]


def _without_shared(
    part: "PagePart", parts: Sequence["PagePart"], shared: str
) -> tuple["PagePart", list[tuple[str, str]]]:
    """Removes the training pages of a part whose document is in the validation or test pages of another part.

    Args:
      part: one of the parts.
      parts: all parts.
      shared: `LEAVE_OUT`, or `KEEP` to keep these pages.

    Returns:
      (the part, (label, sentence) lines on what it shares with others).

    Raises:
      UserError: no training page is left.
    """
    documents = _documents(part.pools.train)
    lines, leaking = [], set[int]()
    for other in parts:
        measured = {name for pages in (other.pools.validation, other.pools.test) if pages for name in _documents(pages)}
        mine = [index for index, name in enumerate(documents) if name and name in measured]
        if other is part or not part.weight or not mine:
            continue
        leaking.update(mine)
        names = sorted({documents[index] for index in mine})
        shown = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
        text = f"of documents that {other.name} measures, {part.name} has {count_of(len(mine), 'training page')}"
        done = "left out" if shared == LEAVE_OUT else f"kept, so that the metrics of {other.name} may flatter the model"
        lines.append(("shared", f"{text}, by their names ({shown}): {done}"))
    if shared == KEEP or not leaking:
        return part, lines
    left = [index for index in range(len(documents)) if index not in leaking]
    if not left:
        raise UserError(
            f"dataset.parts.{part.name}",
            "every training page is of a document that another part measures, by their names",
            ("if they are other documents of the same names:  dataset.shared=keep",),
        )
    pools = dataclasses.replace(part.pools, train=part.pools.train.only(left))
    return dataclasses.replace(part, pools=pools), lines


def _documents(pages: "PageSet") -> list[str]:
    """The document of each page by its name; empty if the name, such as 0001, may mean other documents elsewhere."""
    from data.splits.document_names import documents_of, only_counts
    from data.splits.path_names import folded

    names = (PurePath(document).name for document in documents_of(pages.names).documents)
    return ["" if only_counts(name) else folded(name) for name in names]
