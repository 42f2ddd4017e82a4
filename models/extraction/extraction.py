"""Finds, cuts out and cleans on every page of many files."""

import collections
import dataclasses
import functools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from data.own_files import is_own_picture
from data.pages.canvas import paper_value
from data.pictures.numbered_pages import numbered_pages, NumberedPage
from data.pictures.reading import BadScan, is_blank
from models.extraction.cutting import clean, cut, QuickModel
from models.extraction.finding import Finder, Found
from models.extraction.journal import Identity, Journal
from models.extraction.own_pictures import save_own
from models.extraction.pictures import draw_overview
from models.extraction.pipeline import Behind, ReadAhead
from models.extraction.sources import Source

PICTURES, PAGES = "signatures", "pages"
"""Folders of the cut-outs and of the overviews."""


@dataclasses.dataclass(frozen=True)
class Choices:
    """The options of an extraction.

    Attributes:
      margin: paper around a box, as a share of its height.
      classes: the classes that are cut out; the others are only listed.
      dpi: resolution at which pages of a PDF are rendered, dots per inch.
      write: of found, cleaned, transparent, pages and sheet.
      key: hash of everything that decides the results of a file, models included.
    """

    margin: float
    classes: Sequence[str]
    dpi: float
    write: Sequence[str]
    key: str


@dataclasses.dataclass
class Result:
    """The result of a file.

    Attributes:
      source: the file.
      pages: number of its pages, read or not.
      counts: number of detections by class.
      reason: why it cannot be read; empty if it can.
      skipped: (page, reason) of pages that cannot be read.
    """

    source: Source
    pages: int = 0
    counts: "collections.Counter[str]" = dataclasses.field(default_factory=collections.Counter)
    reason: str = ""
    skipped: list[tuple[int, str]] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class _Parts:
    """The outputs of a file until it is done."""

    outputs: list[str] = dataclasses.field(default_factory=list)
    pages: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    signatures: list[dict[str, Any]] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class _End:
    """Marks the end of a file's pages."""

    identity: Identity | None
    reason: str


class Extraction:
    """Extracts from files into a folder. Threads read and write while the networks compute.

    Args:
      journal: of the folder.
      finder: the detector.
      cleaner: the cleaner; None if neither cleaned nor transparent pictures are written.
      choices: the options.
    """

    def __init__(self, journal: Journal, finder: Finder, cleaner: QuickModel | None, choices: Choices) -> None:
        self._journal, self._folder = journal, journal.folder
        self._finder, self._cleaner, self._choices = finder, cleaner, choices

    def run(self, sources: Sequence[Source], done: Callable[[Result], None]) -> None:
        """Extracts from all files.

        Args:
          sources: the files.
          done: called with the result of each as it is ready.

        Raises:
          UserError: a file of the user has the name of a picture that has to be written.
        """
        for name in (PICTURES, PAGES):
            (self._folder / name).mkdir(exist_ok=True)
        open_results: dict[str, tuple[Result, _Parts]] = {}
        with Behind() as writer, ReadAhead(self._read, sources) as parts:
            for source, part in parts:
                result, collected = open_results.setdefault(source.name, (Result(source), _Parts()))
                if isinstance(part, NumberedPage):
                    self._take_page(part, result, collected, writer)
                    continue
                del open_results[source.name]
                result.reason = part.reason
                if part.identity is not None:
                    writer.do(functools.partial(self._finish, result, collected, part.identity))
                done(result)

    def _read(self, source: Source) -> Iterator[tuple[Source, NumberedPage | _End]]:
        """Runs in a thread that reads."""
        identity, reason = None, ""
        try:
            identity = Identity.of(source.path, with_content=True)
            for page in numbered_pages(source.path, self._choices.dpi):
                yield source, page
        except BadScan as error:
            reason = str(error)
        except OSError as error:
            identity, reason = None, f"cannot be read ({(error.strerror or str(error)).lower()})"
        yield source, _End(identity, reason)

    def _take_page(self, page: NumberedPage, result: Result, parts: _Parts, writer: Behind) -> None:
        result.pages = page.pages
        if page.pixels is None:
            result.skipped.append((page.number, page.reason))
            return
        found = [] if is_blank(page.pixels) else self._finder.find(page.pixels)
        height, width = page.pixels.shape
        entry: dict[str, Any] = {"page": page.number, "height": height, "width": width}
        if page.points:
            entry["points"] = [round(size * side, 1) for size, side in zip(page.points, (height, width), strict=True)]
        stem = f"{result.source.stem}_page{page.number}"
        if "pages" in self._choices.write:
            entry["overview"] = self._name(parts, PAGES, stem)
            writer.do(functools.partial(self._save_overview, entry["overview"], page.pixels, found))
        parts.pages.append(entry)
        numbers: collections.Counter[str] = collections.Counter()
        picture, is_inverted = page.pixels if page.colours is None else page.colours, paper_value(page.pixels) == 0
        for each in found:
            numbers[each.kind] += 1
            listed = _listed(each, page)
            if each.kind in self._choices.classes:
                crop = cut(picture, listed["box"], self._choices.margin)  # of the listed, rounded box
                self._cut_out(crop, is_inverted, f"{stem}_{each.kind}{numbers[each.kind]}", listed, parts, writer)
            parts.signatures.append(listed)
        result.counts.update(numbers)

    def _cut_out(
        self, crop: np.ndarray, is_inverted: bool, stem: str, listed: dict[str, Any], parts: _Parts, writer: Behind
    ) -> None:
        pictures = {"found": crop.copy()}  # not a view, which would keep the page in memory
        if self._cleaner is not None:
            dark_on_light = 255 - crop if is_inverted else crop
            pictures["cleaned"], pictures["transparent"] = clean(self._cleaner, dark_on_light)
            if pictures["cleaned"].min() == 255:
                listed["blank"] = True
        for name, picture in pictures.items():
            if name in self._choices.write:
                listed[name] = self._name(parts, PICTURES, stem + ("" if name == "found" else f"_{name}"))
                writer.do(functools.partial(self._save, listed[name], picture))

    def _name(self, parts: _Parts, folder: str, stem: str) -> str:
        name = f"{folder}/{stem}.png"
        parts.outputs.append(name)
        return name

    def _save(self, name: str, picture: np.ndarray) -> None:
        save_own(self._folder / name, Image.fromarray(picture))

    def _save_overview(self, name: str, page: np.ndarray, found: Sequence[Found]) -> None:
        save_own(self._folder / name, draw_overview(page, found))

    def _finish(self, result: Result, parts: _Parts, identity: Identity) -> None:
        """Records that a file is done, and removes obsolete pictures of an earlier version of it."""
        name = result.source.name
        for old in set(map(str, self._journal.records.get(name, {}).get("outputs", []))) - set(parts.outputs):
            path = self._folder / old
            if Path(old).parent.name in (PICTURES, PAGES) and is_own_picture(path):
                path.unlink()
        self._journal.record(
            name,
            identity,
            self._choices.key,
            stem=result.source.stem,
            outputs=parts.outputs,
            pages=parts.pages,
            signatures=parts.signatures,
            skipped=[{"page": number, "reason": reason} for number, reason in result.skipped],
            reason=result.reason,
        )


def _listed(found: Found, page: NumberedPage) -> dict[str, Any]:
    """An entry of the tables."""
    points = page.points and [round(value * page.points[1 - axis % 2], 2) for axis, value in enumerate(found.box)]
    box = [round(value, 1) for value in found.box]
    return {"page": page.number, "class": found.kind, "score": round(found.score, 4), "box": box, "box_points": points}
